"""An agency's officers: their work, accepting, returning, asking for more.

Answering is in `handlers.questions.answer_editor`.
"""

from channels.incoming import Message
from domain.questions.history import Event
from domain.questions.life import AGENCY_ROLES, Action, Capacity, Role
from handlers.chat.paging import paged, paged_of, question_rows, show_list
from handlers.chat.prompting import ask_for_text, end_text_step, finish, finish_text_step
from handlers.chat.registry import command, press, step
from handlers.chat.steps import CardStep
from handlers.chat.turn import Turn
from handlers.chat.typed import code_at_front, id_of, typed_text
from handlers.questions import tracking
from handlers.questions.answer_editor import begin_answer
from messages.buttons import Act, Keyboard, Press
from messages.notice import Notice
from messages.notices.desk import HiddenCard
from services.people.actors import require
from services.questions import agency_work, cards, screening, worklists
from services.questions.case import Case, find, look_at, open_case
from services.staff import records
from storage.rows import QuestionRow

STAFF = (Role.OFFICER, Role.LEADER, Role.EDITOR, Role.ADMIN)


# --- looking ------------------------------------------------------------------------------------------------


@command("viec", Role.OFFICER, Role.LEADER, place=310)
async def my_work(turn: Turn, argument: str) -> None:
    await show_list(turn, *await work_page(turn, 1))


@paged("work")
async def work_page(turn: Turn, page: int) -> tuple[Notice, Keyboard]:
    require(turn.actor, *AGENCY_ROLES)
    notice, rows = await worklists.agency_work(turn.work, turn.actor, page)
    return notice, question_rows(turn, rows, "work", page, more=notice.more)


@paged_of("agency")
async def agency_page(turn: Turn, agency_id: int, page: int) -> tuple[Notice, Keyboard]:
    notice, rows = await worklists.of_agency(turn.work, turn.actor, agency_id, page)
    return notice, question_rows(turn, rows, "agency", page, more=notice.more, of=agency_id)


@command("xem", *STAFF, place=320)
async def see(turn: Turn, argument: str) -> None:
    code, _ = code_at_front(turn, argument, "xem")
    await show(turn, await find(turn.work, code, turn.actor), whole=True)


@press(Act.OPEN)
async def open_pressed(turn: Turn, pressed: Press) -> None:
    question = await find(turn.work, id_of(pressed))
    await show(turn, question, whole=pressed.word(1) == "whole")


async def show(turn: Turn, question: QuestionRow, *, whole: bool) -> None:
    notice, buttons = await cards.card(turn.work, turn.actor, question, whole=whole)
    if not isinstance(notice, HiddenCard):
        await records.note_reading(turn.work, turn.actor, question)
        cards.shown_now(turn.work, question.id, turn.actor.id)
    await turn.reply(
        notice,
        buttons,
        question_id=question.id,
        about="card",
        card=not isinstance(notice, HiddenCard),
    )


@press(Act.FILES)
async def files_pressed(turn: Turn, pressed: Press) -> None:
    question, kept = await records.files_for(turn.work, turn.actor, id_of(pressed))
    if not kept:
        turn.say("toast.no_files")
        return
    await turn.send_files(kept, question.id)
    turn.say("toast.files_coming")


@press(Act.HISTORY)
async def history_pressed(turn: Turn, pressed: Press) -> None:
    question_id = id_of(pressed)
    notice = await records.history_for(turn.work, turn.actor, question_id)
    await turn.reply(notice, question_id=question_id, about="card")


# --- accepting, returning, asking for more ---------------------------------------------------------------------


@command("nhan", Role.OFFICER, place=330)
async def accept(turn: Turn, argument: str) -> None:
    code, _ = code_at_front(turn, argument, "nhan")
    await finish(turn, await agency_work.accept(turn.work, turn.actor, code), Event.ACCEPTED)


@press(Act.ACCEPT)
async def accept_pressed(turn: Turn, pressed: Press) -> None:
    case = await agency_work.accept(turn.work, turn.actor, id_of(pressed))
    await finish(turn, case, Event.ACCEPTED)


@command("trave", Role.OFFICER, place=340)
async def return_(turn: Turn, argument: str) -> None:
    code, reason = code_at_front(turn, argument, "trave")
    await _return(turn, await screening.return_(turn.work, turn.actor, code, reason))


@press(Act.RETURN)
async def return_pressed(turn: Turn, pressed: Press) -> None:
    case = await open_case(turn.work, turn.actor, Action.RETURN, id_of(pressed))
    await ask_for_text(turn, case.question, "return", "return")


@step("return", holds=CardStep)
async def return_reason(turn: Turn, message: Message, held: CardStep) -> None:
    reason = typed_text(message)
    case = await screening.return_(turn.work, turn.actor, held.question, reason)
    await end_text_step(turn, held)
    await _return(turn, case, held.card)


async def _return(turn: Turn, case: Case, card: str | None = None) -> None:
    await finish(turn, case, Event.RETURNED, card=card)


@command("hoithem", Role.OFFICER, place=350)
async def ask_more(turn: Turn, argument: str) -> None:
    code, text = code_at_front(turn, argument, "hoithem")
    case = await agency_work.ask_more(turn.work, turn.actor, code, text)
    await finish(turn, case, Event.ASKED_MORE)


@press(Act.ASK_MORE)
async def ask_more_pressed(turn: Turn, pressed: Press) -> None:
    case = await open_case(turn.work, turn.actor, Action.ASK_MORE, id_of(pressed))
    await ask_for_text(turn, case.question, "ask_more", "ask_more")


@step("ask_more", holds=CardStep)
async def ask_more_text(turn: Turn, message: Message, held: CardStep) -> None:
    text = typed_text(message)
    case = await agency_work.ask_more(turn.work, turn.actor, held.question, text)
    await finish_text_step(turn, held, case, Event.ASKED_MORE)


# --- Trả lời, Nghi tố cáo ------------------------------------------------------------------------------------------


@press(Act.REPLY)
async def reply_pressed(turn: Turn, pressed: Press) -> None:
    """`Trả lời`: the asker replies to a clarification, or the officer answers."""
    question = await find(turn.work, id_of(pressed))
    case = await look_at(turn.work, turn.actor, question)
    works_on_it = case.may(Action.ANSWER) or case.may(Action.CONTRIBUTE)
    if Capacity.ASKER in case.capacities and (case.may(Action.SUPPLY) or not works_on_it):
        await tracking.reply_pressed(turn, question.id)
    else:
        await begin_answer(turn, question.id)


@command("nghitocao", *STAFF, place=360, in_menu=False)
async def flag(turn: Turn, argument: str) -> None:
    """`/nghitocao MÃ`: flag a suspected denunciation, in whatever status."""
    code, _ = code_at_front(turn, argument, "nghitocao")
    await finish(turn, await screening.flag(turn.work, turn.actor, code), Event.FLAGGED)


@press(Act.FLAG)
async def flag_pressed(turn: Turn, pressed: Press) -> None:
    case = await screening.flag(turn.work, turn.actor, id_of(pressed))
    await finish(turn, case, Event.FLAGGED)
