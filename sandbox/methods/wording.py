"""Texts and captions in requests: parse modes, entities and lengths."""

from sandbox.errors import bad
from sandbox.methods.registry import Params
from sandbox.shapes import Json
from sandbox.text import entities, html

MAX_TEXT = 4096
MAX_CAPTION = 1024
"""Characters after entities parsing (Bot API documentation).

The platform's own sources count code points in one place and its server decides in another; the
sandbox takes the stricter reading, UTF-16 code units.
"""
MAX_SOURCE = 1 << 15
"""Bytes of a text before parsing (Bot API server)."""


def formatted(text: str, parse_mode: str, given: object) -> tuple[str, list[Json]]:
    """Text and entities of a request, trimmed, with links and commands detected."""
    if len(text.encode("utf-8", "surrogatepass")) > MAX_SOURCE:
        raise bad("text is too long")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise bad("strings must be encoded in UTF-8") from None
    text = text.replace("\r\n", "\n").replace("\r", "").replace("\x00", " ")
    mode = parse_mode.lower()
    if mode in ("", "none"):
        found = entities.checked(given) if given is not None else []
    elif mode == "html":
        text, found = html.parse(text)
    elif mode in ("markdown", "markdownv2"):
        raise bad(f"{parse_mode} is not supported by the sandbox; use HTML")
    else:
        raise bad("unsupported parse_mode")
    text, found = entities.trimmed(text, found)
    return text, entities.with_detected(text, found)


def message_text(params: Params) -> Json:
    """``text`` and ``entities`` of a message, or the platform's refusal."""
    if not params.text("text"):
        raise bad("message text is empty")
    text, found = formatted(
        params.text("text"), params.text("parse_mode"), params.json("entities", "entities")
    )
    if not text:
        raise bad("text must be non-empty")
    if entities.utf16_length(text) > MAX_TEXT:
        raise bad("message is too long")
    preview = params.json("link_preview_options", "link preview options")
    shown = {"link_preview_options": preview} if preview else {}
    return {"text": text, "entities": found, **shown} if found else {"text": text, **shown}


def caption(text: str, parse_mode: str, given: object) -> Json:
    """``caption`` and ``caption_entities``; nothing when the caption is empty."""
    text, found = formatted(text, parse_mode, given)
    if entities.utf16_length(text) > MAX_CAPTION:
        raise bad("message caption is too long")
    if not text:
        return {}
    return {"caption": text, "caption_entities": found} if found else {"caption": text}


def caption_of(params: Params) -> Json:
    """The caption that a request carries."""
    given = params.json("caption_entities", "caption entities")
    return caption(params.text("caption"), params.text("parse_mode"), given)
