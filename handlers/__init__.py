"""Conversations: what a person typed or pressed, one call of a service, what the person reads."""

import pkgutil
from importlib import import_module
from typing import Any

from telegram.ext import (
    Application,
    CallbackQueryHandler,
    ChatMemberHandler,
    MessageHandler,
    filters,
)

from handlers import dispatch
from handlers.chat.context import Context
from handlers.dispatch import apologise, refuse

__all__ = ["apologise", "refuse", "register"]

# Importing them enters their commands, presses, steps and replies into handlers.chat.registry.
for _module in pkgutil.walk_packages(__path__, "handlers."):
    import_module(_module.name)


def register(application: Application[Any, Context, Any, Any, Any, Any]) -> None:
    """Give python-telegram-bot our handlers, one for each kind of update."""
    private = filters.ChatType.PRIVATE
    # Asked first whether it is text, for that there are 45 ways not to be words of somebody.
    said = filters.TEXT | ~filters.StatusUpdate.ALL
    application.add_handlers(
        [
            MessageHandler(filters.UpdateType.MESSAGE & private & said, dispatch.on_message),
            MessageHandler(filters.UpdateType.EDITED_MESSAGE & private, dispatch.on_edit),
            MessageHandler(filters.ChatType.GROUPS, dispatch.on_group),
            CallbackQueryHandler(dispatch.on_press),
            ChatMemberHandler(dispatch.on_membership, ChatMemberHandler.MY_CHAT_MEMBER),
        ]
    )
    application.add_error_handler(dispatch.on_error)
