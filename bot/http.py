"""The small HTTP server beside the bot: what calendars subscribe to. Routes are given to it; nothing else answers."""

import asyncio
import contextlib
import hashlib
from collections.abc import AsyncIterator, Sequence

import structlog
from aiohttp import ETag, web

from bot.config import CALENDAR_PATH, Address
from messages.airing_calendar import NAME
from services.airings import calendar_document
from storage.database import Database
from storage.errors import DatabaseTrouble

log = structlog.get_logger(__name__)

KEEP_SECONDS = (
    5.0  # a document once made answers everybody for so long: 100,000 calendars ask about one schedule
)
MAX_AGE = 900  # seconds for which a calendar, or a proxy, need not ask again


class AiringCalendar:
    """`GET /lich.ics`: the coming airings in the programme's language."""

    def __init__(self, database: Database, keep_seconds: float = KEEP_SECONDS) -> None:
        self._database = database
        self._keep_seconds = keep_seconds
        self._made = -keep_seconds
        self._document, self._tag = b"", ""
        self._making = asyncio.Lock()

    def routes(self) -> list[web.RouteDef]:
        return [web.get(CALENDAR_PATH, self.answer)]  # HEAD too

    async def answer(self, request: web.Request) -> web.Response:
        try:
            document, tag = await self._current()
        except DatabaseTrouble as error:
            log.warning("database_unavailable", error=type(error).__name__)
            return web.Response(status=503, headers={"Retry-After": "60"})
        headers = {"Cache-Control": f"public, max-age={MAX_AGE}"}
        known = request.if_none_match or ()
        if any(one.value in (tag, "*") for one in known):
            unchanged = web.Response(status=304, headers=headers)
            unchanged.etag = ETag(tag, is_weak=True)
            return unchanged
        response = web.Response(
            body=document,
            content_type="text/calendar",
            charset="utf-8",
            headers=headers | {"Content-Disposition": f'inline; filename="{NAME}"'},
        )
        response.etag = ETag(tag, is_weak=True)
        return response

    async def _current(self) -> tuple[bytes, str]:
        now = asyncio.get_running_loop().time()
        async with self._making:
            if now - self._made >= self._keep_seconds:
                async with self._database.reading() as work:
                    self._document = await calendar_document(work, work.programme.language)
                self._tag = _tag(self._document)
                self._made = asyncio.get_running_loop().time()
            return self._document, self._tag


def _tag(document: bytes) -> str:
    """The same for documents that differ only in when they were made; weak, for their bytes differ."""
    lines = [line for line in document.splitlines() if not line.startswith(b"DTSTAMP")]
    return hashlib.sha256(b"\n".join(lines)).hexdigest()[:32]


@contextlib.asynccontextmanager
async def serving(listen: Address | None, routes: Sequence[web.RouteDef]) -> AsyncIterator[int | None]:
    """Answer these routes at this address; yields the port, or None where nothing is to listen.

    Raises `OSError` where the address is taken.
    """
    if listen is None:
        yield None
        return
    app = web.Application(client_max_size=1024)
    app.add_routes(routes)
    app.on_response_prepare.append(_say_little)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, *listen).start()
        port = int(runner.addresses[0][1])
        log.info("http_listens", host=listen.host, port=port)
        yield port
    finally:
        await runner.cleanup()


async def _say_little(_request: web.Request, response: web.StreamResponse) -> None:
    response.headers["Server"] = "danhoi"
    response.headers["X-Content-Type-Options"] = "nosniff"
