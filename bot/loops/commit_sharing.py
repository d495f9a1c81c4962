"""Sharing a commit: items that arrive together are kept in one transaction."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

_Item = TypeVar("_Item")


class Together(Generic[_Item]):
    """Collects items and has `keep` store all of them in one transaction.

    `keep` is given a function that returns what waits, to be called once it may write. It may be called again on a
    second try, and then also returns what came meanwhile.
    """

    def __init__(
        self, keep: Callable[[Callable[[], list[_Item]]], Awaitable[None]], *, seconds: float = 0
    ) -> None:
        """`seconds`: how long the first item waits for others."""
        self._keep = keep
        self._seconds = seconds
        self._waiting: list[tuple[_Item, asyncio.Future[None]]] = []
        self._keeping: asyncio.Task[None] | None = None

    async def add(self, item: _Item) -> None:
        """Return once the item is kept; raise what keeping it raised."""
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
