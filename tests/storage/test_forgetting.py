"""Copies outside the ledger are dropped when their time is over; what still matters stays."""

import sqlalchemy as sa

from domain.history import EntryKind
from services.ticking import forget
from storage import broadcast_drafts, files, inbox, outbox, people, questions, thread
from storage.database import Database
from storage.inbox import Received
from storage.outbox import Lane, OutboxState
from storage.tables import inbox as inbox_table
from tests.conftest import SetClock


async def test_old_updates_messages_and_drafts_go_and_waiting_ones_stay(
    database: Database, clock: SetClock
) -> None:
    async with database.work() as work:
        person = await people.seen(work, channel="telegram", address="1", display_name="Mai", language="vi")
        await inbox.put(work, [Received(1, "1", "{}"), Received(2, "1", "{}")])
        await inbox.done(work, [1])
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
        await outbox.settle(work, ids[0], OutboxState.SENT, message_id=7)
        await people.set_conversation(work, person.id, "ask.name", {"parts": ["riêng tư"]})
        await broadcast_drafts.put(work, person.id, {"text": "riêng tư"})

    clock.move(days=29)
    done = await forget(database)
    assert not any(done.values())
    clock.move(days=62)
    assert await forget(database) == {
        "updates": 1,
        "messages": 1,
        "drafts": 1,
        "broadcast_drafts": 1,
        "draft_files": 0,
    }

    async with database.reading() as work:
        assert [row.update_id for row in await work.all(sa.select(inbox_table))] == [2]
        answered = await outbox.sent_as(work, "telegram", "1", 7)
        assert answered is not None
        assert (answered.about, answered.content) == ("clarification", {})
        assert len(await outbox.to_send(work, 10)) == 1
        assert await people.conversation(work, person.id) is None


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
        entry = await thread.write(work, asked, EntryKind.QUESTION, "Ảnh kèm theo", author_id=person.id)
        kept, dropped = [
            await files.add(work, person_id=person.id, kind="photo", remote_id="x", name="") for _ in range(2)
        ]
        await files.attach(work, [kept], asked, entry)
    clock.move(days=31)
    assert (await forget(database))["draft_files"] == 1
    async with database.reading() as work:
        assert [row.id for row in await files.by_ids(work, [kept, dropped])] == [kept]
