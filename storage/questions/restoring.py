"""Notes how a question stands, without words, and makes it stand so again."""

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from domain.questions.history import EntryKind
from storage.engine.database import Work
from storage.questions import published
from storage.questions import questions as stored
from storage.rows import QuestionRow
from storage.tables import (
    UtcDateTime,
    approvals,
    assignments,
    clarifications,
    drafts,
    entries,
    extensions,
    promises,
    questions,
)

# What an act never changes, or what is the asker's.
_STAYS = {"id", "year", "number", "channel", "asker_id", "organisation", "received_at"}
_COLUMNS = [column for column in questions.c if column.name not in _STAYS]


async def snapshot(work: Work, question: QuestionRow) -> dict[str, Any]:
    """Note how a question stands, as plain JSON.

    Its row, and the ids of what is open about it.
    """
    id_ = question.id
    waiting = await _ids(work, sa.select(drafts.c.id).where(_of(drafts, id_), drafts.c.outcome.is_(None)))
    return {
        "question": {one.name: _plain(getattr(question, one.name)) for one in _COLUMNS},
        "assignments": await _ids(
            work, sa.select(assignments.c.id).where(_of(assignments, id_), assignments.c.ended_at.is_(None))
        ),
        "drafts": waiting,
        "approvals": await _ids(work, sa.select(approvals.c.id).where(approvals.c.draft_id.in_(waiting))),
        "clarifications": await _ids(
            work,
            sa.select(clarifications.c.id).where(
                _of(clarifications, id_), clarifications.c.ended_at.is_(None)
            ),
        ),
        "extensions": await _ids(
            work, sa.select(extensions.c.id).where(_of(extensions, id_), extensions.c.outcome.is_(None))
        ),
        "promises": await _ids(work, sa.select(promises.c.id).where(_of(promises, id_))),
        "duplicates": await _ids(work, sa.select(questions.c.id).where(questions.c.duplicate_of_id == id_)),
        "last_draft": await work.value(sa.select(sa.func.max(drafts.c.id)).where(_of(drafts, id_))) or 0,
        "last_entry": await work.value(sa.select(sa.func.max(entries.c.id)).where(_of(entries, id_))) or 0,
    }


async def restore(work: Work, question: QuestionRow, before: dict[str, Any]) -> QuestionRow | None:
    """Make a question stand as it was noted.

    None where its status changed since it was read. Words that came with what is undone stay for the history, which
    refers to them, and are shown nowhere else.
    """
    id_ = question.id
    values = {one.name: _value(one, before["question"][one.name]) for one in _COLUMNS}
    restored = await stored.move(work, question, **values)
    if restored is None:
        return None
    at_work = sa.and_(_of(assignments, id_), assignments.c.ended_at.is_(None))
    await work.run(sa.delete(assignments).where(at_work, assignments.c.id.not_in(before["assignments"])))
    await work.run(_these(assignments, before["assignments"]).values(ended_at=None))
    await work.run(_these(drafts, before["drafts"]).values(outcome=None))
    if "last_draft" in before:  # a note of an earlier version has none
        added = sa.and_(_of(drafts, id_), drafts.c.id > before["last_draft"])
        await work.run(sa.update(drafts).where(added).values(outcome="undone"))
    await work.run(
        sa.delete(approvals).where(
            approvals.c.draft_id.in_(before["drafts"]), approvals.c.id.not_in(before["approvals"])
        )
    )
    await work.run(_these(clarifications, before["clarifications"]).values(ended_at=None))
    await work.run(
        _these(extensions, before["extensions"]).values(outcome=None, decided_by=None, decided_at=None)
    )
    await work.run(sa.delete(promises).where(_of(promises, id_), promises.c.id.not_in(before["promises"])))
    await work.run(_these(questions, before["duplicates"]).values(duplicate_of_id=id_))
    await work.run(
        sa.update(entries)
        .where(_of(entries, id_), entries.c.id > before["last_entry"])
        .values(kind=EntryKind.UNDONE)
    )
    if restored.published_at is not None:
        await published.refresh(work, restored)  # its public words may be the earlier ones again
    return restored


def _of(table: sa.Table, question_id: int) -> sa.ColumnElement[bool]:
    return table.c.question_id == question_id


def _these(table: sa.Table, ids: list[int]) -> sa.Update:
    return sa.update(table).where(table.c.id.in_(ids))


async def _ids(work: Work, query: sa.Select[Any]) -> list[int]:
    return [int(row.id) for row in await work.all(query)]


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _value(column: sa.Column[Any], plain: Any) -> Any:
    if plain is None:
        return None
    if isinstance(column.type, UtcDateTime):
        return datetime.fromisoformat(plain)
    return date.fromisoformat(plain) if isinstance(column.type, sa.Date) else plain
