"""Locks between processes on PostgreSQL, and how processes wake each other.

Advisory locks belong to a connection or a transaction, so they end with the process, however it dies. On SQLite one
process has the database (bot.house.exclusive), and none of this is needed.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from enum import IntEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.engine.database import Database, Work
from storage.engine.errors import DatabaseTrouble

_OURS = 0x44616E486F69  # "DanHoi"; any number that is ours alone
_QUEUED = "danhoi_queued"
_CLOSE_SECONDS = 2.0  # for giving locks back; ending the connection does the same, a little later
_LONGEST_TURN = "60s"  # a process that stopped in the middle of its turn loses its transaction then
# A machine that vanished is noticed after so many seconds, of silence and between the questions whether it is there.
_KEEPALIVE = {"tcp_keepalives_idle": "5", "tcp_keepalives_interval": "5", "tcp_keepalives_count": "3"}


class Lock(IntEnum):
    """The locks that a process may hold."""

    RUN = _OURS  # shared by every `run`; alone by what wants the database to itself
    LEAD = _OURS + 1  # by the one that sends, ticks and, when polling, receives
    INBOX = _OURS + 2  # by the one whose turn it is to work, for one transaction
    MIGRATE = _OURS + 3  # for one transaction, too


async def take_turn(work: Work) -> None:
    """Wait until no other process works through the inbox.

    The turn lasts until this transaction ends. What is read afterwards includes all that the others committed.
    """
    if work.dialect == "postgresql":
        await work.run(
            sa.select(
                sa.func.set_config("idle_in_transaction_session_timeout", _LONGEST_TURN, True),
                sa.func.pg_advisory_xact_lock(int(Lock.INBOX)),
            )
        )


class Session:
    """A connection of its own that holds locks.

    `lost` is set as soon as it is known to be broken.
    """

    def __init__(self, connection: AsyncConnection, driver: Any) -> None:
        self._connection = connection
        self._driver = driver
        self.lost = asyncio.Event()
        driver.add_termination_listener(lambda _driver: self.lost.set())

    async def take(self, lock: Lock, *, shared: bool = False) -> bool:
        """Try to take a lock without waiting; return whether it is ours now."""
        take = sa.func.pg_try_advisory_lock_shared if shared else sa.func.pg_try_advisory_lock
        return bool(await self._connection.scalar(sa.select(take(int(lock)))))

    async def give_back(self, lock: Lock) -> None:
        """Release a lock."""
        await self._connection.execute(sa.select(sa.func.pg_advisory_unlock(int(lock))))

    async def check(self, seconds: float) -> None:
        """Raise `DatabaseTrouble` or `TimeoutError` where the connection is gone.

        And with it the locks.
        """
        async with asyncio.timeout(seconds):
            await self._connection.execute(sa.select(1))

    async def wake_leader(self) -> None:
        """Tell the process that leads that something may be sent."""
        await self._connection.execute(sa.select(sa.func.pg_notify(_QUEUED, "")))

    async def when_woken(self, call: Callable[[], None]) -> None:
        """Call a function whenever another process wakes the leader."""
        await self._driver.add_listener(_QUEUED, lambda *_: call())

    async def close(self) -> None:
        """Release everything, and close the connection instead of reusing it: it listens."""
        try:
            if not self.lost.is_set():
                async with asyncio.timeout(_CLOSE_SECONDS):
                    await self._connection.execute(sa.select(sa.func.pg_advisory_unlock_all()))
        except (DatabaseTrouble, TimeoutError):
            pass  # then the locks are gone with the connection
        finally:
            await self._connection.invalidate()


@asynccontextmanager
async def session(database: Database) -> AsyncIterator[Session]:
    """Open a session on PostgreSQL; release what it holds at the end."""
    async with database.connected() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        driver = (await connection.get_raw_connection()).driver_connection
        await connection.execute(
            sa.select(*(sa.func.set_config(name, value, False) for name, value in _KEEPALIVE.items()))
        )
        one = Session(connection, driver)
        try:
            yield one
        finally:
            await asyncio.shield(one.close())
