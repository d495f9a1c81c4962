"""Files that people sent: fetched whole or not at all, kept under their checksum, swept when nothing needs them."""

import resource
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.lists.erasures import place_of
from bot.loops.fetcher import MEGABYTE, Fetcher, keep, sweep
from channels.outgoing import Busy, DeliveryError, FileTooLarge, Interrupted, Outgoing, Rejected, Unavailable
from storage.delivery import files
from storage.delivery.files import FileState
from storage.engine.database import Database
from storage.people import people
from storage.tables import files as files_table
from tests.conftest import SetClock
from tests.worlds.chat import House
from tests.worlds.offices import Offices

CONTENT = b"anh chup so do"


class Messenger:
    """Gives one file, and fails when told to."""

    def __init__(self) -> None:
        self.failures: list[DeliveryError] = []
        self.content = CONTENT

    async def deliver(self, message: Outgoing) -> str | None:
        raise NotImplementedError

    async def deliver_album(self, message: Outgoing) -> list[str]:
        raise NotImplementedError

    async def fetch(self, remote_id: str, limit: int) -> bytes:
        if self.failures:
            raise self.failures.pop(0)
        return self.content


@pytest.fixture
def messenger() -> Messenger:
    return Messenger()


@pytest.fixture
def fetcher(database: Database, messenger: Messenger, tmp_path: Path) -> Fetcher:
    return Fetcher(database, {"telegram": messenger}, tmp_path / "files")


async def noted(database: Database, name: str = "../../etc/passwd") -> int:
    async with database.work() as work:
        person = await people.seen(work, channel="telegram", address="1", display_name="Mai", language="vi")
        return await files.add(
            work,
            person_id=person.id,
            kind="document",
            remote_id="x",
            name=name,
            content_type="application/pdf",
        )


async def state(database: Database, file_id: int) -> str:
    async with database.reading() as work:
        (row,) = await files.by_ids(work, [file_id])
        return str(row.state)


async def test_a_file_is_kept_under_its_checksum_whatever_its_sender_called_it(
    database: Database, fetcher: Fetcher, tmp_path: Path
) -> None:
    file_id = await noted(database)
    assert await fetcher.fetch_some() == 1
    checksum = sha256(CONTENT).hexdigest()
    assert place_of(tmp_path / "files", checksum).read_bytes() == CONTENT
    assert [path.name for path in (tmp_path / "files").rglob("*") if path.is_file()] == [checksum]
    async with database.reading() as work:
        (row,) = await files.by_ids(work, [file_id])
    assert (row.state, row.checksum, row.size) == (FileState.KEPT, checksum, len(CONTENT))


@pytest.mark.parametrize("failure", [Busy(3), Interrupted("500")])
async def test_a_fetch_that_fails_is_tried_again_later(
    database: Database, fetcher: Fetcher, messenger: Messenger, clock: SetClock, failure: DeliveryError
) -> None:
    file_id = await noted(database)
    messenger.failures = [failure]
    await fetcher.fetch_some()
    assert await state(database, file_id) == FileState.PENDING
    assert await fetcher.fetch_some() == 0
    clock.move(seconds=5)
    await fetcher.fetch_some()
    assert await state(database, file_id) == FileState.KEPT


async def test_a_messenger_that_gives_no_file_for_now_is_asked_for_no_other_meanwhile(
    database: Database, fetcher: Fetcher, messenger: Messenger, clock: SetClock
) -> None:
    first = await noted(database)
    messenger.failures = [Busy(30), Rejected("asked too soon")]
    await fetcher.fetch_some()
    second = await noted(database)
    clock.move(seconds=29)
    assert await fetcher.fetch_some() == 1
    assert await fetcher.fetch_some() == 0
    clock.move(seconds=1)
    messenger.failures = []
    await fetcher.fetch_some()
    assert [await state(database, one) for one in (first, second)] == [FileState.KEPT] * 2


async def test_a_file_the_messenger_no_longer_gives_is_lost_and_not_asked_for_again(
    database: Database, fetcher: Fetcher, messenger: Messenger, clock: SetClock
) -> None:
    file_id = await noted(database)
    messenger.failures = [Rejected("wrong file identifier")]
    await fetcher.fetch_some()
    assert await state(database, file_id) == FileState.LOST
    clock.move(days=1)
    assert await fetcher.fetch_some() == 0


async def test_a_file_that_is_not_there_for_now_is_asked_for_later_and_later_for_a_day(
    database: Database, fetcher: Fetcher, messenger: Messenger, clock: SetClock
) -> None:
    file_id = await noted(database)
    asked, begun = 0, clock.now()
    messenger.failures = [Unavailable("wrong file_id or the file is temporarily unavailable")] * 100
    while clock.now() - begun < timedelta(hours=23):
        asked += await fetcher.fetch_some()
        assert await state(database, file_id) == FileState.PENDING
        clock.move(minutes=1)
    assert 20 < asked < 50
    messenger.failures = []
    clock.move(hours=1)
    await fetcher.fetch_some()
    assert await state(database, file_id) == FileState.KEPT


async def test_after_a_day_the_editors_hear_whose_file_is_lost_and_not_what_it_is_called(
    database: Database, application: object, fetcher: Fetcher, messenger: Messenger, clock: SetClock
) -> None:
    offices = await Offices.open(House(database, application))
    code = await offices.ask()
    question = await offices.question(code)
    file_id, of_draft = await noted(database, "to-cao.pdf"), await noted(database)
    async with database.work() as work:
        await work.run(
            sa.update(files_table).where(files_table.c.id == file_id).values(question_id=question.id)
        )
    messenger.failures = [Unavailable("temporarily unavailable")] * 4
    await fetcher.fetch_some()
    clock.move(days=1)
    assert await fetcher.fetch_some() == 2
    assert await state(database, file_id) == await state(database, of_draft) == FileState.LOST
    clock.move(days=1)
    assert await fetcher.fetch_some() == 0
    await offices.house.deliver()
    (told,) = offices.editor.saying("không lưu lại được")
    assert code in told.text
    assert "to-cao" not in told.text
    assert told.labels == [code]
    assert offices.officer.saying("không lưu lại được") == []


async def test_what_is_too_large_to_fetch_is_not_asked_for_again(
    database: Database, fetcher: Fetcher, messenger: Messenger, clock: SetClock
) -> None:
    file_id = await noted(database)
    messenger.failures = [FileTooLarge("file is too big")]
    await fetcher.fetch_some()
    assert await state(database, file_id) == FileState.AWAY
    clock.move(days=1)
    assert await fetcher.fetch_some() == 0


async def test_a_file_larger_than_its_sender_was_allowed_is_not_kept_whatever_was_announced(
    database: Database, fetcher: Fetcher, messenger: Messenger, tmp_path: Path
) -> None:
    most = database.programme.file_megabytes * MEGABYTE
    for size, expected in ((most + 1, FileState.AWAY), (most, FileState.KEPT)):
        messenger.content = b"." * size
        file_id = await noted(database)
        await fetcher.fetch_some()
        assert await state(database, file_id) == expected
    kept = [path.stat().st_size for path in (tmp_path / "files").rglob("*") if path.is_file()]
    assert kept == [most]


async def test_what_nothing_refers_to_is_swept_and_what_somebody_sent_stays(
    database: Database, fetcher: Fetcher, tmp_path: Path
) -> None:
    await noted(database)
    await fetcher.fetch_some()
    orphan = sha256(b"dropped").hexdigest()
    keep(tmp_path / "files", orphan, b"dropped")
    assert await sweep(database, tmp_path / "files") == 0  # too young: its row may be on its way
    assert await sweep(database, tmp_path / "files", older_than=-1) == 1
    assert not place_of(tmp_path / "files", orphan).exists()
    assert place_of(tmp_path / "files", sha256(CONTENT).hexdigest()).exists()


async def test_the_same_content_sent_twice_at_once_is_kept_once(
    database: Database, fetcher: Fetcher, tmp_path: Path
) -> None:
    ids = [await noted(database, f"{turn}.pdf") for turn in range(4)]
    assert await fetcher.fetch_some() == 4
    assert [await state(database, file_id) for file_id in ids] == [FileState.KEPT] * 4
    assert len([path for path in (tmp_path / "files").rglob("*") if path.is_file()]) == 1


def test_of_a_file_for_which_there_is_no_room_nothing_stays_behind(tmp_path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, hard))
    try:
        with pytest.raises(OSError, match="large"):
            keep(tmp_path, "ab" * 32, bytes(2 << 20))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


async def test_a_full_disk_is_waited_out(
    database: Database, fetcher: Fetcher, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_args: object) -> None:
        raise OSError(28, "No space left on device")

    file_id = await noted(database)
    with monkeypatch.context() as patched:
        patched.setattr("bot.loops.fetcher.keep", full)
        await fetcher.fetch_some()
    assert await state(database, file_id) == FileState.PENDING
    clock.move(hours=2)
    await fetcher.fetch_some()
    assert await state(database, file_id) == FileState.KEPT
