"""Nonsense and malice get a refusal, never a crash."""

from typing import Any

import pytest
from aiohttp import ClientSession

from sandbox.client import Sandbox
from tests.sandbox.conftest import TOKEN, Call


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"nonsense",
        b"[" * 100_000,
        b'{"text": "\\ud800"}',
        b'{"chat_id": 1e999}',
        b'{"chat_id": {"a": []}}',
    ],
)
async def test_any_body_is_answered(url: str, body: bytes) -> None:
    async with ClientSession() as session:
        headers = {"Content-Type": "application/json"}
        async with session.post(f"{url}/bot{TOKEN}/sendMessage", data=body, headers=headers) as response:
            assert response.status == 400
            assert (await response.json())["description"].startswith("Bad Request: ")
        async with session.post(f"{url}/sandbox/users", data=body, headers=headers) as response:
            assert response.status == 400


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("sendMessage", {"text": "x", "entities": [{"type": "bold", "offset": -1, "length": 1}]}),
        ("sendMessage", {"text": "x", "entities": "bold"}),
        ("sendMessage", {"text": "x", "reply_markup": {"inline_keyboard": "x"}}),
        ("sendMessage", {"text": "x", "reply_markup": {"keyboard": [[1]]}}),
        ("sendMessage", {"text": "x", "reply_parameters": []}),
        ("sendMediaGroup", {"media": [{"type": "photo", "media": {}}, 1]}),
        ("sendMediaGroup", {"media": "x"}),
        ("sendPhoto", {"photo": "http://169.254.169.254/"}),
        ("sendPhoto", {"photo": "attach://nothing"}),
        ("setMyCommands", {"commands": [1]}),
        ("setMyCommands", {"commands": [], "scope": {"type": "chat"}}),
        ("deleteMessages", {"message_ids": [None]}),
        ("sendLocation", {"latitude": "x"}),
        ("setChatMenuButton", {"menu_button": 3}),
        ("answerCallbackQuery", {}),
        ("copyMessage", {"from_chat_id": 1, "message_id": 1}),
    ],
)
async def test_odd_parameters_are_refused_or_harmless(
    sandbox: Sandbox, call: Call, method: str, params: dict[str, Any]
) -> None:
    minh = await sandbox.user("Minh")
    await minh.start()
    answer = await call(method, **{"chat_id": minh.id, **params})
    assert answer["ok"] is (method == "deleteMessages")
    assert answer.get("error_code", 400) == 400


@pytest.mark.parametrize("path", ["../../etc/passwd", "%2e%2e/%2e%2e/etc/passwd", "documents/file_99.txt"])
async def test_only_known_files_are_given_out(url: str, path: str) -> None:
    async with ClientSession() as session, session.get(f"{url}/file/bot{TOKEN}/{path}") as response:
        assert response.status == 404
    async with ClientSession() as session, session.get(f"{url}/page/{path}") as response:
        assert response.status in (403, 404)


async def test_a_dangerous_file_is_saved_and_never_shown(sandbox: Sandbox, url: str) -> None:
    minh = await sandbox.user("Minh")
    await minh.upload(b"<script>alert(1)</script>", name="x.html")
    (message,) = await minh.messages()
    async with ClientSession() as session, session.get(url + message.files[0].url) as response:
        assert response.content_type == "application/octet-stream"
        assert response.headers["Content-Disposition"] == "attachment"
        assert response.headers["X-Content-Type-Options"] == "nosniff"
