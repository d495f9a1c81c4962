"""The ticks' beat, and what happens to one that is under way when the process is told to stop."""

import asyncio
import logging
from pathlib import Path

import pytest

from bot import scheduler
from bot.scheduler import Scheduler
from storage.database import Database


async def test_a_tick_that_has_begun_is_finished_before_the_process_leaves(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    begun, finished = asyncio.Event(), asyncio.Event()

    async def slow_tick(of: Database) -> dict[str, int]:
        begun.set()
        async with of.reading():
            await asyncio.sleep(0.2)
        finished.set()
        return {}

    monkeypatch.setattr(scheduler, "tick", slow_tick)
    monkeypatch.setattr(scheduler, "BEAT_SECONDS", 0.02)
    stop = asyncio.Event()
    running = asyncio.create_task(Scheduler(database, asyncio.Event(), tmp_path).run(stop))
    await asyncio.wait_for(begun.wait(), 5)
    stop.set()
    await asyncio.wait_for(running, 5)
    await asyncio.sleep(0.05)
    assert finished.is_set()
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]
