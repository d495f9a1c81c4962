"""A process that dies at an await of the path from the messenger to the messenger, told by its place in the code.

It is armed before the programme starts, and the programme knows nothing of it: the event loop's task factory wraps the
coroutines of the tasks that receive, work, send, fetch and broadcast, and of the tasks that these start, and looks
each time that one of them gives control away. Such moments are where a process can be between two steps.

A place is the lines of ours that are waited in, from the task's first to the innermost, and the how-many-th time in a
row it is: a line that executes a statement or sends a request gives control away several times. So the same line
reached by two ways is two places, and a task that waits idly for ever is one.
"""

import asyncio
import json
import os
import signal
from collections import Counter
from collections.abc import Callable, Coroutine, Generator, Iterator
from contextvars import ContextVar, copy_context
from pathlib import Path
from types import FrameType
from typing import Any

from bot.loops import fetcher
from storage.engine import inline_sqlite

# What bot/house/house.py starts as tasks; the task itself has no name yet when the factory makes it.
PATH = frozenset({"Polling.run", "Worker.run", "Sender.run", "Fetcher.run", "Broadcaster.run"})
VARIABLE = (
    "FAIL_POINT"  # a file: {"place": …, "time": 2} to die at a place's second time; nothing: tell all places
)
MOST_IN_A_ROW = 6  # of the same line, that are told apart

_OURS = str(Path(__file__).parents[3]) + os.sep
_on_path: ContextVar[bool] = ContextVar("on_path", default=False)


class _Counted(Coroutine[Any, Any, Any]):
    """A coroutine whose every suspension is told."""

    def __init__(self, inner: Coroutine[Any, Any, Any], suspended: Callable[[str], None]) -> None:
        self._inner = inner
        self._suspended = suspended
        self._lines = ""
        self._in_a_row = 0
        self.__name__ = getattr(inner, "__name__", "counted")
        self.__qualname__ = getattr(inner, "__qualname__", "counted")

    def send(self, value: Any) -> Any:
        given = self._inner.send(value)
        self._tell()
        return given

    def throw(self, *error: Any) -> Any:
        given = self._inner.throw(*error)
        self._tell()
        return given

    def close(self) -> None:
        self._inner.close()

    def __await__(self) -> Generator[Any, Any, Any]:
        return self._inner.__await__()

    def _tell(self) -> None:
        lines = " > ".join(_lines(self._inner))
        self._in_a_row = self._in_a_row + 1 if lines == self._lines else 1
        self._lines = lines
        if lines:  # otherwise it waits for an event, on behalf of a task that is told
            self._suspended(f"{lines} #{min(self._in_a_row, MOST_IN_A_ROW)}")


def _lines(waiting: Any) -> Iterator[str]:
    """The lines of ours that are waited in."""
    while waiting is not None:
        frame: FrameType | None = getattr(waiting, "cr_frame", None) or getattr(waiting, "ag_frame", None)
        if frame is None:
            return
        code = frame.f_code
        if code.co_filename.startswith(_OURS) and ".venv" not in code.co_filename:
            yield f"{code.co_filename.removeprefix(_OURS)}:{frame.f_lineno}"
        within = getattr(waiting, "cr_await", None) or getattr(waiting, "ag_await", None)
        if code.co_name in ("__aenter__", "__aexit__") and code.co_filename.endswith("contextlib.py"):
            within = getattr(
                frame.f_locals.get("self"), "gen", within
            )  # what it awaits does not show its frame
        waiting = within


def arm() -> None:
    """In a process that is about to become the programme: let it die where the plan says, or tell all places."""
    hasty()
    inline_sqlite.LONGEST = (
        -1.0
    )  # otherwise the clock says before which of the statements it gives control away
    file = Path(os.environ[VARIABLE])
    plan: dict[str, Any] = json.loads(file.read_text("utf-8"))
    left = plan.get("time", 0)
    told = os.open(told_beside(file), os.O_WRONLY | os.O_CREAT | os.O_TRUNC)

    def suspended(place: str) -> None:
        nonlocal left
        if not plan:
            os.write(told, f"{place}\n".encode())
        elif place == plan["place"]:
            left -= 1
            if not left:
                os.kill(os.getpid(), signal.SIGKILL)

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


def hasty() -> None:
    """In a process that is about to become the programme: look for files all the time: no turn takes seconds."""
    fetcher.IDLE = 0.2


def told_beside(file: Path) -> Path:
    """Where a process with nothing to do but to tell writes the places that it passes."""
    return file.with_suffix(".places")


def places(file: Path) -> Counter[str]:
    """The places that a process told, in the order in which it came to each; how often."""
    return Counter(told_beside(file).read_text("utf-8").splitlines())
