"""`/lichphat` and `/lich` through the real bot."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from icalendar import Calendar

from domain.programme import Programme
from domain.questions.life import Role
from services.airings import changes
from services.airings.schedule import airing_of
from services.operation.loading.slots import load_slots
from storage.engine.database import Database
from storage.people import roles
from storage.tables import airings, broadcasts, episodes
from tests.conftest import SAMPLES, SetClock
from tests.worlds.chat import Chat, House
from tests.worlds.offices import Offices, hire
from tests.worlds.rules import rules

# The clock stands at Monday 2/11/2026, 09:00.
FIRST = "A24:2026-11-07"
SATURDAY = "19:50, thứ Bảy, ngày 07/11/2026"


@pytest.fixture
def programme() -> Programme:
    return replace(rules(), calendar_address="https://dan.example.vn/lich.ics")


@pytest.fixture
async def offices(database: Database, application: Any) -> Offices:
    async with database.work() as work:
        await load_slots(work, (SAMPLES / "slots.csv").read_text("utf-8"))
    return await Offices.open(House(database, application))


async def stands(offices: Offices, key: str = FIRST) -> tuple[str, str]:
    """When an airing starts and how it stands, on a fresh connection."""
    async with offices.house.database.reading() as work:
        airing = await airing_of(work, key)
        assert airing is not None
        return f"{work.programme.local(airing.starts_at):%d/%m %H:%M}", airing.status.value


async def announced(offices: Offices) -> list[dict[str, Any]]:
    async with offices.house.database.reading() as work:
        return [row.content for row in await work.all(sa.select(broadcasts).order_by(broadcasts.c.id))]


async def decided(offices: Offices) -> int:
    async with offices.house.database.reading() as work:
        return int(await work.value(sa.select(sa.func.count()).select_from(airings)))


async def new_episode(offices: Offices, number: int = 12) -> None:
    async with offices.house.database.work() as work:
        await work.insert(
            episodes, year=2026, number=number, title=f"Đất đai <{number}>", created_at=work.now
        )


# --- /lich ----------------------------------------------------------------------------------------------------


async def test_a_citizen_reads_the_next_airings_by_channel(offices: Offices) -> None:
    await offices.citizen.send("/lich")
    said = offices.citizen.last.text
    assert said.index("Phát thanh") < said.index(f"KG • {SATURDAY}") < said.index("KG1 •")
    assert "05:55, Chủ nhật, ngày 08/11/2026 (phát lại)" in said
    assert "https://dan.example.vn/lich.ics" in said
    assert offices.citizen.last.labels == ["Tải lịch về máy"]


async def test_a_moved_and_a_cancelled_airing_and_the_episode_are_said(
    offices: Offices, database: Database
) -> None:
    await new_episode(offices)
    await offices.editor.send("/lichphat gắn 7/11 kỳ 12", "/lichphat dời 7/11 sang 9/11 20:00 bóng đá")
    await offices.editor.press("Xác nhận")
    await offices.editor.send("/lichphat hủy 21/11 bão")
    await offices.editor.press("Xác nhận")
    await offices.citizen.send("/LICH")
    said = offices.citizen.last.text
    assert "20:00, thứ Hai, ngày 09/11/2026 - giờ mới: 12/2026: Đất đai <12>" in said
    assert SATURDAY not in said
    assert "19:50, thứ Bảy, ngày 21/11/2026 - không phát" in said


async def test_the_calendar_file_opens_in_a_calendar_and_tells_the_readers_language(offices: Offices) -> None:
    await offices.citizen.send("/ngonngu")
    await offices.citizen.press("English")
    await offices.citizen.send("/lich")
    assert "Airing times" in offices.citizen.last.text
    await offices.citizen.press("Calendar file")
    sent = offices.citizen.last
    assert sent.name == "lich-phat-song.ics"
    assert "Open this file" in sent.text
    calendar = Calendar.from_ical(sent.document)
    assert str(calendar["X-WR-CALNAME"]).endswith("Airing times")
    summaries = {str(event["SUMMARY"]) for event in calendar.walk("VEVENT")}
    assert "Dân hỏi - Chính quyền trả lời (repeat) - KG1" in summaries


async def test_without_slots_there_is_nothing_to_show_and_no_button(
    database: Database, application: Any
) -> None:
    citizen = House(database, application).person("Mai")
    await citizen.send("/lich")
    assert "chưa có buổi phát nào" in citizen.last.text
    assert citizen.last.labels == []


# --- /lichphat: buttons ---------------------------------------------------------------------------------------


async def test_an_editor_moves_an_airing_by_buttons(offices: Offices) -> None:
    editor = offices.editor
    await editor.send("/lichphat")
    assert "2. 19:50, thứ Bảy, ngày 07/11/2026, KG, phát lần đầu" in editor.last.text
    await editor.press("2. 07/11 19:50 KG")
    assert SATURDAY in editor.last.text
    assert editor.last.labels == ["Dời giờ phát", "Hủy buổi phát", "Gắn với kỳ"]
    await editor.press("Dời giờ phát")
    await editor.send("ngày kia")  # not understood: the prompt still waits
    assert "8/11/2026 20:00" in editor.last.text
    await editor.send("9/11 20h")
    assert "lý do" in editor.last.text
    await editor.send("9/11 20h vì bóng đá")
    preview = editor.last
    assert f"Đang phát: {SATURDAY}" in preview.text
    assert "Sẽ phát: 20:00, thứ Hai, ngày 09/11/2026" in preview.text
    assert "KG1: 06:50, thứ Ba, ngày 10/11/2026" in preview.text
    assert "Lý do: bóng đá" in preview.text
    assert "sẽ được báo" in preview.text
    assert preview.labels == ["Xác nhận", "Hủy"]
    assert (await stands(offices), await announced(offices)) == (("07/11 19:50", "planned"), [])

    await editor.press("Xác nhận", times=2)
    assert await stands(offices) == ("09/11 20:00", "moved")
    assert await stands(offices, "C24:2026-11-07") == ("10/11 06:50", "moved")
    assert len(await announced(offices)) == 1
    assert "Đã dời buổi phát: KG, 20:00, thứ Hai, ngày 09/11/2026" in editor.last.text
    assert await editor.is_idle()

    await editor.press("09/11 20:00 KG")
    assert f"đã dời giờ, theo lịch thường kỳ: {SATURDAY}" in editor.last.text
    await editor.press("Khôi phục")
    await editor.press("Xác nhận", on=editor.last)
    assert await stands(offices) == ("07/11 19:50", "planned")


async def test_an_airing_is_cancelled_by_buttons_and_its_repeats_say_why_they_cannot_be_changed(
    offices: Offices,
) -> None:
    editor = offices.editor
    await editor.send("/lichphat 7/11")
    await editor.press("Hủy buổi phát")
    await editor.send("Bão số 12")
    assert "Không phát nữa." in editor.last.text
    assert "Phát lại không phát nữa:" in editor.last.text
    await editor.press("Xác nhận", on=editor.last)
    assert await stands(offices) == ("07/11 19:50", "cancelled")
    assert (await announced(offices))[0]["new"] is None
    await editor.send("/lichphat 8/11 05:55")
    assert "Buổi phát lần đầu đã bị hủy" in editor.last.text
    assert editor.last.labels == ["Gắn với kỳ"]
    await editor.send("/lichphat khôi phục 8/11 05:55")
    assert "Xin khôi phục buổi phát lần đầu trước" in editor.last.text
    await editor.send("/lichphat khoi phuc 7/11")
    await editor.press("Xác nhận", on=editor.last)
    assert await stands(offices) == ("07/11 19:50", "planned")


async def test_cancelling_the_change_changes_nothing(offices: Offices) -> None:
    await offices.editor.send("/lichphat hủy 7/11 bão")
    await offices.editor.press("Hủy", on=offices.editor.last)
    assert (await stands(offices), await announced(offices)) == (("07/11 19:50", "planned"), [])
    assert await offices.editor.is_idle()


async def test_an_airing_is_added_with_or_without_repeats(offices: Offices) -> None:
    editor = offices.editor
    await editor.send("/lichphat")
    await editor.press("Thêm buổi phát")
    await editor.send("14/11 20:00 30 phút")
    assert "Các kênh: KG, KG1, Phát thanh." in editor.last.text
    await editor.send("14/11 20:00 KG 30 phút")
    assert "Phát lại theo" not in editor.last.text
    assert editor.last.labels == ["Kèm phát lại", "Xác nhận", "Hủy"]
    before = editor.last
    await editor.press("Kèm phát lại")
    assert "KG1: 06:50, Chủ nhật, ngày 15/11/2026" in editor.last.text
    assert editor.last.labels == ["Không kèm phát lại", "Xác nhận", "Hủy"]
    await editor.press_data("ok", before.id)  # the older message
    assert await decided(offices) == 0
    await editor.press("Xác nhận", on=editor.last)
    assert await stands(offices, "A24:2026-11-14") == ("14/11 20:00", "planned")
    assert await stands(offices, "C24:2026-11-14") == ("15/11 06:50", "planned")
    assert "Đã thêm buổi phát: KG, 20:00, thứ Bảy, ngày 14/11/2026" in editor.last.text

    await editor.send("/lichphat thêm 18/11 19:00 phat thanh Chuyên đề")
    assert editor.last.labels == ["Xác nhận", "Hủy"]  # radio has no repeats
    await editor.press("Xác nhận", on=editor.last)
    assert [one["old"] for one in await announced(offices)] == [None, None]
    await editor.send("/lichphat 18/11")
    assert "Phát thanh" in editor.last.text
    assert "15 phút" in editor.last.text


async def test_an_airing_of_the_past_is_written_down_quietly(offices: Offices) -> None:
    await offices.editor.send("/lichphat thêm 10/10/2026 20:00 KG kèm phát lại")
    assert "không báo cho ai" in offices.editor.last.text
    await offices.editor.press("Xác nhận")
    assert "được báo" not in offices.editor.last.text
    assert await stands(offices, "B24:2026-10-10") == ("11/10 05:55", "aired")
    assert await announced(offices) == []


async def test_an_airing_is_tied_to_an_episode_by_buttons_and_by_number(offices: Offices) -> None:
    editor = offices.editor
    await new_episode(offices)
    await new_episode(offices, 13)
    await editor.send("/lichphat 7/11")
    await editor.press("Gắn với kỳ")
    assert editor.last.labels == ["13/2026 Đất đai <13>", "12/2026 Đất đai <12>", "Hủy"]
    await editor.press("12/2026")
    assert "phát kỳ 12/2026: Đất đai <12>" in editor.last.text
    assert await editor.is_idle()
    await editor.send("/lichphat 8/11 KG1")  # the repeat shares it
    assert "Kỳ 12/2026" in editor.last.text
    await editor.press("Gắn với kỳ")
    await editor.send("99/2026")
    assert "Chưa có kỳ 99/2026" in editor.last.text
    await editor.send("kỳ 13")
    assert "phát kỳ 13/2026" in editor.last.text
    await editor.send("/lichphat")
    assert "KG, phát lần đầu: 13/2026: Đất đai <13>" in editor.last.text
    await editor.send("/lichphat gỡ 7/11")
    assert "không còn gắn với kỳ nào" in editor.last.text
    assert await announced(offices) == []


async def test_the_list_turns_pages(offices: Offices) -> None:
    await offices.editor.send("/lichphat")
    assert "8. 05:45, thứ Ba, ngày 24/11/2026" in offices.editor.last.text
    await offices.editor.press("Trang sau")
    assert "1. 05:45, thứ Ba, ngày 01/12/2026" in offices.editor.last.text


# --- /lichphat: typed -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "typed",
    [
        "dời 7/11 sang 9/11 20:00 bóng đá",
        "DOI 7/11/2026 19:50 KG sang 9/11/2026 20h: bong da",
        "move 2026-11-07 to 2026-11-09 20:00 football",
        "dời A24:2026-11-07 sang 20h, thứ Hai, ngày 9/11/2026 lý do: bóng đá",
        "đổi 19:50, thứ Bảy, ngày 07/11/2026 → 20:00 9/11 bóng đá",
    ],
)
async def test_a_move_is_typed_in_many_ways(offices: Offices, typed: str) -> None:
    await offices.editor.send(f"/lichphat {typed}")
    await offices.editor.press("Xác nhận")
    assert await stands(offices) == ("09/11 20:00", "moved")


async def test_only_the_hour_or_only_the_day_is_typed(offices: Offices) -> None:
    await offices.editor.send("/lichphat dời 7/11 sang 20:30 bóng đá")
    await offices.editor.press("Xác nhận", on=offices.editor.last)
    assert await stands(offices) == ("07/11 20:30", "moved")
    await offices.editor.send("/lichphat dời 7/11 sang 10/11 bóng đá")
    await offices.editor.press("Xác nhận", on=offices.editor.last)
    assert await stands(offices) == ("10/11 20:30", "moved")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("dời", "Chưa rõ ngày, giờ phát"),
        ("dời 7/11", "Chưa rõ ngày, giờ phát"),
        ("dời 20:00 sang 21:00 x", "Chưa rõ ngày, giờ phát"),
        ("dời 31/11 sang 1/12 x", "Không hiểu ngày “31/11”"),
        ("dời 7/11 sang 9/11 20:00", "Cần có lý do"),
        ("dời 7/11 sang 1/11 20:00 x", "Giờ phát 20:00, Chủ nhật, ngày 01/11/2026 đã qua"),
        ("dời 7/11 sang 21/11 19:50 x", "Kênh KG đã có buổi phát khác lúc 19:50"),
        ("dời 7/11 sang 7/11 19:50 x", "không có gì thay đổi"),
        ("hủy 8/11 x", "05:55 KG; 06:50 KG1. Xin ghi thêm giờ hoặc kênh."),
        ("hủy 8/11 07:00 x", "Không có buổi phát nào vào Chủ nhật, ngày 08/11/2026 lúc 07:00"),
        ("hủy 9/11 x", "Không có buổi phát nào vào thứ hai, ngày 09/11/2026"),
        ("hủy 7/11", "Cần có lý do"),
        ("khôi phục 7/11", "không có gì thay đổi"),
        ("thêm 14/11 KG", "Chưa rõ ngày, giờ phát"),
        ("thêm 14/11 20:00 VTV1", "Không có kênh “VTV1”"),
        ("thêm 7/11 20:00 KG kèm phát lại", "Theo lịch, kênh này đã có buổi phát kèm phát lại"),
        ("thêm 14/11 20:00 KG1 kèm phát lại", "không có giờ phát lại theo lịch"),
        ("thêm 7/11/2006 20:00 KG", "từ năm 2021 đến năm 2029"),
        ("gắn 7/11", "Chưa có kỳ phát sóng này"),
        ("gắn 7/11 kỳ 99", "Chưa có kỳ 99/2026"),
        ("linh tinh", "Chưa rõ ngày, giờ phát"),
    ],
)
async def test_what_is_typed_wrong_is_said_clearly(offices: Offices, typed: str, said: str) -> None:
    await offices.editor.send(f"/lichphat {typed}")
    assert said.lower() in offices.editor.last.text.lower()
    assert await offices.editor.is_idle()
    assert (await decided(offices), await announced(offices)) == (0, [])


# --- who, and when it changed meanwhile -----------------------------------------------------------------------


async def test_what_somebody_else_changed_meanwhile_is_not_confirmed_over(offices: Offices) -> None:
    admin = await hire(offices.house, "Quản", Role.ADMIN)
    await offices.editor.send("/lichphat dời 7/11 sang 9/11 20:00 bóng đá")
    await admin.send("/lichphat hủy 7/11 bão")
    await admin.press("Xác nhận")
    await offices.editor.press("Xác nhận")
    assert await stands(offices) == ("07/11 19:50", "cancelled")
    assert len(await announced(offices)) == 1


async def test_a_time_that_passes_before_it_is_confirmed_is_refused(
    offices: Offices, clock: SetClock
) -> None:
    await offices.editor.send("/lichphat dời 7/11 sang 2/11 09:30 bóng đá")
    clock.at = datetime(2026, 11, 2, 2, 31, tzinfo=UTC)
    await offices.editor.press("Xác nhận")
    assert await decided(offices) == 0


async def test_others_know_neither_the_command_nor_its_buttons(offices: Offices) -> None:
    await offices.editor.send("/lichphat")
    shown = offices.editor.last
    for chat in (offices.citizen, offices.officer, offices.leader):
        await chat.send("/lichphat hủy 7/11 bão")
        unknown = chat.last.text
        await chat.send("/khongco")
        assert chat.last.text == unknown
        for data in (
            f"aio:{FIRST}", f"aim:{FIRST}", f"aic:{FIRST}", f"air:{FIRST}", "aia", f"ait:{FIRST}",
            f"aie:{FIRST}:1", f"aiu:{FIRST}", "aiw:yes", "ls:airings:1",
        ):  # fmt: skip
            await chat.press_data(data, shown.id)
            assert SATURDAY not in chat.last.text
            assert await chat.is_idle()
    assert await decided(offices) == 0


async def test_an_editor_whose_role_was_revoked_confirms_nothing(offices: Offices) -> None:
    await offices.editor.send("/lichphat hủy 7/11 bão")
    person = await offices.editor.row()
    async with offices.house.database.work() as work:
        for role in await roles.of_person(work, person.id):
            await roles.revoke(work, role.id, None)
    await offices.editor.press("Xác nhận")
    assert await stands(offices) == ("07/11 19:50", "planned")


async def test_forged_buttons_do_nothing(offices: Offices) -> None:
    await offices.editor.send("/lichphat")
    shown = offices.editor.last
    for data in (
        "aio", "aio:", "aio:A24:9999-12-31", "aio:A24:x", "aim:999", "aic::", "aie", "aie:1", "aie:A24:2026-11-07:x",
        "aie:A24:2026-11-07:99", "aiu:B24", "aiw", "aiw:yes", "air:-1", "ait:''",
    ):  # fmt: skip
        await offices.editor.press_data(data, shown.id)
        assert await offices.editor.is_idle(), data
    assert await decided(offices) == 0


async def test_a_question_being_written_waits_while_the_schedule_changes(offices: Offices) -> None:
    await offices.editor.send("/hoi Khi nào sửa đường ấp 5?")
    await offices.editor.send("/lichphat hủy 7/11 bão")
    await offices.editor.press("Xác nhận")
    assert await stands(offices) == ("07/11 19:50", "cancelled")
    conversation = await offices.editor.conversation()
    assert conversation is not None
    assert conversation.step.startswith("ask.")


async def test_the_longest_keys_fit_into_buttons(offices: Offices, database: Database) -> None:
    code = "X" * 32
    async with database.work() as work:
        header = (SAMPLES / "slots.csv").read_text("utf-8").splitlines()[0]
        await load_slots(work, f"{header}\n{code},KG9,tv,1,sat,10:00,,,,,\n")
        await work.insert(
            episodes, id=2_000_000_000, year=2026, number=1, title="Đ" * 100, created_at=work.now
        )
    await offices.editor.send("/lichphat 7/11 10:00")
    await offices.editor.press("Gắn với kỳ")
    await offices.editor.press("1/2026")
    assert "phát kỳ 1/2026" in offices.editor.last.text


async def test_an_editor_who_reads_english_reads_all_of_it_in_english(offices: Offices) -> None:
    editor: Chat = offices.editor
    await editor.send("/ngonngu")
    await editor.press("English")
    await editor.send("/lichphat move 7/11 to 9/11 20:00 football")
    assert "Then: 20:00, Monday, 9 November 2026" in editor.last.text
    await editor.press("Confirm")
    assert "The airing was moved: KG, 20:00, Monday, 9 November 2026." in editor.last.text
    assert changes.AUDIENCE == "airings"
