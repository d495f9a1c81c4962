"""Before publication an editor sees what may be personal, piece by piece with its reason, and decides on each."""

from typing import Any

import pytest

from storage.engine.database import Database
from tests.worlds.chat import Chat, House
from tests.worlds.offices import Offices

QUESTION = "Đường hẻm 16 hư, tôi tên là Trần Thị Lụa, ai sửa?"
ANSWER = "Kính gửi bà Trần Thị Lụa, xin gọi đường dây nóng 0297 3812 345. Đã gọi bà theo số 0912 345 671."
HOT_LINE = "0297 3812 345"


@pytest.fixture
async def offices(database: Database, application: Any) -> Offices:
    return await Offices.open(House(database, application))


async def answered(offices: Offices, *, agreed: bool = True) -> str:
    code = await offices.ask(QUESTION)
    await offices.editor.send(f"/chuyen {code} SNNMT")
    await offices.officer.send(f"/traloi {code} {ANSWER}")
    await offices.leader.send(f"/duyet {code}")
    await offices.editor.send(f"/duyet {code}")
    if agreed:
        await offices.citizen.press("Đồng ý công khai")
    return code


async def public(offices: Offices, code: str) -> str:
    stranger: Chat = offices.house.person("Lạ")
    await stranger.send(f"/tracuu {code}")
    return stranger.last.text


async def test_each_suggestion_is_numbered_with_its_reason_and_the_hot_line_stays(offices: Offices) -> None:
    code = await answered(offices)
    await offices.editor.send(f"/congkhai {code}")
    shown = offices.editor.last.text
    for line in (
        "1. hẻm 16: số nhà, hẻm, tổ, ấp",
        "2. Trần Thị Lụa: tên do chính họ nói",
        "3. Kính gửi bà Trần Thị Lụa,: lời chào gửi đích danh",
        "4. 0912 345 671: số điện thoại",
    ):
        assert line in shown
    await offices.editor.press("Xác nhận")
    text = await public(offices, code)
    assert HOT_LINE in text
    for gone in ("Lụa", "Kính gửi", "0912", "hẻm 16"):
        assert gone not in text


async def test_a_suggestion_is_kept_or_taken_after_all(offices: Offices) -> None:
    code = await answered(offices)
    await offices.editor.send(f"/congkhai {code}")
    await offices.editor.press("Giữ 1")
    assert "Đường hẻm 16 hư" in offices.editor.last.text
    assert "(giữ lại)" in offices.editor.last.text
    await offices.editor.press("Giữ 4")
    await offices.editor.press("Che 4")
    await offices.editor.press("Xác nhận")
    text = await public(offices, code)
    assert "hẻm 16" in text
    assert "0912" not in text


async def test_an_older_list_is_no_longer_pressed(offices: Offices) -> None:
    code = await answered(offices)
    await offices.editor.send(f"/congkhai {code}")
    older = offices.editor.last
    data = older.data("Giữ 2")
    await offices.editor.press("Giữ 1")
    await offices.editor.press_data(data, older.id)
    assert "Trần Thị Lụa, ai sửa" not in offices.editor.last.text


async def test_without_consent_keeping_changes_nothing_about_who_decides(offices: Offices) -> None:
    code = await answered(offices, agreed=False)
    await offices.editor.send(f"/congkhai {code}")
    assert "chưa đồng ý" in offices.editor.last.text
    await offices.editor.press("Giữ 1")
    assert "Xác nhận" not in offices.editor.last.labels
    await offices.editor.press("Đã ẩn danh")
    await offices.editor.press("Xác nhận")
    assert "hẻm 16" in await public(offices, code)


async def test_after_an_editor_wrote_the_text_nothing_is_suggested(offices: Offices) -> None:
    code = await answered(offices)
    await offices.editor.send(f"/congkhai {code}")
    await offices.editor.press("Sửa bản công khai")
    await offices.editor.send("Hẻm nhỏ hư, ai sửa?")
    await offices.editor.press("Bỏ qua")
    assert "Giữ 1" not in offices.editor.last.labels
