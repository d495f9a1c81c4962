"""`/hua`: what an answer promises by a date of its own is recorded, moved, and reported as kept."""

from datetime import date

from telegram import Message, Update

from domain.deadlines.promised_days import day_at_front
from domain.errors import Reason, RuleViolation
from domain.questions.codes import Code
from domain.questions.history import Event
from domain.questions.life import Action, Role
from domain.vietnamese.text import phrase_at_front
from handlers.chat.context import Context
from handlers.chat.prompting import ask_for_text, finish, finish_text_step
from handlers.chat.registry import command, press, step
from handlers.chat.typed import code_at_front, id_of, typed_text
from messages.buttons import Act, Press
from services.deadlines import promises
from services.questions.case import Case, open_case
from storage.tables import Row

_KEPT = {"xong", "da xong", "da thuc hien", "done", "kept"}
_MOVED = {"doi", "doi ngay", "move"}


@command("hua", Role.OFFICER, Role.LEADER, Role.EDITOR, Role.ADMIN, place=380)
async def promise(update: Update, context: Context, argument: str) -> None:
    """`/hua MÃ NGÀY nội dung`; `/hua MÃ xong [lời]`; `/hua MÃ đổi NGÀY lý do`."""
    code, rest = code_at_front(context, argument, "hua")
    kept, moved = phrase_at_front(rest, _KEPT), phrase_at_front(rest, _MOVED)
    if kept is not None:
        case = await promises.report_kept(context.work, context.actor, code, kept[1])
        await finish(update, context, case, Event.PROMISE_KEPT)
    elif moved is not None:
        day, why = _day(context, moved[1])
        case = await promises.move(context.work, context.actor, code, day, why)
        await finish(update, context, case, Event.PROMISE_MOVED)
    else:
        await finish(update, context, await _record(context, code, rest), Event.PROMISED)


def _day(context: Context, typed: str) -> tuple[date, str]:
    work = context.work
    found = day_at_front(typed, work.programme.local(work.now).date())
    if found is None:
        raise RuleViolation(Reason.DATE_MISSING)
    return found


async def _record(context: Context, which: Code | int, typed: str) -> Case:
    day, text = _day(context, typed)
    return await promises.record(context.work, context.actor, which, day, text)


@press(Act.PROMISE)
async def promise_pressed(update: Update, context: Context, pressed: Press) -> None:
    """A date that the answer names: one tap. On a card without one: which day, and what?"""
    question_id = id_of(pressed)
    if not pressed.word(1):
        case = await open_case(context.work, context.actor, Action.PROMISE, question_id)
        await ask_for_text(update, context, case.question, "promise", "promise")
        return
    try:
        day = date.fromisoformat(pressed.word(1))
    except ValueError:
        raise RuleViolation(Reason.STALE_BUTTON) from None
    case = await promises.record_named(context.work, context.actor, question_id, day)
    await finish(update, context, case, Event.PROMISED)


@step("promise")
async def promise_typed(update: Update, context: Context, message: Message, conversation: Row) -> None:
    case = await _record(context, conversation.data["question"], typed_text(message))
    await finish_text_step(update, context, conversation, case, Event.PROMISED)


@press(Act.PROMISE_KEPT, Act.PROMISE_MOVE)
async def open_promise_pressed(update: Update, context: Context, pressed: Press) -> None:
    """How was it kept? Or which day instead, and why?"""
    case, one = await promises.open_promise(context.work, context.actor, id_of(pressed), pressed.number(1))
    asked = "promise_kept" if pressed.act is Act.PROMISE_KEPT else "promise_move"
    await ask_for_text(update, context, case.question, asked, asked, promise=one.id)


@step("promise_kept")
async def kept_typed(update: Update, context: Context, message: Message, conversation: Row) -> None:
    data = conversation.data
    case = await promises.report_kept(
        context.work, context.actor, data["question"], typed_text(message), data["promise"]
    )
    await finish_text_step(update, context, conversation, case, Event.PROMISE_KEPT)


@step("promise_move")
async def move_typed(update: Update, context: Context, message: Message, conversation: Row) -> None:
    data = conversation.data
    day, why = _day(context, typed_text(message))
    case = await promises.move(context.work, context.actor, data["question"], day, why, data["promise"])
    await finish_text_step(update, context, conversation, case, Event.PROMISE_MOVED)
