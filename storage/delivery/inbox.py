"""The inbox: every update is here, durably, before the messenger hears that we have it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa

from storage.engine.database import Work
from storage.tables import Row, inbox

MAX_TRIES = 3


class InboxState(StrEnum):
    """Where an update stands."""

    WAITING = "waiting"
    DONE = "done"
    PARKED = "parked"  # failed MAX_TRIES times: reported, and stops nobody else


@dataclass(frozen=True)
class Received:
    """One raw update; `chat` is whose turn it takes."""

    update_id: int
    chat: str
    payload: str


async def put(work: Work, updates: Sequence[Received]) -> None:
    """Keep a batch; what was received before is ignored."""
    await work.run_many(
        _PUT,
        [
            {
                "update_id": update.update_id,
                "chat": update.chat,
                "payload": update.payload,
                "received_at": work.now,
                "state": InboxState.WAITING,
            }
            for update in updates
        ],
    )


# As text, for SQLAlchemy compiles an ON CONFLICT anew each time.
_PUT = sa.text(
    """INSERT INTO inbox (update_id, chat, payload, received_at, state)
    VALUES (:update_id, :chat, :payload, :received_at, :state) ON CONFLICT (update_id) DO NOTHING"""
).bindparams(sa.bindparam("received_at", type_=inbox.c.received_at.type))


async def waiting(work: Work, limit: int) -> list[Row]:
    """The oldest updates nobody has handled."""
    return await work.all(
        sa.select(inbox).where(sa.text("state = 'waiting'")).order_by(inbox.c.update_id).limit(limit)
    )


async def done(work: Work, update_ids: Sequence[int]) -> None:
    if update_ids:
        await work.run(
            sa.update(inbox)
            .where(inbox.c.update_id.in_(update_ids), inbox.c.state == InboxState.WAITING)
            .values(state=InboxState.DONE)
        )


async def failed(work: Work, row: Row) -> InboxState:
    """Count a failed try; park the update when it was the last."""
    state = InboxState.PARKED if row.tries + 1 >= MAX_TRIES else InboxState.WAITING
    await work.run(
        sa.update(inbox).where(inbox.c.update_id == row.update_id).values(tries=row.tries + 1, state=state)
    )
    return state


async def park(work: Work, row: Row) -> None:
    """Set aside at once what can't even be read."""
    await work.run(sa.update(inbox).where(inbox.c.update_id == row.update_id).values(state=InboxState.PARKED))


async def blank(work: Work, update_id: int) -> None:
    """Take the words, and who said them, out of an update that is being handled; the row stays."""
    await work.run(sa.update(inbox).where(inbox.c.update_id == update_id).values(payload="{}", chat=""))


async def blank_done(work: Work, chat: str) -> None:
    """Take the words out of all that a chat sent and that was handled; what failed can be tried again."""
    await work.run(
        sa.update(inbox).where(inbox.c.chat == chat, inbox.c.state == InboxState.DONE).values(payload="{}")
    )


async def forget(work: Work, before: datetime, limit: int) -> int:
    """Delete some updates that were handled, or parked, and received before a moment; by index."""
    some = (
        sa.select(inbox.c.update_id)
        .where(inbox.c.state != InboxState.WAITING, inbox.c.received_at < before)
        .order_by(inbox.c.received_at)
        .limit(limit)
    )
    return (await work.run(sa.delete(inbox).where(inbox.c.update_id.in_(some)))).rowcount
