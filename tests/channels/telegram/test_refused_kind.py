"""A file that the messenger does not take as what it is: our copy goes as a document, or its recipient reads so."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from telegram import Bot

from bot.lists.erasures import place_of
from bot.loops.pace import Pace
from bot.loops.sender import Sender
from channels.outgoing import Channel, Kind
from channels.telegram.channel import TelegramChannel
from channels.telegram.transport import AiohttpRequest
from sandbox.client import Message, Sandbox, User
from sandbox.http.server import serve
from sandbox.state.store import Store
from sandbox.state.world import World
from storage.delivery import outbox
from storage.delivery.outbox import Lane
from storage.engine.database import Database
from storage.people import people
from storage.tables import outbox as outbox_table

TOKEN = "1000001:sandbox-token"
FORBIDDEN = "Bad Request: VOICE_MESSAGES_FORBIDDEN"
VOICE = b"OggS" + b"tieng noi" * 100


@dataclass
class Way:
    """From the outbox to somebody's chat in the sandbox."""

    database: Database
    sandbox: Sandbox
    sender: Sender
    lan: User
    voice: str  # the messenger's id of a voice message that somebody sent
    checksum: str  # of our copy

    async def send(self, **changes: Any) -> list[Message]:
        """Queue the voice message for Lan, and return what the chat shows of it."""
        content: dict[str, Any] = {
            "kind": "voice",
            "remote_id": self.voice,
            "checksum": self.checksum,
            "name": "",
        }
        content |= {"content_type": "audio/ogg", "caption": ""} | changes
        async with self.database.work() as work:
            address = str(self.lan.id)
            lan = await people.seen(
                work, channel="telegram", address=address, display_name="Lan", language="vi"
            )
            await outbox.put(
                work,
                channel="telegram",
                address=address,
                person_id=lan.id,
                lane=Lane.REPLY,
                kind=Kind.FILE,
                content=content,
            )
        await self.sender.send_all()
        return [one for one in await self.lan.messages() if one.from_bot]


@pytest.fixture
async def way(database: Database, tmp_path: Path) -> AsyncIterator[Way]:
    checksum = sha256(VOICE).hexdigest()
    place = place_of(tmp_path, checksum)
    place.parent.mkdir()
    place.write_bytes(VOICE)
    request = AiohttpRequest(seconds=5)
    async with (
        serve(World(Store(None), TOKEN, "sandbox_bot", "Sandbox"), "127.0.0.1", 0) as url,
        Bot(TOKEN, f"{url}/bot", f"{url}/file/bot", request=request) as bot,
        Sandbox.connect(url) as sandbox,
    ):
        channels: dict[str, Channel] = {"telegram": TelegramChannel(bot, tmp_path)}
        sender = Sender(database, channels, {"telegram": Pace(1e9, 0)}, asyncio.Event())
        mai, lan = await sandbox.user("Mai"), await sandbox.user("Lan")
        await lan.start()
        await mai.start()
        await mai.album([("a.ogg", VOICE)], kind="voice")
        voice = (await mai.messages())[-1].files[0].file_id
        yield Way(database, sandbox, sender, lan, voice, checksum)


async def test_a_voice_message_that_its_recipient_forbids_comes_as_a_document(way: Way) -> None:
    await way.sandbox.fault("400", "sendVoice", None, description=FORBIDDEN, chat_id=way.lan.id)
    (shown,) = await way.send()
    assert (shown.files[0].kind, shown.files[0].name) == ("document", "tin-thoai.ogg")
    assert await way.sandbox.download(shown.files[0]) == VOICE


async def test_under_another_name_it_is_a_document_too(way: Way) -> None:
    """Without the messenger's id it is uploaded at once."""
    await way.sandbox.fault("400", "sendVoice", None, description=FORBIDDEN)
    (shown,) = await way.send(remote_id="", name="ghi âm.ogg")
    assert (shown.files[0].kind, shown.files[0].name) == ("document", "ghi âm.ogg")


async def test_without_a_copy_of_ours_its_recipient_reads_that_it_did_not_come(way: Way) -> None:
    await way.sandbox.fault("400", "sendVoice", None, description=FORBIDDEN)
    (shown,) = await way.send(checksum=None)
    assert "Không gửi được một tệp" in shown.text
    async with way.database.reading() as work:
        rows = await work.all(sa.select(outbox_table).order_by(outbox_table.c.id))
    assert [row.state for row in rows] == ["failed", "sent"]


@pytest.mark.parametrize(
    "said", ["PHOTO_INVALID_DIMENSIONS", "IMAGE_PROCESS_FAILED", "can't use file of type Document as Photo"]
)
async def test_a_file_refused_for_its_kind_comes_as_a_document(way: Way, said: str) -> None:
    await way.sandbox.fault("400", "sendPhoto", None, description=f"Bad Request: {said}")
    (shown,) = await way.send(kind="photo")
    assert (shown.files[0].kind, shown.files[0].name) == ("document", "anh.jpg")


async def test_a_file_refused_in_every_form_is_said_to_be(way: Way) -> None:
    for method in ("sendVoice", "sendDocument"):
        await way.sandbox.fault("400", method, None, description="Bad Request: type of file mismatch")
    (shown,) = await way.send(name="họp.ogg")
    assert "họp.ogg" in shown.text
