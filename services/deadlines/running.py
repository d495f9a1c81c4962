"""Gathers the deadlines of questions.

To assign, to look at, to answer, to decide, to reply to, and promises.
"""

from collections.abc import Collection
from datetime import datetime

from domain.deadlines.ladder import Matter
from domain.questions.life import ApprovalStep, Status
from services.calendar.due import Deadline, gathers
from services.questions import approval
from services.questions.case import code_of
from storage.deadlines import running
from storage.deadlines.running import DueRow
from storage.engine.database import Work
from storage.questions import questions


def _of_question(
    work: Work, matter: Matter, row: DueRow, *, agency_id: int | None = None, acknowledged: bool = False
) -> Deadline:
    local = work.programme.local
    return Deadline(
        matter,
        row.subject_id,
        row.due_at,
        local(row.due_at).date(),
        row.since_on or local(row.since_at).date(),
        acknowledged,
        agency_id,
        row.asker_id,
        row.question_id,
        code=code_of(work, row),
    )


@gathers(Matter.ASSIGNMENT)
async def _assignments(work: Work, until: datetime, only: Collection[int] | None) -> list[Deadline]:
    rows = await running.assignments_due(work, until, only)
    return [_of_question(work, Matter.ASSIGNMENT, row) for row in rows]


@gathers(Matter.LOOK)
async def _looks(work: Work, until: datetime, only: Collection[int] | None) -> list[Deadline]:
    return [_of_question(work, Matter.LOOK, row) for row in await running.looks_due(work, until, only)]


_STEPS = {ApprovalStep.LEADER: Matter.LEADER_APPROVAL, ApprovalStep.EDITOR: Matter.EDITOR_APPROVAL}


@gathers(Matter.ANSWER, Matter.LEADER_APPROVAL, Matter.EDITOR_APPROVAL)
async def _answers(work: Work, until: datetime, only: Collection[int] | None) -> list[Deadline]:
    """Gather answers; a draft in approval is the leader's or the editors' to act on.

    The agency's limit goes on.
    """
    found = []
    for row in await running.answers_due(work, until, only):
        matter, agency_id = Matter.ANSWER, row.lead_agency_id
        if row.status == Status.IN_APPROVAL:
            question = await questions.by_id(work, row.question_id)
            step = None if question is None else await approval.step_waited_for(work, question)
            if step is None:
                continue
            matter = _STEPS[step]
        accepted = row.status == Status.ACCEPTED
        found.append(_of_question(work, matter, row, agency_id=agency_id, acknowledged=accepted))
    return found


@gathers(Matter.CONTRIBUTION)
async def _contributions(work: Work, until: datetime, only: Collection[int] | None) -> list[Deadline]:
    rows = await running.contributions_due(work, until, only)
    return [_of_question(work, Matter.CONTRIBUTION, row, agency_id=row.agency_id) for row in rows]


@gathers(Matter.EXTENSION)
async def _extensions(work: Work, until: datetime, only: Collection[int] | None) -> list[Deadline]:
    rows = await running.extensions_due(work, until, only)
    return [_of_question(work, Matter.EXTENSION, row) for row in rows]


@gathers(Matter.CLARIFICATION)
async def _replies(work: Work, until: datetime, only: Collection[int] | None) -> list[Deadline]:
    rows = await running.replies_due(work, until, only)
    return [_of_question(work, Matter.CLARIFICATION, row) for row in rows]


@gathers(Matter.PROMISE)
async def _promises(work: Work, until: datetime, only: Collection[int] | None) -> list[Deadline]:
    rows = await running.promises_due(work, until, only)
    return [_of_question(work, Matter.PROMISE, row, agency_id=row.agency_id) for row in rows]
