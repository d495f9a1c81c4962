"""Named queries on drafts of answers and their approvals; the sent draft is the answer."""

import sqlalchemy as sa

from storage.engine.database import Work
from storage.tables import Row, approvals, drafts, entries


async def open_of(work: Work, question_id: int) -> Row | None:
    """Return the draft that waits for approval, with its `text`, or None."""
    return await work.one_or_none(
        sa.select(drafts, entries.c.text)
        .join(entries, entries.c.id == drafts.c.entry_id)
        .where(drafts.c.question_id == question_id, drafts.c.outcome.is_(None))
    )


async def by_id(work: Work, draft_id: int) -> Row | None:
    return await work.one_or_none(
        sa.select(drafts, entries.c.text)
        .join(entries, entries.c.id == drafts.c.entry_id)
        .where(drafts.c.id == draft_id)
    )


async def of_entry(work: Work, entry_id: int) -> Row | None:
    return await work.one_or_none(sa.select(drafts).where(drafts.c.entry_id == entry_id))


async def of_album(work: Work, person_id: int, album: str) -> Row | None:
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


async def approvals_of(work: Work, draft_id: int) -> list[Row]:
    return await work.all(
        sa.select(approvals).where(approvals.c.draft_id == draft_id).order_by(approvals.c.id)
    )


async def approve(work: Work, draft_id: int, step: str, approver_id: int) -> None:
    await work.insert(approvals, draft_id=draft_id, step=step, approver_id=approver_id, at=work.now)
