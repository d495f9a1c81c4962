"""Words are taken whatever becomes of the file beside them; what is too large to be kept is passed on all the same."""

from typing import Any

import pytest

from domain.programme import Programme
from domain.questions.life import Status
from storage.delivery import files
from storage.delivery.files import FileState
from storage.engine.database import Database
from storage.questions import entries, questions
from tests.worlds.chat import House, introduced
from tests.worlds.offices import Offices

WORDS = "Đường trước chợ hư hỏng nặng, bao giờ sửa?"


@pytest.fixture
def programme() -> Programme:
    return Programme(province="tỉnh An Giang", draft_files=2, files_per_day=4)


async def last_text(house: House) -> str:
    async with house.database.reading() as work:
        listed = await questions.listed(work, statuses=frozenset({Status.RECEIVED}))
        newest = max(listed, key=lambda one: int(one.id))
        return await entries.question_text(work, newest.id)


async def test_a_file_too_many_costs_its_words_nothing(database: Database, application: Any) -> None:
    mai = await introduced(House(database, application))
    await mai.send(mai.photo(), mai.photo())
    await mai.send(mai.photo(WORDS))
    assert len(mai.saying("quá nhiều tệp")) == 1
    await mai.press("Gửi câu hỏi")
    assert WORDS in await last_text(mai.house)
    async with database.reading() as work:
        assert len(await files.by_ids(work, range(10))) == 2


async def test_an_album_too_long_keeps_the_words_of_its_last_item(
    database: Database, application: Any
) -> None:
    mai = await introduced(House(database, application))
    album = mai.album(3)
    await mai.send(*album[:2], album[2] | {"caption": WORDS}, apart=False)
    await mai.press("Gửi câu hỏi")
    assert WORDS in await last_text(mai.house)


async def test_what_is_over_the_files_of_a_day_costs_its_words_nothing(
    database: Database, application: Any
) -> None:
    mai = await introduced(House(database, application))
    for _ in range(2):
        await mai.send(mai.photo("Xin hỏi một"), mai.photo("và hai"))
        await mai.press("Gửi câu hỏi")
    await mai.send(mai.photo(WORDS))
    assert len(mai.saying("nhiều nhất trong một ngày")) == 1
    await mai.press("Gửi câu hỏi")
    assert WORDS in await last_text(mai.house)


async def supplied(offices: Offices, *messages: dict[str, Any]) -> list[str]:
    code = await offices.assigned()
    await offices.officer.send(f"/hoithem {code} Ở đâu?")
    asked = offices.citizen.last
    reply = offices.citizen.message(reply_to=asked)["reply_to_message"]
    await offices.citizen.send(*(one | {"reply_to_message": reply} for one in messages))
    question = await offices.question(code)
    async with offices.house.database.reading() as work:
        return [row.text or "" for row in await entries.of_question(work, question.id)]


async def test_a_reply_to_a_request_for_more_is_taken_without_its_file(
    database: Database, application: Any
) -> None:
    offices = await Offices.open(House(database, application))
    citizen = offices.citizen
    await offices.ask()
    await citizen.send(citizen.photo("a"), citizen.photo("b"), "/huy", citizen.photo("c"), citizen.photo("d"))
    await citizen.send("/huy")
    assert WORDS in (await supplied(offices, citizen.photo(WORDS)))[-1]


async def test_what_is_too_large_to_be_kept_is_passed_on_by_its_id(
    database: Database, application: Any
) -> None:
    offices = await Offices.open(House(database, application))
    large = offices.citizen.photo(WORDS, size=21 << 20)
    assert WORDS in (await supplied(offices, large))[-1]
    async with database.reading() as work:
        (row,) = await files.by_ids(work, range(10))
        assert (row.state, await files.to_fetch(work, 10)) == (FileState.AWAY, [])
    await offices.officer.press("Xem 1 tệp")
    (sent,) = offices.house.messenger.files[str(offices.officer.address)].values()
    assert sent == large["photo"][0]["file_id"]
