"""What is known of a message when the network or the messenger fails: whether it may have arrived."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from telegram import Bot

from channels.outgoing import (
    Busy,
    FileTooLarge,
    Interrupted,
    Kind,
    Outgoing,
    Rejected,
    Unavailable,
    Unreachable,
)
from channels.telegram import channel as channel_module
from channels.telegram.channel import TelegramChannel
from channels.telegram.transport import AiohttpRequest
from sandbox.client import Sandbox
from sandbox.http.server import serve
from sandbox.state.store import Store
from sandbox.state.world import World
from tests.sandbox.pictures import png

TOKEN = "1000001:sandbox-token"
TEXT = {"html": "Kỳ 12", "buttons": []}


@pytest.fixture
async def url() -> AsyncIterator[str]:
    async with serve(World(Store(None), TOKEN, "sandbox_bot", "Sandbox"), "127.0.0.1", 0) as address:
        yield address


@asynccontextmanager
async def telegram(url: str) -> AsyncIterator[TelegramChannel]:
    request = AiohttpRequest(seconds=0.3)
    await request.initialize()
    try:
        bot = Bot(TOKEN, f"{url}/bot", f"{url}/file/bot", request=request, get_updates_request=request)
        yield TelegramChannel(bot, Path("files"))
    finally:
        await request.shutdown()


@pytest.mark.parametrize(
    ("fault", "may_have_arrived", "arrived"),
    [
        ("500", False, 0),
        ("502", False, 0),
        ("drop_before", True, 0),
        ("drop_after", True, 1),
        ("timeout_before", True, 0),
        ("timeout_after", True, 1),
        ("page_before", True, 0),
        ("page_after", True, 1),
    ],
)
async def test_only_an_answer_tells_that_a_message_did_not_arrive(
    url: str, fault: str, may_have_arrived: bool, arrived: int
) -> None:
    async with Sandbox.connect(url) as sandbox, telegram(url) as channel:
        (mai,) = await sandbox.crowd(1)
        await sandbox.fault(fault, "sendMessage")
        with pytest.raises(Interrupted) as failed:
            await channel.deliver(Outgoing(str(mai), Kind.TEXT, TEXT))
        assert failed.value.may_have_arrived is may_have_arrived
        assert len(await sandbox.messages(mai)) == arrived


async def test_where_nobody_listens_nothing_arrived(unused_tcp_port: int) -> None:
    async with telegram(f"http://127.0.0.1:{unused_tcp_port}") as channel:
        with pytest.raises(Interrupted) as failed:
            await channel.deliver(Outgoing("7", Kind.TEXT, TEXT))
    assert not failed.value.may_have_arrived
    assert TOKEN not in str(failed.value)


@pytest.mark.parametrize("direct", [True, False])
@pytest.mark.parametrize("said", ["TOPIC_CLOSED", "TOPIC_DELETED", "message thread not found"])
async def test_what_a_closed_topic_does_not_take_is_said_elsewhere_in_the_group(
    url: str, said: str, direct: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(channel_module, "DIRECT", direct)
    async with Sandbox.connect(url) as sandbox, telegram(url) as channel:
        mai = await sandbox.user("Mai")
        group = await sandbox.group("Tổ đất đai", mai, supergroup=True, bot="member")
        in_topic = Outgoing(str(group.id), Kind.TEXT, TEXT | {"topic": "12"})
        await channel.deliver(in_topic)
        await sandbox.fault("400", "sendMessage", description=f"Bad Request: {said}", chat_id=group.id)
        await channel.deliver(in_topic)
        shown = [one for one in await sandbox.messages(group.id) if one.from_bot]
        assert [one.raw.get("message_thread_id") for one in shown] == [12, None]


@pytest.mark.parametrize(
    ("said", "in_group"),
    [
        ("TOPIC_CLOSED", Unreachable),
        ("CHAT_RESTRICTED", Unreachable),
        ("not enough rights to send text messages to the chat", Unreachable),
        ("message thread not found", Unreachable),
        ("have no rights to send a message", Unreachable),
        ("CHAT_WRITE_FORBIDDEN", Unreachable),
        ("message is too long", Rejected),
    ],
)
async def test_a_group_that_takes_none_of_our_messages_is_as_one_that_put_us_out(
    url: str, said: str, in_group: type[Exception]
) -> None:
    async with Sandbox.connect(url) as sandbox, telegram(url) as channel:
        mai = await sandbox.user("Mai")
        await mai.start()
        group = await sandbox.group("Tổ đất đai", mai, supergroup=True, bot="member")
        await sandbox.fault("400", "sendMessage", count=None, description=f"Bad Request: {said}")
        for content in (TEXT, TEXT | {"topic": "12"}):
            with pytest.raises(in_group):
                await channel.deliver(Outgoing(str(group.id), Kind.TEXT, content))
        with pytest.raises(Rejected):  # nobody is taken for gone by what is said of groups
            await channel.deliver(Outgoing(str(mai.id), Kind.TEXT, TEXT))


@pytest.mark.parametrize(
    ("said", "means"),
    [
        ("wrong file_id or the file is temporarily unavailable", Unavailable),
        ("invalid file_id", Unavailable),
        ("file is too big", FileTooLarge),
    ],
)
async def test_a_file_that_is_not_there_for_now_is_no_lost_one(
    url: str, said: str, means: type[Exception]
) -> None:
    async with Sandbox.connect(url) as sandbox, telegram(url) as channel:
        mai = await sandbox.user("Mai")
        await mai.start()
        await mai.album([("a.png", png(60, 60))])
        photo = (await mai.messages())[-1].files[0]
        await sandbox.fault("400", "getFile", description=f"Bad Request: {said}")
        with pytest.raises(means):
            await channel.fetch(photo.file_id, 1 << 20)
        assert await channel.fetch(photo.file_id, 1 << 20) == png(60, 60)
        with pytest.raises(FileTooLarge):
            await channel.fetch(photo.file_id, 10)


@pytest.mark.parametrize("direct", [True, False])
async def test_no_page_is_fetched_and_nothing_passed_on_unless_it_is_to_be(
    url: str, direct: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(channel_module, "DIRECT", direct)
    link = {"html": "Xem https://theo-doi.example/mai", "buttons": []}
    off = {"is_disabled": True}
    async with Sandbox.connect(url) as sandbox, telegram(url) as channel:
        mai = str((await sandbox.crowd(1))[0])
        sent = [
            Outgoing(mai, Kind.TEXT, link),
            Outgoing(mai, Kind.TEXT, link | {"protected": True}),
            Outgoing(mai, Kind.TEXT, link | {"previews": True}),
            Outgoing(mai, Kind.TEXT, link, previews=True),
        ]
        (first, *_) = [await channel.deliver(one) for one in sent]
        shown = [one.raw for one in await sandbox.messages(int(mai))]
        assert [one.get("link_preview_options") for one in shown] == [off, off, None, None]
        assert [one.get("has_protected_content") for one in shown] == [None, True, None, None]
        changed = link | {"html": "Nay xem https://theo-doi.example/an"}
        await channel.deliver(Outgoing(mai, Kind.EDIT, changed, first))
        assert (await sandbox.messages(int(mai)))[0].raw["link_preview_options"] == off


async def test_only_what_is_marked_so_is_sent_at_the_speed_that_costs_money(url: str) -> None:
    picture: dict[str, Any] = {
        "kind": "photo",
        "checksum": None,
        "name": None,
        "caption": "Kỳ 12",
        "buttons": [],
    }
    async with Sandbox.connect(url) as sandbox, telegram(url) as channel:
        people = await sandbox.crowd(4)
        mai = await sandbox.user("Mai")
        await mai.album([("a.png", png(60, 60))])
        photo = (await mai.messages())[0].files[0]
        await sandbox.flood(enabled=True, per_second=1)
        for one in people[:2]:
            await channel.deliver(Outgoing(str(one), Kind.TEXT, TEXT, paid=True))
        content = picture | {"remote_id": photo.file_id, "buttons": [[["Xem", "https://angiang.tv"]]]}
        await channel.deliver(Outgoing(str(people[2]), Kind.FILE, content, paid=True))
        (shown,) = await sandbox.messages(people[2])
        assert (shown.text, shown.labels, shown.files[0].kind) == ("Kỳ 12", ["Xem"], "photo")
        await channel.deliver(Outgoing(str(people[0]), Kind.TEXT, TEXT))
        with pytest.raises(Busy):
            await channel.deliver(Outgoing(str(people[3]), Kind.TEXT, TEXT))
