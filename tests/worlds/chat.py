"""A messenger in memory around the real bot: people type and press.

Our worker and sender do the rest.
"""

import asyncio
from base64 import b64decode
from collections.abc import Awaitable, Callable
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, TypeVar

from bot.loops.pace import Pace
from bot.loops.receiver import received
from bot.loops.sender import Sender
from bot.loops.worker import Worker
from channels.outgoing import Gone, Kind, Outgoing
from messages.words import plain
from storage.delivery import inbox
from storage.engine.database import Database
from storage.people import conversations, people
from storage.rows import ConversationRow, PersonRow
from tests.worlds.arranged import arranged

T = TypeVar("T")


@dataclass
class Shown:
    """One of the bot's messages as a chat shows it."""

    id: int
    html: str
    buttons: list[list[list[str]]]
    edits: int = 0
    png: bytes = b""
    document: bytes = b""
    name: str = ""  # of the document
    checksum: str = ""  # of the document, where it is a kept file
    picture: str = ""  # the messenger's id of a picture that somebody sent
    topic: str | None = None  # of the group where it stands

    @property
    def text(self) -> str:
        return plain(self.html)

    @property
    def labels(self) -> list[str]:
        return [label for row in self.buttons for label, _data in row]

    def data(self, label: str) -> str:
        found = [data for row in self.buttons for shown, data in row if label in shown]
        assert found, f"no button {label!r} among {self.labels}"
        return found[0]


@dataclass
class Messenger:
    """A `channels.outgoing.Channel` that takes what the sender delivers."""

    chats: dict[str, list[Shown]] = field(default_factory=dict)
    menus: dict[str, list[Any]] = field(default_factory=dict)
    files: dict[str, dict[int, str]] = field(default_factory=dict)  # by message id
    albums: list[list[int]] = field(default_factory=list)  # the message ids of each
    deleted: set[int] = field(default_factory=set)  # messages that people took out of their chats
    unchanged: int = 0  # edits that a real one refuses: "message is not modified"
    last_id: int = 99_999

    def _new_id(self) -> int:
        self.last_id += 1
        return self.last_id

    async def deliver(self, message: Outgoing) -> str | None:
        chat, content = self.chats.setdefault(message.address, []), message.content
        match message.kind:
            case Kind.TEXT:
                chat.append(Shown(self._new_id(), content["html"], content["buttons"]))
                chat[-1].topic = content.get("topic")
                return str(chat[-1].id)
            case Kind.PICTURE:
                chat.append(Shown(self._new_id(), content["html"], content["buttons"]))
                chat[-1].png = b64decode(content["png"])
                return str(chat[-1].id)
            case Kind.DOCUMENT:
                chat.append(Shown(self._new_id(), content["html"], content["buttons"]))
                chat[-1].document, chat[-1].name = b64decode(content.get("data", "")), content["name"]
                chat[-1].checksum = content.get("checksum", "")
                return str(chat[-1].id)
            case Kind.EDIT | Kind.BUTTONS:
                if int(message.message_id or 0) in self.deleted:
                    raise Gone("message to edit not found")
                (one,) = [shown for shown in chat if str(shown.id) == message.message_id]
                before = (one.html, one.buttons)
                one.html = content.get("html", one.html)
                one.buttons = content["buttons"]
                self.unchanged += before == (one.html, one.buttons)
                one.edits += 1
                return str(one.id)
            case Kind.MENU:
                self.menus[message.address] = content["commands"]
                return None
            case Kind.FILE:
                message_id = self._new_id()
                self.files.setdefault(message.address, {})[message_id] = content["remote_id"]
                if "buttons" in content:  # a broadcast's picture, with words and buttons of its own
                    chat.append(Shown(message_id, content["caption"], content["buttons"]))
                    chat[-1].picture = content["remote_id"]
                return str(message_id)
            case Kind.DELETE:
                assert message.message_id is not None
                self.files.get(message.address, {}).pop(int(message.message_id), None)
                chat[:] = [shown for shown in chat if str(shown.id) != message.message_id]
                return None
            case Kind.ALBUM:
                raise AssertionError("an album is delivered as one")

    async def deliver_album(self, message: Outgoing) -> list[str]:
        kept = self.files.setdefault(message.address, {})
        ids = [self._new_id() for _ in message.content["files"]]
        kept |= dict(zip(ids, (one["remote_id"] for one in message.content["files"]), strict=True))
        self.albums.append(ids)
        return [str(one) for one in ids]

    async def fetch(self, remote_id: str, limit: int) -> bytes:
        raise NotImplementedError


class House:
    """The bot with its database; `restart` loses whatever was only in memory."""

    def __init__(self, database: Database, application: Any) -> None:
        self.database = database
        self.application = application
        self.messenger = Messenger()
        self._updates = self._messages = 0  # how many there were
        self._queued = asyncio.Event()
        self.start()
        # What was arranged here, and how the house and its database stood then.
        self._begun = "house"
        self._stand: tuple[int, int, int | None] = (0, 0, 0)
        self._whole = self._parts()

    def start(self) -> None:
        self.worker = Worker(self.database, self.application, self._queued)
        self.sender = Sender(
            self.database,
            {"telegram": self.messenger},
            {"telegram": Pace(1e9, 0)},
            self._queued,
            together=0,
        )

    async def receive(self, *bodies: dict[str, Any], deliver: bool = True) -> None:
        """Take updates that arrive together; handle and answer them."""
        found = [received({"update_id": self._updates + n} | body) for n, body in enumerate(bodies, 1)]
        self._updates += len(bodies)
        async with self.database.work() as work:
            await inbox.put(work, [one for one in found if one is not None])
        while (await self.worker.work_once())[0]:
            pass
        if deliver:
            await self.deliver()

    async def deliver(self) -> None:
        await self.sender.send_all()

    def person(self, name: str, *, language: str = "vi") -> "Chat":
        return Chat(self, 1000 + self.new_message_id(), name, language)

    def new_message_id(self) -> int:
        self._messages += 1
        return self._messages

    async def begin(self, what: str, do: Callable[[], Awaitable[T]], *, anyhow: bool = False) -> T:
        """Do what a story begins with, or copy what it left the last time.

        Its value is everybody's. Where anything else was done in this house or to its database before, it is always
        done, unless that does not matter (`anyhow`).
        """
        first = self._counts() == self._stand and self._parts() == self._whole
        if not (first or anyhow):
            return await do()
        begun = f"{self._begun}, {what}" if first else what

        async def done() -> tuple[T, tuple[Messenger, int, int]]:
            value = await do()
            return value, self.memory()

        value, memory = await arranged(self.database, begun, done)
        self.remember(memory)
        if first:
            self._begun, self._stand, self._whole = begun, self._counts(), self._parts()
        return value

    def _counts(self) -> tuple[int, int, int | None]:
        return self._updates, self._messages, getattr(self.database, "written", None)  # tests.conftest counts

    def _parts(self) -> list[int]:
        return [id(one) for one in (self.messenger, self.worker, self.sender)]

    def memory(self) -> tuple[Messenger, int, int]:
        """Return what happened here beside the database.

        For another house on a copy of the database.
        """
        return deepcopy(self.messenger), self._updates, self._messages

    def remember(self, memory: tuple[Messenger, int, int]) -> None:
        self.messenger, self._updates, self._messages = deepcopy(memory)
        self.start()


class Chat:
    """One person's chat with the bot."""

    def __init__(self, house: House, address: int, name: str, language: str) -> None:
        self.house = house
        self.address = address
        self.name = name
        self.user = {"id": address, "is_bot": False, "first_name": name, "language_code": language}

    # --- what they do ---------------------------------------------------------------------------------

    def message(
        self, text: str | None = None, *, reply_to: Shown | None = None, **rest: Any
    ) -> dict[str, Any]:
        """Make a raw message of theirs, without sending it."""
        body: dict[str, Any] = {
            "message_id": self.house.new_message_id(),
            "date": int(self.house.database.clock.now().timestamp()),
            "chat": {"id": self.address, "type": "private", "first_name": self.user["first_name"]},
            "from": self.user,
        }
        if text is not None:
            body["text"] = text
        if reply_to is not None:
            bot = {"id": 1, "is_bot": True, "first_name": "Dân hỏi"}
            replied = {"message_id": reply_to.id, "date": 1_793_600_000, "text": reply_to.text}
            body["reply_to_message"] = replied | {"chat": body["chat"], "from": bot}
        return body | rest

    def photo(self, caption: str | None = None, *, size: int = 1000, **rest: Any) -> dict[str, Any]:
        one = {
            "file_id": f"photo-{self.house.new_message_id()}",
            "file_unique_id": "x",
            "width": 9,
            "height": 9,
        }
        body = self.message() | {"photo": [one | {"file_size": size}]} | rest
        return body if caption is None else body | {"caption": caption}

    def album(self, pictures: int, caption: str | None = None, **rest: Any) -> list[dict[str, Any]]:
        group = f"album-{self.house.new_message_id()}"
        return [
            self.photo(caption if index == 0 else None, **rest) | {"media_group_id": group}
            for index in range(pictures)
        ]

    async def send(self, *messages: "str | dict[str, Any]", apart: bool = True, **rest: Any) -> None:
        """Send messages, each answered before the next, or all in one batch."""
        bodies = [self.message(one, **rest) if isinstance(one, str) else one for one in messages]
        if apart:
            for body in bodies:
                await self.house.receive({"message": body})
        else:
            await self.house.receive(*({"message": body} for body in bodies))

    async def edit(self, message: dict[str, Any], **changes: Any) -> None:
        await self.house.receive({"edited_message": message | {"edit_date": 1_793_600_100} | changes})

    async def press(self, label: str, on: Shown | None = None, *, times: int = 1) -> None:
        """Press the button whose label contains this.

        On the newest message that has it, unless another is given.
        """
        shown = on or next(one for one in reversed(self.shown) if any(label in text for text in one.labels))
        await self.press_data(shown.data(label), shown.id, times=times)

    async def press_data(self, data: str, message_id: int, *, times: int = 1) -> None:
        body = {
            "id": str(self.house.new_message_id()),
            "from": self.user,
            "chat_instance": "1",
            "data": data,
            "message": {
                "message_id": message_id, "date": 1_793_600_000, "text": "…",
                "chat": {"id": self.address, "type": "private"},
                "from": {"id": 1, "is_bot": True, "first_name": "Dân hỏi"},
            },
        }  # fmt: skip
        await self.house.receive(
            *({"callback_query": body | {"id": f"{body['id']}{i}"}} for i in range(times))
        )

    # --- what they see ----------------------------------------------------------------------------------

    @property
    def shown(self) -> list[Shown]:
        return self.house.messenger.chats.setdefault(str(self.address), [])

    @property
    def last(self) -> Shown:
        return self.shown[-1]

    def since(self, message: Shown) -> list[Shown]:
        return [one for one in self.shown if one.id > message.id]

    def saying(self, words: str) -> list[Shown]:
        return [one for one in self.shown if words in one.text]

    async def row(self) -> PersonRow:
        async with self.house.database.reading() as work:
            person = await people.at(work, "telegram", str(self.address))
        assert person is not None
        return person

    async def conversation(self) -> ConversationRow | None:
        person = await self.row()
        async with self.house.database.reading() as work:
            return await conversations.of_person(work, person.id)

    async def is_idle(self) -> bool:
        """Return whether nothing is being written or waited for."""
        return await self.conversation() is None


LAND = "Tôi nộp hồ sơ cấp sổ đỏ ở phường Rạch Giá từ tháng 5 mà chưa có kết quả, khi nào có?"


async def introduced(house: House, name: str = "Mai", question: str = LAND) -> Chat:
    """Return the chat of somebody who has asked before."""

    async def told() -> int:
        chat = house.person(name)
        await chat.send(question)
        await chat.press("Đồng ý")
        await chat.send(f"Nguyễn Thị {name}", "12 Lê Lợi, phường Rạch Giá")
        await chat.press("Bỏ qua")
        await chat.press("Bỏ qua")
        await chat.press("Gửi câu hỏi")
        return chat.address

    usual = (name, question) == ("Mai", LAND)  # what one test says is not worth keeping
    address = await (house.begin("introduced", told) if usual else told())
    return Chat(house, address, name, "vi")
