"""What an asker does after the answer: rate, reopen, withdraw, agree to publication."""

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

from channels.incoming import Message
from domain.errors import Reason, RuleViolation
from domain.questions.codes import Code
from domain.questions.history import Event
from domain.questions.life import EDITORS, RULES, Action
from handlers.chat.confirming import ask_to_confirm, confirmed
from handlers.chat.dropping import drop_files, when_dropped
from handlers.chat.prompting import finish, prompt_done
from handlers.chat.registry import command, press, reply_to, step
from handlers.chat.steps import QuestionStep, SaidPart
from handlers.chat.turn import Turn, require_current, take_pressed_buttons_away
from handlers.chat.typed import choice_of, code_at_front, id_of, words_and_files
from handlers.questions import asking
from handlers.questions.tracking import ask_for_words
from messages.buttons import Act, Button, Press
from messages.notices.answers import ReplyToAnswer
from messages.typed import either, forms
from services.questions import asker_decisions, screening, tracking
from services.questions.case import find, look_at, open_case
from storage.rows import OutboxRow

AFTER_ANSWER = "after_answer"  # what they wrote under an answer, until they choose what it is meant for
when_dropped(AFTER_ANSWER)(drop_files)


@dataclass(frozen=True, kw_only=True)
class AfterAnswer(QuestionStep):
    """Words and files that came under an answer."""

    code: str
    parts: tuple[SaidPart, ...]
    files: tuple[int, ...]


# "5", "5/5", "5 sao", with words behind it.
_STARS = re.compile(
    rf"(\d{{1,3}})(?!\d|[.,]\d)\s*(?:/\s*5)?\s*(?:{either(forms('rating', 'stars'))}\b|[⭐★]+\ufe0f?)?[\s,.:;-]*",
    re.IGNORECASE,
)


# --- rating, reopening, withdrawing -----------------------------------------------------------------------------


@command("danhgia", place=160)
async def on_rate(turn: Turn, argument: str) -> None:
    code, rest = code_at_front(turn, argument, "danhgia")
    rated = await asker_decisions.rated_question(turn.work, turn.actor, code)
    stars = _STARS.match(rest)
    if stars is None:
        await open_case(turn.work, turn.actor, Action.RATE, rated)
        raise RuleViolation(Reason.BAD_RATING)
    await asker_decisions.rate(turn.work, turn.actor, rated, int(stars[1]), rest[stars.end() :])


@press(Act.RATE)
async def on_rate_pressed(turn: Turn, pressed: Press) -> None:
    stars = pressed.number(1)
    await asker_decisions.rate(turn.work, turn.actor, id_of(pressed), stars or 0)
    turn.say("event.rated")


@command("molai", place=170)
async def on_reopen(turn: Turn, argument: str) -> None:
    """`/molai MÃ lý do`: reopen a question.

    An editor reopens what was refused or merged, without a reason.
    """
    code, reason = code_at_front(turn, argument, "molai")
    question = await find(turn.work, code, turn.actor)
    if turn.actor.holds(*EDITORS) and question.status in RULES[Action.REOPEN_ENDED].moves:
        case = await screening.reopen(turn.work, turn.actor, question.id)
        await finish(turn, case, Event.RECONSIDERED)
    elif reason:
        await asker_decisions.reopen(turn.work, turn.actor, code, reason)
    else:
        await ask_for_words(turn, await asker_decisions.to_reopen(turn.work, turn.actor, code), "reopen")


@press(Act.REOPEN)
async def on_reopen_pressed(turn: Turn, pressed: Press) -> None:
    question_id = id_of(pressed)
    kept = await turn.at(AFTER_ANSWER, AfterAnswer)
    words = "" if kept is None else _joined(kept.parts)
    if kept is not None and kept.question == question_id and words:
        await turn.end_step()
        await take_pressed_buttons_away(turn)
        await asker_decisions.reopen(turn.work, turn.actor, question_id, words, kept.files)
        turn.say("event.reopened")
        return
    case = await asker_decisions.to_reopen(turn.work, turn.actor, question_id)
    await ask_for_words(turn, case, "reopen")


@step("reopen", holds=QuestionStep)
async def on_reopen_words(turn: Turn, message: Message, held: QuestionStep) -> None:
    await asker_decisions.to_reopen(turn.work, turn.actor, held.question)  # may they still?
    text, file_ids = await words_and_files(turn, message)
    await asker_decisions.reopen(turn.work, turn.actor, held.question, text, file_ids)
    await turn.end_step()


@command("rut", place=180)
async def on_withdraw(turn: Turn, argument: str) -> None:
    code, _rest = code_at_front(turn, argument, "rut")
    await _ask_to_withdraw(turn, code)


@press(Act.WITHDRAW)
async def on_withdraw_pressed(turn: Turn, pressed: Press) -> None:
    await _ask_to_withdraw(turn, id_of(pressed))


async def _ask_to_withdraw(turn: Turn, which: Code | int) -> None:
    case = await open_case(turn.work, turn.actor, Action.WITHDRAW, which)
    await ask_to_confirm(turn, "withdraw", case.code, QuestionStep(question=case.question.id))


@confirmed("withdraw", holds=QuestionStep)
async def on_withdraw_confirmed(turn: Turn, held: QuestionStep) -> None:
    await asker_decisions.withdraw(turn.work, turn.actor, held.question)


@press(Act.SAY_MEANT)
async def on_meant(turn: Turn, pressed: Press) -> None:
    choice = choice_of(pressed, ("question", "denunciation"), 1)
    await asker_decisions.say_meant(turn.work, turn.actor, id_of(pressed), question=choice == "question")
    await take_pressed_buttons_away(turn)
    turn.say("toast.saved")


@press(Act.CONSENT_PUBLICATION)
async def on_publication(turn: Turn, pressed: Press) -> None:
    choice = choice_of(pressed, ("yes", "no"), 1)
    await asker_decisions.choose_publication(turn.work, turn.actor, id_of(pressed), agreed=choice == "yes")
    await take_pressed_buttons_away(turn)
    turn.say("toast.saved")


# --- under an answer -------------------------------------------------------------------------------------------


@reply_to("answer")
async def on_answer_reply(turn: Turn, message: Message, row: OutboxRow) -> None:
    """Keep words sent under an answer, and ask what they are for.

    To reopen the question, or to ask a new one.
    """
    assert row.question_id is not None
    question = await find(turn.work, row.question_id)
    case = await look_at(turn.work, turn.actor, question)
    if not (case.may(Action.REOPEN) and tracking.may_still_reopen(turn.work, question)):
        await asking.begin(turn, message)
        return
    kept = await turn.at(AFTER_ANSWER, AfterAnswer)
    if kept is not None and kept.question == question.id:
        await on_more_words(turn, message, kept)
        return
    begun = AfterAnswer(question=question.id, code=case.code, parts=(), files=())
    await on_more_words(turn, message, begun)


@step(AFTER_ANSWER, holds=AfterAnswer)
async def on_more_words(turn: Turn, message: Message, held: AfterAnswer) -> None:
    """Keep further words before the asker says what they are for."""
    text, file_ids = await words_and_files(turn, message, beside=len(held.files))
    parts = (*held.parts, SaidPart(message.id, text))
    await _ask_what_for(turn, replace(held, parts=parts, files=(*held.files, *file_ids)))


async def _ask_what_for(turn: Turn, held: AfterAnswer) -> None:
    programme, words = turn.work.programme, _joined(held.parts)
    if len(words) > programme.question_characters:
        raise RuleViolation(Reason.TOO_LONG, limit=programme.question_characters)
    await prompt_done(turn, held)
    prompt = await turn.reply(
        ReplyToAnswer(code=held.code, text=words, files=len(held.files)),
        [
            [Button("button.reopen", Act.REOPEN, (held.question,)), Button("button.ask", Act.ASK)],
            [Button("button.cancel", Act.CANCEL)],
        ],
        question_id=held.question,
        supersedes=f"after:{turn.person.id}",
    )
    await turn.set_step(AFTER_ANSWER, replace(held, prompt=prompt))


def _joined(parts: Sequence[SaidPart]) -> str:
    return "\n".join(part.text for part in parts if part.text)


@press(Act.ASK)
async def on_ask_pressed(turn: Turn, pressed: Press) -> None:
    """Begin a new question, with the words that were kept or without any."""
    conversation, kept = await turn.step(), await turn.at(AFTER_ANSWER, AfterAnswer)
    if conversation is None or kept is None:
        await asking.invite(turn)
        return
    await require_current(turn, conversation)
    await turn.end_step()
    await take_pressed_buttons_away(turn)
    await asking.begin_with(turn, [asdict(one) for one in kept.parts], list(kept.files))
