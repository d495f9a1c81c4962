"""One episode, from choosing its questions to counting its views, with everybody who has a part in it."""

from typing import Any

import pytest

from domain.questions.life import Role
from services.airings.schedule import airings_between
from storage.engine.database import Database
from tests.conftest import SetClock
from tests.handlers.subscribers.test_delivery import Programme
from tests.worlds.chat import Chat, House
from tests.worlds.offices import Offices, hire
from tests.worlds.on_air import OnAir, at

VIDEO = "https://www.youtube.com/watch?v=dQw4w9WgXcQ"


@pytest.fixture
async def programme(database: Database, application: Any, clock: SetClock) -> Programme:
    await OnAir(database, clock).load_slots()
    return Programme(House(database, application), clock)


async def plan(offices: Offices, code: str, left_out: str) -> None:
    """An editor chooses two questions, words them for the air, and fills in what the script plan demands."""
    await offices.editor.send(
        "/kyphat mới Cấp giấy chứng nhận đất",
        f"/kyphat 1 chọn {code}",
        f"/kyphat 1 chọn {left_out}",
        f"/kyphat 1 lời {code} Hồ sơ nộp từ tháng 5 chưa có kết quả, khi nào có?",
        f"/kyphat 1 bỏ {left_out} Câu hỏi trùng với kỳ trước.",
        "/kyphat 1 mục đích Giải đáp về cấp giấy.",
        "/kyphat 1 yêu cầu Trả lời ngắn gọn.",
        "/kyphat 1 thời lượng 30 phút",
        "/kyphat 1 ghi hình 8h 18/11/2026",
        "/kyphat 1 địa điểm Trường quay",
        "/kyphat 1 hình thức Tại trường quay",
        "/kyphat 1 khách SNNMT; Trần Văn Bình; Phó Giám đốc",
        "/lichphat gắn 21/11 19:50 1/2026",
    )


def news(chat: Chat, words: str) -> int:
    return len(chat.saying(words))


async def test_an_episode_from_its_questions_to_its_views(
    programme: Programme, database: Database, clock: SetClock
) -> None:
    offices = await Offices.open(programme.house)
    editor, officer, leader, asker = offices.editor, offices.officer, offices.leader, offices.citizen
    office = await hire(programme.house, "Văn phòng", Role.OFFICER, "VPUBND")
    viewer, other = programme.house.person("Sóc"), programme.house.person("Lan")
    await viewer.send("/dangky lịch", "/dangky link")
    code = await offices.assigned()
    second = await offices.ask("Bao giờ xã tôi có nước sạch?", other)

    # Chosen, and one left out: its asker hears why; the other, when the answer is on air. Nobody else does yet.
    await plan(offices, code, second)
    await programme.tick("2 10:00")
    assert "Câu hỏi trùng với kỳ trước" in other.last.text
    (told,) = asker.saying("sẽ được trả lời trên sóng")
    assert "19:50, thứ Bảy, ngày 21/11/2026" in told.text
    assert news(viewer, "Kỳ 1/2026") == 0

    # The plan goes out in time, by Wednesday 11/11, to the agency and the provincial office, who acknowledge it.
    programme.clock.at = at("10 9:00")
    await editor.send("/kichban 1/2026")
    await editor.press("Xác nhận")
    assert "muộn" not in editor.last.text
    for chat in (officer, leader, office):
        assert chat.last.name.startswith("kich-ban-ky-1-2026")
    await officer.press("Đã nhận kịch bản")
    await office.press("Đã nhận kịch bản")
    await editor.send("/kyphat 1/2026")
    assert editor.last.text.count("✓") == 2
    assert "chưa xác nhận" not in editor.last.text

    # Recorded; announced the evening before and half an hour before; aired.
    programme.clock.at = at("18 10:00")
    await editor.send("/kyphat 1 đã ghi")
    await programme.tick("20 19:00")
    assert "Kỳ 1/2026" in viewer.saying("Chuyên mục sắp lên sóng")[-1].text
    await programme.tick("21 19:20")
    assert news(viewer, "Chuyên mục sắp lên sóng") == 2
    programme.clock.at = at("21 20:30")
    async with database.reading() as work:
        day = work.programme.local(work.now).date()
        assert [one.status.value for one in await airings_between(work, day, day)] == ["aired"]

    # The link: the asker gets the minute, the subscriber the link, and whoever looks finds both.
    programme.clock.at = at("22 9:00")
    await editor.send(f"/duongdan 1/2026 {VIDEO}", f"/duongdan 1/2026 mốc 1 {code} 12:34")
    await programme.tick("22 9:05")
    assert "12:34" in asker.saying("đã được trả lời trong Kỳ 1/2026")[-1].text
    assert any("t=754" in data for row in asker.last.buttons for _label, data in row)
    assert news(viewer, "Kỳ 1/2026") >= 3
    assert any(data.startswith(VIDEO) for row in viewer.last.buttons for _label, data in row)
    await other.send("/xemlai giấy chứng nhận")
    assert "Cấp giấy chứng nhận đất" in other.last.text

    # Views, as counted on two days; the latest counts.
    programme.clock.at = at("29 9:00")
    await editor.send("/luotxem 1/2026 1 900 24/11", "/luotxem 1/2026 1 1.800", "/luotxem")
    assert "1.800" in editor.last.text

    # Nobody hears anything twice, however often the clock ticks.
    before = [len(chat.shown) for chat in (asker, other, viewer)]
    await programme.tick("29 9:10")
    await programme.tick("29 9:11")
    assert [len(chat.shown) for chat in (asker, other, viewer)] == before
