"""What comes about the same time is kept in one transaction, and each waits until it is."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

_Item = TypeVar("_Item")


class Together(Generic[_Item]):
    """`keep` is given a function that hands out all that waits, to be called once there is a turn to write.

    It may be called again where keeping is tried again, and then hands out what came meanwhile.
    """

    def __init__(
        self, keep: Callable[[Callable[[], list[_Item]]], Awaitable[None]], *, seconds: float = 0
    ) -> None:
        """`seconds`: how long the first waits for others to come along."""
        self._keep = keep
        self._seconds = seconds
        self._waiting: list[tuple[_Item, asyncio.Future[None]]] = []
        self._keeping: asyncio.Task[None] | None = None

    async def add(self, item: _Item) -> None:
        """Return when it is kept; raises what keeping it did."""
        kept = asyncio.get_running_loop().create_future()
        self._waiting.append((item, kept))
        if self._keeping is None or self._keeping.done():
            self._keeping = asyncio.create_task(self._keep_all())
        await kept

    async def _keep_all(self) -> None:
        while self._waiting:
            await asyncio.sleep(self._seconds)
            await self._keep_those_waiting()

    async def _keep_those_waiting(self) -> None:
        taken: list[asyncio.Future[None]] = []

        def take() -> list[_Item]:
            waiting, self._waiting = self._waiting, []
            taken.extend(kept for _, kept in waiting)
            return [item for item, _ in waiting]

        try:
            await self._keep(take)
        except Exception as error:  # noqa: BLE001  # each hears what became of it
            if not taken:
                take()
            for kept in taken:
                if not kept.done():
                    kept.set_exception(error)
        else:
            for kept in taken:
                if not kept.done():
                    kept.set_result(None)
