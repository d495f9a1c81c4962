"""From what the messenger says has happened to python-telegram-bot's objects."""

from datetime import UTC, datetime
from typing import Any

from telegram import Bot, Chat, Message, Update, User

_WORDS_ALONE = {"message_id", "date", "chat", "from", "text"}


def read_update(raw: dict[str, Any], bot: Bot) -> Update:
    """One raw update; raises whatever python-telegram-bot does for what it can't read.

    A message of words alone, as nearly all are, is put together here: `Update.de_json` looks for ninety other things
    that a message may hold, which takes as long as answering it.
    """
    message = raw.get("message")
    if len(raw) != 2 or not isinstance(message, dict) or message.keys() != _WORDS_ALONE:
        return Update.de_json(raw, bot)
    read = Message(
        message["message_id"],
        datetime.fromtimestamp(message["date"], UTC),
        Chat.de_json(message["chat"], bot),
        from_user=User.de_json(message["from"], bot),
        text=message["text"],
    )
    read.set_bot(bot)
    update = Update(raw["update_id"], message=read)
    update.set_bot(bot)
    return update
