"""Named queries on answers being written: one row a person and question.

It stays when the answer is submitted, so that what follows at once still joins it, and an edit of one of its messages
is known for what it is. What it holds is `services.questions.written_answers.WrittenAnswer`.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from storage.engine.database import Work, in_pieces
from storage.rows import AnswerBeingWrittenRow
from storage.tables import answers_being_written

_table = answers_being_written
NEWEST = 20  # of one person, that are looked through


async def of(work: Work, person_id: int, question_id: int) -> AnswerBeingWrittenRow | None:
    return await work.one_or_none(
        sa.select(_table).where(_table.c.person_id == person_id, _table.c.question_id == question_id)
    )


async def newest_of(work: Work, person_id: int) -> list[AnswerBeingWrittenRow]:
    """What somebody wrote of late, the newest first."""
    return await work.all(
        sa.select(_table)
        .where(_table.c.person_id == person_id)
        .order_by(_table.c.updated_at.desc(), _table.c.question_id.desc())
        .limit(NEWEST)
    )


async def put(work: Work, person_id: int, question_id: int, data: dict[str, Any]) -> None:
    values = {"data": data, "updated_at": work.now}
    insert = work.upsert(_table).values(person_id=person_id, question_id=question_id, **values)
    await work.run(insert.on_conflict_do_update(index_elements=["person_id", "question_id"], set_=values))


async def drop(work: Work, person_id: int, question_id: int) -> None:
    await work.run(
        sa.delete(_table).where(_table.c.person_id == person_id, _table.c.question_id == question_id)
    )


async def drop_all_of(work: Work, person_id: int) -> None:
    """What somebody is writing who works here no more."""
    await work.run(sa.delete(_table).where(_table.c.person_id == person_id))


async def drop_about(work: Work, question_ids: Iterable[int]) -> None:
    """What anybody is writing about these questions."""
    for some in in_pieces(sorted(question_ids)):
        await work.run(sa.delete(_table).where(_table.c.question_id.in_(some)))


async def forget(work: Work, before: datetime, limit: int) -> int:
    """Drop some that nobody has touched since a moment."""
    some = (
        sa.select(_table.c.person_id, _table.c.question_id).where(_table.c.updated_at < before).limit(limit)
    )
    gone = sa.delete(_table).where(sa.tuple_(_table.c.person_id, _table.c.question_id).in_(some))
    return (await work.run(gone)).rowcount
