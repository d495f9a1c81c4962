"""One process runs on a database, whichever kind it is; a database that is away is waited for."""

import asyncio

import pytest

from bot.house.exclusive import AlreadyRunning, bring_up_to_date, only_one, taking_part
from bot.house.stopping import unless_stopped
from domain.programme import Programme
from storage.engine.database import Database
from storage.engine.errors import UNAVAILABLE, DatabaseAway
from storage.engine.migrate import current, newest, upgrade
from tests.conftest import SetClock


async def test_a_second_run_on_the_same_database_is_refused_and_a_later_one_is_not(
    database: Database, database_url: str, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.house.exclusive.PATIENCE_SECONDS", 0.2)
    second = Database(database_url, clock=clock, programme=Programme())
    async with only_one(database):
        with pytest.raises(AlreadyRunning):
            async with only_one(second):
                pass
    async with only_one(second):
        pass
    await second.close()


@pytest.mark.parametrize("older", ["0001", "0006"])
async def test_the_schema_is_not_changed_beneath_an_older_run_and_is_once_it_has_ended(
    empty_url: str, clock: SetClock, monkeypatch: pytest.MonkeyPatch, older: str
) -> None:
    monkeypatch.setattr("bot.house.exclusive.PATIENCE_SECONDS", 0.2)
    database, other = (Database(empty_url, clock=clock, programme=Programme()) for _ in range(2))
    async with database.engine.connect() as connection:
        await connection.run_sync(upgrade, older)
        await connection.commit()
    with monkeypatch.context() as then:
        for known in ("bot.house.exclusive.newest", "storage.engine.migrate.newest"):
            then.setattr(known, lambda: older)
        running = taking_part(database)
        await running.__aenter__()
    with pytest.raises(AlreadyRunning):
        await bring_up_to_date(other)
    assert await current(other) == older
    await running.__aexit__(None, None, None)
    await bring_up_to_date(other)
    assert await current(other) == newest()
    async with taking_part(database):
        await bring_up_to_date(other)  # nothing to change: it may be asked for beside a `run`
    await database.close()
    await other.close()


async def test_a_run_and_a_command_that_begin_together_wait_for_whichever_makes_the_schema(
    empty_url: str, clock: SetClock
) -> None:
    database, *others = (Database(empty_url, clock=clock, programme=Programme()) for _ in range(3))

    async def run() -> None:
        async with taking_part(database):
            await asyncio.sleep(0.3)

    await asyncio.gather(bring_up_to_date(others[0]), run(), bring_up_to_date(others[1]))
    assert await current(database) == newest()
    for opened in (database, *others):
        await opened.close()


async def test_where_nobody_answers_the_database_is_said_to_be_away(
    unused_tcp_port: int, clock: SetClock
) -> None:
    url = f"postgresql+asyncpg://nobody@127.0.0.1:{unused_tcp_port}/nothing"
    database = Database(url, clock=clock, programme=Programme())
    with pytest.raises(DatabaseAway) as raised:
        async with database.work():
            pass
    assert isinstance(raised.value, UNAVAILABLE)
    await database.close()


async def test_being_told_to_stop_ends_the_longest_wait() -> None:
    stop = asyncio.Event()
    waiting = asyncio.create_task(unless_stopped(asyncio.sleep(3600, "never"), stop))
    await asyncio.sleep(0)
    stop.set()
    assert await asyncio.wait_for(waiting, 1) is None
    assert await unless_stopped(asyncio.sleep(0, "done"), asyncio.Event()) == "done"
