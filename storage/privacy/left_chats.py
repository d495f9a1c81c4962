"""Named queries on clearing chats after a role ended: how far, and what is next."""

from collections.abc import Sequence

import sqlalchemy as sa

from domain.delivery import TAKEN_BACK_WITHIN
from storage.delivery.outbox import OutboxState
from storage.engine.database import Work
from storage.rows import OutboxRow, PersonRow
from storage.tables import outbox, roles


async def begin(work: Work, person: PersonRow) -> None:
    """Note that all of somebody's present chat is to be looked at, newest first."""
    newest = await work.value(sa.select(sa.func.max(outbox.c.id)))
    last = (
        sa.select(sa.func.max(roles.c.id))
        .where(roles.c.person_id == person.id, roles.c.revoked_at.is_not(None))
        .scalar_subquery()
    )
    await end(work, person.id)  # one way down is enough, from the top
    await work.run(sa.update(roles).where(roles.c.id == last).values(chat_left_from=(newest or 0) + 1))


async def end(work: Work, person_id: int) -> None:
    await work.run(
        sa.update(roles)
        .where(roles.c.person_id == person_id, roles.c.chat_left_from.is_not(None))
        .values(chat_left_from=None)
    )


async def went_down_to(work: Work, person_id: int, row_id: int) -> None:
    """Record that everything from this message on was looked at."""
    await work.run(
        sa.update(roles)
        .where(roles.c.person_id == person_id, roles.c.chat_left_from.is_not(None))
        .values(chat_left_from=row_id)
    )


async def people_waiting(work: Work) -> list[int]:
    query = sa.select(roles.c.person_id).where(roles.c.chat_left_from.is_not(None)).order_by(roles.c.id)
    return [int(row.person_id) for row in await work.all(query)]


async def next_rows(work: Work, person: PersonRow, limit: int) -> list[OutboxRow]:
    """List the next messages in somebody's chat, newest first.

    By the index of addresses.
    """
    down_to = (
        sa.select(sa.func.max(roles.c.chat_left_from)).where(roles.c.person_id == person.id).scalar_subquery()
    )
    return await work.all(
        sa.select(outbox)
        .where(_here(person), outbox.c.id < down_to)
        .order_by(outbox.c.id.desc())
        .limit(limit)
    )


async def drop_unsent(work: Work, person: PersonRow, about: Sequence[str]) -> None:
    """Drop and blank somebody's unsent messages about these matters."""
    waits = outbox.c.state.in_([OutboxState.QUEUED, OutboxState.HELD])
    await work.run(
        sa.update(outbox)
        .where(_here(person), waits, outbox.c.about.in_(about))
        .values(content={}, state=OutboxState.DROPPED)
    )


async def unsent(work: Work, person: PersonRow, limit: int) -> list[OutboxRow]:
    """List what has not left for somebody, or is held for them, newest first."""
    waits = outbox.c.state.in_([OutboxState.QUEUED, OutboxState.HELD])
    return await work.all(
        sa.select(outbox).where(_here(person), waits).order_by(outbox.c.id.desc()).limit(limit)
    )


async def is_busy(work: Work, person: PersonRow, messages: int) -> bool:
    """Return whether so many messages to somebody wait already.

    More would hold back their answers as a citizen.
    """
    queued: Sequence[OutboxRow] = await work.all(
        sa.select(outbox.c.id)
        .where(outbox.c.address == person.address, outbox.c.channel == person.channel)
        .where(sa.text("outbox.state = 'queued'"))
        .limit(messages)
    )
    return len(queued) == messages


def can_be_taken_back(work: Work, row: OutboxRow) -> bool:
    """Return whether the messenger still lets us delete a message."""
    return row.sent_at is None or bool(row.sent_at > work.now - TAKEN_BACK_WITHIN)


def _here(person: PersonRow) -> sa.ColumnElement[bool]:
    return sa.and_(outbox.c.channel == person.channel, outbox.c.address == person.address)
