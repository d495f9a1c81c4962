"""The HTTP routes for monitoring: alive, ready, and metrics.

`/healthz` and `/readyz` answer one line of JSON, `/metrics` the text of Prometheus. They hold no personal data, but
are not for the public either: they have a port of their own, or the HTTPS server in front of the bot passes only
`/lich.ics` on (deploy/README.md).
"""

import asyncio
import contextlib
import re
import tomllib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import structlog
from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from bot.config import HttpSettings, is_this_machine
from bot.house import metrics
from services.operation.health import Load, load_of
from storage.engine.database import Database
from storage.engine.errors import DatabaseTrouble
from storage.engine.migrate import current, newest

log = structlog.get_logger(__name__)

LOOK_SECONDS = 5.0  # between looks into the database, however often somebody asks
ANSWER_SECONDS = 2.0  # in which the database has to answer
HEARD_WITHIN = (
    90.0  # seconds: three long polls, or looks at the webhook; the messenger has been away for longer
)
LAG_SECONDS = 1.0
_HOST = re.compile(r"\[?([^\[\]]*?)\]?(:[0-9]+)?")  # of a request, with its port
_PROJECT = Path(__file__).resolve().parents[2] / "pyproject.toml"


@dataclass
class Standing:
    """The state of this process, as its parts report it.

    Times are those of the event loop.
    """

    started: bool = False  # the messenger knows us, and what it sends is received
    stopping: bool = False
    leads: bool = False
    heard_at: float = 0.0  # when the messenger last answered the one who leads; 0: not yet

    def heard(self) -> None:
        """Note that the messenger has answered: it gave updates, or it knows the webhook."""
        self.heard_at = asyncio.get_running_loop().time()

    @property
    def reasons(self) -> list[str]:
        """List why this process can't take work, each reason by its key.

        The database is looked at elsewhere.
        """
        silent = asyncio.get_running_loop().time() - self.heard_at > HEARD_WITHIN
        found = {
            "starting": not self.started,
            "stopping": self.stopping,
            "messenger": self.leads and (silent or not self.heard_at),
        }
        return [key for key, holds in found.items() if holds]


class Watch:
    """The routes for monitoring.

    What they tell of the database is at most `LOOK_SECONDS` old.
    """

    def __init__(self, database: Database, standing: Standing) -> None:
        self._database = database
        self._standing = standing
        self._looked = -LOOK_SECONDS
        self._trouble: str | None = None
        self._looking = asyncio.Lock()
        version = tomllib.loads(_PROJECT.read_text("utf-8"))["project"]["version"]
        metrics.BUILD.info({"version": version, "schema": newest()})

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/healthz", self.alive),
            web.get("/readyz", self.ready),
            web.get("/metrics", self.numbers),
        ]

    def routes_beside(self, http: HttpSettings) -> list[web.RouteDef]:
        """Return the monitoring routes to answer at the calendar's port.

        No route where monitoring has a port of its own; `/metrics` only where this port is reached from this machine
        alone.
        """
        if http.listen is None or http.watch_listen is not None:
            return []
        local = is_this_machine(http.listen.host)
        return [route for route in self.routes() if local or route.path != "/metrics"]

    async def alive(self, _request: web.Request) -> web.Response:
        """Answer `/healthz`: an answer shows that the event loop turns."""
        return web.json_response({"alive": True})

    async def ready(self, _request: web.Request) -> web.Response:
        """Answer `/readyz`: 503 with the reasons' keys where this process can't take work.

        Keys: starting, stopping, messenger, database, schema.
        """
        await self._look()
        reasons = self._standing.reasons + ([self._trouble] if self._trouble else [])
        body = {"ready": not reasons, "leads": self._standing.leads, "reasons": reasons}
        return web.json_response(body, status=503 if reasons else 200)

    async def numbers(self, request: web.Request) -> web.Response:
        if _is_passed_on(request):
            raise web.HTTPNotFound
        await self._look()
        metrics.LEADS.set(self._standing.leads)
        return web.Response(
            body=generate_latest(metrics.REGISTRY), headers={"Content-Type": CONTENT_TYPE_LATEST}
        )

    async def _look(self) -> None:
        """Check the database where the last check is too old."""
        async with self._looking:
            now = asyncio.get_running_loop().time()
            if now - self._looked < LOOK_SECONDS:
                return
            try:
                async with asyncio.timeout(ANSWER_SECONDS):
                    self._trouble = None if await current(self._database) == newest() else "schema"
                    if self._trouble is None:
                        async with self._database.reading() as work:
                            _show(await load_of(work))
            except (DatabaseTrouble, TimeoutError, OSError) as error:
                log.warning("database_unavailable", error=type(error).__name__)
                self._trouble = "database"
            metrics.DATABASE.set(self._trouble != "database")
            self._looked = asyncio.get_running_loop().time()


def _is_passed_on(request: web.Request) -> bool:
    """Return whether a request to this machine's port really comes from elsewhere.

    It does behind a proxy, and from a page of another site.
    """
    at = "" if request.transport is None else request.transport.get_extra_info("sockname")[0]
    if not is_this_machine(at):
        return False
    host = _HOST.fullmatch(request.host)
    passed = "X-Forwarded-For" in request.headers or "Forwarded" in request.headers
    return passed or host is None or not is_this_machine(host[1])


def _show(load: Load) -> None:
    metrics.INBOX.set(load.inbox)
    metrics.INBOX_AGE.set(load.inbox_seconds)
    metrics.PARKED.set(load.parked)
    for lane, (count, seconds) in load.outbox.items():
        metrics.OUTBOX.labels(lane.name.lower()).set(count)
        metrics.OUTBOX_AGE.labels(lane.name.lower()).set(seconds)
    metrics.BROADCASTS.set(load.broadcasts)
    metrics.TO_DELIVER.set(load.deliveries)
    metrics.OVERDUE.set(load.overdue)


@contextlib.asynccontextmanager
async def lag_measured() -> AsyncIterator[None]:
    """Keep measuring how late the event loop is."""

    async def measure() -> None:
        loop = asyncio.get_running_loop()
        while True:
            begun = loop.time()
            await asyncio.sleep(LAG_SECONDS)
            metrics.LOOP_LAG.set(loop.time() - begun - LAG_SECONDS)

    measuring = asyncio.create_task(measure())
    try:
        yield
    finally:
        measuring.cancel()
        await asyncio.gather(measuring, return_exceptions=True)
