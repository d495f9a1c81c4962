"""A person's own bold, italics and links, as HTML that every messenger app takes."""

import re
from html import escape
from urllib.parse import urlsplit

from telegram import Message, MessageEntity

from channels.telegram.compose import units

# What a bot may send again as it came. Mentions and custom emoji stay as plain text: the first tell who somebody is,
# the second only bots with a bought name may send (Bot API, MessageEntity).
_KEPT = {
    MessageEntity.BOLD, MessageEntity.ITALIC, MessageEntity.UNDERLINE, MessageEntity.STRIKETHROUGH,
    MessageEntity.SPOILER, MessageEntity.CODE, MessageEntity.BLOCKQUOTE, MessageEntity.EXPANDABLE_BLOCKQUOTE,
    MessageEntity.TEXT_LINK,
}  # fmt: skip
_NO_PLACE = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")  # no database and no messenger takes them


def formatted(message: Message, words: str | None = None) -> tuple[str, str]:
    """(HTML, plain text) of a message's words; `words` where only that end of them counts (after a command).

    Nothing else is changed: what joins an emoji together is invisible, too.
    """
    text = (message.text or message.caption or "").rstrip()
    entities = message.entities or message.caption_entities
    words = text.lstrip() if words is None else words
    start = units(text[: len(text) - len(words)])
    kept = [
        shifted
        for shifted in (_shifted(one, start, units(words)) for one in entities if _may_stay(one))
        if shifted is not None
    ]
    # Of python-telegram-bot's HTML everything is escaped but addresses; those come escaped.
    html = Message(message.message_id, message.date, message.chat, text=words, entities=kept).text_html
    return _NO_PLACE.sub("", html), _NO_PLACE.sub("", words)


def _may_stay(entity: MessageEntity) -> bool:
    if entity.type != MessageEntity.TEXT_LINK:
        return entity.type in _KEPT
    try:
        parts = urlsplit(entity.url or "")
    except ValueError:
        return False
    return parts.scheme in ("https", "http") and bool(parts.hostname)


def _shifted(entity: MessageEntity, start: int, length: int) -> MessageEntity | None:
    """The part of an entity that lies within `length` units after `start`, counted from there."""
    begin = max(entity.offset - start, 0)
    end = min(entity.offset + entity.length - start, length)
    if begin >= end:
        return None
    url = None if entity.url is None else escape(entity.url)
    return MessageEntity(entity.type, begin, end - begin, url=url)
