"""Corrections through the real bot: proposed, shown old beside new, approved, told to every asker."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.deadlines.ladder import Matter
from domain.programme import Programme
from domain.questions.life import Role
from handlers.chat.turn import Turn
from services.calendar.due import due_until
from services.deadlines.reminding import remind
from services.ledger.ledger import as_json
from services.operation import evidence
from services.people.actors import actor_of
from services.questions import answers
from services.staff import staff
from storage.engine.database import Database
from storage.people import roles
from storage.questions import answer_drafts, history
from tests.conftest import SetClock
from tests.worlds.chat import Chat, House, introduced
from tests.worlds.offices import ANSWER, Offices, hire
from tests.worlds.rules import rules

NEW = "Hồ sơ của ông/bà đã được thẩm định, giấy chứng nhận sẽ có trước ngày 15/12/2026."
WHY = "Ghi nhầm ngày."


@pytest.fixture
async def offices(database: Database, application: Any) -> Offices:
    return await Offices.open(House(database, application))


@pytest.fixture
def toasts(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The words that went out on pressed buttons."""
    found: list[str] = []
    show = Turn.show

    def kept(turn: Turn, text: str, *, alert: bool = False) -> None:
        found.append(text)
        show(turn, text, alert=alert)

    monkeypatch.setattr(Turn, "show", kept)
    return found


async def blocks(chat: Chat) -> None:
    """Somebody blocks the bot."""
    bot = {"id": 1, "is_bot": True, "first_name": "Dân hỏi", "username": "danhoi_bot"}
    before: dict[str, Any] = {"user": bot, "status": "member"}
    after: dict[str, Any] = {"user": bot, "status": "kicked", "until_date": 0}
    moved = {"from": chat.user, "date": 1_793_600_000, "old_chat_member": before, "new_chat_member": after}
    await chat.house.receive({"my_chat_member": moved | {"chat": {"id": chat.address, "type": "private"}}})


async def events(offices: Offices, code: str) -> list[str]:
    question = await offices.question(code)
    async with offices.house.database.reading() as work:
        return [row.event for row in await history.of_question(work, question.id)]


async def answer_of(offices: Offices, code: str) -> str:
    question = await offices.question(code)
    async with offices.house.database.reading() as work:
        return (await answer_drafts.sent(work, question)).text or ""


async def propose(offices: Offices, code: str, text: str = NEW, who: Chat | None = None) -> None:
    who = who or offices.officer
    await who.send(f"/dinhchinh {code} {text}", WHY)


async def test_an_officer_corrects_an_answer_and_leader_and_editor_read_old_beside_new(
    offices: Offices,
) -> None:
    code = await offices.answered()
    await offices.officer.send(f"/xem {code}")
    await offices.officer.press("Đính chính")
    assert ANSWER in offices.officer.last.text
    await offices.officer.send(f"sửa phần 1: {NEW}")
    await offices.officer.press("Gửi đính chính")
    await offices.officer.send(WHY)
    assert "Đã đề nghị đính chính" in offices.officer.last.text
    for approver in (offices.leader, offices.editor):
        shown = approver.last.text
        assert "Đính chính chờ duyệt" in shown
        assert ANSWER in shown
        assert NEW in shown
        assert WHY in shown
        assert ANSWER not in offices.citizen.last.text
        await approver.press("Duyệt")
    last = offices.citizen.last.text
    assert "Đính chính câu trả lời ngày" in last
    assert NEW in last
    assert WHY in last
    assert await answer_of(offices, code) == NEW
    assert await offices.status(code) == "answered"
    assert (await events(offices, code))[-4:] == [
        "correction_proposed",
        "correction_approved",
        "correction_approved",
        "corrected",
    ]


# --- proposing -------------------------------------------------------------------------------------------------


async def test_a_reply_to_the_card_of_an_answered_question_is_shown_before_it_is_proposed(
    offices: Offices,
) -> None:
    code = await offices.answered()
    await offices.officer.send(f"/xem {code}")
    await offices.officer.send(NEW, reply_to=offices.officer.last)
    assert "Đính chính câu trả lời" in offices.officer.last.text
    assert NEW in offices.officer.last.text
    assert ANSWER not in offices.officer.last.text
    assert "correction_proposed" not in await events(offices, code)
    await offices.officer.press("Gửi đính chính")
    await offices.officer.send(WHY)
    assert (await events(offices, code))[-1] == "correction_proposed"


async def test_the_whole_new_text_replaces_the_answer_and_marked_words_are_added(offices: Offices) -> None:
    code = await offices.answered()
    await offices.officer.send(f"/dinhchinh {code}")
    await offices.officer.send(NEW)
    assert ANSWER not in offices.officer.last.text
    await offices.officer.send("Từ 7 giờ.")
    assert NEW in offices.officer.last.text
    await offices.officer.press("Hủy")
    await offices.officer.send(f"/dinhchinh {code}")
    assert ANSWER in offices.officer.last.text
    await offices.officer.send(offices.officer.photo("Sơ đồ."))
    assert ANSWER in offices.officer.last.text
    await offices.officer.press("Hủy")
    await offices.officer.send(f"/dinhchinh {code}")
    await offices.officer.send("thêm: Từ 8 giờ.")
    assert ANSWER in offices.officer.last.text
    await offices.officer.press("Gửi đính chính")
    await offices.officer.send(WHY)
    await offices.leader.press("Duyệt")
    await offices.editor.press("Duyệt")
    assert await answer_of(offices, code) == f"{ANSWER}\n\nTừ 8 giờ."


async def test_what_reads_like_the_answer_is_refused_in_words(offices: Offices) -> None:
    code = await offices.answered()
    await offices.officer.send(f"/dinhchinh {code} {ANSWER}")
    assert "không khác câu trả lời đã gửi" in offices.officer.last.text
    assert await offices.officer.is_idle()
    await offices.officer.send(f"/dinhchinh {code}")
    await offices.officer.press("Gửi đính chính")
    assert "correction_proposed" not in await events(offices, code)
    await offices.officer.send(f"sửa phần 1: {NEW}")  # they can go on
    await offices.officer.press("Gửi đính chính")
    await offices.officer.send(WHY)
    assert (await events(offices, code))[-1] == "correction_proposed"


async def test_a_correction_may_bring_only_a_file_and_the_asker_gets_just_that(offices: Offices) -> None:
    code = await offices.answered()
    await offices.officer.send(f"/dinhchinh {code}")
    letter = offices.officer.photo()
    await offices.officer.send(letter)
    await offices.officer.press("Gửi đính chính")
    await offices.officer.send("Thiếu sơ đồ.")
    assert "Tệp thêm" in offices.leader.last.text
    await offices.leader.press("Duyệt")
    await offices.editor.press("Duyệt")
    last = offices.citizen.last.text
    assert "Tệp mới gửi kèm: 1" in last
    assert "Trước:" not in last
    assert ANSWER in last
    sent = offices.house.messenger.files[str(offices.citizen.address)]
    assert list(sent.values()) == [letter["photo"][0]["file_id"]]
    await propose(offices, code)  # the file stays with the next one, and is not sent again
    await offices.leader.press("Duyệt")
    await offices.editor.press("Duyệt")
    assert "Tệp" not in offices.citizen.last.text
    question = await offices.question(code)
    async with offices.house.database.reading() as work:
        answer = await as_json(work, question)
    assert answer["answer"] == {"text": NEW, "official_letter": None, "attachments": 1}


async def test_pressed_twice_the_button_shows_what_was_begun_and_the_answer_is_proposed_once(
    offices: Offices, toasts: list[str]
) -> None:
    code = await offices.answered()
    await offices.editor.send(f"/xem {code}")
    card = offices.editor.last
    await offices.editor.press("Đính chính", card)
    await offices.editor.send(f"sửa phần 1: {NEW}")
    await offices.editor.press("Đính chính", card)
    assert NEW in offices.editor.last.text
    preview = offices.editor.last
    await offices.editor.press("Gửi đính chính", preview, times=2)
    assert "Nút này đã cũ" in toasts[-1]
    await offices.editor.send(WHY)
    assert (await events(offices, code)).count("correction_proposed") == 1
    assert await offices.editor.is_idle()


async def test_a_file_and_an_edit_a_moment_later_belong_to_the_proposal(offices: Offices) -> None:
    code = await offices.answered()
    said = offices.officer.message(f"/dinhchinh {code} {NEW}")
    await offices.officer.send(said, WHY)
    await offices.officer.edit(said, text=f"/dinhchinh {code} {NEW} Xin lỗi.")
    assert f"{NEW} Xin lỗi." in offices.leader.last.text
    assert WHY in offices.leader.last.text
    await offices.officer.send(offices.officer.photo())
    assert "Tệp thêm" in offices.leader.last.text
    await offices.leader.press("Duyệt")
    await offices.editor.press("Duyệt")
    assert f"{NEW} Xin lỗi." in offices.citizen.last.text
    assert "Tệp mới gửi kèm: 1" in offices.citizen.last.text


async def test_a_colleagues_proposal_is_replaced_and_the_other_sides_is_not(offices: Offices) -> None:
    code = await offices.answered()
    colleague = await hire(offices.house, "Đồng", Role.OFFICER, "SNNMT")
    await propose(offices, code)
    first = offices.leader.last
    await propose(offices, code, "Trước ngày 20/12/2026.", colleague)
    assert offices.officer.saying("không chờ duyệt nữa: Đồng đã trình bản khác")
    assert "Duyệt" not in first.labels
    assert "20/12/2026" in offices.leader.last.text
    await offices.editor.send(f"/dinhchinh {code} Trước ngày 25/12/2026.")
    assert "đang có một đính chính của cơ quan" in offices.editor.last.text
    assert "Lãnh đạo cơ quan" in offices.editor.last.text
    assert await offices.editor.is_idle()
    assert (await events(offices, code)).count("correction_proposed") == 2


async def test_a_correction_can_be_withdrawn_and_its_approver_is_told_so_in_words(
    offices: Offices, toasts: list[str]
) -> None:
    code = await offices.answered()
    await propose(offices, code)
    asked = offices.leader.last
    stale = asked.data("Duyệt")
    await offices.officer.press("Xem câu hỏi")
    await offices.officer.press("Rút đính chính")
    assert (await events(offices, code))[-1] == "correction_withdrawn"
    assert "Duyệt" not in asked.labels
    assert "Đã rút đính chính" in asked.text
    await offices.leader.press_data(stale, asked.id)
    assert toasts[-1:] == [f"Đính chính {code} đã được rút lại, không cần duyệt nữa."]
    await offices.leader.send(f"/duyet {code}")
    assert "đã được làm rồi" in offices.leader.last.text
    await offices.officer.send(f"/dinhchinh {code} rút")
    assert "Không có đính chính nào" in offices.officer.last.text
    assert await answer_of(offices, code) == ANSWER


async def test_only_the_side_that_proposed_it_withdraws_it(offices: Offices) -> None:
    code = await offices.answered()
    await propose(offices, code)
    await offices.editor.send(f"/xem {code}")
    assert "Rút đính chính" not in offices.editor.last.labels
    await offices.editor.send(f"/dinhchinh {code} rút")
    assert "không làm được việc này" in offices.editor.last.text
    await offices.officer.send(f"/dinhchinh {code} rút")
    await propose(offices, code, who=offices.editor)
    await offices.officer.send(f"/dinhchinh {code} rút")
    assert "không làm được việc này" in offices.officer.last.text


# --- deciding --------------------------------------------------------------------------------------------------


async def test_a_correction_that_was_sent_back_is_worked_on_from_where_it_was(offices: Offices) -> None:
    code = await offices.answered()
    await propose(offices, code)
    await offices.leader.press("Yêu cầu sửa")
    await offices.leader.send("Ghi rõ giờ.")
    assert "Đính chính cần sửa" in offices.officer.last.text
    assert "Ghi rõ giờ." in offices.officer.last.text
    await offices.officer.press("Sửa từ bản trước")
    assert NEW in offices.officer.last.text
    await offices.officer.send("Từ 7 giờ.")
    await offices.officer.press("Gửi đính chính")
    await offices.officer.send(WHY)
    await offices.leader.press("Duyệt")
    await offices.editor.press("Duyệt")
    assert await answer_of(offices, code) == f"{NEW}\n\nTừ 7 giờ."
    assert "correction_sent_back" in await events(offices, code)


async def test_what_waits_is_marked_as_a_correction_in_the_queue(offices: Offices) -> None:
    code = await offices.answered()
    await propose(offices, code)
    await offices.leader.send("/duyet")
    assert code in offices.leader.last.text
    assert "Đính chính - Lãnh đạo cơ quan" in offices.leader.last.text
    assert "Quá hạn" not in offices.leader.last.text
    await offices.editor.send("/duyet")
    assert code not in offices.editor.last.text
    await offices.leader.send(f"/duyet {code}")
    await offices.editor.send("/duyet")
    assert "Đính chính - Ban Biên tập" in offices.editor.last.text
    await offices.editor.send(f"/duyet {code}")
    assert await answer_of(offices, code) == NEW


async def test_an_editors_correction_goes_through_the_agencys_leader_alone(offices: Offices) -> None:
    code = await offices.answered()
    await propose(offices, code, who=offices.editor)
    assert "Ban Biên tập đề nghị" in offices.leader.last.text
    await offices.leader.press("Duyệt")
    assert await answer_of(offices, code) == NEW
    assert NEW in offices.citizen.last.text
    assert "Đã đính chính câu trả lời" in offices.editor.last.text
    assert (await events(offices, code))[-3:] == ["correction_proposed", "correction_approved", "corrected"]
    question = await offices.question(code)
    async with offices.house.database.reading() as work:
        past = await history.of_question(work, question.id)
    editor, leader = await offices.editor.row(), await offices.leader.row()
    assert past[-1].details["proposed_by"] == editor.id
    assert past[-1].details["approved_by"] == [leader.id]
    assert NEW not in str(past[-1].details)


async def test_where_no_leader_is_reached_another_editor_decides_on_an_editors_correction(
    offices: Offices, toasts: list[str]
) -> None:
    code = await offices.answered()
    await blocks(offices.leader)
    other = await hire(offices.house, "Tập", Role.EDITOR)
    await propose(offices, code, who=offices.editor)
    assert "Đính chính chờ duyệt" in other.last.text
    await offices.editor.press("Duyệt")
    assert "xin để một biên tập viên khác duyệt" in toasts[-1]
    await other.press("Duyệt")
    assert await answer_of(offices, code) == NEW


async def test_where_nobody_else_can_decide_an_editors_correction_goes_out(offices: Offices) -> None:
    code = await offices.answered()
    await blocks(offices.leader)
    await propose(offices, code, who=offices.editor)
    assert await answer_of(offices, code) == NEW
    assert (await events(offices, code))[-3:] == ["correction_proposed", "correction_approved", "corrected"]


async def test_a_leader_who_leaves_hands_a_correction_on_to_the_editors(offices: Offices) -> None:
    code = await offices.answered()
    await propose(offices, code)
    await blocks(offices.leader)
    await offices.house.deliver()
    assert "Đính chính chờ duyệt" in offices.editor.last.text
    await offices.editor.press("Duyệt")
    assert await answer_of(offices, code) == NEW


async def test_an_editor_changes_a_correction_before_approving_it(offices: Offices) -> None:
    code = await offices.answered()
    await propose(offices, code)
    await offices.leader.press("Duyệt")
    await offices.editor.press("Sửa rồi duyệt")
    await offices.editor.send("sửa phần 1: Trước ngày 16/12/2026.")
    await offices.editor.press("Duyệt bản đã sửa")
    assert "Trước ngày 16/12/2026." in offices.citizen.last.text
    assert WHY in offices.citizen.last.text
    assert offices.officer.saying("Ban Biên tập đã sửa rồi duyệt")
    assert (await events(offices, code))[-1] == "corrected"


async def test_a_long_correction_is_shown_whole_to_whoever_decides(offices: Offices) -> None:
    code = await offices.answered()
    old, new = "\n".join(f"Đoạn {n} về {'đất ' * 40}." for n in range(40)), "Đoạn mới thêm ở cuối."
    await offices.officer.send(f"/dinhchinh {code} {old}")
    await offices.officer.press("Đã đủ")
    await offices.officer.send(WHY)
    await offices.leader.press("Duyệt")
    await offices.editor.press("Duyệt")
    before = offices.leader.last
    await offices.officer.send(f"/dinhchinh {code} {old}\n{new}")
    await offices.officer.press("Đã đủ")
    await offices.officer.send(WHY)
    shown = "\n".join(one.text for one in offices.leader.since(before))
    for n in range(40):
        assert f"Đoạn {n} về" in shown
    assert new in shown
    assert "Duyệt" in offices.leader.last.labels


# --- what happens meanwhile ------------------------------------------------------------------------------------


async def test_a_correction_of_a_correction_names_the_day_of_the_one_before(
    offices: Offices, clock: SetClock
) -> None:
    code = await offices.answered()
    clock.move(days=2)
    await propose(offices, code)
    await offices.leader.press("Duyệt")
    await offices.editor.press("Duyệt")
    corrected_on = clock.now()
    clock.move(days=3)
    await propose(offices, code, "Trước ngày 20/12/2026.")
    await offices.leader.press("Duyệt")
    await offices.editor.press("Duyệt")
    first, second = offices.citizen.saying("Đính chính câu trả lời ngày")
    assert f"ngày {corrected_on:%d/%m/%Y}" in second.text
    assert f"ngày {corrected_on:%d/%m/%Y}" not in first.text
    assert NEW in second.text
    assert ANSWER not in second.text


async def test_what_is_closed_is_corrected_and_stays_closed(offices: Offices, clock: SetClock) -> None:
    code = await offices.answered()
    before = await offices.question(code)
    clock.move(days=16)
    async with offices.house.database.work() as work:
        await answers.close_when_due(work)
    await propose(offices, code)
    await offices.leader.press("Duyệt")
    await offices.editor.press("Duyệt")
    after = await offices.question(code)
    assert after.status == "closed"
    assert (after.answered_at, after.due_at, after.first_due_at) == (
        before.answered_at,
        before.due_at,
        before.first_due_at,
    )
    assert NEW in offices.citizen.last.text


async def test_reopening_ends_what_waits_and_a_former_agency_corrects_nothing(offices: Offices) -> None:
    code = await offices.answered()
    await propose(offices, code)
    asked = offices.leader.last
    await offices.citizen.send(f"/molai {code} Vẫn chưa rõ ngày nào.")
    assert offices.officer.saying("không chờ duyệt nữa, vì người hỏi đã mở lại")
    assert "Duyệt" not in asked.labels
    new_lead = await hire(offices.house, "Y", Role.OFFICER, "SYT")
    await offices.editor.send(f"/chuyen {code} SYT")
    if "Xác nhận" in offices.editor.last.labels:
        await offices.editor.press("Xác nhận")
    await offices.officer.send(f"/dinhchinh {code} {NEW}")
    assert "Không tìm thấy câu hỏi" in offices.officer.last.text
    await new_lead.send(f"/traloi {code} Câu trả lời mới.")
    await offices.editor.send(f"/duyet {code}")
    await offices.officer.send(f"/dinhchinh {code} {NEW}")
    assert "Không tìm thấy câu hỏi" in offices.officer.last.text
    assert await answer_of(offices, code) == "Câu trả lời mới."


async def test_while_a_question_is_hidden_nobody_decides_and_afterwards_it_goes_on(offices: Offices) -> None:
    code = await offices.answered()
    await propose(offices, code)
    asked = offices.leader.last
    stale = asked.data("Duyệt")
    await offices.officer.send(f"/nghitocao {code}")
    assert NEW not in asked.text
    await offices.leader.press_data(stale, asked.id)
    await offices.leader.send("/duyet")
    assert code not in offices.leader.last.text
    assert await answer_of(offices, code) == ANSWER
    await offices.editor.send(f"/xem {code}")
    await offices.editor.press("Không phải tố cáo")
    await offices.leader.send("/duyet")
    assert code in offices.leader.last.text
    await offices.leader.send(f"/duyet {code}")
    await offices.editor.send(f"/duyet {code}")
    assert await answer_of(offices, code) == NEW


async def test_a_proposal_stands_after_its_proposer_has_left_and_a_colleague_may_withdraw_it(
    offices: Offices,
) -> None:
    code = await offices.answered()
    colleague = await hire(offices.house, "Đồng", Role.OFFICER, "SNNMT")
    await propose(offices, code)
    admin = await (await hire(offices.house, "Quản", Role.ADMIN)).row()
    officer = await offices.officer.row()
    async with offices.house.database.work() as work:
        (held,) = await roles.of_person(work, officer.id)
        await staff.revoke(work, await actor_of(work, admin), held.id)
    await offices.officer.send(f"/dinhchinh {code} rút")
    assert (await events(offices, code))[-1] == "correction_proposed"
    await colleague.send(f"/dinhchinh {code} rút")
    assert (await events(offices, code))[-1] == "correction_withdrawn"


async def test_who_asked_the_same_hears_the_correction_with_their_own_code(offices: Offices) -> None:
    code = await offices.answered()
    other = await introduced(offices.house, "Tư")
    own = await offices.ask("Sổ đỏ của tôi ở phường Rạch Giá bao giờ có?", other)
    await offices.editor.send(f"/gop {own} {code}")
    await offices.editor.press("Xác nhận")
    await propose(offices, code, f"Kính gửi bà Nguyễn Thị Mai. {NEW}")
    await offices.leader.press("Duyệt")
    await offices.editor.press("Duyệt")
    assert "Nguyễn Thị Mai" in offices.citizen.last.text
    assert own in other.last.text
    assert code not in other.last.text
    assert NEW in other.last.text
    assert "Nguyễn Thị Mai" not in other.last.text


async def test_a_promise_that_the_new_words_do_not_name_is_offered_to_be_moved_or_withdrawn(
    offices: Offices,
) -> None:
    code = await offices.answered()
    await offices.officer.press("30/11/2026")
    await propose(offices, code)
    await offices.leader.press("Duyệt")
    await offices.editor.press("Duyệt")
    last = offices.officer.last
    assert "không còn nêu ngày của lời hứa" in last.text
    assert {"Đổi ngày 30/11", "Bỏ lời hứa 30/11", "15/12/2026"} <= set(last.labels)
    await offices.officer.press("Bỏ lời hứa 30/11", last)
    await offices.officer.send("Chưa kịp.")
    assert "promise_withdrawn" in await events(offices, code)
    await propose(offices, code, f"{NEW} Xin lỗi.")
    await offices.leader.press("Duyệt")
    await offices.editor.press("Duyệt")
    assert "lời hứa:" not in offices.officer.last.text


async def test_an_edit_of_a_sent_answer_offers_to_correct_it(offices: Offices) -> None:
    code = await offices.assigned()
    said = offices.officer.message(f"/traloi {code} {ANSWER}")
    await offices.officer.send(said)
    await offices.leader.send(f"/duyet {code}")
    await offices.editor.send(f"/duyet {code}")
    await offices.officer.edit(said, text=f"/traloi {code} {NEW}")
    await offices.officer.press("Đính chính", offices.officer.last)
    assert "Đây là câu trả lời đã gửi" in offices.officer.last.text


# --- what is public --------------------------------------------------------------------------------------------


async def published(offices: Offices, *, reworded: bool = False) -> tuple[str, Chat]:
    """An answer that is public with the asker's consent, and a stranger who has read it."""
    code = await offices.answered()
    await offices.citizen.press("Đồng ý công khai")
    await offices.editor.send(f"/congkhai {code}")
    if reworded:
        await offices.editor.press("Sửa bản công khai")
        await offices.editor.press("Bỏ qua")
        await offices.editor.send("Giấy có trước 30/11.")
    await offices.editor.press("Xác nhận")
    stranger = offices.house.person("Lạ")
    await stranger.send(f"/tracuu {code}")
    assert "30/11" in stranger.last.text
    return code, stranger


async def test_a_public_answer_follows_its_correction_and_editors_read_what_stands_there(
    offices: Offices,
) -> None:
    code, stranger = await published(offices)
    read_before = stranger.last
    await propose(offices, code, f"Kính gửi bà Nguyễn Thị Mai. {NEW}")
    await offices.leader.press("Duyệt")
    await offices.editor.press("Duyệt")
    assert "30/11" not in read_before.text
    await stranger.send(f"/tracuu {code}")
    assert NEW in stranger.last.text
    assert "Nguyễn Thị Mai" not in stranger.last.text
    (told,) = offices.editor.saying("bản công khai đã đổi theo")
    assert NEW in told.text
    assert "Nguyễn Thị Mai" not in told.text
    await offices.editor.press("Sửa bản công khai", told)
    await offices.editor.press("Sửa bản công khai", offices.editor.last)
    await offices.editor.press("Bỏ qua")
    await offices.editor.send("Giấy có trước 15/12.")
    await offices.editor.press("Xác nhận")
    await stranger.send(f"/tracuu {code}")
    assert "Giấy có trước 15/12." in stranger.last.text


async def test_a_public_answer_that_an_editor_worded_comes_down_until_it_is_published_anew(
    offices: Offices,
) -> None:
    code, stranger = await published(offices, reworded=True)
    read_before = stranger.last
    await propose(offices, code)
    await offices.leader.press("Duyệt")
    await offices.editor.press("Duyệt")
    assert "30/11" not in read_before.text
    await stranger.send(f"/tracuu {code}")
    assert "15/12" not in stranger.last.text
    assert "30/11" not in stranger.last.text
    assert "Bản công khai tạm gỡ" in offices.citizen.last.text
    (told,) = offices.editor.saying("bản công khai đã gỡ")
    await offices.editor.press("Công khai", told)
    assert NEW in offices.editor.last.text
    await offices.editor.press("Xác nhận")
    await stranger.send(f"/tracuu {code}")
    assert NEW in stranger.last.text


# --- an editor alone -------------------------------------------------------------------------------------------


class TestAlone:
    """By configuration an editor corrects without anybody's approval."""

    @pytest.fixture
    def programme(self) -> Programme:
        return rules(correct_alone=True)

    async def test_an_editors_correction_goes_out_and_the_agency_reads_what_changed(
        self, offices: Offices
    ) -> None:
        code = await offices.answered()
        await propose(offices, code, who=offices.editor)
        assert NEW in offices.citizen.last.text
        for one in (offices.officer, offices.leader):
            assert "Biên (Ban Biên tập) đã đính chính" in one.last.text
            assert ANSWER in one.last.text
            assert NEW in one.last.text
            assert WHY in one.last.text
        assert (await events(offices, code))[-1] == "corrected"
        assert "correction_proposed" not in await events(offices, code)

    async def test_an_officers_correction_is_approved_all_the_same(self, offices: Offices) -> None:
        code = await offices.answered()
        await propose(offices, code)
        assert await answer_of(offices, code) == ANSWER
        assert "Duyệt" in offices.leader.last.labels


class TestNobodyApproves:
    """Where no step is configured an officer's correction goes out at once, as an answer does."""

    @pytest.fixture
    def programme(self) -> Programme:
        return rules(approval_steps=())

    async def test_it_goes_out_at_once(self, offices: Offices) -> None:
        code = await offices.assigned()
        await offices.officer.send(f"/traloi {code} {ANSWER}")
        await propose(offices, code)
        assert NEW in offices.citizen.last.text
        assert (await events(offices, code))[-2:] == ["correction_proposed", "corrected"]


# --- undone ----------------------------------------------------------------------------------------------------


class TestUndone:
    """For a minute the last approval can be undone, and nobody was told."""

    @pytest.fixture
    def programme(self) -> Programme:
        return rules(undo_seconds=60)

    async def test_the_last_approval_of_a_public_answers_correction(
        self, offices: Offices, clock: SetClock
    ) -> None:
        code = await offices.answered()
        clock.move(seconds=61)
        await offices.house.deliver()
        await offices.citizen.press("Đồng ý công khai")
        await offices.editor.send(f"/congkhai {code}")
        await offices.editor.press("Xác nhận")
        await propose(offices, code)
        await offices.leader.press("Duyệt")
        heard = len(offices.citizen.shown)
        await offices.editor.press("Duyệt")
        assert await answer_of(offices, code) == NEW
        await offices.editor.press("Hoàn tác")
        clock.move(seconds=61)
        await offices.house.deliver()
        assert await answer_of(offices, code) == ANSWER
        assert len(offices.citizen.shown) == heard
        stranger = offices.house.person("Lạ")
        await stranger.send("/hoidap 30/11")
        assert code in str(stranger.last.labels)
        await stranger.send("/hoidap 15/12")
        assert code not in str(stranger.last.labels)
        await offices.editor.send(f"/duyet {code}")
        clock.move(seconds=61)
        await offices.house.deliver()
        assert NEW in offices.citizen.last.text
        await evidence_holds(offices)

    async def test_a_correction_of_an_editor_whom_nobody_approves(
        self, offices: Offices, clock: SetClock
    ) -> None:
        code = await offices.answered()
        clock.move(seconds=61)
        await offices.house.deliver()
        await blocks(offices.leader)
        await propose(offices, code, who=offices.editor)
        assert await answer_of(offices, code) == NEW
        await offices.editor.press("Hoàn tác")
        assert await answer_of(offices, code) == ANSWER
        question = await offices.question(code)
        async with offices.house.database.reading() as work:
            assert await answer_drafts.open_of(work, question.id) is None
        clock.move(seconds=61)
        await offices.house.deliver()
        assert not offices.citizen.saying("Đính chính câu trả lời")
        await propose(offices, code, who=offices.editor)
        clock.move(seconds=61)
        await offices.house.deliver()
        assert offices.citizen.saying("Đính chính câu trả lời")
        await evidence_holds(offices)


async def evidence_holds(offices: Offices) -> None:
    """The ledger agrees with itself, and with the log."""
    async with offices.house.database.work() as work:
        assert await evidence.examine(work) == []


# --- reminders -------------------------------------------------------------------------------------------------


async def test_a_leader_is_reminded_of_a_correction_that_waits_until_somebody_decides(
    offices: Offices, clock: SetClock
) -> None:
    code = await offices.answered()
    await propose(offices, code)
    async with offices.house.database.reading() as work:
        (one,) = [due for due in await due_until(work, clock.now() + timedelta(days=9)) if due.code == code]
    assert one.matter is Matter.LEADER_APPROVAL
    assert f"{one.due_on:%d/%m/%Y}" == "05/11/2026"
    clock.at = datetime(2026, 11, 6, 2, tzinfo=UTC)
    await remind(offices.house.database)
    await offices.house.deliver()
    assert code in offices.leader.last.text
    assert "lãnh đạo duyệt" in offices.leader.last.text
    await offices.leader.send(f"/duyet {code}")
    clock.at = datetime(2026, 11, 9, 2, tzinfo=UTC)
    await remind(offices.house.database)
    before = offices.leader.last
    await offices.house.deliver()
    assert offices.leader.last is before
    assert code in offices.editor.last.text
    await offices.editor.send(f"/duyet {code}")
    async with offices.house.database.reading() as work:
        assert [due for due in await due_until(work, clock.now()) if due.code == code] == []
