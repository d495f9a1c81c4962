"""What is pasted from old office files is read in Unicode before anything else looks, and its sender is told."""

from typing import Any

import pytest
import sqlalchemy as sa

from storage.engine.database import Database
from storage.questions import answer_drafts, entries
from storage.tables import files, outbox, questions
from tests.worlds.chat import LAND, House, introduced
from tests.worlds.offices import Offices

TCVN3 = "§\u00adêng vµo Êp háng råi, bao giê söa?"
VNI = "Ñöôøng vaøo aáp hoûng roài, bao giôø söûa?"
MEANT = "Đường vào ấp hỏng rồi, bao giờ sửa?"
TOLD = "phông cũ"


@pytest.fixture
def house(database: Database, application: Any) -> House:
    return House(database, application)


async def asked(house: House, number: int = 1) -> str:
    async with house.database.reading() as work:
        return await entries.question_text(work, number)


@pytest.mark.parametrize("pasted", [TCVN3, VNI])
async def test_a_question_is_shown_and_kept_as_it_was_meant(house: House, pasted: str) -> None:
    mai = await introduced(house)
    await mai.send(pasted)
    assert MEANT in mai.last.text
    assert TOLD in mai.last.text
    await mai.press("Gửi câu hỏi")
    assert await asked(house, 2) == MEANT


async def test_its_sender_may_have_it_as_it_was_typed(house: House) -> None:
    mai = await introduced(house)
    await mai.send(f"/hoi {VNI}")
    await mai.press("Giữ như đã gõ")
    assert VNI in mai.last.text
    assert TOLD not in mai.last.text
    assert "Giữ như đã gõ" not in mai.last.labels
    await mai.press("Gửi câu hỏi")
    assert await asked(house, 2) == VNI


async def test_a_denunciation_is_hidden_in_any_font_and_as_typed(house: House) -> None:
    mai = await introduced(house)
    for number, as_typed in ((2, False), (3, True)):
        await mai.send("T«i muèn tè c¸o «ng chñ tÞch x· nhËn hèi lé")
        if as_typed:
            await mai.press("Giữ như đã gõ")
        await mai.press("Gửi câu hỏi")
        async with house.database.reading() as work:
            assert (
                await work.value(sa.select(questions.c.secrecy).where(questions.c.id == number))
                == "suspected"
            )


async def test_an_emergency_in_an_old_font_gets_its_numbers(house: House) -> None:
    mai = await introduced(house)
    await mai.send("Nhµ t«i ®ang ch¸y råi, cøu víi")
    async with house.database.reading() as work:
        said = await work.all(sa.select(outbox.c.content).order_by(outbox.c.id))
    assert any("114" in str(one.content) for one in said)


async def test_an_edit_in_an_old_font_is_read_so_too(house: House) -> None:
    mai = await introduced(house)
    first = mai.message("Đường vào ấp?")
    await mai.send(first)
    await mai.edit(first, text=VNI)
    assert MEANT in mai.last.text
    assert TOLD in mai.last.text


async def test_the_caption_and_the_name_of_a_file_are_read_so_too(house: House) -> None:
    mai = await introduced(house)
    document = {
        "file_id": "d",
        "file_unique_id": "d",
        "file_name": "§¬n xin söa ®\u00adêng.doc",
        "file_size": 9,
    }
    await house.receive({"message": mai.message(document=document, caption=TCVN3)})
    assert MEANT in mai.last.text
    async with house.database.reading() as work:
        assert await work.value(sa.select(files.c.name)) == "Đơn xin sửa đường.doc"


async def test_who_types_nothing_of_the_kind_reads_nothing_of_it(house: House) -> None:
    mai = await introduced(house)
    await mai.send(LAND)
    assert TOLD not in mai.last.text
    assert "Giữ như đã gõ" not in mai.last.labels


# --- staff ----------------------------------------------------------------------------------------------------------


async def test_an_answer_is_previewed_as_it_was_meant_or_as_typed(
    database: Database, application: Any
) -> None:
    offices = await Offices.open(House(database, application))
    await offices.assigned()
    officer = offices.officer
    await officer.press("Trả lời")
    await officer.send(f"{VNI}\nSố công văn: 12/SXD")
    assert MEANT in officer.last.text
    assert TOLD in officer.last.text
    await officer.press("Giữ như đã gõ")
    assert VNI in officer.last.text
    assert TOLD not in officer.last.text
    await officer.press("Gửi duyệt")
    async with database.reading() as work:
        draft = await answer_drafts.open_of(work, 1)
        assert draft is not None
        assert draft.text == VNI


async def test_words_without_a_preview_are_read_and_told_in_a_line(
    database: Database, application: Any
) -> None:
    offices = await Offices.open(House(database, application))
    await offices.assigned()
    officer = offices.officer
    await officer.send(f"/traloi 1 {TCVN3}")
    assert TOLD in officer.last.text
    async with database.reading() as work:
        draft = await answer_drafts.open_of(work, 1)
        assert draft is not None
        assert draft.text == MEANT
