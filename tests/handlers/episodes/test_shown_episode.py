"""A past episode shows words of questions: they leave the chats of those who looked once one is hidden."""

from typing import Any

import pytest

from storage.engine.database import Database
from tests.worlds.chat import House
from tests.worlds.offices import Offices

ON_AIR = "Bao giờ người dân ở Rạch Giá nhận được giấy?"


@pytest.fixture
async def offices(database: Database, application: Any) -> Offices:
    return await Offices.open(House(database, application))


async def test_words_on_air_leave_a_strangers_chat_once_the_question_is_flagged(offices: Offices) -> None:
    code = await offices.answered()
    editor = offices.editor
    await editor.send("/kyphat mới Đất đai", f"/kyphat 1 chọn {code}", f"/kyphat 1 lời {code}")
    await editor.send(ON_AIR)
    await editor.send("/duongdan 1 https://www.youtube.com/watch?v=dQw4w9WgXcQ")
    stranger = offices.house.person("Lạ")
    await stranger.send("/xemlai")
    await stranger.press("1/2026")
    assert ON_AIR in stranger.last.text
    await editor.send(f"/nghitocao {code}")
    assert not stranger.saying(ON_AIR)
    assert "đã thay đổi" in stranger.last.text
