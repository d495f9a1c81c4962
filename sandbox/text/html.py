"""The ``HTML`` parse mode: a text with tags in, plain text and entities out.

Follows the published behaviour of TDLib's parser: the same tags, the same four named references, the
same complaints with offsets counted in bytes of UTF-8.
"""

import re
from dataclasses import dataclass

from sandbox.errors import ApiError, bad
from sandbox.shapes import Json
from sandbox.text.entities import utf16_length

_SIMPLE = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
}
_TAGS = {*_SIMPLE, "a", "code", "pre", "blockquote", "tg-emoji", "tg-time"}
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_REFERENCE = re.compile(r"&(?:#(?:x([0-9a-fA-F]+)|(\d+))|([a-zA-Z]+));?", re.ASCII)
_TAG_NAME = re.compile(r"[^\s>]*")
_SPACE = re.compile(r"\s*")
_ATTRIBUTE = re.compile(r"[^\s=>/\"']*")
_TOKEN = re.compile(r"[a-zA-Z0-9.-]*", re.ASCII)
_URL = re.compile(r"(?:(?:https?|ftp)://|tg:(?://)?|ton://)?[^\s]+", re.IGNORECASE)


@dataclass
class _Open:
    """A start tag that waits for its end."""

    tag: str
    argument: str
    offset: int
    parts: int


def decode_references(text: str) -> str:
    """Replace the references the platform knows; anything else stays as it was written."""
    return _REFERENCE.sub(_decoded, text)


def _decoded(match: re.Match[str]) -> str:
    hexadecimal, decimal, name = match.groups()
    if name:
        return _NAMED.get(name, match.group())
    number = int(hexadecimal, 16) if hexadecimal else int(decimal)
    if not 0 < number < 0x10FFFF or len(match.group().rstrip(";")) >= 10:
        return match.group()
    return chr(number)


def parse(source: str) -> tuple[str, list[Json]]:
    """Split a tagged text into plain text and entities; refuse what the platform refuses."""
    return _Parser(source).run()


class _Parser:
    def __init__(self, source: str) -> None:
        self.source = source
        self.at = 0
        self.parts: list[str] = []
        self.offset = 0
        self.open: list[_Open] = []
        self.entities: list[Json] = []

    def run(self) -> tuple[str, list[Json]]:
        while self.at < len(self.source):
            next_tag = self.source.find("<", self.at)
            end = len(self.source) if next_tag < 0 else next_tag
            if end > self.at:
                plain = decode_references(self.source[self.at : end])
                self.parts.append(plain)
                self.offset += utf16_length(plain)
                self.at = end
            elif self.source.startswith("</", self.at):
                self._end_tag()
            else:
                self._start_tag()
        if self.open:
            raise _complaint(f'Can\'t find end tag corresponding to start tag "{self.open[-1].tag}"')
        text = "".join(self.parts)
        try:
            text.encode()
        except UnicodeEncodeError:
            raise _complaint(
                "Text contains invalid Unicode characters after decoding HTML entities, check for unmatched "
                "surrogate code units"
            ) from None
        for entity in self.entities:
            if entity["type"] == "code":
                entity.pop("language", None)
        return text, sorted(self.entities, key=lambda entity: (entity["offset"], -entity["length"]))

    def _byte(self, position: int) -> int:
        return len(self.source[:position].encode("utf-8", "surrogatepass"))

    def _take(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self.source, self.at)
        assert match is not None, "every pattern here can match nothing"
        self.at = match.end()
        return match.group()

    def _peek(self) -> str:
        return self.source[self.at : self.at + 1]

    def _start_tag(self) -> None:
        begin = self.at
        where = f"at byte offset {self._byte(begin)}"
        self.at += 1
        tag = self._take(_TAG_NAME).lower()
        if not self._peek():
            raise _complaint(f"Unclosed start tag {where}")
        if tag not in _TAGS:
            raise _complaint(f'Unsupported start tag "{tag}" {where}')
        argument = self._attributes(tag, where)
        self.at += 1
        if tag == "span" and argument != "spoiler":
            raise _complaint(f'Tag "span" must have class "tg-spoiler" {where}')
        self.open.append(_Open(tag, argument, self.offset, len(self.parts)))

    def _attributes(self, tag: str, where: str) -> str:
        argument = ""
        while True:
            self._take(_SPACE)
            if self._peek() == ">":
                return argument
            name = self._take(_ATTRIBUTE)
            if not name:
                raise _complaint(f'Empty attribute name in the tag "{tag}" {where}')
            self._take(_SPACE)
            if self._peek() != "=":
                if not self._peek():
                    raise _complaint(f'Unclosed start tag "{tag}" {where}')
                if tag == "blockquote" and name == "expandable":
                    argument = "1"
                continue
            self.at += 1
            self._take(_SPACE)
            value = self._value(tag, where)
            if not self._peek():
                raise _complaint(f"Unclosed start tag {where}")
            argument = _argument(tag, name, value, argument)

    def _value(self, tag: str, where: str) -> str:
        quote = self._peek()
        if not quote:
            raise _complaint(f'Unclosed start tag "{tag}" {where}')
        if quote not in "'\"":
            begin = self.at
            value = self._take(_TOKEN).lower()
            if self._peek() and self._peek() != ">" and not self._peek().isspace():
                raise _complaint(f"Unexpected end of name token at byte offset {self._byte(begin)}")
            return value
        end = self.source.find(quote, self.at + 1)
        if end < 0:
            self.at = len(self.source)
            return ""
        value = decode_references(self.source[self.at + 1 : end])
        self.at = end + 1
        return value

    def _end_tag(self) -> None:
        where = f"at byte offset {self._byte(self.at)}"
        if not self.open:
            raise _complaint(f"Unexpected end tag {where}")
        self.at += 2
        tag = self._take(_TAG_NAME).lower()
        self._take(_SPACE)
        if self._peek() != ">":
            raise _complaint(f"Unclosed end tag {where}")
        self.at += 1
        opened = self.open[-1]
        if tag and tag != opened.tag:
            raise _complaint(f'Unmatched end tag {where}, expected "</{opened.tag}>", found "</{tag}>"')
        self.open.pop()
        if self.offset > opened.offset:
            self._close(opened)

    def _close(self, opened: _Open) -> None:
        span: Json = {"offset": opened.offset, "length": self.offset - opened.offset}
        last = self.entities[-1] if self.entities else None
        same = last is not None and (last["offset"], last["length"]) == (span["offset"], span["length"])
        if opened.tag in _SIMPLE:
            self.entities.append({**span, "type": _SIMPLE[opened.tag]})
        elif opened.tag == "blockquote":
            kind = "expandable_blockquote" if opened.argument else "blockquote"
            self.entities.append({**span, "type": kind})
        elif opened.tag == "tg-emoji":
            if not opened.argument.isdigit():
                raise _complaint("Invalid custom emoji identifier specified")
            self.entities.append({**span, "type": "custom_emoji", "custom_emoji_id": opened.argument})
        elif opened.tag == "a":
            url = opened.argument or "".join(self.parts[opened.parts :])
            self._link(span, url)
        elif (
            opened.tag == "pre"
            and same
            and last is not None
            and last["type"] == "code"
            and "language" in last
        ):
            last["type"] = "pre"
        elif opened.tag == "code" and same and last is not None and last["type"] == "pre" and opened.argument:
            last["language"] = opened.argument
        elif opened.tag in ("pre", "code"):
            language = {"language": opened.argument} if opened.argument else {}
            self.entities.append({**span, "type": opened.tag, **language})

    def _link(self, span: Json, url: str) -> None:
        mention = re.fullmatch(r"tg://user\?id=(\d+)", url)
        if mention:
            self.entities.append({**span, "type": "text_mention", "user": {"id": int(mention.group(1))}})
            return
        link = normal_link(url)
        if link:  # an impossible link silently leaves plain text, as on the platform
            self.entities.append({**span, "type": "text_link", "url": link})


def _argument(tag: str, name: str, value: str, before: str) -> str:
    """What an attribute makes of its tag's argument; attributes without a meaning change nothing."""
    if (tag, name) in (("a", "href"), ("tg-emoji", "emoji-id")):
        return value
    if (tag, name) == ("blockquote", "expandable"):
        return "1"
    prefix = {("code", "class"): "language-", ("span", "class"): "tg-"}.get((tag, name))
    return value.removeprefix(prefix) if prefix and value.startswith(prefix) else before


def normal_link(url: str) -> str | None:
    """A link as the platform would store it, or nothing when it can't be one."""
    if not _URL.fullmatch(url) or re.match(
        r"(?!https?:|ftp:|tg:|ton:)[a-z][a-z0-9+.-]*:(?!\d)", url, re.IGNORECASE
    ):
        return None
    if re.match(r"(tg|ton):", url, re.IGNORECASE):
        return url
    link = url if "://" in url else f"http://{url}"
    host = re.sub(r"^[a-z]+://(?:[^/@]*@)?", "", link, flags=re.IGNORECASE)
    host = re.split(r"[/?#]", host)[0]
    if "." not in host.split(":")[0] and not host.startswith("["):
        return None
    return link if re.search(r"[/?#]", link.split("://", 1)[1]) else f"{link}/"


def _complaint(words: str) -> ApiError:
    return bad(f"can't parse entities: {words}")
