"""Locks that say which processes may work on a database at the same time.

On SQLite one process; on PostgreSQL several, one of which leads.
"""

import asyncio
import fcntl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from storage.engine import locks
from storage.engine.database import Database
from storage.engine.locks import Lock, Session
from storage.engine.migrate import current, migrate, newest

# PostgreSQL may take a moment to notice that a killed process is gone; another command may be making the schema.
PATIENCE_SECONDS = 5.0


class AlreadyRunning(Exception):
    """Another process works on this database, and must work on it alone."""


def shared(database: Database) -> bool:
    """Return whether several `run` may work on this database."""
    return database.engine.dialect.name == "postgresql"


@asynccontextmanager
async def only_one(database: Database) -> AsyncIterator[None]:
    """Hold the database alone: no `run` works on it, and none can begin.

    Raises `AlreadyRunning`.
    """
    if not shared(database):
        async with _file_held(database):
            yield
        return
    async with locks.session(database) as session:
        await _patiently(lambda: session.take(Lock.RUN))
        yield


async def bring_up_to_date(database: Database) -> None:
    """Migrate the database to this version's schema.

    Not while a `run` that knows only the older schema works on it: then it raises `AlreadyRunning`. Raises
    `ForeignDatabase` for a database that is not ours.
    """
    await _patiently(lambda: _brought_up_to_date(database))


async def _brought_up_to_date(database: Database) -> bool:
    if (await current(database) or "") >= newest():
        await migrate(database)  # does nothing, or refuses what is newer than we are
        return True
    if not shared(database):
        async with AsyncExitStack() as held:
            if not await _file_taken(database, held):
                return False
            await migrate(database)
        return True
    async with locks.session(database) as session:
        if not await session.take(Lock.RUN):
            return False
        await migrate(database)
    return True


@asynccontextmanager
async def taking_part(database: Database) -> AsyncIterator[None]:
    """Take part in the database for the life of a `run`, and migrate it first.

    Raises `AlreadyRunning`, also where others run and the schema would have to change; `ForeignDatabase`.
    """
    if not shared(database):
        async with AsyncExitStack() as held:
            await _patiently(lambda: _file_taken(database, held))
            await migrate(database)
            yield
        return
    async with locks.session(database) as session:
        await _patiently(lambda: _join(database, session))
        yield


@asynccontextmanager
async def leading(database: Database) -> AsyncIterator[None]:
    """Hold the lock of the process that leads.

    Raises `AlreadyRunning` where another process holds it, or may hold it soon.
    """
    if not shared(database):
        async with _file_held(database):
            yield
        return
    async with locks.session(database) as session:
        await _patiently(lambda: lead(session))
        yield


async def lead(session: Session) -> bool:
    """Return whether this session leads now.

    False while another process holds the database alone.
    """
    if not await session.take(Lock.LEAD):
        return False
    if await session.take(Lock.RUN, shared=True):
        return True
    await session.give_back(Lock.LEAD)
    return False


async def _join(database: Database, session: Session) -> bool:
    """Run beside others; hold the database alone while its schema is migrated."""
    if await current(database) != newest():
        if not await session.take(Lock.RUN):
            return False
        await migrate(database)
        joined = await session.take(Lock.RUN, shared=True)
        await session.give_back(Lock.RUN)
        return joined
    return await session.take(Lock.RUN, shared=True)


async def _patiently(take: Callable[[], Awaitable[bool]]) -> None:
    for _ in range(max(1, int(PATIENCE_SECONDS / 0.2))):
        if await take():
            return
        await asyncio.sleep(0.2)
    raise AlreadyRunning


async def _file_taken(database: Database, held: AsyncExitStack) -> bool:
    """Lock the file until `held` is closed; return False at once where another process has it."""
    try:
        await held.enter_async_context(_file_held(database))
    except AlreadyRunning:
        return False
    return True


@asynccontextmanager
async def _file_held(database: Database) -> AsyncIterator[None]:
    path = Path(f"{database.url.database}.run")
    path.parent.mkdir(parents=True, exist_ok=True)
    with await asyncio.to_thread(path.open, "w") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise AlreadyRunning from error
        yield
