"""`/chan`: editors block a sender for a time, list blocks, and end them."""

from dataclasses import dataclass, replace
from datetime import date

from channels.incoming import Message
from domain.deadlines.promised_days import day_at_front
from domain.errors import Reason, RuleViolation
from domain.questions.codes import Code
from domain.questions.life import EDITORS
from domain.vietnamese.text import fold, phrase_at_front
from handlers.chat.paging import paged, show_list
from handlers.chat.prompting import CANCEL, end_text_step
from handlers.chat.registry import command, press, step
from handlers.chat.steps import CardStep
from handlers.chat.turn import (
    Turn,
    current_step,
    pressed_message,
    rewrite_pressed,
    take_pressed_buttons_away,
)
from handlers.chat.typed import code_at_front, id_of, typed_text
from messages.buttons import Act, Button, Keyboard, Press
from messages.keyboards import in_rows
from messages.notice import Notice
from messages.notices.staff import BlockAsked, BlockDone
from messages.typed import forms
from services import notify
from services.questions import cards
from services.questions.case import Case, find
from services.staff import blocking

_UNTIL, _END = forms("block", "until"), forms("block", "end")
STEP = "block"


@dataclass(frozen=True, kw_only=True)
class BlockStep(CardStep):
    """The question whose sender is to be blocked, and to the end of which day."""

    last: date


@command("chan", *EDITORS, place=640)
async def chan(turn: Turn, argument: str) -> None:
    """`/chan MÃ [đến NGÀY] lý do`: block a question's sender.

    `/chan MÃ bỏ` ends that; without words, list who is blocked.
    """
    if not argument:
        await show_list(turn, *await blocked_page(turn, 1))
        return
    code, rest = code_at_front(turn, argument, "chan")
    if fold(rest) in _END:
        unblocked = await blocking.unblock_sender_of(turn.work, turn.actor, code)
        await turn.reply(BlockDone(code=unblocked, last=None))
        return
    last, reason = _end_and_reason(turn, rest, blocking.usual_end(turn.work))
    if reason:
        await _block(turn, code, last, reason)
    else:
        await _ask_why(turn, await blocking.to_block(turn.work, turn.actor, code), last)


def _end_and_reason(turn: Turn, typed: str, usual: date) -> tuple[date, str]:
    """Read the last day and the reason ("đến 30/12 gửi quảng cáo"); the `usual` one where none is said."""
    found = phrase_at_front(typed, _UNTIL)
    if found is None or not found[1][:1].isdigit():
        return usual, typed
    work = turn.work
    read = day_at_front(found[1], work.programme.local(work.now).date())
    if read is None:
        raise RuleViolation(Reason.DATE_MISSING)
    return read


async def _block(turn: Turn, which: Code | int, last: date, reason: str) -> None:
    case, buttons = await blocking.block(turn.work, turn.actor, which, last, reason)
    await turn.reply(
        BlockDone(code=case.code, last=last), buttons, question_id=case.question.id, about="card"
    )


# --- from a card --------------------------------------------------------------------------------------------------


@press(Act.BLOCK)
async def block_pressed(turn: Turn, pressed: Press) -> None:
    case = await blocking.to_block(turn.work, turn.actor, id_of(pressed))
    await _ask_why(turn, case, blocking.usual_end(turn.work), card=pressed_message(turn))


async def _ask_why(turn: Turn, case: Case, last: date, card: str | None = None) -> None:
    held = BlockStep(question=case.question.id, last=last, card=card)
    notice, buttons = _asked(turn, case, last)
    prompt = await turn.reply(notice, buttons, question_id=case.question.id, about="card")
    await turn.set_step(STEP, replace(held, prompt=prompt))


def _asked(turn: Turn, case: Case, last: date) -> tuple[Notice, Keyboard]:
    ends = [
        Button("", Act.BLOCK_END, (case.question.id, day.isoformat()), text=f"{day:%d/%m/%Y}")
        for day in blocking.ends_offered(turn.work)
        if day != last
    ]
    return BlockAsked(code=case.code, last=last), [*in_rows(ends), CANCEL]


@press(Act.BLOCK_END)
async def end_pressed(turn: Turn, pressed: Press) -> None:
    """Another end for the block whose reason is asked for."""
    held = await current_step(turn, BlockStep, STEP)
    last = next((day for day in blocking.ends_offered(turn.work) if day.isoformat() == pressed.word(1)), None)
    if held.question != id_of(pressed) or last is None:
        raise RuleViolation(Reason.STALE_BUTTON)
    case = await blocking.to_block(turn.work, turn.actor, held.question)
    await turn.set_step(STEP, replace(held, last=last))
    await rewrite_pressed(turn, *_asked(turn, case, last))


@step(STEP, holds=BlockStep)
async def reason_typed(turn: Turn, message: Message, held: BlockStep) -> None:
    last, reason = _end_and_reason(turn, typed_text(message), held.last)
    await _block(turn, held.question, last, reason)
    await end_text_step(turn, held)
    await _show_card(turn, held.question, held.card)


async def _show_card(turn: Turn, question_id: int, card: str | None) -> None:
    """Bring the card on which it began up to date."""
    if card is not None:
        notice, buttons = await cards.card_in_place(turn.work, turn.actor, await find(turn.work, question_id))
        await notify.rewrite(turn.work, turn.person, notice, buttons, message_id=card)


# --- taken back ---------------------------------------------------------------------------------------------------


@press(Act.UNBLOCK)
async def unblock_pressed(turn: Turn, pressed: Press) -> None:
    code = await blocking.unblock(turn.work, turn.actor, id_of(pressed))
    await take_pressed_buttons_away(turn)
    await turn.reply(BlockDone(code=code, last=None))


@press(Act.UNBLOCK_OF)
async def unblock_of_pressed(turn: Turn, pressed: Press) -> None:
    question_id = id_of(pressed)
    code = await blocking.unblock_sender_of(turn.work, turn.actor, question_id)
    await _show_card(turn, question_id, pressed_message(turn))
    await turn.reply(BlockDone(code=code, last=None))


# --- the list -----------------------------------------------------------------------------------------------------


@paged(blocking.LIST)
async def blocked_page(turn: Turn, page: int) -> tuple[Notice, Keyboard]:
    return await blocking.page(turn.work, turn.actor, page)
