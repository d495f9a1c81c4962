"""What staff write without saying what it is for: a code opens its card, other words wait for a choice."""

from typing import Any

import pytest

from storage.engine.database import Database
from tests.worlds.chat import House
from tests.worlds.offices import LAND, Offices

ANSWER = "Hồ sơ đang được thẩm định, xin chờ đến 30/11/2026."


@pytest.fixture
async def offices(database: Database, application: Any) -> Offices:
    return await Offices.open(House(database, application))


@pytest.mark.parametrize("typed", ["{code}", "1", "dh1", "2026-1", " {code}. "])
async def test_a_bare_code_or_number_opens_the_card(offices: Offices, typed: str) -> None:
    code = await offices.assigned()
    for chat in (offices.officer, offices.editor):
        await chat.send(typed.format(code=code))
        assert code in chat.last.text
        assert LAND in chat.last.text
        assert chat.last.labels
        assert await chat.is_idle()


async def test_a_number_of_nobody_is_said_and_begins_nothing(offices: Offices) -> None:
    await offices.officer.send("999")
    assert "Không tìm thấy câu hỏi" in offices.officer.last.text
    assert await offices.officer.is_idle()


async def test_an_answer_without_a_reply_becomes_no_question(offices: Offices) -> None:
    await offices.assigned()
    officer = offices.officer
    await officer.send(ANSWER, "Kèm công văn 12/SNN.")
    assert "chưa gửi cho ai" in officer.last.text
    assert "Kèm công văn 12/SNN." in officer.last.text
    assert officer.last.labels == ["Đặt thành câu hỏi của tôi", "Hủy"]
    await officer.press("Hủy")
    assert await officer.is_idle()
    assert len(await offices.ledger()) == 1


async def test_staff_ask_like_citizens_with_one_press_and_nothing_is_lost(offices: Offices) -> None:
    officer = offices.officer
    await officer.send("Đường vào ấp 5 ngập từ tháng trước.", officer.photo("Ảnh chụp sáng nay"))
    assert "kèm 1 tệp" in officer.last.text
    await officer.press("Đặt thành câu hỏi của tôi")
    assert "Đồng ý" in officer.last.labels
    await officer.press("Đồng ý")
    await officer.send("Trần Cán", "5 Lê Lợi")
    await officer.press("Bỏ qua")
    await officer.press("Bỏ qua")
    assert "Ảnh chụp sáng nay" in officer.last.text
    await officer.press("Gửi câu hỏi")
    (question,) = await offices.ledger()
    assert question.status == "received"


async def test_a_question_that_staff_are_writing_takes_what_follows(offices: Offices) -> None:
    await offices.officer.send("/hoi Đường vào ấp 5 ngập.", "Từ tháng trước.")
    assert not offices.officer.saying("chưa gửi cho ai")


async def test_a_citizens_words_begin_a_question_at_once(offices: Offices) -> None:
    await offices.citizen.send(LAND)
    assert "Đồng ý" in offices.citizen.last.labels


async def test_an_empty_file_is_refused_in_words(offices: Offices) -> None:
    await offices.citizen.send(offices.citizen.photo(size=0))
    assert "trống, không có nội dung" in offices.citizen.last.text
    await offices.citizen.send(offices.citizen.photo("Ảnh", size=0))  # its words are taken
    assert len(offices.citizen.saying("trống, không có nội dung")) == 2
