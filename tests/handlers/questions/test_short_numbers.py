"""A number typed without its year: the newest question with it that the person may see, also after 1 January."""

from typing import Any

import pytest

from storage.engine.database import Database
from tests.conftest import SetClock
from tests.worlds.chat import House
from tests.worlds.offices import Offices


@pytest.fixture
async def offices(database: Database, application: Any) -> Offices:
    return await Offices.open(House(database, application))


async def test_after_new_year_a_number_still_finds_last_years_question(
    offices: Offices, clock: SetClock
) -> None:
    code = await offices.assigned()
    clock.move(days=65)  # 6/1/2027
    assert code == "DH-2026-000001"

    await offices.citizen.send("/tracuu 1")
    assert code in offices.citizen.last.text
    await offices.officer.send("/nhan 1")
    assert await offices.status(code) == "accepted"
    await offices.editor.send("/xem dh1")
    assert code in offices.editor.last.text
    # A year that was typed is meant.
    await offices.editor.send("/xem 2027-1")
    assert "Không tìm thấy câu hỏi" in offices.editor.last.text


async def test_each_finds_the_newest_that_is_theirs(offices: Offices, clock: SetClock) -> None:
    first = await offices.assigned()
    clock.move(days=65)
    stranger = offices.house.person("Lan")
    second = await offices.ask("Đường vào ấp bị ngập từ tháng trước, bao giờ sửa?", stranger)
    assert (first, second) == ("DH-2026-000001", "DH-2027-000001")

    await offices.citizen.send("/tracuu 1")  # the newer one is another's
    assert first in offices.citizen.last.text
    await stranger.send("/tracuu 1")
    assert second in stranger.last.text
    await offices.officer.send("/xem 1")  # the newer one is with no agency yet
    assert first in offices.officer.last.text
    await offices.editor.send("/xem 1")
    assert second in offices.editor.last.text


async def test_a_number_that_nobody_has_is_said(offices: Offices) -> None:
    await offices.editor.send("/xem 7")
    assert "Không tìm thấy câu hỏi" in offices.editor.last.text
    assert "DH-2026-000123 hoặc 123" in offices.editor.last.text


async def test_a_question_merges_into_last_years_by_its_number(offices: Offices, clock: SetClock) -> None:
    first = await offices.assigned()
    clock.move(days=65)
    stranger = offices.house.person("Lan")
    await offices.ask("Câu khác trong năm mới?", stranger)
    second = await offices.ask("Hồ sơ đất của tôi ở Rạch Giá chưa có kết quả?", stranger)
    assert second == "DH-2027-000002"
    await offices.editor.send(f"/gop {second} {first}")
    await offices.editor.press("Xác nhận")
    async with offices.house.database.reading():
        assert await offices.status(second) == "merged"
