"""One process runs on a database, whichever kind it is; a database that is away is waited for."""

import asyncio

import pytest

from bot.single import AlreadyRunning, only_one
from bot.waiting import unless_stopped
from domain.programme import Programme
from storage.database import Database
from storage.errors import UNAVAILABLE, DatabaseAway
from tests.conftest import SetClock


async def test_a_second_run_on_the_same_database_is_refused_and_a_later_one_is_not(
    database: Database, database_url: str, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.single.PATIENCE_SECONDS", 0.2)
    second = Database(database_url, clock=clock, programme=Programme())
    async with only_one(database):
        with pytest.raises(AlreadyRunning):
            async with only_one(second):
                pass
    async with only_one(second):
        pass
    await second.close()


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
