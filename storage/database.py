"""Opening the database, and one unit of work at a time on it. All that differs by dialect stands here."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from domain.clock import Clock
from domain.programme import Programme
from storage.errors import DatabaseAway, DatabaseTrouble

PIECE = 500  # rows, or ids, that are handed to the database in one statement
_RUN_LOCK = 0x44616E486F69  # "DanHoi"; any number that is ours alone
# SQLSTATE of a server that is away for now: connection, resources (a full disk), an operator (a restart), system,
# internal, and one that only reads (a stand-by).
_AWAY = ("08", "53", "57", "58", "XX", "25006")

T = TypeVar("T")


def in_pieces(rows: Iterable[T]) -> Iterator[list[T]]:
    """Rows as many at once as one statement takes."""
    waiting = iter(rows)
    while piece := list(islice(waiting, PIECE)):
        yield piece


@dataclass
class Work:
    """One transaction: everything that one update, command or tick causes.

    `now` is read once, aware, UTC. `after_commit` holds what may only happen once the database has it:
    waking the sender, stopping the button's spinner. Nothing in it may be needed for correctness. `memo` keeps what
    was worked out and is needed again: one broadcast's words, for all of its recipients at hand.
    """

    connection: AsyncConnection
    now: datetime
    programme: Programme
    after_commit: list[Callable[[], None]] = field(default_factory=list)
    memo: dict[object, Any] = field(default_factory=dict)

    @property
    def dialect(self) -> str:
        return self.connection.dialect.name

    async def run(self, statement: sa.Executable) -> sa.CursorResult[Any]:
        """Execute a statement inside this transaction."""
        return await self.connection.execute(statement)

    async def all(self, statement: sa.Executable) -> list[sa.Row[Any]]:
        return list((await self.run(statement)).all())

    async def one_or_none(self, statement: sa.Executable) -> sa.Row[Any] | None:
        return (await self.run(statement)).one_or_none()

    async def value(self, statement: sa.Executable) -> Any:
        return (await self.run(statement)).scalar_one_or_none()

    async def insert(self, table: sa.Table, **values: object) -> int:
        """Insert one row and return its id."""
        result = await self.run(sa.insert(table).values(**values).returning(table.c.id))
        return int(result.scalar_one())

    async def run_many(self, statement: sa.Executable, rows: Iterable[Mapping[str, Any]]) -> None:
        """Execute a statement once for each row of values.

        Rows are taken and sent to the database in pieces: a generator of a hundred thousand never stands in
        memory whole, and others get their turn meanwhile.
        """
        for piece in in_pieces(rows):
            await self.connection.execute(statement, piece)

    def upsert(self, table: sa.Table) -> Any:
        """`INSERT` that knows `on_conflict_do_nothing` and `on_conflict_do_update` on both databases."""
        return postgresql.insert(table) if self.dialect == "postgresql" else sqlite.insert(table)


class Database:
    """The engine, the clock and the programme's rules: hands out units of work."""

    def __init__(self, url: str, *, clock: Clock, programme: Programme) -> None:
        self.url = make_url(url)
        self.clock = clock
        self.programme = programme
        self.engine = _open(self.url)
        # SQLite has one writer. Waiting here is fair and free; waiting in SQLite polls and can starve.
        self._writing: asyncio.Lock | None = asyncio.Lock() if self.engine.dialect.name == "sqlite" else None

    @asynccontextmanager
    async def work(self) -> AsyncIterator[Work]:
        """A transaction that is committed at the end, and rolled back whole when anything is raised."""
        turn: AbstractAsyncContextManager[object] = self._writing or nullcontext()
        async with turn, self._connected() as connection, connection.begin():
            work = Work(connection, self.clock.now(), self.programme)
            yield work
        for effect in work.after_commit:
            effect()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Work]:
        """A transaction that takes no write lock; nothing done in it is kept."""
        async with self._connected() as connection:
            await connection.execution_options(danhoi_reading=True)
            yield Work(connection, self.clock.now(), self.programme)

    @asynccontextmanager
    async def run_lock(self, seconds: float) -> AsyncIterator[bool]:
        """On PostgreSQL: the lock of whoever runs on this database, tried for some seconds; False when it is taken.

        It belongs to a connection, so that it ends with the process.
        """
        async with self._connected() as connection:
            await connection.execution_options(isolation_level="AUTOCOMMIT")
            ours = False
            for _ in range(max(1, int(seconds / 0.2))):
                ours = bool(await connection.scalar(sa.select(sa.func.pg_try_advisory_lock(_RUN_LOCK))))
                if ours:
                    break
                await asyncio.sleep(0.2)
            try:
                yield ours
            finally:
                if ours:  # the connection goes back to the pool, and would keep it
                    with suppress(DatabaseTrouble):  # where the server was restarted, it has ended already
                        await connection.execute(sa.select(sa.func.pg_advisory_unlock(_RUN_LOCK)))

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[AsyncConnection]:
        """A connection; raises `DatabaseAway` for what the driver raises in words of its own."""
        try:
            connection = await self.engine.connect()
        except DatabaseTrouble:
            raise
        except Exception as error:
            raise DatabaseAway(type(error).__name__) from error
        try:
            yield connection
        finally:
            # Shielded: a task cancelled here must not leave its connection to the garbage collector.
            await asyncio.shield(connection.close())

    async def close(self) -> None:
        await self.engine.dispose()


def _tell_when_away(context: sa.ExceptionContext) -> DatabaseAway | None:
    """A server that stops says so in many ways, for which the driver has no common kind of error."""
    original = context.original_exception
    state = str(getattr(original, "sqlstate", None) or "")
    if context.is_disconnect or state.startswith(_AWAY):
        return DatabaseAway(f"{type(original).__name__} {state}".strip())
    return None


def _open(url: sa.URL) -> AsyncEngine:
    if url.get_backend_name() != "sqlite":
        engine = create_async_engine(url, pool_pre_ping=True, hide_parameters=True)
        # Many rows of one INSERT go as one statement: half the server's time (docs/performance.md).
        engine.dialect.use_insertmanyvalues_wo_returning = True
        sa.event.listen(engine.sync_engine, "handle_error", _tell_when_away)
        return engine
    if url.database and url.database != ":memory:":
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_async_engine(url, connect_args={"timeout": 30}, hide_parameters=True)

    @sa.event.listens_for(engine.sync_engine, "connect")
    def on_connect(connection: Any, _record: Any) -> None:
        # The driver would begin transactions by itself, too late for savepoints: we begin them below.
        connection.isolation_level = None
        cursor = connection.cursor()
        # Written into the file, and so only into a new one: what is another's stays as it is (storage.migrate).
        cursor.execute("SELECT NOT EXISTS (SELECT 1 FROM sqlite_master)")
        if cursor.fetchone()[0]:
            cursor.execute("PRAGMA journal_mode = WAL")
        # FULL: what Telegram was told is ours survives a power cut too.
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.close()

    @sa.event.listens_for(engine.sync_engine, "begin")
    def on_begin(connection: sa.Connection) -> None:
        reading = connection.get_execution_options().get("danhoi_reading", False)
        # IMMEDIATE takes the write lock at once: a read that turns into a write can't fail half-way.
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

    return engine
