"""Proposes to correct an answer that went out, and withdraws such a proposal.

Approving, sending back and sending it out is in `services.questions.answers`, for an answer's draft and a correction's
are the same (docs/decisions/0043).
"""

from collections.abc import Sequence
from typing import Any

from domain.errors import Reason, RuleViolation
from domain.questions.codes import Code
from domain.questions.history import EntryKind, Event
from domain.questions.life import Action, ApprovalStep, Capacity
from domain.vietnamese.text import clean
from messages.notices.answers import CorrectionWithdrawn, DraftReplaced
from services.notify import tell
from services.people.actors import Actor
from services.people.desk import name_of
from services.questions import answers, approval, cards, undoing
from services.questions.case import Case, open_case
from storage.delivery import files
from storage.engine.database import Work
from storage.questions import answer_drafts
from storage.questions.answer_drafts import WordedDraftRow


async def to_propose(work: Work, actor: Actor, which: Code | int, corrects: int | None = None) -> Case:
    """Return an answered question, for somebody who may propose to correct it now.

    Raises `RuleViolation`, also where a correction of the other side's waits, or the answer is no longer the one that
    it `corrects` (drafts.id).
    """
    case = await open_case(work, actor, Action.CORRECT, which)
    if corrects not in (None, case.question.answer_id):
        raise RuleViolation(Reason.CORRECTED_MEANWHILE, code=case.code)
    waiting = await answer_drafts.open_of(work, case.question.id)
    if waiting is not None and not cards.is_theirs(case, waiting):
        step = await approval.step_now(work, case.question, waiting.id)
        raise RuleViolation(
            Reason.CORRECTION_WAITS,
            code=case.code,
            editors=waiting.agency_id is None,
            step=step or ApprovalStep.EDITOR,
        )
    return case


async def propose(
    work: Work,
    actor: Actor,
    which: Code | int,
    text: str,
    why: str = "",
    *,
    file_ids: Sequence[int] | None = None,
    official_letter: str | None = None,
    corrects: int | None = None,
) -> Case:
    """Propose another text and other files for an answer that went out, with the reason.

    Without `file_ids` it has those of the answer, without a letter that of the answer. It takes the place of one that
    waits, of the same side, whose reason stands where none is given. Where nobody's approval is needed it goes out.
    """
    case = await to_propose(work, actor, which, corrects)
    answer = await answer_drafts.sent(work, case.question)
    if file_ids is None:
        file_ids = [one.id for one in await files.of_entry(work, answer.entry_id)]
    text, why = clean(text), clean(why)
    await require_change(work, case, text, file_ids, official_letter)
    waiting = await answer_drafts.open_of(work, case.question.id)
    why_entry_id = None if waiting is None or why else waiting.why_entry_id
    if not why and why_entry_id is None:
        raise RuleViolation(Reason.REASON_MISSING, code=case.code)
    noted = await undoing.before(case)
    if waiting is not None:
        await cards.retire(work, case.question)
        await answer_drafts.settle(work, waiting.id, "replaced")
    if why_entry_id is None:
        why_entry_id = await case.write(EntryKind.CORRECTION_REASON, why)
    entry_id = await case.write(EntryKind.DRAFT, text)
    await _give_files(work, case, answer, file_ids, entry_id)
    draft_id = await answer_drafts.add(
        work,
        question_id=case.question.id,
        entry_id=entry_id,
        official_letter=official_letter or answer.official_letter,
        submitted_by=actor.id,
        corrects_id=answer.id,
        why_entry_id=why_entry_id,
    )
    if waiting is not None:
        await _tell_colleague(case, waiting, DraftReplaced(code=case.code, by=name_of(actor.person)))
    if work.programme.correct_alone and case.capacity in (Capacity.EDITOR, Capacity.ADMIN):
        async with undoing.undoable(case, Event.CORRECTED, noted):
            await answers.correct(case, draft_id, alone=True)
        return case
    step = await approval.step_now(work, case.question, draft_id)
    agency = case.agency_of_actor() if case.capacity is Capacity.OFFICER else None
    details: dict[str, Any] = {"earlier_entry": answer.entry_id, "why_entry": why_entry_id}
    details |= {} if agency is None else {"agency": agency.code}
    details |= {} if step is None else {"waits_for": step}
    await case.record(Event.CORRECTION_PROPOSED, entry_id=entry_id, details=details)
    if step is ApprovalStep.EDITOR and await _decides_alone(case):
        draft = await answer_drafts.by_id(work, draft_id)
        assert draft is not None
        step = await answers.note_approval(case, draft, step)
    if step is None:
        async with undoing.undoable(case, Event.CORRECTED, noted):
            await answers.correct(case, draft_id)
    else:
        await cards.show_to_approvers(work, case.question, case.assigned, step)
    return case


async def require_change(
    work: Work, case: Case, text: str, file_ids: Sequence[int], official_letter: str | None
) -> None:
    """Raise `RuleViolation` unless a correction says something, other than what went out."""
    if not text and not file_ids:
        raise RuleViolation(Reason.TEXT_MISSING, code=case.code)
    if len(text) > work.programme.question_characters:
        raise RuleViolation(Reason.TOO_LONG, limit=work.programme.question_characters)
    await answers.expect_correction(work, case, text, file_ids, official_letter)


async def _give_files(
    work: Work, case: Case, answer: WordedDraftRow, file_ids: Sequence[int], entry_id: int
) -> None:
    """Files of the answer stay with it, for it stands until the correction goes out."""
    theirs = {one.id for one in await files.of_entry(work, answer.entry_id)}
    await files.copy(work, [one for one in file_ids if one in theirs], case.question.id, entry_id)
    await files.attach(work, [one for one in file_ids if one not in theirs], case.question.id, entry_id)


async def _decides_alone(case: Case) -> bool:
    """Whether the editors decide, and this one is the only one who can."""
    own = case.capacity in (Capacity.EDITOR, Capacity.ADMIN)
    return own and not await approval.decided_by_another(case.work, case.actor.id)


async def withdraw(work: Work, actor: Actor, which: Code | int) -> Case:
    """Withdraw the correction that waits; whoever of that side proposed it is told.

    Raises `RuleViolation`: none waits, or it is the other side's.
    """
    case = await open_case(work, actor, Action.WITHDRAW_CORRECTION, which)
    waiting = await answer_drafts.open_of(work, case.question.id)
    if waiting is None:
        raise RuleViolation(Reason.NO_CORRECTION, code=case.code)
    if not cards.is_theirs(case, waiting):
        raise RuleViolation(Reason.NOT_ALLOWED, code=case.code)
    await cards.retire(work, case.question)
    await answer_drafts.settle(work, waiting.id, "withdrawn")
    await case.record(Event.CORRECTION_WITHDRAWN, entry_id=waiting.entry_id)
    await _tell_colleague(case, waiting, CorrectionWithdrawn(code=case.code, by=name_of(actor.person)))
    return case


async def _tell_colleague(
    case: Case, waiting: WordedDraftRow, notice: DraftReplaced | CorrectionWithdrawn
) -> None:
    """Tell who proposed it, where that was somebody else who still stands on that side."""
    if waiting.submitted_by in (None, case.actor.id):
        return
    id_, button = case.question.id, cards.open_button(case.question)
    for one in await answers.proposers_of(case.work, case.question, waiting):
        if one.id == waiting.submitted_by:
            await tell(case.work, one, notice, button, question_id=id_, about="card")
