"""Whatever a messenger, or a forger, sends: each update is worked or set aside, and honest people notice nothing.

Here the inbox is filled directly; through the receiving loops it goes in `test_receiving.py`.
`DANHOI_FUZZ=1000 ./danhoi test tests/campaigns/fuzz` sends that many batches.
"""

import json
import os
from typing import Any

import pytest
import sqlalchemy as sa

from bot.loops.receiver import received
from storage.delivery import inbox
from storage.delivery.inbox import InboxState
from storage.engine.database import Database
from storage.tables import inbox as inbox_table
from storage.tables import outbox
from tests.campaigns.fuzz.raw import HONEST, batches, honest
from tests.worlds.chat import House

BATCHES = int(os.environ.get("DANHOI_FUZZ", "8"))
pytestmark = pytest.mark.timeout(300 + 10 * BATCHES)


@pytest.fixture
async def house(database: Database, application: Any) -> House:
    return House(database, application)


async def test_no_update_breaks_the_bot_or_reaches_others(house: House) -> None:
    numbers = iter(range(1, 10_000_000))
    for batch in batches(BATCHES):
        await send(house, [{"update_id": next(numbers)} | one for one in batch])
        await all_is_worked(house, batch)
        await the_honest_are_answered(house, next(numbers))
    async with house.database.reading() as work:
        told = {row.address for row in await work.all(sa.select(outbox.c.address).distinct())}
    assert str(HONEST) in told


async def send(house: House, raw: list[dict[str, Any]]) -> None:
    """As the receiver does: over JSON, kept, then worked and answered."""
    found = [received(json.loads(json.dumps(one))) for one in raw]
    async with house.database.work() as work:
        await inbox.put(work, [one for one in found if one is not None])
    while (await house.worker.work_once())[0]:
        pass
    await house.deliver()


async def all_is_worked(house: House, batch: list[dict[str, Any]]) -> None:
    async with house.database.reading() as work:
        waiting = await work.all(sa.select(inbox_table).where(inbox_table.c.state == InboxState.WAITING))
    assert waiting == [], batch


async def the_honest_are_answered(house: House, number: int) -> None:
    """Nothing of what others sent stands in an honest person's chat, and their own command is answered."""
    chat = house.messenger.chats.setdefault(str(HONEST), [])
    before = len(chat)
    await send(house, [{"update_id": number} | honest("/trogiup", number)])
    assert len(chat) == before + 1, [one.text for one in chat[before:]]
    assert "/cuatoi" in chat[-1].text
