"""Computes airing times from monthly rules and from changes made by hand.

Rules have dates of validity; by hand an airing is moved, cancelled or added (programme.md).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from dateutil.rrule import MONTHLY, rrule, weekday

# Beyond these a repeat some days later, or its time in UTC, would be no date any more.
_EARLIEST, _LATEST = date(2, 1, 1), date(9998, 12, 31)


class AiringKind(StrEnum):
    FIRST = "first"
    REPEAT = "repeat"


class AiringStatus(StrEnum):
    PLANNED = "planned"
    MOVED = "moved"
    CANCELLED = "cancelled"
    AIRED = "aired"  # derived: its time is over


class Medium(StrEnum):
    TV = "tv"
    RADIO = "radio"


@dataclass(frozen=True)
class Airing:
    """One airing, by rule or by hand.

    `starts_at` is aware; a moved airing stands at its new time only. `key` identifies an airing however it is moved:
    "A24:2026-11-07" (slot, day of the rule) or "12" (row, added by hand).
    """

    key: str
    starts_at: datetime
    channel: str
    medium: str
    minutes: int | None
    kind: AiringKind
    status: AiringStatus
    episode_id: int | None = None
    reason: str | None = None
    slot_id: int | None = None
    rule_on: date | None = None
    id: int | None = None  # the row of what the rules don't say; None where the rule alone says it
    ruled_at: datetime | None = None  # when it would start if nobody had moved it; None where no rule has it
    follows_cancelled: bool = False  # a repeat whose first airing is cancelled
    changes: int = 0  # how often it, or what it repeats, was changed: the SEQUENCE of calendars

    @property
    def ends_at(self) -> datetime:
        """The end; equal to the start where no length is known."""
        return self.starts_at + timedelta(minutes=self.minutes or 0)

    @property
    def on_air_at(self) -> datetime | None:
        """The time on air; None for a cancelled airing."""
        return None if self.status is AiringStatus.CANCELLED else self.starts_at

    @property
    def version(self) -> str:
        """A text that changes as soon as somebody, or a new rule, changes the airing."""
        return f"{self.changes}@{self.starts_at.isoformat()}"


@dataclass(frozen=True)
class Slot:
    """A rule of airing times. `at` is programme time.

    A first airing has `weeks` and `weekday` (Monday 0): the n-th such weekdays of the month from `valid_from` to
    `valid_to`, both included. A repeat has `repeat_of` (a slot's code) and `days_after`; whether it airs follows
    what it repeats: its validity, its moves, its cancellations.
    """

    code: str
    channel: str
    medium: str
    at: time
    minutes: int | None = None
    weeks: tuple[int, ...] = ()
    weekday: int | None = None
    repeat_of: str | None = None
    days_after: int = 0
    valid_from: date | None = None
    valid_to: date | None = None
    id: int | None = None

    @property
    def kind(self) -> AiringKind:
        return AiringKind.FIRST if self.repeat_of is None else AiringKind.REPEAT

    def is_valid(self, day: date) -> bool:
        return (self.valid_from or day) <= day <= (self.valid_to or day)

    def days(self, first: date, last: date) -> list[date]:
        """Return the days on which a first airing's rule sets it, within a span.

        Both ends are included. Empty for a repeat.
        """
        first = max(first, self.valid_from or first)
        last = min(last, self.valid_to or last)
        if self.weekday is None or not self.weeks or first > last:
            return []
        nth = [weekday(self.weekday, week) for week in self.weeks]
        midnight = datetime.min.time()
        found = rrule(
            MONTHLY,
            byweekday=nth,
            dtstart=datetime.combine(first, midnight),
            until=datetime.combine(last, midnight),
        )
        return [day.date() for day in found]


@dataclass(frozen=True)
class Kept:
    """A decision about one airing, which overrides the rules.

    Without `slot` the airing was added by hand and stands alone. With `added` it was added by hand as a further day
    of its slot, so that the slot's repeats follow it.
    """

    id: int
    slot: str | None
    rule_on: date | None
    kind: AiringKind
    starts_at: datetime
    channel: str
    medium: str
    minutes: int | None
    status: AiringStatus
    reason: str | None = None
    episode_id: int | None = None
    added: bool = False
    changes: int = 0

    @property
    def says_something(self) -> bool:
        """Whether this decision keeps an airing in place that no rule sets any more.

        A decision that was undone (restored, untied) does not.
        """
        return self.gives_reason or self.episode_id is not None

    @property
    def gives_reason(self) -> bool:
        return self.added or self.status is not AiringStatus.PLANNED


def airing_key(slot: str, rule_on: date) -> str:
    return f"{slot}:{rule_on.isoformat()}"


def read_key(key: str) -> tuple[str, date] | int | None:
    """Read an airing's key: (slot's code, day of the rule), or a row's id.

    The row's id is that of an airing added by hand. None for what is no key.
    """
    slot, colon, day = key.rpartition(":")
    if colon:
        try:
            rule_on = date.fromisoformat(day)
        except ValueError:
            return None
        return (slot, rule_on) if _EARLIEST <= rule_on <= _LATEST else None
    return int(key) if key.isascii() and key.isdigit() and len(key) < 19 else None


class Schedule:
    """The airings of any span, computed from slots and decisions.

    `kept` has to hold every decision about the airings asked for, and about what they repeat.
    """

    def __init__(self, slots: Iterable[Slot], kept: Iterable[Kept], timezone: ZoneInfo) -> None:
        self.slots = {slot.code: slot for slot in slots}
        self._timezone = timezone
        self._alone: list[Kept] = []
        self._kept: dict[tuple[str, date], Kept] = {}
        for one in kept:
            if one.slot is None or one.rule_on is None:
                self._alone.append(one)
            elif one.slot in self.slots:
                self._kept[one.slot, one.rule_on] = one

    def deciding(self, kept: Kept) -> "Schedule":
        """Return the schedule with one decision more, or changed."""
        others = [one for one in (*self._alone, *self._kept.values()) if one.id != kept.id]
        return Schedule(self.slots.values(), [*others, kept], self._timezone)

    @property
    def reach(self) -> int:
        """The most days by which a repeat follows its rule's day, where nothing was moved."""
        return max((self._offset(slot) for slot in self.slots.values()), default=0)

    def between(self, first: date, last: date, now: datetime) -> list[Airing]:
        """List the airings that start in a span of days, by time, then channel.

        Both ends are included.
        """
        first, last = max(first, _EARLIEST), min(last, _LATEST)
        found = [self._alone_as_airing(one, now) for one in self._alone]
        found += [
            airing
            for slot in self.slots.values()
            for day in self._rule_days(slot, first, last)
            if (airing := self.airing(slot.code, day, now)) is not None
        ]
        within = [one for one in found if first <= self._local_day(one.starts_at) <= last]
        return sorted(within, key=lambda one: (one.starts_at, one.channel, one.key))

    def airing(self, code: str, rule_on: date, now: datetime) -> Airing | None:
        """Return one airing by its slot and the day that its rule sets.

        For a repeat: the day that the rule of what it repeats sets.
        """
        slot = self.slots.get(code)
        if slot is None:
            return None
        kept = self._kept.get((code, rule_on))
        if slot.repeat_of is None:
            repeated = None
            follows = ruled_at = self._at(rule_on, slot) if slot.days(rule_on, rule_on) else None
        else:
            repeated = self.airing(slot.repeat_of, rule_on, now)
            ruled_at = self._at(rule_on + timedelta(days=self._offset(slot)), slot)
            follows = None if repeated is None else self._after(repeated, slot)
            ruled_at = follows and ruled_at
        if follows is None and (kept is None or not kept.says_something):
            return None
        starts_at, status = self._where(ruled_at, follows, kept)
        reason = kept.reason if kept is not None and kept.gives_reason else None
        follows_cancelled = repeated is not None and repeated.status is AiringStatus.CANCELLED
        if follows_cancelled:
            status = AiringStatus.CANCELLED
        if repeated is not None and status is not AiringStatus.PLANNED:
            reason = reason or repeated.reason
        # Where a rule has it, the rule also says how; otherwise what was written down when it was decided.
        said = kept if follows is None and kept is not None else slot
        airing = Airing(
            key=airing_key(slot.code, rule_on),
            starts_at=starts_at,
            channel=said.channel,
            medium=said.medium,
            minutes=said.minutes,
            kind=slot.kind,
            status=status,
            episode_id=repeated.episode_id if repeated else kept.episode_id if kept else None,
            reason=reason,
            slot_id=slot.id,
            rule_on=rule_on,
            id=None if kept is None else kept.id,
            ruled_at=ruled_at,
            follows_cancelled=follows_cancelled,
            changes=(kept.changes if kept else 0) + (repeated.changes if repeated else 0),
        )
        return self._aired(airing, now)

    def alone(self, row_id: int, now: datetime) -> Airing | None:
        """Return an airing added by hand that belongs to no slot, by its row's id."""
        found = next((one for one in self._alone if one.id == row_id), None)
        return None if found is None else self._alone_as_airing(found, now)

    def repeats_of(self, code: str) -> list[Slot]:
        """List the slots that repeat this one, also through another repeat."""
        return [slot for slot in self.slots.values() if code in self._repeated(slot)]

    def first_of(self, code: str) -> str:
        """Return the code of the first airing's slot that a slot repeats in the end.

        Its own code where it is a first airing's.
        """
        return [code, *self._repeated(self.slots[code])][-1]

    def follows_no_rule(self) -> list[Kept]:
        """List the decisions about airings that no rule sets any more.

        Without those added by hand.
        """
        return [
            one
            for (code, day), one in self._kept.items()
            if one.says_something and not one.added and not self._is_rule_day(self.first_of(code), day)
        ]

    # --- how -------------------------------------------------------------------------------------------------

    @staticmethod
    def _where(
        ruled_at: datetime | None, follows: datetime | None, kept: Kept | None
    ) -> tuple[datetime, AiringStatus]:
        """Compute start and status from the rule, from what is repeated, and from the decision.

        `ruled_at` is the rule's time; `follows` is the time that results from what it repeats.
        """
        if kept is not None and (follows is None or kept.status is not AiringStatus.PLANNED):
            starts_at, decided = kept.starts_at, kept.status
        else:
            assert follows is not None, "an airing stands by a rule or by a decision"
            starts_at, decided = follows, AiringStatus.PLANNED
        if decided is AiringStatus.CANCELLED or ruled_at is None:
            return starts_at, decided
        return starts_at, AiringStatus.PLANNED if starts_at == ruled_at else AiringStatus.MOVED

    def _alone_as_airing(self, one: Kept, now: datetime) -> Airing:
        airing = Airing(
            key=str(one.id),
            starts_at=one.starts_at,
            channel=one.channel,
            medium=one.medium,
            minutes=one.minutes,
            kind=one.kind,
            status=one.status,
            episode_id=one.episode_id,
            reason=one.reason,
            id=one.id,
            changes=one.changes,
        )
        return self._aired(airing, now)

    @staticmethod
    def _aired(airing: Airing, now: datetime) -> Airing:
        if airing.status is AiringStatus.CANCELLED or airing.ends_at > now:
            return airing
        return replace(airing, status=AiringStatus.AIRED)

    def _rule_days(self, slot: Slot, first: date, last: date) -> set[date]:
        """List the rule days of a slot whose airing may start in the span.

        By the rule, and every day about which something was decided: what it repeats may have been moved to any day.
        """
        family = {slot.code, *self._repeated(slot)}
        days = {day for code, day in self._kept if code in family}
        root = self.slots[self.first_of(slot.code)]
        days.update(root.days(_before(first, self._offset(slot)), last))
        return days

    def _is_rule_day(self, code: str, day: date) -> bool:
        return bool(self.slots[code].days(day, day)) or self._is_added(code, day)

    def _is_added(self, code: str, day: date) -> bool:
        kept = self._kept.get((code, day))
        return kept is not None and kept.added

    def _repeated(self, slot: Slot) -> Iterator[str]:
        """Yield the codes of the slots that a slot repeats, nearest first."""
        while slot.repeat_of is not None:
            yield slot.repeat_of
            slot = self.slots[slot.repeat_of]

    def _offset(self, slot: Slot) -> int:
        return slot.days_after + sum(self.slots[code].days_after for code in self._repeated(slot))

    def _at(self, day: date, slot: Slot) -> datetime:
        return datetime.combine(day, slot.at, self._timezone).astimezone(UTC)

    def _after(self, repeated: Airing, slot: Slot) -> datetime:
        """Compute when a repeat starts: at its own time, some days after what it repeats."""
        return self._at(self._local_day(repeated.starts_at) + timedelta(days=slot.days_after), slot)

    def _local_day(self, instant: datetime) -> date:
        return instant.astimezone(self._timezone).date()


def _before(day: date, days: int) -> date:
    return day - timedelta(days=days) if day.toordinal() > days else date.min
