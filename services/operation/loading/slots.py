"""Loads `slots.csv`: rules of airing times."""

import re
from dataclasses import dataclass
from datetime import time
from typing import Any

from domain.airings.schedule import Kept, Medium, Schedule, Slot
from domain.calendar.working_days import WEEKDAYS
from services.airings.schedule import kept_of, slots_of
from services.operation.loading.lines import BadFile, CsvLine, read, repeated, validity
from storage.airings import airings
from storage.engine.database import Work

SLOT_CODE_BYTES = 32  # a button carries it in 64, with a day and an episode
_TIME_OF_DAY = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")
_WEEKS = {"1", "2", "3", "4", "5"}  # of the month
_MOST_DAYS_AFTER = 60
_MOST_MINUTES = 24 * 60


@dataclass(frozen=True)
class SlotsLoaded:
    """The number of slots in a file, and sentences for the operator."""

    count: int
    notes: list[str]


async def load_slots(work: Work, text: str) -> int:
    """Load `slots.csv`: rules of airing times (contract, `load`).

    Raises `BadFile`.
    """
    return (await change_slots(work, text)).count


async def change_slots(work: Work, text: str) -> SlotsLoaded:
    """Load slots; tell which changed airings no longer belong to a rule.

    Moved, cancelled, added and tied ones; they stay. Raises `BadFile`.
    """
    before = {slot.code: slot for slot in await slots_of(work)}
    lines = read(text, {"slot", "channel", "medium", "weeks", "weekday", "time", "repeat_of", "days_after"})
    problems = repeated(lines, "slot")
    parsed = {line.cells["slot"]: (_slot(line, problems), line) for line in lines}
    after = before | {code: slot for code, (slot, _line) in parsed.items()}
    for slot, line in parsed.values():
        problems += [f"line {line.number}: {problem}" for problem in _wrong_repeat(slot, after)]
    if problems:
        raise BadFile(problems)
    notes = [
        f"line {line.number}: {slot.code} shares the validity of {slot.repeat_of}; its own dates are not used"
        for slot, line in parsed.values()
        if slot.repeat_of is not None and _differs(line, slot, after)
    ]
    await _save_slots(work, [slot for slot, _line in parsed.values()])
    kept = [kept_of(row) for row in await airings.of_slots(work)]
    lost = _without_a_rule(work, after, kept)
    lost_before = _without_a_rule(work, before, kept)
    local = work.programme.local
    notes += [
        f"{one.slot}:{one.rule_on} ({one.status}, {local(one.starts_at):%Y-%m-%d %H:%M}, {one.channel}) "
        "follows no rule any more and stays as it is"
        for one in kept
        if one.id in lost and (one.id not in lost_before or one.starts_at > work.now)
    ]
    return SlotsLoaded(len(parsed), notes)


def _slot(line: CsvLine, problems: list[str]) -> Slot:
    """Make a rule from a line; add what is wrong with the line to `problems`."""
    cells, found = line.cells, list[str]()
    code, repeat_of = cells["slot"], cells["repeat_of"] or None
    found += [f"{column} is empty" for column in ("slot", "channel") if not cells[column]]
    if any(mark in code for mark in " :|,") or len(code.encode()) > SLOT_CODE_BYTES:
        found.append(f"a slot has no spaces, colons, commas or bars and at most {SLOT_CODE_BYTES} bytes")
    if len(cells["channel"]) > 64:
        found.append("channel has more than 64 characters")
    if cells["medium"] not in set(Medium):
        found.append(f"medium is neither tv nor radio: {cells['medium']!r}")
    at = _time_of_day(cells["time"])
    if at is None:
        found.append(f"time is no time of day (HH:MM): {cells['time']!r}")
    minutes = _whole(cells.get("minutes", ""), 1, _MOST_MINUTES)
    if minutes is None and cells.get("minutes", ""):
        found.append(f"minutes is no number from 1 to {_MOST_MINUTES}: {cells['minutes']!r}")
    weeks = line.several("weeks")
    days_after = _whole(cells["days_after"], 0, _MOST_DAYS_AFTER)
    if repeat_of is None:
        found += _wrong_first(cells, weeks)
    else:
        found += [f"a repeat has no {column} of its own" for column in ("weeks", "weekday") if cells[column]]
        if days_after is None:
            found.append(f"days_after is no number from 0 to {_MOST_DAYS_AFTER}: {cells['days_after']!r}")
    problems += [f"line {line.number}: {problem}" for problem in found]
    valid = validity(line, problems)
    return Slot(
        code=code,
        channel=cells["channel"],
        medium=cells["medium"],
        at=at or time(),
        minutes=minutes,
        weeks=tuple(sorted(int(week) for week in weeks if week in _WEEKS)),
        weekday=WEEKDAYS.index(cells["weekday"]) if cells["weekday"] in WEEKDAYS else None,
        repeat_of=repeat_of,
        days_after=days_after or 0,
        valid_from=valid["valid_from"] if repeat_of is None else None,
        valid_to=valid["valid_to"] if repeat_of is None else None,
    )


def _wrong_first(cells: dict[str, str], weeks: list[str]) -> list[str]:
    found = []
    if not weeks:
        found.append("weeks is empty")
    found += [f"a week of the month is 1 to 5: {week!r}" for week in weeks if week not in _WEEKS]
    if len(set(weeks)) != len(weeks):
        found.append(f"weeks names a week twice: {cells['weeks']!r}")
    if cells["weekday"] not in WEEKDAYS:
        found.append(f"weekday is none of {', '.join(WEEKDAYS)}: {cells['weekday']!r}")
    if cells["days_after"]:
        found.append("days_after belongs to a repeat, and repeat_of is empty")
    return found


def _wrong_repeat(slot: Slot, slots: dict[str, Slot]) -> list[str]:
    """Return what is wrong with how a slot repeats others."""
    passed, one = [slot.code], slot
    while one.repeat_of is not None:
        repeated = slots.get(one.repeat_of)
        if repeated is None:
            return [f"unknown repeat_of {one.repeat_of!r}"] if one is slot else []
        if repeated.code == slot.code:
            return [f"repeats itself: {' -> '.join([*passed, slot.code])}"]
        if repeated.code in passed:
            return []  # a ring further on, named there
        if one is slot and slot.days_after == 0 and slot.at <= repeated.at:
            return [
                f"a repeat on the same day comes after {repeated.code}, which starts at {repeated.at:%H:%M}"
            ]
        passed.append(repeated.code)
        one = repeated
    return []


def _differs(line: CsvLine, slot: Slot, slots: dict[str, Slot]) -> bool:
    """Return whether a repeat's line names other dates of validity than what it repeats."""
    first = slots[slot.repeat_of or slot.code]
    while first.repeat_of is not None:
        first = slots[first.repeat_of]
    return any(
        line.cells.get(column) and line.cells[column] != str(getattr(first, column) or "")
        for column in ("valid_from", "valid_to")
    )


async def _save_slots(work: Work, slots: list[Slot]) -> None:
    ids = {slot.code: slot.id for slot in await slots_of(work)}
    for slot in slots:  # a repeat may stand before what it repeats: first all, then what repeats what
        ids[slot.code] = await airings.save_slot(work, _values(slot))
    for slot in slots:
        if slot.repeat_of is not None:
            await airings.save_slot(work, _values(slot) | {"repeat_of_id": ids[slot.repeat_of]})


def _values(slot: Slot) -> dict[str, Any]:
    return {
        "code": slot.code,
        "channel": slot.channel,
        "medium": slot.medium,
        "weeks": "|".join(map(str, slot.weeks)) or None,
        "weekday": slot.weekday,
        "at": slot.at,
        "minutes": slot.minutes,
        "repeat_of_id": None,
        "days_after": None if slot.repeat_of is None else slot.days_after,
        "valid_from": slot.valid_from,
        "valid_to": slot.valid_to,
    }


def _without_a_rule(work: Work, slots: dict[str, Slot], kept: list[Kept]) -> set[int]:
    schedule = Schedule(slots.values(), kept, work.programme.timezone)
    return {one.id for one in schedule.follows_no_rule()}


def _time_of_day(text: str) -> time | None:
    found = _TIME_OF_DAY.fullmatch(text)
    return None if found is None else time(int(found[1]), int(found[2]))


def _whole(text: str, least: int, most: int) -> int | None:
    """Read a whole number within bounds; None for anything else."""
    if not (text.isascii() and text.isdigit() and len(text) < 6):
        return None
    return int(text) if least <= int(text) <= most else None
