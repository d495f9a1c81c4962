"""`/thongbao` through the real bot: composing on one card, the preview, the list, and what follows a broadcast."""

from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from channels.telegram.compose import CAPTION_LIMIT, TEXT_LIMIT
from domain.broadcasts.broadcasts import BroadcastStatus, DeliveryState
from domain.programme import Programme
from domain.questions.life import Role
from services.broadcasts import broadcasts as broadcasting
from services.broadcasts import card as broadcast_card
from storage.broadcasts import broadcasts, drafts
from storage.delivery import files
from storage.engine.database import Database
from storage.people import roles
from storage.rows import BroadcastRow
from storage.tables import deliveries, subscriptions
from tests.conftest import SetClock
from tests.worlds.chat import Chat, House
from tests.worlds.offices import hire
from tests.worlds.rules import rules

# The clock stands at Monday 2/11/2026, 09:00.
WORDS = "Tối thứ Bảy này, 19:50, mời ông/bà xem kỳ mới."


@pytest.fixture
def programme() -> Programme:
    """What is composed goes out at once; how it is held is tests/campaigns/security/test_broadcast_power.py."""
    return rules(hold_minutes=0)


@pytest.fixture
def house(database: Database, application: Any) -> House:
    return House(database, application)


@pytest.fixture
async def editor(house: House) -> Chat:
    return await hire(house, "Biên", Role.EDITOR)


@pytest.fixture
async def citizens(house: House) -> list[Chat]:
    """Three people who have started the bot."""
    chats = [house.person(name) for name in ("Mai", "Nam", "Sáu")]
    for chat in chats:
        await chat.send("/start")
    return chats


async def composed(house: House) -> list[BroadcastRow]:
    async with house.database.reading() as work:
        return await broadcasts.listed(work)


async def draft_of(chat: Chat) -> dict[str, Any] | None:
    person = await chat.row()
    async with chat.house.database.reading() as work:
        return await drafts.of_person(work, person.id)


async def sent_by(editor: Chat, words: str = WORDS) -> int:
    """An editor composes and confirms; returns the broadcast's id."""
    await editor.send(f"/thongbao {words}")
    await editor.press("Xác nhận")
    return int((await composed(editor.house))[-1].id)


async def started(house: House) -> None:
    await broadcasting.start_due(house.database)


async def ended(house: House) -> None:
    async with house.database.work() as work:
        await broadcasts.finish(work)


async def reached(house: House, broadcast_id: int, state: DeliveryState, *chats: Chat) -> None:
    """As the sender leaves a delivery."""
    people = [(await chat.row()).id for chat in chats]
    async with house.database.work() as work:
        await work.run(
            sa.update(deliveries)
            .where(deliveries.c.broadcast_id == broadcast_id, deliveries.c.person_id.in_(people))
            .values(state=state, sent_at=work.now if state is DeliveryState.SENT else None)
        )


async def revoked(house: House, chat: Chat) -> None:
    person = await chat.row()
    async with house.database.work() as work:
        (role,) = await roles.of_person(work, person.id)
        await roles.revoke(work, role.id, person.id)


async def followed(house: House) -> int:
    """One look of the beat that keeps progress messages up to date."""
    changed = await broadcast_card.show_progress(house.database)
    await house.deliver()
    return changed


# --- composing ----------------------------------------------------------------------------------------------------


CHANGES = ["Thêm ảnh", "Thêm nút", "Đổi người nhận", "Đổi thời điểm"]


async def test_a_text_is_previewed_counted_confirmed_and_queued_once(
    house: House, editor: Chat, citizens: list[Chat]
) -> None:
    await editor.send(f"/thongbao {WORDS}")

    preview, asked = editor.shown[-2:]
    assert preview.html == WORDS
    assert preview.labels == ["Ngừng nhận tin này"]
    assert "Người nhận lúc này: 4 (mọi người)" in asked.text
    assert "Thời điểm gửi: ngay khi xác nhận" in asked.text
    assert asked.labels == ["Xác nhận", "Hủy", *CHANGES]
    assert await composed(house) == []

    await editor.press("Xác nhận", times=2)

    (row,) = await composed(house)
    assert (row.content["html"], row.audience, row.status) == (WORDS, "all", BroadcastStatus.QUEUED)
    assert row.created_by == (await editor.row()).id
    assert await editor.is_idle()
    assert await draft_of(editor) is None
    assert "Thông báo số 1: chờ gửi" in asked.text
    assert len(citizens[0].shown) == 1


async def test_picture_button_audience_and_time_come_on_one_card_and_in_the_preview(
    house: House, editor: Chat, citizens: list[Chat]
) -> None:
    await editor.send("/thongbao")
    await editor.press("Soạn thông báo")
    assert "Xin gửi nội dung" in editor.last.text
    await editor.send(WORDS)
    first = editor.last
    await editor.press("Thêm nút")
    assert "chữ trên nút" in first.text
    await editor.send("Xem lịch phát sóng https://kgtv.vn/lich?a=1&b=2")
    assert first.labels == []
    photo = editor.photo()
    await editor.send(photo)
    assert len(editor.saying(WORDS)) == 2  # their own preview of it, and what the first card said
    await editor.press("Đổi thời điểm")
    await editor.send("20:00 25/11")
    assert "20:00, thứ Tư, ngày 25/11/2026" in editor.last.text
    card, before = editor.last, len(editor.shown)
    await editor.press("Đổi người nhận")
    await editor.press("Trang sau")
    await editor.press("Quay lại")
    await editor.press("Đổi người nhận")
    await editor.press("mọi người")
    assert len(editor.shown) == before  # presses rewrite the card
    assert card.labels == ["Xác nhận", "Hủy", "Bỏ ảnh", "Bỏ nút", *CHANGES[2:]]

    (preview,) = [one for one in editor.shown if one.picture]
    assert preview.picture == photo["photo"][0]["file_id"]
    assert preview.html == WORDS
    assert preview.buttons[0] == [["Xem lịch phát sóng", "https://kgtv.vn/lich?a=1&b=2"]]
    assert preview.labels[1] == "Ngừng nhận tin này"

    await editor.press("Xác nhận")

    (row,) = await composed(house)
    assert row.start_at == datetime(2026, 11, 25, 13, 0, tzinfo=UTC)
    assert row.content["button"] == ["Xem lịch phát sóng", "https://kgtv.vn/lich?a=1&b=2"]
    assert row.content["photo"]["remote_id"] == photo["photo"][0]["file_id"]


async def test_a_picture_needs_no_words(house: House, editor: Chat, citizens: list[Chat]) -> None:
    await editor.send("/thongbao")
    await editor.send(editor.photo())
    await editor.press("Xác nhận")
    (row,) = await composed(house)
    assert row.content["html"] == ""
    assert row.content["photo"] is not None


async def test_one_preview_stands_above_one_card(house: House, editor: Chat, citizens: list[Chat]) -> None:
    before = len(editor.shown)
    await editor.send(f"/thongbao {WORDS}", "Lời thứ hai", "Lời thứ ba", editor.photo())
    preview, card = [one for one in editor.shown[before:] if one.labels]
    assert preview.html == "Lời thứ ba"
    assert preview.picture
    await editor.press("Bỏ ảnh", card)
    preview, card = [one for one in editor.shown[before:] if one.labels]
    assert (preview.html, preview.picture) == ("Lời thứ ba", "")
    await editor.press("Hủy")
    assert preview not in editor.shown


async def test_what_is_composed_anew_has_nothing_of_what_was_there_before(
    house: House, editor: Chat, citizens: list[Chat]
) -> None:
    await editor.send("/thongbao Lời cũ", editor.photo())
    await editor.press("Đổi thời điểm")
    await editor.send("mai 8:00")
    await editor.send(f"/thongbao {WORDS}")
    await editor.press("Xác nhận")
    (row,) = await composed(house)
    assert (row.content["html"], row.content["photo"]) == (WORDS, None)
    assert row.start_at == row.created_at


async def test_the_followers_of_a_field_are_counted(house: House, editor: Chat, citizens: list[Chat]) -> None:
    nam = await citizens[1].row()
    async with house.database.work() as work:
        await work.run(
            sa.insert(subscriptions).values(person_id=nam.id, topic="field:dat-dai", since=work.now)
        )
    await editor.send(f"/thongbao {WORDS}")
    await editor.press("Đổi người nhận")
    while not any("Đất đai" in label for label in editor.last.labels):
        await editor.press("Trang sau")
    await editor.press("Đất đai")
    assert "Người nhận lúc này: 1 (người theo dõi lĩnh vực: Đất đai)" in editor.last.text
    await editor.press("Xác nhận")
    assert (await composed(house))[0].audience == "field:dat-dai"


async def test_nobody_to_send_to_is_said_and_there_is_nothing_to_confirm(house: House, editor: Chat) -> None:
    await editor.send(f"/thongbao {WORDS}")
    await editor.press("Đổi người nhận")
    card = editor.last
    await editor.press("người theo dõi đường dẫn kỳ mới")
    assert "không có ai trong nhóm" in editor.last.text
    assert "Người nhận: người theo dõi đường dẫn kỳ mới" in card.text
    assert card.labels == [*CHANGES, "Hủy"]


async def test_formatting_is_kept_and_everything_else_is_escaped(house: House, editor: Chat) -> None:
    text = "/thongbao  Kỳ <b>mới</b> 👨‍👩‍👧 & link xấu tốt"
    entities = [
        {"type": "bot_command", "offset": 0, "length": 9},
        {"type": "bold", "offset": 11, "length": 2},
        {"type": "italic", "offset": 14, "length": 10},
        {"type": "text_link", "offset": text.index("xấu") + 3, "length": 3, "url": "javascript:alert(1)"},
        {"type": "text_link", "offset": text.index("tốt") + 3, "length": 3, "url": 'https://a.vn/"><b>'},
        {"type": "text_mention", "offset": text.index("link") + 3, "length": 4, "user": editor.user},
    ]  # the emoji is three units longer than Python counts
    await editor.send(editor.message(text, entities=entities))
    assert editor.shown[-2].html == (
        "<b>Kỳ</b> <i>&lt;b&gt;mới&lt;/b&gt;</i> 👨‍👩‍👧 &amp; link xấu "
        '<a href="https://a.vn/&quot;&gt;&lt;b&gt;">tốt</a>'
    )


async def test_lengths_are_counted_as_the_messenger_counts(house: House, editor: Chat) -> None:
    whole = "😀" * (TEXT_LIMIT // 2)  # two units each
    await editor.send("/thongbao")
    await editor.send(whole)
    assert editor.shown[-2].html == whole
    await editor.send(editor.photo())
    assert f"Dài quá {TEXT_LIMIT - CAPTION_LIMIT} ký tự" in editor.last.text
    assert "Xác nhận" not in editor.last.labels
    await editor.press("Bỏ ảnh")
    assert editor.shown[-2].html == whole
    assert "Xác nhận" in editor.last.labels
    await editor.send(editor.photo("a" * CAPTION_LIMIT))
    assert editor.shown[-2].picture
    await editor.send(editor.photo("a" * (CAPTION_LIMIT + 1)))
    assert "Dài quá 1 ký tự" in editor.last.text


async def test_a_text_that_the_app_cut_is_too_long_as_a_whole(
    house: House, editor: Chat, clock: SetClock
) -> None:
    await editor.send("/thongbao")
    await editor.press("Soạn thông báo")
    await editor.send(editor.message("a" * TEXT_LIMIT), editor.message("b" * 100), apart=False)
    assert "Thông báo dài quá 4.096 ký tự" in editor.saying("dài quá")[0].text
    assert "Xin gửi nội dung" in editor.last.text
    assert (await draft_of(editor) or {})["text"] == ""
    clock.move(seconds=60)
    await editor.send(editor.message(WORDS, date=1_793_600_060))
    assert editor.shown[-2].html == WORDS


async def test_of_an_album_the_first_picture_is_taken_and_the_rest_refused_once(
    house: House, editor: Chat
) -> None:
    await editor.send(f"/thongbao {WORDS}")
    album = editor.album(4, "Lời dưới ảnh")
    await editor.send(*album)
    assert len(editor.saying("đã lấy ảnh đầu tiên")) == 1
    draft = await draft_of(editor)
    assert draft is not None
    assert draft["text"] == "Lời dưới ảnh"
    async with house.database.reading() as work:
        (kept,) = await files.by_ids(work, [draft["picture"]])
    assert kept.remote_id == album[0]["photo"][0]["file_id"]


@pytest.mark.parametrize("kind", ["voice", "document", "sticker", "location"])
async def test_what_is_neither_text_nor_picture_is_refused_and_changes_nothing(
    house: House, editor: Chat, kind: str
) -> None:
    bodies: dict[str, dict[str, Any]] = {
        "voice": {"voice": {"file_id": "v", "file_unique_id": "v", "duration": 3}},
        "document": {"document": {"file_id": "d", "file_unique_id": "d"}, "caption": "Lời"},
        "sticker": {
            "sticker": {
                "file_id": "s", "file_unique_id": "s", "type": "regular", "width": 9, "height": 9,
                "is_animated": False, "is_video": False,
            }
        },
        "location": {"location": {"latitude": 10.0, "longitude": 105.0}},
    }  # fmt: skip
    await editor.send(f"/thongbao {WORDS}")
    before = await draft_of(editor)
    await editor.send(editor.message() | bodies[kind])
    assert "chỉ gồm chữ và một ảnh" in editor.last.text
    assert await draft_of(editor) == before


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("Bấm vào đây javascript:alert(1)", "không dùng được"),
        ("Bấm vào đây http://kgtv.vn", "không dùng được"),
        ("Bấm https://kgtv.vn@xau.example", "không dùng được"),
        ("Bấm https://10.0.0.1/", "không dùng được"),
        ("https://kgtv.vn", "chữ trên nút"),
        (f"{'dài ' * 20} https://kgtv.vn", "tối đa 40"),
    ],
)
async def test_a_button_opens_only_a_named_host_over_https(
    house: House, editor: Chat, typed: str, said: str
) -> None:
    await editor.send(f"/thongbao {WORDS}")
    await editor.press("Thêm nút")
    await editor.send(typed)
    assert said in editor.last.text
    draft = await draft_of(editor)
    assert draft is not None
    assert (draft["button"], draft["step"]) == (None, "button")
    await editor.send("Xem https://kgtv.vn")
    assert editor.shown[-2].buttons[0] == [["Xem", "https://kgtv.vn"]]


async def test_a_past_time_is_refused_and_the_quiet_hours_are_warned_of(
    house: House, editor: Chat, citizens: list[Chat]
) -> None:
    await editor.send(f"/thongbao {WORDS}")
    await editor.press("Đổi thời điểm")
    for typed, said in (
        ("8:00", "đã qua"),
        ("1/11/2026 8:00", "đã qua"),
        ("mai", "Không hiểu thời điểm"),
        ("8:00 1/11/2027", "quá xa"),
    ):
        await editor.send(typed)
        assert said in editor.last.text
    await editor.send("mai 22h")
    assert "giờ yên tĩnh (21:00-06:00)" in editor.last.text
    await editor.press("Đổi thời điểm")
    await editor.press("Gửi ngay")
    assert "giờ yên tĩnh" not in editor.last.text


async def test_a_time_that_passed_before_it_was_confirmed_is_refused(
    house: House, editor: Chat, citizens: list[Chat], clock: SetClock
) -> None:
    await editor.send(f"/thongbao {WORDS}")
    await editor.press("Đổi thời điểm")
    await editor.send("9:30")
    card = editor.last
    clock.move(hours=1)
    await editor.press("Xác nhận")
    assert await composed(house) == []
    await editor.press("Đổi thời điểm")
    await editor.press("Quay lại")
    assert "đã qua" in editor.last.text
    await editor.press("Đổi thời điểm", card)
    await editor.press("Gửi ngay")
    await editor.press("Xác nhận")
    assert len(await composed(house)) == 1


async def test_a_question_in_between_and_a_restart_leave_the_draft_as_it_is(
    house: House, editor: Chat
) -> None:
    await editor.send(f"/thongbao {WORDS}")
    await editor.press("Thêm nút")
    await editor.send("/hoi Tôi muốn hỏi về hồ sơ cấp sổ đỏ ở phường Rạch Giá")
    await editor.press("Đồng ý")
    assert "họ và tên" in editor.last.text
    house.start()
    await editor.send("/moi")
    await editor.send("/huy")
    await editor.send("/thongbao")
    assert "Soạn tiếp" in editor.last.labels
    await editor.press("Soạn tiếp")
    assert editor.shown[-2].html == WORDS
    await editor.press("Thêm nút")
    house.start()
    await editor.send("Xem https://kgtv.vn")
    assert editor.shown[-2].buttons[0] == [["Xem", "https://kgtv.vn"]]


async def test_a_card_pressed_while_a_question_is_being_written_brings_the_broadcast_back(
    house: House, editor: Chat
) -> None:
    await editor.send(f"/thongbao {WORDS}")
    card = editor.last
    await editor.send("/hoi Tôi muốn hỏi về hồ sơ cấp sổ đỏ ở phường Rạch Giá")
    await editor.press("Thêm nút", card)
    await editor.send("Xem https://kgtv.vn")
    assert editor.shown[-2].buttons[0] == [["Xem", "https://kgtv.vn"]]
    await editor.press("Hủy")
    assert await draft_of(editor) is None
    conversation = await editor.conversation()
    assert conversation is not None
    assert conversation.step == "ask.consent"  # the question waited underneath


async def test_the_edited_message_changes_the_text(house: House, editor: Chat) -> None:
    message = editor.message(f"/thongbao {WORDS}")
    await editor.send(message)
    await editor.edit(message, text="/thongbao Chữ đã sửa")
    assert editor.shown[-2].html == "Chữ đã sửa"
    draft = await draft_of(editor)
    assert draft is not None
    assert draft["html"] == "Chữ đã sửa"


@pytest.mark.parametrize("way", ["command", "button"])
async def test_giving_up_drops_the_draft_with_its_picture(house: House, editor: Chat, way: str) -> None:
    await editor.send(f"/thongbao {WORDS}", editor.photo())
    draft = await draft_of(editor)
    assert draft is not None
    if way == "command":
        await editor.send("/huy")
    else:
        await editor.press("Hủy")
    assert "Đã hủy" in editor.last.text
    assert await draft_of(editor) is None
    assert await editor.is_idle()
    assert not any(one.labels for one in editor.shown)
    async with house.database.reading() as work:
        assert await files.by_ids(work, [draft["picture"]]) == []


async def test_an_older_card_and_a_second_draft_do_nothing(house: House, editor: Chat) -> None:
    await editor.send(f"/thongbao {WORDS}")
    old = editor.last
    data = old.data("Xác nhận")
    await editor.send("Chữ khác")
    await editor.press_data(data, old.id)
    assert await composed(house) == []
    assert editor.shown[-2].html == "Chữ khác"


async def test_citizens_and_officers_have_no_such_command(house: House) -> None:
    for chat in (house.person("Mai"), await hire(house, "Cán", Role.OFFICER, "SNNMT")):
        await chat.send(f"/thongbao {WORDS}")
        assert await draft_of(chat) is None


async def test_who_lost_the_role_meanwhile_is_refused_and_asks_like_anybody(
    house: House, editor: Chat, citizens: list[Chat]
) -> None:
    await hire(house, "Quản", Role.ADMIN)
    await editor.send(f"/thongbao {WORDS}")
    await revoked(house, editor)
    await editor.press("Xác nhận")
    assert await composed(house) == []
    await editor.send("Tôi muốn hỏi về hồ sơ cấp sổ đỏ ở phường Rạch Giá")
    assert "Đồng ý" in editor.last.labels
    assert await draft_of(editor) is None


async def test_it_is_all_said_in_english(house: House, editor: Chat, citizens: list[Chat]) -> None:
    await editor.send("/ngonngu")
    await editor.press("English")
    await editor.send("/thongbao A new episode")
    await editor.press("Change the time")
    await editor.send("tomorrow 8:00")
    assert ["Stop these messages"] in [one.labels for one in editor.shown]
    assert "Recipients now: 4" in editor.last.text
    await editor.press("Confirm")
    assert "Broadcast 1: waiting" in editor.last.text


# --- the message that follows it, and what can be done -------------------------------------------------------------


async def test_one_message_follows_a_broadcast_to_its_end_and_changes_only_when_something_did(
    house: House, editor: Chat, citizens: list[Chat], clock: SetClock
) -> None:
    one = await sent_by(editor)
    card, messages = editor.last, len(editor.shown)
    await started(house)
    assert await followed(house) == 1
    assert "Thông báo số 1: đang gửi" in card.text
    assert "Đã gửi: 0/4" in card.text
    assert card.labels == ["Tạm dừng", "Hủy gửi"]
    edits = card.edits
    assert await followed(house) == 0

    clock.move(seconds=2)
    await reached(house, one, DeliveryState.SENT, editor, citizens[0])
    clock.move(seconds=2)
    house.start()  # nothing of it is in memory
    assert await followed(house) == 1
    assert "Đã gửi: 2/4" in card.text
    assert "Tốc độ: 0,5 tin mỗi giây" in card.text
    assert "Xong khoảng 09:00" in card.text

    await reached(house, one, DeliveryState.SENT, citizens[1])
    await reached(house, one, DeliveryState.BLOCKED, citizens[2])
    await ended(house)
    assert await followed(house) == 1
    assert "Thông báo số 1: đã xong" in card.text
    assert "Đã chặn bot: 1" in card.text
    assert card.labels == ["Gửi lại cho người chưa nhận được"]
    assert await followed(house) == 0
    assert (await composed(house))[0].progress_id is None
    assert card.edits == edits + 2
    assert len(editor.shown) == messages
    assert house.messenger.unchanged == 0


async def test_where_the_message_was_deleted_a_new_one_follows(
    house: House, editor: Chat, citizens: list[Chat]
) -> None:
    one = await sent_by(editor)
    card = editor.last
    house.messenger.deleted.add(card.id)
    await started(house)
    await followed(house)
    await followed(house)
    fresh = editor.last
    assert fresh is not card
    assert "đang gửi" in fresh.text
    await reached(house, one, DeliveryState.SENT, citizens[0])
    await followed(house)
    assert editor.last is fresh
    assert "Đã gửi: 1/4" in fresh.text
    assert len(editor.saying("Thông báo số 1")) == 2


@pytest.mark.parametrize("typed", [True, False])
async def test_another_editor_pauses_resumes_and_stops_it_and_who_did_what_is_told(
    house: House, editor: Chat, citizens: list[Chat], typed: bool
) -> None:
    other = await hire(house, "Trị", Role.ADMIN)
    await sent_by(editor)
    card = editor.last
    await started(house)
    await other.send("/thongbao")
    assert "1. 09:00, thứ Hai, ngày 2/11/2026 - đang gửi" in other.last.text.replace("02/11", "2/11")
    await other.press("1")
    assert "Người gửi: Biên" in other.last.text
    assert "Cập nhật" in other.last.labels

    for label, command, state in (
        ("Tạm dừng", "/thongbao dừng 1", BroadcastStatus.PAUSED),
        ("Tiếp tục", "/THONGBAO tiep so 1", BroadcastStatus.RUNNING),
        ("Hủy gửi", "/thongbao hủy #1", BroadcastStatus.CANCELLED),
    ):
        if typed:
            await other.send(command)
        else:
            await other.press(label)
        assert (await composed(house))[0].status == state

    await followed(house)
    for told in (card.text, other.last.text):
        assert "đã hủy" in told
        assert "• Tạm dừng: Trị, 09:00" in told
        assert "• Cho gửi tiếp: Trị" in told
        assert "• Hủy gửi: Trị" in told
        assert "Bỏ không gửi: 5" in told


async def test_a_second_tap_and_a_late_one_show_how_it_stands(
    house: House, editor: Chat, citizens: list[Chat]
) -> None:
    await sent_by(editor)
    await started(house)
    await followed(house)
    card = editor.last
    pause = card.data("Tạm dừng")
    await editor.press("Tạm dừng", times=2)
    assert card.labels == ["Tiếp tục", "Hủy gửi"]
    await editor.press("Hủy gửi")
    await editor.press_data(pause, card.id)
    assert (await composed(house))[0].status == BroadcastStatus.CANCELLED
    assert "đã hủy" in card.text
    assert card.text.count("•") == 2


async def test_it_is_sent_once_more_to_those_it_did_not_reach_after_a_confirmation(
    house: House, editor: Chat, citizens: list[Chat]
) -> None:
    one = await sent_by(editor)
    await started(house)
    await reached(house, one, DeliveryState.SENT, editor, citizens[0])
    await reached(house, one, DeliveryState.FAILED, citizens[1])
    await reached(house, one, DeliveryState.UNCERTAIN, citizens[2])
    await ended(house)
    await followed(house)
    card = editor.last
    assert "Chưa rõ: 1" in card.text
    assert card.labels == ["Gửi lại cho người chưa nhận được", "Gửi lại cho cả người chưa rõ"]

    await editor.press("Gửi lại cho người chưa nhận được")
    assert "1 người" in editor.last.text
    assert editor.last.labels == ["Xác nhận", "Hủy"]
    await editor.press("Hủy")
    assert len(await composed(house)) == 1

    await editor.press("Gửi lại cho cả người chưa rõ")
    assert "hai lần" in editor.last.text
    assert "2" in editor.last.text
    await editor.press("Hủy")
    await editor.send("/thongbao gửi lại 1")
    await editor.press("Xác nhận", times=2)
    _, again = await composed(house)
    assert again.repeats_id == one
    assert "Thông báo số 2" in editor.last.text
    assert "gửi lại thông báo số 1" in editor.last.text
    await started(house)
    async with house.database.reading() as work:
        counts = await broadcasts.counts(work, again.id)
    assert counts[again.id][DeliveryState.PENDING] == 1
    await editor.send("/thongbao gửi lại 1 chưa rõ")
    assert "chưa gửi xong" in editor.last.text


async def test_one_that_waits_gets_another_time_or_is_called_off(
    house: House, editor: Chat, citizens: list[Chat], clock: SetClock
) -> None:
    for _ in range(2):
        await editor.send(f"/thongbao {WORDS}")
        await editor.press("Đổi thời điểm")
        await editor.send("mai 8:00")
        await editor.press("Xác nhận")
    assert "Bắt đầu: 08:00, thứ Ba, ngày 03/11/2026" in editor.last.text
    await editor.press("Đổi giờ gửi")
    await editor.send("hôm qua")
    assert "Không hiểu" in editor.last.text
    await editor.send("8:00 2/11")
    assert "đã qua" in editor.last.text
    await editor.send("9:30")
    assert "Bắt đầu: 09:30, thứ Hai" in editor.last.text
    assert "• Đổi giờ gửi: Biên" in editor.last.text
    await editor.send("/thongbao đổi 1 10:00 4/11")
    first, second = await composed(house)
    assert first.start_at == datetime(2026, 11, 4, 3, tzinfo=UTC)
    assert second.start_at == datetime(2026, 11, 2, 2, 30, tzinfo=UTC)

    await editor.send("/thongbao hủy 1")
    clock.move(hours=1)
    await started(house)
    first, second = await composed(house)
    assert (first.status, second.status) == (BroadcastStatus.CANCELLED, BroadcastStatus.RUNNING)
    for number in (1, 2):
        await editor.send(f"/thongbao đổi {number} mai 8:00")
        assert "không đổi giờ được nữa" in editor.last.text


async def test_the_lists_turn_their_pages_and_open_each(
    house: House, editor: Chat, citizens: list[Chat]
) -> None:
    for number in range(1, 9):
        await sent_by(editor, f"Thông báo thứ {number}")
    await editor.send("/thongbao")
    assert editor.last.labels == ["Soạn thông báo", "Đã kết thúc", *map(str, range(1, 7)), "Trang sau"]
    await editor.press("Trang sau")
    assert editor.last.labels == ["Soạn thông báo", "Đã kết thúc", "7", "8", "Trang trước"]
    await editor.send("/thongbao hủy 3")
    await editor.press("Đã kết thúc")
    assert editor.last.labels == ["Đang chờ, đang gửi", "3"]
    await editor.press("3")
    assert "Thông báo thứ 3" in editor.last.text


async def test_what_somebody_without_the_role_presses_is_refused(
    house: House, editor: Chat, citizens: list[Chat]
) -> None:
    await sent_by(editor)
    await started(house)
    await followed(house)
    card = editor.last
    await revoked(house, editor)
    for label in ("Tạm dừng", "Hủy gửi"):
        await editor.press_data(card.data(label), card.id)
    await citizens[0].press_data(card.data("Tạm dừng"), 1)
    await citizens[0].press_data("brg:1:missed", 1)
    await citizens[0].press_data("brm:1", 1)
    await citizens[0].press_data("bro:1", 1)
    assert (await composed(house))[0].status == BroadcastStatus.RUNNING
    assert await citizens[0].is_idle()
    text = card.text
    assert await followed(house) == 0  # nor does it follow any more
    assert card.text == text


@pytest.mark.parametrize(
    "data",
    ["brp", "brp:x", "brp:99", "bro:0", "brg:1", "brm:-1", "bra:all", "bre:x", "brd:x", "brf:1", "brs"],
)
async def test_forged_and_forgotten_buttons_do_nothing(house: House, editor: Chat, data: str) -> None:
    await editor.press_data(data, 1)
    assert await composed(house) == []
    assert await draft_of(editor) is None


async def test_who_agrees_reads_it_with_its_paragraphs_as_its_recipients_do(
    house: House, editor: Chat, citizens: list[Chat]
) -> None:
    """Also on the card that is opened from the list, where its author's is in short."""
    second = await hire(house, "Hai", Role.EDITOR)
    words = (
        "Thứ Bảy này nghỉ.\n\nXem lịch mới: https://example.org/lich?a=1&b=2\n- Kênh <KG>\n\n"
        + "Xin mời! " * 30
    )
    await sent_by(editor, words)
    (row,) = await composed(house)
    told = second.last
    await second.send("/thongbao")
    await second.press("1")
    for shown in (told, second.last):
        assert "Đồng ý gửi" in shown.labels
        assert row.content["html"] in shown.html
    assert "\n\nXem lịch mới" in row.content["html"]
