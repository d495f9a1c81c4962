"""Words typed for something that was decided meanwhile: they are refused, and nobody waits for others."""

from typing import Any

import pytest

from domain.questions.life import Role
from storage.engine.database import Database
from tests.worlds.chat import House
from tests.worlds.offices import ANSWER, Offices, hire

WHY = "không thuộc thẩm quyền"


@pytest.fixture
async def offices(database: Database, application: Any) -> Offices:
    return await Offices.open(House(database, application))


async def test_a_colleagues_return_closes_the_step_and_the_next_text_is_a_question(offices: Offices) -> None:
    slower = await hire(offices.house, "Hai", Role.OFFICER, "SNNMT")
    code = await offices.assigned()
    card = slower.last
    await slower.press("Trả lại", card)
    prompt = slower.last
    await offices.officer.send(f"/trave {code} {WHY}")
    await slower.send(WHY)
    assert "không thực hiện được việc này với câu hỏi đó" in slower.last.text
    assert await slower.is_idle()
    assert (prompt.labels, card.labels) == ([], [])
    await slower.send("Đường trước nhà tôi bao giờ sửa?")
    assert "không thực hiện được" not in slower.last.text


@pytest.mark.parametrize(
    ("button", "meanwhile", "said"),
    [
        ("Yêu cầu bổ sung", "/traloi {} " + ANSWER, "đang duyệt"),
        ("Xin gia hạn", "/giahan {} 5 chờ đo", "đang chờ"),
    ],
)
async def test_a_colleague_was_quicker(offices: Offices, button: str, meanwhile: str, said: str) -> None:
    slower = await hire(offices.house, "Hai", Role.OFFICER, "SNNMT")
    code = await offices.assigned()
    await slower.press(button)
    prompt = slower.last
    await offices.officer.send(meanwhile.format(code))
    await slower.send("3 chờ kết quả đo đạc")
    assert said in slower.last.text.lower()
    assert await slower.is_idle()
    assert prompt.labels == []


async def test_two_leaders_send_back(offices: Offices) -> None:
    second = await hire(offices.house, "Hai", Role.LEADER, "SNNMT")
    code = await offices.in_approval()
    await second.send(f"/xem {code}")
    await second.press("Yêu cầu sửa")
    await offices.leader.send(f"/sualai {code} thiếu căn cứ")
    await second.send("Chưa rõ.")
    assert await second.is_idle()


async def test_a_collected_answer_that_nobody_wants_any_more_is_dropped(offices: Offices) -> None:
    code = await offices.assigned()
    await hire(offices.house, "Y", Role.OFFICER, "SYT")
    await offices.officer.press("Trả lời")
    await offices.officer.send(ANSWER)
    preview = offices.officer.last
    await offices.editor.send(f"/chuyen {code} SYT")
    await offices.officer.press("Gửi duyệt", preview)
    assert await offices.officer.is_idle()
    assert preview.labels == []


async def test_a_long_text_that_came_too_late_leaves_nothing_open(offices: Offices) -> None:
    slower = await hire(offices.house, "Hai", Role.OFFICER, "SNNMT")
    code = await offices.assigned()
    await slower.press("Trả lại")
    await slower.send("dài " * 1020)
    await offices.officer.send(f"/trave {code} {WHY}")
    await slower.press("Đã đủ")
    assert "không thực hiện được" in slower.last.text
    assert await slower.is_idle()


async def test_an_asker_who_was_too_slow_to_reply_asks_a_new_question_next(offices: Offices) -> None:
    code = await offices.assigned()
    await offices.officer.send(f"/hoithem {code} Số hồ sơ nào?")
    await offices.citizen.press("Trả lời")
    await offices.officer.send(f"/traloi {code} {ANSWER}")
    await offices.citizen.send("Số 123.")
    assert "tình trạng" in offices.citizen.last.text
    assert await offices.citizen.is_idle()


async def test_what_other_words_mend_and_what_was_meant_for_something_else_leave_the_step_open(
    offices: Offices,
) -> None:
    code = await offices.assigned()
    other = await offices.ask("Bao giờ có nước sạch ở ấp tôi?")
    await offices.officer.press("Trả lại")
    await offices.officer.send(f"/nhan {other}")  # not theirs: refused, and not what they were asked for
    await offices.officer.send("/xem DH-2026-999999")
    assert not await offices.officer.is_idle()
    await offices.officer.send(WHY)
    assert await offices.status(code) == "received"
    await offices.editor.send(f"/gop {code}")
    await offices.editor.send("DH-2026-999999")
    assert not await offices.editor.is_idle()  # they mistyped it
    await offices.editor.send(other)
    await offices.editor.press("Xác nhận")
    assert await offices.status(code) == "merged"
