"""Drops what is kept only for a time (`[privacy]`).

Copies outside the ledger, and who asked, once that is long over. In pieces, each in a transaction of its own, so that
nobody waits long behind one.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from dateutil.relativedelta import relativedelta

from domain.privacy.audit import AuditAct
from services.people import sources
from services.privacy import erasing
from storage.broadcasts import drafts
from storage.delivery import files, inbox, outbox
from storage.engine import facts
from storage.engine.database import PIECE, Database, Work
from storage.operation import audit
from storage.people import blocks, conversations, taken
from storage.privacy import erasing as stored
from storage.questions import being_written

MESSAGES_FORGOTTEN = "messages_forgotten"  # fact: no message queued before this moment has words
# A message may be settled long after it was queued, for who could not be reached.
LATELY_SETTLED = timedelta(days=30)
PEOPLE_AT_ONCE = 50


async def apply(database: Database) -> dict[str, int]:
    """Drop what was kept long enough; return how much of each kind.

    Calendar days and years. Of sent messages only the words go: what a reply to them means is still known.
    """
    rules, now = database.programme, database.clock.now()
    drafts_until = now - timedelta(days=rules.draft_days)
    done = {
        "updates": await _in_pieces(
            database, lambda work: inbox.forget(work, now - timedelta(days=rules.inbox_days), PIECE)
        ),
        "messages": await _messages(database, now - timedelta(days=rules.outbox_days)),
        "drafts": await _in_pieces(database, lambda work: conversations.forget(work, drafts_until, PIECE)),
        "broadcast_drafts": await _in_pieces(database, lambda work: drafts.forget(work, drafts_until, PIECE)),
        "answers_being_written": await _in_pieces(
            database, lambda work: being_written.forget(work, drafts_until, PIECE)
        ),
        "blocks": await _in_pieces(
            database, lambda work: blocks.forget(work, now - timedelta(days=rules.outbox_days), PIECE)
        ),
        "draft_files": await _in_pieces(database, lambda work: _draft_files(work, drafts_until)),
        "identities": await _identities(database, now),
    }
    async with database.work() as work:
        await taken.forget(work, database.programme.local(now).date())
        await sources.forget(work)
    if any(done.values()):
        counted = {what: count for what, count in done.items() if count}
        async with database.work() as work:
            await audit.add(work, AuditAct.RETENTION_APPLIED, "database", actor_id=None, details=counted)
    return done


async def _in_pieces(database: Database, forget_some: Callable[[Work], Awaitable[int]]) -> int:
    total = 0
    while True:
        async with database.work(long=True) as work:
            done = await forget_some(work)
        total += done
        if done < PIECE:
            return total


async def _messages(database: Database, before: datetime) -> int:
    async with database.reading() as work:
        known = await facts.get(work, MESSAGES_FORGOTTEN)
    since = None if known is None else datetime.fromisoformat(known) - LATELY_SETTLED
    total = await _in_pieces(database, lambda work: outbox.forget(work, before, PIECE, since=since))
    async with database.work() as work:
        await facts.put(work, MESSAGES_FORGOTTEN, before.isoformat())
    return total


async def _draft_files(work: Work, before: datetime) -> int:
    checksums = await files.forget_unsent(work, before, PIECE)
    await files.discard(work, {one for one in checksums if one is not None})
    return len(checksums)


async def _identities(database: Database, now: datetime) -> int:
    """Erase people all of whose questions were answered, or ended, so many years ago."""
    if not database.programme.identity_years:
        return 0
    before = now - relativedelta(years=database.programme.identity_years)
    total = last = 0
    while True:
        async with database.reading() as work:
            found = await stored.done_with(work, before, after_id=last, limit=PEOPLE_AT_ONCE)
        for person in found:
            async with database.work() as work:
                # looked at again: they may have asked something meanwhile
                again = await stored.done_with(work, before, after_id=person.id - 1, limit=1)
                if [row.id for row in again] == [person.id]:
                    await erasing.erase_identity(work, person)
                    total += 1
        if len(found) < PEOPLE_AT_ONCE:
            return total
        last = found[-1].id
