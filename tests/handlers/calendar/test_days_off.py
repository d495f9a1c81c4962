"""`/ngaynghi` through the real bot: the list of days, what moves with it, and confirming a year."""

from datetime import date
from typing import Any

import pytest

from domain.questions.life import Role
from services.calendar import official_year
from services.deadlines import rescheduling
from storage.calendar import days
from storage.engine.database import Database
from storage.people import roles
from tests.conftest import SetClock
from tests.worlds.chat import Chat, House
from tests.worlds.offices import Offices, hire

# The clock stands at Monday 2/11/2026, 09:00.
TUESDAY = "thứ Ba, ngày 10/11/2026"


@pytest.fixture
async def offices(database: Database, application: Any) -> Offices:
    return await Offices.open(House(database, application))


@pytest.fixture
async def admin(offices: Offices) -> Chat:
    return await hire(offices.house, "Quản", Role.ADMIN)


async def listed(offices: Offices) -> dict[date, tuple[str, str]]:
    """The admins' list from the clock's day on."""
    async with offices.house.database.reading() as work:
        return {
            row.date: (row.kind, row.note) for row in await days.listed(work) if row.date > date(2026, 11, 1)
        }


async def test_a_day_off_is_previewed_confirmed_and_told_to_everybody_concerned(
    offices: Offices, admin: Chat
) -> None:
    code = await offices.assigned()
    before = [len(chat.shown) for chat in (offices.citizen, offices.officer, offices.editor)]

    await admin.send("/ngaynghi 10/11/2026 nghỉ Bão số 12")

    assert TUESDAY in admin.last.text
    assert "Bão số 12" in admin.last.text
    assert f"{code} hạn trả lời: 17:00, thứ Hai, ngày 16/11/2026 → 17:00, thứ Ba, ngày 17/11/2026" in (
        admin.last.text
    )
    assert admin.last.labels == ["Xác nhận", "Hủy"]
    assert await listed(offices) == {}
    assert [len(chat.shown) for chat in (offices.citizen, offices.officer, offices.editor)] == before

    await admin.press("Xác nhận")

    assert await listed(offices) == {date(2026, 11, 10): ("off", "Bão số 12")}
    assert "Số hạn đã thay đổi: 1" in admin.last.text
    assert [len(chat.shown) for chat in (offices.citizen, offices.officer, offices.editor)] == [
        one + 1 for one in before
    ]
    assert "ngày 17/11/2026" in offices.citizen.last.text
    assert code in offices.officer.last.text
    assert "Hạn trả lời thay đổi: 1" in offices.editor.last.text


async def test_cancelling_changes_nothing(offices: Offices, admin: Chat) -> None:
    await offices.assigned()
    await admin.send("/ngaynghi 10/11/2026 nghỉ")
    await admin.press("Hủy")
    assert await listed(offices) == {}
    assert await admin.is_idle()


async def test_a_swap_in_one_go_without_diacritics(offices: Offices, admin: Chat) -> None:
    await admin.send("/NGAYNGHI 10/11/2026 nghi, 2026-11-14 LAM bu cho thứ Ba")
    assert "Không có hạn nào thay đổi" in admin.last.text
    await admin.press("Xác nhận")
    assert await listed(offices) == {
        date(2026, 11, 10): ("off", ""),
        date(2026, 11, 14): ("work", "cho thứ Ba"),
    }


async def test_what_moves_is_reckoned_again_when_it_is_confirmed(offices: Offices, admin: Chat) -> None:
    await admin.send("/ngaynghi 10/11/2026 nghỉ")
    assert "Không có hạn nào thay đổi" in admin.last.text
    await offices.assigned()
    await admin.press("Xác nhận")
    assert "Số hạn đã thay đổi: 1" in admin.last.text


async def test_a_second_tap_and_another_admins_same_change_do_nothing_twice(
    offices: Offices, admin: Chat
) -> None:
    await offices.assigned()
    other = await hire(offices.house, "Trị", Role.ADMIN)
    for one in (admin, other):
        await one.send("/ngaynghi 10/11/2026 nghỉ")
    await admin.press("Xác nhận", times=2)
    before = len(offices.citizen.shown)
    await other.press("Xác nhận")
    assert len(offices.citizen.shown) == before
    assert "Số hạn" not in other.last.text


async def test_a_day_already_so_is_said_and_changes_nothing(offices: Offices, admin: Chat) -> None:
    for typed, said in (
        ("24/11/2026 nghỉ", "vốn đã là ngày nghỉ"),
        ("14/11/2026 nghỉ", "vốn đã là ngày nghỉ"),
        ("10/11/2026 làm", "vốn đã là ngày làm việc"),
        ("10/11/2026 bỏ", "không bỏ được"),
    ):
        await admin.send(f"/ngaynghi {typed}")
        assert said in admin.last.text
        assert admin.last.labels == []
    assert await listed(offices) == {}


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("32/1/2027 nghỉ", "Không hiểu ngày “32/1/2027”"),
        ("hôm nay nghỉ", "Không hiểu ngày “hôm”"),
        ("31/12/2025 nghỉ", "từ năm 2026 đến năm 2029"),
        ("1/1/2030 nghỉ", "từ năm 2026 đến năm 2029"),
        ("10/11/2026", "nghỉ, làm hay bỏ"),
        ("10/11/2026 nghỉ, 10/11/2026 làm", "hai lần"),
        ("2029 xác nhận", "năm nay và năm sau"),
        ("2026 xác nhận", "đã được xác nhận từ trước"),
    ],
)
async def test_what_is_typed_wrong_is_said_clearly(
    offices: Offices, admin: Chat, typed: str, said: str
) -> None:
    await admin.send(f"/ngaynghi {typed}")
    assert said in admin.last.text
    assert await admin.is_idle()


async def test_only_admins_know_the_command_and_its_buttons(offices: Offices, admin: Chat) -> None:
    for chat in (offices.citizen, offices.officer, offices.editor, offices.leader):
        await chat.send("/ngaynghi 10/11/2026 nghỉ")
        unknown = chat.last.text
        await chat.send("/khongco")
        assert chat.last.text == unknown
    await admin.send("/ngaynghi")
    shown = admin.last
    for label in ("Thêm ngày nghỉ", "Xác nhận năm 2027"):
        await offices.editor.press_data(shown.data(label), shown.id)
        assert await offices.editor.is_idle()
    await offices.editor.press_data("dd:2026-11-10", shown.id)
    await offices.editor.press_data("ls:days:1", shown.id)
    assert await offices.editor.is_idle()


async def test_somebody_who_is_no_admin_any_more_confirms_nothing(offices: Offices, admin: Chat) -> None:
    await admin.send("/ngaynghi 10/11/2026 nghỉ")
    person = await admin.row()
    async with offices.house.database.work() as work:
        for role in await roles.of_person(work, person.id):
            await roles.revoke(work, role.id, None)
    await admin.press("Xác nhận")
    assert await listed(offices) == {}


async def test_the_list_shows_coming_days_in_pages_with_what_is_only_computed(
    offices: Offices, admin: Chat
) -> None:
    await admin.send("/ngaynghi")
    assert "Năm 2026: đã xác nhận." in admin.last.text
    assert "Năm 2027: chưa xác nhận." in admin.last.text
    assert "thứ Ba, ngày 24/11/2026: nghỉ - Ngày Văn hóa Việt Nam (chính thức)" in admin.last.text
    assert "thứ Năm, ngày 04/02/2027: nghỉ (tạm tính)" in admin.last.text
    assert "2/9" not in admin.last.text
    await admin.press("Trang sau")
    assert "thứ Năm, ngày 02/09/2027" in admin.last.text


async def test_days_are_added_and_taken_back_by_buttons(offices: Offices, admin: Chat) -> None:
    code = await offices.assigned()
    await admin.send("/ngaynghi")
    await admin.press("Thêm ngày nghỉ")
    await admin.send("10/11/2026 Bão")
    await admin.press("Xác nhận")
    assert await listed(offices) == {date(2026, 11, 10): ("off", "Bão")}
    await admin.send("/ngaynghi")
    await admin.press("Thêm ngày làm bù")
    await admin.send("32/11/2026")  # a typing error: the prompt still waits
    await admin.send("15/11/2026")
    await admin.press("Xác nhận")
    assert (await listed(offices))[date(2026, 11, 15)] == ("work", "")

    await admin.send("/ngaynghi")
    await admin.press(f"Bỏ: {TUESDAY}")
    assert "bỏ khỏi danh sách" in admin.last.text
    assert code in admin.last.text
    await admin.press("Xác nhận")
    assert list(await listed(offices)) == [date(2026, 11, 15)]
    due_at = (await offices.question(code)).due_at
    assert due_at is not None
    assert due_at.day == 15  # the Sunday worked, and none off


async def test_a_long_preview_is_cut_and_the_total_said(offices: Offices, admin: Chat) -> None:
    askers = (offices.citizen, offices.house.person("Tư"))  # one person may not ask so many in a day
    for number in range(rescheduling.LISTED + 2):
        await offices.ask(who=askers[number % 2])
    await admin.send("/ngaynghi 5/11/2026 nghỉ")
    assert admin.last.text.count("hạn chuyển xử lý") == rescheduling.LISTED
    assert f"({rescheduling.LISTED + 2})" in admin.last.text
    assert "và 2 hạn khác" in admin.last.text


async def test_a_question_being_written_waits_while_days_are_changed(offices: Offices, admin: Chat) -> None:
    await admin.send("/hoi Khi nào sửa đường ấp 5?")
    await admin.send("/ngaynghi 10/11/2026 nghỉ")
    await admin.press("Xác nhận")
    assert date(2026, 11, 10) in await listed(offices)
    conversation = await admin.conversation()
    assert conversation is not None
    assert conversation.step.startswith("ask.")


async def test_a_year_is_confirmed_after_a_look_at_its_days(offices: Offices, admin: Chat) -> None:
    await admin.send("/ngaynghi 2027 xac nhan")
    assert "thứ Năm, ngày 04/02/2027: nghỉ (tạm tính)" in admin.last.text
    assert "thứ Sáu, ngày 01/01/2027: nghỉ - Tết Dương lịch (chính thức)" in admin.last.text
    await admin.press("Xác nhận")
    async with offices.house.database.reading() as work:
        assert await days.confirmed_years(work) == {2027}
    await admin.send("/ngaynghi")
    assert "Năm 2027: đã xác nhận." in admin.last.text
    assert "tạm tính" not in admin.last.text
    assert "Xác nhận năm 2027" not in admin.last.labels
    await admin.send("/ngaynghi 2027 xác nhận")
    assert "đã được xác nhận từ trước" in admin.last.text


async def test_the_weekly_warning_leads_to_confirming(offices: Offices, admin: Chat, clock: SetClock) -> None:
    async with offices.house.database.work() as work:
        assert await official_year.warn_of_unconfirmed_year(work) == 1
    await offices.house.deliver()
    assert "Ngày nghỉ năm 2027 chưa được xác nhận" in admin.last.text
    await admin.press("Xác nhận năm")
    assert admin.last.labels == ["Xác nhận", "Hủy"]
    await admin.press("Xác nhận", on=admin.last)
    async with offices.house.database.reading() as work:
        assert await days.confirmed_years(work) == {2027}


async def test_an_admin_who_reads_english_reads_all_of_it_in_english(offices: Offices, admin: Chat) -> None:
    await offices.assigned()
    await admin.send("/ngonngu")
    await admin.press("English")
    await admin.send("/ngaynghi 10/11/2026 off storm")
    assert "to answer: 17:00, Monday, 16 November 2026 → 17:00, Tuesday, 17 November 2026" in admin.last.text
    await admin.press("Confirm")
    assert "Deadlines that moved: 1." in admin.last.text
