"""A messenger built only for speed: a Bot API for the throughput benchmarks.

A process of its own. It knows the few calls that an echo needs, hands out what `Messenger.load` gave it, and notes
when each chat got its first answer. Requests are cut by hand, because anything more would be the bottleneck that it
is there to avoid.
"""

import argparse
import asyncio
import json
import re
import sys
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

CHAT = re.compile(rb'chat_id"?[=:] ?"?(\d+)')
OFFSET = re.compile(rb'offset"?[=:] ?"?(\d+)')
BATCH = 100
POSTING_AT_ONCE = 40  # connections to a webhook, where it does not ask for others: the Bot API's own default
BOT = {"id": 1, "is_bot": True, "first_name": "Bench", "username": "bench_bot"}
# Every text is different, so that a result cached for one never serves a thousand citizens.
TEXT = "Tôi nộp hồ sơ # cấp sổ đỏ ở phường Rạch Giá từ tháng 5 mà chưa có kết quả, khi nào có?"


@dataclass
class Messenger:
    """The loaded and the answered messages.

    Times are seconds of one process's own counter.
    """

    latency: float
    updates: list[bytes] = field(default_factory=list)  # as JSON, in their order
    first_id: int = 1
    taken: int = 0  # confirmed by an offset, or posted
    sent_at: dict[int, float] = field(default_factory=dict)  # by chat
    answered_at: dict[int, float] = field(default_factory=dict)
    asking: "deque[asyncio.Future[None]]" = field(default_factory=deque)
    webhook: str | None = None
    secret: str = ""
    posting_at_once: int = POSTING_AT_ONCE
    text: str = TEXT  # what everybody writes, each with the number of their chat
    messages: int = 0
    asked: int = 0  # how often for updates

    def load(self, chats: range, per_second: float, before: Sequence[tuple[int, str]] = ()) -> None:
        """Load one message per chat: all at once, or so many a second.

        What others (chat, text) send comes first.
        """
        self.first_id += len(self.updates)
        self.taken = 0
        self.updates.clear()
        self.sent_at.clear()
        self.answered_at.clear()
        for chat, text in before:
            self.updates.append(self._update(chat, text))
        if self.webhook is not None:
            asyncio.get_running_loop().create_task(self._post(chats, per_second))
        elif per_second:
            asyncio.get_running_loop().create_task(self._release(chats, per_second))
        else:
            self._add(chats)

    def _add(self, chats: range) -> None:
        now = time.perf_counter()
        for chat in chats:
            self.updates.append(self._update(chat))
            self.sent_at[chat] = now
        while self.asking:
            waiting = self.asking.popleft()
            if not waiting.done():
                waiting.set_result(None)

    def _update(self, chat: int, text: str | None = None) -> bytes:
        self.messages += 1
        person = {"id": chat, "is_bot": False, "first_name": f"Mai {chat}", "language_code": "vi"}
        message = {
            "message_id": self.messages,
            "date": int(time.time()),
            "chat": {"id": chat, "type": "private", "first_name": f"Mai {chat}"},
            "from": person,
            "text": self.text.replace("#", str(chat)) if text is None else text,
        }
        return json.dumps({"update_id": self.first_id + len(self.updates), "message": message}).encode()

    async def _release(self, chats: range, per_second: float) -> None:
        begun = time.perf_counter()
        for number, chat in enumerate(chats):
            due = begun + number / per_second
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            self._add(range(chat, chat + 1))

    async def _post(self, chats: range, per_second: float) -> None:
        waiting: asyncio.Queue[int] = asyncio.Queue()
        posting = [asyncio.create_task(self._post_from(waiting)) for _ in range(self.posting_at_once)]
        begun = time.perf_counter()
        for number, chat in enumerate(chats):
            if per_second:
                await asyncio.sleep(max(0.0, begun + number / per_second - time.perf_counter()))
            self.sent_at[chat] = time.perf_counter()
            waiting.put_nowait(chat)
        await waiting.join()
        for one in posting:
            one.cancel()
        await asyncio.gather(*posting, return_exceptions=True)

    async def _post_from(self, waiting: "asyncio.Queue[int]") -> None:
        assert self.webhook is not None
        address = urlsplit(self.webhook)
        reader, writer = await asyncio.open_connection(address.hostname, address.port)
        try:
            while True:
                body = self._update(await waiting.get())
                self.updates.append(body)
                writer.write(
                    f"POST {address.path} HTTP/1.1\r\nHost: {address.netloc}\r\n"
                    f"X-Telegram-Bot-Api-Secret-Token: {self.secret}\r\nContent-Type: application/json\r\n"
                    f"Content-Length: {len(body)}\r\n\r\n".encode()
                    + body
                )
                head = await reader.readuntil(b"\r\n\r\n")
                length = re.search(rb"(?i)content-length: *(\d+)", head)
                if length and int(length[1]):
                    await reader.readexactly(int(length[1]))
                waiting.task_done()
        finally:
            writer.close()

    # --- calls ------------------------------------------------------------------------------------------------

    async def answer(self, method: str, body: bytes) -> bytes:
        if method == "sendMessage":
            found = CHAT.search(body)
            chat = int(found[1]) if found else 0
            self.answered_at.setdefault(chat, time.perf_counter())
            self.messages += 1
            return (
                b'{"ok":true,"result":{"message_id":%d,"date":1790000000,'
                b'"chat":{"id":%d,"type":"private"},"text":"x"}}' % (self.messages, chat)
            )
        if method == "getUpdates":
            return await self._get_updates(body)
        if method == "getMe":
            return json.dumps({"ok": True, "result": BOT}).encode()
        if method == "setWebhook":
            # Ours says it in JSON, the peer as a form.
            wanted = json.loads(body) if body.startswith(b"{") else dict(parse_qsl(body.decode()))
            self.webhook, self.secret = wanted["url"], wanted["secret_token"]
            self.posting_at_once = int(wanted.get("max_connections", POSTING_AT_ONCE))
        elif method == "deleteWebhook":
            self.webhook = None
        elif method == "getWebhookInfo":
            info = {"url": self.webhook or "", "has_custom_certificate": False, "pending_update_count": 0}
            return json.dumps({"ok": True, "result": info}).encode()
        return b'{"ok":true,"result":true}'

    async def _get_updates(self, body: bytes) -> bytes:
        self.asked += 1
        found = OFFSET.search(body)
        if found:
            self.taken = max(self.taken, int(found[1]) - self.first_id)
        if self.taken >= len(self.updates):
            waiting = asyncio.get_running_loop().create_future()
            self.asking.append(waiting)
            await asyncio.wait([waiting], timeout=5)
        batch = self.updates[self.taken : self.taken + BATCH]
        return b'{"ok":true,"result":[' + b",".join(batch) + b"]}"

    def result(self) -> dict[str, Any]:
        """Return how far it is: answers so far, seconds in all, and each delay.

        From the first message to the last answer.
        """
        waited = sorted(
            at - self.sent_at[chat] for chat, at in self.answered_at.items() if chat in self.sent_at
        )
        seen = {
            "webhook": self.webhook is not None,
            "asked": self.asked,
            "cpu_seconds": time.process_time(),
        }
        if not waited:
            times = self.answered_at.values()
            return {
                "answered": 0,
                "sent": len(times),
                "span": max(times) - min(times) if times else 0.0,
            } | seen
        return {
            "answered": len(waited),
            "seconds": max(self.answered_at[chat] for chat in self.sent_at if chat in self.answered_at)
            - min(self.sent_at.values()),
            "p50_ms": round(waited[len(waited) // 2] * 1000, 1),
            "p99_ms": round(waited[len(waited) * 99 // 100] * 1000, 1),
            "most_ms": round(waited[-1] * 1000, 1),
        } | seen


class Connection(asyncio.Protocol):
    """One HTTP connection, kept alive; requests one after the other."""

    def __init__(self, messenger: Messenger) -> None:
        self._messenger = messenger
        self._buffer = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            head = self._buffer[:end]
            found = re.search(rb"(?i)content-length: *(\d+)", head)
            length = int(found[1]) if found else 0
            if len(self._buffer) < end + 4 + length:
                return
            body = self._buffer[end + 4 : end + 4 + length]
            self._buffer = self._buffer[end + 4 + length :]
            path = head.split(b" ", 2)[1].decode()
            asyncio.get_running_loop().create_task(self._answer(path, body))

    async def _answer(self, path: str, body: bytes) -> None:
        name = path.rsplit("/", 1)[1]
        if path.startswith("/control/"):
            answer = self._control(name, body)
        else:
            answer = await self._messenger.answer(name, body)
            if self._messenger.latency:
                await asyncio.sleep(self._messenger.latency)
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(
                b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
                % len(answer)
                + answer
            )

    def _control(self, name: str, body: bytes) -> bytes:
        if name == "load":
            wanted = json.loads(body)
            self._messenger.latency = wanted["latency"]
            self._messenger.text = wanted["text"]
            chats = range(wanted["first"], wanted["first"] + wanted["count"])
            self._messenger.load(chats, wanted["rate"], wanted.get("before", ()))
        return json.dumps(self._messenger.result()).encode()


async def _serve() -> None:
    messenger = Messenger(0)
    server = await asyncio.get_running_loop().create_server(lambda: Connection(messenger), "127.0.0.1", 0)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    argparse.ArgumentParser().parse_args()
    asyncio.run(_serve())
