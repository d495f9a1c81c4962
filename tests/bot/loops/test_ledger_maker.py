"""Making a ledger beside the bot: told to stop it leaves in time, and nothing half-made stays."""

import asyncio
import sys
import threading
from pathlib import Path

import pytest

from bot.loops.ledger_maker import LedgerMaker
from domain.periods import Period
from messages.documents.ledger_book import LedgerBook
from storage.engine.database import Database
from storage.ledger import exports
from tests.worlds.world import World


@pytest.fixture
async def asked(database: Database) -> int:
    """An admin has asked for the ledger of a day with a question in it; the export's id."""
    async with database.work() as work:
        world = await World.build(work)
        await world.received(work)
        today = work.programme.local(work.now).date()
        return await exports.add(work, world.admin.id, Period(today, today))


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


async def test_told_to_stop_while_it_is_packed_it_leaves_and_the_next_one_makes_it(
    database: Database, asked: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Packing a large file takes longer than the ten seconds in which a process is to leave."""
    packing, go_on = threading.Event(), threading.Event()
    close = LedgerBook.close

    def slow(book: LedgerBook) -> None:
        packing.set()
        go_on.wait()

    monkeypatch.setattr(LedgerBook, "close", slow)
    stop = asyncio.Event()
    running = asyncio.create_task(LedgerMaker(database, tmp_path, asyncio.Event()).run(stop))
    await asyncio.to_thread(packing.wait)
    stop.set()
    running.cancel()  # as `bot.house.run` does with what takes too long
    await asyncio.wait([running], timeout=5)
    assert running.done()
    go_on.set()
    monkeypatch.setattr(LedgerBook, "close", close)
    again = LedgerMaker(database, tmp_path, queued := asyncio.Event())
    await again.make_all()
    assert queued.is_set()
    assert len(files_in(tmp_path)) == 1


async def test_told_to_stop_between_pages_it_leaves_what_it_has_begun(
    database: Database, asked: int, tmp_path: Path
) -> None:
    stop = asyncio.Event()
    stop.set()
    assert not await LedgerMaker(database, tmp_path, asyncio.Event()).make_one(stop)
    assert files_in(tmp_path) == []
    async with database.reading() as work:
        waiting = await exports.next_to_make(work)
    assert waiting is not None
    assert (waiting.id, waiting.tries) == (asked, 0)


async def test_the_library_is_loaded_when_the_first_ledger_is_made() -> None:
    """Like the other makers of documents: a start has no time for it."""
    program = "import sys, bot.house.run; sys.exit('xlsxwriter' in sys.modules)"
    child = await asyncio.create_subprocess_exec(sys.executable, "-c", program)
    assert await child.wait() == 0
