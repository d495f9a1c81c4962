"""Flood limits that can be switched on: when a bot gets 429.

The numbers are those of Telegram's FAQ for bots: about 30 messages a second over all chats, one a
second in a chat (short bursts pass), 20 a minute in a group, 1,000 a second for those who pay.
"""

import math
import time
from collections import deque
from dataclasses import asdict, dataclass

from sandbox.errors import ControlError, too_many
from sandbox.shapes import Json


@dataclass
class FloodSettings:
    """Rates in messages; ``strict`` refuses everything until an announced ``retry_after`` is over."""

    enabled: bool = False
    per_second: int = 30
    paid_per_second: int = 1000
    chat_per_second: float = 1.0
    chat_burst: int = 3
    group_per_minute: int = 20
    strict: bool = False
    count_edits: bool = True


class _Window:
    """So many events in any window of so many seconds."""

    def __init__(self) -> None:
        self._times: deque[float] = deque()

    def wait(self, now: float, limit: int, seconds: float, count: int) -> float:
        """Seconds until ``count`` more fit; 0 when they fit now."""
        while self._times and self._times[0] <= now - seconds:
            self._times.popleft()
        excess = len(self._times) + count - limit
        if excess <= 0:
            return 0.0
        return self._times[min(excess, len(self._times)) - 1] + seconds - now if self._times else seconds

    def add(self, now: float, count: int) -> None:
        self._times.extend([now] * count)


class Flood:
    """The limits' memory.

    Refused requests leave no trace in it, except penalties in the strict mode.
    """

    def __init__(self) -> None:
        self.settings = FloodSettings()
        self.refused = 0
        self.reset()

    def reset(self) -> None:
        """Forget what was sent."""
        self._all, self._paid = _Window(), _Window()
        self._groups: dict[int, _Window] = {}
        self._buckets: dict[int, tuple[float, float]] = {}
        self._penalties: dict[int | None, float] = {}

    def configure(self, changes: Json) -> None:
        """Change settings by name; numbers must be positive."""
        for name, value in changes.items():
            if name not in FloodSettings.__dataclass_fields__:
                raise ControlError(f"unknown flood setting {name}")
            kind = type(getattr(self.settings, name))
            if kind is not bool and (
                not isinstance(value, int | float) or isinstance(value, bool) or value <= 0
            ):
                raise ControlError(f"{name} must be a positive number")
            setattr(self.settings, name, kind(value))
        self.reset()

    def as_json(self) -> Json:
        """Settings and the number of refusals."""
        return {**asdict(self.settings), "refused": self.refused}

    def check(self, chat_id: int, count: int, paid: bool, is_edit: bool) -> None:
        """Let ``count`` messages to a chat pass, or raise 429 with the seconds to wait."""
        if not self.settings.enabled or (is_edit and not self.settings.count_edits):
            return
        now = time.monotonic()
        wait, key = self._wait(now, chat_id, count, paid)
        if wait > 0:
            self.refused += 1
            seconds = max(1, math.ceil(wait))
            if self.settings.strict and self._penalties.get(key, 0) <= now:
                self._penalties[key] = now + seconds
            raise too_many(seconds)
        (self._paid if paid else self._all).add(now, count)
        tokens, _ = self._bucket(now, chat_id)
        self._buckets[chat_id] = (tokens - count, now)
        if chat_id < 0:
            self._groups.setdefault(chat_id, _Window()).add(now, count)

    def _bucket(self, now: float, chat_id: int) -> tuple[float, float]:
        burst = float(self.settings.chat_burst)
        tokens, since = self._buckets.get(chat_id, (burst, now))
        return min(burst, tokens + (now - since) * self.settings.chat_per_second), now

    def _wait(self, now: float, chat_id: int, count: int, paid: bool) -> tuple[float, int | None]:
        """The longest wait and what it is for: everything (None) or one chat."""
        for key in (None, chat_id):
            if self._penalties.get(key, 0) > now:
                return self._penalties[key] - now, key
        settings = self.settings
        window, limit = (self._paid, settings.paid_per_second) if paid else (self._all, settings.per_second)
        overall = window.wait(now, limit, 1.0, count)
        tokens, _ = self._bucket(now, chat_id)
        # An album longer than the whole burst must pass some time: it needs a full bucket, not more.
        chat = (min(count, settings.chat_burst) - tokens) / settings.chat_per_second
        if chat_id < 0:
            group = self._groups.setdefault(chat_id, _Window())
            chat = max(
                chat, group.wait(now, settings.group_per_minute, 60.0, min(count, settings.group_per_minute))
            )
        # A billionth of a second is rounding, not waiting.
        return (chat, chat_id) if chat > overall and chat > 1e-9 else (overall, None)
