"""`Hoàn tác` of a link: subscribers are not told of it, and it can be added and announced again."""

from typing import Any

import pytest
import sqlalchemy as sa

from domain.programme import Programme
from domain.questions.life import Role
from storage.broadcasts import broadcasts
from storage.engine.database import Database
from storage.rows import BroadcastRow
from storage.tables import broadcasts as broadcasts_table
from storage.tables import links
from tests.conftest import SetClock
from tests.worlds.aired import VIDEO, episode
from tests.worlds.chat import House
from tests.worlds.offices import Offices, hire

UNDO = "Hoàn tác"


@pytest.fixture
def programme() -> Programme:
    return Programme(province="tỉnh An Giang", undo_seconds=60)


@pytest.fixture
async def offices(database: Database, application: Any) -> Offices:
    offices = await Offices.open(House(database, application))
    async with database.work() as work:
        await episode(work)
    return offices


async def due(offices: Offices) -> list[BroadcastRow]:
    """The announcements that start now."""
    async with offices.house.database.reading() as work:
        return await broadcasts.due(work)


async def present(offices: Offices) -> list[str]:
    async with offices.house.database.reading() as work:
        rows = await work.all(sa.select(links.c.url).where(links.c.removed_at.is_(None)).order_by(links.c.id))
    return [row.url for row in rows]


async def test_an_announcement_waits_as_long_as_the_link_can_be_undone(
    offices: Offices, clock: SetClock
) -> None:
    await offices.editor.send(f"/duongdan 12/2026 {VIDEO}")
    assert await present(offices) == [VIDEO]
    clock.move(seconds=59)
    await offices.house.deliver()
    assert await due(offices) == []
    assert any(UNDO in shown.labels for shown in offices.editor.shown)
    clock.move(seconds=2)
    await offices.house.deliver()
    (announced,) = await due(offices)
    assert announced.kind == "link"
    assert not any(UNDO in shown.labels for shown in offices.editor.shown)


async def test_an_undone_link_is_announced_when_it_is_added_again(offices: Offices, clock: SetClock) -> None:
    await offices.editor.send(f"/duongdan 12/2026 {VIDEO}")
    carrying = next(shown for shown in offices.editor.shown if UNDO in shown.labels)
    data = carrying.data(UNDO)
    other = await hire(offices.house, "Khác", Role.EDITOR)
    await other.press_data(data, other.last.id)
    assert await present(offices) == [VIDEO]

    await offices.editor.press(UNDO)

    assert await present(offices) == []
    assert "gỡ" in carrying.text.casefold() or "bỏ" in carrying.text.casefold()
    clock.move(minutes=5)
    assert await due(offices) == []
    await offices.editor.press_data(data, carrying.id)  # a second tap

    await offices.editor.send(f"/duongdan 12/2026 {VIDEO}")
    clock.move(seconds=61)
    assert await present(offices) == [VIDEO]
    assert [row.kind for row in await due(offices)] == ["link"]
    async with offices.house.database.reading() as work:
        statuses = [row.status for row in await work.all(sa.select(broadcasts_table.c.status))]
    assert sorted(statuses) == ["cancelled", "queued"]
