"""An address that an app hides behind words is written out wherever the words are kept or sent."""

from typing import Any

import pytest

from storage.engine.database import Database
from storage.questions import entries
from tests.worlds.chat import House
from tests.worlds.offices import ANSWER, Offices

URL = "https://angiang.gov.vn/qd-12.pdf"
WRITTEN = f"tại đây ({URL})"


@pytest.fixture
async def offices(database: Database, application: Any) -> Offices:
    return await Offices.open(House(database, application))


def hiding(text: str, url: str = URL, **rest: Any) -> dict[str, Any]:
    """A text whose "tại đây" leads somewhere, as apps send it."""
    offset = len(text[: text.index("tại đây")].encode("utf-16-le")) // 2
    entity = {"type": "text_link", "offset": offset, "length": len("tại đây"), "url": url}
    words = "caption" if "photo" in rest else "text"
    return {words: text, "entities" if words == "text" else "caption_entities": [entity]} | rest


async def words_of(offices: Offices, code: str) -> list[str]:
    question = await offices.question(code)
    async with offices.house.database.reading() as work:
        return [row.text or "" for row in await entries.of_question(work, question.id)]


async def test_in_a_question_a_request_its_reply_and_the_answer(offices: Offices) -> None:
    citizen, officer = offices.citizen, offices.officer
    await citizen.send(
        citizen.message() | hiding("Xin hỏi hồ sơ đất của tôi ghi tại đây bao giờ có kết quả?")
    )
    await citizen.press("Đồng ý")
    await citizen.send("Nguyễn Thị Mai", "12 Lê Lợi, phường Rạch Giá")
    await citizen.press("Bỏ qua")
    await citizen.press("Bỏ qua")
    assert WRITTEN in citizen.last.text
    await citizen.press("Gửi câu hỏi")
    code = "DH-2026-000001"
    await offices.editor.send(f"/chuyen {code} SNNMT")
    assert WRITTEN in officer.last.text
    await officer.send(officer.message() | hiding(f"/hoithem {code} Mời ông/bà xem mẫu tại đây rồi gửi lại."))
    asked = citizen.last
    assert WRITTEN in asked.text
    photo = citizen.photo()
    await citizen.send(
        citizen.message(reply_to=asked) | photo | hiding("Giấy tờ có tại đây.", photo=photo["photo"])
    )
    assert WRITTEN in officer.last.text
    await officer.send(officer.message() | hiding(f"/traloi {code} {ANSWER} Xem Quyết định 12 tại đây."))
    assert WRITTEN in offices.leader.last.text
    await offices.leader.send(f"/duyet {code}")
    await offices.editor.send(f"/duyet {code}")
    assert citizen.saying(f"Xem Quyết định 12 {WRITTEN}.")
    assert sum(WRITTEN in text for text in await words_of(offices, code)) == 4


async def test_in_reasons_and_what_is_sent_back(offices: Offices) -> None:
    code = await offices.in_approval()
    await offices.leader.send(offices.leader.message() | hiding(f"/sualai {code} Sửa theo mẫu tại đây."))
    assert any(WRITTEN in one.text for one in offices.officer.shown)
    await offices.officer.send(offices.officer.message() | hiding(f"/trave {code} Thẩm quyền ghi tại đây."))
    assert any(f"Thẩm quyền ghi {WRITTEN}" in one.text for one in offices.editor.shown)


@pytest.mark.parametrize(
    ("url", "written"),
    [
        ("mailto:mot-cua@angiang.gov.vn", "tại đây (mot-cua@angiang.gov.vn)"),
        ("tel:02963123456", "tại đây (02963123456)"),
        ("tg://user?id=5", "tại đây"),
        ("javascript:alert(1)", "tại đây"),
        ("mailto:a@b.vn?subject=x", "tại đây"),
    ],
)
async def test_an_address_or_number_is_written_out_too(offices: Offices, url: str, written: str) -> None:
    code = await offices.assigned()
    officer = offices.officer
    await officer.send(officer.message() | hiding(f"/traloi {code} {ANSWER} Hỏi thêm tại đây.", url))
    assert (await words_of(offices, code))[-1] == f"{ANSWER} Hỏi thêm {written}."
