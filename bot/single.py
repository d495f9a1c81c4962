"""One `run` at a time on a database: two would both send, each unaware of what the other has in flight."""

import asyncio
import fcntl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from storage.database import Database

PATIENCE_SECONDS = 5.0  # PostgreSQL may take a moment to notice that a killed process is gone


class AlreadyRunning(Exception):
    """Another process runs on this database."""


@asynccontextmanager
async def only_one(database: Database) -> AsyncIterator[None]:
    """Hold the database for this process; raises `AlreadyRunning`. The lock ends with the process, however it dies."""
    if database.engine.dialect.name == "postgresql":
        async with database.run_lock(PATIENCE_SECONDS) as ours:
            if not ours:
                raise AlreadyRunning
            yield
        return
    path = Path(f"{database.url.database}.run")
    path.parent.mkdir(parents=True, exist_ok=True)
    with await asyncio.to_thread(path.open, "w") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise AlreadyRunning from error
        yield
