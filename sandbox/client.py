"""A client of the control API: people type, press, wait and look.

::

    async with Sandbox.connect(url) as sandbox:
        minh = await sandbox.user("Minh", language="vi")
        await minh.start()
        await minh.send("Xin hỏi…")
        await minh.wait_for("Gửi câu hỏi")
        await minh.press("Gửi câu hỏi")
"""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiohttp import ClientSession, ClientTimeout, FormData

from sandbox.shapes import Json

DEFAULT_TIMEOUT = 10.0
"""Seconds a wait lasts unless told otherwise."""

Wanted = str | re.Pattern[str]


class SandboxError(Exception):
    """The sandbox refused a request of the control API."""


class NotSeen(AssertionError):
    """A wait ended without what was waited for; the message tells what the chat shows."""


@dataclass(frozen=True)
class Button:
    """An inline button (``data``, ``url``) or one of a reply keyboard (neither)."""

    text: str
    data: str | None = None
    url: str | None = None


@dataclass(frozen=True)
class File:
    """A file in a message."""

    kind: str
    name: str
    size: int
    file_id: str
    url: str


@dataclass(frozen=True)
class Message:
    """A message as its chat showed it when it was read."""

    id: int
    chat_id: int
    from_bot: bool
    sender: str
    text: str
    html: str
    edited: bool
    event: int
    date: int
    buttons: tuple[tuple[Button, ...], ...]
    keyboard: tuple[tuple[Button, ...], ...]
    files: tuple[File, ...]
    reply_to: int | None
    album: str | None
    raw: Json

    @property
    def labels(self) -> list[str]:
        """The labels of all buttons, row by row."""
        return [button.text for row in (*self.buttons, *self.keyboard) for button in row]

    def says(self, wanted: Wanted) -> bool:
        """Whether the text or a button contains the words (or matches the pattern)."""
        return any(_contains(text, wanted) for text in (self.text, *self.labels))

    def has_button(self, wanted: Wanted | None) -> bool:
        """Whether a button contains the words."""
        return wanted is not None and any(_contains(label, wanted) for label in self.labels)

    def has_data(self, data: str) -> bool:
        """Whether a button below the text has exactly this data."""
        return any(button.data == data for row in self.buttons for button in row)

    def link(self, prefix: str = "") -> str | None:
        """Return the first web address that starts so.

        In the text, behind words, or on a button.
        """
        urls = [entity["url"] for entity in self.raw["entities"] if entity["type"] == "text_link"]
        urls += re.findall(r"https?://\S+[^\s.,;:!?)]", self.text)
        urls += [button.url for row in self.buttons for button in row if button.url]
        return next((url for url in urls if url.startswith(prefix)), None)


def _contains(text: str, wanted: Wanted) -> bool:
    return wanted in text if isinstance(wanted, str) else wanted.search(text) is not None


def _message(raw: Json) -> Message:
    rows = (raw["keyboard"] or {}).get("keyboard", [])
    return Message(
        id=raw["message_id"],
        chat_id=raw["chat_id"],
        from_bot=raw["from_bot"],
        sender=raw["sender"],
        text=raw["text"],
        html=raw["html"],
        edited=raw["edited"],
        event=raw["event"],
        date=raw["date"],
        buttons=tuple(
            tuple(Button(button["text"], button.get("callback_data"), button.get("url")) for button in row)
            for row in raw["buttons"]
        ),
        keyboard=tuple(tuple(Button(button["text"]) for button in row) for row in rows),
        files=tuple(
            File(file["kind"], file["name"], file["size"], file["file_id"], file["url"])
            for file in raw["files"]
        ),
        reply_to=(raw.get("reply_to") or {}).get("message_id"),
        album=raw.get("media_group_id"),
        raw=raw,
    )


class Sandbox:
    """A connection to a running sandbox."""

    def __init__(self, url: str, session: ClientSession) -> None:
        self.url = url.rstrip("/")
        self._session = session

    @classmethod
    @asynccontextmanager
    async def connect(cls, url: str) -> "AsyncIterator[Sandbox]":
        """Connect for as long as the block lasts."""
        async with ClientSession(timeout=ClientTimeout(total=90)) as session:
            yield cls(url, session)

    async def request(self, method: str, path: str, **options: Any) -> Json:
        """One request of the control API; raises :class:`SandboxError` with its words."""
        async with self._session.request(method, f"{self.url}/sandbox/{path}", **options) as response:
            body: Json = await response.json()
            if response.status >= 400:
                raise SandboxError(f"{method} {path}: {response.status} {body.get('error')}")
            return body | {"event_before": int(response.headers["Sandbox-Event-Before"])}

    async def user(self, first_name: str, *, language: str = "vi", **about: object) -> "User":
        """A new person.

        ``about`` may hold ``last_name``, ``username``, ``id``, ``role_label`` …
        """
        body = {"first_name": first_name, "language_code": language, **about}
        return User(self, (await self.request("POST", "users", json=body))["user"])

    async def crowd(self, count: int, **about: object) -> list[int]:
        """Many people who started the bot, all alike; returns their ids."""
        users = [{"first_name": f"Người {number}", "started": True, **about} for number in range(count)]
        ids: list[int] = (await self.request("POST", "crowd", json={"users": users}))["ids"]
        return ids

    async def users(self) -> "list[User]":
        """Everybody who is there."""
        return [User(self, raw) for raw in (await self.request("GET", "users"))["users"]]

    async def find(self, user_id: int) -> "User":
        """The person with this id."""
        return next(user for user in await self.users() if user.id == user_id)

    async def group(
        self,
        title: str,
        owner: "User",
        members: "Sequence[User]" = (),
        *,
        bot: str | None = "member",
        supergroup: bool = False,
    ) -> "GroupChat":
        """A new group; ``bot`` is the bot's status in it, None leaves it out."""
        body = {
            "title": title,
            "owner": owner.id,
            "members": [user.id for user in members],
            "bot": bot,
            "supergroup": supergroup,
        }
        return GroupChat(self, owner, (await self.request("POST", "groups", json=body))["group"]["id"])

    async def messages(self, chat_id: int) -> list[Message]:
        """Return the messages that a chat shows now."""
        return [_message(raw) for raw in (await self.request("GET", f"chats/{chat_id}/messages"))["messages"]]

    async def fault(self, kind: str, method: str = "*", count: int | None = 1, **details: object) -> None:
        """Break the next ``count`` requests; kinds are listed in the README."""
        await self.request("POST", "faults", json={"kind": kind, "method": method, "count": count, **details})

    async def clear_faults(self) -> None:
        """Mend everything."""
        await self.request("DELETE", "faults")

    async def flood(self, **settings: object) -> Json:
        """Change the flood limits; returns them with the number of refusals."""
        flood: Json = (await self.request("POST", "flood", json=settings))["flood"]
        return flood

    async def settings(self, **changes: object) -> Json:
        """Change settings; returns all."""
        settings: Json = (await self.request("POST", "settings", json=changes))["settings"]
        return settings

    async def clock(self, offset_seconds: float) -> Json:
        """Move the clock, and with it whoever listens at the clock's address."""
        return await self.request("POST", "clock", json={"offset_seconds": offset_seconds})

    async def state(self) -> Json:
        """Bot, clock, settings, counters, faults, webhook."""
        return await self.request("GET", "state")

    async def requests(self, method: str = "", *, refused: bool = False) -> list[Json]:
        """The log of the bot's requests, oldest first.

        Perhaps of one method, or only what went wrong.
        """
        query = {"method": method, "refused": "1" if refused else "", "limit": "20000"}
        entries: list[Json] = (await self.request("GET", "requests", params=query))["requests"]
        return entries

    async def counters(self) -> Json:
        """Requests in total and per method: ok, refused, too_many, failed, dropped."""
        counters: Json = (await self.state())["requests"]
        return counters

    async def clear_requests(self) -> None:
        """Empty the log and the counters."""
        await self.request("DELETE", "requests")

    async def inject(self, update: Json) -> int:
        """Queue any JSON object as an update; returns its id."""
        return int((await self.request("POST", "updates", json={"update": update}))["update_id"])

    async def pending(self) -> int:
        """How many updates wait for the bot."""
        return int((await self.request("GET", "updates"))["count"])

    async def settled(self, timeout: float = DEFAULT_TIMEOUT) -> None:
        """Wait until the bot has confirmed every update."""
        await _until(self._nothing_pending, timeout, "updates still wait for the bot")

    async def _nothing_pending(self) -> bool:
        return await self.pending() == 0

    async def download(self, file: File) -> bytes:
        """The bytes of a file in a message."""
        async with self._session.get(self.url + file.url) as response:
            return await response.read()


async def _until(holds: "Callable[[], Awaitable[bool]]", timeout: float, complaint: str) -> None:
    end = time.monotonic() + timeout
    while not await holds():
        if time.monotonic() > end:
            raise NotSeen(complaint)
        await asyncio.sleep(0.02)


class User:
    """A person, acting in the private chat with the bot unless a chat is named.

    Waits look only at what appeared or changed after this person's last own action, so that an old
    message never satisfies a new expectation; ``since_action=False`` looks at everything.
    """

    def __init__(self, sandbox: Sandbox, raw: Json) -> None:
        self.sandbox = sandbox
        self.id: int = raw["id"]
        self.name: str = raw["name"]
        self.raw = raw
        self.last_action = 0

    async def _act(self, action: str, **options: Any) -> Json:
        answer = await self.sandbox.request("POST", f"users/{self.id}/{action}", **options)
        # The number from before the action: a fast bot may answer before the action's own answer arrives.
        self.last_action = answer["event_before"]
        return answer

    async def send(
        self,
        text: str,
        *,
        chat: int | None = None,
        reply_to: int | None = None,
        forward_from: Json | None = None,
    ) -> int:
        """Type a text.

        Returns the message's id (of the first, when a long text was cut).
        """
        body = {"text": text, "chat_id": chat, "reply_to": reply_to, "forward_from": forward_from}
        return int((await self._act("send", json=body))["message_ids"][0])

    async def start(self, parameter: str = "") -> int:
        """Press Start, perhaps through a deep link with a parameter."""
        return int((await self._act("start", json={"parameter": parameter}))["message_ids"][0])

    async def follow(self, link: str) -> int:
        """Open a ``https://t.me/<bot>?start=CODE`` link."""
        return await self.start(link.partition("?start=")[2])

    async def upload(
        self,
        body: bytes,
        *,
        name: str = "file.bin",
        kind: str = "document",
        caption: str = "",
        chat: int | None = None,
        reply_to: int | None = None,
        size: int | None = None,
    ) -> int:
        """Send a file; ``size`` pretends that it is larger than the bytes."""
        return (
            await self.album(
                [(name, body)], kind=kind, caption=caption, chat=chat, reply_to=reply_to, size=size
            )
        )[0]

    async def album(
        self,
        files: Sequence[tuple[str, bytes]],
        *,
        kind: str = "photo",
        caption: str = "",
        chat: int | None = None,
        reply_to: int | None = None,
        size: int | None = None,
    ) -> list[int]:
        """Send several files as an album: (name, bytes) each."""
        form = FormData(quote_fields=False)  # file names travel as they are, as browsers send them
        fields = {"kind": kind, "caption": caption, "chat_id": chat, "reply_to": reply_to, "size": size}
        for field, value in fields.items():
            if value not in (None, ""):
                form.add_field(field, str(value))
        for number, (name, body) in enumerate(files):
            form.add_field(f"file{number}", body, filename=name, content_type="application/octet-stream")
        return list((await self._act("files", data=form))["message_ids"])

    async def contact(self) -> int:
        """Share one's own contact."""
        return int((await self._act("send", json={"contact": True}))["message_ids"][0])

    async def forward(self, message: Message, *, chat: int | None = None) -> int:
        """Forward a message."""
        body = {"from_chat_id": message.chat_id, "message_id": message.id, "chat_id": chat}
        return int((await self._act("forward", json=body))["message_ids"][0])

    async def edit(self, message_id: int, text: str, *, chat: int | None = None) -> None:
        """Change one's own message."""
        await self._act("edit", json={"message_id": message_id, "text": text, "chat_id": chat})

    async def press(
        self,
        wanted: Wanted | None = None,
        *,
        message: Message | None = None,
        data: str | None = None,
        chat: int | None = None,
    ) -> Json:
        """Press the newest message's button that contains the words (or that has exactly this ``data``).

        A button whose label is exactly the words goes before one that merely contains them. Without a
        ``message``, the newest message with such a button counts, however old; when there is none, it is
        waited for: a message that comes right behind the one just read may still be on its way.
        Raises :class:`NotSeen` when it does not come.
        """
        found = message or await self.wait_until(
            lambda one: one.has_button(wanted) if data is None else one.has_data(data),
            f"a button {wanted or data!r}",
            chat=chat,
            since_action=False,
        )
        label = None if data is not None else _label(found, wanted)
        body = {"message_id": found.id, "data": data, "label": label, "chat_id": found.chat_id}
        return dict((await self._act("press", json=body))["pressed"])

    async def block(self) -> None:
        """Block the bot."""
        await self._act("block")

    async def unblock(self) -> None:
        """Let the bot write again."""
        await self._act("unblock")

    async def deactivate(self) -> None:
        """Delete the account."""
        await self.sandbox.request("POST", f"users/{self.id}", json={"deactivated": True})

    async def messages(self, chat: int | None = None) -> list[Message]:
        """Return the messages that the chat shows now."""
        return await self.sandbox.messages(chat or self.id)

    async def toasts(self) -> list[str]:
        """The texts that answers to presses showed, oldest first."""
        shown = (await self.sandbox.request("GET", f"users/{self.id}/toasts"))["toasts"]
        return [toast["text"] for toast in shown]

    async def wait_for_toast(self, wanted: Wanted, timeout: float = DEFAULT_TIMEOUT) -> None:
        """Wait for a notice or an alert that contains the words."""

        async def seen() -> bool:
            return any(_contains(text, wanted) for text in await self.toasts())

        await _until(seen, timeout, f"{self.name} got no notice {wanted!r}")

    async def commands(self, chat: int | None = None) -> dict[str, str]:
        """The menu of commands this person sees: command → description."""
        query = {"chat_id": str(chat or self.id)}
        shown = (await self.sandbox.request("GET", f"users/{self.id}/commands", params=query))["commands"]
        return {command["command"]: command["description"] for command in shown}

    async def wait_for(
        self,
        wanted: Wanted,
        *,
        timeout: float = DEFAULT_TIMEOUT,
        chat: int | None = None,
        since_action: bool = True,
    ) -> Message:
        """Wait for a message of the bot that contains these words.

        The newest whose text or button contains them, or matches the pattern.

        Raises :class:`NotSeen`, with what the chat shows, after ``timeout`` seconds.
        """
        return await self.wait_until(
            lambda message: message.says(wanted),
            repr(wanted),
            timeout=timeout,
            chat=chat,
            since_action=since_action,
        )

    async def wait_until(
        self,
        fits: Callable[[Message], bool],
        what: str = "such a message",
        *,
        timeout: float = DEFAULT_TIMEOUT,
        chat: int | None = None,
        since_action: bool = True,
    ) -> Message:
        """The newest message of the bot for which ``fits`` is true."""
        after = self.last_action if since_action else 0
        end, seen = time.monotonic() + timeout, 0
        while True:
            wait = max(0.0, min(30.0, end - time.monotonic())) if seen else 0.0
            query = {"after_event": str(seen), "wait": f"{wait:.3f}"}
            answer = await self.sandbox.request("GET", f"chats/{chat or self.id}/messages", params=query)
            seen = answer["event"]
            messages = [_message(raw) for raw in answer["messages"]]
            fresh = [
                message
                for message in messages
                if message.from_bot and message.event > after and fits(message)
            ]
            if fresh:
                return fresh[-1]
            if time.monotonic() >= end:
                raise NotSeen(f"{self.name} did not see {what} within {timeout:g} s\n{_shown(messages)}")


def _label(message: Message, wanted: Wanted | None) -> str | None:
    if wanted is None:
        return None
    exact = [label for label in message.labels if label == wanted]
    containing = [label for label in message.labels if _contains(label, wanted)]
    return (exact + containing + [str(wanted)])[0]


def _shown(messages: list[Message]) -> str:
    lines = [f"The chat shows {len(messages)} messages:"]
    for message in messages[-12:]:
        who = "bot" if message.from_bot else message.sender
        buttons = f"  [{'] ['.join(message.labels)}]" if message.labels else ""
        files = f"  <{', '.join(file.name for file in message.files)}>" if message.files else ""
        lines.append(f"  {message.id} {who}: {message.text!r}{files}{buttons}")
    return "\n".join(lines)


class GroupChat:
    """A group, changed by the person who made it."""

    def __init__(self, sandbox: Sandbox, owner: User, chat_id: int) -> None:
        self.sandbox = sandbox
        self.owner = owner
        self.id = chat_id

    async def change(self, **changes: object) -> int:
        """``add`` or ``remove`` ids, set the ``bot``'s status, ``migrate``; returns the group's id."""
        body = {"by": self.owner.id, **changes}
        self.id = int((await self.sandbox.request("POST", f"groups/{self.id}", json=body))["group"]["id"])
        return self.id

    async def migrate(self) -> int:
        """Become a supergroup; returns the new id."""
        return await self.change(migrate=True)

    async def messages(self) -> list[Message]:
        """Return the messages that the group shows now."""
        return await self.sandbox.messages(self.id)
