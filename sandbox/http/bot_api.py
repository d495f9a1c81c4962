"""The HTTP face of the Bot API: ``/bot<token>/<method>`` and ``/file/bot<token>/<path>``."""

import asyncio
import hmac
import json
import time
from typing import Any

from aiohttp import web
from multidict import MultiDictProxy

from sandbox.errors import ApiError, bad
from sandbox.http.keys import WORLD
from sandbox.methods import METHODS, Params
from sandbox.shapes import Json
from sandbox.state.faults import Fault
from sandbox.state.files import Upload, guess_type
from sandbox.state.world import World

HELD_SECONDS = 120
"""How long a "timeout" fault keeps a connection open without a word."""

_PAGE = "<!DOCTYPE html><title>Sign in</title><p>Please sign in to use this network."

_NOT_FOUND = {"ok": False, "error_code": 404, "description": "Not Found"}
_INTERNAL = {
    "500": (500, {"ok": False, "error_code": 500, "description": "Internal Server Error"}),
    "502": (502, {"ok": False, "error_code": 502, "description": "Bad Gateway"}),
}


def _answer(status: int, body: Json) -> web.Response:
    headers = {"Retry-After": str(body["parameters"]["retry_after"])} if status == 429 else None
    # Like the platform, everything beyond ASCII travels escaped.
    return web.json_response(body, status=status, headers=headers)


def _right_token(world: World, request: web.Request) -> bool:
    return hmac.compare_digest(request.match_info["token"].encode("utf-8", "replace"), world.token.encode())


async def read_params(request: web.Request) -> Params:
    """The parameters of a request from its address and its body, whatever their encoding."""
    params = Params(dict(request.query))
    if request.method != "POST":
        return params
    if request.content_type == "application/json":
        params.values |= _json_body(await request.read())
        return params
    try:
        form: MultiDictProxy[str | bytearray | web.FileField | bytes] = await request.post()
    except (ValueError, LookupError):
        raise bad("can't parse the request's body") from None
    for name, value in form.items():
        if isinstance(value, web.FileField):
            kind = value.content_type or guess_type(value.filename)
            params.uploads[name] = Upload(value.filename, kind, value.file.read())
        else:
            params.values[name] = value if isinstance(value, str) else bytes(value).decode("utf-8", "replace")
    return params


def _json_body(raw: bytes) -> Json:
    try:
        body = json.loads(raw or b"{}")
        if b"\\u" in raw:
            json.dumps(body, ensure_ascii=False).encode()  # halves of surrogate pairs fail here
    except UnicodeEncodeError:
        raise bad("strings must be encoded in UTF-8") from None
    except (ValueError, RecursionError):
        raise bad("can't parse JSON body") from None
    if not isinstance(body, dict):
        raise bad("JSON body must be an object")
    return body


async def call(world: World, name: str, params: Params) -> tuple[int, Json]:
    """Run one method; return the HTTP status and the body."""
    found = METHODS.get(name.lower())
    if found is None:
        return 404, {**_NOT_FOUND, "description": "Not Found: method not found"}
    try:
        result = await found[1](world, params)
    except ApiError as error:
        return error.code, error.body()
    return 200, {"ok": True, "result": result}


async def handle(request: web.Request) -> web.StreamResponse:
    """Answer one request of the bot, with the active faults, delays and limits."""
    world = request.app[WORLD]
    if not _right_token(world, request):
        return _answer(401, {"ok": False, "error_code": 401, "description": "Unauthorized"})
    started = time.monotonic()
    name = request.match_info["method"]
    name = METHODS[name.lower()][0] if name.lower() in METHODS else name
    try:
        params = await read_params(request)
    except web.HTTPRequestEntityTooLarge:
        return _malformed(world, name, ApiError(413, "Request Entity Too Large"), started)
    except ApiError as error:
        return _malformed(world, name, error, started)
    if name == "getUpdates":
        return await _run(request, world, name, params, started)
    # What has begun is finished even when the bot hangs up, as on the platform; only a long poll ends with
    # its connection, so that a dead bot's poll never meets the next one.
    return await asyncio.shield(asyncio.ensure_future(_run(request, world, name, params, started)))


def _malformed(world: World, name: str, error: ApiError, started: float) -> web.Response:
    world.journal.add(name, {}, error.code, error.description, started)
    return _answer(error.code, error.body())


async def _run(
    request: web.Request, world: World, name: str, params: Params, started: float
) -> web.StreamResponse:
    fault = world.faults.draw(name, params.text("chat_id"))
    delay = world.settings["latency_ms"] + (fault.delay_ms if fault else 0)
    if delay:
        await asyncio.sleep(delay / 1000)
    if fault is not None and fault.kind in ("drop_before", "timeout_before", "page_before"):
        return await _vanish(request, world, name, params, started, fault)
    status, body = _refusal(fault) or await call(world, name, params)
    if name == "getUpdates" and status == 200:
        body["result"] = _disturbed(world, fault, body["result"])
    world.store.commit()
    if fault is not None and fault.kind in ("drop_after", "timeout_after", "page_after"):
        return await _vanish(request, world, name, params, started, fault)
    world.journal.add(name, params.brief(), status, body.get("description", ""), started)
    if name != "getUpdates" or status != 200:
        world.emit("request", method=name, code=status, description=body.get("description", ""))
    return _answer(status, body)


def _refusal(fault: Fault | None) -> tuple[int, Json] | None:
    if fault is None:
        return None
    if fault.kind == "429":
        seconds = fault.retry_after
        return 429, {
            "ok": False,
            "error_code": 429,
            "description": f"Too Many Requests: retry after {seconds}",
            "parameters": {"retry_after": seconds},
        }
    if fault.kind in ("400", "403"):
        return int(fault.kind), {
            "ok": False,
            "error_code": int(fault.kind),
            "description": fault.description or ("Bad Request" if fault.kind == "400" else "Forbidden"),
        }
    return _INTERNAL.get(fault.kind)


def _disturbed(world: World, fault: Fault | None, updates: list[Json]) -> list[Json]:
    """Updates of an answer, perhaps in another order, or once more those of the answer before."""
    before, world.updates.answered = world.updates.answered, updates or world.updates.answered
    if fault is not None and fault.kind == "repeat":
        return [*before, *updates]
    return updates[::-1] if fault is not None and fault.kind == "reverse" else updates


async def _vanish(
    request: web.Request, world: World, name: str, params: Params, started: float, fault: Fault
) -> web.StreamResponse:
    """Never answer: keep the line silent for a while if so asked, then cut it; or let somebody else answer."""
    world.journal.add(name, params.brief(), None, fault.kind, started)
    world.emit("request", method=name, code=None, description=fault.kind)
    if fault.kind.startswith("page"):
        return web.Response(status=200, text=_PAGE, content_type="text/html")
    until = time.monotonic() + HELD_SECONDS
    while fault.kind.startswith("timeout") and time.monotonic() < until:
        if request.transport is None or request.transport.is_closing():
            break
        await asyncio.sleep(0.02)
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


async def download(request: web.Request) -> web.StreamResponse:
    """The bytes of a file, at the ``file_path`` that ``getFile`` told."""
    world = request.app[WORLD]
    if not _right_token(world, request):
        return _answer(401, {"ok": False, "error_code": 401, "description": "Unauthorized"})
    started = time.monotonic()
    fault = world.faults.draw("download")
    if fault is not None and not fault.kind.startswith(("delay", "4", "50")):
        return await _vanish(request, world, "download", Params({}), started, fault)
    if fault is not None:
        await asyncio.sleep(fault.delay_ms / 1000)
    refusal = _refusal(fault)
    file = world.files.at_path(request.match_info["path"])
    if file is None:
        refusal = refusal or (404, _NOT_FOUND)
    status = refusal[0] if refusal else 200
    world.journal.add("download", {"path": request.match_info["path"]}, status, "", started)
    if refusal or file is None:
        return _answer(*(refusal or (404, _NOT_FOUND)))
    return web.Response(body=world.files.body(file), content_type="application/octet-stream")


def routes() -> list[web.RouteDef]:
    """The routes of the Bot API."""
    handlers: list[Any] = [web.get("/bot{token}/{method}", handle), web.post("/bot{token}/{method}", handle)]
    return [*handlers, web.get("/file/bot{token}/{path:.+}", download)]
