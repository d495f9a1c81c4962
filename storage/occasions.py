"""What somebody is told at most once - a day's reminders, a digest, a warning: whoever claims it first tells it."""

import sqlalchemy as sa

from storage.database import Work
from storage.tables import occasions


async def claim(work: Work, recipient: str, kind: str, occasion: str) -> bool:
    """Take an occasion for oneself; False when it was taken before, in this process or another."""
    insert = work.upsert(occasions).values(recipient=recipient, kind=kind, occasion=occasion, at=work.now)
    return (await work.run(insert.on_conflict_do_nothing())).rowcount == 1


async def claimed_for(work: Work, kind: str, occasion: str) -> set[str]:
    """The recipients for whom an occasion has been claimed; by index."""
    rows = await work.all(
        sa.select(occasions.c.recipient).where(occasions.c.kind == kind, occasions.c.occasion == occasion)
    )
    return {row.recipient for row in rows}
