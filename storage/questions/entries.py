"""Named queries on what was written about a question, in rows that can be erased."""

from collections.abc import Iterable
from typing import Protocol

import sqlalchemy as sa

from domain.questions.history import EntryKind, Event
from storage.engine.database import Work, in_pieces
from storage.rows import EntryRow
from storage.tables import agencies, entries, history


class SignedEntryRow(EntryRow, Protocol):
    """With the agency whose it is."""

    agency_code: str | None
    agency_name: str | None


async def write(
    work: Work,
    question_id: int,
    kind: EntryKind,
    text: str,
    *,
    author_id: int | None,
    agency_id: int | None = None,
) -> int:
    """Add words to a question's thread; return the entry's id."""
    return await work.insert(
        entries,
        question_id=question_id,
        kind=kind,
        text=text,
        author_id=author_id,
        agency_id=agency_id,
        at=work.now,
    )


async def of_question(work: Work, question_id: int, *kinds: EntryKind) -> list[SignedEntryRow]:
    """List what was written about a question, oldest first.

    With the agency's code where one wrote.
    """
    values: dict[str, object] = {"question_id": question_id}
    if not kinds:
        return await work.all(_OF_QUESTION, values)
    return await work.all(_OF_KINDS, values | {"kinds": kinds})


_OF_QUESTION = (
    sa.select(entries, agencies.c.code.label("agency_code"), agencies.c.short_name.label("agency_name"))
    .join(agencies, agencies.c.id == entries.c.agency_id, isouter=True)
    .where(entries.c.question_id == sa.bindparam("question_id"))
    .order_by(entries.c.id)
)
_OF_KINDS = _OF_QUESTION.where(entries.c.kind.in_(sa.bindparam("kinds", expanding=True)))


async def with_kind(work: Work, question_ids: Iterable[int], kind: EntryKind) -> set[int]:
    """Return those of these questions that have words of this kind."""
    return {
        int(row.question_id)
        for some in in_pieces(sorted(question_ids))
        for row in await work.all(
            sa.select(entries.c.question_id)
            .where(entries.c.question_id.in_(some), entries.c.kind == kind)
            .distinct()
        )
    }


async def question_text(work: Work, question_id: int) -> str:
    """Return the question as it was asked; "" once erased."""
    written = await of_question(work, question_id, EntryKind.QUESTION)
    return (written[0].text or "") if written else ""


async def entry(work: Work, entry_id: int) -> EntryRow:
    row = await work.one_or_none(sa.select(entries).where(entries.c.id == entry_id))
    assert row is not None, "entries are erased in place, never deleted"
    return row


async def add_words(work: Work, entry: EntryRow, text: str, glue: str = "\n") -> None:
    """Add words to an entry that somebody is just writing (an album comes in pieces)."""
    joined = glue.join(filter(None, (entry.text, text)))
    await work.run(sa.update(entries).where(entries.c.id == entry.id).values(text=joined))


async def contribution_of_album(work: Work, person_id: int, album: str) -> int | None:
    """Return the entry of this person's latest contribution, if this album brought it."""
    latest = await work.one_or_none(
        sa.select(history.c.entry_id, history.c.details)
        .where(history.c.actor_id == person_id, history.c.event == Event.CONTRIBUTED)
        .order_by(history.c.id.desc())
        .limit(1)
    )
    return int(latest.entry_id) if latest is not None and latest.details.get("album") == album else None
