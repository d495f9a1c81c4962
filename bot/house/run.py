"""The bot for real: receive, work, send, fetch, until told to stop."""

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit

import structlog
from telegram import BotCommand
from telegram.error import InvalidToken, TelegramError

from bot.config import Config, ConfigurationError, hook_secret
from bot.house.application import BotApplication, build_application
from bot.house.exclusive import taking_part
from bot.house.health_routes import Standing, Watch, lag_measured
from bot.house.http import AiringCalendar, listening, serving
from bot.house.leading import Leading
from bot.house.stopping import pause, unless_stopped
from bot.house.wiring import broadcaster_of, open_database, pace_of
from bot.loops.fetcher import Fetcher
from bot.loops.ledger_maker import LedgerMaker
from bot.loops.pace import Pace
from bot.loops.receiver import ALLOWED_UPDATES, CALLS_AT_ONCE, Polling, TokenRefused, Webhook
from bot.loops.scheduler import Scheduler
from bot.loops.sender import Sender
from bot.loops.worker import Worker
from channels.outgoing import Channel
from channels.telegram.channel import TelegramChannel
from channels.telegram.reading import CHANNEL
from domain.clock import Clock
from handlers.chat.account import default_menu
from messages.documents.script_plan import BrokenTemplate, check_template
from messages.words import LANGUAGES
from storage.engine import facts
from storage.engine.database import Database
from storage.operation import audit

log = structlog.get_logger(__name__)

HOOK_SECONDS = 30.0  # between looks whether the messenger knows the webhook
LEAVE_WITHIN = 8.0  # seconds to finish what is held (contract: 10 s after SIGTERM)


async def run(config: Config, clock: Clock, stop: asyncio.Event | None = None) -> None:
    """Run until SIGTERM, SIGINT or `stop`.

    Raises `AlreadyRunning`, `ForeignDatabase`, `TokenRefused`, `ConfigurationError`.
    """
    stop = stop or asyncio.Event()
    _check_templates(config)
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    application = build_application(config)
    config.storage.files.mkdir(parents=True, exist_ok=True)
    database = open_database(config, clock)
    try:
        standing = Standing()
        calendar, watch = AiringCalendar(database), Watch(database, standing)
        async with (
            taking_part(database),
            serving(config.http.listen, [*calendar.routes(), *watch.routes_beside(config.http)]),
            serving(config.http.watch_listen, watch.routes()),
            lag_measured(),
        ):
            await _use_audit_key(database)
            await _serve(config, database, application, standing, stop)
    finally:
        await database.close()


async def _use_audit_key(database: Database) -> None:
    """Nothing can be added to an audit log without the key that seals it; raises `ConfigurationError`."""
    try:
        async with database.work() as work:
            await audit.use_key(work)
    except audit.AuditKeyMissing:
        raise ConfigurationError(
            "privacy.audit_keys: the key that seals the audit log of this database is missing"
        ) from None


def _check_templates(config: Config) -> None:
    """An office's own template is tried before anybody needs it; raises `ConfigurationError`."""
    template = config.episodes.script_plan_template
    if template is None:
        return
    try:
        check_template(template)
    except BrokenTemplate as broken:
        raise ConfigurationError(f"episodes.script_plan_template: {broken}") from broken


async def _serve(
    config: Config,
    database: Database,
    application: BotApplication,
    standing: Standing,
    stop: asyncio.Event,
) -> None:
    bot = application.bot
    if not await _connect(application, stop):
        return
    await unless_stopped(_show_default_menus(application), stop)
    async with database.work() as work:
        await facts.put(work, facts.BOT_NAME, bot.username)
    queued = asyncio.Event()
    worker = Worker(database, application, queued)
    pace = pace_of(config)
    pace.hold(
        config.limits.chat_seconds
    )  # nobody remembers to whom the last process sent just before it died

    async def lead(over: asyncio.Event) -> None:
        # It was heard when it said who we are; a webhook must be taken first.
        polls = config.telegram.mode == "polling"
        standing.leads, standing.heard_at = True, asyncio.get_running_loop().time() if polls else 0.0
        try:
            await _lead(config, database, application, worker.wake, queued, pace, standing, over)
        finally:
            standing.leads = False

    jobs = {"worker": worker.run(stop), "leading": Leading(database, queued).run(lead, stop)}
    tasks = [asyncio.create_task(job, name=name) for name, job in jobs.items()]
    try:
        async with _hook(config, database, worker.wake):
            standing.started = True
            log.info("ready", bot=bot.username, mode=config.telegram.mode)
            await _until_stopped(stop, tasks)
    finally:
        standing.stopping = True
        stop.set()
        await _ended(tasks)
        with contextlib.suppress(TelegramError):
            await application.shutdown()
        log.info("stopped")


async def _lead(
    config: Config,
    database: Database,
    application: BotApplication,
    wake: asyncio.Event,
    queued: asyncio.Event,
    pace: Pace,
    standing: Standing,
    over: asyncio.Event,
) -> None:
    """What one process alone does: send, fetch and make files, tick, ask the messenger for updates or where to call."""
    channels: dict[str, Channel] = {CHANNEL: TelegramChannel(application.bot, config.storage.files)}
    receiving = (
        Polling(database, application.bot, wake, standing.heard).run(over)
        if config.telegram.mode == "polling"
        else _announce_hook(config, application, standing, over)
    )
    jobs = {
        "sender": Sender(database, channels, pace, queued).run(over),
        "broadcaster": broadcaster_of(config, database, channels, pace).run(over),
        "fetcher": Fetcher(database, channels, config.storage.files).run(over),
        "scheduler": Scheduler(database, queued, config.storage.files, config.storage.heads).run(over),
        "ledger_maker": LedgerMaker(database, config.storage.files, queued).run(over),
        "receiving": receiving,
    }
    tasks = [asyncio.create_task(job, name=name) for name, job in jobs.items()]
    try:
        await _until_stopped(over, tasks)
    finally:
        over.set()
        await _ended(tasks)


async def _ended(tasks: "list[asyncio.Task[None]]") -> None:
    """Let them finish what they hold, and end them when that takes too long."""
    await asyncio.wait(tasks, timeout=LEAVE_WITHIN)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _connect(application: BotApplication, stop: asyncio.Event) -> bool:
    """Wait for the messenger, however long it is away; False when told to stop meanwhile."""
    seconds = 1.0
    while not stop.is_set():
        try:
            await unless_stopped(application.initialize(), stop)
            return not stop.is_set()
        except InvalidToken as error:
            raise TokenRefused from error
        except TelegramError as error:
            log.warning("messenger_unavailable", error=type(error).__name__, next_try_seconds=seconds)
            await pause(stop, seconds)
            seconds = min(60.0, seconds * 2)
    return False


async def _show_default_menus(application: BotApplication) -> None:
    """The menu of whoever holds no role, in each language. Done without it: people can type."""
    for language in (None, *LANGUAGES):
        commands = [BotCommand(*command) for command in default_menu(language or "vi")]
        try:
            await application.bot.set_my_commands(commands, language_code=language)
        except TelegramError as error:
            log.warning("menu_not_shown", language=language, error=type(error).__name__)


@contextlib.asynccontextmanager
async def _hook(config: Config, database: Database, wake: asyncio.Event) -> AsyncIterator[None]:
    """Where the messenger calls, in webhook mode: every process listens, and whichever is called receives."""
    if config.telegram.mode == "polling":
        yield
        return
    url, secret = _hook_of(config)
    app = Webhook(database, secret, wake).application(urlsplit(url).path)
    async with listening(app, config.telegram.webhook_listen):
        yield


async def _announce_hook(
    config: Config, application: BotApplication, standing: Standing, over: asyncio.Event
) -> None:
    """Tell the messenger where to call, and keep asking whether it knows: when it is away it is silent, too."""
    url, secret = _hook_of(config)
    while not over.is_set():
        await _patiently(
            lambda: application.bot.set_webhook(
                url,
                secret_token=secret,
                allowed_updates=ALLOWED_UPDATES,
                max_connections=CALLS_AT_ONCE,
            ),
            over,
        )
        known = not over.is_set()
        while known:
            standing.heard()
            await pause(over, HOOK_SECONDS)
            known = not over.is_set() and await _knows_hook(application, url, over)


async def _knows_hook(application: BotApplication, url: str, over: asyncio.Event) -> bool:
    """Whether the messenger still calls this address; waits for as long as it can't be asked."""
    known = await _patiently(application.bot.get_webhook_info, over)
    if known is not None and known.url != url:
        log.warning("webhook_lost")  # somebody else with this token took it away
    return known is not None and known.url == url


def _hook_of(config: Config) -> tuple[str, str]:
    assert config.telegram.webhook_url is not None
    return config.telegram.webhook_url, hook_secret(config).get_secret_value()


async def _patiently(call: Any, stop: asyncio.Event) -> Any:
    """What the messenger answers, however long it is away; None when told to stop."""
    while not stop.is_set():
        try:
            return await unless_stopped(call(), stop)
        except TelegramError as error:
            log.warning("messenger_unavailable", error=type(error).__name__)
            await pause(stop, 2)
    return None


async def _until_stopped(stop: asyncio.Event, tasks: "list[asyncio.Task[Any]]") -> None:
    """Wait for the order to stop; a part that ends by itself ends the process, for a supervisor to restart."""
    stopping = asyncio.create_task(stop.wait())
    done, _ = await asyncio.wait([stopping, *tasks], return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    for task in done - {stopping}:
        task.result()
