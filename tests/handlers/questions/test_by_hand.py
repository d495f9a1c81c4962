"""`/nhaptay` through the real bot: entered by an editor, answered like any other, delivered by hand."""

from typing import Any

import pytest

from storage.engine.database import Database
from storage.people import people
from tests.worlds.chat import House
from tests.worlds.offices import ANSWER, LAND, Offices


@pytest.fixture
async def offices(database: Database, application: Any) -> Offices:
    return await Offices.open(House(database, application))


async def enter(offices: Offices) -> str:
    editor = offices.editor
    await editor.send("/nhaptay")
    await editor.press("Điện thoại")
    await editor.send(LAND, 'Ông Tư <b>&"', "Xã An Biên", "0912345678")
    await editor.press("Bỏ qua")
    await editor.press("Xác nhận", times=2)
    return "DH-2026-000001"


async def test_a_telephone_call_becomes_a_question_of_the_ledger(offices: Offices) -> None:
    await enter(offices)
    (row,) = await offices.ledger()
    assert (row.channel, row.status) == ("phone", "received")
    async with offices.house.database.reading() as work:
        asker = await people.by_id(work, row.asker_id)
    assert (asker.full_name, asker.home_address, asker.contact, asker.address) == (
        "Ông Tư <b>&\"", "Xã An Biên", "0912345678", None,
    )  # fmt: skip
    assert "Ông Tư" in offices.editor.last.text  # the card, like that of any new one


async def test_a_field_may_be_chosen_and_the_contact_skipped(offices: Offices) -> None:
    editor = offices.editor
    await editor.send("/nhaptay")
    await editor.press("Bưu điện")
    await editor.send(LAND, "Ông Tư", "Xã An Biên")
    await editor.press("Bỏ qua")
    fields = editor.last
    await editor.press("Trang sau", fields)
    assert fields.edits == 1
    await editor.press("Trang trước", fields)
    chosen = fields.labels[0]
    await editor.press(chosen, fields)
    assert chosen in editor.last.text
    await editor.press("Xác nhận")
    (row,) = await offices.ledger()
    assert row.field_code is not None


async def test_what_is_being_entered_can_be_cancelled_and_old_buttons_do_nothing(offices: Offices) -> None:
    editor = offices.editor
    await editor.send("/nhaptay")
    first = editor.last
    data = first.data("Bưu điện")
    await editor.press("Bưu điện")
    await editor.press("Hủy")
    await editor.press_data(data, first.id)
    assert await editor.conversation() is None
    assert await offices.ledger() == []


async def test_the_answer_is_delivered_by_hand_with_a_note_or_without(offices: Offices) -> None:
    code = await enter(offices)
    await offices.editor.send(f"/nhaptay {code} Đã gọi.")
    assert "đang ở tình trạng" in offices.editor.last.text
    await offices.editor.send(f"/chuyen {code} SNNMT")
    await offices.officer.send(f"/traloi {code} {ANSWER}")
    await offices.leader.send(f"/duyet {code}")
    await offices.editor.press("Duyệt")
    assert offices.editor.saying("0912345678")
    await offices.editor.press("Đã chuyển câu trả lời")
    await offices.editor.send("Đã gọi lúc 9 giờ.")
    assert "Đã chuyển câu trả lời" in offices.editor.last.text
    await offices.editor.send(f"/nhaptay {code} Gọi lại.")
    assert "đã được làm rồi" in offices.editor.last.text


@pytest.mark.parametrize("by_command", [True, False])
async def test_what_an_agency_asks_of_somebody_without_a_messenger_an_editor_asks_and_enters(
    offices: Offices, by_command: bool
) -> None:
    code = await enter(offices)
    await offices.editor.send(f"/chuyen {code} SNNMT")
    await offices.officer.send(f"/hoithem {code} Thửa đất số mấy?")
    for told in ("Thửa đất số mấy?", "Ông Tư", "Xã An Biên", "0912345678"):
        assert told in offices.editor.last.text
    if by_command:
        await offices.editor.send(f"/nhaptay {code} Thửa số 7.")
    else:
        await offices.editor.press("Nhập phần bổ sung")
        await offices.editor.send("Thửa số 7.")
    assert await offices.status(code) == "accepted"
    assert "Đã nhận phần bổ sung" in offices.editor.last.text
    assert "Thửa số 7." in offices.officer.last.text
    assert await offices.editor.is_idle()


async def test_the_reply_of_somebody_in_the_messenger_is_theirs_alone(offices: Offices) -> None:
    code = await offices.assigned()
    await offices.officer.send(f"/hoithem {code} Thửa đất số mấy?")
    await offices.editor.send(f"/xem {code}")
    assert "Nhập phần bổ sung" not in offices.editor.last.labels
    await offices.editor.send(f"/nhaptay {code} Thửa số 7.")
    assert await offices.status(code) == "waiting"


async def test_the_agency_is_not_told_that_an_answer_arrived_that_editors_have_to_deliver(
    offices: Offices,
) -> None:
    code = await enter(offices)
    await offices.editor.send(f"/chuyen {code} SNNMT")
    await offices.officer.send(f"/traloi {code} {ANSWER}")
    await offices.leader.send(f"/duyet {code}")
    await offices.editor.send(f"/duyet {code}")
    assert "Ban Biên tập sẽ chuyển" in offices.officer.last.text
