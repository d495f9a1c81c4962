"""The admins' list of days, and the years whose official days they confirmed."""

from datetime import date
from typing import Any

import sqlalchemy as sa

from storage.engine.database import Work
from storage.rows import DayRow
from storage.tables import confirmed_years as years
from storage.tables import days


async def listed(work: Work) -> list[DayRow]:
    """List the days that override the public-holiday calendar, in order."""
    return await work.all(sa.select(days).order_by(days.c.date))


async def save(work: Work, values: dict[str, Any]) -> None:
    insert = work.upsert(days).values(**values)
    await work.run(insert.on_conflict_do_update(index_elements=["date"], set_=values))


async def remove(work: Work, day: date) -> None:
    await work.run(sa.delete(days).where(days.c.date == day))


async def hold(work: Work) -> None:
    """Lock the list against all reading and writing until this transaction ends.

    Without this, a due time counted with the old list could be committed just after all were counted anew. On SQLite
    whoever writes is alone anyway.
    """
    if work.dialect == "postgresql":
        await work.run(sa.text("LOCK TABLE days IN ACCESS EXCLUSIVE MODE"))


async def confirmed_years(work: Work) -> frozenset[int]:
    return frozenset(row.year for row in await work.all(sa.select(years.c.year)))


async def confirm_year(work: Work, year: int, person_id: int) -> bool:
    """Record that a year's official days are complete.

    False when somebody did so before.
    """
    insert = work.upsert(years).values(year=year, confirmed_at=work.now, confirmed_by=person_id)
    return (await work.run(insert.on_conflict_do_nothing())).rowcount == 1
