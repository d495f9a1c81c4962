"""What is read of an update, whichever way it is read."""

from typing import Any

import pytest
from telegram import Bot, Update

from channels.telegram.updates import read_update

BOT = Bot("1:token")
MAI = {"id": 7, "is_bot": False, "first_name": "Mai", "language_code": "vi"}
CHAT = {"id": 7, "type": "private", "first_name": "Mai"}
WORDS = {"message_id": 3, "date": 1790000000, "chat": CHAT, "from": MAI, "text": "Bao giờ có sổ đỏ?"}


@pytest.mark.parametrize(
    "message",
    [
        WORDS,
        WORDS | {"text": "🇻🇳 <b>&amp;"},
        WORDS | {"chat": CHAT | {"last_name": "Lê", "username": "mai"}, "from": MAI | {"is_premium": True}},
        WORDS | {"entities": [{"type": "bot_command", "offset": 0, "length": 3}]},
        WORDS | {"reply_to_message": WORDS},
        WORDS | {"forward_origin": {"type": "user", "date": 1790000000, "sender_user": MAI}},
        {key: value for key, value in WORDS.items() if key != "text"}
        | {"location": {"longitude": 105, "latitude": 10}},
        {key: value for key, value in WORDS.items() if key != "from"},
    ],
)
def test_words_alone_are_read_as_everything_else_is(message: dict[str, Any]) -> None:
    raw = {"update_id": 5, "message": message}
    assert read_update(raw, BOT).to_dict() == Update.de_json(raw, BOT).to_dict()
    read = read_update(raw, BOT)
    assert read.message is not None
    assert read.message.get_bot() is BOT


@pytest.mark.parametrize(
    "message",
    [WORDS | {"date": "today"}, WORDS | {"chat": None}, WORDS | {"date": 1 << 80}, WORDS | {"from": [7]}],
)
def test_what_cannot_be_read_is_said_so(message: dict[str, Any]) -> None:
    with pytest.raises((TypeError, ValueError, OverflowError, AttributeError)):
        read_update({"update_id": 5, "message": message}, BOT)
