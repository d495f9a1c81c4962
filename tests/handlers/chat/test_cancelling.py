"""What is said after `/huy` is true for whoever reads it."""

from typing import Any

import pytest

from storage.engine.database import Database
from tests.worlds.chat import House
from tests.worlds.offices import Offices

ASK = "cứ viết câu hỏi"


@pytest.fixture
async def offices(database: Database, application: Any) -> Offices:
    return await Offices.open(House(database, application))


async def test_a_citizen_is_told_how_to_ask_and_the_staff_how_to_go_on(offices: Offices) -> None:
    code = await offices.assigned()
    await offices.citizen.send("/huy")
    assert ASK in offices.citizen.last.text
    for chat in (offices.officer, offices.leader, offices.editor):
        await chat.send("/huy")
        assert ASK not in chat.last.text
        assert "gõ mã câu hỏi" in chat.last.text
        await chat.send(code)
        assert code in chat.last.text
        assert "Nội dung:" in chat.last.text


async def test_the_button_says_the_same(offices: Offices) -> None:
    code = await offices.assigned()
    await offices.officer.send(f"/traloi {code}")
    await offices.officer.press("Hủy")
    assert ASK not in "".join(one.text for one in offices.officer.shown)
    await offices.editor.send("/thongbao")
    await offices.editor.press("Soạn thông báo")
    await offices.editor.press("Hủy")
    assert ASK not in "".join(one.text for one in offices.editor.shown)
