"""Real updates, changed at any place: other types, huge numbers, odd letters, parts that are missing, depth."""

import copy
from collections.abc import Iterator
from typing import Any

from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

HONEST, FORGER = 5_000_001, 6_000_001

_USER = {"id": FORGER, "is_bot": False, "first_name": "Lạ", "username": "la", "language_code": "vi"}
_CHAT = {"id": FORGER, "type": "private", "first_name": "Lạ"}
_MESSAGE = {
    "message_id": 7,
    "date": 1_793_600_000,
    "chat": _CHAT,
    "from": _USER,
    "text": "Đường ngập, bao giờ sửa?",
}
_PHOTO = {"file_id": "f", "file_unique_id": "u", "width": 9, "height": 9, "file_size": 1000}
_BOT = {"id": 1, "is_bot": True, "first_name": "Dân hỏi"}
REAL: list[dict[str, Any]] = [
    {"message": _MESSAGE},
    {
        "message": _MESSAGE
        | {"text": "/start abc", "entities": [{"type": "bot_command", "offset": 0, "length": 6}]}
    },
    {"message": _MESSAGE | {"text": "/tracuu DH-2026-000001"}},
    {"message": _MESSAGE | {"text": "/hoidap sổ đỏ"}},
    {"message": _MESSAGE | {"photo": [_PHOTO], "caption": "Ảnh", "media_group_id": "1"}},
    {
        "message": _MESSAGE
        | {"document": _PHOTO | {"file_name": "../../a.pdf", "mime_type": "application/pdf"}}
    },
    {"message": _MESSAGE | {"reply_to_message": _MESSAGE | {"from": _BOT}}},
    {"message": _MESSAGE | {"forward_origin": {"type": "user", "date": 1, "sender_user": _USER}}},
    {"message": _MESSAGE | {"contact": {"phone_number": "0901", "first_name": "A"}}},
    {"message": _MESSAGE | {"chat": {"id": -100, "type": "supergroup", "title": "Tổ"}, "text": "/nhom"}},
    {"edited_message": _MESSAGE | {"edit_date": 1_793_600_100}},
    {
        "callback_query": {
            "id": "1",
            "from": _USER,
            "chat_instance": "1",
            "data": "asg:1:2",
            "message": _MESSAGE | {"from": _BOT},
        }
    },
    {
        "my_chat_member": {
            "chat": _CHAT,
            "from": _USER,
            "date": 1,
            "old_chat_member": {"status": "member", "user": _BOT},
            "new_chat_member": {"status": "kicked", "user": _BOT, "until_date": 0},
        }
    },
    {"poll": {"id": "1"}},
    {"something_new": {"chat": _CHAT}},
]
_ODD = ["", "\x00", "\ud800", "\u202eđảo", "🇻🇳" * 50, "<b>&", "x" * 5000, "٣", "é" * 40, "/" * 300, "'; --"]


def _nested(depth: int) -> dict[str, Any]:
    deep: dict[str, Any] = {}
    for _ in range(depth):
        deep = {
            "reply_to_message": deep,
            "chat": {"id": FORGER, "type": "private"},
            "message_id": 1,
            "date": 1,
        }
    return deep


VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from([0, -1, 2**31, 2**63 - 1, 2**63, 2**200, -(2**64), 1.5, 1e308]),
    st.sampled_from(_ODD),
    st.text(max_size=20),
    st.just([]),
    st.just({}),
    st.just([[[[[[{}]]]]]]),
    st.integers(1, 200).map(_nested),
)


def places(body: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The ways to every part of an update."""
    inside = body.items() if isinstance(body, dict) else enumerate(body) if isinstance(body, list) else ()
    for key, part in inside:
        yield (*way, key)
        yield from places(part, (*way, key))


@st.composite
def updates(draw: st.DrawFn) -> dict[str, Any]:
    """A real update, with up to three of its parts changed, taken away or joined by another."""
    update: dict[str, Any] = copy.deepcopy(draw(st.sampled_from(REAL)))
    for _ in range(draw(st.integers(0, 3))):
        ways = list(places(update))
        if not ways:
            break
        *way, key = draw(st.sampled_from(ways))
        part: Any = update
        for step in way:
            part = part[step]
        if draw(st.booleans()):
            part[key] = copy.deepcopy(draw(VALUES))  # what was drawn is not to be changed
        elif isinstance(part, dict):
            del part[key]
    return update


def batches(many: int, number: int = 0) -> list[list[dict[str, Any]]]:
    """So many batches of changed updates, without ids; the same ones for the same number."""
    found: list[list[dict[str, Any]]] = []

    @seed(number)
    @settings(max_examples=many, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(updates(), min_size=3, max_size=10))
    def gather(batch: list[dict[str, Any]]) -> None:
        found.append(batch)

    gather()
    return found


def honest(text: str, number: int) -> dict[str, Any]:
    user = {"id": HONEST, "is_bot": False, "first_name": "Mai", "language_code": "vi"}
    chat = {"id": HONEST, "type": "private", "first_name": "Mai"}
    return {
        "message": {"message_id": number, "date": 1_793_600_000, "chat": chat, "from": user, "text": text}
    }
