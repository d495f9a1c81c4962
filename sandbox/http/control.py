"""The control API under ``/sandbox/``: act, look into chats, break things, move time."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from aiohttp import ClientError, ClientSession, ClientTimeout, web

from sandbox import actions, grouping
from sandbox.errors import ApiError, ControlError
from sandbox.http.keys import CLOCK_URL, TIME_ZONE, WORLD
from sandbox.methods.commands import visible_commands
from sandbox.shapes import Json
from sandbox.state.files import KINDS, Upload, guess_type
from sandbox.state.people import PRESENT, Group, Person
from sandbox.state.world import World

MAX_WAIT = 60.0
"""Seconds that one waiting request may last."""
PULSE = 15.0
"""Seconds of silence after which a stream of events shows that it lives."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def _json(world: World, **body: Any) -> web.Response:
    """An answer; every one tells the number of the latest event."""
    world.store.commit()
    return web.json_response({**body, "event": world.events.last})


async def _body(request: web.Request) -> Json:
    try:
        body = json.loads(await request.read() or b"{}")
        json.dumps(body, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise ControlError("the body is not JSON in UTF-8") from None
    if not isinstance(body, dict):
        raise ControlError("the body must be a JSON object")
    return body


def _number(value: object, name: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise ControlError(f"{name} must be a number")
    try:
        return int(value)
    except ValueError:
        raise ControlError(f"{name} must be a number") from None


def _optional(body: Json, name: str) -> int | None:
    return None if body.get(name) in (None, "") else _number(body[name], name)


def _people(world: World, body: Json, name: str) -> list[Person]:
    numbers = body.get(name) or []
    if not isinstance(numbers, list):
        raise ControlError(f"{name} must be a list of ids")
    return [_person(world, number) for number in numbers]


def _person(world: World, number: object) -> Person:
    person = world.people.get(_number(number, "user"))
    if person is None:
        raise ControlError("no such person", 404)
    return person


def _group(world: World, number: object) -> Group:
    group = world.groups.get(_number(number, "chat"))
    if group is None:
        raise ControlError("no such group", 404)
    return group


def _asked(request: web.Request) -> tuple[World, Person]:
    world = request.app[WORLD]
    return world, _person(world, request.match_info["user"])


def _person_json(world: World, person: Person) -> Json:
    groups = [group.id for group in world.groups.values() if group.members.get(person.id) in PRESENT]
    return {**person.as_json(), "name": person.name, "groups": groups}


# People


async def list_users(request: web.Request) -> web.Response:
    """Everybody."""
    world = request.app[WORLD]
    return _json(world, users=[_person_json(world, person) for person in world.people.values()])


async def create_user(request: web.Request) -> web.Response:
    """A new person."""
    world = request.app[WORLD]
    person = actions.create_person(world, await _body(request))
    return _json(world, user=_person_json(world, person))


async def create_crowd(request: web.Request) -> web.Response:
    """Many new people at once: ``users``, a list of what ``POST users`` takes one of."""
    world = request.app[WORLD]
    bodies = (await _body(request)).get("users")
    if not isinstance(bodies, list) or not all(isinstance(body, dict) for body in bodies):
        raise ControlError("users must be a list of people")
    return _json(world, ids=[actions.create_person(world, body).id for body in bodies])


async def change_user(request: web.Request) -> web.Response:
    """Change a person's name, language or label, or delete the account."""
    world, person = _asked(request)
    actions.update_person(world, person, await _body(request))
    return _json(world, user=_person_json(world, person))


async def send(request: web.Request) -> web.Response:
    """Send a text, a contact or a place."""
    world, person = _asked(request)
    body = await _body(request)
    chat_id = _optional(body, "chat_id") or person.id
    if body.get("contact"):
        records = [actions.send_contact(world, person, chat_id)]
    elif isinstance(body.get("location"), dict):
        records = [actions.post(world, person, chat_id, {"location": body["location"]})]
    elif isinstance(body.get("text"), str):
        source = body.get("forward_from")
        records = actions.send_text(
            world,
            person,
            chat_id,
            body["text"],
            _optional(body, "reply_to"),
            source if isinstance(source, dict) else None,
        )
    else:
        raise ControlError("text is needed")
    return _json(world, message_ids=[record.message["message_id"] for record in records])


async def send_files(request: web.Request) -> web.Response:
    """Send a file or an album, as multipart; the README lists the fields."""
    world, person = _asked(request)
    form = await request.post()
    fields = {name: value for name, value in form.items() if isinstance(value, str)}
    kind = fields.get("kind", "document")
    if kind not in KINDS:
        raise ControlError(f"kind must be one of {', '.join(KINDS)}")
    size = _optional(fields, "size") or 0
    uploads = [
        Upload(value.filename, guess_type(value.filename), value.file.read(), size)
        for value in form.values()
        if isinstance(value, web.FileField)
    ]
    if not 1 <= len(uploads) <= 10:
        raise ControlError("1 to 10 files are needed")
    records = actions.send_files(
        world,
        person,
        _optional(fields, "chat_id") or person.id,
        kind,
        uploads,
        fields.get("caption", ""),
        _optional(fields, "reply_to"),
    )
    return _json(world, message_ids=[record.message["message_id"] for record in records])


async def forward(request: web.Request) -> web.Response:
    """Forward a message of any chat of the sandbox."""
    world, person = _asked(request)
    body = await _body(request)
    source = _number(body.get("from_chat_id"), "from_chat_id")
    message_id = _number(body.get("message_id"), "message_id")
    record = actions.forward(world, person, _optional(body, "chat_id") or person.id, source, message_id)
    return _json(world, message_ids=[record.message["message_id"]])


async def press(request: web.Request) -> web.Response:
    """Press a button of a message, by ``data`` or ``label``."""
    world, person = _asked(request)
    body = await _body(request)
    chat_id = _optional(body, "chat_id") or person.id
    record = world.record(chat_id, _number(body.get("message_id"), "message_id"))
    if record is None:
        raise ControlError("no such message", 404)
    pressed = actions.press(world, person, record, body.get("data"), body.get("label"))
    return _json(world, pressed=pressed)


async def edit(request: web.Request) -> web.Response:
    """Change one's own message."""
    world, person = _asked(request)
    body = await _body(request)
    if not isinstance(body.get("text"), str) or not body["text"].strip():
        raise ControlError("text is needed")
    chat_id = _optional(body, "chat_id") or person.id
    actions.edit(world, person, chat_id, _number(body.get("message_id"), "message_id"), body["text"].strip())
    return _json(world)


async def start(request: web.Request) -> web.Response:
    """Press Start, with a ``parameter`` if there is one."""
    world, person = _asked(request)
    body = await _body(request)
    record = actions.start(world, person, str(body.get("parameter") or ""))
    return _json(world, message_ids=[record.message["message_id"]])


async def block(request: web.Request) -> web.Response:
    """Block the bot."""
    world, person = _asked(request)
    actions.set_blocked(world, person, blocked=True)
    return _json(world)


async def unblock(request: web.Request) -> web.Response:
    """Let the bot write again."""
    world, person = _asked(request)
    actions.set_blocked(world, person, blocked=False)
    return _json(world)


async def toasts(request: web.Request) -> web.Response:
    """The notices and alerts that answers to presses showed this person."""
    world, person = _asked(request)
    return _json(world, toasts=world.toasts.get(person.id, []))


async def commands(request: web.Request) -> web.Response:
    """The menu of commands this person sees in a chat."""
    world, person = _asked(request)
    chat_id = _number(request.query.get("chat_id") or person.id, "chat_id")
    return _json(world, commands=visible_commands(world, person.id, chat_id))


# Chats


async def messages(request: web.Request) -> web.Response:
    """A chat as it stands, or its newest ``limit``; ``wait`` seconds for news after ``after_event``."""
    world = request.app[WORLD]
    chat_id = _number(request.match_info["chat"], "chat")
    after = _number(request.query.get("after") or 0, "after")
    after_event = _number(request.query.get("after_event") or 0, "after_event")
    try:
        wait = min(float(request.query.get("wait") or 0), MAX_WAIT)
    except ValueError:
        raise ControlError("wait must be a number") from None
    until = time.monotonic() + wait
    while wait and not world.events.concern(chat_id, after_event):
        remaining = until - time.monotonic()
        if remaining <= 0 or not await world.events.changed(remaining):
            break
    shown = [
        world.view(record) for number, record in world.messages.get(chat_id, {}).items() if number > after
    ]
    limit = _number(request.query.get("limit") or len(shown) or 1, "limit")
    return _json(world, messages=shown[-max(1, limit) :], pinned=world.pinned.get(chat_id, []))


async def list_groups(request: web.Request) -> web.Response:
    """All groups."""
    world = request.app[WORLD]
    return _json(world, groups=[group.as_json() for group in world.groups.values()])


async def create_group(request: web.Request) -> web.Response:
    """A new group: ``title``, ``owner``, perhaps ``members``, ``supergroup`` and ``bot`` (its status)."""
    world = request.app[WORLD]
    body = await _body(request)
    owner = _person(world, body.get("owner"))
    members = _people(world, body, "members")
    group = grouping.create_group(
        world, str(body.get("title") or "Group"), owner, bool(body.get("supergroup"))
    )
    if members:
        grouping.add_people(world, group, members)
    if body.get("bot"):
        grouping.set_bot_status(world, group, owner, "member" if body["bot"] is True else str(body["bot"]))
    return _json(world, group=group.as_json())


async def change_group(request: web.Request) -> web.Response:
    """``add`` or ``remove`` people, set the ``bot``'s status, ``migrate``; ``by`` says who does it."""
    world = request.app[WORLD]
    group = _group(world, request.match_info["chat"])
    body = await _body(request)
    owner = next((user for user, status in group.members.items() if status == "creator"), 0)
    by = _person(world, body.get("by") or owner)
    if body.get("add"):
        grouping.add_people(world, group, _people(world, body, "add"))
    for person in _people(world, body, "remove"):
        grouping.remove_person(world, group, person)
    if body.get("bot"):
        grouping.set_bot_status(world, group, by, str(body["bot"]))
    if body.get("migrate"):
        group = grouping.migrate(world, group, by)
    return _json(world, group=group.as_json())


async def file(request: web.Request) -> web.Response:
    """The bytes of a file.

    Only plain pictures, sound and video are shown by a browser; the rest is saved.
    """
    world = request.app[WORLD]
    try:
        found = world.files.find(request.match_info["file_id"])
    except ApiError:
        raise ControlError("no such file", 404) from None
    kind = {"photo": "image/jpeg", "sticker": "image/webp"}.get(found.kind, found.mime_type)
    harmless = kind in (
        "image/jpeg",
        "image/png",
        "image/webp",
        "image/gif",
        "audio/ogg",
        "audio/mpeg",
        "video/mp4",
    )
    response = web.Response(
        body=world.files.body(found), content_type=kind if harmless else "application/octet-stream"
    )
    response.headers["Cache-Control"] = "private, max-age=86400"
    if not harmless:
        response.headers["Content-Disposition"] = "attachment"
    return response


# The bot's surroundings


async def show_state(request: web.Request) -> web.Response:
    """The bot, the clock, the settings, the counters: what the page's top bar shows."""
    world = request.app[WORLD]
    return _json(world, **_state(world, request.app[TIME_ZONE]))


def _state(world: World, time_zone: str) -> Json:
    return {
        "time_zone": time_zone,
        "bot": world.bot_user(),
        "clock": {"now": world.clock.now().isoformat(), "offset_seconds": world.clock.offset_seconds},
        "settings": world.settings,
        "requests": world.journal.counters(),
        "flood": world.flood.as_json(),
        "faults": [rule.as_json() for rule in world.faults.rules],
        "pending_updates": len(world.updates.pending),
        "webhook": {name: value for name, value in world.webhook.items() if name != "secret_token"},
    }


async def change_settings(request: web.Request) -> web.Response:
    """Change some of the settings that the README lists."""
    world = request.app[WORLD]
    body = await _body(request)
    for name, value in body.items():
        known = world.settings.get(name)
        if name == "clock_offset_seconds" or known is None:
            raise ControlError(f"no setting {name}")
        if (
            isinstance(known, bool) != isinstance(value, bool)
            or not isinstance(value, int | float)
            or value < 0
        ):
            raise ControlError(f"{name} has a wrong value")
    world.change_settings(body)
    return _json(world, settings=world.settings)


async def move_clock(request: web.Request) -> web.Response:
    """Set ``offset_seconds`` from the wall clock, and tell the address given with ``--clock-url``."""
    world = request.app[WORLD]
    offset = (await _body(request)).get("offset_seconds")
    if isinstance(offset, bool) or not isinstance(offset, int | float) or abs(offset) > 100 * 366 * 86400:
        raise ControlError("offset_seconds must be a number of seconds within a hundred years")
    try:
        world.clock.now() + timedelta(seconds=offset)
    except OverflowError:
        raise ControlError("offset_seconds is out of range") from None
    world.clock.offset_seconds = offset
    world.change_settings({"clock_offset_seconds": offset})
    now = world.clock.now().isoformat()
    world.emit("clock", now=now, offset_seconds=offset)
    forwarded = await _announce(request.app[CLOCK_URL], {"now": now, "offset_seconds": offset})
    return _json(world, now=now, offset_seconds=offset, forwarded=forwarded)


async def _announce(url: str, body: Json) -> bool | None:
    """Post the clock to whoever asked for it; None when nobody did."""
    if not url:
        return None
    try:
        session = ClientSession(timeout=ClientTimeout(total=10))
        async with session, session.post(url, json=body) as response:
            return response.status < 300
    except (ClientError, TimeoutError):
        return False


async def requests(request: web.Request) -> web.Response:
    """The log of the bot's requests; ``method``, ``refused=1`` and ``limit`` narrow it."""
    world = request.app[WORLD]
    entries = list(world.journal.entries)
    if request.query.get("method"):
        entries = [entry for entry in entries if entry["method"] == request.query["method"]]
    if request.query.get("refused"):
        entries = [entry for entry in entries if entry["code"] is None or entry["code"] >= 400]
    limit = _number(request.query.get("limit") or 1000, "limit")
    return _json(world, requests=entries[-limit:], counters=world.journal.counters())


async def clear_requests(request: web.Request) -> web.Response:
    """Empty the log and its counters."""
    world = request.app[WORLD]
    world.journal.clear()
    return _json(world)


async def list_faults(request: web.Request) -> web.Response:
    """The faults that still wait to strike."""
    world = request.app[WORLD]
    return _json(world, faults=[rule.as_json() for rule in world.faults.rules])


async def add_fault(request: web.Request) -> web.Response:
    """Break something for some requests.

    ``kind``, ``method``, ``count`` (null: for ever), ``probability``, ``seed`` …
    """
    world = request.app[WORLD]
    fault = world.faults.add(await _body(request))
    return _json(world, fault=fault.as_json())


async def clear_faults(request: web.Request) -> web.Response:
    """Mend everything."""
    world = request.app[WORLD]
    world.faults.clear()
    return _json(world)


async def show_flood(request: web.Request) -> web.Response:
    """The flood limits and how often they refused."""
    world = request.app[WORLD]
    return _json(world, flood=world.flood.as_json())


async def change_flood(request: web.Request) -> web.Response:
    """Switch flood limits on or off and change their numbers."""
    world = request.app[WORLD]
    world.flood.configure(await _body(request))
    return _json(world, flood=world.flood.as_json())


async def pending(request: web.Request) -> web.Response:
    """The updates that wait for the bot."""
    world = request.app[WORLD]
    waiting = list(world.updates.pending.values())
    return _json(world, count=len(waiting), updates=waiting[:100])


async def inject(request: web.Request) -> web.Response:
    """Queue any JSON object as an update, unseen: ``{"update": …}``."""
    world = request.app[WORLD]
    body = (await _body(request)).get("update")
    if not isinstance(body, dict):
        raise ControlError("update must be a JSON object")
    return _json(world, update_id=world.updates.push_raw(body))


async def events(request: web.Request) -> web.StreamResponse:
    """Server-sent events: what happens, as it happens; ``Last-Event-ID`` or ``after`` continues."""
    world = request.app[WORLD]
    last = request.headers.get("Last-Event-ID") or request.query.get("after") or world.events.last
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
    await response.prepare(request)
    await response.write(b"retry: 1000\n\n")
    try:
        async for batch in world.events.follow(_number(last, "after"), PULSE):
            lines = [f"id: {event['event']}\ndata: {json.dumps(event)}\n\n" for event in batch] or [": \n\n"]
            await response.write("".join(lines).encode())
    except (ConnectionResetError, asyncio.CancelledError):
        pass
    return response


def routes() -> list[web.RouteDef]:
    """The routes of the control API."""
    user, chat = "/sandbox/users/{user}", "/sandbox/chats/{chat}"
    return [
        web.get("/sandbox/state", show_state),
        web.get("/sandbox/users", list_users),
        web.post("/sandbox/users", create_user),
        web.post("/sandbox/crowd", create_crowd),
        web.post(user, change_user),
        web.post(f"{user}/send", send),
        web.post(f"{user}/files", send_files),
        web.post(f"{user}/forward", forward),
        web.post(f"{user}/press", press),
        web.post(f"{user}/edit", edit),
        web.post(f"{user}/start", start),
        web.post(f"{user}/block", block),
        web.post(f"{user}/unblock", unblock),
        web.get(f"{user}/toasts", toasts),
        web.get(f"{user}/commands", commands),
        web.get(f"{chat}/messages", messages),
        web.get("/sandbox/groups", list_groups),
        web.post("/sandbox/groups", create_group),
        web.post("/sandbox/groups/{chat}", change_group),
        web.get("/sandbox/files/{file_id}", file),
        web.post("/sandbox/settings", change_settings),
        web.post("/sandbox/clock", move_clock),
        web.get("/sandbox/requests", requests),
        web.delete("/sandbox/requests", clear_requests),
        web.get("/sandbox/faults", list_faults),
        web.post("/sandbox/faults", add_fault),
        web.delete("/sandbox/faults", clear_faults),
        web.get("/sandbox/flood", show_flood),
        web.post("/sandbox/flood", change_flood),
        web.get("/sandbox/updates", pending),
        web.post("/sandbox/updates", inject),
        web.get("/sandbox/events", events),
    ]
