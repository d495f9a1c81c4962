"""What comes in by polling or by the webhook, however broken: the process lives, and good messages are answered.

The real bot as a process. Each update that can be read is worked once; of what can't be, the log says so.
"""

import asyncio
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest
import sqlalchemy as sa
from aiohttp import web
from multidict import CIMultiDict

from bot.house.clocks import SystemClock
from bot.loops.receiver import SECRET_HEADER, received
from domain.programme import Programme
from sandbox.client import Sandbox, User
from sandbox.http.server import serve
from sandbox.state.store import Store
from sandbox.state.world import World
from storage.delivery.inbox import InboxState, Received
from storage.engine.database import Database
from storage.tables import inbox, outbox
from tests.campaigns.fuzz.raw import HONEST, batches, honest
from tests.worlds.office import TOKEN, Office

BATCHES = int(os.environ.get("DANHOI_FUZZ", "8"))
pytestmark = pytest.mark.timeout(300 + 10 * BATCHES)
SECRET = "bi-mat_1-that-nobody-guesses"
PATIENCE = 60.0
FIRST = 900_000_000  # far from the ids of the sandbox's own updates


def deep(levels: int, update_id: int) -> bytes:
    """An update with a message inside a message inside a message."""
    return (
        b'{"update_id":%d,"message":' % update_id
        + b'{"reply_to_message":' * levels
        + b"{}"
        + b"}" * levels
        + b"}"
    )


def long_number(update_id: int) -> bytes:
    """More digits than Python reads."""
    return b'{"update_id":%d,"message":{"message_id":%s}}' % (update_id, b"9" * 5000)


def numbered(number: int) -> tuple[list[dict[str, Any]], int]:
    """Changed updates with ids that follow each other, and between them commands of somebody honest, and how many."""
    found: list[dict[str, Any]] = []
    some = batches(BATCHES, number)
    for batch in some:
        found += [*batch, honest("/trogiup", len(found))]
    return [{"update_id": FIRST + index, **one} for index, one in enumerate(found)], len(some)


def in_halves(updates: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    return updates[: len(updates) // 2], updates[len(updates) // 2 :]


@dataclass
class Spoiler:
    """Stands between the bot and the messenger, and answers in its place what it has been given to answer."""

    messenger: str
    answers: asyncio.Queue[bytes] = field(default_factory=asyncio.Queue)
    address: str = ""
    session: aiohttp.ClientSession = field(init=False)

    async def forward(self, request: web.Request) -> web.Response:
        body = await request.read()
        if request.path.endswith("/getUpdates") and not self.answers.empty():
            answer = self.answers.get_nowait()
            self.answers.task_done()
            return web.Response(body=answer, content_type="application/json")
        kept: CIMultiDict[str] = CIMultiDict(
            (name, value) for name, value in request.headers.items() if name == "Content-Type"
        )
        async with self.session.request(
            request.method, self.messenger + request.path_qs, data=body, headers=kept
        ) as answered:
            found = await answered.read()
            return web.Response(
                body=found, status=answered.status, content_type=answered.content_type or "text/plain"
            )

    @asynccontextmanager
    async def between(self) -> AsyncIterator["Spoiler"]:
        app = web.Application(client_max_size=1 << 26)
        app.router.add_route("*", "/{rest:.*}", self.forward)
        runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=0.5)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.address = f"http://127.0.0.1:{runner.addresses[0][1]}"
        async with aiohttp.ClientSession() as self.session:
            yield self
        await runner.cleanup()

    async def all_given(self, office: Office) -> None:
        try:
            await asyncio.wait_for(self.answers.join(), PATIENCE)
        except TimeoutError:
            raise AssertionError(f"nobody asks any more\n{office.log()[-3000:]}") from None


@asynccontextmanager
async def running(
    folder: Path, url: str, settings: dict[str, str] | None = None
) -> AsyncIterator[tuple[Office, Spoiler]]:
    """A bot that runs behind a spoiler; in the end it stops as it should."""
    world = World(Store(None), TOKEN, "sandbox_bot", "Sandbox Bot")
    async with (
        serve(world, "127.0.0.1", 0) as messenger,
        Sandbox.connect(messenger) as sandbox,
        Spoiler(messenger).between() as spoiler,
    ):
        # However fast it is, what the honest one asks is answered, each time.
        unlimited = {"DANHOI_LIMITS__MESSAGES_PER_MINUTE": "0", "DANHOI_INTAKE__NOTIFY": "each"}
        office = Office(folder, spoiler.address, sandbox, url, unlimited | (settings or {}))
        await office.start()
        try:
            yield office, spoiler
            assert office.process is not None
            assert office.process.exitcode is None, office.log()
        finally:
            assert await office.stop() == 0, office.log()


@dataclass(frozen=True)
class Kept:
    """What became of the updates."""

    done: set[int]
    parked: set[int]
    answered: int  # commands of somebody honest


async def kept(url: str) -> Kept:
    """Wait until nothing waits any more; a look over a connection of its own."""
    database = Database(url, clock=SystemClock(), programme=Programme())
    try:
        async with asyncio.timeout(PATIENCE):
            while True:
                async with database.reading() as work:
                    rows = await work.all(sa.select(inbox.c.place, inbox.c.state))
                    said = await work.all(sa.select(outbox.c.content).where(outbox.c.address == str(HONEST)))
                by_state = {state: {row.place for row in rows if row.state == state} for state in InboxState}
                if not by_state[InboxState.WAITING]:
                    answers = sum("/cuatoi" in row.content.get("html", "") for row in said)
                    return Kept(by_state[InboxState.DONE], by_state[InboxState.PARKED], answers)
                await asyncio.sleep(0.05)
    finally:
        await database.close()


def said_of(office: Office, *events: str) -> set[int]:
    """The updates of which the log says that they can't be read, or worked."""
    lines = [json.loads(line) for line in office.log().splitlines() if line.startswith("{")]
    return {line["update_id"] for line in lines if line["event"] in events}


async def is_answered(citizen: User, office: Office) -> None:
    """One command, one answer."""
    before = len([one for one in await citizen.messages() if "/cuatoi" in one.text])
    await citizen.send("/trogiup")
    await citizen.wait_for("/cuatoi", timeout=PATIENCE)
    await office.sandbox.settled()
    answers = [one for one in await citizen.messages() if "/cuatoi" in one.text]
    assert len(answers) == before + 1, [one.text for one in answers]


def test_an_update_too_deep_to_be_written_down_is_kept_to_be_set_aside() -> None:
    inner: dict[str, Any] = {}
    for _ in range(5000):
        inner = {"reply_to_message": inner}
    assert received({"update_id": 7, "message": inner}) == Received("telegram", "7", 7, "", "")


async def test_whatever_polling_brings_is_worked_once_or_set_aside(tmp_path: Path, database_url: str) -> None:
    async with running(tmp_path, database_url) as (office, spoiler):
        mai = await office.sandbox.user("Mai")
        updates, honest_ones = numbered(1)
        readable = {one["update_id"] for one in updates}
        for batch in (json.dumps({"ok": True, "result": some}).encode() for some in in_halves(updates)):
            await spoiler.answers.put(batch)
            await spoiler.answers.put(batch)  # the answer was lost: the messenger gives it again
        await spoiler.all_given(office)
        await is_answered(mai, office)
        for answer in (
            b"",
            b'{"ok":true,"result":[{"update_id":7,"message":{"text":"a secret of mine"}}',
            b'{"ok":true,"result":{"update_id":1}}',
            b'{"ok":true,"result":[1,null,[],"x",{"update_id":"7"},{"update_id":-1},{"message":{}}]}',
            b'{"ok":true,"result":[{"update_id":%d}]}' % 2**70,
            b'{"ok":true,"result":[\xff\xfe]}',
            b'{"ok":true,"result":[%s]}' % deep(100_000, FIRST + 500_000),
            b'{"ok":true,"result":[%s]}' % long_number(FIRST + 500_001),
            b'{"ok":true,"result":[{"update_id":%d,"message":{"text":"%s"}}]}'
            % (FIRST + 500_002, b"x" * 3_000_000),
        ):
            await spoiler.answers.put(answer)
        await spoiler.all_given(office)
        # So deep that it can just be read, or just not any more: at which depth is for Python to say.
        for index, levels in enumerate(range(900, 1000, 20)):
            body = b'{"ok":true,"result":[%s]}' % deep(levels, FIRST + 600_000 + index)
            await spoiler.answers.put(body)
        await spoiler.all_given(office)
        await is_answered(mai, office)
        found = await kept(database_url)
        assert readable <= found.done | found.parked
        assert found.answered == honest_ones
        assert found.parked <= said_of(office, "update_unreadable", "update_failed")
        assert "a secret of mine" not in office.log()


@pytest.fixture
def port(unused_tcp_port_factory: Any) -> int:
    return int(unused_tcp_port_factory())


def hooked(port: int) -> dict[str, str]:
    return {
        "DANHOI_TELEGRAM__MODE": "webhook",
        "DANHOI_TELEGRAM__WEBHOOK_URL": f"http://127.0.0.1:{port}/hook",
        "DANHOI_TELEGRAM__WEBHOOK_LISTEN": f"127.0.0.1:{port}",
        "DANHOI_TELEGRAM__WEBHOOK_SECRET": SECRET,
    }


async def test_whatever_calls_the_webhook_is_worked_once_or_set_aside(
    tmp_path: Path, database_url: str, port: int
) -> None:
    async with running(tmp_path, database_url, hooked(port)) as (office, _), aiohttp.ClientSession() as http:
        hook = f"http://127.0.0.1:{port}/hook"
        mai = await office.sandbox.user("Mai")

        async def post(body: bytes, secret: str | None = SECRET, **headers: str) -> int:
            given = {} if secret is None else {SECRET_HEADER: secret}
            async with http.post(hook, data=BytesIO(body), headers=given | headers) as answer:
                return answer.status

        readable = set()
        updates, honest_ones = numbered(2)
        for one in updates:
            readable.add(one["update_id"])
            body = json.dumps(one).encode()
            assert await post(body) == await post(body, **{"Content-Type": "text/plain"}) == 200
        await is_answered(mai, office)

        forged = json.dumps({"update_id": FIRST + 700_000, "message": {}}).encode()
        for secret in (None, "", "wrong", SECRET[:-1], SECRET + "x", SECRET.upper(), "\xe9" * 9):
            assert await post(forged, secret) == 403, secret
        for body in (
            *(b"", b"{", b"[]", b"null", b"7", b'"x"', b"\xff\xfe", b'{"update_id":1', b"[" * 200_000),
            *(b'{"update_id":-1}', b'{"update_id":true}', b'{"update_id":1e9}', b'{"update_id":%d}' % 2**64),
            *(deep(20_000, FIRST + 700_001), long_number(FIRST + 700_002)),
            *(deep(levels, FIRST + 800_000 + levels) for levels in range(900, 1000, 20)),
        ):
            assert await post(body) == 200, body[:60]  # said otherwise it would come again for ever
        assert await post(b'{"update_id":5,"x":"' + b"x" * (1 << 20) + b'"}') == 413
        assert await post(b"x", **{"Content-Encoding": "gzip"}) in (200, 400)
        async with http.get(hook) as answer:
            assert answer.status == 405
        async with http.post(hook + "/other", data=forged, headers={SECRET_HEADER: SECRET}) as answer:
            assert answer.status == 404
        await broken_off(hook, forged)

        await is_answered(mai, office)
        found = await kept(database_url)
        assert readable <= found.done | found.parked
        assert found.answered == honest_ones
        assert FIRST + 700_000 not in found.done | found.parked, "taken from a forger"
        assert found.parked <= said_of(office, "update_unreadable", "update_failed")


async def broken_off(hook: str, body: bytes) -> None:
    """Callers who promise more than they send, who speak no HTTP, or who say nothing at all."""
    place = urlsplit(hook)
    head = f"POST {place.path} HTTP/1.1\r\nHost: x\r\n{SECRET_HEADER}: {SECRET}\r\n"
    for said in (
        f"{head}Content-Length: {len(body) + 100}\r\n\r\n".encode() + body,
        f"{head}Transfer-Encoding: chunked\r\n\r\nzz\r\n".encode(),
        f"{head}Content-Length: -5\r\n\r\n".encode(),
        b"\x16\x03\x01\x02\x00\x01",
        b"",
    ):
        _, writer = await asyncio.open_connection(place.hostname, place.port)
        writer.write(said)
        await writer.drain()
        writer.close()
        await writer.wait_closed()
