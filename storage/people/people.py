"""Named queries on people: how to reach them, and who they said they are."""

from collections.abc import Iterable
from typing import Protocol, TypeGuard

import sqlalchemy as sa

from storage.engine.database import Work, in_pieces
from storage.rows import PersonRow
from storage.tables import people, roles


async def by_id(work: Work, person_id: int) -> PersonRow:
    row = await work.one_or_none(sa.select(people).where(people.c.id == person_id))
    assert row is not None, "people are erased in place, never deleted"
    return row


class AskerRow(PersonRow, Protocol):
    """With whether they are one of the staff."""

    holds_role: bool


async def asker(work: Work, person_id: int) -> AskerRow:
    """Return who asked a question."""
    holds = sa.select(sa.literal(1)).where(roles.c.person_id == people.c.id, roles.c.revoked_at.is_(None))
    row = await work.one_or_none(
        sa.select(people, holds.exists().label("holds_role")).where(people.c.id == person_id)
    )
    assert row is not None, "people are erased in place, never deleted"
    return row


async def by_ids(work: Work, person_ids: Iterable[int]) -> dict[int, PersonRow]:
    """Return people by their ids."""
    return {
        row.id: row
        for some in in_pieces(sorted({*person_ids}))
        for row in await work.all(sa.select(people).where(people.c.id.in_(some)))
    }


async def at(work: Work, channel: str, address: str) -> PersonRow | None:
    """Return the person behind an address, or None.

    By the unique index.
    """
    known = work.known.setdefault("people", {})
    if (channel, address) not in known:
        known[channel, address] = await work.one_or_none(_AT, {"channel": channel, "address": address})
    found: PersonRow | None = known[channel, address]
    return found


_AT = sa.select(people).where(
    people.c.channel == sa.bindparam("channel"), people.c.address == sa.bindparam("address")
)


async def seen(work: Work, *, channel: str, address: str, display_name: str, language: str) -> PersonRow:
    """Return the person who just wrote: added when new, reachable again after blocking."""
    person = await at(work, channel, address)
    if person is None:
        person_id = await work.insert(
            people,
            channel=channel,
            address=address,
            display_name=display_name,
            language=language,
            created_at=work.now,
        )
        return await by_id(work, person_id)
    if person.unreachable_at is not None or person.display_name != display_name:
        await update(work, person.id, display_name=display_name, unreachable_at=None)
        return await by_id(work, person.id)
    return person


class ReachablePersonRow(PersonRow, Protocol):
    """Somebody to whom a messenger leads."""

    address: str


def can_be_reached(person: PersonRow) -> TypeGuard[ReachablePersonRow]:
    """Return whether a messenger leads to a person.

    Somebody who blocked us counts: they hear it when they come back.
    """
    return person.address is not None


def is_served_by_hand(person: PersonRow) -> bool:
    """Return whether an editor brings a person's answers, such as by post.

    Not to somebody who was erased.
    """
    return not can_be_reached(person) and person.erased_at is None


async def add_unaddressed(
    work: Work, *, channel: str, full_name: str, home_address: str, contact: str | None, language: str
) -> int:
    """Insert a person whom no messenger reaches; return their id.

    They wrote by post, telephoned or spoke at a dialogue.
    """
    return await work.insert(
        people,
        channel=channel,
        full_name=full_name,
        home_address=home_address,
        contact=contact,
        language=language,
        created_at=work.now,
    )


async def update(work: Work, person_id: int, **changes: object) -> None:
    await work.run(sa.update(people).where(people.c.id == person_id).values(**changes))


async def move_address(work: Work, channel: str, old: str, new: str) -> None:
    """Replace an address: the messenger gave a chat a new one.

    Such as when a group became a supergroup.
    """
    await work.run(
        sa.update(people).where(people.c.channel == channel, people.c.address == old).values(address=new)
    )
