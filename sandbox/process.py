"""Run the sandbox as a child process, for tests and demos."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = str(Path(__file__).resolve().parent.parent)
START_SECONDS = 20.0
STOP_SECONDS = 5.0


@dataclass
class SandboxProcess:
    """A running sandbox and its address."""

    url: str
    process: asyncio.subprocess.Process

    async def stop(self) -> None:
        """Ask it to end (SIGTERM), insist after a few seconds."""
        if self.process.returncode is not None:
            return
        self.process.terminate()
        try:
            await asyncio.wait_for(self.process.wait(), STOP_SECONDS)
        except TimeoutError:
            self.process.kill()
            await self.process.wait()

    async def kill(self) -> None:
        """End it as a power cut would."""
        if self.process.returncode is None:
            self.process.kill()
            await self.process.wait()


async def start(*arguments: str) -> SandboxProcess:
    """Start ``python -m sandbox`` and wait until it listens.

    On a free port, or with ``--port``.

    Raises ``RuntimeError`` when it ends before it listens.
    """
    # The package is found from any working directory; relative paths in the arguments keep their meaning.
    path = os.pathsep.join(filter(None, (ROOT, os.environ.get("PYTHONPATH"))))
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "sandbox",
        *arguments,
        stdout=asyncio.subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": path},
    )
    assert process.stdout is not None
    sandbox = SandboxProcess("", process)
    try:
        line = (await asyncio.wait_for(process.stdout.readline(), START_SECONDS)).decode()
    except BaseException:
        await sandbox.kill()
        raise
    if not line.startswith("sandbox: "):
        raise RuntimeError(f"the sandbox ended with {await process.wait()} before it listened")
    sandbox.url = line.removeprefix("sandbox: ").strip()
    return sandbox


@asynccontextmanager
async def running(*arguments: str) -> AsyncIterator[SandboxProcess]:
    """A sandbox that lives as long as the block."""
    sandbox = await start(*arguments)
    try:
        yield sandbox
    finally:
        await sandbox.stop()
