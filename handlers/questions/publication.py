"""Editors after the answer: publish it, correct it, record that it was delivered by hand."""

from typing import Any

from telegram import Message, Update

from domain.errors import Reason, RuleViolation
from domain.questions.codes import Code
from domain.questions.history import Event
from domain.questions.life import EDITORS, Action
from handlers.chat.confirming import STEP as CONFIRM
from handlers.chat.confirming import ask_to_confirm, confirmed
from handlers.chat.context import Context, current_step, take_pressed_buttons_away
from handlers.chat.prompting import CANCEL, ask_for, ask_for_text, finish, finish_text_step, prompt_done
from handlers.chat.registry import command, press, step
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
async def publish(update: Update, context: Context, argument: str) -> None:
    """`/congkhai MÃ`: what exactly would be public, then `Xác nhận`."""
    code, _ = code_at_front(context, argument, "congkhai")
    await _propose(context, code)


@press(Act.PUBLISH)
async def publish_pressed(update: Update, context: Context, pressed: Press) -> None:
    await _propose(context, id_of(pressed))


async def _propose(context: Context, which: Code | int) -> None:
    case, text, agreed = await publication.proposal(context.work, context.actor, which)
    await _confirm(context, case, text, agreed=agreed)


async def _confirm(context: Context, case: Case, text: PublicText, *, agreed: bool) -> None:
    """What would be public. Without the asker's consent the editor has to say first that nothing personal is left."""
    edit = [Button("button.edit_public", Act.EDIT_PUBLIC, (case.question.id,))]
    texts: dict[str, Any] = {"public_question": text.question, "public_answer": text.answer}
    preview = f"{text.question}\n\n{text.answer}"
    if agreed:
        await ask_to_confirm(
            context, "publish", case.code, preview=preview, buttons=[edit], question=case.question.id, **texts
        )
        return
    anonymised = [Button("button.anonymised", Act.ANONYMISED, (case.question.id,))]
    await ask_for(
        context,
        UNAGREED,
        PublicationNotAgreed(code=case.code, preview=preview),
        {"question": case.question.id, **texts},
        [anonymised, edit, CANCEL],
        question_id=case.question.id,
        about="card",
    )


@press(Act.ANONYMISED)
async def anonymised_pressed(update: Update, context: Context, pressed: Press) -> None:
    """The editor says that the text is anonymised; `Xác nhận` follows."""
    conversation = await _publishing(update, context, pressed)
    data = conversation.data
    question = await find(context.work, data["question"])
    await take_pressed_buttons_away(update, context)
    await ask_to_confirm(
        context,
        "publish_anonymised",
        code_of(context.work, question),
        preview=f"{data['public_question']}\n\n{data['public_answer']}",
        question=question.id,
        public_question=data["public_question"],
        public_answer=data["public_answer"],
    )


async def _publishing(update: Update, context: Context, pressed: Press) -> Row:
    """The publication that is being decided and whose prompt was pressed; raises `RuleViolation` for an old one."""
    conversation = await current_step(update, context, CONFIRM, UNAGREED, *PARTS)
    if "public_answer" not in conversation.data or conversation.data["question"] != id_of(pressed):
        raise RuleViolation(Reason.STALE_BUTTON)
    return conversation


@step(UNAGREED)
async def said_instead(update: Update, context: Context, message: Message, conversation: Row) -> None:
    """Words decide nothing here: a button does."""
    raise RuleViolation(Reason.PUBLICATION_NOT_CONSENTED)


@press(Act.EDIT_PUBLIC)
async def edit_pressed(update: Update, context: Context, pressed: Press) -> None:
    """The editor writes the public texts: the question first, then the answer."""
    conversation = await _publishing(update, context, pressed)
    await take_pressed_buttons_away(update, context)
    await _ask_for_part(context, conversation.data, "publish_question")


async def _ask_for_part(context: Context, data: dict[str, Any], part: str) -> None:
    question = await find(context.work, data["question"])
    asked = TextAsked(code=code_of(context.work, question), what=part)
    skip = Button("button.skip", Act.EDIT_PUBLIC_SKIP, (question.id,))
    await ask_for(context, part, asked, data, [[skip, *CANCEL]])


@step(*PARTS)
async def part_typed(update: Update, context: Context, message: Message, conversation: Row) -> None:
    part = "public_question" if conversation.step == "publish_question" else "public_answer"
    data = dict(conversation.data) | {part: typed_text(message)}
    await prompt_done(context, conversation)
    await _next_part(context, conversation.step, data)


@press(Act.EDIT_PUBLIC_SKIP)
async def part_skipped(update: Update, context: Context, pressed: Press) -> None:
    """This part stays as the programme proposed it."""
    conversation = await _publishing(update, context, pressed)
    if conversation.step not in PARTS:
        raise RuleViolation(Reason.STALE_BUTTON)
    await take_pressed_buttons_away(update, context)
    await _next_part(context, conversation.step, dict(conversation.data))


async def _next_part(context: Context, at: str, data: dict[str, Any]) -> None:
    if at == "publish_question":
        await _ask_for_part(context, data, "publish_answer")
        return
    case, _, agreed = await publication.proposal(context.work, context.actor, data["question"])
    await _confirm(context, case, PublicText(data["public_question"], data["public_answer"]), agreed=agreed)


@confirmed("publish")
async def publication_confirmed(update: Update, context: Context, data: dict[str, Any]) -> None:
    await _publish(update, context, data, anonymised=False)


@confirmed("publish_anonymised")
async def anonymised_confirmed(update: Update, context: Context, data: dict[str, Any]) -> None:
    await _publish(update, context, data, anonymised=True)


async def _publish(update: Update, context: Context, data: dict[str, Any], *, anonymised: bool) -> None:
    text = PublicText(data["public_question"], data["public_answer"])
    case = await publication.publish(
        context.work, context.actor, data["question"], text, anonymised=anonymised
    )
    await finish(update, context, case, Event.PUBLISHED)


# --- correction -------------------------------------------------------------------------------------------------


@command("dinhchinh", *EDITORS, place=560)
async def correct(update: Update, context: Context, argument: str) -> None:
    """`/dinhchinh MÃ [nội dung]`: the corrected answer, then why."""
    code, text = code_at_front(context, argument, "dinhchinh")
    case = await open_case(context.work, context.actor, Action.CORRECT, code)
    if text:
        await ask_for_text(update, context, case.question, "correct_why", "correct_why", text=text)
    else:
        await ask_for_text(update, context, case.question, "correct", "correct")


@press(Act.CORRECT)
async def correct_pressed(update: Update, context: Context, pressed: Press) -> None:
    case = await open_case(context.work, context.actor, Action.CORRECT, id_of(pressed))
    await ask_for_text(update, context, case.question, "correct", "correct")


@step("correct")
async def corrected_text(update: Update, context: Context, message: Message, conversation: Row) -> None:
    data = dict(conversation.data) | {"text": typed_text(message)}
    await prompt_done(context, conversation)
    question = await find(context.work, data["question"])
    asked = TextAsked(code=code_of(context.work, question), what="correct_why")
    await ask_for(context, "correct_why", asked, data)


@step("correct_why")
async def corrected_why(update: Update, context: Context, message: Message, conversation: Row) -> None:
    data = conversation.data
    case = await answers.correct(
        context.work, context.actor, data["question"], data["text"], typed_text(message)
    )
    await finish_text_step(update, context, conversation, case, Event.CORRECTED)


@press(Act.PASS_ON_FILES)
async def pass_on_files_pressed(update: Update, context: Context, pressed: Press) -> None:
    case = await answers.pass_on_files(context.work, context.actor, id_of(pressed))
    await finish(update, context, case, Event.FILES_PASSED_ON)


# --- delivery by hand ---------------------------------------------------------------------------------------------


@press(Act.DELIVERED)
async def delivered_pressed(update: Update, context: Context, pressed: Press) -> None:
    """How it was delivered may be told, or skipped."""
    case = await open_case(context.work, context.actor, Action.RECORD_DELIVERY, id_of(pressed))
    await answers.expect_undelivered(context.work, case)
    assert update.callback_query is not None
    card = update.callback_query.message.message_id if update.callback_query.message else None
    asked = TextAsked(code=case.code, what="delivery")
    skip = Button("button.skip", Act.DELIVERED_SKIP, (case.question.id,))
    data = {"question": case.question.id, "card": card}
    await ask_for(context, "delivery", asked, data, [[skip, *CANCEL]])


@step("delivery")
async def delivery_note(update: Update, context: Context, message: Message, conversation: Row) -> None:
    await prompt_done(context, conversation)
    await _delivered(update, context, conversation.data, typed_text(message))


@press(Act.DELIVERED_SKIP)
async def delivery_note_skipped(update: Update, context: Context, pressed: Press) -> None:
    conversation = await current_step(update, context, "delivery")
    await _delivered(update, context, conversation.data, "")


async def _delivered(update: Update, context: Context, data: dict[str, Any], note: str) -> None:
    case = await answers.record_delivery(context.work, context.actor, data["question"], note)
    await context.end_step()
    await finish(update, context, case, Event.DELIVERED, card=data["card"])
