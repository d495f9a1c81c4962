"""`/xemlai` through the real bot: words, pages, filters, and an episode with its links."""

from typing import Any

import pytest

from services.episodes import links
from services.people.actors import actor_of
from storage.engine.database import Database
from tests.worlds.aired import VIDEO, choose, episode
from tests.worlds.chat import House
from tests.worlds.offices import Offices

HOSTILE = "</b><a href='https://evil.example'>Trúng thưởng</a>"


@pytest.fixture
async def offices(database: Database, application: Any) -> Offices:
    return await Offices.open(House(database, application))


@pytest.fixture
async def past(offices: Offices) -> None:
    """Ten past episodes on land and one on health, the newest with a video in which a question is answered."""
    code = await offices.answered()
    question = await offices.question(code)
    async with offices.house.database.work() as work:
        editor = await actor_of(work, await offices.editor.row())
        for number in range(1, 11):
            await episode(work, number, 2025, f"Đất đai, phần {number}")
        await episode(work, 11, 2025, f"Tiêm chủng {HOSTILE}", "y-te")
        newest = await episode(work, 12)
        link, _ = await links.add_link(work, editor, newest.id, VIDEO)
        await choose(work, newest, question, editor, "Sổ đỏ bao giờ xong?")
        await links.set_moment(work, editor, link.id, question.id, 754)


async def test_a_citizen_looks_back_page_by_page_and_opens_an_episode(offices: Offices, past: None) -> None:
    chat = offices.citizen
    await chat.send("/xemlai")
    listed = chat.last
    assert "trang 1/2" in listed.text
    assert listed.labels == [
        "12/2026", *(f"{number}/2025" for number in range(11, 4, -1)), "Trang sau", "Theo lĩnh vực", "Theo năm",
    ]  # fmt: skip
    assert "Trúng thưởng" in listed.text
    assert "<a" not in listed.html

    await chat.press("Trang sau", listed)
    assert listed.edits == 1
    assert "trang 2/2" in listed.text
    assert listed.labels[:4] == [f"{number}/2025" for number in range(4, 0, -1)]
    await chat.press("Trang trước", listed)
    await chat.press("12/2026", listed)

    assert "Kỳ 12/2026: Hồ sơ đất đai" in chat.last.text
    assert "Câu 1 - YouTube phút 12:34" in chat.last.text
    assert "Sổ đỏ bao giờ xong?" in chat.last.text
    assert "Nguyễn Thị Mai" not in chat.last.text
    assert chat.last.data("YouTube") == VIDEO
    assert chat.last.data("▶ 1") == f"{VIDEO}&t=754s"
    assert "trang 1/2" in listed.text  # the list stays


async def test_words_go_along_through_filters_and_pages(offices: Offices, past: None) -> None:
    chat = offices.citizen
    await chat.send("/xemlai DAT DAI: phan")
    assert "“DAT DAI phan”" in chat.last.text
    listed = chat.last
    await chat.press("Theo năm", listed)
    assert listed.labels == ["2025", "Mọi năm"]
    await chat.press("2025", listed)
    assert "“DAT DAI phan”, năm 2025 (trang 1/2)" in listed.text
    await chat.press("Theo lĩnh vực", listed)
    assert listed.labels == ["Đất đai", "Mọi lĩnh vực"]
    await chat.press("Đất đai", listed)
    assert "“DAT DAI phan”, lĩnh vực Đất đai, năm 2025" in listed.text
    await chat.press("Trang sau", listed)
    assert listed.labels[:2] == ["2/2025", "1/2025"]


async def test_nothing_found_offers_the_newest_and_ways_to_go_on(offices: Offices, past: None) -> None:
    chat = offices.citizen
    await chat.send("/xemlai bệnh viện <b>")
    assert "Không tìm thấy kỳ nào về “bệnh viện <b>”" in chat.last.text
    assert chat.last.labels == [
        "12/2026", "11/2025", "10/2025", "9/2025", "Y tế", "Theo lĩnh vực", "Theo năm",
    ]  # fmt: skip
    await chat.press("Y tế")
    assert chat.last.labels[0] == "11/2025"


async def test_looking_back_leaves_a_question_being_written_alone(offices: Offices, past: None) -> None:
    chat = offices.citizen
    await chat.send("Bao giờ có nước máy?")
    before = await chat.conversation()
    await chat.send("/xemlai kỳ 11")
    assert chat.last.labels[0] == "11/2025"
    assert await chat.conversation() == before
    await chat.press("Gửi câu hỏi")
    assert len(await offices.ledger()) == 2


@pytest.mark.parametrize(
    "data",
    [
        "lip",
        "lip:0:0:0:",
        "lip:x:0:0:",
        "lip:1:x:0:",
        "lip:1:0:deadbeef:",
        "lif",
        "liy:1",
        "lio",
        "lio:999",
        "lio:-1",
    ],
)
async def test_forged_buttons_do_nothing(offices: Offices, past: None, data: str) -> None:
    chat = offices.citizen
    await chat.send("/xemlai")
    listed, before = chat.last.html, len(chat.shown)
    await chat.press_data(data, chat.last.id)
    assert len(chat.shown) == before
    assert chat.last.html == listed


async def test_a_page_beyond_the_last_is_the_last(offices: Offices, past: None) -> None:
    chat = offices.citizen
    await chat.send("/xemlai")
    await chat.press_data("lip:999:0:0:", chat.last.id)
    assert "trang 2/2" in chat.last.text


async def test_who_chose_english_reads_english(offices: Offices, past: None) -> None:
    chat = offices.citizen
    await chat.send("/ngonngu")
    await chat.press("English")
    await chat.send("/xemlai land")
    assert "Past episodes: “land” (page 1/2)" in chat.last.text
    assert chat.last.labels[-2:] == ["By field", "By year"]
    await chat.press("By field")
    assert chat.last.labels == ["Land", "Every field"]
    await chat.send("/xemlai ky 12")
    await chat.press("12/2026")
    assert "Question 1 - YouTube minute 12:34" in chat.last.text
