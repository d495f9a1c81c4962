"""An agency's officer through the real bot: looking, accepting, returning, asking for more, answering."""

from typing import Any

import pytest

from storage.database import Database
from tests.handlers.chat import House
from tests.handlers.offices import ANSWER, Offices


@pytest.fixture
async def offices(database: Database, application: Any) -> Offices:
    return await Offices.open(House(database, application))


async def test_a_question_goes_from_the_citizen_to_the_answer_by_buttons_alone(offices: Offices) -> None:
    code = await offices.ask()
    await offices.editor.press("Chuyển xử lý")
    await offices.editor.press("Sở NN&MT")
    assert await offices.status(code) == "assigned"
    await offices.officer.press("Nhận xử lý")
    assert await offices.status(code) == "accepted"
    await offices.officer.press("Trả lời")
    await offices.officer.send(ANSWER)
    await offices.officer.press("Gửi duyệt")
    assert await offices.status(code) == "in_approval"
    await offices.leader.press("Duyệt")
    await offices.editor.press("Duyệt")
    assert await offices.status(code) == "answered"
    assert offices.citizen.saying(ANSWER)
