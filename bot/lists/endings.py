"""The list of what ended, kept beside the files.

It outlives the database, which a backup may replace.
"""

import asyncio
import json
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from bot.lists.atomic_file import whole_file
from bot.lists.erasures import BadList
from services.operation.endings import KINDS, latest
from storage.engine.database import Database
from storage.engine.errors import DatabaseTrouble
from storage.operation import endings
from storage.operation.endings import READERS, Ending

LIST = "endings.jsonl"


async def known_to(database: Database) -> tuple[list[Ending], list[str]]:
    """Read what ended from a database of any version, even a damaged one.

    Also returns the kinds that it could not read.
    """
    found: list[Ending] = []
    unknown = []
    for kind, read in READERS.items():
        try:
            async with database.reading() as work:
                found += await read(work)
        except (DatabaseTrouble, OSError, ValueError, TypeError, AttributeError):
            unknown.append(kind)
    return found, unknown


async def write_list(database: Database, folder: Path) -> None:
    """Bring the list up to date: its own lines and what the database has.

    Raises `OSError`, `BadList`.
    """
    here, _ = await known_to(database)
    before = await asyncio.to_thread(read_list, folder / LIST)
    async with database.reading() as work:
        left = [one for one in before if one.kind == "broadcasts"]
        back = await endings.came_back_to_broadcasts(work, (one.key for one in left))
    kept = [one for one in before if one.kind != "broadcasts" or one.key[0] not in back]
    now = latest([*kept, *here])
    if set(now) != set(before):
        await asyncio.to_thread(_write, folder / LIST, now)


def read_list(path: Path, *, must_exist: bool = False) -> list[Ending]:
    """Read the endings in a list.

    None where there is no list and none is needed. Raises `BadList`, `OSError`.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError as error:
        if must_exist:
            raise BadList(f"{path} does not exist") from error
        return []
    except UnicodeDecodeError as error:
        raise BadList(f"{path} is no list of what ended") from error
    try:
        return [_read(json.loads(line)) for line in lines if line]
    except (ValueError, KeyError, TypeError) as error:
        raise BadList(f"{path} is no list of what ended: {type(error).__name__}") from error


_SHAPES = {
    "role": 5,
    "invitation": 1,
    "consent": 5,
    "broadcasts": 2,
    "flag": 3,
    "publication": 3,
    "sending": 2,
    "block": 3,
}


def _read(line: dict[str, object]) -> Ending:
    kind, key, at = str(line["kind"]), line["key"], datetime.fromisoformat(str(line["at"]))
    if kind not in KINDS or not isinstance(key, list) or len(key) != _SHAPES[kind] or at.tzinfo is None:
        raise ValueError("a kind, its key and a moment with an offset are wanted")
    value = line.get("value")
    if not all(part is None or isinstance(part, str | int) for part in (*key, value)):
        raise ValueError("keys are numbers and texts")
    return Ending(kind, tuple(key), at, value)  # type: ignore[arg-type]  # looked at just above


def _write(path: Path, known: Iterable[Ending]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(path) as out:
        for one in sorted(known, key=lambda each: (each.kind, each.at, str(each.key))):
            line = {"kind": one.kind, "key": one.key, "at": one.at.isoformat(), "value": one.value}
            out.write(json.dumps(line).encode() + b"\n")
