"""Serving strangers over HTTP: a guarded server, and the airing calendar.

Routes are given to it; nothing else is answered.
"""

import asyncio
import contextlib
import hashlib
import logging
from collections.abc import AsyncIterator, Sequence

import structlog
from aiohttp import ETag, web, web_response
from aiohttp.http import HttpProcessingError
from aiohttp.typedefs import Handler

from bot.config import CALENDAR_PATH, Address
from bot.house import metrics
from bot.house.logs import Damped
from messages.documents.airing_calendar import NAME
from services.airings.schedule import calendar_document
from storage.engine.database import Database
from storage.engine.errors import DatabaseTrouble

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
    """Compute an ETag that is equal for documents that differ only in when they were made.

    Weak, because their bytes differ.
    """
    lines = [line for line in document.splitlines() if not line.startswith(b"DTSTAMP")]
    return hashlib.sha256(b"\n".join(lines)).hexdigest()[:32]


# One clock for both: a connection that has not sent the whole header of its next request by then is ended, whether
# it sent half of it or nothing. A proxy that keeps connections opens a new one.
HEADER_SECONDS = 10.0
MOST_CONNECTIONS = 500  # the oldest makes room: five times as many as the messenger may open
GOODBYE_SECONDS = 1.0  # for whoever is refused while still sending: to read the answer before the line is cut

# aiohttp names itself and its version, also in answers to broken HTTP, where no signal of the application is sent.
web_response.SERVER_SOFTWARE = "danhoi"  # type: ignore[attr-defined]  # imported there for this alone


class _Nuisance(logging.Filter):
    """A log filter for errors that strangers can cause at will: counts them instead of logging.

    Such as a request that is not HTTP, or a caller who hangs up before the answer.
    """

    def __init__(self) -> None:
        super().__init__()
        self._damped = {"gone": Damped(), "malformed": Damped()}

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        if not isinstance(error, HttpProcessingError | ConnectionResetError):
            return True
        why = "gone" if isinstance(error, ConnectionResetError) else "malformed"
        metrics.REFUSED_CALLS.labels(why).inc()
        if times := self._damped[why].worth_a_line():
            event = f"http_{why}"
            log.warning(event, times=times)
        return False


_server_log = logging.getLogger("danhoi.http")
_server_log.addFilter(_Nuisance())


@web.middleware
async def _hang_up(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer without reading the rest of a body that nobody asked for.

    The library would go on reading, and unpacking, for 10 s.
    """
    refused: web.HTTPException | None = None
    try:
        response = await handler(request)
    except web.HTTPException as error:
        response = refused = error
    if not request.content.is_eof():
        response.force_close()
        await response.prepare(request)
        await response.write_eof()
        if (transport := request.transport) is not None:
            transport.pause_reading()
            with contextlib.suppress(OSError):  # gone already
                transport.write_eof()
            await asyncio.sleep(GOODBYE_SECONDS)
    if refused is not None:
        raise refused
    return response


@contextlib.asynccontextmanager
async def listening(app: web.Application, address: Address) -> AsyncIterator[int]:
    """Serve an application to whoever calls; yield the port.

    Bodies are not unpacked: an application unpacks what it asked for. Raises `OSError` where the address is taken.
    """
    app.middlewares.append(_hang_up)
    app.on_response_prepare.append(_say_little)
    runner = web.AppRunner(
        app,
        access_log=None,
        logger=_server_log,
        keepalive_timeout=HEADER_SECONDS,
        lingering_time=0,
        auto_decompress=False,
        shutdown_timeout=1.0,  # who reads no answers must not keep us from leaving
    )
    await runner.setup()
    server = runner.server
    assert server is not None

    def connection() -> asyncio.Protocol:
        held = [one for one in server.connections if one.connected]
        for oldest in held[: max(0, len(held) - MOST_CONNECTIONS + 1)]:
            oldest.force_close()
        return server()

    try:
        door = await asyncio.get_running_loop().create_server(connection, *address)
        try:
            yield int(door.sockets[0].getsockname()[1])
        finally:
            door.close()
    finally:
        await runner.cleanup()


@contextlib.asynccontextmanager
async def serving(listen: Address | None, routes: Sequence[web.RouteDef]) -> AsyncIterator[int | None]:
    """Answer these routes at this address; yield the port, or None without an address.

    Raises `OSError` where the address is taken.
    """
    if listen is None:
        yield None
        return
    app = web.Application(client_max_size=1024)
    app.add_routes(routes)
    async with listening(app, listen) as port:
        log.info("http_listens", host=listen.host, port=port)
        yield port


async def _say_little(_request: web.Request, response: web.StreamResponse) -> None:
    response.headers["X-Content-Type-Options"] = "nosniff"
