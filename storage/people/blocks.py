"""Named queries on blocked senders.

`people.blocked_until` says the same of one person, so that no message costs a query more.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Protocol

import sqlalchemy as sa

from domain.questions.life import Secrecy
from storage.engine.database import Work
from storage.people import people
from storage.rows import BlockRow
from storage.tables import blocks, questions
from storage.tables import people as people_table


class ListedBlockRow(BlockRow, Protocol):
    """With who is blocked, by whom, and the question that an editor had before them."""

    full_name: str | None
    display_name: str
    by_full_name: str | None
    by_display_name: str | None
    year: int | None
    number: int | None


async def add(
    work: Work,
    person_id: int,
    until: datetime,
    *,
    question_id: int | None,
    by_id: int | None,
    reason: str | None,
    begun_at: datetime | None = None,
) -> int:
    """Block somebody until a moment; return the block's id."""
    await people.update(work, person_id, blocked_until=until)
    return await work.insert(
        blocks,
        person_id=person_id,
        question_id=question_id,
        begun_at=begun_at or work.now,
        until=until,
        by_id=by_id,
        reason=reason,
    )


async def by_id(work: Work, block_id: int) -> BlockRow | None:
    return await work.one_or_none(sa.select(blocks).where(blocks.c.id == block_id))


def _stands(work: Work) -> sa.ColumnElement[bool]:
    return sa.and_(blocks.c.ended_at.is_(None), blocks.c.until > work.now)


async def of_person(work: Work, person_id: int) -> BlockRow | None:
    """Return the block that stands against somebody, or None."""
    return await work.one_or_none(
        sa.select(blocks)
        .where(blocks.c.person_id == person_id, _stands(work))
        .order_by(blocks.c.id.desc())
        .limit(1)
    )


async def end(work: Work, block: BlockRow, by_id: int | None) -> bool:
    """End a block before its time; return whether it stood."""
    result = await work.run(
        sa.update(blocks)
        .where(blocks.c.id == block.id, _stands(work))
        .values(ended_at=work.now, ended_by=by_id)
    )
    if result.rowcount:
        await people.update(work, block.person_id, blocked_until=None)
    return bool(result.rowcount)


async def is_first_today(work: Work, person_id: int, today: date) -> bool:
    """Note that a blocked person is told today; return whether they were not before."""
    untold = sa.or_(blocks.c.told_on.is_(None), blocks.c.told_on < today)
    result = await work.run(
        sa.update(blocks).where(blocks.c.person_id == person_id, _stands(work), untold).values(told_on=today)
    )
    return bool(result.rowcount)


async def standing(work: Work, limit: int, skip: int, hiding: Iterable[Secrecy] = ()) -> list[ListedBlockRow]:
    """List blocks that stand, newest first.

    Without those by a question of a secrecy that is `hiding`.
    """
    by = people_table.alias("by")
    hidden = list(hiding)
    query = (
        sa.select(
            blocks,
            people_table.c.full_name,
            people_table.c.display_name,
            by.c.full_name.label("by_full_name"),
            by.c.display_name.label("by_display_name"),
            questions.c.year,
            questions.c.number,
        )
        .join(people_table, people_table.c.id == blocks.c.person_id)
        .join(by, by.c.id == blocks.c.by_id, isouter=True)
        .join(questions, questions.c.id == blocks.c.question_id, isouter=True)
        .where(_stands(work))
        .order_by(blocks.c.id.desc())
        .limit(limit)
        .offset(skip)
    )
    if hidden:
        query = query.where(sa.or_(questions.c.secrecy.is_(None), questions.c.secrecy.not_in(hidden)))
    return await work.all(query)


async def forget(work: Work, before: datetime, limit: int) -> int:
    """Delete some blocks that were over before a moment; return how many."""
    over = sa.or_(blocks.c.until < before, blocks.c.ended_at < before)
    some = sa.select(blocks.c.id).where(over).limit(limit)
    return (await work.run(sa.delete(blocks).where(blocks.c.id.in_(some)))).rowcount
