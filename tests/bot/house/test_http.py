"""The calendar over HTTP, asked for as a calendar does, and read back with icalendar."""

import socket
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import aiohttp
import pytest
from icalendar import Calendar

from bot.config import Address
from bot.house.http import AiringCalendar, serving
from services.airings import changes
from services.airings.schedule import tie
from services.operation.loading.slots import load_slots
from storage.engine.database import Database
from storage.tables import episodes
from tests.conftest import SAMPLES, SetClock
from tests.worlds.world import World

LOCAL = Address("127.0.0.1", 0)
# The clock stands at Monday 2/11/2026, 09:00.
MOVED = "A24:2026-11-07@dh.danhoi"


@pytest.fixture
async def world(database: Database) -> World:
    async with database.work() as work:
        await load_slots(work, (SAMPLES / "slots.csv").read_text("utf-8"))
        return await World.build(work)


@pytest.fixture
async def address(database: Database, world: World) -> AsyncIterator[str]:
    async with serving(LOCAL, AiringCalendar(database, keep_seconds=0).routes()) as port:
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
async def client() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


def events_of(document: bytes) -> list[Any]:
    """The events of a calendar document; as `Any`, for each property has a type of its own."""
    return list(Calendar.from_ical(document).walk("VEVENT"))


async def events(client: aiohttp.ClientSession, address: str) -> dict[str, Any]:
    async with client.get(f"{address}/lich.ics") as response:
        assert response.status == 200
        found = events_of(await response.read())
    return {str(event["UID"]): event for event in found}


async def test_a_calendar_reads_the_coming_half_year(client: aiohttp.ClientSession, address: str) -> None:
    async with client.get(f"{address}/lich.ics") as response:
        assert response.headers["Content-Type"] == "text/calendar; charset=utf-8"
        assert response.headers["Cache-Control"] == "public, max-age=900"
        document = await response.read()
    calendar = Calendar.from_ical(document)
    assert str(calendar["X-WR-CALNAME"]) == "Dân hỏi - Chính quyền trả lời - Lịch phát sóng"
    found = events_of(document)
    starts = [event["DTSTART"].dt for event in found]
    assert starts == sorted(starts)
    assert starts[0] == datetime(2026, 11, 2, 22, 45, tzinfo=UTC)  # Tuesday 3/11, 05:45
    assert all(start.tzinfo is not None for start in starts)
    assert 42 <= len(found) <= 54  # six months of eight
    assert {str(event["STATUS"]) for event in found} == {"CONFIRMED"}
    assert found[0]["DTSTAMP"].dt == datetime(2026, 11, 2, 2, tzinfo=UTC)  # the clock's
    assert found[0]["DTEND"].dt == datetime(2026, 11, 2, 23, 0, tzinfo=UTC)
    assert str(found[0]["SUMMARY"]) == "Dân hỏi - Chính quyền trả lời - Phát thanh"
    repeat = next(event for event in found if str(event["UID"]) == "B24:2026-11-07@dh.danhoi")
    assert str(repeat["SUMMARY"]) == "Dân hỏi - Chính quyền trả lời (phát lại) - KG"
    assert b"VALARM" not in document
    assert all(len(line) <= 75 for line in document.split(b"\r\n"))


async def test_a_moved_airing_keeps_its_uid_and_counts_and_a_cancelled_one_says_so(
    client: aiohttp.ClientSession, address: str, database: Database, world: World
) -> None:
    before = await events(client, address)
    to = datetime(2026, 11, 10, 13, 0, tzinfo=UTC)
    async with database.work() as work:
        await changes.move(work, world.editor, "A24:2026-11-07", to, 'Bóng đá; "trực tiếp", xem\nthêm')
        await changes.cancel(work, world.editor, "A24:2026-11-21", "Bão số 12")
    after = await events(client, address)
    assert after.keys() == before.keys()
    assert (int(before[MOVED]["SEQUENCE"]), int(after[MOVED]["SEQUENCE"])) == (0, 1)
    assert after[MOVED]["DTSTART"].dt == to
    assert 'Bóng đá; "trực tiếp", xem thêm' in str(after[MOVED]["DESCRIPTION"])
    repeat = after["B24:2026-11-07@dh.danhoi"]
    assert (repeat["DTSTART"].dt, int(repeat["SEQUENCE"])) == (datetime(2026, 11, 10, 22, 55, tzinfo=UTC), 1)
    for key in ("A24:2026-11-21", "B24:2026-11-21", "C24:2026-11-21"):
        event = after[f"{key}@dh.danhoi"]
        assert (str(event["STATUS"]), int(event["SEQUENCE"])) == ("CANCELLED", 1)
    async with database.work() as work:
        await changes.restore(work, world.editor, "A24:2026-11-21")
    restored = (await events(client, address))["A24:2026-11-21@dh.danhoi"]
    assert (str(restored["STATUS"]), int(restored["SEQUENCE"])) == ("CONFIRMED", 2)


async def test_the_episode_stands_in_the_description(
    client: aiohttp.ClientSession, address: str, database: Database, world: World
) -> None:
    async with database.work() as work:
        episode = await work.insert(
            episodes, year=2026, number=12, title='Đất đai, "sổ đỏ"', created_at=work.now
        )
        await tie(work, "A24:2026-11-07", episode)
    found = await events(client, address)
    for key in ("A24:2026-11-07", "C24:2026-11-07"):
        assert str(found[f"{key}@dh.danhoi"]["DESCRIPTION"]) == 'Kỳ 12/2026: Đất đai, "sổ đỏ"'


async def test_what_did_not_change_is_not_sent_again(
    client: aiohttp.ClientSession, address: str, database: Database, world: World, clock: SetClock
) -> None:
    url = f"{address}/lich.ics"
    async with client.get(url) as response:
        tag = response.headers["ETag"]
    clock.move(minutes=30)  # nothing aired meanwhile
    async with client.get(url, headers={"If-None-Match": tag}) as response:
        assert (response.status, await response.read()) == (304, b"")
        assert response.headers["ETag"] == tag
    async with client.get(url, headers={"If-None-Match": '"other", W/"another"'}) as response:
        assert response.status == 200
    async with client.get(url, headers={"If-None-Match": 'nonsense, ,"'}) as response:
        assert response.status == 200
    async with database.work() as work:
        await changes.cancel(work, world.editor, "A24:2026-11-07", "Bão")
    async with client.get(url, headers={"If-None-Match": tag}) as response:
        assert response.status == 200
        assert response.headers["ETag"] != tag


async def test_head_says_what_get_would_and_nothing_else_answers(
    client: aiohttp.ClientSession, address: str
) -> None:
    async with client.get(f"{address}/lich.ics") as response:
        length = response.headers["Content-Length"]
    async with client.head(f"{address}/lich.ics") as response:
        assert (response.status, await response.read()) == (200, b"")
        assert response.headers["Content-Length"] == length
        assert response.headers["ETag"]
        assert response.headers["Server"] == "danhoi"
    for path in ("/", "/lich", "/lich.ics/", "/lich.ics/../data/danhoi.db", "/data/danhoi.db", "/questions"):
        async with client.get(address + path) as response:
            assert response.status == 404, path
    for method in ("POST", "PUT", "DELETE", "OPTIONS"):
        async with client.request(method, f"{address}/lich.ics") as response:
            assert response.status == 405


async def test_one_document_answers_many(
    client: aiohttp.ClientSession, database: Database, world: World, clock: SetClock
) -> None:
    async with serving(LOCAL, AiringCalendar(database, keep_seconds=60).routes()) as port:
        stamps = set()
        for _ in range(3):
            async with client.get(f"http://127.0.0.1:{port}/lich.ics") as response:
                first = events_of(await response.read())[0]
            stamps.add(first["DTSTAMP"].dt)
            clock.move(minutes=1)
    assert len(stamps) == 1


async def test_a_database_that_is_away_is_said_briefly(
    client: aiohttp.ClientSession, address: str, database: Database
) -> None:
    async def rename(old: str, new: str) -> None:
        async with database.engine.begin() as connection:
            await connection.exec_driver_sql(f"ALTER TABLE {old} RENAME TO {new}")

    await rename("slots", "elsewhere")
    try:
        async with client.get(f"{address}/lich.ics") as response:
            assert response.status == 503
            assert response.headers["Retry-After"] == "60"
            assert await response.read() == b""
    finally:
        await rename("elsewhere", "slots")  # the next test has the same PostgreSQL


async def test_without_an_address_nothing_listens_and_a_taken_one_is_refused(database: Database) -> None:
    async with serving(None, []) as port:
        assert port is None
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(OSError, match="in use"):
            async with serving(Address("127.0.0.1", taken.getsockname()[1]), []):
                pass
