"""Brings a database to this version of the schema.

Alembic is loaded only where there is something to do.
"""

from pathlib import Path

import sqlalchemy as sa

from storage.engine.database import Database
from storage.engine.locks import Lock

MIGRATIONS = Path(__file__).parents[1] / "migrations"


class ForeignDatabase(Exception):
    """The database belongs to something else, or to a newer version.

    It was left untouched.
    """


async def migrate(database: Database) -> str:
    """Upgrade to the newest schema and return its revision; safe to repeat.

    Raises `ForeignDatabase` where tables or a revision stand there that this programme does not know.
    """
    async with database.connected() as connection:
        if await connection.run_sync(_revision) != newest():
            await connection.run_sync(upgrade)
            await connection.commit()
    return newest()


def newest() -> str:
    """Return the revision of this version's schema."""
    return max(file.name.partition("_")[0] for file in (MIGRATIONS / "versions").glob("[0-9]*_*.py"))


async def current(database: Database) -> str | None:
    """Return a database's revision; None for one without tables of ours.

    Raises `DatabaseAway`.
    """
    async with database.connected() as connection:
        return await connection.run_sync(_revision)


def _revision(connection: sa.Connection) -> str | None:
    """Read the revision from Alembic's table; None where there is none."""
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalars().all()
    return str(found[0]) if len(found) == 1 else None


def upgrade(connection: sa.Connection, revision: str = "head") -> None:
    """Upgrade within a connection's transaction.

    Raises `ForeignDatabase`, for an unknown `revision` too.
    """
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    if connection.dialect.name == "postgresql":  # two processes may find the same old schema
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(int(Lock.MIGRATE))))
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    _refuse_foreign(connection, known)
    if revision != "head" and revision not in known:
        raise ForeignDatabase(f"this version does not know the schema {revision}")
    command.upgrade(config, revision)


def refuse_strange(connection: sa.Connection) -> None:
    """Raise `ForeignDatabase` for tables of something else; any version of ours may stand."""
    names = set(sa.inspect(connection).get_table_names())
    if names and not names >= {"alembic_version", "inbox", "outbox", "questions"}:
        raise ForeignDatabase("the database holds tables of something else")


def _refuse_foreign(connection: sa.Connection, known: set[str]) -> None:
    revision = _revision(connection)
    if revision is None and sa.inspect(connection).get_table_names():
        raise ForeignDatabase("the database holds tables of something else")
    if revision is not None and revision not in known:
        raise ForeignDatabase(f"the database has the schema {revision}, which this version does not know")
