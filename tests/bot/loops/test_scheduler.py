"""The ticks' beat, and what happens to one that is under way when the process is told to stop."""

import asyncio
import logging
from datetime import datetime
from pathlib import Path

import pytest
from apscheduler.executors.asyncio import AsyncIOExecutor
from apscheduler.job import Job

from bot.house import metrics
from bot.loops import scheduler
from bot.loops.scheduler import Scheduler
from storage.engine.database import Database
from storage.engine.errors import DatabaseAway
from tests.conftest import SetClock

LAST_TICK = "danhoi_last_tick_timestamp_seconds"


@pytest.mark.parametrize("told", ["while it works", "as APScheduler begins it"])
async def test_a_tick_that_has_begun_is_finished_before_the_process_leaves(
    database: Database,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    told: str,
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
    if told == "as APScheduler begins it":
        begin = AsyncIOExecutor.submit_job

        def told_and_begun(self: AsyncIOExecutor, job: Job, moments: list[datetime]) -> None:
            stop.set()
            begin(self, job, moments)

        monkeypatch.setattr(AsyncIOExecutor, "submit_job", told_and_begun)
    running = asyncio.create_task(Scheduler(database, asyncio.Event(), tmp_path).run(stop))
    await asyncio.wait_for(begun.wait(), 5)
    stop.set()
    await asyncio.wait_for(running, 5)
    await asyncio.sleep(0.05)
    assert finished.is_set()
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


async def test_when_the_scheduled_work_was_last_done_is_told_and_only_work_that_was_done_counts(
    database: Database, clock: SetClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    beats = Scheduler(database, asyncio.Event(), tmp_path)
    await beats.beat()
    done_at = clock.now().timestamp()
    assert metrics.REGISTRY.get_sample_value(LAST_TICK) == done_at
    clock.move(hours=1)

    async def away(_: Database) -> dict[str, int]:
        raise DatabaseAway("restarting")

    with monkeypatch.context() as patched:
        patched.setattr(scheduler, "tick", away)
        await beats.beat()
    assert metrics.REGISTRY.get_sample_value(LAST_TICK) == done_at
    await beats.beat()
    assert metrics.REGISTRY.get_sample_value(LAST_TICK) == done_at + 3600
