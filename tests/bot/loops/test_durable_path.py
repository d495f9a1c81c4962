"""The durable way in and out: confirmed updates survive, and decided messages are delivered."""

import asyncio
import gzip
import json
import resource
from collections.abc import AsyncIterator
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
import sqlalchemy as sa
from aiohttp import ClientSession

from bot.config import Address
from bot.house.http import listening
from bot.loops.pace import SEVERAL, Pace
from bot.loops.receiver import SECRET_HEADER, Polling, Webhook, received
from bot.loops.sender import Sender
from bot.loops.worker import Worker
from channels.outgoing import Busy, DeliveryError, Interrupted, Kind, Moved, Outgoing, Rejected, Unreachable
from handlers import dispatch
from handlers.chat import turn as handlers_turn
from storage.delivery import inbox, outbox
from storage.delivery.inbox import InboxState, Received
from storage.delivery.outbox import Lane, OutboxState
from storage.engine.database import Database
from storage.engine.errors import DatabaseAway
from storage.people import people
from storage.tables import inbox as inbox_table
from storage.tables import outbox as outbox_table
from tests.conftest import SetClock


class Recorder:
    """A channel that remembers, and fails when told to."""

    def __init__(self) -> None:
        self.sent: list[Outgoing] = []
        self.failures: list[DeliveryError] = []
        self.first = asyncio.Event()

    async def deliver(self, message: Outgoing) -> str | None:
        if self.failures:
            raise self.failures.pop(0)
        self.sent.append(message)
        self.first.set()
        return str(1000 + len(self.sent))

    async def deliver_album(self, message: Outgoing) -> list[str]:
        raise NotImplementedError

    async def fetch(self, remote_id: str, limit: int) -> bytes:
        raise NotImplementedError

    @property
    def texts(self) -> list[str]:
        return [message.content["html"] for message in self.sent]


@pytest.fixture
def channel() -> Recorder:
    return Recorder()


@pytest.fixture
def sender(database: Database, channel: Recorder) -> Sender:
    return Sender(database, {"telegram": channel}, {"telegram": Pace(1_000_000, 0)}, asyncio.Event())


async def put(database: Database, text: str, *, address: str = "1", lane: Lane = Lane.NOTICE) -> int:
    async with database.work() as work:
        person = await people.seen(
            work, channel="telegram", address=address, display_name="Mai", language="vi"
        )
        return await outbox.put(
            work,
            channel="telegram",
            address=address,
            person_id=person.id,
            lane=lane,
            kind=Kind.TEXT,
            content={"html": text, "buttons": []},
        )


async def states(database: Database) -> list[str]:
    async with database.reading() as work:
        return [row.state for row in await work.all(sa.select(outbox_table).order_by(outbox_table.c.id))]


# --- out ---------------------------------------------------------------------------------------------------


async def test_messages_to_one_person_go_in_order_and_replies_before_notices(
    database: Database, sender: Sender, channel: Recorder
) -> None:
    for text, lane in [("tin 1", Lane.NOTICE), ("tin 2", Lane.NOTICE), ("trả lời", Lane.REPLY)]:
        await put(database, text, lane=lane)
    await sender.send_all()
    assert channel.texts == ["trả lời", "tin 1", "tin 2"]
    assert set(await states(database)) == {OutboxState.SENT}


async def test_what_was_in_flight_at_a_crash_is_sent_again(
    database: Database, sender: Sender, channel: Recorder
) -> None:
    row_id = await put(database, "câu trả lời")
    async with database.work() as work:
        await outbox.claim(work, [row_id])
    stop = asyncio.Event()
    running = asyncio.create_task(sender.run(stop))
    await asyncio.wait_for(channel.first.wait(), 5)
    stop.set()
    await running
    assert channel.texts == ["câu trả lời"]
    assert await states(database) == [OutboxState.SENT]


async def test_a_message_that_the_network_lost_is_tried_again_later(
    database: Database, sender: Sender, channel: Recorder, clock: SetClock
) -> None:
    await put(database, "câu trả lời")
    channel.failures = [Interrupted("connection dropped")]
    await sender.send_all()
    assert channel.sent == []
    clock.move(seconds=2)
    await sender.send_all()
    assert channel.texts == ["câu trả lời"]


async def test_nobody_overtakes_a_deferred_message_to_the_same_person(
    database: Database, sender: Sender, channel: Recorder, clock: SetClock
) -> None:
    await put(database, "thứ nhất")
    await put(database, "thứ hai")
    await put(database, "người khác", address="2")
    channel.failures = [Interrupted("connection dropped")]
    await sender.send_all()
    assert channel.texts == ["người khác"]
    clock.move(seconds=2)
    await sender.send_all()
    assert channel.texts == ["người khác", "thứ nhất", "thứ hai"]


async def test_what_cannot_leave_soon_is_not_taken_yet_and_can_still_be_said_better(
    database: Database, channel: Recorder
) -> None:
    sender = Sender(database, {"telegram": channel}, {"telegram": Pace(2, 0)}, asyncio.Event())
    waiting = [await put(database, "bản đầu", address=str(chat)) for chat in range(40)]
    stop = asyncio.Event()
    sending = asyncio.create_task(sender.run(stop))
    await channel.first.wait()
    async with database.work() as work:
        dropped = [await outbox.drop(work, row_id) for row_id in waiting]
    assert not any(dropped[:2])
    assert all(dropped[12:])
    stop.set()
    await sending
    assert len(channel.sent) == 40 - sum(dropped)


async def test_a_busy_messenger_makes_everybody_wait(
    database: Database, channel: Recorder, clock: SetClock
) -> None:
    sender = Sender(database, {"telegram": channel}, {"telegram": Pace(1_000_000, 0)}, asyncio.Event())
    for number in range(SEVERAL):
        await put(database, f"tin {number}", address=f"1{number}")
    channel.failures = [Busy(0.5) for _ in range(SEVERAL)]
    begun = asyncio.get_running_loop().time()  # before it says so: however slow we are, it is never earlier
    await sender.send_all()
    await put(database, "hai", address="2")
    await sender.send_all()
    assert asyncio.get_running_loop().time() - begun >= 0.5
    assert channel.texts == ["hai"]
    clock.move(seconds=1)
    await sender.send_all()
    assert sorted(channel.texts[1:]) == [f"tin {number}" for number in range(SEVERAL)]


async def test_who_is_told_to_wait_long_waits_in_the_queue_and_stops_nobody(
    database: Database, sender: Sender, channel: Recorder, clock: SetClock
) -> None:
    await put(database, "một")
    channel.failures = [Busy(30)]
    await sender.send_all()
    await put(database, "trả lời", lane=Lane.REPLY)
    for text in ("hai", "ba"):
        await put(database, text, address="2")
    await sender.send_all()
    assert channel.texts == ["hai", "ba"]
    assert (await states(database))[:2] == [OutboxState.QUEUED] * 2  # can still be dropped, or said better
    async with database.reading() as work:
        rows = await work.all(sa.select(outbox_table).where(outbox_table.c.address == "1"))
        assert [row.tries for row in rows] == [0, 0]
        assert all(timedelta(seconds=29) < row.not_before - work.now <= timedelta(seconds=30) for row in rows)
    clock.move(seconds=30)
    # The next process: of the pace's time, which no clock of ours moves, nothing has passed.
    pace = {"telegram": Pace(1_000_000, 0)}
    await Sender(database, {"telegram": channel}, pace, asyncio.Event()).send_all()
    assert channel.texts == ["hai", "ba", "trả lời", "một"]


async def test_a_channel_that_makes_everybody_wait_stops_no_other(
    database: Database, channel: Recorder
) -> None:
    other, paces = Recorder(), {"telegram": Pace(1, 0), "other": Pace(1_000_000, 0)}
    sender = Sender(database, {"telegram": channel, "other": other}, paces, asyncio.Event())
    paces["telegram"].hold(3600)
    for number in range(5):
        await put(database, "một", address=str(number))
    async with database.work() as work:
        for text in ("hai", "ba", "bốn"):
            await outbox.put(
                work,
                channel="other",
                address="0",  # as one of the first channel's
                person_id=None,
                lane=Lane.NOTICE,
                kind=Kind.TEXT,
                content={"html": text, "buttons": []},
            )
    sending = asyncio.create_task(sender.run(asyncio.Event()))
    async with asyncio.timeout(60):
        while await states(database) != [*["sending"] * 3, *["queued"] * 2, *["sent"] * 3]:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    sending.cancel()
    assert (channel.texts, other.texts) == ([], ["hai", "ba", "bốn"])


async def test_notices_wait_for_whoever_blocked_the_bot_and_come_when_they_return(
    database: Database, sender: Sender, channel: Recorder
) -> None:
    await put(database, "câu trả lời")
    await put(database, "tin sau")
    channel.failures = [Unreachable("bot was blocked by the user")]
    await sender.send_all()
    assert await states(database) == [OutboxState.HELD, OutboxState.HELD]
    async with database.reading() as work:
        person = await people.at(work, "telegram", "1")
        assert person is not None
        assert person.unreachable_at is not None
    async with database.work() as work:
        await outbox.release_for(work, "telegram", "1")
    await sender.send_all()
    assert channel.texts == ["câu trả lời", "tin sau"]


@pytest.mark.parametrize("failures", [[], [Interrupted("500")]], ids=["taken", "not taken"])
async def test_how_a_delivery_ended_is_recorded_when_the_database_is_back(
    database: Database,
    sender: Sender,
    channel: Recorder,
    monkeypatch: pytest.MonkeyPatch,
    failures: list[DeliveryError],
) -> None:
    await put(database, "câu trả lời")
    away, deliver, work = 0, channel.deliver, database.work

    async def deliver_and_lose_the_database(message: Outgoing) -> str | None:
        nonlocal away
        away = 2
        return await deliver(message)

    def work_if_there() -> Any:
        nonlocal away
        if away:
            away -= 1
            raise DatabaseAway("gone")
        return work()

    channel.failures = list(failures)
    monkeypatch.setattr(channel, "deliver", deliver_and_lose_the_database)
    monkeypatch.setattr(database, "work", work_if_there)
    await sender.send_all()
    assert await states(database) == [OutboxState.QUEUED if failures else OutboxState.SENT]


async def test_what_the_messenger_never_takes_is_set_aside_and_stops_nobody(
    database: Database, sender: Sender, channel: Recorder
) -> None:
    await put(database, "hỏng")
    await put(database, "lành")
    channel.failures = [Rejected("can't parse entities")]
    await sender.send_all()
    assert await states(database) == [OutboxState.FAILED, OutboxState.SENT]


async def test_a_chat_that_moved_is_followed(database: Database, sender: Sender, channel: Recorder) -> None:
    await put(database, "một", address="-5")
    channel.failures = [Moved("-1005")]
    await sender.send_all()
    assert [message.address for message in channel.sent] == ["-1005"]


async def test_an_edit_finds_the_message_it_changes(
    database: Database, sender: Sender, channel: Recorder
) -> None:
    first = await put(database, "thẻ")
    async with database.work() as work:
        await outbox.put(
            work,
            channel="telegram",
            address="1",
            person_id=None,
            lane=Lane.REPLY,
            kind=Kind.EDIT,
            content={"html": "thẻ mới", "buttons": []},
            edit_of=first,
        )
    await sender.send_all()
    assert [message.message_id for message in channel.sent][-1] == "1001"


async def test_a_newer_word_replaces_one_that_was_not_sent_yet(
    database: Database, sender: Sender, channel: Recorder
) -> None:
    async with database.work() as work:
        for text in ("1 tệp", "2 tệp", "3 tệp"):
            await outbox.put(
                work,
                channel="telegram",
                address="1",
                person_id=None,
                lane=Lane.REPLY,
                kind=Kind.TEXT,
                content={"html": text, "buttons": []},
                supersedes="draft:1",
            )
    await sender.send_all()
    assert channel.texts == ["3 tệp"]


# --- in ----------------------------------------------------------------------------------------------------


def update(update_id: int, text: str = "Xin chào", chat: int = 7) -> dict[str, Any]:
    person = {"id": chat, "is_bot": False, "first_name": "Mai"}
    message = {
        "message_id": update_id,
        "date": 0,
        "chat": {"id": chat, "type": "private"},
        "from": person,
        "text": text,
    }
    return {"update_id": update_id, "message": message}


@pytest.mark.parametrize("raw", [None, 5, [], {}, {"update_id": "1"}, {"message": {}}])
def test_what_has_no_id_cannot_be_kept(raw: object) -> None:
    assert received(raw) is None


@pytest.mark.parametrize(
    "raw",
    [
        {"update_id": 1},
        {"update_id": 1, "message": None},
        {"update_id": 1, "message": {"chat": 5}},
        {"update_id": 1, "new_kind_of_2031": {"a": [1]}},
        {"update_id": 1, "message": {"text": "\ud800"}},
    ],
)
def test_a_strange_update_is_kept_all_the_same(raw: dict[str, Any]) -> None:
    kept = received(raw)
    assert kept is not None
    assert json.loads(kept.payload) == raw


class Feed:
    """`getUpdates` of a messenger that has these batches, and counts what was confirmed."""

    def __init__(self, batches: list[list[dict[str, Any]]]) -> None:
        self.batches = batches
        self.offsets: list[int | None] = []
        self.emptied = asyncio.Event()

    async def do_api_request(self, _name: str, *, api_kwargs: dict[str, Any], **_rest: Any) -> Any:
        self.offsets.append(api_kwargs.get("offset"))
        if self.batches:
            return self.batches.pop(0)
        self.emptied.set()
        await asyncio.sleep(3600)
        return []

    async def delete_webhook(self) -> bool:
        return True


async def test_a_batch_is_confirmed_only_after_it_is_in_the_inbox(database: Database) -> None:
    feed = Feed([[update(5), update(6)], [update(6), update(7)]])
    stop = asyncio.Event()
    polling = asyncio.create_task(Polling(database, feed, asyncio.Event()).run(stop))  # type: ignore[arg-type]
    await asyncio.wait_for(feed.emptied.wait(), 5)
    stop.set()
    await polling
    assert feed.offsets == [None, 7, 8]
    async with database.reading() as work:
        assert [row.place for row in await inbox.waiting(work, 10)] == [5, 6, 7]


@pytest.fixture
async def hook(database: Database) -> AsyncIterator[ClientSession]:
    app = Webhook(database, "right", asyncio.Event()).application("/hook")
    async with (
        listening(app, Address("127.0.0.1", 0)) as port,
        ClientSession(f"http://127.0.0.1:{port}") as client,
    ):
        yield client


async def test_a_webhook_keeps_an_update_before_it_says_yes(hook: ClientSession, database: Database) -> None:
    answer = await hook.post("/hook", json=update(5), headers={SECRET_HEADER: "right"})
    assert answer.status == 200
    async with database.reading() as work:
        assert [row.place for row in await inbox.waiting(work, 10)] == [5]


@pytest.mark.parametrize("secret", ["", "wrong", "righ", "right "])
async def test_a_webhook_without_the_secret_is_refused(
    hook: ClientSession, database: Database, secret: str
) -> None:
    answer = await hook.post("/hook", json=update(5), headers={SECRET_HEADER: secret})
    assert answer.status == (403 if secret != "right " else answer.status)
    async with database.reading() as work:
        kept = await inbox.waiting(work, 10)
    assert kept == [] or secret == "right "


async def test_a_webhook_keeps_what_comes_at_once_together_and_all_of_it(
    hook: ClientSession, database: Database
) -> None:
    answers = await asyncio.gather(
        *(
            hook.post("/hook", json=update(number), headers={SECRET_HEADER: "right"})
            for number in range(1, 31)
        )
    )
    assert {answer.status for answer in answers} == {200}
    async with database.reading() as work:
        assert [row.place for row in await inbox.waiting(work, 50)] == list(range(1, 31))


async def test_a_webhook_says_no_while_the_database_is_away_so_that_updates_come_again(
    hook: ClientSession, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as gone:
        gone.setattr(database, "work", away)
        answers = await asyncio.gather(
            *(hook.post("/hook", json=update(number), headers={SECRET_HEADER: "right"}) for number in (5, 6))
        )
        assert {answer.status for answer in answers} == {503}
    again = await hook.post("/hook", json=update(5), headers={SECRET_HEADER: "right"})
    assert again.status == 200


def away() -> Any:
    raise DatabaseAway("restarting")


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff\xfe"])
async def test_a_webhook_swallows_what_is_no_update(hook: ClientSession, body: bytes) -> None:
    answer = await hook.post("/hook", data=body, headers={SECRET_HEADER: "right"})
    assert answer.status == 200


RIGHT = {SECRET_HEADER: "right"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
PACKED = {"Content-Encoding": "gzip", "Content-Type": "application/json"}
UPDATE = json.dumps(update(5)).encode()
BOMB = gzip.compress(b'{"update_id": 5, "x": "' + b"a" * (64 << 20) + b'"}')


@pytest.mark.parametrize(
    ("method", "path", "headers", "body", "status"),
    [
        ("POST", "/hook", {}, UPDATE, 403),
        ("POST", "/hook", FORM, UPDATE, 403),
        ("POST", "/hook", PACKED, BOMB, 403),
        ("POST", "/hook", {SECRET_HEADER: "wrong"}, b"x" * (2 << 20), 403),
        ("POST", "/hook", {"Authorization": "right"}, UPDATE, 403),
        ("POST", "/hook?secret=right", {}, UPDATE, 403),
        ("POST", "/hook", RIGHT, b"x" * (2 << 20), 413),
        ("POST", "/hook", RIGHT | PACKED, BOMB, 413),
        ("POST", "/hook", RIGHT | PACKED, UPDATE, 400),  # says that it is packed, and is not
        ("POST", "/hook", RIGHT | FORM, b"update_id=5&message=x", 200),  # no update: it would come again for ever
        ("POST", "/hook", RIGHT | {"Content-Type": "multipart/form-data; boundary=b"}, b"--b\r\n\r\n{}", 200),
        ("POST", "/hook", RIGHT | {"Content-Type": "application/json; charset=x-none"}, b"\xff{}", 200),
        ("GET", "/hook", RIGHT, b"", 405),
        ("PUT", "/hook", RIGHT, UPDATE, 405),
        ("DELETE", "/hook", RIGHT, b"", 405),
        ("POST", "/hook/", RIGHT, UPDATE, 404),
        ("POST", "/", RIGHT, UPDATE, 404),
    ],
)  # fmt: skip
async def test_of_what_the_webhook_refuses_nothing_is_kept(
    hook: ClientSession,
    database: Database,
    method: str,
    path: str,
    headers: dict[str, str],
    body: bytes,
    status: int,
) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    answer = await hook.request(method, path, data=BytesIO(body), headers=headers)
    assert answer.status == status
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 40 << 10  # KB; the bomb has 64 MB
    async with database.reading() as work:
        assert await work.all(sa.select(inbox_table)) == []


async def test_a_webhook_asks_for_the_secret_and_not_for_the_type(
    hook: ClientSession, database: Database
) -> None:
    """A proxy in between may change the type; an update that is refused for it would be lost in the end."""
    answer = await hook.post("/hook", data=UPDATE, headers=RIGHT | {"Content-Type": "text/plain"})
    assert answer.status == 200
    async with database.reading() as work:
        assert [row.place for row in await inbox.waiting(work, 10)] == [5]


# --- between -------------------------------------------------------------------------------------------------


async def keep(database: Database, *updates: dict[str, Any]) -> None:
    async with database.work() as work:
        await inbox.put(
            work,
            [
                Received(
                    "telegram",
                    str(one["update_id"]),
                    one["update_id"],
                    str(one["message"]["chat"]["id"]),
                    json.dumps(one),
                )
                for one in updates
            ],
        )


async def inbox_states(database: Database) -> dict[int, str]:
    async with database.reading() as work:
        return {row.place: row.state for row in await work.all(sa.select(inbox_table))}


async def test_a_poison_update_is_parked_after_three_tries_and_stops_only_its_own_chat(
    database: Database, application: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    meet = handlers_turn.meet

    async def fails_on_poison(one: Any) -> Any:
        if one.message.text == "độc" and one.incoming.chat.address == "7":
            tries.append(one.inbox_id)
            if len(tries) <= 3:
                raise ZeroDivisionError
        return await meet(one)

    tries: list[int] = []
    monkeypatch.setattr(dispatch, "meet", fails_on_poison)
    await keep(database, update(1, "độc", 7), update(2, "/trogiup", 7), update(3, "/trogiup", 8))
    worker = Worker(database, application, asyncio.Event())
    await worker.work_once()
    assert await inbox_states(database) == {
        1: InboxState.WAITING,
        2: InboxState.WAITING,
        3: InboxState.DONE,
    }
    await worker.work_once()
    await worker.work_once()
    await worker.work_once()
    assert await inbox_states(database) == {1: InboxState.PARKED, 2: InboxState.DONE, 3: InboxState.DONE}


async def test_an_unreadable_update_is_parked_at_once(database: Database, application: Any) -> None:
    async with database.work() as work:
        await inbox.put(work, [Received("telegram", "1", 1, "7", '{"update_id": 1, "message": {"chat": 5}}')])
    await Worker(database, application, asyncio.Event()).work_once()
    assert await inbox_states(database) == {1: InboxState.PARKED}


UNREAD = '{"update_id": 1, "message": {"chat": 5, "from": {"id": 7}, "text": "Bao giờ có sổ đỏ?"}}'
NOT_READ = "chưa đọc được tin ông/bà vừa gửi"


async def come_in(database: Database, payload: str, *, chat: str = "7", event: str = "1") -> None:
    async with database.work() as work:
        await inbox.put(work, [Received("telegram", event, int(event), chat, payload)])


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("payload", [UNREAD, ""], ids=["no chat", "nested without end"])
async def test_who_sent_what_cannot_be_read_is_told_once(
    database: Database, application: Any, sender: Sender, channel: Recorder, payload: str, known: bool
) -> None:
    if known:
        async with database.work() as work:
            await people.seen(work, channel="telegram", address="7", display_name="Mai", language="en")
    worker = Worker(database, application, asyncio.Event())
    await come_in(database, payload)
    await worker.work_once()
    await sender.send_all()
    assert [one.address for one in channel.sent] == ["7"]
    assert ("could not be read" if known else NOT_READ) in channel.texts[0]
    async with database.work() as work:
        assert await inbox.retry(work) == 1
    await worker.work_once()
    await sender.send_all()
    assert len(channel.sent) == 1
    assert await inbox_states(database) == {1: InboxState.PARKED}
    async with database.reading() as work:
        assert (await people.at(work, "telegram", "7") is not None) == known


@pytest.mark.parametrize(
    ("payload", "chat"),
    [
        ('{"update_id": 1, "message": {"chat": {"id": -5}, "from": {"id": 7}}}', "-5"),
        ('{"update_id": 1, "message": {"chat": {"type": "group"}, "from": {"id": 7}}}', "7"),
        ('{"update_id": 1, "callback_query": {"from": {"id": 7}}}', "7"),
        ('{"update_id": 1, "my_chat_member": {"chat": {"id": 7, "type": "private"}}}', "7"),
        ('{"update_id": 1, "message": 5}', ""),
    ],
)
async def test_of_what_else_cannot_be_read_nobody_is_told(
    database: Database, application: Any, payload: str, chat: str
) -> None:
    await come_in(database, payload, chat=chat)
    await Worker(database, application, asyncio.Event()).work_once()
    assert await inbox_states(database) == {1: InboxState.PARKED}
    assert await states(database) == []


async def test_what_failed_is_handled_once_more_when_the_operator_says_so(
    database: Database, application: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(_one: Any) -> Any:
        raise ZeroDivisionError

    worker = Worker(database, application, asyncio.Event())
    with monkeypatch.context() as broken:
        broken.setattr(dispatch, "on_message", lambda *_: fails(None))
        await keep(database, update(1, "/trogiup"))
        for _ in range(3):
            await worker.work_once()
        async with database.work() as work:
            assert await inbox.retry(work) == 1
        for _ in range(3):
            await worker.work_once()
    assert await inbox_states(database) == {1: InboxState.PARKED}
    assert len(await states(database)) == 1  # sorry is said once
    async with database.work() as work:
        assert await inbox.retry(work) == 1
    await worker.work_once()
    assert await inbox_states(database) == {1: InboxState.DONE}
    assert len(await states(database)) == 2


async def test_one_unreadable_part_costs_that_part_and_the_message_is_answered(
    database: Database, application: Any
) -> None:
    odd = update(1, "/trogiup")
    odd["message"] |= {"date": "today", "photo": 5, "reply_to_message": [], "entities": {}, "contact": "?"}
    odd["message"]["from"] |= {"last_name": 7, "language_code": {}}
    await keep(database, odd)
    await Worker(database, application, asyncio.Event()).work_once()
    assert await inbox_states(database) == {1: InboxState.DONE}
    assert len(await states(database)) == 1
    async with database.reading() as work:
        person = await people.at(work, "telegram", "7")
    assert person is not None
    assert person.display_name == "Mai"


async def test_an_update_seen_twice_is_handled_once(database: Database, application: Any) -> None:
    worker = Worker(database, application, asyncio.Event())
    for _ in range(2):
        await keep(database, update(1, "/trogiup"))
        await worker.work_once()
    assert len(await states(database)) == 1


async def test_a_menu_that_the_messenger_never_takes_holds_nothing_back(
    database: Database, sender: Sender, channel: Recorder, clock: SetClock
) -> None:
    async with database.work() as work:
        await outbox.put(
            work,
            channel="telegram",
            address="1",
            person_id=None,
            lane=Lane.NOTICE,
            kind=Kind.MENU,
            content={"commands": []},
        )
    await put(database, "câu trả lời")
    channel.failures = [Interrupted("500")]
    await sender.send_all()
    assert channel.texts == ["câu trả lời"]
    for _ in range(12):
        clock.move(minutes=10)
        channel.failures = [Interrupted("500")]
        await sender.send_all()
    assert await states(database) == [OutboxState.FAILED, OutboxState.SENT]


async def test_a_message_that_fails_for_hours_is_never_given_up_and_lets_others_pass_in_the_end(
    database: Database, sender: Sender, channel: Recorder, clock: SetClock
) -> None:
    await put(database, "hỏng mãi")
    await put(database, "tin sau")
    tries = 0
    while "tin sau" not in channel.texts:
        tries += 1
        channel.failures = [Interrupted("500")]
        await sender.send_all()
        channel.failures = []
        clock.move(minutes=10)
        assert tries < 10
    await sender.send_all()
    assert channel.texts == ["tin sau", "hỏng mãi"]


async def test_a_refusal_that_itself_fails_stops_nobody_else(
    database: Database, application: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bot.loops import worker as worker_module
    from domain.errors import Reason, RuleViolation

    async def refuses(*_args: Any) -> None:
        raise RuleViolation(Reason.UNKNOWN_CODE)

    monkeypatch.setattr(worker_module, "refuse", refuses)
    await keep(database, update(1, "/khongco", 7), update(2, "/trogiup", 8))
    worker = Worker(database, application, asyncio.Event())
    for _ in range(4):
        await worker.work_once()
    assert await inbox_states(database) == {1: InboxState.PARKED, 2: InboxState.DONE}


async def test_an_apology_that_fails_too_stops_nobody_else(
    database: Database, application: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    meet = handlers_turn.meet

    async def fails_for_seven(one: Any) -> Any:
        if one.incoming.address == "7":
            raise ZeroDivisionError
        return await meet(one)

    monkeypatch.setattr(dispatch, "meet", fails_for_seven)
    await keep(database, update(1, "/trogiup", 7), update(2, "/trogiup", 8))
    worker = Worker(database, application, asyncio.Event())
    for _ in range(4):
        await worker.work_once()
    assert await inbox_states(database) == {1: InboxState.PARKED, 2: InboxState.DONE}


async def test_waiting_for_a_busy_messenger_is_not_a_failed_try(
    database: Database, sender: Sender, channel: Recorder, clock: SetClock
) -> None:
    await put(database, "thứ nhất")
    await put(database, "thứ hai")
    for _ in range(8):
        channel.failures = [Busy(0)]
        await sender.send_all()
        channel.failures = []
        clock.move(seconds=1)
        if channel.sent:
            break
    await sender.send_all()
    assert channel.texts == ["thứ nhất", "thứ hai"]


async def test_an_edit_waits_for_the_message_that_it_changes(
    database: Database, sender: Sender, channel: Recorder, clock: SetClock
) -> None:
    first = await put(database, "lộ")
    async with database.work() as work:
        await outbox.claim(work, [first])  # on its way when the edit comes up
        await outbox.put(
            work,
            channel="telegram",
            address="1",
            person_id=None,
            lane=Lane.NOTICE,
            kind=Kind.EDIT,
            content={"html": "đã ẩn", "buttons": []},
            edit_of=first,
        )
    await sender.send_all()
    assert channel.texts == []
    async with database.work() as work:
        await outbox.settle(work, first, OutboxState.SENT, message_id="7")
    clock.move(seconds=5)
    await sender.send_all()
    assert [(message.message_id, message.content["html"]) for message in channel.sent] == [("7", "đã ẩn")]
