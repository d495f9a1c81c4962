"""The working-day calendar with the admins' list of days, and the deadlines it gives.

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
    """The calendar as the admins' list of days has it now."""
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
    """By when a question received now must be with an agency (programme: 3 working days), as columns."""
    calendar = await calendar_of(work)
    limit = calendar.limit(work.now, work.programme.assign_days)
    return {
        "assign_due_at": calendar.end(limit),
        "assign_since": limit.since,
        "assign_days": limit.days,
    }


async def answer_due(work: Work, field: FieldRow | None) -> dict[str, Any]:
    """By when a question assigned now must be answered, by the field's limit or the programme's, as columns."""
    own = None if field is None else field.answer_days
    calendar = await calendar_of(work)
    return due(calendar, calendar.limit(work.now, own or work.programme.answer_days))


def due(calendar: WorkingCalendar, limit: Limit) -> dict[str, Any]:
    """The end of a limit to answer, as columns of a question."""
    return {"due_at": calendar.end(limit), "due_since": limit.since, "due_days": limit.days}


def limit_of(question: QuestionRow) -> Limit | None:
    """What a question's time to answer is counted from; None where that was not kept."""
    if question.due_since is None or question.due_days is None:
        return None
    return Limit(question.due_since, question.due_days)
