"""Delivers outbox messages by python-telegram-bot, and translates what went wrong."""

import os
from base64 import b64decode
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from telegram import (
    Bot,
    BotCommand,
    BotCommandScopeChat,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputFile,
    InputMediaAudio,
    InputMediaDocument,
    InputMediaPhoto,
    InputMediaVideo,
    LinkPreviewOptions,
)
from telegram.constants import ParseMode
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from channels.outgoing import (
    Busy,
    FileTooLarge,
    Gone,
    Interrupted,
    Kind,
    Moved,
    Outgoing,
    Rejected,
    Unavailable,
    Unreachable,
    opens_address,
)
from channels.telegram.transport import AiohttpRequest, Unanswered

# python-telegram-bot is to give times to wait as timedelta, as it always will from its next version on.
os.environ.setdefault("PTB_TIMEDELTA", "true")

Medium = InputMediaPhoto | InputMediaVideo | InputMediaAudio | InputMediaDocument

# Texts go past python-telegram-bot's objects, with its errors; not so with DANHOI_BYPASSES=off.
DIRECT = os.environ.get("DANHOI_BYPASSES") != "off"

_NOT_CHANGED = "message is not modified"
_NOTHING_TO_CHANGE = (
    "message to edit not found",
    "message can't be edited",
    "message to delete not found",
    "message can't be deleted",
    "message_id_invalid",
)
_NO_SUCH_CHAT = ("chat not found", "user not found", "peer_id_invalid", "user is deactivated")
# Of a group: the part of it that a message is for is closed or gone; all of it takes no messages of ours.
_NO_SUCH_TOPIC = ("message thread not found", "topic_closed", "topic_deleted", "topic_id_invalid")
_MUTED = (
    "chat_restricted",
    "not enough rights",
    "have no rights to send",
    "chat_write_forbidden",
    "chat_admin_required",
    "need administrator rights",
    "chat_send_plain_forbidden",
)
# A file as what it is: its recipient's settings forbid it, or the messenger takes it for none. A document may pass.
_NOT_AS_THIS_KIND = (
    "voice_messages_forbidden",
    "photo_invalid_dimensions",
    "photo_ext_invalid",
    "photo_save_file_invalid",
    "image_process_failed",
    "too big for a photo",
    "video_content_type_invalid",
    "video_file_invalid",
    "can't use file of type",
    "type of file mismatch",
)
_TOO_LARGE = ("file is too big",)
_NO_SUCH_FILE = ("wrong file identifier", "wrong remote file", "file reference", "invalid file_id")


class TelegramChannel:
    """Telegram as a `channels.outgoing.Channel`; `files` is the folder of kept files."""

    def __init__(self, bot: Bot, files: Path) -> None:
        self._bot = bot
        self._files = files

    async def deliver(self, message: Outgoing) -> str | None:
        try:
            with _understood():
                return await self._send[message.kind](self, message)
        except BadRequest as error:
            if _says(error, (_NOT_CHANGED,)):
                return message.message_id
            if _says(error, _NOTHING_TO_CHANGE):
                if message.kind is Kind.EDIT:
                    raise Gone(error.message) from error
                return message.message_id
            raise _refused(error, message) from error

    async def deliver_album(self, message: Outgoing) -> list[str]:
        """Deliver an album, completely or not at all.

        The messenger keeps no part of a refused album, so that trying again doubles nothing.
        """
        try:
            with _understood():
                return await self._album(message)
        except BadRequest as error:
            raise _refused(error, message) from error

    async def fetch(self, remote_id: str, limit: int) -> bytes:
        try:
            file = await self._bot.get_file(remote_id)
            if file.file_size is not None and file.file_size > limit:
                raise FileTooLarge("the file is larger than announced")
            return bytes(await file.download_as_bytearray())
        except RetryAfter as error:
            raise busy(error) from error
        except BadRequest as error:
            if _says(error, _TOO_LARGE):
                raise FileTooLarge(error.message) from error
            # "wrong file_id or the file is temporarily unavailable": the one sentence for never and for not now.
            raise Unavailable(error.message) from error
        except NetworkError as error:
            raise _interrupted(error) from error
        except TelegramError as error:
            raise Rejected(error.message) from error

    async def _text(self, message: Outgoing) -> str:
        topic = message.content.get("topic")
        if topic is None:
            return await self._text_in(message, None)
        try:
            return await self._text_in(message, int(topic))
        except BadRequest as error:
            if not _says(error, _NO_SUCH_TOPIC):
                raise
            return await self._text_in(message, None)  # said elsewhere in the group is better than not at all

    async def _text_in(self, message: Outgoing, topic: int | None) -> str:
        parameters: dict[str, Any] = {
            "chat_id": message.address,
            "text": message.content["html"],
            "parse_mode": ParseMode.HTML,
        }
        if message.content["buttons"]:
            parameters["reply_markup"] = {"inline_keyboard": _keys(message.content["buttons"])}
        if message.paid:
            parameters["allow_paid_broadcast"] = True
        if message.content.get("silent"):
            parameters["disable_notification"] = True
        if topic is not None:
            parameters["message_thread_id"] = topic
        if not _previews(message):
            parameters["link_preview_options"] = {"is_disabled": True}
        if message.content.get("protected"):
            parameters["protect_content"] = True
        request = self._bot.request
        if not DIRECT or not isinstance(request, AiohttpRequest):
            return await self._text_by_the_library(message, topic)
        sent = await request.call(f"{self._bot.base_url}/sendMessage", parameters)
        return str(sent["message_id"])

    async def _text_by_the_library(self, message: Outgoing, topic: int | None) -> str:
        sent = await self._bot.send_message(
            message.address,
            message.content["html"],
            parse_mode=ParseMode.HTML,
            reply_markup=_keyboard(message.content["buttons"]),
            allow_paid_broadcast=message.paid or None,
            disable_notification=message.content.get("silent"),
            message_thread_id=topic,
            link_preview_options=_page_previews(message),
            protect_content=message.content.get("protected"),
        )
        return str(sent.message_id)

    async def _edit(self, message: Outgoing) -> str | None:
        if message.content.get("caption"):
            await self._bot.edit_message_caption(
                chat_id=message.address,
                message_id=_number(message),
                caption=message.content["html"],
                parse_mode=ParseMode.HTML,
                reply_markup=_keyboard(message.content["buttons"]),
            )
            return message.message_id
        await self._bot.edit_message_text(
            message.content["html"],
            chat_id=message.address,
            message_id=_number(message),
            parse_mode=ParseMode.HTML,
            reply_markup=_keyboard(message.content["buttons"]),
            link_preview_options=_page_previews(message),
        )
        return message.message_id

    async def _buttons(self, message: Outgoing) -> str | None:
        await self._bot.edit_message_reply_markup(
            chat_id=message.address,
            message_id=_number(message),
            reply_markup=_keyboard(message.content["buttons"]),
        )
        return message.message_id

    async def _delete(self, message: Outgoing) -> None:
        await self._bot.delete_message(message.address, _number(message))

    async def _file(self, message: Outgoing) -> str:
        content = message.content
        methods: dict[str, Callable[..., Awaitable[Any]]] = {
            "photo": self._bot.send_photo,
            "voice": self._bot.send_voice,
            "video": self._bot.send_video,
            "audio": self._bot.send_audio,
        }
        send = methods.get(content["kind"], self._bot.send_document)
        rest = {
            "caption": content["caption"],
            "parse_mode": ParseMode.HTML,
            "reply_markup": _keyboard(content.get("buttons", [])),
            "allow_paid_broadcast": message.paid or None,
        }
        try:
            if content["remote_id"]:  # else it goes out under another name than the messenger's
                return str((await send(message.address, content["remote_id"], **rest)).message_id)
        except BadRequest as error:
            if content["checksum"] is None or not _says(error, _NO_SUCH_FILE + _NOT_AS_THIS_KIND):
                raise
            if _says(error, _NOT_AS_THIS_KIND):
                send = self._bot.send_document
            # Else the messenger forgot the file, or another bot's token is in use: ours outlives it.
        upload = InputFile(self._kept(content), filename=_name_of(content))
        try:
            return str((await send(message.address, upload, **rest)).message_id)
        except BadRequest as error:
            if not _says(error, _NOT_AS_THIS_KIND):
                raise
        upload = InputFile(self._kept(content), filename=_name_of(content))
        return str((await self._bot.send_document(message.address, upload, **rest)).message_id)

    async def _album(self, message: Outgoing) -> list[str]:
        files = message.content["files"]
        try:
            media = [_medium(one, None if one["remote_id"] else self._kept(one)) for one in files]
            sent = await self._bot.send_media_group(message.address, media)
        except BadRequest as error:
            # As for one file: the messenger forgot some of them, and ours outlive it.
            if not _says(error, _NO_SUCH_FILE) or not any(one["checksum"] for one in files):
                raise
            kept = [_medium(one, self._kept(one) if one["checksum"] else None) for one in files]
            sent = await self._bot.send_media_group(message.address, kept)
        return [str(one.message_id) for one in sent]

    def _kept(self, file: dict[str, Any]) -> bytes:
        checksum: str = file["checksum"]
        return (self._files / checksum[:2] / checksum).read_bytes()

    async def _picture(self, message: Outgoing) -> str:
        content = message.content
        sent = await self._bot.send_photo(
            message.address,
            InputFile(b64decode(content["png"]), filename="danhoi.png"),
            caption=content["html"],
            parse_mode=ParseMode.HTML,
            reply_markup=_keyboard(content["buttons"]),
            allow_paid_broadcast=message.paid or None,
        )
        return str(sent.message_id)

    async def _document(self, message: Outgoing) -> str:
        content = message.content
        sent = await self._bot.send_document(
            message.address,
            InputFile(
                b64decode(content["data"]) if "data" in content else self._kept(content),
                filename=content["name"],
            ),
            caption=content["html"],
            parse_mode=ParseMode.HTML,
            reply_markup=_keyboard(content["buttons"]),
            allow_paid_broadcast=message.paid or None,
        )
        return str(sent.message_id)

    async def _menu(self, message: Outgoing) -> None:
        await self._bot.set_my_commands(
            [BotCommand(name, description) for name, description in message.content["commands"]],
            scope=BotCommandScopeChat(message.address),
        )

    _send: dict[Kind, Callable[["TelegramChannel", Outgoing], Awaitable[str | None]]] = {
        Kind.TEXT: _text,
        Kind.EDIT: _edit,
        Kind.BUTTONS: _buttons,
        Kind.DELETE: _delete,
        Kind.FILE: _file,
        Kind.PICTURE: _picture,
        Kind.DOCUMENT: _document,
        Kind.MENU: _menu,
    }


def _number(message: Outgoing) -> int:
    """Return the id of the earlier message that this one changes, as Telegram's number."""
    assert message.message_id is not None
    return int(message.message_id)


def _previews(message: Outgoing) -> bool:
    """Whether apps may fetch and show the pages that a message links to."""
    return message.previews or bool(message.content.get("previews"))


def _page_previews(message: Outgoing) -> LinkPreviewOptions | None:
    return None if _previews(message) else LinkPreviewOptions(is_disabled=True)


def _name_of(file: dict[str, Any]) -> str:
    """Return the name under which a file goes out anew.

    A voice message has none, and needs an ending to be heard.
    """
    return file["name"] or {"voice": "tin-thoai.ogg", "photo": "anh.jpg"}.get(file["kind"], "tep")


def busy(error: RetryAfter) -> Busy:
    """Return for how long the messenger asks everybody to wait."""
    wait = error.retry_after
    return Busy(wait.total_seconds() if isinstance(wait, timedelta) else wait)


def _interrupted(error: NetworkError) -> Interrupted:
    """Translate a network error.

    A 5xx is an answer: the messenger did not take the message.
    """
    return Interrupted(error.message, may_have_arrived=isinstance(error, TimedOut | Unanswered))


def _keyboard(rows: list[list[list[str]]]) -> InlineKeyboardMarkup | None:
    if not rows:
        return None
    return InlineKeyboardMarkup([[InlineKeyboardButton(**key) for key in row] for row in _keys(rows)])


def _keys(rows: list[list[list[str]]]) -> list[list[dict[str, Any]]]:
    return [[{"text": label, _does(data): data} for label, data in row] for row in rows]


def _does(data: str) -> str:
    return "url" if opens_address(data) else "callback_data"


def _medium(file: dict[str, Any], upload: bytes | None = None) -> Medium:
    """Make one file of an album: as the messenger knows it, or uploaded again."""
    media: str | bytes = file["remote_id"] if upload is None else upload
    name = None if upload is None else file["name"] or "tep"
    kinds: dict[str, Callable[..., Medium]] = {
        "photo": InputMediaPhoto,
        "video": InputMediaVideo,
        "audio": InputMediaAudio,
    }
    return kinds.get(file["kind"], InputMediaDocument)(media, filename=name)


@contextmanager
def _understood() -> Iterator[None]:
    """Translate the messenger's errors into the channel's.

    A bad request may mean several things, and is passed on.
    """
    try:
        yield
    except RetryAfter as error:
        raise busy(error) from error
    except ChatMigrated as error:
        raise Moved(str(error.new_chat_id)) from error
    except Forbidden as error:
        raise Unreachable(error.message) from error
    except BadRequest:
        raise
    except NetworkError as error:
        if "too large" in error.message.lower():  # 413: the network works, the file is too large
            raise Rejected(error.message) from error
        raise _interrupted(error) from error
    except TelegramError as error:
        raise Rejected(error.message) from error


def _refused(error: BadRequest, message: Outgoing) -> Unreachable | Rejected:
    in_group = message.address.startswith("-")
    closed = _NO_SUCH_CHAT + (_MUTED + _NO_SUCH_TOPIC if in_group else ())
    return Unreachable(error.message) if _says(error, closed) else Rejected(error.message)


def _says(error: BadRequest, phrases: tuple[str, ...]) -> bool:
    return any(phrase in error.message.lower() for phrase in phrases)
