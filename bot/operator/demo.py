"""`./danhoi demo`: the whole programme on one machine, with a local messenger."""

import asyncio
import contextlib
import json
import socket
import sys
import webbrowser
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web
from pydantic import SecretStr

from bot.config import ROOT, Address, Config
from bot.house.clocks import MovableClock
from bot.house.exclusive import bring_up_to_date
from bot.house.house import House
from bot.house.run import run
from bot.house.wiring import open_database
from domain.questions.life import Role
from services.operation.loading import LOADERS
from services.staff.staff import invite
from storage.agencies import agencies
from storage.engine.database import Database
from storage.people import people, roles

TOKEN = "1000001:demo"
SAMPLES = ROOT / "samples"
PROVINCE = "tỉnh An Giang"  # that of the sample agencies, where none is configured
START_WITHIN = 20.0  # seconds
HOLD_MINUTES = 0.2  # of broadcasts

# Invented people; the messenger's ids are ours to choose in the demo.
PEOPLE: tuple[dict[str, Any], ...] = (
    {"id": 101, "first_name": "Bà Lê Thị Mai", "role_label": "Người dân", "language_code": "vi"},
    {"id": 301, "first_name": "Võ Ngọc Lan", "role_label": "Biên tập", "role": Role.EDITOR},
    {
        "id": 201,
        "first_name": "Trần Văn Bình",
        "role_label": "Cán bộ Sở NN&MT",
        "role": Role.OFFICER,
        "agency": "SNNMT",
    },
    {
        "id": 202,
        "first_name": "Phạm Thu Hà",
        "role_label": "Lãnh đạo Sở NN&MT",
        "role": Role.LEADER,
        "agency": "SNNMT",
    },
    {"id": 401, "first_name": "Huỳnh Quốc Việt", "role_label": "Quản trị", "role": Role.ADMIN},
    {"id": 102, "first_name": "Ông Danh Sóc", "role_label": "Người dân", "language_code": "vi"},
    {
        "id": 203,
        "first_name": "Ngô Minh Đức",
        "role_label": "Cán bộ Sở Xây dựng",
        "role": Role.OFFICER,
        "agency": "SXD",
    },
)


class DemoFailed(Exception):
    """The demo can't start.

    The text is the sentence to print.
    """


async def demo(config: Config, *, port: int, data: Path | None, browser: bool) -> None:
    """Run messenger and bot until told to stop.

    Prints `ready: <address>` when usable. Raises `DemoFailed`.
    """
    folder = (data or ROOT / "data" / "demo").resolve()
    folder.mkdir(parents=True, exist_ok=True)
    clock = MovableClock()
    async with _clock_address(clock) as clock_url, _messenger(folder, port, clock_url) as address:
        configured = _on(config, folder, address)
        database = open_database(configured, clock)
        try:
            await bring_up_to_date(database)
            await _load_samples(database)
            clock.offset = await _clock_offset(address)
            await _bring_staff(database, address)
        finally:
            await database.close()
        ready = asyncio.create_task(_announce(address, browser=browser))
        try:
            await run([House(configured, clock)])
        finally:
            ready.cancel()


def _on(config: Config, folder: Path, address: str) -> Config:
    """Return the configuration with the demo's own database, files, messenger and calendar address."""
    calendar_port = _free_port()
    telegram = config.telegram.model_copy(
        update={
            "token": SecretStr(TOKEN),
            "base_url": f"{address}/bot",
            "base_file_url": f"{address}/file/bot",
            "mode": "polling",
        }
    )
    storage = config.storage.model_copy(
        update={"url": SecretStr(f"sqlite+aiosqlite:///{folder / 'danhoi.db'}"), "files": folder / "files"}
    )
    http = config.http.model_copy(
        update={
            "listen": Address("127.0.0.1", calendar_port),
            "watch_listen": None,
            "public_url": f"http://127.0.0.1:{calendar_port}",
        }
    )
    programme = config.programme.model_copy(update={"province": config.programme.province or PROVINCE})
    # Long enough to see that it is held and can be stopped, short enough to wait for.
    held = min(config.broadcasts.hold_minutes, HOLD_MINUTES)
    broadcasts = config.broadcasts.model_copy(update={"hold_minutes": held})
    return config.model_copy(
        update={
            "programme": programme,
            "telegram": telegram,
            "storage": storage,
            "http": http,
            "broadcasts": broadcasts,
        }
    )


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextlib.asynccontextmanager
async def _clock_address(clock: MovableClock) -> AsyncIterator[str]:
    """Yield the address that the messenger's page calls to move time."""

    async def move(request: web.Request) -> web.Response:
        if "Origin" in request.headers:  # a web page; the messenger has none
            raise web.HTTPForbidden
        body = await request.json()
        clock.offset = timedelta(seconds=float(body["offset_seconds"]))
        return web.json_response({"now": clock.now().isoformat()})

    app = web.Application()
    app.router.add_post("/clock", move)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/clock"
    finally:
        await runner.cleanup()


@contextlib.asynccontextmanager
async def _messenger(folder: Path, port: int, clock_url: str) -> AsyncIterator[str]:
    """Run the local messenger as a process of its own; yield its address."""
    cast = folder / "people.json"
    cast.write_text(json.dumps(PEOPLE, ensure_ascii=False, indent=1), encoding="utf-8")
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "sandbox", "--host", "127.0.0.1", "--port", str(port), "--token", TOKEN),
        *("--bot-username", "danhoi_demo_bot", "--bot-name", "Dân hỏi (thử)"),
        *("--state", str(folder / "messenger.db"), "--people", str(cast), "--clock-url", clock_url),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=None,
        # Ctrl+C is for the bot, which then stops the messenger in its turn.
        start_new_session=True,
    )
    try:
        assert process.stdout is not None
        try:
            line = (await asyncio.wait_for(process.stdout.readline(), START_WITHIN)).decode()
        except TimeoutError:
            line = ""
        if not line.startswith("sandbox: "):
            raise DemoFailed(f"the local messenger did not start; is port {port} taken? Try --port")
        yield line.removeprefix("sandbox: ").strip()
    finally:
        if process.returncode is None:
            process.terminate()
            try:
                await asyncio.wait_for(process.wait(), 5)
            except TimeoutError:
                process.kill()
                await process.wait()


async def _load_samples(database: Database) -> None:
    """Load reference data on the first start only, so that later changes stay."""
    async with database.work() as work:
        if await agencies.all_fields(work):
            return
        for what in ("fields", "agencies", "days", "slots"):
            await LOADERS[what](work, (SAMPLES / f"{what}.csv").read_text(encoding="utf-8"))
        await LOADERS["episodes"](work, (SAMPLES / "episodes_2024.csv").read_text(encoding="utf-8"))


async def _clock_offset(address: str) -> timedelta:
    async with aiohttp.ClientSession() as session, session.get(f"{address}/sandbox/state") as response:
        return timedelta(seconds=float((await response.json())["clock"]["offset_seconds"]))


async def _bring_staff(database: Database, address: str) -> None:
    """Let each of the sample staff follow an invitation of their own, as real staff would."""
    async with aiohttp.ClientSession() as session:
        for one in PEOPLE:
            if "role" not in one:
                continue
            async with database.work() as work:
                known = await people.at(work, "telegram", str(one["id"]))
                if known is not None and await roles.of_person(work, known.id):
                    continue
                agency = await agencies.by_code(work, one["agency"]) if "agency" in one else None
                code, _ = await invite(work, one["role"], agency)
            url = f"{address}/sandbox/users/{one['id']}/start"
            async with session.post(url, json={"parameter": code}) as response:
                response.raise_for_status()


async def _announce(address: str, *, browser: bool) -> None:
    """Print that the demo is usable, once the bot has fetched what waited for it.

    By then its staff have their roles.
    """
    async with aiohttp.ClientSession() as session:
        while True:
            async with session.get(f"{address}/sandbox/state") as response:
                if (await response.json())["pending_updates"] == 0:
                    break
            await asyncio.sleep(0.1)
    sys.stdout.write(f"ready: {address}/\n")
    sys.stdout.flush()
    if browser:
        await asyncio.to_thread(webbrowser.open, f"{address}/")
