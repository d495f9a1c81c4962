"""Measures what a second process brings on PostgreSQL, by turns with one alone.

Messages by webhook, through a balancer to two. On a machine with two cores the processes, the database, the messenger
and the balancer share them: the ratio is below that of machines of their own, which `docs/decisions/0018` is about.
What it shows surely is the cost of taking turns.
"""

import asyncio
import statistics
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from typing import Any

import aiohttp

from bench import answering
from bench.ledger import addresses

MESSAGES = 1000  # of a turn
TURNS = 3
PIECE = 1 << 16  # bytes that the balancer passes on at once


@dataclass
class Group:
    """So many processes on one database, with a messenger of their own."""

    side: answering.Side
    pids: list[int]
    rates: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)  # milliseconds of all processes a message

    async def turn(self) -> None:
        before = self._processor_seconds()
        found = await self.side.turn(MESSAGES)
        self.rates.append(found["rate"])
        self.cpu.append((self._processor_seconds() - before) / MESSAGES * 1000)

    def _processor_seconds(self) -> float:
        return sum(answering.processor_seconds(pid) for pid in self.pids)


async def run() -> list[dict[str, Any]]:
    """Return the rate of two processes as a ratio to that of one."""
    async with addresses() as databases, AsyncExitStack() as stack:
        found = dict(databases)
        if "postgresql" not in found:
            return [{"benchmark": "side by side", "not_run": "it needs PostgreSQL"}]
        one, two = [
            await stack.enter_async_context(_group(await found["postgresql"](f"side_by_side_{count}"), count))
            for count in (1, 2)
        ]
        for _ in range(TURNS + 1):
            for group in (one, two):
                await group.turn()
    alone, together = (statistics.median(group.rates[1:]) for group in (one, two))  # the first warms up
    return [
        {
            "benchmark": "side by side",
            "processes": 2,
            "per_second": round(together),
            "alone_per_second": round(alone),
            "ratio": round(together / alone, 2),
            "cpu_ms": round(statistics.median(two.cpu[1:]), 2),
            "alone_cpu_ms": round(statistics.median(one.cpu[1:]), 2),
        }
    ]


@asynccontextmanager
async def _group(database: str, count: int) -> AsyncIterator[Group]:
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="dh-bench-")))
        session = await stack.enter_async_context(aiohttp.ClientSession())
        url = await stack.enter_async_context(answering.messenger())
        await answering.prepare(database, citizens=(TURNS + 1) * MESSAGES)
        hooks = [answering.free_port() for _ in range(count)]
        balancer = await stack.enter_async_context(_balancer(hooks))
        pids = []
        for hook in hooks:
            settings = answering.environment(url, database, folder, "webhook") | {
                "DANHOI_TELEGRAM__WEBHOOK_URL": f"http://127.0.0.1:{balancer}/hook",
                "DANHOI_TELEGRAM__WEBHOOK_LISTEN": f"127.0.0.1:{hook}",
            }
            running = answering.process("-m", "bot", "run", cwd=folder, **settings)
            pids.append(await stack.enter_async_context(running))
        side = answering.Side(url, session, pids[0])
        await side.started("webhook")
        for hook in hooks:
            await _listens(hook)
        yield Group(side, pids)


async def _listens(port: int) -> None:
    async with asyncio.timeout(answering.PATIENCE):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.1)
            else:
                writer.close()
                return


@asynccontextmanager
async def _balancer(ports: list[int]) -> AsyncIterator[int]:
    """Serve a balancer that gives each connection to the next of these ports; yield its own port."""
    turns = cycle(ports)
    passing: set[asyncio.Task[None]] = set()

    async def give(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", next(turns))
        for pair in ((reader, inner_writer), (inner_reader, writer)):
            task = asyncio.create_task(_pass_on(*pair))
            passing.add(task)
            task.add_done_callback(passing.discard)

    server = await asyncio.start_server(give, "127.0.0.1", 0)
    try:
        yield int(server.sockets[0].getsockname()[1])
    finally:
        server.close()
        for task in [*passing]:
            task.cancel()
        await asyncio.gather(*passing, return_exceptions=True)


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while piece := await reader.read(PIECE):
            writer.write(piece)
            await writer.drain()
    except ConnectionError:
        pass  # one of them has ended; so does the other
    finally:
        writer.close()
