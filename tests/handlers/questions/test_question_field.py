"""`/linhvuc` and the button `Lĩnh vực` through the real bot."""

from typing import Any

import pytest

from domain.questions.life import Role
from storage.engine.database import Database
from tests.worlds.chat import House
from tests.worlds.offices import Offices, hire

DENUNCIATION = "Tôi tố cáo ông chủ tịch xã nhận hối lộ 50 triệu đồng của dân làm sổ đỏ."


@pytest.fixture
async def offices(database: Database, application: Any) -> Offices:
    return await Offices.open(House(database, application))


async def field_of(offices: Offices, code: str) -> str | None:
    found = (await offices.question(code)).field_code
    return None if found is None else str(found)


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ("giao-thong", "giao-thong"),
        ("Giao thông", "giao-thong"),
        ("GIAO THONG", "giao-thong"),
        ("quy hoạch", "xay-dung"),
        ("viec lam", "lao-dong"),
        ("land", "dat-dai"),
    ],
)
async def test_a_field_is_set_by_its_code_or_its_name_with_or_without_marks(
    offices: Offices, typed: str, field: str
) -> None:
    code = await offices.ask()
    await offices.editor.send(f"/linhvuc {code} {typed}")
    assert await field_of(offices, code) == field
    assert "Đã ghi lĩnh vực" in offices.editor.last.text


async def test_what_fits_several_fields_becomes_buttons_and_what_fits_none_is_said(offices: Offices) -> None:
    code = await offices.ask()
    await offices.editor.send(f"/linhvuc {code} bói toán")
    assert "Không có lĩnh vực “bói toán”" in offices.editor.last.text
    await offices.editor.send(f"/linhvuc {code} xã hội")
    assert offices.editor.last.labels == ["Bảo trợ xã hội, trẻ em", "Bảo hiểm xã hội, bảo hiểm y tế"]
    assert "“xã hội” có thể là nhiều lĩnh vực" in offices.editor.last.text
    assert await field_of(offices, code) is None
    await offices.editor.press("Bảo trợ xã hội")
    assert await field_of(offices, code) == "bao-tro-xa-hoi"


async def test_without_a_name_the_present_field_and_pages_of_all_fields_are_shown(offices: Offices) -> None:
    code = await offices.ask()
    await offices.editor.send(f"/linhvuc {code}")
    choice = offices.editor.last
    assert "chưa có lĩnh vực" in choice.text
    assert choice.labels[0] == "Đất đai"  # the question speaks of it
    await offices.editor.press("Trang sau", choice)
    assert "Trang 2/" in choice.text
    await offices.editor.press("Trang trước", choice)
    await offices.editor.press("Đất đai", choice)
    assert await field_of(offices, code) == "dat-dai"
    assert await offices.editor.is_idle()
    await offices.editor.send(f"/linhvuc {code}")
    assert "Hiện nay: Đất đai" in offices.editor.last.text
    assert "Đất đai" not in offices.editor.last.labels
    await offices.editor.send("môi trường")  # typed instead of a button
    assert await field_of(offices, code) == "moi-truong"
    assert await offices.editor.is_idle()


async def test_the_card_has_the_button_and_shows_the_field_afterwards(offices: Offices) -> None:
    code = await offices.ask()
    card = offices.editor.saying(code)[-1]
    await offices.editor.press("Lĩnh vực", card)
    await offices.editor.send("giao thong")
    assert await field_of(offices, code) == "giao-thong"
    assert "Lĩnh vực: Giao thông" in card.text
    await offices.editor.press("Lịch sử", card)
    assert "Đã ghi lĩnh vực (… → Giao thông)" in offices.editor.last.text


async def test_editors_and_admins_set_it_and_nobody_else_and_not_while_it_is_hidden(offices: Offices) -> None:
    admin = await hire(offices.house, "Quản", Role.ADMIN)
    code = await offices.assigned()
    assert "Lĩnh vực" not in offices.officer.saying(code)[-1].labels
    await offices.officer.send(f"/linhvuc {code} giao thông")
    assert await field_of(offices, code) is None
    await admin.send(f"/linhvuc {code} giao thông")
    assert await field_of(offices, code) == "giao-thong"
    hidden = await offices.ask(DENUNCIATION)
    await offices.editor.send(f"/linhvuc {hidden} đất đai")
    assert "đang ẩn" in offices.editor.last.text
    assert await field_of(offices, hidden) is None


async def test_the_field_of_a_question_entered_by_hand_may_be_typed(offices: Offices) -> None:
    await offices.editor.send("/nhaptay")
    await offices.editor.press("Thư")
    await offices.editor.send("Xin hỏi bao giờ sửa đường?", "Trần Văn Ba", "Ấp 1, xã Gò Quao")
    await offices.editor.press("Bỏ qua")
    await offices.editor.send("xã hội")
    assert "có thể là nhiều lĩnh vực" in offices.editor.last.text
    await offices.editor.send("giao thong")
    await offices.editor.press("Xác nhận")
    assert (await offices.ledger())[-1].field_code == "giao-thong"
