"""Loads `agencies.csv` and `fields.csv`."""

from dataclasses import dataclass
from typing import Any

from domain.errors import Reason
from services.agencies import naming
from services.operation.loading.lines import (
    BadFile,
    CsvLine,
    Problem,
    empty,
    named,
    read,
    repeated,
    validity,
)
from services.operation.successions import Succession, due_successions, hand_over
from services.questions.case import code_of
from storage.agencies import agencies
from storage.engine.database import Work
from storage.questions import questions

_NAMED = 20  # questions in one sentence

FIELD_CODE_BYTES = 48  # a button carries it in 64
LEVELS = {"province", "central", "commune", "enterprise"}
_TRUTHS = {"": False, "0": False, "false": False, "no": False, "1": True, "true": True, "yes": True}


@dataclass(frozen=True)
class AgenciesLoaded:
    """What loading agencies did, and what the operator should know."""

    count: int
    handed_over: list[Succession]
    notes: list[str]


async def load_agencies(work: Work, text: str) -> int:
    """Load `agencies.csv` (contract, `load`).

    Raises `BadFile`.
    """
    return (await change_agencies(work, text)).count


async def change_agencies(work: Work, text: str) -> AgenciesLoaded:
    """Load agencies, and hand over the open questions of those that ended.

    Columns: code, name, short_name, level, fields, aliases, predecessors and the optional ones. Raises `BadFile`,
    also where an agency ends with open questions and not just one agency takes its place.
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
    found = await due_successions(work, [line.cells["code"] for line in lines])
    at = {line.cells["code"]: line.number for line in lines}
    problems = [_no_heir(work, one, at[one.ended.code]) for one in found if len(one.heirs) != 1]
    if problems:
        raise BadFile(problems)
    for one in found:
        await hand_over(work, one)
    return AgenciesLoaded(len(parsed), found, await _notes(work, found, lines))


def _no_heir(work: Work, left: Succession, number: int) -> str:
    codes = ", ".join(code_of(work, one) for one in left.questions[:_NAMED])
    more = f" and {len(left.questions) - _NAMED} more" if len(left.questions) > _NAMED else ""
    took_over = (
        f"{', '.join(one.code for one in left.heirs)} took its place" if left.heirs else "has no successor"
    )
    return Problem(
        f"line {number}: {left.ended.code} ends with open questions ({codes}{more}) and {took_over}",
        Reason.ENDED_WITH_WORK,
    )


async def _notes(work: Work, found: list[Succession], lines: list[CsvLine]) -> list[str]:
    """Heirs whom no message reaches, and agencies that end later with questions that are open now."""
    heirs = {one.heirs[0].code: one.heirs[0] for one in found}
    notes = [
        f"messages reach no officer of {one.code} yet" for one in await naming.unreached(work, heirs.values())
    ]
    today = work.programme.local(work.now).date()
    for line in lines:
        agency = await agencies.by_code(work, line.cells["code"])
        if agency is None or agency.valid_to is None or agency.valid_to < today:
            continue
        count = len(await questions.open_with(work, agency.id))
        if count:
            notes.append(
                f"{agency.code} has {count} open question{'' if count == 1 else 's'}: "
                f"load the file again after {agency.valid_to} to hand over what is open then"
            )
    return notes


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
