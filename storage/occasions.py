"""What somebody is told at most once: each occasion is claimed before they are told."""

from storage.database import Work
from storage.tables import occasions


async def claim(work: Work, recipient: str, kind: str, occasion: str) -> bool:
    """Take an occasion for a recipient ("person:12"); False when it was taken before, by whatever process."""
    insert = work.upsert(occasions).values(recipient=recipient, kind=kind, occasion=occasion, at=work.now)
    return (await work.run(insert.on_conflict_do_nothing())).rowcount == 1
