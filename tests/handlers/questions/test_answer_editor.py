"""An answer can be worked on: what belongs together is one draft, parts go and come, nobody's words go in silence."""

from typing import Any

import pytest

from domain.programme import Programme
from domain.questions.life import Role
from sandbox.text.entities import split_text
from storage.delivery import files
from storage.engine.database import Database
from storage.operation import evidence
from storage.questions import answer_drafts
from storage.questions.answer_drafts import WordedDraftRow
from tests.conftest import SetClock
from tests.worlds.chat import Chat, House, Shown
from tests.worlds.offices import ANSWER, Offices, hire

LETTER = {"file_id": "cv", "file_unique_id": "cv", "file_name": "CV-123.pdf", "file_size": 2_000}
VOICE = {"file_id": "v", "file_unique_id": "v", "duration": 3, "file_size": 900}


@pytest.fixture
async def offices(database: Database, application: Any) -> Offices:
    return await Offices.open(House(database, application))


async def draft(offices: Offices) -> tuple[str, list[str]]:
    """The draft that waits: its words, and the names or kinds of its files."""
    async with offices.house.database.reading() as work:
        found = await answer_drafts.open_of(work, 1)
        assert found is not None
        assert found.text is not None
        kept = await files.of_entry(work, found.entry_id)
    return found.text, [one.name or one.kind for one in kept]


async def drafts(offices: Offices) -> list[WordedDraftRow]:
    async with offices.house.database.reading() as work:
        return [
            row for number in range(1, 50) if (row := await answer_drafts.by_id(work, number)) is not None
        ]


def replying(chat: Chat, card: Shown, **content: Any) -> dict[str, Any]:
    return chat.message(reply_to=card, **content)


# --- what is one draft ----------------------------------------------------------------------------------------------


async def test_what_is_sent_to_the_same_card_before_anybody_decides_is_one_draft(
    offices: Offices, clock: SetClock
) -> None:
    code = await offices.assigned()
    officer, card = offices.officer, offices.officer.last
    await officer.send(replying(officer, card, document=LETTER))
    first = offices.leader.last
    assert "1. CV-123.pdf (tài liệu, 2 KB)" in first.html
    clock.move(hours=3)
    await officer.send("Sở trả lời theo công văn đính kèm.", reply_to=card)
    assert await draft(offices) == ("Sở trả lời theo công văn đính kèm.", ["CV-123.pdf"])
    assert "Đã thêm vào dự thảo" in officer.last.text
    assert offices.leader.last is first  # rewritten where it stands
    assert "công văn đính kèm" in first.text
    assert "CV-123.pdf" in first.text

    await offices.leader.press("Duyệt", first)
    await offices.editor.press("Duyệt")
    assert await offices.status(code) == "answered"
    (answer,) = offices.citizen.saying("Sở trả lời theo công văn đính kèm.")
    assert "Tệp gửi kèm: 1" in answer.text
    assert len(offices.house.messenger.files[str(offices.citizen.address)]) == 1


async def test_an_album_is_one_card_however_many_items_it_has(offices: Offices) -> None:
    code = await offices.assigned()
    album = offices.officer.album(4, f"/traloi {code} {ANSWER}")
    before = offices.leader.last
    await offices.officer.send(*album)
    (card,) = offices.leader.since(before)
    assert "4. ảnh" in card.text
    await offices.leader.press("Duyệt", card)
    await offices.editor.press("Duyệt")
    assert len(offices.house.messenger.files[str(offices.citizen.address)]) == 4


async def test_what_was_submitted_is_the_beginning_of_what_a_button_asks_for(offices: Offices) -> None:
    await offices.assigned()
    officer, card = offices.officer, offices.officer.last
    await officer.send(replying(officer, card, document=LETTER))
    await officer.press("Trả lời", card)
    assert "CV-123.pdf" in officer.last.text
    await officer.send("Sở trả lời theo công văn đính kèm.")
    await officer.press("Gửi duyệt")
    assert await draft(offices) == ("Sở trả lời theo công văn đính kèm.", ["CV-123.pdf"])


async def test_a_coordinating_agencys_words_are_a_contribution_and_nobodys_draft(offices: Offices) -> None:
    second = await hire(offices.house, "Phối", Role.OFFICER, "SXD")
    await offices.ask()
    await offices.editor.send("/chuyen 1 SNNMT SXD")
    await offices.officer.send(f"/traloi 1 {ANSWER}")
    await second.send("/traloi 1 Góp ý của Sở Xây dựng.")
    assert "đang chờ duyệt" not in second.last.text
    assert (await draft(offices))[0] == ANSWER
    assert "Góp ý của Sở Xây dựng." in offices.officer.last.text


async def test_a_button_under_what_was_shown_before_decides_nothing(
    offices: Offices, clock: SetClock
) -> None:
    """However quick the press: what grew is another draft."""
    code = await offices.assigned()
    officer, card = offices.officer, offices.officer.last
    await officer.send("Phần đầu.", reply_to=card)
    shown = offices.leader.last
    pressed = shown.data("Duyệt")
    await officer.send(replying(officer, card, document=LETTER))
    await offices.leader.press_data(pressed, shown.id)
    assert await offices.status(code) == "in_approval"
    assert (await draft(offices))[1] == ["CV-123.pdf"]
    async with offices.house.database.reading() as work:
        found = await answer_drafts.open_of(work, 1)
        assert found is not None
        assert await answer_drafts.approvals_of(work, found.id) == []


@pytest.mark.parametrize("content", [{"document": LETTER}, {"voice": VOICE}, {"photo": True}])
async def test_a_file_within_two_minutes_joins_without_a_reply_and_later_does_not(
    offices: Offices, clock: SetClock, content: dict[str, Any]
) -> None:
    await offices.assigned()
    officer = offices.officer

    def sent() -> dict[str, Any]:
        return officer.photo() if "photo" in content else officer.message(**content)

    await officer.send(ANSWER, reply_to=officer.last)
    clock.move(seconds=110)
    await officer.send(sent())
    words, names = await draft(offices)
    assert (words, len(names)) == (ANSWER, 1)
    clock.move(minutes=3)
    await officer.send(sent())
    assert len((await draft(offices))[1]) == 1


@pytest.mark.parametrize("all_replies", [True, False])
async def test_a_text_that_the_app_cut_is_one_though_the_first_half_was_submitted(
    offices: Offices, all_replies: bool
) -> None:
    await offices.assigned()
    officer, card = offices.officer, offices.officer.last
    head = "Nội dung trả lời, " * 148  # 2,664 signs, cut between words
    tail = "phần còn lại của câu. " * 107
    await officer.send(
        officer.message(head.strip(), reply_to=card),
        officer.message(tail.strip(), reply_to=card if all_replies else None),
    )
    assert await draft(offices) == (f"{head.strip()} {tail.strip()}", [])
    assert len(await offices.ledger()) == 1
    assert await officer.is_idle()
    assert "phần còn lại" in offices.leader.last.text


async def test_a_pasted_text_is_put_together_as_it_was(offices: Offices) -> None:
    """Cut by the app at a blank line, or inside of a word that fills the message."""
    await offices.assigned()
    officer = offices.officer
    pasted = "\n\n".join(
        f"Đoạn {number}. " + "Nội dung của đoạn này. " * 40 + "Hết." for number in range(1, 9)
    )
    await officer.send(*(officer.message(one, reply_to=officer.last) for one in split_text(pasted, 4096)))
    assert "Gửi duyệt" not in officer.last.labels
    assert (await draft(offices))[0] == pasted


async def test_words_without_a_reply_join_nothing_but_the_rest_of_a_cut_text(
    offices: Offices, clock: SetClock
) -> None:
    """Shorter, or a second later, or not the next message: they are what they are without the draft."""
    await offices.assigned()
    officer = offices.officer
    await officer.send(ANSWER, reply_to=officer.last)
    await officer.send("Còn tôi muốn hỏi về việc khác.")
    assert (await draft(offices))[0] == ANSWER
    long = "Nội dung trả lời, " * 148
    await officer.send("/huy")
    await officer.send(f"/traloi 1 {long}")
    clock.move(seconds=2)
    await officer.send("Tôi muốn hỏi về việc khác.")
    assert (await draft(offices))[0] == long.strip()


async def test_what_comes_after_somebody_decided_is_shown_first_and_never_goes_out_unseen(
    offices: Offices,
) -> None:
    code = await offices.assigned()
    officer = offices.officer
    album = officer.album(3, f"/traloi {code} {ANSWER}")
    await officer.send(album[0])
    await offices.leader.press("Duyệt")
    await officer.send(album[1])
    assert len((await draft(offices))[1]) == 1
    assert "đã được làm rồi" in officer.last.text
    await offices.editor.press("Duyệt")
    await officer.send(album[2])
    assert len(offices.house.messenger.files[str(offices.citizen.address)]) == 1


# --- edits ---------------------------------------------------------------------------------------------------------


async def test_an_edit_within_two_minutes_is_the_draft_and_the_approvers_see_it(
    offices: Offices, clock: SetClock
) -> None:
    await offices.assigned()
    officer = offices.officer
    message = officer.message("Mức hỗ trợ là 5 triệu đồng.", reply_to=officer.last)
    await officer.send(message)
    before = offices.leader.last
    clock.move(seconds=100)
    await officer.edit(message, text="Mức hỗ trợ là 50 triệu đồng.")
    assert (await draft(offices))[0] == "Mức hỗ trợ là 50 triệu đồng."
    assert before.labels == []
    assert "50 triệu" in offices.leader.last.text
    assert "Duyệt" in offices.leader.last.labels


@pytest.mark.parametrize(("decided", "said"), [("", "đang chờ duyệt"), ("leader", "đã có người duyệt")])
async def test_a_later_edit_says_that_it_has_no_effect_and_can_take_the_drafts_place(
    offices: Offices, clock: SetClock, decided: str, said: str
) -> None:
    code = await offices.assigned()
    officer = offices.officer
    message = officer.message(f"/traloi {code} Mức hỗ trợ là 5 triệu đồng.")
    await officer.send(message)
    if decided:
        await offices.leader.press("Duyệt")
    clock.move(minutes=5)
    await officer.edit(message, text=f"/traloi {code} Mức hỗ trợ là 50 triệu đồng.")
    assert said in officer.last.text
    assert (await draft(offices))[0] == "Mức hỗ trợ là 5 triệu đồng."
    await officer.press("Thay bằng bản này", times=2)
    assert (await draft(offices))[0] == "Mức hỗ trợ là 50 triệu đồng."
    assert "50 triệu" in offices.leader.last.text
    assert "Duyệt" in offices.leader.last.labels


async def test_an_edit_of_what_went_out_says_so_and_offers_a_correction(
    offices: Offices, clock: SetClock
) -> None:
    code = await offices.assigned()
    officer = offices.officer
    message = officer.message(f"/traloi {code} 5 triệu.")
    await officer.send(message)
    await offices.leader.press("Duyệt")
    await offices.editor.press("Duyệt")
    clock.move(seconds=20)
    await officer.edit(message, text=f"/traloi {code} 50 triệu.")
    assert "đã gửi cho người hỏi" in officer.last.text
    assert officer.last.labels == ["Đính chính", "Xem câu hỏi"]
    before = officer.last
    await officer.edit(message, text=f"/traloi {code} 5 triệu.")  # as it was: nothing to say
    assert officer.last is before


@pytest.mark.parametrize("as_command", [True, False])
async def test_an_edit_of_any_other_words_of_the_staff_says_that_it_has_no_effect(
    offices: Offices, as_command: bool
) -> None:
    """A reason, what the asker was asked, a sending back: what was sent stands, and its author knows it."""
    code = await offices.in_approval()
    leader = offices.leader
    if as_command:
        message = leader.message(f"/sualai {code} Ghi ngày 5/12.")
    else:
        await leader.press("Yêu cầu sửa")
        message = leader.message("Ghi ngày 5/12.")
    await leader.send(message)
    told = offices.officer.last
    await leader.edit(message, text=message["text"].replace("5/12", "15/12"))
    assert "sửa tin không thay đổi gì" in leader.last.text
    assert offices.officer.last is told


# --- parts ---------------------------------------------------------------------------------------------------------


async def test_a_draft_that_was_sent_back_is_worked_on_in_numbered_parts(offices: Offices) -> None:
    code = await offices.assigned()
    officer = offices.officer
    await officer.send(f"/traloi {code} Đoạn một.\n\nĐoạn hai.\n\nĐoạn ba.")
    await officer.send(officer.message(document=LETTER), officer.photo())
    await offices.leader.send(f"/sualai {code} Bỏ đoạn hai.")
    assert officer.last.labels == ["Sửa từ bản trước", "Xem câu hỏi"]
    await officer.press("Sửa từ bản trước")
    assert [label for label in officer.last.labels if "Bỏ" in label] == [
        *("Bỏ phần 1", "Bỏ phần 2", "Bỏ phần 3"),
        *("Bỏ tệp 1", "Bỏ tệp 2"),
    ]
    await officer.press("Bỏ phần 2")
    await officer.press("Bỏ tệp 2")
    await officer.send("Sửa phần 2: Đoạn cuối, viết lại.", "Thêm một đoạn.")
    assert "Phần 3" in officer.last.text
    await officer.send("bo phan 1")
    await officer.press("Gửi duyệt")
    assert await draft(offices) == ("Đoạn cuối, viết lại.\n\nThêm một đoạn.", ["CV-123.pdf"])
    assert "Đoạn cuối, viết lại." in offices.leader.last.text


async def test_the_way_to_the_earlier_draft_stands_where_the_next_one_is_asked_for(offices: Offices) -> None:
    code = await offices.in_approval()
    await offices.leader.send(f"/sualai {code} Viết rõ hơn.")
    await offices.officer.send(f"/traloi {code}")
    await offices.officer.press("Sửa từ bản trước")
    await offices.officer.press("Gửi duyệt")
    assert (await draft(offices))[0] == ANSWER


async def test_nobody_works_on_a_draft_that_was_not_sent_back(offices: Offices) -> None:
    code = await offices.in_approval()
    await offices.leader.send(f"/sualai {code} Viết rõ hơn.")
    data, shown = offices.officer.last.data("Sửa từ bản trước"), offices.officer.last
    await offices.officer.send(f"/traloi {code} Bản khác.")
    await offices.officer.press_data(data, shown.id)
    assert (await draft(offices))[0] == "Bản khác."
    assert await offices.officer.is_idle()


async def test_what_was_begun_goes_on_after_something_else(offices: Offices) -> None:
    await offices.assigned()
    officer = offices.officer
    await officer.press("Trả lời")
    await officer.send("Phần đầu.")
    await officer.press("Yêu cầu bổ sung")
    await officer.press("Hủy")
    await officer.press("Trả lời")
    assert "Phần đầu." in officer.last.text
    await officer.send("Phần sau.")
    await officer.press("Gửi duyệt")
    assert (await draft(offices))[0] == "Phần đầu.\n\nPhần sau."


async def test_a_draft_longer_than_the_programme_takes_is_refused(offices: Offices) -> None:
    await offices.assigned()
    officer = offices.officer
    await officer.press("Trả lời")
    for _ in range(5):
        await officer.send("Nội dung. " * 390)
    await officer.send("Nội dung. " * 390)
    assert "20" in officer.last.text
    await officer.press("Gửi duyệt")
    assert len((await draft(offices))[0]) < 20_000


# --- an editor's changes, a colleague's draft ----------------------------------------------------------------------


async def test_an_editor_changes_a_draft_and_approves_it_and_the_agency_sees_what_changed(
    offices: Offices, clock: SetClock
) -> None:
    code = await offices.assigned()
    await offices.officer.send(f"/traloi {code} Mức hỗ trợ là 5 triệu đồng.\n\nTrân trọng.")
    await offices.leader.press("Duyệt")
    assert "Sửa rồi duyệt" not in offices.leader.last.labels
    clock.move(hours=1)
    await offices.editor.press("Sửa rồi duyệt")
    await offices.editor.send("Sửa phần 1: Mức hỗ trợ là 50 triệu đồng.")
    assert await offices.status(code) == "in_approval"
    await offices.editor.press("Duyệt bản đã sửa", times=2)
    assert await offices.status(code) == "answered"
    assert offices.citizen.saying("Mức hỗ trợ là 50 triệu đồng.")
    assert not offices.citizen.saying("là 5 triệu")
    for chat in (offices.officer, offices.leader):
        (shown,) = chat.saying("Ban Biên tập đã sửa rồi duyệt")
        assert "Mức hỗ trợ là <s>5</s><b>50</b> triệu đồng.\n\nTrân trọng." in shown.html
    async with offices.house.database.reading() as work:
        assert await evidence.approvals_nobody_gave(work) == []
        sent = await answer_drafts.sent(work, await offices.question(code))
        given = await answer_drafts.approvals_of(work, sent.id)
    assert [one.step for one in given] == ["leader", "editor"]
    assert given[0].at < given[1].at


async def test_a_leader_does_not_change_a_draft_in_the_editors_way(offices: Offices) -> None:
    code = await offices.in_approval()
    await offices.leader.press_data("er:1:1", offices.leader.last.id)
    await offices.editor.press_data("er:1:1", offices.editor.last.id)
    assert await offices.leader.is_idle()
    assert await offices.editor.is_idle()
    assert await offices.status(code) == "in_approval"


@pytest.mark.parametrize("how", ["reply", "command", "button"])
async def test_a_colleagues_draft_is_replaced_only_when_both_know(offices: Offices, how: str) -> None:
    second = await hire(offices.house, "Hai", Role.OFFICER, "SNNMT")
    code = await offices.assigned()
    card = second.last
    await offices.officer.send(f"/traloi {code} {ANSWER}")
    if how == "reply":
        await second.send("Bản của Hai.", reply_to=card)
    elif how == "command":
        await second.send(f"/traloi {code} Bản của Hai.")
    else:
        await second.press("Trả lời", card)
        await second.send("Bản của Hai.")
        assert (await draft(offices))[0] == ANSWER
        assert "Dự thảo của Cán đang chờ duyệt" in second.last.text
        await second.press("Gửi duyệt")
    assert (await draft(offices))[0] == "Bản của Hai."
    if how != "button":
        assert second.saying("đã có dự thảo của Cán đang chờ duyệt")
    assert "Hai đã trình bản khác thay" in offices.officer.last.text
    assert "Bản của Hai." in offices.leader.last.text


class TestAtOnce:
    """`approval.steps = []`: what is submitted has gone out."""

    @pytest.fixture
    def programme(self) -> Programme:
        return Programme(province="tỉnh An Giang", approval_steps=())

    async def test_a_file_within_two_minutes_goes_to_the_asker_too(
        self, offices: Offices, clock: SetClock
    ) -> None:
        code = await offices.assigned()
        officer = offices.officer
        await officer.send(f"/traloi {code} {ANSWER}")
        clock.move(seconds=60)
        await officer.send(officer.message(document=LETTER))
        assert "và gửi cho người hỏi" in officer.last.text
        assert len(offices.house.messenger.files[str(offices.citizen.address)]) == 1


class TestShownFirst:
    """`approval.reply_submits = false`."""

    @pytest.fixture
    def programme(self) -> Programme:
        return Programme(province="tỉnh An Giang", reply_submits=False)

    async def test_a_reply_to_the_card_opens_the_draft_with_its_preview(self, offices: Offices) -> None:
        code = await offices.assigned()
        officer, card = offices.officer, offices.officer.last
        await officer.send(ANSWER, reply_to=card)
        assert await offices.status(code) == "assigned"
        await officer.send(replying(officer, card, document=LETTER))
        await officer.send("Một phần nữa.")
        assert "Gửi duyệt" in officer.last.labels
        await officer.press("Gửi duyệt")
        assert await draft(offices) == (f"{ANSWER}\n\nMột phần nữa.", ["CV-123.pdf"])

    async def test_the_command_submits_all_the_same(self, offices: Offices) -> None:
        code = await offices.assigned()
        await offices.officer.send(f"/traloi {code} {ANSWER}")
        assert await offices.status(code) == "in_approval"
