"""Cards: a question as one person may see it, with the buttons they may use."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from domain.errors import Reason, RuleViolation
from domain.questions.differences import beside
from domain.questions.history import EntryKind
from domain.questions.life import (
    ANSWERED_STATUSES,
    HIDDEN,
    Action,
    ApprovalStep,
    Capacity,
    Role,
    Secrecy,
    Status,
)
from domain.vietnamese.text import beginning
from messages.buttons import Act, Button, Key, Keyboard
from messages.notice import Notice
from messages.notices.answers import AttachedFile
from messages.notices.desk import (
    CardPromise,
    HiddenCard,
    LatestChange,
    QuestionCard,
    ShownCorrection,
    ThreadEntry,
)
from services import notify
from services.agencies import routing
from services.agencies.routing import Suggested
from services.notify import tell_each
from services.people.actors import Actor, actors_of
from services.questions import approval
from services.questions.case import Case, changes, code_of, screened, standing
from services.questions.facts import Facts, Part, View, facts, view
from storage.delivery import outbox
from storage.engine.database import Work
from storage.people import people, roles
from storage.people.people import AskerRow
from storage.questions.answer_drafts import WordedDraftRow
from storage.questions.entries import SignedEntryRow
from storage.questions.questions import AssignedRow
from storage.rows import AgencyRow, ExtensionRow, FileRow, OutboxRow, PersonRow, PromiseRow, QuestionRow

PROMISES_OFFERED = 4


@dataclass(frozen=True)
class _Room:
    """How many characters of each text a card shows, None for all; what somebody decides on is always whole."""

    text: int | None = None  # of the question, and of the answer
    entry: int | None = None  # of each later entry
    entries: int | None = None  # so many, the newest
    draft: int | None = None


_WHOLE = _Room()
_USUAL = _Room(text=2000, entry=400)
_ONE_MESSAGE = _Room(text=700, entry=150, entries=5, draft=700)


def asker_reopens_until(work: Work, question: QuestionRow) -> datetime:
    """Return the last moment for an asker to reopen: 15 calendar days after the answer.

    The configured days; source: programme, "After".
    """
    assert question.answered_at is not None
    return question.answered_at + timedelta(days=work.programme.reopen_days)


async def card(
    work: Work,
    viewer: Actor,
    question: QuestionRow,
    headline: str = "card",
    *,
    suggested: Sequence[AgencyRow] = (),
    whole: bool = False,
    latest: LatestChange | None = None,
) -> tuple[Notice, Keyboard]:
    """Lay out a question for one of the staff.

    Raises `RuleViolation` for those it does not concern. Whoever is to decide on words has all of them before
    them, in as many messages as it takes, and the buttons below.
    """
    return await _card(work, viewer, question, headline, suggested, _WHOLE if whole else _USUAL, latest)


async def card_in_place(
    work: Work, viewer: Actor, question: QuestionRow, *, latest: LatestChange | None = None
) -> tuple[Notice, Keyboard]:
    """Lay out a question for the place of one message of theirs.

    Where that cannot hold all of what is to be decided on, the way to it stands there instead of the decision.
    """
    notice, buttons = await card(work, viewer, question, latest=latest)
    if notify.fits(work, viewer.person, notice, buttons):
        return notice, buttons
    return await _card(work, viewer, question, "card", (), _ONE_MESSAGE, latest)


async def _card(
    work: Work,
    viewer: Actor,
    question: QuestionRow,
    headline: str,
    suggested: Sequence[AgencyRow],
    room: _Room,
    latest: LatestChange | None,
) -> tuple[Notice, Keyboard]:
    seen = view(await standing(work, question), viewer)
    if not seen.desk:
        raise RuleViolation(Reason.UNKNOWN_CODE)
    if Part.TEXT not in seen.desk:
        return HiddenCard(code=code_of(work, question), status=question.status), ()
    known = await facts(work, question)
    offered = Suggested()
    if question.status == Status.RECEIVED and question.secrecy not in HIDDEN:
        offered = await routing.suggested(work, question, known.text, known.asker.home_address or "")
    if suggested:
        offered = replace(offered, agencies=tuple(suggested))
    notice = _notice(work, known, seen, headline, offered, room, latest)
    case = Case(work, viewer, Action.SEE, question, list(known.assigned), seen.capacities)
    return notice, _buttons(case, known, offered, notice, decides=room is not _ONE_MESSAGE)


def _notice(
    work: Work,
    known: Facts,
    seen: View,
    headline: str,
    suggested: Suggested,
    room: _Room,
    latest: LatestChange | None,
) -> QuestionCard:
    question, asker, text = known.question, known.asker, known.text
    draft, answer, lead = known.draft, known.answer, known.lead
    contact = Part.CONTACT in seen.desk or (Part.CONTACT_GIVEN in seen.desk and known.contact_given)
    due_at = question.assign_due_at if question.status == Status.RECEIVED else question.due_at
    cut = _Cutting()
    thread = [entry for entry in known.written if entry.kind not in _NOT_ON_CARDS]
    wanted = None if known.request is None or room is _ONE_MESSAGE else known.request.entry_id
    correction = None if room is _ONE_MESSAGE else _correction(known)
    if correction is not None and draft is not None:  # it has a place of its own
        thread = [entry for entry in thread if entry.id != draft.why_entry_id]
    text = cut.to(text, room.text)
    shown_thread = tuple(
        ThreadEntry(
            entry.at,
            entry.kind,
            _who(entry),
            cut.to(entry.text or "", None if entry.id == wanted else room.entry),
        )
        for entry in cut.newest(thread, room.entries)
    )
    shown_promises = tuple(
        CardPromise(
            one.due_at, cut.to(one.text or "", room.entry if one.kept_at else None), one.kept_at is not None
        )
        for one in known.promises
    )
    shown_answer = None
    if answer is not None and correction is None:
        shown_answer = cut.to(answer.text or "", room.text)
    correcting = draft is not None and draft.corrects_id is not None
    shown_draft = (
        None
        if draft is None or correcting
        else beginning(draft.text or "", room.draft or len(draft.text or ""))
    )
    return QuestionCard(
        code=code_of(work, question),
        status=question.status,
        headline=headline,
        latest=latest,
        hidden=question.secrecy in HIDDEN,
        confirmed_denunciation=question.secrecy == Secrecy.CONFIRMED,
        emergency=question.emergency,
        complaint=question.status == Status.RECEIVED and screened(work, text).complaint,
        channel=question.channel,
        text=text,
        truncated=cut.something,
        field=known.field.name if known.field is not None else None,
        suggested=tuple(one.name for one in suggested.agencies),
        suggested_field=suggested.field.name if suggested.field is not None else None,
        asker_name=asker.full_name,
        asker_address=asker.home_address,
        asker_contact=asker.contact if contact else None,
        asker_unreachable=asker.unreachable_at is not None,
        asker_blocked=blocked_until(work, asker) if Part.BLOCKED in seen.desk else None,
        organisation=question.organisation,
        received_at=question.received_at,
        age_days=(
            work.programme.local(work.now).date() - work.programme.local(question.received_at).date()
        ).days,
        due_at=due_at if question.status not in (Status.ANSWERED, Status.CLOSED) else None,
        overdue=due_at is not None and due_at < work.now and _counts(question.status),
        late_by=known.late_by,
        lead=lead.agency_name if lead is not None else None,
        coordinating=tuple(row.agency_name for row in known.assigned if row.part == "coordinating"),
        thread=shown_thread,
        draft=shown_draft,
        draft_cut=room is _ONE_MESSAGE and draft is not None,
        correcting=correcting,
        correction=correction,
        draft_files=files_of(
            file for file in known.attached if draft is not None and file.entry_id == draft.entry_id
        ),
        draft_by=lead.agency_name if draft is not None and lead is not None else None,
        official_letter=_letter(known) if correction is None else None,
        approval=known.step,
        answer=shown_answer,
        files=len({file.remote_id for file in known.attached}),
        rating=known.stars,
        promises=shown_promises,
        merged_into=code_of(work, known.original) if known.original is not None else None,
        duplicates=tuple(code_of(work, row) for row in known.duplicates),
    )


def _letter(known: Facts) -> str | None:
    draft = known.draft if known.draft is not None and known.draft.corrects_id is None else known.answer
    return None if draft is None else draft.official_letter


def _correction(known: Facts) -> ShownCorrection | None:
    """A correction that waits, beside the answer that went out."""
    draft, answer = known.draft, known.answer
    if draft is None or draft.corrects_id is None or answer is None:
        return None
    of = {
        one.id: [file for file in known.attached if file.entry_id == one.entry_id] for one in (draft, answer)
    }
    added, gone = files_beside(of[answer.id], of[draft.id])
    return ShownCorrection(
        went_out_at=known.went_out_at,
        by_editors=draft.agency_id is None,
        why=next((entry.text or "" for entry in known.written if entry.id == draft.why_entry_id), ""),
        paragraphs=beside(answer.text or "", draft.text or ""),
        letter_before=answer.official_letter,
        letter=draft.official_letter,
        files_added=files_of(added),
        files_gone=files_of(gone),
    )


def blocked_until(work: Work, asker: AskerRow) -> datetime | None:
    """Return the last moment of a sender's block, or None."""
    until = asker.blocked_until
    stands = until is not None and until > work.now and not asker.holds_role
    return until - timedelta(seconds=1) if until is not None and stands else None


class _Cutting:
    """Cuts texts to the room there is for them, and remembers whether anything was left out."""

    def __init__(self) -> None:
        self.something = False

    def to(self, text: str, limit: int | None) -> str:
        if limit is None or len(text) <= limit:
            return text
        self.something = True
        return beginning(text, limit)

    def newest(self, entries: Sequence[SignedEntryRow], count: int | None) -> Sequence[SignedEntryRow]:
        if count is None or len(entries) <= count:
            return entries
        self.something = True
        return entries[-count:]


def files_beside(before: Sequence[FileRow], after: Sequence[FileRow]) -> tuple[list[FileRow], list[FileRow]]:
    """Return the files that a version added, and those that it left out."""
    had, has = {one.remote_id for one in before}, {one.remote_id for one in after}
    return [one for one in after if one.remote_id not in had], [
        one for one in before if one.remote_id not in has
    ]


def files_of(kept: Iterable[FileRow]) -> tuple[AttachedFile, ...]:
    """Files as somebody is told of them."""
    return tuple(AttachedFile(name=file.name, kind=file.kind, size=file.size) for file in kept)


# Drafts and the question itself have places of their own on a card.
_NOT_ON_CARDS = {
    EntryKind.QUESTION,
    EntryKind.DRAFT,
    EntryKind.PROMISE,
    EntryKind.PUBLIC_QUESTION,
    EntryKind.PUBLIC_ANSWER,
    EntryKind.UNDONE,
}


def _who(entry: SignedEntryRow) -> str:
    return entry.agency_name or ""


def _counts(status: str) -> bool:
    return status in {Status.RECEIVED, Status.ASSIGNED, Status.ACCEPTED, Status.IN_APPROVAL}


# A row of a card stands when one of its buttons does; the likeliest come first.
_ROWS: tuple[tuple[tuple[Action, str, Act], ...], ...] = (
    ((Action.CLEAR, "button.clear", Act.CLEAR),),
    ((Action.ACCEPT, "button.accept", Act.ACCEPT),),
    ((Action.ANSWER, "button.reply", Act.REPLY), (Action.CONTRIBUTE, "button.reply", Act.REPLY)),
    ((Action.SUPPLY, "button.supply_for", Act.SUPPLY_FOR),),
    ((Action.ASK_MORE, "button.ask_more", Act.ASK_MORE), (Action.RETURN, "button.return", Act.RETURN)),
    ((Action.ASK_EXTENSION, "button.extend", Act.EXTEND),),
    ((Action.ASSIGN, "button.assign", Act.ASSIGN_CHOOSE), (Action.MERGE, "button.merge", Act.MERGE)),
    ((Action.SET_FIELD, "button.field", Act.FIELD_CHOOSE),),
    ((Action.REOPEN_ENDED, "button.reopen", Act.REOPEN_ENDED),),
    ((Action.PROMISE, "button.promise", Act.PROMISE),),
    ((Action.WITHDRAW_CORRECTION, "button.withdraw_correction", Act.WITHDRAW_CORRECTION),),
    ((Action.CORRECT, "button.correct", Act.CORRECT), (Action.PUBLISH, "button.publish", Act.PUBLISH)),
    ((Action.UNPUBLISH, "button.edit_public", Act.EDIT_PUBLISHED),),
)
# What refuses, hides or erases stands at the end, each in a row of its own: no thumb finds it beside `Duyệt`.
_APART: tuple[tuple[Action, str, Act], ...] = (
    (Action.UNPUBLISH, "button.unpublish", Act.UNPUBLISH),
    (Action.CONFIRM, "button.confirm_denunciation", Act.CONFIRM_DENUNCIATION),
    (Action.FLAG, "button.flag", Act.FLAG),
    (Action.BLOCK_SENDER, "button.block", Act.BLOCK),
    (Action.ERASE_ASKER, "button.erase_asker", Act.ERASE_ASKER),
    (Action.REFUSE, "button.refuse", Act.REFUSE_CHOOSE),
)


# Stand on other messages too, which keep their words.
_ELSEWHERE_TOO = {Act.REPLY, Act.SUPPLY_FOR, Act.PROMISE}
# Who pressed one of these pressed a card, even where nothing is known of the message.
ONLY_ON_CARDS = {act for row in (*_ROWS, _APART) for _, _, act in row} - _ELSEWHERE_TOO | {
    Act.ASSIGN_TO,
    Act.APPROVE,
    Act.SEND_BACK,
    Act.EDIT_THEN_APPROVE,
    Act.UNBLOCK_OF,
}

# Whoever screens decides on what the card showed: who had the question then (0: nobody) travels along.
_SCREENING = {Act.ASSIGN_CHOOSE, Act.MERGE, Act.REFUSE_CHOOSE}


def _buttons(
    case: Case, known: Facts, suggested: Suggested, shown: QuestionCard, *, decides: bool
) -> Keyboard:
    """What this person may do now, by `domain.questions.life.RULES`; they `decide` only on words shown in full."""
    draft, step = known.draft, known.step
    id_, lead = case.question.id, case.question.lead_agency_id or 0
    rows: list[list[Key]] = []
    if shown.truncated and not shown.draft_cut:
        rows.append([Button("button.whole", Act.OPEN, (id_, "whole"))])
    if case.may(Action.ASSIGN):
        rows += [
            [Button("button.assign_to", Act.ASSIGN_TO, (id_, one.id, lead), text=f"➜ {one.short_name}")]
            for one in suggested.agencies
        ]
    if suggested.field is not None and case.may(Action.SET_FIELD):
        field = suggested.field
        rows.append([Button("", Act.SET_FIELD, (id_, field.code), text=f"🏷 {field.name}")])
    if shown.draft_cut:
        label = "button.read_correction" if shown.correcting else "button.read_draft"
        rows.append([Button(label, Act.OPEN, (id_,))])
    elif draft is not None and step is not None and case.may(approval.ACTIONS[step]):
        args = (id_, draft.id)
        approve = Button("button.approve", Act.APPROVE, args)
        rows.append([approve, Button("button.send_back", Act.SEND_BACK, args)])
        if step is ApprovalStep.EDITOR:
            rows.append([Button("button.edit_then_approve", Act.EDIT_THEN_APPROVE, args)])
    if case.question.secrecy == Secrecy.SUSPECTED and case.question.duplicate_of_id is not None:
        # it is cleared with the one into which it was merged
        rows.append([Button("button.open", Act.OPEN, (case.question.duplicate_of_id,))])
    for row in _ROWS:
        offered = {act: label for action, label, act in row if _offered(case, known, action)}
        if offered:
            rows.append([_button(case, label, act) for act, label in offered.items()])
    rows += _decision_buttons(case, known) if decides else []
    look_up: list[Key] = [Button("button.history", Act.HISTORY, (id_,))]
    if known.attached:
        look_up.insert(0, Button("button.files", Act.FILES, (id_,), count=len(known.attached)))
    rows.append(look_up)
    if shown.asker_blocked is not None and case.may(Action.BLOCK_SENDER):
        rows.append([Button("button.unblock", Act.UNBLOCK_OF, (id_,))])
    rows += _refusing_buttons(case, known) if decides else []
    rows += [[_button(case, label, act)] for action, label, act in _APART if _offered(case, known, action)]
    return rows


def _button(case: Case, label: str, act: Act) -> Button:
    lead = case.question.lead_agency_id or 0
    return Button(label, act, (case.question.id, lead) if act in _SCREENING else (case.question.id,))


def _decision_buttons(case: Case, known: Facts) -> list[list[Key]]:
    """Lay out other decisions that wait for this person: more days, promises."""
    rows: list[list[Key]] = []
    if known.request is not None and case.may(Action.DECIDE_EXTENSION):
        rows.append(
            [Button("button.grant_extension", Act.GRANT_EXTENSION, (case.question.id, known.request.id))]
        )
    return rows + _of_promises(case, known, _KEPT, _MOVED)


def _refusing_buttons(case: Case, known: Facts) -> list[list[Key]]:
    """Lay out the other way to decide the same: no more days, no promise any more."""
    rows: list[list[Key]] = []
    if known.request is not None and case.may(Action.DECIDE_EXTENSION):
        rows.append(
            [Button("button.refuse_extension", Act.REFUSE_EXTENSION, (case.question.id, known.request.id))]
        )
    return rows + _of_promises(case, known, _WITHDRAWN)


def _of_promises(case: Case, known: Facts, *offered: tuple[str, Act]) -> list[list[Key]]:
    """Lay out a row for each promise that somebody follows up."""
    if not case.may(Action.FOLLOW_UP):
        return []
    return _promise_rows(
        case.work, case.question, [one for one in known.promises if one.kept_at is None], offered
    )


_KEPT = ("button.promise_kept", Act.PROMISE_KEPT)
_MOVED = ("button.promise_move", Act.PROMISE_MOVE)
_WITHDRAWN = ("button.promise_withdraw", Act.PROMISE_WITHDRAW)


def _promise_rows(
    work: Work,
    question: QuestionRow,
    held: Sequence[PromiseRow],
    offered: Sequence[tuple[str, Act]],
) -> list[list[Key]]:
    local = work.programme.local
    return [
        [
            Button(label, act, (question.id, one.id), detail=f"{local(one.due_at):%d/%m}")
            for label, act in offered
        ]
        for one in held
    ]


def promise_follow_up_buttons(work: Work, question: QuestionRow, held: Sequence[PromiseRow]) -> Keyboard:
    """Make buttons to move or withdraw promises that a corrected answer no longer names."""
    return _promise_rows(work, question, held[:PROMISES_OFFERED], (_MOVED, _WITHDRAWN))


def _offered(case: Case, known: Facts, action: Action) -> bool:
    """Return whether an action is permitted and not pointless."""
    if action in (Action.CLEAR, Action.CONFIRM):
        return case.may(action) and case.question.secrecy == Secrecy.SUSPECTED
    if action is Action.ERASE_ASKER:
        return case.may(action) and known.asker.erased_at is None
    if action is Action.BLOCK_SENDER:
        free = blocked_until(case.work, known.asker) is None and not known.asker.holds_role
        return case.may(action) and free and people.can_be_reached(known.asker)
    if action is Action.SUPPLY:
        return case.may(action) and Capacity.ASKER not in case.capacities  # theirs is a button of its own
    if action is Action.REOPEN_ENDED:
        until = known.editor_reopens_until
        return case.may(action) and until is not None and case.work.now <= until
    waiting = known.draft if known.draft is not None and known.draft.corrects_id is not None else None
    if action is Action.CORRECT:
        return case.may(action) and waiting is None
    if action is Action.WITHDRAW_CORRECTION:
        return case.may(action) and waiting is not None and is_theirs(case, waiting)
    if action is Action.PUBLISH:
        return case.may(action) and case.question.published_at is None
    if action is Action.UNPUBLISH:
        return case.may(action) and case.question.published_at is not None
    return case.may(action)


def is_theirs(case: Case, correction: WordedDraftRow) -> bool:
    """Return whether somebody stands on the side that proposed a correction.

    Its agency's, or the editors'.
    """
    side = {Capacity.EDITOR, Capacity.ADMIN} if correction.agency_id is None else {Capacity.OFFICER}
    return not case.capacities.isdisjoint(side)


# --- who gets a card ----------------------------------------------------------------------------------------


async def show_to_editors(
    work: Work, question: QuestionRow, headline: str, *, suggested: Sequence[AgencyRow] = ()
) -> None:
    """Send the card to every editor; admins find it in `/moi`."""
    await _show(work, await roles.holders(work, Role.EDITOR), question, headline, suggested)


async def show_to_agencies(
    work: Work, question: QuestionRow, assigned: list[AssignedRow], headline: str
) -> None:
    """Send the card to the officers of the lead and coordinating agencies."""
    officers = [
        officer for row in assigned for officer in await roles.holders(work, Role.OFFICER, row.agency_id)
    ]
    await _show(work, officers, question, headline)


async def show_to_approvers(
    work: Work, question: QuestionRow, assigned: list[AssignedRow], step: ApprovalStep, *, grown: bool = False
) -> None:
    """Send the card with the draft to whoever decides the next step.

    Of a draft that has `grown` the card they have is rewritten, where all of it fits there.
    """
    if step is ApprovalStep.LEADER:
        approvers = await roles.holders(work, Role.LEADER, question.lead_agency_id)
    else:
        approvers = await roles.holders(work, Role.EDITOR)
    headline = "correction" if question.status in ANSWERED_STATUSES else "in_approval"
    if grown:
        approvers = await _rewrite_decisions(work, approvers, question, headline)
    await _show(work, approvers, question, headline)


async def _rewrite_decisions(
    work: Work, approvers: list[PersonRow], question: QuestionRow, headline: str
) -> list[PersonRow]:
    """Rewrite the cards below which a draft was to be decided on; returns the people who need another card."""
    had = await _asking(work, question)
    left = []
    for reader in await actors_of(work, approvers):
        row = had.pop(reader.id, None)
        notice, buttons = await card(work, reader, question, headline)
        if row is not None and notify.fits(work, reader.person, notice, buttons):
            await notify.rewrite(work, reader.person, notice, buttons, edit_of=row.id)
            continue
        if row is not None:
            await _take_buttons(work, reader.person, row)
        left.append(reader.person)
    return left


async def retire(work: Work, question: QuestionRow) -> None:
    """Take the buttons off the cards that ask for a decision on a draft."""
    rows = await _asking(work, question)
    readers = await people.by_ids(work, rows)
    for person_id, row in rows.items():
        await _take_buttons(work, readers[person_id], row)


async def _take_buttons(work: Work, person: PersonRow, row: OutboxRow) -> None:
    if not await outbox.drop(work, row.id):
        await notify.take_buttons_away(work, person, edit_of=row.id)


async def _asking(work: Work, question: QuestionRow) -> dict[int, OutboxRow]:
    """By person, the newest message below which they were to decide on a draft; it may have been changed since."""
    asks = Button("button.approve", Act.APPROVE, (question.id, "")).data
    return {
        row.person_id: row
        for row in await outbox.of_question(work, question.id)
        if any(data.startswith(asks) for line in row.content.get("buttons") or () for _label, data in line)
    }


async def _show(
    work: Work,
    people_: list[PersonRow],
    question: QuestionRow,
    headline: str,
    suggested: Sequence[AgencyRow] = (),
) -> None:
    """Queue everybody's card: read the question once, lay it out once per view."""
    laid_out: dict[View, tuple[Notice, Keyboard]] = {}
    told = []
    for reader in await actors_of(work, people_):
        seen = view(await standing(work, question), reader)
        if seen not in laid_out:
            laid_out[seen] = await card(work, reader, question, headline, suggested=suggested)
        told.append((reader.person, *laid_out[seen]))
        shown_now(work, question.id, reader.id)
    await tell_each(work, told, question_id=question.id, about="card", card=True)


def shown_now(work: Work, question_id: int, person_id: int) -> None:
    """Remember that somebody is shown a current card in this transaction.

    It need not be changed at the end of it."""
    work.memo["card", question_id, person_id] = changes(work, question_id)


async def take_from(work: Work, question: QuestionRow) -> None:
    """Remove the buttons from cards of staff whom a question no longer concerns."""
    rows = [
        row
        for row in await outbox.of_question(work, question.id)
        if row.kind not in (outbox.FILE, outbox.ALBUM) and row.content.get("buttons")
    ]
    had = await people.by_ids(work, (row.person_id for row in rows))
    readers = {one.id: one for one in await actors_of(work, list(had.values()))}
    for row in rows:
        staff = readers[row.person_id]
        concerned = bool(view(await standing(work, question), staff).desk)
        if not staff.is_staff or concerned:
            continue
        # What may be undone drops nothing: a card that is on its way loses its buttons afterwards.
        if work.held is not None or not await outbox.drop(work, row.id):
            await notify.take_buttons_away(work, staff.person, edit_of=row.id)


# --- small keyboards ---------------------------------------------------------------------------------------------


def own_question_buttons(question: QuestionRow) -> Keyboard:
    return [
        [
            Button("button.track", Act.TRACK, (question.id,)),
            Button("button.withdraw", Act.WITHDRAW, (question.id,)),
        ]
    ]


def meant_buttons(question: QuestionRow) -> Keyboard:
    """Lay out what an asker may have meant, where the machine is not sure."""
    return [
        [
            Button("button.just_asking", Act.SAY_MEANT, (question.id, "question")),
            Button("button.denouncing", Act.SAY_MEANT, (question.id, "denunciation")),
        ]
    ]


def sent_back_buttons(question: QuestionRow) -> Keyboard:
    """Lay out buttons for officers whose draft came back."""
    return [[Button("button.edit_earlier", Act.EDIT_EARLIER, (question.id,))], *open_button(question)]


def open_button(question: QuestionRow) -> Keyboard:
    return [[Button("button.open", Act.OPEN, (question.id,))]]


def look_button(question: QuestionRow) -> Keyboard:
    """Make the button to a suspected denunciation.

    Its text is shown only to an editor who asks for it.
    """
    return [[Button("button.look", Act.OPEN, (question.id,))]]


def extension_buttons(question: QuestionRow, request: ExtensionRow) -> Keyboard:
    """Make an editor's buttons to decide whether an agency is given more days."""
    args = (question.id, request.id)
    return [
        [Button("button.grant_extension", Act.GRANT_EXTENSION, args)],
        [Button("button.grant_in_words", Act.GRANT_IN_WORDS, args)],
        *open_button(question),
        [Button("button.refuse_extension", Act.REFUSE_EXTENSION, args)],
    ]


def promise_buttons(question: QuestionRow, days: Sequence[date]) -> Keyboard:
    """Make buttons for the days that an answer names, to follow up its promises."""
    return [
        [Button("button.promise", Act.PROMISE, (question.id, day.isoformat()), text=f"{day:%d/%m/%Y}")]
        for day in days[:PROMISES_OFFERED]
    ]


def reply_button(question: QuestionRow) -> Keyboard:
    return [[Button("button.reply", Act.REPLY, (question.id,))]]


def supply_button(question: QuestionRow) -> Keyboard:
    """Make an editor's button to enter the reply of an asker without a messenger."""
    return [[Button("button.supply_for", Act.SUPPLY_FOR, (question.id,))]]


def reopen_button(question: QuestionRow) -> Keyboard:
    return [[Button("button.reopen", Act.REOPEN, (question.id,))]]


def delivered_button(question: QuestionRow) -> Keyboard:
    return [[Button("button.delivered", Act.DELIVERED, (question.id,))]]


def pass_on_files_button(question: QuestionRow) -> Keyboard:
    return [[Button("button.pass_on_files", Act.PASS_ON_FILES, (question.id,))]]


def rating_buttons(question: QuestionRow, *, may_reopen: bool) -> Keyboard:
    stars = [Button(f"button.rate_{stars}", Act.RATE, (question.id, stars)) for stars in range(1, 6)]
    return [stars, *([list(reopen_button(question)[0])] if may_reopen else [])]


def publication_buttons(question: QuestionRow) -> Keyboard:
    return [
        [
            Button("button.yes_publish", Act.CONSENT_PUBLICATION, (question.id, "yes")),
            Button("button.no_publish", Act.CONSENT_PUBLICATION, (question.id, "no")),
        ]
    ]
