"""The audit log is only ever added to, and a change behind its back is found."""

import asyncio

import pytest
import sqlalchemy as sa

from domain.privacy.audit import AuditAct
from storage.engine.database import Database
from storage.operation import audit
from storage.tables import audit as table
from storage.tables import facts


async def some_entries(database: Database) -> None:
    """Entries 2 to 6: the first is that of the loaded samples."""
    for year in range(2026, 2031):
        async with database.work() as work:
            await audit.add(
                work, AuditAct.YEAR_CONFIRMED, f"year:{year}", actor_id=None, details={"y": "Tết"}
            )


async def broken(database: Database) -> int | None:
    async with database.reading() as work:
        return await audit.first_broken(work)


async def unguarded(database: Database, statement: sa.Executable) -> None:
    """What somebody could do at the database's own prompt."""
    async with database.engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            await connection.execute(sa.text("ALTER TABLE audit DISABLE TRIGGER ALL"))
        else:
            for verb in ("update", "delete"):
                await connection.execute(sa.text(f"DROP TRIGGER audit_is_append_only_{verb}"))
        await connection.execute(statement)
        if connection.dialect.name == "postgresql":
            await connection.execute(sa.text("ALTER TABLE audit ENABLE TRIGGER ALL"))


async def test_an_untouched_chain_is_whole(database: Database) -> None:
    assert await broken(database) is None
    await some_entries(database)
    assert await broken(database) is None


@pytest.mark.parametrize("change", [sa.delete(table), sa.update(table).values(act="nothing")])
async def test_nobody_changes_an_entry_in_passing(database: Database, change: sa.Executable) -> None:
    await some_entries(database)
    with pytest.raises(sa.exc.DBAPIError, match="append-only"):
        async with database.work() as work:
            await work.run(change)


@pytest.mark.parametrize(
    ("change", "number"),
    [
        (sa.update(table).where(table.c.number == 2).values(subject="year:1999"), 2),
        (sa.update(table).where(table.c.number == 3).values(details={}), 3),
        (sa.delete(table).where(table.c.number == 4), 4),
        (sa.delete(table).where(table.c.number == 6), 6),
        (sa.delete(table), 1),
        (sa.delete(facts), 7),
    ],
)
async def test_a_change_behind_its_back_is_found(
    database: Database, change: sa.Executable, number: int
) -> None:
    await some_entries(database)
    await unguarded(database, change)
    assert await broken(database) == number


async def test_two_who_add_at_once_make_one_chain(database: Database) -> None:
    await asyncio.gather(*[some_entries(database) for _ in range(3)])
    assert await broken(database) is None
    async with database.reading() as work:
        assert [row.number for row in await audit.listed(work, 4)] == [16, 15, 14, 13]
        assert [row.number for row in await audit.listed(work, 2, skip=4)] == [12, 11]
