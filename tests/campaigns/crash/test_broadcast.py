"""A broadcast under the messenger's limits, with faults, a `kill -9` in the middle, and citizens who chat meanwhile."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bot.house.clocks import SystemClock
from domain.broadcasts.broadcasts import DeliveryState
from domain.programme import Programme
from domain.questions.life import Role
from sandbox import process
from sandbox.client import Sandbox, User
from services.broadcasts import broadcasts
from services.people.actors import actor_of
from storage.engine.database import Database
from storage.people import people, roles
from storage.tables import deliveries
from storage.tables import people as people_table
from tests.worlds.office import TOKEN, Office

TEXT = "Kỳ 12 của chương trình <Dân hỏi> lên sóng lúc 20:00 thứ Ba"
ARRIVED = (200, "drop_after", "timeout_after")


@pytest.fixture
async def office(tmp_path: Path, database_url: str) -> AsyncIterator[Office]:
    """An office that keeps a second between two messages to one chat; its bot does not run yet."""
    state = str(tmp_path / "messenger.db")
    async with (
        process.running("--token", TOKEN, "--state", state) as messenger,
        Sandbox.connect(messenger.url) as sandbox,
    ):
        one = Office(tmp_path, messenger.url, sandbox, database_url)
        one.settings["DANHOI_LIMITS__CHAT_SECONDS"] = "1.0"
        yield one
        if one.process is not None:
            await one.stop()


@asynccontextmanager
async def opened(office: Office) -> AsyncIterator[Database]:
    database = Database(office.database_url, clock=SystemClock(), programme=Programme(hold_minutes=0))
    yield database
    await database.close()


@dataclass
class Crowd:
    """People of the messenger whom the bot knows."""

    ids: list[int]
    blocked: set[int]


async def gathered(office: Office, count: int, blocked: int) -> Crowd:
    """So many people who started the bot, some of whom have blocked it since, unnoticed."""
    ids = await office.sandbox.crowd(count - blocked) + await office.sandbox.crowd(blocked, blocked=True)
    async with opened(office) as database, database.work() as work:
        rows = [
            {
                "channel": "telegram",
                "address": str(number),
                "display_name": "Người",
                "language": "vi" if number % 10 else "en",
                "created_at": work.now,
            }
            for number in ids
        ]
        await work.run_many(sa.insert(people_table), rows)
    return Crowd(ids, set(ids[count - blocked :]))


class Chatter:
    """A citizen who asks for help again and again, and how long each answer took."""

    def __init__(self, user: User) -> None:
        self._user = user
        self.waited: list[float] = []

    async def chat(self, stop: asyncio.Event, every: float) -> None:
        while not stop.is_set():
            asked = time.monotonic()
            await self._user.send("/trogiup")
            await self._user.wait_for("/cuatoi", timeout=60)
            self.waited.append(time.monotonic() - asked)
            await asyncio.sleep(every)


async def progress(office: Office, broadcast_id: int) -> dict[str, Any]:
    found = await office.command("broadcasts", "--json")
    row: dict[str, Any] = next(row for row in found if row["id"] == broadcast_id)
    return row


async def until(office: Office, broadcast_id: int, least: int, timeout: float) -> None:
    """Wait until so many have got it."""
    end = time.monotonic() + timeout
    async with opened(office) as database:
        while True:
            async with database.reading() as work:
                now = await broadcasts.progress(work, broadcast_id)
            if now.sent >= least or now.status == "done":
                return
            assert time.monotonic() < end, now
            await asyncio.sleep(0.1)


async def arrivals(office: Office) -> Counter[int]:
    """How many copies of the broadcast each chat got, as the messenger knows."""
    return Counter(
        int(entry["params"]["chat_id"])
        for entry in await office.sandbox.requests("sendMessage")
        if entry["params"]["text"].startswith("Kỳ 12")
        and (entry["code"] in ARRIVED or entry["description"] in ARRIVED)
    )


async def refused_for_pace(office: Office) -> list[str]:
    """What the messenger refused because it came too fast, each with the seconds since earlier ones that count."""
    if not (await office.sandbox.flood())["refused"]:
        return []
    entries = await office.sandbox.requests()
    times = [
        (entry["at"] + entry["ms"] / 1000, entry["params"].get("chat_id"))
        for entry in entries
        if entry["method"] in ("sendMessage", "editMessageText") and entry["code"] == 200
    ]
    found = []
    for entry in entries:
        if entry["code"] == 429:
            at, chat = entry["at"], entry["params"]["chat_id"]
            window = [f"{at - one:.4f}" for one, _ in times if at - 1.1 < one < at]
            same = [f"{at - one:.4f}" for one, to in times if to == chat and one < at][-2:]
            found.append(f"{entry['description']}; in the second before {window}; to the same chat {same}")
    return found


async def states(office: Office, broadcast_id: int) -> dict[int, str]:
    async with opened(office) as database, database.reading() as work:
        rows = await work.all(
            sa.select(people_table.c.address, deliveries.c.state)
            .join(people_table, people_table.c.id == deliveries.c.person_id)
            .where(deliveries.c.broadcast_id == broadcast_id)
        )
        return {int(row.address): row.state for row in rows}


async def repeat(office: Office, broadcast_id: int) -> int:
    """An editor asks for it to be sent again, also to those of whom nobody knows."""
    async with opened(office) as database, database.work() as work:
        editor = await people.seen(
            work, channel="telegram", address="999", display_name="Biên", language="vi"
        )
        await roles.grant(work, editor.id, Role.EDITOR, None, None)
        await people.update(work, editor.id, left_broadcasts_at=work.now)
        return await broadcasts.repeat_to_missed(
            work, await actor_of(work, editor), broadcast_id, include_uncertain=True
        )


async def test_who_was_answered_just_before_a_kill_is_not_answered_too_soon_after_it(office: Office) -> None:
    await office.sandbox.flood(enabled=True, chat_burst=1, strict=True)
    await office.start()
    mai = await office.sandbox.user("Mai")
    await mai.send("/trogiup")
    await mai.wait_for("/cuatoi")
    await office.kill()
    await mai.send("/trogiup")
    await office.start()
    await mai.wait_for("/cuatoi")
    assert not await refused_for_pace(office)


@pytest.mark.parametrize(
    ("count", "per_second", "chatters"), [(240, 60, 3), pytest.param(3000, 30, 6, marks=pytest.mark.long)]
)
async def test_everybody_gets_it_once_and_what_was_in_flight_is_uncertain(
    office: Office, count: int, per_second: int, chatters: int
) -> None:
    office.settings["DANHOI_TELEGRAM__MESSAGES_PER_SECOND"] = str(per_second)
    crowd = await gathered(office, count, blocked=count // 20)
    citizens = [Chatter(await office.sandbox.user(f"Mai {number}")) for number in range(chatters)]
    await office.sandbox.flood(enabled=True, per_second=per_second, chat_burst=1, strict=True)
    await office.start()
    stop = asyncio.Event()
    chats = [asyncio.create_task(citizen.chat(stop, 1.5)) for citizen in citizens]
    (office.folder / "text.txt").write_text(TEXT, "utf-8")
    broadcast_id = (await office.command("broadcast", "--text-file", "text.txt", "--to", "all", "--json"))[
        "id"
    ]

    await until(office, broadcast_id, count // 8, 60)
    await office.sandbox.fault("429", "sendMessage", retry_after=1)
    for kind, times in {"500": 4, "502": 2, "drop_before": 2, "drop_after": 2}.items():
        await office.sandbox.fault(kind, "sendMessage", count=times, probability=0.3, seed=count)
    await until(office, broadcast_id, count // 2, count)
    await office.kill()
    await office.start()
    begun = time.monotonic()
    await until(office, broadcast_id, count, count)
    stop.set()
    await asyncio.gather(*chats)
    await asyncio.sleep(0.5)

    done = await progress(office, broadcast_id)
    counted, found = await states(office, broadcast_id), await arrivals(office)
    known = {chat: state for chat, state in counted.items() if chat in set(crowd.ids)}
    uncertain = {chat for chat, state in counted.items() if state == DeliveryState.UNCERTAIN}
    assert done["status"] == "done"
    assert set(known) == set(crowd.ids)
    assert done["recipients"] == len(counted)
    assert (done["failed"], done["pending"], done["blocked"]) == (0, 0, len(crowd.blocked))
    assert {chat for chat, state in counted.items() if state == DeliveryState.BLOCKED} == crowd.blocked
    assert all(found[chat] == 1 for chat, state in counted.items() if state == DeliveryState.SENT)
    assert all(found[chat] <= 1 for chat in counted)
    assert 0 < len(uncertain) <= per_second + 4
    assert not await refused_for_pace(office)

    again = await repeat(office, broadcast_id)
    await until(office, again, len(uncertain), 60)
    await asyncio.sleep(0.5)
    repeated = await progress(office, again)
    assert (repeated["recipients"], repeated["sent"]) == (len(uncertain), len(uncertain))
    found = await arrivals(office)
    assert all(found[chat] == 0 for chat in crowd.blocked)
    assert all(1 <= found[chat] <= (2 if chat in uncertain else 1) for chat in set(counted) - crowd.blocked)
    assert not await refused_for_pace(office)

    waited = sorted(wait for citizen in citizens for wait in citizen.waited)
    print(f"\n{done} uncertain={len(uncertain)} after the kill {time.monotonic() - begun:.1f} s")
    print(
        f"{len(waited)} replies waited p50 {waited[len(waited) // 2]:.2f} p99 {waited[-1 - len(waited) // 100]:.2f}"
    )
