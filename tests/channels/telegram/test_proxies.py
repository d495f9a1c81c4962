"""The messenger behind a proxy that the environment names: HTTP and SOCKS work, and what does not says why."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest

from bot.house.clocks import SystemClock
from bot.operator import doctor
from channels.outgoing import Interrupted, Kind, Outgoing
from channels.telegram import transport
from channels.telegram.transport import NotSent, proxy_for
from tests.channels.telegram.test_transport import Wire, say, wire
from tests.channels.telegram.test_trouble import telegram

__all__ = ["wire"]  # a fixture

NAMES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@dataclass
class Socks:
    """A SOCKS5 proxy (RFC 1928) that leads every address to one port of this machine."""

    leads_to: int
    port: int = 0
    asked: list[tuple[str, int]] = field(default_factory=list)
    password: tuple[bytes, bytes] | None = None

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._serve(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        _, ways = await reader.readexactly(2)
        await reader.readexactly(ways)
        writer.write(bytes([5, 2 if self.password else 0]))
        if self.password:
            _, length = await reader.readexactly(2)
            user = await reader.readexactly(length)
            (length,) = await reader.readexactly(1)
            right = (user, await reader.readexactly(length)) == self.password
            writer.write(bytes([1, 0 if right else 1]))
            if not right:
                return
        _, _, _, kind = await reader.readexactly(4)
        assert kind == 3, "a name is looked up by the proxy"
        (length,) = await reader.readexactly(1)
        name = (await reader.readexactly(length)).decode()
        self.asked.append((name, int.from_bytes(await reader.readexactly(2), "big")))
        to_reader, to_writer = await asyncio.open_connection("127.0.0.1", self.leads_to)
        writer.write(b"\x05\x00\x00\x01\x7f\x00\x00\x01\x00\x00")
        await asyncio.gather(_pass_on(reader, to_writer), _pass_on(to_reader, writer))


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while some := await reader.read(65536):
        writer.write(some)
        await writer.drain()
    writer.close()


@pytest.fixture
async def socks(wire: Wire, unused_tcp_port: int) -> AsyncIterator[Socks]:
    proxy = Socks(unused_tcp_port)
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    async with server:
        proxy.port = server.sockets[0].getsockname()[1]
        yield proxy


@pytest.mark.parametrize("name", ["http_proxy", "all_proxy", "HTTP_PROXY"])
@pytest.mark.parametrize("scheme", ["socks5", "socks5h", "SOCKS5"])
async def test_messages_go_through_a_socks_proxy(
    wire: Wire, socks: Socks, monkeypatch: pytest.MonkeyPatch, name: str, scheme: str
) -> None:
    monkeypatch.delenv("REQUEST_METHOD", raising=False)
    monkeypatch.setenv(name, f"{scheme}://127.0.0.1:{socks.port}")
    async with telegram("http://messenger.invalid") as channel:
        assert await say(channel) == "41"
        assert await say(channel) == "41"
    assert socks.asked == [("messenger.invalid", 80)]  # one connection for both
    assert len(wire.asked) == 2


async def test_a_socks_proxy_may_ask_who_comes(
    wire: Wire, socks: Socks, monkeypatch: pytest.MonkeyPatch
) -> None:
    socks.password = (b"danhoi", b"bi mat")
    monkeypatch.setenv("http_proxy", f"socks5://danhoi:bi%20mat@127.0.0.1:{socks.port}")
    async with telegram("http://messenger.invalid") as channel:
        assert await say(channel) == "41"
    monkeypatch.setenv("http_proxy", f"socks5://danhoi:sai@127.0.0.1:{socks.port}")
    async with telegram("http://messenger.invalid") as channel:
        with pytest.raises(Interrupted) as failed:
            await say(channel)
    assert f"at the proxy socks5://127.0.0.1:{socks.port}" in str(failed.value)
    assert "sai" not in str(failed.value)
    assert not failed.value.may_have_arrived


@pytest.mark.parametrize("scheme", ["http", "socks5", "socks4"])
async def test_a_proxy_that_is_away_is_named(
    unused_tcp_port: int, monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    monkeypatch.setenv("http_proxy", f"{scheme}://danhoi:mat@127.0.0.1:{unused_tcp_port}")
    async with telegram("http://messenger.invalid") as channel:
        with pytest.raises(Interrupted) as failed:
            await channel.deliver(Outgoing("7", Kind.TEXT, {"html": "a", "buttons": []}))
    assert str(failed.value).endswith(f"at the proxy {scheme}://127.0.0.1:{unused_tcp_port}")
    assert not failed.value.may_have_arrived


@pytest.mark.parametrize("proxy", ["ftp://127.0.0.1:9", "http://", "socks5://127.0.0.1:port", "http://:80"])
def test_a_proxy_that_nobody_can_use_is_refused_in_words(monkeypatch: pytest.MonkeyPatch, proxy: str) -> None:
    monkeypatch.setenv("https_proxy", proxy)
    with pytest.raises(NotSent, match="is none of http, https, socks4, socks5"):
        proxy_for("https://api.telegram.org/bot")


def test_the_environment_says_which_proxy_for_what(monkeypatch: pytest.MonkeyPatch) -> None:
    assert proxy_for("https://api.telegram.org/bot") is None
    monkeypatch.setenv("all_proxy", "socks5://10.0.0.1:1080")
    monkeypatch.setenv("http_proxy", "10.0.0.2:3128")
    monkeypatch.setenv("no_proxy", "bot.angiang.gov.vn")
    assert proxy_for("https://api.telegram.org/bot") == "socks5://10.0.0.1:1080"
    assert proxy_for("http://api.telegram.org/bot") == "http://10.0.0.2:3128"
    assert proxy_for("http://bot.angiang.gov.vn:8081/bot") is None


async def test_without_the_library_a_socks_proxy_is_refused_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "_socks_library", lambda: None)
    monkeypatch.setenv("http_proxy", "socks5://127.0.0.1:9")
    async with telegram("http://messenger.invalid") as channel:
        with pytest.raises(Interrupted, match="needs the library aiohttp-socks"):
            await say(channel)


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:9", "http://127.0.0.1:9", "ftp://127.0.0.1:9"])
async def test_the_doctor_says_in_a_sentence_which_proxy_it_is(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch, proxy: str
) -> None:
    monkeypatch.setenv("https_proxy", proxy)
    environment = {"DANHOI_TELEGRAM__TOKEN": "1:token", "DANHOI_STORAGE__URL": sqlite_url}
    found = await doctor.examine(None, environment, SystemClock())
    (said,) = [one for one in found if one.name == "messenger"]
    assert not said.ok
    assert said.says.startswith("cannot be reached: ")
    assert proxy in said.says
