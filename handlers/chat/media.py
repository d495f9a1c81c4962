"""Files in a message: checked against limits, and noted for fetching."""

from dataclasses import replace

from channels.incoming import File, Message
from domain.errors import Reason, RuleViolation
from domain.vietnamese.text import clean
from handlers.chat.turn import Turn
from services.questions import allowance
from storage.delivery import files

MEGABYTE = 1 << 20
NAME_LIMIT = 255  # characters of a file's name that are kept: what apps show has to be looked at, too


def sent_file(message: Message) -> File | None:
    """Return a message's file with a name that may be shown; or None."""
    if not message.files:
        return None
    file = message.files[0]
    return replace(file, name=clean(file.name).replace("/", "_")[:NAME_LIMIT])


async def note_file(turn: Turn, message: Message) -> int | None:
    """Note a message's file, to be fetched after the commit.

    Raises `RuleViolation` for an empty one, and for what is over the limit: bots may not fetch more than 20 MB (Bot
    API, getFile).
    """
    sent = sent_file(message)
    if sent is None:
        return None
    if sent.size == 0:
        raise RuleViolation(Reason.FILE_EMPTY, name=sent.name)
    megabytes = turn.work.programme.file_megabytes
    if sent.size is not None and sent.size > megabytes * MEGABYTE:
        raise RuleViolation(Reason.FILE_TOO_BIG, limit=megabytes, name=sent.name)
    await allowance.take_file(turn.work, turn.actor)
    return await files.add(
        turn.work,
        person_id=turn.person.id,
        kind=sent.kind,
        remote_id=sent.remote_id,
        name=sent.name,
        content_type=sent.content_type[:127],
        size=sent.size,
    )


def text_of(message: Message) -> str | None:
    """Return a message's text or caption.

    None for a kind that carries neither text nor file.
    """
    text = message.text or message.caption
    if text is None and sent_file(message) is None:
        return None
    return clean(text or "")
