"""Named queries on the ledger's lines: pages of questions, and what belongs to them.

Each takes as many questions as a statement takes, and finds what is theirs by index.
"""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from domain.questions.history import EntryKind
from storage.engine.database import Work
from storage.rows import QuestionRow
from storage.tables import (
    Row,
    agencies,
    assignments,
    drafts,
    entries,
    episode_questions,
    episodes,
    extensions,
    people,
    questions,
    ratings,
)

_received = questions.c.received_at


async def count(work: Work, start: datetime, end: datetime, *, at_most: int) -> int:
    """Count questions received in a span, up to `at_most`.

    From `start` on and before `end`; by index.
    """
    some = sa.select(sa.literal(1)).where(_received >= start, _received < end).limit(at_most)
    return int(await work.value(sa.select(sa.func.count()).select_from(some.subquery())))


async def first_received(work: Work) -> datetime | None:
    """Return when the oldest question was received.

    By index.
    """
    first: datetime | None = await work.value(sa.select(sa.func.min(_received)))
    return first


async def page(
    work: Work, start: datetime, end: datetime, *, after: QuestionRow | None = None, limit: int
) -> list[QuestionRow]:
    """List questions received in a span, oldest first, after the last page's row.

    From `start` on and before `end`.
    """
    query = sa.select(questions).where(_received < end)
    if after is None:
        query = query.where(_received >= start)
    else:
        later = sa.or_(_received > after.received_at, questions.c.id > after.id)
        query = query.where(_received >= after.received_at, later)
    return await work.all(query.order_by(_received, questions.c.id).limit(limit))


async def askers(work: Work, person_ids: Sequence[int]) -> list[Row]:
    """List askers: `id`, `full_name`, `home_address`, `contact`."""
    return await work.all(
        sa.select(people.c.id, people.c.full_name, people.c.home_address, people.c.contact).where(
            people.c.id.in_(person_ids)
        )
    )


async def texts(work: Work, question_ids: Sequence[int]) -> list[Row]:
    """List questions' texts: `question_id`, `text` (null once erased).

    The first text of each question comes last.
    """
    return await work.all(
        sa.select(entries.c.question_id, entries.c.text)
        .where(entries.c.question_id.in_(question_ids), entries.c.kind == EntryKind.QUESTION)
        .order_by(entries.c.id.desc())
    )


async def assigned(work: Work, question_ids: Sequence[int]) -> list[Row]:
    """List every agency ever at work on these, the latest last.

    `agency_name` is the name it had then.
    """
    return await work.all(
        sa.select(
            assignments.c.question_id,
            assignments.c.agency_id,
            assignments.c.part,
            assignments.c.agency_name,
            assignments.c.ended_at,
            agencies.c.code,
        )
        .join(agencies, agencies.c.id == assignments.c.agency_id)
        .where(assignments.c.question_id.in_(question_ids))
        .order_by(assignments.c.id)
    )


async def answers(work: Work, draft_ids: Sequence[int]) -> list[Row]:
    """List sent drafts by their ids: `id`, `entry_id`, `official_letter`, `text`."""
    return await work.all(
        sa.select(drafts.c.id, drafts.c.entry_id, drafts.c.official_letter, entries.c.text)
        .join(entries, entries.c.id == drafts.c.entry_id)
        .where(drafts.c.id.in_(draft_ids))
    )


async def stars(work: Work, question_ids: Sequence[int]) -> list[Row]:
    """List the ratings of askers' own questions: `question_id`, `stars`."""
    return await work.all(
        sa.select(ratings.c.question_id, ratings.c.stars)
        .join(
            questions,
            sa.and_(questions.c.id == ratings.c.question_id, questions.c.asker_id == ratings.c.person_id),
        )
        .where(ratings.c.question_id.in_(question_ids))
    )


async def by_ids(work: Work, question_ids: Sequence[int]) -> list[QuestionRow]:
    return await work.all(sa.select(questions).where(questions.c.id.in_(question_ids)))


async def extended(work: Work, question_ids: Sequence[int]) -> list[Row]:
    """Sum the working days granted: `question_id`, `days`."""
    return await work.all(
        sa.select(extensions.c.question_id, sa.func.sum(extensions.c.days).label("days"))
        .where(extensions.c.question_id.in_(question_ids), extensions.c.outcome == "granted")
        .group_by(extensions.c.question_id)
    )


async def on_air(work: Work, question_ids: Sequence[int]) -> list[Row]:
    """List the episodes these were chosen for: `question_id`, `number`, `year`.

    In order, without those they were left out of.
    """
    return await work.all(
        sa.select(episode_questions.c.question_id, episodes.c.number, episodes.c.year)
        .join(episodes, episodes.c.id == episode_questions.c.episode_id)
        .where(
            episode_questions.c.question_id.in_(question_ids),
            episode_questions.c.left_out_at.is_(None),
        )
        .order_by(episodes.c.year, episodes.c.number)
    )
