"""Erasing somebody says nothing of whose a denunciation is to those who may not read it."""

from typing import Any

import pytest

from domain.questions.life import Role
from services.ledger.ledger import as_json
from storage.engine.database import Database
from storage.questions import questions
from tests.conftest import SetClock
from tests.worlds.chat import Chat, House
from tests.worlds.offices import LAND, Offices, hire

DENUNCIATION = "Tôi tố cáo ông chủ tịch xã nhận hối lộ 50 triệu đồng của dân làm sổ đỏ."


@pytest.fixture
async def offices(database: Database, application: Any) -> Offices:
    return await Offices.open(House(database, application))


@pytest.fixture
async def admin(offices: Offices) -> Chat:
    return await hire(offices.house, "Quản", Role.ADMIN)


async def test_who_is_erased_is_not_told_to_be_the_one_who_denounced(
    offices: Offices, admin: Chat, clock: SetClock, database: Database
) -> None:
    denouncer = offices.house.person("Hoa")
    named = await offices.ask(LAND, denouncer)
    hidden = await offices.ask(DENUNCIATION, denouncer)
    await admin.send(f"/xem {named}", f"/xem {hidden}", "/moi")
    seen = {one.id: one.text for one in admin.shown if hidden in one.text}
    clock.move(days=1)
    await denouncer.send("/xoadulieu")
    await denouncer.press("Xác nhận")
    assert "đã được xóa" in next(one for one in admin.shown if named in one.text).text
    # The card of a name changes at this very moment: another one that does so would be of the same person.
    assert {one.id: one.text for one in admin.shown if hidden in one.text} == seen
    moments = {}
    async with database.reading() as work:
        for code in (named, hidden):
            row = await questions.by_code(work, 2026, int(code[-6:]))
            assert row is not None
            moments[code] = {one["at"] for one in (await as_json(work, row))["history"]}
    assert len(moments[named]) == 2
    assert len(moments[hidden]) == 1  # when it came, and no other


async def test_editors_who_read_it_find_that_its_asker_was_erased(offices: Offices) -> None:
    denouncer = offices.house.person("Hoa")
    hidden = await offices.ask(DENUNCIATION, denouncer)
    await offices.editor.send(f"/xem {hidden}")
    await denouncer.send("/xoadulieu")
    await denouncer.press("Xác nhận")
    assert not [one for one in offices.editor.shown if "hối lộ" in one.text]
    assert [one for one in offices.editor.saying(hidden) if "đã được xóa" in one.text]
