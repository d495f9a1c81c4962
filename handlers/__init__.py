"""Conversations: what a person typed or pressed, one call of a service, what the person reads."""

from typing import Any

from telegram.ext import (
    Application,
    CallbackQueryHandler,
    ChatMemberHandler,
    MessageHandler,
    filters,
)

# Importing these enters their commands, presses, steps and replies into handlers.registry.
# The order is that of the menus.
# isort: off
from handlers import asking, draft_buttons, following, airing_times, past_episodes  # noqa: F401
from handlers import afterwards, subscriptions, my_data  # noqa: F401
from handlers import officer, extension, promising, reminded, approving, editor, publishing  # noqa: F401
from handlers import airings, episodes, choosing, guests, script_plan, links, broadcasts  # noqa: F401
from handlers import by_hand, admin, days_off, ledger_export, operation, group, account  # noqa: F401
from handlers import dispatch

# isort: on
from handlers.context import Context
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
