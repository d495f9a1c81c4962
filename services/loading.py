"""Reference data from CSV files: by key, never deleting, all or nothing, every bad line named."""

import csv
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date
from io import StringIO
from typing import Any

from domain.calendar import DayChange, DayKind
from domain.episodes import TITLE
from domain.text import clean
from services import rescheduling
from storage import agencies, episodes
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


async def load_episodes(work: Work, text: str) -> int:
    """`episodes_2024.csv`: number, year, title, field (may be empty). What an episode has besides stays."""
    lines = read(text, {"number", "year", "title", "field"})
    known = {field.code for field in await agencies.all_fields(work)}
    problems: list[str] = []
    parsed: dict[tuple[int, int], tuple[int, dict[str, Any]]] = {}
    for line in lines:
        cells = line.cells
        year = _whole(line, "year", range(2000, 2101), problems)
        number = _whole(line, "number", range(1, 1000), problems)
        problems += _empty(line, "title")
        if len(cells["title"]) > TITLE:
            problems.append(f"line {line.number}: title has more than {TITLE} characters")
        if cells["field"] and cells["field"] not in known:
            problems.append(f"line {line.number}: unknown field {cells['field']!r} (load the fields first)")
        if year is None or number is None:
            continue
        if (year, number) in parsed:
            first = parsed[year, number][0]
            problems.append(f"line {line.number}: episode {number}/{year} stands on line {first} already")
        values = {
            "year": year,
            "number": number,
            "title": cells["title"],
            "field_code": cells["field"] or None,
        }
        parsed.setdefault((year, number), (line.number, values))
    if problems:
        raise BadFile(problems)
    for _, values in parsed.values():
        await episodes.save(work, values)
    return len(parsed)


def _whole(line: Line, column: str, among: range, problems: list[str]) -> int | None:
    """A whole number from a range."""
    text = line.cells[column]
    if text.isascii() and text.isdigit() and len(text) < 9 and int(text) in among:
        return int(text)
    problems.append(f"line {line.number}: {column} is no number from {among[0]} to {among[-1]}: {text!r}")
    return None


LOADERS: dict[str, Callable[[Work, str], Awaitable[int]]] = {
    "agencies": load_agencies,
    "fields": load_fields,
    "days": load_days,
    "episodes": load_episodes,
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
