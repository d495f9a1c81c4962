"""Named queries on what waits for somebody: agencies' work, editors' questions, similar ones."""

from datetime import datetime
from typing import Protocol

import sqlalchemy as sa

from domain.questions.history import Event
from domain.questions.life import HIDDEN, OPEN, WITH_AGENCY, Secrecy, Status
from storage.engine.database import Work
from storage.questions.questions import is_overdue
from storage.rows import QuestionRow
from storage.tables import agencies, assignments, drafts, history, questions


class AgencyWorkRow(QuestionRow, Protocol):
    """With the part that the agency has in it."""

    part: str


class OverdueRow(QuestionRow, Protocol):
    """With the short name of its lead agency."""

    agency_name: str | None


class CorrectionRow(QuestionRow, Protocol):
    """With when the correction that waits was proposed."""

    proposed_at: datetime


async def corrections(work: Work) -> list[CorrectionRow]:
    """List questions with a correction that waits for approval, the oldest first.

    Hidden ones never.
    """
    return await work.all(
        sa.select(questions, drafts.c.submitted_at.label("proposed_at"))
        .join(drafts, drafts.c.question_id == questions.c.id)
        .where(
            # literally, for the index of just these
            sa.text("drafts.corrects_id IS NOT NULL AND drafts.outcome IS NULL"),
            questions.c.secrecy.not_in(sorted(HIDDEN)),
        )
        .order_by(drafts.c.id)
    )


async def work_of_agencies(
    work: Work, agency_ids: frozenset[int], *, limit: int, offset: int = 0
) -> list[AgencyWorkRow]:
    """List unanswered questions that agencies lead or coordinate (`part`).

    The most urgent first, each once.
    """
    part = sa.func.max(assignments.c.part).label("part")  # "lead" before "coordinating"
    mine = (
        sa.select(assignments.c.question_id, part)
        .where(assignments.c.agency_id.in_(agency_ids), assignments.c.ended_at.is_(None))
        .group_by(assignments.c.question_id)
        .subquery()
    )
    return await work.all(
        sa.select(questions, mine.c.part)
        .join(mine, mine.c.question_id == questions.c.id)
        .where(_at_work())
        .order_by(questions.c.due_at, questions.c.id)
        .limit(limit)
        .offset(offset)
    )


async def count_work(work: Work, agency_ids: frozenset[int]) -> int:
    """Count all questions of `work_of_agencies`."""
    mine = sa.select(assignments.c.question_id).where(
        assignments.c.agency_id.in_(agency_ids), assignments.c.ended_at.is_(None)
    )
    return int(
        await work.value(
            sa.select(sa.func.count()).select_from(questions).where(questions.c.id.in_(mine), _at_work())
        )
    )


def _at_work() -> sa.ColumnElement[bool]:
    return sa.and_(questions.c.status.in_(sorted(WITH_AGENCY)), questions.c.secrecy.not_in(sorted(HIDDEN)))


async def for_editors(work: Work, *, hidden: bool, limit: int, offset: int = 0) -> list[QuestionRow]:
    """List what waits for an editor: received ones and, with `hidden`, suspected denunciations.

    First emergencies, then suspected denunciations, what an agency returned, what is overdue; the oldest first in each.
    """
    returned = (
        sa.select(sa.literal(1))
        .where(history.c.question_id == questions.c.id, history.c.event == Event.RETURNED)
        .exists()
    )
    urgency = sa.case(
        (questions.c.emergency, 0),
        (questions.c.secrecy == Secrecy.SUSPECTED, 1),
        (returned, 2),
        (is_overdue(work.now), 3),
        else_=4,
    )
    return await work.all(
        sa.select(questions)
        .where(_for_editors(hidden))
        .order_by(urgency, questions.c.received_at, questions.c.id)
        .limit(limit)
        .offset(offset)
    )


MOST_COUNTED = 1000  # more need not be told apart


async def received_since(work: Work, since: datetime) -> list[datetime]:
    """Return when what waits came in, from a moment on; no emergencies, nothing hidden."""
    rows = await work.all(
        sa.select(questions.c.received_at)
        .where(
            questions.c.status == Status.RECEIVED,
            questions.c.received_at >= since,
            questions.c.secrecy.not_in(sorted(HIDDEN)),
            sa.not_(questions.c.emergency),
        )
        .order_by(questions.c.received_at.desc())
        .limit(MOST_COUNTED)
    )
    return [row.received_at for row in rows]


async def count_for_editors(work: Work, *, hidden: bool) -> int:
    return int(
        await work.value(sa.select(sa.func.count()).select_from(questions).where(_for_editors(hidden)))
    )


def _for_editors(hidden: bool) -> sa.ColumnElement[bool]:
    received = questions.c.status == Status.RECEIVED
    if not hidden:
        return sa.and_(received, questions.c.secrecy.not_in(sorted(HIDDEN)))
    return sa.or_(
        received, sa.text("questions.secrecy = 'suspected'")
    )  # literally, for the index of just these


async def overdue(work: Work, *, limit: int, offset: int = 0) -> list[OverdueRow]:
    """List what is overdue, the most overdue first, with the lead's `agency_name`.

    Hidden ones never.
    """
    late_since = sa.case(
        (questions.c.status == Status.RECEIVED, questions.c.assign_due_at), else_=questions.c.due_at
    )
    return await work.all(
        sa.select(questions, agencies.c.short_name.label("agency_name"))
        .join(agencies, agencies.c.id == questions.c.lead_agency_id, isouter=True)
        .where(is_overdue(work.now), questions.c.secrecy.not_in(sorted(HIDDEN)))
        .order_by(late_since, questions.c.id)
        .limit(limit)
        .offset(offset)
    )


async def count_overdue(work: Work) -> int:
    """Count all questions of `overdue`."""
    return int(
        await work.value(
            sa.select(sa.func.count())
            .select_from(questions)
            .where(is_overdue(work.now), questions.c.secrecy.not_in(sorted(HIDDEN)))
        )
    )


async def returned_before(work: Work, question_ids: list[int]) -> set[int]:
    """Return those of these questions that an agency has returned."""
    rows = await work.all(
        sa.select(history.c.question_id).where(
            history.c.question_id.in_(question_ids), history.c.event == Event.RETURNED
        )
    )
    return {int(row.question_id) for row in rows}


async def open_in_field(work: Work, question: QuestionRow, *, limit: int) -> list[QuestionRow]:
    """List other open questions of the same field, newest first.

    They may be the same question.
    """
    if question.field_code is None:
        return []
    return await work.all(
        sa.select(questions)
        .where(
            questions.c.field_code == question.field_code,
            questions.c.status.in_(sorted(OPEN)),
            questions.c.secrecy.not_in(sorted(HIDDEN)),
            questions.c.id != question.id,
        )
        .order_by(questions.c.id.desc())
        .limit(limit)
    )
