"""The working-day calendar: which days count, when limits end, how stopped clocks go on.

Every instant taken must be aware; every instant given back carries the programme's zone (storage turns it to UTC).
Limits are in working days, never hours: they end at the close of a day, whatever hour the event had. A date's kind
comes from the first source that knows it: the admins' list, OFFICIAL_DAYS, the `holidays` package (provisional until
the year is confirmed), the weekend.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from types import MappingProxyType
from zoneinfo import ZoneInfo

from domain.calendar.official_days import DECIDED_YEARS, OFFICIAL_DAYS, DayKind, OfficialDay

__all__ = [
    "DayChange",
    "DayKind",
    "Hours",
    "Limit",
    "NamedDay",
    "StoppedClock",
    "WorkingCalendar",
    "parse_hours",
    "parse_weekend",
]

WEEKDAYS = (
    "mon",
    "tue",
    "wed",
    "thu",
    "fri",
    "sat",
    "sun",
)  # as in `days.csv`, `slots.csv`; index = date.weekday()
CONFIRM_BEFORE = timedelta(days=60)  # admins are warned that long before an unconfirmed year (programme.md)


@dataclass(frozen=True, slots=True, order=True)
class Hours:
    """One stretch of working hours, local time: from `start`, up to but not including `end`."""

    start: time
    end: time

    def __post_init__(self) -> None:
        if not self.start < self.end:
            raise ValueError(f"working hours must end after they start: {self.start:%H:%M}-{self.end:%H:%M}")


@dataclass(frozen=True, slots=True)
class Limit:
    """The basis of a due time: `days` ≥ 1 working days after the date `since`.

    `since` is day 0. Kept beside every due time, so that it can be counted exactly by another calendar.
    """

    since: date
    days: int

    def extended(self, days: int) -> Limit:
        """Return the same limit with more days: an extension counts from the old due time."""
        return Limit(self.since, self.days + days)


@dataclass(frozen=True, slots=True)
class DayChange:
    """One change to the admins' list of days.

    The date is off or worked from now on, or (None) leaves the list.
    """

    day: date
    kind: DayKind | None
    note: str = ""


@dataclass(frozen=True, slots=True)
class NamedDay:
    """A date that some source names.

    `provisional` as in `is_provisional`.
    """

    day: date
    kind: DayKind
    note: str
    listed: bool
    provisional: bool


@dataclass(frozen=True, slots=True)
class StoppedClock:
    """A stopped clock: when it stopped, and the working days left.

    0: it stopped on its due day.
    """

    stopped_at: datetime
    remaining: int


def parse_hours(texts: Iterable[str]) -> tuple[Hours, ...]:
    """Parse `["07:00-11:00", "13:00-17:00"]` of the configuration.

    Raises `ValueError` that names the piece that isn't hours.
    """
    hours = []
    for text in texts:
        try:
            start, end = (time.fromisoformat(part.strip()) for part in text.split("-"))
        except ValueError as error:
            raise ValueError(f"not working hours (HH:MM-HH:MM): {text!r}") from error
        hours.append(Hours(start, end))
    return tuple(hours)


def parse_weekend(names: Iterable[str]) -> frozenset[int]:
    """Parse `["sat", "sun"]` of the configuration as weekdays (Monday 0).

    Raises `ValueError` that names an unknown day.
    """
    names = list(names)
    unknown = [name for name in names if name not in WEEKDAYS]
    if unknown:
        raise ValueError(f"not a weekday ({', '.join(WEEKDAYS)}): {unknown[0]!r}")
    return frozenset(WEEKDAYS.index(name) for name in names)


@lru_cache(maxsize=64)
def _package_days(year: int) -> Mapping[date, DayKind]:
    """Return what the `holidays` package says of a year: days off, swapped days worked."""
    import holidays  # takes a while, and has to be there only once a year is counted

    known = holidays.country_holidays("VN", years=year, observed=True)
    days = {day: DayKind.OFF for day in known if day.year == year}
    days.update((day, DayKind.WORK) for day in known.weekend_workdays if day.year == year)
    return MappingProxyType(days)


@dataclass(frozen=True)
class WorkingCalendar:
    """Working days and hours of the programme.

    An immutable value: a changed list of days makes a new calendar.

    `listed` is the admins' list (`days.csv`, `/ngaynghi`) and wins over everything else; `confirmed_years` are those
    whose official days the admins have confirmed, besides DECIDED_YEARS.
    """

    timezone: ZoneInfo = ZoneInfo("Asia/Ho_Chi_Minh")
    working_hours: tuple[Hours, ...] = (Hours(time(7), time(11)), Hours(time(13), time(17)))
    weekend: frozenset[int] = frozenset({5, 6})
    listed: Mapping[date, DayKind] = field(default_factory=dict, hash=False)
    confirmed_years: frozenset[int] = frozenset()
    official: Mapping[date, OfficialDay] = field(
        default_factory=lambda: OFFICIAL_DAYS, hash=False, repr=False
    )
    _years: dict[int, tuple[int, ...]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not self.working_hours:
            raise ValueError("working hours are missing")
        if any(after.start < before.end for before, after in pairwise(self.working_hours)):
            raise ValueError("working hours must follow one another without overlap")
        if not self.weekend < frozenset(range(7)):
            raise ValueError("a week needs at least one working day")
        object.__setattr__(self, "listed", MappingProxyType(dict(self.listed)))

    @classmethod
    def from_configuration(
        cls,
        timezone: str,
        working_hours: Iterable[str],
        weekend: Iterable[str],
        listed: Mapping[date, DayKind] | None = None,
        confirmed_years: Collection[int] = (),
    ) -> WorkingCalendar:
        """Build a calendar from `[programme] timezone` and `[calendar]`.

        Raises `ValueError` that says what is wrong.
        """
        try:
            zone = ZoneInfo(timezone)
        except (KeyError, ValueError, OSError) as error:
            raise ValueError(f"unknown time zone: {timezone!r}") from error
        hours, days = parse_hours(working_hours), parse_weekend(weekend)
        return cls(zone, hours, days, listed or {}, frozenset(confirmed_years))

    def with_listed(self, changes: Mapping[date, DayKind | None]) -> WorkingCalendar:
        """Return the calendar with the admins' list changed; None removes a day."""
        after = {**self.listed, **changes}
        return replace(self, listed={day: kind for day, kind in after.items() if kind is not None})

    # Days

    def kind(self, day: date) -> DayKind:
        """Return whether a date is off or worked.

        From the first source that knows it (see the module's docstring).
        """
        if day in self.listed:
            return self.listed[day]
        if day in self.official:
            return self.official[day].kind
        package = _package_days(day.year)
        if day in package:
            return package[day]
        return DayKind.OFF if day.weekday() in self.weekend else DayKind.WORK

    def is_working_day(self, day: date) -> bool:
        days = self._working_days(day.year)
        place = bisect_left(days, day.toordinal())
        return place < len(days) and days[place] == day.toordinal()

    def is_provisional(self, day: date) -> bool:
        """Return whether the day off is only a forecast of the `holidays` package.

        The day is neither listed nor official, and nobody has confirmed its year yet, as for Tết 2027.
        """
        return (
            day not in self.listed
            and day not in self.official
            and day.year not in self.confirmed_years | DECIDED_YEARS
            and day in _package_days(day.year)
        )

    def named_days(self, first: date, last: date, notes: Mapping[date, str]) -> list[NamedDay]:
        """List the days in a span that the list, the decision or the package names.

        `notes` are the reasons given in the admins' list.
        """
        package = {day for year in range(first.year, last.year + 1) for day in _package_days(year)}
        known = sorted(day for day in {*self.listed, *self.official, *package} if first <= day <= last)
        return [
            NamedDay(
                day, self.kind(day), self._note(day, notes), day in self.listed, self.is_provisional(day)
            )
            for day in known
        ]

    def _note(self, day: date, notes: Mapping[date, str]) -> str:
        if day in self.listed:
            return notes.get(day, "")
        return self.official[day].note if day in self.official else ""

    def says_already(self, change: DayChange) -> bool:
        """Return whether a change changes nothing.

        Confirming a provisional day does change something: it becomes certain.
        """
        if change.kind is None:
            return change.day not in self.listed
        return self.kind(change.day) is change.kind and not self.is_provisional(change.day)

    def year_to_confirm(self, today: date) -> int | None:
        """Return the year that admins must confirm now, or None.

        This year, or the next one from 60 days before it.
        """
        years = range(today.year, (today + CONFIRM_BEFORE).year + 1)
        return next((year for year in years if year not in self.confirmed_years | DECIDED_YEARS), None)

    def working_day_after(self, day: date, count: int = 1) -> date:
        """Return the `count`-th working day after a date.

        The date itself is day 0, whether worked or not.
        """
        _at_least_one(count)
        start, year = day.toordinal(), day.year
        while True:
            days = self._working_days(year)
            first = bisect_right(days, start)
            if first + count <= len(days):
                return date.fromordinal(days[first + count - 1])
            count -= len(days) - first
            year += 1

    def working_day_before(self, day: date, count: int = 1) -> date:
        """Return the `count`-th working day before a date, for reminders and script plans."""
        _at_least_one(count)
        start, year = day.toordinal(), day.year
        while True:
            days = self._working_days(year)
            end = bisect_left(days, start)
            if count <= end:
                return date.fromordinal(days[end - count])
            count -= end
            year -= 1

    def next_working_day(self, day: date) -> date:
        """Return the first working day after a date, never the date itself."""
        return self.working_day_after(day)

    def working_days_between(self, after: date, until: date) -> int:
        """Count the working days after the first date, up to and including the second.

        0 where the second is not later.
        """
        if until <= after:
            return 0
        total = 0
        for year in range(after.year, until.year + 1):
            days = self._working_days(year)
            total += bisect_right(days, until.toordinal()) - bisect_right(days, after.toordinal())
        return total

    def _working_days(self, year: int) -> tuple[int, ...]:
        """Return a year's working days as ordinals, computed once, for bisection."""
        days = self._years.get(year)
        if days is None:
            start, end = date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal()
            days = tuple(n for n in range(start, end + 1) if self.kind(date.fromordinal(n)) is DayKind.WORK)
            self._years[year] = days
        return days

    def changed_by(self, changes: Collection[DayChange]) -> tuple[WorkingCalendar, list[date]]:
        """Return the changed calendar, and the dates whose kind differs, in order."""
        after = self.with_listed({change.day: change.kind for change in changes})
        days = sorted({change.day for change in changes})
        return after, [day for day in days if self.is_working_day(day) != after.is_working_day(day)]

    # Hours

    def local(self, instant: datetime) -> datetime:
        """Convert an instant to the programme's zone.

        Raises `ValueError` for a naive one, which could mean anything.
        """
        if instant.utcoffset() is None:
            raise ValueError("an instant needs its offset")
        return instant.astimezone(self.timezone)

    def opening(self, day: date) -> datetime:
        """Return when a date's working hours begin."""
        return datetime.combine(day, self.working_hours[0].start, self.timezone)

    def close(self, day: date) -> datetime:
        """Return when a date's working hours end, which is when limits end."""
        return datetime.combine(day, self.working_hours[-1].end, self.timezone)

    def within_hours(self, instant: datetime) -> bool:
        """Return whether offices are at work: a working day, within hours.

        Not at noon, and not at 17:00 sharp.
        """
        local = self.local(instant)
        clock = local.time()
        return self.is_working_day(local.date()) and any(h.start <= clock < h.end for h in self.working_hours)

    # Limits

    def due(self, event: datetime, days: int) -> datetime:
        """Return when a limit of `days` ≥ 1 working days ends.

        Day 1 is the first working day after the event's local date. An extension is counted in the same way from the
        old due time.
        """
        return self.end(self.limit(event, days))

    def limit(self, event: datetime, days: int) -> Limit:
        """Make the limit of `days` working days that an event starts."""
        return Limit(self.local(event).date(), days)

    def end(self, limit: Limit) -> datetime:
        """Return when a limit ends: the close of its last working day."""
        return self.close(self.working_day_after(limit.since, limit.days))

    def moved(self, limit: Limit | None, due: datetime) -> datetime:
        """Return a due time as this calendar counts it: the end of its limit.

        Where the limit was not kept, the due time stays, unless its day is off now: then the close of the next
        working day.
        """
        if limit is not None:
            return self.end(limit)
        day = self.local(due).date()
        return due if self.is_working_day(day) else self.close(self.next_working_day(day))

    def left(self, limit: Limit, stopped_at: datetime) -> int:
        """Return the working days that a limit had left when its clock stopped.

        0 where they were used up.
        """
        return max(0, limit.days - self.working_days_between(limit.since, self.local(stopped_at).date()))

    def due_before(self, event: datetime, days: int) -> datetime:
        """Return the close of the `days`-th working day before an event (script plans)."""
        return self.close(self.working_day_before(self.local(event).date(), days))

    def remaining_days(self, stopped_at: datetime, due: datetime) -> int:
        """Count the working days after the day of the stop.

        Up to the due day, which is included.
        """
        return self.working_days_between(self.local(stopped_at).date(), self.local(due).date())

    def stop(self, stopped_at: datetime, due: datetime) -> StoppedClock | None:
        """Stop a clock.

        None when its time is up (from the close on): an overdue clock doesn't stop.
        """
        if self.local(stopped_at) >= self.local(due):
            return None
        return StoppedClock(stopped_at, self.remaining_days(stopped_at, due))

    def resume(self, resumed_at: datetime, remaining: int) -> datetime:
        """Return the new due time of a clock that goes on.

        With `remaining` ≥ 0 working days.
        """
        return self.end(self.resumed(resumed_at, remaining))

    def resumed(self, resumed_at: datetime, remaining: int) -> Limit:
        """Return the limit of a clock that goes on with `remaining` ≥ 0 working days.

        The day of the resumption is under way like the day of the stop, so the days left are the working days after
        it; after hours or on a day off the first of them is the next working day. With none left: the close of the
        day of the resumption, or of the next working day when that one is over or off. So stopping and going on at
        once changes nothing, at any hour of any day (contract.md, "Stopped clock").
        """
        if remaining < 0:
            raise ValueError("a stopped clock has no negative days left")
        local = self.local(resumed_at)
        today = local.date()
        if remaining == 0 and self.is_working_day(today) and local < self.close(today):
            return Limit(today - timedelta(days=1), 1)
        return Limit(today, max(remaining, 1))


def _at_least_one(count: int) -> None:
    if count < 1:
        raise ValueError("a limit has at least one working day")
