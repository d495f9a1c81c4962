"""A backup made by an enemy, whole by its own manifest: refused with a sentence, nothing changed, nothing outside."""

import asyncio
import gzip
import io
import json
import tarfile
import time
import tracemalloc
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.operator import backup
from bot.operator.backup import BadBackup, make, restore
from storage.engine.database import Database
from storage.tables import Row, people
from tests.worlds.world import World

Parts = dict[str, bytes]


def rows(*lines: str) -> bytes:
    return gzip.compress("\n".join(lines).encode())


def rewritten(copy: Path, change: Callable[[Parts], None]) -> None:
    """The same backup with other parts, and a manifest that says that it is whole."""
    with tarfile.open(copy) as tar:
        parts = {part.name: tar.extractfile(part).read() for part in tar}  # type: ignore[union-attr]
    manifest = json.loads(parts.pop("manifest.json"))
    change(parts)
    manifest["parts"] = {name: sha256(content).hexdigest() for name, content in parts.items()}
    with tarfile.open(copy, "w") as tar:
        for name, content in (parts | {"manifest.json": json.dumps(manifest).encode()}).items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))


_made: dict[tuple[str, str], bytes] = {}


async def make_once(database: Database, of: str, files: Path, copy: Path) -> None:
    """A backup of what each of these tests has in its database; only what becomes of it is looked at here."""
    key = of, database.url.get_backend_name()
    if key not in _made:
        await make(database, files, copy)
        _made[key] = await asyncio.to_thread(copy.read_bytes)
    await asyncio.to_thread(copy.write_bytes, _made[key])


async def everybody(database: Database) -> list[Row]:
    async with database.reading() as work:
        return await work.all(sa.select(people).order_by(people.c.id))


OF_NOBODY = {"person_id": 9_999, "step": "x", "data": {}, "updated_at": "2026-11-02T02:00:00+00:00"}

CHANGES: dict[str, Callable[[Parts], None]] = {
    "a path upwards": lambda parts: parts.update({"tables/../../escaped.jsonl.gz": rows("{}")}),
    "an absolute path": lambda parts: parts.update({"/tmp/escaped": b"x"}),
    "a file elsewhere": lambda parts: parts.update({f"files/../{sha256(b'x').hexdigest()}": b"x"}),
    "an unknown table": lambda parts: parts.update({"tables/sqlite_master.jsonl.gz": rows('{"a": 1}')}),
    "an unknown column": lambda parts: parts.update(
        {"tables/facts.jsonl.gz": rows('{"key": "k", "evil": 1}')}
    ),
    "half a row": lambda parts: parts.update({"tables/facts.jsonl.gz": rows('{"key": "k"}')}),
    "a row twice": lambda parts: parts.update(
        {"tables/facts.jsonl.gz": rows(*['{"key": "k", "value": "1"}'] * 2)}
    ),
    "a row of nobody": lambda parts: parts.update(
        {"tables/conversations.jsonl.gz": rows(json.dumps(OF_NOBODY))}
    ),
    "a number that no database holds": lambda parts: parts.update(
        {"tables/conversations.jsonl.gz": rows(json.dumps(OF_NOBODY | {"person_id": 2**70}))}
    ),
    "no rows": lambda parts: parts.update({"tables/facts.jsonl.gz": rows("[1, 2]")}),
    "no gzip": lambda parts: parts.update({"tables/facts.jsonl.gz": b"{}"}),
    "half a gzip": lambda parts: parts.update({"tables/facts.jsonl.gz": rows('{"key": "k"}' * 500)[:-20]}),
    "an endless row": lambda parts: parts.update(
        {"tables/facts.jsonl.gz": rows(json.dumps({"key": "k", "value": "0" * 20_000_000}))}
    ),
}


@pytest.mark.parametrize("harm", CHANGES)
async def test_parts_that_no_backup_of_ours_has_are_refused(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, harm: str
) -> None:
    monkeypatch.setattr(backup, "_LONGEST_ROW", 1 << 20)
    copy, files = tmp_path / "copy.tar", tmp_path / "files"
    async with database.work() as work:
        await World.build(work)
    await make_once(database, "a world", files, copy)
    rewritten(copy, CHANGES[harm])
    before = await everybody(database)
    with pytest.raises(BadBackup) as refused:
        await restore(database, files, copy, force=True)
    assert "copy.tar" in str(refused.value)
    assert await everybody(database) == before


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.DIRTYPE])
async def test_links_and_devices_are_refused(database: Database, tmp_path: Path, kind: bytes) -> None:
    copy = tmp_path / "copy.tar"
    await make_once(database, "nobody", tmp_path / "files", copy)
    with tarfile.open(copy, "a") as tar:
        info = tarfile.TarInfo("files/link")
        info.type, info.linkname = kind, "/etc/passwd"
        tar.addfile(info)
    with pytest.raises(BadBackup):
        await restore(database, tmp_path / "files", copy, force=True)


async def test_an_archive_that_is_compressed_as_a_whole_is_not_even_opened(
    database: Database, tmp_path: Path
) -> None:
    """A gigabyte of nothing packs into a megabyte."""
    copy, packed = tmp_path / "copy.tar", tmp_path / "copy.tgz"
    await make(database, tmp_path / "files", copy)
    packed.write_bytes(gzip.compress(copy.read_bytes()))
    with pytest.raises(BadBackup):
        await restore(database, tmp_path / "files", packed, force=True)


def with_a_hole(place: Path, name: str, size: int) -> None:
    """An archive of one part that has nothing on the disk, and `size` zeros for who reads it (old GNU format)."""
    info = tarfile.TarInfo(name)
    info.type = tarfile.GNUTYPE_SPARSE
    head = bytearray(info.tobuf(tarfile.GNU_FORMAT))
    number = b"%011o\0"
    head[386:410] = number % size + number % 0  # one piece of content, of no bytes, at the end
    head[483:495] = number % size
    head[148:156] = b"%06o\0 " % (256 + sum(head[:148]) + sum(head[156:512]))
    place.write_bytes(bytes(head) + bytes(1024))


async def test_a_part_that_is_large_only_for_who_reads_it_is_refused_unread(
    database: Database, tmp_path: Path
) -> None:
    bomb = tmp_path / "bomb.tar"
    with_a_hole(bomb, f"files/{'0' * 64}", (1 << 33) - 1)
    with tarfile.open(bomb) as tar:
        assert [(part.isreg(), part.size) for part in tar] == [
            (True, (1 << 33) - 1)
        ]  # what it says to who believes it
    begun = time.process_time()
    with pytest.raises(BadBackup):
        await restore(database, tmp_path / "files", bomb, force=True)
    assert time.process_time() - begun < 2


async def test_rows_that_unpack_into_gigabytes_are_refused_before_they_fill_the_memory(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half a gigabyte in one row; a limit of a megabyte stands for ours."""
    monkeypatch.setattr(backup, "_LONGEST_ROW", 1 << 20)
    copy = tmp_path / "copy.tar"
    await make(database, tmp_path / "files", copy)
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", compresslevel=1) as stream:
        for _ in range(256):
            stream.write(b"0" * (1 << 20))
    rewritten(copy, lambda parts: parts.update({"tables/facts.jsonl.gz": packed.getvalue()}))
    assert copy.stat().st_size < 5 << 20
    packed.truncate(0)
    tracemalloc.start()
    try:
        with pytest.raises(BadBackup):
            await restore(database, tmp_path / "files", copy, force=True)
        assert tracemalloc.get_traced_memory()[1] < 40 << 20
    finally:
        tracemalloc.stop()
