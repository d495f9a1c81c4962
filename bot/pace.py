"""How fast messages may go: so many a second over all, one a second to one chat, and nobody while told to wait."""

import asyncio
import time
from collections import OrderedDict


class Pace:
    """Gives turns. Times are of the monotonic clock, in seconds: they measure waiting, not dates."""

    def __init__(self, per_second: float, chat_seconds: float) -> None:
        self._gap = 1 / per_second
        self._chat_gap = chat_seconds
        self._next = 0.0
        self._held_until = 0.0
        self._next_of: OrderedDict[str, float] = OrderedDict()

    async def wait(self, address: str) -> None:
        """Wait until this address may get a message, and take the turn."""
        while True:
            now = time.monotonic()
            turn = max(now, self._next, self._next_of.pop(address, 0.0))
            self._next = max(now, self._next) + self._gap
            self._next_of[address] = turn + self._chat_gap
            while self._next_of and next(iter(self._next_of.values())) < now:
                self._next_of.popitem(last=False)
            if turn > now:
                await asyncio.sleep(turn - now)
            if turn >= self._held_until:
                return
            # The messenger asked to wait meanwhile: that turn is void.

    def hold(self, seconds: float) -> None:
        """The messenger asked to wait: everybody does."""
        self._held_until = max(self._held_until, time.monotonic() + seconds)
        self._next = max(self._next, self._held_until)
