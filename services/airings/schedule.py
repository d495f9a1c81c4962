"""The airings of any span, from the slots' rules and the decisions about airings."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from domain.airings.schedule import (
    Airing,
    AiringKind,
    AiringStatus,
    Kept,
    Schedule,
    Slot,
    airing_key,
    read_key,
)
from domain.episodes.episodes import EpisodeNumber
from domain.errors import Reason, RuleViolation
from domain.programme import offset_iso
from messages.documents import airing_calendar
from messages.words import words
from services.people.actors import Actor, require_editor
from storage.airings import airings
from storage.airings.airings import RepeatingSlotRow, SlottedAiringRow
from storage.engine.database import Work

CALENDAR_DAYS = 183  # as far as people plan


async def airings_between(work: Work, start: date, end: date) -> list[Airing]:
    """List the airings that start in this span, by time, then channel.

    Days in programme time, both included.
    """
    return (await schedule_of_span(work, start, end)).between(start, end, work.now)


async def airing_of(work: Work, key: str) -> Airing | None:
    """Return one airing as it stands now; None for what is no airing's key."""
    read = read_key(key)
    if read is None:
        return None
    if isinstance(read, int):
        return (await _schedule_of_rows(work, [await airings.by_id(work, read)])).alone(read, work.now)
    slot, day = read
    return (await schedule_of_days(work, {day})).airing(slot, day, work.now)


async def airings_of_episode(work: Work, episode_id: int) -> list[Airing]:
    """List the first airings and repeats of an episode, by time."""
    tied = await airings.of_episode(work, episode_id)
    schedule = await _schedule_of_rows(
        work, [*tied, *await airings.on_rule_days(work, {row.rule_on for row in tied if row.rule_on})]
    )
    found: list[Airing | None] = []
    for row in tied:
        if row.slot is None or row.rule_on is None:
            found.append(schedule.alone(row.id, work.now))
        else:
            family = [row.slot, *(slot.code for slot in schedule.repeats_of(row.slot))]
            found += [schedule.airing(code, row.rule_on, work.now) for code in family]
    of_it = [one for one in found if one is not None and one.episode_id == episode_id]
    return sorted(of_it, key=lambda one: (one.starts_at, one.channel, one.key))


async def coming_airings(work: Work, days: int) -> list[Airing]:
    """List airings on air now or in the coming days, by time, then channel.

    Cancelled ones too.
    """
    today = work.programme.local(work.now).date()
    found = await airings_between(work, today - timedelta(days=1), today + timedelta(days=days))
    return [one for one in found if one.status is not AiringStatus.AIRED and one.ends_at > work.now]


async def with_episodes(work: Work, found: Iterable[Airing]) -> list[tuple[Airing, str]]:
    """Pair each airing with its episode, "12/2026: title", or with ""."""
    found = list(found)
    tied = {one.episode_id for one in found if one.episode_id is not None}
    episodes = await airings.episodes_by_id(work, tied)
    told = {row.id: f"{EpisodeNumber(row.year, row.number)}: {row.title}" for row in episodes.values()}
    return [(one, told.get(one.episode_id or 0, "")) for one in found]


async def calendar_document(work: Work, language: str) -> bytes:
    """Write the airings of the coming half year as an iCalendar document."""
    rules = work.programme
    publisher = airing_calendar.Publisher(
        f"{rules.code_prefix.lower()}.danhoi", rules.name, rules.timezone.key
    )
    coming = await with_episodes(work, await coming_airings(work, CALENDAR_DAYS))
    return airing_calendar.airing_calendar(coming, publisher, words(language, rules.timezone), work.now)


async def as_json_rows(work: Work, found: list[Airing]) -> list[dict[str, Any]]:
    """Write airings as the contract prints them (`./danhoi airings`)."""
    tied = {one.episode_id for one in found if one.episode_id is not None}
    episodes = await airings.episodes_by_id(work, tied)
    return [
        {
            "starts_at": offset_iso(one.starts_at, work.programme.timezone),
            "channel": one.channel,
            "kind": one.kind,
            "episode": None if one.episode_id is None else episodes[one.episode_id].number,
            "status": one.status,
        }
        for one in found
    ]


async def tie(work: Work, key: str, episode_id: int | None, actor: Actor | None = None) -> Airing:
    """Set the episode that an airing shows, or None; its repeats share it.

    Tells nobody. A repeat's key means the first airing that it repeats. Without an actor an operator does it. Raises
    `RuleViolation`: no such airing, no such episode, not allowed.
    """
    if actor is not None:
        require_editor(actor)
    await airings.hold(work)
    airing = await airing_of(work, key)
    if airing is not None and airing.kind is AiringKind.REPEAT:
        airing = await airing_of(work, await _key_of_first(work, airing))
    if airing is None:
        raise RuleViolation(Reason.NO_AIRING)
    if episode_id is not None and episode_id not in await airings.episodes_by_id(work, [episode_id]):
        raise RuleViolation(Reason.UNKNOWN_EPISODE)
    values = {"episode_id": episode_id, "changed_by": None if actor is None else actor.id}
    await write_down(work, airing, values)
    tied = await airing_of(work, airing.key)
    assert tied is not None or episode_id is None, "an airing tied to an episode stands by itself"
    return tied or replace(airing, episode_id=None)


async def write_down(work: Work, airing: Airing, values: dict[str, Any]) -> int:
    """Store a decision about an airing; return its row's id.

    What `values` leave out stays as it was.
    """
    if airing.id is not None:
        return await airings.keep(work, airing.id, values)
    as_ruled = {
        "slot_id": airing.slot_id,
        "rule_on": airing.rule_on,
        "kind": airing.kind,
        "starts_at": airing.starts_at,
        "channel": airing.channel,
        "medium": airing.medium,
        "minutes": airing.minutes,
        "status": AiringStatus.PLANNED,
    }
    return await airings.keep(work, None, as_ruled | values)


async def _key_of_first(work: Work, repeat: Airing) -> str:
    assert repeat.rule_on is not None
    slot, _, _ = repeat.key.rpartition(":")
    schedule = Schedule(await slots_of(work), [], work.programme.timezone)
    return airing_key(schedule.first_of(slot), repeat.rule_on)


async def schedule_of_span(work: Work, start: date, end: date) -> Schedule:
    """Read all that is needed to compute the airings of a span."""
    slots = await slots_of(work)
    first = _days_before(start, Schedule(slots, [], work.programme.timezone).reach)
    zone = work.programme.timezone
    since = datetime.combine(max(first, date(2, 1, 1)), time.min, zone).astimezone(UTC)
    until = datetime.combine(min(end, date(9998, 12, 30)), time.max, zone).astimezone(UTC)
    rows = await airings.of_span(work, (first, end), (since, until))
    # For an airing moved into the span: the airing that it repeats may have been moved or cancelled outside it.
    days = {row.rule_on for row in rows if row.rule_on is not None and not first <= row.rule_on <= end}
    return _schedule(work, slots, [*rows, *await airings.on_rule_days(work, days)])


async def schedule_of_days(work: Work, rule_days: set[date]) -> Schedule:
    """Read all that is needed to compute the airings of some rule days.

    With their repeats.
    """
    return await _schedule_of_rows(work, await airings.on_rule_days(work, rule_days))


async def slots_of(work: Work) -> list[Slot]:
    return [slot_of(row) for row in await airings.all_slots(work)]


async def _schedule_of_rows(work: Work, rows: Iterable[SlottedAiringRow | None]) -> Schedule:
    return _schedule(work, await slots_of(work), [row for row in rows if row is not None])


def _schedule(work: Work, slots: Iterable[Slot], rows: Iterable[SlottedAiringRow]) -> Schedule:
    return Schedule(slots, map(kept_of, rows), work.programme.timezone)


def slot_of(row: RepeatingSlotRow) -> Slot:
    """Make a slot from its row."""
    return Slot(
        code=row.code,
        channel=row.channel,
        medium=row.medium,
        at=row.at,
        minutes=row.minutes,
        weeks=tuple(int(week) for week in (row.weeks or "").split("|") if week),
        weekday=row.weekday,
        repeat_of=row.repeats,
        days_after=row.days_after or 0,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        id=row.id,
    )


def kept_of(row: SlottedAiringRow) -> Kept:
    """Make a decision about an airing from its row."""
    return Kept(
        id=row.id,
        slot=row.slot,
        rule_on=row.rule_on,
        kind=AiringKind(row.kind),
        starts_at=row.starts_at,
        channel=row.channel,
        medium=row.medium,
        minutes=row.minutes,
        status=AiringStatus(row.status),
        reason=row.reason,
        episode_id=row.episode_id,
        added=row.added,
        changes=row.changes,
    )


def _days_before(day: date, days: int) -> date:
    return day - timedelta(days=days) if day.toordinal() > days else date.min
