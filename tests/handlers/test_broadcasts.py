"""`/thongbao` through the real bot: composing on one card, the preview, the list, and what follows a broadcast."""

from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from channels.telegram.compose import CAPTION_LIMIT, TEXT_LIMIT
from domain.broadcasts import BroadcastStatus, DeliveryState
from domain.question import Role
from services import broadcast_cards, broadcasting
from storage import broadcast_drafts, broadcasts, files, roles
from storage.database import Database
from storage.tables import Row, subscriptions
from tests.conftest import SetClock
from tests.handlers.chat import Chat, House
from tests.handlers.offices import hire

# The clock stands at Monday 2/11/2026, 09:00.
WORDS = "Tối thứ Bảy này, 19:50, mời ông/bà xem kỳ mới."


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


async def composed(house: House) -> list[Row]:
    async with house.database.reading() as work:
        return await broadcasts.listed(work)


async def draft_of(chat: Chat) -> dict[str, Any] | None:
    person = await chat.row()
    async with chat.house.database.reading() as work:
        return await broadcast_drafts.of_person(work, person.id)


async def started(house: House) -> None:
    await broadcasting.start_due(house.database)


async def reached(house: House, broadcast_id: int, chat: Chat, state: DeliveryState) -> None:
    """As if the sender had delivered it, or failed to."""
    person = await chat.row()
    async with house.database.work() as work:
        sent = state is DeliveryState.SENT
        await broadcasts.settle(
            work,
            [
                {
                    "broadcast": broadcast_id,
                    "person": person.id,
                    "new_state": state,
                    "new_not_before": None,
                    "new_message_id": 1 if sent else None,
                    "new_sent_at": work.now if sent else None,
                    "new_error": None,
                }
            ],
        )


async def revoked(house: House, chat: Chat) -> None:
    person = await chat.row()
    async with house.database.work() as work:
        (role,) = await roles.of_person(work, person.id)
        await roles.revoke(work, role.id, person.id)


async def followed(house: House) -> int:
    """One look of the beat that keeps progress messages up to date."""
    changed = await broadcast_cards.show_progress(house.database)
    await house.deliver()
    return changed


# --- composing ----------------------------------------------------------------------------------------------------


async def test_a_text_is_previewed_counted_confirmed_and_queued_once(
    house: House, editor: Chat, citizens: list[Chat]
) -> None:
    await editor.send(f"/thongbao {WORDS}")
    assert WORDS in editor.last.text
    assert editor.last.labels == [
        "Thêm ảnh", "Thêm nút", "Đổi người nhận", "Đổi thời điểm", "Xem trước", "Hủy",
    ]  # fmt: skip

    await editor.press("Xem trước")

    preview, asked = editor.shown[-2:]
    assert preview.html == WORDS
    assert preview.labels == ["Ngừng nhận tin này"]
    assert "Người nhận lúc này: 4" in asked.text
    assert asked.labels == ["Xác nhận", "Hủy", "Sửa tiếp"]
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
    house: House, editor: Chat, citizens: list[Chat], clock: SetClock
) -> None:
    await editor.send("/thongbao")
    await editor.press("Soạn thông báo")
    assert "Xin gửi nội dung" in editor.last.text
    await editor.send(WORDS)
    card = editor.last
    await editor.press("Thêm nút")
    assert "chữ trên nút" in card.text
    await editor.send("Xem lịch phát sóng https://kgtv.vn/lich?a=1&b=2")
    assert "Xem lịch phát sóng → https://kgtv.vn/lich?a=1&b=2" in editor.last.text
    assert card.labels == []
    photo = editor.photo()
    await editor.send(photo)
    assert "Ảnh: có" in editor.last.text
    card = editor.last
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
    assert "Người nhận: mọi người" in card.text

    await editor.press("Xem trước")

    preview = editor.shown[-2]
    assert preview.picture == photo["photo"][0]["file_id"]
    assert preview.html == WORDS
    assert preview.buttons[0] == [["Xem lịch phát sóng", "https://kgtv.vn/lich?a=1&b=2"]]
    assert preview.labels[1] == "Ngừng nhận tin này"

    await editor.press("Xác nhận")

    (row,) = await composed(house)
    assert row.start_at == datetime(2026, 11, 25, 13, 0, tzinfo=UTC)
    assert row.content["button"] == ["Xem lịch phát sóng", "https://kgtv.vn/lich?a=1&b=2"]
    assert row.content["photo"]["remote_id"] == photo["photo"][0]["file_id"]


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
    assert "người theo dõi lĩnh vực: Đất đai" in editor.last.text
    await editor.press("Xem trước")
    assert "Người nhận lúc này: 1" in editor.last.text
    await editor.press("Xác nhận")
    assert (await composed(house))[0].audience == "field:dat-dai"


async def test_nobody_to_send_to_is_said_and_nothing_is_previewed(house: House, editor: Chat) -> None:
    await editor.send(f"/thongbao {WORDS}")
    await editor.press("Đổi người nhận")
    await editor.press("người theo dõi đường dẫn kỳ mới")
    before = len(editor.shown)
    await editor.press("Xem trước")
    assert len(editor.shown) == before
    assert "Người nhận: người theo dõi đường dẫn kỳ mới" in editor.last.text


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
    await editor.press("Xem trước")
    assert editor.shown[-2].html == (
        "<b>Kỳ</b> <i>&lt;b&gt;mới&lt;/b&gt;</i> 👨‍👩‍👧 &amp; link xấu "
        '<a href="https://a.vn/&quot;&gt;&lt;b&gt;">tốt</a>'
    )


async def test_lengths_are_counted_as_the_messenger_counts(house: House, editor: Chat) -> None:
    emoji = "😀"  # two units
    await editor.send(emoji * (TEXT_LIMIT // 2))
    await editor.press("Hủy")
    await editor.send("/thongbao")
    await editor.press("Soạn thông báo")
    await editor.send(emoji * (TEXT_LIMIT // 2))
    assert "Còn chỗ cho 0 ký tự" in editor.last.text
    await editor.send(editor.photo())
    assert f"Dài quá {TEXT_LIMIT - CAPTION_LIMIT} ký tự" in editor.last.text
    before = len(editor.shown)
    await editor.press("Xem trước")
    assert len(editor.shown) == before
    await editor.press("Bỏ ảnh")
    await editor.press("Xem trước")
    assert editor.shown[-2].html == emoji * (TEXT_LIMIT // 2)


async def test_a_text_that_the_app_cut_is_too_long_as_a_whole(house: House, editor: Chat) -> None:
    await editor.send("/thongbao")
    await editor.press("Soạn thông báo")
    await editor.send(editor.message("a" * TEXT_LIMIT), editor.message("b" * 100), apart=False)
    assert "Thông báo dài quá 4.096 ký tự" in editor.saying("dài quá")[0].text
    assert "Xin gửi nội dung" in editor.last.text
    assert (await draft_of(editor) or {})["text"] == ""
    await editor.send(WORDS)
    assert WORDS in editor.last.text


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
    assert "Xem → https://kgtv.vn" in editor.last.text


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
    await editor.press("Xem trước")
    assert "giờ yên tĩnh (21:00-06:00)" in editor.last.text
    await editor.press("Sửa tiếp")
    await editor.press("Đổi thời điểm")
    await editor.press("Gửi ngay")
    await editor.press("Xem trước")
    assert "giờ yên tĩnh" not in editor.last.text


async def test_a_time_that_passed_before_it_was_confirmed_is_refused(
    house: House, editor: Chat, citizens: list[Chat], clock: SetClock
) -> None:
    await editor.send(f"/thongbao {WORDS}")
    await editor.press("Đổi thời điểm")
    await editor.send("9:30")
    await editor.press("Xem trước")
    clock.move(hours=1)
    await editor.press("Xác nhận")
    assert await composed(house) == []
    await editor.press("Sửa tiếp")
    assert WORDS in editor.last.text


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
    assert WORDS in editor.last.text
    assert "chữ trên nút" in editor.last.text
    house.start()
    await editor.send("Xem https://kgtv.vn")
    assert "Xem → https://kgtv.vn" in editor.last.text


async def test_a_card_pressed_while_a_question_is_being_written_brings_the_broadcast_back(
    house: House, editor: Chat
) -> None:
    await editor.send(f"/thongbao {WORDS}")
    card = editor.last
    await editor.send("/hoi Tôi muốn hỏi về hồ sơ cấp sổ đỏ ở phường Rạch Giá")
    await editor.press("Thêm nút", card)
    await editor.send("Xem https://kgtv.vn")
    assert "Xem → https://kgtv.vn" in editor.last.text
    await editor.press("Hủy")
    assert await draft_of(editor) is None
    conversation = await editor.conversation()
    assert conversation is not None
    assert conversation.step == "ask.consent"  # the question waited underneath


async def test_the_edited_message_changes_the_text(house: House, editor: Chat) -> None:
    message = editor.message(f"/thongbao {WORDS}")
    await editor.send(message)
    await editor.edit(message, text="/thongbao Chữ đã sửa")
    assert "Chữ đã sửa" in editor.last.text
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
    assert not any(one.labels for one in editor.saying("Soạn thông báo"))
    async with house.database.reading() as work:
        assert await files.by_ids(work, [draft["picture"]]) == []


async def test_an_older_card_and_a_second_draft_do_nothing(house: House, editor: Chat) -> None:
    await editor.send(f"/thongbao {WORDS}")
    old = editor.last
    data = old.data("Xem trước")
    await editor.send("Chữ khác")
    await editor.press_data(data, old.id)
    assert await composed(house) == []
    assert "Chữ khác" in editor.last.text


async def test_citizens_and_officers_have_no_such_command(house: House) -> None:
    for chat in (house.person("Mai"), await hire(house, "Cán", Role.OFFICER, "SNNMT")):
        await chat.send(f"/thongbao {WORDS}")
        assert await draft_of(chat) is None


async def test_who_lost_the_role_meanwhile_is_refused_and_asks_like_anybody(
    house: House, editor: Chat, citizens: list[Chat]
) -> None:
    await hire(house, "Quản", Role.ADMIN)
    await editor.send(f"/thongbao {WORDS}")
    await editor.press("Xem trước")
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
    await editor.press("Preview")
    assert editor.shown[-2].labels == ["Stop these messages"]
    assert "Recipients now: 4" in editor.last.text
    await editor.press("Confirm")
    assert "Broadcast 1: waiting" in editor.last.text
