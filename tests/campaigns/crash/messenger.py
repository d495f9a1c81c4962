"""A local messenger that remembers all it gave and took, and people in it who act at once and wait patiently."""

import asyncio
import time
from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sandbox import actions
from sandbox.state.files import Upload, guess_type
from sandbox.state.people import Person
from sandbox.state.store import Store
from sandbox.state.updates import UpdateQueue
from sandbox.state.world import Record, World, words_of
from tests.worlds.office import CODE, TOKEN

PATIENCE = (
    90.0  # seconds without anything from the bot, to anybody; while it works, however slowly, one waits
)
IMPATIENCE = 4.0  # seconds after which a button is pressed once more, then after twice as long, and so on
MOST_PRESSES = 8  # of one button, in vain
BROADCAST = "Kỳ "  # how the words of a broadcast begin here

Fits = Callable[[Record], bool]


class Moment(StrEnum):
    """When the plug is pulled."""

    ANY = "any"
    ARRIVAL = "arrival"  # the messenger took a message, and has not answered yet
    BROADCAST = "broadcast"  # the same, of a broadcast
    CONFIRMATION = "confirmation"  # the bot says that it has updates: the messenger forgets them


@dataclass(frozen=True)
class Arrival:
    """A message of the bot as it came."""

    chat: int
    message_id: int
    album: str | None
    words: str


class _Queue(UpdateQueue):
    """Tells when the bot confirms."""

    def __init__(self, store: Store, next_id: Callable[[], int], confirmed: Callable[[], None]) -> None:
        super().__init__(store, next_id)
        self._confirmed = confirmed

    def confirm(self, update_id: int) -> None:
        super().confirm(update_id)
        self._confirmed()


class Messenger(World):
    """The sandbox's world, beside which the harness stands: every update it gave, every message it took."""

    def __init__(self) -> None:
        super().__init__(Store(None), TOKEN, "sandbox_bot", "Sandbox Bot")
        self.updates = _Queue(self.store, lambda: self.next("update"), self._confirmed)
        self.updates.last_id = self.counters["update"]
        self.journal.entries = deque()  # all of them: which answers the network lost is looked up in the end
        self._traps: dict[Moment, Callable[[], None]] = {}
        self.given: dict[int, dict[str, Any]] = {}
        self.arrived: list[Arrival] = []  # messages of the bot, also those that were changed or deleted later
        self._said: dict[int, list[Record]] = defaultdict(list)  # by chat
        self._about: dict[tuple[int, str], list[Record]] = defaultdict(list)  # by chat and code
        self._news: dict[int, asyncio.Event] = defaultdict(asyncio.Event)
        self.heard_at = time.monotonic()  # when the bot last did anything

    @property
    def silence(self) -> float:
        """Seconds since the bot last sent, changed or confirmed anything."""
        return time.monotonic() - self.heard_at

    def trap(self, moment: Moment, snap: Callable[[], None]) -> None:
        """Do something in the very middle of the next such moment."""
        self._traps[moment] = snap

    def disarm(self) -> None:
        """Nothing happens in the middle of anything any more."""
        self._traps.clear()

    def _confirmed(self) -> None:
        self.heard_at = time.monotonic()
        self._spring(Moment.CONFIRMATION)

    def _spring(self, moment: Moment) -> None:
        snap = self._traps.pop(moment, None)
        if snap is not None:
            snap()

    @property
    def confirmed(self) -> set[int]:
        """The updates that the messenger will never give again: the bot said that it has them."""
        return self.given.keys() - self.updates.pending.keys()

    def push(self, kind: str, body: dict[str, Any]) -> int | None:
        update_id = super().push(kind, body)
        if update_id is not None:
            self.given[update_id] = {kind: body}
        return update_id

    def touch(self, record: Record, kind: str = "edited") -> None:
        super().touch(record, kind)
        message = record.message
        if message["from"]["id"] != self.bot_id:
            return
        self.heard_at = time.monotonic()
        chat = message["chat"]["id"]
        if kind == "message":
            album = message.get("media_group_id")
            self.arrived.append(Arrival(chat, message["message_id"], album, words_of(message)[0]))
            self._said[chat].append(record)
            self._spring(Moment.BROADCAST if words_of(message)[0].startswith(BROADCAST) else Moment.ARRIVAL)
        for code in set(CODE.findall(words_of(message)[0])):
            about = self._about[chat, code]
            if not any(one is record for one in about):
                about.append(record)
        self._news[chat].set()

    def newest(self, chat: int, fits: Fits, *, after: int = 0, code: str | None = None) -> Record | None:
        """The newest message of the bot in a chat that fits and appeared or changed after an event."""
        there = self._said[chat] if code is None else self._about[chat, code]
        for record in reversed(there):
            still_there = self.record(chat, record.message["message_id"]) is record
            if still_there and record.event > after and fits(record):
                return record
        return None

    async def news(self, chat: int, seconds: float) -> None:
        """Wait for anything new in a chat, for some seconds at most."""
        self._news[chat].clear()
        try:
            await asyncio.wait_for(self._news[chat].wait(), max(0.001, seconds))
        except TimeoutError:
            return


def text_of(record: Record) -> str:
    return words_of(record.message)[0]


def labels_of(record: Record) -> list[str]:
    rows = record.message.get("reply_markup", {}).get("inline_keyboard", [])
    return [button["text"] for row in rows for button in row]


def says(*wanted: str) -> Fits:
    """A message that says all of this, in its words or on a button."""

    def fits(record: Record) -> bool:
        shown = "\n".join([text_of(record), *labels_of(record)])
        return all(words in shown for words in wanted)

    return fits


def offers(label: str) -> Fits:
    return lambda record: label in labels_of(record)


@dataclass
class Resident:
    """Somebody with a messenger. What they do is in the messenger at once, whether the bot lives or not."""

    world: Messenger
    person: Person
    mark: int = 0  # the last event before their last act
    codes: set[str] = field(default_factory=set)  # of their questions

    @classmethod
    def born(cls, world: Messenger, name: str) -> "Resident":
        return cls(world, actions.create_person(world, {"first_name": name, "language_code": "vi"}))

    @property
    def chat(self) -> int:
        return self.person.id

    def _act(self, act: Callable[[], Any]) -> int:
        """Do something; the update that the bot hears of it first."""
        self.mark = self.world.events.last
        before = self.world.updates.last_id
        act()
        return before + 1

    def send(self, text: str, *, reply_to: int | None = None) -> int:
        return self._act(lambda: actions.send_text(self.world, self.person, self.chat, text, reply_to))

    def start(self, parameter: str = "") -> int:
        return self._act(lambda: actions.start(self.world, self.person, parameter))

    def upload(self, files: Sequence[tuple[str, bytes]], caption: str = "", kind: str = "document") -> int:
        sent = [Upload(name, guess_type(name), body) for name, body in files]
        return self._act(
            lambda: actions.send_files(self.world, self.person, self.chat, kind, sent, caption, None)
        )

    def press(self, record: Record, label: str) -> int:
        return self._act(lambda: actions.press(self.world, self.person, record, None, label))

    async def sees(self, fits: Fits, what: str, *, code: str | None = None, ever: bool = False) -> Record:
        """Wait for a message since the last act (or `ever`); raises `AssertionError` with what the chat shows."""
        after = 0 if ever else self.mark
        began = time.monotonic()
        while True:
            found = self.world.newest(self.chat, fits, after=after, code=code)
            if found is not None:
                return found
            self._has_patience(began, f"did not see {what}")
            await self.world.news(self.chat, PATIENCE / 10)

    def _has_patience(self, since: float, otherwise: str) -> None:
        """While the bot does anything for anybody; raises `AssertionError` with what the chat shows."""
        waited = min(time.monotonic() - since, self.world.silence)
        assert waited < PATIENCE, f"{self.person.name} {otherwise}\n{self._shown()}"

    async def presses(
        self,
        label: str,
        worked: Callable[[], bool],
        *,
        on: Fits | None = None,
        code: str | None = None,
        pressed: Callable[[int], None] = lambda _update_id: None,
    ) -> None:
        """Press the newest such button, and once more where nothing comes of it, as people do."""
        began, again, presses = time.monotonic(), 0.0, 0
        while not worked():
            self._has_patience(began, f"pressed {label!r} in vain")
            if time.monotonic() >= again and presses < MOST_PRESSES:
                record = self.world.newest(
                    self.chat, lambda one: label in labels_of(one) and (on is None or on(one)), code=code
                )
                if record is not None:
                    pressed(self.press(record, label))
                    again = time.monotonic() + IMPATIENCE * 2**presses
                    presses += 1
            await self.world.news(self.chat, 0.5)

    def saw(self, fits: Fits, *, code: str | None = None) -> Callable[[], bool]:
        """Whether a message that fits came after this moment."""
        since = self.world.events.last
        return lambda: self.world.newest(self.chat, fits, after=since, code=code) is not None

    def _shown(self) -> str:
        chat = list(self.world.messages.get(self.chat, {}).values())[-14:]
        return "\n".join(
            f"  {one.message['message_id']} {one.message['from']['first_name']}: "
            f"{text_of(one)[:300]!r} {labels_of(one)}"
            for one in chat
        )


def code_of(record: Record) -> str:
    found = CODE.search(text_of(record))
    assert found is not None, text_of(record)
    return found[0]
