"""`/kyphat` and `/kichban` through the real bot: from choosing questions to a plan that is acknowledged."""

from io import BytesIO
from typing import Any

import pytest
from docx import Document

from storage.database import Database
from tests.handlers.chat import Chat, House
from tests.handlers.offices import Offices

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
