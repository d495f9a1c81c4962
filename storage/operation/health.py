"""Named queries on the state of the queues and the database.

Each by an index of just what it counts.
"""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from storage.delivery.outbox import Lane, OutboxState
from storage.engine.database import Work
from storage.questions.questions import is_overdue
from storage.tables import deliveries, inbox, outbox, questions


@dataclass(frozen=True)
class Queue:
    """A queue's length, and since when its oldest waits (aware, UTC)."""

    count: int
    oldest: datetime | None


async def is_sound(work: Work) -> bool:
    """Return whether the database finds no fault in itself.

    PostgreSQL checks its pages when it reads them.
    """
    if work.dialect != "sqlite":
        return True
    return bool(await work.value(sa.text("PRAGMA quick_check(1)")) == "ok")


async def waiting_updates(work: Work) -> Queue:
    return await _queue(
        work,
        sa.select(sa.func.count(), sa.func.min(inbox.c.received_at)).where(sa.text("state = 'waiting'")),
    )


async def waiting_messages(work: Work, before: datetime | None = None) -> Queue:
    """Count messages that could be sent now; perhaps only those before a moment."""
    # The moment is no condition of the search: there is an index of all messages by it, and only few are queued.
    counted = sa.true() if before is None else outbox.c.queued_at < before
    waiting = await _queue(
        work,
        sa.select(sa.func.count().filter(counted), sa.func.min(outbox.c.queued_at)).where(
            sa.text("outbox.state = 'queued'"), outbox.c.not_before <= work.now
        ),
    )
    return waiting if waiting.count else Queue(0, None)


async def waiting_by_lane(work: Work) -> dict[Lane, Queue]:
    """Count the same by lane, replies and notices."""
    rows = await work.all(
        sa.select(outbox.c.lane, sa.func.count(), sa.func.min(outbox.c.queued_at))
        .where(sa.text("outbox.state = 'queued'"), outbox.c.not_before <= work.now)
        .group_by(outbox.c.lane)
    )
    found = {Lane(lane): Queue(count, oldest) for lane, count, oldest in rows}
    return {lane: found.get(lane, Queue(0, None)) for lane in (Lane.REPLY, Lane.NOTICE)}


async def pending_deliveries(work: Work) -> int:
    """Count recipients of running or paused broadcasts who have not had theirs."""
    return int(
        await work.value(
            sa.select(sa.func.count()).select_from(deliveries).where(sa.text("state = 'pending'"))
        )
    )


async def parked_updates(work: Work, since: datetime) -> int:
    return int(
        await work.value(
            sa.select(sa.func.count())
            .select_from(inbox)
            .where(sa.text("state = 'parked'"), inbox.c.received_at >= since)
        )
    )


async def failed_messages(work: Work, since: datetime) -> int:
    return int(
        await work.value(
            sa.select(sa.func.count())
            .select_from(outbox)
            .where(outbox.c.queued_at >= since, outbox.c.state == OutboxState.FAILED)
        )
    )


async def overdue_questions(work: Work) -> int:
    return int(
        await work.value(sa.select(sa.func.count()).select_from(questions).where(is_overdue(work.now)))
    )


async def _queue(work: Work, statement: sa.Select[tuple[int, datetime | None]]) -> Queue:
    ((count, oldest),) = await work.all(statement)
    return Queue(int(count), oldest)
