"""Waiting that ends early when the process is told to stop."""

import asyncio
import contextlib
from collections.abc import Coroutine
from typing import Any, TypeVar

_Result = TypeVar("_Result")


async def pause(stop: asyncio.Event, seconds: float) -> None:
    """Sleep for some seconds, or return at once when told to stop."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)


async def unless_stopped(doing: Coroutine[Any, Any, _Result], stop: asyncio.Event) -> _Result | None:
    """Return a coroutine's result, or None as soon as we are told to stop.

    Raises what it raises.
    """
    task, stopping = asyncio.create_task(doing), asyncio.create_task(stop.wait())
    await asyncio.wait([task, stopping], return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if not task.done():
        task.cancel()
    await asyncio.gather(task, stopping, return_exceptions=True)
    return None if task.cancelled() else task.result()


async def wait_for(event: asyncio.Event, stop: asyncio.Event, seconds: float | None = None) -> None:
    """Wait for an event, a timeout, or the order to stop, whichever is first."""
    waits = [asyncio.create_task(event.wait()), asyncio.create_task(stop.wait())]
    try:
        await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
        await asyncio.gather(*waits, return_exceptions=True)
