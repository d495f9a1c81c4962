"""Nothing that others read can be laid side by side so that it says who denounced: no numbers of people, no moments."""

import re
from typing import Any

import pytest
import sqlalchemy as sa

from domain.privacy.audit import OWN_DATA
from domain.questions.life import Role
from services.ledger.ledger import as_json
from services.operation.evidence import seal_ledger
from storage.engine.database import Database
from storage.questions import questions
from storage.tables import audit
from tests.conftest import SetClock
from tests.worlds.chat import Chat, House
from tests.worlds.offices import LAND, Offices, hire

DENUNCIATION = "Tôi tố cáo ông chủ tịch xã nhận hối lộ 50 triệu đồng của dân làm sổ đỏ."
OWN_WORDS = ("đồng ý", "rút đồng ý", "sửa thông tin của mình", "nhận tệp thông tin", "xóa thông tin")


@pytest.fixture
async def offices(database: Database, application: Any) -> Offices:
    return await Offices.open(House(database, application))


@pytest.fixture
async def admin(offices: Offices) -> Chat:
    return await hire(offices.house, "Quản", Role.ADMIN)


async def _own_acts(database: Database) -> set[str]:
    async with database.reading() as work:
        rows = await work.all(sa.select(audit.c.act).where(audit.c.act.in_(sorted(OWN_DATA))))
    return {row.act for row in rows}


async def test_what_citizens_do_with_their_own_data_is_counted_without_whom_and_when(
    offices: Offices, admin: Chat, database: Database, clock: SetClock
) -> None:
    clock.move(minutes=3, seconds=11)
    denouncer = offices.house.person("Hoa")
    await offices.ask(DENUNCIATION, denouncer)  # a first consent, at this very second
    clock.move(minutes=1)
    await offices.ask(LAND, denouncer)  # and a question under their name
    await denouncer.send("/dulieu")
    await denouncer.press("Sửa số liên hệ")
    await denouncer.send("0912777333")
    await denouncer.send("/dulieu")
    await denouncer.press("Nhận tất cả thành tệp")
    assert {"consent_given", "data_corrected", "data_exported"} <= await _own_acts(database)
    clock.move(minutes=1)
    pages = await _every_page(admin)
    assert pages, "the log is there"
    for page in pages:
        assert "#" not in page
        assert "09:03" not in page
        assert not [one for one in OWN_WORDS if one in page]
        assert "Người dân" not in page  # not even how many, while the day goes on
    clock.move(days=1)
    (first, *others) = await _every_page(admin)
    assert re.search(r"Người dân với thông tin của mình, 30 ngày đến hết hôm qua: đồng ý \d+, ", first)
    assert all("Người dân" not in page for page in others)
    clock.move(days=31)
    assert "Người dân" not in (await _every_page(admin))[0]


async def _every_page(admin: Chat) -> list[str]:
    await admin.send("/nhatky")
    pages = [admin.last.text]
    while "Trang sau" in admin.last.labels:
        await admin.press("Trang sau")
        pages.append(admin.last.text)
    return pages


async def test_what_the_log_keeps_for_itself_is_no_reading_for_admins(
    offices: Offices, admin: Chat, database: Database
) -> None:
    await offices.ask()
    assert await seal_ledger(database)
    assert not [page for page in await _every_page(admin) if "niêm phong" in page]


async def test_the_ledger_of_a_hidden_question_tells_no_moment_that_all_of_a_persons_questions_share(
    offices: Offices, database: Database
) -> None:
    denouncer = offices.house.person("Hoa")
    hidden = await offices.ask(DENUNCIATION, denouncer)
    named = await offices.ask(LAND, denouncer)
    await denouncer.send("/dulieu")
    await denouncer.press("Sửa số liên hệ")
    await denouncer.send("0912777333")
    events = {}
    async with database.reading() as work:
        for code in (hidden, named):
            row = await questions.by_code(work, 2026, int(code[-6:]))
            assert row is not None
            events[code] = {one["event"] for one in (await as_json(work, row))["history"]}
    assert "asker_corrected" in events[named]
    assert "asker_corrected" not in events[hidden]
    assert "flagged" in events[hidden]
