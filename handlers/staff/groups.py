"""`/nhom` in a group: makes it an agency's group, which gets reminders, too."""

from channels.incoming import Chat
from domain.questions.life import Role
from domain.vietnamese.text import clean, fold
from handlers.chat.registry import command
from handlers.chat.turn import Turn
from messages.notices.chat import TextAsked
from messages.typed import forms
from services.staff import groups

_STOP = forms("group", "stop")


@command("nhom", Role.OFFICER, Role.LEADER, Role.ADMIN, place=900, in_menu=False)
async def in_private(turn: Turn, argument: str) -> None:
    """Say that the command belongs into a group."""
    await turn.reply(TextAsked(code="", what="group"))


async def in_group(turn: Turn, chat: Chat, argument: str) -> None:
    """`/nhom`, `/nhom MÃ_CƠ_QUAN`, `/nhom thôi`: link or unlink this group.

    Typed by one of the agency's staff or an admin.
    """
    where, topic = (turn.incoming.channel, chat.address), turn.message.topic
    if fold(argument) in _STOP:
        await groups.unlink(turn.work, turn.actor, *where, topic=topic)
        return
    title = clean(chat.title)[:200]
    await groups.link(turn.work, turn.actor, *where, title=title, named=clean(argument), topic=topic)
