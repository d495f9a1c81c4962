"""A broadcast that somebody is composing: its row and its preview, and how both are dropped."""

from typing import Any

from handlers.chat.context import Context
from handlers.chat.dropping import when_dropped
from services import notify
from storage.broadcasts import drafts
from storage.delivery import files, outbox

BROADCAST = "broadcast"  # the step at which whatever comes is part of it


async def drop_broadcast(context: Context) -> None:
    """Drop the broadcast that somebody is composing, with its picture and what showed it."""
    data = await drafts.of_person(context.work, context.person.id)
    if data is not None:
        await forget_preview(context, data.get("preview"))
        await files.drop(context.work, [data["picture"]] if data.get("picture") else [])
        await drafts.drop(context.work, context.person.id)


@when_dropped(BROADCAST)
async def _given_up(context: Context, data: dict[str, Any]) -> None:
    await drop_broadcast(context)


async def forget_preview(context: Context, preview: int | None) -> None:
    """Take back what showed a broadcast (an outbox id): it no longer shows what would be sent."""
    if preview is not None and not await outbox.drop(context.work, preview):
        await notify.take_back(context.work, context.person, edit_of=preview)
