"""Two processes on one PostgreSQL behind one address: in order, once, and one goes on when the other is killed."""

import asyncio
import re
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import sqlalchemy as sa
from aiohttp import web

from bot.house.clocks import SystemClock
from domain.programme import Programme
from sandbox.client import Sandbox, User
from sandbox.http.server import serve
from sandbox.state.store import Store
from sandbox.state.world import World
from storage.engine.database import Database
from storage.tables import inbox
from tests.worlds.office import CODE, TOKEN, Office, ask, code_in

PARTS = 4  # messages in which everybody writes their question
AT_ONCE = 80  # people: each holds a connection to the messenger while they wait, and there are a hundred
PATIENCE = 300.0  # seconds: two hundred people at once on a busy machine wait for long


@dataclass
class Balancer:
    """One address for several processes: any update goes to any of them, and now and then to all at once."""

    ports: list[int]
    port: int = 0
    took: Counter[int] = field(default_factory=Counter)
    seen: int = 0
    many: asyncio.Event = field(default_factory=asyncio.Event)  # set after so many updates
    enough: int = 0

    async def forward(self, request: web.Request) -> web.Response:
        body, self.seen = await request.read(), self.seen + 1
        if self.seen == self.enough:
            self.many.set()
        headers = {name: request.headers[name] for name in request.headers if name.startswith("X-Telegram")}
        first = self.seen % len(self.ports)
        order = self.ports[first:] + self.ports[:first]
        async with aiohttp.ClientSession() as session:
            if self.seen % 5 == 0:  # as a balancer does that lost the first answer
                answers = await asyncio.gather(*(self._post(session, port, body, headers) for port in order))
                return web.Response(status=min(answers))
            for port in order:
                status = await self._post(session, port, body, headers)
                if status != 502:
                    return web.Response(status=status)
        return web.Response(status=502)

    async def _post(
        self, session: aiohttp.ClientSession, port: int, body: bytes, headers: dict[str, str]
    ) -> int:
        try:
            async with session.post(f"http://127.0.0.1:{port}/hook", data=body, headers=headers) as response:
                self.took[port] += response.status == 200
                return response.status
        except aiohttp.ClientError:
            return 502

    @asynccontextmanager
    async def listening(self) -> AsyncIterator["Balancer"]:
        app = web.Application()
        app.router.add_post("/hook", self.forward)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.port = runner.addresses[0][1]
        yield self
        await runner.cleanup()


@dataclass
class Pair:
    """Two offices on one database, one messenger, one address."""

    first: Office
    second: Office
    balancer: Balancer
    sandbox: Sandbox


@pytest.fixture
async def pair(tmp_path: Path, postgresql_url: str, unused_tcp_port_factory: Any) -> AsyncIterator[Pair]:
    world = World(Store(None), TOKEN, "sandbox_bot", "Sandbox Bot")
    ports = [unused_tcp_port_factory() for _ in range(2)]
    async with (
        serve(world, "127.0.0.1", 0) as messenger,
        Sandbox.connect(messenger) as sandbox,
        Balancer(ports).listening() as balancer,
    ):
        await sandbox.settings(webhook_first_retry_seconds=0.05)
        offices = []
        for number, port in enumerate(ports):
            folder = tmp_path / str(number)
            folder.mkdir()
            office = Office(folder, messenger, sandbox, postgresql_url)
            office.settings |= {
                "DANHOI_STORAGE__FILES": str(tmp_path / "files"),
                "DANHOI_TELEGRAM__MODE": "webhook",
                "DANHOI_TELEGRAM__WEBHOOK_URL": f"http://127.0.0.1:{balancer.port}/hook",
                "DANHOI_TELEGRAM__WEBHOOK_LISTEN": f"127.0.0.1:{port}",
                "DANHOI_TELEGRAM__WEBHOOK_SECRET": "bi-mat_1-that-nobody-guesses",
            }
            offices.append(office)
        await offices[0].start()
        await event(offices[0], "leads")
        await offices[1].start()
        await event(offices[1], "stands_by")
        yield Pair(offices[0], offices[1], balancer, sandbox)
        for office in offices:
            if office.process is not None:
                assert await office.stop() == 0, office.log()


async def event(office: Office, name: str, within: float = 60) -> float:
    """Wait until an office's log says so; how many seconds that took."""
    begun = time.monotonic()
    while f'"event": "{name}"' not in office.log():
        assert time.monotonic() < begun + within, office.log()
        await asyncio.sleep(0.05)
    return time.monotonic() - begun


async def question_in_parts(citizen: User) -> str:
    """A newcomer writes a question in several messages without waiting for an answer; returns its code."""
    for number in range(PARTS):
        await citizen.send(f"{citizen.name} hỏi về sổ đỏ ở xã Hòn Đất, phần {number}.")
    await citizen.wait_for("Đồng ý", since_action=False, timeout=PATIENCE)
    await asyncio.sleep(0.2)  # the prompt is renewed with each part
    await citizen.press("Đồng ý")
    await citizen.wait_for("cho biết họ và tên", timeout=PATIENCE)
    await citizen.send("Lê Thị Mai")
    await citizen.wait_for("cho biết địa chỉ", timeout=PATIENCE)
    await citizen.send("Ấp Đường Hòn, xã Hòn Đất")
    await citizen.wait_for("Bỏ qua", timeout=PATIENCE)
    await citizen.press("Bỏ qua")
    await citizen.wait_for("lĩnh vực nào", timeout=PATIENCE)
    await citizen.press("Đất đai")
    await citizen.wait_for("Gửi câu hỏi", timeout=PATIENCE)
    await citizen.press("Gửi câu hỏi")
    return code_in((await citizen.wait_for(CODE, timeout=PATIENCE)).text)


async def kill_after(pair: Pair, updates: int) -> float:
    """Pull the plug of the one that leads, after so many updates; how long it took the other to lead."""
    pair.balancer.enough = pair.balancer.seen + updates
    await pair.balancer.many.wait()
    await pair.first.kill()
    return await event(pair.second, "leads")


@pytest.mark.parametrize("people", [20, pytest.param(200, marks=pytest.mark.long)])
async def test_two_processes_work_as_one_and_one_goes_on_when_the_leader_is_killed(
    pair: Pair, postgresql_url: str, people: int
) -> None:
    editor = await pair.second.staff("Biên", "editor")
    citizens = [await pair.sandbox.user(f"Người{number}") for number in range(people)]
    killing = asyncio.create_task(kill_after(pair, people * 5))
    begun = time.monotonic()
    at_once = asyncio.Semaphore(AT_ONCE)

    async def ask_in_turn(citizen: User) -> str:
        async with at_once:
            return await question_in_parts(citizen)

    codes = await asyncio.gather(*map(ask_in_turn, citizens))
    took, taken_over = time.monotonic() - begun, await killing
    await pair.sandbox.settled()

    # Once: as many questions as people, their numbers without a gap.
    numbers = sorted(int(code[-6:]) for code in codes)
    assert numbers == list(range(numbers[0], numbers[0] + people))
    ledger = {row["code"]: row for row in await pair.second.command("questions", "--json")}
    assert sorted(ledger) == sorted(codes)
    # In order, and nothing twice: every question has its parts as they were written.
    for citizen, code in zip(citizens, codes, strict=True):
        assert re.findall(r"(\w+) hỏi .*?phần (\d)", ledger[code]["text"]) == [
            (citizen.name, str(number)) for number in range(PARTS)
        ]
        assert [row["event"] for row in ledger[code]["history"]] == ["received"]
    # What was in flight at the kill may come twice, nothing else.
    confirmed = {
        code: sum(message.from_bot and message.text.count(code) > 0 for message in await citizen.messages())
        for citizen, code in zip(citizens, codes, strict=True)
    }
    assert all(1 <= times <= 2 for times in confirmed.values())
    assert sum(times - 1 for times in confirmed.values()) <= 30
    # One chat gets its messages in the order in which they were caused.
    await editor.wait_for(max(codes), since_action=False, timeout=PATIENCE)
    cards = [code_in(message.text) for message in await editor.messages() if CODE.search(message.text)]
    assert list(dict.fromkeys(cards)) == sorted(codes)
    assert min(pair.balancer.took.values()) > people
    assert await _inbox_states(postgresql_url) == {"done"}
    print(
        f"\n{pair.balancer.seen} updates in {took:.1f} s, {dict(pair.balancer.took)} by port, "
        f"the other led {taken_over:.1f} s after the kill"
    )


async def test_ticks_and_broadcasts_are_of_one_process(pair: Pair) -> None:
    editor = await pair.first.staff("Biên", "editor")
    officer = await pair.second.staff("Cán", "officer", "SNNMT")
    code = await ask(await pair.sandbox.user("Mai"))
    await editor.send(f"/chuyen {code} SNNMT")
    await officer.wait_for(code)
    due = datetime.fromisoformat((await pair.second.question(code))["due_at"])
    morning = due.replace(hour=9).isoformat()
    ticks = await asyncio.gather(
        *(office.command("tick", "--now", morning, "--json") for office in (pair.first, pair.second))
    )
    assert sum(done["reminded"] for done in ticks) == 1
    assert [done["sent"] for done in ticks] == [0, 0]
    await officer.wait_for("Nhắc hạn")
    crowd = [await pair.sandbox.user(f"Ba {number}") for number in range(10)]
    for one in crowd:
        await one.send("/trogiup")
        await one.wait_for("/cuatoi")
    (pair.second.folder / "tin.txt").write_text("Lên sóng lúc 20:00", "utf-8")
    await pair.second.command("broadcast", "--text-file", "tin.txt", "--to", "all", "--json")
    for one in crowd:
        await one.wait_for("Lên sóng")
    await asyncio.sleep(1)
    for one in (*crowd, officer):
        texts = Counter(message.text for message in await one.messages() if message.from_bot)
        assert sum(times for text, times in texts.items() if "Lên sóng" in text) == 1
        assert sum(times for text, times in texts.items() if "Nhắc hạn" in text) == (one is officer)


async def test_who_led_before_stands_by_when_it_comes_back(pair: Pair) -> None:
    await pair.first.stop()
    assert await event(pair.second, "leads") < 5
    (pair.first.folder / "bot.log").write_text("", "utf-8")
    await pair.first.start()
    await event(pair.first, "stands_by")
    citizen = await pair.sandbox.user("Mai")
    await citizen.send("/trogiup")
    await citizen.wait_for("/cuatoi")


async def _inbox_states(url: str) -> set[str]:
    database = Database(url, clock=SystemClock(), programme=Programme())
    try:
        async with database.reading() as work:
            return {row.state for row in await work.all(sa.select(inbox.c.state).distinct())}
    finally:
        await database.close()
