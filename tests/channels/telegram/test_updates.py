"""What is read of an update, whichever way it is read."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram import Bot, Update
from telegram.error import TelegramError

from channels.telegram.transport import AiohttpRequest
from channels.telegram.updates import read_json, read_update

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


_ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-1 << 63, (1 << 64) - 1)
    | st.floats(allow_nan=False)
    | st.text(st.characters(codec=None)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)


@given(said=_ANYTHING)
def test_what_the_messenger_says_is_read_as_the_standard_library_reads_it(said: Any) -> None:
    written = json.dumps({"text": said})
    assert read_json(written) == json.loads(written)
    assert read_json(written.encode()) == json.loads(written)


@pytest.mark.parametrize(
    ("said", "heard"),
    [
        (b'{"text": "\\ud83c"}', {"text": "\ud83c"}),
        (b'{"text": "\xff!"}', {"text": "\ufffd!"}),
        (b'{"id": 1e400}', {"id": float("inf")}),
        (b'{"id": 36893488147419103233}', {"id": float(1 << 65)}),
    ],
    ids=["half a character", "no UTF-8", "without end", "larger than any id"],
)
def test_odd_words_of_one_person_keep_nobody_elses_update_from_being_read(said: bytes, heard: object) -> None:
    assert AiohttpRequest.parse_json_payload(b'{"ok": true, "result": [' + said + b"]}")["result"] == [heard]


def test_an_answer_that_is_no_json_is_said_so_without_its_words() -> None:
    with pytest.raises(TelegramError) as caught:
        AiohttpRequest.parse_json_payload(b"<p>0901 234 567</p>")
    assert "0901" not in str(caught.value)
