"""Named queries on promises that answers make."""

from datetime import datetime
from typing import Protocol

import sqlalchemy as sa

from storage.engine.database import Work
from storage.rows import PromiseRow
from storage.tables import entries, promises


class WordedPromiseRow(PromiseRow, Protocol):
    """With its words; null once erased."""

    text: str | None


async def add(work: Work, *, question_id: int, entry_id: int, agency_id: int, due_at: datetime) -> int:
    return await work.insert(
        promises,
        question_id=question_id,
        entry_id=entry_id,
        agency_id=agency_id,
        due_at=due_at,
        made_at=work.now,
    )


async def of_question(work: Work, question_id: int) -> list[WordedPromiseRow]:
    """List a question's promises with their `text`, the earliest date first."""
    return await work.all(
        sa.select(promises, entries.c.text)
        .join(entries, entries.c.id == promises.c.entry_id)
        .where(promises.c.question_id == question_id)
        .order_by(promises.c.due_at, promises.c.id)
    )


async def keep(work: Work, promise_id: int) -> bool:
    """Record that a promise was kept.

    False when somebody did so first.
    """
    result = await work.run(
        sa.update(promises)
        .where(promises.c.id == promise_id, promises.c.kept_at.is_(None))
        .values(kept_at=work.now)
    )
    return result.rowcount == 1


async def move(work: Work, promise_id: int, due_at: datetime) -> bool:
    """Change the date of a promise that is not kept yet.

    False where it is.
    """
    result = await work.run(
        sa.update(promises)
        .where(promises.c.id == promise_id, promises.c.kept_at.is_(None))
        .values(due_at=due_at)
    )
    return result.rowcount == 1
