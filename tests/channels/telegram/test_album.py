"""Several files on their way: together where a messenger shows them together, whole or not at all, nothing twice."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

import pytest
import sqlalchemy as sa
from telegram import Bot

from bot.loops.pace import Pace
from bot.loops.sender import Sender
from channels.telegram.channel import TelegramChannel
from channels.telegram.transport import AiohttpRequest
from messages.notices.chat import SomethingFailed
from sandbox.client import Sandbox, User
from sandbox.http.server import serve
from sandbox.state.store import Store
from sandbox.state.world import World
from services import notify
from storage.delivery import files, outbox
from storage.delivery.outbox import OutboxState
from storage.engine.database import Database
from storage.people import people
from storage.rows import PersonRow
from storage.tables import Row
from storage.tables import outbox as outbox_table
from tests.conftest import SetClock
from tests.sandbox.pictures import png

TOKEN = "1000001:sandbox-token"


@dataclass
class Post:
    """One person's chat in the sandbox, and a sender of ours."""

    sandbox: Sandbox
    minh: User
    person: PersonRow
    database: Database
    sender: Sender
    folder: Path
    bot: Bot
    clock: SetClock
    ids: list[int] = field(default_factory=list)

    async def brought(self, kind: str, body: bytes, *, forgotten: bool = False, kept: bool = True) -> None:
        """A file that somebody sent before; `forgotten`: the messenger gives it out no more."""
        send = {
            "photo": self.bot.send_photo,
            "document": self.bot.send_document,
            "voice": self.bot.send_voice,
        }
        sent = await send[kind](self.minh.id, body)  # type: ignore[operator]
        found = sent.photo[-1] if kind == "photo" else getattr(sent, kind)
        checksum = sha256(body).hexdigest()
        (self.folder / checksum[:2]).mkdir(parents=True, exist_ok=True)
        (self.folder / checksum[:2] / checksum).write_bytes(body)
        async with self.database.work() as work:
            file_id = await files.add(
                work,
                person_id=self.person.id,
                kind=kind,
                remote_id=found.file_id[:-4] if forgotten else found.file_id,
                name=f"{len(self.ids)}.bin",
                size=len(body),
            )
            if kept:
                await files.kept(work, file_id, checksum=checksum, size=len(body))
        self.ids.append(file_id)

    async def send(self) -> list[str]:
        """Send them; returns what arrives: the kind of each, joined where they came as one album."""
        before = len(await self.minh.messages())
        async with self.database.work() as work:
            rows = await files.by_ids(work, self.ids)
            await notify.tell(work, self.person, SomethingFailed(), files=rows, about="answer")
        for _ in range(3):
            await self.sender.send_all()
            self.clock.move(seconds=2)  # what was postponed is due
        arrived = [one for one in (await self.minh.messages())[before:] if one.files]
        groups: dict[object, list[str]] = {}
        for one in arrived:
            groups.setdefault(one.album or one.id, []).append(one.files[0].kind)
        return ["+".join(kinds) for kinds in groups.values()]

    async def rows(self) -> list[Row]:
        async with self.database.reading() as work:
            return await work.all(
                sa.select(outbox_table).where(outbox_table.c.kind != "text").order_by(outbox_table.c.id)
            )


@pytest.fixture
async def post(database: Database, clock: SetClock, tmp_path: Path) -> AsyncIterator[Post]:
    async with serve(World(Store(None), TOKEN, "sandbox_bot", "Sandbox"), "127.0.0.1", 0) as url:
        request = AiohttpRequest(seconds=5)
        async with (
            Bot(TOKEN, f"{url}/bot", f"{url}/file/bot", request=request) as bot,
            Sandbox.connect(url) as sandbox,
        ):
            minh = await sandbox.user("Minh")
            await minh.start()
            async with database.work() as work:
                person = await people.seen(
                    work, channel="telegram", address=str(minh.id), display_name="Minh", language="vi"
                )
            channel = TelegramChannel(bot, tmp_path / "kept")
            sender = Sender(database, {"telegram": channel}, {"telegram": Pace(1e9, 0)}, asyncio.Event())
            yield Post(sandbox, minh, person, database, sender, tmp_path / "kept", bot, clock)


async def test_pictures_come_together_documents_together_and_a_voice_by_itself(post: Post) -> None:
    for kind in ("photo", "document", "photo", "voice", "document", "photo"):
        await post.brought(kind, png(9 + len(post.ids), 9))
    assert await post.send() == ["photo+photo+photo", "document+document", "voice"]


async def test_an_album_holds_ten_and_one_file_is_none(post: Post) -> None:
    for _ in range(11):
        await post.brought("photo", png(9 + len(post.ids), 9))
    assert await post.send() == ["+".join(["photo"] * 10), "photo"]


async def test_what_the_messenger_forgot_goes_from_our_own_copies_in_the_same_album(post: Post) -> None:
    await post.brought("photo", png(9, 9))
    await post.brought("photo", png(10, 9), forgotten=True)
    assert await post.send() == ["photo+photo"]
    first, second = [one for one in await post.minh.messages() if one.album]
    assert await post.sandbox.download(second.files[0]) == png(10, 9)
    assert first.id != second.id


async def test_one_bad_file_does_not_take_the_others_with_it(post: Post) -> None:
    await post.brought("document", b"mot")
    await post.brought("document", b"hai", forgotten=True, kept=False)
    await post.brought("document", b"ba")
    assert await post.send() == ["document", "document"]
    states = [(row.kind, row.state) for row in await post.rows()]
    failed = OutboxState.FAILED
    assert states == [("album", failed), ("file", "sent"), ("file", failed), ("file", "sent")]


@pytest.mark.parametrize("fault", ["429", "500", "drop_before"])
async def test_what_is_tried_again_comes_once(post: Post, fault: str) -> None:
    for _ in range(3):
        await post.brought("photo", png(9 + len(post.ids), 9))
    await post.sandbox.fault(fault, "sendMediaGroup")
    assert await post.send() == ["photo+photo+photo"]
    album = (await post.rows())[-1]
    assert (album.kind, album.state) == ("album", "sent")


async def test_a_reply_to_any_part_is_a_reply_to_it_and_all_parts_are_taken_back(post: Post) -> None:
    for _ in range(3):
        await post.brought("photo", png(9 + len(post.ids), 9))
    await post.send()
    parts = [one.id for one in await post.minh.messages() if one.album]
    address = str(post.minh.id)
    async with post.database.work() as work:
        (row,) = await work.all(sa.select(outbox_table).where(outbox_table.c.kind == "album"))
        assert outbox.ids_of(row) == [str(part) for part in parts]
        for part in parts:
            found = await outbox.sent_as(work, "telegram", address, str(part))
            assert found is not None
            assert (found.id, found.about) == (row.id, "answer")
        assert await outbox.sent_as(work, "telegram", address, str(parts[-1] + 1)) is None
        await notify.take_back(work, post.person, edit_of=row.id)
    await post.sender.send_all()
    assert [one for one in await post.minh.messages() if one.album] == []


@pytest.mark.parametrize("how_many", [1, 2])
async def test_a_file_under_another_name_goes_out_from_our_own_copy(post: Post, how_many: int) -> None:
    for number in range(how_many):
        await post.brought("document", f"thư {number}".encode())
    async with post.database.work() as work:
        rows = await files.by_ids(work, post.ids)
        renamed = [notify.RenamedFile(row, "tra loi ….pdf") for row in rows]
        await notify.tell(work, post.person, SomethingFailed(), files=renamed, about="answer")
    await post.sender.send_all()
    arrived = [one.files[0] for one in (await post.minh.messages())[-how_many:]]
    assert [one.name for one in arrived] == ["tra loi ….pdf"] * how_many
    assert await post.sandbox.download(arrived[0]) == "thư 0".encode()
