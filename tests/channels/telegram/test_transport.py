"""How a message travels: as JSON, and through the proxy that the environment names."""

import json
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from channels.outgoing import Kind, Outgoing
from channels.telegram.channel import TelegramChannel
from tests.channels.telegram.test_trouble import telegram

TEXT = {"html": "Sổ đỏ <b>đã có</b>", "buttons": [[["Xem", "v:1"], ["Trang", "https://angiang.gov.vn"]]]}


class Wire:
    """Whoever is asked, for whatever address; keeps what came."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, bytes]] = []  # address, kind of body, body

    async def answer(self, request: web.Request) -> web.Response:
        self.asked.append((str(request.url), request.content_type, await request.read()))
        sent = {"message_id": 41, "date": 1764547200, "chat": {"id": 1, "type": "private"}}
        return web.json_response({"ok": True, "result": sent})


@pytest.fixture
async def wire(unused_tcp_port: int) -> AsyncIterator[Wire]:
    found = Wire()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", found.answer)
    async with TestServer(app, port=unused_tcp_port):
        yield found


async def say(channel: TelegramChannel) -> str | None:
    return await channel.deliver(Outgoing("7", Kind.TEXT, TEXT))


async def test_a_message_goes_as_json_and_its_id_comes_back(wire: Wire, unused_tcp_port: int) -> None:
    async with telegram(f"http://127.0.0.1:{unused_tcp_port}") as channel:
        assert await say(channel) == "41"
    ((_, kind, body),) = wire.asked
    assert kind == "application/json"
    assert json.loads(body) == {
        "chat_id": "7",
        "text": TEXT["html"],
        "parse_mode": "HTML",
        "link_preview_options": {"is_disabled": True},
        "reply_markup": {
            "inline_keyboard": [
                [{"text": "Xem", "callback_data": "v:1"}, {"text": "Trang", "url": "https://angiang.gov.vn"}]
            ]
        },
    }


@pytest.mark.parametrize("direct", [True, False])
async def test_what_is_silent_makes_no_sound(
    wire: Wire, unused_tcp_port: int, monkeypatch: pytest.MonkeyPatch, direct: bool
) -> None:
    monkeypatch.setattr("channels.telegram.channel.DIRECT", direct)
    async with telegram(f"http://127.0.0.1:{unused_tcp_port}") as channel:
        await channel.deliver(Outgoing("7", Kind.TEXT, TEXT | {"silent": True}))
        await say(channel)
    quiet, heard = [body for _, _, body in wire.asked if b"chat_id" in body]
    assert b"disable_notification" in quiet
    assert b"disable_notification" not in heard


async def test_where_the_environment_names_a_proxy_messages_go_through_it(
    wire: Wire, unused_tcp_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{unused_tcp_port}")
    monkeypatch.delenv("no_proxy", raising=False)
    async with telegram("http://messenger.invalid") as channel:
        assert await say(channel) == "41"
        assert await say(channel) == "41"
    assert {address.partition("/bot")[0] for address, _, _ in wire.asked} == {"http://messenger.invalid"}


async def test_and_past_it_where_the_environment_says_so(
    wire: Wire, unused_tcp_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    async with telegram(f"http://127.0.0.1:{unused_tcp_port}") as channel:
        assert await say(channel) == "41"
    assert len(wire.asked) == 1
