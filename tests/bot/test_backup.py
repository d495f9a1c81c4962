"""A backup is taken beside writers, comes back whole on either database, and is refused when it is not what it says."""

import os
import tarfile
from hashlib import sha256
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.backup import BadBackup, NotEmpty, make, restore
from bot.erasures import place_of
from bot.fetcher import keep
from bot.single import AlreadyRunning, only_one
from storage.backup import snapshot
from storage.database import Database
from storage.tables import files as files_table
from storage.tables import history, questions
from tests.services.world import World

PHOTO = b"what a citizen photographed"
CHECKSUM = sha256(PHOTO).hexdigest()


async def everything(database: Database) -> dict[str, list[str]]:
    async with snapshot(database) as source:
        return {table: [line async for line in source.rows(table)] for table in source.tables}


@pytest.fixture
async def folder(database: Database, tmp_path: Path) -> Path:
    """The folder of kept files of a house with some history, one duplicate and one photo."""
    folder = tmp_path / "files"
    keep(folder, CHECKSUM, PHOTO)
    async with database.work() as work:
        world = await World.build(work)
        answered = await world.answered(work)
        first = await world.received(work)
        later = await world.received(work, asker=world.follower)
        await work.run(  # refers to a row that comes after it
            sa.update(questions).where(questions.c.id == first.id).values(duplicate_of_id=later.id)
        )
        await work.insert(
            files_table,
            person_id=world.asker.id,
            question_id=answered.id,
            kind="photo",
            remote_id="r",
            checksum=CHECKSUM,
            state="kept",
            next_try_at=work.now,
            created_at=work.now,
        )
    return folder


async def test_what_was_backed_up_comes_back_row_by_row_and_file_by_file(
    database: Database, folder: Path, tmp_path: Path
) -> None:
    before = await everything(database)
    await make(database, folder, tmp_path / "copy.tar")
    async with database.work() as work:
        await World.build(work)  # what happens afterwards is not in it
    place_of(folder, CHECKSUM).unlink()
    await restore(database, folder, tmp_path / "copy.tar", force=True)
    assert await everything(database) == before
    assert place_of(folder, CHECKSUM).read_bytes() == PHOTO


async def test_the_house_goes_on_where_the_backup_stood(
    database: Database, folder: Path, tmp_path: Path
) -> None:
    await make(database, folder, tmp_path / "copy.tar")
    await restore(database, folder, tmp_path / "copy.tar", force=True)
    async with database.work() as work:
        world = await World.build(work)
        question = await world.answered(work)  # ids and code numbers count on
        codes = list((await work.run(sa.select(questions.c.number).order_by(questions.c.number))).scalars())
    assert codes == list(range(1, question.number + 1))
    with pytest.raises(sa.exc.DBAPIError, match="append-only"):
        async with database.work() as work:
            await work.run(sa.delete(history))


async def test_a_snapshot_does_not_see_what_is_written_meanwhile(database: Database, folder: Path) -> None:
    async with snapshot(database) as source:
        before = [line async for line in source.rows("people")]
        async with database.work() as work:
            await World.build(work)
        assert [line async for line in source.rows("people")] == before


async def test_a_database_that_holds_something_is_overwritten_only_on_a_word(
    database: Database, folder: Path, tmp_path: Path
) -> None:
    await make(database, folder, tmp_path / "copy.tar")
    before = await everything(database)
    with pytest.raises(NotEmpty):
        await restore(database, folder, tmp_path / "copy.tar", force=False)
    assert await everything(database) == before


async def test_nothing_is_restored_under_a_bot_at_work(
    database: Database, folder: Path, tmp_path: Path
) -> None:
    await make(database, folder, tmp_path / "copy.tar")
    async with only_one(database):
        with pytest.raises(AlreadyRunning):
            await restore(database, folder, tmp_path / "copy.tar", force=True)


@pytest.mark.parametrize("harm", ["cut", "changed", "foreign", "added", "no file"])
async def test_a_damaged_backup_is_refused_and_changes_nothing(
    database: Database, folder: Path, tmp_path: Path, harm: str
) -> None:
    copy = tmp_path / "copy.tar"
    await make(database, folder, copy)
    content = copy.read_bytes()
    match harm:
        case "cut":
            copy.write_bytes(content[: len(content) // 2])
        case "changed":
            copy.write_bytes(content.replace(PHOTO, PHOTO.upper()))
        case "foreign":
            copy.write_bytes(b"PK\x03\x04 something else")
        case "added":
            with tarfile.open(copy, "a") as tar:
                tar.add(folder, "files/../../escaped")
        case "no file":
            copy.unlink()
    before = await everything(database)
    with pytest.raises(BadBackup):
        await restore(database, folder, copy, force=True)
    assert await everything(database) == before


async def test_only_its_owner_can_read_a_backup_and_none_is_left_half_made(
    database: Database, folder: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "copy.tar"
    await make(database, folder, copy)
    assert copy.stat().st_mode & 0o777 == 0o600
    await database.engine.dispose()
    with pytest.raises(FileNotFoundError):
        await make(database, folder, tmp_path / "nowhere" / "copy.tar")
    assert [name for name in os.listdir(tmp_path) if "copy" in name] == ["copy.tar"]
