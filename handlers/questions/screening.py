"""Editors screen what came in: assign, refuse, merge, look at suspected denunciations."""

from dataclasses import dataclass

from channels.incoming import Message
from domain.errors import Reason, RuleViolation
from domain.questions.codes import Code
from domain.questions.history import Event
from domain.questions.life import EDITORS, OPEN, Action, RefusalCode, Secrecy
from domain.vietnamese.text import excerpt, phrase_at_front
from handlers.agencies.agency_choice import ask_which, meant
from handlers.chat.confirming import STEP as CONFIRM
from handlers.chat.confirming import ConfirmStep, ask_after, ask_to_confirm, confirmed
from handlers.chat.paging import paged, question_rows, show_list, shown_by
from handlers.chat.prompting import (
    CANCEL,
    ask_for,
    ask_for_text,
    end_text_step,
    finish,
    finish_text_step,
    prompt_done,
)
from handlers.chat.registry import command, press, step
from handlers.chat.steps import CardStep, QuestionStep
from handlers.chat.turn import Turn, current_step, leave_step, rewrite_pressed
from handlers.chat.typed import choice_of, code_at_front, id_of, typed_text, words_and_files
from messages.buttons import Act, Button, Keyboard, Press
from messages.keyboards import in_rows, page_of, turn_rows
from messages.notice import Notice
from messages.notices.chat import TextAsked
from messages.notices.desk import AssignChoice, NobodyReached, RefusalChoice
from services.agencies import naming, routing
from services.people.actors import require_editor
from services.questions import agency_work, screening, worklists
from services.questions.case import Case, code_of, find, open_case
from services.staff import arrivals
from storage.agencies import agencies
from storage.questions import entries
from storage.rows import AgencyRow

AGENCIES_ON_A_PAGE = 10
# A coded reason as people type it: "khieu-nai", "khiếu nại".
_REFUSALS = {str(one).replace("-", sign): one for one in RefusalCode for sign in "- _"}
SIMILAR = 6  # open questions of the same field that are offered to merge into


@dataclass(frozen=True, kw_only=True)
class PerhapsSeen(CardStep):
    """With who led on the question, where an editor saw it (0: nobody)."""

    seen: int | None


@dataclass(frozen=True, kw_only=True)
class SeenStep(CardStep):
    """With who led on the question when the editor saw it; 0: nobody."""

    seen: int


@dataclass(frozen=True, kw_only=True)
class Reassignment(SeenStep):
    """The lead agency first."""

    agencies: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Refusing(SeenStep):
    """Why, as a code, and in words."""

    reason: RefusalCode
    note: str


@dataclass(frozen=True, kw_only=True)
class Merging(SeenStep):
    """The original."""

    into: int


@command("moi", *EDITORS, place=500)
async def new_ones(turn: Turn, argument: str) -> None:
    await show_list(turn, *await new_page(turn, 1))


@paged("new")
async def new_page(turn: Turn, page: int) -> tuple[Notice, Keyboard]:
    require_editor(turn.actor)
    await arrivals.opened(turn.work, turn.actor.id)
    notice, rows = await worklists.new_ones(turn.work, turn.actor, page)
    return notice, question_rows(turn, rows, "new", page, more=notice.more)


@command("quahan", *EDITORS, place=510)
async def overdue(turn: Turn, argument: str) -> None:
    await show_list(turn, *await overdue_page(turn, 1))


@paged("overdue")
async def overdue_page(turn: Turn, page: int) -> tuple[Notice, Keyboard]:
    require_editor(turn.actor)
    notice, rows = await worklists.overdue(turn.work, page)
    return notice, question_rows(turn, rows, "overdue", page, more=notice.more)


# --- assigning ------------------------------------------------------------------------------------------------


@command("chuyen", *EDITORS, place=520)
async def assign(turn: Turn, argument: str) -> None:
    """`/chuyen MÃ CƠ_QUAN [PHỐI_HỢP…]`: assign, by codes or any names of agencies."""
    code, named = code_at_front(turn, argument, "chuyen")
    if not named:
        case = await open_case(turn.work, turn.actor, Action.ASSIGN, code)
        await _offer_agencies(turn, case)
        return
    case = await open_case(turn.work, turn.actor, Action.ASSIGN, code)
    await _assign_to_named(turn, case, named)


async def _assign_to_named(
    turn: Turn, case: Case, named: str, *, seen: int | None = None, card: str | None = None
) -> None:
    """Assign to agencies as somebody typed them; what fits several of them becomes buttons."""
    try:
        lead, *coordinating = await naming.agencies_named(turn.work, named)
    except naming.SeveralAgencies as several:
        held = PerhapsSeen(question=case.question.id, seen=seen, card=card)
        await ask_which(turn, several, "assign", held)
        return
    if seen is None and await screening.just_assigned_by_another(case):
        await _confirm_reassignment(turn, case, lead, tuple(coordinating))
        return
    await _assign_where_reached(turn, case, lead, tuple(coordinating), seen=seen, card=card)


@meant("assign", holds=PerhapsSeen)
async def agency_meant(turn: Turn, held: PerhapsSeen, named: str) -> None:
    case = await open_case(turn.work, turn.actor, Action.ASSIGN, held.question)
    await _assign_to_named(turn, case, named, seen=held.seen, card=held.card)


async def _assign_where_reached(
    turn: Turn,
    case: Case,
    lead: AgencyRow,
    coordinating: tuple[AgencyRow, ...] = (),
    *,
    seen: int | None = None,
    card: str | None = None,
) -> None:
    """Assign, or say first that messages reach nobody there, and ask whether to do it anyway."""
    screening.expect(case, seen)
    screening.expect_change(case, lead, coordinating)
    unreached = await naming.unreached(turn.work, (lead, *coordinating))
    if not unreached:
        done = await screening.assign(turn.work, turn.actor, case.question.id, lead, coordinating, seen=seen)
        await _assigned(turn, done, card)
        return
    led_by = case.question.lead_agency_id or 0
    await ask_after(
        turn,
        "assign_anyway",
        NobodyReached(code=case.code, agencies=tuple(one.name for one in unreached)),
        Reassignment(
            question=case.question.id,
            seen=led_by,
            agencies=tuple(one.id for one in (lead, *coordinating)),
            card=card,
        ),
        decide=[
            [
                Button("button.assign_anyway", Act.CONFIRM),
                Button("button.choose_other", Act.ASSIGN_CHOOSE, (case.question.id, led_by)),
            ]
        ],
    )


@confirmed("assign_anyway", holds=Reassignment)
async def assign_anyway(turn: Turn, held: Reassignment) -> None:
    lead, *coordinating = [await agencies.by_id(turn.work, one) for one in held.agencies]
    case = await screening.assign(
        turn.work, turn.actor, held.question, lead, tuple(coordinating), seen=held.seen
    )
    await _assigned(turn, case, held.card)


async def _confirm_reassignment(
    turn: Turn, case: Case, lead: AgencyRow, coordinating: tuple[AgencyRow, ...]
) -> None:
    """Ask whether to assign a question that another editor has just assigned.

    Names who did it, to whom, and when.
    """
    screening.expect_change(case, lead, coordinating)
    last = await screening.last_assigned(turn.work, case.question.id)
    await ask_to_confirm(
        turn,
        "reassign",
        case.code,
        Reassignment(
            question=case.question.id,
            seen=case.question.lead_agency_id or 0,
            agencies=tuple(agency.id for agency in (lead, *coordinating)),
        ),
        detail=" · ".join(
            (
                *(row.agency_name for row in case.assigned),
                last.actor_full_name or last.actor_display_name or turn.words.label("capacity.programme"),
                turn.words.when(last.at),
            )
        ),
        preview="\n".join(agency.name for agency in (lead, *coordinating)),
    )


@confirmed("reassign", holds=Reassignment)
async def reassignment_confirmed(turn: Turn, held: Reassignment) -> None:
    lead, *coordinating = [await agencies.by_id(turn.work, one) for one in held.agencies]
    case = await open_case(turn.work, turn.actor, Action.ASSIGN, held.question)
    await _assign_where_reached(turn, case, lead, tuple(coordinating), seen=held.seen)


async def _assigned(turn: Turn, case: Case, card: str | None = None) -> None:
    names = ", ".join(row.short_name for row in case.assigned)
    await finish(turn, case, Event.ASSIGNED, names, card=card)


@press(Act.ASSIGN_TO)
async def assign_pressed(turn: Turn, pressed: Press) -> None:
    lead = await agencies.find(turn.work, id_of(pressed, 1))
    if lead is None:
        raise RuleViolation(Reason.STALE_BUTTON)
    case = await open_case(turn.work, turn.actor, Action.ASSIGN, id_of(pressed))
    await leave_step(turn, "agency")
    await _assign_where_reached(turn, case, lead, seen=pressed.number(2))


@press(Act.ASSIGN_CHOOSE)
async def choose_agency(turn: Turn, pressed: Press) -> None:
    case = await open_case(turn.work, turn.actor, Action.ASSIGN, id_of(pressed))
    screening.expect(case, pressed.number(1))
    page = pressed.number(2)
    if page is None:
        await _leave_assigning_anyway(turn)
        await _offer_agencies(turn, case)
    else:
        await rewrite_pressed(turn, *await _agency_page(turn, case, page))


async def _leave_assigning_anyway(turn: Turn) -> None:
    """Another agency, then: what was asked is answered."""
    asked = await turn.at(CONFIRM, ConfirmStep)
    if asked is not None and asked.what == "assign_anyway":
        await end_text_step(turn, asked)


async def _offer_agencies(turn: Turn, case: Case) -> None:
    notice, buttons = await _agency_page(turn, case, 1)
    prompt = await turn.reply(notice, buttons, question_id=case.question.id, about="card")
    if await turn.step() is None:  # its name may be typed, too; nothing else is given up for it
        seen = case.question.lead_agency_id or 0
        await turn.set_step("agency", SeenStep(question=case.question.id, prompt=prompt, seen=seen))


async def _agency_page(turn: Turn, case: Case, page: int) -> tuple[Notice, Keyboard]:
    work, question = turn.work, case.question
    found = [one for one in await routing.likeliest(work, question) if one.id != question.lead_agency_id]
    offered = page_of(found, page, AGENCIES_ON_A_PAGE)
    seen = question.lead_agency_id or 0
    unreached = {one.id for one in await naming.unreached(work, offered.shown)}
    buttons = [
        Button(
            "button.assign_to",
            Act.ASSIGN_TO,
            (question.id, one.id, seen),
            text=f"⚠️ {one.short_name}" if one.id in unreached else one.short_name,
        )
        for one in offered.shown
    ]
    turns = turn_rows(
        Act.ASSIGN_CHOOSE, lambda to: (question.id, seen, to), offered.number, more=offered.more
    )
    field = await agencies.field(work, question.field_code) if question.field_code else None
    notice = AssignChoice(
        code=case.code,
        field=field.name if field is not None else None,
        page=offered.number,
        pages=offered.pages,
        unreached=bool(unreached),
    )
    return notice, [*in_rows(buttons), *turns]


@step("agency", holds=SeenStep)
async def agency_typed(turn: Turn, message: Message, held: SeenStep) -> None:
    typed = typed_text(message)
    case = await open_case(turn.work, turn.actor, Action.ASSIGN, held.question)
    await end_text_step(turn, held)
    await _assign_to_named(turn, case, typed, seen=held.seen, card=held.card)


# --- refusing -------------------------------------------------------------------------------------------------


@command("tuchoi", *EDITORS, place=530)
async def refuse(turn: Turn, argument: str) -> None:
    """`/tuchoi MÃ MÃ_LÝ_DO [lời]`: refuse a question."""
    code, rest = code_at_front(turn, argument, "tuchoi")
    question = await find(turn.work, code, turn.actor)
    too_late = question.status not in OPEN and question.secrecy == Secrecy.SUSPECTED
    if too_late and rest and _reason(rest)[0] is RefusalCode.DENUNCIATION:
        await _ask_whether_denunciation(turn, code)  # it stays hidden where it stands
        return
    case = await open_case(turn.work, turn.actor, Action.REFUSE, code)
    if not rest:
        await _offer_reasons(turn, case)
        return
    reason, note = _reason(rest)
    await _confirm_refusal(turn, case, reason, note)


def _reason(typed: str) -> tuple[RefusalCode, str]:
    """Read the reason at the front ("khieu-nai", "khiếu nại"); return it and the words after it."""
    found = phrase_at_front(typed, _REFUSALS)
    if found is None:
        raise RuleViolation(Reason.UNKNOWN_REFUSAL, codes=tuple(RefusalCode))
    return _REFUSALS[found[0]], found[1]


@press(Act.REFUSE_CHOOSE)
async def refuse_pressed(turn: Turn, pressed: Press) -> None:
    case = await open_case(turn.work, turn.actor, Action.REFUSE, id_of(pressed))
    screening.expect(case, pressed.number(1))
    await _offer_reasons(turn, case)


async def _offer_reasons(turn: Turn, case: Case) -> None:
    id_, seen = case.question.id, case.question.lead_agency_id or 0
    buttons = [Button(f"refusal_code.{reason}", Act.REFUSE_AS, (id_, seen, reason)) for reason in RefusalCode]
    await turn.reply(RefusalChoice(code=case.code), in_rows(buttons), question_id=id_, about="card")


@press(Act.REFUSE_AS)
async def refuse_as(turn: Turn, pressed: Press) -> None:
    case = await open_case(turn.work, turn.actor, Action.REFUSE, id_of(pressed))
    screening.expect(case, pressed.number(1))
    await _confirm_refusal(turn, case, choice_of(pressed, RefusalCode, 2), "")


async def _confirm_refusal(turn: Turn, case: Case, reason: RefusalCode, note: str) -> None:
    await ask_to_confirm(
        turn,
        "refuse",
        case.code,
        Refusing(question=case.question.id, seen=case.question.lead_agency_id or 0, reason=reason, note=note),
        detail=turn.words.label(f"refusal_code.{reason}"),
        preview=note,
    )


@confirmed("refuse", holds=Refusing)
async def refusal_confirmed(turn: Turn, held: Refusing) -> None:
    case = await screening.refuse(
        turn.work, turn.actor, held.question, held.reason, held.note, seen=held.seen
    )
    reason = turn.words.label(f"refusal_code.{held.reason}")
    await finish(turn, case, Event.REFUSED, reason)


# --- merging --------------------------------------------------------------------------------------------------


@command("gop", *EDITORS, place=540)
async def merge(turn: Turn, argument: str) -> None:
    """`/gop MÃ MÃ_GỐC`: merge a duplicate into its original."""
    code, rest = code_at_front(turn, argument, "gop")
    case = await open_case(turn.work, turn.actor, Action.MERGE, code)
    if not rest:
        await _ask_for_original(turn, case)
        return
    into, _ = code_at_front(turn, rest, "gop")
    await _confirm_merge(turn, case, into)


@press(Act.MERGE)
async def merge_pressed(turn: Turn, pressed: Press) -> None:
    case = await open_case(turn.work, turn.actor, Action.MERGE, id_of(pressed))
    screening.expect(case, pressed.number(1))
    await _ask_for_original(turn, case)


async def _ask_for_original(turn: Turn, case: Case) -> None:
    """Ask for the original's code, and offer similar questions."""
    work, question = turn.work, case.question
    seen = question.lead_agency_id or 0
    similar = await naming.similar(work, question, SIMILAR)
    rows = [
        [
            Button(
                "button.merge",
                Act.MERGE_INTO,
                (question.id, seen, one.id),
                text=f"{code_of(work, one)}: {excerpt(await entries.question_text(work, one.id) or '…', 40)}",
            )
        ]
        for one in similar
    ]
    if not rows:
        await ask_for_text(turn, question, "merge", "merge", SeenStep(question=question.id, seen=seen))
        return
    asked, held = TextAsked(code=case.code, what="merge"), SeenStep(question=question.id, seen=seen)
    await ask_for(turn, "merge", asked, held, [*rows, CANCEL], shows=shown_by(rows))


@press(Act.MERGE_INTO)
async def merge_into_pressed(turn: Turn, pressed: Press) -> None:
    case = await open_case(turn.work, turn.actor, Action.MERGE, id_of(pressed))
    screening.expect(case, pressed.number(1))
    into = id_of(pressed, 2)
    await end_text_step(turn, await current_step(turn, SeenStep, "merge"))
    await _confirm_merge(turn, case, into)


@step("merge", holds=SeenStep)
async def original_typed(turn: Turn, message: Message, held: SeenStep) -> None:
    into, _ = code_at_front(turn, typed_text(message), "gop")
    case = await open_case(turn.work, turn.actor, Action.MERGE, held.question)
    await prompt_done(turn, held)
    await _confirm_merge(turn, case, into)


async def _confirm_merge(turn: Turn, case: Case, into: Code | int) -> None:
    original = await screening.original_for(turn.work, case, into)
    await ask_to_confirm(
        turn,
        "merge",
        case.code,
        Merging(question=case.question.id, seen=case.question.lead_agency_id or 0, into=original.id),
        detail=code_of(turn.work, original),
        preview=await entries.question_text(turn.work, original.id),
        shows=[original.id],
    )


@confirmed("merge", holds=Merging)
async def merge_confirmed(turn: Turn, held: Merging) -> None:
    case, original = await screening.merge(turn.work, turn.actor, held.question, held.into, seen=held.seen)
    await finish(turn, case, Event.MERGED, original.code)


# --- what was refused or merged, once more ------------------------------------------------------------------------


@press(Act.REOPEN_ENDED)
async def reopen_pressed(turn: Turn, pressed: Press) -> None:
    case = await screening.reopen(turn.work, turn.actor, id_of(pressed))
    await finish(turn, case, Event.RECONSIDERED)


# --- for askers whom no messenger reaches ------------------------------------------------------------------------


@press(Act.SUPPLY_FOR)
async def supply_for_pressed(turn: Turn, pressed: Press) -> None:
    case = await open_case(turn.work, turn.actor, Action.SUPPLY, id_of(pressed))
    await ask_for_text(turn, case.question, "supply_for", "supply_for")


@step("supply_for", holds=CardStep)
async def supply_for(turn: Turn, message: Message, held: CardStep) -> None:
    text, file_ids = await words_and_files(turn, message)
    case = await agency_work.supply(turn.work, turn.actor, held.question, text, file_ids)
    await finish_text_step(turn, held, case, Event.SUPPLIED)


# --- suspected denunciations ----------------------------------------------------------------------------------


@press(Act.CLEAR)
async def clear_pressed(turn: Turn, pressed: Press) -> None:
    case = await screening.clear(turn.work, turn.actor, id_of(pressed))
    await finish(turn, case, Event.CLEARED)


@press(Act.CONFIRM_DENUNCIATION)
async def denunciation_pressed(turn: Turn, pressed: Press) -> None:
    await _ask_whether_denunciation(turn, id_of(pressed))


async def _ask_whether_denunciation(turn: Turn, which: Code | int) -> None:
    case = await screening.to_confirm(turn.work, turn.actor, which)
    await ask_to_confirm(turn, "denunciation", case.code, QuestionStep(question=case.question.id))


@confirmed("denunciation", holds=QuestionStep)
async def denunciation_confirmed(turn: Turn, held: QuestionStep) -> None:
    case = await screening.confirm(turn.work, turn.actor, held.question)
    await finish(turn, case, Event.CONFIRMED)
