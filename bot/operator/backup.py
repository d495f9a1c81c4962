"""`./danhoi backup` and `restore`: everything in one file, the same for both databases.

It is made while a `run` is at work.

The file is a tar: `tables/NAME.jsonl` in an order in which they can be filled, `files/CHECKSUM`, and last
`manifest.json`, which lists what has to be there. It holds personal data: only its owner can read it.
"""

import gzip
import hashlib
import io
import json
import re
import tarfile
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final

from bot.house.exclusive import only_one
from bot.lists import audit_heads
from bot.lists.atomic_file import whole_file
from bot.lists.endings import LIST as ENDINGS
from bot.lists.endings import known_to
from bot.lists.endings import read_list as read_endings
from bot.lists.endings import write_list as write_endings
from bot.lists.erasures import LIST as ERASURES
from bot.lists.erasures import place_of, read_list, remove_discarded, write_list
from bot.loops.fetcher import keep
from domain.privacy.audit import AuditAct
from domain.programme import offset_iso
from services.operation.endings import KINDS, Replayed, end_again
from services.privacy import erasing
from storage.engine.backup import Filling, is_empty, replacing, snapshot, tombstones_in
from storage.engine.database import Database, Work
from storage.engine.errors import UNAVAILABLE, DBAPIError
from storage.operation import audit

FORMAT = 1
_PLAIN: Final = "r:"  # as we write it: what is compressed as a whole may be a thousand times as large inside
_LONGEST_ROW = 1 << 28  # bytes of one row: a document of a few MB, with room
_TABLE = re.compile(r"tables/\w{1,63}\.jsonl\.gz")
_CHECKSUM = re.compile(r"[0-9a-f]{64}")


class BadBackup(Exception):
    """The file is not a complete backup of ours.

    The text is a sentence for the operator.
    """


class NotEmpty(Exception):
    """The database holds data that restoring would overwrite."""


@dataclass
class Manifest:
    """What a backup holds: rows of each table, and a SHA-256 of every part."""

    made_at: str
    revision: str
    rows: dict[str, int] = field(default_factory=dict)
    parts: dict[str, str] = field(default_factory=dict)
    missing_files: int = 0
    audit_head: dict[str, Any] | None = None  # how far the audit log goes in it; None in older ones


async def make(database: Database, files: Path, target: Path) -> Manifest:
    """Write a backup to `target`; it appears there whole or not at all. Raises `OSError`."""
    with whole_file(target) as out, tarfile.open(fileobj=out, mode="w") as tar:
        async with snapshot(database) as source:
            made_at = offset_iso(database.clock.now(), database.programme.timezone)
            number, seal = await source.audit_head()
            ends = {"at": made_at, "number": number, "seal": seal}
            manifest = Manifest(made_at, source.revision, audit_head=ends)
            for table in source.tables:
                with tempfile.TemporaryFile(dir=target.parent) as part:
                    count = 0
                    with gzip.GzipFile(fileobj=part, mode="wb", mtime=0) as lines:
                        async for line in source.rows(table):
                            lines.write(line.encode() + b"\n")
                            count += 1
                    _add(tar, f"tables/{table}.jsonl.gz", part, manifest)
                    manifest.rows[table] = count
            checksums = await source.file_checksums()
        for checksum in checksums:
            try:
                with place_of(files, checksum).open("rb") as kept:
                    _add(tar, f"files/{checksum}", kept, manifest)
            except FileNotFoundError:  # erased since the snapshot
                manifest.missing_files += 1
        content = json.dumps({"format": FORMAT} | vars(manifest), indent=1).encode()
        tar.addfile(_named("manifest.json", len(content)), io.BytesIO(content))
    return manifest


@dataclass(frozen=True)
class Restored:
    """The result of a restore: the manifest, and what was erased or ended again."""

    manifest: Manifest
    erased_again: int
    ended: Replayed


async def restore(
    database: Database,
    files: Path,
    source: Path,
    *,
    force: bool,
    erasures: Path | None = None,
    endings: Path | None = None,
    heads: Path | None = None,
) -> Restored:
    """Replace the database by a backup in one transaction; erase and end again since then.

    Erasures and endings since the backup are known from the database that is replaced, from the lists beside the
    files, and from `erasures` and `endings`, further such lists. `heads` is the file of the audit log's last seals,
    to which a line is added.

    Raises `BadBackup` and `BadList` (nothing was changed), `NotEmpty` without `force`, `AlreadyRunning`,
    `ForeignDatabase`.
    """
    manifest = _checked(source)
    listed = read_list(files / ERASURES) + ([] if erasures is None else read_list(erasures, must_exist=True))
    ended = read_endings(files / ENDINGS) + (
        [] if endings is None else read_endings(endings, must_exist=True)
    )
    again, log_ended, replayed = 0, 0, Replayed()

    async def erase_again(work: Work) -> None:
        nonlocal again, log_ended, replayed
        log_ended, _, _ = await audit.head(work)
        details = {"made_at": manifest.made_at, "revision": manifest.revision}
        await audit.add(work, AuditAct.RESTORED, "database", actor_id=None, details=details)
        again = await erasing.erase_again(work, stones)
        replayed = await end_again(work, ended)
        replayed.unknown = tuple(unknown)

    async with only_one(database):
        empty = await is_empty(database)
        if not force and not empty:
            raise NotEmpty
        stones = listed + await tombstones_in(database)
        known, unknown = await known_to(database)
        if ended:  # the list knows of every kind, up to its last line
            unknown = []
        elif empty:
            unknown = list(KINDS)
        ended += known
        with tarfile.open(source, _PLAIN) as tar, _rows_fit(source):
            async with replacing(database, manifest.revision, erase_again) as target:
                for part in tar:
                    kind, _, name = part.name.partition("/")
                    content = tar.extractfile(part)
                    assert content is not None, "checked before"
                    if kind == "files":
                        keep(files, name, content.read())
                    elif kind == "tables":
                        with gzip.open(content) as stream:
                            await _fill(target, name.removesuffix(".jsonl.gz"), stream, source)
        while await remove_discarded(database, files, older_than=0):
            pass
        await write_list(database, files)
        await write_endings(database, files)
        await database.scrub()
    if heads is not None:
        await audit_heads.note(database, heads, restored=log_ended)
    return Restored(manifest, again, replayed)


@contextmanager
def _rows_fit(source: Path) -> Iterator[None]:
    """Raise `BadBackup` for rows that the database refuses, while filling it or at the end."""
    try:
        yield
    except UNAVAILABLE:
        raise
    except (DBAPIError, OverflowError) as error:
        raise BadBackup(f"{source} holds rows that do not fit together") from error


async def _fill(target: Filling, table: str, stream: gzip.GzipFile, source: Path) -> None:
    """Fill one table; raise `BadBackup` for rows of another shape, or longer than any row is."""

    def lines() -> Iterator[str]:
        while line := stream.readline(_LONGEST_ROW + 1):
            if len(line) > _LONGEST_ROW:
                raise BadBackup(f"{source} holds a row longer than any of ours")
            yield line.decode("utf-8")

    try:
        await target.fill(table, lines())
    except (
        LookupError,
        ValueError,
        TypeError,
        AttributeError,
        EOFError,
        zlib.error,
        gzip.BadGzipFile,
    ) as error:
        raise BadBackup(f"{source} holds rows that do not fit the table {table}") from error


def _checked(source: Path) -> Manifest:
    """Read the whole backup once before anything is changed; raises `BadBackup`."""
    seen: dict[str, str] = {}
    manifest: dict[str, Any] | None = None
    try:
        with tarfile.open(source, _PLAIN) as tar:
            for part in tar:
                # No links: where would they lead? Nor holes: nothing on the disk may be a terabyte of zeros inside.
                plain = part.isreg() and not part.issparse()
                content = tar.extractfile(part) if plain else None
                if content is None:
                    raise BadBackup(f"{source} holds what no backup of ours does")
                if part.name == "manifest.json":
                    manifest = json.loads(content.read())
                else:
                    seen[part.name] = _digest(content)
    except (tarfile.TarError, OSError, ValueError, EOFError) as error:
        raise BadBackup(f"{source} cannot be read as a backup: {error}") from error
    if manifest is None or manifest.pop("format", None) != FORMAT:
        raise BadBackup(f"{source} is not a whole backup of this programme")
    found = Manifest(**manifest)
    if found.parts != seen:
        raise BadBackup(f"{source} is damaged: a part is missing, added or changed")
    strange = [name for name in seen if not name.startswith("files/") and not _TABLE.fullmatch(name)]
    if strange:
        raise BadBackup(f"{source} holds what no backup of ours does")
    wrong = [
        name
        for name, digest in seen.items()
        if name.startswith("files/") and (name != f"files/{digest}" or not _CHECKSUM.fullmatch(digest))
    ]
    if wrong:
        raise BadBackup(f"{source} is damaged: {len(wrong)} files are not what their names say")
    return found


def _add(tar: tarfile.TarFile, name: str, part: IO[bytes], manifest: Manifest) -> None:
    part.seek(0)
    manifest.parts[name] = _digest(part)
    size = part.tell()
    part.seek(0)
    tar.addfile(_named(name, size), part)


def _named(name: str, size: int) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.size, info.mode = size, 0o600
    return info


def _digest(content: IO[bytes]) -> str:
    digest = hashlib.sha256()
    while some := content.read(1 << 20):
        digest.update(some)
    return digest.hexdigest()
