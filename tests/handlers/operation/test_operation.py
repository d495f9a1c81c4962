"""`/nhatky` and `/tinhtrang` through the real bot."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from domain.questions.life import Role
from storage.engine.database import Database
from storage.operation import audit
from storage.tables import outbox
from tests.conftest import SetClock
from tests.worlds.chat import Chat, House
from tests.worlds.offices import Offices, hire

DENUNCIATION = "Tôi tố cáo ông chủ tịch xã nhận hối lộ 50 triệu đồng của dân làm sổ đỏ."


@pytest.fixture
async def offices(database: Database, application: Any) -> Offices:
    return await Offices.open(House(database, application))


@pytest.fixture
async def admin(offices: Offices) -> Chat:
    return await hire(offices.house, "Quản", Role.ADMIN)


async def test_the_audit_log_tells_who_did_what_and_no_word_of_a_denunciation(
    offices: Offices, admin: Chat
) -> None:
    code = await offices.ask(DENUNCIATION)
    await offices.editor.send(f"/xem {code}")
    await admin.send("/moinguoi biên tập")
    await admin.send("/nhatky")
    assert f"Biên: mở câu hỏi nghi tố cáo - {code}" in admin.last.text
    assert "Quản: mời vào vai trò - editor" in admin.last.text
    assert "nhận vai trò - Cán (officer, SNNMT)" in admin.last.text
    assert "hối lộ" not in admin.last.text
    async with offices.house.database.reading() as work:
        assert await audit.first_broken(work) is None


async def test_what_an_admin_sees_of_a_hidden_question_is_no_reading(offices: Offices, admin: Chat) -> None:
    code = await offices.ask(DENUNCIATION)
    await admin.send(f"/xem {code}")
    await admin.send("/nhatky")
    assert "mở câu hỏi" not in admin.last.text


async def test_a_long_log_has_pages(offices: Offices, admin: Chat) -> None:
    for _ in range(8):
        await admin.send("/moinguoi biên tập")
    await admin.send("/nhatky")
    assert "trang 1" in admin.last.text
    await admin.press("Trang sau")
    assert "trang 2" in admin.last.text


@pytest.mark.parametrize("command", ["/nhatky", "/tinhtrang"])
async def test_only_admins_look_after_the_programme(offices: Offices, command: str) -> None:
    for chat in (offices.citizen, offices.editor, offices.officer):
        await chat.send(command)
        assert "Nhật ký" not in chat.last.text
        assert "Tình trạng" not in chat.last.text


async def test_health_says_what_is_stuck_and_since_when(
    offices: Offices, admin: Chat, clock: SetClock
) -> None:
    await admin.send("/tinhtrang")
    assert "✅ Tin chờ gửi quá lâu" in admin.last.text
    async with offices.house.database.work() as work:
        stuck = {"channel": "telegram", "address": "9", "lane": 1, "kind": "text", "state": "queued"}
        await work.run(
            sa.insert(outbox).values(
                **stuck,
                content={"html": "x", "buttons": []},
                not_before=work.now,
                queued_at=work.now - timedelta(hours=2),
            )
        )
    await admin.send("/tinhtrang")
    assert "⚠️ Tin chờ gửi quá lâu: 1, lâu nhất từ" in admin.last.text
