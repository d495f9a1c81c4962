"""Who knocks at the ports without being the messenger: what they send is neither read nor waited for.

The real bot as a process. What it did is counted (bytes taken, processor time, lines of the log), never timed.
"""

import asyncio
import json
import os
import re
import socket
import struct
import time
import zlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import aiohttp
import pytest

from bot.house import http
from bot.loops.receiver import SECRET_HEADER
from sandbox.client import Sandbox
from sandbox.http.server import serve
from sandbox.state.store import Store
from sandbox.state.world import World
from tests.worlds.office import TOKEN, Office, ask

SECRET = "nobody-guesses-this-secret"
MEGABYTE = 1 << 20
LATEST = 120  # seconds for what happens at once, on a machine that does other things, too
GUESSED = (
    "",
    f"{SECRET_HEADER}: n\r\n",
    f"{SECRET_HEADER}: {SECRET[:-1]}\r\n",
)  # none, a letter, nearly right


def packed(megabytes: int) -> bytes:
    """1 KB of gzip for each megabyte of zeros; of one piece again and again, for it takes seconds to pack them."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    piece = packer.compress(bytes(MEGABYTE)) + packer.flush(zlib.Z_FULL_FLUSH)
    return b"\x1f\x8b\x08" + bytes(6) + b"\xff" + piece * megabytes


def cost_of_unpacking(body: bytes) -> float:
    """Seconds of the processor for unpacking it, piece by piece, here."""
    begun, unpacker = time.process_time(), zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)
    while unpacker.decompress(body, MEGABYTE):
        body = unpacker.unconsumed_tail
    return time.process_time() - begun


@pytest.fixture
async def bureau(tmp_path: Path, database_url: str) -> AsyncIterator[Office]:
    """An office whose bot isn't running yet."""
    world = World(Store(None), TOKEN, "sandbox_bot", "Sandbox Bot")
    async with serve(world, "127.0.0.1", 0) as messenger, Sandbox.connect(messenger) as sandbox:
        one = Office(tmp_path, messenger, sandbox, database_url)
        yield one
        if one.process is not None:
            assert await one.stop() == 0, one.log()


class Door:
    """The bot's ports, as strangers find them."""

    def __init__(self, office: Office, hook: int, calendar: int) -> None:
        self.office, self.hook, self.calendar = office, hook, calendar

    async def answers(self) -> None:
        """Somebody honest is answered, by the webhook."""
        citizen = await self.office.sandbox.user("Mai")
        await citizen.send("/trogiup")
        await citizen.wait_for("/hoi")

    def spent(self) -> float:
        """Seconds of the processor that the bot has taken so far."""
        assert self.office.process is not None
        fields = Path(f"/proc/{self.office.process.pid}/stat").read_text("utf-8").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    async def counted(self, name: str) -> float:
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"http://127.0.0.1:{self.calendar}/metrics") as answer,
        ):
            found = re.search(f"^{re.escape(name)} (.*)$", await answer.text(), re.MULTILINE)
            return float(found[1]) if found else 0.0


@asynccontextmanager
async def at_work(office: Office, before: Callable[[], None] | None = None) -> AsyncIterator[Door]:
    """The office's bot, which is called at a webhook and has a calendar."""
    ports = []
    for _ in range(2):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            ports.append(free.getsockname()[1])
    office.settings |= {
        "DANHOI_TELEGRAM__MODE": "webhook",
        "DANHOI_TELEGRAM__WEBHOOK_URL": f"http://127.0.0.1:{ports[0]}/hook",
        "DANHOI_TELEGRAM__WEBHOOK_LISTEN": f"127.0.0.1:{ports[0]}",
        "DANHOI_TELEGRAM__WEBHOOK_SECRET": SECRET,
        "DANHOI_HTTP__LISTEN": f"127.0.0.1:{ports[1]}",
    }
    await office.sandbox.settings(webhook_first_retry_seconds=0.05)
    await office.start(before)
    yield Door(office, *ports)


async def call(port: int, said: bytes) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection with a small buffer of its own, on which this is said."""
    with socket.socket() as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 16)
        line.setblocking(False)
        await asyncio.get_running_loop().sock_connect(line, ("127.0.0.1", port))
        reader, writer = await asyncio.open_connection(sock=line.dup())
    writer.write(said)
    await writer.drain()
    return reader, writer


async def until_cut(reader: asyncio.StreamReader) -> bytes:
    """All that is answered until the line is cut."""
    found = b""
    with suppress(ConnectionError):
        while some := await reader.read(1 << 16):
            found += some
    return found


async def pushed(port: int, head: str, piece: bytes, most: int) -> tuple[bytes, int]:
    """Send a body without end: (the answer, how many bytes of the body were taken until the line was cut)."""
    reader, writer = await call(port, head.encode())
    answer, sent = asyncio.create_task(until_cut(reader)), 0
    with suppress(ConnectionError):
        while sent < most:
            writer.write(piece)
            await writer.drain()
            sent += len(piece)
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()
    return await answer, sent


ENDLESS = "Transfer-Encoding: chunked\r\n\r\n"
LONG = "Content-Length: 99999999\r\n\r\n"
PIECE = b"8000\r\n" + bytes(0x8000) + b"\r\n"
SWALLOWED = 24 * MEGABYTE  # more than buffers hold between two programmes of this machine
OFFERED = 64 * MEGABYTE


async def test_of_a_body_that_nobody_asked_for_no_more_is_taken_than_lies_there_already(
    bureau: Office,
) -> None:
    async with at_work(bureau) as door, asyncio.timeout(LATEST):
        asked = (
            *((door.hook, f"POST /hook HTTP/1.1\r\nHost: x\r\n{secret}", 403) for secret in GUESSED),
            (door.hook, "POST /other HTTP/1.1\r\nHost: x\r\n", 404),
            (door.hook, "PUT /hook HTTP/1.1\r\nHost: x\r\n", 405),
            (door.hook, f"POST /hook HTTP/1.1\r\nHost: x\r\n{SECRET_HEADER}: {SECRET}\r\n", 413),
            (door.calendar, "GET /lich.ics HTTP/1.1\r\nHost: x\r\n", 200),
            (door.calendar, "POST /lich.ics HTTP/1.1\r\nHost: x\r\n", 405),
            (door.calendar, "GET /healthz HTTP/1.1\r\nHost: x\r\n", 200),
        )
        for rest, piece in (
            (ENDLESS, PIECE),
            (LONG, bytes(0x8000)),
            (f"Content-Encoding: gzip\r\n{LONG}", PIECE),
        ):
            found = await asyncio.gather(
                *(pushed(port, first + rest, piece, OFFERED) for port, first, _ in asked)
            )
            for (_, first, status), (answer, taken) in zip(asked, found, strict=True):
                assert answer.startswith(f"HTTP/1.1 {status} ".encode()), (first, rest, answer[:200])
                assert b"\r\nServer: danhoi\r\n" in answer
                assert b"\r\nConnection: close\r\n" in answer
                assert taken < SWALLOWED, (first, rest)
        await door.answers()


async def test_a_gigabyte_in_a_megabyte_is_refused_without_being_unpacked(bureau: Office) -> None:
    bomb = packed(1000)
    assert len(bomb) < 1.1 * MEGABYTE
    heads = [
        f"POST /hook HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n{secret}"
        f"Content-Encoding: gzip\r\nContent-Length: {len(bomb)}\r\n\r\n"
        for secret in GUESSED
    ]
    async with at_work(bureau) as door, asyncio.timeout(LATEST):
        before = door.spent()
        found = await asyncio.gather(*(pushed(door.hook, head, bomb, len(bomb)) for head in heads * 3))
        assert all(answer.startswith(b"HTTP/1.1 403 ") for answer, _ in found)
        spent, allowed = door.spent() - before, cost_of_unpacking(bomb)
        assert spent < allowed  # for one of the nine
        await door.answers()


async def test_with_the_secret_too_no_more_is_unpacked_than_an_update_may_have(bureau: Office) -> None:
    update = json.dumps({"update_id": 999_000_000, "message": {"text": "x" * 500_000}}).encode()
    bomb = packed(900)
    headers = {SECRET_HEADER: SECRET, "Content-Encoding": "gzip"}
    honest = zlib.compressobj(wbits=zlib.MAX_WBITS | 16)
    small = honest.compress(update) + honest.flush()
    async with at_work(bureau) as door, aiohttp.ClientSession() as session, asyncio.timeout(LATEST):
        before = door.spent()
        for body, status in ((small, 200), *[(bomb, 413)] * 8, (small[:-9], 400), (b"{}", 400)):
            async with session.post(
                f"http://127.0.0.1:{door.hook}/hook", data=body, headers=headers
            ) as answer:
                assert answer.status == status
        assert door.spent() - before < cost_of_unpacking(bomb)
        await door.answers()


# --- who says nothing, or half a word ---------------------------------------------------------------------------


def hasty() -> None:
    """In the bot's process: half a header is waited for a moment only."""
    http.HEADER_SECONDS = 0.5


def patient_and_full() -> None:
    """In the bot's process: nobody is sent away for being slow, and there is room for a few."""
    http.HEADER_SECONDS, http.MOST_CONNECTIONS = 3600.0, 20


HALVES = (b"", b"POST", b"POST /hook HTTP/1.1\r\nHost: x\r\nX-A: ", b"GET /lich.ics HTTP/1.1\r\n")


async def test_who_sends_half_a_header_is_not_waited_for(bureau: Office) -> None:
    async with at_work(bureau, hasty) as door, asyncio.timeout(LATEST):
        lines = [
            await call(port, HALVES[number % len(HALVES)])
            for port in (door.hook, door.calendar)
            for number in range(120)
        ]
        slow = [await call(door.hook, HALVES[2]) for _ in range(3)]
        dripping = [asyncio.create_task(drip(*line)) for line in slow]
        assert await asyncio.gather(*(until_cut(reader) for reader, _ in lines)) == [b""] * len(lines)
        await asyncio.gather(*dripping)  # a letter now and then makes it no longer
        for _, writer in lines:
            writer.close()
        await door.answers()


async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Send a letter again and again until the line is cut."""
    cut = asyncio.create_task(until_cut(reader))
    with suppress(ConnectionError):
        while not cut.done():
            writer.write(b"a")
            await writer.drain()
            await asyncio.sleep(0.05)
    await cut
    writer.close()


async def test_half_of_a_second_request_on_the_same_line_is_not_waited_for_either(bureau: Office) -> None:
    async with at_work(bureau, hasty) as door, asyncio.timeout(LATEST):
        said = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
        reader, writer = await call(door.calendar, said + said + HALVES[3])
        assert (await until_cut(reader)).count(b'{"alive": true}') == 2
        writer.close()


async def test_the_oldest_of_too_many_connections_makes_room(bureau: Office) -> None:
    async with at_work(bureau, patient_and_full) as door, asyncio.timeout(LATEST):
        lines = [await call(door.hook, HALVES[2]) for _ in range(60)]
        cut = [asyncio.create_task(until_cut(reader)) for reader, _ in lines]
        await door.answers()  # by now all of them are in
        lines.append(await call(door.hook, HALVES[2]))
        await asyncio.gather(*cut[: 60 - 20])
        assert not cut[-1].done()
        for _, writer in lines:
            writer.close()
        await asyncio.gather(*cut)


async def test_who_never_reads_the_answers_does_not_keep_the_bot_from_leaving(bureau: Office) -> None:
    async with at_work(bureau) as door:
        asks = b"GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
        _, writer = await call(door.calendar, b"")
        writer.transport.pause_reading()  # type: ignore[attr-defined]  # a transport that reads, too
        with suppress(TimeoutError):
            async with asyncio.timeout(3):  # by then all buffers are full
                while True:
                    writer.write(asks * 100)
                    await writer.drain()
        await ask(await bureau.sandbox.user("Mai"))
        assert await bureau.stop() == 0  # within the time that `stop` allows
        writer.transport.abort()


# --- what the log says of them ----------------------------------------------------------------------------------


async def test_many_wrong_secrets_are_counted_and_make_few_lines(bureau: Office) -> None:
    async with at_work(bureau) as door, aiohttp.ClientSession() as session:
        for number in range(300):
            headers = {SECRET_HEADER: f"guess-{number}"}
            async with session.post(
                f"http://127.0.0.1:{door.hook}/hook", data=b"{}", headers=headers
            ) as answer:
                assert answer.status == 403
        assert await door.counted('danhoi_http_refused_total{why="secret"}') == 300
        said = [json.loads(line) for line in bureau.log().splitlines() if "webhook_secret_wrong" in line]
        assert [one["times"] for one in said][:2] == [1, 2]
        assert len(said) <= 30  # 9 a minute at most
        assert "guess-" not in bureau.log()


async def test_what_is_no_http_is_answered_without_versions_and_makes_few_lines(bureau: Office) -> None:
    async with at_work(bureau) as door, asyncio.timeout(LATEST):
        for number in range(200):
            said = (b"\x16\x03\x01 hostile-%d\r\n\r\n", b"GET / HTTP/1.1\r\nhostile-%d\r\n\r\n")[number % 2]
            reader, writer = await call(door.hook, said % number)
            answer = await until_cut(reader)
            assert answer.startswith(b"HTTP/1.0 400 ")
            assert b"aiohttp" not in answer
            assert b"Python" not in answer
            writer.close()
        for said in (
            b"GET /healthz HTTP/9.9\r\n\r\n",
            b"GET /lich.ics HTTP/1.1\r\nX: " + b"a" * 20_000 + b"\r\n\r\n",
        ):
            reader, writer = await call(door.calendar, said)
            assert b"aiohttp" not in await until_cut(reader)
            writer.close()
        assert await door.counted('danhoi_http_refused_total{why="malformed"}') >= 100
        assert 1 <= bureau.log().count("http_malformed") <= 24
        for words in ("Traceback", "exception", "hostile-"):
            assert words not in bureau.log()


async def test_who_hangs_up_before_the_answer_makes_few_lines_and_is_not_named(bureau: Office) -> None:
    """Each was an error with its address and twenty frames."""
    head = b"POST /hook HTTP/1.1\r\nHost: x\r\n"
    async with at_work(bureau) as door, asyncio.timeout(LATEST):
        for number in range(100):
            more = (b"Content-Length: 9\r\n\r\n", b"Expect: 100-continue\r\nContent-Length: 9\r\n\r\n")[
                number % 2
            ]
            _, writer = await call(door.hook, head + more)
            line = writer.get_extra_info("socket")
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # cut, not closed
            writer.transport.abort()
        await door.counted("")  # by then those lines are dealt with
        assert await door.counted('danhoi_http_refused_total{why="gone"}') >= 1
        assert bureau.log().count("http_gone") <= 16
        for words in ("Error handling", "exception", '127.0.0.1", "level": "error'):
            assert words not in bureau.log()


async def test_who_watches_the_bot_has_a_port_of_their_own_and_the_calendar_has_nothing_else(
    bureau: Office, unused_tcp_port: int
) -> None:
    bureau.settings["DANHOI_HTTP__WATCH_LISTEN"] = f"127.0.0.1:{unused_tcp_port}"
    async with at_work(bureau) as door, aiohttp.ClientSession() as session:
        for path in ("/healthz", "/readyz", "/metrics", "/lich.ics"):
            for port, status in ((door.calendar, 404), (unused_tcp_port, 200)):
                expected = status if path != "/lich.ics" else 604 - status
                async with session.get(f"http://127.0.0.1:{port}{path}") as answer:
                    assert answer.status == expected, (path, port)


# --- without a secret of one's own ------------------------------------------------------------------------------


async def test_a_webhook_without_a_configured_secret_has_one_made_of_the_token(bureau: Office) -> None:
    async with at_work(bureau) as door:
        await bureau.stop()
        bureau.settings["DANHOI_TELEGRAM__WEBHOOK_SECRET"] = ""
        await bureau.start()
        await door.answers()
        async with aiohttp.ClientSession() as session:
            for given in ({}, {SECRET_HEADER: ""}, {SECRET_HEADER: "None"}, {SECRET_HEADER: SECRET}):
                async with session.post(
                    f"http://127.0.0.1:{door.hook}/hook", data=b"{}", headers=given
                ) as answer:
                    assert answer.status == 403
        await bureau.stop()
        await bureau.start()  # the messenger still knows the one from before: nothing is refused meanwhile
        await door.answers()


@pytest.mark.parametrize("secret", ["n", "a" * 23, "a" * 23 + " ", "a" * 257])
async def test_a_secret_that_can_be_guessed_is_refused_at_the_start(bureau: Office, secret: str) -> None:
    bureau.settings |= {"DANHOI_TELEGRAM__WEBHOOK_SECRET": secret}
    status, _, err = await bureau.call("run")
    assert status == 1
    assert "telegram.webhook_secret" in err
    assert "24" in err
    assert len(err.splitlines()) == 1
