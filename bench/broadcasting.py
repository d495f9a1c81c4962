"""Measures a broadcast at the messenger's limits while citizens chat.

And the snapshot of many recipients. The bot and the messenger (the sandbox, which refuses what comes too fast) are
processes of their own.
"""

import asyncio
import os
import sys
import tempfile
import time
import tracemalloc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from bench.ledger import StandingClock, addresses
from bot.house.clocks import SystemClock
from domain.broadcasts.broadcasts import BroadcastKind, DeliveryState
from domain.programme import Programme
from sandbox import process
from sandbox.client import Sandbox, User
from services.broadcasts import broadcasts as broadcasting
from storage.broadcasts import broadcasts
from storage.engine.database import Database
from storage.engine.migrate import migrate
from storage.tables import people

ROOT = Path(__file__).parents[1]
TOKEN = "1000001:sandbox-token"
SNAPSHOTS = (1_000, 10_000, 100_000)
# (allowed in a second, the messenger's latency in ms, recipients, citizens who chat); 1,000 is what is paid for
PAID = 1000
CASES = ((30, 0, 900, 6), (30, 60, 900, 6), (PAID, 0, 5000, 6))
SECONDS_BETWEEN_WORDS = 1.5  # of one citizen, after an answer


async def run() -> list[dict[str, Any]]:
    """Measure snapshots on each database, then broadcasts on SQLite."""
    found = []
    async with addresses() as databases:
        for kind, address in databases:
            smallest = None
            for size in SNAPSHOTS:
                seconds, peak, grown = await _snapshot(await address(f"snapshot_{size}"), size)
                smallest = smallest or seconds
                found.append(
                    {
                        "benchmark": "snapshot",
                        "database": kind,
                        "recipients": size,
                        "seconds": round(seconds, 3),
                        "ratio": round(seconds / smallest, 1),
                        "python_peak_mb": round(peak / 2**20, 2),
                        "process_grew_mb": grown,
                    }
                )
    found += [await _broadcast(*case) for case in CASES]
    return found


# --- recipients become rows ---------------------------------------------------------------------------------------


async def _snapshot(url: str, size: int) -> tuple[float, int, float]:
    """Start a broadcast to so many; return (seconds, peak of Python's memory in bytes, MB the process grew)."""
    database = Database(url, clock=StandingClock(), programme=Programme())
    await migrate(database)
    await _know(database, range(1, size + 1))
    async with database.work() as work:
        await broadcasts.add(work, kind=BroadcastKind.MESSAGE, audience="all", content={"html": "x"})
    tracemalloc.start()
    before, seen = _resident(), [0]
    sampling = asyncio.create_task(_sample(seen))
    begun = time.perf_counter()
    started = await broadcasting.start_due(database)
    taken = time.perf_counter() - begun
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    sampling.cancel()
    async with database.reading() as work:
        counts = await broadcasts.counts(work)
    assert started == 1
    assert counts[1][DeliveryState.PENDING] == size
    await database.close()
    return taken, peak, round(max(0, max(seen) - before) / 2**20, 1)


async def _sample(seen: list[int]) -> None:
    while True:
        seen.append(_resident())
        await asyncio.sleep(0.005)


def _resident() -> int:
    """Return the bytes this process holds, SQLite's own included; 0 where unknown."""
    try:
        pages = Path("/proc/self/statm").read_text("ascii").split()[1]
    except OSError:
        return 0
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


async def _know(database: Database, chats: Any) -> None:
    """Enter these chats as people who started the bot."""
    async with database.work() as work:
        await work.run_many(
            sa.insert(people),
            [
                {
                    "channel": "telegram",
                    "address": str(chat),
                    "display_name": f"Người {chat}",
                    "language": "vi",
                    "created_at": work.now,
                }
                for chat in chats
            ],
        )


# --- at the messenger's limits ------------------------------------------------------------------------------------


async def _broadcast(per_second: int, latency_ms: int, recipients: int, chatters: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="dh-bench-") as folder:
        async with (
            process.running("--token", TOKEN) as messenger,
            Sandbox.connect(messenger.url) as sandbox,
        ):
            environment = _environment(messenger.url, Path(folder), paid=per_second == PAID)
            database = Database(
                environment["DANHOI_STORAGE__URL"], clock=SystemClock(), programme=Programme()
            )
            await migrate(database)
            await _know(database, await sandbox.crowd(recipients))
            users = [await sandbox.user(f"Mai {number}") for number in range(chatters)]
            await sandbox.settings(latency_ms=latency_ms)
            await sandbox.flood(enabled=True, chat_burst=1, strict=True)
            async with _bot(environment, Path(folder)):
                waited = await _while_citizens_chat(database, users)
            async with database.reading() as work:
                done = (await broadcasting.all_progress(work))[0]
            await database.close()
            times = [
                (entry["at"] + entry["ms"] / 1000, entry["params"]["text"])
                for entry in await sandbox.requests("sendMessage")
                if entry["code"] == 200
            ]
            refused = (await sandbox.flood())["refused"]
    return {
        "benchmark": "broadcast",
        "allowed_per_second": per_second,
        "latency_ms": latency_ms,
        "recipients": done.recipients,
        "sent": done.sent,
        "rate_ratio": round(_rate(times) / per_second, 3),
        "replies": len(waited),
        "reply_wait_p50": round(waited[len(waited) // 2], 2),
        "reply_wait_p99": round(waited[len(waited) * 99 // 100], 2),
        "refused": refused,
    }


def _rate(times: list[tuple[float, str]]) -> float:
    """Return messages a second, replies too, while the broadcast runs.

    Not counted: its first second, for until it is over what a limit allows is not a rate; and its last recipients,
    who wait for nothing but their own chats.
    """
    of_broadcast = sorted(at for at, text in times if text == TEXT)
    begun, ended = of_broadcast[0] + 1, of_broadcast[len(of_broadcast) * 98 // 100]
    return sum(begun < at <= ended for at, _ in times) / (ended - begun)


TEXT = "Kỳ 12 của chương trình lên sóng lúc 20:00 thứ Ba"


async def _while_citizens_chat(database: Database, users: list[User]) -> list[float]:
    """Return the seconds that replies took to reach the citizen's phone, sorted."""
    await asyncio.gather(*(_ask(user) for user in users))  # the bot runs, and everybody has been met
    stop, waited = asyncio.Event(), list[float]()
    chats = [asyncio.create_task(_chat(user, stop, waited)) for user in users]
    async with database.work() as work:
        broadcast_id = await broadcasting.compose(work, None, html=TEXT, audience="all")
    while True:
        await asyncio.sleep(0.5)
        async with database.reading() as work:
            if (await broadcasting.progress(work, broadcast_id)).status == "done":
                break
    stop.set()
    await asyncio.gather(*chats)
    return sorted(waited)


async def _chat(user: User, stop: asyncio.Event, waited: list[float]) -> None:
    while not stop.is_set():
        await asyncio.sleep(SECONDS_BETWEEN_WORDS)
        waited.append(await _ask(user))


async def _ask(user: User) -> float:
    """Return the seconds from a question to its answer."""
    asked = time.perf_counter()
    await user.send("/trogiup")
    await user.wait_for("/cuatoi", timeout=60)
    return time.perf_counter() - asked


def _environment(url: str, folder: Path, *, paid: bool) -> dict[str, str]:
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("DANHOI_")},
        "PYTHONPATH": str(ROOT),
        "DANHOI_TELEGRAM__TOKEN": TOKEN,
        "DANHOI_TELEGRAM__PAID_BROADCASTS": str(paid).lower(),
        "DANHOI_TELEGRAM__BASE_URL": f"{url}/bot",
        "DANHOI_TELEGRAM__BASE_FILE_URL": f"{url}/file/bot",
        "DANHOI_STORAGE__URL": f"sqlite+aiosqlite:///{folder}/danhoi.db",
        "DANHOI_STORAGE__FILES": str(folder / "files"),
    }


@asynccontextmanager
async def _bot(environment: dict[str, str], folder: Path) -> AsyncIterator[None]:
    with (folder / "bot.log").open("wb") as log:
        bot = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", "run", env=environment, cwd=folder, stderr=log
        )
        try:
            yield
        finally:
            bot.terminate()
            await bot.wait()
