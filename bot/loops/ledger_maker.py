"""Makes the spreadsheets of the ledger that admins asked for, beside all other work.

The requests stand in the database. Lines are read page by page and written outside of the event loop into a file
below `storage.files`, which is kept there until its message is delivered.
"""

import asyncio
import contextlib
import os
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from hashlib import file_digest
from pathlib import Path

import structlog

from bot.house.stopping import pause
from bot.lists.erasures import place_of
from messages.documents.ledger_book import LedgerBook, TooLarge
from services.ledger import exports
from services.ledger.exports import Job
from services.ledger.ledger import LedgerLine
from storage.engine.database import Database
from storage.engine.errors import DatabaseTrouble
from storage.rows import QuestionRow

log = structlog.get_logger(__name__)

LOOK_SECONDS = 1.0
AT_ONCE = 25  # questions, about 10 ms
RESTS = 2  # times as long as it wrote
LIMIT = 50_000_000  # bytes; Bot API, sendDocument: 50 MB
HALF_MADE = "half-made"  # below storage.files; nothing in it outlives its making


class _Stopped(Exception):
    """Told to stop; the process that leads next makes the spreadsheet."""


class LedgerMaker:
    """Makes spreadsheets one after the other.

    `queued` is set when one may be sent.
    """

    def __init__(
        self, database: Database, folder: Path, queued: asyncio.Event, *, limit: int = LIMIT
    ) -> None:
        self._database = database
        self._folder = folder
        self._queued = queued
        self._limit = limit

    async def run(self, stop: asyncio.Event) -> None:
        await asyncio.to_thread(shutil.rmtree, self._folder / HALF_MADE, ignore_errors=True)
        while not stop.is_set():
            try:
                made = await self.make_one(stop)
                await self.tidy()
            except DatabaseTrouble as error:
                log.warning("database_unavailable", error=type(error).__name__)
                made = False
            if not made:
                await pause(stop, LOOK_SECONDS)

    async def make_all(self) -> None:
        """Make all spreadsheets that were asked for."""
        while await self.make_one(asyncio.Event()):
            pass

    async def make_one(self, stop: asyncio.Event) -> bool:
        """Make the next spreadsheet.

        False where none is asked for, or it could not be made.
        """
        async with self._database.reading() as work:
            job = await exports.next_job(work)
        if job is None:
            return False
        try:
            questions = await self._make(job, stop)
        except _Stopped:
            return False
        except TooLarge:
            log.info("ledger_too_large", export_id=job.row.id)
            await self._failed(job, too_large=True)
            return True
        except DatabaseTrouble:
            raise
        except Exception as error:  # a full disk, a fault of ours: it must not end what else is done here
            log.exception("ledger_not_made", export_id=job.row.id, error=type(error).__name__)
            await self._failed(job, too_large=False)
            return False
        log.info("ledger_made", export_id=job.row.id, questions=questions)
        self._queued.set()
        return True

    async def _failed(self, job: Job, *, too_large: bool) -> None:
        async with self._database.work() as work:
            await exports.failed(work, job, too_large=too_large)
        self._queued.set()

    async def _make(self, job: Job, stop: asyncio.Event) -> int:
        """Make the spreadsheet; return how many questions it has."""
        with _place(self._folder) as place:
            file = place / "ledger.xlsx"
            questions = await self._write(job, file, stop)
            checksum = await asyncio.to_thread(_keep, self._folder, file)
        async with self._database.work() as work:
            if not await exports.send(work, job, checksum, questions):
                log.info("ledger_outdated", export_id=job.row.id)
        return questions

    async def _write(self, job: Job, file: Path, stop: asyncio.Event) -> int:
        book = await asyncio.to_thread(LedgerBook, file, job.head, limit=self._limit)
        questions = 0
        after: QuestionRow | None = None
        try:
            while page := await self._page(job, after):
                if stop.is_set():
                    raise _Stopped
                lines, after = page
                await self._add(book, job, lines)
                questions += len(lines)
            await _apart(book.close)
        except BaseException:
            book.drop()
            raise
        return questions

    async def _add(self, book: LedgerBook, job: Job, lines: Sequence[LedgerLine]) -> None:
        """Write a few lines at once, then rest.

        Python runs one thread at a time, and people wait for the others.
        """
        clock = asyncio.get_running_loop().time
        for at in range(0, len(lines), AT_ONCE):
            began = clock()
            await asyncio.to_thread(book.add, map(job.in_words.cells, lines[at : at + AT_ONCE]))
            await asyncio.sleep(RESTS * (clock() - began))

    async def _page(self, job: Job, after: QuestionRow | None) -> tuple[list[LedgerLine], QuestionRow] | None:
        async with self._database.reading() as work:
            return await exports.page(work, job, after)

    async def tidy(self) -> None:
        """Delete files whose message is settled."""
        async with self._database.reading() as work:
            tidy = await exports.is_tidy(work)
        if not tidy:
            async with self._database.work() as work:
                await exports.tidy(work)
            self._queued.set()


@contextmanager
def _place(folder: Path) -> Iterator[Path]:
    """Make a working folder that only its owner can read and that is deleted afterwards."""
    above = folder / HALF_MADE
    above.mkdir(parents=True, exist_ok=True)
    # A thread that nobody waits for may still be writing there when we leave.
    with tempfile.TemporaryDirectory(dir=above, ignore_cleanup_errors=True) as place:
        yield Path(place)


async def _apart(work: Callable[[], None]) -> None:
    """Run something slow in a thread that we do not wait for at exit, unlike `asyncio.to_thread`."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[None] = loop.create_future()

    def settle(error: Exception | None) -> None:
        if done.cancelled():
            return
        if error is None:
            done.set_result(None)
        else:
            done.set_exception(error)

    def run() -> None:
        error: Exception | None = None
        try:
            work()
        except Exception as failure:  # noqa: BLE001  # raised where it is awaited
            error = failure
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(settle, error)

    threading.Thread(target=run, name="ledger", daemon=True).start()
    await done


def _keep(folder: Path, file: Path) -> str:
    """Move the file among the kept ones; return its checksum."""
    with file.open("rb") as content:
        checksum = file_digest(content, "sha256").hexdigest()
        os.fsync(content.fileno())
    file.chmod(0o600)
    place = place_of(folder, checksum)
    place.parent.mkdir(parents=True, exist_ok=True)
    file.replace(place)
    return checksum
