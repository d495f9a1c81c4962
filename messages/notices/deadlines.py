"""Notices about deadlines: why a date moved, extensions. Conventions as in `messages.notices`."""

from datetime import datetime

from messages.notice import Notice


class DueDateMoved(Notice):
    """To the asker: a date they were told has moved, and why."""

    stale_after = "new"
    code: str
    what: str  # answer, assignment, reply, promise
    old: datetime
    new: datetime
    why: str  # extension, calendar, agency, field
    reason: str  # the agency's own words, or ""


class ExtensionAsked(Notice):
    """To editors: an agency asks for more days."""

    code: str
    agency: str
    reason: str
    due_at: datetime
    new_due_at: datetime


class ExtensionDecided(Notice):
    """To the agencies: whether they get more days."""

    code: str
    granted: bool
    due_at: datetime
    why: str  # the editor's words, where it stays
    left: int | None = None  # working days, while the clock stands still: the date is not known yet


class PromiseRecorded(Notice):
    """To the asker: what was promised will be followed up."""

    stale_after = "due_at"
    code: str
    agency: str
    text: str
    due_at: datetime


class PromiseReported(Notice):
    """To the asker: the agency reports that it kept its promise."""

    code: str
    agency: str
    text: str
    note: str


class PromiseWithdrawn(Notice):
    """The agency no longer promises what its answer did, and why."""

    code: str
    agency: str
    text: str
    due_at: datetime
    why: str
