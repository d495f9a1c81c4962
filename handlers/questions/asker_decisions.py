"""What an asker does with an answer and with a question: rate, reopen, withdraw, agree to publication."""

import re
from typing import Any

from telegram import Message, Update

from domain.errors import Reason, RuleViolation
from domain.questions.codes import Code
from domain.questions.life import Action
from handlers.chat.confirming import ask_to_confirm, confirmed
from handlers.chat.context import Context, require_current, take_pressed_buttons_away
from handlers.chat.dropping import drop_files, when_dropped
from handlers.chat.registry import command, press, reply_to, step
from handlers.chat.typed import choice_of, code_at_front, id_of, words_and_files
from handlers.questions import asking
from handlers.questions.tracking import ask_for_words
from messages.buttons import Act, Button, Press
from messages.notices.answers import ReplyToAnswer
from services import notify
from services.questions import asker_decisions, tracking
from services.questions.case import find, look_at, open_case
from storage.tables import Row

AFTER_ANSWER = "after_answer"  # what was written under an answer, until they say what it is meant for
when_dropped(AFTER_ANSWER)(drop_files)

# "5", "5/5", "5 sao", with words behind it.
_STARS = re.compile(
    r"(\d{1,3})(?!\d|[.,]\d)\s*(?:/\s*5)?\s*(?:sao\b|stars?\b|[⭐★]+\ufe0f?)?[\s,.:;-]*", re.IGNORECASE
)


# --- rating, reopening, withdrawing -----------------------------------------------------------------------------


@command("danhgia", place=160)
async def on_rate(update: Update, context: Context, argument: str) -> None:
    code, rest = code_at_front(context, argument, "danhgia")
    rated = await asker_decisions.rated_question(context.work, context.actor, code)
    stars = _STARS.match(rest)
    if stars is None:
        await open_case(context.work, context.actor, Action.RATE, rated)
        raise RuleViolation(Reason.BAD_RATING)
    await asker_decisions.rate(context.work, context.actor, rated, int(stars[1]), rest[stars.end() :])


@press(Act.RATE)
async def on_rate_pressed(update: Update, context: Context, pressed: Press) -> None:
    stars = pressed.number(1)
    await asker_decisions.rate(context.work, context.actor, id_of(pressed), stars or 0)
    context.say("toast.done")


@command("molai", place=170)
async def on_reopen(update: Update, context: Context, argument: str) -> None:
    code, reason = code_at_front(context, argument, "molai")
    if reason:
        await asker_decisions.reopen(context.work, context.actor, code, reason)
    else:
        await ask_for_words(
            context, await asker_decisions.to_reopen(context.work, context.actor, code), "reopen"
        )


@press(Act.REOPEN)
async def on_reopen_pressed(update: Update, context: Context, pressed: Press) -> None:
    question_id = id_of(pressed)
    conversation = await context.step()
    if conversation is not None and conversation.step == AFTER_ANSWER:
        kept = conversation.data
        words = _joined(kept["parts"])
        if kept["question"] == question_id and words:
            await context.end_step()
            await take_pressed_buttons_away(update, context)
            await asker_decisions.reopen(context.work, context.actor, question_id, words, kept["files"])
            context.say("toast.done")
            return
    case = await asker_decisions.to_reopen(context.work, context.actor, question_id)
    await ask_for_words(context, case, "reopen")


@step("reopen")
async def on_reopen_words(update: Update, context: Context, message: Message, conversation: Row) -> None:
    question_id = conversation.data["question"]
    await asker_decisions.to_reopen(context.work, context.actor, question_id)  # may they still?
    text, file_ids = await words_and_files(context, message)
    await asker_decisions.reopen(context.work, context.actor, question_id, text, file_ids)
    await context.end_step()


@command("rut", place=180)
async def on_withdraw(update: Update, context: Context, argument: str) -> None:
    code, _rest = code_at_front(context, argument, "rut")
    await _ask_to_withdraw(context, code)


@press(Act.WITHDRAW)
async def on_withdraw_pressed(update: Update, context: Context, pressed: Press) -> None:
    await _ask_to_withdraw(context, id_of(pressed))


async def _ask_to_withdraw(context: Context, which: Code | int) -> None:
    case = await open_case(context.work, context.actor, Action.WITHDRAW, which)
    await ask_to_confirm(context, "withdraw", case.code, question=case.question.id)


@confirmed("withdraw")
async def on_withdraw_confirmed(update: Update, context: Context, data: dict[str, Any]) -> None:
    await asker_decisions.withdraw(context.work, context.actor, data["question"])


@press(Act.CONSENT_PUBLICATION)
async def on_publication(update: Update, context: Context, pressed: Press) -> None:
    choice = choice_of(pressed, ("yes", "no"), 1)
    await asker_decisions.choose_publication(
        context.work, context.actor, id_of(pressed), agreed=choice == "yes"
    )
    await take_pressed_buttons_away(update, context)
    context.say("toast.done")


# --- under an answer -------------------------------------------------------------------------------------------


@reply_to("answer")
async def on_answer_reply(update: Update, context: Context, message: Message, row: Row) -> None:
    """Words under an answer: not good enough, or something new? They say; the words are kept meanwhile."""
    question = await find(context.work, row.question_id)
    case = await look_at(context.work, context.actor, question)
    if not (case.may(Action.REOPEN) and tracking.may_still_reopen(context.work, question)):
        await asking.begin(update, context, message)
        return
    conversation = await context.step()
    kept = None if conversation is None or conversation.step != AFTER_ANSWER else conversation
    if kept is not None and kept.data["question"] == question.id:
        await on_more_words(update, context, message, kept)
        return
    text, file_ids = await words_and_files(context, message)
    await _ask_what_for(
        context, question.id, case.code, [{"message": message.message_id, "text": text}], file_ids
    )


@step(AFTER_ANSWER)
async def on_more_words(update: Update, context: Context, message: Message, conversation: Row) -> None:
    """They go on before they say what it is for."""
    kept = conversation.data
    text, file_ids = await words_and_files(context, message)
    parts = [*kept["parts"], {"message": message.message_id, "text": text}]
    await _ask_what_for(
        context, kept["question"], kept["code"], parts, [*kept["files"], *file_ids], kept["prompt"]
    )


async def _ask_what_for(
    context: Context,
    question_id: int,
    code: str,
    parts: list[dict[str, Any]],
    file_ids: list[int],
    earlier: int | None = None,
) -> None:
    programme = context.work.programme
    if len(_joined(parts)) > programme.question_characters:
        raise RuleViolation(Reason.TOO_LONG, limit=programme.question_characters)
    if len(file_ids) > programme.draft_files:
        raise RuleViolation(Reason.TOO_MANY_FILES, limit=programme.draft_files)
    if earlier is not None:
        await notify.take_buttons_away(context.work, context.person, edit_of=earlier)
    prompt = await context.reply(
        ReplyToAnswer(code=code, text=_joined(parts), files=len(file_ids)),
        [
            [Button("button.reopen", Act.REOPEN, (question_id,)), Button("button.ask", Act.ASK)],
            [Button("button.cancel", Act.CANCEL)],
        ],
        question_id=question_id,
        supersedes=f"after:{context.person.id}",
    )
    await context.set_step(
        AFTER_ANSWER, question=question_id, code=code, parts=parts, files=file_ids, prompt=prompt
    )


def _joined(parts: list[dict[str, Any]]) -> str:
    return "\n".join(part["text"] for part in parts if part["text"])


@press(Act.ASK)
async def on_ask_pressed(update: Update, context: Context, pressed: Press) -> None:
    """A new question: with the words that were kept, or from nothing."""
    conversation = await context.step()
    if conversation is None or conversation.step != AFTER_ANSWER:
        await asking.invite(context)
        return
    kept = conversation.data
    await require_current(update, context, conversation)
    await context.end_step()
    await take_pressed_buttons_away(update, context)
    await asking.begin_with(context, kept["parts"], kept["files"])
