"""Measures a tick among 1,000, 10,000 and 100,000 open questions.

What it costs to find and queue what is due.
"""

import time
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from bench.ledger import StandingClock, addresses, filled
from services.deadlines.reminding import remind
from storage.engine.database import Database

# (open, due): the cost is to follow what is due
CASES = ((1_000, 500), (10_000, 500), (100_000, 500), (100_000, 50))
ROUNDS = 5
# What is due ends on the day at which the clock stands, the rest in a month.
DUE_AT = datetime(2026, 11, 11, 10, 0, tzinfo=UTC)
SINCE = date(2026, 10, 28)


@dataclass(frozen=True)
class Measured:
    """Seconds of a day's first tick, and of one that finds everything told."""

    queueing: float
    idle: float


async def run() -> list[dict[str, Any]]:
    """Measure each database and size, with ratios to the smallest size."""
    found = []
    async with addresses() as databases:
        for kind, address in databases:
            smallest = None
            for size, due in CASES:
                one = await _measure(await address(f"tick_{size}_{due}"), size, due)
                smallest = smallest or one
                found.append(
                    {
                        "benchmark": "tick",
                        "database": kind,
                        "open": size,
                        "due": due,
                        "queueing_ms": round(one.queueing * 1000, 1),
                        "idle_ms": round(one.idle * 1000, 1),
                        "queueing_ratio": round(one.queueing / smallest.queueing, 2),
                        "idle_ratio": round(one.idle / smallest.idle, 2),
                    }
                )
    return found


async def _measure(url: str, size: int, due: int) -> Measured:
    clock = StandingClock()
    dues = [
        DUE_AT if number <= due else DUE_AT + timedelta(days=30 + number % 200)
        for number in range(1, size + 1)
    ]
    queueing, idle = [], []
    async with filled(url, clock, dues, SINCE) as database:
        for _ in range(ROUNDS):
            queueing.append(await _timed(database, at_least=1))
            idle.append(await _timed(database, at_least=0))
            clock.at += timedelta(days=1)
            while clock.at.weekday() > 4:
                clock.at += timedelta(days=1)
    return Measured(sorted(queueing)[ROUNDS // 2], sorted(idle)[ROUNDS // 2])


async def _timed(database: Database, *, at_least: int) -> float:
    begun = time.perf_counter()
    sent = await remind(database)
    taken = time.perf_counter() - begun
    assert sent >= at_least
    assert at_least or sent == 0
    return taken
