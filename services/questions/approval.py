"""Finds whose approval a draft answer waits for."""

from domain.questions.life import ANSWERED_STATUSES, Action, ApprovalStep, Role, Status, next_step
from services.people.actors import Actor
from services.questions.case import look_at
from storage.engine.database import Work
from storage.people import roles
from storage.questions import answer_drafts, questions, worklists
from storage.rows import QuestionRow

ACTIONS = {ApprovalStep.LEADER: Action.APPROVE_AS_LEADER, ApprovalStep.EDITOR: Action.APPROVE_AS_EDITOR}


async def waiting_for(work: Work, actor: Actor) -> list[tuple[QuestionRow, ApprovalStep]]:
    """List the questions whose draft this person may decide on, with the step.

    Corrections first, for people rely on what is wrong; then the most urgent.
    """
    found = []
    agencies = actor.agencies(Role.LEADER)
    in_approval = await questions.listed(work, statuses=frozenset({Status.IN_APPROVAL}), hidden=False)
    for question in [*await worklists.corrections(work), *in_approval]:
        if not actor.holds(Role.EDITOR, Role.ADMIN) and question.lead_agency_id not in agencies:
            continue
        step = await step_waited_for(work, question)
        if step is not None and (await look_at(work, actor, question)).may(ACTIONS[step]):
            found.append((question, step))
    return sorted(found, key=lambda one: (one[0].status not in ANSWERED_STATUSES, one[0].due_at, one[0].id))


async def step_waited_for(work: Work, question: QuestionRow) -> ApprovalStep | None:
    """Return whose approval a question in approval waits for, or None."""
    draft = await answer_drafts.open_of(work, question.id)
    return None if draft is None else await step_now(work, question, draft.id)


async def step_now(work: Work, question: QuestionRow, draft_id: int) -> ApprovalStep | None:
    """Return whose approval a draft waits for, or None.

    Cached until something is written (`Work.fresh`).
    """
    key = ("step", question.id, question.lead_agency_id, draft_id)
    if key not in work.fresh:
        work.fresh[key] = await _step_now(work, question, draft_id)
    found: ApprovalStep | None = work.fresh[key]
    return found


async def _step_now(work: Work, question: QuestionRow, draft_id: int) -> ApprovalStep | None:
    leaders = await roles.holders(work, Role.LEADER, question.lead_agency_id)
    reachable = any(leader.unreachable_at is None for leader in leaders)
    given = {ApprovalStep(row.step) for row in await answer_drafts.approvals_of(work, draft_id)}
    steps = work.programme.approval_steps
    if question.status in ANSWERED_STATUSES:
        # An editor who proposes a correction has looked at it, but two people look at every one.
        draft = await answer_drafts.by_id(work, draft_id)
        agency_looks = ApprovalStep.LEADER in steps and (reachable or ApprovalStep.LEADER in given)
        if draft is not None and draft.agency_id is None and agency_looks:
            given.add(ApprovalStep.EDITOR)
    return next_step(steps, given, leader_reachable=reachable)


async def decided_by_another(work: Work, proposer_id: int | None) -> bool:
    """Return whether another editor than this one can decide on their correction."""
    editors = await roles.holders(work, Role.EDITOR)
    return any(one.unreachable_at is None and one.id != proposer_id for one in editors)
