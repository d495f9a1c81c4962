"""`Hoàn tác`: undoing what one has just done to a question."""

from domain.questions.history import Event
from handlers.chat.prompting import show_as_it_stands
from handlers.chat.registry import press
from handlers.chat.turn import Turn, pressed_message
from handlers.chat.typed import id_of
from messages.buttons import Act, Press
from services.questions import undoing


@press(Act.UNDO)
async def undo_pressed(turn: Turn, pressed: Press) -> None:
    case, what = await undoing.undo(turn.work, turn.actor, id_of(pressed))
    detail = turn.words.label(f"event.{what}")
    await show_as_it_stands(turn, case.question.id, pressed_message(turn), Event.UNDONE, detail)
    turn.say("toast.undone")
