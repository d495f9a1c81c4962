"""Wiring: one aiohttp application with the Bot API, the control API and the page."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import web
from aiohttp.typedefs import Handler

from sandbox.errors import ControlError
from sandbox.http import bot_api, control
from sandbox.http.keys import CLOCK_URL, HOSTS, TIME_ZONE, WORLD
from sandbox.http.webhook import WebhookSender
from sandbox.state.files import MAX_UPLOAD
from sandbox.state.world import World

DEFAULT_ZONE = "Asia/Ho_Chi_Minh"
PAGE = Path(__file__).parents[1] / "page"
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'"
    ),
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Server": "sandbox",
}
_LOCAL = frozenset({"127.0.0.1", "localhost", "::1"})


def _is_foreign(request: web.Request) -> bool:
    """Whether another web page asks: by a name of its own that leads here, or from its own place."""
    host = re.fullmatch(r"\[?([^\[\]]*?)\]?(:[0-9]+)?", request.host)
    if host is None or host[1].lower() not in request.app[HOSTS]:
        return True
    origin = request.headers.get("Origin")
    if origin and origin.partition("://")[2] != request.host:
        return True
    # Browsers say so of pictures and the like, which have no origin. Following a link to the page is no harm.
    site = request.headers.get("Sec-Fetch-Site", "none")
    return site not in ("none", "same-origin") and request.path != "/"


@web.middleware
async def _guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Keep other web pages out, from the bot's methods too, and turn the control API's refusals into JSON."""
    if _is_foreign(request):
        return web.json_response({"error": "requests of other pages are refused"}, status=403)
    if request.path.startswith(("/bot", "/file/")):
        return await handler(request)
    before = request.app[WORLD].events.last
    try:
        response = await handler(request)
    except ControlError as error:
        response = web.json_response({"error": error.message}, status=error.status)
    if not response.prepared:
        response.headers["Sandbox-Event-Before"] = str(before)
    return response


async def _harden(request: web.Request, response: web.StreamResponse) -> None:
    response.headers.update(_HEADERS)


async def _index(request: web.Request) -> web.StreamResponse:
    return web.FileResponse(PAGE / "index.html", headers={"Cache-Control": "no-cache"})


async def _webhook_sender(app: web.Application) -> AsyncIterator[None]:
    task = asyncio.create_task(WebhookSender(app[WORLD]).run())
    yield
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def _close(app: web.Application) -> None:
    app[WORLD].store.close()


def create_app(
    world: World, clock_url: str = "", time_zone: str = DEFAULT_ZONE, host: str = "127.0.0.1"
) -> web.Application:
    """Make the application around a world.

    For whoever asks this machine or the host it listens at by name.
    """
    # Slightly more than the platform allows, so that too large an upload meets our own refusal.
    app = web.Application(middlewares=[_guard], client_max_size=MAX_UPLOAD + (4 << 20))
    app[WORLD] = world
    app[CLOCK_URL] = clock_url
    app[TIME_ZONE] = time_zone
    app[HOSTS] = _LOCAL | {host.lower()}
    app.add_routes([*bot_api.routes(), *control.routes(), web.get("/", _index), web.static("/page", PAGE)])
    app.on_response_prepare.append(_harden)
    app.cleanup_ctx.append(_webhook_sender)
    app.on_cleanup.append(_close)
    return app


@asynccontextmanager
async def serve(
    world: World, host: str, port: int, clock_url: str = "", time_zone: str = DEFAULT_ZONE
) -> AsyncIterator[str]:
    """Listen while the block runs; yields the address, with the port that 0 turned into."""
    # A hung-up long poll must end at once; see bot_api.handle for everything else.
    runner = web.AppRunner(
        create_app(world, clock_url, time_zone, host),
        access_log=None,
        handler_cancellation=True,
        shutdown_timeout=0.5,
    )
    await runner.setup()
    try:
        site = web.TCPSite(runner, host, port)
        await site.start()
        bound = runner.addresses[0][1]
        yield f"http://{f'[{host}]' if ':' in host else host}:{bound}"
    finally:
        await runner.cleanup()
