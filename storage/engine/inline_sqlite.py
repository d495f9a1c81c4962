"""Runs SQLite's statements in the event loop's thread, inside a transaction.

aiosqlite hands each of the three or four steps of a statement to its own thread and waits. What SQLite does for a
statement by index takes microseconds; the ways to the thread and back take a hundred times that, more on a busy
machine (docs/decisions/0019-statements-at-once.md). What may wait for others, or for the disk, goes to the thread as
before: beginning, committing, rolling back, many rows at once, and everything in a transaction that only reads.
"""

import asyncio
import os
import sqlite3
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, cast

import aiosqlite
import sqlalchemy as sa
from sqlalchemy.dialects.sqlite.aiosqlite import (
    AsyncAdapt_aiosqlite_connection,
    AsyncAdapt_aiosqlite_cursor,
    AsyncAdapt_aiosqlite_dbapi,
)
from sqlalchemy.ext.asyncio import AsyncConnection

_Parameters = tuple[tuple[str, Callable[[Any], Any] | None], ...]

# The suite is run once with DANHOI_BYPASSES=off: everything then goes SQLAlchemy's and aiosqlite's own way.
ENABLED = os.environ.get("DANHOI_BYPASSES") != "off"
LONGEST = 0.01  # seconds after which others get their turn between two statements


class _Cursor(AsyncAdapt_aiosqlite_cursor):
    __slots__ = ()

    def execute(self, operation: Any, parameters: Any = None) -> None:
        connection = self._adapt_connection
        assert isinstance(connection, _Connection)
        if not connection.at_once:
            super().execute(operation, parameters)
            return
        cursor = connection.driver.execute(operation, parameters or ())
        self.description = cursor.description
        if cursor.description is None:
            self.lastrowid, self.rowcount = cursor.lastrowid or 0, cursor.rowcount
        else:
            self.lastrowid = self.rowcount = -1
            self._rows = deque(cursor.fetchall())
        cursor.close()


class _Connection(AsyncAdapt_aiosqlite_connection):
    __slots__ = ("at_once", "driver")

    def __init__(self, dbapi: Any, connection: Any) -> None:
        super().__init__(dbapi, connection)
        self.driver: sqlite3.Connection = connection._conn
        self.at_once = False

    def cursor(self, server_side: bool = False) -> AsyncAdapt_aiosqlite_cursor:
        return super().cursor(server_side) if server_side else _Cursor(self)


class _Driver(AsyncAdapt_aiosqlite_dbapi):
    def connect(self, *arg: Any, **kw: Any) -> _Connection:
        return _Connection(self, super().connect(*arg, **kw)._connection)


def driver() -> Any:
    """Return the `module` for `create_async_engine`.

    Connections need `check_same_thread` False.
    """
    return _Driver(aiosqlite, sqlite3)


class AtOnce:
    """A transaction that holds the write lock, so that its statements never wait."""

    def __init__(self, connection: AsyncConnection) -> None:
        assert connection.sync_connection is not None
        self._connection = connection.sync_connection
        held: Any = self._connection.connection.dbapi_connection
        assert isinstance(held, _Connection)
        self._held: _Connection = held
        self._turn_began: float = time.monotonic()

    async def execute(
        self, statement: sa.Executable, values: Mapping[str, Any] | None
    ) -> sa.CursorResult[Any]:
        """Execute a statement now, after other tasks had a turn where this took long."""
        await self._others_turn()
        self._held.at_once = True
        try:
            return self._connection.execute(statement, values)
        finally:
            self._held.at_once = False

    async def write(self, statement: sa.Executable, values: Mapping[str, Any]) -> int:
        """Execute a prebuilt statement without results; return an inserted row's id.

        SQLAlchemy's way to the driver costs ten times what SQLite itself then does.
        """
        await self._others_turn()
        sql, parameters = _compiled(statement, tuple(values), self._connection.dialect)
        return self._driver_executes(
            sql, [values[name] if process is None else process(values[name]) for name, process in parameters]
        )

    def say(self, statement: str) -> None:
        """Execute a statement without parameters and results, such as a savepoint's."""
        self._driver_executes(statement, ())

    async def _others_turn(self) -> None:
        if time.monotonic() - self._turn_began > LONGEST:
            await asyncio.sleep(0)
            self._turn_began = time.monotonic()

    def _driver_executes(self, sql: str, parameters: Sequence[Any]) -> int:
        try:
            cursor = self._held.driver.execute(sql, parameters)
        except sqlite3.Error as error:
            raise sa.exc.DBAPIError.instance(
                sql, None, error, sqlite3.Error, hide_parameters=True, dialect=self._connection.dialect
            ) from error
        inserted = cursor.lastrowid or 0
        cursor.close()
        return inserted


@cache
def _compiled(
    statement: sa.Executable, names: tuple[str, ...], dialect: sa.Dialect
) -> tuple[str, _Parameters]:
    """Compile a statement for SQLite, with the processors of its parameters."""
    compiled: Any = cast(sa.ClauseElement, statement).compile(dialect=dialect, column_keys=names)
    return str(compiled), tuple(
        (name, compiled.binds[name].type.dialect_impl(dialect).bind_processor(dialect))
        for name in compiled.positiontup
    )
