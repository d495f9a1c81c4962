"""Assigning through the real bot: names that fit several agencies, and agencies where nobody can be reached."""

from typing import Any

import pytest
import sqlalchemy as sa

from domain.programme import Programme
from domain.questions.life import Role
from storage.agencies import agencies
from storage.engine.database import Database
from storage.episodes import episodes
from storage.questions import questions
from storage.tables import agencies as agencies_table
from storage.tables import agency_successors
from tests.worlds.chat import Chat, House
from tests.worlds.offices import Offices, hire, hire_everywhere


@pytest.fixture
async def offices(database: Database, application: Any) -> Offices:
    return await Offices.open(House(database, application))


async def agencies_on(offices: Offices, code: str) -> list[str]:
    question = await offices.question(code)
    async with offices.house.database.reading() as work:
        return [row.code for row in await questions.assigned(work, question.id)]


# --- a name that fits several -------------------------------------------------------------------------------------


async def test_a_name_that_fits_several_agencies_becomes_buttons_and_one_tap_assigns(
    offices: Offices,
) -> None:
    await hire_everywhere(offices.house.database)
    code = await offices.ask()
    await offices.editor.send(f"/chuyen {code} vĩnh")
    asked = offices.editor.last
    assert "“vĩnh” là cơ quan nào" in asked.text
    assert asked.labels == ["P. Vĩnh Thông", "Xã Vĩnh Thuận", "Hủy"]
    assert await offices.status(code) == "received"
    await offices.editor.press("Xã Vĩnh Thuận", times=2)
    assert await agencies_on(offices, code) == ["X-VINHTHUAN"]
    assert await offices.editor.is_idle()


async def test_the_chosen_one_takes_its_place_in_the_list_that_was_typed(offices: Offices) -> None:
    await hire_everywhere(offices.house.database)
    code = await offices.ask()
    await offices.editor.send(f"/chuyen {code} SXD, vĩnh; nước")
    await offices.editor.press("P. Vĩnh Thông")
    assert "“nước” là cơ quan nào" in offices.editor.last.text
    await offices.editor.send("cấp nước")  # a clearer name does, too
    assert await agencies_on(offices, code) == ["SXD", "P-VINHTHONG", "CAPNUOC"]


async def test_of_very_many_six_are_offered_and_more_words_are_asked_for(offices: Offices) -> None:
    code = await offices.ask()
    await offices.editor.send(f"/chuyen {code} sở")
    assert len(offices.editor.last.labels) == 6 + 1
    assert "ghi rõ hơn" in offices.editor.last.text


async def test_what_fits_none_is_said_with_the_words_and_an_example(offices: Offices) -> None:
    code = await offices.ask()
    await offices.editor.send(f"/chuyen {code} SXD, phép thuật")
    assert "Không tìm thấy cơ quan “phép thuật”" in offices.editor.last.text
    assert "UBND phường Châu Đốc" in offices.editor.last.text


async def test_an_agency_that_ended_gives_its_successor_and_with_two_a_choice(offices: Offices) -> None:
    await hire_everywhere(offices.house.database)
    database = offices.house.database
    async with database.work() as work:
        ended = await agencies.by_code(work, "SDL")
        assert ended is not None
        yesterday = work.programme.local(work.now).date().replace(day=1)
        await work.run(
            sa.update(agencies_table).where(agencies_table.c.id == ended.id).values(valid_to=yesterday)
        )
        await work.run(sa.insert(agency_successors).values(agency_id=ended.id, successor_code="SVHTT"))
    code = await offices.ask()
    await offices.editor.send(f"/chuyen {code} du lịch")
    assert await agencies_on(offices, code) == ["SVHTT"]
    async with database.work() as work:
        await work.run(sa.insert(agency_successors).values(agency_id=ended.id, successor_code="SCT"))
    await offices.editor.send(f"/chuyen {code} sở du lịch")
    assert offices.editor.last.labels == ["Sở Công Thương", "Sở VH&TT", "Hủy"]


async def test_an_invitation_and_a_guest_ask_in_the_same_way(offices: Offices) -> None:
    admin = await hire(offices.house, "Quản", Role.ADMIN)
    await admin.send("/moinguoi cán bộ vĩnh")
    await admin.press("Xã Vĩnh Thuận")
    assert "Ủy ban nhân dân xã Vĩnh Thuận" in admin.last.text
    await admin.send("/moinguoi")
    await admin.press("Mời lãnh đạo cơ quan")
    await admin.send("nước")
    await admin.press("Cấp nước")
    assert "Công ty Cấp thoát nước tỉnh" in admin.last.text
    assert await admin.is_idle()
    async with offices.house.database.work() as work:
        await episodes.add(work, year=2026, number=12, title="Kỳ về nước", field_code=None, created_by=1)
    await offices.editor.send("/kyphat 12/2026 khách nước; Nguyễn Văn An; Giám đốc")
    await offices.editor.press("Cấp nước")
    assert "Nguyễn Văn An" in offices.editor.last.text
    assert await offices.editor.is_idle()


async def test_in_a_group_where_there_are_no_buttons_the_codes_are_told(offices: Offices) -> None:
    admin = await hire(offices.house, "Quản", Role.ADMIN)
    group = {"id": -100, "type": "supergroup", "title": "Tổ công tác"}
    await offices.house.receive({"message": admin.message("/nhom vĩnh") | {"chat": group}})
    said = offices.house.messenger.chats["-100"][-1].text
    assert "P-VINHTHONG" in said
    assert "X-VINHTHUAN" in said


# --- nobody can be reached there ------------------------------------------------------------------------------------


async def _by_command(offices: Offices, code: str) -> None:
    await offices.editor.send(f"/chuyen {code} SXD")


async def _by_button(offices: Offices, code: str) -> None:
    await offices.editor.press("Chuyển xử lý")
    await offices.editor.press("⚠️ Sở Xây dựng")


async def _by_typing(offices: Offices, code: str) -> None:
    await offices.editor.press("Chuyển xử lý")
    await offices.editor.send("xây dựng")


async def _by_choosing(offices: Offices, code: str) -> None:
    await offices.editor.send(f"/chuyen {code} SNNMT vĩnh")
    await offices.editor.send("xây dựng")


@pytest.mark.parametrize("way", [_by_command, _by_button, _by_typing, _by_choosing])
async def test_every_way_to_an_agency_where_nobody_can_be_reached_warns_before_it_is_done(
    offices: Offices, way: Any
) -> None:
    code = await offices.ask()
    await way(offices, code)
    warning = offices.editor.last
    assert "Chưa có cán bộ nào nhận được tin" in warning.text
    assert "Sở Xây dựng" in warning.text
    assert warning.labels == ["Vẫn chuyển", "Chọn cơ quan khác"]
    assert await offices.status(code) == "received"
    await offices.editor.press("Vẫn chuyển", times=2)
    assert "SXD" in await agencies_on(offices, code)
    assert await offices.editor.is_idle()


async def test_another_agency_can_be_chosen_instead_by_button_or_by_typing(offices: Offices) -> None:
    code = await offices.ask()
    await offices.editor.send(f"/chuyen {code} SXD")
    warning = offices.editor.last
    await offices.editor.press("Chọn cơ quan khác")
    assert warning.labels == []
    assert "⚠️: chưa có cán bộ nào" in offices.editor.last.text
    assert "⚠️ Sở Xây dựng" in offices.editor.last.labels
    assert "Sở NN&MT" in offices.editor.last.labels  # it has an officer, and no mark
    await offices.editor.send("nông nghiệp")
    assert await agencies_on(offices, code) == ["SNNMT"]


async def test_an_officer_who_blocked_the_bot_is_nobody_who_can_be_reached(offices: Offices) -> None:
    code = await offices.ask()
    await offices.house.receive(
        {
            "my_chat_member": {
                "chat": {"id": offices.officer.address, "type": "private", "first_name": "Cán"},
                "from": offices.officer.user,
                "date": 1_793_600_000,
                "old_chat_member": {"user": {"id": 1, "is_bot": True, "first_name": "b"}, "status": "member"},
                "new_chat_member": {
                    "user": {"id": 1, "is_bot": True, "first_name": "b"},
                    "status": "kicked",
                    "until_date": 0,
                },
            }
        }
    )
    await offices.editor.send(f"/chuyen {code} SNNMT")
    assert "Chưa có cán bộ nào nhận được tin" in offices.editor.last.text
    assert await offices.status(code) == "received"


async def test_what_changed_hands_while_the_warning_stood_is_not_assigned(offices: Offices) -> None:
    second = await hire(offices.house, "Hai", Role.EDITOR)
    code = await offices.ask()
    await offices.editor.send(f"/chuyen {code} SXD")
    await second.send(f"/chuyen {code} SNNMT")
    await offices.editor.press("Vẫn chuyển")
    assert await agencies_on(offices, code) == ["SNNMT"]


async def test_automatic_assignment_goes_nowhere_where_nobody_can_be_reached_and_editors_are_told(
    offices: Offices,
) -> None:
    offices.house.database.programme = Programme(assign_automatically=True)
    code = await _ask_about_roads(offices, offices.citizen)
    assert await offices.status(code) == "received"
    assert "chưa tự động chuyển vì" in offices.editor.last.text
    assert "Sở Xây dựng" in offices.editor.last.text
    await hire(offices.house, "Đường", Role.OFFICER, "SXD")
    code = await _ask_about_roads(offices, offices.house.person("Lan"))
    assert await agencies_on(offices, code) == ["SXD"]


async def _ask_about_roads(offices: Offices, citizen: Chat) -> str:
    await citizen.send("Đường trước nhà tôi hỏng, khi nào sửa?")
    await citizen.press("Đồng ý")
    await citizen.send("Nguyễn Thị Mai", "12 Lê Lợi")
    await citizen.press("Bỏ qua")
    await citizen.press("Lĩnh vực khác")
    await citizen.press("▶")
    await citizen.press("▶")
    await citizen.press("Giao thông")
    await citizen.press("Gửi câu hỏi")
    rows = await offices.ledger()
    return f"DH-{rows[-1].year}-{rows[-1].number:06d}"
