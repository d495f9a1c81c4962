"""Named queries on who subscribes to what, and how they want to hear."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from domain.broadcasts.broadcasts import IN_DIGESTS, BroadcastStatus, DeliveryState
from storage.engine.database import Work
from storage.rows import SubscriberRow
from storage.tables import broadcasts, deliveries, subscribers, subscriptions


async def topics_of(work: Work, person_id: int) -> dict[str, datetime]:
    """Return somebody's topics, and since when."""
    rows = await work.all(
        sa.select(subscriptions.c.topic, subscriptions.c.since)
        .where(subscriptions.c.person_id == person_id)
        .order_by(subscriptions.c.since, subscriptions.c.topic)
    )
    return {row.topic: row.since for row in rows}


async def add(work: Work, person_id: int, topic: str) -> bool:
    """Subscribe somebody to a topic.

    False when they are already.
    """
    insert = work.upsert(subscriptions).values(person_id=person_id, topic=topic, since=work.now)
    result = await work.run(
        insert.on_conflict_do_nothing(index_elements=["person_id", "topic"]).returning(subscriptions.c.topic)
    )
    return result.first() is not None


async def remove(work: Work, person_id: int, topics: Sequence[str]) -> list[str]:
    """End some of somebody's subscriptions; return those that there were."""
    result = await work.run(
        sa.delete(subscriptions)
        .where(subscriptions.c.person_id == person_id, subscriptions.c.topic.in_(topics))
        .returning(subscriptions.c.topic)
    )
    return sorted(row.topic for row in result)


async def manner(work: Work, person_id: int) -> SubscriberRow | None:
    """Return how somebody wants to hear: `daily`, `digested_until`; None: at once."""
    return await work.one_or_none(sa.select(subscribers).where(subscribers.c.person_id == person_id))


async def set_daily(work: Work, person_id: int, daily: bool, digested_until: datetime) -> None:
    values = {"daily": daily, "digested_until": digested_until}
    insert = work.upsert(subscribers).values(person_id=person_id, **values)
    await work.run(insert.on_conflict_do_update(index_elements=["person_id"], set_=values))


async def waiting_since(
    work: Work, person_id: int, topics: Sequence[str], statuses: Sequence[BroadcastStatus]
) -> datetime | None:
    """Return when the oldest broadcast was queued that has not reached somebody.

    Of topics that are told at once, in these statuses.
    """
    reached = (
        sa.select(sa.literal(1))
        .where(
            deliveries.c.broadcast_id == broadcasts.c.id,
            deliveries.c.person_id == person_id,
            deliveries.c.state != DeliveryState.PENDING,
        )
        .exists()
    )
    found: datetime | None = await work.value(
        sa.select(sa.func.min(broadcasts.c.created_at)).where(
            broadcasts.c.status.in_(statuses),
            broadcasts.c.kind.in_(IN_DIGESTS),
            broadcasts.c.audience.in_(topics),
            sa.not_(reached),
        )
    )
    return found
