"""Occasions to tell somebody at most once: whoever inserts the row may tell them."""

import sqlalchemy as sa

from storage.engine.database import Work
from storage.tables import occasions


async def claim(work: Work, recipient: str, kind: str, occasion: str) -> bool:
    """Claim an occasion for a recipient.

    False when it was claimed before, by whichever process.
    """
    insert = work.upsert(occasions).values(recipient=recipient, kind=kind, occasion=occasion, at=work.now)
    result = await work.run(
        insert.on_conflict_do_nothing(index_elements=["recipient", "kind", "occasion"]).returning(
            occasions.c.recipient
        )
    )
    return result.first() is not None


async def claimed(work: Work, kind: str, occasion: str) -> set[str]:
    """Return the recipients for whom an occasion was claimed.

    By index.
    """
    rows = await work.all(
        sa.select(occasions.c.recipient).where(occasions.c.kind == kind, occasions.c.occasion == occasion)
    )
    return {str(row.recipient) for row in rows}
