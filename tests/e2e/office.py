"""The real bot as a process, against the local messenger over HTTP, with real files and a real database."""

import asyncio
import contextlib
import json
import os
import re
import signal
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sandbox.client import Sandbox, User
from sandbox.process import SandboxProcess

ROOT = Path(__file__).parents[2]
TOKEN = "1000001:sandbox-token"
READY_WITHIN = 20.0
LAND = "Gia đình tôi nộp hồ sơ cấp sổ đỏ đã ba tháng ở xã Hòn Đất mà chưa có kết quả. Xin hỏi khi nào có?"


@dataclass
class Office:
    """One province's bot: its folder, its messenger, its process."""

    folder: Path
    messenger: SandboxProcess
    sandbox: Sandbox
    database_url: str
    settings: dict[str, str] = field(default_factory=dict)
    process: asyncio.subprocess.Process | None = None

    @property
    def environment(self) -> dict[str, str]:
        url = self.messenger.url
        return {
            **{name: value for name, value in os.environ.items() if not name.startswith("DANHOI_")},
            "PYTHONPATH": str(ROOT),
            "DANHOI_TELEGRAM__TOKEN": TOKEN,
            "DANHOI_TELEGRAM__BASE_URL": f"{url}/bot",
            "DANHOI_TELEGRAM__BASE_FILE_URL": f"{url}/file/bot",
            "DANHOI_LIMITS__CHAT_SECONDS": "0",
            "DANHOI_STORAGE__URL": self.database_url,
            "DANHOI_STORAGE__FILES": str(self.folder / "files"),
            **self.settings,
        }

    async def start(self) -> None:
        """Start the bot and wait until it says that it is ready."""
        log = (self.folder / "bot.log").open("ab")
        before = log.tell()
        self.process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", "run", env=self.environment, cwd=self.folder, stderr=log
        )
        log.close()
        for _ in range(int(READY_WITHIN / 0.05)):
            if '"event": "ready"' in self.log()[before:]:
                return
            assert self.process.returncode is None, self.log()[before:]
            await asyncio.sleep(0.05)
        raise AssertionError(f"the bot was not ready in time\n{self.log()[before:]}")

    def log(self) -> str:
        return (self.folder / "bot.log").read_text("utf-8")

    async def kill(self) -> None:
        """As a power cut would."""
        await self._end(signal.SIGKILL)

    async def stop(self) -> int:
        """As a supervisor would; returns the exit status."""
        return await self._end(signal.SIGTERM)

    async def _end(self, how: signal.Signals) -> int:
        assert self.process is not None
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(how)
        status = await asyncio.wait_for(self.process.wait(), 12)
        self.process = None
        return status

    async def command(self, *arguments: str) -> Any:
        """An operator's command that prints JSON."""
        status, out, err = await self.call(*arguments)
        assert status == 0, err
        return json.loads(out)

    async def call(self, *arguments: str) -> tuple[int, str, str]:
        """Any operator's command: (status, standard output, standard error)."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bot",
            *arguments,
            env=self.environment,
            cwd=self.folder,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await process.communicate()
        return process.returncode or 0, out.decode(), err.decode()

    async def question(self, code: str) -> dict[str, Any]:
        found: dict[str, Any] = await self.command("question", code, "--json")
        return found

    async def staff(self, name: str, role: str, agency: str | None = None) -> User:
        """Somebody who followed an invitation to a role."""
        of_agency = ["--agency", agency] if agency else []
        invitation = await self.command("invite", "--role", role, *of_agency, "--json")
        person = await self.sandbox.user(name)
        await person.start(invitation["code"])
        await person.wait_for(re.compile("vai trò|cán bộ|lãnh đạo|biên tập|quản trị", re.IGNORECASE))
        return person


async def ask(citizen: User, text: str = LAND, *, name: str = "Lê Thị Mai", field: str = "Đất đai") -> str:
    """A newcomer asks, with all that is asked of a newcomer; returns the code."""
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
