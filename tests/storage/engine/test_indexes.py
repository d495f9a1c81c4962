"""What is read again and again is found by index: the databases themselves say how they would look for it."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import sqlalchemy as sa

from services.operation.health import load_of
from storage.deadlines import running
from storage.delivery import inbox, outbox
from storage.delivery.inbox import Received
from storage.engine.database import Database, Work
from storage.ledger import lines as ledger
from storage.operation import health
from storage.privacy import erasing
from storage.questions import worklists


async def plan_of(database: Database, query: Callable[[Work], Awaitable[object]]) -> str:
    """How the database looks for what a query reads, in its own words."""
    ran: list[tuple[str, Any]] = []

    def remember(
        _connection: object, _cursor: object, statement: str, values: Any, _context: object, _many: object
    ) -> None:
        ran.append((statement, values))

    async with database.reading() as work:
        if work.dialect == "postgresql":  # it would rather read a small table whole
            await work.run(sa.text("SET LOCAL enable_seqscan = off"))
        sa.event.listen(database.engine.sync_engine, "before_cursor_execute", remember)
        try:
            await query(work)
        finally:
            sa.event.remove(database.engine.sync_engine, "before_cursor_execute", remember)
        explain = "EXPLAIN" if work.dialect == "postgresql" else "EXPLAIN QUERY PLAN"
        lines = [
            str(line)
            for statement, values in ran
            for line in await work.connection.exec_driver_sql(f"{explain} {statement}", values)
        ]
    return "\n".join(lines)


async def test_parked_updates_are_counted_without_reading_the_inbox(database: Database) -> None:
    plan = await plan_of(database, lambda work: health.parked_updates(work, work.now - timedelta(days=1)))
    assert "ix_inbox_parked" in plan


async def test_what_is_asked_every_few_seconds_reads_no_table_whole(database: Database) -> None:
    plan = await plan_of(database, load_of)
    for index in ("ix_inbox_waiting", "ix_inbox_parked", "ix_broadcasts_status_start_at"):
        assert index in plan
    assert "ix_outbox_to_send" in plan or "ix_outbox_queued_for_address" in plan  # of the queued ones alone
    assert "ix_outbox_queued_at" not in plan
    assert "ix_questions_status_due_at" in plan
    assert "SCAN questions" not in plan


async def test_what_somebody_sent_and_was_sent_is_found_by_their_address(database: Database) -> None:
    async with database.work() as work:  # of an empty table either index is as good to a planner
        await inbox.put(
            work, [Received("telegram", str(event), event, str(event), "{}") for event in range(1, 501)]
        )
        await work.run(sa.text("ANALYZE inbox"))
    plan = await plan_of(database, lambda work: erasing.blank_inbox(work, "telegram", "1", 5))
    assert "ix_inbox_chat" in plan
    plan = await plan_of(database, lambda work: erasing.blank_outbox(work, "telegram", "1"))
    assert "ix_outbox_address_message_id" in plan or "ix_outbox_queued_for_address" in plan
    plan = await plan_of(database, lambda work: erasing.messages_about(work, [1, 2]))
    assert "ix_outbox_question_id" in plan
    plan = await plan_of(database, lambda work: outbox.showing(work, [1, 2]))
    assert "pk_outbox_questions" in plan or "sqlite_autoindex_outbox_questions" in plan
    assert "SCAN outbox" not in plan
    plan = await plan_of(database, lambda work: erasing.questions_of(work, 1))
    assert "ix_questions_asker_id" in plan
    plan = await plan_of(database, lambda work: erasing.entered_under(work, "Ông Tư", besides=1))
    assert "ix_people_unaddressed" in plan
    plan = await plan_of(database, lambda work: erasing.typists(work, 1, [1, 2]))
    assert "ix_history_question_id" in plan
    plan = await plan_of(database, lambda work: erasing.blank_raw(work, "telegram", "1", 5))
    assert "ix_inbox_chat" in plan
    plan = await plan_of(database, lambda work: erasing.belongs_to(work, 5, 1))
    assert "SCAN outbox" not in plan


async def test_what_told_of_many_questions_and_what_changed_it_is_found_by_question_and_address(
    database: Database,
) -> None:
    plan = await plan_of(database, lambda work: outbox.of_questions(work, [1, 2], "card"))
    assert "ix_outbox_question_id" in plan
    where = [outbox.ChatPlace("telegram", str(chat), str(100 + chat), None) for chat in (1, 2)]
    plan = await plan_of(database, lambda work: outbox.states_of_many(work, where))
    assert "ix_outbox_address_message_id" in plan
    assert "ix_outbox_queued_for_address" in plan or "ix_outbox_to_send" in plan
    assert "SCAN outbox" not in plan
    plan = await plan_of(database, _changes_of_two)
    assert "ix_outbox_address_message_id" in plan or "ix_outbox_queued_for_address" in plan
    assert "SCAN outbox" not in plan


async def _changes_of_two(work: Work) -> object:
    columns = [sa.literal(value).label(name) for name, value in (("channel", "telegram"), ("address", "1"))]
    two = [
        sa.select(*columns, sa.literal(n).label("id"), sa.literal(str(n)).label("message_id")) for n in (1, 2)
    ]
    return await erasing.changes_of_many(work, await work.all(sa.union_all(*two)))


async def test_a_page_of_the_ledger_and_what_belongs_to_it_are_found_by_index(database: Database) -> None:
    start, end = datetime(2026, 10, 1, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC)
    first = await plan_of(database, lambda work: ledger.page(work, start, end, limit=200))
    assert "ix_questions_received_at" in first
    assert "ix_questions_received_at" in await plan_of(
        database, lambda work: ledger.count(work, start, end, at_most=1000)
    )
    for read, index in (
        (ledger.texts, "ix_entries_question_id"),
        (ledger.assigned, "ix_assignments_question_id"),
        (ledger.stars, "pk_ratings"),
        (ledger.extended, "ix_extensions_"),
        (ledger.on_air, "ix_episode_questions_question_id"),
    ):
        plan = await plan_of(database, partial(_read, read))
        assert index in plan or "sqlite_autoindex" in plan, plan


async def _read(read: Callable[[Work, list[int]], Awaitable[object]], work: Work) -> object:
    return await read(work, [1, 2, 3])


async def test_late_answers_and_counts_of_new_questions_are_found_by_index(database: Database) -> None:
    plan = await plan_of(database, running.late_for_askers)
    assert "ix_questions_status_first_due_at" in plan
    assert "SCAN questions" not in plan
    plan = await plan_of(database, lambda work: running.moved_dates(work, [1, 2]))
    assert "ix_history_question_id" in plan
    plan = await plan_of(database, lambda work: worklists.received_since(work, work.now))
    assert "ix_questions_status_" in plan or "ix_questions_received_at" in plan
    plan = await plan_of(database, lambda work: outbox.newest_as(work, ["arrivals:1", "arrivals:2"]))
    assert "ix_outbox_supersedes" in plan
