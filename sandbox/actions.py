"""What a person does in the messenger, and the updates the bot hears of it."""

import re
import secrets
import time

from sandbox.errors import ControlError
from sandbox.methods.sending import CONTENT, quoted
from sandbox.methods.wording import MAX_CAPTION, MAX_TEXT
from sandbox.shapes import Json
from sandbox.state.files import Upload
from sandbox.state.people import PRESENT, Group, Person
from sandbox.state.world import Record, World, words_of
from sandbox.text.entities import split_text, utf16_length, utf16_slice, with_detected

START_CODE = re.compile(r"[A-Za-z0-9_-]{0,64}")
"""A deep link's parameter (Bot API documentation, "Deep Linking")."""


CHANGEABLE = (
    "first_name",
    "last_name",
    "username",
    "language_code",
    "role_label",
    "phone_number",
    "deactivated",
)
"""What about a person may change later."""


def create_person(world: World, body: Json) -> Person:
    """A new person; an ``id`` of one's own is allowed."""
    fields = {name: body[name] for name in Person.__dataclass_fields__ if body.get(name) is not None}
    number = fields.pop("id", None) or world.next("user")
    if not isinstance(number, int) or number <= 0 or number in world.people:
        raise ControlError("id must be a positive number that nobody has")
    _check_types(fields)
    if not fields.get("first_name"):
        raise ControlError("first_name is needed")
    person = world.people[number] = Person(id=number, **fields)
    world.save(person)
    world.emit("user", user_id=number)
    return person


def _check_types(fields: Json) -> None:
    for name, value in fields.items():
        if not isinstance(value, bool if name in ("started", "blocked", "deactivated") else str):
            raise ControlError(f"{name} has the wrong type")


def update_person(world: World, person: Person, body: Json) -> None:
    """Change a person's name, language, label or whether the account is deleted."""
    fields = {name: body[name] for name in CHANGEABLE if name in body}
    _check_types(fields)
    for name, value in fields.items():
        setattr(person, name, value)
    world.save(person)
    world.emit("user", user_id=person.id)


def post(world: World, person: Person, chat_id: int, content: Json, reply_to: int | None = None) -> Record:
    """Put a person's message into a chat and tell the bot, where it may know."""
    if chat_id == person.id:
        if person.blocked:
            raise ControlError("the person has blocked the bot", 409)
        if not person.started:
            person.started = True
            world.save(person)
            world.emit("user", user_id=person.id)
    else:
        group = world.groups.get(chat_id)
        if group is None or group.members.get(person.id) not in PRESENT or group.migrated_to:
            raise ControlError("the person is not in this chat", 409)
    if reply_to:
        answered = world.record(chat_id, reply_to)
        if answered is None:
            raise ControlError("the message to answer is not there", 404)
        content = {"reply_to_message": quoted(answered.message), **content}
    record = world.add_message(chat_id, person.as_user(), content)
    if _bot_hears(world, chat_id, content):
        world.push("message", _copy(record.message))
    return record


def _copy(message: Json) -> Json:
    """Freeze a message for the queue: later edits must not change an update that waits."""
    return {**message}


def _bot_hears(world: World, chat_id: int, content: Json) -> bool:
    """Whether the bot receives a message; in groups privacy mode hides most of them.

    Bot API documentation, "Privacy mode": commands, answers to the bot and service messages pass.
    """
    group = world.groups.get(chat_id)
    if group is None:
        return True
    if group.bot_status not in PRESENT:
        return False
    if not world.settings["privacy_mode"] or group.bot_status == "administrator":
        return True
    if content.get("reply_to_message", {}).get("from", {}).get("id") == world.bot_id:
        return True
    text, entities = words_of(content)
    for entity in entities:
        if entity["type"] == "bot_command":
            _, _, addressed = utf16_slice(text, entity["offset"], entity["length"]).partition("@")
            if addressed.lower() in ("", world.username.lower()):
                return True
    return not any(name in content for name in CONTENT)


def send_text(
    world: World,
    person: Person,
    chat_id: int,
    text: str,
    reply_to: int | None = None,
    forward_from: Json | None = None,
) -> list[Record]:
    """Send a text; one beyond 4096 characters is cut into several messages, as applications do."""
    text = text.replace("\x00", "").strip()
    if not text:
        raise ControlError("there is nothing to send")
    records: list[Record] = []
    for piece in split_text(text, MAX_TEXT):
        found = with_detected(piece, [])
        content: Json = {"text": piece, "entities": found} if found else {"text": piece}
        if forward_from:
            content["forward_origin"] = forward_origin(world, forward_from)
        records.append(post(world, person, chat_id, content, None if records else reply_to))
    return records


def forward_origin(world: World, source: Json) -> Json:
    """Make a ``MessageOrigin``.

    Of a known ``user_id``, of a hidden user's ``name``, or of a ``channel`` title.
    """
    date = source.get("date", world.clock.unix())
    if source.get("user_id") == world.bot_id:
        return {"type": "user", "date": date, "sender_user": world.bot_user()}
    if source.get("user_id") in world.people:
        return {"type": "user", "date": date, "sender_user": world.people[source["user_id"]].as_user()}
    if source.get("channel"):
        chat = {"id": -1001000000001, "type": "channel", "title": str(source["channel"])}
        return {"type": "channel", "date": date, "chat": chat, "message_id": source.get("message_id", 1)}
    return {"type": "hidden_user", "date": date, "sender_user_name": str(source.get("name", "?"))}


def forward(world: World, person: Person, chat_id: int, from_chat_id: int, message_id: int) -> Record:
    """Forward a message that is in one of the sandbox's chats."""
    original = world.record(from_chat_id, message_id)
    if original is None:
        raise ControlError("the message to forward is not there", 404)
    message = original.message
    if message.get("has_protected_content"):
        raise ControlError("the message is protected", 409)
    content = {name: message[name] for name in CONTENT if name in message}
    content["forward_origin"] = message.get("forward_origin") or forward_origin(
        world, {"user_id": message["from"]["id"], "date": message["date"]}
    )
    return post(world, person, chat_id, content)


def send_files(
    world: World,
    person: Person,
    chat_id: int,
    kind: str,
    uploads: list[Upload],
    caption: str,
    reply_to: int | None,
) -> list[Record]:
    """Send one file, or several as an album; the caption stands under the first."""
    if utf16_length(caption) > MAX_CAPTION:
        raise ControlError("the caption is too long; the messenger would not send it")
    group = {"media_group_id": f"1{world.next('album'):016}"} if len(uploads) > 1 else {}
    records: list[Record] = []
    for upload in uploads:
        content: Json = {**world.files.add(kind, upload), **group}
        if caption and not records:
            found = with_detected(caption, [])
            content |= {"caption": caption, **({"caption_entities": found} if found else {})}
        records.append(post(world, person, chat_id, content, None if records else reply_to))
    return records


def send_contact(world: World, person: Person, chat_id: int) -> Record:
    """Share one's own contact."""
    contact: Json = {
        "phone_number": person.phone_number or "+84900000000",
        "first_name": person.first_name,
        "user_id": person.id,
    }
    if person.last_name:
        contact["last_name"] = person.last_name
    return post(world, person, chat_id, {"contact": contact})


def edit(world: World, person: Person, chat_id: int, message_id: int, text: str) -> Record:
    """Change one's own message: the text, or the caption under a file."""
    record = world.record(chat_id, message_id)
    if record is None or record.message["from"]["id"] != person.id:
        raise ControlError("the person has no such message", 404)
    words, marks = ("text", "entities") if "text" in record.message else ("caption", "caption_entities")
    found = with_detected(text, [])
    changed = {name: value for name, value in record.message.items() if name not in (words, marks)}
    changed |= {words: text, "edit_date": world.clock.unix(), **({marks: found} if found else {})}
    record.message = changed
    world.touch(record)
    if _bot_hears(world, chat_id, changed):
        world.push("edited_message", _copy(changed))
    return record


def start(world: World, person: Person, parameter: str) -> Record:
    """Press Start, perhaps with a deep link's parameter; it also lifts a block."""
    if not START_CODE.fullmatch(parameter):
        raise ControlError("a start parameter has at most 64 of A-Z a-z 0-9 _ -")
    set_blocked(world, person, blocked=False)
    text = f"/start {parameter}".strip()
    entities = [{"type": "bot_command", "offset": 0, "length": len("/start")}]
    return post(world, person, person.id, {"text": text, "entities": entities})


def press(world: World, person: Person, record: Record, data: str | None, label: str | None) -> Json:
    """Press a button.

    An inline one by its data or label, or one of a reply keyboard by its label.
    """
    chat_id = record.message["chat"]["id"]
    for row in record.message.get("reply_markup", {}).get("inline_keyboard", []):
        for button in row:
            if (data is not None and button.get("callback_data") == data) or (
                data is None and button["text"] == label
            ):
                return _press_inline(world, person, record, button)
    for row in (record.keyboard or {}).get("keyboard", []):
        for button in row:
            if button["text"] == label:
                if button.get("request_contact"):
                    sent = send_contact(world, person, chat_id)
                else:
                    sent = send_text(world, person, chat_id, button["text"])[0]
                return {"message_id": sent.message["message_id"]}
    raise ControlError("the message has no such button", 404)


def _press_inline(world: World, person: Person, record: Record, button: Json) -> Json:
    if "callback_data" not in button:
        return {name: value for name, value in button.items() if name != "text"}
    chat_id = record.message["chat"]["id"]
    if chat_id == person.id and person.blocked:
        raise ControlError("the person has blocked the bot", 409)
    group = world.groups.get(chat_id)
    if group is not None and group.members.get(person.id) not in PRESENT:
        raise ControlError("the person is not in this chat", 409)
    query_id = f"{world.next('query')}{secrets.randbelow(10**12):012}"
    query = {
        "id": query_id,
        "user_id": person.id,
        "chat_id": chat_id,
        "answered": False,
        "at": time.time(),
        "message_id": record.message["message_id"],
        "data": button["callback_data"],
    }
    world.queries[query_id] = query
    world.store.put("query", query_id, query)
    world.push(
        "callback_query",
        {
            "id": query_id,
            "from": person.as_user(),
            "message": _copy(record.message),
            "chat_instance": str(abs(chat_id) * 7919),
            "data": button["callback_data"],
        },
    )
    return {"query_id": query_id}


def set_blocked(world: World, person: Person, *, blocked: bool) -> None:
    """Block the bot, or let it write again; the bot hears ``my_chat_member``."""
    if person.blocked == blocked or not person.started:
        return
    person.blocked = blocked
    world.save(person)
    world.emit("user", user_id=person.id)
    statuses = ("member", "kicked") if blocked else ("kicked", "member")
    world.push("my_chat_member", bot_member_update(world, person, person, *statuses))


def bot_member_update(world: World, chat: Person | Group, by: Person, old: str, new: str) -> Json:
    """A ``ChatMemberUpdated`` about the bot itself."""
    return {
        "chat": chat.as_chat(),
        "from": by.as_user(),
        "date": world.clock.unix(),
        "old_chat_member": _bot_member(world, old),
        "new_chat_member": _bot_member(world, new),
    }


def _bot_member(world: World, status: str) -> Json:
    member: Json = {"user": world.bot_user(), "status": status}
    if status == "kicked":
        member["until_date"] = 0
    if status == "administrator":
        member |= dict.fromkeys(
            (
                "can_be_edited",
                "is_anonymous",
                "can_manage_chat",
                "can_delete_messages",
                "can_manage_video_chats",
                "can_restrict_members",
                "can_promote_members",
                "can_change_info",
                "can_invite_users",
                "can_post_stories",
                "can_edit_stories",
                "can_delete_stories",
            ),
            False,
        )
    return member
