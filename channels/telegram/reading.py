"""Reads what Telegram says has happened into `Incoming`, part by part.

Only parts that something uses are read. A part that is not as the Bot API promises is left empty, and the rest of the
message is still read. Only without a sender or a chat is there nothing to do: that raises `Unreadable`.
python-telegram-bot's types name the parts, and the tests compare with them; they are not made here, because each
demands fields that nobody needs, fails as a whole, and looks for ninety other things in a message
(docs/decisions/0034).
"""

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import orjson
from telegram.constants import ChatMemberStatus, ChatType, MessageEntityType

from channels.incoming import (
    Chat,
    Contact,
    File,
    Incoming,
    Message,
    Place,
    Pressed,
    Span,
    Style,
    What,
    in_unicode,
)

CHANNEL = "telegram"

_LARGEST = 1 << 63  # ids beyond are none of Telegram's, and no database takes them
_SCHEME = re.compile(r"^(?:https?://|mailto:|tel:)", re.IGNORECASE)
_TO_WRITE_TO = re.compile(r"(?:mailto|tel):[^\s:/?]+", re.IGNORECASE)
_GROUPS = (ChatType.GROUP, ChatType.SUPERGROUP)
_CROWDS = (*_GROUPS, ChatType.CHANNEL)
_GONE = (ChatMemberStatus.BANNED, ChatMemberStatus.LEFT)

# Mentions and custom emoji stay plain text: the first tell who somebody is, the second only bots with a bought name
# may send (Bot API, MessageEntity).
_STYLES: dict[str, Style] = {
    MessageEntityType.BOLD: Style.BOLD,
    MessageEntityType.ITALIC: Style.ITALIC,
    MessageEntityType.UNDERLINE: Style.UNDERLINE,
    MessageEntityType.STRIKETHROUGH: Style.STRIKETHROUGH,
    MessageEntityType.SPOILER: Style.SPOILER,
    MessageEntityType.CODE: Style.CODE,
    MessageEntityType.BLOCKQUOTE: Style.QUOTE,
    MessageEntityType.EXPANDABLE_BLOCKQUOTE: Style.LONG_QUOTE,
    MessageEntityType.TEXT_LINK: Style.LINK,
}

# What a chat says about itself: nobody wrote it, and nobody waits for an answer.
SERVICE = frozenset({
    "channel_chat_created", "chat_background_set", "chat_owner_changed", "chat_owner_left", "chat_shared",
    "checklist_tasks_added", "checklist_tasks_done", "connected_website", "delete_chat_photo",
    "direct_message_price_changed", "forum_topic_closed", "forum_topic_created", "forum_topic_edited",
    "forum_topic_reopened", "general_forum_topic_hidden", "general_forum_topic_unhidden", "gift", "gift_upgrade_sent",
    "giveaway_completed", "giveaway_created", "group_chat_created", "left_chat_member", "managed_bot_created",
    "message_auto_delete_timer_changed", "migrate_from_chat_id", "migrate_to_chat_id", "new_chat_members",
    "new_chat_photo", "new_chat_title", "paid_message_price_changed", "pinned_message", "poll_option_added",
    "poll_option_deleted", "proximity_alert_triggered", "refunded_payment", "suggested_post_approval_failed",
    "suggested_post_approved", "suggested_post_declined", "suggested_post_paid", "suggested_post_refunded",
    "supergroup_chat_created", "unique_gift", "users_shared", "video_chat_ended", "video_chat_participants_invited",
    "video_chat_scheduled", "video_chat_started", "web_app_data", "write_access_allowed",
})  # fmt: skip


class Unreadable(ValueError):
    """The update has no sender or chat, or is no update at all."""


def read_json(said: str | bytes) -> Any:
    """Parse what the messenger says; raise `ValueError` or `RecursionError`.

    Texts that an app cut in the middle of a character are JSON to the standard library only, and bytes that are not
    UTF-8 to neither parser: losing one character is better than never reading the batch. A whole number of more than
    64 bits, which no id is, becomes a float.
    """
    try:
        return orjson.loads(said)
    except ValueError:
        return json.loads(said if isinstance(said, str) else said.decode("utf-8", "replace"))


def read(raw: object) -> Incoming | None:
    """Read one raw update; None for a kind that we don't use.

    Raises `Unreadable`.
    """
    if not isinstance(raw, dict):
        raise Unreadable("no update")
    event = _id(raw.get("update_id"))
    if event is None:
        raise Unreadable("no number")
    for kind, read_kind in _KINDS.items():
        body = raw.get(kind)
        if body is not None:
            if not isinstance(body, dict):
                raise Unreadable(kind)
            return read_kind(event, body)
    return None


def unread(event: str, chat: str, raw: object) -> Incoming | None:
    """Return whom to tell that their message could not be read.

    None for what is no message in a private chat. `chat`: as the inbox has it. `raw`: the update as far as it is
    JSON, else None.
    """
    if not chat.isascii() or not chat.isdigit():  # groups have numbers below zero
        return None
    if isinstance(raw, dict):
        body = next((raw[kind] for kind in ("message", "edited_message") if kind in raw), None)
        if not isinstance(body, dict) or _part(body, "chat").get("type", ChatType.PRIVATE) in _CROWDS:
            return None
    return Incoming(CHANNEL, event, What.SAID, Chat(chat, True), chat, None, None, None)


def _said(event: str, body: dict[str, Any]) -> Incoming | None:
    chat = _chat(body)
    if chat is None or _is_of_bot(chat, body):
        return None
    if not body.keys().isdisjoint(SERVICE) and not body.get("text") and _is_service(body):
        return _moved(event, chat, body)
    return _about(event, What.SAID, chat, body)


def _edited(event: str, body: dict[str, Any]) -> Incoming | None:
    chat = _chat(body)
    return None if chat is None or _is_of_bot(chat, body) else _about(event, What.EDITED, chat, body)


def _about(event: str, what: What, chat: Chat, body: dict[str, Any]) -> Incoming:
    address, name, language = _person(body.get("from"))
    if address is None and chat.private:
        address = chat.address  # a private chat has the number of whom it is with
    message = in_unicode(_message(body, address))
    at = message.edited_at or message.at
    hidden = _writes_as_group(chat, body)
    return Incoming(CHANNEL, event, what, chat, address, name, language, at, message, hidden=hidden)


def _moved(event: str, chat: Chat, body: dict[str, Any]) -> Incoming | None:
    """A group that became a supergroup, said in the old chat or the new one."""
    to, before = _id(body.get("migrate_to_chat_id")), _id(body.get("migrate_from_chat_id"))
    if chat.private or (to is None and before is None):
        return None
    old = chat if to is not None else Chat(before or "", False, chat.title)
    at = _moment(body, "date")
    return Incoming(CHANNEL, event, What.MOVED, old, None, None, None, at, moved_to=to or chat.address)


def _is_of_bot(chat: Chat, body: dict[str, Any]) -> bool:
    """Whether another bot wrote: two that answer each other never end. Admins who hide look like one."""
    return _part(body, "from").get("is_bot") is True and not _writes_as_group(chat, body)


def _writes_as_group(chat: Chat, body: dict[str, Any]) -> bool:
    """Whether an admin writes in the group's name, and so nobody can say who it is."""
    return not chat.private and _id(_part(body, "sender_chat").get("id")) == chat.address


def _pressed(event: str, body: dict[str, Any]) -> Incoming:
    query_id = body.get("id")
    address, name, language = _person(body.get("from"))
    if address is None or not isinstance(query_id, str):
        raise Unreadable("who pressed")
    message = _part(body, "message")
    try:
        chat = _chat(message)
    except Unreadable:
        chat = None
    pressed = Pressed(query_id, _text(body, "data") or "", _id(message.get("message_id")))
    return Incoming(CHANNEL, event, What.PRESSED, chat, address, name, language, None, pressed=pressed)


def _membership(event: str, body: dict[str, Any]) -> Incoming | None:
    chat = _chat(body)
    status = _part(body, "new_chat_member").get("status")
    if not isinstance(status, str):
        raise Unreadable("membership")
    address, name, language = _person(body.get("from"))
    what = What.LEFT if status in _GONE else What.CAME
    if chat is None:
        return None
    return Incoming(CHANNEL, event, what, chat, address, name, language, _moment(body, "date"))


# What is asked of the messenger (bot.loops.receiver.ALLOWED_UPDATES); an update holds one of them.
_KINDS: dict[str, Callable[[str, dict[str, Any]], Incoming | None]] = {
    "message": _said,
    "callback_query": _pressed,
    "edited_message": _edited,
    "my_chat_member": _membership,
}


# --- who and where ----------------------------------------------------------------------------------------------


def _chat(body: dict[str, Any]) -> Chat | None:
    """Read the chat; None for anything but a private chat or a group.

    Raises `Unreadable`.
    """
    chat = _part(body, "chat")
    address, kind = _id(chat.get("id")), chat.get("type")
    if address is None:
        raise Unreadable("chat")
    if not isinstance(kind, str):
        if _id(_part(body, "from").get("id")) != address:  # as in a private chat alone
            raise Unreadable("chat")
        kind = ChatType.PRIVATE
    if kind == ChatType.PRIVATE:
        return Chat(address, True)
    return Chat(address, False, _text(chat, "title") or "") if kind in _GROUPS else None


def _person(user: object) -> tuple[str | None, str | None, str | None]:
    """Read the address, name and language of an account."""
    if not isinstance(user, dict):
        return None, None, None
    names = [name for name in (user.get("first_name"), user.get("last_name")) if isinstance(name, str)]
    name = " ".join(names[:1] + [one for one in names[1:] if one]) if names else None
    return _id(user.get("id")), name, _text(user, "language_code")


# --- a message --------------------------------------------------------------------------------------------------


def _message(body: dict[str, Any], sender: str | None) -> Message:
    number = body.get("message_id")
    message_id = _id(number)
    at = _moment(body, "date")
    before = str(int(message_id) - 1) if message_id else None
    text = _text(body, "text")
    if text is not None and body.keys() == _WORDS_ALONE:
        return Message(message_id or "", at, text=text, typed=text, before=before)
    caption = _text(body, "caption")
    typed = text or caption or ""
    entities = body.get("entities" if text else "caption_entities")
    looks = list(_spans(typed, entities)) if isinstance(entities, list) else []
    written = _written_out(typed, looks)
    spans = tuple(one for one in looks if not _TO_WRITE_TO.match(one.url))
    return Message(
        id=message_id or "",
        at=at,
        edited_at=_moment(body, "edit_date"),
        text=written if text else text,
        caption=caption if text else written if caption else caption,
        typed=typed,
        spans=spans,
        files=tuple(_files(body)),
        place=_place(body),
        contact=_contact(body, sender),
        reply_to=_id(_part(body, "reply_to_message").get("message_id")),
        before=before,
        album=_text(body, "media_group_id"),
        forwarded=body.get("forward_origin") is not None,
        topic=_id(body.get("message_thread_id")) if body.get("is_topic_message") is True else None,
    )


_WORDS_ALONE = {"message_id", "date", "chat", "from", "text"}  # as nearly all messages are


def _is_service(body: dict[str, Any]) -> bool:
    """Return whether one of the service parts holds something; `False` and an empty list don't."""
    return any(body.get(key) for key in SERVICE)


def _files(body: dict[str, Any]) -> Iterator[File]:
    """Read the file that a message carries.

    Telegram's messages have one, and some tell it in two ways.
    """
    for kind in ("photo", "voice", "document", "video", "audio", "video_note"):
        told = body.get(kind)
        # Of a picture there are several sizes, the largest last.
        readable = [
            one
            for one in (told if isinstance(told, list) else [told])
            if isinstance(one, dict) and _text(one, "file_id")
        ]
        if readable:
            yield _file(kind, readable[-1])
            return


def _file(kind: str, told: dict[str, Any]) -> File:
    size = told.get("file_size")
    if type(size) is not int or not 0 <= size < _LARGEST:
        size = None
    remote_id = told["file_id"]
    if kind == "photo":
        return File(kind, remote_id, "", "image/jpeg", size)
    content_type = _text(told, "mime_type")
    if kind == "voice":
        return File(kind, remote_id, "", content_type or "audio/ogg", size)
    # What an app shows of a file; of a recording that is its title, before the name.
    shown = (_text(told, one) for one in ("performer", "title", "file_name"))
    name = " - ".join(one for one in shown if one)
    return File(
        "document" if kind == "video_note" else kind,
        remote_id,
        name,
        content_type or "application/octet-stream",
        size,
    )


def _place(body: dict[str, Any]) -> Place | None:
    told = _part(body, "location")
    latitude, longitude = told.get("latitude"), told.get("longitude")
    if isinstance(latitude, int | float) and isinstance(longitude, int | float):
        return Place(float(latitude), float(longitude))
    return None


def _contact(body: dict[str, Any], sender: str | None) -> Contact | None:
    told = _part(body, "contact")
    number = _text(told, "phone_number")
    if number is None:
        return None
    return Contact(number, own=sender is not None and _id(told.get("user_id")) == sender)


# --- how its words look -----------------------------------------------------------------------------------------


def _spans(typed: str, entities: list[Any]) -> Iterator[Span]:
    """Yield how parts of a text look, with links to addresses and numbers in it."""
    for one in entities:
        style = _STYLES.get(_text(one, "type") or "") if isinstance(one, dict) else None
        if style is None:
            continue
        offset, length = one.get("offset"), one.get("length")
        if type(offset) is not int or type(length) is not int or offset < 0 or length <= 0:
            continue
        start, end = _place_of(typed, offset), _place_of(typed, offset + length)
        url = _address(one.get("url")) if style is Style.LINK else ""
        if start < end and url is not None:
            yield Span(style, start, end, url)


def _place_of(text: str, units: int) -> int:
    """Return the index of the character after so many UTF-16 units, in which Telegram counts."""
    if text.isascii() or max(text) <= "\uffff":
        return min(units, len(text))
    at = 0
    for place, one in enumerate(text):
        if at >= units:
            return place
        at += 2 if one > "\uffff" else 1
    return len(text)


def _address(url: object) -> str | None:
    """Return where a link leads, if that is a web page, or somebody's address or number."""
    if not isinstance(url, str):
        return None
    if _TO_WRITE_TO.fullmatch(url):
        return url
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return url if parts.scheme in ("https", "http") and parts.hostname else None


def _written_out(typed: str, spans: list[Span]) -> str:
    """Write a text with the addresses that an app would hide behind words."""
    text = typed
    for span in sorted(spans, key=lambda one: one.end, reverse=True):
        if span.style is Style.LINK and _bare(typed[span.start : span.end]) != _bare(span.url):
            address = _bare(span.url) if _TO_WRITE_TO.match(span.url) else span.url
            text = f"{text[: span.end]} ({address}){text[span.end :]}"
    return text


def _bare(address: str) -> str:
    """Write an address as people do: without https:// and a last slash."""
    return _SCHEME.sub("", address.strip()).rstrip("/")


# --- parts as they should be, or empty --------------------------------------------------------------------------


def _id(told: object) -> str | None:
    """Return an id as text."""
    return str(told) if type(told) is int and -_LARGEST <= told < _LARGEST else None


def _text(body: dict[str, Any], key: str) -> str | None:
    told = body.get(key)
    return told if isinstance(told, str) else None


def _part(body: dict[str, Any], key: str) -> dict[str, Any]:
    told = body.get(key)
    return told if isinstance(told, dict) else {}


def _moment(body: dict[str, Any], key: str) -> datetime | None:
    told = body.get(key)
    if type(told) is not int:
        return None
    try:
        return datetime.fromtimestamp(told, UTC)
    except (ValueError, OverflowError, OSError):
        return None
