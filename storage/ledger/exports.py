"""Named queries on exports of the ledger.

A handful of rows at any time: none is kept for long.
"""

from datetime import timedelta
from enum import StrEnum
from typing import Protocol

import sqlalchemy as sa

from domain.delivery import TAKEN_BACK_WITHIN
from domain.periods import Period
from storage.delivery.outbox import OutboxState
from storage.engine.database import Work
from storage.rows import LedgerExportRow
from storage.tables import ledger_exports, outbox

UNSENT_FOR = timedelta(days=1)  # a file that could not be delivered for so long is not kept any longer


class ExportState(StrEnum):
    """The state of an export."""

    ASKED = "asked"  # to be made, or made anew
    MADE = "made"  # its file is kept, and its message queued
    OVER = "over"  # delivered or not, its file is not kept any more


async def add(work: Work, person_id: int, period: Period) -> int:
    return await work.insert(
        ledger_exports,
        person_id=person_id,
        first_on=period.first,
        last_on=period.last,
        state=ExportState.ASKED,
        asked_at=work.now,
    )


def period_of(row: LedgerExportRow) -> Period:
    """Return the days of receipt that an export spans."""
    return Period(row.first_on, row.last_on)


async def is_under_way(work: Work, person_id: int, period: Period) -> bool:
    """Return whether somebody already waits for an export of this period."""
    query = sa.select(sa.literal(1)).where(
        ledger_exports.c.person_id == person_id,
        ledger_exports.c.first_on == period.first,
        ledger_exports.c.last_on == period.last,
        ledger_exports.c.state != ExportState.OVER,
    )
    return await work.value(query.limit(1)) is not None


async def next_to_make(work: Work) -> LedgerExportRow | None:
    """Return the next export to make: the untried first, then the oldest."""
    return await work.one_or_none(
        sa.select(ledger_exports)
        .where(ledger_exports.c.state == ExportState.ASKED)
        .order_by(ledger_exports.c.tries, ledger_exports.c.id)
        .limit(1)
    )


async def tried(work: Work, export_id: int) -> int:
    """Count one more try; return how many there were."""
    counted = sa.update(ledger_exports).where(ledger_exports.c.id == export_id)
    result = await work.run(
        counted.values(tries=ledger_exports.c.tries + 1).returning(ledger_exports.c.tries)
    )
    return int(result.scalar_one())


async def claim(work: Work, row: LedgerExportRow, checksum: str) -> bool:
    """Record that an export is made as it was read.

    False where something may no longer be in it, or where it is no longer wanted.
    """
    result = await work.run(
        sa.update(ledger_exports)
        .where(
            ledger_exports.c.id == row.id,
            ledger_exports.c.state == ExportState.ASKED,
            ledger_exports.c.outdated == row.outdated,
        )
        .values(state=ExportState.MADE, checksum=checksum)
    )
    return result.rowcount == 1


async def goes_with(work: Work, export_id: int, outbox_id: int | None) -> None:
    """Set the message that brings an export."""
    await work.run(
        sa.update(ledger_exports).where(ledger_exports.c.id == export_id).values(outbox_id=outbox_id)
    )


async def standing(work: Work) -> list[LedgerExportRow]:
    """List all exports, locked until this transaction ends."""
    return await work.all(sa.select(ledger_exports).order_by(ledger_exports.c.id).with_for_update())


async def make_again(work: Work, export_id: int) -> None:
    """Have an export made again: what it may hold has changed."""
    await work.run(
        sa.update(ledger_exports)
        .where(ledger_exports.c.id == export_id)
        .values(
            state=ExportState.ASKED, outdated=ledger_exports.c.outdated + 1, checksum=None, outbox_id=None
        )
    )


class SettledRow(LedgerExportRow, Protocol):
    """An export with what came of its message."""

    outcome: str | None


async def settled(work: Work) -> list[SettledRow]:
    """List exports whose file is not needed any more.

    With the `outcome` of their message: delivered, given up, too late.
    """
    waits = outbox.c.state.in_([OutboxState.QUEUED, OutboxState.SENDING])
    return await work.all(
        sa.select(ledger_exports, outbox.c.state.label("outcome"))
        .join(outbox, outbox.c.id == ledger_exports.c.outbox_id, isouter=True)
        .where(
            ledger_exports.c.state == ExportState.MADE,
            sa.or_(outbox.c.id.is_(None), sa.not_(waits), ledger_exports.c.asked_at < work.now - UNSENT_FOR),
        )
        .order_by(ledger_exports.c.id)
    )


async def end(work: Work, export_id: int) -> bool:
    """Record that an export's file is no longer kept.

    False where it has come to be made again meanwhile.
    """
    result = await work.run(
        sa.update(ledger_exports)
        .where(ledger_exports.c.id == export_id, ledger_exports.c.state == ExportState.MADE)
        .values(state=ExportState.OVER, checksum=None)
    )
    return result.rowcount == 1


async def drop(work: Work, export_id: int) -> None:
    await work.run(sa.delete(ledger_exports).where(ledger_exports.c.id == export_id))


async def has_old(work: Work) -> bool:
    """Return whether there are exports too old for taking their message back."""
    query = sa.select(sa.literal(1)).select_from(ledger_exports).where(_is_old(work)).limit(1)
    return await work.value(query) is not None


async def drop_old(work: Work) -> None:
    """Delete exports too old for taking their message back."""
    await work.run(sa.delete(ledger_exports).where(_is_old(work)))


def _is_old(work: Work) -> sa.ColumnElement[bool]:
    """Return the condition of an export too old to take back; it had a day to be delivered."""
    long_ago = work.now - TAKEN_BACK_WITHIN - UNSENT_FOR
    return sa.and_(ledger_exports.c.state == ExportState.OVER, ledger_exports.c.asked_at < long_ago)
