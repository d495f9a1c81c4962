"""A picture of ours on its way: from the outbox over HTTP to a messenger's chat."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from telegram import Bot

from bot.loops.pace import Pace
from bot.loops.sender import Sender
from channels.telegram.channel import TelegramChannel
from channels.telegram.transport import AiohttpRequest
from messages.buttons import Act, Button
from messages.documents.digest_picture import PictureLine, digest_tables
from messages.notices.desk import HistoryEvent, QuestionHistory
from messages.notices.digests import NothingToTell
from messages.words import Words
from sandbox.client import Sandbox
from sandbox.http.server import serve
from sandbox.state.store import Store
from sandbox.state.world import World
from services.notify import tell_with_picture
from storage.delivery.outbox import forget
from storage.engine.database import Database
from storage.people import people

TOKEN = "1000001:sandbox-token"
SAY = Words("vi", ZoneInfo("Asia/Ho_Chi_Minh"))


@pytest.fixture
async def url() -> AsyncIterator[str]:
    async with serve(World(Store(None), TOKEN, "sandbox_bot", "Sandbox"), "127.0.0.1", 0) as address:
        yield address


@pytest.fixture
async def sender(url: str, database: Database, tmp_path: Path) -> AsyncIterator[Sender]:
    request = AiohttpRequest(seconds=5)
    async with Bot(TOKEN, f"{url}/bot", f"{url}/file/bot", request=request) as bot:
        yield Sender(
            database,
            {"telegram": TelegramChannel(bot, tmp_path)},
            {"telegram": Pace(1e9, 0)},
            asyncio.Event(),
        )


async def test_it_arrives_with_its_words_and_buttons_in_one_message(
    url: str, database: Database, sender: Sender
) -> None:
    png = digest_tables(SAY, "Bản tin ngày", [PictureLine("Sở Y tế", 1, 2, 3, 3)], [])
    async with Sandbox.connect(url) as sandbox:
        minh = await sandbox.user("Minh")
        await minh.start()
        async with database.work() as work:
            person = await people.seen(
                work, channel="telegram", address=str(minh.id), display_name="Minh", language="vi"
            )
            notice = NothingToTell("daily", work.now, work.now, late=True)
            button = Button("button.list_overdue", Act.SHOW_LIST, ("overdue",))
            await tell_with_picture(work, person, notice, png, [[button]])
        await sender.send_all()
        (message,) = [one for one in await minh.messages() if one.from_bot]
        assert "Bản tin ngày" in message.text
        assert message.labels == ["Quá hạn"]
        assert message.files[0].kind == "photo"
        assert await sandbox.download(message.files[0]) == png


async def test_what_a_caption_cannot_hold_follows_as_text_with_the_buttons(
    url: str, database: Database, sender: Sender
) -> None:
    async with Sandbox.connect(url) as sandbox:
        minh = await sandbox.user("Minh")
        await minh.start()
        async with database.work() as work:
            person = await people.seen(
                work, channel="telegram", address=str(minh.id), display_name="Minh", language="vi"
            )
            event = HistoryEvent(work.now, "received", "", "asker", "lời " * 100, "", "", "")
            button = Button("button.list_overdue", Act.SHOW_LIST, ("overdue",))
            png = digest_tables(SAY, "Bản tin", [PictureLine("Sở Y tế", 1, 2, 3, 3)], [])
            await tell_with_picture(
                work, person, QuestionHistory("DH-2026-000001", (event,) * 5), png, [[button]]
            )
        await sender.send_all()
        first, *more = [one for one in await minh.messages() if one.from_bot]
        assert first.files
        assert first.labels == []
        assert more[-1].labels == ["Quá hạn"]
        assert sum(one.text.count("lời") for one in (first, *more)) == 500


async def test_its_bytes_are_forgotten_with_its_words(url: str, database: Database, sender: Sender) -> None:
    async with Sandbox.connect(url) as sandbox:
        minh = await sandbox.user("Minh")
        await minh.start()
        async with database.work() as work:
            person = await people.seen(
                work, channel="telegram", address=str(minh.id), display_name="Minh", language="vi"
            )
            png = digest_tables(SAY, "Bản tin", [PictureLine("Sở Y tế", 1, 2, 3, 3)], [])
            notice = NothingToTell("daily", work.now, work.now, late=False)
            await tell_with_picture(work, person, notice, png)
        await sender.send_all()
        async with database.work() as work:
            assert await forget(work, work.now.replace(year=2027), 10) == 1
