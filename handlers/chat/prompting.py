"""Asking staff for words, and showing that something is done."""

from collections.abc import Sequence
from dataclasses import replace

from domain.errors import RuleViolation
from domain.questions.history import Event
from handlers.chat.steps import CardStep, StepData
from handlers.chat.turn import Turn, pressed_message
from messages.buttons import Act, Button, Keyboard
from messages.notice import Notice
from messages.notices.chat import Done, TextAsked
from services import notify
from services.questions import cards
from services.questions.case import Case, code_of, find
from services.questions.undoing import undo_button
from storage.delivery import outbox
from storage.engine.database import Held
from storage.people import people
from storage.rows import QuestionRow

CANCEL = [Button("button.cancel", Act.CANCEL)]


async def ask_for(
    turn: Turn,
    step: str,
    notice: Notice,
    held: StepData,
    buttons: Keyboard = (CANCEL,),
    *,
    question_id: int | None = None,
    about: str | None = None,
    shows: Sequence[int] = (),
) -> None:
    """Ask with a message of its own, whose outbox id the step holds as `prompt`."""
    prompt = await turn.reply(notice, buttons, question_id=question_id, about=about, shows=shows)
    await turn.set_step(step, replace(held, prompt=prompt))


async def ask_for_text(
    turn: Turn, question: QuestionRow, step: str, what: str, held: CardStep | None = None
) -> None:
    """Ask for the text of a step about a question.

    The pressed card is brought up to date afterwards. `held` is what the step holds beside the question and that card.
    """
    card = pressed_message(turn) if turn.is_press else None
    asked = TextAsked(code=code_of(turn.work, question), what=what)
    await ask_for(turn, step, asked, replace(held or CardStep(question=question.id), card=card))


async def prompt_done(turn: Turn, held: StepData) -> None:
    """The question that a step asked is answered: its buttons go."""
    if held.prompt is not None:
        await notify.take_buttons_away(turn.work, turn.person, edit_of=held.prompt)


async def end_text_step(turn: Turn, held: StepData) -> None:
    """End a step whose words have come and were used."""
    await prompt_done(turn, held)
    await turn.end_step()


async def finish_text_step(turn: Turn, held: CardStep, case: Case, what: Event) -> None:
    """End a step of words and show that its action is done.

    On the card where it began, or in a message.
    """
    await end_text_step(turn, held)
    await finish(turn, case, what, card=held.card)


async def finish(turn: Turn, case: Case, what: Event, detail: str = "", *, card: str | None = None) -> None:
    """Show on the pressed card, or in a message, that a staff action is done.

    `card` is the message that began a conversation of several steps.
    """
    if turn.is_press:
        await show_as_it_stands(turn, case.question.id, pressed_message(turn), what, detail, undo=case.undo)
        done = turn.words.label(f"event.{what}")
        turn.show(done if case.undo is None else f"{done}. {turn.words.label('toast.undoable')}")
        return
    buttons = cards.open_button(case.question)
    answer = await turn.reply(
        Done(code=case.code, what=what, detail=detail),
        [*undo_button(case.undo), *buttons],
        question_id=case.question.id,
        about="card",
    )
    if case.undo is not None:
        await notify.change_buttons_after(turn.work, turn.person, case.undo, buttons, edit_of=answer)
    if card is not None:
        await show_as_it_stands(turn, case.question.id, card, what, detail)


async def show_as_it_stands(
    turn: Turn, question_id: int, message_id: str, what: Event, detail: str = "", *, undo: Held | None = None
) -> None:
    """Bring a card in the chat up to date.

    Where the person may no longer see it, it says what was done. `undo`: it carries `Hoàn tác` for a moment.
    """
    question = await find(turn.work, question_id)
    try:
        notice, buttons = await cards.card_in_place(turn.work, turn.actor, question)
    except RuleViolation:
        notice, buttons = Done(code=code_of(turn.work, question), what=what, detail=detail), ()
    else:
        cards.shown_now(turn.work, question_id, turn.actor.id)
        if people.can_be_reached(turn.person):
            await outbox.is_card_now(turn.work, turn.incoming.channel, turn.person.address, message_id)
    with_undo = [*undo_button(undo), *buttons]
    await notify.rewrite(turn.work, turn.person, notice, with_undo, message_id=message_id)
    if undo is not None:
        await notify.change_buttons_after(turn.work, turn.person, undo, buttons, message_id=message_id)
