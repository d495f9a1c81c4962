"""Notices about the list of days off and days worked, and what moves with it.

Conventions as in `messages.notices`. A day's `kind` is a key under [day] in labels: off, work, drop (it leaves the
admins' list).
"""

from dataclasses import dataclass
from datetime import date, datetime

from messages.notice import Notice


@dataclass(frozen=True)
class MovedDeadline:
    """A question's old and new due time."""

    code: str
    old: datetime
    new: datetime


class DeadlinesMoved(Notice):
    """To an officer: their moved deadlines, and how many more."""

    moves: tuple[MovedDeadline, ...]
    more: int


class AssignmentsMoved(Notice):
    """To an editor: moved times to assign, and how many others moved."""

    moves: tuple[MovedDeadline, ...]
    more: int
    answers: int
    replies: int


@dataclass(frozen=True)
class ChangedDay:
    """A day that becomes off or worked, or leaves the list."""

    day: date
    kind: str
    note: str


@dataclass(frozen=True)
class PreviewedMove:
    """A deadline that would move.

    `code` is that of a question, or the number of an episode.
    """

    code: str
    what: str  # a key under [deadline] in labels
    old: datetime
    new: datetime


class DaysPreview(Notice):
    """To an admin, before the list changes: the days and the deadlines that would move."""

    days: tuple[ChangedDay, ...]
    moves: tuple[PreviewedMove, ...]
    total: int
    stopped: int  # clocks that stand still and would have other days left


class DaysChanged(Notice):
    """To the admin who changed the list: the days, and how many deadlines moved."""

    days: tuple[ChangedDay, ...]
    total: int


@dataclass(frozen=True)
class ListedDay:
    """A day off or worked."""

    day: date
    kind: str
    note: str
    source: str  # whose day it is: a key under [day_source] in labels


@dataclass(frozen=True)
class ListedYear:
    """Whether a year's official days are confirmed."""

    year: int
    state: str  # a key under [year] in labels


class DaysListed(Notice):
    """`/ngaynghi`: coming days, and years."""

    days: tuple[ListedDay, ...]
    years: tuple[ListedYear, ...]


class YearPreview(Notice):
    """To an admin, before a year is confirmed: its days."""

    year: int
    days: tuple[ListedDay, ...]


class YearConfirmed(Notice):
    """To the admin who confirmed a year's official days."""

    year: int


class YearUnconfirmed(Notice):
    """To an admin, weekly: nobody has confirmed a year's official days.

    The year has begun or is about to.
    """

    year: int
    provisional: tuple[date, ...]
