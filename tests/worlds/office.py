"""The real bot as a process, against the local messenger over HTTP.

With real files and a real database.
"""

import asyncio
import json
import os
import re
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

from sandbox.client import Sandbox, User
from sandbox.http.server import serve
from sandbox.state.store import Store
from sandbox.state.world import World
from tests.worlds import programme

ROOT = Path(__file__).parents[2]
TOKEN = "1000001:sandbox-token"
READY_WITHIN = 20.0
LAND = "Gia đình tôi nộp hồ sơ cấp sổ đỏ đã ba tháng ở xã Hòn Đất mà chưa có kết quả. Xin hỏi khi nào có?"


@dataclass
class Office:
    """One province's bot: its folder, its messenger, its process."""

    folder: Path
    messenger: str  # its address
    sandbox: Sandbox
    database_url: str
    settings: dict[str, str] = field(  # as in tests.worlds.rules
        default_factory=lambda: {"DANHOI_INTAKE__NOTIFY": "each"}
    )
    process: ForkServerProcess | None = None
    _calls: Iterator[int] = field(default_factory=count)

    @property
    def environment(self) -> dict[str, str]:
        return {
            **{name: value for name, value in os.environ.items() if not name.startswith("DANHOI_")},
            "PYTHONPATH": str(ROOT),
            "DANHOI_TELEGRAM__TOKEN": TOKEN,
            "DANHOI_TELEGRAM__BASE_URL": f"{self.messenger}/bot",
            "DANHOI_TELEGRAM__BASE_FILE_URL": f"{self.messenger}/file/bot",
            "DANHOI_LIMITS__CHAT_SECONDS": "0",
            "DANHOI_APPROVAL__UNDO_SECONDS": "0",  # these stories wait for what others are told
            "DANHOI_STORAGE__URL": self.database_url,
            "DANHOI_STORAGE__FILES": str(self.folder / "files"),
            **self.settings,
        }

    def launch(self, before: Callable[[], None] | None = None) -> ForkServerProcess:
        """Start the bot without waiting; `before` as in `programme.start`."""
        log = self.folder / "bot.log"
        log.touch()
        self.process = programme.start(
            ["run"], env=self.environment, cwd=self.folder, out=log, err=log, before=before
        )
        return self.process

    async def start(self, before: Callable[[], None] | None = None) -> None:
        """Start the bot and wait until it says that it is ready.

        `before` as in `programme.start`.
        """
        (self.folder / "bot.log").touch()
        said = len(self.log())
        process = self.launch(before)
        for _ in range(int(READY_WITHIN / 0.02)):
            if '"event": "ready"' in self.log()[said:]:
                return
            assert process.exitcode is None, self.log()[said:]
            await asyncio.sleep(0.02)
        raise AssertionError(f"the bot was not ready in time\n{self.log()[said:]}")

    def log(self) -> str:
        return (self.folder / "bot.log").read_text("utf-8")

    async def kill(self) -> None:
        """Kill the process, as a power cut would."""
        await self._end(signal.SIGKILL)

    async def stop(self) -> int:
        """Stop the process, as a supervisor would; return the exit status."""
        return await self._end(signal.SIGTERM)

    async def _end(self, how: signal.Signals) -> int:
        assert self.process is not None
        with suppress(ProcessLookupError):
            os.kill(self.process.pid or 0, how)
        process, self.process = self.process, None
        return await programme.ended(process, 12)

    async def command(self, *arguments: str) -> Any:
        """Run an operator's command that prints JSON; return what it prints."""
        status, out, err = await self.call(*arguments)
        assert status == 0, err
        return json.loads(out)

    async def call(self, *arguments: str) -> tuple[int, str, str]:
        """Run any operator's command; return (status, standard output, standard error)."""
        number = next(self._calls)
        out, err = self.folder / f"{number}.out", self.folder / f"{number}.err"
        process = programme.start(arguments, env=self.environment, cwd=self.folder, out=out, err=err)
        return await programme.ended(process, 60), out.read_text("utf-8"), err.read_text("utf-8")

    async def question(self, code: str) -> dict[str, Any]:
        found: dict[str, Any] = await self.command("question", code, "--json")
        return found

    async def staff(self, name: str, role: str, agency: str | None = None) -> User:
        """Return somebody who followed an invitation to a role."""
        of_agency = ["--agency", agency] if agency else []
        invitation = await self.command("invite", "--role", role, *of_agency, "--json")
        person = await self.sandbox.user(name)
        await person.start(invitation["code"])
        await person.wait_for(re.compile("vai trò|cán bộ|lãnh đạo|biên tập|quản trị", re.IGNORECASE))
        return person


@asynccontextmanager
async def opened(folder: Path, database_url: str) -> AsyncIterator[Office]:
    """Open an office whose bot runs."""
    world = World(Store(None), TOKEN, "sandbox_bot", "Sandbox Bot")
    async with serve(world, "127.0.0.1", 0) as messenger, Sandbox.connect(messenger) as sandbox:
        one = Office(folder, messenger, sandbox, database_url)
        await one.start()
        try:
            yield one
        finally:
            if one.process is not None:
                assert await one.stop() == 0, one.log()


async def ask(citizen: User, text: str = LAND, *, name: str = "Lê Thị Mai", field: str = "Đất đai") -> str:
    """Ask as a newcomer, giving all details; return the code."""
    await citizen.send(text)
    await citizen.wait_for("Đồng ý")
    await citizen.press("Đồng ý")
    await citizen.wait_for("cho biết họ và tên")
    await citizen.send(name)
    await citizen.wait_for("cho biết địa chỉ")
    await citizen.send("Ấp Đường Hòn, xã Hòn Đất")
    await citizen.wait_for("Bỏ qua")
    await citizen.press("Bỏ qua")
    await citizen.wait_for("lĩnh vực nào")
    await citizen.press(field)
    await citizen.wait_for("Gửi câu hỏi")
    await citizen.press("Gửi câu hỏi")
    return code_in((await citizen.wait_for(CODE)).text)


CODE = re.compile(r"DH-\d{4}-\d{6}")


def code_in(text: str) -> str:
    found = CODE.search(text)
    assert found is not None, text
    return found[0]
