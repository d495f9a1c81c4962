"""What erasing people demands outside of the tables.

Their files, the database's log, the list of erasures. All of it can be done again or late: the database remembers
what is to be done.
"""

import asyncio
import json
import time
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

import structlog

from bot.lists.atomic_file import whole_file
from domain.privacy.tombstones import Tombstone
from storage.delivery import files
from storage.engine import tombstones
from storage.engine.database import Database
from storage.privacy import erasing

log = structlog.get_logger(__name__)

LIST = "erasures.jsonl"  # beside the kept files: it outlives the database that a backup replaces
SETTLED = 60.0  # seconds: a younger file may have been kept again, by a row that is yet to say so
AT_ONCE = 100


class BadList(Exception):
    """The file is no list of erasures.

    The text is a sentence for the operator.
    """


class Erasures:
    """Completes erasures in the kept files in `folder`, the database's log and the list."""

    def __init__(self, database: Database, folder: Path) -> None:
        self._database = database
        self._folder = folder
        self._listed: tuple[int, datetime | None] = (-1, None)
        self._scrubbed = True

    async def follow(self) -> None:
        """Do what erasures since the last time demand.

        Raises `DatabaseTrouble`.
        """
        await remove_discarded(self._database, self._folder)
        async with self._database.reading() as work:
            so_far = await erasing.so_far(work)
        if so_far != self._listed:
            try:
                await write_list(self._database, self._folder)
            except (OSError, BadList) as error:  # full, read-only: the database has it, and it is tried again
                log.error("erasures_not_listed", error=type(error).__name__)
            else:
                self._listed = so_far
            self._scrubbed = False
        if not self._scrubbed:
            self._scrubbed = await self._database.scrub()


async def remove_discarded(database: Database, folder: Path, *, older_than: float = SETTLED) -> int:
    """Delete the content of erased files from disk; return how many are settled.

    Content that another file shares stays. `older_than` is in seconds, by the file's own date.
    """
    async with database.reading() as work:
        some = await files.discarded(work, AT_ONCE)
    done = []
    for checksum, still_needed in some:
        if not still_needed:
            before = time.time() - older_than
            if not await asyncio.to_thread(_remove, place_of(folder, checksum), before):
                continue
        done.append(checksum)
    if done:
        async with database.work() as work:
            await files.removed(work, done)
    return len(done)


def _remove(place: Path, before: float) -> bool:
    """Delete a file; return whether it is gone. Too young a file stays."""
    try:
        if place.stat().st_mtime > before:
            return False
        place.unlink()
    except FileNotFoundError:
        pass  # removed before, or never kept
    return True


def place_of(folder: Path, checksum: str) -> Path:
    """Return the path of a kept file.

    Its name is its checksum: nothing a sender chose becomes a path.
    """
    return folder / checksum[:2] / checksum


# --- the list ---------------------------------------------------------------------------------------------------


async def write_list(database: Database, folder: Path) -> None:
    """Bring the list beside the files up to date from the database.

    Raises `OSError`, `BadList`.
    """
    async with database.reading() as work:
        here = await tombstones.tombstones(work)
    before = await asyncio.to_thread(read_list, folder / LIST)
    if set(here) - set(before):
        await asyncio.to_thread(_write, folder / LIST, sorted({*before, *here}, key=lambda one: one[::-1]))


def read_list(path: Path, *, must_exist: bool = False) -> list[Tombstone]:
    """Read the erasures in a list.

    None where there is no list and none is needed. Raises `BadList`, `OSError`.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError as error:
        if must_exist:
            raise BadList(f"{path} does not exist") from error
        return []
    except UnicodeDecodeError as error:
        raise BadList(f"{path} is no list of erasures") from error
    try:
        return [_read(json.loads(line)) for line in lines if line]
    except (ValueError, KeyError, TypeError) as error:
        raise BadList(f"{path} is no list of erasures: {type(error).__name__}") from error


def _read(line: dict[str, object]) -> Tombstone:
    moments = [datetime.fromisoformat(str(line[key])) for key in ("created_at", "erased_at")]
    if any(moment.tzinfo is None for moment in moments) or not isinstance(line["person"], int):
        raise ValueError("a number and two moments with an offset are wanted")
    return Tombstone(line["person"], *moments)


def _write(path: Path, stones: Iterable[Tombstone]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(path) as out:
        for person, created_at, erased_at in stones:
            line = {
                "person": person,
                "created_at": created_at.isoformat(),
                "erased_at": erased_at.isoformat(),
            }
            out.write(json.dumps(line).encode() + b"\n")
