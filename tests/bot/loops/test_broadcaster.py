"""Broadcasts on their way: who gets them, who does not, and what a pause, a fault or a crash does to them."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bot.loops.broadcaster import Broadcaster
from bot.loops.pace import Pace
from bot.loops.sender import Sender
from channels.outgoing import Busy, DeliveryError, Interrupted, Kind, Moved, Outgoing, Rejected, Unreachable
from domain.broadcasts.broadcasts import BroadcastKind, DeliveryState
from domain.questions.life import Role
from services.broadcasts import broadcasts as broadcasting
from services.people.actors import Actor, actor_of
from services.subscribers import delivery_words
from storage.broadcasts import broadcasts
from storage.delivery import outbox
from storage.delivery.outbox import Lane
from storage.engine.database import Database
from storage.engine.errors import DatabaseAway
from storage.people import people, roles
from storage.tables import broadcasts as broadcasts_table
from storage.tables import deliveries
from tests.conftest import SetClock

PER_SECOND = 200


class Messenger:
    """Takes messages, or fails in the ways that it is told to; may hold its answers back."""

    def __init__(self) -> None:
        self.sent: list[Outgoing] = []
        self.failures: dict[str, list[DeliveryError]] = {}
        self.answers = asyncio.Event()
        self.answers.set()

    async def deliver(self, message: Outgoing) -> str | None:
        if failures := self.failures.get(message.address):
            raise failures.pop(0)
        self.sent.append(message)
        await self.answers.wait()
        return str(1000 + len(self.sent))

    async def deliver_album(self, message: Outgoing) -> list[str]:
        raise NotImplementedError

    async def fetch(self, remote_id: str, limit: int) -> bytes:
        raise NotImplementedError

    @property
    def addresses(self) -> list[str]:
        return [message.address for message in self.sent]


@pytest.fixture
def messenger() -> Messenger:
    return Messenger()


@pytest.fixture
def pace() -> Pace:
    return Pace(PER_SECOND, 0, PER_SECOND)


@pytest.fixture
def broadcaster(database: Database, messenger: Messenger, pace: Pace) -> Broadcaster:
    return Broadcaster(database, {"telegram": messenger}, {"telegram": pace}, per_second=PER_SECOND)


async def known(database: Database, count: int) -> list[int]:
    """People who started the bot, at the addresses 1, 2, 3 and so on."""
    async with database.work() as work:
        return [
            (
                await people.seen(
                    work, channel="telegram", address=str(number), display_name=str(number), language="vi"
                )
            ).id
            for number in range(1, count + 1)
        ]


async def queued(database: Database, **more: Any) -> int:
    async with database.work() as work:
        added = await broadcasts.add(
            work,
            kind=BroadcastKind.MESSAGE,
            audience="all",
            content={"html": "tin", "photo": None, "button": None},
            **more,
        )
    assert added is not None
    return added


async def states(database: Database, broadcast_id: int = 1) -> list[str]:
    """The states of a broadcast's deliveries, by recipient."""
    async with database.reading() as work:
        rows = await work.all(
            sa.select(deliveries)
            .where(deliveries.c.broadcast_id == broadcast_id)
            .order_by(deliveries.c.person_id)
        )
        return [row.state for row in rows]


async def status(database: Database, broadcast_id: int = 1) -> str:
    async with database.reading() as work:
        return str((await broadcasting.progress(work, broadcast_id)).status)


async def until(holds: Callable[[], bool]) -> None:
    for _ in range(1000):
        if holds():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it did not come to that")


@asynccontextmanager
async def at_work(broadcaster: Broadcaster) -> AsyncIterator[asyncio.Event]:
    stop = asyncio.Event()
    running = asyncio.create_task(broadcaster.run(stop))
    try:
        yield stop
    finally:
        stop.set()
        await asyncio.wait_for(running, 10)


async def editor(database: Database) -> Actor:
    async with database.work() as work:
        row = await people.seen(work, channel="telegram", address="900", display_name="Biên", language="vi")
        await roles.grant(work, row.id, Role.EDITOR, None, None)
        await people.update(work, row.id, left_broadcasts_at=work.now)
        return await actor_of(work, row)


async def test_everybody_gets_it_once_and_then_it_is_done(
    database: Database, broadcaster: Broadcaster, messenger: Messenger
) -> None:
    await known(database, 50)
    await queued(database)
    await broadcaster.send_all()
    await broadcaster.send_all()
    assert sorted(messenger.addresses, key=int) == [str(number) for number in range(1, 51)]
    assert set(await states(database)) == {DeliveryState.SENT}
    assert await status(database) == "done"
    assert broadcaster.sent == 50


async def test_who_blocked_the_bot_is_marked_and_comes_back_with_start(
    database: Database, broadcaster: Broadcaster, messenger: Messenger
) -> None:
    ids = await known(database, 3)
    messenger.failures["2"] = [Unreachable("blocked by the user")]
    first = await queued(database)
    await broadcaster.send_all()
    assert await states(database, first) == ["sent", "blocked", "sent"]
    async with database.work() as work:
        assert (await people.by_id(work, ids[1])).unreachable_at is not None
    second = await queued(database)
    await broadcaster.send_all()
    assert len(await states(database, second)) == 2
    await known(database, 2)  # they write again
    third = await queued(database)
    await broadcaster.send_all()
    assert await states(database, third) == ["sent", "sent", "sent"]


async def test_what_may_have_arrived_is_uncertain_and_what_surely_has_not_is_sent_again(
    database: Database, broadcaster: Broadcaster, messenger: Messenger, clock: SetClock
) -> None:
    await known(database, 3)
    messenger.failures["1"] = [Interrupted("TimedOut")]
    messenger.failures["2"] = [Interrupted("refused", may_have_arrived=False)]
    await queued(database)
    await broadcaster.send_all()
    assert await states(database) == ["uncertain", "pending", "sent"]
    assert await status(database) == "running"
    clock.move(seconds=5)
    await broadcaster.send_all()
    assert await states(database) == ["uncertain", "sent", "sent"]
    assert await status(database) == "done"
    assert messenger.addresses == ["3", "2"]


async def test_a_messenger_that_never_takes_a_message_fails_it_in_the_end(
    database: Database, broadcaster: Broadcaster, messenger: Messenger, clock: SetClock
) -> None:
    await known(database, 2)
    messenger.failures["1"] = [Interrupted("500", may_have_arrived=False) for _ in range(20)]
    messenger.failures["2"] = [Rejected("Bad Request: can't parse entities")]
    await queued(database)
    for _ in range(10):
        await broadcaster.send_all()
        clock.move(hours=1)
    assert await states(database) == ["failed", "failed"]
    async with database.reading() as work:
        errors = [row.error for row in await work.all(sa.select(deliveries).order_by(deliveries.c.person_id))]
    assert errors == ["500", "Bad Request: can't parse entities"]


async def test_a_command_that_sends_ends_when_the_messenger_is_away(
    database: Database, broadcaster: Broadcaster, messenger: Messenger
) -> None:
    await known(database, 12)
    for address in range(1, 13):
        messenger.failures[str(address)] = [Interrupted("500", may_have_arrived=False)]
    await queued(database)
    async with asyncio.timeout(10):
        await broadcaster.send_all()
    assert await states(database) == ["pending"] * 12


async def test_a_busy_messenger_makes_everybody_wait_and_is_no_failure(
    database: Database, broadcaster: Broadcaster, messenger: Messenger, pace: Pace
) -> None:
    await known(database, 3)
    messenger.failures = {str(number): [Busy(0.5)] for number in range(1, 4)}
    await queued(database)
    begun = asyncio.get_running_loop().time()
    sending = asyncio.create_task(broadcaster.send_all())
    await until(lambda: not any(messenger.failures.values()))
    async with pace.turn("somebody else", Lane.REPLY):
        assert asyncio.get_running_loop().time() - begun >= 0.5
    await sending
    assert await states(database) == ["sent", "sent", "sent"]
    async with database.reading() as work:
        assert {row.tries for row in await work.all(sa.select(deliveries))} == {1}


async def test_one_told_to_wait_long_gets_it_later_and_stops_nobody(
    database: Database, messenger: Messenger, clock: SetClock
) -> None:
    await known(database, 4)
    messenger.failures["2"] = [Busy(30)]
    await queued(database)

    def process() -> Broadcaster:
        return Broadcaster(
            database, {"telegram": messenger}, {"telegram": Pace(PER_SECOND, 0)}, per_second=100
        )

    await process().send_all()
    assert messenger.addresses == ["1", "3", "4"]
    assert await states(database) == ["sent", "pending", "sent", "sent"]
    clock.move(seconds=29)
    await process().send_all()
    assert await states(database) == ["sent", "pending", "sent", "sent"]
    clock.move(seconds=1)
    await process().send_all()
    assert messenger.addresses == ["1", "3", "4", "2"]
    async with database.reading() as work:
        assert {row.tries for row in await work.all(sa.select(deliveries))} == {1}


async def test_a_chat_that_moved_gets_it_at_its_new_address(
    database: Database, broadcaster: Broadcaster, messenger: Messenger
) -> None:
    await known(database, 1)
    messenger.failures["1"] = [Moved("77")]
    await queued(database)
    await broadcaster.send_all()
    assert messenger.addresses == ["77"]
    assert await states(database) == ["sent"]


async def test_who_leaves_while_it_runs_gets_it_no_more(
    database: Database, broadcaster: Broadcaster, messenger: Messenger
) -> None:
    ids = await known(database, 3)
    await queued(database)
    await broadcasting.start_due(database)
    async with database.work() as work:
        await people.update(work, ids[0], left_broadcasts_at=work.now)
        await people.update(work, ids[1], unreachable_at=work.now)
    await broadcaster.send_all()
    assert await states(database) == ["dropped", "blocked", "sent"]
    assert messenger.addresses == ["3"]


async def test_words_that_fail_for_one_person_fail_for_nobody_else(
    database: Database, broadcaster: Broadcaster, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = await known(database, 3)

    async def words(_work: Any, _broadcast: Any, person: Any) -> dict[str, Any] | None:
        if person.id == ids[0]:
            raise ZeroDivisionError
        return None if person.id == ids[1] else {"kind": Kind.TEXT, "content": {"html": "x", "buttons": []}}

    monkeypatch.setitem(delivery_words._WORDS, BroadcastKind.MESSAGE, words)
    await queued(database)
    await broadcaster.send_all()
    assert await states(database) == ["failed", "dropped", "sent"]


async def test_pause_and_cancel_take_effect_within_a_second_and_resume_goes_on(
    database: Database, messenger: Messenger
) -> None:
    slow = Broadcaster(database, {"telegram": messenger}, {"telegram": Pace(20, 0)}, per_second=20)
    boss = await editor(database)
    await known(database, 100)
    broadcast_id = await queued(database)
    async with at_work(slow):
        await until(lambda: len(messenger.sent) >= 5)
        async with database.work() as work:
            await broadcasting.pause(work, boss, broadcast_id)
        await asyncio.sleep(1)
        before = len(messenger.sent)
        await asyncio.sleep(0.5)
        assert len(messenger.sent) == before
        assert "sending" not in await states(database)
        async with database.work() as work:
            await broadcasting.resume(work, boss, broadcast_id)
        await until(lambda: len(messenger.sent) >= before + 5)
        async with database.work() as work:
            await broadcasting.cancel(work, boss, broadcast_id)
        await asyncio.sleep(1)
        before = len(messenger.sent)
        await asyncio.sleep(0.5)
        assert len(messenger.sent) == before
    found = await states(database)
    assert found.count("sent") == before == len(set(messenger.addresses))
    assert found.count("sending") == 0
    async with database.reading() as work:
        done = await broadcasting.progress(work, broadcast_id)
    assert (done.status, done.pending, done.dropped) == ("cancelled", 0, 100 - before)


async def test_told_to_stop_it_settles_what_left_and_gives_the_rest_back(
    database: Database, messenger: Messenger
) -> None:
    slow = Broadcaster(database, {"telegram": messenger}, {"telegram": Pace(20, 0)}, per_second=20)
    await known(database, 60)
    await queued(database)
    async with at_work(slow) as stop:
        await until(lambda: len(messenger.sent) >= 3)
        messenger.answers.clear()
        await until(lambda: len(messenger.sent) >= 6)
        stop.set()
        await asyncio.sleep(0.1)
        messenger.answers.set()
    found = await states(database)
    assert found.count("sent") == len(messenger.sent)
    assert found.count("pending") == 60 - len(messenger.sent)


async def test_what_was_in_flight_at_a_crash_is_uncertain_and_everybody_else_gets_it(
    database: Database, broadcaster: Broadcaster, messenger: Messenger
) -> None:
    ids = await known(database, 5)
    broadcast_id = await queued(database)
    await broadcasting.start_due(database)
    async with database.work() as work:
        assert [one for one, _ in await broadcasts.claim(work, broadcast_id, 2)] == ids[:2]
    await broadcaster.send_all()
    assert await states(database) == ["uncertain", "uncertain", "sent", "sent", "sent"]
    assert await status(database) == "done"


async def test_marks_of_a_transaction_that_failed_on_its_way_back_are_taken_back(
    database: Database, broadcaster: Broadcaster, messenger: Messenger, monkeypatch: pytest.MonkeyPatch
) -> None:
    await known(database, 5)
    await queued(database)
    wanted, failures = broadcasts.still_wanted, iter([True])

    async def fails_once(*args: Any) -> set[int]:
        if next(failures, False):
            raise DatabaseAway
        return await wanted(*args)

    monkeypatch.setattr(broadcasts, "still_wanted", fails_once)
    async with at_work(broadcaster):
        await until(lambda: len(messenger.sent) == 5)
    assert await states(database) == ["sent"] * 5
    assert len(set(messenger.addresses)) == 5


async def test_what_becomes_stale_goes_first_and_what_is_stale_goes_no_more(
    database: Database, broadcaster: Broadcaster, messenger: Messenger, clock: SetClock
) -> None:
    await known(database, 3)
    for_ever = await queued(database)
    soon = await queued(database, stop_at=clock.now() + timedelta(minutes=30))
    over = await queued(database, stop_at=clock.now())
    await broadcasting.start_due(database)
    async with database.reading() as work:
        assert [row.id for row in await broadcasts.running(work)] == [soon, for_ever]
    await broadcaster.send_all()
    assert await states(database, over) == ["pending"] * 3
    async with database.reading() as work:
        assert (await broadcasting.progress(work, over)).dropped == 3
        ended = await work.all(sa.select(broadcasts_table.c.status))
    assert {row.status for row in ended} == {"done"}


async def test_replies_and_notices_go_before_broadcasts(database: Database, messenger: Messenger) -> None:
    paces = {"telegram": Pace(20, 0)}
    channels: dict[str, Any] = {"telegram": messenger}
    slow, queue = Broadcaster(database, channels, paces, per_second=20), asyncio.Event()
    sender = Sender(database, channels, paces, queue)
    await known(database, 40)
    await queued(database)
    stop = asyncio.Event()
    async with at_work(slow):
        sending = asyncio.create_task(sender.run(stop))
        await until(lambda: len(messenger.sent) >= 3)
        async with database.work() as work:
            for number in range(8):
                lane = Lane.REPLY if number % 2 else Lane.NOTICE
                await outbox.put(
                    work,
                    channel="telegram",
                    address=str(100 + number),
                    person_id=None,
                    lane=lane,
                    kind=Kind.TEXT,
                    content={"html": lane.name, "buttons": []},
                )
        before = len(messenger.sent)
        queue.set()
        await until(lambda: sum(one.content["html"] != "tin" for one in messenger.sent) == 8)
        stop.set()
        await sending
    said = [one.content["html"] for one in messenger.sent[before:]]
    first = next(index for index, text in enumerate(said) if text != "tin")
    assert said[first : first + 8] == ["REPLY"] * 4 + ["NOTICE"] * 4


async def test_only_broadcasts_are_paid_for_and_only_when_switched_on(
    database: Database, messenger: Messenger, pace: Pace
) -> None:
    await known(database, 3)
    await queued(database)
    paid = Broadcaster(
        database, {"telegram": messenger}, {"telegram": pace}, per_second=PER_SECOND, paid=True
    )
    await paid.send_all()
    assert {message.paid for message in messenger.sent} == {True}
