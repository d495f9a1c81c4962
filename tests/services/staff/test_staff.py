"""Roles: invited once, in time, by admins; ended with a word to those who have to take over."""

import pytest

from domain.errors import Reason, RuleViolation
from domain.questions.life import Role
from services.people.actors import actor_of
from services.staff import staff
from storage.engine.database import Database
from storage.people import roles
from tests.worlds.world import World, person, told


async def refused(database: Database, world: World, code: str, name: str) -> Reason:
    with pytest.raises(RuleViolation) as violation:
        async with database.work() as work:
            await staff.redeem(work, (await person(work, name)).person, code)
    return violation.value.reason


async def test_an_invitation_works_once_for_one_person_and_again_for_the_same(
    database: Database, world: World
) -> None:
    async with database.work() as work:
        code, _ = await staff.invite(work, Role.OFFICER, world.lead, by=world.admin)
        new = await person(work, "new")
    for _ in range(2):
        async with database.work() as work:
            assert await staff.redeem(work, new.person, code) is Role.OFFICER
    async with database.reading() as work:
        assert len((await actor_of(work, new.person)).roles) == 1
    assert await refused(database, world, code, "second") is Reason.INVITATION_USED


async def test_an_invitation_ends_and_a_guess_never_begins(database: Database, world: World) -> None:
    async with database.work() as work:
        code, expires_at = await staff.invite(work, Role.EDITOR, None)
    assert (expires_at - database.clock.now()).days == 7
    database.clock.move(days=7, seconds=1)  # type: ignore[attr-defined]
    assert await refused(database, world, code, "late") is Reason.INVITATION_EXPIRED
    assert await refused(database, world, "x" * 24, "guesser") is Reason.INVITATION_INVALID


async def test_only_admins_invite_and_each_role_fits_its_agency(database: Database, world: World) -> None:
    async with database.work() as work:
        for role, agency, by, reason in (
            (Role.EDITOR, None, world.editor, Reason.NOT_ALLOWED),
            (Role.OFFICER, None, world.admin, Reason.ROLE_NEEDS_AGENCY),
            (Role.ADMIN, world.lead, world.admin, Reason.ROLE_HAS_NO_AGENCY),
        ):
            with pytest.raises(RuleViolation) as violation:
                await staff.invite(work, role, agency, by=by)
            assert violation.value.reason is reason


async def test_the_last_admin_stays(database: Database, world: World) -> None:
    with pytest.raises(RuleViolation) as violation:
        async with database.work() as work:
            await staff.revoke(work, world.admin, world.admin.roles[0].id)
    assert violation.value.reason is Reason.LAST_ADMIN


async def test_when_the_last_officer_goes_the_editors_hear_of_the_open_work(
    database: Database, world: World
) -> None:
    async with database.work() as work:
        await world.assigned(work)
        await staff.revoke(work, world.admin, world.officer.roles[0].id)
    assert world.lead.name in (await told(database, world.editor))[-1]
    with pytest.raises(RuleViolation) as violation:
        async with database.work() as work:
            await staff.revoke(work, world.admin, world.officer.roles[0].id)
    assert violation.value.reason is Reason.ROLE_NOT_HELD
    async with database.reading() as work:
        assert not await roles.of_person(work, world.officer.id)
