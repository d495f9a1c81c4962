"""A backup is taken beside writers, comes back whole on either database, and is refused when it is not what it says."""

import json
import os
import tarfile
from hashlib import sha256
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.house.exclusive import AlreadyRunning, only_one
from bot.lists.erasures import BadList, place_of, read_list, write_list
from bot.loops.fetcher import keep
from bot.operator.backup import BadBackup, NotEmpty, make, restore
from services.people.actors import actor_of
from services.privacy import erasing
from storage.engine.backup import snapshot
from storage.engine.database import Database
from storage.operation import audit
from storage.people import people
from storage.tables import erasures, history, questions
from storage.tables import files as files_table
from tests.worlds.world import World

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
    after = await everything(database)
    (restored,) = [line for line in after["audit"] if line not in before["audit"]]
    assert '"restored"' in restored  # and the audit log's head, among the facts
    for table in before.keys() - {"audit", "facts"}:
        assert after[table] == before[table], table
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


async def erased(database: Database, person_id: int) -> None:
    async with database.work() as work:
        await erasing.erase_oneself(
            work, await actor_of(work, await people.by_id(work, person_id)), update_id=0
        )


@pytest.fixture
async def asker_id(database: Database, folder: Path) -> int:
    async with database.reading() as work:
        person = await people.at(work, "telegram", "chat of asker")
    assert person is not None
    return int(person.id)


@pytest.mark.parametrize("known_by", ["the database", "the list beside the files", "a list of one's own"])
async def test_who_was_erased_after_the_backup_is_erased_again(
    database: Database, folder: Path, tmp_path: Path, asker_id: int, known_by: str
) -> None:
    copy = tmp_path / "copy.tar"
    await make(database, folder, copy)
    await erased(database, asker_id)
    await write_list(database, folder)
    mine = None
    if known_by != "the database":
        async with database.work() as work:
            await work.run(sa.delete(erasures))  # as on a new machine
    if known_by == "a list of one's own":
        mine = tmp_path / "copied.jsonl"
        (folder / "erasures.jsonl").rename(mine)
    elif known_by == "the database":
        (folder / "erasures.jsonl").unlink()

    restored = await restore(database, folder, copy, force=True, erasures=mine)
    assert restored.erased_again == 1
    async with database.reading() as work:
        person = await people.by_id(work, asker_id)
        assert (person.full_name, person.address) == (None, None)
        assert not await work.all(sa.select(files_table))
        said = [row.act for row in await audit.listed(work, 3)]
        assert said == ["erasures_replayed", "erased", "restored"]
        assert await audit.first_broken(work) is None
    assert not place_of(folder, CHECKSUM).exists()
    assert "Họ Tên asker" not in str(await everything(database))
    assert [one.person_id for one in read_list(folder / "erasures.jsonl")] == [asker_id]
    # a second time there is nothing left to do but what the same backup brings back
    assert (await restore(database, folder, copy, force=True)).erased_again == 1


async def test_one_of_another_database_with_the_same_number_is_left_alone(
    database: Database, folder: Path, tmp_path: Path, asker_id: int
) -> None:
    await make(database, folder, tmp_path / "copy.tar")
    line = {
        "person": asker_id,
        "created_at": "2020-01-01T00:00:00+00:00",
        "erased_at": "2020-01-02T00:00:00+00:00",
    }
    (folder / "erasures.jsonl").write_text(json.dumps(line), "utf-8")
    assert (await restore(database, folder, tmp_path / "copy.tar", force=True)).erased_again == 0


@pytest.mark.parametrize(
    "written", [None, "not a list", '{"person": 1}', '{"person": "x", "created_at": 1, "erased_at": 2}']
)
async def test_a_list_that_is_none_is_refused_and_changes_nothing(
    database: Database, folder: Path, tmp_path: Path, written: str | None
) -> None:
    await make(database, folder, tmp_path / "copy.tar")
    before = await everything(database)
    if written is not None:
        (tmp_path / "list.jsonl").write_text(written, "utf-8")
    with pytest.raises(BadList):
        await restore(database, folder, tmp_path / "copy.tar", force=True, erasures=tmp_path / "list.jsonl")
    assert await everything(database) == before
