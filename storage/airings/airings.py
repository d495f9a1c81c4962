"""Named queries on slots, and on decisions about single airings."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any, Protocol

import sqlalchemy as sa

from storage.engine.database import Work
from storage.rows import AiringRow, EpisodeRow, SlotRow
from storage.tables import Row, airings, episodes, slots


class SlottedAiringRow(AiringRow, Protocol):
    """With the code of its slot; null for what was added by hand."""

    slot: str | None


class RepeatingSlotRow(SlotRow, Protocol):
    """With the code of the one it repeats."""

    repeats: str | None


_of_slot = sa.select(airings, slots.c.code.label("slot")).outerjoin(slots, slots.c.id == airings.c.slot_id)


async def all_slots(work: Work) -> list[RepeatingSlotRow]:
    """List every slot with the code of the one it repeats (`repeats`).

    In the order they came; a handful.
    """
    repeated = slots.alias()
    query = sa.select(slots, repeated.c.code.label("repeats")).outerjoin(
        repeated, repeated.c.id == slots.c.repeat_of_id
    )
    return await work.all(query.order_by(slots.c.id))


async def save_slot(work: Work, values: dict[str, Any]) -> int:
    """Insert a slot, or change the one with this code; return its id."""
    insert = work.upsert(slots).values(**values)
    saved = insert.on_conflict_do_update(index_elements=["code"], set_=values).returning(slots.c.id)
    return int((await work.run(saved)).scalar_one())


async def of_span(
    work: Work, days: tuple[date, date], times: tuple[datetime, datetime]
) -> list[SlottedAiringRow]:
    """List decisions on airings whose rule day or start lies in a span.

    Ends are included.
    """
    by_day = await work.all(_of_slot.where(airings.c.rule_on.between(*days)))
    by_start = await work.all(_of_slot.where(airings.c.starts_at.between(*times)))
    return list({row.id: row for row in (*by_day, *by_start)}.values())


async def on_rule_days(work: Work, days: Collection[date]) -> list[SlottedAiringRow]:
    """List decisions on airings that the rules set on these days, and on repeats.

    Also where the rules set them in the past only.
    """
    return await work.all(_of_slot.where(airings.c.rule_on.in_(days))) if days else []


async def by_id(work: Work, row_id: int) -> SlottedAiringRow | None:
    return await work.one_or_none(_of_slot.where(airings.c.id == row_id))


async def of_episode(work: Work, episode_id: int) -> list[SlottedAiringRow]:
    """List the airings that somebody tied to an episode; their repeats follow them."""
    return await work.all(_of_slot.where(airings.c.episode_id == episode_id))


async def of_slots(work: Work) -> list[SlottedAiringRow]:
    """List all decisions ever made on airings of slots, some a month.

    Read when rules are loaded.
    """
    return await work.all(_of_slot.where(airings.c.slot_id.is_not(None)))


async def hold(work: Work) -> None:
    """Lock decisions about airings until this transaction ends; reading goes on.

    Without this, two airings could be moved to the same minute at once. On SQLite whoever writes is alone anyway.
    """
    if work.dialect == "postgresql":
        await work.run(sa.text("LOCK TABLE airings IN SHARE ROW EXCLUSIVE MODE"))


async def keep(work: Work, row_id: int | None, values: dict[str, Any]) -> int:
    """Store a decision about an airing, new or in its row; return the row's id."""
    values = values | {"changed_at": work.now}
    if row_id is None:
        return await work.insert(airings, **values)
    await work.run(sa.update(airings).where(airings.c.id == row_id).values(**values))
    return row_id


async def episodes_by_id(work: Work, ids: Collection[int]) -> dict[int, Row]:
    """Return number, year and title of episodes that airings are tied to."""
    query = sa.select(episodes.c.id, episodes.c.number, episodes.c.year, episodes.c.title)
    rows = await work.all(query.where(episodes.c.id.in_(ids))) if ids else []
    return {row.id: row for row in rows}


async def newest_episodes(work: Work, limit: int) -> list[EpisodeRow]:
    """List the latest episodes, to tie an airing to."""
    newest = sa.select(episodes).order_by(episodes.c.year.desc(), episodes.c.number.desc())
    return await work.all(newest.limit(limit))
