"""Who holds which role, and the invitations to roles."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from domain.question import Role
from storage.database import Work
from storage.tables import Row, agencies, invitations, people, roles


async def of_person(work: Work, person_id: int) -> list[Row]:
    """The roles a person holds now: `id`, `role`, `agency_id`, `agency_code`."""
    known = work.known.setdefault("roles", {})
    if person_id not in known:
        known[person_id] = await work.all(_OF_PERSON, {"person_id": person_id})
    return list(known[person_id])


def held() -> sa.Select[Any]:
    """Roles held now: `id`, `person_id`, `role`, `agency_id`, `agency_code`; in order of appointment."""
    return (
        sa.select(
            roles.c.id,
            roles.c.person_id,
            roles.c.role,
            roles.c.agency_id,
            agencies.c.code.label("agency_code"),
        )
        .join(agencies, agencies.c.id == roles.c.agency_id, isouter=True)
        .where(roles.c.revoked_at.is_(None))
        .order_by(roles.c.id)
    )


_OF_PERSON = held().where(roles.c.person_id == sa.bindparam("person_id"))


async def holders(work: Work, role: Role, agency_id: int | None = None) -> list[Row]:
    """The people who hold a role (of one agency), in order of appointment, each once; unreachable ones too."""
    query = (
        sa.select(people)
        .join(roles, roles.c.person_id == people.c.id)
        .where(roles.c.role == role, roles.c.revoked_at.is_(None))
        .order_by(roles.c.id)
    )
    if agency_id is not None:
        query = query.where(roles.c.agency_id == agency_id)
    seen: dict[int, Row] = {}
    for person in await work.all(query):
        seen.setdefault(person.id, person)
    return list(seen.values())


async def who_can_be_told(work: Work, wanted: Sequence[Role]) -> list[Row]:
    """The people who hold any of these roles and can be reached, in order of appointment, each once."""
    seen: dict[int, Row] = {}
    for one in await reachable_holders(work, wanted, since=work.now):
        seen.setdefault(one.id, one)
    return list(seen.values())


async def reachable_holders(work: Work, wanted: Sequence[Role], *, since: datetime) -> list[Row]:
    """Whoever holds one of these roles since a moment or before and can be reached: a person, `role`, `agency_id`.

    In order of appointment; once for every role.
    """
    return await work.all(
        sa.select(people, roles.c.role, roles.c.agency_id)
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


async def grant(work: Work, person_id: int, role: Role, agency_id: int | None, granted_by: int | None) -> int:
    return await work.insert(
        roles,
        person_id=person_id,
        role=role,
        agency_id=agency_id,
        granted_at=work.now,
        granted_by=granted_by,
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


async def invitation(work: Work, digest: str) -> Row | None:
    return await work.one_or_none(sa.select(invitations).where(invitations.c.digest == digest))


async def use_invitation(work: Work, invitation_id: int) -> bool:
    """Take one use of an invitation; False when somebody took the last one first."""
    result = await work.run(
        sa.update(invitations)
        .where(invitations.c.id == invitation_id, invitations.c.uses_left > 0)
        .values(uses_left=invitations.c.uses_left - 1)
    )
    return result.rowcount == 1


async def by_id(work: Work, role_id: int) -> Row | None:
    return await work.one_or_none(sa.select(roles).where(roles.c.id == role_id))


async def all_held(work: Work) -> list[Row]:
    """Every role held now, with whom and for which agency: for the admins' list."""
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


async def everybody(work: Work) -> list[Row]:
    """All who hold roles, a row for each role (`role`, `agency_id`) with the person's columns."""
    return await work.all(
        sa.select(people, roles.c.role, roles.c.agency_id)
        .join(roles, roles.c.person_id == people.c.id)
        .where(roles.c.revoked_at.is_(None))
        .order_by(roles.c.id)
    )
