"""An agency's officer through the real bot: looking, accepting, returning, asking for more, answering."""

from typing import Any

import pytest
import sqlalchemy as sa

from domain.questions.life import Role
from storage import tables
from storage.delivery import files
from storage.engine.database import Database
from storage.questions import answer_drafts, history
from tests.worlds.chat import House
from tests.worlds.offices import ANSWER, LAND, Offices, hire


@pytest.fixture
async def offices(database: Database, application: Any) -> Offices:
    return await Offices.open(House(database, application))


async def draft(offices: Offices, code: str) -> Any:
    question = await offices.question(code)
    async with offices.house.database.reading() as work:
        return await answer_drafts.open_of(work, question.id)


async def test_a_question_goes_from_the_citizen_to_the_answer_by_buttons_alone(offices: Offices) -> None:
    code = await offices.ask()
    await offices.editor.press("Chuyển xử lý")
    await offices.editor.press("Sở NN&MT")
    assert await offices.status(code) == "assigned"
    await offices.officer.press("Nhận xử lý")
    assert await offices.status(code) == "accepted"
    await offices.officer.press("Trả lời")
    await offices.officer.send(ANSWER)
    await offices.officer.press("Gửi duyệt")
    assert await offices.status(code) == "in_approval"
    await offices.leader.press("Duyệt")
    await offices.editor.press("Duyệt")
    assert await offices.status(code) == "answered"
    assert offices.citizen.saying(ANSWER)


async def test_a_question_goes_the_same_way_by_commands_alone(offices: Offices) -> None:
    code = await offices.answered()
    assert await offices.status(code) == "answered"
    assert offices.citizen.saying(ANSWER)


# --- looking ----------------------------------------------------------------------------------------------------


async def test_the_work_list_opens_a_card_and_the_card_its_files_and_history(offices: Offices) -> None:
    await offices.citizen.send(offices.citizen.photo(LAND))
    await offices.citizen.press("Đồng ý")
    await offices.citizen.send("Nguyễn Thị Mai", "12 Lê Lợi")
    await offices.citizen.press("Bỏ qua")
    await offices.citizen.press("Bỏ qua")
    await offices.citizen.press("Gửi câu hỏi")
    await offices.editor.send("/chuyen 1 snnmt")
    await offices.officer.send("/viec")
    assert "chủ trì" in offices.officer.last.text
    await offices.officer.press("DH-2026-000001")
    assert "sổ đỏ" in offices.officer.last.text
    await offices.officer.press("Lịch sử")
    assert "Biên" in offices.officer.last.text
    await offices.officer.press("Xem 1 tệp")
    assert len(offices.house.messenger.files[str(offices.officer.address)]) == 1


async def test_a_long_list_has_pages_and_a_long_question_a_button_for_all_of_it(offices: Offices) -> None:
    for number in range(1, 10):
        await offices.ask(f"{LAND} Lần {number}. " + "Xin trả lời. " * 250)
        await offices.editor.send(f"/chuyen {number} SNNMT")
    await offices.officer.send("/viec")
    first = offices.officer.last
    assert "(9), trang 1" in first.text
    await offices.officer.press("Trang sau")
    assert first.edits == 1
    assert "trang 2" in first.text
    await offices.officer.press("DH-2026-000009")
    card = offices.officer.last
    await offices.officer.press("Xem đầy đủ", card)
    whole = offices.officer.since(card)
    assert sum(one.text.count("Xin trả lời.") for one in whole) == 250


async def test_others_do_not_learn_that_a_question_exists(offices: Offices) -> None:
    code = await offices.assigned()
    outsider = await hire(offices.house, "Ngoài", Role.OFFICER, "SYT")
    for command in (f"/xem {code}", f"/nhan {code}", f"/traloi {code} Xong.", "/xem DH-2026-000999"):
        await outsider.send(command)
        assert "Không tìm thấy câu hỏi" in outsider.last.text
    stranger = offices.house.person("Lạ")
    for command in ("/viec", f"/xem {code}", f"/nhan {code}", "/duyet", "/moi", "/moinguoi admin"):
        await stranger.send(command)
        assert "Không có lệnh này" in stranger.last.text
    assert await offices.status(code) == "assigned"


# --- accepting, returning, asking for more ------------------------------------------------------------------------


async def test_a_colleague_who_presses_too_late_hears_it_and_sees_how_things_stand(offices: Offices) -> None:
    second = await hire(offices.house, "Hai", Role.OFFICER, "SNNMT")
    await offices.assigned()
    card = second.last
    accept = card.data("Nhận xử lý")
    await offices.officer.press("Nhận xử lý", times=2)
    assert "Cơ quan đã nhận xử lý - Cán, Cán bộ xử lý" in card.text
    await second.press_data(accept, card.id)  # it had not come yet
    assert card.edits == 2
    assert "Cơ quan đang xử lý" in card.text
    assert "Nhận xử lý" not in card.labels
    async with offices.house.database.reading() as work:
        past = await history.of_question(work, 1)
    assert [row.event for row in past].count("accepted") == 1


async def test_the_card_of_a_question_that_has_left_loses_its_buttons_and_a_late_press_does_nothing(
    offices: Offices,
) -> None:
    second = await hire(offices.house, "Hai", Role.OFFICER, "SNNMT")
    code = await offices.assigned()
    card = second.last
    accept = card.data("Nhận xử lý")
    await offices.officer.press("Trả lại")
    await offices.officer.send("Không đúng thẩm quyền, đây là việc của Sở Xây dựng.")
    assert await offices.status(code) == "received"
    assert card.labels == []
    await second.press_data(accept, card.id)  # pressed before it was gone
    assert card.labels == []
    assert offices.house.messenger.unchanged == 0
    assert "➜ Sở Xây dựng" in offices.editor.last.labels


@pytest.mark.parametrize("command", ["trave", "hoithem"])
async def test_a_reason_is_compulsory(offices: Offices, command: str) -> None:
    code = await offices.assigned()
    await offices.officer.send(f"/{command} {code}")
    assert await offices.status(code) == "assigned"
    assert "Xin viết" in offices.officer.last.text
    await offices.officer.send(f"/{command}")
    assert "Thiếu mã" in offices.officer.last.text


async def test_the_askers_reply_comes_back_to_the_officer(offices: Offices) -> None:
    code = await offices.assigned()
    await offices.officer.press("Yêu cầu bổ sung")
    prompt = offices.officer.last
    await offices.officer.send("Xin cho biết số hồ sơ.")
    assert prompt.labels == []
    assert await offices.status(code) == "waiting"
    await offices.citizen.press("Trả lời")
    await offices.citizen.send("Hồ sơ số 123.")
    assert await offices.status(code) == "accepted"
    assert "Hồ sơ số 123." in offices.officer.last.text


async def test_what_began_with_a_button_can_be_cancelled(offices: Offices) -> None:
    code = await offices.assigned()
    await offices.officer.press("Trả lại")
    await offices.officer.press("Hủy")
    assert await offices.officer.conversation() is None
    assert await offices.status(code) == "assigned"


@pytest.mark.parametrize("further", ["", "Số công văn"])
async def test_giving_up_an_answer_drops_its_files(offices: Offices, further: str) -> None:
    await offices.assigned()
    await offices.officer.press("Trả lời")
    await offices.officer.send(offices.officer.photo(ANSWER))
    if further:
        await offices.officer.press(further)
    await offices.officer.send("/huy")

    async with offices.house.database.reading() as work:
        assert await work.all(sa.select(tables.files)) == []
    assert await offices.officer.is_idle()


# --- answering ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["dh2026000001", "1", "DH 2026 1", "ＤＨ-2026-1", "DH-2026-000001:"])
async def test_a_code_is_read_however_it_is_typed(offices: Offices, typed: str) -> None:
    code = await offices.assigned()
    await offices.officer.send(f"/TRẢLỜI {typed} {ANSWER}")
    assert (await draft(offices, code)).text == ANSWER


async def test_a_reply_to_the_card_is_the_answer_with_the_letters_number_on_a_line_of_its_own(
    offices: Offices,
) -> None:
    code = await offices.assigned()
    await offices.officer.send(f"Số công văn: 123/SNNMT-VP\n{ANSWER}", reply_to=offices.officer.last)
    found = await draft(offices, code)
    assert (found.text, found.official_letter) == (ANSWER, "123/SNNMT-VP")


async def test_an_answer_may_be_a_file_with_a_caption(offices: Offices) -> None:
    code = await offices.assigned()
    await offices.officer.send(offices.officer.photo(f"/traloi {code} {ANSWER}"))
    found = await draft(offices, code)
    async with offices.house.database.reading() as work:
        assert len(await files.of_entry(work, found.entry_id)) == 1


@pytest.mark.parametrize("apart", [True, False])
@pytest.mark.parametrize("as_reply", [True, False])
async def test_an_album_is_one_answer(offices: Offices, apart: bool, as_reply: bool) -> None:
    code = await offices.assigned()
    card = offices.officer.last
    if as_reply:
        reply = offices.officer.message(reply_to=card)["reply_to_message"]
        album = offices.officer.album(3, ANSWER, reply_to_message=reply)
    else:
        album = offices.officer.album(3, f"/traloi {code} {ANSWER}")
    await offices.officer.send(*album, apart=apart)
    found = await draft(offices, code)
    assert found.text == ANSWER
    async with offices.house.database.reading() as work:
        assert len(await files.of_entry(work, found.entry_id)) == 3
        past = await history.of_question(work, found.question_id)
    assert [row.event for row in past].count("submitted") == 1
    assert len(await offices.ledger()) == 1


async def test_an_answer_in_pieces_is_one_draft_with_one_preview(offices: Offices) -> None:
    code = await offices.assigned()
    await offices.officer.press("Trả lời")
    await offices.officer.send("Phần một.")
    await offices.officer.send(*offices.officer.album(2, "Phần hai."), apart=False)
    assert [one for one in offices.officer.shown if "Gửi duyệt" in one.labels] == [offices.officer.last]
    assert "Tệp: 2" in offices.officer.last.text
    await offices.officer.press("Số công văn")
    await offices.officer.send("Công văn số 45/SNNMT")
    await offices.officer.press("Gửi duyệt", times=2)
    found = await draft(offices, code)
    assert (found.text, found.official_letter) == ("Phần một.\n\nPhần hai.", "45/SNNMT")
    assert await offices.officer.conversation() is None


async def test_a_piece_that_is_edited_before_it_is_sent_is_sent_as_edited(offices: Offices) -> None:
    code = await offices.assigned()
    await offices.officer.press("Trả lời")
    piece = offices.officer.message("Ngày 30/11.")
    await offices.officer.send(piece)
    await offices.officer.edit(piece, text="Ngày 1/12.")
    await offices.officer.press("Gửi duyệt")
    assert (await draft(offices, code)).text == "Ngày 1/12."


async def test_an_answer_without_words_or_with_a_sticker_is_refused_in_words(offices: Offices) -> None:
    code = await offices.assigned()
    await offices.officer.press("Trả lời")
    await offices.officer.send(offices.officer.message(sticker={
        "file_id": "s", "file_unique_id": "s", "type": "regular", "width": 1, "height": 1,
        "is_animated": False, "is_video": False,
    }))  # fmt: skip
    assert "không nhận được loại tin này" in offices.officer.last.text
    assert await offices.status(code) == "assigned"


@pytest.mark.parametrize(("who", "hint"), [("leader", "/trogiup"), ("editor", "/chuyen")])
async def test_a_reply_to_a_card_by_somebody_who_does_not_answer_says_what_they_can_do(
    offices: Offices, who: str, hint: str
) -> None:
    code = await offices.assigned()
    chat = getattr(offices, who)
    await chat.send(f"/xem {code}")
    await chat.send("Trả lời cho dân đi.", reply_to=chat.last)
    assert hint in chat.last.text
    assert await offices.status(code) == "assigned"
    assert len(await offices.ledger()) == 1


async def test_answering_a_merged_question_names_the_other_one(offices: Offices) -> None:
    first = await offices.ask()
    code = await offices.assigned()
    await offices.editor.send(f"/gop {code} {first}")
    await offices.editor.press("Xác nhận")
    await offices.officer.send(f"/traloi {code} {ANSWER}")
    assert first in offices.officer.last.text


async def test_what_an_officer_suspects_disappears_from_the_chats_of_the_agency(offices: Offices) -> None:
    code = await offices.assigned()
    second = await hire(offices.house, "Hai", Role.OFFICER, "SNNMT")
    await second.send(f"/xem {code}")
    await offices.officer.press("Nghi tố cáo")
    for chat in (offices.officer, second):
        assert not [one for one in chat.shown if "sổ đỏ" in one.text]
    await offices.editor.press("Xem nội dung")
    await offices.editor.press("Không phải tố cáo")
    assert "sổ đỏ" in offices.officer.last.text


async def test_lists_and_files_shown_before_disappear_with_what_is_suspected_and_editors_keep_theirs(
    offices: Offices,
) -> None:
    await offices.citizen.send(offices.citizen.photo(LAND))
    await offices.citizen.press("Đồng ý")
    await offices.citizen.send("Nguyễn Thị Mai", "12 Lê Lợi")
    await offices.citizen.press("Bỏ qua")
    await offices.citizen.press("Bỏ qua")
    await offices.citizen.press("Gửi câu hỏi")
    admin = await hire(offices.house, "Quản", Role.ADMIN)
    second = await hire(offices.house, "Hai", Role.OFFICER, "SNNMT")
    for chat in (offices.editor, admin):
        await chat.send("/moi")
    await offices.editor.send("/chuyen 1 SNNMT")
    await offices.ask("Trạm y tế xã có khám ngày thứ Bảy không?")
    await offices.editor.send("/chuyen 2 SNNMT")
    await second.send("/viec", "/xem 1")
    await second.press("Xem 1 tệp")
    await offices.editor.send("/xem 1")
    await offices.editor.press("Xem 1 tệp")
    await offices.officer.send("/traloi 1 Đang xem.", "/viec 2")
    await offices.leader.send("/duyet")
    assert "sổ đỏ" in offices.leader.last.text
    await second.press("Nghi tố cáo", second.saying("Nội dung:")[-1])
    for chat in (offices.officer, offices.leader, second, admin):
        assert not [one for one in chat.shown if "sổ đỏ" in one.text]
    assert "Danh sách này đã thay đổi" in offices.leader.last.text
    assert offices.leader.last.labels == []
    assert offices.editor.saying("sổ đỏ")
    files = offices.house.messenger.files
    assert (len(files[str(second.address)]), len(files[str(offices.editor.address)])) == (0, 1)
    assert offices.house.messenger.unchanged == 0


async def test_a_page_turned_to_is_hidden_like_the_list_and_a_list_without_the_question_stays(
    offices: Offices,
) -> None:
    for number in range(1, 11):
        await offices.ask(f"{LAND} Lần {number}.")
        await offices.editor.send(f"/chuyen {number} SNNMT")
    await offices.officer.send("/viec")
    turned = offices.officer.last
    await offices.officer.press("Trang sau", turned)
    await offices.officer.send("/viec")
    first_page = offices.officer.last
    await offices.editor.send("/xem 10")
    await offices.editor.press("Nghi tố cáo")
    assert "Danh sách này đã thay đổi" in turned.text
    assert "Lần 1." in first_page.text
