"""Named queries on drafts of answers and their approvals; the sent draft is the answer."""

from typing import Protocol

import sqlalchemy as sa

from storage.engine.database import Work
from storage.rows import ApprovalRow, DraftRow, QuestionRow
from storage.tables import approvals, drafts, entries


class WordedDraftRow(DraftRow, Protocol):
    """With its words; null once erased."""

    text: str | None
    agency_id: int | None  # for which it was written; null: an editor's


_WORDED = sa.select(drafts, entries.c.text, entries.c.agency_id).join(
    entries, entries.c.id == drafts.c.entry_id
)


async def open_of(work: Work, question_id: int) -> WordedDraftRow | None:
    """Return the draft that waits for approval, with its `text`, or None."""
    return await work.one_or_none(
        _WORDED.where(drafts.c.question_id == question_id, drafts.c.outcome.is_(None))
    )


async def by_id(work: Work, draft_id: int) -> WordedDraftRow | None:
    return await work.one_or_none(_WORDED.where(drafts.c.id == draft_id))


async def sent(work: Work, question: QuestionRow) -> WordedDraftRow:
    """Return the draft that went out as a question's answer."""
    assert question.answer_id is not None, "what is answered has an answer"
    draft = await by_id(work, question.answer_id)
    assert draft is not None
    return draft


async def of_entry(work: Work, entry_id: int) -> DraftRow | None:
    """Return the draft with these words; where it grew, the newest of them."""
    return await work.one_or_none(
        sa.select(drafts).where(drafts.c.entry_id == entry_id).order_by(drafts.c.id.desc()).limit(1)
    )


async def latest_of(work: Work, question_id: int) -> WordedDraftRow | None:
    """Return the newest draft of a question, whatever became of it, with its `text`."""
    return await work.one_or_none(
        _WORDED.where(drafts.c.question_id == question_id).order_by(drafts.c.id.desc()).limit(1)
    )


async def of_album(work: Work, person_id: int, album: str) -> DraftRow | None:
    """Return the draft that an album of this person brought, or None."""
    return await work.one_or_none(
        sa.select(drafts)
        .where(drafts.c.submitted_by == person_id, drafts.c.album == album)
        .order_by(drafts.c.id.desc())
        .limit(1)
    )


async def add(work: Work, **values: object) -> int:
    return await work.insert(drafts, submitted_at=work.now, **values)


async def settle(work: Work, draft_id: int, outcome: str) -> None:
    await work.run(sa.update(drafts).where(drafts.c.id == draft_id).values(outcome=outcome))


async def approvals_of(work: Work, draft_id: int) -> list[ApprovalRow]:
    return await work.all(
        sa.select(approvals).where(approvals.c.draft_id == draft_id).order_by(approvals.c.id)
    )


async def take_over_approvals(work: Work, before: int, draft_id: int) -> None:
    """Copy the approvals of a draft to the one that takes its place, unchanged."""
    await work.run(
        sa.insert(approvals).from_select(
            ["draft_id", "step", "approver_id", "at"],
            sa.select(sa.literal(draft_id), approvals.c.step, approvals.c.approver_id, approvals.c.at).where(
                approvals.c.draft_id == before
            ),
        )
    )


async def approve(work: Work, draft_id: int, step: str, approver_id: int) -> None:
    await work.insert(approvals, draft_id=draft_id, step=step, approver_id=approver_id, at=work.now)
