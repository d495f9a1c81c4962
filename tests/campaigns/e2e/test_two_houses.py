"""Two provinces in one process: each has its own database, messenger and words, and one order ends both."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.config import load_config
from bot.house.clocks import SystemClock
from bot.house.house import House
from bot.house.run import run
from bot.loops.scheduler import Scheduler
from domain.programme import Programme
from sandbox.client import Sandbox, User
from sandbox.http.server import serve
from sandbox.state.store import Store
from sandbox.state.world import World
from storage.engine.database import Database
from storage.tables import people
from tests.worlds.office import READY_WITHIN, TOKEN


def house_of(folder: Path, address: str, province: str) -> House:
    folder.mkdir()
    settings = {
        "DANHOI_PROGRAMME__PROVINCE": province,
        "DANHOI_PROGRAMME__NAME": f"Dân hỏi {province}",
        "DANHOI_TELEGRAM__TOKEN": TOKEN,
        "DANHOI_TELEGRAM__BASE_URL": f"{address}/bot",
        "DANHOI_TELEGRAM__BASE_FILE_URL": f"{address}/file/bot",
        "DANHOI_LIMITS__CHAT_SECONDS": "0",
        "DANHOI_APPROVAL__UNDO_SECONDS": "0",
        "DANHOI_STORAGE__URL": f"sqlite+aiosqlite:///{folder / 'danhoi.db'}",
        "DANHOI_STORAGE__FILES": str(folder / "files"),
    }
    return House(load_config(None, settings), SystemClock())


async def people_in(folder: Path) -> list[str | None]:
    """The names that a programme's database knows, read afresh."""
    url = f"sqlite+aiosqlite:///{folder / 'danhoi.db'}"
    database = Database(url, clock=SystemClock(), programme=Programme())
    try:
        async with database.work() as work:
            return [row.display_name for row in await work.all(sa.select(people))]
    finally:
        await database.close()


@pytest.mark.filterwarnings("ignore:Please use 'Bot.getUpdates'")  # what `run` hears as a warning, once
async def test_two_programmes_run_side_by_side_in_one_process(tmp_path: Path) -> None:
    async with AsyncExitStack() as opened:
        messengers, sandboxes = [], []
        for _ in range(2):
            world = World(Store(None), TOKEN, "sandbox_bot", "Sandbox Bot")
            messengers.append(await opened.enter_async_context(serve(world, "127.0.0.1", 0)))
            sandboxes.append(await opened.enter_async_context(Sandbox.connect(messengers[-1])))
        houses = [
            house_of(tmp_path / name, messenger, province)
            for name, messenger, province in zip(("a", "b"), messengers, ("An Giang", "Cà Mau"), strict=True)
        ]
        stop = asyncio.Event()
        running = asyncio.create_task(run(houses, stop))
        try:
            async with asyncio.timeout(READY_WITHIN):
                while not all(house.standing.started for house in houses):
                    assert not running.done(), running.result()
                    await asyncio.sleep(0.02)
            asking: list[User] = [
                await sandbox.user(name) for sandbox, name in zip(sandboxes, ("Mai", "Hùng"), strict=True)
            ]
            for person, province in zip(asking, ("An Giang", "Cà Mau"), strict=True):
                await person.start()
                await person.wait_for(province)
        finally:
            stop.set()
            await running
    assert await people_in(tmp_path / "a") == ["Mai"]
    assert await people_in(tmp_path / "b") == ["Hùng"]


@pytest.mark.filterwarnings("ignore:Please use 'Bot.getUpdates'")
async def test_a_part_that_breaks_ends_the_process_with_its_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(self: Scheduler, over: asyncio.Event) -> None:
        raise RuntimeError("no ticks any more")

    monkeypatch.setattr(Scheduler, "run", broken)
    world = World(Store(None), TOKEN, "sandbox_bot", "Sandbox Bot")
    async with serve(world, "127.0.0.1", 0) as messenger:
        houses = [house_of(tmp_path / "a", messenger, "An Giang")]
        with pytest.raises(RuntimeError, match="no ticks any more"):
            await run(houses)
