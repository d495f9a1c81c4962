"""Gathers the deadlines of questions.

To assign, to look at, to answer, to decide, to reply to, and promises.
"""

from collections.abc import Collection
from datetime import datetime

from domain.deadlines.ladder import Matter
from domain.questions.life import ApprovalStep, Status
from services.calendar.due import Deadline, gathers
from services.calendar.working_days import calendar_of
from services.questions import approval
from services.questions.case import code_of
from storage.deadlines import running
from storage.deadlines.running import DueRow
from storage.engine.database import Work
from storage.questions import questions, worklists


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
    return [*found, *await _corrections(work, until, only)]


async def _corrections(work: Work, until: datetime, only: Collection[int] | None) -> list[Deadline]:
    """Gather corrections that wait for approval: people rely on what is wrong."""
    rows = await worklists.corrections(work)
    if not rows:
        return []
    found, local, calendar = [], work.programme.local, await calendar_of(work)
    for row in rows:
        due_at = calendar.due(row.proposed_at, work.programme.correction_days)
        if due_at > until if only is None else row.id not in only:
            continue
        step = await approval.step_waited_for(work, row)
        if step is not None:
            found.append(
                Deadline(
                    _STEPS[step],
                    row.id,
                    due_at,
                    local(due_at).date(),
                    local(row.proposed_at).date(),
                    agency_id=row.lead_agency_id,
                    asker_id=row.asker_id,
                    question_id=row.id,
                    code=code_of(work, row),
                )
            )
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
    # Whoever answers for the question now follows up what was promised.
    return [_of_question(work, Matter.PROMISE, row, agency_id=row.lead_agency_id) for row in rows]


@gathers(Matter.LATE_ANSWER)
async def _late_answers(work: Work, _until: datetime, only: Collection[int] | None) -> list[Deadline]:
    """Dates that passed without an answer, or without an agency, for the askers who were told them.

    A date that was moved before it passed, and told so, was not missed. One that had passed when the question was
    handed on or given more days stays missed, whatever the limit is now. The date to find an agency is over with that.
    """
    if not work.programme.asker_after_days:
        return []
    rows = await running.late_for_askers(work, only)
    missed = {row.subject_id: row.due_at for row in rows if row.due_at is not None and row.due_at < work.now}
    moved = await running.moved_dates(work, [row.subject_id for row in rows if row.subject_id not in missed])
    since = {row.subject_id: row.reopened_at for row in rows}
    for one in moved:
        due_from = datetime.fromisoformat(one.details["due_from"])
        begun = since[one.question_id]
        if one.at > due_from and (begun is None or due_from > begun):
            missed[one.question_id] = due_from
    for row in rows:
        if row.status == Status.RECEIVED and row.assign_due_at < work.now:
            missed.setdefault(row.subject_id, row.assign_due_at)
    local = work.programme.local
    return [
        Deadline(
            Matter.LATE_ANSWER,
            row.subject_id,
            missed[row.subject_id],
            local(missed[row.subject_id]).date(),
            local(row.since_at).date(),
            asker_id=row.asker_id,
            question_id=row.question_id,  # their own, where it was merged into the late one
            code=code_of(work, row),
        )
        for row in rows
        if row.subject_id in missed
    ]
