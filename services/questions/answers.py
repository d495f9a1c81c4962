"""From a draft to the answer: approve, send back, deliver, correct, close."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from domain.deadlines.promised_days import promised_days
from domain.errors import Reason, RuleViolation
from domain.privacy.consent import Consent
from domain.questions.codes import Code
from domain.questions.differences import beside, differences
from domain.questions.history import EntryKind, Event
from domain.questions.life import Action, ApprovalStep, Role, Status
from domain.vietnamese.text import clean
from messages.notices.answers import (
    AnswerCorrected,
    AnswerFilesSent,
    AnswerSent,
    AnswerWentOut,
    CorrectionDropped,
    CorrectionWentOut,
    DeliveryNeeded,
    DraftChanged,
    DraftSentBack,
    FilesHeldBack,
    PublicationAsked,
    UnnamedPromise,
)
from services.notify import RenamedFile, send_files, tell, tell_each
from services.people import consents
from services.people.actors import Actor
from services.people.desk import DESK, holders_of, name_of, tell_role
from services.questions import approval, cards, publication, undoing
from services.questions.case import Case, code_of, move, open_case, require_permitted
from storage.agencies import agencies
from storage.deadlines import extensions, promises
from storage.delivery import files
from storage.engine.database import Work
from storage.people import consents as stored_consents
from storage.people import people, roles
from storage.questions import answer_drafts, entries, history, questions
from storage.questions.answer_drafts import WordedDraftRow
from storage.rows import DraftRow, FileRow, PersonRow, QuestionRow


async def approve(work: Work, approver: Actor, which: Code | int, draft_id: int | None = None) -> Case:
    """`Duyệt`: approve one step; the last one sends the answer.

    `draft_id` is the draft the button showed.
    """
    case, draft, step = await _waiting_draft(work, approver, which, draft_id)
    before = await undoing.before(case)
    following = await note_approval(case, draft, step)
    if following is not None:
        await cards.show_to_approvers(work, case.question, case.assigned, following)
    elif draft.corrects_id is None:
        async with undoing.undoable(case, Event.ANSWERED, before):
            await give(case, draft.id)
    else:
        async with undoing.undoable(case, Event.CORRECTED, before):
            await correct(case, draft.id)
    return case


async def note_approval(
    case: Case,
    draft: DraftRow,
    step: ApprovalStep,
    *,
    entry_id: int | None = None,
    details: dict[str, Any] | None = None,
) -> ApprovalStep | None:
    """Record an approval of a draft; return the step for which it waits then."""
    work = case.work
    await answer_drafts.approve(work, draft.id, step, case.actor.id)
    following = await approval.step_now(work, case.question, draft.id)
    waits_for = {} if following is None else {"waits_for": following}
    said = {"step": step} | (details or {}) | waits_for
    if draft.corrects_id is None:
        await case.move(Event.APPROVED, to=Status.IN_APPROVAL, entry_id=entry_id, details=said)
    else:
        await case.record(Event.CORRECTION_APPROVED, entry_id=entry_id, details=said)
    return following


async def approve_changed(
    work: Work,
    editor: Actor,
    which: Code | int,
    draft_id: int,
    text: str,
    file_ids: Sequence[int],
    official_letter: str | None,
) -> Case:
    """`Sửa rồi duyệt`: approve a draft in an editor's own words.

    Its agency is shown what changed. Who approved the draft before keeps having done so: the history tells who
    wrote which words.
    """
    case, draft, step = await _waiting_draft(work, editor, which, draft_id)
    text = clean(text)
    if step is not ApprovalStep.EDITOR:
        raise RuleViolation(Reason.NOT_ALLOWED, code=case.code)
    if not text and not file_ids:
        raise RuleViolation(Reason.TEXT_MISSING, code=case.code)
    if len(text) > work.programme.question_characters:
        raise RuleViolation(Reason.TOO_LONG, limit=work.programme.question_characters)
    if draft.corrects_id is not None:
        await expect_correction(work, case, text, file_ids, official_letter)
    await cards.retire(work, case.question)
    attached = await files.of_entry(work, draft.entry_id)
    entry_id = await case.write(EntryKind.DRAFT, text)
    await files.attach(work, file_ids, case.question.id, entry_id)
    await answer_drafts.settle(work, draft.id, "replaced")
    changed_id = await answer_drafts.add(
        work,
        question_id=case.question.id,
        entry_id=entry_id,
        official_letter=official_letter,
        submitted_by=editor.id,
        corrects_id=draft.corrects_id,
        why_entry_id=draft.why_entry_id,
    )
    await answer_drafts.take_over_approvals(work, draft.id, changed_id)
    changed = await answer_drafts.by_id(work, changed_id)
    assert changed is not None
    details = {"earlier_entry": draft.entry_id}
    following = await note_approval(case, changed, step, entry_id=entry_id, details=details)
    notice = DraftChanged(
        code=case.code,
        by=name_of(editor.person),
        pieces=differences(draft.text or "", text),
        letter_before=draft.official_letter,
        letter=official_letter,
        files_left_out=cards.files_of([one for one in attached if one.id not in file_ids]),
    )
    id_, lead = case.question.id, case.question.lead_agency_id
    button = cards.open_button(case.question)
    staff = await holders_of(work, ((Role.OFFICER, lead), (Role.LEADER, lead)))
    await tell_each(work, [(one, notice, button) for one in staff], question_id=id_, about="card")
    if following is not None:
        await cards.show_to_approvers(work, case.question, case.assigned, following)
    elif draft.corrects_id is None:
        await give(case, changed_id)
    else:
        await correct(case, changed_id)
    return case


async def expect_correction(
    work: Work, case: Case, text: str, file_ids: Sequence[int], official_letter: str | None
) -> None:
    """Raise `RuleViolation` where the new answer is the one that went out."""
    answer = await answer_drafts.sent(work, case.question)
    had, has = await files.of_entry(work, answer.entry_id), await files.by_ids(work, file_ids)
    added, gone = cards.files_beside(had, has)
    letter = official_letter or answer.official_letter
    if text == clean(answer.text or "") and letter == answer.official_letter and not added and not gone:
        raise RuleViolation(Reason.NOTHING_CORRECTED, code=case.code)


async def send_back(
    work: Work, approver: Actor, which: Code | int, reason: str, draft_id: int | None = None
) -> Case:
    """`Yêu cầu sửa`: return the draft to the officer with words."""
    case, draft, step = await _waiting_draft(work, approver, which, draft_id)
    reason = clean(reason)
    if not reason:
        raise RuleViolation(Reason.REASON_MISSING, code=case.code)
    case.action = Action.SEND_BACK
    entry_id = await case.write(EntryKind.SEND_BACK_REASON, reason)
    await answer_drafts.settle(work, draft.id, "sent_back")
    if draft.corrects_id is None:
        await case.move(Event.SENT_BACK, entry_id=entry_id, details={"step": step})
    else:
        await cards.retire(work, case.question)
        await case.record(Event.CORRECTION_SENT_BACK, entry_id=entry_id, details={"step": step})
    back = DraftSentBack(code=case.code, by=step, reason=reason, correction=draft.corrects_id is not None)
    buttons = cards.sent_back_buttons(case.question)
    told = [(one, back, buttons) for one in await proposers_of(work, case.question, draft)]
    await tell_each(work, told, question_id=case.question.id, about="card")
    return case


async def to_decide(work: Work, approver: Actor, which: Code | int, draft_id: int | None = None) -> Case:
    """Raise `RuleViolation` unless this person may decide on the draft now."""
    case, _, _ = await _waiting_draft(work, approver, which, draft_id)
    return case


async def _waiting_draft(
    work: Work, approver: Actor, which: Code | int, draft_id: int | None
) -> tuple[Case, WordedDraftRow, ApprovalStep]:
    """Return the waiting draft and its step; raise unless this person decides that step."""
    look = await open_case(work, approver, Action.SEE, which)
    draft = await answer_drafts.open_of(work, look.question.id)
    step = None if draft is None else await approval.step_now(work, look.question, draft.id)
    if draft is not None and (step is None or not look.may(approval.ACTIONS[step])):
        given = {ApprovalStep(row.step) for row in await answer_drafts.approvals_of(work, draft.id)}
        if any(look.may(approval.ACTIONS[one]) for one in given):
            raise RuleViolation(Reason.ALREADY_DONE, code=look.code)  # theirs was the step before
    # Without a draft the rules' table gives the reason: wrong status, merged, not allowed.
    fallback = Action.APPROVE_AS_LEADER if approver.holds(Role.LEADER) else Action.APPROVE_AS_EDITOR
    case = replace(look, action=fallback if step is None else approval.ACTIONS[step])
    await require_permitted(case)
    if draft is None or step is None or (draft_id is not None and draft.id != draft_id):
        shown = None if draft_id is None else await answer_drafts.by_id(work, draft_id)
        if shown is not None and shown.question_id == case.question.id and shown.outcome == "withdrawn":
            raise RuleViolation(Reason.CORRECTION_WITHDRAWN, code=case.code)
        raise RuleViolation(Reason.ALREADY_DONE, code=case.code, status=case.question.status)
    await _expect_another_looks(case, draft, step)
    return case, draft, step


async def _expect_another_looks(case: Case, draft: WordedDraftRow, step: ApprovalStep) -> None:
    """Raise `RuleViolation` where an editor would decide on their own correction, and another one can."""
    own = draft.corrects_id is not None and draft.agency_id is None and draft.submitted_by == case.actor.id
    if own and step is ApprovalStep.EDITOR and await approval.decided_by_another(case.work, case.actor.id):
        raise RuleViolation(Reason.CORRECTION_OWN, code=case.code)


async def give(case: Case, draft_id: int) -> None:
    """Make the approved draft the answer, and send it to every asker."""
    work = case.work
    draft = await answer_drafts.by_id(work, draft_id)
    assert draft is not None
    await answer_drafts.settle(work, draft_id, "answered")
    await extensions.drop(work, case.question.id)
    await case.move(
        Event.ANSWERED,
        to=Status.ANSWERED,
        entry_id=draft.entry_id,
        answered_at=work.now,
        answer_id=draft_id,
        published_at=None,  # another answer, another decision to publish it
        remaining_days=None,
    )
    await send_answer(work, case.question)
    asker = await people.by_id(work, case.question.asker_id)
    by_hand = people.is_served_by_hand(asker)
    held = not by_hand and asker.unreachable_at is not None
    days = [day for day, _ in promised_days(draft.text or "", work.programme.local(work.now).date())]
    sent = AnswerWentOut(code=case.code, held=held, by_hand=by_hand, days=tuple(days))
    id_, lead = case.question.id, case.question.lead_agency_id
    buttons = cards.promise_buttons(case.question, days)
    await tell_role(work, Role.OFFICER, sent, buttons, of=lead, question_id=id_, about="card")


async def send_answer(work: Work, answered: QuestionRow, *, only: Sequence[int] = ()) -> None:
    """Send the answer to everybody who asked, or to the askers of some questions.

    `only`: questions that were merged into it afterwards. Offices name whom they answer in their letters, too: who
    asked the same gets an answer's files once an editor has looked at them (docs/decisions/0004).
    """
    draft = await answer_drafts.sent(work, answered)
    kept = await files.of_entry(work, draft.entry_id)
    looked_at = await _files_are_passed_on(work, answered)
    without_files = 0
    for asker, question in await askers(work, answered):
        if only and question.id not in only:
            continue
        if people.is_served_by_hand(asker):
            await _ask_for_delivery(work, question, asker)
            continue
        gets_files = looked_at or asker.id == answered.asker_id
        without_files += not gets_files and people.can_be_reached(asker)
        await _send_answer(work, answered, question, asker, draft, kept, gets_files=gets_files)
    if kept and without_files:
        await _hold_files_back(work, answered, kept, without_files)


async def _files_are_passed_on(work: Work, answered: QuestionRow) -> bool:
    """Return whether people who asked the same get the present answer's files.

    Not those that a correction added since an editor looked.
    """
    looked = await _looked_at(work, answered)
    answer = await answer_drafts.sent(work, answered)
    kept = [] if looked is None else await files.of_entry(work, answer.entry_id)
    return looked is not None and all(one.created_at <= looked for one in kept)


async def _looked_at(work: Work, answered: QuestionRow) -> datetime | None:
    """Return when an editor last passed this answer's files on, or None."""
    passed_on = await history.last_event(work, answered.id, Event.FILES_PASSED_ON)
    if passed_on <= await history.last_event(work, answered.id, Event.ANSWERED):
        return None
    return await history.last_at(work, answered.id, Event.FILES_PASSED_ON)


async def _hold_files_back(
    work: Work, answered: QuestionRow, kept: list[FileRow], without_files: int
) -> None:
    held = FilesHeldBack(code=code_of(work, answered), attachments=len(kept), askers=without_files)
    button = cards.pass_on_files_button(answered)
    for editor in await roles.holders(work, Role.EDITOR):
        await tell(work, editor, held, button, question_id=answered.id, about="card", files=kept)


async def pass_on_files(work: Work, editor: Actor, which: Code | int) -> Case:
    """Send an answer's files to who asked the same; an editor has looked at them.

    Raises `RuleViolation`.
    """
    case = await open_case(work, editor, Action.PASS_ON_FILES, which)
    answered = case.question
    draft = await answer_drafts.sent(work, answered)
    kept = await files.of_entry(work, draft.entry_id)
    if not kept:
        raise RuleViolation(Reason.STALE_BUTTON, code=case.code)
    if await _files_are_passed_on(work, answered):
        raise RuleViolation(Reason.ALREADY_DONE, code=case.code)
    looked = await _looked_at(work, answered)
    kept = [one for one in kept if looked is None or one.created_at > looked]
    lead = await agencies.lead_of(work, answered)
    for asker, question in await askers(work, answered):
        if asker.id == answered.asker_id or not people.can_be_reached(asker):
            continue  # whom it answers has it; who wrote by post gets it by hand
        theirs = await files_for(work, answered, kept, asker.id)
        sent = AnswerFilesSent(code=code_of(work, question), agency=lead.name, attachments=len(theirs))
        await tell(work, asker, sent, question_id=answered.id, about="answer", files=theirs)
    await case.record(Event.FILES_PASSED_ON)
    return case


async def send_more_files(work: Work, answered: QuestionRow, added: list[FileRow]) -> None:
    """Send files that came after the answer to those who got its files."""
    looked_at = await _files_are_passed_on(work, answered)
    without_files = 0
    for asker, _ in await askers(work, answered):
        if looked_at or asker.id == answered.asker_id:
            theirs = await files_for(work, answered, added, asker.id)
            await send_files(work, asker, theirs, question_id=answered.id, about="answer")
        else:
            without_files += people.can_be_reached(asker)
    if without_files:
        await _hold_files_back(work, answered, added, without_files)


async def files_for(
    work: Work, answered: QuestionRow, kept: Sequence[FileRow], reader_id: int
) -> list[FileRow | RenamedFile]:
    """Return an answer's files for one asker, renamed where a name names another asker."""
    found: list[FileRow | RenamedFile] = []
    for file in kept:
        name = await publication.file_for_reader(work, answered, file.name, reader_id)
        if name == file.name or (file.checksum is None and reader_id == answered.asker_id):
            found.append(file)
        elif file.checksum is not None:  # a lost file cannot go out under another name
            found.append(RenamedFile(file, name))
    return found


async def askers(work: Work, question: QuestionRow) -> list[tuple[PersonRow, QuestionRow]]:
    """List everybody who asked this, each with their own question.

    The asker first, then those merged into it.
    """
    own = [question, *await questions.duplicates_of(work, question.id)]
    return [(await people.by_id(work, one.asker_id), one) for one in own]


async def _send_answer(
    work: Work,
    answered: QuestionRow,
    question: QuestionRow,
    asker: PersonRow,
    draft: WordedDraftRow,
    kept: Sequence[FileRow],
    *,
    gets_files: bool,
) -> None:
    lead = await agencies.lead_of(work, answered)
    own = question.id == answered.id
    theirs = await files_for(work, answered, kept, asker.id) if gets_files else []
    reopen_until = cards.asker_reopens_until(work, answered) if own and answered.reopened_at is None else None
    await tell(
        work,
        asker,
        AnswerSent(
            code=code_of(work, question),
            question=await entries.question_text(work, question.id),
            agency=lead.name,
            text=await publication.for_reader(work, answered, draft.text or "", asker.id),
            official_letter=draft.official_letter
            and await publication.for_reader(work, answered, draft.official_letter, asker.id),
            attachments=len(theirs),
            held_back=0 if gets_files else len(kept),
            reopen_until=reopen_until,
        ),
        cards.rating_buttons(answered, may_reopen=reopen_until is not None),
        question_id=answered.id,
        about="answer",
        files=theirs,
    )
    asked_before = answered.reopened_at is not None  # after the first answer; those buttons still stand
    chose = await stored_consents.latest(work, asker.id, Consent.PUBLICATION, answered.id)
    if own and chose is None and not asked_before:
        await tell(
            work,
            asker,
            PublicationAsked(
                code=code_of(work, answered), version=consents.version(work, asker, Consent.PUBLICATION)
            ),
            cards.publication_buttons(answered),
            question_id=answered.id,
        )


async def _ask_for_delivery(work: Work, question: QuestionRow, asker: PersonRow) -> None:
    if asker.erased_at is not None:
        return  # nobody knows any more where to
    needed = DeliveryNeeded(
        code=code_of(work, question),
        channel=question.channel,
        full_name=asker.full_name or "",
        home_address=asker.home_address or "",
        contact=asker.contact,
    )
    button = cards.delivered_button(question)
    await tell_role(work, Role.EDITOR, needed, button, question_id=question.id, about="card")


async def record_delivery(work: Work, editor: Actor, which: Code | int, note: str = "") -> Case:
    """Record that the answer was delivered where the question came from.

    By post, telephone, e-mail, or at a dialogue.
    """
    case = await open_case(work, editor, Action.RECORD_DELIVERY, which)
    await expect_undelivered(work, case)
    note = clean(note)
    entry_id = await case.write(EntryKind.DELIVERY_NOTE, note) if note else None
    await case.record(Event.DELIVERED, entry_id=entry_id, details={"channel": case.question.channel})
    return case


async def expect_undelivered(work: Work, case: Case) -> None:
    """Raise `RuleViolation` where no answer is to deliver, or it was delivered already."""
    answered = case.question
    if answered.duplicate_of_id is not None:
        original = await questions.by_id(work, answered.duplicate_of_id)
        if original is None or original.answered_at is None:
            raise RuleViolation(Reason.WRONG_STATUS, code=case.code, status=case.question.status)
        answered = original
    newest = await history.last_event(work, answered.id, Event.ANSWERED, Event.CORRECTED)
    if await history.last_event(work, case.question.id, Event.DELIVERED) > newest:
        raise RuleViolation(Reason.ALREADY_DONE, code=case.code)


async def correct(case: Case, draft_id: int, *, alone: bool = False) -> None:
    """Make an approved correction the answer; tell every asker what changed.

    `alone`: nobody's approval was needed; the agency is shown what an editor changed.
    """
    work, public = case.work, case.question.published_at is not None
    draft = await answer_drafts.by_id(work, draft_id)
    assert draft is not None
    before = await answer_drafts.sent(work, case.question)
    went_out_at = await history.went_out(work, case.question.id, before.entry_id)
    why = "" if draft.why_entry_id is None else (await entries.entry(work, draft.why_entry_id)).text or ""
    follows = await publication.follows_correction(work, case, before.text or "", draft.text or "")
    await answer_drafts.settle(work, draft_id, "answered")
    given = await answer_drafts.approvals_of(work, draft_id)
    await case.move(
        Event.CORRECTED,
        entry_id=draft.entry_id,
        details={
            "earlier_entry": before.entry_id,
            "why_entry": draft.why_entry_id,
            "proposed_by": draft.submitted_by,
            "approved_by": [one.approver_id for one in given],
        },
        answer_id=draft_id,
        **({"published_at": None} if public and not follows else {}),
    )
    if public:
        await publication.answer_corrected(case, draft.text or "", follows=follows)
    changed = _Corrected(
        before, draft, why, went_out_at or work.now, *await _files_changed(work, before, draft)
    )
    await _tell_askers(case, changed, taken_down=public and not follows)
    await _tell_agency(case, changed, alone=alone)


@dataclass(frozen=True)
class _Corrected:
    """The parts of an answer that a correction changes."""

    before: WordedDraftRow
    after: WordedDraftRow
    why: str
    went_out_at: datetime  # what is corrected
    added: list[FileRow]
    gone: list[FileRow]


async def _files_changed(
    work: Work, before: WordedDraftRow, after: WordedDraftRow
) -> tuple[list[FileRow], list[FileRow]]:
    had, has = await files.of_entry(work, before.entry_id), await files.of_entry(work, after.entry_id)
    return cards.files_beside(had, has)


async def _tell_askers(case: Case, changed: _Corrected, *, taken_down: bool) -> None:
    work, answered = case.work, case.question
    lead = await agencies.lead_of(work, answered)
    looked_at = not changed.added or await _files_are_passed_on(work, answered)
    without_files = 0
    for asker, question in await askers(work, answered):
        if people.is_served_by_hand(asker):
            await _ask_for_delivery(work, question, asker)
            continue
        gets_files = looked_at or asker.id == answered.asker_id
        without_files += not gets_files and people.can_be_reached(asker)
        theirs = await files_for(work, answered, changed.added, asker.id) if gets_files else []
        before, after, why, letter = [
            await publication.for_reader(work, answered, one or "", asker.id)
            for one in (changed.before.text, changed.after.text, changed.why, changed.after.official_letter)
        ]
        names = [
            await publication.file_for_reader(work, answered, one.name, asker.id) for one in changed.gone
        ]
        notice = AnswerCorrected(
            code=code_of(work, question),
            agency=lead.name,
            went_out_at=changed.went_out_at,
            why=why,
            paragraphs=tuple(one for one in beside(before, after) if not one.same),
            text=after,
            official_letter=letter or None,
            letter_changed=changed.before.official_letter != changed.after.official_letter,
            attachments=len(theirs),
            held_back=0 if gets_files else len(changed.added),
            files_gone=tuple(
                replace(shown, name=name)
                for shown, name in zip(cards.files_of(changed.gone), names, strict=True)
            ),
            taken_down=taken_down and asker.id == answered.asker_id,
        )
        await tell(work, asker, notice, question_id=answered.id, about="answer", files=theirs)
    if without_files:
        await _hold_files_back(work, answered, changed.added, without_files)


async def _tell_agency(case: Case, changed: _Corrected, *, alone: bool) -> None:
    """Tell the agency, and the editor who proposed it, that a correction went out.

    What it promised and no longer names is offered to be moved or withdrawn; what it names now, to be followed up.
    """
    work, question = case.work, case.question
    today = work.programme.local(work.now).date()
    days = [day for day, _ in promised_days(changed.after.text or "", today)]
    made = [one for one in await promises.of_question(work, question.id) if one.kept_at is None]
    on = {one.id: work.programme.local(one.due_at).date() for one in made}
    unkept = [one for one in made if on[one.id] not in days]
    days = [day for day in days if day not in on.values()]
    pieces = beside(changed.before.text or "", changed.after.text or "")
    notice = CorrectionWentOut(
        code=case.code,
        by=name_of(case.actor.person) if alone else "",
        why=changed.why if alone else "",
        paragraphs=tuple(one for one in pieces if not one.same) if alone else (),
        promises=tuple(UnnamedPromise(one.due_at, one.text or "") for one in unkept),
        days=tuple(days),
    )
    buttons = [
        *cards.promise_follow_up_buttons(work, question, unkept),
        *cards.promise_buttons(question, days),
        *cards.open_button(question),
    ]
    lead = question.lead_agency_id
    told = await holders_of(work, ((Role.OFFICER, lead), *([(Role.LEADER, lead)] if alone else [])))
    await tell_each(work, [(one, notice, buttons) for one in told], question_id=question.id, about="card")
    proposer = changed.after.submitted_by
    if changed.after.agency_id is None and proposer not in {case.actor.id, *(one.id for one in told)}:
        side = await proposers_of(work, question, changed.after)
        theirs = [(one, notice, cards.open_button(question)) for one in side if one.id == proposer]
        await tell_each(work, theirs, question_id=question.id, about="card")


async def proposers_of(work: Work, question: QuestionRow, draft: WordedDraftRow) -> list[PersonRow]:
    """List who hears what becomes of a draft: its agency's officers, or the editors.

    With them an administrator who proposed it.
    """
    if draft.corrects_id is not None and draft.agency_id is None:
        desk = await holders_of(work, DESK)
        editors = {one.id for one in await roles.holders(work, Role.EDITOR)}
        return [one for one in desk if one.id in editors or one.id == draft.submitted_by]
    return await roles.holders(work, Role.OFFICER, question.lead_agency_id)


async def drop_correction(case: Case) -> None:
    """End a correction that waits, for its question goes on otherwise; its side is told."""
    draft = await answer_drafts.open_of(case.work, case.question.id)
    if draft is None or draft.corrects_id is None:
        return
    await cards.retire(case.work, case.question)
    await answer_drafts.settle(case.work, draft.id, "dropped")
    dropped, button = CorrectionDropped(code=case.code), cards.open_button(case.question)
    told = await proposers_of(case.work, case.question, draft)
    about = [(one, dropped, button) for one in told]
    await tell_each(case.work, about, question_id=case.question.id, about="card")


CLOSE_AT_ONCE = 500  # a tick stays short; the next one goes on


async def close_when_due(work: Work) -> int:
    """Close answers whose time to reopen is over; return how many."""
    before = work.now - timedelta(days=work.programme.reopen_days)
    due = await questions.answered_before(work, before, limit=CLOSE_AT_ONCE)
    for question in due:
        await move(work, question, Action.CLOSE, Event.CLOSED)
    return len(due)
