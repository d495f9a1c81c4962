"""The working-day calendar with the admins' list, and due times counted by it.

A due time is written with the limit that it is counted from: the columns of one stand together.
"""

from datetime import date
from functools import lru_cache
from typing import Any

from domain.calendar.working_days import DayKind, Limit, WorkingCalendar
from domain.programme import Programme
from storage.calendar import days
from storage.engine.database import Work
from storage.rows import FieldRow, QuestionRow


async def calendar_of(work: Work) -> WorkingCalendar:
    """Return the calendar with the admins' present list of days."""
    listed = tuple((day.date, DayKind(day.kind)) for day in await days.listed(work))
    return _calendar(work.programme, listed, await days.confirmed_years(work))


@lru_cache(maxsize=8)
def _calendar(
    programme: Programme, listed: tuple[tuple[date, DayKind], ...], confirmed: frozenset[int]
) -> WorkingCalendar:
    return WorkingCalendar.from_configuration(
        programme.timezone.key, programme.working_hours, sorted(programme.weekend), dict(listed), confirmed
    )


async def assignment_due(work: Work) -> dict[str, Any]:
    """Return the columns of the due time to assign a question received now.

    Programme: 3 working days.
    """
    calendar = await calendar_of(work)
    limit = calendar.limit(work.now, work.programme.assign_days)
    return {
        "assign_due_at": calendar.end(limit),
        "assign_since": limit.since,
        "assign_days": limit.days,
    }


async def answer_due(work: Work, field: FieldRow | None) -> dict[str, Any]:
    """Return the columns of the due time to answer a question assigned now.

    By the field's limit, else the programme's.
    """
    own = None if field is None else field.answer_days
    calendar = await calendar_of(work)
    return due(calendar, calendar.limit(work.now, own or work.programme.answer_days))


def due(calendar: WorkingCalendar, limit: Limit) -> dict[str, Any]:
    """Return the end of a limit to answer, as columns of a question."""
    return {"due_at": calendar.end(limit), "due_since": limit.since, "due_days": limit.days}


def limit_of(question: QuestionRow) -> Limit | None:
    """Return the limit of a question's due time; None where it was not kept."""
    if question.due_since is None or question.due_days is None:
        return None
    return Limit(question.due_since, question.due_days)
