"""Measures a message until its answer, beside an echo bot that keeps nothing.

The whole bot, durable. Both are processes of their own and talk to the same kind of fast local messenger
(bench.messenger), a process too; they take turns, so that a busy machine is busy for both. The peer is
python-telegram-bot as it comes.
"""

import asyncio
import os
import socket
import statistics
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import aiohttp
import sqlalchemy as sa

from bench.ledger import addresses
from bench.many import analyze, fill
from bench.messenger import TEXT
from bot.house.clocks import SystemClock
from domain.programme import Programme
from services.broadcasts import broadcasts
from storage.engine.database import Database
from storage.engine.migrate import migrate
from storage.tables import people

ROOT = Path(__file__).parents[1]
CITIZENS = 30_000  # known to the bot; each writes once
MESSAGES = 1000  # of a turn
TURNS = 3
PATIENCE = 120  # seconds for a turn
LEDGERS = (1_000, 100_000, 1_000_000)
FIRST = 10_000_000  # the first of the citizens' chats
LONGEST_TURN = 10  # seconds, of those that measure how long answers take
UNLOADED = 20.0  # messages a second
SECRET = "bench-secret-0123456789-abc"
# What a message begins: a question, with its draft and its card, or nothing (there is nothing to cancel).
TEXTS = {"question": TEXT, "command": "/huy"}
# (how it receives, the messenger's latency in ms, the peer's mode)
CASES = (("polling", 0, "polling"), ("polling", 50, "concurrent"), ("webhook", 0, "webhook"))


@dataclass
class Side:
    """One bot with its messenger."""

    url: str
    session: aiohttp.ClientSession
    pid: int
    next_chat: int = 0
    rates: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)  # milliseconds of the bot's processor a message
    messenger: list[float] = field(default_factory=list)  # how much of the time its messenger computed

    def begin(self) -> None:
        """Forget the turns so far."""
        for noted in (self.rates, self.cpu, self.messenger):
            noted.clear()

    async def noted_turn(self, count: int, **how: Any) -> None:
        found = await self.turn(count, **how)
        self.rates.append(found["rate"])
        self.cpu.append(found["cpu_ms"])
        self.messenger.append(found["messenger"])

    async def turn(
        self,
        count: int,
        *,
        rate: float = 0,
        latency: float = 0,
        text: str = TEXT,
        before: Sequence[tuple[int, str]] = (),
    ) -> dict[str, Any]:
        """Send so many messages of as many citizens; wait for each answer.

        `before`: (chat, text) of others, sent first.
        """
        processor_before = processor_seconds(self.pid)
        messenger_before = (await self._control("result", {}))["cpu_seconds"]
        wanted = {
            "first": FIRST + self.next_chat,
            "count": count,
            "rate": rate,
            "latency": latency,
            "text": text,
            "before": list(before),
        }
        self.next_chat += count
        await self._control("load", wanted)
        async with asyncio.timeout(PATIENCE):
            while True:
                await asyncio.sleep(0.1)
                found = await self._control("result", {})
                if found["answered"] >= count:
                    break
        found["rate"] = count / found["seconds"]
        found["cpu_ms"] = (processor_seconds(self.pid) - processor_before) / count * 1000
        found["messenger"] = (found["cpu_seconds"] - messenger_before) / found["seconds"]
        return found

    async def started(self, mode: str) -> None:
        """Wait until this bot receives."""
        async with asyncio.timeout(PATIENCE):
            while True:
                await asyncio.sleep(0.1)
                found = await self._control("result", {})
                if found["webhook"] if mode == "webhook" else found["asked"]:
                    return

    async def _control(self, name: str, body: dict[str, Any]) -> dict[str, Any]:
        async with self.session.post(f"{self.url}/control/{name}", json=body) as response:
            return dict(await response.json())


def processor_seconds(pid: int) -> float:
    """Return the processor time a process has used, its threads included."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text("ascii").rsplit(")", 1)[1].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_mb(pid: int) -> float:
    """Return the memory a process holds; 0 where the system does not tell."""
    try:
        pages = Path(f"/proc/{pid}/statm").read_text("ascii").split()[1]
    except OSError:
        return 0.0
    return int(pages) * os.sysconf("SC_PAGE_SIZE") / 2**20


async def run() -> list[dict[str, Any]]:
    """Measure each way of receiving; return ratios of the medians of turns."""
    missing = [name for name in ("sniffio", "tornado") if find_spec(name) is None]
    if missing:
        return [{"benchmark": "answering", "not_run": f"the peer needs {' and '.join(missing)}"}]
    async with addresses() as databases:
        found = []
        for kind, address in databases:
            for mode, latency_ms, peer_mode in CASES if kind == "sqlite" else CASES[:1]:
                url = await address(f"answering_{mode}_{latency_ms}")
                rows = await compare(url, mode, latency_ms, peer_mode)
                found += [{"benchmark": row.pop("benchmark"), "database": kind} | row for row in rows]
    return found


async def run_ledgers() -> list[dict[str, Any]]:
    """Measure the same path by the ledger's size, on SQLite.

    Ratios of processor time and of all time.
    """
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="dh-bench-")))
        session = await stack.enter_async_context(aiohttp.ClientSession())
        sides = []
        for size in LEDGERS:
            database = f"sqlite+aiosqlite:///{folder}/{size}.db"
            await prepare(database, citizens=(TURNS + 2) * MESSAGES, ledger=size)
            url = await stack.enter_async_context(messenger())
            pid = await stack.enter_async_context(bot(url, database, folder))
            sides.append(Side(url, session, pid))
            await sides[-1].started("polling")
        for _ in range(TURNS + 2):
            for side in sides:
                await side.noted_turn(MESSAGES)
        rate, cpu = (statistics.median(values[1:]) for values in (sides[0].rates, sides[0].cpu))
        return [
            {
                "benchmark": "answering with a ledger",
                "questions": size,
                "per_second": round(statistics.median(side.rates[1:])),
                "cpu_ms": round(statistics.median(side.cpu[1:]), 2),
                "slower": round(rate / statistics.median(side.rates[1:]), 2),
                "slower_cpu": round(statistics.median(side.cpu[1:]) / cpu, 2),
            }
            for size, side in zip(LEDGERS, sides, strict=True)
        ]


async def run_broadcast() -> list[dict[str, Any]]:
    """Measure a broadcast without limits, beside a bare loop on the same transport."""
    ours: list[tuple[float, float]] = []
    loop: list[tuple[float, float]] = []
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="dh-bench-")))
        session = await stack.enter_async_context(aiohttp.ClientSession())
        address = f"sqlite+aiosqlite:///{folder}/danhoi.db"
        await prepare(address, citizens=MESSAGES)
        database = Database(address, clock=SystemClock(), programme=Programme())
        for _ in range(TURNS + 1):
            # Each turn a process and a messenger of its own: who is idle costs nothing.
            async with messenger() as url, bot(url, address, folder) as pid:
                await asyncio.sleep(4)  # it has started
                before = processor_seconds(pid)
                async with database.work() as work:
                    await broadcasts.compose(work, None, html=TEXT, audience="all")
                span = await _until_sent(session, url)
                ours.append((MESSAGES / span, (processor_seconds(pid) - before) / MESSAGES * 1000))
            async with messenger() as url, process("-m", "bench.echo", url, "loop", str(MESSAGES)) as pid:
                span = await _until_sent(session, url)
                loop.append((MESSAGES / span, processor_seconds(pid) / MESSAGES * 1000))
        await database.close()
    rate, cpu = (statistics.median(values) for values in zip(*ours[1:], strict=True))
    loop_rate, loop_cpu = (statistics.median(values) for values in zip(*loop[1:], strict=True))
    return [
        {
            "benchmark": "broadcast without limits",
            "recipients": MESSAGES,
            "per_second": round(rate),
            "loop_per_second": round(loop_rate),
            "ratio": round(rate / loop_rate, 2),
            "cpu_ms": round(cpu, 2),
            "loop_cpu_ms": round(loop_cpu, 2),
        }
    ]


async def _until_sent(session: aiohttp.ClientSession, url: str) -> float:
    """Return the seconds from the first to the last message."""
    async with asyncio.timeout(PATIENCE):
        while True:
            await asyncio.sleep(0.1)
            async with session.post(f"{url}/control/result", json={}) as response:
                found = await response.json()
            if found.get("sent", 0) >= MESSAGES:
                return float(found["span"])


async def compare(url: str, mode: str, latency_ms: int, peer_mode: str) -> list[dict[str, Any]]:
    """Measure both bots' throughput, for each kind of message.

    Then how long a question waits, unloaded and at half the peaks.
    """
    latency = latency_ms / 1000
    case = {"receives_by": mode, "latency_ms": latency_ms}
    async with bots(url, mode, peer_mode) as (ours, peer):
        rows: list[dict[str, Any]] = [
            {"benchmark": "answering", **case, "message": message, "peer": f"echo, {peer_mode}"}
            | await throughput(ours, peer, latency=latency, text=text)
            for message, text in TEXTS.items()
        ]
        peaks = (rows[0]["per_second"], rows[0]["peer_per_second"])
        for load, rates, most in (
            ("unloaded", (UNLOADED, UNLOADED), 100),
            ("half the peak", [peak / 2 for peak in peaks], MESSAGES),
        ):
            for who, side, rate in zip(("ours", "peer"), (ours, peer), rates, strict=True):
                found = await side.turn(min(most, int(rate * LONGEST_TURN)), rate=rate, latency=latency)
                rows.append(
                    {
                        "benchmark": "waiting for an answer",
                        **case,
                        "who": who,
                        "load": load,
                        "per_second": round(rate),
                        "p50_ms": found["p50_ms"],
                        "p99_ms": found["p99_ms"],
                    }
                )
    return rows


async def throughput(ours: Side, peer: Side, *, latency: float, text: str) -> dict[str, Any]:
    """Measure, in turns, as many messages as each can answer.

    Medians without the first turn, which warms up.
    """
    for side in (ours, peer):
        side.begin()
    for _ in range(TURNS + 1):
        for side in (ours, peer):
            await side.noted_turn(MESSAGES, latency=latency, text=text)
    rate, of_peer = (statistics.median(side.rates[1:]) for side in (ours, peer))
    cpu, cpu_of_peer = (statistics.median(side.cpu[1:]) for side in (ours, peer))
    return {
        "per_second": round(rate),
        "peer_per_second": round(of_peer),
        "ratio": round(rate / of_peer, 2),
        "cpu_ms": round(cpu, 2),
        "peer_cpu_ms": round(cpu_of_peer, 2),
        "ratio_cpu": round(cpu_of_peer / cpu, 2),
        "messenger_busy": round(statistics.median(ours.messenger[1:]), 2),
    }


@asynccontextmanager
async def bots(database: str, mode: str, peer_mode: str) -> AsyncIterator[tuple[Side, Side]]:
    """Start our bot and the peer, each with a messenger."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="dh-bench-")))
        session = await stack.enter_async_context(aiohttp.ClientSession())
        url = await stack.enter_async_context(messenger())
        await prepare(database)
        pid = await stack.enter_async_context(bot(url, database, folder, mode))
        peer_url = await stack.enter_async_context(messenger())
        peer_pid = await stack.enter_async_context(
            process("-m", "bench.echo", peer_url, peer_mode, str(free_port()))
        )
        ours, peer = Side(url, session, pid), Side(peer_url, session, peer_pid)
        for side in (ours, peer):
            await side.started(mode)
        yield ours, peer


async def prepare(address: str, *, citizens: int = CITIZENS, ledger: int = 0) -> None:
    """Fill a database with the citizens who will write, and with questions of others."""
    database = Database(address, clock=SystemClock(), programme=Programme())
    await migrate(database)
    if ledger:
        await fill(database, ledger)
        await analyze(database)
    async with database.work() as work:
        await work.run_many(
            sa.insert(people),
            (
                {
                    "channel": "telegram",
                    "address": str(FIRST + chat),
                    "display_name": f"Mai {FIRST + chat}",
                    "language": "vi",
                    "created_at": work.now,
                }
                for chat in range(citizens)
            ),
        )
    await database.close()


@asynccontextmanager
async def messenger() -> AsyncIterator[str]:
    """Start the fast messenger; yield its address."""
    started = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.messenger", env=inherited(), stdout=asyncio.subprocess.PIPE
    )
    assert started.stdout is not None
    port = int(await started.stdout.readline())
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        started.terminate()
        await started.wait()


@asynccontextmanager
async def bot(url: str, database: str, folder: Path, mode: str = "polling") -> AsyncIterator[int]:
    """Start `danhoi run`, without the messenger's limits; yield its process id."""
    async with process("-m", "bot", "run", cwd=folder, **environment(url, database, folder, mode)) as pid:
        yield pid


def environment(url: str, database: str, folder: Path, mode: str = "polling") -> dict[str, str]:
    """Return our bot's configuration: as in production, without the messenger's limits."""
    port = free_port()
    hook = {
        "DANHOI_TELEGRAM__WEBHOOK_URL": f"http://127.0.0.1:{port}/hook",
        "DANHOI_TELEGRAM__WEBHOOK_SECRET": SECRET,
        "DANHOI_TELEGRAM__WEBHOOK_LISTEN": f"127.0.0.1:{port}",
    }
    return {
        "DANHOI_TELEGRAM__TOKEN": "1:bench",
        "DANHOI_TELEGRAM__MODE": mode,
        "DANHOI_TELEGRAM__BASE_URL": f"{url}/bot",
        "DANHOI_TELEGRAM__BASE_FILE_URL": f"{url}/file/bot",
        "DANHOI_TELEGRAM__MESSAGES_PER_SECOND": "100000",
        "DANHOI_LIMITS__CHAT_SECONDS": "0",
        "DANHOI_STORAGE__URL": database,
        "DANHOI_STORAGE__FILES": str(folder / "files"),
    } | (hook if mode == "webhook" else {})


@asynccontextmanager
async def process(*command: str, cwd: Path | None = None, **environment: str) -> AsyncIterator[int]:
    """Start another Python and end it afterwards; yield its process id."""
    started = await asyncio.create_subprocess_exec(
        sys.executable, *command, env=inherited() | environment, cwd=cwd, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        yield started.pid
    finally:
        started.terminate()
        await started.wait()


def inherited() -> dict[str, str]:
    """Return this process's environment, without a bot's configuration."""
    found = {name: value for name, value in os.environ.items() if not name.startswith("DANHOI_")}
    return found | {"PYTHONPATH": os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))}


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
