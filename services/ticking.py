"""What time does by itself: found by what is missing, so that a late or repeated tick does no harm."""

from datetime import timedelta

from services import announcements, answers, broadcast_cards, digests, reminding, waiting
from services.official_year import warn_of_unconfirmed_year
from storage import broadcast_drafts, files, inbox, outbox, people
from storage.database import Database


async def tick(database: Database) -> dict[str, int]:
    """Do once all that is due now; returns how much of each kind was done."""
    async with database.work() as work:
        closed = await answers.close_when_due(work)
    async with database.work() as work:
        resumed = await waiting.resume_unanswered(work)
    async with database.work() as work:
        years = await warn_of_unconfirmed_year(work)
    return {
        "closed": closed,
        "resumed": resumed,
        "year_warnings": years,
        "reminded": await reminding.remind(database),
        **await digests.send_digests(database),
        **await announcements.announce(database),
        "progress_shown": await broadcast_cards.show_progress(database),
    }


async def forget(database: Database) -> dict[str, int]:
    """Drop what is no part of the ledger once its time is over (`[privacy]`, calendar days).

    Of sent messages only the words go: what a reply to them means is still known.
    """
    async with database.work(long=True) as work:
        now, rules = work.now, work.programme
        return {
            "updates": await inbox.forget(work, now - timedelta(days=rules.inbox_days)),
            "messages": await outbox.forget(work, now - timedelta(days=rules.outbox_days)),
            "drafts": await people.forget_conversations(work, now - timedelta(days=rules.draft_days)),
            "broadcast_drafts": await broadcast_drafts.forget(work, now - timedelta(days=rules.draft_days)),
            "draft_files": await files.forget_unsent(work, now - timedelta(days=rules.draft_days)),
        }
