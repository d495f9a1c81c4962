"""Brings a database to this version of the schema."""

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from storage.database import Database
from storage.locks import Lock

MIGRATIONS = Path(__file__).parent / "migrations"


class ForeignDatabase(Exception):
    """The database was not made by this programme, or by a newer version of it; it was left untouched."""


async def migrate(database: Database) -> str:
    """Upgrade to the newest schema and return its revision; safe to repeat.

    Raises `ForeignDatabase` where tables or a revision stand there that this programme does not know.
    """
    async with database.engine.connect() as connection:
        await connection.run_sync(upgrade)
        await connection.commit()
    return newest()


def newest() -> str:
    """The revision of this version's schema."""
    return ScriptDirectory(str(MIGRATIONS)).get_current_head() or ""


async def current(database: Database) -> str | None:
    """The revision that a database has; None for one without tables of ours."""
    async with database.engine.connect() as connection:
        return await connection.run_sync(lambda sync: MigrationContext.configure(sync).get_current_revision())


def upgrade(connection: sa.Connection, revision: str = "head") -> None:
    """Upgrade within a connection's transaction. Raises `ForeignDatabase`, for an unknown `revision` too."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    scripts = ScriptDirectory.from_config(config)
    if connection.dialect.name == "postgresql":  # two processes may find the same old schema
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(int(Lock.MIGRATE))))
    _refuse_foreign(connection, scripts)
    if revision != "head" and revision not in {script.revision for script in scripts.walk_revisions()}:
        raise ForeignDatabase(f"this version does not know the schema {revision}")
    command.upgrade(config, revision)


def refuse_strange(connection: sa.Connection) -> None:
    """Raises `ForeignDatabase` where tables of something else stand; those of any version of ours may."""
    names = set(sa.inspect(connection).get_table_names())
    if names and not names >= {"alembic_version", "inbox", "outbox", "questions"}:
        raise ForeignDatabase("the database holds tables of something else")


def _refuse_foreign(connection: sa.Connection, scripts: ScriptDirectory) -> None:
    revision = MigrationContext.configure(connection).get_current_revision()
    if revision is None and sa.inspect(connection).get_table_names():
        raise ForeignDatabase("the database holds tables of something else")
    known = {script.revision for script in scripts.walk_revisions()}
    if revision is not None and revision not in known:
        raise ForeignDatabase(f"the database has the schema {revision}, which this version does not know")
