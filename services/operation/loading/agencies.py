"""Loads `agencies.csv` and `fields.csv`."""

from typing import Any

from services.operation.loading.lines import BadFile, CsvLine, empty, named, read, repeated, validity
from storage.agencies import agencies
from storage.engine.database import Work

FIELD_CODE_BYTES = 48  # a button carries it in 64
LEVELS = {"province", "central", "commune", "enterprise"}
_TRUTHS = {"": False, "0": False, "false": False, "no": False, "1": True, "true": True, "yes": True}


async def load_agencies(work: Work, text: str) -> int:
    """Load `agencies.csv`.

    Columns: code, name, short_name, level, fields, aliases, predecessors and the optional ones. Raises `BadFile`.
    """
    lines = read(text, {"code", "name", "short_name", "level"})
    known_fields = {field.code for field in await agencies.all_fields(work)}
    known = {line.cells["code"] for line in lines} | {agency.code for agency in await agencies.everyone(work)}
    problems = repeated(lines, "code")
    parsed: list[tuple[dict[str, Any], CsvLine]] = []
    for line in lines:
        cells = line.cells
        problems += empty(line, "code", "name", "short_name")
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
        parsed.append((named(cells, "code", "name", "short_name", "level") | validity(line, problems), line))
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


async def load_fields(work: Work, text: str) -> int:
    """Load `fields.csv`: code, name, name_en.

    And the optional answer_days and communal. Raises `BadFile`.
    """
    lines = read(text, {"code", "name", "name_en"})
    problems = repeated(lines, "code")
    parsed: list[dict[str, Any]] = []
    for position, line in enumerate(lines):
        cells = line.cells
        problems += empty(line, "code", "name", "name_en")
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
            named(cells, "code", "name", "name_en")
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
