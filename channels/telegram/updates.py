"""From what the messenger says has happened to python-telegram-bot's objects."""

from datetime import UTC, datetime
from typing import Any

from telegram import Bot, Chat, Message, Update, User

_WORDS_ALONE = {"message_id", "date", "chat", "from", "text"}


class _Settable:
    """python-telegram-bot asks at each of a message's hundred attributes whether it may be set: half of reading it."""

    __slots__ = ()
    __setattr__ = object.__setattr__


class _Message(_Settable, Message):
    __slots__ = ()


class _Chat(_Settable, Chat):
    __slots__ = ()


class _User(_Settable, User):
    __slots__ = ()


class _Update(_Settable, Update):
    __slots__ = ()


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
