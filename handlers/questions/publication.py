"""Editors after the answer: publishing, correcting, recording a delivery by hand."""

from typing import Any

from channels.incoming import Message
from domain.errors import Reason, RuleViolation
from domain.questions.codes import Code
from domain.questions.history import Event
from domain.questions.life import EDITORS, Action
from handlers.chat.confirming import STEP as CONFIRM
from handlers.chat.confirming import ask_to_confirm, confirmed
from handlers.chat.prompting import CANCEL, ask_for, ask_for_text, finish, finish_text_step, prompt_done
from handlers.chat.registry import command, press, step
from handlers.chat.turn import Turn, current_step, take_pressed_buttons_away
from handlers.chat.typed import code_at_front, id_of, typed_text
from messages.buttons import Act, Button, Press
from messages.notices.answers import PublicationNotAgreed
from messages.notices.chat import TextAsked
from services.questions import answers, publication
from services.questions.case import Case, code_of, find, open_case
from services.questions.publication import PublicText
from storage.tables import Row

UNAGREED, PARTS = "publish_unagreed", ("publish_question", "publish_answer")


# --- publication ------------------------------------------------------------------------------------------------


@command("congkhai", *EDITORS, place=550)
async def publish(turn: Turn, argument: str) -> None:
    """`/congkhai MÃ`: show exactly what would be public, then ask for `Xác nhận`."""
    code, _ = code_at_front(turn, argument, "congkhai")
    await _propose(turn, code)


@press(Act.PUBLISH)
async def publish_pressed(turn: Turn, pressed: Press) -> None:
    await _propose(turn, id_of(pressed))


async def _propose(turn: Turn, which: Code | int) -> None:
    case, text, agreed = await publication.proposal(turn.work, turn.actor, which)
    await _confirm(turn, case, text, agreed=agreed)


async def _confirm(turn: Turn, case: Case, text: PublicText, *, agreed: bool) -> None:
    """Show what would be public, and ask.

    Without the asker's consent, the editor must first say that nothing personal is left.
    """
    edit = [Button("button.edit_public", Act.EDIT_PUBLIC, (case.question.id,))]
    texts: dict[str, Any] = {"public_question": text.question, "public_answer": text.answer}
    preview = f"{text.question}\n\n{text.answer}"
    if agreed:
        await ask_to_confirm(
            turn, "publish", case.code, preview=preview, buttons=[edit], question=case.question.id, **texts
        )
        return
    anonymised = [Button("button.anonymised", Act.ANONYMISED, (case.question.id,))]
    await ask_for(
        turn,
        UNAGREED,
        PublicationNotAgreed(code=case.code, preview=preview),
        {"question": case.question.id, **texts},
        [anonymised, edit, CANCEL],
        question_id=case.question.id,
        about="card",
    )


@press(Act.ANONYMISED)
async def anonymised_pressed(turn: Turn, pressed: Press) -> None:
    """Note that the editor says the text is anonymised; ask for `Xác nhận`."""
    conversation = await _publishing(turn, pressed)
    data = conversation.data
    question = await find(turn.work, data["question"])
    await take_pressed_buttons_away(turn)
    await ask_to_confirm(
        turn,
        "publish_anonymised",
        code_of(turn.work, question),
        preview=f"{data['public_question']}\n\n{data['public_answer']}",
        question=question.id,
        public_question=data["public_question"],
        public_answer=data["public_answer"],
    )


async def _publishing(turn: Turn, pressed: Press) -> Row:
    """Return the publication whose prompt was pressed; raise `RuleViolation` for an old one."""
    conversation = await current_step(turn, CONFIRM, UNAGREED, *PARTS)
    if "public_answer" not in conversation.data or conversation.data["question"] != id_of(pressed):
        raise RuleViolation(Reason.STALE_BUTTON)
    return conversation


@step(UNAGREED)
async def said_instead(turn: Turn, message: Message, conversation: Row) -> None:
    """Refuse words where only a button decides."""
    raise RuleViolation(Reason.PUBLICATION_NOT_CONSENTED)


@press(Act.EDIT_PUBLIC)
async def edit_pressed(turn: Turn, pressed: Press) -> None:
    """Ask the editor for the public texts: the question first, then the answer."""
    conversation = await _publishing(turn, pressed)
    await take_pressed_buttons_away(turn)
    await _ask_for_part(turn, conversation.data, "publish_question")


async def _ask_for_part(turn: Turn, data: dict[str, Any], part: str) -> None:
    question = await find(turn.work, data["question"])
    asked = TextAsked(code=code_of(turn.work, question), what=part)
    skip = Button("button.skip", Act.EDIT_PUBLIC_SKIP, (question.id,))
    await ask_for(turn, part, asked, data, [[skip, *CANCEL]])


@step(*PARTS)
async def part_typed(turn: Turn, message: Message, conversation: Row) -> None:
    part = "public_question" if conversation.step == "publish_question" else "public_answer"
    data = dict(conversation.data) | {part: typed_text(message)}
    await prompt_done(turn, conversation)
    await _next_part(turn, conversation.step, data)


@press(Act.EDIT_PUBLIC_SKIP)
async def part_skipped(turn: Turn, pressed: Press) -> None:
    """Leave this part as the programme proposed it."""
    conversation = await _publishing(turn, pressed)
    if conversation.step not in PARTS:
        raise RuleViolation(Reason.STALE_BUTTON)
    await take_pressed_buttons_away(turn)
    await _next_part(turn, conversation.step, dict(conversation.data))


async def _next_part(turn: Turn, at: str, data: dict[str, Any]) -> None:
    if at == "publish_question":
        await _ask_for_part(turn, data, "publish_answer")
        return
    case, _, agreed = await publication.proposal(turn.work, turn.actor, data["question"])
    await _confirm(turn, case, PublicText(data["public_question"], data["public_answer"]), agreed=agreed)


@confirmed("publish")
async def publication_confirmed(turn: Turn, data: dict[str, Any]) -> None:
    await _publish(turn, data, anonymised=False)


@confirmed("publish_anonymised")
async def anonymised_confirmed(turn: Turn, data: dict[str, Any]) -> None:
    await _publish(turn, data, anonymised=True)


async def _publish(turn: Turn, data: dict[str, Any], *, anonymised: bool) -> None:
    text = PublicText(data["public_question"], data["public_answer"])
    case = await publication.publish(turn.work, turn.actor, data["question"], text, anonymised=anonymised)
    await finish(turn, case, Event.PUBLISHED)


# --- correction -------------------------------------------------------------------------------------------------


@command("dinhchinh", *EDITORS, place=560)
async def correct(turn: Turn, argument: str) -> None:
    """`/dinhchinh MÃ [nội dung]`: ask for the corrected answer, then for the reason."""
    code, text = code_at_front(turn, argument, "dinhchinh")
    case = await open_case(turn.work, turn.actor, Action.CORRECT, code)
    if text:
        await ask_for_text(turn, case.question, "correct_why", "correct_why", text=text)
    else:
        await ask_for_text(turn, case.question, "correct", "correct")


@press(Act.CORRECT)
async def correct_pressed(turn: Turn, pressed: Press) -> None:
    case = await open_case(turn.work, turn.actor, Action.CORRECT, id_of(pressed))
    await ask_for_text(turn, case.question, "correct", "correct")


@step("correct")
async def corrected_text(turn: Turn, message: Message, conversation: Row) -> None:
    data = dict(conversation.data) | {"text": typed_text(message)}
    await prompt_done(turn, conversation)
    question = await find(turn.work, data["question"])
    asked = TextAsked(code=code_of(turn.work, question), what="correct_why")
    await ask_for(turn, "correct_why", asked, data)


@step("correct_why")
async def corrected_why(turn: Turn, message: Message, conversation: Row) -> None:
    data = conversation.data
    case = await answers.correct(turn.work, turn.actor, data["question"], data["text"], typed_text(message))
    await finish_text_step(turn, conversation, case, Event.CORRECTED)


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
    card = turn.incoming.pressed and turn.incoming.pressed.under
    asked = TextAsked(code=case.code, what="delivery")
    skip = Button("button.skip", Act.DELIVERED_SKIP, (case.question.id,))
    data = {"question": case.question.id, "card": card}
    await ask_for(turn, "delivery", asked, data, [[skip, *CANCEL]])


@step("delivery")
async def delivery_note(turn: Turn, message: Message, conversation: Row) -> None:
    await prompt_done(turn, conversation)
    await _delivered(turn, conversation.data, typed_text(message))


@press(Act.DELIVERED_SKIP)
async def delivery_note_skipped(turn: Turn, pressed: Press) -> None:
    conversation = await current_step(turn, "delivery")
    await _delivered(turn, conversation.data, "")


async def _delivered(turn: Turn, data: dict[str, Any], note: str) -> None:
    case = await answers.record_delivery(turn.work, turn.actor, data["question"], note)
    await turn.end_step()
    await finish(turn, case, Event.DELIVERED, card=data["card"])
