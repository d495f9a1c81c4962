"""`/kyphat` and `/kichban` through the real bot: from choosing questions to a plan that is acknowledged."""

from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import pytest
from docx import Document

from domain.episodes.episodes import EpisodeNumber
from services.deadlines.reminding import remind
from services.episodes.episodes import find
from services.operation.loading.episodes import load_episodes
from storage.engine.database import Database
from storage.episodes import episodes as stored_episodes
from tests.conftest import SAMPLES, SetClock
from tests.worlds.chat import Chat, House
from tests.worlds.offices import Offices

# The clock stands at Monday 2/11/2026, 09:00.


@pytest.fixture
async def offices(database: Database, application: Any) -> Offices:
    return await Offices.open(House(database, application))


def words_of(chat: Chat) -> str:
    """The text of the newest document in a chat."""
    shown = next(one for one in reversed(chat.shown) if one.document)
    document = Document(BytesIO(shown.document))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*cells, *(paragraph.text for paragraph in document.paragraphs)])


async def ready(offices: Offices) -> str:
    """Episode 1/2026 with all that its plan demands but an airing; returns the code of its question."""
    code = await offices.assigned()
    editor = offices.editor
    for typed in (
        "/kyphat mới Cấp giấy chứng nhận đất",
        "/kyphat 1 mục đích Giải đáp về cấp giấy.",
        "/kyphat 1 yêu cầu Trả lời ngắn gọn.",
        "/kyphat 1 thời lượng 30 phút",
        "/kyphat 1 ghi hình 8h 18/11/2026",
        "/kyphat 1 địa điểm Trường quay",
        "/kyphat 1 hình thức Tại trường quay",
        f"/kyphat 1 chọn {code}",
        f"/kyphat 1 lời {code} Hồ sơ nộp từ tháng 5 chưa có kết quả, khi nào có?",
        "/kyphat 1 khách SNNMT; Trần Văn Bình; Phó Giám đốc",
    ):
        await editor.send(typed)
    return code


async def test_from_a_title_to_an_acknowledged_plan_with_buttons_only(offices: Offices) -> None:
    code = await offices.assigned()
    editor, officer, leader = offices.editor, offices.officer, offices.leader
    await editor.send("/kyphat")
    await editor.press("Tạo kỳ mới")
    await editor.send("Cấp giấy chứng nhận đất")
    await editor.press("Đất đai")
    assert "Kỳ 1/2026: Cấp giấy chứng nhận đất" in editor.last.text
    card = editor.last

    await editor.press("Chọn câu hỏi", card)
    assert code in editor.last.text
    await editor.press(f"Chọn {code}")
    assert code not in editor.last.text
    await editor.press("Câu hỏi của kỳ")
    await editor.press("Lời 1")
    await editor.press("Dùng lời đề xuất")
    assert "chưa có lời" not in editor.last.text

    for part, typed in (
        ("Mục đích", "Giải đáp về cấp giấy."),
        ("Yêu cầu", "Trả lời ngắn gọn."),
        ("Thời lượng", "30"),
        ("Ngày giờ ghi hình", "8h30 18/11/2026"),
        ("Địa điểm", "Trường quay"),
        ("Hình thức", "Tại trường quay"),
    ):
        await editor.press("Sửa thông tin", card)
        await editor.press(part)
        await editor.send(typed)
    assert "Hạn gửi: 17:00, thứ Tư, ngày 11/11/2026" in editor.last.text
    await editor.press("Khách mời", card)
    await editor.press("Thêm khách mời")
    await editor.send("Sở NN&MT; Trần Văn Bình; Phó Giám đốc")

    await editor.press("Kịch bản", card)
    assert "Còn thiếu: giờ phát sóng" in editor.last.text
    assert editor.last.name == "kich-ban-ky-1-2026.docx"
    assert "Phó Giám đốc" in words_of(editor)
    assert not officer.saying("Kịch bản")
    await editor.press("Xác nhận")
    assert "Đã gửi kịch bản kỳ 1/2026" in editor.last.text
    # Nobody works at the provincial office in the bot.
    assert "Chưa có ai nhận tin tại: Văn phòng Ủy ban nhân dân tỉnh" in editor.last.text

    assert "Kịch bản kỳ 1/2026" in officer.last.text
    assert "Trần Văn Bình" in words_of(leader)
    await officer.press("Đã nhận kịch bản")
    for chat in (officer, leader):
        assert "✓ Đã nhận: Cán, 09:00" in chat.last.text
        assert chat.last.labels == ["Cử người thay"]
    assert "Sở Nông nghiệp và Môi trường đã nhận kịch bản kỳ 1/2026 (Cán)" in editor.last.text

    await leader.press("Cử người thay")
    await leader.send("Phạm Thu Hà; Trưởng phòng")
    assert "cử Phạm Thu Hà, Trưởng phòng thay Trần Văn Bình" in editor.last.text

    await editor.press("Đã ghi hình", card)
    assert "Đã ghi hình: 09:00, thứ Hai, ngày 02/11/2026" in card.text
    assert "Phạm Thu Hà, Trưởng phòng" in card.text


async def test_the_same_with_typed_commands(offices: Offices) -> None:
    code = await ready(offices)
    await offices.editor.send("/kichban 1/2026")
    await offices.editor.press("Xác nhận")
    assert "Kịch bản kỳ 1/2026" in offices.officer.last.text
    assert code in words_of(offices.officer)
    await offices.editor.send("/kyphat 1 đã ghi", "/kyphat 1/2026")
    assert "Đã ghi hình" in offices.editor.last.text


async def test_every_word_of_the_list_works_when_typed_without_diacritics(offices: Offices) -> None:
    code = await ready(offices)
    editor = offices.editor
    await editor.send("/kyphat 1 TIEU DE Đất đai năm 2026")
    assert "Kỳ 1/2026: Đất đai năm 2026" in editor.last.text
    await editor.send("/kyphat 1 linh vuc dat-dai")
    assert "Lĩnh vực: Đất đai" in editor.last.text
    await editor.send("/kyphat 1 khach")
    assert "Trần Văn Bình, Phó Giám đốc" in editor.last.text
    await editor.send("/kyphat 1 thay 1 Phạm Thu Hà; Trưởng phòng")
    assert "Phạm Thu Hà, Trưởng phòng" in editor.last.text
    await editor.send(f"/kyphat 1 thu tu {code} 1")
    assert f"1. {code}" in editor.last.text
    await editor.send(f"/kyphat 1 loi {code}")
    assert "Đề xuất:" in editor.last.text
    await editor.send("Khi nào có giấy?")
    assert "Khi nào có giấy?" in editor.last.text
    await editor.send(f"/kyphat 1 bo {code} Hết thời lượng")
    assert "Chưa chọn câu nào" in editor.last.text
    await editor.send("/kyphat 1 ung vien đất đai")
    assert "Chọn câu hỏi cho kỳ 1/2026" in editor.last.text
    await editor.send("/kyphat 1 kich ban")
    assert "còn thiếu: câu hỏi" in editor.last.text
    assert await editor.is_idle()


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("/kyphat 7", "Chưa có kỳ 7/2026"),
        ("/kyphat 1 nhảy múa", "Xin ghi số kỳ rồi đến việc cần làm"),
        ("/kyphat xem gì", "Xin ghi số kỳ rồi đến việc cần làm"),
        ("/kyphat mới 1/2026 Trùng số", "Đã có kỳ 1/2026"),
        ("/kyphat 1 ghi hình mai", "Không hiểu thời điểm “mai”"),
        ("/kyphat 1 thời lượng lâu", "bằng phút"),
        ("/kyphat 1 chọn DH-2026-999999", "Không tìm thấy câu hỏi"),
        ("/kyphat 1 thay 9 Ai Đó", "không có khách mời"),
        ("/kyphat 1 lời DH-2026-000001 Ông Nguyễn Thị Mai hỏi", "xin bỏ: “Nguyễn Thị Mai”"),
        ("/kichban", "Chưa có kỳ phát sóng này"),
    ],
)
async def test_what_can_not_be_done_is_said_and_changes_nothing(
    offices: Offices, typed: str, said: str
) -> None:
    await ready(offices)
    await offices.editor.send("/kyphat 1")
    before = offices.editor.last.text
    await offices.editor.send(typed)
    assert said in offices.editor.last.text
    await offices.editor.send("/kyphat 1")
    assert offices.editor.last.text == before


async def several(offices: Offices) -> list[str]:
    """An episode without questions, and three questions with the agency."""
    codes = [await offices.assigned()]
    for text in ("Phí cấp giấy chứng nhận là bao nhiêu?", "Tách thửa cần giấy tờ gì?"):
        code = await offices.ask(text)
        await offices.editor.send(f"/chuyen {code} SNNMT")
        codes.append(code)
    await offices.editor.send("/kyphat mới Đất đai")
    return codes


async def test_several_questions_are_chosen_at_once(offices: Offices) -> None:
    codes = await several(offices)
    await offices.editor.send("/kyphat 1 chọn 2 1 3")
    order = sorted(codes, key=offices.editor.last.text.index)
    assert order == [codes[1], codes[0], codes[2]]


async def test_where_one_of_several_can_not_be_chosen_none_is_and_each_is_named(offices: Offices) -> None:
    codes = await several(offices)
    await offices.editor.send("/kyphat 1 chọn 2")
    await offices.editor.send(f"/kyphat 1 chọn 1 2 29 {codes[2]}")
    said = offices.editor.last.text
    assert "Chưa chọn câu nào. 2: Câu hỏi DH-2026-000002 đã được chọn" in said
    assert "29: Không tìm thấy câu hỏi" in said
    await offices.editor.send("/kyphat 1 câu hỏi")
    listed = offices.editor.last.text
    assert [code in listed for code in codes] == [False, True, False]


async def test_a_place_means_the_same_on_a_button_and_typed(offices: Offices) -> None:
    codes = await several(offices)
    await offices.editor.send("/kyphat 1 chọn 3 1")
    shown = offices.editor.last
    await offices.editor.press("Lời 2", shown)
    assert codes[0] in offices.editor.last.text
    await offices.editor.send("/huy")
    await offices.editor.send("/kyphat 1 lời 2")
    assert codes[0] in offices.editor.last.text
    await offices.editor.send("/huy")
    await offices.editor.send("/kyphat 1 thứ tự 2 1")
    listed = offices.editor.last.text
    assert listed.index(codes[0]) < listed.index(codes[2])
    await offices.editor.send("/kyphat 1 bỏ 2 Hết thời lượng")
    assert codes[2] not in offices.editor.last.text
    # No third place: it is the question's number, which isn't chosen any more.
    await offices.editor.send("/kyphat 1 lời 3 Khi nào có?")
    assert codes[2] in offices.editor.last.text


async def test_episodes_come_in_pages_and_by_year(offices: Offices) -> None:
    text = (SAMPLES / "episodes_2024.csv").read_text(encoding="utf-8")
    async with offices.house.database.work() as work:
        await load_episodes(work, text)
    editor = offices.editor
    await editor.send("/kyphat mới Đất đai")
    await editor.send("/kyphat")
    assert editor.last.labels[:3] == ["Kỳ 1/2026", "Kỳ 36/2024", "Kỳ 35/2024"]
    (year,) = [data for row in editor.last.buttons for label, data in row if label == "2024"]
    await editor.press_data(year, editor.last.id)
    assert "năm 2024" in editor.last.text
    assert "Tất cả 36 kỳ" in editor.last.text
    await editor.press("Trang sau")
    assert editor.last.labels[0] == "Kỳ 28/2024"
    await editor.press("Tất cả các năm")
    assert editor.last.labels[0] == "Kỳ 1/2026"
    await editor.send("/kyphat 2024")
    await editor.press("Kỳ 36/2024")
    assert "Kỳ 36/2024" in editor.last.text


async def test_nobody_else_sees_episodes_or_presses_their_buttons(offices: Offices) -> None:
    await ready(offices)
    officer = offices.officer
    before = len(officer.shown)
    await officer.send("/kyphat", "/kyphat 1", "/kichban 1")
    assert all("Không có lệnh" in one.text or "lệnh" in one.text for one in officer.shown[before:])
    for data in (
        "epo:1",
        "epy:0:1",
        "epn",
        "epe:1:title",
        "epq:1",
        "epc:1:0:1:365:1",
        "epg:1",
        "epr:1",
        "scp:1",
    ):
        await officer.press_data(data, officer.last.id)
    assert len(officer.shown) == before + 3
    async with offices.house.database.reading() as work:
        assert (await find(work, EpisodeNumber(2026, 1))).recorded_at is None


async def test_forged_and_old_buttons_do_nothing(offices: Offices) -> None:
    await ready(offices)
    editor = offices.editor
    before = len(editor.shown)
    for data in (
        "epo:x", "epo:999", "epy:0:0", "epy:99999:1", "epe:1:nothing", "epf:1:999", "epc:1:0:7:365:1",
        "epc:1:999:1:365:1", "epi:1:0:1:365:1", "epi:1:0:1:365:1:999", "epu:1:999", "epa:1:1", "epk:1:999",
        "epz:1:999", "sca:999", "scd:x", "scs:1", "scg:1:1",
    ):  # fmt: skip
        await editor.press_data(data, editor.last.id)
    # What is true does what it says: the proposal was taken for the words on air.
    (shown,) = editor.shown[before:]
    assert "Câu hỏi của kỳ 1/2026" in shown.text
    assert await editor.is_idle()


async def test_a_preview_can_be_cancelled_and_sends_nothing(offices: Offices) -> None:
    await ready(offices)
    await offices.editor.send("/kichban 1")
    preview = offices.editor.last
    await offices.editor.press("Hủy")
    assert "Đã hủy." in preview.text
    assert preview.labels == []
    assert not offices.officer.saying("Kịch bản kỳ")


async def test_a_plan_is_acknowledged_on_a_message_of_reminders_too(
    offices: Offices, clock: SetClock
) -> None:
    await ready(offices)
    await offices.editor.send("/kichban 1")
    await offices.editor.press("Xác nhận")
    clock.at = datetime(2026, 11, 3, 2, tzinfo=UTC)
    await remind(offices.house.database)
    await offices.house.deliver()
    reminder = offices.officer.last
    assert "1/2026 xác nhận đã nhận kịch bản" in reminder.text
    await offices.officer.press("Xem kịch bản 1/2026", reminder)
    assert offices.officer.last.name == "kich-ban-ky-1-2026.docx"
    await offices.officer.press("Đã nhận kịch bản", reminder)
    assert "✓ Đã nhận: Cán" in offices.officer.last.text
    assert "✓ Đã nhận: Cán" in offices.leader.last.text
    # The editors' reminder opens the episode; the office that nobody reads for is theirs to call.
    assert "VP UBND tỉnh" in offices.editor.saying("Nhắc hạn")[-1].text
    await offices.editor.press("Kỳ 1/2026")
    assert "… Văn phòng Ủy ban nhân dân tỉnh: chưa xác nhận" in offices.editor.last.text


async def test_the_same_is_said_in_english(offices: Offices) -> None:
    await ready(offices)
    officer = offices.officer
    await officer.send("/ngonngu")
    await officer.press("English")
    await offices.editor.send("/kichban 1")
    await offices.editor.press("Xác nhận")
    assert "Script plan of episode 1/2026" in officer.last.text
    await officer.press("I have the script plan")
    assert "✓ Received: Cán" in officer.last.text
    assert "✓ Đã nhận: Cán" in offices.leader.last.text


async def test_words_for_the_air_and_the_plan_are_read_in_full_before_they_are_used(offices: Offices) -> None:
    """The proposal as it will stand, to its last word; the document the editor confirms is the one agencies get."""
    long = "Tôi nộp hồ sơ cấp sổ đỏ ở phường Rạch Giá.\n\n" + "Bao giờ có giấy <đỏ>? " * 150 + "Xin hết."
    await offices.ask(long)
    await offices.editor.send("/chuyen 1 SNNMT")
    for typed in (
        "/kyphat mới Cấp giấy chứng nhận đất",
        "/kyphat 1 ghi hình 8h 18/11/2026",
        "/kyphat 1 chọn 1",
    ):
        await offices.editor.send(typed)
    before = offices.editor.last
    await offices.editor.press("Lời 1")
    asked = " ".join(one.text for one in offices.editor.since(before))
    await offices.editor.press("Dùng lời đề xuất")
    async with offices.house.database.reading() as work:
        (chosen,) = await stored_episodes.questions_of(work, 1)
    assert chosen.on_air is not None
    assert chosen.on_air.endswith("Xin hết.")
    assert asked.count(chosen.on_air) >= 1
    assert asked.count("Xin hết.") == 2  # as it was asked, and as it is proposed

    await offices.editor.send("/kichban 1")
    confirmed = words_of(offices.editor)
    assert chosen.on_air in confirmed
    await offices.editor.press("Xác nhận")
    assert words_of(offices.officer) == confirmed
