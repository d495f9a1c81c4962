"""One person alone sends nothing to many unheard: the others are told at once, it is held, a second one agrees."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bot.loops.broadcaster import Broadcaster
from bot.loops.pace import Pace
from domain.broadcasts.broadcasts import BroadcastKind, BroadcastStatus, DeliveryState
from domain.programme import Programme
from domain.questions.life import Role
from services.broadcasts import broadcasts as broadcasting
from services.broadcasts import card as broadcast_card
from services.operation.ticking import tick
from services.people.actors import actor_of
from services.staff import staff
from storage.broadcasts import broadcasts
from storage.engine.database import Database
from storage.operation import audit
from storage.people import people, roles
from storage.rows import BroadcastRow
from storage.tables import deliveries, outbox, questions, subscriptions
from tests.conftest import SetClock
from tests.worlds.chat import Chat, House
from tests.worlds.offices import Offices, hire
from tests.worlds.on_air import OnAir
from tests.worlds.rules import rules

# The clock stands at Monday 2/11/2026, 09:00.
WORDS = "Tối thứ Bảy này, 19:50, mời ông/bà xem kỳ mới."
FRAUD = "Ông/bà nhập mã O.T.P tại https://angiang-gov.com/otp để nhận hỗ trợ"
MANY = 6  # recipients, above which a second editor agrees


@pytest.fixture
def programme() -> Programme:
    return rules(hold_minutes=2, second_editor_above=MANY)


@pytest.fixture
def house(database: Database, application: Any) -> House:
    return House(database, application)


@pytest.fixture
async def citizens(house: House) -> list[Chat]:
    return [await newcomer(house, name) for name in ("Mai", "Nam", "Sáu")]


@pytest.fixture
async def editor(house: House) -> Chat:
    return await hire(house, "Biên", Role.EDITOR)


@pytest.fixture
async def other(house: House) -> Chat:
    return await hire(house, "Trị", Role.ADMIN)


async def newcomer(house: House, name: str) -> Chat:
    chat = house.person(name)
    await chat.send("/start")
    return chat


async def send(chat: Chat, words: str = WORDS) -> int:
    """They compose and confirm; returns the broadcast's number."""
    await chat.send(f"/thongbao {words}")
    await chat.press("Xác nhận")
    return int((await composed(chat.house))[-1].id)


async def composed(house: House) -> list[BroadcastRow]:
    async with house.database.reading() as work:
        return await broadcasts.listed(work)


async def status(house: House, number: int = 1) -> str:
    return str((await composed(house))[number - 1].status)


async def goes_out(house: House) -> None:
    """All that may leave now has left, and everybody's card is up to date."""
    channels: Any = {"telegram": house.messenger}
    await Broadcaster(house.database, channels, {"telegram": Pace(1e9, 0)}, per_second=1000).send_all()
    await broadcast_card.show_progress(house.database)
    await house.deliver()


async def begins(house: House) -> None:
    """Those start whose time has come; nothing of them leaves yet."""
    await broadcasting.start_due(house.database)


def got(chats: list[Chat], words: str = WORDS) -> int:
    """How many have it."""
    return sum(any(words in one.text for one in chat.shown) for chat in chats)


async def audited(house: House) -> list[tuple[str, str, dict[str, Any]]]:
    """What the audit log has of broadcasts, oldest first."""
    async with house.database.reading() as work:
        rows = await audit.listed(work, 100)
        assert await audit.first_broken(work) is None
    return [(row.act, row.subject, row.details) for row in rows[::-1] if row.act.startswith("broadcast")]


async def revoked(house: House, chat: Chat, by: Chat, role: Role = Role.EDITOR) -> None:
    person, admin = await chat.row(), await by.row()
    async with house.database.work() as work:
        (held,) = [one for one in await roles.of_person(work, person.id) if one.role == role]
        await staff.revoke(work, await actor_of(work, admin), held.id)
    await house.deliver()


async def unreachable(house: House, chat: Chat) -> None:
    person = await chat.row()
    async with house.database.work() as work:
        await people.update(work, person.id, unreachable_at=work.now)


# --- everybody hears, and can stop it -----------------------------------------------------------------------------


async def test_a_text_that_asks_for_a_code_reaches_nobody_the_others_hear_at_once_and_stop_it(
    house: House, editor: Chat, other: Chat, citizens: list[Chat], clock: SetClock
) -> None:
    await editor.send(f"/thongbao {FRAUD}")
    assert "Đường dẫn lạ, không thuộc các trang đã cấu hình: angiang-gov.com" in editor.last.text
    assert "tin lừa đảo: OTP" in editor.last.text
    assert "một biên tập viên hoặc quản trị khác đồng ý" in editor.last.text
    await editor.press("Xác nhận")

    told = other.last
    assert "Có người gửi thông báo" in told.text
    assert "Thông báo số 1, người thực hiện: Biên" in told.text
    assert FRAUD in told.text
    assert "Người nhận: 5 (mọi người)" in told.text
    assert "Bắt đầu: 09:02" in told.text
    assert "Đường dẫn lạ: angiang-gov.com" in told.text
    assert "lừa đảo: OTP" in told.text
    assert told.labels == ["Đồng ý gửi", "Dừng gửi"]
    assert "một biên tập viên hoặc quản trị khác đồng ý" in editor.last.text

    await goes_out(house)
    clock.move(hours=1)
    await goes_out(house)
    assert got(citizens, "O.T.P") == 0

    await other.press("Dừng gửi")
    assert "đã hủy" in told.text
    await goes_out(house)
    assert "đã hủy" in editor.last.text
    assert got(citizens, "O.T.P") == 0
    assert await audited(house) == [
        ("broadcast_queued", "broadcast:1", {"audience": "all", "recipients": 5, "repeats": None}),
        ("broadcast_stopped", "broadcast:1", {}),
    ]
    await other.send("/nhatky")
    assert "Biên: gửi thông báo - 1 (all, 5)" in other.last.text
    assert "Trị: dừng thông báo - 1" in other.last.text


async def test_an_ordinary_text_is_held_for_some_minutes_and_then_goes_by_itself(
    house: House, editor: Chat, other: Chat, citizens: list[Chat], clock: SetClock
) -> None:
    await editor.send(f"/thongbao {WORDS}")
    assert "Thời điểm gửi: sau khi xác nhận 2 phút" in editor.last.text
    assert "⚠" not in editor.last.text
    assert "được báo ngay và dừng được" in editor.last.text
    await editor.press("Xác nhận")
    assert WORDS in other.last.text
    assert other.last.labels == ["Dừng gửi"]
    await goes_out(house)
    clock.move(seconds=119)
    await goes_out(house)
    assert got(citizens) == 0
    clock.move(seconds=1)
    await goes_out(house)
    assert got(citizens) == len(citizens)
    assert "đã xong" in editor.last.text or "đã xong" in editor.saying("Thông báo số 1")[-1].text


@pytest.mark.parametrize("when", ["held", "scheduled", "running"])
async def test_the_button_stops_it_whether_it_is_held_waits_or_runs(
    house: House, editor: Chat, other: Chat, citizens: list[Chat], clock: SetClock, when: str
) -> None:
    await editor.send(f"/thongbao {WORDS}")
    if when == "scheduled":
        await editor.press("Đổi thời điểm")
        await editor.send("mai 8:00")
    await editor.press("Xác nhận")
    if when == "running":
        clock.move(minutes=2)
        await begins(house)
    await other.press("Dừng gửi")
    assert await status(house) == BroadcastStatus.CANCELLED
    clock.move(days=2)
    await goes_out(house)
    assert got(citizens) == 0


async def test_all_editors_and_admins_hear_of_it_but_nobody_else(
    house: House, editor: Chat, other: Chat, citizens: list[Chat]
) -> None:
    third = await hire(house, "Ba", Role.EDITOR)
    officer = await hire(house, "Cán", Role.OFFICER, "SNNMT")
    before = len(editor.shown)
    await send(editor)
    assert [got([one], "Có người gửi thông báo") for one in (other, third)] == [1, 1]
    assert got([officer, *citizens, editor], "Có người gửi thông báo") == 0
    assert len(editor.shown) == before + 2  # preview and card
    assert house.messenger.unchanged == 0


async def test_the_picture_is_shown_to_them_too(
    house: House, editor: Chat, other: Chat, citizens: list[Chat]
) -> None:
    photo = editor.photo("/thongbao Mời xem")
    await editor.send(photo)
    await editor.press("Xác nhận")
    assert other.shown[-2].picture == photo["photo"][0]["file_id"]
    assert "máy không đọc chữ và mã trong ảnh" in other.last.text


async def test_with_no_minutes_it_goes_at_once_and_the_others_hear_all_the_same(
    house: House, editor: Chat, other: Chat, citizens: list[Chat]
) -> None:
    house.database.programme = rules(hold_minutes=0)
    await send(editor)
    assert other.last.labels == ["Dừng gửi"]
    await goes_out(house)
    assert got(citizens) == len(citizens)


# --- a second editor ----------------------------------------------------------------------------------------------


async def crowd(house: House, how_many: int) -> list[Chat]:
    return [await newcomer(house, f"Người {number}") for number in range(how_many)]


async def test_what_goes_to_many_waits_until_somebody_else_than_its_author_agrees(
    house: House, editor: Chat, other: Chat, citizens: list[Chat], clock: SetClock
) -> None:
    officer = await hire(house, "Cán", Role.OFFICER, "SNNMT")
    await crowd(house, 3)
    await send(editor)
    told = other.last
    assert "Đông người nhận" in told.text
    clock.move(hours=1)
    await goes_out(house)
    assert await status(house) == BroadcastStatus.QUEUED
    card = editor.saying("Thông báo số 1")[-1]
    assert "Đông người nhận: chỉ gửi khi một biên tập viên hoặc quản trị khác đồng ý" in card.text
    assert "Đồng ý gửi" not in card.labels

    for chat in (editor, officer, citizens[0]):
        await chat.press_data("bry:1", card.id)
        await chat.send("/thongbao đồng ý 1")
    assert "Người gửi thông báo không tự quyết được việc này" in editor.last.text
    await goes_out(house)
    assert got(citizens) == 0

    await other.press("Đồng ý gửi", told, times=2)
    assert "• Đồng ý gửi: Trị" in told.text
    assert "Đồng ý gửi" not in told.labels
    await goes_out(house)
    assert got(citizens) == len(citizens)
    assert [act for act, *_ in await audited(house)] == ["broadcast_queued", "broadcast_approved"]
    await other.send("/thongbao đồng ý 1")
    assert "đã kết thúc" in other.last.text or "đã xong" in other.last.text


async def test_who_agrees_while_it_is_held_does_not_shorten_it(
    house: House, editor: Chat, other: Chat, citizens: list[Chat], clock: SetClock
) -> None:
    await send(editor, FRAUD)
    await other.send("/thongbao đồng ý 1")
    await goes_out(house)
    assert got(citizens, "O.T.P") == 0
    clock.move(minutes=2)
    await goes_out(house)
    assert got(citizens, "O.T.P") == len(citizens)


async def test_where_nobody_else_is_there_or_can_be_reached_nobody_is_waited_for(
    house: House, editor: Chat, citizens: list[Chat], clock: SetClock
) -> None:
    await crowd(house, 4)
    await editor.send(f"/thongbao {FRAUD}")
    assert "quản trị khác đồng ý" not in editor.last.text
    await editor.press("Xác nhận")
    await goes_out(house)
    assert got(citizens, "O.T.P") == 0  # held it is all the same
    clock.move(minutes=2)
    await goes_out(house)
    assert got(citizens, "O.T.P") == len(citizens)

    gone = await hire(house, "Trị", Role.ADMIN)
    await send(editor)
    await unreachable(house, gone)
    clock.move(minutes=2)
    await goes_out(house)
    assert got(citizens) == len(citizens)


async def test_an_audience_that_grew_until_the_start_is_asked_about_then(
    house: House, editor: Chat, other: Chat, citizens: list[Chat], clock: SetClock
) -> None:
    await editor.send(f"/thongbao {WORDS}")
    await editor.press("Đổi thời điểm")
    await editor.send("mai 8:00")
    await editor.press("Xác nhận")
    assert "Đồng ý gửi" not in other.last.labels
    await crowd(house, 3)
    clock.move(days=1)
    await goes_out(house)
    await goes_out(house)
    assert got(citizens) == 0
    assert len(other.saying("nay cần một người khác đồng ý")) == 1
    assert "Người nhận: 8" in other.last.text
    await other.press("Đồng ý gửi")
    await goes_out(house)
    assert got(citizens) == len(citizens)


async def test_many_to_few_are_counted_as_one_to_many(
    house: House, editor: Chat, other: Chat, citizens: list[Chat], clock: SetClock
) -> None:
    async with house.database.work() as work:
        for chat in citizens:
            person = await people.at(work, "telegram", str(chat.address))
            assert person is not None
            await work.run(
                sa.insert(subscriptions).values(person_id=person.id, topic="links", since=work.now)
            )
    for _ in range(3):
        await editor.send(f"/thongbao {WORDS}")
        await editor.press("Đổi người nhận")
        await editor.press("người theo dõi đường dẫn kỳ mới")
        await editor.press("Xác nhận")
    assert [one.waits_for for one in await composed(house)] == [None, None, "second"]
    clock.move(minutes=5)
    await goes_out(house)
    assert [one.status for one in await composed(house)] == ["done", "done", "queued"]
    clock.move(days=1)
    await send(editor)
    assert (await composed(house))[-1].waits_for is None


# --- no way round -------------------------------------------------------------------------------------------------


async def test_moved_to_an_earlier_time_it_is_held_and_told_again(
    house: House, editor: Chat, other: Chat, citizens: list[Chat], clock: SetClock
) -> None:
    await editor.send(f"/thongbao {WORDS}")
    await editor.press("Đổi thời điểm")
    await editor.send("mai 8:00")
    await editor.press("Xác nhận")
    await editor.send("/thongbao đổi 1 9:01")
    (row,) = await composed(house)
    assert row.start_at == clock.now() + timedelta(minutes=2)
    assert "Có người đổi giờ gửi thông báo" in other.last.text
    assert "Bắt đầu: 09:02" in other.last.text
    assert other.last.labels == ["Dừng gửi"]
    clock.move(minutes=1)
    await goes_out(house)
    assert got(citizens) == 0


async def test_a_time_sooner_than_the_hold_is_put_off(
    house: House, editor: Chat, other: Chat, citizens: list[Chat], clock: SetClock
) -> None:
    await editor.send(f"/thongbao {WORDS}")
    await editor.press("Đổi thời điểm")
    await editor.send("9:01")
    await editor.press("Xác nhận")
    assert (await composed(house))[0].start_at == clock.now() + timedelta(minutes=2)


async def test_sent_once_more_it_is_held_told_and_agreed_to_like_any_other(
    house: House, editor: Chat, other: Chat, citizens: list[Chat], clock: SetClock
) -> None:
    await send(editor, FRAUD)
    await other.press("Đồng ý gửi")
    clock.move(minutes=2)
    await begins(house)
    async with house.database.work() as work:
        await work.run(sa.update(deliveries).values(state=DeliveryState.FAILED))
        await broadcasts.finish(work)
    await editor.send("/thongbao gửi lại 1")
    await editor.press("Xác nhận")
    assert "Có người gửi lại thông báo" in other.last.text
    assert "Người nhận: 5" in other.last.text
    assert other.last.labels == ["Đồng ý gửi", "Dừng gửi"]
    clock.move(hours=1)
    await goes_out(house)
    assert await status(house, 2) == BroadcastStatus.QUEUED
    await editor.press_data("bry:2", 1)
    assert await status(house, 2) == BroadcastStatus.QUEUED
    await other.press("Dừng gửi")
    await goes_out(house)
    assert got(citizens, "O.T.P") == 0


async def test_its_author_does_not_let_go_on_what_somebody_else_paused(
    house: House, editor: Chat, other: Chat, citizens: list[Chat], clock: SetClock
) -> None:
    await send(editor)
    clock.move(minutes=2)
    await begins(house)
    await other.send("/thongbao dừng 1")
    await editor.send("/thongbao tiếp 1")
    assert "không tự quyết được việc này" in editor.last.text
    assert await status(house) == BroadcastStatus.PAUSED
    await other.send("/thongbao tiếp 1")
    await editor.send("/thongbao dừng 1")
    await editor.send("/thongbao tiếp 1")  # their own pause
    assert await status(house) == BroadcastStatus.RUNNING


async def test_the_operators_command_is_neither_held_nor_asked_about_but_audited(
    house: House, editor: Chat, other: Chat, citizens: list[Chat]
) -> None:
    await crowd(house, 4)
    async with house.database.work() as work:
        await broadcasting.compose(work, None, html=WORDS, audience="all")
    await goes_out(house)
    assert got(citizens) == len(citizens)
    assert [act for act, *_ in await audited(house)] == ["broadcast_queued"]


# --- whose role has ended -----------------------------------------------------------------------------------------


async def test_what_somebody_scheduled_waits_once_their_role_has_ended(
    house: House, editor: Chat, other: Chat, citizens: list[Chat], clock: SetClock
) -> None:
    await send(editor)
    await revoked(house, editor, other)
    told = other.saying("Người gửi không còn vai trò: thông báo đang chờ")[-1]
    assert WORDS in told.text
    assert told.labels == ["Đồng ý gửi", "Dừng gửi"]
    clock.move(hours=1)
    await goes_out(house)
    await editor.press_data("bry:1", 1)
    await editor.press_data("brr:1", 1)
    await goes_out(house)
    assert got(citizens) == 0
    await other.press("Đồng ý gửi", told)
    await goes_out(house)
    assert got(citizens) == len(citizens)


async def test_what_runs_pauses_once_its_authors_role_has_ended(
    house: House, editor: Chat, other: Chat, citizens: list[Chat], clock: SetClock
) -> None:
    await send(editor)
    clock.move(minutes=2)
    await begins(house)
    await revoked(house, editor, other)
    told = other.saying(WORDS)[-1]
    assert told.labels == ["Tiếp tục", "Dừng gửi"]
    await goes_out(house)
    assert got(citizens) == 0
    await editor.press_data("brr:1", 1)
    assert await status(house) == BroadcastStatus.PAUSED
    await other.press("Tiếp tục", told)
    await goes_out(house)
    assert got(citizens) == len(citizens)
    assert [act for act, *_ in await audited(house)] == [
        *("broadcast_queued", "broadcast_paused", "broadcast_resumed")
    ]


async def test_what_a_revoked_person_agreed_to_waits_again(
    house: House, editor: Chat, other: Chat, citizens: list[Chat], clock: SetClock
) -> None:
    second = await hire(house, "Ba", Role.EDITOR)
    await send(editor, FRAUD)
    await second.press("Đồng ý gửi")
    await revoked(house, second, other)
    clock.move(hours=1)
    await goes_out(house)
    assert got(citizens, "O.T.P") == 0
    await editor.press_data("bry:1", 1)
    assert (await composed(house))[0].waits_for == "author"
    await other.press("Đồng ý gửi")
    await goes_out(house)
    assert got(citizens, "O.T.P") == len(citizens)


async def test_what_somebody_scheduled_who_left_before_that_was_looked_at_waits_as_well(
    house: House, editor: Chat, other: Chat, citizens: list[Chat], clock: SetClock
) -> None:
    await send(editor)
    person = await editor.row()
    async with house.database.work() as work:  # as a release before this one ended a role
        for role in await roles.of_person(work, person.id):
            await roles.revoke(work, role.id, None)
    clock.move(hours=1)
    await goes_out(house)
    assert got(citizens) == 0
    await other.press("Đồng ý gửi", other.saying("Người gửi không còn vai trò: thông báo đang chờ")[-1])
    await goes_out(house)
    assert got(citizens) == len(citizens)


async def test_who_keeps_another_role_that_broadcasts_is_not_stopped(
    house: House, editor: Chat, other: Chat, citizens: list[Chat], clock: SetClock
) -> None:
    person = await editor.row()
    async with house.database.work() as work:
        await roles.grant(work, person.id, Role.ADMIN, None, None)
    await send(editor)
    await revoked(house, editor, other)
    clock.move(minutes=2)
    await goes_out(house)
    assert got(citizens) == len(citizens)
    assert other.saying("không còn vai trò") == []


async def test_the_programmes_own_announcements_go_on_whoever_caused_them(
    house: House, editor: Chat, other: Chat, citizens: list[Chat]
) -> None:
    person = await editor.row()
    async with house.database.work() as work:
        await broadcasts.add(
            work, kind=BroadcastKind.AIRING_CHANGED, audience="airings", content={}, created_by=person.id
        )
    await revoked(house, editor, other)
    assert (await composed(house))[0].waits_for is None
    assert other.saying("không còn vai trò") == []


async def test_what_a_revoked_person_was_composing_cannot_be_sent(
    house: House, editor: Chat, other: Chat, citizens: list[Chat]
) -> None:
    await editor.send(f"/thongbao {WORDS}")
    card = editor.last
    await revoked(house, editor, other)
    assert "Xác nhận" not in card.labels
    for pressed in ("brs", "ok"):
        await editor.press_data(pressed, card.id)
    assert await composed(house) == []


# --- one person's words in what the programme announces ------------------------------------------------------------


async def follow(house: House, chat: Chat, topic: str) -> None:
    person = await chat.row()
    async with house.database.work() as work:
        await work.run(sa.insert(subscriptions).values(person_id=person.id, topic=topic, since=work.now))


async def test_a_changed_airing_is_told_to_the_others_and_its_reason_cannot_carry_a_fraud(
    house: House, editor: Chat, other: Chat, citizens: list[Chat], clock: SetClock
) -> None:
    await OnAir(house.database, clock).load_slots()
    for chat in citizens:
        await follow(house, chat, "airing_evening")
    await editor.send("/lichphat hủy 7/11 bão")
    await editor.press("Xác nhận")
    assert "Có người đổi lịch phát sóng" in other.last.text
    assert "bão" in other.last.text
    assert other.last.labels == ["Dừng gửi"]
    await goes_out(house)
    assert got(citizens, "bão") == len(citizens)

    await editor.send("/lichphat hủy 21/11 Nhập mã OTP tại angiang-gov.com để nhận quà")
    await editor.press("Xác nhận")
    assert "Đường dẫn lạ: angiang-gov.com" in other.last.text
    assert other.last.labels == ["Đồng ý gửi", "Dừng gửi"]
    await goes_out(house)
    await editor.press_data("bry:2", 1)
    await goes_out(house)
    assert got(citizens, "angiang-gov.com") == 0
    await other.send("/nhatky")
    assert other.last.text.count("Biên: đổi lịch phát sóng") == 2


async def test_what_an_editor_adds_to_an_approved_answer_is_agreed_to_before_followers_hear_of_it(
    database: Database, application: Any, clock: SetClock
) -> None:
    offices = await Offices.open(House(database, application))
    house, editor = offices.house, offices.editor
    other = await hire(house, "Trị", Role.ADMIN)
    follower = await newcomer(house, "Nam")
    code = await offices.answered()
    async with database.work() as work:
        await work.run(sa.update(questions).values(field_code="dat-dai"))
    await follow(house, follower, "field:dat-dai")
    await editor.send(f"/congkhai {code}")
    await editor.press("Sửa bản công khai")
    await editor.press("Bỏ qua")
    await editor.send("Nộp phí vào số tài khoản tại angiang-gov.com")
    await editor.press("Đã ẩn danh")
    await editor.press("Xác nhận")
    assert "Có lời đáng ngờ được thêm vào câu trả lời công khai" in other.last.text
    assert "angiang-gov.com" in other.last.text
    await goes_out(house)
    await editor.press_data("bry:1", 1)
    await goes_out(house)
    assert got([follower], "angiang-gov.com") == 0
    await other.send("/thongbao")
    await other.press("1")  # also from the list all of its words are read before anybody agrees to them
    assert "angiang-gov.com" in other.last.text
    await other.press("Đồng ý gửi", other.last)
    await goes_out(house)
    assert got([follower], "angiang-gov.com") == 1


async def test_the_words_of_an_approved_answer_are_nobodys_alone(
    database: Database, application: Any
) -> None:
    offices = await Offices.open(House(database, application))
    house = offices.house
    other = await hire(house, "Trị", Role.ADMIN)
    follower = await newcomer(house, "Nam")
    code = await offices.assigned()
    async with database.work() as work:
        await work.run(sa.update(questions).values(field_code="dat-dai"))
    await follow(house, follower, "field:dat-dai")
    await offices.officer.send(f"/traloi {code} Ông/bà chuyển khoản lệ phí tại dichvucong.gov.vn")
    await offices.leader.send(f"/duyet {code}")
    await offices.editor.send(f"/duyet {code}")
    before = len(other.shown)
    await offices.editor.send(f"/congkhai {code}")
    await offices.editor.press("Đã ẩn danh")
    await offices.editor.press("Xác nhận")
    await goes_out(house)
    assert got([follower], "dichvucong.gov.vn") == 1
    assert len(other.shown) == before


async def test_the_notice_with_an_answers_words_is_kept_as_a_card_of_that_question(
    database: Database, application: Any
) -> None:
    offices = await Offices.open(House(database, application))
    editor, other = offices.editor, await hire(offices.house, "Trị", Role.ADMIN)
    code = await offices.answered()
    async with database.work() as work:
        await work.run(sa.update(questions).values(field_code="dat-dai"))
    await editor.send(f"/congkhai {code}")
    await editor.press("Sửa bản công khai")
    await editor.press("Bỏ qua")
    await editor.send("Nộp phí tại angiang-gov.com")
    await editor.press("Đã ẩn danh")
    await editor.press("Xác nhận")
    told = other.last
    async with database.reading() as work:
        shown = await work.all(
            sa.select(outbox).where(outbox.c.person_id == (await other.row()).id).order_by(outbox.c.id)
        )
    assert "angiang-gov.com" in told.text
    assert (shown[-1].question_id is not None, shown[-1].about) == (True, "card")


async def test_the_other_editors_hear_that_one_erased_an_asker_for_good(
    house: House, editor: Chat, other: Chat
) -> None:
    await editor.send("/nhaptay")
    await editor.press("Thư")
    await editor.send("Đường ngập nước từ tháng 5", "Nguyễn Thị Kín", "7 hẻm Ngọc Thố", "0912777333")
    await editor.press("Bỏ qua")
    await editor.press("Xác nhận")
    before = len(editor.shown)
    await editor.send("/xoadulieu DH-2026-000001")
    await editor.press("Xác nhận")
    assert "Biên đã xóa thông tin người hỏi của câu hỏi DH-2026-000001" in other.last.text
    assert "Kín" not in other.last.text
    assert all("Biên đã xóa" not in one.text for one in editor.shown[before:])


async def _republished(offices: Offices, code: str, words: str) -> None:
    """Flagged, cleared and published once more by one and the same editor, in other words."""
    editor = offices.editor
    await editor.send(f"/nghitocao {code}", f"/xem {code}")
    await editor.press("Không phải tố cáo")
    await editor.send(f"/congkhai {code}")
    await editor.press("Sửa bản công khai")
    await editor.send(words)
    await editor.press("Bỏ qua")
    await editor.press("Đã ẩn danh")
    await editor.press("Xác nhận")


@pytest.mark.parametrize("announced", [False, True])
async def test_what_is_published_once_more_is_looked_at_like_the_first_time(
    database: Database, application: Any, clock: SetClock, announced: bool
) -> None:
    offices = await Offices.open(House(database, application))
    house, editor = offices.house, offices.editor
    other = await hire(house, "Trị", Role.ADMIN)
    follower, daily = await newcomer(house, "Nam"), await newcomer(house, "Ngày")
    code = await offices.answered()
    async with database.work() as work:
        await work.run(sa.update(questions).values(field_code="dat-dai"))
    for one in (follower, daily):
        await follow(house, one, "field:dat-dai")
    await daily.send("/dangky mỗi ngày")
    clock.move(minutes=1)
    await editor.send(f"/congkhai {code}")
    await editor.press("Đã ẩn danh")
    await editor.press("Xác nhận")
    if announced:
        await goes_out(house)
    await _republished(offices, code, "Nhập mã OTP tại angiang-gov.com")
    assert "angiang-gov.com" in other.last.text
    for _ in range(6):
        clock.move(hours=4)
        await tick(database)
        await goes_out(house)
    assert got([follower, daily], "angiang-gov.com") == 0
    await other.press("Đồng ý gửi")
    for _ in range(6):
        clock.move(hours=4)
        await tick(database)
        await goes_out(house)
    assert got([follower], "angiang-gov.com") == 1
