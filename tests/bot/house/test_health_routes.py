"""What watches the bot asks: alive, ready and why not, and numbers that name nobody."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
import sqlalchemy as sa
from prometheus_client.parser import text_string_to_metric_families

from bot.config import Address
from bot.house import health_routes, metrics
from bot.house.health_routes import HEARD_WITHIN, Standing, Watch
from bot.house.http import serving
from bot.loops.pace import Pace
from bot.loops.sender import Sender
from bot.loops.worker import Worker
from channels.outgoing import Busy, Kind, Outgoing
from domain.broadcasts.broadcasts import Audience, BroadcastKind
from storage.broadcasts import broadcasts
from storage.delivery import inbox, outbox
from storage.delivery.inbox import Received
from storage.delivery.outbox import Lane
from storage.engine.database import Database
from storage.people import people
from storage.tables import deliveries
from tests.conftest import SetClock


@pytest.fixture
def standing() -> Standing:
    return Standing(started=True, leads=True)


@pytest.fixture
async def watch(
    database: Database, standing: Standing, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator["Client"]:
    monkeypatch.setattr(health_routes, "LOOK_SECONDS", 0.0)
    standing.heard()
    routes = Watch(database, standing).routes()
    async with serving(Address("127.0.0.1", 0), routes) as port, aiohttp.ClientSession() as session:
        yield Client(session, f"http://127.0.0.1:{port}")


class Client:
    """Asks as a supervisor, a balancer or Prometheus does."""

    def __init__(self, session: aiohttp.ClientSession, address: str) -> None:
        self._session = session
        self._address = address

    async def json(self, path: str) -> tuple[int, dict[str, Any]]:
        async with self._session.get(self._address + path) as response:
            return response.status, await response.json()

    async def text(self) -> str:
        async with self._session.get(f"{self._address}/metrics") as response:
            assert response.status == 200
            return await response.text()

    async def numbers(self) -> dict[str, float]:
        """Each sample by its name, with its labels' values."""
        return {
            " ".join([sample.name, *sample.labels.values()]): sample.value
            for family in text_string_to_metric_families(await self.text())
            for sample in family.samples
        }


async def test_a_bot_at_work_is_alive_and_ready(watch: Client) -> None:
    assert await watch.json("/healthz") == (200, {"alive": True})
    assert await watch.json("/readyz") == (200, {"ready": True, "leads": True, "reasons": []})


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"started": False}, "starting"),
        ({"stopping": True}, "stopping"),
        ({"heard_at": -HEARD_WITHIN}, "messenger"),
        ({"heard_at": 0.0}, "messenger"),
    ],
)
async def test_what_is_not_ready_says_why(
    watch: Client, standing: Standing, change: dict[str, Any], reason: str
) -> None:
    now = asyncio.get_running_loop().time()
    for name, value in change.items():
        setattr(standing, name, now + value if name == "heard_at" and value else value)
    status, said = await watch.json("/readyz")
    assert (status, said["reasons"]) == (503, [reason])
    assert (await watch.json("/healthz"))[0] == 200


async def test_who_stands_by_need_not_hear_from_the_messenger(watch: Client, standing: Standing) -> None:
    standing.leads, standing.heard_at = False, 0.0
    assert await watch.json("/readyz") == (200, {"ready": True, "leads": False, "reasons": []})


async def test_a_database_that_is_away_or_of_another_version_is_a_reason(
    watch: Client, database: Database, monkeypatch: pytest.MonkeyPatch, unused_tcp_port: int, clock: SetClock
) -> None:
    monkeypatch.setattr(health_routes, "newest", lambda: "of tomorrow")
    assert (await watch.json("/readyz"))[1]["reasons"] == ["schema"]
    monkeypatch.undo()
    monkeypatch.setattr(health_routes, "LOOK_SECONDS", 0.0)
    away = Database(
        f"postgresql+asyncpg://nobody@127.0.0.1:{unused_tcp_port}/nothing",
        clock=clock,
        programme=database.programme,
    )
    engine, database.engine = database.engine, away.engine
    status, said = await watch.json("/readyz")
    assert (status, said["reasons"]) == (503, ["database"])
    assert (await watch.numbers())["danhoi_database_up"] == 0
    database.engine = engine
    await away.close()
    assert (await watch.json("/readyz"))[0] == 200


class Messenger:
    """Refuses once, then takes everything."""

    def __init__(self) -> None:
        self.busy = True

    async def deliver(self, message: Outgoing) -> str | None:
        if self.busy:
            self.busy = False
            raise Busy(0.01)
        return "1"

    async def deliver_album(self, message: Outgoing) -> list[str]:
        raise NotImplementedError

    async def fetch(self, remote_id: str, limit: int) -> bytes:
        raise NotImplementedError


async def test_prometheus_reads_what_waits_for_how_long_and_what_was_done(
    watch: Client, database: Database, application: Any, clock: SetClock
) -> None:
    before = await watch.numbers()
    async with database.work() as work:
        person = await people.seen(
            work, channel="telegram", address="777001", display_name="Lê Thị Mai", language="vi"
        )
        await outbox.put(
            work,
            channel="telegram",
            address="777001",
            person_id=person.id,
            lane=Lane.REPLY,
            kind=Kind.TEXT,
            content={"html": "Câu hỏi của bà", "buttons": []},
        )
        to_all = await broadcasts.add(work, kind=BroadcastKind.MESSAGE, audience=Audience.ALL, content={})
        await work.run(
            sa.insert(deliveries).values(broadcast_id=to_all, person_id=person.id, state="pending")
        )
        await inbox.put(
            work,
            [
                Received("telegram", "1", 1, "777001", "{"),
                Received("telegram", "2", 2, "777001", '{"update_id": 2}'),
            ],
        )
    clock.move(seconds=90)
    waiting = await watch.numbers()
    assert (waiting["danhoi_inbox_waiting"], waiting["danhoi_inbox_oldest_seconds"]) == (2, 90)
    assert (waiting["danhoi_outbox_waiting reply"], waiting["danhoi_outbox_oldest_seconds reply"]) == (1, 90)
    assert (waiting["danhoi_outbox_waiting notice"], waiting["danhoi_outbox_oldest_seconds notice"]) == (0, 0)
    assert waiting["danhoi_deliveries_pending"] == 1
    await Worker(database, application, asyncio.Event()).work_once()
    sender = Sender(database, {"telegram": Messenger()}, {"telegram": Pace(1e6, 0)}, asyncio.Event())
    await sender.send_all()
    clock.move(seconds=1)
    await sender.send_all()
    after = await watch.numbers()
    # Counters are the process's: what other tests left in them costs the last binary places.
    done = {name: round(after[name] - before.get(name, 0), 6) for name in after}
    assert (after["danhoi_inbox_waiting"], after["danhoi_outbox_waiting reply"]) == (0, 0)
    assert after["danhoi_inbox_oldest_seconds"] == 0
    assert after["danhoi_updates_parked"] == 1
    assert (done["danhoi_updates_handled_total unreadable"], done["danhoi_updates_handled_total done"]) == (
        1,
        1,
    )
    # Whoever sent what could not be read is told so, too.
    assert (done["danhoi_messages_total busy"], done["danhoi_messages_total sent"]) == (1, 2)
    assert done["danhoi_update_seconds_count"] == 1
    assert done["danhoi_update_wait_seconds_sum"] == 90
    assert done["danhoi_delivery_seconds_count"] == 3
    assert (done["danhoi_reply_seconds_count"], done["danhoi_reply_seconds_sum"]) == (2, 92)
    text = await watch.text()
    assert 'danhoi_build_info{schema="' in text
    for private in ("777001", "Mai", "Câu hỏi", "1:test"):
        assert private not in text


async def test_the_database_is_asked_once_in_a_few_seconds(
    watch: Client, monkeypatch: pytest.MonkeyPatch, database: Database
) -> None:
    monkeypatch.setattr(health_routes, "LOOK_SECONDS", 60.0)
    await watch.json("/readyz")
    asked = 0

    async def counted(_database: Database) -> str:
        nonlocal asked
        asked += 1
        return ""

    monkeypatch.setattr(health_routes, "current", counted)
    for _ in range(5):
        assert (await watch.json("/readyz"))[0] == 200
        await watch.text()
    assert asked == 0


async def test_a_late_event_loop_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health_routes, "LAG_SECONDS", 0.01)
    async with health_routes.lag_measured():
        await asyncio.sleep(0.02)
        assert 0 <= metrics.LOOP_LAG._value.get() < 10
