"""More days, promises and the agencies' groups through the real bot."""

from typing import Any

import pytest

from channels.outgoing import Outgoing, Unreachable
from domain.questions.life import Role
from services.staff import staff
from storage.agencies import agencies
from storage.deadlines import extensions, promises
from storage.engine.database import Database
from storage.people import groups, people
from tests.worlds.chat import Chat, House, Shown
from tests.worlds.offices import ANSWER, Offices, hire

# The clock stands at Monday 2/11/2026; 10 days to answer end on Monday 16/11, five more on Monday 23/11.
OLD, NEW = "17:00, thứ Hai, ngày 16/11/2026", "17:00, thứ Hai, ngày 23/11/2026"
WHY = "chờ kết quả đo đạc"
GROUP = -5001


@pytest.fixture
async def offices(database: Database, application: Any) -> Offices:
    return await Offices.open(House(database, application))


async def waits(offices: Offices, code: str) -> int | None:
    """The days of the request that waits for an editor."""
    question = await offices.question(code)
    async with offices.house.database.reading() as work:
        request = await extensions.undecided(work, question.id)
    return None if request is None else int(request.days)


async def promised(offices: Offices, code: str) -> list[tuple[str, str, bool]]:
    question = await offices.question(code)
    async with offices.house.database.reading() as work:
        local = work.programme.local
        return [
            (f"{local(one.due_at):%d/%m/%Y}", one.text or "", one.kept_at is not None)
            for one in await promises.of_question(work, question.id)
        ]


async def due(offices: Offices, code: str) -> str:
    question = await offices.question(code)
    assert question.due_at is not None
    return f"{offices.house.database.programme.local(question.due_at):%d/%m}"


# --- /giahan ------------------------------------------------------------------------------------------------------


async def test_an_officer_asks_and_an_editor_gives_with_one_tap(offices: Offices) -> None:
    code = await offices.assigned()
    await offices.officer.send(f"/giahan {code} 5 {WHY}")
    assert "Cơ quan xin gia hạn" in offices.officer.last.text
    asked = offices.editor.last
    assert all(words in asked.text for words in (code, WHY, OLD, NEW))
    assert (asked.labels[0], asked.labels[-1]) == ("Cho gia hạn", "Không gia hạn")
    await offices.editor.press("Cho gia hạn", asked, times=2)
    assert await due(offices, code) == "23/11"
    moved = offices.citizen.last.text
    assert all(words in moved for words in (code, OLD, NEW, WHY))
    assert len(offices.citizen.saying(NEW)) == 1
    assert "được gia hạn" in offices.officer.last.text
    assert "Cho gia hạn" not in asked.labels


async def test_words_of_every_language_are_understood(offices: Offices) -> None:
    code = await offices.assigned()
    await offices.officer.send(f"/giahan {code} 5 working days {WHY}")
    asked = offices.editor.last
    assert WHY in asked.text
    assert "working" not in asked.text
    await offices.editor.send(f"/giahan {code} yes")
    assert await due(offices, code) == "23/11"


async def test_the_editor_words_what_the_asker_reads(offices: Offices) -> None:
    code = await offices.assigned()
    await offices.officer.press("Xin gia hạn", offices.officer.last)
    assert "nếu được gia hạn, người hỏi cũng đọc" in offices.officer.last.text
    await offices.officer.send(f"5 {WHY}")
    asked = offices.editor.last
    await offices.editor.press("Cho gia hạn, viết lại lý do", asked)
    assert "gửi người hỏi" in offices.editor.last.text
    assert await due(offices, code) == "16/11"  # until the words come
    await offices.editor.send("Thửa đất cần được đo lại.")
    assert await due(offices, code) == "23/11"
    moved = offices.citizen.last.text
    assert "Thửa đất cần được đo lại." in moved
    assert WHY not in moved
    assert "Cho gia hạn" not in asked.labels


async def test_the_words_may_be_typed_with_the_command(offices: Offices) -> None:
    code = await offices.assigned()
    await offices.officer.send(f"/giahan {code} 5 {WHY}")
    await offices.editor.send(f"/giahan {code} đồng ý Thửa đất cần được đo lại.")
    assert "Thửa đất cần được đo lại." in offices.citizen.last.text


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "số ngày"),
        (" chờ đo đạc", "số ngày"),
        (" 5", "Cần có lý do"),
        (" 5 ngày làm việc", "Cần có lý do"),
        (" 11 chờ đo đạc", "nhiều nhất 10 ngày"),
        (" 0 chờ đo đạc", "nhiều nhất 10 ngày"),
        (" 10/11 chờ đo đạc", "số ngày"),
    ],
)
async def test_what_is_missing_is_said(offices: Offices, typed: str, said: str) -> None:
    code = await offices.assigned()
    heard = len(offices.editor.shown)
    await offices.officer.send(f"/giahan {code}{typed}")
    assert said in offices.officer.last.text
    assert await waits(offices, code) is None
    assert len(offices.editor.shown) == heard


async def test_days_and_reason_are_read_as_people_write_them(offices: Offices) -> None:
    code = await offices.assigned()
    await offices.officer.send(f"/giahan {code} 5 ngày làm việc: 2 thửa chưa đo")
    assert await waits(offices, code) == 5
    assert "<blockquote>2 thửa chưa đo</blockquote>" in offices.editor.last.html


async def test_the_cards_button_asks_for_days_and_reason(offices: Offices) -> None:
    code = await offices.assigned()
    card = offices.officer.last
    await offices.officer.press("Xin gia hạn", card)
    await offices.officer.send("chưa biết mấy ngày")
    assert "số ngày" in offices.officer.last.text  # and still waits for them
    await offices.officer.send(f"3 {WHY}")
    assert await waits(offices, code) == 3
    assert await offices.officer.is_idle()
    await offices.officer.send(f"/giahan {code} 2 {WHY}")
    assert "đang chờ Ban Biên tập" in offices.officer.last.text


async def test_an_editor_refuses_with_words(offices: Offices) -> None:
    code = await offices.assigned()
    await offices.officer.send(f"/giahan {code} 5 {WHY}")
    asked = offices.editor.last
    heard = len(offices.citizen.shown)
    await offices.editor.press("Không gia hạn", asked)
    assert await waits(offices, code) == 5  # until the words come
    await offices.editor.send("Việc này đơn giản.")
    assert await waits(offices, code) is None
    assert await due(offices, code) == "16/11"
    refused = offices.officer.last.text
    assert all(words in refused for words in ("không được gia hạn", OLD, "Việc này đơn giản."))
    assert len(offices.citizen.shown) == heard
    assert "Cho gia hạn" not in asked.labels


async def test_an_editor_decides_in_words_too(offices: Offices) -> None:
    code = await offices.assigned()
    await offices.officer.send(f"/giahan {code} 5 {WHY}")
    await offices.editor.send(f"/giahan {code} không")
    assert "Cần có lý do" in offices.editor.last.text
    await offices.editor.send(f"/giahan {code} không đồng ý: đã đủ ngày")
    assert "đã đủ ngày" in offices.officer.last.text
    assert await due(offices, code) == "16/11"
    await offices.officer.send(f"/giahan {code} 5 {WHY}")
    await offices.editor.send(f"/giahan {code} đồng ý")
    assert await due(offices, code) == "23/11"
    await offices.editor.send(f"/giahan {code} đồng ý")
    assert "đã được làm rồi" in offices.editor.last.text
    assert await due(offices, code) == "23/11"


async def test_the_second_editor_who_has_begun_to_refuse_hears_that_it_is_decided(offices: Offices) -> None:
    second = await hire(offices.house, "Hai", Role.EDITOR)
    code = await offices.assigned()
    await offices.officer.send(f"/giahan {code} 5 {WHY}")
    await second.press("Không gia hạn")
    await offices.editor.press("Cho gia hạn")
    await second.send("Đã đủ ngày.")
    assert "đã được làm rồi" in second.last.text
    assert await second.is_idle()
    assert await due(offices, code) == "23/11"


async def test_an_officer_may_not_decide(offices: Offices) -> None:
    code = await offices.assigned()
    await offices.officer.send(f"/giahan {code} 5 {WHY}")
    asked = offices.editor.last
    await offices.officer.send(f"/giahan {code} đồng ý")
    await offices.officer.press_data(asked.data("Cho gia hạn"), asked.id)
    assert await waits(offices, code) == 5
    await offices.citizen.send(f"/giahan {code} 5 {WHY}")
    assert "23/11" not in offices.citizen.last.text


# --- /hua ---------------------------------------------------------------------------------------------------------


async def test_the_day_in_an_answer_is_one_tap_for_its_officer(offices: Offices) -> None:
    code = await offices.answered()
    sent = offices.officer.saying("đã được gửi cho người hỏi")[-1]
    assert sent.labels == ["30/11/2026"]
    data = sent.data("30/11/2026")
    await offices.officer.press_data(data, sent.id)
    assert await promised(offices, code) == [("30/11/2026", ANSWER, False)]
    told = offices.citizen.last.text
    assert all(words in told for words in (code, "thứ Hai, ngày 30/11/2026", "đã hứa"))
    heard = len(offices.citizen.shown)
    await offices.officer.press_data(data, sent.id)  # an old app shows the button still
    assert len(offices.citizen.shown) == heard


async def test_an_answer_without_a_day_offers_none(offices: Offices) -> None:
    code = await offices.assigned()
    await offices.officer.send(f"/traloi {code} Hồ sơ đang được thẩm định, phí 7.5 triệu đồng.")
    await offices.leader.send(f"/duyet {code}")
    await offices.editor.send(f"/duyet {code}")
    sent = offices.officer.saying("đã được gửi cho người hỏi")[-1]
    assert sent.labels == []


async def test_a_promise_is_recorded_moved_and_kept_in_words(offices: Offices) -> None:
    code = await offices.answered()
    await offices.officer.send(f"/hua {code} ngày 20/11 sửa xong đường")
    assert await promised(offices, code) == [("20/11/2026", "sửa xong đường", False)]
    assert "sửa xong đường" in offices.citizen.last.text
    await offices.officer.send(f"/hua {code} đổi 27/11/2026 mưa lớn")
    assert await promised(offices, code) == [("27/11/2026", "sửa xong đường", False)]
    moved = offices.citizen.last.text
    assert all(words in moved for words in ("ngày 20/11/2026", "ngày 27/11/2026", "mưa lớn"))
    await offices.leader.send(f"/hua {code} đã xong: thông xe sáng nay")
    assert await promised(offices, code) == [("27/11/2026", "sửa xong đường", True)]
    assert "thông xe sáng nay" in offices.citizen.last.text
    await offices.leader.send(f"/hua {code} xong")
    assert "không có lời hứa nào" in offices.leader.last.text


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "Xin ghi như 30/11"),
        ("sửa xong đường", "Xin ghi như 30/11"),
        ("31/2 sửa xong đường", "Xin ghi như 30/11"),
        ("30/11", "nội dung"),
        ("1/11/2026 sửa xong đường", "một ngày sắp tới"),
        ("xong", "không có lời hứa nào"),
        ("đổi 30/11 mưa", "không có lời hứa nào"),
    ],
)
async def test_what_a_promise_lacks_is_said(offices: Offices, typed: str, said: str) -> None:
    code = await offices.answered()
    heard = len(offices.citizen.shown)
    await offices.officer.send(f"/hua {code} {typed}")
    assert said in offices.officer.last.text
    assert await promised(offices, code) == []
    assert len(offices.citizen.shown) == heard


async def test_the_cards_buttons_record_move_and_report_a_promise(offices: Offices) -> None:
    code = await offices.answered()
    officer = offices.officer
    await officer.send(f"/xem {code}")
    await officer.press("Ghi lời hứa")
    await officer.send("20/11 sửa xong đường")
    assert await promised(offices, code) == [("20/11/2026", "sửa xong đường", False)]
    await officer.press("Đổi ngày")
    await officer.send("mưa lớn")
    assert not await officer.is_idle()  # which day?
    await officer.send("27/11 mưa lớn")
    assert await promised(offices, code) == [("27/11/2026", "sửa xong đường", False)]
    await officer.press("Đã thực hiện")
    await officer.send("Đã thông xe.")
    assert await promised(offices, code) == [("27/11/2026", "sửa xong đường", True)]
    assert "Đã thông xe." in offices.citizen.last.text
    assert await officer.is_idle()


async def test_unanswered_questions_promise_nothing(offices: Offices) -> None:
    code = await offices.assigned()
    await offices.officer.send(f"/hua {code} 30/11 sửa xong đường")
    assert await promised(offices, code) == []
    await offices.citizen.send(f"/hua {code} 30/11 sửa xong đường")
    assert await promised(offices, code) == []


# --- /nhom --------------------------------------------------------------------------------------------------------


class Group:
    """A group chat in which the bot is a member."""

    def __init__(self, offices: Offices, address: int = GROUP, kind: str = "group") -> None:
        self.house = offices.house
        self.chat = {"id": address, "type": kind, "title": "Phòng Đất đai"}

    async def say(self, who: Chat, text: str) -> None:
        await who.send(who.message(text) | {"chat": self.chat})

    async def put_out(self, who: Chat, status: str = "kicked") -> None:
        bot = {"id": 1, "is_bot": True, "first_name": "Dân hỏi"}
        new = {"user": bot, "status": status} | ({"until_date": 0} if status == "kicked" else {})
        await self.house.receive(
            {
                "my_chat_member": {
                    "chat": self.chat,
                    "from": who.user,
                    "date": 1_793_600_000,
                    "old_chat_member": {"user": bot, "status": "member"},
                    "new_chat_member": new,
                }
            }
        )

    @property
    def shown(self) -> list[Shown]:
        return self.house.messenger.chats.get(str(self.chat["id"]), [])

    @property
    def texts(self) -> list[str]:
        return [one.text for one in self.shown]

    async def agency(self) -> str | None:
        """Whose group it is now."""
        async with self.house.database.reading() as work:
            for one in await groups.linked(work):
                if one.address == str(self.chat["id"]):
                    return str((await agencies.by_id(work, one.agency_id)).code)
        return None


@pytest.mark.parametrize("kind", ["group", "supergroup"])
async def test_an_officer_makes_a_group_their_agencys_and_ends_it(offices: Offices, kind: str) -> None:
    group = Group(offices, kind=kind)
    private = len(offices.officer.shown)
    await group.say(offices.officer, "/nhom@danhoi_bot")
    assert await group.agency() == "SNNMT"
    assert "Sở Nông nghiệp và Môi trường" in group.texts[-1]
    await group.say(offices.leader, "/nhom thôi")
    assert await group.agency() is None
    assert len(group.shown) == 2
    await group.say(offices.leader, "/nhom thôi")
    assert len(group.shown) == 3
    assert len(offices.officer.shown) == private  # nothing of it in private


async def test_a_stranger_is_refused_in_the_group_and_never_met(offices: Offices) -> None:
    group = Group(offices)
    await group.say(offices.officer, "/nhom")
    stranger = offices.house.person("Lạ")
    for text in ("/nhom", "/nhom SNNMT", "/nhom thôi"):
        said = len(group.shown)
        await group.say(stranger, text)
        assert len(group.shown) == said + 1
    assert await group.agency() == "SNNMT"
    assert stranger.shown == []
    async with offices.house.database.reading() as work:
        assert await people.at(work, "telegram", str(stranger.address)) is None
    other = await hire(offices.house, "Khác", Role.OFFICER, "SYT")
    for text in ("/nhom SNNMT", "/nhom thôi"):
        await group.say(other, text)
    assert await group.agency() == "SNNMT"


async def test_an_officer_of_another_agency_does_not_take_an_agencys_group_away(offices: Offices) -> None:
    group = Group(offices)
    await group.say(offices.officer, "/nhom")
    other = await hire(offices.house, "Khác", Role.OFFICER, "SYT")
    await group.say(other, "/nhom")
    assert await group.agency() == "SNNMT"


async def test_an_admin_says_whose_group_it_is(offices: Offices) -> None:
    admin = await hire(offices.house, "Quản", Role.ADMIN)
    group = Group(offices)
    await group.say(admin, "/nhom")
    assert "Nhóm này của cơ quan nào?" in group.texts[-1]
    await group.say(admin, "/nhom sxd")
    assert await group.agency() == "SXD"
    await group.say(admin, "/nhom SYT")
    assert await group.agency() == "SYT"


async def test_an_agency_has_one_group_at_a_time(offices: Offices) -> None:
    first, second = Group(offices), Group(offices, GROUP - 1)
    await first.say(offices.officer, "/nhom")
    await second.say(offices.leader, "/nhom")
    assert [await first.agency(), await second.agency()] == [None, "SNNMT"]


@pytest.mark.parametrize("status", ["kicked", "left"])
async def test_a_bot_that_is_put_out_of_a_group_forgets_it(offices: Offices, status: str) -> None:
    await offices.ask()
    group = Group(offices)
    await group.say(offices.officer, "/nhom")
    await group.put_out(offices.citizen, status)
    assert await group.agency() is None
    assert len(group.shown) == 1
    assert (await offices.citizen.row()).unreachable_at is None  # it was the group, not the person


LOST = "không còn viết được trong nhóm Phòng Đất đai của Sở Nông nghiệp và Môi trường"


async def test_the_agencys_officers_editors_and_admins_hear_that_a_group_was_lost(offices: Offices) -> None:
    admin = await hire(offices.house, "Quản", Role.ADMIN)
    other = await hire(offices.house, "Khác", Role.OFFICER, "SYT")
    async with offices.house.database.work() as work:
        code, _ = await staff.invite(work, Role.EDITOR, None)
    await offices.officer.send(f"/start {code}")  # an officer who is an editor, too
    await offices.officer.press("Xác nhận")
    group = Group(offices)
    await group.say(offices.officer, "/nhom")
    await group.put_out(offices.citizen)
    await group.put_out(offices.citizen)
    for chat in (offices.officer, offices.editor, admin):
        assert len(chat.saying(LOST)) == 1
    for chat in (offices.leader, other, offices.citizen):
        assert chat.saying(LOST) == []
    assert len(group.shown) == 1  # nobody is told where nobody listens


async def test_a_group_that_takes_no_message_is_lost_too(
    offices: Offices, monkeypatch: pytest.MonkeyPatch
) -> None:
    group = Group(offices)
    deliver = offices.house.messenger.deliver

    async def put_out(message: Outgoing) -> str | None:
        if message.address == str(GROUP):
            raise Unreachable("bot was kicked from the group chat")
        return await deliver(message)

    monkeypatch.setattr(offices.house.messenger, "deliver", put_out)
    await group.say(offices.officer, "/nhom")
    await offices.house.deliver()
    assert await group.agency() is None
    assert len(offices.officer.saying(LOST)) == len(offices.editor.saying(LOST)) == 1


async def test_a_group_that_its_staff_gave_up_is_not_lost(offices: Offices) -> None:
    group = Group(offices)
    await group.say(offices.officer, "/nhom")
    await group.say(offices.officer, "/nhom thôi")
    await group.put_out(offices.citizen)
    assert offices.officer.saying("không còn viết được trong nhóm") == []


async def test_a_group_hears_nothing_else(offices: Offices) -> None:
    group = Group(offices)
    await group.say(offices.citizen, "Đường trước chợ bao giờ sửa?")
    await group.say(offices.citizen, "/khongco")
    assert group.shown == []
    await group.say(offices.citizen, "/trogiup")
    assert "tin nhắn riêng" in group.texts[-1]
    await offices.officer.send("/nhom")
    assert await group.agency() is None
    assert "nhóm" in offices.officer.last.text
