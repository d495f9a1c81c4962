"""Finds who held questions when their time ran out.

From the last event of `HANDS_ON` not after it.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from domain.questions.history import Event
from domain.questions.lateness import HANDS_ON
from domain.questions.life import HIDDEN
from storage.engine.database import Work
from storage.questions.questions import CLOCK_RUNS
from storage.tables import Row, history, questions


async def at_due(work: Work, question_ids: Sequence[int]) -> list[Row]:
    """List the last event before each question's due time.

    `question_id`, and the event's `event` and `waits_for`.
    """
    due = sa.select(questions.c.id.label("question_id"), questions.c.due_at).where(
        questions.c.id.in_(question_ids)
    )
    last = _last_before(due)
    return await work.all(sa.select(last.c.question_id, last.c.event, last.c.waits_for))


async def overdue(work: Work, now: datetime) -> list[Row]:
    """Count questions overdue with an agency: `event`, `waits_for`, `how_many`.

    By what they waited on.
    """
    due = sa.select(questions.c.id.label("question_id"), questions.c.due_at).where(
        questions.c.status.in_(CLOCK_RUNS),
        questions.c.due_at < now,
        questions.c.secrecy.not_in(sorted(HIDDEN)),
    )
    return await _counted(work, due)


async def answered_late(work: Work, start: datetime, end: datetime) -> list[Row]:
    """Count answers of a period given late and standing, as `overdue` does."""
    answered = history.alias("answered")
    due = (
        sa.select(questions.c.id.label("question_id"), questions.c.due_at)
        .join(answered, answered.c.question_id == questions.c.id)
        .where(
            answered.c.event == Event.ANSWERED,
            answered.c.at >= start,
            answered.c.at < end,
            answered.c.at == questions.c.answered_at,
            answered.c.at > questions.c.due_at,
            questions.c.secrecy.not_in(sorted(HIDDEN)),
        )
    )
    return await _counted(work, due)


async def _counted(work: Work, due: Any) -> list[Row]:
    last = _last_before(due)
    return await work.all(
        sa.select(last.c.event, last.c.waits_for, sa.func.count().label("how_many")).group_by(
            last.c.event, last.c.waits_for
        )
    )


def _last_before(due: Any) -> sa.Subquery:
    """Select the last event of each question not after its due time; `event` null for none."""
    of = due.subquery("due")
    ranked = (
        sa.select(
            of.c.question_id,
            history.c.event,
            history.c.details["waits_for"].as_string().label("waits_for"),
            sa.func.row_number()
            .over(partition_by=of.c.question_id, order_by=(history.c.at.desc(), history.c.id.desc()))
            .label("place"),
        )
        .join(
            history,
            sa.and_(
                history.c.question_id == of.c.question_id,
                history.c.event.in_(sorted(HANDS_ON)),
                history.c.at <= of.c.due_at,
            ),
            isouter=True,
        )
        .subquery("ranked")
    )
    return (
        sa.select(ranked.c.question_id, ranked.c.event, ranked.c.waits_for)
        .where(ranked.c.place == 1)
        .subquery("last")
    )
