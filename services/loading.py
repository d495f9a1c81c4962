"""Reference data from CSV files: by key, never deleting, all or nothing, every bad line named."""

import csv
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, time
from io import StringIO
from typing import Any

from domain.airings import Kept, Medium, Schedule, Slot
from domain.calendar import WEEKDAYS, DayChange, DayKind
from domain.errors import RuleViolation
from domain.links import MOST_VIEWS, read_link, same_as
from domain.text import clean
from services import rescheduling
from services.airings import kept_of, slots_of
from services.links import Count, KnownLinks, known_links, record_counts
from storage import agencies, airings
from storage.database import Work

FIELD_CODE_BYTES = 48  # a button carries it in 64
LEVELS = {"province", "central", "commune", "enterprise"}


class BadFile(Exception):
    """The file can't be loaded; `problems` are sentences, each with its line where one is at fault."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class Line:
    """One line of a file: its number as an editor shows it, and its cells."""

    number: int
    cells: dict[str, str]

    def several(self, column: str) -> list[str]:
        """The values of a cell, which `|` separates."""
        return [value for part in self.cells.get(column, "").split("|") if (value := clean(part))]


def read(text: str, required: set[str]) -> list[Line]:
    """The lines of a CSV file with a header; raises `BadFile`."""
    reader = csv.DictReader(StringIO(text.removeprefix("\ufeff")), strict=True)
    try:
        missing = required - set(reader.fieldnames or [])
        if missing:
            raise BadFile([f"columns are missing: {', '.join(sorted(missing))}"])
        lines, problems = [], []
        for cells in reader:
            if None in cells or None in cells.values():
                problems.append(f"line {reader.line_num}: not as many cells as the header has")
                continue
            lines.append(Line(reader.line_num, {name: clean(value) for name, value in cells.items()}))
    except csv.Error as error:
        raise BadFile([f"line {reader.line_num}: {error}"]) from error
    if problems:
        raise BadFile(problems)
    return lines


async def load_agencies(work: Work, text: str) -> int:
    """`agencies.csv`: code, name, short_name, level, fields, aliases, predecessors and the optional columns."""
    lines = read(text, {"code", "name", "short_name", "level"})
    known_fields = {field.code for field in await agencies.all_fields(work)}
    known = {line.cells["code"] for line in lines} | {agency.code for agency in await agencies.everyone(work)}
    problems = _repeated(lines, "code")
    parsed: list[tuple[dict[str, Any], Line]] = []
    for line in lines:
        cells = line.cells
        problems += _empty(line, "code", "name", "short_name")
        if any(mark in cells["code"] for mark in " :|,"):
            problems.append(f"line {line.number}: a code has no spaces, colons, commas or bars")
        if cells["level"] not in LEVELS:
            problems.append(f"line {line.number}: unknown level {cells['level']!r}")
        problems += [
            f"line {line.number}: unknown field {code!r} (load the fields first)"
            for code in line.several("fields")
            if code not in known_fields
        ]
        problems += [
            f"line {line.number}: unknown successor {code!r}"
            for code in line.several("successors")
            if code not in known
        ]
        parsed.append(
            (_named(cells, "code", "name", "short_name", "level") | _validity(line, problems), line)
        )
    if problems:
        raise BadFile(problems)
    for values, line in parsed:
        names = dict.fromkeys(line.several("predecessors"), "predecessor")
        await agencies.save_agency(
            work,
            values,
            aliases=names | dict.fromkeys(line.several("aliases"), "alias"),
            field_codes=line.several("fields"),
            successor_codes=line.several("successors"),
        )
    return len(parsed)


def _named(cells: dict[str, str], *columns: str) -> dict[str, Any]:
    return {column: cells[column] for column in columns}


def _empty(line: Line, *columns: str) -> list[str]:
    return [f"line {line.number}: {column} is empty" for column in columns if not line.cells[column]]


def _validity(line: Line, problems: list[str]) -> dict[str, Any]:
    valid = {column: _date(line, column, problems) for column in ("valid_from", "valid_to")}
    if valid["valid_from"] and valid["valid_to"] and valid["valid_from"] > valid["valid_to"]:
        problems.append(f"line {line.number}: valid_from is after valid_to")
    return valid


async def load_fields(work: Work, text: str) -> int:
    """`fields.csv`: code, name, name_en, and the optional answer_days and communal."""
    lines = read(text, {"code", "name", "name_en"})
    problems = _repeated(lines, "code")
    parsed: list[dict[str, Any]] = []
    for position, line in enumerate(lines):
        cells = line.cells
        problems += _empty(line, "code", "name", "name_en")
        if ":" in cells["code"] or len(cells["code"].encode()) > FIELD_CODE_BYTES:
            problems.append(f"line {line.number}: a code has no colon and at most {FIELD_CODE_BYTES} bytes")
        answer_days = cells.get("answer_days", "")
        if answer_days and not (answer_days.isascii() and answer_days.isdigit() and int(answer_days) > 0):
            problems.append(f"line {line.number}: answer_days is no number of days: {answer_days!r}")
            answer_days = ""
        communal = cells.get("communal", "").lower()
        if communal not in _TRUTHS:
            problems.append(f"line {line.number}: communal is neither true nor false: {communal!r}")
        parsed.append(
            _named(cells, "code", "name", "name_en")
            | {
                "position": position,
                "answer_days": int(answer_days) if answer_days else None,
                "communal": _TRUTHS.get(communal, False),
            }
        )
    if problems:
        raise BadFile(problems)
    for values in parsed:
        await agencies.save_field(work, values)
    return len(parsed)


_TRUTHS = {"": False, "0": False, "false": False, "no": False, "1": True, "true": True, "yes": True}


def read_days(text: str) -> list[DayChange]:
    """`days.csv`: date, kind (off or work), note. Raises `BadFile`."""
    lines = read(text, {"date", "kind"})
    problems: list[str] = _repeated(lines, "date")
    changes: list[DayChange] = []
    for line in lines:
        day = _date(line, "date", problems)
        if day is None and not line.cells["date"]:
            problems.append(f"line {line.number}: date is empty")
        if line.cells["kind"] not in set(DayKind):
            problems.append(f"line {line.number}: kind is neither off nor work: {line.cells['kind']!r}")
        elif day is not None:
            changes.append(DayChange(day, DayKind(line.cells["kind"]), line.cells.get("note", "")))
    if problems:
        raise BadFile(problems)
    return changes


async def load_days(work: Work, text: str) -> int:
    """Days that win over the public-holiday calendar; open deadlines move with them. Raises `BadFile`."""
    changes = read_days(text)
    await rescheduling.apply(work, changes)
    return len(changes)


SLOT_CODE_BYTES = 32  # a button carries it in 64, with a day and an episode
_WEEKS = {"1", "2", "3", "4", "5"}  # of the month
_MOST_DAYS_AFTER = 60
_MOST_MINUTES = 24 * 60


@dataclass(frozen=True)
class SlotsLoaded:
    """How many slots a file had, and what the operator should know: sentences."""

    count: int
    notes: list[str]


async def load_slots(work: Work, text: str) -> int:
    """`slots.csv`: rules of airing times (contract, `load`). Raises `BadFile`."""
    return (await change_slots(work, text)).count


async def change_slots(work: Work, text: str) -> SlotsLoaded:
    """Load slots, and tell which moved, cancelled, added and tied airings follow no rule any more; they stay.

    Raises `BadFile`.
    """
    before = {slot.code: slot for slot in await slots_of(work)}
    lines = read(text, {"slot", "channel", "medium", "weeks", "weekday", "time", "repeat_of", "days_after"})
    problems = _repeated(lines, "slot")
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


def _slot(line: Line, problems: list[str]) -> Slot:
    """A line as a rule; what is wrong with the line by itself goes to `problems`."""
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
    valid = _validity(line, problems)
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
    """What is wrong with how a slot repeats others."""
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


def _differs(line: Line, slot: Slot, slots: dict[str, Slot]) -> bool:
    """Whether a repeat's line names dates of validity other than those of what it repeats."""
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
    found = re.fullmatch(r"([01][0-9]|2[0-3]):([0-5][0-9])", text)
    return None if found is None else time(int(found[1]), int(found[2]))


def _whole(text: str, least: int, most: int) -> int | None:
    """A whole number within bounds; None for anything else."""
    if not (text.isascii() and text.isdigit() and len(text) < 6):
        return None
    return int(text) if least <= int(text) <= most else None


async def read_counts(work: Work, text: str) -> list[Count]:
    """`views.csv`: year and number of the episode, url of its link, date, views in all. Raises `BadFile`."""
    lines = read(text, {"year", "number", "url", "date", "views"})
    today = work.programme.local(work.now).date()
    known = await known_links(work, {one for line in lines if (one := _episode(line)) is not None})
    problems: list[str] = []
    first: dict[tuple[int, date], int] = {}
    counts: list[Count] = []
    for line in lines:
        day, views = _date(line, "date", problems), _views(line, problems)
        if day is None and not line.cells["date"]:
            problems.append(f"line {line.number}: date is empty")
        if day is not None and day > today:
            problems.append(f"line {line.number}: {day} is a day to come")
        link_id = _link(work, line, known, problems)
        if link_id is None or day is None or views is None:
            continue
        if first.setdefault((link_id, day), line.number) != line.number:
            problems.append(
                f"line {line.number}: this link and date stand on line {first[link_id, day]} already"
            )
        counts.append(Count(link_id, line.cells["url"], day, views))
    if problems:
        raise BadFile(problems)
    return counts


def _episode(line: Line) -> tuple[int, int] | None:
    """Year and number, or None for what is none; no database has greater ones than these."""
    year, number = line.cells["year"], line.cells["number"]
    fits = all(part.isascii() and part.isdigit() and len(part) <= 6 for part in (year, number))
    return (int(year), int(number)) if fits else None


def _link(work: Work, line: Line, known: KnownLinks, problems: list[str]) -> int | None:
    episode = _episode(line)
    if episode is None or episode not in known:
        problems.append(
            f"line {line.number}: there is no episode {line.cells['number']!r} of {line.cells['year']!r}"
        )
        return None
    try:
        found = known[episode].get(same_as(read_link(line.cells["url"], work.programme.link_hosts)[1]))
    except RuleViolation:
        found = None
    if found is None:
        problems.append(
            f"line {line.number}: episode {episode[1]}/{episode[0]} has no link {line.cells['url'][:200]!r}"
        )
    return found


def _views(line: Line, problems: list[str]) -> int | None:
    text = line.cells["views"]
    if text.isascii() and text.isdigit() and len(text) <= 13 and int(text) <= MOST_VIEWS:
        return int(text)
    problems.append(f"line {line.number}: views is no count: {text[:40]!r}")
    return None


async def load_views(work: Work, text: str) -> int:
    """Counts of views, each the views in all on its date. Raises `BadFile`."""
    counts = await read_counts(work, text)
    await record_counts(work, counts)
    return len(counts)


LOADERS: dict[str, Callable[[Work, str], Awaitable[int]]] = {
    "agencies": load_agencies,
    "fields": load_fields,
    "days": load_days,
    "slots": load_slots,
    "views": load_views,
}


def _repeated(lines: list[Line], key: str) -> list[str]:
    first: dict[str, int] = {}
    problems = []
    for line in lines:
        value = line.cells[key]
        if value in first:
            problems.append(f"line {line.number}: {key} {value!r} stands on line {first[value]} already")
        first.setdefault(value, line.number)
    return problems


def _date(line: Line, column: str, problems: list[str]) -> date | None:
    text = line.cells.get(column, "")
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        problems.append(f"line {line.number}: {column} is no date (YYYY-MM-DD): {text!r}")
        return None
