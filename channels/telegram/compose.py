"""Cuts a message into parts that Telegram takes.

At paragraphs where it can, never inside a tag or an entity.
"""

import re
from html import unescape

TEXT_LIMIT = 4096  # Bot API, sendMessage: characters after entities parsing
CAPTION_LIMIT = 1024  # Bot API, sendPhoto: the same of a caption

_TOKEN = re.compile(r"<[^<>]*>|&(?:#\d+|#x[0-9a-fA-F]+|\w+);|\n+|[^\s<&]+|[^\S\n]+|[<&]")
_TAG = re.compile(r"<(/?)([a-zA-Z][\w-]*)")


def units(text: str) -> int:
    """Count a text's length as Telegram does: in UTF-16 code units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def split(html: str, limit: int = TEXT_LIMIT) -> list[str]:
    """Cut a message into parts of at most `limit` visible characters, each complete HTML.

    A tag that is open at a cut is closed there and opened again in the next part.
    """
    if units(html) <= limit:
        return [html]
    parts: list[str] = []
    part = _Part([])
    for token in _TOKEN.findall(html):
        for piece in _pieces(token, limit):
            while part.length + _visible(piece) > limit:
                rest = part.cut()
                parts.append(part.closed())
                part = _Part(part.open_at_cut)
                for again in rest:
                    part.add(again)
            part.add(piece)
    parts.append(part.closed())
    return [done for done in parts if done]


def _visible(token: str) -> int:
    return 0 if token.startswith("<") and len(token) > 1 else units(unescape(token))


def _pieces(token: str, limit: int) -> list[str]:
    """Cut a single word that is longer than a message."""
    if _visible(token) <= limit:
        return [token]
    step = limit // 2  # a character takes at most two units
    return [token[i : i + step] for i in range(0, len(token), step)]


class _Part:
    def __init__(self, reopen: list[str]) -> None:
        self.tokens = list(reopen)
        self.length = 0
        self.open: list[str] = list(reopen)
        self.open_at_cut: list[str] = []

    def add(self, token: str) -> None:
        tag = _TAG.match(token)
        if tag is not None and tag[1]:
            if self.open:
                self.open.pop()
        elif tag is not None:
            self.open.append(token)
        self.tokens.append(token)
        self.length += _visible(token)

    def cut(self) -> list[str]:
        """Shorten this part at the best place; return the tokens for the next."""
        for wanted in ("\n\n", "\n", " "):
            for at in range(len(self.tokens) - 1, len(self.tokens) // 2, -1):
                if self.tokens[at].startswith(wanted):
                    rest = self.tokens[at + 1 :]
                    self._keep(self.tokens[:at])
                    return rest
        self._keep(self.tokens)
        return []

    def _keep(self, tokens: list[str]) -> None:
        again = _Part([])
        for token in tokens:
            again.add(token)
        self.tokens, self.length = again.tokens, again.length
        self.open_at_cut = list(again.open)

    def closed(self) -> str:
        still_open: list[str] = []
        for token in self.tokens:
            tag = _TAG.match(token)
            if tag is not None:
                if tag[1]:
                    if still_open:
                        still_open.pop()
                else:
                    still_open.append(tag[2])
        text = "".join(self.tokens).strip()
        return text + "".join(f"</{name}>" for name in reversed(still_open)) if text else ""
