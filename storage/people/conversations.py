"""Named queries on conversations: the dialogue's step, and the question being written."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Protocol

import sqlalchemy as sa

from storage.engine.database import Work
from storage.rows import ConversationRow
from storage.tables import conversations, question_drafts


class KeptRow(ConversationRow, Protocol):
    """A step or a draft, with the table that it stands in."""

    kept_in: str


async def of_person(work: Work, person_id: int) -> ConversationRow | None:
    """Return a person's step, else the question they are writing, or None."""
    step, draft = await step_and_draft(work, person_id)
    return draft if step is None else step


async def step_and_draft(work: Work, person_id: int) -> tuple[ConversationRow | None, ConversationRow | None]:
    """Read the dialogue's step and the question being written, in one statement."""
    known = work.known.setdefault("conversations", {})
    if person_id not in known:
        rows = await work.all(_OF_PERSON, {"person_id": person_id})
        known[person_id] = by_person([person_id], rows)[person_id]
    found: tuple[ConversationRow | None, ConversationRow | None] = known[person_id]
    return found


def steps_and_drafts(of: Callable[[sa.Table], sa.ColumnElement[bool]]) -> sa.CompoundSelect[Any]:
    """Select both kinds of rows, of the people that a condition names."""
    return sa.union_all(
        *(
            sa.select(
                sa.literal_column(f"'{table.name}'").label("kept_in"),
                table.c.person_id,
                table.c.step,
                table.c.data,
                table.c.updated_at,
            ).where(of(table))
            for table in (conversations, question_drafts)
        )
    )


_OF_PERSON = steps_and_drafts(lambda table: table.c.person_id == sa.bindparam("person_id"))


def by_person(
    person_ids: Sequence[int], rows: Sequence[KeptRow]
) -> dict[int, tuple[ConversationRow | None, ConversationRow | None]]:
    """Sort selected rows into the step and the draft of each person."""
    found = {(row.person_id, row.kept_in): row for row in rows}
    return {
        one: (found.get((one, "conversations")), found.get((one, "question_drafts"))) for one in person_ids
    }


async def set_step(work: Work, person_id: int, step: str, data: dict[str, Any]) -> None:
    await _set(work, _SET_STEP, person_id, step, data)


async def set_draft(work: Work, person_id: int, step: str, data: dict[str, Any]) -> None:
    """Store a question being written; `step` is what is asked next."""
    await _set(work, _SET_DRAFT, person_id, step, data)


async def _set(work: Work, statement: sa.TextClause, person_id: int, step: str, data: dict[str, Any]) -> None:
    values = {"person_id": person_id, "step": step, "data": data, "updated_at": work.now}
    await work.write(statement, values)
    work.known.get("conversations", {}).pop(person_id, None)


def _upsert(table: sa.Table) -> sa.TextClause:
    """Build an upsert as text, for SQLAlchemy compiles an ON CONFLICT anew each time."""
    return sa.text(
        f"""INSERT INTO {table.name} (person_id, step, data, updated_at)
        VALUES (:person_id, :step, :data, :updated_at)
        ON CONFLICT (person_id) DO UPDATE
        SET step = excluded.step, data = excluded.data, updated_at = excluded.updated_at"""  # noqa: S608
    ).bindparams(
        sa.bindparam("data", type_=table.c.data.type),
        sa.bindparam("updated_at", type_=table.c.updated_at.type),
    )


_SET_STEP, _SET_DRAFT = _upsert(conversations), _upsert(question_drafts)


async def end_step(work: Work, person_id: int) -> None:
    """End the dialogue's step; a question being written stays."""
    await work.run(sa.delete(conversations).where(conversations.c.person_id == person_id), of=person_id)


async def end_draft(work: Work, person_id: int) -> None:
    await work.run(sa.delete(question_drafts).where(question_drafts.c.person_id == person_id), of=person_id)


async def forget(work: Work, before: datetime, limit: int) -> int:
    """Drop some drafts and steps that nobody has touched since a moment.

    Returns how many.
    """
    dropped = 0
    for table in (conversations, question_drafts):
        some = sa.select(table.c.person_id).where(table.c.updated_at < before).limit(limit)
        dropped += (await work.run(sa.delete(table).where(table.c.person_id.in_(some)))).rowcount
    return dropped
