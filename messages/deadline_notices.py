"""Notices about deadlines: why a date moved, extensions. Conventions as in `messages.notices`."""

from dataclasses import dataclass
from datetime import datetime

from messages.notice import Notice


@dataclass(frozen=True)
class DueDateMoved(Notice):
    """To the asker: a date they were told is another one now, and why."""

    code: str
    what: str  # answer, assignment, reply, promise
    old: datetime
    new: datetime
    why: str  # extension, calendar, agency
    reason: str  # the agency's own words, or ""
