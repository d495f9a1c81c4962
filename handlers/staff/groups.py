"""`/nhom` in a group: from now on it is an agency's, which is reminded there, too."""

from telegram import Update

from domain.questions.life import Role
from domain.vietnamese.text import clean, fold
from handlers.chat.context import CHANNEL, Context
from handlers.chat.registry import command
from messages.notices.chat import TextAsked
from services.staff import groups

_STOP = {"thoi", "stop"}


@command("nhom", Role.OFFICER, Role.LEADER, Role.ADMIN, place=900, in_menu=False)
async def in_private(update: Update, context: Context, argument: str) -> None:
    """Typed here it only says where it belongs."""
    await context.reply(TextAsked(code="", what="group"))


async def in_group(update: Update, context: Context, argument: str) -> None:
    """`/nhom`, `/nhom MÃ_CƠ_QUAN`, `/nhom thôi`, typed in a group by one of the agency's staff or an admin."""
    chat = update.effective_chat
    assert chat is not None
    where = (CHANNEL, str(chat.id))
    if fold(argument) in _STOP:
        await groups.unlink(context.work, context.actor, *where)
    else:
        await groups.link(
            context.work, context.actor, *where, title=clean(chat.title or "")[:200], named=clean(argument)
        )
