"""From what the messenger says has happened to python-telegram-bot's objects."""

import json
from datetime import UTC, datetime
from typing import Any

import orjson
from telegram import Bot, Chat, Message, Update, User

_WORDS_ALONE = {"message_id", "date", "chat", "from", "text"}


class _Settable:
    """python-telegram-bot asks at each of a message's hundred attributes whether it may be set: half of reading it.

    Only where both are Python's own does it set them without looking for a method.
    """

    __slots__ = ()
    __setattr__ = object.__setattr__
    __delattr__ = object.__delattr__


class _Message(_Settable, Message):
    __slots__ = ()


class _Chat(_Settable, Chat):
    __slots__ = ()


class _User(_Settable, User):
    __slots__ = ()


class _Update(_Settable, Update):
    __slots__ = ()


def read_json(said: str | bytes) -> Any:
    """What the messenger says; raises ValueError or RecursionError.

    Halves of a character, as an app that cuts texts may send them, are JSON for the standard library alone, and what
    is no UTF-8 for neither: one character less is better than a batch that is never read. A whole number of more than
    64 bits, as no id is, becomes a float.
    """
    try:
        return orjson.loads(said)
    except ValueError:
        return json.loads(said if isinstance(said, str) else said.decode("utf-8", "replace"))


def read_update(raw: dict[str, Any], bot: Bot) -> Update:
    """One raw update; raises whatever python-telegram-bot does for what it can't read.

    A message of words alone, as nearly all are, is put together here: `Update.de_json` looks for ninety other things
    that a message may hold, which takes as long as answering it.
    """
    message = raw.get("message")
    if len(raw) != 2 or not isinstance(message, dict) or message.keys() != _WORDS_ALONE:
        return Update.de_json(raw, bot)
    read = _Message(
        message["message_id"],
        datetime.fromtimestamp(message["date"], UTC),
        _Chat.de_json(message["chat"], bot),
        from_user=_User.de_json(message["from"], bot),
        text=message["text"],
    )
    read.set_bot(bot)
    update = _Update(raw["update_id"], message=read)
    update.set_bot(bot)
    return update
