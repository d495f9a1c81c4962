"""The working-day calendar with the admins' list of days, and the deadlines it gives."""

from datetime import date, datetime
from functools import lru_cache

from domain.calendar import DayKind, WorkingCalendar
from domain.programme import Programme
from storage import agencies
from storage.database import Work
from storage.tables import Row


async def calendar_of(work: Work) -> WorkingCalendar:
    """The calendar as the admins' list of days has it now."""
    listed = tuple((day.date, DayKind(day.kind)) for day in await agencies.listed_days(work))
    return _calendar(work.programme, listed)


@lru_cache(maxsize=8)
def _calendar(programme: Programme, listed: tuple[tuple[date, DayKind], ...]) -> WorkingCalendar:
    return WorkingCalendar.from_configuration(
        programme.timezone.key, programme.working_hours, sorted(programme.weekend), dict(listed)
    )


async def assignment_due(work: Work) -> datetime:
    """When a question received now must be with an agency (programme: 3 working days)."""
    return (await calendar_of(work)).due(work.now, work.programme.assign_days)


async def answer_due(work: Work, field: Row | None) -> datetime:
    """When a question assigned now must be answered: the field's limit, or the programme's."""
    days = field.answer_days if field is not None and field.answer_days else work.programme.answer_days
    return (await calendar_of(work)).due(work.now, days)
