"""Named queries on what ended, so that an older backup does not bring it back.

See docs/decisions/0031. Each ending is known by what is the same in a copy of the database: ids with the moment at
which the row was made.
"""

from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa

from domain.broadcasts.broadcasts import ENDED
from domain.privacy.consent import Consent
from domain.questions.history import Event
from domain.questions.life import HIDDEN, Secrecy
from storage.engine.database import Work, in_pieces
from storage.rows import BlockRow, BroadcastRow, PersonRow, QuestionRow
from storage.tables import (
    Row,
    agencies,
    blocks,
    broadcasts,
    consents,
    history,
    invitations,
    people,
    questions,
    roles,
    subscriptions,
)

Key = tuple[str | int | None, ...]


class Ending(NamedTuple):
    """Something that ended, or the last state of what can begin again.

    Moments are aware; the ids tell nothing about a person.
    """

    kind: str  # a key of `READERS`
    key: Key
    at: datetime
    value: str | int | None = None


def _iso(moment: datetime) -> str:
    return moment.isoformat()


async def _roles(work: Work) -> list[Ending]:
    return [
        Ending("role", _role_key(row), row.revoked_at)
        for row in await work.all(_ROLES.where(roles.c.revoked_at.is_not(None)))
    ]


# Columns by name: the database that is read may be of a version that has not got the newest ones.
_ROLES = (
    sa.select(
        roles.c.id,
        roles.c.person_id,
        roles.c.role,
        roles.c.granted_at,
        roles.c.revoked_at,
        people.c.created_at,
        agencies.c.code.label("agency"),
    )
    .join(people, people.c.id == roles.c.person_id)
    .join(agencies, agencies.c.id == roles.c.agency_id, isouter=True)
)


def _role_key(row: Row) -> Key:
    return row.person_id, _iso(row.created_at), row.role, row.agency, _iso(row.granted_at)


async def _invitations(work: Work) -> list[Ending]:
    """Read how often each invitation can still be used; the value only ever falls."""
    there = await work.connection.run_sync(_columns_of, invitations.name)
    rows = await work.all(sa.select(*[one for one in invitations.c if one.name in there or not there]))
    return [
        Ending(
            "invitation",
            (row.digest,),
            row.created_at,
            0 if getattr(row, "ended_at", None) is not None else row.uses_left,
        )
        for row in rows
    ]


def _columns_of(connection: sa.Connection, table: str) -> set[str]:
    """Return the columns that a table has in this database; none for a missing table."""
    look = sa.inspect(connection)
    return {one["name"] for one in look.get_columns(table)} if look.has_table(table) else set()


async def _consents(work: Work) -> list[Ending]:
    """Read consents that were withdrawn and not given anew to another text."""
    newer = consents.alias("newer")
    stands = sa.select(sa.literal(1)).where(
        newer.c.person_id == consents.c.person_id,
        newer.c.kind == consents.c.kind,
        newer.c.withdrawn_at.is_(None),
        sa.func.coalesce(newer.c.topic, "") == sa.func.coalesce(consents.c.topic, ""),
        sa.func.coalesce(newer.c.question_id, 0) == sa.func.coalesce(consents.c.question_id, 0),
    )
    rows = await work.all(
        sa.select(
            consents.c.person_id,
            consents.c.kind,
            consents.c.topic,
            consents.c.given_at,
            consents.c.withdrawn_at,
            people.c.created_at,
        )
        .join(people, people.c.id == consents.c.person_id)
        .where(consents.c.withdrawn_at.is_not(None), people.c.erased_at.is_(None), sa.not_(stands.exists()))
    )
    return [
        Ending(
            "consent",
            (row.person_id, _iso(row.created_at), row.kind, row.topic, _iso(row.given_at)),
            row.withdrawn_at,
        )
        for row in rows
    ]


async def _broadcasts(work: Work) -> list[Ending]:
    """Read who left what goes to everybody."""
    rows = await work.all(
        sa.select(people.c.id, people.c.created_at, people.c.left_broadcasts_at).where(
            people.c.left_broadcasts_at.is_not(None), people.c.erased_at.is_(None)
        )
    )
    return [Ending("broadcasts", (row.id, _iso(row.created_at)), row.left_broadcasts_at) for row in rows]


_QUESTION = (questions.c.year, questions.c.number, questions.c.received_at)


def _question_key(row: Row) -> Key:
    return row.year, row.number, _iso(row.received_at)


async def _flags(work: Work) -> list[Ending]:
    """Read the secrecy of each question that was ever suspected."""
    looked = (
        sa.select(sa.func.max(history.c.at))
        .where(
            history.c.question_id == questions.c.id,
            history.c.event.in_((Event.FLAGGED, Event.CLEARED, Event.REFUSED)),
        )
        .scalar_subquery()
    )
    rows = await work.all(
        sa.select(*_QUESTION, questions.c.secrecy, looked.label("looked_at")).where(
            questions.c.secrecy != Secrecy.NONE
        )
    )
    return [Ending("flag", _question_key(row), row.looked_at or row.received_at, row.secrecy) for row in rows]


async def _publications(work: Work) -> list[Ending]:
    """Read whether each question that was ever published still is."""
    latest = (
        sa.select(sa.func.max(history.c.at)).where(history.c.question_id == questions.c.id).scalar_subquery()
    )
    ever = sa.select(history.c.question_id).where(history.c.event == Event.PUBLISHED)
    rows = await work.all(
        sa.select(*_QUESTION, questions.c.published_at, latest.label("latest")).where(
            sa.or_(questions.c.published_at.is_not(None), questions.c.id.in_(ever))
        )
    )
    return [
        Ending("publication", _question_key(row), row.latest or row.received_at, row.published_at is not None)
        for row in rows
    ]


async def _sendings(work: Work) -> list[Ending]:
    """Read broadcasts that are over: sent, or stopped."""
    over = [broadcasts.c.status.in_(ENDED), broadcasts.c.ended_at.is_not(None)]
    rows = await work.all(
        sa.select(broadcasts.c.id, broadcasts.c.created_at, broadcasts.c.status, broadcasts.c.ended_at).where(
            *over
        )
    )
    return [Ending("sending", (row.id, _iso(row.created_at)), row.ended_at, row.status) for row in rows]


async def _blocks(work: Work) -> list[Ending]:
    """Read blocks of senders: until when each stands, or that it was taken back (None)."""
    there = [await work.connection.run_sync(_columns_of, table.name) for table in (people, blocks)]
    if there[0] and not there[1]:
        return []  # of a version that blocked nobody
    rows = await work.all(
        sa.select(
            blocks.c.person_id, blocks.c.begun_at, blocks.c.until, blocks.c.ended_at, people.c.created_at
        ).join(people, people.c.id == blocks.c.person_id)
    )
    return [
        Ending(
            "block",
            (row.person_id, _iso(row.created_at), _iso(row.begun_at)),
            row.ended_at or row.begun_at,
            _iso(row.until) if row.ended_at is None else None,
        )
        for row in rows
    ]


READERS: dict[str, Callable[[Work], Awaitable[list[Ending]]]] = {
    "role": _roles,
    "invitation": _invitations,
    "consent": _consents,
    "broadcasts": _broadcasts,
    "flag": _flags,
    "publication": _publications,
    "sending": _sendings,
    "block": _blocks,
}


async def came_back_to_broadcasts(work: Work, keys: Iterable[tuple[str | int | None, ...]]) -> set[int]:
    """Return those of these people whose rows no longer say that they left."""
    known = {int(key[0] or 0): key[1] for key in keys}
    found: set[int] = set()
    for some in in_pieces(sorted(known)):
        rows = await work.all(
            sa.select(people.c.id, people.c.created_at).where(
                people.c.id.in_(some), people.c.left_broadcasts_at.is_(None)
            )
        )
        found |= {row.id for row in rows if _iso(row.created_at) == known[row.id]}
    return found


# --- once more --------------------------------------------------------------------------------------------------------


async def all_roles(work: Work) -> dict[Key, tuple[int, datetime | None]]:
    """Return every role ever held, by an ending's key: its id and end."""
    return {_role_key(row): (int(row.id), row.revoked_at) for row in await work.all(_ROLES)}


async def end_invitations_to(work: Work, ending: Ending) -> int:
    """End invitations older than a role's end whose row is missing; return how many."""
    _, _, role, agency, _ = ending.key
    where = invitations.c.agency_id.is_(None)
    if agency is not None:
        where = invitations.c.agency_id.in_(sa.select(agencies.c.id).where(agencies.c.code == agency))
    result = await work.run(
        sa.update(invitations)
        .where(
            invitations.c.role == role,
            where,
            invitations.c.created_at <= ending.at,
            invitations.c.expires_at > work.now,
            invitations.c.ended_at.is_(None),
            invitations.c.uses_left > 0,
        )
        .values(ended_at=work.now)
    )
    return result.rowcount


async def open_broadcasts(work: Work) -> dict[Key, BroadcastRow]:
    """Return broadcasts that are not over, by an ending's key."""
    rows = await work.all(sa.select(broadcasts).where(broadcasts.c.status.not_in(ENDED)))
    return {(row.id, _iso(row.created_at)): row for row in rows}


async def lessen_invitation(work: Work, digest: str, uses_left: int) -> bool:
    result = await work.run(
        sa.update(invitations)
        .where(invitations.c.digest == digest, invitations.c.uses_left > uses_left)
        .values(uses_left=uses_left)
    )
    return bool(result.rowcount)


async def end_consent(work: Work, key: tuple[str | int | None, ...]) -> bool:
    """End the consent of this key, with the subscription that rests on it.

    Returns whether it stood.
    """
    person_id, created_at, kind, topic, given_at = key
    same = sa.and_(
        consents.c.person_id == person_id,
        consents.c.kind == kind,
        consents.c.given_at == datetime.fromisoformat(str(given_at)),
        consents.c.topic.is_(None) if topic is None else consents.c.topic == topic,
        consents.c.withdrawn_at.is_(None),
        sa.select(sa.literal(1))
        .where(
            people.c.id == consents.c.person_id,
            people.c.created_at == datetime.fromisoformat(str(created_at)),
            people.c.erased_at.is_(None),
        )
        .exists(),
    )
    result = await work.run(sa.update(consents).where(same).values(withdrawn_at=work.now))
    if result.rowcount and kind == Consent.SUBSCRIPTION and topic is not None:
        await work.run(
            sa.delete(subscriptions).where(
                subscriptions.c.person_id == person_id, subscriptions.c.topic == topic
            )
        )
    return bool(result.rowcount)


async def leave_broadcasts(work: Work, ending: Ending) -> bool:
    person_id, created_at = ending.key
    result = await work.run(
        sa.update(people)
        .where(
            people.c.id == person_id,
            people.c.created_at == datetime.fromisoformat(str(created_at)),
            people.c.left_broadcasts_at.is_(None),
            people.c.erased_at.is_(None),
        )
        .values(left_broadcasts_at=ending.at)
    )
    return bool(result.rowcount)


async def person_of(work: Work, key: Key) -> PersonRow | None:
    """Return the person whom an ending is about, unless they were erased or are another."""
    person_id, created_at, *_ = key
    return await work.one_or_none(
        sa.select(people).where(
            people.c.id == person_id,
            people.c.created_at == datetime.fromisoformat(str(created_at)),
            people.c.erased_at.is_(None),
        )
    )


async def block_of(work: Work, key: Key) -> BlockRow | None:
    """Return the block that began at the same moment against the same person."""
    person_id, _, begun_at = key
    return await work.one_or_none(
        sa.select(blocks).where(
            blocks.c.person_id == person_id, blocks.c.begun_at == datetime.fromisoformat(str(begun_at))
        )
    )


async def question_of(work: Work, key: tuple[str | int | None, ...]) -> QuestionRow | None:
    """Return the question of this code, if it was received at the same moment."""
    year, number, received_at = key
    return await work.one_or_none(
        sa.select(questions)
        .where(
            questions.c.year == year,
            questions.c.number == number,
            questions.c.received_at == datetime.fromisoformat(str(received_at)),
        )
        .with_for_update()
    )


def hides(ending: Ending) -> bool:
    return ending.value in HIDDEN
