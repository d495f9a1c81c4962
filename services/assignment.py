"""Screening: handing a question to the agencies that answer it, refusing it, merging it with another."""

from domain.codes import Code
from domain.errors import Reason, RuleViolation
from domain.history import EntryKind, Event
from domain.question import Action, Capacity, RefusalCode, Role, Secrecy, Status
from domain.text import clean
from messages.notices import (
    FlaggedForEditors,
    QuestionAssigned,
    QuestionMerged,
    QuestionRefused,
    ReturnedToEditors,
    TakenFromAgency,
)
from services import answering, calendar, cards, suggestion
from services.case import Actor, Case, code_of, look_at, move, open_case
from services.notify import tell
from storage import agencies, people, questions, roles
from storage.database import Work
from storage.tables import Row


async def assign(
    work: Work, editor: Actor, which: Code | int, lead: Row, coordinating: tuple[Row, ...] = ()
) -> Case:
    """One lead agency and any number of coordinating ones get the question; the answer's clock starts anew."""
    case = await open_case(work, editor, Action.ASSIGN, which)
    if lead.id in {one.id for one in coordinating} or len({one.id for one in coordinating}) < len(
        coordinating
    ):
        raise RuleViolation(Reason.AGENCY_TWICE, code=case.code)
    await _hand_over(case, lead, coordinating, actor_id=editor.id, actor_role=case.capacity)
    return case


async def assign_by_field(case: Case) -> bool:
    """Assign without a tap where field and place name one agency; False where a person has to decide.

    Emergencies, suspected denunciations and fields of several agencies are left to editors (contract).
    """
    question = case.question
    if question.emergency or question.secrecy == Secrecy.SUSPECTED:
        return False
    lead = await suggestion.suggested_agency(case.work, question)
    if lead is None:
        return False
    await _hand_over(case, lead, (), actor_id=None, actor_role="programme")
    return True


async def _hand_over(
    case: Case, lead: Row, coordinating: tuple[Row, ...], *, actor_id: int | None, actor_role: str
) -> None:
    work, before = case.work, case.question
    again = before.status != Status.RECEIVED
    losing = {row.agency_id for row in case.assigned} - {lead.id, *(one.id for one in coordinating)}
    field = await agencies.field(work, before.field_code) if before.field_code else None
    await answering.drop_open_matters(work, before.id)
    await questions.end_assignments(work, before.id)
    for agency, part in ((lead, "lead"), *((one, "coordinating") for one in coordinating)):
        await questions.assign(work, before.id, agency.id, part, agency.name)
    case.question = await move(
        work,
        before,
        Action.ASSIGN,
        Event.REASSIGNED if again else Event.ASSIGNED,
        actor_id=actor_id,
        actor_role=actor_role,
        details={"agency": lead.code, "coordinating": [one.code for one in coordinating]},
        lead_agency_id=lead.id,
        due_at=await calendar.answer_due(work, field),
        remaining_days=None,
    )
    case.assigned = await questions.assigned(work, before.id)
    await tell(
        work,
        await people.by_id(work, before.asker_id),
        QuestionAssigned(
            code=case.code,
            agency=lead.name,
            coordinating=tuple(one.name for one in coordinating),
            due_at=case.question.due_at,
            again=again,
        ),
        question_id=before.id,
    )
    await cards.show_to_agencies(work, case.question, case.assigned, "assigned")
    for agency_id in sorted(losing):
        await _tell_officers(
            work, agency_id, TakenFromAgency(code=case.code, why=Event.REASSIGNED), before.id
        )


async def return_(work: Work, officer: Actor, which: Code | int, reason: str) -> Case:
    """The agency returns the question with a compulsory reason and, if its words name one, the right agency."""
    case = await open_case(work, officer, Action.RETURN, which)
    reason = clean(reason)
    if not reason:
        raise RuleViolation(Reason.REASON_MISSING, code=case.code)
    agency = case.agency_of_actor()
    entry_id = await case.write(EntryKind.RETURN_REASON, reason)
    right = await suggestion.agency_in(work, reason, other_than=case.question.lead_agency_id)
    await answering.drop_open_matters(work, case.question.id)
    await questions.end_assignments(work, case.question.id)
    await case.move(
        Event.RETURNED,
        entry_id=entry_id,
        details={"agency": agency.code if agency else None, "right_agency": right.code if right else None},
        lead_agency_id=None,
        due_at=None,
        remaining_days=None,
        assign_due_at=await calendar.assignment_due(work),
    )
    for editor in await roles.holders(work, Role.EDITOR):
        await tell(
            work,
            editor,
            ReturnedToEditors(
                code=case.code,
                agency=agency.agency_name if agency else "",
                reason=reason,
                right_agency=right.name if right else None,
            ),
            question_id=case.question.id,
            about="card",
        )
    await cards.show_to_editors(work, case.question, "returned", suggested=right)
    return case


async def refuse(work: Work, editor: Actor, which: Code | int, reason: RefusalCode, note: str = "") -> Case:
    """Not taken up: a coded reason and polite words to the asker. A denunciation stays hidden for good."""
    case = await open_case(work, editor, Action.REFUSE, which)
    note = clean(note)
    entry_id = await case.write(EntryKind.REFUSAL_NOTE, note) if note else None
    denunciation = reason is RefusalCode.DENUNCIATION
    await answering.drop_open_matters(work, case.question.id)
    await questions.end_assignments(work, case.question.id)
    secrecy = Secrecy.CONFIRMED if denunciation else case.question.secrecy
    if secrecy == Secrecy.SUSPECTED:
        secrecy = Secrecy.CLEARED  # an editor looked, and found something else
    await case.move(
        Event.REFUSED, entry_id=entry_id, details={"reason": reason}, secrecy=secrecy, due_at=None
    )
    await tell(
        work,
        await people.by_id(work, case.question.asker_id),
        QuestionRefused(code=case.code, reason=reason, note=note),
        question_id=case.question.id,
    )
    for row in case.assigned:
        await _tell_officers(
            work, row.agency_id, TakenFromAgency(code=case.code, why=Event.REFUSED), case.question.id
        )
    return case


async def merge(work: Work, editor: Actor, which: Code | int, into: Code | int) -> tuple[Case, Case]:
    """A duplicate lives on in another question, whose answer reaches its asker too; (duplicate, original)."""
    original = await look_at(work, editor, await _mergeable(work, into))
    case = await open_case(work, editor, Action.MERGE, which)
    if case.question.id == original.question.id:
        raise RuleViolation(Reason.MERGE_WITH_ITSELF, code=case.code)
    await answering.drop_open_matters(work, case.question.id)
    await questions.end_assignments(work, case.question.id)
    await questions.move_duplicates(work, case.question.id, original.question.id)
    await case.move(
        Event.MERGED,
        details={"original": original.code},
        duplicate_of_id=original.question.id,
        due_at=None,
    )
    await questions.record(
        work,
        original.question.id,
        Event.JOINED,
        actor_id=editor.id,
        actor_role=case.capacity,
        details={"duplicate": case.code},
    )
    asker = await people.by_id(work, case.question.asker_id)
    await tell(
        work, asker, QuestionMerged(code=case.code, original=original.code), question_id=case.question.id
    )
    for row in case.assigned:
        await _tell_officers(
            work, row.agency_id, TakenFromAgency(code=case.code, why=Event.MERGED), case.question.id
        )
    if original.question.answered_at is not None:
        await answering.send_answer_to(work, original.question, case.question)
    return case, original


async def _mergeable(work: Work, into: Code | int) -> Row:
    """The question to merge into: at the end of the chain, and neither refused, withdrawn nor hidden."""
    row = (
        await questions.by_id(work, into, lock=True)
        if isinstance(into, int)
        else await questions.by_code(work, into.year, into.number, lock=True)
    )
    if row is not None and row.status == Status.MERGED and row.duplicate_of_id is not None:
        row = await questions.by_id(work, row.duplicate_of_id, lock=True)
    if row is None:
        raise RuleViolation(Reason.UNKNOWN_CODE)
    hidden = row.secrecy in (Secrecy.SUSPECTED, Secrecy.CONFIRMED)
    if hidden or row.status in (Status.REFUSED, Status.WITHDRAWN, Status.MERGED):
        raise RuleViolation(Reason.MERGE_INTO_ENDED, code=code_of(work, row))
    return row


async def flag(work: Work, staff: Actor, which: Code | int) -> Case:
    """Any of the staff suspects a denunciation: hidden at once, until an editor has looked."""
    case = await open_case(work, staff, Action.FLAG, which)
    agency = case.agency_of_actor()
    await case.move(Event.FLAGGED, secrecy=Secrecy.SUSPECTED)
    by = agency.agency_name if agency is not None and case.capacity != Capacity.EDITOR else ""
    for editor in await roles.holders(work, Role.EDITOR):
        await tell(
            work,
            editor,
            FlaggedForEditors(code=case.code, by=by),
            cards.look_button(case.question),
            question_id=case.question.id,
            about="card",
        )
    return case


async def clear(work: Work, editor: Actor, which: Code | int) -> Case:
    """An editor looked: it is no denunciation, and goes on where it was."""
    case = await open_case(work, editor, Action.CLEAR, which)
    if case.question.secrecy != Secrecy.SUSPECTED:
        raise RuleViolation(Reason.ALREADY_DONE, code=case.code)
    await case.move(Event.CLEARED, secrecy=Secrecy.CLEARED)
    if case.question.status == Status.RECEIVED:
        await cards.show_to_editors(work, case.question, "cleared")
    else:
        await cards.show_to_agencies(work, case.question, case.assigned, "cleared")
    return case


async def _tell_officers(work: Work, agency_id: int, notice: TakenFromAgency, question_id: int) -> None:
    for officer in await roles.holders(work, Role.OFFICER, agency_id):
        await tell(work, officer, notice, question_id=question_id)
