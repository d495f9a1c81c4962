"""A large document of ours on its way: kept among the files, named in the outbox, uploaded to a messenger's chat."""

import asyncio
from datetime import date
from hashlib import sha256
from pathlib import Path

from telegram import Bot

from bot.lists.erasures import place_of
from bot.loops.pace import Pace
from bot.loops.sender import Sender
from channels.telegram.channel import TelegramChannel
from channels.telegram.transport import AiohttpRequest
from messages.notices.ledger import LedgerReady
from sandbox.client import Sandbox
from sandbox.http.server import serve
from sandbox.state.store import Store
from sandbox.state.world import World
from services.notify import tell_with_kept_file
from storage.delivery import outbox
from storage.engine.database import Database
from storage.people import people

TOKEN = "1000001:sandbox-token"
NAME = "so-cau-hoi_2026-01-01_2026-03-31.xlsx"
CONTENT = b"PK\x03\x04" + b"a spreadsheet" * 1000


async def test_it_arrives_under_its_name_and_one_that_is_gone_is_given_up(
    database: Database, tmp_path: Path
) -> None:
    checksum = sha256(CONTENT).hexdigest()
    place = place_of(tmp_path, checksum)
    place.parent.mkdir()
    place.write_bytes(CONTENT)
    request = AiohttpRequest(seconds=5)
    async with (
        serve(World(Store(None), TOKEN, "sandbox_bot", "Sandbox"), "127.0.0.1", 0) as url,
        Bot(TOKEN, f"{url}/bot", f"{url}/file/bot", request=request) as bot,
        Sandbox.connect(url) as sandbox,
    ):
        sender = Sender(
            database,
            {"telegram": TelegramChannel(bot, tmp_path)},
            {"telegram": Pace(1e9, 0)},
            asyncio.Event(),
        )
        minh = await sandbox.user("Minh")
        await minh.start()
        rows = []
        for kept in (checksum, "0" * 64):
            async with database.work() as work:
                admin = await people.seen(
                    work, channel="telegram", address=str(minh.id), display_name="Minh", language="vi"
                )
                notice = LedgerReady(date(2026, 1, 1), date(2026, 3, 31), 12)
                rows.append(await tell_with_kept_file(work, admin, notice, kept, NAME))
            await sender.send_all()
        (message,) = [one for one in await minh.messages() if one.from_bot]
        assert "Sổ câu hỏi" in message.text
        assert message.files[0].name == NAME
        assert await sandbox.download(message.files[0]) == CONTENT
    async with database.reading() as work:
        states = [(await outbox.by_id(work, row or 0)).state for row in rows]
    assert states == ["sent", "failed"]
