"""`/moinguoi` through the real bot: inviting, and ending roles."""

import re
from typing import Any

import pytest

from domain.questions.life import Role
from storage.engine import facts
from storage.engine.database import Database
from tests.worlds.chat import Chat, House
from tests.worlds.offices import Offices, hire


@pytest.fixture
async def offices(database: Database, application: Any) -> Offices:
    offices = await Offices.open(House(database, application))
    async with database.work() as work:
        await facts.put(work, facts.BOT_NAME, "danhoi_angiang_bot")
    return offices


@pytest.fixture
async def admin(offices: Offices) -> Chat:
    return await hire(offices.house, "Quản", Role.ADMIN)


def invitation(chat: Chat) -> str:
    found = re.search(r"https://t\.me/danhoi_angiang_bot\?start=([\w-]{20,64})\b", chat.last.text)
    assert found is not None, chat.last.text
    return found[1]


@pytest.mark.parametrize(
    ("typed", "role"),
    [
        ("officer SNNMT", "Cán bộ xử lý"),
        ("can bo Sở Xây dựng", "Cán bộ xử lý"),
        ("Lãnh đạo snnmt", "Lãnh đạo cơ quan"),
        ("biên tập", "Biên tập viên"),
        ("ADMIN", "Quản trị viên"),
    ],
)
async def test_an_invitation_makes_somebody_one_of_the_staff_with_the_menu_of_the_role(
    offices: Offices, admin: Chat, typed: str, role: str
) -> None:
    await admin.send(f"/moinguoi {typed}")
    new = offices.house.person("Mới")
    await new.send(f"/start {invitation(admin)}")
    assert role in new.last.text
    menu = [name for name, _ in offices.house.messenger.menus[str(new.address)]]
    assert ("viec" in menu) == (role in ("Cán bộ xử lý", "Lãnh đạo cơ quan"))
    assert ("moinguoi" in menu) == (role == "Quản trị viên")


@pytest.mark.parametrize("typed", ["vua", "officer", "officer SỞ LẠ", "editor SNNMT"])
async def test_a_wrong_invitation_says_what_is_wrong(offices: Offices, admin: Chat, typed: str) -> None:
    await admin.send(f"/moinguoi {typed}")
    assert "https" not in admin.last.text


async def test_an_invitation_by_buttons_asks_for_the_agency(offices: Offices, admin: Chat) -> None:
    await admin.send("/moinguoi")
    await admin.press("Mời cán bộ xử lý")
    await admin.send("sở xây dựng")
    assert "Sở Xây dựng" in admin.last.text
    assert invitation(admin)
    assert await admin.conversation() is None


async def test_a_role_ends_after_confirmation_and_the_menu_with_it(offices: Offices, admin: Chat) -> None:
    code = await offices.assigned()
    await admin.send("/moinguoi")
    await admin.press("Cán · Cán bộ xử lý")
    await admin.press("Xác nhận", times=2)
    assert "đã kết thúc" in offices.officer.last.text
    menu = [name for name, _ in offices.house.messenger.menus[str(offices.officer.address)]]
    assert "viec" not in menu
    assert "cuatoi" in menu
    await offices.officer.send(f"/traloi {code} Xong.")
    assert "Không có lệnh này" in offices.officer.last.text
    assert "Sở Nông nghiệp và Môi trường" in offices.editor.last.text  # open work is handed on


async def test_the_last_admin_cannot_end_their_own_role(offices: Offices, admin: Chat) -> None:
    await admin.send("/moinguoi")
    await admin.press("Quản · Quản trị viên")
    confirm = admin.last
    await admin.press("Xác nhận")
    assert "Xác nhận" in confirm.labels  # nothing happened
    await admin.send("/moinguoi officer SNNMT")
    assert invitation(admin)


async def test_nobody_else_invites_by_a_forged_button(offices: Offices) -> None:
    await offices.editor.send("/moi")
    await offices.editor.press_data("iv:admin", offices.editor.last.id)
    await offices.editor.press_data("rv:1", offices.editor.last.id)
    await offices.editor.press_data("ls:holders:1", offices.editor.last.id)
    assert not offices.editor.saying("https://t.me")
    assert not offices.editor.saying("Thu hồi")
