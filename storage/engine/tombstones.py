"""Named queries on who was erased: a restored backup must not bring them back."""

from collections.abc import Iterable

import sqlalchemy as sa

from domain.privacy.tombstones import Tombstone
from storage.engine.database import Work
from storage.tables import erasures


async def bury(work: Work, stones: Iterable[Tombstone]) -> None:
    """Remember who was erased; repeating it changes nothing."""
    for stone in stones:
        insert = work.upsert(erasures).values(**stone._asdict())
        await work.run(insert.on_conflict_do_nothing())


async def tombstones(work: Work) -> list[Tombstone]:
    """List who was erased, in the order in which it happened."""
    query = sa.select(erasures).order_by(erasures.c.erased_at, erasures.c.person_id)
    return [Tombstone(row.person_id, row.created_at, row.erased_at) for row in await work.all(query)]
