"""Who leads on PostgreSQL: always one at most, another soon when it is gone, and whoever works wakes it."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
import sqlalchemy as sa

from bot.house import leading
from bot.house.exclusive import AlreadyRunning, only_one, taking_part
from bot.house.leading import Leading
from domain.programme import Programme
from storage.engine import locks
from storage.engine.database import Database
from storage.engine.errors import UNAVAILABLE
from storage.engine.locks import Lock, take_turn
from tests.conftest import SetClock


@dataclass
class Process:
    """What of a `run` takes part in who leads."""

    database: Database
    leader: list["Process"]  # whoever leads now, shared by all
    queued: asyncio.Event = field(default_factory=asyncio.Event)
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    began: asyncio.Event = field(default_factory=asyncio.Event)
    task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self.task = asyncio.create_task(Leading(self.database, self.queued).run(self._work, self.stop))

    async def _work(self, over: asyncio.Event) -> None:
        self.leader.append(self)
        assert self.leader == [self], "two lead at once"
        self.began.set()
        await over.wait()
        self.leader.remove(self)
        self.began.clear()

    async def ended(self) -> None:
        self.stop.set()
        assert self.task is not None
        await asyncio.wait_for(self.task, 10)


@pytest.fixture
async def pair(
    postgresql_url: str, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[list[Process]]:
    monkeypatch.setattr(leading, "LOOK_SECONDS", 0.05)
    monkeypatch.setattr(leading, "CHANGE_SECONDS", 0.1)
    monkeypatch.setattr("bot.house.exclusive.PATIENCE_SECONDS", 0.2)
    leader: list[Process] = []
    databases = [Database(postgresql_url, clock=clock, programme=Programme()) for _ in range(2)]
    processes = [Process(database, leader) for database in databases]
    for process in processes:
        process.start()
    await asyncio.wait(
        [asyncio.create_task(one.began.wait()) for one in processes],
        return_when=asyncio.FIRST_COMPLETED,
        timeout=10,
    )
    processes.sort(key=lambda one: one not in leader)
    yield processes
    for process in processes:
        await process.ended()
        await process.database.close()


async def test_when_the_leader_leaves_the_other_leads(pair: list[Process]) -> None:
    first, second = pair
    assert first.leader == [first]
    await first.ended()
    await asyncio.wait_for(second.began.wait(), 10)


async def test_a_leader_that_loses_its_connection_stops_before_another_begins(pair: list[Process]) -> None:
    first, _ = pair
    leaders = set()
    for _ in range(3):
        async with first.database.work() as work:
            await work.run(
                sa.text(
                    "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted "
                    f"AND objid = {int(Lock.LEAD) & 0xFFFFFFFF}"
                )
            )
        await asyncio.sleep(0.05)
        await asyncio.wait(
            [asyncio.create_task(one.began.wait()) for one in pair],
            return_when=asyncio.FIRST_COMPLETED,
            timeout=10,
        )
        (leader,) = first.leader
        leaders.add(pair.index(leader))
    assert all(process.task is not None and not process.task.done() for process in pair)


async def test_what_one_queues_wakes_the_other_that_sends(pair: list[Process]) -> None:
    first, second = pair
    first.queued.clear()
    second.queued.set()
    await asyncio.wait_for(first.queued.wait(), 5)
    assert not second.queued.is_set()


async def test_nobody_has_the_database_alone_while_others_run(
    pair: list[Process], postgresql_url: str, clock: SetClock
) -> None:
    third = Database(postgresql_url, clock=clock, programme=Programme())
    with pytest.raises(AlreadyRunning):
        async with only_one(third):
            pass
    async with taking_part(third):
        pass
    for process in pair:
        await process.ended()
    async with only_one(third):
        with pytest.raises(AlreadyRunning):
            async with taking_part(pair[0].database):
                pass
    await third.close()


async def test_an_older_schema_is_not_changed_under_those_who_run_on_it(
    pair: list[Process], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.house.exclusive.newest", lambda: "of tomorrow")
    with pytest.raises(AlreadyRunning):
        async with taking_part(pair[0].database):
            pass


async def test_who_stops_in_the_middle_of_its_turn_loses_it(
    postgresql_url: str, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locks, "_LONGEST_TURN", "100ms")
    database = Database(postgresql_url, clock=clock, programme=Programme())
    with pytest.raises(UNAVAILABLE):  # noqa: PT012  # everything up to the end of a turn
        async with database.work() as stopped:
            await take_turn(stopped)
            async with database.work() as other:
                await take_turn(other)
            await stopped.run(sa.select(1))
    await database.close()
