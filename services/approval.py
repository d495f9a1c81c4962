"""Whose approval a draft answer waits for."""

from domain.question import ApprovalStep, Role, next_step
from storage import questions, roles
from storage.database import Work
from storage.tables import Row


async def step_waited_for(work: Work, question: Row) -> ApprovalStep | None:
    """Whose approval a question in approval waits for."""
    draft = await questions.open_draft(work, question.id)
    return None if draft is None else await step_now(work, question, draft.id)


async def step_now(work: Work, question: Row, draft_id: int) -> ApprovalStep | None:
    leaders = await roles.holders(work, Role.LEADER, question.lead_agency_id)
    return next_step(
        work.programme.approval_steps,
        [ApprovalStep(row.step) for row in await questions.approvals_of(work, draft_id)],
        leader_reachable=any(leader.unreachable_at is None for leader in leaders),
    )
