"""Leaders and editors decide on drafts through the real bot."""

from typing import Any

import pytest

from storage.engine.database import Database
from tests.worlds.chat import House
from tests.worlds.offices import ANSWER, Offices


@pytest.fixture
async def offices(database: Database, application: Any) -> Offices:
    return await Offices.open(House(database, application))


async def test_the_queue_shows_what_waits_for_this_person_only(offices: Offices) -> None:
    code = await offices.in_approval()
    await offices.leader.send("/duyet")
    assert code in offices.leader.last.labels
    await offices.editor.send("/duyet")
    assert "Không có dự thảo" in offices.editor.last.text
    await offices.leader.send(f"/duyet {code}")
    await offices.editor.send("/duyet")
    assert code in offices.editor.last.labels
    await offices.leader.send("/duyet")
    assert "Không có dự thảo" in offices.leader.last.text


async def test_a_second_press_says_that_it_is_done_and_sends_nothing_twice(offices: Offices) -> None:
    code = await offices.in_approval()
    card = offices.leader.last
    data = card.data("Duyệt")
    await offices.leader.press("Duyệt", card, times=3)
    await offices.editor.press("Duyệt", times=3)
    await offices.leader.press_data(data, card.id)
    assert await offices.status(code) == "answered"
    assert len(offices.citizen.saying(ANSWER)) == 1
    assert "Đã trả lời" in card.text


async def test_words_of_the_leader_go_back_to_the_officer_and_the_next_draft_comes(offices: Offices) -> None:
    code = await offices.in_approval()
    card = offices.leader.last
    await offices.leader.press("Yêu cầu sửa")
    await offices.leader.send("Viết rõ ngày nào.")
    assert await offices.status(code) == "accepted"
    assert "Viết rõ ngày nào." in offices.officer.last.text
    assert "Duyệt" not in card.labels
    await offices.officer.send("Ngày 30/11.", reply_to=offices.officer.last)
    assert "Ngày 30/11." in offices.leader.last.text
    await offices.leader.send(f"/sualai {code} Vẫn chưa rõ.")
    assert await offices.status(code) == "accepted"


async def test_sending_back_needs_words(offices: Offices) -> None:
    code = await offices.in_approval()
    await offices.leader.send(f"/sualai {code}")
    assert "Cần có lý do" in offices.leader.last.text
    assert await offices.status(code) == "in_approval"


async def test_the_words_are_about_the_draft_that_the_button_showed(offices: Offices) -> None:
    code = await offices.in_approval()
    await offices.leader.press("Yêu cầu sửa")
    await offices.officer.send(f"/traloi {code} Một câu trả lời khác.")
    await offices.leader.send("Sai ngày.")
    assert "đã được làm rồi" in offices.leader.last.text
    assert await offices.status(code) == "in_approval"


async def test_an_editor_cannot_approve_in_the_leaders_place(offices: Offices) -> None:
    code = await offices.in_approval()
    await offices.editor.send(f"/duyet {code}")
    assert "không làm được" in offices.editor.last.text
    assert await offices.status(code) == "in_approval"
