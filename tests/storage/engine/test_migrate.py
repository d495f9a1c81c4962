"""Migrations give exactly the tables that the code knows, and touch nothing foreign."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from domain.clock import Clock
from domain.programme import Programme
from storage.engine.database import Database
from storage.engine.migrate import ForeignDatabase, migrate
from storage.tables import metadata


async def test_the_migrated_schema_is_the_one_the_code_uses(database: Database) -> None:
    async with database.engine.connect() as connection:
        differences = await connection.run_sync(
            lambda sync: compare_metadata(MigrationContext.configure(sync), metadata)
        )
    assert differences == []


async def test_migrating_twice_changes_nothing(database: Database) -> None:
    assert await migrate(database) == await migrate(database)


async def test_a_database_of_something_else_is_refused_and_left_alone(tmp_path: Path, clock: Clock) -> None:
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'other.db'}", clock=clock, programme=Programme())
    async with database.engine.begin() as connection:
        await connection.execute(sa.text("CREATE TABLE recipes (name TEXT)"))
    with pytest.raises(ForeignDatabase):
        await migrate(database)
    async with database.engine.connect() as connection:
        names = await connection.run_sync(lambda sync: sa.inspect(sync).get_table_names())
    await database.close()
    assert names == ["recipes"]


async def test_a_schema_newer_than_the_programme_is_refused(database: Database) -> None:
    async with database.engine.begin() as connection:
        await connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(ForeignDatabase, match="9999"):
        await migrate(database)
