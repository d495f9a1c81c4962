"""The unit of work, code numbers and the append-only history, on both databases."""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import sqlite as sqlite_dialect
from sqlalchemy.exc import DBAPIError

from domain.programme import Programme
from domain.questions.history import Event
from storage.engine import database as engine_database
from storage.engine import facts
from storage.engine.database import PIECE, Database, Work
from storage.engine.errors import DatabaseAway
from storage.people import conversations, people
from storage.questions import history, questions
from storage.tables import history as history_table
from storage.tables import questions as questions_table
from tests.conftest import SetClock
from tests.worlds.hasty import AS_SHIPPED


async def _question(work: Work, number: int = 1) -> int:
    person = await people.seen(work, channel="telegram", address="1", display_name="Mai", language="vi")
    return await questions.add(
        work,
        year=2026,
        number=number,
        status="received",
        secrecy="none",
        channel="telegram",
        asker_id=person.id,
        received_at=work.now,
        assign_due_at=work.now,
    )


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2026, 11, 25, 3, 0, tzinfo=UTC),
        datetime(2026, 1, 1, 0, 0, 0, 1, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh")),
        datetime(999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
    ],
)
async def test_a_moment_is_kept_in_utc_and_comes_back_as_it_was(database: Database, moment: datetime) -> None:
    async with database.work() as work:
        question_id = await _question(work)
        await work.run(sa.update(questions_table).values(received_at=moment))
    async with database.reading() as work:
        row = await questions.by_id(work, question_id)
        assert row is not None
        assert row.received_at == moment
        assert row.received_at.tzinfo is UTC
        found = sa.select(questions_table.c.id).where(questions_table.c.received_at <= moment)
        assert await work.value(found) == question_id
        kept = await work.value(sa.text("SELECT CAST(received_at AS TEXT) FROM questions"))
    if database.url.get_backend_name() == "sqlite":
        # As SQLAlchemy itself writes it: files of earlier versions hold such text.
        write: Any = sa.DateTime().dialect_impl(sqlite_dialect.dialect())
        written = write.bind_processor(sqlite_dialect.dialect())(moment.astimezone(UTC).replace(tzinfo=None))
        assert kept == written


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_odd_words_in_a_column_stop_nobody(database: Database) -> None:
    """Files of earlier versions may hold them; PostgreSQL never took them."""
    odd = {"name": "a\ud83c", "words": "Đường ngập"}
    async with database.work() as work:
        person = await people.seen(work, channel="telegram", address="1", display_name="Mai", language="vi")
        await conversations.set_step(work, person.id, "ask.check", odd)
    async with database.reading() as work:
        kept = await conversations.of_person(work, person.id)
    assert kept is not None
    assert kept.data == odd


async def test_a_moment_without_a_time_zone_never_reaches_the_database(database: Database) -> None:
    moment = datetime(2026, 11, 25, tzinfo=UTC).replace(tzinfo=None)
    with pytest.raises(sa.exc.StatementError, match="naive"):
        async with database.work() as work:
            await work.run(sa.update(questions_table).values(received_at=moment))


async def test_what_is_raised_inside_a_unit_of_work_undoes_all_of_it(database: Database) -> None:
    async def fails_half_way() -> None:
        async with database.work() as work:
            await _question(work)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fails_half_way()
    async with database.reading() as work:
        assert await questions.by_code(work, 2026, 1) is None


async def test_what_an_undone_savepoint_left_for_the_commit_is_dropped_and_what_others_left_is_not(
    database: Database,
) -> None:
    done: list[str] = []

    def leave(work: Work, name: str) -> None:
        async def last() -> None:
            done.append(f"before {name}")

        work.before_commit.append(last)
        work.after_commit.append(lambda: done.append(f"after {name}"))

    async def fails(work: Work) -> None:
        async with work.savepoint():
            leave(work, "undone")
            async with work.savepoint():
                leave(work, "undone with what is around it")
            raise ZeroDivisionError

    async with database.work() as work:
        leave(work, "first")
        with pytest.raises(ZeroDivisionError):
            await fails(work)
        async with work.savepoint():
            leave(work, "second")
            with pytest.raises(ZeroDivisionError):
                await fails(work)
    assert done == ["before first", "before second", "after first", "after second"]


async def test_rows_without_end_are_written_in_pieces_and_in_their_order(database: Database) -> None:
    asked = 0

    def values(question: int) -> Iterator[tuple[int, dict[str, Any]]]:
        nonlocal asked
        for asked in range(1, 2 * PIECE + 2):
            yield question, {"number": asked}

    async with database.work() as work:
        question = await _question(work)
        await history.record_many(
            work, Event.RESCHEDULED, values(question), actor_id=None, actor_role="programme"
        )
        kept = [row.details["number"] for row in await history.of_question(work, question)]
    assert asked == 2 * PIECE + 1
    assert kept == list(range(1, asked + 1))


async def test_numbers_have_no_gaps_when_many_register_at_once_and_some_fail(database: Database) -> None:
    async def register(fails: bool) -> int | None:
        try:
            async with database.work() as work:
                number = await questions.next_number(work, 2026)
                await asyncio.sleep(0)
                if fails:
                    raise ZeroDivisionError
                return number
        except ZeroDivisionError:
            return None

    given = await asyncio.gather(*(register(fails=turn % 3 == 0) for turn in range(24)))
    assert sorted(number for number in given if number is not None) == list(range(1, 17))


async def test_every_year_begins_at_one(database: Database) -> None:
    async with database.work() as work:
        assert [await questions.next_number(work, year) for year in (2026, 2026, 2027)] == [1, 2, 1]


@pytest.mark.parametrize(
    "attack", [sa.update(history_table).values(event="nothing"), sa.delete(history_table)]
)
async def test_nobody_rewrites_history(database: Database, attack: sa.Executable) -> None:
    async with database.work() as work:
        question_id = await _question(work)
        await history.record(work, question_id, Event.RECEIVED, actor_id=None, actor_role="programme")
    with pytest.raises(DBAPIError, match="append-only"):
        async with database.work() as work:
            await work.run(attack)
    async with database.reading() as work:
        assert [row.event for row in await history.of_question(work, question_id)] == [Event.RECEIVED]


async def test_of_two_who_move_a_question_at_once_one_is_told(database: Database) -> None:
    async with database.work() as work:
        question_id = await _question(work)
        read = await questions.by_id(work, question_id)
    assert read is not None
    async with database.work() as work:
        assert await questions.move(work, read, status="refused") is not None
    async with database.work() as work:
        assert await questions.move(work, read, status="assigned") is None


async def test_of_two_that_wait_for_each_other_one_does_its_transaction_again(
    postgresql_url: str, clock: SetClock
) -> None:
    database = Database(postgresql_url, clock=clock, programme=Programme())

    async def locks_both(first: str, second: str, both_began: asyncio.Barrier) -> None:
        async with database.work() as work:
            await facts.put(work, first, "x")
            await both_began.wait()
            await facts.put(work, second, "x")

    barrier = asyncio.Barrier(2)
    ended = await asyncio.gather(
        locks_both("a", "b", barrier), locks_both("b", "a", barrier), return_exceptions=True
    )
    await database.close()
    assert [type(one) for one in ended if one is not None] == [DatabaseAway]


async def test_a_connection_that_an_operator_ended_is_a_database_that_is_away(
    postgresql_url: str, clock: SetClock
) -> None:
    database = Database(postgresql_url, clock=clock, programme=Programme())
    with pytest.raises(DatabaseAway):  # noqa: PT012  # where in the transaction does not matter
        async with database.work() as work:
            pid = await work.value(sa.text("SELECT pg_backend_pid()"))
            async with database.work() as other:
                await other.run(sa.text(f"SELECT pg_terminate_backend({pid}, 5000)"))
            await facts.put(work, "a", "x")
    async with database.work() as work:
        assert await facts.get(work, "a") is None
    await database.close()


async def test_before_a_transaction_a_connection_is_tried_by_one_way_to_the_server(
    postgresql_url: str, clock: SetClock
) -> None:
    database = Database(postgresql_url, clock=clock, programme=Programme())
    async with database.connected() as connection:
        driver = (await connection.get_raw_connection()).driver_connection
    assert driver is not None
    said: list[str] = []
    driver.add_query_logger(lambda record: said.append(record.query))
    for _ in range(2):
        async with database.work() as work:
            await work.run(sa.text("SELECT 1"))
    assert [one for one in said if one != "SELECT 1"] == [";", "BEGIN;", "COMMIT;"] * 2
    await database.close()


async def test_a_connection_that_was_ended_while_nobody_used_it_is_not_noticed(
    postgresql_url: str, clock: SetClock
) -> None:
    database = Database(postgresql_url, clock=clock, programme=Programme())
    async with database.work() as work, database.work() as other:
        pids = [await one.value(sa.text("SELECT pg_backend_pid()")) for one in (work, other)]
    async with database.work() as work:
        first = await work.value(sa.text("SELECT pg_backend_pid()"))
        (ended,) = set(pids) - {first}
        await work.run(sa.text(f"SELECT pg_terminate_backend({ended}, 5000)"))
        async with database.work() as other:
            assert await other.value(sa.text("SELECT pg_backend_pid()")) not in pids
    await database.close()


async def test_a_new_file_that_another_is_beginning_is_waited_for(tmp_path: Path, clock: SetClock) -> None:
    with closing(sqlite3.connect(tmp_path / "new.db", isolation_level=None)) as another:
        another.execute("BEGIN IMMEDIATE")
        asyncio.get_running_loop().call_later(0.2, another.rollback)
        database = Database(f"sqlite+aiosqlite:///{tmp_path / 'new.db'}", clock=clock, programme=Programme())
        async with database.connected() as connection:
            assert await connection.scalar(sa.text("PRAGMA journal_mode")) == "wal"
        await database.close()


async def test_what_is_shipped_waits_for_the_disk_at_every_commit(
    tmp_path: Path, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_database, "SYNCHRONOUS", AS_SHIPPED)  # the suite itself does not wait
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'new.db'}", clock=clock, programme=Programme())
    full = 2
    async with database.engine.connect() as connection:
        assert await connection.scalar(sa.text("PRAGMA synchronous")) == full
    await database.close()
