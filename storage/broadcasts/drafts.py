"""Named queries on broadcasts being composed, one per person."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from storage.engine.database import Work
from storage.tables import broadcast_drafts


async def of_person(work: Work, person_id: int) -> dict[str, Any] | None:
    row = await work.one_or_none(sa.select(broadcast_drafts).where(broadcast_drafts.c.person_id == person_id))
    return None if row is None else dict(row.data)


async def put(work: Work, person_id: int, data: dict[str, Any]) -> None:
    values = {"data": data, "updated_at": work.now}
    insert = work.upsert(broadcast_drafts).values(person_id=person_id, **values)
    await work.run(insert.on_conflict_do_update(index_elements=["person_id"], set_=values))


async def drop(work: Work, person_id: int) -> None:
    await work.run(sa.delete(broadcast_drafts).where(broadcast_drafts.c.person_id == person_id))


async def forget(work: Work, before: datetime, limit: int) -> int:
    """Drop some drafts that nobody has touched since a moment; return how many."""
    some = sa.select(broadcast_drafts.c.person_id).where(broadcast_drafts.c.updated_at < before).limit(limit)
    result = await work.run(sa.delete(broadcast_drafts).where(broadcast_drafts.c.person_id.in_(some)))
    return result.rowcount
