"""An agency at work on a question: accept, ask for more, contribute, draft.

`services.questions.answers` goes on from the draft.
"""

from collections.abc import Sequence
from typing import Any

from domain.errors import Reason, RuleViolation
from domain.privacy.audit import AuditAct
from domain.questions.codes import Code
from domain.questions.history import EntryKind, Event
from domain.questions.life import HIDDEN, Action, ApprovalStep, Capacity, Role, Status
from domain.vietnamese.text import clean
from messages.notice import Notice
from messages.notices.answers import DraftReplaced
from messages.notices.desk import ClarificationNeeded, ContributionArrived, SupplementArrived
from messages.notices.questions import ClarificationAsked, QuestionAccepted, SupplementReceived
from services.calendar.working_days import calendar_of, due
from services.notify import tell
from services.people.actors import Actor
from services.people.desk import name_of, tell_role
from services.questions import answers, approval, cards, publication, secrecy
from services.questions.case import Case, due_of, due_to_come, find, look_at, open_case
from storage.agencies import agencies
from storage.deadlines import extensions
from storage.delivery import files
from storage.delivery.outbox import Lane
from storage.engine.database import Work
from storage.operation import audit, evidence
from storage.people import people, roles
from storage.questions import answer_drafts, entries, questions
from storage.questions.answer_drafts import WordedDraftRow
from storage.rows import PersonRow, QuestionRow


async def accept(work: Work, officer: Actor, which: Code | int) -> Case:
    """`Nhận xử lý`: note that the agency works on the question."""
    case = await open_case(work, officer, Action.ACCEPT, which)
    await questions.mark_accepted(work, case.question)
    await case.move(Event.ACCEPTED, details={"agency": _agency_code(case)})
    lead = await agencies.lead_of(work, case.question)
    await tell(
        work,
        await people.by_id(work, case.question.asker_id),
        QuestionAccepted(code=case.code, agency=lead.name, due_at=due_to_come(work, case.question)),
        question_id=case.question.id,
    )
    return case


async def ask_more(work: Work, officer: Actor, which: Code | int, text: str) -> Case:
    """Ask the asker for more; the clock stops, unless it is overdue already."""
    case = await open_case(work, officer, Action.ASK_MORE, which)
    text = clean(text)
    if not text:
        raise RuleViolation(Reason.TEXT_MISSING, code=case.code)
    calendar = await calendar_of(work)
    stopped = calendar.stop(work.now, due_of(case.question))
    reply_days = work.programme.clarification_days
    reply_by = calendar.due(work.now, reply_days)
    entry_id = await case.write(EntryKind.CLARIFICATION, text)
    await questions.add_clarification(work, case.question.id, entry_id, reply_by, reply_days)
    await questions.mark_accepted(work, case.question)
    await case.move(
        Event.ASKED_MORE,
        entry_id=entry_id,
        details={"agency": _agency_code(case), "reply_by": reply_by.isoformat()},
        remaining_days=None if stopped is None else stopped.remaining,
    )
    lead = await agencies.lead_of(work, case.question)
    asker = await people.by_id(work, case.question.asker_id)
    if people.is_served_by_hand(asker):
        needed = ClarificationNeeded(
            code=case.code,
            channel=case.question.channel,
            agency=lead.name,
            text=text,
            reply_by=reply_by,
            full_name=asker.full_name or "",
            home_address=asker.home_address or "",
            contact=asker.contact,
        )
        button = cards.supply_button(case.question)
        await tell_role(work, Role.EDITOR, needed, button, question_id=case.question.id, about="card")
        return case
    words = await publication.for_reader(work, case.question, text, asker.id)
    await tell(
        work,
        asker,
        ClarificationAsked(
            code=case.code, agency=lead.name, text=words, reply_by=reply_by, stopped=stopped is not None
        ),
        cards.reply_button(case.question),
        question_id=case.question.id,
        about="clarification",
    )
    return case


async def supply(
    work: Work, asker: Actor, which: Code | int, text: str, file_ids: Sequence[int] = ()
) -> Case:
    """Add the asker's reply to a clarification; the clock goes on.

    Where no messenger reaches the asker, an editor enters it for them.
    """
    case = await open_case(work, asker, Action.SUPPLY, which)
    text = clean(text)
    if not text and not file_ids:
        raise RuleViolation(Reason.TEXT_MISSING, code=case.code)
    entry_id = await case.write(EntryKind.SUPPLEMENT, text)
    await files.attach(work, file_ids, case.question.id, entry_id)
    resumed = await resumed_due(work, case.question)
    await questions.end_clarification(work, case.question.id)
    await case.move(Event.SUPPLIED, entry_id=entry_id, remaining_days=None, **resumed)
    if Capacity.ASKER in case.capacities:
        await tell(
            work,
            asker.person,
            SupplementReceived(code=case.code, due_at=due_to_come(work, case.question)),
            lane=Lane.REPLY,
            question_id=case.question.id,
        )
    case.question = await secrecy.gate(work, case.question, text, *await secrecy.names_of(work, file_ids))
    if case.question.secrecy in HIDDEN:
        return case
    arrived = SupplementArrived(code=case.code, text=text, files=len(file_ids), due_at=due_of(case.question))
    await _tell_lead(case, arrived)
    return case


async def add_to_supplement(work: Work, asker: Actor, question_id: int, file_ids: Sequence[int]) -> None:
    """Add further files of the album with which an asker replied."""
    written = await entries.of_question(work, question_id, EntryKind.SUPPLEMENT)
    if written and written[-1].author_id == asker.id:
        await files.attach(work, file_ids, question_id, written[-1].id)
        question = await questions.by_id(work, question_id, lock=True)
        assert question is not None
        await secrecy.gate(work, question, *await secrecy.names_of(work, file_ids))


async def resumed_due(work: Work, question: QuestionRow) -> dict[str, Any]:
    """Return the columns of the due time with which a stopped clock goes on.

    An empty dictionary where it did not stop. It goes on when the time to reply is over, however late somebody acts
    on that.
    """
    if question.remaining_days is None:
        return {}  # not waiting, or overdue already when the asker was asked
    asked = await questions.open_clarification(work, question.id)
    resumed_at = work.now if asked is None else min(work.now, asked.reply_by)
    calendar = await calendar_of(work)
    return due(calendar, calendar.resumed(resumed_at, question.remaining_days))


async def contribute(
    work: Work,
    officer: Actor,
    which: Code | int,
    text: str,
    file_ids: Sequence[int] = (),
    *,
    album: str | None = None,
) -> Case:
    """Add a coordinating agency's contribution to the lead's draft."""
    case = await open_case(work, officer, Action.CONTRIBUTE, which)
    text = clean(text)
    if not text and not file_ids:
        raise RuleViolation(Reason.TEXT_MISSING, code=case.code)
    entry_id = await case.write(EntryKind.CONTRIBUTION, text)
    await files.attach(work, file_ids, case.question.id, entry_id)
    agency = case.agency_of_actor()
    await case.record(
        Event.CONTRIBUTED,
        entry_id=entry_id,
        details={"agency": agency.code if agency else None} | ({"album": album} if album else {}),
    )
    arrived = ContributionArrived(
        code=case.code, agency=agency.agency_name if agency else "", text=text, files=len(file_ids)
    )
    await _tell_lead(case, arrived)
    return case


async def _tell_lead(case: Case, notice: Notice) -> None:
    """Tell the officers of the lead agency, with a button to the question."""
    question, button = case.question, cards.open_button(case.question)
    lead = question.lead_agency_id
    await tell_role(case.work, Role.OFFICER, notice, button, of=lead, question_id=question.id, about="card")


async def submit(
    work: Work,
    officer: Actor,
    which: Code | int,
    text: str,
    file_ids: Sequence[int] = (),
    *,
    official_letter: str | None = None,
    album: str | None = None,
) -> Case:
    """Submit the lead agency's draft for approval.

    Or straight to the asker where no step is configured. A coordinating agency's answer is its contribution to that
    draft.
    """
    question = await _whose(work, officer, which)
    if question is not None:
        return await contribute(work, officer, question, text, file_ids, album=album)
    case = await open_case(work, officer, Action.ANSWER, which)
    text = clean(text)
    if not text and not file_ids:
        raise RuleViolation(Reason.TEXT_MISSING, code=case.code)
    if len(text) > work.programme.question_characters:
        raise RuleViolation(Reason.TOO_LONG, limit=work.programme.question_characters)
    before = await answer_drafts.open_of(work, case.question.id)
    resumed = await resumed_due(work, case.question)
    await drop_open_matters(work, case.question.id, outcome="replaced")
    await questions.mark_accepted(work, case.question)
    entry_id = await case.write(EntryKind.DRAFT, text)
    await files.attach(work, file_ids, case.question.id, entry_id)
    draft_id = await answer_drafts.add(
        work,
        question_id=case.question.id,
        entry_id=entry_id,
        official_letter=official_letter,
        submitted_by=officer.id,
        album=album,
    )
    step = await approval.step_now(work, case.question, draft_id)
    await case.move(
        Event.SUBMITTED,
        to=Status.IN_APPROVAL,
        entry_id=entry_id,
        details={"agency": _agency_code(case)} | _waits_for(step),
        remaining_days=None,
        **resumed,
    )
    if before is not None:
        await cards.retire(work, case.question)
        await _tell_colleague(case, before)
    if step is None:
        await answers.give(case, draft_id)
    else:
        await cards.show_to_approvers(work, case.question, case.assigned, step)
    return case


async def _tell_colleague(case: Case, before: WordedDraftRow) -> None:
    """Whose draft waits no more, for somebody else's took its place."""
    if before.submitted_by in (None, case.actor.id):
        return
    lead = case.question.lead_agency_id
    colleagues = await roles.holders(case.work, Role.OFFICER, lead)
    colleague = next((one for one in colleagues if one.id == before.submitted_by), None)
    if colleague is None:
        return
    notice = DraftReplaced(code=case.code, by=name_of(case.actor.person))
    button = cards.open_button(case.question)
    await tell(case.work, colleague, notice, button, question_id=case.question.id, about="card")


async def draft_of_colleague(work: Work, officer: Actor, question_id: int) -> PersonRow | None:
    """Return the colleague whose draft this officer's would replace, else None."""
    question = await find(work, question_id)
    draft = await answer_drafts.open_of(work, question_id)
    if draft is None or draft.submitted_by in (None, officer.id):
        return None
    if question.lead_agency_id not in officer.agencies(Role.OFFICER):
        return None  # they contribute to it
    return await people.by_id(work, draft.submitted_by)


def _waits_for(step: ApprovalStep | None) -> dict[str, str]:
    """Return the step for the history, which tells who was late (services.questions.facts.late_by)."""
    return {} if step is None else {"waits_for": step}


async def _whose(work: Work, officer: Actor, which: Code | int) -> int | None:
    """The question's id where this officer's agency only coordinates, else None."""
    question = await find(work, which, officer)
    case = await look_at(work, officer, question)
    return question.id if case.may(Action.CONTRIBUTE) and not case.may(Action.ANSWER) else None


async def brought_by_album(work: Work, officer: Actor, album: str) -> int | None:
    """Return the entry that an album's first item brought, or None.

    A draft, or a contribution.
    """
    draft = await answer_drafts.of_album(work, officer.id, album)
    if draft is not None:
        return int(draft.entry_id)
    return await entries.contribution_of_album(work, officer.id, album)


async def join(
    work: Work, officer: Actor, entry_id: int, text: str, file_ids: Sequence[int], *, glue: str = "\n"
) -> int | None:
    """Add words and files to what an officer has submitted, while undecided.

    Where nobody's approval is needed it has gone out already, and what comes goes out, too. A draft that grows is
    another draft, so that a button below what was shown before decides nothing; returns its id, None for what is no
    draft. Raises `RuleViolation` when somebody has decided, or the question was hidden meanwhile.
    """
    entry = await entries.entry(work, entry_id)
    draft = await answer_drafts.of_entry(work, entry_id)
    answered = draft is not None and draft.outcome == "answered"
    question = await questions.by_id(work, entry.question_id)
    assert question is not None
    decided = draft is not None and (
        draft.outcome not in (None, "answered") or bool(await answer_drafts.approvals_of(work, draft.id))
    )
    if entry.author_id != officer.id or decided or question.secrecy in HIDDEN:
        raise RuleViolation(Reason.ALREADY_DONE)
    await files.attach(work, file_ids, entry.question_id, entry_id)
    if text:
        await entries.add_words(work, entry, clean(text), glue)
    if answered and text:  # it may be sealed as it went out: the log says why it is longer now
        await evidence.open_words(work, entry_ids=[entry_id])
        await audit.add(
            work,
            AuditAct.WORDS_ADDED,
            f"question:{entry.question_id}",
            actor_id=officer.id,
            details={"entry": entry_id},
        )
    if answered and file_ids:
        await answers.send_more_files(work, question, await files.by_ids(work, file_ids))
    if draft is None or answered:
        return None if draft is None else int(draft.id)
    await answer_drafts.settle(work, draft.id, "replaced")
    grown = await answer_drafts.add(
        work,
        question_id=question.id,
        entry_id=entry_id,
        official_letter=draft.official_letter,
        submitted_by=officer.id,
        album=draft.album,
        corrects_id=draft.corrects_id,
        why_entry_id=draft.why_entry_id,
    )
    step = await approval.step_now(work, question, grown)
    if step is not None:
        assigned = await questions.assigned(work, question.id)
        await cards.show_to_approvers(work, question, assigned, step, grown=True)
    return grown


async def drop_open_matters(work: Work, question_id: int, *, outcome: str = "dropped") -> None:
    """End a draft in approval and an open clarification."""
    draft = await answer_drafts.open_of(work, question_id)
    if draft is not None:
        await answer_drafts.settle(work, draft.id, outcome)
    await questions.end_clarification(work, question_id)
    if outcome == "dropped":
        await extensions.drop(work, question_id)


def _agency_code(case: Case) -> str | None:
    agency = case.agency_of_actor()
    return None if agency is None else str(agency.code)
