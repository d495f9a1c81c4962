"""Copies outside the ledger are dropped when their time is over; what still matters stays."""

import pytest
import sqlalchemy as sa

from domain.programme import Programme
from domain.questions.history import EntryKind
from services.privacy.retention import apply
from services.questions import asker_decisions
from services.subscribers import subscriptions
from storage.broadcasts import drafts
from storage.delivery import files, inbox, outbox
from storage.delivery.inbox import Received
from storage.delivery.outbox import Lane, OutboxState
from storage.engine.database import Database
from storage.operation import audit
from storage.people import conversations, people
from storage.questions import entries, questions
from storage.tables import inbox as inbox_table
from tests.conftest import SetClock
from tests.storage.engine.test_indexes import plan_of
from tests.worlds.rules import rules
from tests.worlds.world import World, person


async def test_old_updates_messages_and_drafts_go_and_waiting_ones_stay(
    database: Database, clock: SetClock
) -> None:
    async with database.work() as work:
        person = await people.seen(work, channel="telegram", address="1", display_name="Mai", language="vi")
        await inbox.put(work, [Received("telegram", str(number), number, "1", "{}") for number in (1, 2)])
        await inbox.done(work, await inbox.waiting(work, 1))
        ids = [
            await outbox.put(
                work,
                channel="telegram",
                address="1",
                person_id=person.id,
                lane=Lane.REPLY,
                kind="text",
                content={"html": "riêng tư", "buttons": []},
                about="clarification",
            )
            for _ in range(2)
        ]
        await outbox.settle(work, ids[0], OutboxState.SENT, message_id="7")
        await conversations.set_step(work, person.id, "ask.name", {"parts": ["riêng tư"]})
        await drafts.put(work, person.id, {"text": "riêng tư"})

    clock.move(days=29)
    done = await apply(database)
    assert not any(done.values())
    clock.move(days=62)
    assert await apply(database) == {
        "updates": 1,
        "messages": 1,
        "drafts": 1,
        "broadcast_drafts": 1,
        "answers_being_written": 0,
        "blocks": 0,
        "draft_files": 0,
        "identities": 0,
    }

    async with database.reading() as work:
        assert [row.place for row in await work.all(sa.select(inbox_table))] == [2]
        answered = await outbox.sent_as(work, "telegram", "1", "7")
        assert answered is not None
        assert (answered.about, answered.content) == ("clarification", {})
        assert len(await outbox.to_send(work, "telegram", 10)) == 1
        assert await conversations.of_person(work, person.id) is None


async def test_a_drafts_files_go_and_those_of_the_ledger_stay(database: Database, clock: SetClock) -> None:
    async with database.work() as work:
        person = await people.seen(work, channel="telegram", address="1", display_name="Mai", language="vi")
        asked = await questions.add(
            work,
            year=2026,
            number=1,
            status="received",
            secrecy="none",
            channel="telegram",
            asker_id=person.id,
            received_at=work.now,
            assign_due_at=work.now,
        )
        entry = await entries.write(work, asked, EntryKind.QUESTION, "Ảnh kèm theo", author_id=person.id)
        kept, dropped = [
            await files.add(work, person_id=person.id, kind="photo", remote_id="x", name="") for _ in range(2)
        ]
        await files.attach(work, [kept], asked, entry)
    clock.move(days=31)
    assert (await apply(database))["draft_files"] == 1
    async with database.reading() as work:
        assert [row.id for row in await files.by_ids(work, [kept, dropped])] == [kept]


@pytest.fixture
def programme() -> Programme:
    """Who asked is forgotten five years after the answer."""
    return rules(identity_years=5)


async def test_who_asked_is_forgotten_years_after_the_answer_and_subscribers_still_hear(
    database: Database, clock: SetClock
) -> None:
    async with database.work() as work:
        world = await World.build(work)
        first = await world.answered(work)
        later = await world.received(work, "Câu này còn chờ trả lời.", world.follower)
        subscriber = await person(work, "subscriber")
        third = await world.received(work, "Đường hỏng.", subscriber)
        await asker_decisions.withdraw(work, subscriber, third.id)
        await subscriptions.subscribe(work, subscriber.person, "links")
    clock.move(days=5 * 366)
    assert (await apply(database))["identities"] == 2
    assert not any((await apply(database)).values())
    async with database.reading() as work:
        gone, waits, hears = [
            await people.by_id(work, one.id) for one in (world.asker, world.follower, subscriber)
        ]
        assert (gone.full_name, gone.address, gone.erased_at is not None) == (None, None, True)
        assert waits.full_name == "Họ Tên follower"
        assert (hears.full_name, hears.contact, hears.address) == (None, None, "chat of subscriber")
        assert await entries.question_text(work, first.id) == ""
        assert await entries.question_text(work, third.id) == ""
        assert await entries.question_text(work, later.id) == "Câu này còn chờ trả lời."
        (last,) = await audit.listed(work, 1)
        assert (last.act, last.details["identities"]) == ("retention_applied", 2)
        assert await audit.first_broken(work) is None


async def test_what_is_many_is_forgotten_in_pieces(database: Database, clock: SetClock) -> None:
    async with database.work() as work:
        await inbox.put(
            work, [Received("telegram", str(number), number, "1", "{}") for number in range(1, 1203)]
        )
        await inbox.done(work, await inbox.waiting(work, 1201))
    clock.move(days=31)
    assert (await apply(database))["updates"] == 1201


async def test_what_is_old_is_found_by_index(database: Database) -> None:
    plan = await plan_of(database, lambda work: inbox.forget(work, work.now, 500))
    assert "ix_inbox_received_at" in plan
    plan = await plan_of(database, lambda work: outbox.forget(work, work.now, 500, since=work.now))
    assert "ix_outbox_queued_at" in plan
