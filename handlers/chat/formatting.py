"""A person's own bold, italics and links as HTML for every messenger."""

import re
from collections.abc import Sequence
from dataclasses import replace
from html import escape

from channels.incoming import Message, Span, Style

_TAGS = {
    Style.BOLD: ("<b>", "</b>"),
    Style.ITALIC: ("<i>", "</i>"),
    Style.UNDERLINE: ("<u>", "</u>"),
    Style.STRIKETHROUGH: ("<s>", "</s>"),
    Style.SPOILER: ('<span class="tg-spoiler">', "</span>"),
    Style.CODE: ("<code>", "</code>"),
    Style.QUOTE: ("<blockquote>", "</blockquote>"),
    Style.LONG_QUOTE: ("<blockquote expandable>", "</blockquote>"),
}
_NO_PLACE = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")  # no database and no messenger takes them


def formatted(message: Message, words: str | None = None) -> tuple[str, str]:
    """Write a message's words as (HTML, plain text).

    `words`: only this end of `shown` counts (what follows a command). Nothing else is changed: what joins an emoji
    together is invisible, too.
    """
    text = message.shown.rstrip()
    words = text.lstrip() if words is None else words
    start = len(text) - len(words)
    inside = (
        replace(one, start=max(one.start - start, 0), end=min(one.end - start, len(words)))
        for one in message.spans
    )
    spans = sorted((one for one in inside if one.start < one.end), key=lambda one: (one.start, -one.end))
    return _NO_PLACE.sub("", _html(words, spans, 0, len(words))), _NO_PLACE.sub("", words)


def _html(text: str, spans: Sequence[Span], start: int, end: int) -> str:
    """Write the text between two places; the spans are sorted, an outer one before those inside it."""
    html, at = "", start
    for index, one in enumerate(spans):
        if one.start < at or one.start >= end:
            continue  # inside of one that is written already, or behind
        until = min(one.end, end)
        opened, closed = _TAGS.get(one.style) or (f'<a href="{escape(one.url)}">', "</a>")
        inner = _html(text, spans[index + 1 :], one.start, until)
        html += escape(text[at : one.start]) + opened + inner + closed
        at = until
    return html + escape(text[at:end])
