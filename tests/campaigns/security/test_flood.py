"""One person floods the bot with the worst texts: others get their answers, and only what is new is looked at."""

import os
import sys
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from domain.programme import Programme
from domain.questions.life import Role
from domain.vietnamese import disguise, screening
from domain.vietnamese.screening import Screening
from handlers.chat import emergency, rate_limit
from handlers.chat.rate_limit import LOOKED_AT, SIGNS
from handlers.questions import draft
from services.questions import case
from storage.engine.database import Database
from storage.people import conversations
from tests.worlds.chat import House, introduced
from tests.worlds.office import LAND, Office, ask, opened
from tests.worlds.offices import Offices, hire
from tests.worlds.rules import rules
from understanding.screening import screen, screen_detail

FULL = 4096  # a messenger's longest text
PER_MINUTE = 40
SLOWLY = "Xin chờ một phút"
COMPLAINT = "Nội dung có vẻ là khiếu nại"
# What took seconds each, at every message again; and what costs most of what a pattern or a rule of ours still does.
WORST = (
    "." * FULL, "." * FULL, "." * FULL, "." * FULL, "." * 3_500 + "x",
    *("a" for _ in range(15)),
    "a" * FULL, "a\u0301\u0323" + "\u0301\u0323" * 2_000, ("ông chống hối lộ " * 300)[:FULL], ("<" * FULL),
    ("cháu bé bị " * 400)[:FULL], (", " * FULL)[:FULL], ("1/2 " * FULL)[:FULL], "/tracuu dh" + " " * 4_000 + "x",
    "/tracuu " + "9" * 4_000, "\n" * 2_000 + "5/" + "\n" * 2_000 + "x", ("a@" * FULL)[:FULL],
)  # fmt: skip
FIRE = "Cứu với, nhà tôi đang cháy!"


# --- a real process -----------------------------------------------------------------------------------------


def processor_seconds(office: Office) -> float:
    """What the bot's process has computed so far."""
    assert office.process is not None
    fields = Path(f"/proc/{office.process.pid}/stat").read_text("ascii").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def test_who_sends_the_worst_texts_keeps_nobody_waiting(tmp_path: Path, database_url: str) -> None:
    """What took the bot more than 60 seconds of its processor takes less than 20 on any machine."""
    async with opened(tmp_path, database_url) as office:
        flooder, neighbour = await office.sandbox.user("Ác"), await office.sandbox.user("Mai")
        before = processor_seconds(office)
        for text in WORST:
            await flooder.send(text)
        await neighbour.send(LAND)
        await neighbour.wait_for("Đồng ý", timeout=60)
        await office.sandbox.settled(60)
        assert processor_seconds(office) - before < 20
        assert await ask(await office.sandbox.user("Lan"))
        assert '"level": "error"' not in office.log()


# --- what is looked at --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def programme() -> Programme:
    return rules(
        province="tỉnh An Giang", messages_per_minute=PER_MINUTE, staff_messages_per_minute=PER_MINUTE
    )


@pytest.fixture
def house(database: Database, application: Any) -> House:
    return House(database, application)


@pytest.fixture
def looked_at(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every text that is looked at for denunciations, complaints and emergencies."""
    seen: list[str] = []

    def noting(read: Callable[[str], Screening]) -> Callable[[str], Screening]:
        def noted(text: str) -> Screening:
            seen.append(text)
            return read(text)

        return noted

    for module in (rate_limit, draft, case):
        monkeypatch.setattr(module, "screen", noting(screen))
    for module in (emergency, case):
        monkeypatch.setattr(module, "screen_detail", noting(screen_detail))
    return seen


def signs(looked_at: list[str]) -> int:
    found = sum(map(len, looked_at))
    looked_at.clear()
    return found


def long_one(number: int) -> str:
    return f"Câu {number}. " + "Xin hỏi về đường làng. " * 150


def test_no_sign_becomes_a_sentence_where_a_text_is_read_in_further_ways() -> None:
    """U+FDFA is 18 letters to Unicode: 4,096 of it kept everybody waiting for a third of a second, at each edit."""
    long = [sign for sign in map(chr, range(sys.maxunicode)) if len(unicodedata.normalize("NFKD", sign)) > 3]
    assert "\ufdfa" in long
    for sign in long:
        for reading in disguise.readings(sign * 10):
            assert len(reading) <= 6 * 10, sign


async def test_each_message_of_a_question_is_looked_at_once_with_the_end_of_what_stands_before(
    house: House, looked_at: list[str]
) -> None:
    chat = await introduced(house)
    signs(looked_at)
    for number in range(5):
        await chat.send(long_one(number))
        assert signs(looked_at) <= len(long_one(number)) + screening.TAIL + 1
    await chat.send("Thêm một dòng.")
    assert signs(looked_at) < 2 * screening.TAIL
    await chat.press("Bỏ qua")  # the card again, without fields
    assert signs(looked_at) == 0


async def test_what_is_over_the_length_of_a_question_is_refused_unseen(
    house: House, looked_at: list[str]
) -> None:
    chat = await introduced(house)
    for number in range(5):
        await chat.send(long_one(number))
    signs(looked_at)
    await chat.send("đ" * FULL)
    assert "Nội dung quá dài" in chat.last.text
    assert signs(looked_at) == 0


async def test_a_phrase_cut_between_two_messages_is_found(house: House) -> None:
    chat = await introduced(house)
    end = " Chợ ch"
    await chat.send(("Đường làng ta. " * 400)[: FULL - len(end)] + end)
    assert not chat.saying("xin gọi ngay")
    await chat.send("áy lớn quá")
    assert chat.saying("xin gọi ngay")


async def test_a_complaint_stays_known_until_its_words_are_changed(
    house: House, looked_at: list[str]
) -> None:
    chat = await introduced(house)
    first = chat.message("Tôi muốn khiếu nại quyết định thu hồi đất.")
    await chat.send(first)
    await chat.send("Tôi gửi kèm giấy tờ.")
    assert COMPLAINT in chat.last.text
    signs(looked_at)
    await chat.edit(first, text="Tôi muốn hỏi về giấy tờ đất.")
    assert COMPLAINT not in chat.last.text
    assert looked_at[0].strip() == "Tôi muốn hỏi về giấy tờ đất."


async def test_a_question_that_was_being_written_before_goes_on(house: House) -> None:
    """Its parts have no notes of what they were found to be."""
    chat = await introduced(house)
    await chat.send("Tôi muốn khiếu nại quyết định thu hồi đất.")
    conversation = await chat.conversation()
    assert conversation is not None
    old = {"message", "text", "glue", "cut", "space"}
    parts = [{key: part[key] for key in old} for part in conversation.data["parts"]]
    person = await chat.row()
    async with house.database.work() as work:
        await conversations.set_draft(
            work, person.id, conversation.step, conversation.data | {"parts": parts}
        )
    await chat.send("Tôi gửi kèm giấy tờ.")
    assert COMPLAINT in chat.last.text


async def test_of_what_is_dropped_little_is_looked_at_and_an_emergency_is_still_answered(
    house: House, looked_at: list[str]
) -> None:
    chat = await introduced(house)
    while not chat.saying(SLOWLY):
        await chat.send("/trogiup")
    signs(looked_at)
    for _ in range(LOOKED_AT // 2):
        await chat.send("." * FULL)
    assert signs(looked_at) <= LOOKED_AT // 2 * (2 * SIGNS + 1)
    await chat.send("Đường làng. " * 300 + FIRE)
    assert chat.saying("xin gọi ngay")


async def test_of_a_minute_some_dropped_messages_are_looked_at_and_no_more(
    house: House, looked_at: list[str]
) -> None:
    chat = await introduced(house)
    while not chat.saying(SLOWLY):
        await chat.send("/trogiup")
    signs(looked_at)
    for _ in range(2 * LOOKED_AT):
        await chat.send("a")
    assert len([one for one in looked_at if one]) < LOOKED_AT


async def test_a_question_is_looked_at_once_however_many_editors_get_its_card(
    house: House, looked_at: list[str]
) -> None:
    offices = await Offices.open(house)
    await hire(house, "Biên Hai", Role.EDITOR)
    chat = await introduced(house)
    await chat.send(LAND)
    signs(looked_at)
    await chat.press("Gửi câu hỏi")
    assert looked_at.count(LAND) == 1
    assert len(looked_at) == len(set(looked_at)), "name, address, contact: each once, too"
    assert "DH-2026-000002" in offices.editor.last.text
