"""What happens to others when the messenger tells somebody to wait: 429, with the seconds."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa
from telegram import Bot

from bot.loops.pace import SEVERAL, Pace
from bot.loops.sender import Sender
from channels.outgoing import Kind
from channels.telegram.channel import TelegramChannel
from channels.telegram.transport import AiohttpRequest
from sandbox.client import Sandbox, User
from sandbox.http.server import serve
from sandbox.state.store import Store
from sandbox.state.world import World
from services import notify
from storage.delivery import outbox
from storage.delivery.outbox import Lane, OutboxState
from storage.engine.database import Database
from storage.people import people
from storage.tables import outbox as outbox_table
from tests.conftest import SetClock

TOKEN = "1000001:sandbox-token"


@dataclass
class Post:
    """The sandbox's messenger, and what sends to it as one process after the other."""

    sandbox: Sandbox
    database: Database
    channel: TelegramChannel

    def __post_init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        self.sender = Sender(
            self.database, {"telegram": self.channel}, {"telegram": Pace(1e9, 0)}, asyncio.Event()
        )

    async def queue(self, user: User, text: str, lane: Lane = Lane.NOTICE) -> None:
        async with self.database.work() as work:
            person = await people.seen(
                work, channel="telegram", address=str(user.id), display_name="", language="vi"
            )
            await outbox.put(
                work,
                channel=person.channel,
                address=str(user.id),
                person_id=person.id,
                lane=lane,
                kind=Kind.TEXT,
                content={"html": text, "buttons": []},
            )

    async def states(self) -> list[str]:
        async with self.database.reading() as work:
            return [row.state for row in await work.all(sa.select(outbox_table).order_by(outbox_table.c.id))]


async def heard(user: User) -> list[str]:
    return [message.text for message in await user.messages() if message.from_bot]


@pytest.fixture
async def post(database: Database, tmp_path: Path) -> AsyncIterator[Post]:
    world = World(Store(None), TOKEN, "sandbox_bot", "Sandbox")
    request = AiohttpRequest()
    async with serve(world, "127.0.0.1", 0) as url, Sandbox.connect(url) as sandbox:
        await request.initialize()
        bot = Bot(TOKEN, f"{url}/bot", f"{url}/file/bot", request=request)
        yield Post(sandbox, database, TelegramChannel(bot, tmp_path))
        await request.shutdown()


async def test_one_told_to_wait_half_a_minute_stops_nobody_else(post: Post, clock: SetClock) -> None:
    mai, nam = await post.sandbox.user("Mai"), await post.sandbox.user("Nam")
    await mai.send("/start")
    await nam.send("/start")
    await post.sandbox.fault("429", "sendMessage", retry_after=30)
    await post.queue(mai, "một")
    await post.sender.send_all()
    await post.queue(mai, "trả lời", Lane.REPLY)
    await post.queue(nam, "hai")
    await post.queue(nam, "ba")
    await post.sender.send_all()
    assert (await heard(mai), await heard(nam)) == ([], ["hai", "ba"])
    refused = await post.sandbox.requests("sendMessage", refused=True)
    assert [entry["code"] for entry in refused] == [429]
    clock.move(seconds=30)
    post.restart()  # of the time that a pace measures nothing has passed
    await post.sender.send_all()
    assert await heard(mai) == ["trả lời", "một"]


async def test_a_bot_that_is_refused_as_a_whole_asks_no_more_until_it_may(
    post: Post, clock: SetClock
) -> None:
    users = [await post.sandbox.user(f"Mai {number}") for number in range(8)]
    for user in users:
        await user.send("/start")
    await post.sandbox.fault("429", "sendMessage", count=None, retry_after=30)
    for user in users[:SEVERAL]:
        await post.queue(user, "tin")
        await post.sender.send_all()
    for user in users[SEVERAL:]:
        await post.queue(user, "tin")
    sending = asyncio.create_task(post.sender.send_all())
    async with asyncio.timeout(60):
        while (await post.states())[SEVERAL:] != [OutboxState.SENDING] * (len(users) - SEVERAL):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    assert len(await post.sandbox.requests("sendMessage")) == SEVERAL
    sending.cancel()
    await post.sandbox.clear_faults()
    clock.move(seconds=30)
    post.restart()
    async with post.database.work() as work:
        await outbox.requeue_interrupted(work)
    await post.sender.send_all()
    assert [await heard(user) for user in users] == [["tin"]] * len(users)


async def test_a_refused_menu_holds_back_no_words(post: Post) -> None:
    mai = await post.sandbox.user("Mai")
    await mai.send("/start")
    await post.sandbox.fault("429", "setMyCommands", count=None, retry_after=30)
    for number in range(SEVERAL):
        async with post.database.work() as work:
            person = await people.seen(
                work, channel="telegram", address=str(mai.id + number), display_name="", language="vi"
            )
            await notify.show_menu(work, person, [("viec", "Việc")])
        await post.sender.send_all()
    await post.queue(mai, "một")
    await post.sender.send_all()
    assert await heard(mai) == ["một"]
    assert len(await post.sandbox.requests("setMyCommands")) == 1
