"""Everything the sandbox knows, in one place, and the few changes all parts share."""

from dataclasses import dataclass
from typing import Any

from sandbox.shapes import Json
from sandbox.state.clock import Clock
from sandbox.state.events import Events
from sandbox.state.faults import Faults
from sandbox.state.files import Files
from sandbox.state.journal import Journal
from sandbox.state.limits import Flood
from sandbox.state.people import Group, Person
from sandbox.state.store import Store
from sandbox.state.updates import UpdateQueue
from sandbox.text.entities import to_html

FIRST_IDS = {
    "update": 500_000_000,
    "message": 0,
    "event": 0,
    "file": 0,
    "album": 0,
    "query": 0,
    "group": 4_000_000_000,
    "user": 7_000_000_000,
}
"""Where the counters start; ids of people and groups have the size of real ones, past 32 bits."""

DEFAULT_SETTINGS: Json = {
    "latency_ms": 0,
    "privacy_mode": True,
    "query_lifetime_seconds": 900,
    "webhook_first_retry_seconds": 1.0,
    "clock_offset_seconds": 0.0,
}


@dataclass
class Record:
    """A message as the Bot API shows it, and what only its chat shows.

    A reply keyboard, the last change.
    """

    message: Json
    keyboard: Json | None = None
    event: int = 0


class World:
    """People, groups, messages, files, updates, settings: loaded from the store, changed in memory."""

    def __init__(self, store: Store, token: str, username: str, name: str) -> None:
        self.store = store
        self.token = token
        self.counters: dict[str, int] = FIRST_IDS | dict(store.load("counter"))
        self.settings: Json = DEFAULT_SETTINGS | dict(store.load("setting"))
        self.profile: Json = {"name": name} | dict(store.load("profile"))
        self.username = username
        self.bot_id = int(token.partition(":")[0])
        self.clock = Clock(self.settings["clock_offset_seconds"])
        self.events = Events(self.counters["event"])
        self.updates = UpdateQueue(store, lambda: self.next("update"))
        self.updates.last_id = self.counters["update"]
        self.files = Files(store, lambda: self.next("file"))
        self.faults = Faults()
        self.flood = Flood()
        self.journal = Journal()
        self.people = {int(key): Person(**body) for key, body in store.load("person")}
        self.groups = {int(key): Group.from_json(body) for key, body in store.load("group")}
        self.queries: dict[str, Json] = dict(store.load("query"))
        self.commands: dict[str, list[Json]] = dict(store.load("commands"))
        self.webhook: Json = next((body for _, body in store.load("webhook")), {})
        self.pinned: dict[int, list[int]] = {int(key): body for key, body in store.load("pinned")}
        self.toasts: dict[int, list[Json]] = {}
        self.messages: dict[int, dict[int, Record]] = {}
        for key, body in store.load("message"):
            chat, _, number = key.partition(":")
            self.messages.setdefault(int(chat), {})[int(number)] = Record(**body)

    def next(self, counter: str) -> int:
        """The next number of a counter; numbers never repeat, across restarts too."""
        self.counters[counter] += 1
        self.store.put("counter", counter, self.counters[counter])
        return self.counters[counter]

    def emit(self, kind: str, **facts: Any) -> int:
        """Tell the watchers, and return the event's number."""
        number = self.events.emit(kind, **facts)
        self.counters["event"] = number
        self.store.put("counter", "event", number)
        return number

    def change_settings(self, changes: Json) -> None:
        """Change some of the known settings."""
        for name, value in changes.items():
            if name in DEFAULT_SETTINGS:
                self.settings[name] = value
                self.store.put("setting", name, value)

    def bot_user(self) -> Json:
        """The bot as a ``User``."""
        return {
            "id": self.bot_id,
            "is_bot": True,
            "first_name": self.profile["name"],
            "username": self.username,
        }

    def save(self, who: Person | Group) -> None:
        """Remember a changed person or group."""
        self.store.put("person" if isinstance(who, Person) else "group", who.id, who.as_json())

    def chat_json(self, chat_id: int) -> Json:
        """A chat as messages mention it."""
        return (self.people.get(chat_id) or self.groups[chat_id]).as_chat()

    def record(self, chat_id: int, message_id: int) -> Record | None:
        """A message that is still there, or nothing."""
        return self.messages.get(chat_id, {}).get(message_id)

    def add_message(self, chat_id: int, sender: Json, content: Json, keyboard: Json | None = None) -> Record:
        """Put a message into a chat and tell the watchers. Supergroups number their messages alone."""
        group = self.groups.get(chat_id)
        if group is not None and group.type == "supergroup":
            group.last_message_id += 1
            number = group.last_message_id
            self.save(group)
        else:
            number = self.next("message")
        message: Json = {
            "message_id": number,
            "from": sender,
            "chat": self.chat_json(chat_id),
            "date": self.clock.unix(),
            **content,
        }
        record = Record(message, keyboard)
        self.messages.setdefault(chat_id, {})[number] = record
        self.touch(record, "message")
        return record

    def touch(self, record: Record, kind: str = "edited") -> None:
        """Save a message that appeared or changed, and tell the watchers."""
        chat_id, number = record.message["chat"]["id"], record.message["message_id"]
        record.event = self.emit(kind, chat_id=chat_id, message_id=number)
        self.store.put("message", f"{chat_id}:{number}", record.__dict__)

    def remove_message(self, chat_id: int, message_id: int) -> None:
        """Take a message out of its chat."""
        del self.messages[chat_id][message_id]
        self.store.drop("message", f"{chat_id}:{message_id}")
        self.emit("deleted", chat_id=chat_id, message_id=message_id)

    def push(self, kind: str, body: Json) -> int | None:
        """Queue an update for the bot and tell the watchers how many wait."""
        return self.updates.push(kind, body)

    def view(self, record: Record) -> Json:
        """A message as its chat shows it now: what a person reads and can press."""
        message = record.message
        text, entities = words_of(message)
        view: Json = {
            "message_id": message["message_id"],
            "chat_id": message["chat"]["id"],
            "event": record.event,
            "sender_id": message["from"]["id"],
            "sender": _full_name(message["from"]),
            "from_bot": message["from"]["id"] == self.bot_id,
            "date": message["date"],
            "edited": "edit_date" in message,
            "text": text,
            "entities": entities,
            "html": to_html(text, entities),
            "buttons": message.get("reply_markup", {}).get("inline_keyboard", []),
            "keyboard": record.keyboard,
            "files": self.files.shown(message),
        }
        for name in (
            *("media_group_id", "forward_origin", "contact", "location", "sticker"),
            *("message_thread_id", "has_protected_content", "link_preview_options"),
        ):
            if name in message:
                view[name] = message[name]
        for name in (
            "new_chat_members",
            "left_chat_member",
            "migrate_to_chat_id",
            "migrate_from_chat_id",
            "group_chat_created",
            "pinned_message",
        ):
            if name in message:
                view["service"] = {name: message[name]}
        if "reply_to_message" in message:
            answered = message["reply_to_message"]
            view["reply_to"] = {
                "message_id": answered["message_id"],
                "sender": _full_name(answered["from"]),
                "text": words_of(answered)[0],
            }
        return view


def words_of(message: Json) -> tuple[str, list[Json]]:
    """What a message says, in its text or its caption, with the entities."""
    text: str = message.get("text") or message.get("caption") or ""
    entities: list[Json] = message.get("entities") or message.get("caption_entities") or []
    return text, entities


def _full_name(user: Json) -> str:
    return f"{user['first_name']} {user.get('last_name', '')}".strip()
