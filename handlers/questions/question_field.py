"""`/linhvuc` and `Lĩnh vực`: editors set the field of a question."""

from collections.abc import Sequence

from channels.incoming import Message
from domain.errors import Reason, RuleViolation
from domain.questions.history import Event
from domain.questions.life import EDITORS, Action
from handlers.agencies.field_choice import PER_PAGE, field_name
from handlers.chat.prompting import end_text_step, finish
from handlers.chat.registry import command, press, step
from handlers.chat.steps import CardStep
from handlers.chat.turn import Turn, leave_step, pressed_message, rewrite_pressed
from handlers.chat.typed import code_at_front, id_of, typed_text
from messages.buttons import Act, Button, Keyboard, Press
from messages.keyboards import in_rows, page_of, turn_rows
from messages.notice import Notice
from messages.notices.desk import FieldChoice
from services.agencies import naming, routing
from services.questions import question_field
from services.questions.case import Case, open_case
from storage.agencies import agencies
from storage.questions import entries
from storage.rows import FieldRow

STEP = "question_field"


@command("linhvuc", *EDITORS, place=525)
async def field(turn: Turn, argument: str) -> None:
    """`/linhvuc MÃ [LĨNH VỰC]`: set a question's field, or show the present one and all."""
    code, named = code_at_front(turn, argument, "linhvuc")
    case = await open_case(turn.work, turn.actor, Action.SET_FIELD, code)
    if named:
        await _set_named(turn, case, named)
    else:
        await _offer(turn, case)


@press(Act.FIELD_CHOOSE)
async def choose_pressed(turn: Turn, pressed: Press) -> None:
    case = await open_case(turn.work, turn.actor, Action.SET_FIELD, id_of(pressed))
    page = pressed.number(1)
    if page is None:
        await _offer(turn, case, card=pressed_message(turn))
    else:
        await rewrite_pressed(turn, *await _page(turn, case, page))


@press(Act.SET_FIELD)
async def field_pressed(turn: Turn, pressed: Press) -> None:
    chosen = await agencies.field(turn.work, pressed.word(1))
    if chosen is None:
        raise RuleViolation(Reason.STALE_BUTTON)
    case = await question_field.set_field(turn.work, turn.actor, id_of(pressed), chosen)
    await leave_step(turn, STEP)
    await finish(turn, case, Event.FIELD_SET, field_name(turn, chosen))


@step(STEP, holds=CardStep)
async def field_typed(turn: Turn, message: Message, held: CardStep) -> None:
    typed = typed_text(message)
    case = await open_case(turn.work, turn.actor, Action.SET_FIELD, held.question)
    await end_text_step(turn, held)
    await _set_named(turn, case, typed, card=held.card)


async def _set_named(turn: Turn, case: Case, typed: str, *, card: str | None = None) -> None:
    """Set the field that somebody typed; what fits several becomes buttons."""
    found = await naming.fields_named(turn.work, typed)
    if not found:
        raise RuleViolation(Reason.UNKNOWN_FIELD, typed=typed)
    if len(found) > 1:
        present = await _present(turn, case)
        shown = found[: naming.OFFERED]
        notice = FieldChoice(code=case.code, field=present, typed=typed, page=1, pages=1)
        await turn.reply(
            notice, in_rows(_buttons(turn, case, shown)), question_id=case.question.id, about="card"
        )
        return
    case = await question_field.set_field(turn.work, turn.actor, case.question.id, found[0])
    await finish(turn, case, Event.FIELD_SET, field_name(turn, found[0]), card=card)


async def _offer(turn: Turn, case: Case, *, card: str | None = None) -> None:
    notice, buttons = await _page(turn, case, 1)
    prompt = await turn.reply(notice, buttons, question_id=case.question.id, about="card")
    if await turn.step() is None:  # its name may be typed, too; nothing else is given up for it
        await turn.set_step(STEP, CardStep(question=case.question.id, card=card, prompt=prompt))


async def _page(turn: Turn, case: Case, page: int) -> tuple[Notice, Keyboard]:
    """One page of all fields, first those that the question's words speak of."""
    work, question = turn.work, case.question
    text = await entries.question_text(work, question.id)
    spoken = await routing.suggested_fields(work, text, naming.OFFERED)
    first = {one.code: one for one in (*spoken, *await agencies.all_fields(work))}
    offered = page_of(list(first.values()), page, PER_PAGE)
    turns = turn_rows(Act.FIELD_CHOOSE, lambda to: (question.id, to), offered.number, more=offered.more)
    notice = FieldChoice(
        code=case.code,
        field=await _present(turn, case),
        typed="",
        page=offered.number,
        pages=offered.pages,
    )
    return notice, [*in_rows(_buttons(turn, case, offered.shown)), *turns]


def _buttons(turn: Turn, case: Case, fields: Sequence[FieldRow]) -> list[Button]:
    return [
        Button("", Act.SET_FIELD, (case.question.id, one.code), text=field_name(turn, one))
        for one in fields
        if one.code != case.question.field_code
    ]


async def _present(turn: Turn, case: Case) -> str | None:
    code = case.question.field_code
    found = await agencies.field(turn.work, code) if code else None
    return None if found is None else field_name(turn, found)
