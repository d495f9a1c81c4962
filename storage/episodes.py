"""Named queries on episodes."""

import sqlalchemy as sa

from storage.database import Work
from storage.tables import Row, episodes


async def by_id(work: Work, episode_id: int) -> Row | None:
    return await work.one_or_none(sa.select(episodes).where(episodes.c.id == episode_id))


async def by_number(work: Work, year: int, number: int) -> Row | None:
    return await work.one_or_none(
        sa.select(episodes).where(episodes.c.year == year, episodes.c.number == number)
    )
