"""`kill -9` while a ledger is made: who asked for it gets it, whole, and nothing half-made stays."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from io import BytesIO
from pathlib import Path
from random import Random

import pytest
from openpyxl import load_workbook

from bench.many import fill
from bot.house.clocks import SystemClock
from bot.lists.erasures import remove_discarded
from bot.loops.ledger_maker import HALF_MADE, LOOK_SECONDS
from domain.programme import Programme
from storage.engine.database import Database
from tests.worlds.office import opened

QUESTIONS = 1500  # some seconds of making
KILLS = 4
PATIENCE = 90  # seconds


@asynccontextmanager
async def ledger(url: str) -> AsyncIterator[Database]:
    database = Database(url, clock=SystemClock(), programme=Programme())
    try:
        yield database
    finally:
        await database.close()


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and path.parent != folder]


async def until_begun(folder: Path) -> None:
    """Wait until something half-made stands there."""
    for _ in range(round(PATIENCE / 0.005)):
        if files_in(folder):
            return
        await asyncio.sleep(0.005)
    raise AssertionError("its making never began")


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.long)])
async def test_a_ledger_comes_whole_however_often_its_making_dies(
    tmp_path: Path, database_url: str, seed: int
) -> None:
    random, files = Random(seed), tmp_path / "files"
    async with ledger(database_url) as database:
        await fill(database, QUESTIONS)
    async with opened(tmp_path, database_url) as office:
        admin = await office.staff("Đặng Thị Hạnh", "admin")
        await admin.send("/xuatso tất cả")
        await until_begun(files / HALF_MADE)  # however slow the machine: one death is in the middle
        half_made = 0
        for _ in range(KILLS):
            await office.kill()
            half_made += len(files_in(files / HALF_MADE))
            await office.start()
            await asyncio.sleep(random.uniform(0.1, 0.9))
        assert half_made, "it died beside the making each time"
        message = await admin.wait_until(
            lambda one: bool(one.files), "a file", timeout=60, since_action=False
        )
        sheet = load_workbook(BytesIO(await office.sandbox.download(message.files[0]))).worksheets[0]
        codes = [row[0] for row in sheet.iter_rows(min_row=2, max_col=1, values_only=True)]
        assert len(set(codes)) == len(codes) == QUESTIONS
        await asyncio.sleep(LOOK_SECONDS + 1)  # a second one would come; and what is over is let go of
        assert len([one for one in await admin.messages() if one.files]) == 1
    async with ledger(database_url) as database:
        await remove_discarded(database, files, older_than=-1)
    assert files_in(files) == []
