"""Acting on a message of reminders, which stays in the chat."""

from handlers.chat.registry import press
from handlers.chat.turn import Turn, pressed_row, rewrite_pressed
from handlers.chat.typed import id_of
from messages.buttons import Act, Press
from services.deadlines import reminding
from services.questions import agency_work


@press(Act.ACCEPT_REMINDED)
async def accept_reminded(turn: Turn, pressed: Press) -> None:
    """`Nhận xử lý` on a message of reminders: accept the question.

    The message stays, with what is still to be done.
    """
    await agency_work.accept(turn.work, turn.actor, id_of(pressed))
    row = await pressed_row(turn)
    said = None if row is None else await reminding.as_it_stands(turn.work, row)
    if said is not None:
        await rewrite_pressed(turn, *said)
    turn.say("event.accepted")
