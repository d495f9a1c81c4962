"""Writes all rows of a database as lines of JSON, and reads them back.

The same for both databases. The tables are read from the database itself, so that a copy of an older schema can be
restored and migrated.
"""

import json
from base64 import b64decode, b64encode
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from datetime import date, datetime, time
from typing import Any

import sqlalchemy as sa
from alembic.runtime.migration import MigrationContext
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.privacy.audit import NOTHING_BEFORE
from domain.privacy.tombstones import Tombstone
from storage.engine.database import Database, Work, in_pieces
from storage.engine.facts import AUDIT_HEAD
from storage.engine.migrate import refuse_strange, upgrade
from storage.engine.tombstones import tombstones
from storage.tables import erasures

VERSION_TABLE = "alembic_version"


class Snapshot:
    """A database as it stood at one moment, while others go on writing."""

    def __init__(self, connection: AsyncConnection, metadata: sa.MetaData, revision: str) -> None:
        self._connection = connection
        self._metadata = metadata
        self.revision = revision

    @property
    def tables(self) -> list[str]:
        return [table.name for table in _in_order(self._metadata)]

    async def rows(self, table: str) -> AsyncIterator[str]:
        """Read the rows of a table, each as one line of JSON, by key."""
        found = self._metadata.tables[table]
        result = await self._connection.stream(sa.select(found).order_by(*found.primary_key.columns))
        async for row in result.mappings():
            yield json.dumps({name: _written(value) for name, value in row.items()}, ensure_ascii=False)

    async def audit_head(self) -> tuple[int, str]:
        """Return the number and the seal of the audit log's last entry."""
        facts = self._metadata.tables["facts"]
        query = sa.select(facts.c.value).where(facts.c.key == AUDIT_HEAD)
        value = (await self._connection.execute(query)).scalar()
        number, seal, *_ = str(value or f"0:{NOTHING_BEFORE}").split(":")
        return int(number), seal

    async def file_checksums(self) -> list[str]:
        """List the checksums of the kept files that rows refer to."""
        files = self._metadata.tables["files"]
        found = sa.select(files.c.checksum).where(files.c.checksum.is_not(None)).distinct()
        return list((await self._connection.execute(found)).scalars())


@asynccontextmanager
async def snapshot(database: Database) -> AsyncIterator[Snapshot]:
    """Open one reading transaction over everything."""
    async with database.engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            await connection.execution_options(isolation_level="REPEATABLE READ")
        await connection.execution_options(danhoi_reading=True)
        metadata = await connection.run_sync(_reflected)
        yield Snapshot(connection, metadata, await connection.run_sync(_revision))


class Filling:
    """A database being filled from a copy; nothing of it counts before the end."""

    def __init__(self, connection: AsyncConnection, metadata: sa.MetaData) -> None:
        self._connection = connection
        self._metadata = metadata

    async def fill(self, table: str, lines: Iterable[str]) -> int:
        """Fill a table with rows; return how many.

        Tables come in the order of `Snapshot.tables`.
        """
        return await _fill(self._connection, self._metadata.tables[table], lines)


@asynccontextmanager
async def replacing(
    database: Database, revision: str, then: Callable[[Work], Awaitable[None]]
) -> AsyncIterator[Filling]:
    """Replace a database's contents by a copy, in one transaction, and migrate it.

    `then` is done last, in that transaction. `revision` is the schema of the copy. Raises
    `storage.engine.migrate.ForeignDatabase` where this version does not know it.
    """
    async with database.engine.connect() as connection, connection.begin():
        await connection.run_sync(_drop_everything)
        await connection.run_sync(upgrade, revision)
        yield Filling(connection, await connection.run_sync(_reflected))
        await connection.run_sync(upgrade)
        work = Work(connection, database.clock.now(), database.programme)
        await then(work)
        await work.finish()


async def tombstones_in(database: Database) -> list[Tombstone]:
    """Read who was erased, from a database of any version.

    Nobody where it did not keep that yet.
    """
    async with database.reading() as work:
        if not await work.connection.run_sync(lambda sync: sa.inspect(sync).has_table(erasures.name)):
            return []
        return await tombstones(work)


async def is_empty(database: Database) -> bool:
    """Return whether replacing everything would lose no row."""
    async with database.engine.connect() as connection:
        names = await connection.run_sync(lambda sync: sa.inspect(sync).get_table_names())
        for name in names:
            row = sa.select(sa.literal(1)).select_from(sa.table(name)).limit(1)
            if name != VERSION_TABLE and (await connection.execute(row)).first():
                return False
    return True


def _drop_everything(connection: sa.Connection) -> None:
    """Drop every table, reading only their names and references.

    Those that refer to others go first.
    """
    refuse_strange(connection)
    ordered = sa.inspect(connection).get_sorted_table_and_fkc_names()
    quote = connection.dialect.identifier_preparer.quote
    names = [quote(name) for name, _ in reversed(ordered) if name is not None]
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
        for name in names:
            connection.exec_driver_sql(f"DROP TABLE {name}")
    elif names:  # at once: tables may refer to each other in a circle
        connection.exec_driver_sql(f"DROP TABLE {', '.join(names)}")


async def _fill(connection: AsyncConnection, table: sa.Table, lines: Iterable[str]) -> int:
    """Insert rows, then complete references within the table: the rows they mean may come later."""
    own = [key.parent for key in table.foreign_keys if key.column.table is table]
    later: list[dict[str, Any]] = []
    rows = (_read(table, line) for line in lines)
    count = 0
    for some in in_pieces(rows):
        count += len(some)
        for row in some:
            if any(row.get(column.name) is not None for column in own):
                later.append({f"to_{column.name}": row[column.name] for column in own} | {"row": row["id"]})
                row.update({column.name: None for column in own})
        await connection.execute(sa.insert(table), some)
    if later:
        completed: dict[str, Any] = {column.name: sa.bindparam(f"to_{column.name}") for column in own}
        await connection.execute(
            sa.update(table).where(table.c.id == sa.bindparam("row")).values(completed), later
        )
    if connection.dialect.name == "postgresql" and "id" in table.c and table.c.id.autoincrement is not False:
        sequence = sa.func.pg_get_serial_sequence(table.name, "id")
        top = sa.select(sa.func.max(table.c.id)).scalar_subquery()
        await connection.execute(sa.select(sa.func.setval(sequence, top)).where(top.is_not(None)))
    return count


def _reflected(connection: sa.Connection) -> sa.MetaData:
    metadata = sa.MetaData()
    metadata.reflect(connection)
    return metadata


def _in_order(metadata: sa.MetaData) -> list[sa.Table]:
    return [table for table in metadata.sorted_tables if table.name != VERSION_TABLE]


def _revision(connection: sa.Connection) -> str:
    return MigrationContext.configure(connection).get_current_revision() or ""


def _written(value: Any) -> Any:
    match value:
        case datetime() | date() | time():
            return value.isoformat()
        case bytes() | memoryview():
            return {"base64": b64encode(value).decode("ascii")}
    return value


_FROM_TEXT: tuple[tuple[type[Any], Any], ...] = (
    (sa.DateTime, datetime.fromisoformat),
    (sa.Date, date.fromisoformat),
    (sa.Time, time.fromisoformat),
    (sa.LargeBinary, lambda value: b64decode(value["base64"])),
)


def _read(table: sa.Table, line: str) -> dict[str, Any]:
    row: dict[str, Any] = json.loads(line)
    for name, value in row.items():
        kind = table.c[name].type
        if value is not None:
            row[name] = next((read(value) for one, read in _FROM_TEXT if isinstance(kind, one)), value)
    return row
