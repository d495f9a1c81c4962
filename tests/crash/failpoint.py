"""A process that dies at the k-th await of the path from the messenger to the messenger.

It is armed before the programme starts, and the programme knows nothing of it: the event loop's task factory wraps the
coroutines of the tasks that receive, work, send, fetch and broadcast, and of the tasks that these start, and counts
each time that one of them gives control away. Such moments are where a process can be between two steps.
"""

import asyncio
import os
import signal
from collections.abc import Callable, Coroutine, Generator
from contextvars import ContextVar, copy_context
from typing import Any

# What bot/run.py starts as tasks; the task itself has no name yet when the factory makes it.
PATH = frozenset({"Polling.run", "Worker.run", "Sender.run", "Fetcher.run", "Broadcaster.run"})
VARIABLE = "FAIL_POINT"  # "17:/tmp/…/awaits": die at the 17th (0: never), and count into this file

_on_path: ContextVar[bool] = ContextVar("on_path", default=False)


class _Counted(Coroutine[Any, Any, Any]):
    """A coroutine whose every suspension is told."""

    def __init__(self, inner: Coroutine[Any, Any, Any], suspended: Callable[[], None]) -> None:
        self._inner = inner
        self._suspended = suspended
        self.__name__ = getattr(inner, "__name__", "counted")
        self.__qualname__ = getattr(inner, "__qualname__", "counted")

    def send(self, value: Any) -> Any:
        given = self._inner.send(value)
        self._suspended()
        return given

    def throw(self, *error: Any) -> Any:
        given = self._inner.throw(*error)
        self._suspended()
        return given

    def close(self) -> None:
        self._inner.close()

    def __await__(self) -> Generator[Any, Any, Any]:
        return self._inner.__await__()


def arm() -> None:
    """In a process that is about to become the programme: let it die where `FAIL_POINT` says."""
    at, _, file = os.environ[VARIABLE].partition(":")
    last = int(at)
    counter = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    count = 0

    def suspended() -> None:
        nonlocal count
        count += 1
        if count == last:
            os.kill(os.getpid(), signal.SIGKILL)
        if not last:
            os.pwrite(counter, str(count).encode(), 0)

    def task(loop: asyncio.AbstractEventLoop, coroutine: Any, **rest: Any) -> "asyncio.Task[Any]":
        if getattr(coroutine, "__qualname__", "") in PATH:
            context = copy_context()
            context.run(_on_path.set, True)
            rest["context"] = context
        elif not _on_path.get():
            return asyncio.Task(coroutine, loop=loop, **rest)
        return asyncio.Task(_Counted(coroutine, suspended), loop=loop, **rest)

    new = asyncio.events.new_event_loop

    def armed() -> asyncio.AbstractEventLoop:
        loop = new()
        loop.set_task_factory(task)
        return loop

    asyncio.events.new_event_loop = armed
