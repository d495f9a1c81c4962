"""Notices about the list of days off and days worked, and what moves with it. Conventions as in `messages.notices`.

A day's `kind` is a key under [day] in labels: off, work, drop (it leaves the admins' list).
"""

from datetime import date, datetime

from messages.notice import Notice

Move = tuple[str, str, datetime, datetime]  # code, what (a key under [deadline] in labels), old, new


class DeadlinesMoved(Notice):
    """To an officer: deadlines of theirs that the changed list moved (code, old, new), and how many more."""

    moves: tuple[tuple[str, datetime, datetime], ...]
    more: int


class AssignmentsMoved(Notice):
    """To an editor: times to assign that moved (code, old, new), how many more, and how many others moved."""

    moves: tuple[tuple[str, datetime, datetime], ...]
    more: int
    answers: int
    replies: int


class DaysPreview(Notice):
    """To an admin, before the list changes: the days (date, kind, reason) and the deadlines that would move."""

    days: tuple[tuple[date, str, str], ...]
    moves: tuple[Move, ...]
    total: int
    stopped: int  # clocks that stand still and would have other days left


class DaysChanged(Notice):
    """To the admin who changed the list: the days (date, kind, reason), and how many deadlines moved."""

    days: tuple[tuple[date, str, str], ...]
    total: int


class DaysListed(Notice):
    """`/ngaynghi`: coming days (date, kind, reason, whose: a key under [day_source]), and years (year, state)."""

    days: tuple[tuple[date, str, str, str], ...]
    years: tuple[tuple[int, str], ...]


class YearPreview(Notice):
    """To an admin, before a year is confirmed: its days (date, kind, reason, whose)."""

    year: int
    days: tuple[tuple[date, str, str, str], ...]


class YearConfirmed(Notice):
    """To the admin who confirmed a year's official days."""

    year: int


class YearUnconfirmed(Notice):
    """To an admin, once a week: a year begins, or has begun, whose official days nobody has confirmed."""

    year: int
    provisional: tuple[date, ...]
