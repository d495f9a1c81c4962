"""Whoever decides on words has all of them before them, as they go out: paragraphs, signs, files, to the letter."""

import re
from collections.abc import Sequence
from html import unescape
from typing import Any

import pytest

from domain.questions.life import Role
from services.questions import publication
from storage.engine.database import Database
from storage.questions import answer_drafts, entries
from tests.worlds.chat import Chat, House, Shown
from tests.worlds.offices import Offices, hire

LIMIT = 20_000  # characters of a draft: limits.question_characters
CUT = "\x00"  # between two messages


@pytest.fixture
async def offices(database: Database, application: Any) -> Offices:
    return await Offices.open(House(database, application))


def wording(length: int) -> str:
    """An office's words of this length: paragraphs, a list, signs that HTML needs escaped, emoji, an address."""
    paragraphs = [
        "Kính gửi ông/bà, theo Điều 5 <Luật Đất đai> & nghị định \"123/2024\" thì thời hạn là 30 ngày.",
        "1. Giấy tờ cần có:\n- đơn (mẫu số 01);\n- bản sao CCCD, sổ hộ khẩu <nếu còn>;",
        "2. Nơi nhận: bộ phận một cửa 👩🏽 phường, xem https://dichvucong.gov.vn/p/home?a=1&b=2#tra-cuu 🙏",
        "   Dòng này lùi vào, có *dấu sao*, _gạch dưới_ và `dấu nháy`.",
    ]  # fmt: skip
    text, number = "", 0
    while len(text) < length:
        number += 1
        text += f"({number}) " + paragraphs[number % len(paragraphs)] + "\n\n"
    return text[: length - 1].rstrip() + "."


def as_read(messages: Sequence[Shown]) -> str:
    """What somebody reads in these messages, line by line."""
    return CUT.join(unescape(re.sub(r"<[^<>]*>", "", one.html)) for one in messages)


def holds(messages: Sequence[Shown], text: str) -> bool:
    """Whether a text stands in these messages letter by letter; where they are cut, a space or a line may end."""
    shown = as_read(messages)
    at = shown.find(text[:60])
    if at < 0:
        return False
    here = 0
    while here < len(text):
        if at < len(shown) and shown[at] == CUT:
            at += 1
            while here < len(text) and text[here].isspace():
                here += 1
            while at < len(shown) and shown[at].isspace():
                at += 1
        elif at < len(shown) and shown[at] == text[here]:
            at, here = at + 1, here + 1
        else:
            return False
    return True


async def drafted(offices: Offices, code: str, text: str) -> str:
    """The officer sends a draft in as many messages as it takes; returns it as it was submitted."""
    await offices.officer.press("Trả lời")
    pieces, rest = [], text
    while rest:
        cut = len(rest) if len(rest) <= 3_500 else rest.rindex(" ", 0, 3_500)
        pieces.append(rest[:cut].strip())
        rest = rest[cut:].strip()
    for piece in pieces:
        await offices.officer.send(piece)
    await offices.officer.press("Gửi duyệt")
    assert await offices.status(code) == "in_approval"
    async with offices.house.database.reading() as work:
        draft = await answer_drafts.open_of(work, (await offices.question(code)).id)
    assert draft is not None
    assert draft.text is not None
    assert len(draft.text) >= len(text)
    return draft.text


def decided_on(chat: Chat, before: Shown) -> list[Shown]:
    """What came since, which ends with the button to decide; no earlier message has it."""
    came = chat.since(before)
    assert "Duyệt" in came[-1].labels
    assert not [one for one in came[:-1] if one.labels]
    return came


@pytest.mark.parametrize("length", [90, 2_001, 4_096, 6_397, LIMIT - 40])
async def test_leader_and_editor_read_all_that_the_asker_gets(offices: Offices, length: int) -> None:
    code = await offices.assigned()
    leader, editor, asker = offices.leader.last, offices.editor.last, offices.citizen.last
    text = await drafted(offices, code, wording(length))
    shown_to_leader = decided_on(offices.leader, leader)
    assert holds(shown_to_leader, text)
    await offices.leader.press("Duyệt", shown_to_leader[-1])
    shown_to_editor = decided_on(offices.editor, editor)
    assert holds(shown_to_editor, text)
    await offices.editor.press("Duyệt", shown_to_editor[-1])
    assert await offices.status(code) == "answered"
    assert holds(offices.citizen.since(asker), text)


async def test_the_card_that_is_opened_shows_the_draft_in_full_too(offices: Offices) -> None:
    code = await offices.assigned()
    text = await drafted(offices, code, wording(9_000))
    for command in (f"/xem {code}", "/duyet"):
        before = offices.leader.last
        await offices.leader.send(command)
        if command == "/duyet":
            before = offices.leader.last
            await offices.leader.press(code, before)
        assert holds(decided_on(offices.leader, before), text)


async def test_the_files_of_a_draft_are_named_with_their_kind_and_size(offices: Offices) -> None:
    code = await offices.assigned()
    await offices.officer.send(f"/traloi {code}")
    letter = {"file_id": "d", "file_unique_id": "d", "file_name": "CV-123 <ký>.pdf", "file_size": 1_258_291}
    await offices.officer.send(offices.officer.message(caption="Theo công văn.", document=letter))
    await offices.officer.send(offices.officer.photo())
    await offices.officer.press("Gửi duyệt")
    for chat in (offices.leader, offices.editor):
        card = as_read([chat.last])
        assert "1. CV-123 <ký>.pdf (tài liệu, 1,2 MB)\n2. ảnh (1000 B)" in card
        await chat.press("Duyệt")


async def test_a_draft_too_long_for_one_message_is_never_decided_on_where_another_was_pressed(
    offices: Offices,
) -> None:
    """A card that came too late becomes the card of now: the new draft does not fit there, and is opened from it."""
    code = await offices.assigned()
    await offices.officer.send(f"/traloi {code} Ngắn.")
    late = offices.leader.last
    pressed = late.data("Duyệt")
    text = await drafted(offices, code, wording(6_000))
    assert late.labels == []
    await offices.leader.press_data(pressed, late.id)  # before the buttons were gone
    assert await offices.status(code) == "in_approval"
    assert not {"Duyệt", "Yêu cầu sửa"} & {*late.labels}
    newest = offices.leader.last
    await offices.leader.press("Xem dự thảo", late)
    assert holds(decided_on(offices.leader, newest), text)


async def test_a_long_draft_keeps_what_was_read_and_its_last_part_says_how_it_stands(
    offices: Offices,
) -> None:
    code = await offices.assigned()
    before = offices.leader.last
    text = await drafted(offices, code, wording(9_000))
    parts = decided_on(offices.leader, before)
    await offices.leader.press("Duyệt", parts[-1])
    assert [one.edits for one in parts[:-1]] == [0] * (len(parts) - 1)
    assert "Duyệt" not in parts[-1].labels
    assert "chờ Ban Biên tập" in parts[-1].text
    assert text[:40] in as_read(parts)


async def test_hidden_words_are_taken_back_from_every_part(offices: Offices) -> None:
    code = await offices.assigned()
    before = offices.leader.last
    await drafted(offices, code, wording(9_000))
    parts = decided_on(offices.leader, before)
    assert len(parts) > 2
    await offices.officer.send(f"/nghitocao {code}")
    for one in parts:
        assert "dịch vụ" not in one.text
        assert "một cửa" not in one.text
        assert "chỉ biên tập viên được xem" in one.text
        assert one.labels == []


async def test_parts_that_have_not_left_are_replaced_by_one_sentence(offices: Offices) -> None:
    code = await offices.assigned()
    second = await hire(offices.house, "Hai", Role.LEADER, "SNNMT")
    before = second.last
    await offices.officer.press("Trả lời")
    await offices.officer.send(wording(3_500), wording(3_400))
    submit = next(one for one in offices.officer.shown if "Gửi duyệt" in one.labels)
    press = {
        "id": "7", "from": offices.officer.user, "chat_instance": "1", "data": submit.data("Gửi duyệt"),
        "message": {"message_id": submit.id, "date": 1, "chat": {"id": offices.officer.address, "type": "private"}},
    }  # fmt: skip
    flag = offices.officer.message(f"/nghitocao {code}")
    await offices.house.receive({"callback_query": press}, {"message": flag})
    assert [one.text for one in second.since(before)] == [second.last.text]
    assert "chỉ biên tập viên được xem" in second.last.text


async def test_the_reason_for_more_days_is_read_in_full_wherever_they_are_granted(offices: Offices) -> None:
    code = await offices.assigned()
    reason = wording(2_600)
    before, asker = offices.editor.last, offices.citizen.last
    await offices.officer.send(f"/giahan {code} 5 {reason}")
    assert holds(offices.editor.since(before), reason)
    assert "Cho gia hạn" in offices.editor.last.labels
    opened = offices.editor.last
    await offices.editor.press("Xem câu hỏi", opened)
    assert holds(offices.editor.since(opened), reason)
    await offices.editor.press("Cho gia hạn")
    assert holds(offices.citizen.since(asker), reason)


async def test_what_is_published_is_what_the_editor_read(offices: Offices) -> None:
    code = await offices.assigned()
    text = await drafted(offices, code, wording(9_000))
    await offices.leader.send(f"/duyet {code}")
    await offices.editor.send(f"/duyet {code}")
    await offices.citizen.press("Đồng ý công khai")
    before = offices.editor.last
    await offices.editor.send(f"/congkhai {code}")
    proposed = offices.editor.since(before)
    assert holds(proposed, text)
    assert "Xác nhận" in proposed[-1].labels
    assert not [one for one in proposed[:-1] if one.labels]
    await offices.editor.press("Xác nhận")
    async with offices.house.database.reading() as work:
        public = await publication.published_text(work, await offices.question(code))
        assert public is not None
        assert public.answer == text
        assert public.question == await entries.question_text(work, 1)
    assert holds(proposed, public.question)


async def test_a_correction_reaches_leader_and_asker_as_the_editor_wrote_it(offices: Offices) -> None:
    code = await offices.answered()
    text = wording(3_500)
    before, asked = offices.citizen.last, offices.leader.last
    await offices.editor.send(f"/dinhchinh {code} {text}")
    await offices.editor.press("Đã đủ")
    await offices.editor.send("Ghi sai số ngày.")
    # Beside the answer that went out: paragraph by paragraph.
    paragraphs = [one for one in text.split("\n") if one.strip()]
    assert [one for one in paragraphs if not holds(offices.leader.since(asked), one)] == []
    await offices.leader.press("Duyệt", offices.leader.last)
    assert holds(offices.citizen.since(before), text)
    opened = offices.editor.last
    await offices.editor.send(f"/xem {code}")
    assert holds(offices.editor.since(opened), text)
