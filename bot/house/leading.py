"""Leading among several `run` on one PostgreSQL.

All receive and work, one leads, and another takes over when it is gone.
"""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from bot.house.exclusive import lead, shared
from bot.house.stopping import pause, wait_for
from storage.engine import locks
from storage.engine.database import Database
from storage.engine.errors import DatabaseTrouble
from storage.engine.locks import Session

log = structlog.get_logger(__name__)

LOOK_SECONDS = 0.5  # between looks whether somebody has to take over
CHECK_SECONDS = 2.0  # between questions whether the lock is still ours
ANSWER_SECONDS = 5.0  # in which the database says so
# The last leader's last second of sending counts for the pace; and by then it knows that it no longer leads.
CHANGE_SECONDS = 1.0


class Leading:
    """This process's part in who leads. `queued` is set when something may be sent."""

    def __init__(self, database: Database, queued: asyncio.Event) -> None:
        self._database = database
        self._queued = queued
        self._waited = False  # another may have led just now

    async def run(self, work: Callable[[asyncio.Event], Awaitable[None]], stop: asyncio.Event) -> None:
        """Do the leader's `work` whenever no other process does.

        An event tells it when its time is over.
        """
        if not shared(self._database):
            await work(stop)
            return
        while not stop.is_set():
            try:
                async with locks.session(self._database) as session:
                    if await self._stand_by(session, stop):
                        await self._lead(session, work, stop)
            except DatabaseTrouble as error:
                log.warning("database_unavailable", error=type(error).__name__)
                await pause(stop, 1)
            self._waited = True

    async def _stand_by(self, session: Session, stop: asyncio.Event) -> bool:
        """Wait until nobody leads, waking the leader meanwhile; return False when told to stop."""
        while not stop.is_set() and not await lead(session):
            if not self._waited:
                log.info("stands_by")
            self._waited = True
            await wait_for(self._queued, stop, LOOK_SECONDS)
            if self._queued.is_set():
                self._queued.clear()
                await session.wake_leader()
        if self._waited:
            await pause(stop, CHANGE_SECONDS)
        return not stop.is_set()

    async def _lead(
        self, session: Session, work: Callable[[asyncio.Event], Awaitable[None]], stop: asyncio.Event
    ) -> None:
        over = asyncio.Event()
        await session.when_woken(self._queued.set)
        watching = asyncio.create_task(_watch(session, over, stop))
        log.info("leads")
        try:
            await work(over)
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)
        if not stop.is_set():
            log.warning("leads_no_more")


async def _watch(session: Session, over: asyncio.Event, stop: asyncio.Event) -> None:
    """Set `over` when the process is to stop or the lock is lost (with its connection or the database)."""
    try:
        while not stop.is_set() and not session.lost.is_set():
            await wait_for(session.lost, stop, CHECK_SECONDS)
            if not stop.is_set():
                await session.check(ANSWER_SECONDS)
    except (DatabaseTrouble, TimeoutError) as error:
        log.warning("database_unavailable", error=type(error).__name__)
    finally:
        over.set()
