"""Screening: assigning a question to agencies, refusing it, merging it."""

from datetime import timedelta

from domain.errors import Reason, RuleViolation
from domain.questions.codes import Code
from domain.questions.history import EntryKind, Event
from domain.questions.life import (
    ANSWERED_STATUSES,
    Action,
    Capacity,
    Intake,
    RefusalCode,
    Role,
    Secrecy,
    Status,
)
from domain.vietnamese.text import clean
from messages.notices.desk import ReturnedToEditors, TakenFromAgency
from messages.notices.questions import (
    KeptAsDenunciation,
    QuestionAssigned,
    QuestionMerged,
    QuestionReconsidered,
    QuestionRefused,
    QuestionReturned,
)
from services.agencies import naming
from services.calendar import working_days
from services.notify import tell
from services.people.actors import Actor
from services.people.desk import tell_role
from services.questions import agency_work, answers, cards, publication, question_field, secrecy, undoing
from services.questions.case import Case, changed, code_of, due_of, find, look_at, move, open_case
from services.questions.facts import editor_reopens_until
from storage.engine.database import Work
from storage.people import people
from storage.questions import answer_drafts, history, questions
from storage.questions.history import ToldHistoryRow
from storage.rows import AgencyRow, QuestionRow

NOT_YET_SEEN = timedelta(minutes=10)


async def assign(
    work: Work,
    editor: Actor,
    which: Code | int,
    lead: AgencyRow,
    coordinating: tuple[AgencyRow, ...] = (),
    *,
    seen: int | None = None,
) -> Case:
    """Assign a question to a lead agency and any number of coordinating ones.

    The answer's clock starts anew. `seen` is the lead agency on which the editor decided (0: none). Raises
    `RuleViolation` (already done) when another editor was quicker, and when the question is with just these agencies.
    """
    case = await open_case(work, editor, Action.ASSIGN, which)
    expect(case, seen)
    expect_change(case, lead, coordinating)
    async with undoing.undoable(case, Event.ASSIGNED, await undoing.before(case)):
        await _hand_over(case, lead, coordinating, actor_id=editor.id, actor_role=case.capacity)
    return case


def expect_change(case: Case, lead: AgencyRow, coordinating: tuple[AgencyRow, ...]) -> None:
    """Raise `RuleViolation` when a question already has just these agencies.

    Also when one of them is named twice.
    """
    now = [(row.agency_id, row.part) for row in case.assigned]
    if now == [(lead.id, "lead"), *((one.id, "coordinating") for one in coordinating)]:
        raise RuleViolation(Reason.ALREADY_DONE, code=case.code, status=case.question.status)
    if lead.id in {one.id for one in coordinating} or len({one.id for one in coordinating}) < len(
        coordinating
    ):
        raise RuleViolation(Reason.AGENCY_TWICE, code=case.code)


async def just_assigned_by_another(case: Case) -> bool:
    """Return whether another editor assigned the question a moment ago.

    So lately that this editor may not have seen it.
    """
    if case.question.status == Status.RECEIVED:
        return False
    last = await last_assigned(case.work, case.question.id)
    return bool(last.actor_id != case.actor.id and case.work.now - last.at < NOT_YET_SEEN)


async def last_assigned(work: Work, question_id: int) -> ToldHistoryRow:
    """Return the row of the history when the question was last assigned."""
    past = await history.of_question(work, question_id)
    return [row for row in past if row.event in (Event.ASSIGNED, Event.REASSIGNED)][-1]


def expect(case: Case, seen: int | None) -> None:
    """Raise `RuleViolation` when another agency leads than the editor saw.

    0: none.
    """
    if seen is not None and seen != (case.question.lead_agency_id or 0):
        raise RuleViolation(Reason.ALREADY_DONE, code=case.code, status=case.question.status)


async def assign_by_field(case: Case) -> str:
    """Assign automatically where field and place name one agency.

    Returns the headline of the editors' card. Emergencies, suspected denunciations and fields of several agencies are
    left to editors (contract), and so is what would go where messages reach nobody.
    """
    question = case.question
    if question.emergency or question.secrecy == Secrecy.SUSPECTED:
        return "new"
    lead = await naming.suggested_agency(case.work, question)
    if lead is None:
        return "new"
    if await naming.unreached(case.work, [lead]):
        return "nobody_reached"
    await _hand_over(case, lead, (), actor_id=None, actor_role="programme")
    return "assigned_automatically"


async def _hand_over(
    case: Case, lead: AgencyRow, coordinating: tuple[AgencyRow, ...], *, actor_id: int | None, actor_role: str
) -> None:
    work, before = case.work, case.question
    again = before.status != Status.RECEIVED
    losing = {row.agency_id for row in case.assigned} - {lead.id, *(one.id for one in coordinating)}
    field = await question_field.at_assignment(work, before, lead)
    await agency_work.drop_open_matters(work, before.id)
    await questions.end_assignments(work, before.id)
    for agency, part in ((lead, "lead"), *((one, "coordinating") for one in coordinating)):
        await questions.assign(work, before.id, agency.id, part, agency.name)
    limit = await working_days.answer_due(work, field)
    case.question = await move(
        work,
        before,
        Action.ASSIGN,
        Event.REASSIGNED if again else Event.ASSIGNED,
        actor_id=actor_id,
        actor_role=actor_role,
        details={"agency": lead.code, "coordinating": [one.code for one in coordinating]},
        lead_agency_id=lead.id,
        remaining_days=None,
        first_due_at=before.first_due_at or limit["due_at"],
        field_code=None if field is None else field.code,
        **limit,
    )
    if before.field_code is None and field is not None:
        await question_field.record_filled(work, before.id, field)
    case.assigned = await questions.assigned(work, before.id)
    await tell(
        work,
        await people.by_id(work, before.asker_id),
        QuestionAssigned(
            code=case.code,
            agency=lead.name,
            coordinating=tuple(one.name for one in coordinating),
            due_at=due_of(case.question),
            again=before.first_due_at is not None,  # it was with an agency, even with this one
        ),
        question_id=before.id,
    )
    await cards.show_to_agencies(work, case.question, case.assigned, "assigned")
    await _take_from(case, losing, Event.REASSIGNED)


async def return_(work: Work, officer: Actor, which: Code | int, reason: str) -> Case:
    """Return the question to the editors with a compulsory reason.

    The reason may name the right agency.
    """
    case = await open_case(work, officer, Action.RETURN, which)
    reason = clean(reason)
    if not reason:
        raise RuleViolation(Reason.REASON_MISSING, code=case.code)
    agency = case.agency_of_actor()
    entry_id = await case.write(EntryKind.RETURN_REASON, reason)
    right = await naming.agency_in(work, reason, other_than=case.question.lead_agency_id)
    await agency_work.drop_open_matters(work, case.question.id)
    await questions.end_assignments(work, case.question.id)
    await case.move(
        Event.RETURNED,
        entry_id=entry_id,
        details={"agency": agency.code if agency else None, "right_agency": right.code if right else None},
        lead_agency_id=None,
        due_at=None,
        remaining_days=None,
        **await working_days.assignment_due(work),
    )
    returned = ReturnedToEditors(
        code=case.code,
        agency=agency.agency_name if agency else "",
        reason=reason,
        right_agency=right.name if right else None,
    )
    await tell_role(work, Role.EDITOR, returned, question_id=case.question.id, about="card")
    await cards.show_to_editors(work, case.question, "returned", suggested=(right,) if right else ())
    await tell(
        work,
        await people.by_id(work, case.question.asker_id),
        QuestionReturned(
            code=case.code,
            agency=agency.agency_name if agency else "",
            assign_due_at=case.question.assign_due_at,
        ),
        question_id=case.question.id,
    )
    others = {row.agency_id for row in case.assigned if row.part == "coordinating"}
    await _take_from(case, others, Event.RETURNED)
    return case


async def refuse(
    work: Work,
    editor: Actor,
    which: Code | int,
    reason: RefusalCode,
    note: str = "",
    *,
    seen: int | None = None,
) -> Case:
    """Refuse a question: a coded reason and polite words to the asker.

    A denunciation stays hidden for good. Whoever asked the same is told too. `seen` as in `assign`.
    """
    case = await open_case(work, editor, Action.REFUSE, which)
    expect(case, seen)
    at_once = reason in _AT_ONCE
    async with undoing.undoable(case, Event.REFUSED, None if at_once else await undoing.before(case)):
        await _refuse(case, reason, clean(note))
    return case


# Whoever is in danger is told where to call, and what is secret is taken back: neither waits, nor can be undone.
_AT_ONCE = {RefusalCode.DENUNCIATION, RefusalCode.EMERGENCY}


async def _refuse(case: Case, reason: RefusalCode, note: str) -> None:
    work = case.work
    entry_id = await case.write(EntryKind.REFUSAL_NOTE, note) if note else None
    denunciation = reason is RefusalCode.DENUNCIATION
    await agency_work.drop_open_matters(work, case.question.id)
    await questions.end_assignments(work, case.question.id)
    secret = Secrecy.CONFIRMED if denunciation else case.question.secrecy
    if secret == Secrecy.SUSPECTED:
        secret = Secrecy.CLEARED  # an editor looked, and found something else
    await case.move(Event.REFUSED, entry_id=entry_id, details={"reason": reason}, secrecy=secret, due_at=None)
    await questions.share_secrecy(work, case.question)
    for one in (case.question, *await questions.duplicates_of(work, case.question.id)):
        words = await publication.for_reader(work, case.question, note, one.asker_id)
        await tell(
            work,
            await people.by_id(work, one.asker_id),
            QuestionRefused(code=code_of(work, one), reason=reason, note=words),
            question_id=one.id,
        )
    if denunciation:
        await secrecy.hide(work, case.question)
    await _take_from(case, {row.agency_id for row in case.assigned}, Event.REFUSED)


async def merge(
    work: Work, editor: Actor, which: Code | int, into: Code | int, *, seen: int | None = None
) -> tuple[Case, Case]:
    """Merge a duplicate into its original, whose answer reaches its asker too.

    Returns (duplicate, original). What was merged into the duplicate before follows it. `seen` as in `assign`.
    """
    original = await look_at(work, editor, await _mergeable(work, editor, into))
    case = await open_case(work, editor, Action.MERGE, which)
    expect(case, seen)
    if case.question.id == original.question.id:
        raise RuleViolation(Reason.MERGE_WITH_ITSELF, code=case.code)
    async with undoing.undoable(case, Event.MERGED, await undoing.before(case), original.question):
        await _merge(case, original)
    return case, original


async def _merge(case: Case, original: Case) -> None:
    work = case.work
    await agency_work.drop_open_matters(work, case.question.id)
    await questions.end_assignments(work, case.question.id)
    following = await questions.duplicates_of(work, case.question.id)
    await questions.move_duplicates(work, case.question.id, original.question.id)
    await case.move(
        Event.MERGED,
        details={"original": original.code},
        duplicate_of_id=original.question.id,
        due_at=None,
    )
    await history.record(
        work,
        original.question.id,
        Event.JOINED,
        actor_id=case.actor.id,
        actor_role=case.capacity,
        details={"duplicate": case.code},
    )
    changed(work, original.question.id)
    moved = (case.question, *following)
    for one in moved:
        await tell(
            work,
            await people.by_id(work, one.asker_id),
            QuestionMerged(code=code_of(work, one), original=original.code),
            question_id=one.id,
        )
    await _take_from(case, {row.agency_id for row in case.assigned}, Event.MERGED)
    if original.question.answered_at is not None:
        await answers.send_answer(work, original.question, only=[one.id for one in moved])


async def reopen(work: Work, editor: Actor, which: Code | int) -> Case:
    """Screen once more what was refused or merged; everybody who asked is told.

    Raises `RuleViolation` once the days to reopen are over. What was hidden stays as it is.
    """
    case = await open_case(work, editor, Action.REOPEN_ENDED, which)
    until = await editor_reopens_until(work, case.question)
    if until is None or work.now > until:
        raise RuleViolation(Reason.REOPEN_TOO_LATE, code=case.code, until=until)
    merged_into = case.question.duplicate_of_id
    original = None if merged_into is None else await questions.by_id(work, merged_into)
    await case.move(
        Event.RECONSIDERED if original is None else Event.REVIVED,
        details={} if original is None else {"original": code_of(work, original)},
        duplicate_of_id=None,
        lead_agency_id=None,
        due_at=None,
        remaining_days=None,
        **await working_days.assignment_due(work),
    )
    for one in (case.question, *await questions.duplicates_of(work, case.question.id)):
        reconsidered = QuestionReconsidered(
            code=code_of(work, one), assign_due_at=case.question.assign_due_at, merged=original is not None
        )
        await tell(work, await people.by_id(work, one.asker_id), reconsidered, question_id=one.id)
    return case


async def original_for(work: Work, case: Case, into: Code | int) -> QuestionRow:
    """The question that `into` leads to, fit to merge this one into; raises `RuleViolation`."""
    original = await _mergeable(work, case.actor, into)
    if original.id == case.question.id:
        raise RuleViolation(Reason.MERGE_WITH_ITSELF, code=case.code)
    return original


async def _mergeable(work: Work, editor: Actor, into: Code | int) -> QuestionRow:
    """The question to merge into: at the end of the chain, and neither refused, withdrawn nor hidden."""
    row = await find(work, into, editor, lock=True)
    if row.status == Status.MERGED and row.duplicate_of_id is not None:
        row = await find(work, row.duplicate_of_id, lock=True)
    hidden = row.secrecy in (Secrecy.SUSPECTED, Secrecy.CONFIRMED)
    if hidden or row.status in (Status.REFUSED, Status.WITHDRAWN, Status.MERGED):
        raise RuleViolation(Reason.MERGE_INTO_ENDED, code=code_of(work, row))
    return row


async def flag(work: Work, staff: Actor, which: Code | int) -> Case:
    """Flag a suspected denunciation: hidden at once, until an editor has looked.

    Any of the staff may.
    """
    case = await open_case(work, staff, Action.FLAG, which)
    agency = case.agency_of_actor()
    by = agency.agency_name if agency is not None and case.capacity != Capacity.EDITOR else ""
    case.question = await secrecy.suspect(
        work, case.question, actor_id=staff.id, actor_role=case.capacity, by=by
    )
    return case


async def clear(work: Work, editor: Actor, which: Code | int) -> Case:
    """Clear a question: an editor looked, and it is no denunciation.

    It goes on where it was. What was public isn't public again by that: an editor publishes it anew.
    """
    case = await open_case(work, editor, Action.CLEAR, which)
    if case.question.secrecy != Secrecy.SUSPECTED:
        raise RuleViolation(Reason.ALREADY_DONE, code=case.code)
    await case.move(Event.CLEARED, secrecy=Secrecy.CLEARED)
    same = await questions.share_secrecy(work, case.question)
    if (
        case.question.status in ANSWERED_STATUSES
    ):  # those who asked the same lost the answer; only this gives it back
        again = [one.id for one in same if not Intake(one.channel).by_hand]
        if again:
            await answers.send_answer(work, case.question, only=again)
    if case.question.status == Status.RECEIVED:
        await cards.show_to_editors(work, case.question, "cleared")
    else:
        await cards.show_to_agencies(work, case.question, case.assigned, "cleared")
    return case


async def to_confirm(work: Work, editor: Actor, which: Code | int) -> Case:
    """Return the question, for an editor who may confirm the denunciation now.

    Raises `RuleViolation`.
    """
    case = await open_case(work, editor, Action.CONFIRM, which)
    if case.question.secrecy != Secrecy.SUSPECTED:
        raise RuleViolation(Reason.ALREADY_DONE, code=case.code)
    return case


async def confirm(work: Work, editor: Actor, which: Code | int) -> Case:
    """Confirm that an answered or ended question is a denunciation.

    It stays hidden where it stands. Who asked is told where to go; not where several asked: the words may be
    another's.
    """
    case = await to_confirm(work, editor, which)
    waiting = await answer_drafts.open_of(work, case.question.id)
    if waiting is not None:  # a correction: nobody hears of it any more
        await answer_drafts.settle(work, waiting.id, "dropped")
    await case.move(Event.CONFIRMED, secrecy=Secrecy.CONFIRMED)
    if not await questions.share_secrecy(work, case.question) and case.question.status != Status.WITHDRAWN:
        asker = await people.by_id(work, case.question.asker_id)
        await tell(work, asker, KeptAsDenunciation(code=case.code), question_id=case.question.id)
    return case


async def _take_from(case: Case, agency_ids: set[int], why: Event) -> None:
    """Tell these agencies that the question is no longer theirs, and disable their cards."""
    await cards.take_from(case.work, case.question)
    notice = TakenFromAgency(code=case.code, why=why)
    for agency_id in sorted(agency_ids):
        await tell_role(case.work, Role.OFFICER, notice, of=agency_id, question_id=case.question.id)
