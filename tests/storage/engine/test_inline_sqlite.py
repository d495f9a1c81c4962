"""Writing on SQLite runs at once, and what was read ahead is never older than what was written."""

import asyncio

import pytest
import sqlalchemy as sa

from domain.questions.life import Role
from storage.engine.database import Database, Work
from storage.people import consents, conversations, people, read_ahead, roles

CHAT = "77"


async def somebody(work: Work) -> int:
    person = await people.seen(work, channel="telegram", address=CHAT, display_name="Mai", language="vi")
    return int(person.id)


async def test_what_was_read_ahead_is_read_anew_after_it_was_written(database: Database) -> None:
    async with database.work() as work:
        person_id = await somebody(work)
        await read_ahead.read_ahead(work, "telegram", [CHAT, "78"])
        await people.update(work, person_id, full_name="Trần Thị Mai")
        await conversations.set_step(work, person_id, "track", {})
        await consents.give(work, person_id, "processing", "1")
        await roles.grant(work, person_id, Role.EDITOR, None, None)
        found = await people.at(work, "telegram", CHAT)
        here = await conversations.of_person(work, person_id)
        assert found is not None
        assert here is not None
        assert (found.full_name, here.step) == ("Trần Thị Mai", "track")
        assert await consents.latest(work, person_id, "processing") is not None
        assert [row.role for row in await roles.of_person(work, person_id)] == [Role.EDITOR]
        await conversations.end_step(work, person_id)
        assert await conversations.of_person(work, person_id) is None
        assert await people.at(work, "telegram", "78") is None


async def test_what_a_savepoint_undid_is_not_known_any_more(database: Database) -> None:
    async with database.work() as work:
        person_id = await somebody(work)

        async def undone() -> None:
            async with work.savepoint():
                await conversations.set_step(work, person_id, "track", {})
                assert await conversations.of_person(work, person_id) is not None
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            await undone()
        assert await conversations.of_person(work, person_id) is None


async def test_a_savepoint_in_another_is_undone_alone(database: Database) -> None:
    async with database.work() as work:
        person_id = await somebody(work)

        async def undone() -> None:
            async with work.savepoint():
                await people.update(work, person_id, full_name="Lan")
                raise ZeroDivisionError

        async with work.savepoint():
            await people.update(work, person_id, full_name="Mai")
            with pytest.raises(ZeroDivisionError):
                await undone()
    async with database.reading() as work:
        assert (await people.by_id(work, person_id)).full_name == "Mai"


async def test_others_get_their_turn_while_much_is_written(database: Database) -> None:
    turns = 0

    async def count() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    counting = asyncio.create_task(count())
    async with database.work() as work:
        before = turns
        for _ in range(200_000):  # seconds of statements, whatever the machine
            await work.value(sa.select(sa.literal(1)))
            if turns - before >= 5:
                break
        assert turns - before >= 5
    counting.cancel()
