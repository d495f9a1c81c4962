"""Named queries on sources: how many came by which word behind the bot's link.

Counts, nobody's name.
"""

from datetime import date

import sqlalchemy as sa

from storage.engine.database import Work
from storage.tables import sources

OTHERS = ""  # all words for which there was no room, or that are not to be shown


async def add(work: Work, day: date, word: str) -> bool:
    """Count one more start of a word on a day.

    Returns whether it has a row.
    """
    result = await work.run(
        sa.update(sources)
        .where(sources.c.day == day, sources.c.word == word)
        .values(starts=sources.c.starts + 1)
    )
    return bool(result.rowcount)


async def begin(work: Work, day: date, word: str) -> None:
    """Count the first start of a word on a day.

    Another process may have been quicker.
    """
    insert = work.upsert(sources).values(day=day, word=word, starts=1)
    await work.run(
        insert.on_conflict_do_update(index_elements=["day", "word"], set_={"starts": sources.c.starts + 1})
    )


async def words_of(work: Work, day: date) -> int:
    """Return how many words have a row on a day."""
    query = sa.select(sa.func.count()).select_from(sources).where(sources.c.day == day)
    return int(await work.value(query) or 0)


async def was_seen(work: Work, word: str, since: date, *, starts: int) -> bool:
    """Return whether a word brought so many on one day since."""
    query = (
        sa.select(sa.literal(1))
        .where(sources.c.word == word, sources.c.day >= since, sources.c.starts >= starts)
        .limit(1)
    )
    return await work.value(query) is not None


async def between(work: Work, first: date, end: date) -> dict[str, int]:
    """Return how many came by each word, from a day up to another."""
    rows = await work.all(
        sa.select(sources.c.word, sa.func.sum(sources.c.starts).label("starts"))
        .where(sources.c.day >= first, sources.c.day < end)
        .group_by(sources.c.word)
    )
    return {row.word: int(row.starts) for row in rows}


async def forget(work: Work, before: date) -> int:
    """Delete the rows of past days; return how many."""
    return int((await work.run(sa.delete(sources).where(sources.c.day < before))).rowcount)
