"""`Thu hồi`: a broadcast that is over is deleted from the chats it reached, as long as messengers delete."""

from typing import Any

import pytest
import sqlalchemy as sa

from domain.broadcasts.broadcasts import DeliveryState
from domain.errors import Reason, RuleViolation
from domain.programme import Programme
from domain.questions.life import Role
from services.broadcasts import broadcasts as broadcasting
from services.people.actors import actor_of
from storage.broadcasts import broadcasts
from storage.engine.database import Database
from storage.operation import audit
from storage.tables import deliveries, outbox
from tests.conftest import SetClock
from tests.worlds.chat import Chat, House
from tests.worlds.offices import hire

TAKE_BACK = "Thu hồi"


@pytest.fixture
def programme() -> Programme:
    return Programme(province="tỉnh An Giang", hold_minutes=0)


@pytest.fixture
def house(database: Database, application: Any) -> House:
    return House(database, application)


@pytest.fixture
async def editor(house: House) -> Chat:
    return await hire(house, "Biên", Role.EDITOR)


async def sent(house: House, editor: Chat, *chats: Chat) -> int:
    """A broadcast that reached these chats, and is over; its id."""
    await editor.send("/thongbao Họp dân ngày 5/11")
    await editor.press("Xác nhận")
    await broadcasting.start_due(house.database)
    async with house.database.work() as work:
        broadcast_id = int((await broadcasts.listed(work))[-1].id)
        for chat in chats:
            await work.run(
                sa.update(deliveries)
                .where(deliveries.c.person_id == (await chat.row()).id)
                .values(state=DeliveryState.SENT, sent_at=work.now, message_id=str(chat.last.id))
            )
        others = deliveries.c.state == DeliveryState.PENDING
        await work.run(sa.update(deliveries).where(others).values(state=DeliveryState.BLOCKED))
        await broadcasts.finish(work)
    return broadcast_id


async def test_it_is_deleted_where_it_arrived_after_a_word_and_only_once(house: House, editor: Chat) -> None:
    mai, nam = house.person("Mai"), house.person("Nam")
    for chat in (mai, nam):
        await chat.send("/start")
    broadcast_id = await sent(house, editor, mai)
    had = mai.last
    await editor.send(f"/thongbao {broadcast_id}")
    await editor.press_data(f"brt:{broadcast_id}", editor.last.id)
    assert "1</b> người" in editor.last.html
    assert mai.shown[-1] is had
    await editor.press("Xác nhận")

    assert had not in mai.shown
    assert len(nam.shown) == 1
    async with house.database.reading() as work:
        queued = await work.all(sa.select(outbox.c.address).where(outbox.c.kind == "delete"))
        assert [row.address for row in queued] == [str(mai.address)]
        acts = [row.act for row in await broadcasts.acts(work, broadcast_id, 5)]
        assert "take_back" in acts
        assert "broadcast_taken_back" in [row.act for row in await audit.listed(work, 9)]
    assert TAKE_BACK not in editor.last.labels
    assert await refusal(house, editor, broadcast_id) is Reason.BROADCAST_NOT_TAKEN_BACK


async def refusal(house: House, chat: Chat, broadcast_id: int) -> Reason:
    async with house.database.work() as work:
        actor = await actor_of(work, await chat.row())
        with pytest.raises(RuleViolation) as caught:
            await broadcasting.take_back(work, actor, broadcast_id)
    return caught.value.reason


async def test_after_48_hours_it_is_neither_offered_nor_done(
    house: House, editor: Chat, clock: SetClock
) -> None:
    mai = house.person("Mai")
    await mai.send("/start")
    broadcast_id = await sent(house, editor, mai)
    assert await refusal(house, mai, broadcast_id) is Reason.NOT_ALLOWED
    clock.move(hours=47, minutes=59)
    assert await offered(house, broadcast_id)
    clock.move(minutes=1)
    assert not await offered(house, broadcast_id)
    assert await refusal(house, editor, broadcast_id) is Reason.BROADCAST_NOT_TAKEN_BACK


async def offered(house: House, broadcast_id: int) -> bool:
    async with house.database.reading() as work:
        row = await broadcasts.by_id(work, broadcast_id)
        assert row is not None
        return await broadcasting.count_to_take_back(work, row) > 0


async def test_one_that_goes_on_is_stopped_first(house: House, editor: Chat) -> None:
    await house.person("Mai").send("/start")
    await editor.send("/thongbao Họp dân ngày 5/11")
    await editor.press("Xác nhận")
    await broadcasting.start_due(house.database)
    async with house.database.reading() as work:
        broadcast_id = int((await broadcasts.listed(work))[-1].id)
    assert await refusal(house, editor, broadcast_id) is Reason.BROADCAST_GOES_ON
