"""Due times of script plans: moving them with the list of days, and reminders.

The list: services.deadlines.rescheduling.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.calendar.working_days import WorkingCalendar
from domain.deadlines.ladder import Matter
from domain.episodes.episodes import ACKNOWLEDGE_DAYS, EpisodeNumber
from domain.questions.life import Role
from messages.notices.episodes import MovedPlanDue, PlanDuesMoved
from services.calendar.due import Deadline, gathers
from services.people.desk import tell_role
from storage.deadlines import running
from storage.deadlines.running import EpisodeDueRow
from storage.engine.database import Work
from storage.episodes import episodes, script_plans


@dataclass(frozen=True)
class PlanMoved:
    """One script plan that a changed list of days moves.

    Times are aware.
    """

    episode_id: int
    number: str
    old: datetime
    new: datetime


async def reckon(work: Work, calendar: WorkingCalendar, *, lock: bool) -> list[PlanMoved]:
    """List plans of coming recordings that this calendar moves, by their old times."""
    found = []
    for row in await script_plans.open_dues(work, work.now, lock=lock):
        assert row.recording_at is not None
        assert row.plan_due_at is not None
        new = calendar.due_before(row.recording_at, work.programme.script_plan_days)
        if new != row.plan_due_at:
            number = str(EpisodeNumber(row.year, row.number))
            found.append(PlanMoved(row.id, number, row.plan_due_at, new))
    return found


async def move(work: Work, calendar: WorkingCalendar, moved: Sequence[PlanMoved]) -> None:
    """Store the new due times, also of open receipts, and tell the editors."""
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
        notice = PlanDuesMoved(
            tuple(MovedPlanDue(number=one.number, old=one.old, new=one.new) for one in moved)
        )
        await tell_role(work, Role.EDITOR, notice)


# --- what reminders say of it ----------------------------------------------------------------------------------------


@gathers(Matter.SCRIPT_PLAN)
async def _script_plans(work: Work, until: datetime, only: Collection[int] | None) -> list[Deadline]:
    rows = await running.script_plans_due(work, until, only)
    return [_of_episode(work, Matter.SCRIPT_PLAN, row) for row in rows]


@gathers(Matter.PLAN_RECEIPT)
async def _plan_receipts(work: Work, until: datetime, only: Collection[int] | None) -> list[Deadline]:
    rows = await running.plan_receipts_due(work, until, only)
    return [_of_episode(work, Matter.PLAN_RECEIPT, row) for row in rows]


def _of_episode(work: Work, matter: Matter, row: EpisodeDueRow) -> Deadline:
    local = work.programme.local
    return Deadline(
        matter,
        row.subject_id,
        row.due_at,
        local(row.due_at).date(),
        local(row.since_at).date(),
        agency_id=row.agency_id,
        episode_id=row.episode_id,
        code=str(EpisodeNumber(row.year, row.number)),
    )
