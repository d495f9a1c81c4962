"""`/hua`: records, moves and fulfils promises with a date in an answer."""

from dataclasses import dataclass
from datetime import date

from channels.incoming import Message
from domain.deadlines.promised_days import day_at_front
from domain.errors import Reason, RuleViolation
from domain.questions.codes import Code
from domain.questions.history import Event
from domain.questions.life import Action, Role
from domain.vietnamese.text import phrase_at_front
from handlers.chat.prompting import ask_for_text, finish, finish_text_step
from handlers.chat.registry import command, press, step
from handlers.chat.steps import CardStep
from handlers.chat.turn import Turn
from handlers.chat.typed import code_at_front, id_of, typed_text
from messages.buttons import Act, Press
from messages.typed import forms
from services.deadlines import promises
from services.questions.case import Case, open_case

_KEPT, _MOVED = forms("promise", "kept"), forms("promise", "move")


@command("hua", Role.OFFICER, Role.LEADER, Role.EDITOR, Role.ADMIN, place=380)
async def promise(turn: Turn, argument: str) -> None:
    """`/hua MÃ NGÀY nội dung`; `/hua MÃ xong [lời]`; `/hua MÃ đổi NGÀY lý do`."""
    code, rest = code_at_front(turn, argument, "hua")
    kept, moved = phrase_at_front(rest, _KEPT), phrase_at_front(rest, _MOVED)
    if kept is not None:
        case = await promises.report_kept(turn.work, turn.actor, code, kept[1])
        await finish(turn, case, Event.PROMISE_KEPT)
    elif moved is not None:
        day, why = _day(turn, moved[1])
        case = await promises.move(turn.work, turn.actor, code, day, why)
        await finish(turn, case, Event.PROMISE_MOVED)
    else:
        await finish(turn, await _record(turn, code, rest), Event.PROMISED)


def _day(turn: Turn, typed: str) -> tuple[date, str]:
    work = turn.work
    found = day_at_front(typed, work.programme.local(work.now).date())
    if found is None:
        raise RuleViolation(Reason.DATE_MISSING)
    return found


async def _record(turn: Turn, which: Code | int, typed: str) -> Case:
    day, text = _day(turn, typed)
    return await promises.record(turn.work, turn.actor, which, day, text)


@press(Act.PROMISE)
async def promise_pressed(turn: Turn, pressed: Press) -> None:
    """Record the date that the answer names, or ask for day and words.

    The latter where the button carries no date.
    """
    question_id = id_of(pressed)
    if not pressed.word(1):
        case = await open_case(turn.work, turn.actor, Action.PROMISE, question_id)
        await ask_for_text(turn, case.question, "promise", "promise")
        return
    try:
        day = date.fromisoformat(pressed.word(1))
    except ValueError:
        raise RuleViolation(Reason.STALE_BUTTON) from None
    case = await promises.record_named(turn.work, turn.actor, question_id, day)
    await finish(turn, case, Event.PROMISED)


@dataclass(frozen=True, kw_only=True)
class PromiseStep(CardStep):
    """A step about one of the promises in an answer."""

    promise: int


@step("promise", holds=CardStep)
async def promise_typed(turn: Turn, message: Message, held: CardStep) -> None:
    case = await _record(turn, held.question, typed_text(message))
    await finish_text_step(turn, held, case, Event.PROMISED)


@press(Act.PROMISE_KEPT, Act.PROMISE_MOVE)
async def open_promise_pressed(turn: Turn, pressed: Press) -> None:
    """Ask how the promise was kept, or for another day and the reason."""
    case, one = await promises.open_promise(turn.work, turn.actor, id_of(pressed), pressed.number(1))
    asked = "promise_kept" if pressed.act is Act.PROMISE_KEPT else "promise_move"
    held = PromiseStep(question=case.question.id, promise=one.id)
    await ask_for_text(turn, case.question, asked, asked, held)


@step("promise_kept", holds=PromiseStep)
async def kept_typed(turn: Turn, message: Message, held: PromiseStep) -> None:
    case = await promises.report_kept(turn.work, turn.actor, held.question, typed_text(message), held.promise)
    await finish_text_step(turn, held, case, Event.PROMISE_KEPT)


@step("promise_move", holds=PromiseStep)
async def move_typed(turn: Turn, message: Message, held: PromiseStep) -> None:
    day, why = _day(turn, typed_text(message))
    case = await promises.move(turn.work, turn.actor, held.question, day, why, held.promise)
    await finish_text_step(turn, held, case, Event.PROMISE_MOVED)
