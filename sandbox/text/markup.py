"""Keyboards: what the platform accepts as ``reply_markup``."""

import re
from collections.abc import Callable

from sandbox.errors import bad
from sandbox.shapes import Json
from sandbox.text.html import normal_link

MAX_CALLBACK_DATA = 64
"""Bytes of ``callback_data`` (Bot API documentation, ``InlineKeyboardButton``)."""
MAX_INLINE_BUTTONS = 100
"""Buttons under one message; more is refused by the platform's server."""
MAX_ROW = 8
"""Buttons in a row of an inline keyboard; the rest of a longer row is dropped by applications."""

_ACTIONS = (
    "url",
    "callback_data",
    "switch_inline_query",
    "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat",
    "login_url",
    "web_app",
    "copy_text",
    "pay",
    "callback_game",
)


def checked(markup: object, *, only_inline: bool = False) -> tuple[Json | None, Json | None]:
    """Split a valid ``reply_markup`` into (inline keyboard, anything else), or refuse it."""
    if markup is None or markup == {}:
        return None, None
    if not isinstance(markup, dict):
        raise bad("object expected as reply markup")
    if markup.get("keyboard"):
        if only_inline:
            raise bad("inline keyboard expected")
        return None, {**markup, "keyboard": _rows(markup["keyboard"], _reply_button, 'field "keyboard"')}
    if markup.get("inline_keyboard"):
        name = 'field "inline_keyboard" of the InlineKeyboardMarkup'
        rows = [row for row in _rows(markup["inline_keyboard"], _inline_button, name) if row]
        if sum(map(len, rows)) > MAX_INLINE_BUTTONS or any(len(row) > MAX_ROW for row in rows):
            raise bad("reply markup is too long")
        return ({"inline_keyboard": rows} if rows else None), None
    if "inline_keyboard" not in markup and only_inline:
        raise bad("inline keyboard expected")
    if markup.get("remove_keyboard") or markup.get("force_reply"):
        return None, markup
    return None, None


def _rows(rows: object, button: Callable[[object], Json], name: str) -> list[list[Json]]:
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad(f"{name} must be an Array of Arrays")
    return [[button(item) for item in row] for row in rows]


def _text(button: Json, kind: str) -> str:
    text = button.get("text")
    if not isinstance(text, str):
        raise bad(f"can't parse {kind.lower()}: Can't find field \"text\"")
    if not text.strip():
        raise bad(
            f"{kind} text must be non-empty".replace("Inline", "inline").replace("Keyboard b", "keyboard b")
        )
    return text


def _reply_button(item: object) -> Json:
    if isinstance(item, str):
        item = {"text": item}
    if not isinstance(item, dict):
        raise bad("can't parse keyboard button: KeyboardButton must be a String or an Object")
    return {**item, "text": _text(item, "Keyboard button")}


def _inline_button(item: object) -> Json:
    if not isinstance(item, dict):
        raise bad("can't parse inline keyboard button: InlineKeyboardButton must be an Object")
    text = _text(item, "Inline keyboard button")
    actions = [
        name
        for name in _ACTIONS
        if (item.get(name) is not None and item.get(name) != "")
        or (name.startswith("switch") and name in item)
    ]
    if not actions:
        raise bad("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
    if len(actions) > 1:
        # The platform takes one of them and ignores the others; the documentation demands exactly one.
        raise bad(
            f"can't parse inline keyboard button: exactly one action expected, found {', '.join(actions)}"
        )
    action = actions[0]
    value = item[action]
    if action == "callback_data":
        if (
            not isinstance(value, str)
            or not 1 <= len(value.encode("utf-8", "surrogatepass")) <= MAX_CALLBACK_DATA
        ):
            raise bad("BUTTON_DATA_INVALID")
    elif action == "url":
        value = _url(value)
    elif action == "copy_text":
        copied = value.get("text") if isinstance(value, dict) else None
        if not isinstance(copied, str) or not 1 <= len(copied) <= 256:
            raise bad("BUTTON_COPY_TEXT_INVALID")
    elif action in ("web_app", "login_url"):
        url = value.get("url") if isinstance(value, dict) else None
        if not isinstance(url, str) or not url.startswith("https://"):
            what = "Web App" if action == "web_app" else "login"
            raise bad(f"inline keyboard button {what} URL '{url}' is invalid: Only HTTPS links are allowed")
    return {"text": text, action: value}


def _url(value: object) -> str:
    link = normal_link(value) if isinstance(value, str) else None
    if link is None:
        raise bad(f"inline keyboard button URL '{value}' is invalid: Wrong HTTP URL")
    return re.sub(r"^http://(?=t\.me/)", "https://", link)
