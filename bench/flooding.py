"""Measures how long people wait while somebody floods the bot.

With the worst texts, and when many write at once. The whole bot over HTTP, as in `bench.answering`; each wait also as
a ratio to that at an idle bot.
"""

import statistics
import tempfile
from collections.abc import Iterator
from contextlib import AsyncExitStack
from itertools import count, cycle, islice
from pathlib import Path
from typing import Any

import aiohttp

from bench import answering
from bench.ledger import addresses

TURNS = 5
FLOOD = 40  # messages of one person in a minute: what `[limits]` takes of them
PEOPLE = 200  # at once
GOAL_FLOOD_MS, GOAL_PEOPLE_MS = 1000, 5000
FLOODERS = 90_000_000  # the first of their chats: newcomers all
FULL = 4096  # characters of a message
# The texts that screening looks at longest: signs that end no sentence, marks on one letter, an accused and a deed.
WORST = (
    "." * FULL, "." * 3_500 + "x", "a" * FULL, "a\u0301\u0323" + "\u0301\u0323" * 2_000,
    ("ông chống hối lộ " * 300)[:FULL], "<" * FULL, ("cháu bé bị " * 400)[:FULL], ("1/2 " * FULL)[:FULL],
    "/tracuu dh" + " " * 4_000 + "x", ("a@" * FULL)[:FULL],
)  # fmt: skip


async def run() -> list[dict[str, Any]]:
    """Measure, on each database, the wait when idle, flooded, and among many."""
    found = []
    async with addresses() as databases:
        for kind, address in databases:
            found += [row | {"database": kind} for row in await waits(await address("flooding"))]
    return found


async def waits(database: str) -> list[dict[str, Any]]:
    """Return medians of turns in milliseconds; the first of each kind warms up."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="dh-bench-")))
        session = await stack.enter_async_context(aiohttp.ClientSession())
        await answering.prepare(database, citizens=(TURNS + 1) * (PEOPLE + 2))
        url = await stack.enter_async_context(answering.messenger())
        side = answering.Side(
            url, session, await stack.enter_async_context(answering.bot(url, database, folder))
        )
        await side.started("polling")
        alone, flooded, crowded = list[float](), list[float](), list[float]()
        flooders = count(FLOODERS)
        for _ in range(TURNS + 1):
            alone.append((await side.turn(1))["most_ms"])
            flooded.append((await side.turn(1, before=list(flood(next(flooders)))))["most_ms"])
            crowded.append((await side.turn(PEOPLE))["most_ms"])
    idle = statistics.median(alone[1:])
    return [
        _row("one person floods", FLOOD, flooded, idle, GOAL_FLOOD_MS),
        _row("many at once", PEOPLE, crowded, idle, GOAL_PEOPLE_MS),
    ]


def flood(chat: int) -> Iterator[tuple[int, str]]:
    """Yield the messages of one person's flood, with their chat."""
    return ((chat, text) for text in islice(cycle(WORST), FLOOD))


def _row(load: str, messages: int, waited: list[float], idle: float, goal: int) -> dict[str, Any]:
    median = statistics.median(waited[1:])
    return {
        "benchmark": "waiting beside a flood",
        "load": load,
        "messages": messages,
        "wait_ms": round(median),
        "longest_ms": round(max(waited[1:])),
        "idle_ms": round(idle),
        "ratio": round(median / idle, 1),
        "goal_ms": goal,
        "kept": median <= goal,
    }
