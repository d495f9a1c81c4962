"""Running the houses of one process, a programme each, until told to stop."""

import asyncio
import signal
from collections.abc import Sequence
from contextlib import AsyncExitStack

from bot.house.health_routes import lag_measured
from bot.house.house import House


async def run(houses: Sequence[House], stop: asyncio.Event | None = None) -> None:
    """Run all houses until SIGTERM, SIGINT or `stop`; when one ends, all do.

    Raises `AlreadyRunning`, `ForeignDatabase`, `TokenRefused`, `ConfigurationError`.
    """
    stop = stop or asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    async with AsyncExitStack() as opened:
        await opened.enter_async_context(lag_measured())
        for house in houses:
            await opened.enter_async_context(house.open())
        await _all_served(houses, stop)


async def _all_served(houses: Sequence[House], stop: asyncio.Event) -> None:
    """Serve all houses; when one ends, tell the others to finish, then raise its reason."""
    tasks = [asyncio.create_task(house.serve(stop)) for house in houses]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        stop.set()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
    for one in ended:
        if isinstance(one, BaseException):
            raise one
