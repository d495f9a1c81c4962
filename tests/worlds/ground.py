"""Databases for many stories in a row: reset quickly, and dumped in full."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncEngine

from domain.clock import Clock
from domain.programme import Programme
from storage.engine.database import Database
from storage.tables import metadata
from tests.worlds.kept import Kept

# Reference data: nothing that people do in these stories touches it, and it is most of a fresh database.
STATIC = {"agencies", "agency_aliases", "agency_successors", "agency_fields", "fields"}
LOOKED_AT = sorted(metadata.tables.keys() - STATIC)

Dump = dict[str, list[str]]


class Ground(Protocol):
    """A database of one kind."""

    async def opened(self, clock: Clock, programme: Programme) -> Database:
        """Reset the database and open it."""

    async def dump(self) -> Dump:
        """Return every row of every table that can change, over another connection."""


class OnSqlite:
    def __init__(self, template: Path, folder: Path) -> None:
        self.template = template
        self.file = folder / "fuzz.db"
        self.engine: AsyncEngine | None = None  # it keeps the statements that it has compiled
        shutil.copyfile(template, self.file)

    async def opened(self, clock: Clock, programme: Programme) -> Database:
        with closing(sqlite3.connect(self.template)) as first, closing(sqlite3.connect(self.file)) as here:
            first.backup(here)
        database = Database(f"sqlite+aiosqlite:///{self.file}", clock=clock, programme=programme)
        self.engine = database.engine = self.engine or database.engine
        return database

    async def dump(self) -> Dump:
        with closing(sqlite3.connect(self.file)) as here:
            return {table: sorted(map(str, here.execute(f"SELECT * FROM {table}"))) for table in LOOKED_AT}


LONG = 20_000  # characters of a row: a picture
_ROWS = " UNION ALL ".join(
    f"SELECT '{table}', CASE WHEN length(one::text) > {LONG} THEN md5(one::text) ELSE one::text END"
    f" FROM {table} one"
    for table in LOOKED_AT
)


class OnPostgresql:
    def __init__(self, kept: Kept) -> None:
        self.kept = Kept(kept.address, kept.connection)  # with connections of its own
        self.engine: AsyncEngine | None = None

    async def opened(self, clock: Clock, programme: Programme) -> Database:
        database = Database(self.kept.address, clock=clock, programme=programme)
        if self.engine is None:
            self.engine = database.engine
            self.kept.follow(self.engine)
        await self.kept.restore()
        await self.kept.refresh(self.engine)
        database.engine = self.engine
        return database

    async def dump(self) -> Dump:
        found: Dump = {table: [] for table in LOOKED_AT}
        for table, row in await self.kept.connection.fetch(_ROWS):
            found[table].append(row)
        return {table: sorted(rows) for table, rows in found.items()}
