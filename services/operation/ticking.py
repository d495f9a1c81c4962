"""What happens by time alone.

Each part finds what is missing, so that a late or repeated tick does no harm.
"""

from services.broadcasts import card
from services.calendar.official_year import warn_of_unconfirmed_year
from services.deadlines import clarifications, reminding
from services.ledger import digests
from services.privacy import left_chats
from services.questions import answers
from services.subscribers import announcements
from storage.engine.database import Database


async def tick(database: Database) -> dict[str, int]:
    """Do once all that is due now; return how much of each kind was done."""
    async with database.work() as work:
        closed = await answers.close_when_due(work)
    async with database.work() as work:
        resumed = await clarifications.resume_unanswered(work)
    cleared = await left_chats.go_on(database)
    async with database.work() as work:
        years = await warn_of_unconfirmed_year(work)
    return {
        "closed": closed,
        "resumed": resumed,
        "year_warnings": years,
        "left_chats": cleared,
        "reminded": await reminding.remind(database),
        **await digests.send_digests(database),
        **await announcements.announce(database),
        "progress_shown": await card.show_progress(database),
    }
