"""On SQLite one `run` at a time: two would both send, each unaware of what the other has in flight."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from storage.database import Database


class AlreadyRunning(Exception):
    """Another process runs on this database."""


@contextmanager
def only_one(database: Database) -> Iterator[None]:
    """Hold the database for this process; raises `AlreadyRunning`. The lock ends with the process, however it dies."""
    if database.engine.dialect.name != "sqlite" or not database.url.database:
        yield
        return
    path = Path(f"{database.url.database}.run")
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise AlreadyRunning from error
        yield
