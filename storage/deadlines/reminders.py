"""The rungs that each message of reminders held, so that nobody hears one twice."""

from collections.abc import Collection, Sequence
from datetime import date

import sqlalchemy as sa

from storage.delivery.outbox import OutboxState
from storage.engine.database import Work
from storage.rows import ReminderRow
from storage.tables import outbox, reminders

# A message that has not left yet says nothing: what it holds goes into the newer one that takes its place.
_TOLD = (OutboxState.SENDING, OutboxState.SENT, OutboxState.FORGOTTEN)
Key = tuple[str, str, int, date, str]  # recipient, matter, subject, due on, rung


async def told(work: Work, matters: Collection[str], due_from: date) -> set[Key]:
    """Return the rungs that people were told, for due dates from a day on.

    Of these matters; by index.
    """
    rows = await work.all(
        sa.select(reminders)
        .join(outbox, outbox.c.id == reminders.c.outbox_id)
        .where(
            reminders.c.due_on >= due_from,
            reminders.c.matter.in_(list(matters)),
            outbox.c.state.in_(_TOLD),
        )
    )
    return {(row.recipient, row.matter, row.subject_id, row.due_on, row.rung) for row in rows}


async def put(work: Work, outbox_id: int, keys: Sequence[Key]) -> None:
    """Record what one message holds.

    Rungs of an older message that never left move to it.
    """
    columns = ("recipient", "matter", "subject_id", "due_on", "rung")
    rows = [dict(zip(columns, key, strict=True)) | {"at": work.now, "outbox_id": outbox_id} for key in keys]
    insert = work.upsert(reminders)
    await work.run(
        insert.values(rows).on_conflict_do_update(
            index_elements=list(columns),
            set_={"at": insert.excluded.at, "outbox_id": insert.excluded.outbox_id},
        )
    )


async def in_message(work: Work, outbox_id: int) -> list[ReminderRow]:
    return await work.all(sa.select(reminders).where(reminders.c.outbox_id == outbox_id))
