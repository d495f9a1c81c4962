"""The audit log's last seals, kept outside of the database.

Entries that were changed or cut off afterwards no longer fit them. One line of JSON each: at the first sealing of a
day, at a backup and a restore. No personal data.
"""

import asyncio
import json
import os
import tarfile
from datetime import datetime
from pathlib import Path

import structlog

from domain.privacy.audit import Head
from domain.programme import offset_iso
from storage.engine.database import Database
from storage.operation import audit

log = structlog.get_logger(__name__)

LARGEST = 100_000_000  # bytes: a century of lines has ten


class BadHeads(Exception):
    """The file holds no heads.

    The text is a sentence for the operator.
    """


async def head_of(database: Database) -> Head:
    """Read the number and seal of the audit log's last entry."""
    async with database.reading() as work:
        number, seal, _ = await audit.head(work)
    return Head(database.clock.now(), number, seal)


async def note(database: Database, path: Path, *, restored: int | None = None) -> Head:
    """Add a line to the file, and to the programme's log.

    Raises `OSError`.

    `restored`: a backup has just replaced the database, whose log ended there.
    """
    head = (await head_of(database))._replace(restored=restored)
    at = offset_iso(head.at, database.programme.timezone)
    line = {"at": at, "number": head.number, "seal": head.seal}
    await asyncio.to_thread(_append, path, line | ({} if restored is None else {"restored": restored}))
    log.info("audit_head", number=head.number, seal=head.seal)
    return head


def _append(path: Path, line: dict[str, object]) -> None:
    """Write a line and flush it to disk.

    It starts a new line where a crash cut the last one off.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        size = os.fstat(descriptor).st_size
        ended = size == 0 or os.pread(descriptor, 1, size - 1) == b"\n"
        os.write(descriptor, (b"" if ended else b"\n") + json.dumps(line).encode() + b"\n")
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read(path: Path) -> list[Head]:
    """Read the heads of such a file, or of a backup, the oldest first.

    Raises `BadHeads`, `OSError`.
    """
    if path.stat().st_size <= LARGEST or not tarfile.is_tarfile(path):
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            text = ""
        found = [head for head in map(_read, text.splitlines()) if head is not None]
        if found or not path.stat().st_size:
            return found
    try:
        with tarfile.open(path, "r:") as tar:
            content = tar.extractfile("manifest.json")
            line = {} if content is None else json.loads(content.read(1 << 22)).get("audit_head")
    except (tarfile.TarError, KeyError, ValueError) as error:
        raise BadHeads(f"{path} holds no seals of an audit log") from error
    head = _read(json.dumps(line))
    if head is None:
        raise BadHeads(f"{path} is a backup of before seals were kept in it")
    return [head]


def _read(line: str) -> Head | None:
    """Read one line; None where a crash cut it off."""
    try:
        said = json.loads(line)
        restored = said.get("restored")
        head = Head(datetime.fromisoformat(said["at"]), int(said["number"]), str(said["seal"]))
        return head._replace(restored=None if restored is None else int(restored))
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
