"""Named queries on files that people sent.

A row is written at once; `bot.loops.fetcher` fetches the content and keeps it, so that it outlives the messenger.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa

from storage.engine.database import Work
from storage.rows import FileRow
from storage.tables import discarded_files, files


class FileState(StrEnum):
    """The state of a file."""

    PENDING = "pending"  # only the messenger has it
    KEPT = "kept"  # in storage.files, under its checksum
    AWAY = "away"  # too large to be fetched: the messenger passes it on all the same
    LOST = "lost"  # the messenger no longer gives it


async def add(work: Work, *, fetched: bool = True, **values: object) -> int:
    """Note a file, to be fetched or only to be passed on; returns its id."""
    state = FileState.PENDING if fetched else FileState.AWAY
    return await work.insert(files, state=state, next_try_at=work.now, created_at=work.now, **values)


async def attach(work: Work, file_ids: Sequence[int], question_id: int, entry_id: int) -> None:
    """Make a draft's files part of a question's thread."""
    if file_ids:
        await work.run(
            sa.update(files)
            .where(files.c.id.in_(file_ids))
            .values(question_id=question_id, entry_id=entry_id)
        )


async def copy(work: Work, file_ids: Sequence[int], question_id: int, entry_id: int) -> None:
    """Make files part of further words, too; each stays with its own.

    The content on disk is the same.
    """
    named = [one for one in files.c if one.name not in ("id", "question_id", "entry_id")]
    chosen = sa.select(sa.literal(question_id), sa.literal(entry_id), *named).where(files.c.id.in_(file_ids))
    await work.run(
        sa.insert(files).from_select(
            ["question_id", "entry_id", *(one.name for one in named)], chosen.order_by(files.c.id)
        )
    )


async def drop(work: Work, file_ids: Sequence[int]) -> None:
    """Drop a draft's files, from the disk too; those of a question stay."""
    if file_ids:
        gone = sa.delete(files).where(files.c.id.in_(file_ids), files.c.question_id.is_(None))
        result = await work.run(gone.returning(files.c.checksum))
        await discard(work, {row.checksum for row in result if row.checksum is not None})


async def by_ids(work: Work, file_ids: Sequence[int]) -> list[FileRow]:
    return await work.all(sa.select(files).where(files.c.id.in_(file_ids)).order_by(files.c.id))


async def of_question(work: Work, question_id: int) -> list[FileRow]:
    return await work.all(sa.select(files).where(files.c.question_id == question_id).order_by(files.c.id))


async def of_entry(work: Work, entry_id: int) -> list[FileRow]:
    return await work.all(sa.select(files).where(files.c.entry_id == entry_id).order_by(files.c.id))


async def to_fetch(work: Work, limit: int) -> list[FileRow]:
    return await work.all(
        sa.select(files)
        .where(files.c.state == FileState.PENDING, files.c.next_try_at <= work.now)
        .order_by(files.c.next_try_at, files.c.id)
        .limit(limit)
    )


async def kept(work: Work, file_id: int, *, checksum: str, size: int) -> bool:
    """Record that a file's content is on disk.

    False where its row has gone meanwhile: then nobody needs it.
    """
    result = await work.run(
        sa.update(files)
        .where(files.c.id == file_id)
        .values(state=FileState.KEPT, checksum=checksum, size=size)
    )
    return result.rowcount == 1


async def try_again(work: Work, file_id: int, at: datetime, *, counts: bool = True) -> None:
    """Set a later try to fetch a file.

    `counts`: False for being told to wait, which is no try.
    """
    tries = files.c.tries + (1 if counts else 0)
    await work.run(sa.update(files).where(files.c.id == file_id).values(tries=tries, next_try_at=at))


async def stays_away(work: Work, file_id: int) -> None:
    """A file that is found to be too large to be fetched."""
    await work.run(sa.update(files).where(files.c.id == file_id).values(state=FileState.AWAY))


async def lost(work: Work, file_id: int) -> None:
    await work.run(sa.update(files).where(files.c.id == file_id).values(state=FileState.LOST))


async def known_checksums(work: Work, checksums: Sequence[str]) -> set[str]:
    """Return those of these checksums that some file has.

    By index.
    """
    found: set[str] = set()
    for start in range(0, len(checksums), 500):
        some = checksums[start : start + 500]
        rows = await work.all(sa.select(files.c.checksum).where(files.c.checksum.in_(some)))
        found |= {row.checksum for row in rows}
    return found


async def forget_unsent(work: Work, before: datetime, limit: int) -> list[str | None]:
    """Drop some files of unsent drafts older than a moment; return their checksums.

    Never part of a question.
    """
    some = (
        sa.select(files.c.id).where(files.c.question_id.is_(None), files.c.created_at < before).limit(limit)
    )
    result = await work.run(sa.delete(files).where(files.c.id.in_(some)).returning(files.c.checksum))
    return [row.checksum for row in result]


# --- content that leaves the disk ------------------------------------------------------------


async def discard(work: Work, checksums: Iterable[str]) -> None:
    """Have content removed from the disk, where no file that stays has the same."""
    for checksum in sorted(checksums):
        insert = work.upsert(discarded_files).values(checksum=checksum, at=work.now)
        await work.run(insert.on_conflict_do_nothing())


async def discarded(work: Work, limit: int) -> list[tuple[str, bool]]:
    """List discarded checksums, and whether some file still has each."""
    kept = sa.select(sa.literal(1)).where(files.c.checksum == discarded_files.c.checksum).exists()
    rows = await work.all(sa.select(discarded_files.c.checksum, kept.label("kept")).limit(limit))
    return [(row.checksum, bool(row.kept)) for row in rows]


async def removed(work: Work, checksums: Sequence[str]) -> None:
    await work.run(sa.delete(discarded_files).where(discarded_files.c.checksum.in_(checksums)))
