"""python-telegram-bot with our handlers and our transport."""

from typing import Any

from telegram.ext import Application, ApplicationBuilder, ContextTypes, ExtBot

from bot.config import Config, require_token
from channels.telegram.transport import AiohttpRequest
from handlers import register
from handlers.chat.context import Context

BotApplication = Application[Any, Context, Any, Any, Any, Any]


def build_application(config: Config) -> BotApplication:
    """python-telegram-bot with our handlers and transport, without its updater: we receive by ourselves.

    Raises `ConfigurationError` without a token.
    """
    bot: ExtBot[None] = ExtBot(
        token=require_token(config).get_secret_value(),
        base_url=config.telegram.base_url,
        base_file_url=config.telegram.base_file_url,
        request=AiohttpRequest(),
        get_updates_request=AiohttpRequest(connections=1),
    )
    application: BotApplication = (
        ApplicationBuilder().bot(bot).updater(None).context_types(ContextTypes(context=Context)).build()
    )
    register(application)
    return application
