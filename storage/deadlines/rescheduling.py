"""Open deadlines in the order in which they end, for a changed calendar.

Read in pieces. Each reader gives what ends at `first` or later (UTC) and is counted from before the date `last`, by
index. Where the date a deadline is counted from was not kept, `since` is null. With `lock` nobody else changes them
until this transaction ends.
"""

from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from datetime import date, datetime
from typing import Protocol

import sqlalchemy as sa

from domain.questions.life import Status
from storage.engine.database import Work, in_pieces
from storage.tables import Row, clarifications, questions


class LimitRow(Protocol):
    """A deadline about a question."""

    question_id: int
    year: int
    number: int
    asker_id: int
    secrecy: str
    due: datetime
    days: int | None


class RunningRow(LimitRow, Protocol):
    """A deadline with what it is counted from; null where that was not kept."""

    since: date | None


class StoppedRow(LimitRow, Protocol):
    """A time to reply, with the question's clock that stands still meanwhile."""

    clarification_id: int
    asked_at: datetime
    due_since: date | None
    due_days: int | None
    remaining_days: int | None


CHUNK = 1000

_QUESTION = (
    questions.c.id.label("question_id"),
    questions.c.year,
    questions.c.number,
    questions.c.asker_id,
    questions.c.secrecy,
)


async def of_answers(
    work: Work, first: datetime, last: date, *, lock: bool = False
) -> AsyncIterator[RunningRow]:
    """Read running times to answer: `due`, `since`, `days`.

    Also of questions that wait for the asker and were overdue already: their clock runs.
    """
    for status in (Status.ASSIGNED, Status.ACCEPTED, Status.WAITING, Status.IN_APPROVAL):
        query = sa.select(
            *_QUESTION,
            questions.c.due_at.label("due"),
            questions.c.due_since.label("since"),
            questions.c.due_days.label("days"),
        ).where(questions.c.status == status, _from_before(questions.c.due_since, last))
        if status is Status.WAITING:
            query = query.where(questions.c.remaining_days.is_(None))
        async for row in _in_pieces(work, query, questions.c.due_at, questions.c.id, first, lock=lock):
            yield row


async def of_assignments(
    work: Work, first: datetime, last: date, *, lock: bool = False
) -> AsyncIterator[RunningRow]:
    """Read times to hand a question to an agency: `due`, `since`, `days`."""
    query = sa.select(
        *_QUESTION,
        questions.c.assign_due_at.label("due"),
        questions.c.assign_since.label("since"),
        questions.c.assign_days.label("days"),
    ).where(questions.c.status == Status.RECEIVED, _from_before(questions.c.assign_since, last))
    async for row in _in_pieces(work, query, questions.c.assign_due_at, questions.c.id, first, lock=lock):
        yield row


async def of_replies(work: Work, first: datetime, *, lock: bool = False) -> AsyncIterator[StoppedRow]:
    """Read times for the asker to reply, with the question's stopped clock.

    `clarification_id`, `due`, `asked_at`, `days`; `due_since`, `due_days`, `remaining_days`. The clock's days lie
    before `asked_at`, so no date bounds where it was counted from.
    """
    query = (
        sa.select(
            *_QUESTION,
            clarifications.c.id.label("clarification_id"),
            clarifications.c.reply_by.label("due"),
            clarifications.c.asked_at,
            clarifications.c.reply_days.label("days"),
            questions.c.due_since,
            questions.c.due_days,
            questions.c.remaining_days,
        )
        .join(questions, questions.c.id == clarifications.c.question_id)
        .where(clarifications.c.ended_at.is_(None))
    )
    by = clarifications.c.reply_by
    async for row in _in_pieces(work, query, by, clarifications.c.id, first, lock=lock):
        yield row


def _from_before(since: sa.Column[date], last: date) -> sa.ColumnElement[bool]:
    return sa.or_(since.is_(None), since < last)


async def _in_pieces(
    work: Work, query: sa.Select[tuple[object, ...]], due: sa.Column[datetime], key: sa.Column[int],
    first: datetime, *, lock: bool,
) -> AsyncIterator[Row]:  # fmt: skip
    """Read rows by due time, then key; each piece begins after the last row before."""
    query = query.add_columns(key.label("key")).order_by(due, key).limit(CHUNK)
    if lock:
        query = query.with_for_update()
    piece = await work.all(query.where(due >= first))
    while piece:
        for row in piece:
            yield row
        if len(piece) < CHUNK:
            return
        end = piece[-1]
        piece = await work.all(query.where(due >= end.due, sa.or_(due > end.due, key > end.key)))


async def move_answers(work: Work, dues: Sequence[tuple[int, datetime]]) -> None:
    """Set new times to answer: (question id, due)."""
    await _move(work, questions, questions.c.due_at, dues)


async def move_assignments(work: Work, dues: Sequence[tuple[int, datetime]]) -> None:
    """Set new times to assign: (question id, due)."""
    await _move(work, questions, questions.c.assign_due_at, dues)


async def move_replies(work: Work, dues: Sequence[tuple[int, datetime]]) -> None:
    """Set new times to reply: (clarification id, due)."""
    await _move(work, clarifications, clarifications.c.reply_by, dues)


async def recount(work: Work, left: Sequence[tuple[int, int]]) -> None:
    """Set the days left of stopped clocks: (question id, working days)."""
    statement = (
        sa.update(questions)
        .where(questions.c.id == sa.bindparam("of"))
        .values(remaining_days=sa.bindparam("left"))
    )
    await work.run_many(statement, [{"of": question, "left": days} for question, days in left])


async def _move(
    work: Work, table: sa.Table, column: sa.Column[datetime], dues: Sequence[tuple[int, datetime]]
) -> None:
    """Set due times with one statement for all that end at the same moment."""
    ending: defaultdict[datetime, list[int]] = defaultdict(list)
    for row, due in dues:
        ending[due].append(row)
    for due, rows in ending.items():
        for piece in in_pieces(rows):
            await work.run(sa.update(table).where(table.c.id.in_(piece)).values({column: due}))
