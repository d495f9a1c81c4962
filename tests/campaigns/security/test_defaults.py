"""What holds where nobody configured anything: files are their owner's, ports and pages this machine's."""

import asyncio
import os
import re
import sqlite3
import stat
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from typer.testing import CliRunner

from bot.config import (
    SECRETS,
    SECTIONS,
    Address,
    Config,
    HttpSettings,
    hook_secret,
    is_this_machine,
    load_config,
)
from bot.house.clocks import MovableClock, SystemClock
from bot.house.health_routes import Standing, Watch
from bot.house.http import AiringCalendar, serving
from bot.house.logs import Damped
from bot.operator import commands, demo, doctor
from sandbox import process as sandbox_process
from sandbox.client import Sandbox
from sandbox.http.server import serve
from sandbox.state.store import Store
from sandbox.state.world import World
from storage.engine.database import Database
from tests.worlds import programme
from tests.worlds.office import TOKEN, Office, ask

ROOT = Path(__file__).parents[3]


def open_to_all() -> None:
    """In the process: the machine's own mask, as most machines have it."""
    os.umask(0o022)


@contextmanager
def mask(bits: int) -> Iterator[None]:
    before = os.umask(bits)
    try:
        yield
    finally:
        os.umask(before)


def loose(folder: Path) -> list[str]:
    """What others than the owner may do anything with, of a folder and all below it."""
    found = []
    for path in (folder, *folder.rglob("*")):
        with suppress(FileNotFoundError):  # a temporary file, gone meanwhile
            if stat.S_IMODE(path.stat().st_mode) & 0o077:
                found.append(f"{path.relative_to(folder.parent)} {path.stat().st_mode:o}")
    return found


# --- files --------------------------------------------------------------------------------------------------------


async def test_all_that_the_bot_and_its_commands_write_is_for_their_owner(tmp_path: Path) -> None:
    data = tmp_path / "data"
    world = World(Store(None), TOKEN, "sandbox_bot", "Sandbox Bot")
    async with serve(world, "127.0.0.1", 0) as messenger, Sandbox.connect(messenger) as sandbox:
        office = Office(tmp_path, messenger, sandbox, f"sqlite+aiosqlite:///{data}/base/danhoi.db")
        office.settings["DANHOI_STORAGE__FILES"] = str(data / "kept" / "files")
        with mask(0o022):
            for what in ("fields", "agencies", "days"):
                status, _, err = await office.call("load", what, str(ROOT / "samples" / f"{what}.csv"))
                assert status == 0, err
            await office.start(open_to_all)
            admin, citizen = await office.staff("Đỗ Quản Trị", "admin"), await sandbox.user("Mai")
            await citizen.upload(b"%PDF", name="don.pdf", caption="Xin hỏi bao giờ có sổ đỏ ở xã Hòn Đất ạ?")
            await ask(citizen)
            await admin.send("/xuatso tất cả")
            await admin.wait_for("Tệp có thông tin cá nhân")
            await citizen.send("/xoadulieu")
            await citizen.wait_for("Xác nhận")
            await citizen.press("Xác nhận")
            erasures = data / "kept" / "files" / "erasures.jsonl"
            async with asyncio.timeout(60):
                while not await asyncio.to_thread(erasures.exists):
                    await office.command("tick", "--json")
            assert loose(data) == []  # with the log of SQLite, while it runs
            names = {path.name for path in data.rglob("*")}
            assert {"danhoi.db", "danhoi.db-wal", "danhoi.db-shm", "danhoi.db.run", "erasures.jsonl"} <= names
            (data / "copies").mkdir(0o700)
            status, _, err = await office.call("backup", str(data / "copies" / "all.tar"))
            assert status == 0, err
            assert await office.stop() == 0
        assert loose(data) == []


async def test_the_demo_and_its_messenger_write_for_their_owner(tmp_path: Path) -> None:
    out, data = tmp_path / "out", tmp_path / "demo"
    arguments = ["demo", "--no-browser", "--port", "0", "--data", str(data)]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DANHOI_")}
    running = programme.start(
        arguments,
        env=environment | {"PYTHONPATH": str(ROOT)},
        cwd=tmp_path,
        out=out,
        err=tmp_path / "err",
        before=open_to_all,
    )
    async with asyncio.timeout(120):
        while not (out.exists() and "ready: " in out.read_text("utf-8")):
            assert running.exitcode is None
            await asyncio.sleep(0.05)
    assert {"danhoi.db", "messenger.db", "people.json"} <= {path.name for path in data.iterdir()}
    assert loose(data) == []
    running.terminate()
    assert await programme.ended(running, 20) == 0


async def test_the_messenger_by_itself_writes_for_its_owner(tmp_path: Path) -> None:
    state = tmp_path / "state"
    with mask(0o022):
        async with sandbox_process.running("--state", str(state / "messenger.db")):
            assert loose(state) == []


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """The configuration of somebody who keeps everything to themself; returns its file."""
    with mask(0o077):
        (tmp_path / "etc").mkdir()
        (tmp_path / "etc" / "files").mkdir()
        (tmp_path / "etc" / "base").mkdir()
        for name in (
            "files/erasures.jsonl",
            "files/endings.jsonl",
            "files/audit-heads.jsonl",
            "base/danhoi.db-wal",
            "base/danhoi.db-shm",
            "base/danhoi.db.run",
        ):
            (tmp_path / "etc" / name).touch()
        config = tmp_path / "etc" / "config.toml"
        config.write_text('[storage]\nurl = "sqlite+aiosqlite:///base/danhoi.db"\nfiles = "files"\n', "utf-8")
        with closing(sqlite3.connect(tmp_path / "etc" / "base" / "danhoi.db")):
            (tmp_path / "etc" / "base" / "danhoi.db").touch()
    return config


async def access(config: Path, **environment: str) -> tuple[bool, str]:
    found = await doctor.examine(config, environment, SystemClock())
    (one,) = [one for one in found if one.name == "access"]
    assert one.ok, "an office may share them on purpose: the exit status stays"
    return not one.warns, one.says


@pytest.mark.parametrize("mode", [0o604, 0o640, 0o660, 0o622])
@pytest.mark.parametrize(
    "name",
    [
        *(f"base/danhoi.db{end}" for end in ("", "-wal", "-shm", ".run")),
        "files/erasures.jsonl",
        "files/endings.jsonl",
        "files",
        "base",
    ],
)
async def test_the_doctor_names_what_others_may_read_or_write(installed: Path, name: str, mode: int) -> None:
    place = installed.parent / name
    mode |= 0o100 if place.is_dir() else 0
    place.chmod(mode)
    ok, says = await access(installed)
    assert not ok
    assert f"{place} ({mode:04o})" in says
    with suppress(FileNotFoundError):  # SQLite's own, which went as it was opened
        place.chmod(mode & 0o700)
    assert await access(installed) == (True, "")


@pytest.mark.parametrize(("mode", "named"), [(0o600, False), (0o644, False), (0o620, True), (0o602, True)])
async def test_the_doctor_names_last_seals_that_others_may_change(
    installed: Path, mode: int, named: bool
) -> None:
    """Reading them harms nobody: they are there to be compared."""
    heads = installed.parent / "files" / "audit-heads.jsonl"
    heads.chmod(mode)
    ok, says = await access(installed)
    assert ok is not named
    assert (f"{heads} ({mode:04o})" in says) is named


def test_every_secret_of_the_configuration_is_one_that_the_doctor_looks_for() -> None:
    held = {
        (section, key)
        for section, model in SECTIONS.items()
        for key, field in model.model_fields.items()
        if "SecretStr" in str(field)
    }
    assert held == set(SECRETS)


def rewrite(config: Path, written: str, mode: int) -> None:
    kept = "" if "[storage]" in written else config.read_text("utf-8")
    config.write_text(f"{kept}\n{written}\n", "utf-8")
    config.chmod(mode)


PASSWORD = 'url = "postgresql+asyncpg://danhoi:secret@127.0.0.1:1/danhoi"'


@pytest.mark.parametrize(
    ("written", "mode", "holds"),
    [
        ('[telegram]\ntoken = "1:secret"', 0o644, "telegram.token"),
        ('[telegram]\ntoken = "1:secret"', 0o660, "telegram.token"),
        ('[telegram]\ntoken = "1:secret"', 0o640, ""),  # deploy/README.md: the service's group reads it
        ('[telegram]\ntoken = ""', 0o644, ""),
        ("", 0o644, ""),
        (f'[telegram]\nwebhook_secret = "{"s" * 24}"', 0o604, "telegram.webhook_secret"),
        (f'[privacy]\naudit_keys = ["{"k" * 24}"]', 0o644, "privacy.audit_keys"),
        ("[privacy]\naudit_keys = []", 0o644, ""),
        (f"[storage]\n{PASSWORD}", 0o644, "storage.url"),
        (f"[storage]\n{PASSWORD.replace(':secret', '')}", 0o644, ""),
    ],
)
async def test_the_doctor_names_a_configuration_whose_secrets_others_may_read(
    installed: Path, written: str, mode: int, holds: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def unasked(*_: object) -> list[doctor.Finding]:
        return []

    monkeypatch.setattr(doctor, "_messenger", unasked)
    rewrite(installed, written, mode)
    ok, says = await access(installed, DANHOI_STORAGE__FILES=str(installed.parent / "files"))
    assert ok == (not holds)
    assert holds in says
    assert "secret@" not in says
    assert "1:secret" not in says
    if holds:
        assert f"{installed} ({mode:04o})" in says


# --- ports --------------------------------------------------------------------------------------------------------


def test_nothing_listens_for_other_machines_unless_told_to() -> None:
    config = Config()
    assert is_this_machine(config.telegram.webhook_listen.host)
    assert (config.http.listen, config.http.watch_listen) == (None, None)
    limits = config.limits
    for most in (limits.messages_per_minute, limits.questions_per_day, limits.files_per_day):
        assert most > 0


@pytest.mark.parametrize(
    ("host", "near"),
    [
        *((host, True) for host in ("127.0.0.1", "127.8.8.8", "::1", "localhost")),
        *(
            (host, False)
            for host in ("0.0.0.0", "::", "10.0.0.1", "danhoi.vn", "localhost.evil.vn", "", "127.1")
        ),
    ],
)
def test_which_addresses_are_this_machine(host: str, near: bool) -> None:
    assert is_this_machine(host) is near


SIGNS = {"/healthz", "/readyz"}


@pytest.mark.parametrize(
    ("listen", "watch", "answered"),
    [
        ("127.0.0.1", None, {*SIGNS, "/metrics"}),
        ("0.0.0.0", None, SIGNS),
        ("127.0.0.1", "127.0.0.1", set()),
        ("0.0.0.0", "127.0.0.1", set()),
        (None, "127.0.0.1", set()),
    ],
)
async def test_beside_the_calendar_strangers_find_what_watches_the_bot_only_where_it_has_no_port_of_its_own(
    database: Database, listen: str | None, watch: str | None, answered: set[str]
) -> None:
    at = HttpSettings(
        listen=None if listen is None else Address(listen, 8081),
        watch_listen=None if watch is None else Address(watch, 8082),
    )
    watching = Watch(database, Standing(started=True))
    assert {route.path for route in watching.routes_beside(at)} == answered
    routes = [*AiringCalendar(database).routes(), *watching.routes_beside(at)]
    async with serving(Address("127.0.0.1", 0), routes) as port, aiohttp.ClientSession() as session:
        for path in ("/lich.ics", *SIGNS, "/metrics"):
            async with session.get(f"http://127.0.0.1:{port}{path}") as answer:
                assert answer.status == (200 if path in (*answered, "/lich.ics") else 404), path


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Host": "localhost:9"}, 200),
        ({"Host": "[::1]:9"}, 200),
        ({"Host": "dan.example.vn"}, 404),
        ({"Host": "127.0.0.1.evil.vn"}, 404),
        ({"Host": "evil.vn:8081"}, 404),
        ({"X-Forwarded-For": "203.0.113.5"}, 404),
        ({"Forwarded": "for=203.0.113.5"}, 404),
    ],
)
async def test_numbers_of_this_machine_are_told_to_nobody_behind_a_proxy_or_by_a_foreign_name(
    database: Database, headers: dict[str, str], status: int
) -> None:
    async with (
        serving(Address("127.0.0.1", 0), Watch(database, Standing()).routes()) as port,
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{port}/metrics", headers=headers) as answer,
    ):
        assert answer.status == status


def test_a_secret_that_is_made_is_long_and_belongs_to_a_token_and_an_address() -> None:
    def made(token: str, url: str) -> str:
        env = {
            "DANHOI_TELEGRAM__MODE": "webhook",
            "DANHOI_TELEGRAM__TOKEN": token,
            "DANHOI_TELEGRAM__WEBHOOK_URL": url,
        }
        return hook_secret(load_config(None, env)).get_secret_value()

    all_of_them = [
        made(token, url) for token in ("1:a", "1:b") for url in ("https://a.vn/h", "https://b.vn/h")
    ]
    assert len(set(all_of_them)) == 4
    assert all(re.fullmatch("[A-Za-z0-9_-]{64}", one) for one in all_of_them)
    assert made("1:a", "https://a.vn/h") == all_of_them[0]


def test_what_strangers_cause_is_worth_a_line_at_the_first_second_fourth_eighth_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = 1000.0
    monkeypatch.setattr("bot.house.logs.time.monotonic", lambda: now)
    damped = Damped()
    assert [one for one in (damped.worth_a_line() for _ in range(1000)) if one] == [
        2**power for power in range(10)
    ]
    now += 60
    assert [damped.worth_a_line() for _ in range(3)] == [1, 2, 0]


def test_the_deployment_keeps_files_to_their_owner_and_numbers_away_from_the_calendar() -> None:
    service = (ROOT / "deploy" / "danhoi.service").read_text("utf-8")
    assert "UMask=0077" in service
    assert "StateDirectoryMode=0700" in service
    assert "DANHOI_HTTP__WATCH_LISTEN=" in (ROOT / "deploy" / "Containerfile").read_text("utf-8")
    for line in (*service.splitlines(), *(ROOT / "deploy" / "Containerfile").read_text("utf-8").splitlines()):
        if line.startswith(("ExecStart", "ENTRYPOINT", "CMD")):
            assert "TOKEN" not in line  # whoever lists processes reads their arguments


# --- the demo's page ----------------------------------------------------------------------------------------------


@pytest.fixture
async def page() -> AsyncIterator[tuple[aiohttp.ClientSession, str]]:
    world = World(Store(None), TOKEN, "sandbox_bot", "Sandbox Bot")
    async with serve(world, "127.0.0.1", 0) as url, aiohttp.ClientSession() as session:
        async with session.post(f"{url}/sandbox/users", json={"first_name": "Mai", "id": 101}) as made:
            assert made.status == 200
        yield session, url


ASKED: list[tuple[str, str, dict[str, Any]]] = [
    ("GET", "/", {}),
    ("GET", "/page/app.js", {}),
    ("GET", "/sandbox/state", {}),
    ("GET", "/sandbox/events", {}),
    ("GET", "/sandbox/chats/101/messages", {}),
    ("POST", "/sandbox/users", {"json": {"first_name": "x"}}),
    ("POST", "/sandbox/users/101/send", {"data": '{"text": "x"}', "headers": {"Content-Type": "text/plain"}}),
    ("DELETE", "/sandbox/faults", {}),
    ("GET", f"/bot{TOKEN}/getMe", {}),
    ("POST", f"/bot{TOKEN}/getUpdates", {}),
    ("GET", f"/file/bot{TOKEN}/x", {}),
    ("GET", "/nowhere", {}),
]


@pytest.mark.parametrize(
    "foreign",
    [
        {"Host": "evil.example"},
        {"Host": "127.0.0.1.evil.example:8080"},
        {"Host": "localhost.evil.example"},
        {"Host": "evil.example:8080", "Origin": "http://evil.example:8080"},
        {"Host": "[::2]:8080"},
        {"Host": ""},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
    ],
    ids=lambda foreign: ",".join(foreign.values()) or "none",
)
async def test_the_messenger_answers_no_foreign_page_by_whatever_name(
    page: tuple[aiohttp.ClientSession, str], foreign: dict[str, str]
) -> None:
    session, url = page
    for method, path, more in ASKED:
        headers = more.get("headers", {}) | foreign
        async with session.request(method, url + path, **(more | {"headers": headers})) as answer:
            assert answer.status == 403, (path, await answer.text())
    async with session.get(f"{url}/sandbox/users") as answer:
        assert [one["id"] for one in (await answer.json())["users"]] == [101]


@pytest.mark.parametrize("host", ["127.0.0.1:{}", "localhost:{}", "LOCALHOST", "[::1]:{}", "127.0.0.1:1"])
async def test_the_messenger_answers_this_machine(page: tuple[aiohttp.ClientSession, str], host: str) -> None:
    session, url = page
    name = host.format(url.rpartition(":")[2])
    for headers in (
        {"Host": name},
        {"Host": name, "Origin": f"http://{name}", "Sec-Fetch-Site": "same-origin"},
    ):
        for path in ("/", "/page/app.js", "/sandbox/state", f"/bot{TOKEN}/getMe"):
            async with session.get(url + path, headers=headers) as answer:
                assert answer.status == 200, (headers, path)


async def test_what_a_foreign_page_embeds_of_the_messenger_is_not_given(
    page: tuple[aiohttp.ClientSession, str],
) -> None:
    """A picture, a script, a form without origin: the browser says from where."""
    session, url = page
    for site in ("cross-site", "same-site"):
        for path, status in (
            ("/", 200),
            ("/sandbox/state", 403),
            (f"/bot{TOKEN}/getMe", 403),
            ("/page/app.js", 403),
        ):
            async with session.get(url + path, headers={"Sec-Fetch-Site": site}) as answer:
                assert answer.status == status, (site, path)
                assert answer.headers["X-Frame-Options"] == "DENY"
                assert answer.headers["X-Content-Type-Options"] == "nosniff"
                assert answer.headers["Referrer-Policy"] == "no-referrer"
                assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
                assert "aiohttp" not in answer.headers["Server"]


async def test_no_page_moves_the_clock_of_the_demo() -> None:
    clock, body = MovableClock(), '{"offset_seconds": 86400}'
    async with demo._clock_address(clock) as url, aiohttp.ClientSession() as session:
        for headers, status, seconds in (({"Origin": "https://evil.example"}, 403, 0), ({}, 200, 86400)):
            async with session.post(url, data=body, headers=headers) as answer:
                assert answer.status == status
            assert clock.offset.total_seconds() == seconds


def test_the_doctor_names_the_file_of_last_seals_that_it_cannot_read(tmp_path: Path) -> None:
    """Also where it is the configuration's, such as a folder that stands for it by mistake."""
    config = tmp_path / "config.toml"
    config.write_text(f'[storage]\naudit_heads = "{tmp_path}"\n', "utf-8")
    said = CliRunner().invoke(commands.app, ["doctor", "--config", str(config)])
    assert said.exit_code == 1
    assert f"{tmp_path} cannot be read: Is a directory" in said.output
