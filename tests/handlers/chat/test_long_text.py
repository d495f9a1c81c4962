"""Texts that the app cut into several messages: nothing is taken by halves, lost, or starts a new question."""

from typing import Any

import pytest

from domain.questions.history import EntryKind
from storage.engine.database import Database
from storage.questions import answer_drafts, entries
from tests.worlds.chat import Chat, House
from tests.worlds.offices import ANSWER, Offices

HEAD = ("Nội dung dài. " * 300)[:4060].rstrip()  # as cut between words, or inside one
FULL = ("chữ " * 1024)[:4095] + "x"
TAIL = "y đoạn cuối."


@pytest.fixture
async def offices(database: Database, application: Any) -> Offices:
    return await Offices.open(House(database, application))


async def written(offices: Offices, kind: EntryKind) -> list[str]:
    async with offices.house.database.reading() as work:
        return [row.text or "" for row in await entries.of_question(work, 1, kind)]


async def asked_more(offices: Offices) -> str:
    code = await offices.assigned()
    await offices.officer.send(f"/hoithem {code} Số hồ sơ?")
    return code


async def sent_whole(chat: Chat) -> None:
    await chat.press("Đã đủ", times=2)
    assert await chat.is_idle()


@pytest.mark.parametrize("apart", [True, False])
@pytest.mark.parametrize(("head", "whole"), [(HEAD, f"{HEAD}\n{TAIL}"), (FULL, FULL + TAIL)])
async def test_a_long_reply_to_a_clarification_is_one(
    offices: Offices, head: str, whole: str, apart: bool
) -> None:
    code = await asked_more(offices)
    await offices.citizen.press("Trả lời")
    await offices.citizen.send(head, TAIL, apart=apart)
    assert await offices.status(code) == "waiting"
    assert TAIL in offices.citizen.last.text
    assert sum("Đã đủ, gửi đi" in one.labels for one in offices.citizen.shown) == 1
    await sent_whole(offices.citizen)
    assert await offices.status(code) == "accepted"
    assert await written(offices, EntryKind.SUPPLEMENT) == [whole]
    assert len(await offices.ledger()) == 1


@pytest.mark.parametrize("all_replies", [True, False])
async def test_a_long_messengers_reply_to_a_clarification_is_one(offices: Offices, all_replies: bool) -> None:
    await asked_more(offices)
    chat, asked = offices.citizen, offices.citizen.last
    await chat.send(
        chat.message(HEAD, reply_to=asked), chat.message(TAIL, reply_to=asked if all_replies else None)
    )
    await chat.send(chat.photo())
    await chat.send(chat.photo())
    assert "1" in chat.last.text  # one file only
    await sent_whole(chat)
    assert await written(offices, EntryKind.SUPPLEMENT) == [f"{HEAD}\n{TAIL}"]
    await offices.officer.send("/xem 1")
    await offices.officer.press("Xem 1 tệp")
    assert len(offices.house.messenger.files[str(offices.officer.address)]) == 1


@pytest.mark.parametrize("by_command", [True, False])
async def test_a_question_is_reopened_with_all_of_a_long_reason(offices: Offices, by_command: bool) -> None:
    code = await offices.answered()
    if by_command:
        await offices.citizen.send(f"/molai {code} {HEAD}", TAIL)
    else:
        await offices.citizen.send(f"/molai {code}", HEAD, TAIL)
    assert await offices.status(code) == "answered"
    await sent_whole(offices.citizen)
    assert await offices.status(code) == "assigned"
    assert await written(offices, EntryKind.REOPEN_REASON) == [f"{HEAD}\n{TAIL}"]


async def test_every_piece_under_an_answer_is_kept_though_all_are_replies(offices: Offices) -> None:
    await offices.answered()
    (answer,) = [one for one in offices.citizen.shown if ANSWER in one.text]
    await offices.citizen.send(HEAD, TAIL, reply_to=answer)
    await offices.citizen.press("Mở lại")
    assert await written(offices, EntryKind.REOPEN_REASON) == [f"{HEAD}\n{TAIL}"]


async def test_a_long_question_entered_by_hand_does_not_give_the_name(offices: Offices) -> None:
    editor = offices.editor
    await editor.send("/nhaptay")
    await editor.press("Điện thoại")
    await editor.send(HEAD, TAIL)
    await editor.press("Đã đủ")
    await editor.send("Ông Tư", "Xã An Biên", "0912345678")
    await editor.press("Bỏ qua")
    await editor.press("Xác nhận")
    assert await written(offices, EntryKind.QUESTION) == [f"{HEAD}\n{TAIL}"]


@pytest.mark.parametrize("by_command", [True, False])
async def test_the_words_of_the_staff_are_whole_too(offices: Offices, by_command: bool) -> None:
    code = await offices.assigned()
    if by_command:
        await offices.officer.send(f"/hoithem {code} {HEAD}", TAIL)
    else:
        await offices.officer.press("Yêu cầu bổ sung")
        await offices.officer.send(HEAD, TAIL)
    assert await offices.status(code) == "assigned"
    await sent_whole(offices.officer)
    assert await written(offices, EntryKind.CLARIFICATION) == [f"{HEAD}\n{TAIL}"]


async def test_a_long_text_can_be_edited_or_cancelled_before_it_is_sent(offices: Offices) -> None:
    code = await asked_more(offices)
    await offices.citizen.press("Trả lời")
    tail = offices.citizen.message(TAIL)
    await offices.citizen.send(HEAD, tail)
    await offices.citizen.edit(tail, text="Khác.")
    assert "Khác." in offices.citizen.last.text
    await offices.citizen.press("Hủy")
    assert await offices.citizen.is_idle()
    assert await offices.status(code) == "waiting"
    await offices.citizen.press("Trả lời")
    await offices.citizen.send(HEAD, tail)
    await offices.citizen.edit(tail, text="Khác.")
    await sent_whole(offices.citizen)
    assert await written(offices, EntryKind.SUPPLEMENT) == [f"{HEAD}\nKhác."]


async def test_a_long_text_that_is_refused_leaves_them_where_they_were(offices: Offices) -> None:
    code = await offices.assigned()
    draft = "Còn một câu hỏi nữa?"
    await offices.citizen.send(draft, f"/molai {code} {HEAD}", TAIL)
    await offices.citizen.press("Đã đủ")
    assert not [one for one in offices.citizen.shown if "Đã đủ, gửi đi" in one.labels]
    assert "đang ở tình trạng" in "".join(one.text for one in offices.citizen.shown[-2:])
    await offices.citizen.press("Gửi câu hỏi")  # what was being written waited underneath
    assert len(await offices.ledger()) == 2
    await offices.citizen.send("Câu nữa?")
    assert "Câu nữa?" in offices.citizen.last.text


async def test_emergency_numbers_do_not_wait_for_the_rest(offices: Offices) -> None:
    await asked_more(offices)
    await offices.citizen.press("Trả lời")
    await offices.citizen.send(f"Cháy nhà, cứu với! {HEAD}")
    assert any("114" in one.text for one in offices.citizen.shown[-2:])


@pytest.mark.parametrize("all_replies", [True, False])
async def test_a_long_reply_to_the_card_is_one_answer_shown_first(
    offices: Offices, all_replies: bool
) -> None:
    code = await offices.assigned()
    chat, card = offices.officer, offices.officer.last
    await chat.send(
        chat.message(HEAD, reply_to=card), chat.message(TAIL, reply_to=card if all_replies else None)
    )
    assert await offices.status(code) == "assigned"
    await chat.press("Gửi duyệt")
    async with offices.house.database.reading() as work:
        draft = await answer_drafts.open_of(work, 1)
        assert draft is not None
        entry = await entries.entry(work, draft.entry_id)
    assert entry.text == f"{HEAD} {TAIL}"
    assert len(await offices.ledger()) == 1


@pytest.mark.parametrize(("rest", "later"), [(TAIL, False), (TAIL * 20, True)])
async def test_the_rest_of_a_long_question_is_not_taken_for_the_name(
    offices: Offices, rest: str, later: bool
) -> None:
    chat = offices.house.person("Mới")
    await chat.send("Bao giờ có nước máy?")
    await chat.press("Đồng ý")
    await chat.send("/huy")
    await chat.send(HEAD)
    if later:
        offices.house.new_message_id()  # the bot's own, asking for the name
    await chat.send(rest)
    assert (await chat.row()).full_name is None
    offices.house.new_message_id()
    await chat.send("Ông Mới", "Xã An Biên")
    assert (await chat.row()).full_name == "Ông Mới"
    await chat.press("Bỏ qua")
    await chat.press("Bỏ qua")
    await chat.press("Gửi câu hỏi")
    assert await written(offices, EntryKind.QUESTION) == [f"{HEAD}\n{rest}"]
