"""Answers to pressed buttons."""

import time

from sandbox.errors import bad
from sandbox.methods.registry import Params, method
from sandbox.state.world import World
from sandbox.text.entities import utf16_length

MAX_ANSWER = 200
"""Characters of a notice (Bot API documentation, ``answerCallbackQuery``)."""


@method("answerCallbackQuery")
async def answer_callback_query(world: World, params: Params) -> bool:
    """Answer a pressed button once, while it waits: with nothing, a toast or an alert."""
    query = world.queries.get(params.text("callback_query_id"))
    # Wall time on purpose: moving the demo's clock must not make people's presses stale.
    if (
        query is None
        or query["answered"]
        or time.time() - query["at"] > world.settings["query_lifetime_seconds"]
    ):
        raise bad("query is too old and response timeout expired or query ID is invalid")
    text = params.text("text")
    if utf16_length(text) > MAX_ANSWER:
        raise bad("MESSAGE_TOO_LONG")
    if params.text("url") and not params.text("url").startswith(f"https://t.me/{world.username}?"):
        raise bad("URL_INVALID")
    query["answered"] = True
    world.store.put("query", query["id"], query)
    toast = {
        "query_id": query["id"],
        "text": text,
        "alert": params.flag("show_alert"),
        "url": params.text("url"),
        "chat_id": query["chat_id"],
        "message_id": query["message_id"],
        "data": query["data"],
    }
    user = query["user_id"]
    toast["event"] = world.emit("answer", user_id=user, **toast)
    if text:
        world.toasts.setdefault(user, []).append(toast)
    return True
