"""Runs the ticks by APScheduler; services.operation.ticking decides what is due, from the database."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.house import metrics
from bot.lists import audit_heads
from bot.lists.endings import write_list
from bot.lists.erasures import BadList
from bot.loops.fetcher import sweep
from services.broadcasts.card import show_progress
from services.operation.evidence import seal_ledger
from services.operation.ticking import tick
from services.privacy import retention
from storage.engine.database import Database
from storage.engine.errors import DatabaseTrouble
from storage.operation import audit, evidence

log = structlog.get_logger(__name__)

BEAT_SECONDS = 20
PROGRESS_SECONDS = 5  # between changes of the message that follows a broadcast
SEAL_SECONDS = 600  # for as long nobody can prove what was written last
FIRST_SEAL_SECONDS = 30  # after a start: so a process that restarts often seals, too
FORGET_HOUR = 3  # at night, in programme time


class Scheduler:
    """Runs the ticks, one after another.

    A missed or late one does no harm: the next finds what is due.
    """

    def __init__(
        self, database: Database, queued: asyncio.Event, files: Path, heads: Path | None = None
    ) -> None:
        self._database = database
        self._queued = queued
        self._files = files
        self._heads = heads
        self._noted_on: date | None = None
        self._listed_at: object = None
        self._at_work: set[asyncio.Task[Any]] = set()

    async def run(self, stop: asyncio.Event) -> None:
        beats = AsyncIOScheduler(timezone=self._database.programme.timezone)
        beats.add_job(
            self._whole(self.beat),
            "interval",
            seconds=BEAT_SECONDS,
            misfire_grace_time=None,
            coalesce=True,
            max_instances=1,
        )
        beats.add_job(
            self._whole(self.show_progress),
            "interval",
            seconds=PROGRESS_SECONDS,
            misfire_grace_time=None,
            coalesce=True,
            max_instances=1,
        )
        beats.add_job(
            self._whole(self.seal),
            "interval",
            seconds=SEAL_SECONDS,
            next_run_time=datetime.now(beats.timezone) + timedelta(seconds=FIRST_SEAL_SECONDS),
            misfire_grace_time=None,
            coalesce=True,
            max_instances=1,
        )
        beats.add_job(
            self._whole(self.forget), "cron", hour=FORGET_HOUR, misfire_grace_time=None, coalesce=True
        )
        beats.start()
        try:
            await stop.wait()
            beats.pause()
            await asyncio.sleep(0)  # what was begun this very moment is at work from its first step on
            await asyncio.gather(*self._at_work, return_exceptions=True)
        finally:
            beats.shutdown(wait=False)

    def _whole(self, job: Callable[[], Awaitable[None]]) -> Callable[[], Awaitable[None]]:
        """Wrap a job so that it is finished before we leave.

        APScheduler would cancel it and report that as a fault.
        """

        async def whole() -> None:
            task = asyncio.current_task()
            assert task is not None
            self._at_work.add(task)
            try:
                await job()
            finally:
                self._at_work.discard(task)

        return whole

    async def beat(self) -> None:
        try:
            done = await tick(self._database)
        except DatabaseTrouble as error:
            log.warning("database_unavailable", error=type(error).__name__)
            return
        metrics.TICKED.set(self._database.clock.now().timestamp())
        if any(done.values()):
            log.info("tick", **done)
            self._queued.set()

    async def show_progress(self) -> None:
        try:
            if await show_progress(self._database):
                self._queued.set()
        except DatabaseTrouble as error:
            log.warning("database_unavailable", error=type(error).__name__)

    async def seal(self) -> None:
        """Seal the ledger, and once a day keep the last seal outside of the database."""
        try:
            await seal_ledger(self._database)
            today = self._database.programme.local(self._database.clock.now()).date()
            await self._list_endings()
            if self._heads is not None and self._noted_on != today:
                await audit_heads.note(self._database, self._heads)
                self._noted_on = today
        except DatabaseTrouble as error:
            log.warning("database_unavailable", error=type(error).__name__)
        except OSError as error:  # full, read-only: it is tried again
            log.error("audit_head_not_kept", error=type(error).__name__)

    async def _list_endings(self) -> None:
        """Keep a list of what ended, so that a restore knows it when this database is gone.

        Only where something ended since.
        """
        async with self._database.reading() as work:
            now = (await audit.head(work))[0], await evidence.sealed_so_far(work)
        if now != self._listed_at:
            try:
                await write_list(self._database, self._files)
            except BadList as error:
                log.error("endings_not_listed", error=type(error).__name__)
            self._listed_at = now

    async def forget(self) -> None:
        try:
            done = await retention.apply(self._database)
            log.info("forgotten", **done, files=await sweep(self._database, self._files))
        except DatabaseTrouble as error:
            log.warning("database_unavailable", error=type(error).__name__)
