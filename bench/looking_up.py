"""Measures `/hoidap` and similar questions among many: the slowest of a hundred."""

import random
import time
from collections.abc import Awaitable, Callable
from typing import Any

from bench.ledger import StandingClock, addresses
from bench.many import WORDS, analyze, fill
from domain.programme import Programme
from services.agencies import naming
from services.questions import tracking
from storage.engine.database import Database, Work
from storage.engine.migrate import migrate
from storage.questions import questions

SIZES = (1_000, 100_000)
ASKED = 300
SEED = 5


async def run() -> list[dict[str, Any]]:
    """Measure each database and size.

    Ratios of the 99th percentiles to the smallest size on the same database.
    """
    found = []
    async with addresses() as databases:
        for kind, address in databases:
            smallest: dict[str, float] = {}
            for size in SIZES:
                database = Database(
                    await address(f"looking_{size}"), clock=StandingClock(), programme=Programme()
                )
                await migrate(database)
                await fill(database, size)
                await analyze(database)
                for what, times in (await _looked_up(database, size)).items():
                    p50, p99 = times[len(times) // 2] * 1000, times[len(times) * 99 // 100] * 1000
                    smallest.setdefault(what, p99)
                    found.append(
                        {
                            "benchmark": "looking up",
                            "database": kind,
                            "what": what,
                            "questions": size,
                            "p50_ms": round(p50, 1),
                            "p99_ms": round(p99, 1),
                            "ratio": round(p99 / smallest[what], 2),
                        }
                    )
                await database.close()
    return found


async def _looked_up(database: Database, size: int) -> dict[str, list[float]]:
    """Return the seconds of each look-up, sorted, by kind."""
    chosen = random.Random(SEED)

    def typed(words: int) -> str:
        """Return words that one question holds, common and rare ones mixed."""
        of = chosen.randint(1, size)
        return " ".join(f"w{number}x{of * 7919 % 4**number}" for number in chosen.sample(range(WORDS), words))

    async def similar(work: Work) -> None:
        question = await questions.by_id(work, chosen.randint(1, size))
        assert question is not None
        await naming.similar(work, question, 5)

    kinds: dict[str, Callable[[Work], Awaitable[object]]] = {
        "/hoidap": lambda work: tracking.published(work, ""),
        "/hoidap, 1 word": lambda work: tracking.published(work, typed(1)),
        "/hoidap, 3 words": lambda work: tracking.published(work, typed(3)),
        "/hoidap, nothing found": lambda work: tracking.published(work, f"w0x0 w1x0 {typed(1)} nothing"),
        "similar questions": similar,
    }
    found = {}
    for name, look in kinds.items():
        times = []
        for _ in range(ASKED):
            async with database.work() as work:
                begun = time.perf_counter()
                await look(work)
                times.append(time.perf_counter() - begun)
        found[name] = sorted(times[20:])
    return found
