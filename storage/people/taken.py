"""Named queries on what somebody took of a daily limit.

It counts even when it was thrown away or erased since.
"""

from datetime import date
from hashlib import sha256
from secrets import token_hex

import sqlalchemy as sa

from storage.engine import facts
from storage.engine.database import Work
from storage.tables import taken

# Its fact is "2026-12-01 1f0a…": another one every day, and nobody is known by a digest of it any more.
SALT = "taken_salt"


def of_person(person_id: int) -> str:
    return f"person:{person_id}"


async def of_address(work: Work, day: date, channel: str, address: str) -> str:
    """Return a key for an address that says nothing once the day's salt is gone."""
    kept = (await facts.get(work, SALT) or "").split()
    if not kept or kept[0] != day.isoformat():
        kept = [day.isoformat(), token_hex(16)]
        await facts.put(work, SALT, " ".join(kept))
    return sha256(f"{kept[1]} {channel} {address}".encode()).hexdigest()


async def add(work: Work, who: str, day: date, what: str, amount: int = 1) -> None:
    """Add to what was taken."""
    insert = work.upsert(taken).values(who=who, day=day, what=what, amount=amount)
    await work.run(
        insert.on_conflict_do_update(
            index_elements=["who", "day", "what"], set_={"amount": taken.c.amount + amount}
        )
    )


async def count(work: Work, who: str, day: date, what: str) -> int:
    """Return how much was taken on a day."""
    query = sa.select(taken.c.amount).where(taken.c.who == who, taken.c.day == day, taken.c.what == what)
    return int(await work.value(query) or 0)


async def forget(work: Work, before: date) -> int:
    """Delete the rows of past days; return how many."""
    result = await work.run(sa.delete(taken).where(taken.c.day < before))
    return int(result.rowcount)
