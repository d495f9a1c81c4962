"""Loads `days.csv`: days off and days worked."""

from domain.calendar.working_days import DayChange, DayKind
from services.deadlines import rescheduling
from services.operation.loading.lines import BadFile, date_of, read, repeated
from storage.engine.database import Work


def read_days(text: str) -> list[DayChange]:
    """Read `days.csv`: date, kind (off or work), note.

    Raises `BadFile`.
    """
    lines = read(text, {"date", "kind"})
    problems: list[str] = repeated(lines, "date")
    changes: list[DayChange] = []
    for line in lines:
        day = date_of(line, "date", problems)
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
    """Load days that override the public-holiday calendar, and move open deadlines.

    Raises `BadFile`.
    """
    changes = read_days(text)
    await rescheduling.apply(work, changes)
    return len(changes)
