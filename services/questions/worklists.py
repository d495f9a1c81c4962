"""Lists of what waits for staff: agencies' work, new questions, drafts to approve."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from domain.errors import Reason, RuleViolation
from domain.questions.life import ANSWERED_STATUSES, EDITORS, HIDDEN, Role, Status
from domain.vietnamese.text import excerpt
from messages.notices.desk import WaitingQuestion, WorkList
from services.people.actors import Actor
from services.questions import approval
from services.questions.case import code_of, screened
from services.questions.facts import Part, in_lists, late_by
from storage.agencies import agencies
from storage.engine.database import Work
from storage.questions import entries, worklists
from storage.questions.worklists import AgencyWorkRow, OverdueRow
from storage.rows import QuestionRow

PAGE = 8
LINE = 120  # characters of a question in a list

_COUNTS = {Status.ASSIGNED, Status.ACCEPTED, Status.IN_APPROVAL}


async def agency_work(work: Work, actor: Actor, page: int) -> tuple[WorkList, list[AgencyWorkRow]]:
    """List what the agencies of an officer or leader work on, most urgent first.

    Leading or coordinating.
    """
    mine = actor.agencies(Role.OFFICER, Role.LEADER)
    total = await worklists.count_work(work, mine)
    rows = await worklists.work_of_agencies(work, mine, limit=PAGE, offset=_before(page))
    parts = [row.part for row in rows]
    return await _list(work, "work", rows, [row.due_at for row in rows], parts, total, page), rows


async def of_agency(
    work: Work, actor: Actor, agency_id: int, page: int
) -> tuple[WorkList, list[AgencyWorkRow]]:
    """List the work of one agency, the most urgent first.

    For its own people, and for editors and admins, who look after all.

    Raises `RuleViolation`: not theirs to see, or no such agency.
    """
    agency = await agencies.find(work, agency_id)
    if not actor.holds(*EDITORS) and agency_id not in actor.agencies(Role.OFFICER, Role.LEADER):
        raise RuleViolation(Reason.NOT_ALLOWED)
    if agency is None:
        raise RuleViolation(Reason.STALE_BUTTON)
    only = frozenset({agency_id})
    total = await worklists.count_work(work, only)
    rows = await worklists.work_of_agencies(work, only, limit=PAGE, offset=_before(page))
    parts, due = [row.part for row in rows], [row.due_at for row in rows]
    return await _list(work, "agency", rows, due, parts, total, page, of=agency.short_name), rows


async def new_ones(work: Work, actor: Actor, page: int) -> tuple[WorkList, list[QuestionRow]]:
    """List what waits for an editor, the most urgent first.

    New and returned ones, and suspected denunciations. Of a suspected denunciation the list tells no word; who may
    not read it doesn't see it at all.
    """
    editor = actor.reads_hidden
    total = await worklists.count_for_editors(work, hidden=editor)
    rows = await worklists.for_editors(work, hidden=editor, limit=PAGE, offset=_before(page))
    returned = await worklists.returned_before(work, [row.id for row in rows])
    marks = [
        "mark.hidden"
        if row.secrecy in HIDDEN
        else "mark.emergency"
        if row.emergency
        else "headline.returned"
        if row.id in returned
        else ""
        for row in rows
    ]
    due = [row.assign_due_at if row.status == Status.RECEIVED else row.due_at for row in rows]
    return await _list(work, "new", rows, due, marks, total, page), rows


async def approvals(work: Work, actor: Actor, page: int) -> tuple[WorkList, list[QuestionRow]]:
    """List the drafts that wait for this person's decision: corrections, then the most urgent."""
    waiting = await approval.waiting_for(work, actor)
    found = waiting[_before(page) : _before(page) + PAGE]
    rows = [row for row, _ in found]
    corrected = [row.status in ANSWERED_STATUSES for row in rows]
    steps = [
        f"{'correction_step' if correction else 'step'}.{step}"
        for correction, (_, step) in zip(corrected, found, strict=True)
    ]
    due = [None if correction else row.due_at for correction, row in zip(corrected, rows, strict=True)]
    return await _list(work, "approvals", rows, due, steps, len(waiting), page), rows


async def overdue(work: Work, page: int) -> tuple[WorkList, list[OverdueRow]]:
    """List what is overdue, the most overdue first, and who was late.

    With editors or agencies. Hidden ones never.
    """
    total = await worklists.count_overdue(work)
    rows = await worklists.overdue(work, limit=PAGE, offset=_before(page))
    late = await late_by(work, rows)
    marks = [f"late_by.{late[row.id]}" for row in rows]
    due = [row.assign_due_at if row.status == Status.RECEIVED else row.due_at for row in rows]
    leads = {row.id: row.agency_name or "" for row in rows}
    return await _list(work, "overdue", rows, due, marks, total, page, leads=leads), rows


def _before(page: int) -> int:
    return (page - 1) * PAGE


async def _list(
    work: Work,
    kind: str,
    rows: Sequence[QuestionRow],
    due: Sequence[datetime | None],
    marks: Sequence[str],
    total: int,
    page: int,
    *,
    leads: Mapping[int, str] | None = None,
    of: str = "",
) -> WorkList:
    """`agencies`: names of those that lead, by question, in a list that tells them."""
    lines = []
    for row, due_at, mark in zip(rows, due, marks, strict=True):
        told = Part.TEXT in in_lists(row)
        asked = await entries.question_text(work, row.id) if told else ""
        text = excerpt(asked, LINE)
        counts = row.status == Status.RECEIVED or row.status in _COUNTS
        lines.append(
            WaitingQuestion(
                code=code_of(work, row),
                text=text,
                due_at=due_at,
                overdue=due_at is not None and counts and due_at < work.now,
                status=row.status,
                part=mark,
                age=_age(work, row) if kind == "new" else 0,
                agency="" if leads is None else leads[row.id],
                complaint=kind == "new" and bool(text) and screened(work, asked).complaint,
            )
        )
    return WorkList(
        kind=kind,
        of=of,
        questions=tuple(lines),
        total=total,
        page=page,
        more=page * PAGE < total,
    )


def _age(work: Work, row: QuestionRow) -> int:
    """Return whole days in programme time since the question came in."""
    local = work.programme.local
    return (local(work.now).date() - local(row.received_at).date()).days
