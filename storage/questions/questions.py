"""Named queries on questions, their agencies, clarifications and ratings."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Protocol

import sqlalchemy as sa

from domain.questions.history import EntryKind
from domain.questions.life import HIDDEN, OPEN, WITH_AGENCY, Status
from storage.engine.database import Work, in_pieces
from storage.questions import published
from storage.rows import AgencyRow, AssignmentRow, ClarificationRow, QuestionRow, RatingRow
from storage.tables import (
    Row,
    agencies,
    assignments,
    clarifications,
    code_numbers,
    entries,
    questions,
    ratings,
)


class AssignedRow(AssignmentRow, Protocol):
    """With the agency's code and its short name of now."""

    code: str
    short_name: str


class DuplicateRow(QuestionRow, Protocol):
    """A question that was merged into another."""

    duplicate_of_id: int


class WordedClarificationRow(ClarificationRow, Protocol):
    """With its words; null once erased."""

    text: str | None


# In these an agency's time runs.
CLOCK_RUNS = (Status.ASSIGNED, Status.ACCEPTED, Status.IN_APPROVAL)

# Read for everything that is done to a question: built once.
_BY_ID = sa.select(questions).where(questions.c.id == sa.bindparam("question_id"))
_BY_CODE = sa.select(questions).where(
    questions.c.year == sa.bindparam("year"), questions.c.number == sa.bindparam("number")
)
_BY_ID_LOCKED, _BY_CODE_LOCKED = _BY_ID.with_for_update(), _BY_CODE.with_for_update()
_DUPLICATES = (
    sa.select(questions)
    .where(questions.c.duplicate_of_id == sa.bindparam("question_id"))
    .order_by(questions.c.id)
)
_ASSIGNED = (
    sa.select(assignments, agencies.c.code, agencies.c.short_name)
    .join(agencies, agencies.c.id == assignments.c.agency_id)
    .where(assignments.c.question_id == sa.bindparam("question_id"), assignments.c.ended_at.is_(None))
    .order_by(assignments.c.part.desc(), assignments.c.id)
)


async def next_number(work: Work, year: int) -> int:
    """Take the next code number of a year; numbers have no gaps.

    It is taken in the transaction that registers the question: the row lock makes other registrations wait for it, on
    both databases.
    """
    insert = work.upsert(code_numbers).values(year=year, last=1)
    statement = insert.on_conflict_do_update(
        index_elements=["year"], set_={"last": code_numbers.c.last + 1}
    ).returning(code_numbers.c.last)
    return int((await work.run(statement)).scalar_one())


async def add(work: Work, **values: object) -> int:
    return await work.insert(questions, **values)


async def by_id(work: Work, question_id: int, *, lock: bool = False) -> QuestionRow | None:
    """Return one question; `lock` keeps others from changing it.

    Until this transaction ends. A lock forgets what was read before: somebody else may have changed it meanwhile.
    """
    if lock:
        work.fresh.clear()
    return await work.one_or_none(_BY_ID_LOCKED if lock else _BY_ID, {"question_id": question_id})


async def by_code(work: Work, year: int, number: int, *, lock: bool = False) -> QuestionRow | None:
    if lock:
        work.fresh.clear()
    return await work.one_or_none(_BY_CODE_LOCKED if lock else _BY_CODE, {"year": year, "number": number})


async def by_number(work: Work, number: int, years: Iterable[int]) -> list[QuestionRow]:
    """Read the questions with this number in the given years, the newest first."""
    return await work.all(
        sa.select(questions)
        .where(questions.c.year.in_(years), questions.c.number == number)
        .order_by(questions.c.year.desc())
    )


async def move(work: Work, question: QuestionRow, **changes: object) -> QuestionRow | None:
    """Change a question only if its status is still the one that was read.

    None when somebody was quicker.
    """
    result = await work.run(
        sa.update(questions)
        .where(questions.c.id == question.id, questions.c.status == question.status)
        .values(**changes)
        .returning(questions)
    )
    moved = result.one_or_none()
    if moved is not None and not changes.keys().isdisjoint({"published_at", "secrecy"}):
        await published.refresh(work, moved)
    return moved


async def of_asker(work: Work, person_id: int, *, limit: int, offset: int = 0) -> list[QuestionRow]:
    """List a person's own questions, newest first."""
    return await work.all(
        sa.select(questions)
        .where(questions.c.asker_id == person_id)
        .order_by(questions.c.id.desc())
        .limit(limit)
        .offset(offset)
    )


async def has_asked(work: Work, person_id: int) -> bool:
    """Return whether a person ever asked.

    By index.
    """
    known = work.known.setdefault("questions", {})
    if person_id not in known:
        asked = await work.value(sa.select(sa.literal(1)).where(questions.c.asker_id == person_id).limit(1))
        known[person_id] = asked is not None
    return bool(known[person_id])


async def count_of_asker(work: Work, person_id: int) -> int:
    query = sa.select(sa.func.count()).select_from(questions).where(questions.c.asker_id == person_id)
    return int(await work.value(query))


async def count_of_asker_since(work: Work, person_id: int, since: datetime) -> int:
    """Count the questions a person has asked since a moment.

    By the index of their own ones.
    """
    query = sa.select(sa.func.count()).where(
        questions.c.asker_id == person_id, questions.c.received_at >= since
    )
    return int(await work.value(query))


async def listed(
    work: Work,
    *,
    statuses: frozenset[Status] = OPEN,
    agency_id: int | None = None,
    overdue_at: datetime | None = None,
    hidden: bool | None = None,
    limit: int | None = None,
    offset: int = 0,
) -> list[QuestionRow]:
    """List questions in these statuses, oldest first.

    `hidden` None lists all; True or False only those.
    """
    query = sa.select(questions).where(questions.c.status.in_(sorted(statuses)))
    if agency_id is not None:
        query = query.where(questions.c.lead_agency_id == agency_id)
    if overdue_at is not None:
        query = query.where(is_overdue(overdue_at))
    if hidden is not None:
        condition = questions.c.secrecy.in_(sorted(HIDDEN))
        query = query.where(condition if hidden else sa.not_(condition))
    return await work.all(query.order_by(questions.c.received_at, questions.c.id).limit(limit).offset(offset))


async def answered_before(work: Work, before: datetime, *, limit: int) -> list[QuestionRow]:
    """List answered, unclosed questions whose answer is older than a moment.

    By index.
    """
    return await work.all(
        sa.select(questions)
        .where(questions.c.status == Status.ANSWERED, questions.c.answered_at < before)
        .order_by(questions.c.answered_at)
        .limit(limit)
    )


async def count(work: Work, *, statuses: frozenset[Status], agency_id: int | None = None) -> int:
    query = sa.select(sa.func.count()).select_from(questions).where(questions.c.status.in_(sorted(statuses)))
    if agency_id is not None:
        query = query.where(questions.c.lead_agency_id == agency_id)
    return int(await work.value(query))


def is_overdue(now: datetime) -> sa.ColumnElement[bool]:
    """Return the condition that a question is overdue (contract, "The ledger's JSON")."""
    return sa.or_(
        sa.and_(questions.c.status == Status.RECEIVED, questions.c.assign_due_at < now),
        sa.and_(questions.c.status.in_(CLOCK_RUNS), questions.c.due_at < now),
    )


def past_first_due(now: datetime) -> sa.ColumnElement[bool]:
    """Condition: an open question is past the first limit that its asker was told.

    Who holds it now, and by when, doesn't matter. A question that was reopened has been answered once: the limit of
    its second round counts alone.
    """
    return sa.and_(
        questions.c.status.in_((Status.RECEIVED, *CLOCK_RUNS)),
        questions.c.first_due_at < now,
        questions.c.reopened_at.is_(None),
    )


def first_limit() -> sa.ColumnElement[Any]:
    """The limit to answer against which lateness is counted beside the one of now (`past_first_due`)."""
    told = sa.func.coalesce(questions.c.first_due_at, questions.c.due_at)
    return sa.case((questions.c.reopened_at.is_(None), told), else_=questions.c.due_at)


def contribution_awaited() -> sa.ColumnElement[bool]:
    """Return the condition that a coordinating agency has not contributed.

    Of assignments joined with questions. It is waited for while the lead works on the answer. By index, once the
    question is found.
    """
    given = (
        sa.select(sa.literal(1))
        .where(
            entries.c.question_id == assignments.c.question_id,
            entries.c.agency_id == assignments.c.agency_id,
            entries.c.kind == EntryKind.CONTRIBUTION,
            entries.c.at >= assignments.c.assigned_at,
        )
        .exists()
    )
    return sa.and_(
        questions.c.status.in_((Status.ASSIGNED, Status.ACCEPTED)),
        assignments.c.part == "coordinating",
        assignments.c.ended_at.is_(None),
        sa.not_(given),
    )


async def duplicates_of(work: Work, question_id: int) -> list[DuplicateRow]:
    return await work.all(_DUPLICATES, {"question_id": question_id})


async def duplicates_of_all(work: Work, question_ids: Iterable[int]) -> list[DuplicateRow]:
    """List what was merged into any of these questions."""
    return [
        row
        for some in in_pieces(sorted(question_ids))
        for row in await work.all(
            sa.select(questions).where(questions.c.duplicate_of_id.in_(some)).order_by(questions.c.id)
        )
    ]


async def share_secrecy(work: Work, question: QuestionRow) -> list[QuestionRow]:
    """Copy a question's secrecy to its duplicates, and return them.

    Who asked the same wrote the same.
    """
    unpublished = {"published_at": None} if question.secrecy in HIDDEN else {}
    result = await work.run(
        sa.update(questions)
        .where(questions.c.duplicate_of_id == question.id)
        .values(secrecy=question.secrecy, **unpublished)
        .returning(questions)
    )
    shared: list[QuestionRow] = [*result.all()]
    await published.forget(work, [row.id for row in shared if not published.stands(row)])
    for duplicate in shared:
        if published.stands(duplicate):
            await published.refresh(work, duplicate)
    return shared


async def move_duplicates(work: Work, from_id: int, to_id: int) -> None:
    """Move a question's duplicates to the one it is merged into.

    So that no chain grows.
    """
    await work.run(
        sa.update(questions).where(questions.c.duplicate_of_id == from_id).values(duplicate_of_id=to_id)
    )


# --- agencies on a question ------------------------------------------------------------------------------------


async def assign(work: Work, question_id: int, agency_id: int, part: str, agency_name: str) -> None:
    await work.insert(
        assignments,
        question_id=question_id,
        agency_id=agency_id,
        part=part,
        agency_name=agency_name,
        assigned_at=work.now,
    )


async def assigned(work: Work, question_id: int) -> list[AssignedRow]:
    """List the agencies at work on a question now, the lead first.

    `agency_id`, `part`, `agency_name`, `code`, `short_name`.
    """
    return await work.all(_ASSIGNED, {"question_id": question_id})


async def open_with(work: Work, agency_id: int) -> list[Row]:
    """List the open questions that an agency leads or coordinates, oldest first."""
    here = sa.select(assignments.c.question_id).where(
        assignments.c.agency_id == agency_id, assignments.c.ended_at.is_(None)
    )
    return await work.all(
        sa.select(questions)
        .where(questions.c.id.in_(here), questions.c.status.in_(sorted(WITH_AGENCY)))
        .order_by(questions.c.id)
    )


async def succeed(work: Work, question: QuestionRow, agency_id: int, heir: AgencyRow) -> None:
    """Put an heir in an agency's place on a question."""
    rows = await work.all(
        sa.select(assignments).where(
            assignments.c.question_id == question.id, assignments.c.ended_at.is_(None)
        )
    )
    there = [row for row in rows if row.agency_id == heir.id]
    for row in (one for one in rows if one.agency_id == agency_id):
        await _end_assignment(work, row.id)
        if there and row.part == "coordinating":
            continue  # it has the question already
        for one in there:  # as a coordinating agency, and leads now
            await _end_assignment(work, one.id)
        await work.insert(
            assignments,
            question_id=question.id,
            agency_id=heir.id,
            part=row.part,
            agency_name=heir.name,
            assigned_at=row.assigned_at,
            accepted_at=row.accepted_at,
        )
    if question.lead_agency_id == agency_id:
        await work.run(
            sa.update(questions).where(questions.c.id == question.id).values(lead_agency_id=heir.id)
        )


async def _end_assignment(work: Work, assignment_id: int) -> None:
    await work.run(sa.update(assignments).where(assignments.c.id == assignment_id).values(ended_at=work.now))


async def agencies_on(work: Work, question_ids: Sequence[int]) -> list[Row]:
    """List every agency at work on one of these: `question_id`, `agency_id`.

    As many as a statement takes.
    """
    return await work.all(
        sa.select(assignments.c.question_id, assignments.c.agency_id).where(
            assignments.c.question_id.in_(question_ids), assignments.c.ended_at.is_(None)
        )
    )


async def mark_accepted(work: Work, question: QuestionRow) -> None:
    """Its lead agency works on it."""
    await work.run(
        sa.update(assignments)
        .where(
            assignments.c.question_id == question.id,
            assignments.c.agency_id == question.lead_agency_id,
            assignments.c.ended_at.is_(None),
        )
        .values(accepted_at=work.now)
    )


async def end_assignments(work: Work, question_id: int) -> None:
    await work.run(
        sa.update(assignments)
        .where(assignments.c.question_id == question_id, assignments.c.ended_at.is_(None))
        .values(ended_at=work.now)
    )


async def open_clarification(work: Work, question_id: int) -> WordedClarificationRow | None:
    """Return the unanswered clarification of a question, with its `text`, or None."""
    return await work.one_or_none(
        sa.select(clarifications, entries.c.text)
        .join(entries, entries.c.id == clarifications.c.entry_id)
        .where(clarifications.c.question_id == question_id, clarifications.c.ended_at.is_(None))
    )


async def unanswered_clarifications(work: Work, limit: int) -> list[ClarificationRow]:
    """List clarifications without a reply in time, the oldest first.

    By index.
    """
    return await work.all(
        sa.select(clarifications)
        .join(questions, questions.c.id == clarifications.c.question_id)
        .where(
            clarifications.c.ended_at.is_(None),
            clarifications.c.reply_by < work.now,
            questions.c.status == Status.WAITING,
        )
        .order_by(clarifications.c.reply_by)
        .limit(limit)
    )


async def add_clarification(
    work: Work, question_id: int, entry_id: int, reply_by: datetime, reply_days: int
) -> None:
    await work.insert(
        clarifications,
        question_id=question_id,
        entry_id=entry_id,
        asked_at=work.now,
        reply_by=reply_by,
        reply_days=reply_days,
    )


async def end_clarification(work: Work, question_id: int) -> None:
    await work.run(
        sa.update(clarifications)
        .where(clarifications.c.question_id == question_id, clarifications.c.ended_at.is_(None))
        .values(ended_at=work.now)
    )


async def rate(work: Work, question_id: int, person_id: int, stars: int, entry_id: int | None) -> None:
    """Record a rating; a second one by the same person replaces the first."""
    values = {"stars": stars, "entry_id": entry_id, "at": work.now}
    insert = work.upsert(ratings).values(question_id=question_id, person_id=person_id, **values)
    await work.run(insert.on_conflict_do_update(index_elements=["question_id", "person_id"], set_=values))


async def rating(work: Work, question_id: int, person_id: int) -> RatingRow | None:
    return await work.one_or_none(
        sa.select(ratings).where(ratings.c.question_id == question_id, ratings.c.person_id == person_id)
    )
