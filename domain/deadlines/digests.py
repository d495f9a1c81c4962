"""Computes when digests are due.

The daily one on working days; the weekly one on its weekday, or on the working day after.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from domain.calendar.working_days import WorkingCalendar
from domain.programme import Programme

LATE_AFTER = timedelta(minutes=30)


class DigestKind(StrEnum):
    """The interval of a digest (`occasions.kind`)."""

    DAILY = "daily"
    WEEKLY = "weekly"


@dataclass(frozen=True)
class Occasion:
    """One time that a digest is due.

    `key` names it for good: the weekly one by the weekday that the configuration gives, so that a calendar changed
    afterwards doesn't make it a new one. `at` is the moment it is due and `before` that of the occasion before it,
    both in the programme's zone. The digest covers the time between them, unless an outage made that longer.
    """

    kind: DigestKind
    key: str
    at: datetime
    before: datetime


def latest(
    kind: DigestKind, programme: Programme, calendar: WorkingCalendar, now: datetime
) -> Occasion | None:
    """Return the last occasion that has come at `now` (aware).

    None where digests are off.
    """
    local = calendar.local(now)
    if kind is DigestKind.DAILY:
        if programme.daily_digest is None:
            return None
        return _daily(programme.daily_digest, calendar, local)
    if programme.weekly_digest is None:
        return None
    return _weekly(*programme.weekly_digest, calendar, local)


def may_go_out(occasion: Occasion, calendar: WorkingCalendar, now: datetime) -> bool:
    """Return whether a digest may go out now.

    Nobody gets one on a day off, or before its time of day. A missed one waits for the next working day; an occasion
    that comes due meanwhile takes its place, and covers its period too.
    """
    local = calendar.local(now)
    return calendar.is_working_day(local.date()) and local.time() >= occasion.at.time()


def is_late(due_at: datetime, now: datetime) -> bool:
    """Return whether a digest goes out so late that its reader should be told."""
    return now - due_at > LATE_AFTER


def _daily(at: time, calendar: WorkingCalendar, local: datetime) -> Occasion:
    def moment(day: date) -> datetime:
        return datetime.combine(day, at, calendar.timezone)

    day = local.date()
    if not calendar.is_working_day(day) or local < moment(day):
        day = calendar.working_day_before(day)
    before = calendar.working_day_before(day)
    return Occasion(DigestKind.DAILY, day.isoformat(), moment(day), moment(before))


def _weekly(weekday: int, at: time, calendar: WorkingCalendar, local: datetime) -> Occasion:
    def moment(day: date) -> datetime:
        worked = day if calendar.is_working_day(day) else calendar.next_working_day(day)
        return datetime.combine(worked, at, calendar.timezone)

    day = local.date() - timedelta(days=(local.weekday() - weekday) % 7)
    day = _earlier(day, lambda one: moment(one) <= local)
    before = _earlier(day - timedelta(weeks=1), lambda one: moment(one) < moment(day))
    return Occasion(DigestKind.WEEKLY, day.isoformat(), moment(day), moment(before))


def _earlier(day: date, fits: Callable[[date], bool]) -> date:
    """Return that day, or the same weekday of the first earlier week that fits.

    Tết can take more than a week.
    """
    while not fits(day):
        day -= timedelta(weeks=1)
    return day
