"""Finds agencies with open work and staff whom no message reaches.

None, or not all of them; to be mended by the next working day.
"""

from collections.abc import Collection
from datetime import datetime

from domain.calendar.working_days import WorkingCalendar
from domain.deadlines.ladder import Matter
from services.calendar.due import Deadline, gathers
from services.calendar.working_days import calendar_of
from storage.deadlines import running
from storage.deadlines.running import AgencyGapRow
from storage.engine.database import Work


@gathers(Matter.UNSTAFFED)
async def _unstaffed(work: Work, _until: datetime, only: Collection[int] | None) -> list[Deadline]:
    rows = await running.unstaffed_agencies(work, only)
    return [_of_agency(work, await calendar_of(work), Matter.UNSTAFFED, row) for row in rows]


@gathers(Matter.UNREACHABLE)
async def _unreachable(work: Work, _until: datetime, only: Collection[int] | None) -> list[Deadline]:
    calendar = await calendar_of(work)
    return [
        _of_agency(work, calendar, Matter.UNREACHABLE, row, row.display_name)
        for row in await running.unreachable_staff(work, only)
    ]


def _of_agency(
    work: Work, calendar: WorkingCalendar, matter: Matter, row: AgencyGapRow, name: str = ""
) -> Deadline:
    """Make the deadline to mend an agency: the next working day."""
    due_at = calendar.due(row.since_at, 1)
    since = work.programme.local(row.since_at).date()
    return Deadline(matter, row.subject_id, due_at, due_at.date(), since, agency_id=row.agency_id, name=name)
