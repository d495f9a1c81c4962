"""Named queries on a question's history, which is only ever appended to."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Protocol

import sqlalchemy as sa

from domain.questions.history import Event
from storage.delivery import undos
from storage.engine.database import Work
from storage.rows import HistoryRow
from storage.tables import entries, history, people


class ActedHistoryRow(HistoryRow, Protocol):
    """With who did it."""

    actor_full_name: str | None
    actor_display_name: str | None


class ToldHistoryRow(ActedHistoryRow, Protocol):
    """With the words of its entry."""

    note: str | None


async def record(
    work: Work,
    question_id: int,
    event: Event,
    *,
    actor_id: int | None,
    actor_role: str,
    entry_id: int | None = None,
    details: dict[str, Any] | None = None,
) -> None:
    """Append to a question's history.

    What waits because an earlier event might have been undone goes out now, before this one's own news.
    """
    if work.programme.undo_seconds:
        await undos.overtaken(work, question_id)
    await work.insert(
        history,
        question_id=question_id,
        at=work.now,
        event=event,
        actor_id=actor_id,
        actor_role=actor_role,
        entry_id=entry_id,
        details=details or {},
    )


async def record_many(
    work: Work,
    event: Event,
    details: Iterable[tuple[int, dict[str, Any]]],
    *,
    actor_id: int | None,
    actor_role: str,
) -> None:
    """Append the same event to many histories: (question id, details) each."""
    one = {"at": work.now, "event": event, "actor_id": actor_id, "actor_role": actor_role, "entry_id": None}
    await work.run_many(
        sa.insert(history), (one | {"question_id": question, "details": told} for question, told in details)
    )


async def of_question(work: Work, question_id: int) -> list[ToldHistoryRow]:
    """Read a question's history, oldest first.

    With `actor_full_name`, `actor_display_name` and the `note` an entry holds.
    """
    return await work.all(
        sa.select(
            history,
            people.c.full_name.label("actor_full_name"),
            people.c.display_name.label("actor_display_name"),
            entries.c.text.label("note"),
        )
        .join(people, people.c.id == history.c.actor_id, isouter=True)
        .join(entries, entries.c.id == history.c.entry_id, isouter=True)
        .where(history.c.question_id == question_id)
        .order_by(history.c.id)
    )


async def newest(work: Work, question_id: int) -> int:
    """Return the id of a question's latest event."""
    found = await work.value(sa.select(sa.func.max(history.c.id)).where(history.c.question_id == question_id))
    return int(found or 0)


async def latest(work: Work, question_id: int) -> ActedHistoryRow:
    """Return what happened to a question last, with who did it.

    The field that an assignment filled is a part of the assignment.
    """
    filled = sa.and_(history.c.event == Event.FIELD_SET, history.c.actor_id.is_(None))
    row: ActedHistoryRow | None = await work.one_or_none(
        sa.select(
            history,
            people.c.full_name.label("actor_full_name"),
            people.c.display_name.label("actor_display_name"),
        )
        .join(people, people.c.id == history.c.actor_id, isouter=True)
        .where(history.c.question_id == question_id, sa.not_(filled))
        .order_by(history.c.id.desc())
        .limit(1)
    )
    assert row is not None, "every question was received"
    return row


async def last_event(work: Work, question_id: int, *events: Event) -> int:
    """Return the id of the latest of these events, 0 for none."""
    found = await work.value(
        sa.select(sa.func.max(history.c.id)).where(
            history.c.question_id == question_id, history.c.event.in_(events)
        )
    )
    return int(found or 0)


async def asked_what_was_meant(work: Work, question_id: int) -> bool:
    """Return whether the asker was asked what was meant, and nobody said it since."""
    row = await work.one_or_none(
        sa.select(history.c.event, history.c.details)
        .where(
            history.c.question_id == question_id,
            history.c.event.in_((Event.FLAGGED, Event.MEANT, Event.CLEARED)),
        )
        .order_by(history.c.id.desc())
        .limit(1)
    )
    return row is not None and row.event == Event.FLAGGED and bool((row.details or {}).get("doubt"))


async def last_at(work: Work, question_id: int, *events: Event) -> datetime | None:
    """Return when the latest of these events happened, None for none."""
    return await work.value(  # type: ignore[no-any-return]
        sa.select(history.c.at)
        .where(history.c.question_id == question_id, history.c.event.in_(events))
        .order_by(history.c.id.desc())
        .limit(1)
    )


async def went_out(work: Work, question_id: int, entry_id: int) -> datetime | None:
    """Return when these words went out as the answer, or None."""
    return await work.value(  # type: ignore[no-any-return]
        sa.select(history.c.at)
        .where(
            history.c.question_id == question_id,
            history.c.entry_id == entry_id,
            history.c.event.in_((Event.ANSWERED, Event.CORRECTED)),
        )
        .order_by(history.c.id.desc())
        .limit(1)
    )


async def fields_before(work: Work, question_id: int) -> set[str]:
    """Return the fields that a question had before its present one."""
    rows = await work.all(
        sa.select(history.c.details).where(
            history.c.question_id == question_id, history.c.event == Event.FIELD_SET
        )
    )
    return {row.details["field_from"] for row in rows} - {None}
