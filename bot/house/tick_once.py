"""`./danhoi tick`: does the scheduled work once.

Its messages are delivered here where no `run` is at work.
"""

import asyncio
import contextlib

import structlog
from telegram.error import TelegramError

from bot.config import Config
from bot.house.clocks import FixedClock
from bot.house.exclusive import AlreadyRunning, leading
from bot.house.house import House
from channels.telegram.transport import what_failed
from domain.privacy.audit import AuditAct
from services.operation.ticking import tick
from storage.engine.database import Database
from storage.operation import audit

log = structlog.get_logger(__name__)


async def tick_once(database: Database, config: Config) -> dict[str, int]:
    """Do what is due at the database's clock; return counts by kind, and messages `sent`.

    Beside a `run`, that one delivers. Without a token nothing is delivered, and what was queued waits.
    """
    done = await tick(database)
    if isinstance(database.clock, FixedClock) and any(done.values()):
        async with database.work() as work:  # moments that do not go forward have a reason
            await audit.add(work, AuditAct.TICKED_AS_IF, "database", actor_id=None, details={})
    if config.telegram.token is None:
        log.warning("not_delivered", why="telegram.token is missing")
        return done | {"sent": 0}
    try:
        async with leading(database):
            return done | {"sent": await _deliver(database, config)}
    except AlreadyRunning:
        return done | {"sent": 0}


async def _deliver(database: Database, config: Config) -> int:
    house = House(config, database.clock, database)
    try:
        await house.application.initialize()
    except TelegramError as error:
        log.warning("messenger_unavailable", error=what_failed(error))
        return 0
    try:
        sender, broadcaster = house.sender(), house.broadcaster()
        await asyncio.gather(sender.send_all(), broadcaster.send_all())
        await sender.send_all()  # what the broadcasts caused: people who can't be reached any more
        return sender.sent + broadcaster.sent
    finally:
        with contextlib.suppress(TelegramError):
            await house.application.shutdown()
