"""From a draft to the answer: approve, send back, deliver, correct, close."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from domain.deadlines.promised_days import promised_days
from domain.errors import Reason, RuleViolation
from domain.privacy.consent import Consent
from domain.questions.codes import Code
from domain.questions.differences import differences
from domain.questions.history import EntryKind, Event
from domain.questions.life import Action, ApprovalStep, Role, Status
from domain.vietnamese.text import clean
from messages.notices.answers import (
    AnswerCorrected,
    AnswerFilesSent,
    AnswerSent,
    AnswerWentOut,
    DeliveryNeeded,
    DraftChanged,
    DraftSentBack,
    FilesHeldBack,
    PublicationAsked,
)
from services.notify import RenamedFile, send_files, tell, tell_each
from services.people import consents
from services.people.actors import Actor
from services.people.desk import holders_of, name_of, tell_role
from services.questions import approval, cards, publication, undoing
from services.questions.case import Case, code_of, move, open_case, require_permitted
from storage.agencies import agencies
from storage.deadlines import extensions
from storage.delivery import files
from storage.engine.database import Work
from storage.people import consents as stored_consents
from storage.people import people, roles
from storage.questions import answer_drafts, entries, history, questions
from storage.questions.answer_drafts import WordedDraftRow
from storage.rows import FileRow, PersonRow, QuestionRow


async def approve(work: Work, approver: Actor, which: Code | int, draft_id: int | None = None) -> Case:
    """`Duyệt`: approve one step; the last one sends the answer.

    `draft_id` is the draft the button showed.
    """
    case, draft, step = await _waiting_draft(work, approver, which, draft_id)
    before = await undoing.before(case)
    await answer_drafts.approve(work, draft.id, step, approver.id)
    following = await approval.step_now(work, case.question, draft.id)
    waits_for = {} if following is None else {"waits_for": following}
    await case.move(Event.APPROVED, to=Status.IN_APPROVAL, details={"step": step} | waits_for)
    if following is None:
        async with undoing.undoable(case, Event.ANSWERED, before):
            await give(case, draft.id)
    else:
        await cards.show_to_approvers(work, case.question, case.assigned, following)
    return case


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
    )
    await answer_drafts.take_over_approvals(work, draft.id, changed_id)
    await answer_drafts.approve(work, changed_id, step, editor.id)
    following = await approval.step_now(work, case.question, changed_id)
    waits_for = {} if following is None else {"waits_for": following}
    details = {"step": step, "earlier_entry": draft.entry_id} | waits_for
    await case.move(Event.APPROVED, to=Status.IN_APPROVAL, entry_id=entry_id, details=details)
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
    if following is None:
        await give(case, changed_id)
    else:
        await cards.show_to_approvers(work, case.question, case.assigned, following)
    return case


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
    await case.move(Event.SENT_BACK, entry_id=entry_id, details={"step": step})
    await tell_role(
        work,
        Role.OFFICER,
        DraftSentBack(code=case.code, by=step, reason=reason),
        cards.sent_back_buttons(case.question),
        of=case.question.lead_agency_id,
        question_id=case.question.id,
        about="card",
    )
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
        raise RuleViolation(Reason.ALREADY_DONE, code=case.code)
    return case, draft, step


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
    """Return whether people who asked the same get the present answer's files."""
    passed_on = await history.last_event(work, answered.id, Event.FILES_PASSED_ON)
    return passed_on > await history.last_event(work, answered.id, Event.ANSWERED)


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
    reopen_until = cards.reopen_until(work, answered) if own and answered.reopened_at is None else None
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


async def correct(work: Work, editor: Actor, which: Code | int, text: str, why: str) -> Case:
    """Correct an answer; every asker is told.

    The earlier text stays in the thread.
    """
    case = await open_case(work, editor, Action.CORRECT, which)
    text, why = clean(text), clean(why)
    if not text:
        raise RuleViolation(Reason.TEXT_MISSING, code=case.code)
    if not why:
        raise RuleViolation(Reason.REASON_MISSING, code=case.code)
    before = await answer_drafts.sent(work, case.question)
    why_entry = await case.write(EntryKind.CORRECTION_REASON, why)
    entry_id = await case.write(EntryKind.DRAFT, text)
    draft_id = await answer_drafts.add(
        work,
        question_id=case.question.id,
        entry_id=entry_id,
        official_letter=before.official_letter,
        submitted_by=editor.id,
        outcome="answered",
    )
    # Without the asker's consent an editor read every public word: a new wording has to be published anew.
    stays_public = await publication.agreed(work, case) is not None
    # The files belong to the answer as it stands now.
    kept = [file.id for file in await files.of_entry(work, before.entry_id)]
    await files.attach(work, kept, case.question.id, entry_id)
    await case.move(
        Event.CORRECTED,
        entry_id=entry_id,
        details={"earlier_entry": before.entry_id, "why_entry": why_entry},
        answer_id=draft_id,
        **({} if stays_public else {"published_at": None}),
    )
    if stays_public:
        await publication.answer_corrected(case, text)
    lead = await agencies.lead_of(work, case.question)
    for asker, question in await askers(work, case.question):
        words, reason = [
            await publication.for_reader(work, case.question, one, asker.id) for one in (text, why)
        ]
        await tell(
            work,
            asker,
            AnswerCorrected(code=code_of(work, question), agency=lead.name, text=words, why=reason),
            question_id=case.question.id,
            about="answer",
        )
        if people.is_served_by_hand(asker):
            await _ask_for_delivery(work, question, asker)
    return case


CLOSE_AT_ONCE = 500  # a tick stays short; the next one goes on


async def close_when_due(work: Work) -> int:
    """Close answers whose time to reopen is over; return how many."""
    before = work.now - timedelta(days=work.programme.reopen_days)
    due = await questions.answered_before(work, before, limit=CLOSE_AT_ONCE)
    for question in due:
        await move(work, question, Action.CLOSE, Event.CLOSED)
    return len(due)
