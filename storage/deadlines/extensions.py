"""Named queries on requests for more days to answer, and decisions on them."""

from datetime import datetime
from typing import Protocol

import sqlalchemy as sa

from storage.engine.database import Work
from storage.rows import ExtensionRow
from storage.tables import entries, extensions


class ReasonedExtensionRow(ExtensionRow, Protocol):
    """With the reason; null once erased."""

    reason: str | None


async def add(work: Work, *, question_id: int, entry_id: int, days: int, asked_by: int) -> int:
    return await work.insert(
        extensions,
        question_id=question_id,
        entry_id=entry_id,
        days=days,
        asked_by=asked_by,
        asked_at=work.now,
    )


async def undecided(work: Work, question_id: int) -> ReasonedExtensionRow | None:
    """Return the request that waits for an editor, with the `reason`, or None."""
    return await work.one_or_none(
        sa.select(extensions, entries.c.text.label("reason"))
        .join(entries, entries.c.id == extensions.c.entry_id)
        .where(extensions.c.question_id == question_id, extensions.c.outcome.is_(None))
    )


async def granted_days(work: Work, question_id: int, since: datetime) -> int:
    """Sum the days granted for requests since a moment."""
    query = sa.select(sa.func.coalesce(sa.func.sum(extensions.c.days), 0)).where(
        extensions.c.question_id == question_id,
        extensions.c.outcome == "granted",
        extensions.c.asked_at >= since,
    )
    return int(await work.value(query))


async def decide(work: Work, extension_id: int, outcome: str, by: int | None) -> bool:
    """Settle a request.

    False when somebody else did first.
    """
    result = await work.run(
        sa.update(extensions)
        .where(extensions.c.id == extension_id, extensions.c.outcome.is_(None))
        .values(outcome=outcome, decided_by=by, decided_at=work.now)
    )
    return result.rowcount == 1


async def drop(work: Work, question_id: int) -> None:
    """End a question's open request: what it was about is over."""
    await work.run(
        sa.update(extensions)
        .where(extensions.c.question_id == question_id, extensions.c.outcome.is_(None))
        .values(outcome="dropped", decided_at=work.now)
    )
