"""`/chan`: an editor stops a sender for a time; what they write is not taken, what is theirs stays theirs."""

import re
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from domain.errors import Reason, RuleViolation
from domain.privacy.audit import AuditAct
from domain.questions.life import Role
from handlers.chat import blocked
from handlers.chat.confirming import CONFIRMED
from handlers.chat.registry import COMMANDS
from handlers.chat.turn import Turn
from messages.buttons import Act, Press
from services.people.actors import actor_of
from services.questions import intake
from storage.engine.database import Database
from storage.rows import BlockRow
from storage.tables import (
    audit,
    blocks,
    entries,
    inbox,
    outbox,
    people,
    question_drafts,
    questions,
    ratings,
)
from tests.conftest import SetClock
from tests.worlds.chat import Chat, House, Messenger
from tests.worlds.offices import Offices, hire
from tests.worlds.place import settle

LAST = "thứ Tư, ngày 02/12/2026"  # 30 days from Monday 2/11/2026
SENTENCE = "tạm thời không nhận tin"
MORE = "Sao tôi hỏi về con đường số 778899 ở phường Rạch Giá mà chưa thấy trả lời?"


@pytest.fixture
async def offices(database: Database, application: Any) -> Offices:
    return await Offices.open(House(database, application))


async def blocked_asker(offices: Offices) -> tuple[Chat, str]:
    """Return a citizen whose assigned question goes on, and who is blocked."""
    code = await offices.assigned()
    await offices.editor.send(f"/chan {code} gửi quảng cáo nhiều lần")
    return offices.citizen, code


async def all_blocks(database: Database) -> list[BlockRow]:
    async with database.reading() as work:
        return await work.all(sa.select(blocks).order_by(blocks.c.id))


async def count(database: Database, table: sa.Table) -> int:
    async with database.reading() as work:
        return int(await work.value(sa.select(sa.func.count()).select_from(table)))


# --- blocking -----------------------------------------------------------------------------------------------------


async def test_a_block_has_a_reason_an_end_and_who_did_it_and_the_desk_is_told(
    offices: Offices, database: Database
) -> None:
    second = await hire(offices.house, "Hai", Role.EDITOR)
    admin = await hire(offices.house, "Quản", Role.ADMIN)
    _, code = await blocked_asker(offices)
    (row,) = await all_blocks(database)
    assert (row.reason, row.ended_at) == ("gửi quảng cáo nhiều lần", None)
    assert LAST in offices.editor.last.text
    assert offices.editor.last.labels == ["Bỏ chặn"]
    for chat in (second, admin):
        assert "Biên đã chặn người gửi" in chat.last.text
        assert "gửi quảng cáo nhiều lần" in chat.last.text
        assert code in chat.last.text
    assert SENTENCE not in "".join(one.text for one in offices.citizen.shown)  # they hear when they write


@pytest.mark.parametrize("end", ["đến 15/11", "đến hết ngày 15/11/2026", "until 15/11", "tới 15.11.2026"])
async def test_the_end_can_be_typed(offices: Offices, database: Database, end: str) -> None:
    code = await offices.assigned()
    await offices.editor.send(f"/chan {code} {end} chửi bới")
    (row,) = await all_blocks(database)
    assert row.reason == "chửi bới"
    assert database.programme.local(row.until).isoformat() == "2026-11-16T00:00:00+07:00"


@pytest.mark.parametrize("end", ["1/11/2026", "5/11/2027"])
async def test_an_end_that_has_passed_or_is_far_away_is_refused_with_what_may_be_said(
    offices: Offices, database: Database, end: str
) -> None:
    code = await offices.assigned()
    await offices.editor.send(f"/chan {code} đến {end} chửi bới")
    assert "03/11/2027" in offices.editor.last.text
    assert await all_blocks(database) == []


async def test_words_that_begin_like_an_end_are_the_reason(offices: Offices, database: Database) -> None:
    code = await offices.assigned()
    await offices.editor.send(f"/chan {code} đến quấy rối nhiều lần")
    assert (await all_blocks(database))[0].reason == "đến quấy rối nhiều lần"


async def test_a_card_blocks_with_ends_as_buttons_and_is_brought_up_to_date(
    offices: Offices, database: Database
) -> None:
    code = await offices.assigned()
    editor = offices.editor
    await editor.send(f"/xem {code}")
    card = editor.last
    await editor.press("Chặn người gửi", card)
    assert LAST in editor.last.text
    assert "Biên tập viên và quản trị viên đọc" in editor.last.text
    assert editor.last.labels == ["09/11/2026", "31/01/2027", "02/11/2027", "Hủy"]
    await editor.press("09/11/2026")
    assert "ngày 09/11/2026" in editor.last.text
    await editor.send("chửi bới cán bộ")
    (row,) = await all_blocks(database)
    assert database.programme.local(row.until).date() == date(2026, 11, 10)
    assert "đang bị chặn đến hết" in card.text
    assert "Bỏ chặn" in card.labels
    assert "Chặn người gửi" not in card.labels
    assert await editor.is_idle()
    await offices.officer.send(f"/xem {code}")
    assert "chặn" not in offices.officer.last.text


async def test_a_block_without_a_reason_asks_for_one(offices: Offices, database: Database) -> None:
    code = await offices.assigned()
    await offices.editor.send(f"/chan {code} đến 15/11")
    assert "Xin viết lý do" in offices.editor.last.text
    await offices.editor.send("đến 20/11 chửi bới")
    (row,) = await all_blocks(database)
    assert (row.reason, database.programme.local(row.until).date()) == ("chửi bới", date(2026, 11, 21))


async def test_staff_are_not_blocked_nor_is_who_wrote_by_post(offices: Offices, database: Database) -> None:
    editor = offices.editor
    await ask_as_a_citizen(offices.officer)
    await editor.send("/xem 1")
    assert "Chặn người gửi" not in editor.last.labels
    await editor.send("/chan 1 thử")
    assert "đang giữ vai trò" in editor.last.text
    await editor.send("/nhaptay")
    await editor.press("Thư")
    await editor.send("Cầu xã tôi hỏng, bao giờ sửa?", "Nguyễn Văn Tám", "5 Lê Lợi", "0901222333")
    await editor.press("Bỏ qua")
    await editor.press("Xác nhận")
    await editor.send("/xem 2")
    assert "Chặn người gửi" not in editor.last.labels
    await editor.send("/chan 2 thử")
    assert "không đến qua bot" in editor.last.text
    assert await all_blocks(database) == []


async def ask_as_a_citizen(chat: Chat) -> None:
    """Enter a question of one of the staff."""
    await chat.send("/hoi Xin hỏi giờ làm việc của cơ quan thuế?")
    await chat.press("Đồng ý")
    await chat.send("Trần Văn Cán", "12 Lê Lợi")
    await chat.press("Bỏ qua")
    await chat.press("Bỏ qua")
    await chat.press("Gửi câu hỏi")


async def test_blocking_twice_says_until_when_and_a_pressed_card_says_so(
    offices: Offices, database: Database
) -> None:
    code = await offices.assigned()
    second = await hire(offices.house, "Hai", Role.EDITOR)
    await second.send(f"/xem {code}")
    card = second.last
    await offices.editor.send(f"/chan {code} chửi bới")
    await second.press("Chặn người gửi", card)
    assert "Bỏ chặn" in card.labels
    await second.send(f"/chan {code} chửi bới")
    assert LAST in second.last.text
    assert len(await all_blocks(database)) == 1


# --- what the sender meets ----------------------------------------------------------------------------------------


async def test_nothing_that_a_blocked_sender_writes_is_kept_and_they_hear_so_once_a_day(
    offices: Offices, database: Database, clock: SetClock
) -> None:
    chat, _ = await blocked_asker(offices)
    before = [await count(database, one) for one in (questions, entries, question_drafts)]
    heard = len(chat.shown)
    await chat.send(MORE, "/start", f"/hoi {MORE}", chat.photo(MORE), "/molai 1 chưa xong", "/danhgia 1 1 tệ")
    await chat.send(*chat.album(3, MORE), chat.message(MORE, reply_to=chat.shown[0]))
    await chat.edit(chat.message("cũ"), text=MORE)
    assert len(chat.shown) == heard + 1
    assert SENTENCE in chat.last.text
    assert LAST in chat.last.text
    clock.move(days=1)
    await chat.send(MORE, MORE)
    assert len(chat.shown) == heard + 2
    assert [await count(database, one) for one in (questions, entries, question_drafts)] == before
    async with database.reading() as work:
        payloads = [row.payload for row in await work.all(sa.select(inbox.c.payload).order_by(inbox.c.place))]
    assert not [one for one in payloads if "778899" in one]


async def test_a_question_being_written_cannot_be_sent_and_the_button_says_why(
    offices: Offices, database: Database, toasts: list[str]
) -> None:
    code = await offices.assigned()
    await offices.citizen.send(MORE)
    draft = offices.citizen.last
    await offices.editor.send(f"/chan {code} quảng cáo")
    await offices.citizen.press("Gửi câu hỏi", draft)
    assert await count(database, questions) == 1
    assert SENTENCE in toasts[-1]


async def test_a_button_that_asks_for_words_is_stopped_before_it_asks(
    offices: Offices, database: Database, toasts: list[str]
) -> None:
    code = await offices.answered()
    await offices.editor.send(f"/chan {code} quảng cáo")
    heard = len(offices.citizen.shown)
    await offices.citizen.press("Mở lại")
    assert SENTENCE in toasts[-1]
    assert len(offices.citizen.shown) == heard
    assert await offices.citizen.is_idle()


async def test_the_service_takes_no_question_either_whichever_way_it_comes(
    offices: Offices, database: Database
) -> None:
    chat, _ = await blocked_asker(offices)
    person = await chat.row()
    async with database.work() as work:
        with pytest.raises(RuleViolation) as refused:
            await intake.receive(work, await actor_of(work, person), MORE)
    assert refused.value.reason is Reason.BLOCKED


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


async def test_an_emergency_gets_its_numbers_each_time(offices: Offices) -> None:
    chat, _ = await blocked_asker(offices)
    for _ in range(2):
        heard = chat.last
        await chat.send("Cứu với, nhà tôi đang cháy!")
        assert "114" in "".join(one.text for one in chat.since(heard))


async def test_a_running_question_goes_on_the_agency_asks_and_the_answer_arrives(offices: Offices) -> None:
    chat, code = await blocked_asker(offices)
    await offices.officer.send(f"/hoithem {code} Số hồ sơ nào?")
    assert "Số hồ sơ nào?" in chat.last.text
    await chat.press("Trả lời")
    await chat.send("Hồ sơ số 12/2026")
    assert await offices.status(code) == "accepted"
    await offices.officer.send(f"/traloi {code} Đã cấp giấy.")
    await offices.leader.send(f"/duyet {code}")
    await offices.editor.send(f"/duyet {code}")
    assert chat.saying("Đã cấp giấy.")


async def test_a_reply_to_what_the_agency_asked_is_taken_with_its_album_and_nothing_after(
    offices: Offices, database: Database
) -> None:
    chat, code = await blocked_asker(offices)
    await offices.officer.send(f"/hoithem {code} Ảnh đâu?")
    asked = chat.last
    first, *rest = chat.album(3, "Đây ạ")
    replied = chat.message(reply_to=asked)["reply_to_message"]
    await chat.send(first | {"reply_to_message": replied}, *rest)
    assert await offices.status(code) == "accepted"
    kept = await count(database, entries)
    await chat.send(MORE, chat.photo(MORE))
    assert await count(database, entries) == kept
    assert await count(database, questions) == 1
    assert await count(database, question_drafts) == 0
    await offices.officer.send(f"/xem {code}")
    assert "Xem 3 tệp" in offices.officer.last.labels


async def test_their_own_data_stay_theirs(offices: Offices, database: Database) -> None:
    chat, code = await blocked_asker(offices)
    await chat.send("/dulieu")
    await chat.press("Sửa họ tên")
    await chat.send("Nguyễn Thị Mai Anh")
    assert (await chat.row()).full_name == "Nguyễn Thị Mai Anh"
    await chat.send("/dulieu tệp", "/cuatoi", f"/tracuu {code}", "/tracuu", code, f"/rut {code}")
    assert any(one.document for one in chat.shown)
    await chat.press("Xác nhận")
    assert await offices.status(code) == "withdrawn"
    await chat.send("/xoadulieu")
    await chat.press("Xác nhận")
    async with database.reading() as work:
        assert await work.value(
            sa.select(sa.func.count()).select_from(people).where(people.c.erased_at.is_not(None))
        )


async def test_a_code_is_looked_up_and_other_words_at_that_step_begin_nothing(
    offices: Offices, database: Database
) -> None:
    chat, _ = await blocked_asker(offices)
    await chat.send("/tracuu", MORE)
    assert await count(database, question_drafts) == 0


async def test_stars_are_taken_and_words_are_not(offices: Offices, database: Database) -> None:
    code = await offices.answered()
    chat = offices.citizen
    await offices.editor.send(f"/chan {code} quảng cáo")
    await chat.press("4 ★")
    assert await count(database, ratings) == 1
    words = await count(database, entries)
    await chat.send(f"/danhgia {code} 1 quá tệ", f"/molai {code} chưa xong")
    assert await count(database, entries) == words
    assert await offices.status(code) == "answered"


async def test_subscriptions_stay_and_can_be_changed(offices: Offices) -> None:
    chat, _ = await blocked_asker(offices)
    await chat.send("/dangky lịch")
    assert SENTENCE not in chat.last.text
    await chat.send("/lich", "/hoidap", "/xemlai", "/trogiup")
    assert not chat.saying(SENTENCE)


async def test_an_invitation_is_not_taken_up_while_blocked(offices: Offices) -> None:
    chat, _ = await blocked_asker(offices)
    admin = await hire(offices.house, "Quản", Role.ADMIN)
    await admin.send("/moinguoi biên tập")
    link = re.search(r"start=([0-9a-f]+)", admin.last.html)
    assert link is not None
    await chat.send(f"/start {link[1]}")
    assert SENTENCE in chat.last.text
    await offices.editor.send("/chan")
    assert "Mai" in offices.editor.last.text


# --- its end ------------------------------------------------------------------------------------------------------


async def test_it_ends_by_itself_at_the_end_of_its_last_day(
    offices: Offices, database: Database, clock: SetClock
) -> None:
    chat, _ = await blocked_asker(offices)
    clock.move(days=30, hours=14, minutes=59)  # 23:59 of 2/12/2026
    await chat.send(MORE)
    assert SENTENCE in chat.last.text
    clock.move(minutes=1)
    await chat.send(MORE)
    assert "Gửi câu hỏi" in chat.last.labels
    await offices.editor.send("/chan")
    assert "không có người gửi nào bị chặn" in offices.editor.last.text.lower()


async def test_one_tap_takes_it_back_and_who_was_told_hears_it(offices: Offices, database: Database) -> None:
    second = await hire(offices.house, "Hai", Role.EDITOR)
    chat, code = await blocked_asker(offices)
    await chat.send(MORE)
    await second.press("Bỏ chặn")
    assert code in second.last.text
    assert "Hai đã bỏ chặn" in offices.editor.last.text
    assert "có thể gửi câu hỏi trở lại" in chat.last.text
    await chat.send(MORE)
    assert "Gửi câu hỏi" in chat.last.labels
    (row,) = await all_blocks(database)
    assert row.ended_by == (await second.row()).id
    await offices.editor.press("Bỏ chặn")  # the button of the one who blocked: too late
    assert len(second.saying("đã bỏ chặn")) == 0


@pytest.mark.parametrize("way", ["command", "card", "list"])
async def test_every_way_to_take_it_back(offices: Offices, way: str) -> None:
    chat, code = await blocked_asker(offices)
    editor = offices.editor
    match way:
        case "command":
            await editor.send(f"/chan {code} bỏ")
        case "card":
            await editor.send(f"/xem {code}")
            await editor.press("Bỏ chặn")
            assert "Chặn người gửi" in editor.saying("Nội dung:")[-1].labels
        case "list":
            await editor.send("/chan")
            await editor.press("Bỏ chặn")
    assert "Đã bỏ chặn" in editor.last.text
    assert not chat.saying("trở lại")  # they never knew
    await chat.send(MORE)
    assert "Gửi câu hỏi" in chat.last.labels


async def test_the_list_says_who_until_when_why_and_by_whom(offices: Offices) -> None:
    _, code = await blocked_asker(offices)
    await offices.editor.send("/chan")
    said = offices.editor.last.text
    for fact in ("Nguyễn Thị Mai", code, LAST, "gửi quảng cáo nhiều lần", "Biên"):
        assert fact in said
    assert offices.editor.last.labels == [code, "Bỏ chặn"]


# --- secrecy, erasing, the log ------------------------------------------------------------------------------------


async def test_nobody_is_blocked_for_what_is_or_may_be_a_denunciation(
    offices: Offices, database: Database
) -> None:
    code = await offices.ask("Tôi tố cáo ông Trần Văn Hùng, chủ tịch xã, nhận hối lộ 50 triệu đồng.")
    editor = offices.editor
    await editor.send(f"/chan {code} bịa đặt", f"/xem {code}")
    assert await all_blocks(database) == []
    assert "Chặn người gửi" not in editor.last.labels
    await editor.press("Không phải tố cáo")
    await editor.send(f"/chan {code} bịa đặt")
    assert len(await all_blocks(database)) == 1


async def test_a_question_that_is_hidden_later_cannot_be_told_by_the_block_of_its_asker(
    offices: Offices, database: Database
) -> None:
    chat, code = await blocked_asker(offices)
    await offices.editor.send(f"/chan {code} bỏ")
    other = await offices.ask("Đèn đường ở ấp tôi hỏng, bao giờ sửa?", chat)
    await offices.editor.send(f"/chan {code} chửi bới", f"/nghitocao {code}")
    admin = await hire(offices.house, "Quản", Role.ADMIN)
    await admin.send("/chan", "/nhatky", f"/xem {other}")
    said = "".join(one.text for one in admin.shown)
    assert "đang bị chặn đến hết" in admin.last.text
    assert code not in said
    assert "chửi bới" not in said
    (_, row) = await all_blocks(database)
    await admin.press_data(f"bu:{row.id}", admin.last.id)
    assert (await all_blocks(database))[-1].ended_at is None
    await admin.press("Bỏ chặn", admin.last)
    assert (await all_blocks(database))[-1].ended_at is not None
    assert code not in "".join(one.text for one in admin.shown)
    assert other in offices.editor.last.text


async def test_what_was_told_of_a_block_is_taken_back_once_its_question_is_flagged(offices: Offices) -> None:
    admin = await hire(offices.house, "Quản", Role.ADMIN)
    _, code = await blocked_asker(offices)
    assert "quảng cáo" in admin.last.text
    await offices.editor.send(f"/nghitocao {code}")
    assert not admin.saying("quảng cáo")


async def test_erasing_ends_the_block_and_leaves_none_of_its_words(
    offices: Offices, database: Database
) -> None:
    """Whoever comes again is new: nothing is kept by which they could be known (decision 0044)."""
    chat, _ = await blocked_asker(offices)
    await offices.editor.send("/chan")
    await chat.send("/xoadulieu")
    await chat.press("Xác nhận")
    assert await all_blocks(database) == []
    async with database.reading() as work:
        said = [str(row.content) for row in await work.all(sa.select(outbox.c.content).order_by(outbox.c.id))]
        assert await work.all(sa.select(people).where(people.c.blocked_until.is_not(None))) == []
    assert not [one for one in said if "quảng cáo" in one]
    await chat.send(MORE)
    assert "Đồng ý" in chat.last.labels


async def test_the_log_says_which_block_and_until_when_and_names_nobody(
    offices: Offices, database: Database
) -> None:
    _, code = await blocked_asker(offices)
    await offices.editor.send(f"/chan {code} bỏ")
    async with database.reading() as work:
        acts = [AuditAct.SENDER_BLOCKED, AuditAct.SENDER_UNBLOCKED]
        rows = await work.all(sa.select(audit).where(audit.c.act.in_(acts)).order_by(audit.c.number))
    assert [row.act for row in rows] == acts
    assert rows[0].details == {"until": "2026-12-02"}
    assert {row.subject for row in rows} == {"block:1"}
    admin = await hire(offices.house, "Quản", Role.ADMIN)
    await admin.send("/nhatky")
    assert "chặn người gửi" in admin.last.text
    assert code not in admin.last.text
    assert "Mai" not in admin.last.text


# --- everything a citizen can do is decided ------------------------------------------------------------------------

# What a blocked sender may not; whatever else everybody may do stands in handlers.chat.blocked.
STOPPED = {"start", "hoi", "danhgia", "molai"}
STOPPED_ACTS = {
    Act.CONSENT, Act.SKIP, Act.SEND_QUESTION, Act.PICK_FIELD, Act.FIELD_PAGE, Act.EDIT_DRAFT, Act.ASK,
    Act.REOPEN,
    # as far as what they confirm or send is theirs
    Act.CONFIRM, Act.SEND_WHOLE,
}  # fmt: skip


def test_every_command_of_everybody_is_taken_or_stopped() -> None:
    of_everybody = {name for name, one in COMMANDS.items() if not one.audience}
    assert of_everybody == STOPPED | blocked.COMMANDS
    assert not STOPPED & blocked.COMMANDS


async def test_every_button_that_a_citizen_is_shown_is_taken_or_stopped(
    database: Database, application: Any
) -> None:
    place = await settle(database, application)
    house = House(database, application)
    house.remember((Messenger(), 10_000, 10_000))  # later than whatever settled the place
    chat = Chat(house, place.people["asker"], "Mai", "vi")
    await chat.send(*(f"/{name}" for name in sorted(STOPPED | blocked.COMMANDS)))
    await chat.send(*(f"/tracuu {code}" for code in place.codes.values()), f"/rut {place.codes['assi']}")
    async with database.reading() as work:
        to_them = sa.select(outbox.c.content).where(outbox.c.address == str(chat.address))
        rows = await work.all(to_them.order_by(outbox.c.id))
    buttons = [data for row in rows for line in row.content.get("buttons") or () for _, data in line]
    acts = {press.act for data in buttons if (press := Press.parse(data)) is not None}
    assert acts >= {Act.RATE, Act.REOPEN, Act.WITHDRAW, Act.SEND_QUESTION, Act.CORRECT_OWN}
    assert acts <= STOPPED_ACTS | blocked.ACTS
    assert not STOPPED_ACTS & blocked.ACTS
    assert CONFIRMED.keys() >= blocked.CONFIRMED
