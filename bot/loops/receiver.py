"""Receives raw updates and stores them before confirming them to the messenger."""

import asyncio
import contextlib
import hmac
import json
import warnings
import zlib
from collections.abc import Callable
from typing import Any

import structlog
from aiohttp import web
from telegram import Bot
from telegram.error import Conflict, InvalidToken, RetryAfter, TelegramError

from bot.house import metrics
from bot.house.logs import Damped
from bot.house.stopping import pause, unless_stopped
from bot.loops.commit_sharing import Together
from channels.telegram.channel import busy
from channels.telegram.reading import read_json
from channels.telegram.transport import what_failed
from storage.delivery import inbox
from storage.delivery.inbox import Received
from storage.engine.database import Database
from storage.engine.errors import DatabaseTrouble

# Bot.get_updates would parse: an update that can't be parsed would block its batch for ever.
warnings.filterwarnings("ignore", message="Please use 'Bot.getUpdates'")

log = structlog.get_logger(__name__)

CHANNEL = "telegram"
ALLOWED_UPDATES = ["message", "edited_message", "callback_query", "my_chat_member"]
LONG_POLL_SECONDS = 25
CALLS_AT_ONCE = 100  # by webhook: as many as the messenger allows, for they share a commit
TOGETHER = 0.005  # seconds in which an update by webhook waits for others, to share a commit
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"
_LARGEST_BODY = 1 << 20
_IDS = 1 << 63  # as many as a database counts


class TokenRefused(Exception):
    """The messenger does not know the token.

    The operator has to correct it.
    """


def received(raw: object) -> Received | None:
    """Make an inbox row from a raw update; None without a usable id.

    Such an update can be neither stored nor confirmed.
    """
    if not isinstance(raw, dict) or type(raw.get("update_id")) is not int:
        return None
    if not 0 <= raw["update_id"] < _IDS:
        return None
    try:
        payload = json.dumps(raw, ensure_ascii=True)
    except RecursionError:
        payload = ""  # nested so deep that it could just be read: the worker parks it as unreadable
    number = raw["update_id"]
    return Received(CHANNEL, str(number), number, _chat_of(raw), payload)


def _chat_of(raw: dict[str, Any]) -> str:
    """Return the id that orders an update among others: its chat's, else its sender's."""
    for kind, body in raw.items():
        if kind == "update_id" or not isinstance(body, dict):
            continue
        inner = body.get("message")
        message = inner if isinstance(inner, dict) else body
        for place in (message.get("chat"), body.get("from")):
            if isinstance(place, dict) and isinstance(place.get("id"), int):
                return str(place["id"])[:64]  # as long as a chat is in the inbox
    return ""


class Polling:
    """`getUpdates`: asking for the next batch confirms the last, once that is stored."""

    def __init__(
        self, database: Database, bot: Bot, wake: asyncio.Event, heard: Callable[[], None] = lambda: None
    ) -> None:
        """`heard` is called whenever the messenger has answered."""
        self._database = database
        self._bot = bot
        self._wake = wake
        self._heard = heard

    async def run(self, stop: asyncio.Event) -> None:
        await unless_stopped(self._drop_webhook(), stop)
        offset: int | None = None
        while not stop.is_set():
            asked = asyncio.get_running_loop().time()
            try:
                before, offset = offset, await self._next_batch(offset, stop)
                if before == offset and asyncio.get_running_loop().time() - asked < 1:
                    await pause(stop, 0.3)  # a server that answers at once instead of holding a long poll
            except InvalidToken as error:
                raise TokenRefused from error
            except RetryAfter as error:
                await pause(stop, busy(error).seconds)
            except Conflict:
                log.warning(
                    "another_receiver", hint="another process or a webhook receives this bot's updates"
                )
                await pause(stop, 5)
                await unless_stopped(self._drop_webhook(), stop)
            except (TelegramError, RecursionError) as error:  # RecursionError: an answer nested without end
                log.warning("messenger_unavailable", error=what_failed(error))
                await pause(stop, 1)
            except DatabaseTrouble as error:
                log.warning("database_unavailable", error=type(error).__name__)
                await pause(stop, 1)

    async def _drop_webhook(self) -> None:
        """Delete the webhook: while one is set the messenger refuses polling."""
        with contextlib.suppress(TelegramError):  # then the next request reports what is wrong
            await self._bot.delete_webhook()

    async def _next_batch(self, offset: int | None, stop: asyncio.Event) -> int | None:
        asking = asyncio.create_task(
            self._bot.do_api_request(
                "getUpdates",
                api_kwargs={
                    "timeout": LONG_POLL_SECONDS,
                    "allowed_updates": ALLOWED_UPDATES,
                    **({} if offset is None else {"offset": offset}),
                },
                read_timeout=LONG_POLL_SECONDS + 10,
            )
        )
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait([asking, stopping], return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        if not asking.done():
            asking.cancel()  # nothing is lost: what was not confirmed comes again
            await asyncio.gather(asking, return_exceptions=True)
            return offset
        batch = asking.result()
        self._heard()
        if not isinstance(batch, list):
            return offset
        updates = [update for update in map(received, batch) if update is not None]
        if len(updates) < len(batch):
            log.warning("update_without_id", how_many=len(batch) - len(updates))
        if not updates:
            return offset
        async with self._database.work() as work:
            await inbox.put(work, updates)
        metrics.RECEIVED.labels("polling").inc(len(updates))
        self._wake.set()
        return max(update.place for update in updates) + 1


def _unpacked(body: bytes, coding: str) -> bytes:
    """Decompress a body that a proxy compressed, with a bound; raise `ValueError` for a broken one."""
    if coding not in ("gzip", "deflate"):
        return body
    packed = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)  # recognises which of the two it is
    try:
        found = packed.decompress(body, _LARGEST_BODY + 1)
    except zlib.error as error:
        raise ValueError("packed otherwise than it says") from error
    if not packed.eof and len(found) <= _LARGEST_BODY:
        raise ValueError("cut off")
    return found


class Webhook:
    """A route for the messenger: 200 only once the update is stored."""

    def __init__(self, database: Database, secret: str, wake: asyncio.Event) -> None:
        self._database = database
        self._secret = secret
        self._wake = wake
        self._received = Together(self._keep, seconds=TOGETHER)
        self._strangers = Damped()

    def application(self, path: str) -> web.Application:
        app = web.Application(client_max_size=_LARGEST_BODY)
        app.router.add_post(path or "/", self.receive)
        return app

    async def receive(self, request: web.Request) -> web.Response:
        # In constant time: an answer's delay must not tell how much of a guess was right.
        given = request.headers.get(SECRET_HEADER, "").encode("utf-8", "replace")
        if not hmac.compare_digest(given, self._secret.encode()):
            metrics.REFUSED_CALLS.labels("secret").inc()
            if times := self._strangers.worth_a_line():
                log.warning("webhook_secret_wrong", times=times)  # a forger, or a secret that the proxy drops
            return web.Response(status=403)
        try:
            body = _unpacked(await request.read(), request.headers.get("Content-Encoding", "").lower())
        except (web.RequestPayloadError, ValueError):  # cut off, or packed otherwise than it says
            return web.Response(status=400)
        if len(body) > _LARGEST_BODY:
            return web.Response(status=413)
        try:
            update = received(read_json(body))
        except (ValueError, RecursionError):  # no JSON, or nested without end
            update = None
        if update is None:
            log.warning("update_without_id", how_many=1)
            return web.Response(status=200)  # it would come again for ever
        try:
            await self._received.add(update)
        except DatabaseTrouble as error:
            log.warning("database_unavailable", error=type(error).__name__)
            return web.Response(status=503)  # the messenger tries again
        metrics.RECEIVED.labels("webhook").inc()
        return web.Response(status=200)

    async def _keep(self, take: Callable[[], list[Received]]) -> None:
        async with self._database.work() as work:
            await inbox.put(work, take())
        self._wake.set()
