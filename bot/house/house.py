"""A programme at work: its configuration, database, channels, clock and loops."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import structlog
from telegram.error import TelegramError

from bot.config import Config, ConfigurationError
from bot.house.application import build_application
from bot.house.exclusive import taking_part
from bot.house.health_routes import Standing, Watch
from bot.house.http import AiringCalendar, serving
from bot.house.leading import Leading
from bot.house.messenger import announce_hook, connect, receiving_hook, show_default_menus
from bot.house.stopping import unless_stopped
from bot.house.wiring import broadcaster_of, open_database, paces_of
from bot.loops.broadcaster import Broadcaster
from bot.loops.fetcher import Fetcher
from bot.loops.ledger_maker import LedgerMaker
from bot.loops.receiver import Polling
from bot.loops.scheduler import Scheduler
from bot.loops.sender import Sender
from bot.loops.worker import Worker
from channels.outgoing import Channel
from channels.telegram.channel import TelegramChannel
from channels.telegram.reading import CHANNEL
from domain.clock import Clock
from messages.documents.script_plan import BrokenTemplate, check_template
from services import registry
from storage.engine import facts
from storage.engine.database import Database
from storage.operation import audit
from understanding.loading import shipped

log = structlog.get_logger(__name__)

LEAVE_WITHIN = 8.0  # seconds to finish what is held (contract: 10 s after SIGTERM)
LEAD_NO_MORE_WITHIN = 6.0  # of these, for what the leader alone does: its own end has to be heard, too


class House:
    """One province's programme in this process.

    `queued` is set when something may go out.
    """

    def __init__(self, config: Config, clock: Clock, database: Database | None = None) -> None:
        """Put the parts together; a `database` that is open already stays its owner's. Raises `ConfigurationError`."""
        self.config = config
        self.application = build_application(config)
        self.database = database or open_database(config, clock)
        self.channels: dict[str, Channel] = {
            CHANNEL: TelegramChannel(self.application.bot, config.storage.files)
        }
        self.paces = paces_of(config)
        self.standing = Standing()
        self.queued = asyncio.Event()
        self.worker = Worker(self.database, self.application, self.queued)

    @property
    def polls(self) -> bool:
        return self.config.telegram.mode == "polling"

    def sender(self) -> Sender:
        return Sender(self.database, self.channels, self.paces, self.queued)

    def broadcaster(self) -> Broadcaster:
        return broadcaster_of(self.config, self.database, self.channels, self.paces)

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Join the database and answer over HTTP.

        Raises `AlreadyRunning`, `ForeignDatabase`, `ConfigurationError`.
        """
        http = self.config.http
        check_templates(self.config)
        registry.load()  # every subject has registered its functions before any is called
        self.config.storage.files.mkdir(parents=True, exist_ok=True)
        try:
            calendar, watch = AiringCalendar(self.database), Watch(self.database, self.standing)
            async with (
                taking_part(self.database),
                serving(http.listen, [*calendar.routes(), *watch.routes_beside(http)]),
                serving(http.watch_listen, watch.routes()),
            ):
                await self._use_audit_key()
                yield
        finally:
            await self.database.close()

    async def serve(self, stop: asyncio.Event) -> None:
        """Receive, work and, where this process leads, send, until told to stop. Raises `TokenRefused`."""
        if not await connect(self.application, stop):
            return
        await unless_stopped(show_default_menus(self.application), stop)
        bot = self.application.bot
        async with self.database.work() as work:
            await facts.put(work, facts.BOT_NAME, bot.username)
        # Read while the bot connects: whoever writes first does not wait for it.
        model = asyncio.create_task(_read_model(), name="model")
        for pace in self.paces.values():  # nobody remembers to whom the last process sent just before it died
            pace.hold(self.config.limits.chat_seconds)
        jobs = {
            "worker": self.worker.run(stop),
            "leading": Leading(self.database, self.queued).run(self._lead, stop),
        }
        tasks = [asyncio.create_task(job, name=name) for name, job in jobs.items()]
        try:
            async with receiving_hook(self.config, self.database, self.worker.wake):
                self.standing.started = True
                log.info("ready", bot=bot.username, mode=self.config.telegram.mode)
                await _until_stopped(stop, tasks)
        finally:
            self.standing.stopping = True
            stop.set()
            try:
                await _ended([*tasks, model], LEAVE_WITHIN)
            finally:
                with contextlib.suppress(TelegramError):
                    await self.application.shutdown()
                log.info("stopped")

    async def _lead(self, over: asyncio.Event) -> None:
        """Run the loops that only the leading process runs, until told to stop."""
        standing, files = self.standing, self.config.storage.files
        # In polling mode the messenger has just answered `getMe`; a webhook must be set first.
        standing.leads, standing.heard_at = True, asyncio.get_running_loop().time() if self.polls else 0.0
        receiving = (
            Polling(self.database, self.application.bot, self.worker.wake, standing.heard).run(over)
            if self.polls
            else announce_hook(self.config, self.application, standing, over)
        )
        jobs = {
            "sender": self.sender().run(over),
            "broadcaster": self.broadcaster().run(over),
            "fetcher": Fetcher(self.database, self.channels, files).run(over),
            "scheduler": Scheduler(self.database, self.queued, files, self.config.storage.heads).run(over),
            "ledger_maker": LedgerMaker(self.database, files, self.queued).run(over),
            "receiving": receiving,
        }
        tasks = [asyncio.create_task(job, name=name) for name, job in jobs.items()]
        try:
            await _until_stopped(over, tasks)
        finally:
            over.set()
            try:
                await _ended(tasks, LEAD_NO_MORE_WITHIN)
            finally:
                standing.leads = False

    async def _use_audit_key(self) -> None:
        """Take up the key that seals the audit log; raise `ConfigurationError` where it is missing.

        Without the key that sealed an audit log, nothing can be added to it.
        """
        try:
            async with self.database.work() as work:
                await audit.use_key(work)
        except audit.AuditKeyMissing:
            raise ConfigurationError(
                "privacy.audit_keys: the key that seals the audit log of this database is missing"
            ) from None


def check_templates(config: Config) -> None:
    """Try an office's own template at start; raise `ConfigurationError` where it is broken."""
    template = config.episodes.script_plan_template
    if template is None:
        return
    try:
        check_template(template)
    except BrokenTemplate as broken:
        raise ConfigurationError(f"episodes.script_plan_template: {broken}") from broken


async def _until_stopped(stop: asyncio.Event, tasks: "list[asyncio.Task[None]]") -> None:
    """Wait for the order to stop, or for a part to end by itself, which ends the process."""
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait([stopping, *tasks], return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()


async def _read_model() -> None:
    await asyncio.to_thread(shipped)


async def _ended(tasks: "list[asyncio.Task[None]]", seconds: float) -> None:
    """Wait until the loops finish what they hold, then cancel them; raise what broke one of them.

    A supervisor restarts a process that ended with a fault.
    """
    await asyncio.wait(tasks, timeout=seconds)
    for task in tasks:
        task.cancel()
    for result in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(result, Exception):
            raise result
