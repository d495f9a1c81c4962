"""Which word behind the bot's link brought how many: counted, bounded, told by the week."""

from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from domain.questions.life import Role
from services.people import sources
from services.privacy import retention
from storage.engine.database import Database
from storage.tables import sources as sources_table
from tests.conftest import SetClock
from tests.worlds.chat import House
from tests.worlds.offices import hire

TODAY = date(2026, 11, 2)


@pytest.fixture
def house(database: Database, application: Any) -> House:
    return House(database, application)


async def counted(database: Database) -> dict[str, int]:
    async with database.reading() as work:
        rows = await work.all(sa.select(sources_table).order_by(sources_table.c.day, sources_table.c.word))
    return {row.word: row.starts for row in rows}


async def count(database: Database, *typed: str) -> None:
    for one in typed:
        async with database.work() as work:
            await sources.count(work, one)


async def test_a_word_is_counted_folded_and_greeted_as_a_start(house: House) -> None:
    first, second = house.person("Mai"), house.person("Lan")
    await first.send("/start to-roi")
    await second.send("/start TO-ROI", "/start zalo_oa")
    assert await counted(house.database) == {"to-roi": 2, "zalo_oa": 1}
    assert "Gửi câu hỏi mới" in first.last.labels


async def test_what_opens_a_question_or_is_no_word_is_not_counted(house: House) -> None:
    chat = house.person("Mai")
    await chat.send("/start", "/start xin chào cán bộ", "/start DH-2026-000001")
    await (await hire(house, "Biên", Role.EDITOR)).send("/start to-roi")
    assert set(await counted(house.database)) <= {""}


@pytest.mark.parametrize(
    "word",
    [
        "0901234567",
        "goi-0901234567",
        "a" * 33,
        "chủ_tịch",
        "to-cao-chu-tich-xa-nhan-hoi-lo",
        "<b>x</b>",
        "-x",
    ],
)
async def test_what_may_be_somebodys_own_is_counted_without_the_word(database: Database, word: str) -> None:
    await count(database, word)
    found = await counted(database)
    assert found == {"": 1} or set(found) == {"chu_tich"}


async def test_a_flood_of_words_has_few_rows_and_pushes_no_poster_out(
    database: Database, clock: SetClock
) -> None:
    await count(database, *["to-roi"] * 3)
    clock.move(days=1)
    flood = [f"rac{chr(97 + n // 26)}{chr(97 + n % 26)}" for n in range(80)]
    await count(database, *flood, "to-roi", "moi")
    async with database.reading() as work:
        rows = await work.all(
            sa.select(sources_table).where(sources_table.c.day > TODAY).order_by(sources_table.c.word)
        )
    assert len(rows) == sources.NEW_A_DAY + 2
    found = {row.word: row.starts for row in rows}
    assert (found[""], found["to-roi"]) == (80 - sources.NEW_A_DAY + 1, 1)


async def test_few_starts_are_told_together_and_the_others_by_their_number(database: Database) -> None:
    await count(database, *["to-roi"] * 3, *["zalo"] * 5, "mot-minh", "mot-minh", "0901234567")
    async with database.reading() as work:
        told = await sources.told(work, TODAY, date(2026, 11, 9))
        assert told == [("zalo", 5), ("to-roi", 3), ("", 3)]
        assert await sources.told(work, date(2026, 11, 3), date(2026, 11, 9)) == []


async def test_what_is_too_old_to_compare_goes(database: Database, clock: SetClock) -> None:
    await count(database, "to-roi")
    clock.move(days=400)
    await retention.apply(database)
    assert await counted(database) == {"to-roi": 1}
    clock.move(days=1)
    await retention.apply(database)
    assert await counted(database) == {}
