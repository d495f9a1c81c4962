"""Measures a day off that moves 1,000, 10,000 and 100,000 open deadlines.

To preview it, and to do it with all its notices.
"""

import time
from datetime import UTC, date, datetime
from typing import Any

from bench.ledger import StandingClock, addresses, filled
from domain.calendar.working_days import DayChange, DayKind
from services.deadlines import rescheduling

SIZES = (1_000, 10_000, 100_000)
# Ten working days from the day at which the clock stands, and a day off in the middle of them.
SINCE, DUE_AT = date(2026, 11, 11), datetime(2026, 11, 26, 10, 0, tzinfo=UTC)
CHANGES = [DayChange(date(2026, 11, 18), DayKind.OFF)]


async def run() -> list[dict[str, Any]]:
    """Measure each database and size.

    The ratios are to a deadline's share of the smallest size on the same database.
    """
    found = []
    async with addresses() as databases:
        for kind, address in databases:
            smallest = None
            for size in SIZES:
                preview, apply = await _measure(await address(f"days_{size}"), size)
                each = (preview / size, apply / size)
                smallest = smallest or each
                found.append(
                    {
                        "benchmark": "rescheduling",
                        "database": kind,
                        "moved": size,
                        "preview_s": round(preview, 2),
                        "apply_s": round(apply, 2),
                        "preview_ratio": round(each[0] / smallest[0], 2),
                        "apply_ratio": round(each[1] / smallest[1], 2),
                    }
                )
    return found


async def _measure(url: str, size: int) -> tuple[float, float]:
    """Return the seconds of a preview, and of the change."""
    async with filled(url, StandingClock(), [DUE_AT] * size, SINCE) as database:
        async with database.reading() as work:
            await rescheduling.preview(work, CHANGES)  # once, for what is read and compiled only once
        begun = time.perf_counter()
        async with database.reading() as work:
            previewed = await rescheduling.preview(work, CHANGES)
        halfway = time.perf_counter()
        async with database.work() as work:
            applied = await rescheduling.apply(work, CHANGES)
        done = time.perf_counter()
    assert len(previewed.moved) == len(applied.moved) == size
    return halfway - begun, done - halfway
