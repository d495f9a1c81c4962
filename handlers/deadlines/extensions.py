"""`/giahan`: an officer asks for more days, an editor decides."""

import re
from dataclasses import dataclass

from channels.incoming import Message
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
from messages.typed import either, marked, meanings
from services.deadlines import extensions
from services.questions.case import Case, code_of, find, open_case

_UNIT = either(marked("extension_marked", "days")).replace("\\ ", r"\s+")
_DAYS = re.compile(rf"(\d{{1,4}})(?:\s+{_UNIT})?(?:[\s,:;.-]+|$)", re.IGNORECASE)
_DECISIONS = meanings("extension", {"yes": True, "no": False})


@command("giahan", Role.OFFICER, Role.EDITOR, Role.ADMIN, place=370)
async def extension(turn: Turn, argument: str) -> None:
    """`/giahan MÃ SỐ_NGÀY lý do`: ask for more days.

    For editors `/giahan MÃ đồng ý [lời gửi người hỏi]` and `/giahan MÃ không lý do`.
    """
    code, rest = code_at_front(turn, argument, "giahan")
    decision = _decision(rest) if turn.actor.holds(Role.EDITOR, Role.ADMIN) else None
    if decision is None:
        await finish(turn, await _ask(turn, code, rest), Event.EXTENSION_ASKED)
    elif decision[0]:
        case = await extensions.grant(turn.work, turn.actor, code, words=decision[1])
        await finish(turn, case, Event.EXTENDED)
    else:
        case = await extensions.refuse(turn.work, turn.actor, code, decision[1])
        await finish(turn, case, Event.EXTENSION_REFUSED)


def _decision(typed: str) -> tuple[bool, str] | None:
    """Read yes or no, and the words after it ("không đồng ý" is no); None for something else."""
    found = phrase_at_front(typed, _DECISIONS)
    return None if found is None else (_DECISIONS[found[0]], found[1])


async def _ask(turn: Turn, which: Code | int, typed: str) -> Case:
    """The number of days, then the reason."""
    question = await find(turn.work, which, turn.actor)
    found = _DAYS.match(typed)
    if found is None:
        raise RuleViolation(Reason.DAYS_MISSING, code=code_of(turn.work, question))
    reason = typed[found.end() :].strip()
    return await extensions.ask(turn.work, turn.actor, question.id, int(found[1]), reason)


@press(Act.EXTEND)
async def extend_pressed(turn: Turn, pressed: Press) -> None:
    case = await open_case(turn.work, turn.actor, Action.ASK_EXTENSION, id_of(pressed))
    if await extensions.days_left(case) == 0:
        raise RuleViolation(Reason.EXTENSION_TOO_LONG, code=case.code, left=0)
    await ask_for_text(turn, case.question, "extend", "extend")


@dataclass(frozen=True, kw_only=True)
class RequestStep(CardStep):
    """The request for more days on which an editor decides in words."""

    request: int | None


@step("extend", holds=CardStep)
async def extend_typed(turn: Turn, message: Message, held: CardStep) -> None:
    case = await _ask(turn, held.question, typed_text(message))
    await finish_text_step(turn, held, case, Event.EXTENSION_ASKED)


@press(Act.GRANT_EXTENSION)
async def grant_pressed(turn: Turn, pressed: Press) -> None:
    case = await extensions.grant(turn.work, turn.actor, id_of(pressed), pressed.number(1))
    await finish(turn, case, Event.EXTENDED)


@press(Act.GRANT_IN_WORDS)
async def grant_in_words_pressed(turn: Turn, pressed: Press) -> None:
    """Ask for the words that the asker reads instead of the agency's."""
    request = pressed.number(1)
    case = await extensions.to_decide(turn.work, turn.actor, id_of(pressed), request)
    held = RequestStep(question=case.question.id, request=request)
    await ask_for_text(turn, case.question, "grant_in_words", "grant_in_words", held)


@step("grant_in_words", holds=RequestStep)
async def grant_words_typed(turn: Turn, message: Message, held: RequestStep) -> None:
    case = await extensions.grant(
        turn.work, turn.actor, held.question, held.request, words=typed_text(message)
    )
    await finish_text_step(turn, held, case, Event.EXTENDED)


@press(Act.REFUSE_EXTENSION)
async def refuse_pressed(turn: Turn, pressed: Press) -> None:
    request = pressed.number(1)
    case = await extensions.to_decide(turn.work, turn.actor, id_of(pressed), request)
    held = RequestStep(question=case.question.id, request=request)
    await ask_for_text(turn, case.question, "refuse_extension", "refuse_extension", held)


@step("refuse_extension", holds=RequestStep)
async def refusal_typed(turn: Turn, message: Message, held: RequestStep) -> None:
    case = await extensions.refuse(turn.work, turn.actor, held.question, typed_text(message), held.request)
    await finish_text_step(turn, held, case, Event.EXTENSION_REFUSED)
