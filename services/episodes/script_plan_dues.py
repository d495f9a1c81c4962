"""Script plans are due on other days once the list of days off changes (services.deadlines.rescheduling)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.calendar.working_days import WorkingCalendar
from domain.episodes.episodes import ACKNOWLEDGE_DAYS, EpisodeNumber
from domain.questions.life import Role
from messages.notices.episodes import PlanDuesMoved
from services.people.desk import tell_role
from storage.engine.database import Work
from storage.episodes import episodes, script_plans


@dataclass(frozen=True)
class PlanMoved:
    """One script plan that is due at another time with the changed list. Times are aware."""

    episode_id: int
    number: str
    old: datetime
    new: datetime


async def reckon(work: Work, calendar: WorkingCalendar, *, lock: bool) -> list[PlanMoved]:
    """The plans of recordings to come that are due at another time by this calendar, by their old times."""
    found = []
    for row in await script_plans.open_dues(work, work.now, lock=lock):
        new = calendar.due_before(row.recording_at, work.programme.script_plan_days)
        if new != row.plan_due_at:
            number = str(EpisodeNumber(row.year, row.number))
            found.append(PlanMoved(row.id, number, row.plan_due_at, new))
    return found


async def move(work: Work, calendar: WorkingCalendar, moved: Sequence[PlanMoved]) -> None:
    """Write the new days, of what agencies still have to acknowledge too, and tell the editors."""
    for one in moved:
        await episodes.update(work, one.episode_id, plan_due_at=one.new)
        plan = await script_plans.latest(work, one.episode_id)
        if plan is not None:
            await script_plans.move_due(work, plan.id, one.new)
    receipts = [
        (row.id, due)
        for row in await script_plans.open_receipts(work, work.now)
        if (due := calendar.due(row.sent_at, ACKNOWLEDGE_DAYS)) != row.due_at
    ]
    await script_plans.move_receipts(work, receipts)
    if moved:
        notice = PlanDuesMoved(tuple((one.number, one.old, one.new) for one in moved))
        await tell_role(work, Role.EDITOR, notice)
