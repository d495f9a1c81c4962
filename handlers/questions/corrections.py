"""`/dinhchinh`: proposes to correct an answer that went out, and withdraws the proposal.

What is being written is shown and changed in `handlers.questions.answer_editor`.
"""

from domain.questions.history import Event
from domain.questions.life import EDITORS, Role
from domain.vietnamese.text import phrase_at_front
from handlers.chat.media import note_file
from handlers.chat.prompting import ask_for, finish
from handlers.chat.registry import command, press
from handlers.chat.turn import Turn
from handlers.chat.typed import code_at_front, id_of
from handlers.questions.answer_editor import WHY, begin_correction, take_correction
from messages.buttons import Act, Press
from messages.notices.chat import TextAsked
from messages.typed import forms
from services.corrections import corrections
from services.questions.case import code_of, find

_WITHDRAWN = forms("correction", "withdraw")


@command("dinhchinh", Role.OFFICER, *EDITORS, place=560)
async def correct(turn: Turn, argument: str) -> None:
    """`/dinhchinh MÃ [nội dung]`: take a correction, and ask for its reason.

    Without any content the answer is shown, to be changed. `/dinhchinh MÃ rút` withdraws the one that waits.
    """
    code, text = code_at_front(turn, argument, "dinhchinh")
    question = await find(turn.work, code, turn.actor)
    withdrawn = phrase_at_front(text, _WITHDRAWN)
    if withdrawn is not None and not withdrawn[1]:
        await finish(
            turn, await corrections.withdraw(turn.work, turn.actor, question.id), Event.CORRECTION_WITHDRAWN
        )
        return
    await corrections.to_propose(turn.work, turn.actor, question.id)
    file_id = await note_file(turn, turn.message)
    if file_id is None and not text:
        await begin_correction(turn, question.id)
        return
    held = await take_correction(turn, question.id, turn.message, text, file_id)
    await ask_for(turn, WHY, TextAsked(code=code_of(turn.work, question), what="correct_why"), held)


@press(Act.CORRECT)
async def correct_pressed(turn: Turn, pressed: Press) -> None:
    await begin_correction(turn, id_of(pressed))


@press(Act.WITHDRAW_CORRECTION)
async def withdraw_pressed(turn: Turn, pressed: Press) -> None:
    case = await corrections.withdraw(turn.work, turn.actor, id_of(pressed))
    await finish(turn, case, Event.CORRECTION_WITHDRAWN)
