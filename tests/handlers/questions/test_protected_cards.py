"""Cards that tell who asked are not to be passed on, and nobody's app fetches pages that citizens link to."""

from typing import Any

import pytest
import sqlalchemy as sa

from domain.programme import Programme
from storage.delivery.outbox import EDIT
from storage.engine.database import Database
from storage.tables import outbox
from tests.worlds.chat import House
from tests.worlds.offices import Offices


@pytest.fixture(params=[True, False], ids=["protected", "open"])
def protect_cards(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture
def programme(protect_cards: bool) -> Programme:
    return Programme(province="tỉnh An Giang", protect_cards=protect_cards)


async def test_what_tells_the_staff_who_asked_is_protected_and_nothing_else(
    database: Database, application: Any, protect_cards: bool
) -> None:
    offices = await Offices.open(House(database, application))
    code = await offices.ask("Tôi hỏi theo https://theo-doi.example/mai bao giờ có sổ đỏ ở phường Rạch Giá?")
    await offices.editor.send(f"/chuyen {code} SNNMT")
    for chat in (offices.editor, offices.officer):
        await chat.send(f"/xem {code}", "/viec")
    await offices.officer.send(f"/traloi {code} Hồ sơ sẽ xong trước ngày 30/11/2026.")
    async with database.reading() as work:
        sent = await work.all(sa.select(outbox).where(outbox.c.kind != EDIT))
    telling = [row for row in sent if "12 Lê Lợi" in row.content.get("html", "")]
    staff = {str(one.address) for one in (offices.editor, offices.officer, offices.leader)}
    assert {row.address for row in telling if row.address in staff} == staff
    for row in sent:
        expected = protect_cards and row in telling and row.address in staff
        assert bool(row.content.get("protected")) == expected, row.content
        assert "previews" not in row.content
