"""Files in a message: checked against limits, and noted for fetching."""

from dataclasses import replace

from channels.incoming import File, Message
from domain.errors import Reason, RuleViolation
from domain.vietnamese.text import clean
from handlers.chat.turn import Turn
from messages.notices.chat import Refusal
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


async def note_file(turn: Turn, message: Message, *, beside: int = 0) -> int | None:
    """Note a message's file, to be fetched after the commit.

    Returns its id, or None without one. `beside`: as many files are there already. A file that is refused costs the
    words beside it nothing: its sender hears of it, and None comes back. Raises `RuleViolation` for such a file
    without words.
    """
    sent = sent_file(message)
    if sent is None:
        return None
    try:
        if beside >= turn.work.programme.draft_files:
            raise RuleViolation(Reason.TOO_MANY_FILES, limit=turn.work.programme.draft_files)
        if sent.size == 0:
            raise RuleViolation(Reason.FILE_EMPTY, name=sent.name)
        await allowance.take_file(turn.work, turn.actor)
    except RuleViolation as violation:
        if not message.words:
            raise
        await turn.reply(Refusal(html=turn.words.refusal(violation)))
        return None
    return await files.add(
        turn.work,
        # Bots may not fetch more than 20 MB (Bot API, getFile), but pass on what the messenger has.
        fetched=sent.size is None or sent.size <= turn.work.programme.file_megabytes * MEGABYTE,
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
