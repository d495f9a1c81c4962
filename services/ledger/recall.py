"""Takes exported ledgers back.

Those that hold what has become secret or was erased since, and those of somebody who may not have them any more. What
nobody has seen is made anew. What was sent disappears from the chat, as far as the messenger lets us.
"""

from domain.questions.life import Role
from messages.notices.ledger import LedgerTakenBack
from services import notify
from services.people.actors import Actor
from services.people.ended_roles import Phase, ends_with_role
from services.recall import GONE, Recall, Why, outlet
from storage.delivery import files, outbox
from storage.engine.database import Work
from storage.ledger import exports
from storage.ledger.exports import ExportState, period_of
from storage.people import people
from storage.rows import LedgerExportRow


@outlet("ledgers", holds=("ledger_exports.checksum",), why=[Why.HIDDEN, *GONE])
async def take_back(work: Work, recall: Recall) -> None:
    """Take back every export that may hold one of these questions."""
    days = {work.programme.local(question.received_at).date() for question in recall.questions}
    for export in await exports.standing(work):
        period = period_of(export)
        if not any(day in period for day in days):
            continue
        if export.checksum is not None:
            await files.discard(work, {export.checksum})
        if await _unseen(work, export):
            await exports.make_again(work, export.id)
            continue
        await exports.drop(work, export.id)
        if export.outbox_id is not None:
            person = await people.by_id(work, export.person_id)
            await notify.take_back(work, person, edit_of=export.outbox_id)
            await notify.tell(work, person, LedgerTakenBack(period.first, period.last))


@ends_with_role(Phase.BEGUN)
async def take_back_from(work: Work, left: Actor, _by: int | None) -> None:
    """Take back every export of somebody who is no longer an admin.

    Whether it is made, on its way, or in their chat.
    """
    if left.holds(Role.ADMIN):
        return
    person = left.person
    for export in await exports.standing(work):
        if export.person_id != person.id:
            continue
        if export.checksum is not None:
            await files.discard(work, {export.checksum})
        unseen = await _unseen(work, export)
        await exports.drop(work, export.id)
        if not unseen and export.outbox_id is not None:
            await notify.take_back(work, person, edit_of=export.outbox_id)


async def _unseen(work: Work, export: LedgerExportRow) -> bool:
    if export.state == ExportState.MADE and export.outbox_id is not None:
        return await outbox.drop(work, export.outbox_id)
    return bool(export.state == ExportState.ASKED)
