"""Runs the programme as a process by a fork, without importing its libraries again.

The standard library's fork server has imported what `python -m bot` imports, and what it imports and reads on first
use (`tests.worlds.warm`); each start is a fresh fork of it, which saves two seconds. `test_demo.py` and the launcher's
tests start the real way, with a new Python.
"""

import asyncio
import os
from collections.abc import Callable, Mapping, Sequence
from multiprocessing import get_context
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from tests.worlds.hasty import spare_the_disk

_FORKS = get_context("forkserver")
_FORKS.set_forkserver_preload(["tests.worlds.warm", __name__])


def start(
    arguments: Sequence[str],
    *,
    env: Mapping[str, str],
    cwd: Path,
    out: Path,
    err: Path,
    before: Callable[[], None] | None = None,
) -> ForkServerProcess:
    """Start `python -m bot` with these arguments; append its output to two files.

    `before` (a function of a module) runs in the new process, with its environment, before the programme.
    """
    process = _FORKS.Process(
        target=_become,
        args=(list(arguments), dict(env), cwd, out, err, before),
        name=" ".join(arguments),
        daemon=True,
    )
    process.start()
    return process


def _become(
    arguments: list[str],
    env: dict[str, str],
    cwd: Path,
    out: Path,
    err: Path,
    before: Callable[[], None] | None,
) -> None:
    os.environ.clear()
    os.environ.update(env)
    os.chdir(cwd)
    for number, path in ((1, out), (2, err)):
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(file, number)
        os.close(file)
    spare_the_disk()
    if before is not None:
        before()
    from bot.operator.commands import app

    app(arguments, prog_name="danhoi")


async def ended(process: ForkServerProcess, within: float) -> int:
    """Wait for a process to end; return its exit status.

    Raises `TimeoutError`.
    """
    await asyncio.to_thread(process.join, within)
    return status_of(process)


def status_of(process: ForkServerProcess) -> int:
    """Return the exit status of a process that has ended.

    Raises `TimeoutError` for one that has not.
    """
    status = process.exitcode
    if status is None:
        raise TimeoutError(f"{process.name} goes on")
    process.close()
    return status
