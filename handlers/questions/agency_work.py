"""An agency's officers: their work, accepting, returning, asking for more; answering is in drafted_answer."""

from telegram import Message, Update

from domain.questions.history import Event
from domain.questions.life import AGENCY_ROLES, Action, Capacity, Role
from handlers.chat.context import Context
from handlers.chat.paging import paged, question_rows, show_list
from handlers.chat.prompting import ask_for_text, end_text_step, finish, finish_text_step
from handlers.chat.registry import command, press, step
from handlers.chat.typed import code_at_front, id_of, typed_text
from handlers.questions import tracking
from handlers.questions.answer_editor import begin_answer
from messages.buttons import Act, Keyboard, Press
from messages.notice import Notice
from messages.notices.desk import HiddenCard
from services.people.actors import require
from services.questions import agency_work, cards, records, screening, worklists
from services.questions.case import Case, find, look_at, open_case
from storage.tables import Row

STAFF = (Role.OFFICER, Role.LEADER, Role.EDITOR, Role.ADMIN)


# --- looking ------------------------------------------------------------------------------------------------


@command("viec", Role.OFFICER, Role.LEADER, place=310)
async def my_work(update: Update, context: Context, argument: str) -> None:
    await show_list(context, *await work_page(context, 1))


@paged("work")
async def work_page(context: Context, page: int) -> tuple[Notice, Keyboard]:
    require(context.actor, *AGENCY_ROLES)
    notice, rows = await worklists.agency_work(context.work, context.actor, page)
    return notice, question_rows(context, rows, "work", page, more=notice.more)


@command("xem", *STAFF, place=320)
async def see(update: Update, context: Context, argument: str) -> None:
    code, _ = code_at_front(context, argument, "xem")
    await _show(context, await find(context.work, code), whole=True)


@press(Act.OPEN)
async def open_pressed(update: Update, context: Context, pressed: Press) -> None:
    question = await find(context.work, id_of(pressed))
    await _show(context, question, whole=pressed.word(1) == "whole")


async def _show(context: Context, question: Row, *, whole: bool) -> None:
    notice, buttons = await cards.card(context.work, context.actor, question, whole=whole)
    if not isinstance(notice, HiddenCard):
        await records.note_reading(context.work, context.actor, question)
    await context.reply(notice, buttons, question_id=question.id, about="card")


@press(Act.FILES)
async def files_pressed(update: Update, context: Context, pressed: Press) -> None:
    question, kept = await records.files_for(context.work, context.actor, id_of(pressed))
    if not kept:
        context.say("toast.no_files")
        return
    await context.send_files(kept, question.id)
    context.say("toast.sent")


@press(Act.HISTORY)
async def history_pressed(update: Update, context: Context, pressed: Press) -> None:
    question_id = id_of(pressed)
    notice = await records.history_for(context.work, context.actor, question_id)
    await context.reply(notice, question_id=question_id, about="card")


# --- accepting, returning, asking for more ---------------------------------------------------------------------


@command("nhan", Role.OFFICER, place=330)
async def accept(update: Update, context: Context, argument: str) -> None:
    code, _ = code_at_front(context, argument, "nhan")
    await finish(update, context, await agency_work.accept(context.work, context.actor, code), Event.ACCEPTED)


@press(Act.ACCEPT)
async def accept_pressed(update: Update, context: Context, pressed: Press) -> None:
    case = await agency_work.accept(context.work, context.actor, id_of(pressed))
    await finish(update, context, case, Event.ACCEPTED)


@command("trave", Role.OFFICER, place=340)
async def return_(update: Update, context: Context, argument: str) -> None:
    code, reason = code_at_front(context, argument, "trave")
    await _return(update, context, await screening.return_(context.work, context.actor, code, reason))


@press(Act.RETURN)
async def return_pressed(update: Update, context: Context, pressed: Press) -> None:
    case = await open_case(context.work, context.actor, Action.RETURN, id_of(pressed))
    await ask_for_text(update, context, case.question, "return", "return")


@step("return")
async def return_reason(update: Update, context: Context, message: Message, conversation: Row) -> None:
    reason = typed_text(message)
    case = await screening.return_(context.work, context.actor, conversation.data["question"], reason)
    await end_text_step(context, conversation)
    await _return(update, context, case, conversation.data["card"])


async def _return(update: Update, context: Context, case: Case, card: int | None = None) -> None:
    await finish(update, context, case, Event.RETURNED, card=card)


@command("hoithem", Role.OFFICER, place=350)
async def ask_more(update: Update, context: Context, argument: str) -> None:
    code, text = code_at_front(context, argument, "hoithem")
    case = await agency_work.ask_more(context.work, context.actor, code, text)
    await finish(update, context, case, Event.ASKED_MORE)


@press(Act.ASK_MORE)
async def ask_more_pressed(update: Update, context: Context, pressed: Press) -> None:
    case = await open_case(context.work, context.actor, Action.ASK_MORE, id_of(pressed))
    await ask_for_text(update, context, case.question, "ask_more", "ask_more")


@step("ask_more")
async def ask_more_text(update: Update, context: Context, message: Message, conversation: Row) -> None:
    text = typed_text(message)
    case = await agency_work.ask_more(context.work, context.actor, conversation.data["question"], text)
    await finish_text_step(update, context, conversation, case, Event.ASKED_MORE)


# --- Trả lời, Nghi tố cáo ------------------------------------------------------------------------------------------


@press(Act.REPLY)
async def reply_pressed(update: Update, context: Context, pressed: Press) -> None:
    """The same words for two people: the asker replies to a clarification, the officer answers."""
    question = await find(context.work, id_of(pressed))
    case = await look_at(context.work, context.actor, question)
    works_on_it = case.may(Action.ANSWER) or case.may(Action.CONTRIBUTE)
    if Capacity.ASKER in case.capacities and (case.may(Action.SUPPLY) or not works_on_it):
        await tracking.reply_pressed(update, context, question.id)
    else:
        await begin_answer(update, context, question.id)


@command("nghitocao", *STAFF, place=360, in_menu=False)
async def flag(update: Update, context: Context, argument: str) -> None:
    """`/nghitocao MÃ`: also of what was answered, or ended."""
    code, _ = code_at_front(context, argument, "nghitocao")
    await finish(update, context, await screening.flag(context.work, context.actor, code), Event.FLAGGED)


@press(Act.FLAG)
async def flag_pressed(update: Update, context: Context, pressed: Press) -> None:
    case = await screening.flag(context.work, context.actor, id_of(pressed))
    await finish(update, context, case, Event.FLAGGED)
