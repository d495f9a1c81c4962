"""Telling everybody of a role: each once, and with as many statements for six as for one."""

import sqlalchemy as sa

from domain.questions.life import Role
from messages.buttons import Act, Button
from messages.notices.staff import OpenWorkHandedOn
from services.people.desk import holders_of, tell_desk, tell_role
from storage.engine.database import Database, Work
from storage.people import people, roles
from storage.tables import outbox
from tests.worlds.world import World, agency_of, staff

NOTICE = OpenWorkHandedOn(agency="Sở Y tế", open_questions=3)


async def told(work: Work) -> list[tuple[str, str]]:
    """To whom, in the order of the queue, and whether it is held."""
    return [
        (row.address.removeprefix("chat of "), row.state)
        for row in await work.all(sa.select(outbox).order_by(outbox.c.id))
    ]


async def test_everybody_of_a_role_is_told_once_and_who_caused_it_is_not(
    database: Database, world: World
) -> None:
    async with database.work() as work:
        second = await staff(work, "second", Role.EDITOR)
        await roles.grant(work, second.id, Role.EDITOR, None, None)  # twice appointed
        await people.update(work, second.id, unreachable_at=work.now)
        await tell_role(work, Role.EDITOR, NOTICE)
        await tell_role(work, Role.EDITOR, NOTICE, besides=[world.editor.id])
        assert await told(work) == [("editor", "queued"), ("second", "held"), ("second", "held")]


async def test_the_role_of_an_agency_is_that_agencys_and_of_several_each_person_once(
    database: Database, world: World
) -> None:
    async with database.work() as work:
        health = await agency_of(work, "SYT")
        await roles.grant(work, world.officer.id, Role.OFFICER, health.id, None)
        await tell_role(work, Role.OFFICER, NOTICE, of=world.coordinating.id)
        await tell_role(work, Role.OFFICER, NOTICE, of=[world.lead.id, health.id])
        assert [name for name, _ in await told(work)] == ["coordinator", "officer", "outsider"]
        both = ((Role.LEADER, world.lead.id), (Role.OFFICER, world.lead.id), (Role.OFFICER, health.id))
        assert [one.display_name for one in await holders_of(work, both)] == ["leader", "officer", "outsider"]


async def test_buttons_and_what_a_reply_means_come_with_it(database: Database, world: World) -> None:
    async with database.work() as work:
        question = await world.received(work)
        await work.run(sa.delete(outbox))
        button = Button("button.open", Act.OPEN, (question.id,))
        await tell_role(work, Role.ADMIN, NOTICE, [[button]], question_id=question.id, about="card")
        (row,) = await work.all(sa.select(outbox))
        assert (row.question_id, row.about) == (question.id, "card")
        assert row.content["buttons"][0][0][1] == button.data


async def test_the_desk_are_editors_and_admins_and_of_what_is_hidden_its_readers(
    database: Database, world: World
) -> None:
    async with database.work() as work:
        await roles.grant(work, world.editor.id, Role.ADMIN, None, None)
        await tell_desk(work, NOTICE)
        await tell_desk(work, NOTICE, hidden=True)
        assert [name for name, _ in await told(work)] == ["editor", "admin", "editor"]


async def test_telling_six_takes_as_many_statements_as_telling_one(database: Database, world: World) -> None:
    async def statements() -> int:
        count = 0

        def counts(*_: object) -> None:
            nonlocal count
            count += 1

        async with database.work() as work:
            connection = work.connection.sync_connection
            sa.event.listen(connection, "before_cursor_execute", counts)
            await tell_role(work, Role.EDITOR, NOTICE)
            sa.event.remove(connection, "before_cursor_execute", counts)
        return count

    one = await statements()
    assert one == 2  # who they are, and the queue
    async with database.work() as work:
        for name in ("second", "third", "fourth", "fifth", "sixth"):
            await staff(work, name, Role.EDITOR)
    assert await statements() == one
