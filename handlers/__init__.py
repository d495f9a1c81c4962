"""Conversations: what a person typed or pressed, one call of a service, what the person reads."""

from typing import Any

from telegram.ext import (
    Application,
    CallbackQueryHandler,
    ChatMemberHandler,
    MessageHandler,
    filters,
)

# Importing these enters their commands, presses, steps and replies into handlers.chat.registry.
# The order is that of the menus.
# isort: off
from handlers.questions import asking, draft_buttons, tracking  # noqa: F401
from handlers.airings import times  # noqa: F401
from handlers.episodes import past_episodes  # noqa: F401
from handlers.questions import asker_decisions  # noqa: F401
from handlers.subscribers import subscriptions  # noqa: F401
from handlers.privacy import my_data  # noqa: F401
from handlers.questions import agency_work  # noqa: F401
from handlers.deadlines import extensions, promises, reminders  # noqa: F401
from handlers.questions import approval, screening, publication  # noqa: F401
from handlers.airings import changes  # noqa: F401
from handlers.episodes import episodes, selection, guests, script_plans, links  # noqa: F401
from handlers.broadcasts import broadcasts  # noqa: F401
from handlers.questions import by_hand  # noqa: F401
from handlers.staff import roles  # noqa: F401
from handlers.calendar import days_off  # noqa: F401
from handlers.ledger import exports  # noqa: F401
from handlers.operation import operation  # noqa: F401
from handlers.staff import groups  # noqa: F401
from handlers.chat import account  # noqa: F401
from handlers import dispatch

# isort: on
from handlers.chat.context import Context
from handlers.dispatch import apologise, refuse

__all__ = ["apologise", "refuse", "register"]


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
