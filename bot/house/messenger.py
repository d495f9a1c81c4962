"""Connecting to the messenger: waiting for it, default menus, the webhook."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit

import structlog
from telegram import BotCommand
from telegram.error import InvalidToken, RetryAfter, TelegramError

from bot.config import Config, hook_secret
from bot.house.application import BotApplication
from bot.house.health_routes import Standing
from bot.house.http import listening
from bot.house.stopping import pause, unless_stopped
from bot.loops.receiver import ALLOWED_UPDATES, CALLS_AT_ONCE, TokenRefused, Webhook
from channels.telegram.channel import busy
from channels.telegram.transport import what_failed
from handlers.chat.account import default_menu
from messages.words import LANGUAGES
from storage.engine.database import Database

log = structlog.get_logger(__name__)

HOOK_SECONDS = 30.0  # between looks whether the messenger knows the webhook


async def connect(application: BotApplication, stop: asyncio.Event) -> bool:
    """Wait for the messenger, however long it is away; False when told to stop meanwhile."""
    seconds = 1.0
    while not stop.is_set():
        try:
            await unless_stopped(application.initialize(), stop)
            return not stop.is_set()
        except InvalidToken as error:
            raise TokenRefused from error
        except TelegramError as error:
            log.warning("messenger_unavailable", error=what_failed(error), next_try_seconds=seconds)
            await pause(stop, seconds)
            seconds = min(60.0, seconds * 2)
    return False


async def show_default_menus(application: BotApplication) -> None:
    """Set the menu for people without a role, in each language.

    The bot starts without it where that fails: people can type.
    """
    for language in (None, *LANGUAGES):
        commands = [BotCommand(*command) for command in default_menu(language or "vi")]
        try:
            await application.bot.set_my_commands(commands, language_code=language)
        except TelegramError as error:
            log.warning("menu_not_shown", language=language, error=type(error).__name__)


@contextlib.asynccontextmanager
async def receiving_hook(config: Config, database: Database, wake: asyncio.Event) -> AsyncIterator[None]:
    """Listen for the messenger's calls in webhook mode; do nothing in polling mode."""
    if config.telegram.mode == "polling":
        yield
        return
    url, secret = _hook_of(config)
    app = Webhook(database, secret, wake).application(urlsplit(url).path)
    async with listening(app, config.telegram.webhook_listen):
        yield


async def announce_hook(
    config: Config, application: BotApplication, standing: Standing, over: asyncio.Event
) -> None:
    """Tell the messenger where to call, and keep checking that it knows.

    Its silence alone says nothing: it is silent while it is away, too.
    """
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
    """Return whether the messenger still calls this address; wait while it can't be asked."""
    known = await _patiently(application.bot.get_webhook_info, over)
    if known is not None and known.url != url:
        log.warning("webhook_lost")  # somebody else with this token took it away
    return known is not None and known.url == url


def _hook_of(config: Config) -> tuple[str, str]:
    assert config.telegram.webhook_url is not None
    return config.telegram.webhook_url, hook_secret(config).get_secret_value()


async def _patiently(call: Any, stop: asyncio.Event) -> Any:
    """Call the messenger until it answers; return its answer, or None when told to stop."""
    while not stop.is_set():
        try:
            return await unless_stopped(call(), stop)
        except RetryAfter as error:
            await pause(stop, busy(error).seconds)
        except TelegramError as error:
            log.warning("messenger_unavailable", error=what_failed(error))
            await pause(stop, 2)
    return None
