"""Questions that may be asked on air, by field, number of askers, and age.

By index, a page at a time. Who asked the same ("tôi cũng quan tâm") is who asked a question that was merged into this
one; each person counts once, however often they asked.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Protocol

import sqlalchemy as sa

from domain.questions.life import HIDDEN
from storage.engine.database import Work
from storage.episodes.episodes import ON_AIR
from storage.rows import QuestionRow
from storage.tables import episode_questions, questions


class CandidateRow(QuestionRow, Protocol):
    """With how many people ask it."""

    askers: int


Narrow = Callable[[sa.Select[Any]], sa.Select[Any]]


async def page(
    work: Work,
    *,
    field_code: str | None,
    asked_by: int,
    since: datetime | None,
    limit: int,
    offset: int = 0,
) -> list[CandidateRow]:
    """List candidates with their `askers`: the most asked first, then the newest.

    Each is at most in one episode. `asked_by`: at least so many people ask it. `since`: received at that moment or
    later.
    """
    narrow = _narrowed(field_code, since)
    popular = narrow(_popular(max(asked_by, 2), recent=since is not None))
    found = await work.all(
        popular.order_by(sa.desc("askers"), questions.c.received_at.desc(), questions.c.id.desc())
        .limit(limit)
        .offset(offset)
    )
    if asked_by > 1 or len(found) == limit:
        return found
    before = int(await work.value(sa.select(sa.func.count()).select_from(popular.subquery())))
    # Nobody else asked it, or only the same person again.
    alone = narrow(sa.select(questions, sa.literal(1).label("askers"))).where(sa.not_(_by_others().exists()))
    return found + await work.all(
        alone.order_by(questions.c.received_at.desc(), questions.c.id.desc())
        .limit(limit - len(found))
        .offset(max(0, offset - before))
    )


async def askers(work: Work, question_id: int) -> int:
    """Count the people who ask this question."""
    duplicate = questions.alias("duplicate")
    return int(
        await work.value(
            sa.select(sa.func.count(sa.distinct(duplicate.c.asker_id))).where(
                sa.or_(duplicate.c.id == question_id, duplicate.c.duplicate_of_id == question_id)
            )
        )
    )


def _popular(least: int, *, recent: bool) -> sa.Select[Any]:
    """Select questions with their `askers`, from `least` (2 or more) on.

    Of recent ones each is looked at for duplicates; of all ever asked, the duplicates are counted at once.
    """
    if recent:
        others = _by_others().with_only_columns(sa.func.count(sa.distinct(_same.c.asker_id)))
        askers = others.scalar_subquery() + 1
        return sa.select(questions, askers.label("askers")).where(askers >= least)
    original = questions.alias("original")
    count = sa.func.count(sa.distinct(_same.c.asker_id)) + 1
    asked = (
        sa.select(_same.c.duplicate_of_id.label("original_id"), count.label("askers"))
        .join(original, original.c.id == _same.c.duplicate_of_id)
        .where(_same.c.duplicate_of_id.is_not(None), _same.c.asker_id != original.c.asker_id)
        .group_by(_same.c.duplicate_of_id)
        .having(count >= least)
        .subquery()
    )
    return sa.select(questions, asked.c.askers).join(asked, asked.c.original_id == questions.c.id)


_same = questions.alias("same")  # asked the same: merged into the question


def _by_others() -> sa.Select[Any]:
    """Select what other people asked that was merged into a question.

    By index.
    """
    return (
        sa.select(sa.literal(1))
        .where(_same.c.duplicate_of_id == questions.c.id, _same.c.asker_id != questions.c.asker_id)
        .correlate(questions)
    )


def _narrowed(field_code: str | None, since: datetime | None) -> Narrow:
    in_an_episode = (
        sa.select(sa.literal(1))
        .where(episode_questions.c.question_id == questions.c.id, episode_questions.c.left_out_at.is_(None))
        .exists()
    )

    def narrow(query: sa.Select[Any]) -> sa.Select[Any]:
        query = query.where(
            questions.c.status.in_(ON_AIR),
            questions.c.secrecy.not_in(sorted(HIDDEN)),
            sa.not_(in_an_episode),
        )
        if field_code is not None:
            query = query.where(questions.c.field_code == field_code)
        return query if since is None else query.where(questions.c.received_at >= since)

    return narrow
