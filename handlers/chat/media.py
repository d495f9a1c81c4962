"""Files in a message: what the messenger calls them, checked against its limits, noted for fetching."""

from dataclasses import dataclass

from telegram import Message

from domain.errors import Reason, RuleViolation
from domain.vietnamese.text import clean
from handlers.chat.context import Context
from services.questions import allowance
from storage.delivery import files

MEGABYTE = 1 << 20
NAME_LIMIT = 255  # characters of a file's name that are kept: what apps show has to be looked at, too


@dataclass(frozen=True)
class Sent:
    """One file as the messenger describes it. `size` is in bytes, where told."""

    kind: str
    remote_id: str
    name: str
    content_type: str
    size: int | None


def sent_file(message: Message) -> Sent | None:
    """The file a message carries, or None."""
    if message.photo:
        largest = message.photo[-1]
        return Sent("photo", largest.file_id, "", "image/jpeg", largest.file_size)
    if message.voice:
        voice = message.voice
        return Sent("voice", voice.file_id, "", voice.mime_type or "audio/ogg", voice.file_size)
    for kind in ("document", "video", "audio", "video_note"):
        body = getattr(message, kind)
        if body is not None:
            return Sent(
                "document" if kind == "video_note" else kind,
                body.file_id,
                clean(_name(body)).replace("/", "_")[:NAME_LIMIT],
                getattr(body, "mime_type", None) or "application/octet-stream",
                body.file_size,
            )
    return None


def _name(body: object) -> str:
    """What an app shows of a file; of a recording that is its title, before the name."""
    shown = (getattr(body, one, None) for one in ("performer", "title", "file_name"))
    return " - ".join(one for one in shown if one)


async def note_file(context: Context, message: Message) -> int | None:
    """Note a message's file, to be fetched after the commit; returns its id, or None without a file.

    Raises `RuleViolation` for what is over the limit: bots may not fetch more than 20 MB (Bot API, getFile).
    """
    sent = sent_file(message)
    if sent is None:
        return None
    megabytes = context.work.programme.file_megabytes
    if sent.size is not None and sent.size > megabytes * MEGABYTE:
        raise RuleViolation(Reason.FILE_TOO_BIG, limit=megabytes, name=sent.name)
    await allowance.take_file(context.work, context.actor)
    return await files.add(
        context.work,
        person_id=context.person.id,
        kind=sent.kind,
        remote_id=sent.remote_id,
        name=sent.name,
        content_type=sent.content_type[:127],
        size=sent.size,
    )


def text_of(message: Message) -> str | None:
    """A message's words: its text, or its caption; None for a kind that carries neither text nor file."""
    text = message.text or message.caption
    if text is None and sent_file(message) is None:
        return None
    return clean(text or "")
