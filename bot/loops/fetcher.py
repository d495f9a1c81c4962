"""Fetches files that people sent into storage.files, so that they outlive the messenger."""

import asyncio
import os
import tempfile
import time
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

import structlog

from bot.house.stopping import pause, wait_for
from bot.lists.erasures import Erasures, place_of
from channels.outgoing import (
    Busy,
    Channel,
    DeliveryError,
    FileTooLarge,
    Interrupted,
    Rejected,
    Unavailable,
    Unreachable,
)
from services.operation import lost_files
from storage.delivery import files
from storage.engine.database import Database
from storage.engine.errors import DatabaseTrouble
from storage.people import people
from storage.rows import FileRow

log = structlog.get_logger(__name__)

AT_ONCE = 4
IDLE = 5.0
LAST_RETRY = 3600.0
GIVEN_UP_AFTER = timedelta(days=1)  # what the messenger says it does not have for now
MEGABYTE = 1 << 20
DAY = 86_400.0


class Fetcher:
    """Fetches pending files, retrying until they are kept or the messenger lost them."""

    def __init__(self, database: Database, channels: dict[str, Channel], folder: Path) -> None:
        self._database = database
        self._channels = channels
        self._folder = folder
        self._limit = database.programme.file_megabytes * MEGABYTE
        # In one loop with the fetching, so that no file is removed while it is being saved.
        self._erasures = Erasures(database, folder)
        self._rests: dict[str, datetime] = {}  # channels that were told to wait with fetching, and until when
        self.wake = asyncio.Event()

    async def run(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            self.wake.clear()
            try:
                fetched = await self.fetch_some()
                await self._erasures.follow()
            except DatabaseTrouble as error:
                log.warning("database_unavailable", error=type(error).__name__)
                await pause(stop, 1)
                continue
            if not fetched:
                await wait_for(self.wake, stop, IDLE)

    async def fetch_some(self) -> int:
        async with self._database.reading() as work:
            rows = await files.to_fetch(work, AT_ONCE)
            channels = {row.id: (await people.by_id(work, row.person_id)).channel for row in rows}
        await asyncio.gather(*(self._fetch(row, channels[row.id]) for row in rows))
        return len(rows)

    async def _fetch(self, row: FileRow, channel: str) -> None:
        rests_until = self._rests.get(channel)
        if rests_until is not None and rests_until > self._database.clock.now():
            async with self._database.work() as work:
                await files.try_again(work, row.id, rests_until, counts=False)
            return
        try:
            content = await self._channels[channel].fetch(row.remote_id, self._limit)
            if len(content) > self._limit:  # nobody had said how large it is
                raise FileTooLarge("the file is larger than announced")
        except FileTooLarge:
            async with self._database.work() as work:
                await files.stays_away(work, row.id)
            return
        except (Rejected, Unreachable) as error:
            await self._lost(row, error)
            return
        except (Busy, Interrupted, Unavailable) as error:
            if (
                isinstance(error, Unavailable)
                and self._database.clock.now() - row.created_at >= GIVEN_UP_AFTER
            ):
                await self._lost(row, error)
                return
            wait = error.seconds if isinstance(error, Busy) else min(LAST_RETRY, 2.0 ** min(row.tries, 16))
            again_at = self._database.clock.now() + timedelta(seconds=wait)
            if isinstance(error, Busy):  # not about one chat: all fetching waits, and nothing else
                self._rests[channel] = again_at
            async with self._database.work() as work:
                await files.try_again(work, row.id, again_at, counts=not isinstance(error, Busy))
            return
        await self._keep(row, content)

    async def _lost(self, row: FileRow, error: DeliveryError) -> None:
        log.warning("file_lost", file_id=row.id, error=str(error))
        async with self._database.work() as work:
            await lost_files.give_up(work, row.id)

    async def _keep(self, row: FileRow, content: bytes) -> None:
        checksum = sha256(content).hexdigest()
        try:
            await asyncio.to_thread(keep, self._folder, checksum, content)
        except OSError as error:  # full, read-only: the messenger still has it
            log.error("file_not_kept", file_id=row.id, error=type(error).__name__)
            async with self._database.work() as work:
                await files.try_again(work, row.id, work.now + timedelta(seconds=LAST_RETRY))
            return
        async with self._database.work() as work:
            if not await files.kept(work, row.id, checksum=checksum, size=len(content)):
                await files.discard(work, {checksum})


def keep(folder: Path, checksum: str, content: bytes) -> None:
    """Write a file completely and durably, or not at all.

    The same content is kept once.
    """
    place = place_of(folder, checksum)
    if place.exists():
        os.utime(place)  # touched, so that it is not swept before its row says that it is kept
        return
    place.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=place.parent, suffix=".part", delete=False) as out:
        part = Path(out.name)
        try:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        except OSError:
            part.unlink()  # on a full disk the half that fitted would take the rest of the room, again and again
            raise
    part.replace(place)


async def sweep(database: Database, folder: Path, *, older_than: float = DAY) -> int:
    """Delete kept files that nothing refers to any more; return how many.

    Such as a dropped draft's. Young files stay (in seconds, by the file's own date): the row of one just written may
    not exist yet.
    """
    swept = 0
    for part in await asyncio.to_thread(lambda: sorted(folder.glob("[0-9a-f][0-9a-f]"))):
        names = await asyncio.to_thread(_settled_names, part, older_than)
        async with database.reading() as work:
            known = await files.known_checksums(work, names)
        for name in set(names) - known:
            await asyncio.to_thread((part / name).unlink, missing_ok=True)
            swept += 1
    return swept


def _settled_names(part: Path, older_than: float) -> list[str]:
    limit = time.time() - older_than
    return [path.name for path in part.iterdir() if path.is_file() and path.stat().st_mtime <= limit]
