"""What time does by itself: found by what is missing, so that a late or repeated tick does no harm."""

from services import answering
from storage.database import Database


async def tick(database: Database) -> dict[str, int]:
    """Do once all that is due now; returns how much of each kind was done."""
    async with database.work() as work:
        closed = await answering.close_when_due(work)
    return {"closed": closed}
