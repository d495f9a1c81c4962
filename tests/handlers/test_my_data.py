"""What is held about somebody, and taking consents back one by one."""

from typing import Any

import pytest

from domain.consent import Consent
from storage import people
from storage.database import Database
from tests.handlers.chat import House, introduced


@pytest.fixture
def house(database: Database, application: Any) -> House:
    return House(database, application)


async def test_a_newcomer_hears_that_nothing_is_held_yet(house: House) -> None:
    chat = house.person("Mai")
    await chat.send("/dulieu")
    assert "Chưa có họ tên" in chat.last.text
    assert chat.last.labels == []


async def test_an_asker_sees_what_is_held_and_takes_a_consent_back(house: House) -> None:
    chat = await introduced(house)
    await chat.send("/dulieu")
    assert "Nguyễn Thị Mai" in chat.last.text
    assert "Câu hỏi đã gửi: 1" in chat.last.text
    await chat.press("Rút đồng ý")
    async with house.database.reading() as work:
        assert await people.consent(work, (await chat.row()).id, Consent.PROCESSING) is None
    assert "chưa đồng ý điều gì" in chat.last.text
    await chat.send("Tôi hỏi thêm về học phí năm nay")
    assert "Đồng ý" in chat.last.labels


async def test_nobody_takes_back_what_somebody_else_agreed_to(house: House) -> None:
    chat, other = await introduced(house), await introduced(house, "Sóc")
    await chat.send("/dulieu")
    theirs = chat.last.data("Rút đồng ý")
    await other.press_data(theirs, other.last.id)
    async with house.database.reading() as work:
        assert await people.consent(work, (await chat.row()).id, Consent.PROCESSING) is not None
