"""Acting on a message of reminders, which stays."""

from telegram import Update

from handlers.chat.context import Context, pressed_row, rewrite_pressed
from handlers.chat.registry import press
from handlers.chat.typed import id_of
from messages.buttons import Act, Press
from services.deadlines import reminding
from services.questions import agency_work


@press(Act.ACCEPT_REMINDED)
async def accept_reminded(update: Update, context: Context, pressed: Press) -> None:
    """`Nhận xử lý` on the message of reminders, which stays with what is still to be done."""
    await agency_work.accept(context.work, context.actor, id_of(pressed))
    row = await pressed_row(update, context)
    said = None if row is None else await reminding.as_it_stands(context.work, row)
    if said is not None:
        await rewrite_pressed(update, context, *said)
    context.say("toast.done")
