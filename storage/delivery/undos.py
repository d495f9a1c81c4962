"""What somebody may still undo, and the messages that wait until they no longer can."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from storage.delivery.outbox import AT_ONCE, OutboxState
from storage.engine.database import Work
from storage.rows import UndoRow
from storage.tables import outbox, undos

_LEFT = (OutboxState.SENDING, OutboxState.SENT, OutboxState.FORGOTTEN)


async def begin(
    work: Work, *, person_id: int, what: str, question_id: int | None, until: datetime, before: dict[str, Any]
) -> int:
    """Note what somebody is about to do and what was before; return its id.

    Notes whose time is over go, but for the last: no id comes twice, for messages keep it.
    """
    newest = sa.select(sa.func.max(undos.c.id)).scalar_subquery()
    await work.run(sa.delete(undos).where(undos.c.until < work.now, undos.c.id < newest))
    return await work.insert(
        undos, person_id=person_id, what=what, question_id=question_id, before=before, until=until
    )


async def done(work: Work, undo_id: int, last_event: int | None, before: dict[str, Any]) -> None:
    """Note that it is done, with the last event of its question's history."""
    await work.run(sa.update(undos).where(undos.c.id == undo_id).values(last_event=last_event, before=before))


async def by_id(work: Work, undo_id: int) -> UndoRow | None:
    """Return one note, locked until this transaction ends."""
    return await work.one_or_none(sa.select(undos).where(undos.c.id == undo_id).with_for_update())


async def take(work: Work, undo_id: int) -> bool:
    """Drop every message that waits.

    False where it was undone before, or one has left.
    """
    left = sa.select(outbox.c.id).where(outbox.c.undo_id == undo_id, outbox.c.state.in_(_LEFT)).limit(1)
    if await work.value(left) is not None:
        return False
    marked = await work.run(
        sa.update(undos).where(undos.c.id == undo_id, undos.c.undone_at.is_(None)).values(undone_at=work.now)
    )
    if marked.rowcount != 1:
        return False
    waits = sa.and_(outbox.c.undo_id == undo_id, outbox.c.state.in_([OutboxState.QUEUED, OutboxState.HELD]))
    await work.run(sa.update(outbox).where(waits).values(state=OutboxState.DROPPED))
    return True


async def overtaken(work: Work, question_id: int) -> None:
    """Send what waits for undos of a question to which something else happens.

    They can't be undone any more, and later news must not come first.
    """
    of_it = sa.select(undos.c.id).where(undos.c.question_id == question_id, undos.c.until > work.now)
    if work.held is not None:
        of_it = of_it.where(undos.c.id != work.held.undo_id)
    await work.run(
        sa.update(outbox)
        .where(
            outbox.c.undo_id.in_(of_it),
            outbox.c.state.in_([OutboxState.QUEUED, OutboxState.HELD]),
            outbox.c.not_before > work.now,
        )
        .values(not_before=AT_ONCE)
    )
