"""Opens the database, and one unit of work at a time on it.

All that differs by dialect stands here.
"""

import asyncio
import json
import sqlite3
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.util import await_only

from domain.clock import Clock
from domain.programme import Programme
from storage.engine import inline_sqlite
from storage.engine.errors import DatabaseAway, DatabaseTrouble
from storage.engine.inline_sqlite import AtOnce, driver

_PATIENCE_SECONDS = 30  # with which one waits for another's writing, on SQLite
_LOOK_AGAIN_SECONDS = 0.02
SYNCHRONOUS = "FULL"  # SQLite: what the messenger was told is ours survives a power cut, too
_SCRUB_PATIENCE_MS = 200  # nobody should wait long for the log to be emptied
PIECE = 500  # rows, or ids, that are handed to the database in one statement
# What PostgreSQL says when a transaction is over without anybody's fault, and is simply done again: two waited for each
# other, it did nothing for too long, the server only reads (a stand-by), or it is away for now: connection, resources
# (a full disk), an operator (a restart), system, internal.
_AWAY = ("40001", "40P01", "25P03", "25006", "08", "53", "57", "58", "XX")

# Tables that say nothing of a question or of people: to queue a message makes nothing that was read untrue.
_MESSAGES = ("outbox", "outbox_questions")

T = TypeVar("T")


def file_of(address: str) -> Path | None:
    """Return the file that a SQLite address names.

    None for another database, or one in memory.
    """
    url = make_url(address)
    return Path(url.database) if url.get_backend_name() == "sqlite" and url.database else None


def in_pieces(rows: Iterable[T]) -> Iterator[list[T]]:
    """Yield rows in pieces of as many as one statement takes."""
    waiting = iter(rows)
    while piece := list(islice(waiting, PIECE)):
        yield piece


@cache
def _insert(table: sa.Table) -> sa.Insert:
    return sa.insert(table)


@cache
def _insert_returning(table: sa.Table) -> sa.Executable:
    return sa.insert(table).returning(table.c.id)


_READ_WITH = {
    "agencies": ("roles",),
    "question_drafts": ("conversations",),
}  # tables that `known` holds together


@dataclass(frozen=True, slots=True)
class Held:
    """Why messages wait: what caused them may still be undone.

    `by` is who may undo it; what answers them goes at once.
    """

    undo_id: int
    until: datetime
    by: int


@dataclass
class Work:
    """One transaction: everything that one update, command or tick causes.

    `now` is read once, aware, UTC. `before_commit` holds what takes a lock that everybody wants: it is run last, so
    that nobody waits long for it, nor two for each other. `after_commit` holds what may only happen once the database
    has the changes: waking the sender, stopping the button's spinner. Nothing in it may be needed for correctness.
    `held`: what is queued meanwhile waits until it can no longer be undone (storage.delivery.undos).
    `memo` caches what was worked out and is needed again: one broadcast's words, for all of its recipients at hand.
    `fresh` caches what was read, until anything but messages is written, a question is locked, or a savepoint begins
    or is undone.
    """

    connection: AsyncConnection
    now: datetime
    programme: Programme
    before_commit: list[Callable[[], Awaitable[None]]] = field(default_factory=list)
    after_commit: list[Callable[[], None]] = field(default_factory=list)
    memo: dict[object, Any] = field(default_factory=dict)
    at_once: AtOnce | None = None  # SQLite, while writing
    known: dict[str, dict[Any, Any]] = field(
        default_factory=dict
    )  # by table: rows read (storage.people.read_ahead)
    fresh: dict[object, Any] = field(default_factory=dict)
    held: Held | None = None

    async def finish(self) -> None:
        """Run what was kept for the end of the transaction."""
        for last in self.before_commit:
            await last()

    @property
    def dialect(self) -> str:
        return self.connection.dialect.name

    async def run(
        self, statement: sa.Executable, values: Mapping[str, Any] | None = None, *, of: object = None
    ) -> sa.CursorResult[Any]:
        """Execute a statement inside this transaction.

        One that is built once, with `values` for its parameters, costs a third of one built for each use. `of`: the
        key in `known` of the only rows that it changes.
        """
        if self.known or self.fresh:
            self._outdate(statement, of)
        if self.at_once is not None:
            return await self.at_once.execute(statement, values)
        return await self.connection.execute(statement, values)

    def _outdate(self, statement: sa.Executable, of: object = None) -> None:
        """Forget cached reads of a table that is written to, and what is `fresh`."""
        if isinstance(statement, sa.TextClause):  # nobody can tell what it writes
            self.fresh.clear()
        if not isinstance(statement, sa.sql.dml.UpdateBase):
            return
        assert isinstance(statement.table, sa.Table)
        name = statement.table.name
        if name not in _MESSAGES:
            self.fresh.clear()
        for kept in (name, *_READ_WITH.get(name, ())):
            if of is None:
                self.known.pop(kept, None)
            else:
                self.known.get(kept, {}).pop(of, None)

    async def all(self, statement: sa.Executable, values: Mapping[str, Any] | None = None) -> list[Any]:
        """Return all rows. A named query says which they are (`storage.rows`); here nobody can."""
        return list((await self.run(statement, values)).all())

    async def one_or_none(
        self, statement: sa.Executable, values: Mapping[str, Any] | None = None
    ) -> sa.Row[Any] | None:
        return (await self.run(statement, values)).one_or_none()

    async def value(self, statement: sa.Executable, values: Mapping[str, Any] | None = None) -> Any:
        return (await self.run(statement, values)).scalar_one_or_none()

    async def insert(self, table: sa.Table, **values: object) -> int:
        """Insert one row and return its id."""
        if self.at_once is not None:
            statement = _insert(table)
            self._outdate(statement)
            return await self.at_once.write(statement, values)
        result = await self.run(_insert_returning(table), values)
        return int(result.scalar_one())

    async def write(self, statement: sa.Executable, values: Mapping[str, Any]) -> None:
        """Execute a prebuilt statement whose result nobody needs, for the hot path.

        Does not invalidate `known` for textual statements; the caller must.
        """
        if self.known or self.fresh:
            self._outdate(statement)
        if self.at_once is not None:
            await self.at_once.write(statement, values)
        else:
            await self.connection.execute(statement, values)

    async def run_many(self, statement: sa.Executable, rows: Iterable[Mapping[str, Any]]) -> None:
        """Execute a statement once for each row of values.

        Rows are taken and sent to the database in pieces: a generator of a hundred thousand never stands in memory
        whole, and others get their turn meanwhile.
        """
        self._outdate(statement)
        for piece in in_pieces(rows):
            await self.connection.execute(statement, piece)

    def upsert(self, table: sa.Table) -> Any:
        """Return an `INSERT` that supports `on_conflict_do_…` on both databases."""
        return postgresql.insert(table) if self.dialect == "postgresql" else sqlite.insert(table)

    @asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:
        """Keep what is done inside as a whole, or undo it when anything is raised.

        What it left for the commit is undone with it. One name for all, also within each other: the texts of the
        statements stay few, and known to the drivers.
        """
        self.fresh.clear()  # one update's reading is not another's: meanwhile others may have committed
        await self._say("SAVEPOINT one")
        before, after = len(self.before_commit), len(self.after_commit)
        try:
            yield
        except BaseException:
            self.known.clear()  # it may be what is undone now
            self.fresh.clear()
            del self.before_commit[before:], self.after_commit[after:]
            await self._say("ROLLBACK TO SAVEPOINT one")
            await self._say("RELEASE SAVEPOINT one")
            raise
        await self._say("RELEASE SAVEPOINT one")

    async def _say(self, statement: str) -> None:
        if self.at_once is not None:
            self.at_once.say(statement)
        else:
            await self.connection.exec_driver_sql(statement)


class Database:
    """The engine, the clock and the programme's rules; makes units of work."""

    def __init__(self, url: str, *, clock: Clock, programme: Programme) -> None:
        self.url = make_url(url)
        self.clock = clock
        self.programme = programme
        self.engine = _open(self.url)
        # SQLite has one writer. Waiting here is fair and free; waiting in SQLite polls and can starve.
        self._writing: asyncio.Lock | None = asyncio.Lock() if self.engine.dialect.name == "sqlite" else None

    @asynccontextmanager
    async def work(self, *, long: bool = False) -> AsyncIterator[Work]:
        """Open a transaction, committed at the end, rolled back when anything is raised.

        `long`: a single statement of it may take long, and must not keep other tasks waiting meanwhile.
        """
        turn: AbstractAsyncContextManager[object] = self._writing or nullcontext()
        async with turn, self.connected() as connection, connection.begin():
            at_once = (
                AtOnce(connection)
                if inline_sqlite.ENABLED and self._writing is not None and not long
                else None
            )
            work = Work(connection, self.clock.now(), self.programme, at_once=at_once)
            yield work
            await work.finish()
        for effect in work.after_commit:
            effect()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Work]:
        """Open a transaction that takes no write lock; nothing done in it is kept."""
        async with self.connected() as connection:
            await connection.execution_options(danhoi_reading=True)
            yield Work(connection, self.clock.now(), self.programme)

    async def scrub(self) -> bool:
        """Empty SQLite's log of writes, which may hold erased data.

        Returns whether nothing erased is left there; False while somebody reads what the log holds. PostgreSQL sees
        to its own log.
        """
        if self.engine.dialect.name != "sqlite":
            return True
        turn: AbstractAsyncContextManager[object] = self._writing or nullcontext()
        async with turn, self.connected() as connection:
            driver = (await connection.get_raw_connection()).driver_connection
            assert driver is not None
            await driver.execute(f"PRAGMA busy_timeout = {_SCRUB_PATIENCE_MS}")
            try:
                (found,) = await driver.execute_fetchall("PRAGMA wal_checkpoint(TRUNCATE)")
            finally:
                await driver.execute(f"PRAGMA busy_timeout = {_PATIENCE_SECONDS * 1000}")
            return not found[0]

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[AsyncConnection]:
        """Open a connection; raise `DatabaseAway` in place of the driver's own errors."""
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
    """Translate PostgreSQL's many errors of a lost server into `DatabaseAway`."""
    original = context.original_exception
    state = str(getattr(original, "sqlstate", None) or "")
    if context.is_disconnect or state.startswith(_AWAY):
        return DatabaseAway(f"{type(original).__name__} {state}".strip())
    return None


def _answers(connection: Any) -> bool:
    """Ask a pooled PostgreSQL connection whether its server is still there.

    SQLAlchemy begins and ends a transaction for it, for the sake of pgBouncer: three ways to the server before each
    transaction, where one is enough.
    """
    from asyncpg import InterfaceError, PostgresError

    try:
        await_only(connection.driver_connection.fetchrow(";"))
    except (PostgresError, InterfaceError, OSError):
        return False  # the pool opens another
    return True


def _log_writes(cursor: Any) -> None:
    """Switch a new file to its log of writes; SQLite does not wait for another process doing the same."""
    until = time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            cursor.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
        await_only(asyncio.sleep(_LOOK_AGAIN_SECONDS))


def _as_json(value: object) -> str:
    """Write JSON; a cut character, which orjson refuses, is left to the standard library."""
    try:
        return orjson.dumps(value).decode()
    except TypeError:
        return json.dumps(value)


def _from_json(text: str) -> Any:
    try:
        return orjson.loads(text)
    except ValueError:
        return json.loads(text)


_SHARED: dict[str, Any] = {
    "hide_parameters": True,
    "json_serializer": _as_json,
    "json_deserializer": _from_json,
}


def _open(url: sa.URL) -> AsyncEngine:
    if url.get_backend_name() != "sqlite":
        engine = create_async_engine(url, pool_pre_ping=True, **_SHARED)
        # Many rows of one INSERT go as one statement: half the server's time (docs/performance.md).
        engine.dialect.use_insertmanyvalues_wo_returning = True
        engine.dialect.do_ping = _answers  # type: ignore[assignment, method-assign]
        sa.event.listen(engine.sync_engine, "handle_error", _tell_when_away)
        return engine
    if url.database and url.database != ":memory:":
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_async_engine(
        url,
        module=driver(),
        connect_args={"timeout": _PATIENCE_SECONDS, "check_same_thread": False},
        **_SHARED,
    )

    @sa.event.listens_for(engine.sync_engine, "connect")
    def on_connect(connection: Any, _record: Any) -> None:
        # The driver would begin transactions by itself, too late for savepoints: we begin them below.
        connection.isolation_level = None
        cursor = connection.cursor()
        # Written into the file, and so only into a new one: what is another's stays as it is (storage.engine.migrate).
        cursor.execute("SELECT NOT EXISTS (SELECT 1 FROM sqlite_master)")
        if cursor.fetchone()[0]:
            _log_writes(cursor)
        cursor.execute(f"PRAGMA synchronous = {SYNCHRONOUS}")
        cursor.execute("PRAGMA foreign_keys = ON")
        # What was erased is overwritten in the file, not only marked as free (docs/decisions/0020).
        cursor.execute("PRAGMA secure_delete = ON")
        cursor.close()

    @sa.event.listens_for(engine.sync_engine, "begin")
    def on_begin(connection: sa.Connection) -> None:
        reading = connection.get_execution_options().get("danhoi_reading", False)
        # IMMEDIATE takes the write lock at once: a read that turns into a write can't fail half-way.
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

    return engine
