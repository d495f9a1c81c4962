"""Named queries on roles, and on invitations to them."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Protocol

import sqlalchemy as sa

from domain.questions.life import Role
from storage.engine.database import Work, in_pieces
from storage.rows import InvitationRow, PersonRow, RoleRow
from storage.tables import agencies, invitation_uses, invitations, people, roles


class HeldRoleRow(Protocol):
    """A role held now."""

    id: int
    person_id: int
    role: str
    agency_id: int | None
    vouched_at: datetime | None
    granted_by: int | None
    agency_code: str | None


class HolderRow(PersonRow, Protocol):
    """A person with one of the roles they hold."""

    role: str
    agency_id: int | None


class ReachableHolderRow(HolderRow, Protocol):
    """A holder with since when they read denunciations."""

    vouched_at: datetime | None


class EditorRow(PersonRow, Protocol):
    """An editor with their role."""

    role_id: int
    granted_by: int | None


class OpenInvitationRow(InvitationRow, Protocol):
    """With the agency's name, and whose it is."""

    agency_name: str | None
    maker: str | None


class ListedRoleRow(Protocol):
    """A role in the admins' list."""

    id: int
    role: str
    display_name: str
    unreachable_at: datetime | None
    agency_name: str | None


async def of_person(work: Work, person_id: int) -> list[HeldRoleRow]:
    """List the roles a person holds now.

    `id`, `role`, `agency_id`, `agency_code`, `vouched_at`, `granted_by`.
    """
    known = work.known.setdefault("roles", {})
    if person_id not in known:
        known[person_id] = await work.all(_OF_PERSON, {"person_id": person_id})
    return list(known[person_id])


async def of_people(work: Work, person_ids: Iterable[int]) -> dict[int, list[HeldRoleRow]]:
    """Return the roles that each person holds now, as `of_person`, with one query."""
    known = work.known.setdefault("roles", {})
    wanted = sorted({*person_ids})
    unknown = [one for one in wanted if one not in known]
    known |= {one: [] for one in unknown}
    for some in in_pieces(unknown):
        for row in await work.all(_OF_PEOPLE, {"person_ids": some}):
            known[row.person_id].append(row)
    return {one: list(known[one]) for one in wanted}


def held() -> sa.Select[Any]:
    """Select roles held now, as `of_person` with `person_id`, in order of appointment."""
    return (
        sa.select(
            roles.c.id,
            roles.c.person_id,
            roles.c.role,
            roles.c.agency_id,
            roles.c.vouched_at,
            roles.c.granted_by,
            agencies.c.code.label("agency_code"),
        )
        .join(agencies, agencies.c.id == roles.c.agency_id, isouter=True)
        .where(roles.c.revoked_at.is_(None))
        .order_by(roles.c.id)
    )


_OF_PERSON = held().where(roles.c.person_id == sa.bindparam("person_id"))
_OF_PEOPLE = held().where(roles.c.person_id.in_(sa.bindparam("person_ids", expanding=True)))


async def holders(work: Work, role: Role, agency_id: int | None = None) -> list[PersonRow]:
    """List the people who hold a role (of one agency), each once.

    In order of appointment; unreachable ones too.
    """
    query = (
        sa.select(people)
        .join(roles, roles.c.person_id == people.c.id)
        .where(roles.c.role == role, roles.c.revoked_at.is_(None))
        .order_by(roles.c.id)
    )
    if agency_id is not None:
        query = query.where(roles.c.agency_id == agency_id)
    seen: dict[int, PersonRow] = {}
    for person in await work.all(query):
        seen.setdefault(person.id, person)
    return list(seen.values())


async def reached_agencies(work: Work) -> frozenset[int]:
    """Return the ids of agencies that have an officer whom messages reach."""
    query = (
        sa.select(roles.c.agency_id)
        .join(people, people.c.id == roles.c.person_id)
        .where(
            roles.c.role == Role.OFFICER,
            roles.c.agency_id.is_not(None),
            roles.c.revoked_at.is_(None),
            people.c.unreachable_at.is_(None),
        )
        .distinct()
    )
    return frozenset(row.agency_id for row in await work.all(query))


async def readers_of_hidden(work: Work) -> list[EditorRow]:
    """List the editors who read denunciations, each once.

    In order of appointment; unreachable ones too.
    """
    return await _editors(work, roles.c.vouched_at.is_not(None))


async def who_can_be_told(work: Work, wanted: Sequence[Role]) -> list[ReachableHolderRow]:
    """List the reachable people who hold any of these roles, each once.

    In order of appointment.
    """
    seen: dict[int, ReachableHolderRow] = {}
    for one in await reachable_holders(work, wanted, since=work.now):
        seen.setdefault(one.id, one)
    return list(seen.values())


async def waiting_editors(work: Work) -> list[EditorRow]:
    """List the editors for whom nobody has vouched yet.

    As `readers_of_hidden`, with `granted_by` and `role_id`.
    """
    return await _editors(work, roles.c.vouched_at.is_(None))


async def _editors(work: Work, which: sa.ColumnElement[bool]) -> list[EditorRow]:
    query = (
        sa.select(people, roles.c.id.label("role_id"), roles.c.granted_by)
        .join(roles, roles.c.person_id == people.c.id)
        .where(roles.c.role == Role.EDITOR, roles.c.revoked_at.is_(None), which)
        .order_by(roles.c.id)
    )
    seen: dict[int, EditorRow] = {}
    for person in await work.all(query):
        seen.setdefault(person.id, person)
    return list(seen.values())


async def ever_read_hidden(work: Work) -> bool:
    """Return whether there ever was an editor who read denunciations."""
    query = sa.select(sa.literal(1)).where(roles.c.vouched_at.is_not(None)).limit(1)
    return await work.value(query) is not None


async def vouch(work: Work, role_id: int, vouched_by: int | None) -> bool:
    """Record a vouch: an editor reads denunciations from now on.

    False where they do already, or are no editor any more.
    """
    result = await work.run(
        sa.update(roles)
        .where(
            roles.c.id == role_id,
            roles.c.role == Role.EDITOR,
            roles.c.revoked_at.is_(None),
            roles.c.vouched_at.is_(None),
        )
        .values(vouched_at=work.now, vouched_by=vouched_by)
    )
    return result.rowcount == 1


async def reachable_holders(
    work: Work, wanted: Sequence[Role], *, since: datetime
) -> list[ReachableHolderRow]:
    """List reachable people who hold one of these roles since a moment.

    Or longer. A person with `role`, `agency_id`, `vouched_at`; in order of appointment; once for every role.
    """
    return await work.all(
        sa.select(people, roles.c.role, roles.c.agency_id, roles.c.vouched_at)
        .join(roles, roles.c.person_id == people.c.id)
        .where(
            roles.c.role.in_(wanted),
            roles.c.revoked_at.is_(None),
            roles.c.granted_at <= since,
            people.c.address.is_not(None),
            people.c.unreachable_at.is_(None),
        )
        .order_by(roles.c.id)
    )


async def grant(
    work: Work,
    person_id: int,
    role: Role,
    agency_id: int | None,
    granted_by: int | None,
    *,
    vouched: bool = True,
) -> int:
    """Insert a role; return its id.

    `vouched`: an editor who reads denunciations from the beginning.
    """
    return await work.insert(
        roles,
        person_id=person_id,
        role=role,
        agency_id=agency_id,
        granted_at=work.now,
        granted_by=granted_by,
        vouched_at=work.now if role is Role.EDITOR and vouched else None,
    )


async def revoke(work: Work, role_id: int, revoked_by: int | None) -> None:
    await work.run(
        sa.update(roles)
        .where(roles.c.id == role_id, roles.c.revoked_at.is_(None))
        .values(revoked_at=work.now, revoked_by=revoked_by)
    )


async def add_invitation(
    work: Work,
    *,
    digest: str,
    role: Role,
    agency_id: int | None,
    uses: int,
    expires_at: object,
    created_by: int | None,
) -> int:
    return await work.insert(
        invitations,
        digest=digest,
        role=role,
        agency_id=agency_id,
        uses_left=uses,
        expires_at=expires_at,
        created_at=work.now,
        created_by=created_by,
    )


async def invitation(work: Work, digest: str) -> InvitationRow | None:
    return await work.one_or_none(sa.select(invitations).where(invitations.c.digest == digest))


async def was_used_by(work: Work, invitation_id: int, person_id: int) -> bool:
    query = sa.select(sa.literal(1)).where(
        invitation_uses.c.invitation_id == invitation_id, invitation_uses.c.person_id == person_id
    )
    return await work.value(query) is not None


async def ended_since(work: Work, person_id: int, role: Role, agency_id: int | None, since: datetime) -> bool:
    """Return whether somebody's role ended at a moment or later.

    Of an agency, or of none.
    """
    here = roles.c.agency_id.is_(None) if agency_id is None else roles.c.agency_id == agency_id
    query = sa.select(sa.literal(1)).where(
        roles.c.person_id == person_id, roles.c.role == role, here, roles.c.revoked_at >= since
    )
    return await work.value(query.limit(1)) is not None


async def use_invitation(work: Work, invitation_id: int, person_id: int) -> bool:
    """Take one use of an invitation.

    False when somebody took the last one first, or it was ended.
    """
    result = await work.run(
        sa.update(invitations)
        .where(
            invitations.c.id == invitation_id, invitations.c.uses_left > 0, invitations.c.ended_at.is_(None)
        )
        .values(uses_left=invitations.c.uses_left - 1)
    )
    if result.rowcount != 1:
        return False
    values = {"invitation_id": invitation_id, "person_id": person_id, "at": work.now}
    await work.run(work.upsert(invitation_uses).values(**values).on_conflict_do_nothing())
    return True


async def open_invitations(work: Work) -> list[OpenInvitationRow]:
    """List invitations that can still be taken up.

    With `agency_name` and `maker` (None: the operator).
    """
    maker = people.alias("maker")
    held = sa.select(roles.c.person_id).where(roles.c.role == Role.ADMIN, roles.c.revoked_at.is_(None))
    return await work.all(
        sa.select(
            invitations,
            agencies.c.short_name.label("agency_name"),
            maker.c.display_name.label("maker"),
        )
        .join(agencies, agencies.c.id == invitations.c.agency_id, isouter=True)
        .join(maker, maker.c.id == invitations.c.created_by, isouter=True)
        .where(
            invitations.c.ended_at.is_(None),
            invitations.c.uses_left > 0,
            invitations.c.expires_at > work.now,
            sa.or_(invitations.c.created_by.is_(None), invitations.c.created_by.in_(held)),
        )
        .order_by(invitations.c.id)
    )


async def end_invitation(work: Work, invitation_id: int, ended_by: int) -> bool:
    """End an invitation.

    False where it ended before, or no use of it was left.
    """
    result = await work.run(
        sa.update(invitations)
        .where(
            invitations.c.id == invitation_id, invitations.c.ended_at.is_(None), invitations.c.uses_left > 0
        )
        .values(ended_at=work.now, ended_by=ended_by)
    )
    return result.rowcount == 1


async def end_invitations_of(work: Work, maker_id: int, ended_by: int | None) -> int:
    """End a person's open invitations; return how many."""
    result = await work.run(
        sa.update(invitations)
        .where(
            invitations.c.created_by == maker_id,
            invitations.c.ended_at.is_(None),
            invitations.c.uses_left > 0,
            invitations.c.expires_at > work.now,
        )
        .values(ended_at=work.now, ended_by=ended_by)
    )
    return result.rowcount


async def by_id(work: Work, role_id: int) -> RoleRow | None:
    return await work.one_or_none(sa.select(roles).where(roles.c.id == role_id))


async def all_held(work: Work) -> list[ListedRoleRow]:
    """List every role held now, with its person and agency, for admins."""
    return await work.all(
        sa.select(
            roles.c.id,
            roles.c.role,
            people.c.display_name,
            people.c.unreachable_at,
            agencies.c.short_name.label("agency_name"),
        )
        .join(people, people.c.id == roles.c.person_id)
        .join(agencies, agencies.c.id == roles.c.agency_id, isouter=True)
        .where(roles.c.revoked_at.is_(None))
        .order_by(roles.c.role, agencies.c.short_name, people.c.display_name)
    )


async def everybody(work: Work) -> list[ReachableHolderRow]:
    """List all who hold roles, a row for each role, with the person's columns.

    (`role`, `agency_id`, `vouched_at`.)
    """
    return await work.all(
        sa.select(people, roles.c.role, roles.c.agency_id, roles.c.vouched_at)
        .join(roles, roles.c.person_id == people.c.id)
        .where(roles.c.revoked_at.is_(None))
        .order_by(roles.c.id)
    )
