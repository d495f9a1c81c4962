"""Editors after the answer: publishing, recording a delivery by hand."""

from dataclasses import dataclass, replace

from channels.incoming import Message
from domain.errors import Reason, RuleViolation
from domain.questions.codes import Code
from domain.questions.history import Event
from domain.questions.life import EDITORS, Action
from domain.vietnamese.text import phrase_at_front
from handlers.chat.confirming import STEP as CONFIRM
from handlers.chat.confirming import ask_to_confirm, confirmed
from handlers.chat.prompting import CANCEL, ask_for, ask_for_text, finish, finish_text_step, prompt_done
from handlers.chat.registry import command, press, step
from handlers.chat.steps import CardStep, QuestionStep
from handlers.chat.turn import Turn, current_step, take_pressed_buttons_away
from handlers.chat.typed import code_at_front, id_of, typed_text
from messages.buttons import Act, Button, Press
from messages.notices.answers import PublicationNotAgreed
from messages.notices.chat import TextAsked
from messages.typed import forms
from services.questions import answers, publication
from services.questions.case import Case, code_of, find, open_case
from services.questions.publication import PublicText

UNAGREED, QUESTION, ANSWER = "publish_unagreed", "publish_question", "publish_answer"
PARTS = (QUESTION, ANSWER)
_EDITED, _TAKEN_BACK = forms("publication", "edit"), forms("publication", "unpublish")


@dataclass(frozen=True, kw_only=True)
class PublicStep(QuestionStep):
    """The texts that are to be public."""

    public_question: str
    public_answer: str
    again: bool = False  # other texts stand published


# --- publication ------------------------------------------------------------------------------------------------


@command("congkhai", *EDITORS, place=550)
async def publish(turn: Turn, argument: str) -> None:
    """`/congkhai MÃ`: show exactly what would be public, then ask for `Xác nhận`.

    `/congkhai MÃ sửa` changes what is public already, `/congkhai MÃ gỡ lý do` takes it back.
    """
    code, rest = code_at_front(turn, argument, "congkhai")
    edited, taken_back = phrase_at_front(rest, _EDITED), phrase_at_front(rest, _TAKEN_BACK)
    if taken_back is not None:
        case = await publication.unpublish(turn.work, turn.actor, code, taken_back[1])
        await finish(turn, case, Event.UNPUBLISHED)
    else:
        await _propose(turn, code, again=edited is not None)


@press(Act.UNPUBLISH)
async def unpublish_pressed(turn: Turn, pressed: Press) -> None:
    case = await publication.published_case(turn.work, turn.actor, id_of(pressed))
    await ask_for_text(turn, case.question, "unpublish", "unpublish")


@step("unpublish", holds=CardStep)
async def unpublish_why(turn: Turn, message: Message, held: CardStep) -> None:
    case = await publication.unpublish(turn.work, turn.actor, held.question, typed_text(message))
    await finish_text_step(turn, held, case, Event.UNPUBLISHED)


@press(Act.EDIT_PUBLISHED)
async def edit_published_pressed(turn: Turn, pressed: Press) -> None:
    await _propose(turn, id_of(pressed), again=True)


@press(Act.PUBLISH)
async def publish_pressed(turn: Turn, pressed: Press) -> None:
    await _propose(turn, id_of(pressed))


async def _propose(turn: Turn, which: Code | int, *, again: bool = False) -> None:
    case, text, agreed = await publication.proposal(turn.work, turn.actor, which, again=again)
    await _confirm(turn, case, text, agreed=agreed, again=again)


async def _confirm(turn: Turn, case: Case, text: PublicText, *, agreed: bool, again: bool) -> None:
    """Show what would be public, and ask.

    Without the asker's consent, the editor must first say that nothing personal is left.
    """
    edit = [Button("button.edit_public", Act.EDIT_PUBLIC, (case.question.id,))]
    held = PublicStep(
        question=case.question.id,
        public_question=text.question,
        public_answer=text.answer,
        again=again,
    )
    preview = f"{text.question}\n\n{text.answer}"
    if agreed:
        await ask_to_confirm(turn, "publish", case.code, held, preview=preview, buttons=[edit])
        return
    anonymised = [Button("button.anonymised", Act.ANONYMISED, (case.question.id,))]
    await ask_for(
        turn,
        UNAGREED,
        PublicationNotAgreed(code=case.code, preview=preview),
        held,
        [anonymised, edit, CANCEL],
        question_id=case.question.id,
        about="card",
    )


@press(Act.ANONYMISED)
async def anonymised_pressed(turn: Turn, pressed: Press) -> None:
    """Note that the editor says the text is anonymised; ask for `Xác nhận`."""
    held = await _publishing(turn, pressed)
    question = await find(turn.work, held.question)
    await take_pressed_buttons_away(turn)
    await ask_to_confirm(
        turn,
        "publish_anonymised",
        code_of(turn.work, question),
        held,
        preview=f"{held.public_question}\n\n{held.public_answer}",
    )


async def _publishing(turn: Turn, pressed: Press, *steps: str) -> PublicStep:
    """Return the publication whose prompt was pressed; raise `RuleViolation` for an old one."""
    held = await current_step(turn, PublicStep, *(steps or (CONFIRM, UNAGREED, *PARTS)))
    if held.question != id_of(pressed):
        raise RuleViolation(Reason.STALE_BUTTON)
    return held


@step(UNAGREED, holds=PublicStep)
async def said_instead(turn: Turn, message: Message, held: PublicStep) -> None:
    """Refuse words where only a button decides."""
    raise RuleViolation(Reason.PUBLICATION_NOT_CONSENTED)


@press(Act.EDIT_PUBLIC)
async def edit_pressed(turn: Turn, pressed: Press) -> None:
    """Ask the editor for the public texts: the question first, then the answer."""
    held = await _publishing(turn, pressed)
    await take_pressed_buttons_away(turn)
    await _ask_for_part(turn, held, QUESTION)


async def _ask_for_part(turn: Turn, held: PublicStep, part: str) -> None:
    question = await find(turn.work, held.question)
    asked = TextAsked(code=code_of(turn.work, question), what=part)
    skip = Button("button.skip", Act.EDIT_PUBLIC_SKIP, (question.id,))
    await ask_for(turn, part, asked, held, [[skip, *CANCEL]])


@step(QUESTION, holds=PublicStep)
async def question_typed(turn: Turn, message: Message, held: PublicStep) -> None:
    typed = typed_text(message)
    await prompt_done(turn, held)
    await _next_part(turn, QUESTION, replace(held, public_question=typed))


@step(ANSWER, holds=PublicStep)
async def answer_typed(turn: Turn, message: Message, held: PublicStep) -> None:
    typed = typed_text(message)
    await prompt_done(turn, held)
    await _next_part(turn, ANSWER, replace(held, public_answer=typed))


@press(Act.EDIT_PUBLIC_SKIP)
async def part_skipped(turn: Turn, pressed: Press) -> None:
    """Leave this part as the programme proposed it."""
    held = await _publishing(turn, pressed, *PARTS)
    conversation = await turn.step()
    assert conversation is not None
    await take_pressed_buttons_away(turn)
    await _next_part(turn, conversation.step, held)


async def _next_part(turn: Turn, at: str, held: PublicStep) -> None:
    if at == QUESTION:
        await _ask_for_part(turn, held, ANSWER)
        return
    case, _, agreed = await publication.proposal(turn.work, turn.actor, held.question, again=held.again)
    text = PublicText(held.public_question, held.public_answer)
    await _confirm(turn, case, text, agreed=agreed, again=held.again)


@confirmed("publish", holds=PublicStep)
async def publication_confirmed(turn: Turn, held: PublicStep) -> None:
    await _publish(turn, held, anonymised=False)


@confirmed("publish_anonymised", holds=PublicStep)
async def anonymised_confirmed(turn: Turn, held: PublicStep) -> None:
    await _publish(turn, held, anonymised=True)


async def _publish(turn: Turn, held: PublicStep, *, anonymised: bool) -> None:
    text = PublicText(held.public_question, held.public_answer)
    case = await publication.publish(
        turn.work, turn.actor, held.question, text, anonymised=anonymised, again=held.again
    )
    await finish(turn, case, Event.PUBLISHED)


@press(Act.PASS_ON_FILES)
async def pass_on_files_pressed(turn: Turn, pressed: Press) -> None:
    case = await answers.pass_on_files(turn.work, turn.actor, id_of(pressed))
    await finish(turn, case, Event.FILES_PASSED_ON)


# --- delivery by hand ---------------------------------------------------------------------------------------------


@press(Act.DELIVERED)
async def delivered_pressed(turn: Turn, pressed: Press) -> None:
    """Ask how the answer was delivered, which may be skipped."""
    case = await open_case(turn.work, turn.actor, Action.RECORD_DELIVERY, id_of(pressed))
    await answers.expect_undelivered(turn.work, case)
    card = None if turn.incoming.pressed is None else turn.incoming.pressed.under
    asked = TextAsked(code=case.code, what="delivery")
    skip = Button("button.skip", Act.DELIVERED_SKIP, (case.question.id,))
    held = CardStep(question=case.question.id, card=card)
    await ask_for(turn, "delivery", asked, held, [[skip, *CANCEL]])


@step("delivery", holds=CardStep)
async def delivery_note(turn: Turn, message: Message, held: CardStep) -> None:
    await prompt_done(turn, held)
    await _delivered(turn, held, typed_text(message))


@press(Act.DELIVERED_SKIP)
async def delivery_note_skipped(turn: Turn, pressed: Press) -> None:
    await _delivered(turn, await current_step(turn, CardStep, "delivery"), "")


async def _delivered(turn: Turn, held: CardStep, note: str) -> None:
    case = await answers.record_delivery(turn.work, turn.actor, held.question, note)
    await turn.end_step()
    await finish(turn, case, Event.DELIVERED, card=held.card)
