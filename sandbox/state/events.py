"""What happened, in order, for those who watch: the page and the tests."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator

from sandbox.shapes import Json

KEPT = 2000
"""Events kept for a watcher that reconnects; one that was away for longer reloads everything."""


class Events:
    """Numbered happenings; numbers grow for ever, across restarts too."""

    def __init__(self, last: int) -> None:
        self.last = last
        self._recent: deque[Json] = deque(maxlen=KEPT)
        self._changed = asyncio.Event()

    def emit(self, kind: str, **facts: object) -> int:
        """Tell everybody, and return the number of the event."""
        self.last += 1
        self._recent.append({"event": self.last, "kind": kind, **facts})
        self._changed.set()
        self._changed = asyncio.Event()
        return self.last

    def since(self, number: int) -> list[Json]:
        """The kept events after a number."""
        found = []
        for event in reversed(self._recent):
            if event["event"] <= number:
                break
            found.append(event)
        return found[::-1]

    def concern(self, chat_id: int, number: int) -> bool:
        """Whether a chat may have changed after an event.

        True when the events since are forgotten.
        """
        if self._recent and self._recent[0]["event"] > number + 1:
            return True
        return any(event.get("chat_id") == chat_id for event in self.since(number))

    async def changed(self, timeout: float) -> bool:
        """Wait for the next event, at most so many seconds; say whether one came."""
        try:
            await asyncio.wait_for(self._changed.wait(), timeout)
        except TimeoutError:
            return False
        return True

    async def follow(self, number: int, pulse: float) -> AsyncIterator[list[Json]]:
        """Events after a number as they come; an empty list whenever ``pulse`` seconds were silent."""
        while True:
            fresh = self.since(number)
            if fresh:
                number = fresh[-1]["event"]
                yield fresh
            elif not await self.changed(pulse):
                yield []
