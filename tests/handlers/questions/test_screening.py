"""Editors through the real bot: new ones, assigning, refusing, merging, publishing, correcting."""

from typing import Any

import pytest

from domain.questions.life import RefusalCode, Role
from services.ledger.digests import send_digests
from storage.engine.database import Database
from storage.questions import history, questions
from tests.worlds.chat import House
from tests.worlds.offices import ANSWER, LAND, Offices, hire, hire_everywhere

DENUNCIATION = "Tôi tố cáo ông chủ tịch xã nhận hối lộ 50 triệu đồng của dân làm sổ đỏ."


@pytest.fixture
async def offices(database: Database, application: Any) -> Offices:
    return await Offices.open(House(database, application))


async def agencies_on(offices: Offices, code: str) -> list[str]:
    question = await offices.question(code)
    async with offices.house.database.reading() as work:
        return [row.code for row in await questions.assigned(work, question.id)]


# --- new ones ---------------------------------------------------------------------------------------------------


async def test_the_list_of_new_ones_marks_what_is_late_returned_or_hidden(
    offices: Offices, clock: Any
) -> None:
    await offices.ask()
    await offices.assigned()
    await offices.officer.send("/trave 2 Việc của Sở Xây dựng.")
    await offices.ask(DENUNCIATION)
    clock.move(days=5)
    await offices.editor.send("/moi")
    said = offices.editor.last.text
    assert "(3)" in said
    assert "Cơ quan trả lại" in said
    assert "Quá hạn" in said
    assert "5 ngày" in said
    assert "nghi tố cáo" in said
    assert "hối lộ" not in said
    admin = await hire(offices.house, "Quản", Role.ADMIN)
    await admin.send("/moi")
    assert "(2)" in admin.last.text


# --- overdue ones -------------------------------------------------------------------------------------------------


async def test_the_overdue_list_is_paged_the_most_overdue_first_and_says_who_is_late(
    offices: Offices, clock: Any
) -> None:
    first = await offices.in_approval()
    clock.move(days=1)
    later = [await offices.assigned() for _ in range(8)]
    clock.move(days=1)
    unassigned = await offices.ask()
    hidden = await offices.ask(DENUNCIATION)
    await offices.editor.send("/quahan")
    assert "Không có câu hỏi quá hạn" in offices.editor.last.text
    clock.move(days=20)
    await offices.editor.send("/quahan")
    shown = offices.editor.last
    assert "(10), trang 1" in shown.text
    assert shown.text.index(unassigned) < shown.text.index(first) < shown.text.index(later[0])
    assert "trễ ở lãnh đạo cơ quan" in shown.text
    assert "trễ ở Ban Biên tập" in shown.text
    assert "Sở NN&MT" in shown.text
    assert hidden not in shown.text
    await offices.editor.press("Trang sau")
    assert offices.editor.last.id == shown.id
    assert later[7] in shown.text
    assert first not in shown.text
    await offices.editor.press("Trang trước")
    assert first in shown.text


async def test_only_editors_and_admins_see_the_overdue_list(offices: Offices) -> None:
    for chat in (offices.officer, offices.citizen):
        await chat.send("/quahan")
        assert "trang" not in chat.last.text
        await chat.press_data("sl:overdue", 1)
        assert "quá hạn" not in chat.last.text.lower()
    admin = await hire(offices.house, "Quản", Role.ADMIN)
    await admin.send("/quahan")
    assert "Không có câu hỏi quá hạn" in admin.last.text


async def test_the_digest_comes_with_a_picture_and_its_buttons_show_lists_below_it(
    offices: Offices, clock: Any
) -> None:
    code = await offices.ask()
    clock.move(days=8)
    await send_digests(offices.house.database)
    await offices.house.deliver()
    digest = offices.editor.saying("Bản tin ngày")[-1]
    assert digest.png.startswith(b"\x89PNG")
    before = digest.html
    await offices.editor.press("Câu hỏi mới", digest)
    assert code in offices.editor.last.text
    assert offices.editor.last.id > digest.id
    await offices.editor.press("Quá hạn", digest)
    assert "Câu hỏi quá hạn" in offices.editor.last.text
    await offices.editor.press("Chờ duyệt", digest)
    assert "Không có dự thảo nào chờ duyệt" in offices.editor.last.text
    assert digest.html == before
    await offices.editor.press_data("sl:lạ", digest.id)
    assert "Câu hỏi quá hạn" not in offices.editor.last.text


# --- assigning --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("SNNMT", ["SNNMT"]),
        ("snnmt SXD, syt", ["SNNMT", "SXD", "SYT"]),
        ("Sở Xây dựng, Sở Y tế", ["SXD", "SYT"]),
        ("so xay dung so y te", ["SXD", "SYT"]),
        ("Sở Tài nguyên và Môi trường|CAT", ["SNNMT", "CAT"]),  # a name of before July 2025
        ("P. Rạch Giá", ["P-RACHGIA"]),
        ("p-rachgia X-ANBIEN", ["P-RACHGIA", "X-ANBIEN"]),
        ("UBND phường Châu Đốc", ["P-CHAUDOC"]),
        ("công thương; quân sự", ["SCT", "BCHQS"]),
    ],
)
async def test_agencies_are_named_by_code_or_by_any_name_people_use(
    offices: Offices, typed: str, expected: list[str]
) -> None:
    await hire_everywhere(offices.house.database)
    code = await offices.ask()
    await offices.editor.send(f"/chuyen {code} {typed}")
    assert await agencies_on(offices, code) == expected


@pytest.mark.parametrize("typed", ["SỞ LẠ", "SNNMT SỞ LẠ", "SNNMT SNNMT"])
async def test_a_wrong_agency_is_named_and_nothing_is_assigned(offices: Offices, typed: str) -> None:
    code = await offices.ask()
    await offices.editor.send(f"/chuyen {code} {typed}")
    assert "cơ quan" in offices.editor.last.text
    assert await offices.status(code) == "received"


async def test_an_agency_is_chosen_from_pages_or_by_typing_its_name(offices: Offices) -> None:
    await hire_everywhere(offices.house.database)
    code = await offices.ask()
    await offices.editor.press("Chuyển xử lý")
    choice = offices.editor.last
    await offices.editor.press("Trang sau", choice)
    assert "Trang 2" in choice.text
    await offices.editor.send("sở xây dựng")
    assert await agencies_on(offices, code) == ["SXD"]
    assert await offices.editor.conversation() is None


async def test_of_two_editors_the_slower_one_hears_that_it_is_done(offices: Offices) -> None:
    second = await hire(offices.house, "Hai", Role.EDITOR)
    code = await offices.ask()
    await offices.editor.press("Chuyển xử lý")
    await second.press("Chuyển xử lý")
    choice = second.last
    await offices.editor.press("Sở NN&MT")
    await second.press("Sở Xây dựng", choice)
    assert await agencies_on(offices, code) == ["SNNMT"]
    assert "Sở Nông nghiệp và Môi trường" in choice.text  # the choice became the card of now
    (stale,) = [one for one in second.saying("Đã chuyển cơ quan trả lời") if one is not choice]
    for act in ("rc", "mg"):  # refuse, merge
        await second.press_data(f"{act}:1:0", stale.id)
        assert "Sở Nông nghiệp và Môi trường" in stale.text
    assert await offices.status(code) == "assigned"


async def test_a_command_after_somebody_elses_asks_first_then_assigns_anew_and_says_so_in_the_history(
    offices: Offices,
) -> None:
    second = await hire(offices.house, "Hai", Role.EDITOR)
    await hire_everywhere(offices.house.database)
    code = await offices.assigned()
    await second.send(f"/chuyen {code} SNNMT")
    assert "đã được làm rồi" in second.last.text
    await second.send(f"/chuyen {code} SXD")
    assert await agencies_on(offices, code) == ["SNNMT"]
    for told in ("Sở Nông nghiệp và Môi trường", "Biên", "09:00, thứ Hai", "Sở Xây dựng"):
        assert told in second.last.text
    await second.press("Xác nhận")
    assert await agencies_on(offices, code) == ["SXD"]
    async with offices.house.database.reading() as work:
        past = await history.of_question(work, (await offices.question(code)).id)
    assert [row.event for row in past][-2:] == ["assigned", "reassigned"]


async def test_what_changed_hands_while_a_confirmation_waited_is_not_assigned_again(offices: Offices) -> None:
    second = await hire(offices.house, "Hai", Role.EDITOR)
    await hire_everywhere(offices.house.database)
    code = await offices.assigned()
    await second.send(f"/chuyen {code} SXD")
    await offices.editor.send(f"/chuyen {code} SYT")  # their own assignment, changed at once
    await second.press("Xác nhận")
    assert await agencies_on(offices, code) == ["SYT"]


async def test_a_second_tap_changes_no_message_into_what_it_says_already(offices: Offices) -> None:
    await offices.ask()
    await offices.editor.press("Chuyển xử lý")
    await offices.editor.press("Sở NN&MT", times=2)
    await offices.officer.press("Nhận xử lý", times=2)
    await offices.officer.press("Nghi tố cáo", times=2)
    for chat in (offices.editor, offices.officer):
        assert sum(one.edits for one in chat.shown) >= 1
    assert offices.house.messenger.unchanged == 0


# --- refusing, merging --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["khieu-nai", "Khiếu nại", "KHIEU_NAI:"])
async def test_a_refusal_asks_first_and_then_tells_the_asker_why(offices: Offices, typed: str) -> None:
    code = await offices.ask()
    await offices.editor.send(f"/tuchoi {code} {typed} Xin gửi đến\nUBND xã.")
    assert await offices.status(code) == "received"
    await offices.editor.press("Xác nhận", times=2)
    assert await offices.status(code) == "refused"
    assert "Xin gửi đến\nUBND xã." in offices.citizen.last.html
    assert len(offices.citizen.saying("UBND xã.")) == 1


async def test_a_refusal_by_buttons(offices: Offices) -> None:
    code = await offices.ask()
    await offices.editor.press("Từ chối câu hỏi")
    await offices.editor.press("Nội dung chưa rõ")
    await offices.editor.press("Hủy")
    assert await offices.status(code) == "received"
    await offices.editor.press("Quảng cáo")
    assert "Lý do: Quảng cáo" in offices.editor.last.text
    await offices.editor.press("Xác nhận")
    assert await offices.status(code) == "refused"


async def test_an_unknown_reason_is_refused_with_the_list(offices: Offices) -> None:
    code = await offices.ask()
    await offices.editor.send(f"/tuchoi {code} vi-toi-thich")
    assert offices.editor.last.text.endswith(f" Các mã: {', '.join(RefusalCode)}.")


async def test_a_duplicate_is_merged_after_a_look_and_both_askers_get_the_answer(offices: Offices) -> None:
    original = await offices.assigned()
    other = offices.house.person("Lan")
    code = await offices.ask(LAND, other)
    await offices.editor.press("Gộp")
    await offices.editor.send(original.lower().replace("-", ""))
    assert "sổ đỏ" in offices.editor.last.text
    await offices.editor.press("Xác nhận")
    assert await offices.status(code) == "merged"
    await offices.officer.send(f"/traloi {original} {ANSWER}")
    await offices.leader.send(f"/duyet {original}")
    await offices.editor.send(f"/duyet {original}")
    for asker in (offices.citizen, other):
        assert len(asker.saying(ANSWER)) == 1
    assert code in other.saying(ANSWER)[0].text


async def test_an_answers_files_reach_who_asked_the_same_once_an_editor_has_looked_at_them(
    offices: Offices,
) -> None:
    """A letter names whom it answers, and no programme takes a name out of a scan."""
    original = await offices.assigned()
    other, late = offices.house.person("Lan"), offices.house.person("Tư")
    code = await offices.ask(LAND, other)
    await offices.editor.send(f"/gop {code} {original}")
    await offices.editor.press("Xác nhận")
    await offices.officer.send(*offices.officer.album(2, f"/traloi {original} {ANSWER}"))
    await offices.leader.send(f"/duyet {original}")
    await offices.editor.send(f"/duyet {original}")
    files = offices.house.messenger.files
    assert len(files[str(offices.citizen.address)]) == 2
    assert not files.get(str(other.address))
    assert "Tệp chưa gửi: 2" in other.saying(ANSWER)[0].text
    assert "Tệp chưa gửi" not in offices.citizen.saying(ANSWER)[0].text
    looked_at = files[str(offices.editor.address)]
    assert len(looked_at) == 2
    (held,) = offices.editor.saying("Tệp kèm câu trả lời cần xem")
    await offices.editor.press("Gửi tệp cho người hỏi cùng", held, times=2)
    assert sorted(files[str(other.address)].values()) == sorted(looked_at.values())
    assert code in other.saying("Tệp kèm câu trả lời")[0].text
    assert len(files[str(offices.citizen.address)]) == 2
    await offices.editor.send(f"/gop {await offices.ask(LAND, late)} {original}")
    await offices.editor.press("Xác nhận")
    assert len(files[str(late.address)]) == 2
    assert len(offices.editor.saying("Tệp kèm câu trả lời cần xem")) == 0


async def test_merging_with_itself_or_with_nothing_is_refused_before_any_confirmation(
    offices: Offices,
) -> None:
    code = await offices.ask()
    await offices.editor.send(f"/gop {code} {code}")
    assert "vào chính nó" in offices.editor.last.text
    await offices.editor.send(f"/gop {code} 999")
    assert "Không tìm thấy" in offices.editor.last.text


# --- denunciations ------------------------------------------------------------------------------------------------


async def test_a_denunciation_is_read_by_an_editor_who_asks_for_it_and_by_no_admin(offices: Offices) -> None:
    admin = await hire(offices.house, "Quản", Role.ADMIN)
    code = await offices.ask(DENUNCIATION)
    assert not offices.editor.saying("hối lộ")
    await admin.send(f"/xem {code}")
    assert "hối lộ" not in admin.last.text
    await admin.send(f"/chuyen {code} CAT")
    assert "chỉ biên tập viên" in admin.last.text
    await offices.editor.press("Xem nội dung")
    assert "hối lộ" in offices.editor.last.text
    await offices.editor.send(f"/chuyen {code} CAT")
    assert "Không phải tố cáo" in offices.editor.last.text
    await offices.editor.send(f"/tuchoi {code} to-cao")
    await offices.editor.press("Xác nhận")
    assert (await offices.question(code)).secrecy == "confirmed"


# --- after the answer ---------------------------------------------------------------------------------------------


async def test_without_consent_publication_is_refused_until_the_editor_says_that_it_is_anonymised(
    offices: Offices,
) -> None:
    code = await offices.answered()
    await offices.editor.send(f"/congkhai {code}")
    assert "chưa đồng ý" in offices.editor.last.text
    assert "Xác nhận" not in offices.editor.last.labels
    await offices.editor.press("Sửa bản công khai")
    await offices.editor.send("Bao giờ có sổ?")
    await offices.editor.press("Bỏ qua")
    await offices.editor.press("Đã ẩn danh")
    await offices.editor.press("Xác nhận", times=2)
    assert (await offices.question(code)).published_at is not None
    stranger = offices.house.person("Lạ")
    await stranger.send(f"/tracuu {code}")
    assert "Bao giờ có sổ?" in stranger.last.text
    assert ANSWER in stranger.last.text
    assert "phường Rạch Giá từ tháng 5" not in stranger.last.text


async def test_with_consent_what_the_editor_reads_is_what_is_published(offices: Offices) -> None:
    code = await offices.answered()
    await offices.citizen.press("Đồng ý công khai")
    await offices.editor.send(f"/congkhai {code}")
    assert ANSWER in offices.editor.last.text
    await offices.editor.press("Xác nhận")
    stranger = offices.house.person("Lạ")
    await stranger.send("/hoidap sổ đỏ")
    assert code in stranger.last.text + str(stranger.last.labels)
    await offices.editor.send(f"/congkhai {code}")
    assert "đã được công khai" in offices.editor.last.text
