"""The inbox: every update is stored durably before it is confirmed to the messenger."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa

from storage.engine.database import Work
from storage.rows import InboxRow
from storage.tables import inbox

MAX_TRIES = 3


class InboxState(StrEnum):
    """The state of an update."""

    WAITING = "waiting"
    DONE = "done"
    PARKED = "parked"  # failed MAX_TRIES times: reported, and no longer blocks its chat


@dataclass(frozen=True)
class Received:
    """One raw update with its channel's ids.

    `chat` orders it among that chat's updates, `place` among all.
    """

    channel: str
    event: str
    place: int
    chat: str
    payload: str


async def put(work: Work, updates: Sequence[Received]) -> None:
    """Store a batch; ignore what was received before."""
    await work.run_many(
        _PUT,
        [
            {
                "channel": update.channel,
                "event": update.event,
                "place": update.place,
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
    """INSERT INTO inbox (channel, event, place, chat, payload, received_at, state)
    VALUES (:channel, :event, :place, :chat, :payload, :received_at, :state)
    ON CONFLICT (channel, event) DO NOTHING"""
).bindparams(sa.bindparam("received_at", type_=inbox.c.received_at.type))


async def waiting(work: Work, limit: int) -> list[InboxRow]:
    """List the oldest updates that nobody has handled."""
    return await work.all(
        sa.select(inbox).where(sa.text("state = 'waiting'")).order_by(inbox.c.place).limit(limit)
    )


async def done(work: Work, rows: Sequence[InboxRow]) -> None:
    """Record that updates were handled."""
    events: dict[str, list[str]] = {}
    for row in rows:
        events.setdefault(row.channel, []).append(row.event)
    for channel, some in events.items():
        await work.run(
            sa.update(inbox)
            .where(
                inbox.c.channel == channel,
                inbox.c.event.in_(some),
                inbox.c.state == InboxState.WAITING,
            )
            .values(state=InboxState.DONE)
        )


def _is(channel: str, event: str) -> sa.ColumnElement[bool]:
    return sa.and_(inbox.c.channel == channel, inbox.c.event == event)


async def failed(work: Work, row: InboxRow) -> InboxState:
    """Count a failed try; park the update when it was the last."""
    state = InboxState.PARKED if row.tries + 1 >= MAX_TRIES else InboxState.WAITING
    await work.run(
        sa.update(inbox).where(_is(row.channel, row.event)).values(tries=row.tries + 1, state=state)
    )
    return state


async def park(work: Work, row: InboxRow) -> None:
    """Set an unreadable update aside at once."""
    await work.run(sa.update(inbox).where(_is(row.channel, row.event)).values(state=InboxState.PARKED))


async def parked(work: Work) -> list[InboxRow]:
    """List what could not be read or handled, the oldest first; by index."""
    return await work.all(
        sa.select(inbox).where(sa.text("state = 'parked'")).order_by(inbox.c.received_at, inbox.c.place)
    )


async def retry(work: Work) -> int:
    """Queue once more what could not be read or handled; returns how many."""
    again = sa.update(inbox).where(sa.text("state = 'parked'")).values(state=InboxState.WAITING, tries=0)
    return (await work.run(again)).rowcount


async def blank(work: Work, channel: str, event: str) -> None:
    """Blank the words, and the sender, of an update that is being handled.

    The row stays.
    """
    await work.run(sa.update(inbox).where(_is(channel, event)).values(payload="{}", chat=""))


async def blank_done(work: Work, channel: str, chat: str) -> None:
    """Blank the words of all handled updates of a chat.

    What failed can be tried again.
    """
    here = (inbox.c.channel == channel, inbox.c.chat == chat, inbox.c.state == InboxState.DONE)
    await work.run(sa.update(inbox).where(*here).values(payload="{}"))


async def forget(work: Work, before: datetime, limit: int) -> int:
    """Delete some handled or parked updates older than a moment; return how many.

    By index.
    """
    key = sa.tuple_(inbox.c.channel, inbox.c.event)
    some = (
        sa.select(inbox.c.channel, inbox.c.event)
        .where(inbox.c.state != InboxState.WAITING, inbox.c.received_at < before)
        .order_by(inbox.c.received_at)
        .limit(limit)
    )
    return (await work.run(sa.delete(inbox).where(key.in_(some)))).rowcount
