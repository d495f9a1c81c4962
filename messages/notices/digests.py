"""Digests for admins, editors and agencies' people.

Conventions as in `messages.notices`. No asker's name or words stand in any of them, and nothing of a suspected
denunciation but how many wait for a look.
"""

from dataclasses import dataclass
from datetime import datetime

from messages.notice import Notice


@dataclass(frozen=True)
class LateCount:
    """How many were late by one holder (domain.questions.lateness.Holder)."""

    holder: str
    count: int


@dataclass(frozen=True)
class OldestQuestion:
    """The open question that came in first."""

    code: str
    agency: str  # or empty
    received_at: datetime


@dataclass(frozen=True)
class UnreachableStaff:
    """One of the staff who blocked the bot."""

    name: str
    agency: str  # or empty


@dataclass(frozen=True)
class OwnAgency:
    """The numbers of what the reader's own agency leads."""

    new: int
    answered: int
    on_time: int
    open: int
    overdue: int


@dataclass(frozen=True)
class Contributions:
    """The numbers of an agency's contributions where another leads."""

    new: int
    contributed: int
    awaited: int  # still
    overdue: int  # among those


@dataclass(frozen=True)
class DueQuestion:
    """A question whose time runs out in the coming week."""

    code: str
    due_at: datetime


@dataclass(frozen=True)
class SourceCount:
    """The people who came by one start word; empty for all others."""

    word: str
    starts: int


class ProgrammeDigest(Notice):
    """To admins and editors: what a period brought, and the state now.

    A table of it goes with this.
    """

    kind: str  # daily, weekly
    start: datetime  # of the period, up to `end`
    end: datetime
    late: bool  # it should have come earlier
    new: int
    assigned: int
    answered: int
    on_time: int
    on_first: int  # in time by the first date that the asker was told
    late_answers: tuple[LateCount, ...]
    overdue: int
    overdue_by: tuple[LateCount, ...]
    past_first: int  # open, and past the first date that the asker was told
    with_leaders: int  # drafts that wait for approval
    with_editors: int
    oldest: OldestQuestion | None
    suspected: int  # suspected denunciations, where the reader may look at them
    unreachable: int  # staff who blocked the bot
    unreachable_names: tuple[UnreachableStaff, ...]  # the first of them
    messages_waiting: int
    messages_since: datetime | None  # since when the oldest of them waits
    messages_failed: int
    updates_parked: int
    sources: tuple[SourceCount, ...]  # weekly: by which words people came
    own: OwnAgency | None
    coordinated: Contributions | None  # of the same agency


class NothingToTell(Notice):
    """A digest in which there is nothing."""

    kind: str  # daily, weekly
    start: datetime
    end: datetime
    late: bool


class AgencyDigest(Notice):
    """To officers and leaders, weekly: what their agencies lead, and what they coordinate."""

    agencies: tuple[str, ...]
    start: datetime
    end: datetime
    late: bool
    new: int
    answered: int
    on_time: int
    on_first: int  # as in ProgrammeDigest
    open: int
    overdue: int
    past_first: int
    due: tuple[DueQuestion, ...]
    more_due: int  # how many more than those
    coordinated: Contributions | None  # None where there is nothing of it
