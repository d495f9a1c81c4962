"""Message entities: UTF-16 arithmetic, detection in plain text, cleaning, and back to HTML."""

import re
from collections.abc import Iterator
from html import escape

from sandbox.errors import bad
from sandbox.shapes import Json

_DETECTED = [
    ("url", re.compile(r"(?:https?://|tg://)[^\s<>\"]*[^\s<>\".,;:!?)\]}'»…]", re.IGNORECASE)),
    ("email", re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+", re.ASCII)),
    (
        "url",
        re.compile(
            r"(?<![\w@./-])(?:[a-z0-9-]+\.)+(?:com|org|net|vn|me|info|gov|edu)(?![\w.-]*\w)"
            r"(?:/[^\s<>\"]*[^\s<>\".,;:!?)\]}'»…])?",
            re.IGNORECASE,
        ),
    ),
    (
        "bot_command",
        re.compile(r"(?<![\w/<>])/[a-zA-Z0-9_]{1,64}(?:@[a-zA-Z0-9_]{3,32})?(?![\w/])", re.ASCII),
    ),
    ("mention", re.compile(r"(?<![\w@])@[a-zA-Z]\w{3,31}(?!\w)", re.ASCII)),
    ("hashtag", re.compile(r"(?<![\w#&/])#(?=\w*[^\W\d])\w{1,256}")),
    ("phone_number", re.compile(r"(?<![\w+])\+\d{9,15}(?!\w)", re.ASCII)),
]

_TAGS = {
    "bold": "b",
    "italic": "i",
    "underline": "u",
    "strikethrough": "s",
    "spoiler": "tg-spoiler",
    "code": "code",
    "blockquote": "blockquote",
}

_OWN_FIELDS = {
    "text_link": "url",
    "text_mention": "user",
    "pre": "language",
    "custom_emoji": "custom_emoji_id",
}

_ENTITY_TYPES = {
    *_TAGS,
    "pre",
    "expandable_blockquote",
    "text_link",
    "text_mention",
    "custom_emoji",
    "mention",
    "hashtag",
    "cashtag",
    "bot_command",
    "url",
    "email",
    "phone_number",
}


def utf16_length(text: str) -> int:
    """Length in UTF-16 code units, the unit of every entity offset."""
    return len(text) + sum(character > "\uffff" for character in text)


def utf16_slice(text: str, offset: int, length: int) -> str:
    """The part of a text that an entity covers."""
    raw = text.encode("utf-16-le", "surrogatepass")[offset * 2 : (offset + length) * 2]
    return raw.decode("utf-16-le", "replace")


def split_text(text: str, limit: int) -> list[str]:
    """Cut a text into pieces of at most ``limit`` UTF-16 code units.

    Each in its second half. Telegram's own applications do this to what a person types: at the last blank line
    there, else at a line's end, a
    sentence's, a comma, a space; what stands between the pieces is trimmed away.
    """
    pieces = []
    while utf16_length(text) > limit:
        end, used = 0, 0
        for character in text:
            used += 2 if character > "\uffff" else 1
            if used > limit:
                break
            end += 1
        cut = next((place for place in _cuts(text, end) if place > end // 2), end)
        pieces.append(text[:cut].rstrip())
        text = text[cut:].lstrip()
    return [*pieces, text] if text else pieces


_ENDS = ("\n\n", "\n", ". ", ", ", " ")  # where applications cut rather than elsewhere, the best first


def _cuts(text: str, end: int) -> Iterator[int]:
    """The last place for each of these; a sign that ends a sentence stays with it."""
    for found in _ENDS:
        yield text.rfind(found, 1, end) + len(found.rstrip())


def _sort_key(entity: Json) -> tuple[int, int]:
    return entity["offset"], -entity["length"]


def with_detected(text: str, entities: list[Json]) -> list[Json]:
    """The given entities plus links, mentions, commands … that the text itself shows."""
    taken = [
        (entity["offset"], entity["offset"] + entity["length"])
        for entity in entities
        if entity["type"]
        not in (
            "bold",
            "italic",
            "underline",
            "strikethrough",
            "spoiler",
            "blockquote",
            "expandable_blockquote",
        )
    ]
    found = list(entities)
    for kind, pattern in _DETECTED:
        for match in pattern.finditer(text):
            begin = utf16_length(text[: match.start()])
            end = begin + utf16_length(match.group())
            if all(end <= other_begin or begin >= other_end for other_begin, other_end in taken):
                taken.append((begin, end))
                found.append({"offset": begin, "length": end - begin, "type": kind})
    return sorted(found, key=_sort_key)


def checked(raw: object) -> list[Json]:
    """Entities that the bot itself gave in a request, validated as the real one does."""
    if not isinstance(raw, list):
        raise bad("can't parse entities: expected an Array of MessageEntity")
    entities = []
    for item in raw:
        if not isinstance(item, dict):
            raise bad("can't parse MessageEntity: expected an Object")
        kind, offset, length = item.get("type"), item.get("offset"), item.get("length")
        for name, value in (("offset", offset), ("length", length)):
            if not isinstance(value, int) or isinstance(value, bool):
                raise bad(f'can\'t parse MessageEntity: Field "{name}" must be of type Number')
            if not 0 <= value <= 1_000_000:
                raise bad(f"receive an entity with incorrect {name} {value}")
        if kind not in _ENTITY_TYPES:
            raise bad("can't parse MessageEntity: Unsupported type specified")
        entity: Json = {"type": kind, "offset": offset, "length": length}
        own = _OWN_FIELDS.get(str(kind))
        if own and item.get(own):
            entity[own] = item[own]
        if kind == "text_link" and not isinstance(entity.get("url"), str):
            raise bad("can't parse MessageEntity: Can't find field \"url\"")
        entities.append(entity)
    return entities


def trimmed(text: str, entities: list[Json]) -> tuple[str, list[Json]]:
    """Drop blank edges, as the platform does, and move the entities along."""
    kept = text.rstrip()
    start = len(kept) - len(kept.lstrip(" \n"))
    shift, limit = utf16_length(kept[:start]), utf16_length(kept)
    moved = []
    for entity in entities:
        begin, end = max(entity["offset"], shift), min(entity["offset"] + entity["length"], limit)
        if begin < end:
            moved.append({**entity, "offset": begin - shift, "length": end - begin})
    return kept[start:], sorted(moved, key=_sort_key)


def to_html(text: str, entities: list[Json]) -> str:
    """Write a text with its entities as HTML, safe in a test or log."""
    opening: dict[int, list[str]] = {}
    closing: dict[int, list[str]] = {}
    for entity in sorted(entities, key=_sort_key):
        open_tag, close_tag = _tag(entity)
        if open_tag:
            opening.setdefault(entity["offset"], []).append(open_tag)
            closing.setdefault(entity["offset"] + entity["length"], []).insert(0, close_tag)
    parts, position = [], 0
    for character in text:
        parts += closing.pop(position, []) + opening.pop(position, [])
        parts.append(escape(character))
        position += 2 if character > "\uffff" else 1
    return "".join(parts + closing.pop(position, []))


def _tag(entity: Json) -> tuple[str, str]:
    kind = entity["type"]
    if kind in _TAGS:
        return f"<{_TAGS[kind]}>", f"</{_TAGS[kind]}>"
    if kind == "expandable_blockquote":
        return "<blockquote expandable>", "</blockquote>"
    if kind == "text_link":
        return f'<a href="{escape(str(entity["url"]))}">', "</a>"
    if kind == "pre":
        return "<pre>", "</pre>"
    return "", ""
