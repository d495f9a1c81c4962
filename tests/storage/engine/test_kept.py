"""Tests share a database and connections, and yet nothing that one left reaches the next."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
import sqlalchemy as sa

from storage.engine.database import Database, Work
from storage.engine.errors import DatabaseAway
from storage.tables import agencies, days, facts, people
from tests.conftest import SetClock
from tests.worlds.kept import Kept
from tests.worlds.rules import rules

SESSION = sa.text(
    "SELECT current_setting('statement_timeout'), to_regclass('pg_temp.leftover'),"
    " (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()),"
    " (SELECT count(*) FROM pg_listening_channels())"
)
CLEAN = ("0", None, 0, 0)


async def rows(work: Work) -> list[object]:
    tables = (agencies, days, facts, people)
    return [await work.all(sa.select(one).order_by(*one.primary_key)) for one in tables]


async def write(work: Work) -> int:
    """Add, change and remove rows; return the new one's id."""
    await work.run(sa.update(agencies).values(name="Đã đổi"))
    await work.run(sa.delete(days))
    return await work.insert(
        people, channel="telegram", address="1", display_name="Mai", language="vi", created_at=work.now
    )


async def sets(work: Work) -> None:
    await work.run(sa.text("SELECT set_config('statement_timeout', '1h', false), pg_advisory_lock(7)"))
    await work.run(sa.text("LISTEN leftover"))


@pytest.mark.parametrize("turn", ["one", "the next"])
async def test_what_a_test_wrote_is_gone_in_the_next(database: Database, turn: str) -> None:
    async with database.work() as work:
        _, off, _, persons = await rows(work)
        assert off
        assert persons == []
        assert not await work.all(sa.select(agencies).where(agencies.c.name == "Đã đổi"))
        assert await write(work) == 1
        if work.dialect == "postgresql":
            assert tuple(*await work.all(SESSION)) == CLEAN
            await work.run(
                sa.text("SELECT set_config('statement_timeout', '1h', false), pg_advisory_lock(7)")
            )
            await work.run(sa.text("LISTEN leftover"))
    left = asyncio.create_task(asyncio.sleep(timedelta(hours=1).total_seconds()))  # ended with the test
    await asyncio.sleep(0)
    assert not left.done()


async def test_a_test_begins_with_nothing_running() -> None:
    assert asyncio.all_tasks() == {asyncio.current_task()}


class Story:
    """Two tests after each other, with connections of their own."""

    def __init__(self, kept: Kept, clock: SetClock) -> None:
        self.kept = Kept(kept.address, kept.connection)
        self.database = Database(kept.address, clock=clock, programme=rules())
        self.kept.follow(self.database.engine)

    @asynccontextmanager
    async def test(self) -> AsyncIterator[int]:
        """Begin a test; yield the number of its connection's server process."""
        await self.kept.restore()
        await self.kept.refresh(self.database.engine)
        async with self.database.reading() as work:
            assert tuple(*await work.all(SESSION)) == CLEAN
            pid = int(await work.value(sa.text("SELECT pg_backend_pid()")))
        yield pid


async def makes_a_temporary_table(work: Work) -> None:
    await work.run(sa.text("CREATE TEMPORARY TABLE leftover (id int)"))


async def makes_a_table_anew(work: Work) -> None:
    await work.run(sa.text("ALTER TABLE facts ADD COLUMN remade int"))
    await work.run(sa.text("ALTER TABLE facts DROP COLUMN remade"))


@pytest.mark.parametrize(
    ("leave", "kept"),
    [(write, True), (sets, True), (makes_a_temporary_table, False), (makes_a_table_anew, False)],
)
def test_a_connection_outlives_a_test_unless_that_made_a_table(
    runner: asyncio.Runner,
    postgresql_kept: Kept,
    clock: SetClock,
    leave: Callable[[Work], Awaitable[object]],
    kept: bool,
) -> None:
    async def told() -> None:
        story = Story(postgresql_kept, clock)
        async with story.test() as first:
            async with story.database.reading() as work:
                before = await rows(work)
            async with story.database.work() as work:
                await leave(work)
        async with story.test() as second, story.database.reading() as work:
            assert await rows(work) == before
            assert await work.value(sa.text("SELECT nextval('people_id_seq')")) == 1
        assert (first == second) is kept
        await story.database.close()

    runner.run(told())


def test_a_transaction_that_a_test_left_open_holds_up_nobody(
    runner: asyncio.Runner, postgresql_kept: Kept, clock: SetClock
) -> None:
    async def told() -> None:
        story = Story(postgresql_kept, clock)
        async with story.test() as first:
            async with story.database.work() as work:
                await write(work)
            left = story.database.work()
            await (await left.__aenter__()).run(sa.update(agencies).values(name="Lại đổi"))
        async with story.test() as second, story.database.work() as other:
            assert first != second
            assert await write(other) == 1
        with pytest.raises(DatabaseAway):
            await left.__aexit__(None, None, None)
        await story.database.close()

    runner.run(told())
