"""What is read of an update: the same that python-telegram-bot reads, and of an odd one every part that can be."""

import json
from collections.abc import Iterator
from dataclasses import asdict, fields
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from telegram import Bot, MessageEntity, Update
from telegram.error import TelegramError
from telegram.ext import filters

from bot.loops.receiver import ALLOWED_UPDATES
from channels.incoming import Chat, Contact, File, Incoming, Message, Place, Pressed, Span, Style, What
from channels.telegram import reading
from channels.telegram.reading import Unreadable, read, read_json
from channels.telegram.transport import AiohttpRequest
from tests.campaigns.fuzz.raw import REAL, VALUES, updates

BOT = Bot("1:token")
MAI = {"id": 7, "is_bot": False, "first_name": "Mai", "last_name": "Lê", "language_code": "vi"}
CHAT = {"id": 7, "type": "private", "first_name": "Mai"}
GROUP = {"id": -100123, "type": "supergroup", "title": "Tổ đất đai"}
WORDS = {"message_id": 3, "date": 1790000000, "chat": CHAT, "from": MAI, "text": "Bao giờ có sổ đỏ?"}
SENT = {key: value for key, value in WORDS.items() if key != "text"}
PICTURE = {"file_id": "p", "file_unique_id": "u", "width": 9, "height": 9, "file_size": 1000}
BODY = {"file_id": "d", "file_unique_id": "u", "file_size": 2000, "mime_type": "application/pdf"}
SONG = BODY | {"duration": 3, "performer": "Ca sĩ", "title": "Bài hát", "file_name": "a.mp3"}
FILM = BODY | {"duration": 3, "width": 9, "height": 9}
FROM_SOMEBODY = {"type": "hidden_user", "date": 1, "sender_user_name": "Ai Đó"}

REAL_MESSAGES: list[dict[str, Any]] = [
    WORDS,
    WORDS | {"text": "🇻🇳 <b>&amp;"},
    WORDS | {"text": ""},
    WORDS | {"chat": CHAT | {"username": "mai"}, "from": MAI | {"is_premium": True}},
    WORDS | {"from": {"id": 8, "is_bot": False, "first_name": "An"}},
    {key: value for key, value in WORDS.items() if key != "from"},
    WORDS | {"chat": GROUP},
    WORDS | {"entities": [{"type": "bot_command", "offset": 0, "length": 3}]},
    WORDS | {"reply_to_message": WORDS | {"message_id": 2}},
    WORDS | {"forward_origin": FROM_SOMEBODY},
    WORDS | {"pinned_message": WORDS},
    SENT | {"location": {"longitude": 105.5, "latitude": 10.25}},
    SENT | {"contact": {"phone_number": "84901234567", "first_name": "Mai", "user_id": 7}},
    SENT | {"contact": {"phone_number": "0901234567", "first_name": "An", "user_id": 8}},
    SENT | {"contact": {"phone_number": "0901234567", "first_name": "An"}},
    SENT | {"photo": [PICTURE | {"file_id": "small"}, PICTURE], "caption": "Ảnh", "media_group_id": "55"},
    SENT | {"voice": BODY | {"duration": 3, "mime_type": "audio/ogg"}},
    SENT | {"document": BODY | {"file_name": "../đơn.pdf"}},
    SENT | {"video": FILM | {"mime_type": "video/mp4"}},
    SENT | {"audio": SONG},
    SENT
    | {"video_note": {"file_id": "n", "file_unique_id": "u", "length": 9, "duration": 3, "file_size": 5}},
    SENT | {"sticker": PICTURE | {"type": "regular", "is_animated": False, "is_video": False}},
]


def said(message: dict[str, Any]) -> Message:
    incoming = read({"update_id": 5, "message": message})
    assert incoming is not None
    assert incoming.message is not None
    return incoming.message


# --- as python-telegram-bot reads it ------------------------------------------------------------------------------


@pytest.mark.parametrize("message", REAL_MESSAGES)
@pytest.mark.parametrize("kind", ["message", "edited_message"])
def test_a_message_is_read_as_the_library_reads_it(kind: str, message: dict[str, Any]) -> None:
    raw = {"update_id": 5, kind: message | ({"edit_date": 1790000100} if kind == "edited_message" else {})}
    agree(read(raw), Update.de_json(raw, BOT))


@pytest.mark.parametrize("raw", [one for one in REAL if not one.keys().isdisjoint(ALLOWED_UPDATES)])
def test_every_kind_of_update_is_read_as_the_library_reads_it(raw: dict[str, Any]) -> None:
    agree(read({"update_id": 5} | raw), Update.de_json({"update_id": 5} | raw, BOT))


@given(raw=updates())
def test_what_the_library_can_read_is_read_and_of_the_rest_nothing_else_is_raised(
    raw: dict[str, Any],
) -> None:
    raw = {"update_id": 5} | raw
    try:
        read(raw)
    except Unreadable:
        assert not (set(raw) & set(ALLOWED_UPDATES)) or not who_and_where_are_told(raw)


def who_and_where_are_told(raw: dict[str, Any]) -> bool:
    """Whether an id of a person and a chat with its type stand where they belong."""
    (kind,) = set(raw) & set(ALLOWED_UPDATES)
    body = raw[kind]
    if not isinstance(body, dict):
        return False
    if kind == "callback_query":
        user = body.get("from")
        told = isinstance(user, dict) and _is_id(user.get("id"))
        return told and isinstance(body.get("id"), str)
    chat = body.get("chat")
    told = isinstance(chat, dict) and _is_id(chat.get("id")) and isinstance(chat.get("type"), str)
    if kind != "my_chat_member":
        return told
    member = body.get("new_chat_member")
    return told and isinstance(member, dict) and isinstance(member.get("status"), str)


def _is_id(told: object) -> bool:
    return type(told) is int and -(1 << 63) <= told < 1 << 63


def agree(ours: Incoming | None, theirs: Update) -> None:
    """Every part of ours is what the library's objects say."""
    message = theirs.message or theirs.edited_message
    press, change = theirs.callback_query, theirs.my_chat_member
    if ours is None:
        assert press is None
        assert change is None
        assert message is None or filters.StatusUpdate.ALL.check_update(theirs)
        return
    assert ours.event == str(theirs.update_id)
    user, chat = theirs.effective_user, theirs.effective_chat
    assert chat is not None
    # python-telegram-bot does not say that a private chat has the number of whom it is with.
    of_chat = str(chat.id) if chat.type == "private" else None
    assert ours.address == (of_chat if user is None else str(user.id))
    assert ours.name == (None if user is None else user.full_name)
    assert ours.language == (None if user is None else user.language_code)
    assert ours.chat == Chat(str(chat.id), chat.type == "private", chat.title or "")
    if press is not None:
        assert ours.what is What.PRESSED
        assert ours.pressed is not None
        assert press.message is not None
        assert asdict(ours.pressed) == {
            "id": press.id,
            "data": press.data,
            "under": str(press.message.message_id),
        }
    if change is not None:
        assert ours.what is (What.LEFT if change.new_chat_member.status in ("kicked", "left") else What.CAME)
    if message is not None:
        assert ours.what is (What.SAID if theirs.message else What.EDITED)
        assert ours.at == (message.edit_date or message.date)
        assert ours.message is not None
        messages_agree(ours.message, message)


def messages_agree(ours: Message, theirs: Any) -> None:
    replied, place, contact = theirs.reply_to_message, theirs.location, theirs.contact
    assert ours == Message(
        id=str(theirs.message_id),
        at=theirs.date,
        edited_at=theirs.edit_date,
        text=theirs.text,
        caption=theirs.caption,
        typed=theirs.text or theirs.caption or "",
        files=ours.files,
        place=None if place is None else Place(place.latitude, place.longitude),
        contact=None
        if contact is None
        else Contact(contact.phone_number, own=contact.user_id == theirs.from_user.id),
        reply_to=None if replied is None else str(replied.message_id),
        before=str(theirs.message_id - 1),
        album=theirs.media_group_id,
        forwarded=theirs.forward_origin is not None,
    )
    shown = theirs.effective_attachment
    if isinstance(shown, tuple | list):
        shown = shown[-1] if shown else None
    if shown is not None and hasattr(shown, "file_id") and theirs.sticker is None:
        (file,) = ours.files
        assert (file.remote_id, file.size) == (shown.file_id, shown.file_size)
    else:
        assert ours.files == ()


@pytest.mark.parametrize(
    ("message", "file"),
    [
        ({"photo": [PICTURE | {"file_id": "s"}, PICTURE]}, File("photo", "p", "", "image/jpeg", 1000)),
        ({"voice": BODY | {"mime_type": None}}, File("voice", "d", "", "audio/ogg", 2000)),
        (
            {"document": BODY | {"file_name": "a/b.pdf"}},
            File("document", "d", "a/b.pdf", "application/pdf", 2000),
        ),
        ({"audio": SONG}, File("audio", "d", "Ca sĩ - Bài hát - a.mp3", "application/pdf", 2000)),
        ({"video": {"file_id": "v"}}, File("video", "v")),
        ({"video_note": {"file_id": "n"}}, File("document", "n")),
    ],
)
def test_a_file_is_what_an_app_shows_of_it(message: dict[str, Any], file: File) -> None:
    assert said(SENT | message).files == (file,)


def test_what_a_chat_says_about_itself_is_nothing_to_us() -> None:
    """python-telegram-bot's own list of service messages, read from its filters."""
    for name in {one for one in dir(filters.StatusUpdate) if one.isupper()} - {"ALL"}:
        tried = [
            key for key in reading.SERVICE if getattr(filters.StatusUpdate, name).check_update(_with(key))
        ]
        assert tried, name
    for key in reading.SERVICE:
        assert filters.StatusUpdate.ALL.check_update(_with(key)), key
        assert read({"update_id": 5, "message": SENT | {key: {"a": 1}}}) is None
        assert said(WORDS | {key: {"a": 1}}).text == WORDS["text"]
        assert said(SENT | {key: False}).text is None


def _with(key: str) -> Update:
    """An update of the library's with a message of which this part is there."""
    update = Update.de_json({"update_id": 5, "message": SENT}, BOT)
    assert update.message is not None
    with update.message._unfrozen():
        setattr(update.message, key, (1,))
    return update


@pytest.mark.parametrize(
    "raw",
    [
        {},
        {"poll": {"id": "1"}},
        {"something_new": {"chat": CHAT}},
        {"message": WORDS | {"chat": {"id": -5, "type": "channel", "title": "Kênh"}}},
        {"message": None},
    ],
)
def test_what_nobody_asked_for_is_nothing_to_us(raw: dict[str, Any]) -> None:
    assert read({"update_id": 5} | raw) is None


# --- part by part -------------------------------------------------------------------------------------------------

EVERYTHING: dict[str, Any] = {
    "message_id": 30,
    "date": 1790000000,
    "edit_date": 1790000100,
    "chat": CHAT,
    "from": MAI,
    "caption": "Đơn 🇻🇳 ở đây",
    "caption_entities": [
        {"type": "bold", "offset": 0, "length": 3},
        {"type": "text_link", "offset": 9, "length": 5, "url": "https://example.vn/a"},
    ],
    "document": BODY | {"file_name": "đơn.pdf"},
    "location": {"longitude": 105.5, "latitude": 10.25},
    "contact": {"phone_number": "84901234567", "first_name": "Mai", "user_id": 7},
    "reply_to_message": WORDS,
    "media_group_id": "55",
    "forward_origin": FROM_SOMEBODY,
    "message_thread_id": 12,
    "is_topic_message": True,
}
# What is lost where a part cannot be read; without these two there is nobody to answer and nowhere.
COSTS = {
    "message_id": {"id", "before"},
    "date": {"at"},
    "edit_date": {"edited_at"},
    "chat": None,
    "caption": {"caption", "typed", "spans", "as_typed"},
    "caption_entities": {"caption", "spans"},
    "document": {"files"},
    "location": {"place"},
    "contact": {"contact"},
    "reply_to_message": {"reply_to"},
    "media_group_id": {"album"},
    "forward_origin": set[str](),  # it is somebody else's, whoever that is
    "message_thread_id": {"topic"},
    "is_topic_message": {"topic"},
    "from": {"contact"},  # of which nobody can say whose it is
}


def test_all_parts_of_a_message_are_read() -> None:
    message = said(EVERYTHING)
    assert all(getattr(message, one.name) for one in fields(message) if one.name not in ("text", "as_typed"))
    assert message.caption == "Đơn 🇻🇳 ở đây (https://example.vn/a)"
    assert message.typed == "Đơn 🇻🇳 ở đây"
    assert message.spans == (
        Span(Style.BOLD, 0, 3),
        Span(Style.LINK, 7, 12, "https://example.vn/a"),
    )


@pytest.mark.parametrize("part", COSTS)
@given(odd=VALUES)
def test_an_unreadable_part_costs_that_part_and_not_the_message(part: str, odd: Any) -> None:
    whole, costs = said(EVERYTHING), COSTS[part]
    if part == "chat":
        with pytest.raises(Unreadable):
            read({"update_id": 5, "message": EVERYTHING | {part: odd}})
        return
    message = said(EVERYTHING | {part: odd})
    assert costs is not None
    kept = {one.name for one in fields(whole)} - (costs if odd is not None else costs | {"forwarded"})
    assert {name: getattr(message, name) for name in kept} == {name: getattr(whole, name) for name in kept}


@pytest.mark.parametrize(
    "odd",
    [
        {"forward_origin": {"type": "hidden_user", "date": 1790000000}},
        {"entities": [{"type": "bold", "offset": 0}]},
        {
            "reply_to_message": {
                "message_id": 2,
                "date": 1,
                "chat": CHAT,
                "poll": {"id": "1", "question": "?"},
            }
        },
        {"chat": {"id": 7}},
        {"from": None},
        {"chat": {"id": 7, "type": 5}, "message_id": None},
    ],
    ids=str,
)
def test_what_the_library_cannot_read_whole_is_answered_all_the_same(odd: dict[str, Any]) -> None:
    incoming = read({"update_id": 5, "message": WORDS | odd})
    assert incoming is not None
    assert (incoming.address, incoming.chat) == ("7", Chat("7", True))
    assert incoming.message is not None
    assert incoming.message.text == WORDS["text"]


@pytest.mark.parametrize(
    ("part", "name"),
    [
        ("text", "text"),
        ("caption", "caption"),
        ("media_group_id", "album"),
        ("date", "at"),
        ("edit_date", "edited_at"),
        ("location", "place"),
        ("contact", "contact"),
        ("reply_to_message", "reply_to"),
    ],
)
@pytest.mark.parametrize("odd", [5.5, [], {}, True, [[{}]]], ids=str)
def test_what_is_no_such_part_is_not_taken_for_one(part: str, name: str, odd: Any) -> None:
    assert getattr(said(SENT | {part: odd}), name) is None


def ways(body: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    inside = body.items() if isinstance(body, dict) else enumerate(body) if isinstance(body, list) else ()
    for key, part in inside:
        yield (*way, key)
        yield from ways(part, (*way, key))


@pytest.mark.parametrize("way", [way for way in ways(EVERYTHING) if way != ("from", "is_bot")], ids=str)
@settings(max_examples=25)
@given(odd=VALUES)
def test_an_unreadable_part_of_a_part_costs_no_other(way: tuple[Any, ...], odd: Any) -> None:
    raw = json.loads(json.dumps(EVERYTHING))  # no part is the same object as another
    inside: Any = raw
    for key in way[:-1]:
        inside = inside[key]
    inside[way[-1]] = odd
    whole, costs = said(EVERYTHING), COSTS[way[0]]
    if costs is None:
        return  # its own test
    message = said(raw)
    kept = {one.name for one in fields(whole)} - (costs if odd is not None else costs | {"forwarded"})
    assert {name: getattr(message, name) for name in kept} == {name: getattr(whole, name) for name in kept}


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ({"first_name": 7}, "Lê"),
        ({"last_name": []}, "Mai"),
        ({"last_name": ""}, "Mai"),
        ({"first_name": 7, "last_name": None}, None),
    ],
)
def test_a_name_that_cannot_be_read_is_nobodys_new_name(raw: dict[str, Any], name: str | None) -> None:
    incoming = read({"update_id": 5, "message": WORDS | {"from": MAI | raw}})
    assert incoming is not None
    assert (incoming.address, incoming.name) == ("7", name)


@pytest.mark.parametrize(
    "raw",
    [
        None,
        [],
        "update",
        {},
        {"update_id": "5"},
        {"update_id": 5, "message": "text"},
        {"update_id": 5, "message": WORDS | {"chat": None}},
        {"update_id": 5, "message": WORDS | {"chat": CHAT | {"id": "7"}}},
        {"update_id": 5, "message": WORDS | {"chat": CHAT | {"id": True}}},
        {"update_id": 5, "message": WORDS | {"chat": CHAT | {"id": 1 << 63}}},
        {"update_id": 5, "message": WORDS | {"chat": {"id": 8}}},
        {"update_id": 5, "callback_query": {"id": "1", "data": "asg:1"}},
        {"update_id": 5, "callback_query": {"id": 1, "data": "asg:1", "from": MAI}},
        {"update_id": 5, "my_chat_member": {"chat": CHAT, "from": MAI, "new_chat_member": {"status": 1}}},
    ],
)
def test_without_who_or_where_nothing_can_be_done(raw: object) -> None:
    with pytest.raises(Unreadable):
        read(raw)


def test_a_press_under_a_message_that_is_too_old_is_a_press() -> None:
    incoming = read({"update_id": 5, "callback_query": {"id": "1", "from": MAI, "message": 7}})
    assert incoming is not None
    assert (incoming.chat, incoming.pressed) == (None, Pressed("1", "", None))


# --- links --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "shown", "url", "text"),
    [
        ("Xem tại đây nhé", "tại đây", "https://a.vn/x", "Xem tại đây (https://a.vn/x) nhé"),
        ("Xem 🇻🇳 ở đây", "ở đây", "http://a.vn", "Xem 🇻🇳 ở đây (http://a.vn)"),
        ("Xem a.vn/x nhé", "a.vn/x", "https://a.vn/x/", "Xem a.vn/x nhé"),
        ("Xem a.vn nhé", "a.vn", "https://b.vn", "Xem a.vn (https://b.vn) nhé"),
        ("Xem đây", "đây", "tg://user?id=7", "Xem đây"),
        ("Xem đây", "đây", "javascript:alert(1)", "Xem đây"),
        ("Xem đây", "đây", "https://[", "Xem đây"),
    ],
)
def test_an_address_behind_words_is_written_out(typed: str, shown: str, url: str, text: str) -> None:
    offset, length = (len(part.encode("utf-16-le")) // 2 for part in (typed[: typed.index(shown)], shown))
    entity = {"type": "text_link", "offset": offset, "length": length, "url": url}
    message = said(WORDS | {"text": typed, "entities": [entity]})
    assert (message.text, message.typed, message.words) == (text, typed, text)


_WORDS_OF_ALL_SIZES = st.text(st.sampled_from("aạ <🇻🇳é\n"), min_size=1, max_size=12)


@given(typed=_WORDS_OF_ALL_SIZES, offset=st.integers(0, 15), length=st.integers(1, 15))
def test_places_are_counted_in_characters(typed: str, offset: int, length: int) -> None:
    """python-telegram-bot cuts the same words out of the text, where no character is cut apart."""
    entity = {"type": "bold", "offset": offset, "length": length}
    message = said(WORDS | {"text": typed, "entities": [entity]})
    units = typed.encode("utf-16-le")
    try:
        cut = units[offset * 2 : (offset + length) * 2].decode("utf-16-le")
        units[: offset * 2].decode("utf-16-le")
    except UnicodeDecodeError:
        return
    (span,) = message.spans or (Span(Style.BOLD, 0, 0),)
    assert typed[span.start : span.end] == cut


def test_styles_are_those_of_the_library() -> None:
    assert set(reading._STYLES) <= set(MessageEntity.ALL_TYPES)


# --- JSON ---------------------------------------------------------------------------------------------------------

_ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-1 << 63, (1 << 64) - 1)
    | st.floats(allow_nan=False)
    | st.text(st.characters(codec=None)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)


@given(said=_ANYTHING)
def test_what_the_messenger_says_is_read_as_the_standard_library_reads_it(said: Any) -> None:
    written = json.dumps({"text": said})
    assert read_json(written) == json.loads(written)
    assert read_json(written.encode()) == json.loads(written)


@pytest.mark.parametrize(
    ("said", "heard"),
    [
        (b'{"text": "\\ud83c"}', {"text": "\ud83c"}),
        (b'{"text": "\xff!"}', {"text": "\ufffd!"}),
        (b'{"id": 1e400}', {"id": float("inf")}),
        (b'{"id": 36893488147419103233}', {"id": float(1 << 65)}),
    ],
    ids=["half a character", "no UTF-8", "without end", "larger than any id"],
)
def test_odd_words_of_one_person_keep_nobody_elses_update_from_being_read(said: bytes, heard: object) -> None:
    assert AiohttpRequest.parse_json_payload(b'{"ok": true, "result": [' + said + b"]}")["result"] == [heard]


def test_an_answer_that_is_no_json_is_said_so_without_its_words() -> None:
    with pytest.raises(TelegramError) as caught:
        AiohttpRequest.parse_json_payload(b"<p>0901 234 567</p>")
    assert "0901" not in str(caught.value)
