"""python-telegram-bot with our transport and a single handler, which takes turns.

A turn is the update that we make from a raw one (handlers.chat.turn).
"""

from typing import Any

from telegram.ext import Application, ApplicationBuilder, ExtBot, TypeHandler

import handlers
from bot.config import Config, require_token
from channels.telegram.transport import AiohttpRequest
from handlers.chat.turn import Turn

BotApplication = Application[Any, Any, Any, Any, Any, Any]


def build_bot(config: Config) -> "ExtBot[None]":
    """Build the messenger's bot with our transport, as every command reaches it.

    Through a proxy where the environment names one. Raises `ConfigurationError` without a token.
    """
    return ExtBot(
        token=require_token(config).get_secret_value(),
        base_url=config.telegram.base_url,
        base_file_url=config.telegram.base_file_url,
        request=AiohttpRequest(),
        get_updates_request=AiohttpRequest(connections=1),
    )


def build_application(config: Config) -> BotApplication:
    """Build python-telegram-bot's application with our handler and transport.

    Without its updater: bot.loops.receiver receives instead. Raises `ConfigurationError` without a token.
    """
    application: BotApplication = ApplicationBuilder().bot(build_bot(config)).updater(None).build()
    application.add_handler(TypeHandler(Turn, _take))
    application.add_error_handler(_keep_failure)
    return application


async def _take(turn: Turn, context: object) -> None:
    await handlers.take(turn)


async def _keep_failure(turn: object, context: Any) -> None:
    """Put what a handler raised on its turn, so that the worker rolls the update back."""
    if isinstance(turn, Turn) and isinstance(context.error, Exception):
        turn.failure = context.error
