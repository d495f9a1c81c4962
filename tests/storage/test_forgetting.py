"""Copies outside the ledger are dropped when their time is over; what still matters stays."""

import sqlalchemy as sa

from services.ticking import forget
from storage import inbox, outbox, people
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

    clock.move(days=29)
    assert await forget(database) == {"updates": 0, "messages": 0, "drafts": 0, "draft_files": 0}
    clock.move(days=62)
    assert await forget(database) == {"updates": 1, "messages": 1, "drafts": 1, "draft_files": 0}

    async with database.reading() as work:
        assert [row.update_id for row in await work.all(sa.select(inbox_table))] == [2]
        answered = await outbox.sent_as(work, "telegram", "1", 7)
        assert answered is not None
        assert (answered.about, answered.content) == ("clarification", {})
        assert len(await outbox.to_send(work, 10)) == 1
        assert await people.conversation(work, person.id) is None
