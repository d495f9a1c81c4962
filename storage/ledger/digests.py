"""Counts the numbers of a digest in the database.

Hidden questions (suspected denunciations) are in none of them. A period is from its start up to, not including, its
end. It is read from the history, by index, so that a question that went on since is counted all the same.
"""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from domain.questions.history import Event
from domain.questions.life import HIDDEN, OPEN, WITH_AGENCY, ApprovalStep, Status
from storage.engine.database import Work
from storage.questions.questions import (
    CLOCK_RUNS,
    contribution_awaited,
    first_limit,
    is_overdue,
    past_first_due,
)
from storage.rows import HistoryRow
from storage.tables import (
    Row,
    agencies,
    approvals,
    assignments,
    drafts,
    entries,
    history,
    people,
    questions,
    roles,
)

_SHOWN = questions.c.secrecy.not_in(sorted(HIDDEN))


def _happened(start: datetime, end: datetime, *events: Event) -> sa.ColumnElement[bool]:
    return sa.and_(history.c.event.in_(events), history.c.at >= start, history.c.at < end)


async def new(work: Work, start: datetime, end: datetime) -> list[Row]:
    """Count questions that came in, by field: `field_code`, `how_many`."""
    return await work.all(
        sa.select(questions.c.field_code, sa.func.count(questions.c.id.distinct()).label("how_many"))
        .join(history, history.c.question_id == questions.c.id)
        .where(_happened(start, end, Event.RECEIVED, Event.ENTERED), _SHOWN)
        .group_by(questions.c.field_code)
    )


async def assigned(work: Work, start: datetime, end: datetime) -> int:
    """Count questions that were given to an agency, each once."""
    return int(
        await work.value(
            sa.select(sa.func.count(questions.c.id.distinct()))
            .join(history, history.c.question_id == questions.c.id)
            .where(_happened(start, end, Event.ASSIGNED, Event.REASSIGNED), _SHOWN)
        )
    )


async def given(work: Work, start: datetime, end: datetime) -> list[Row]:
    """Count what agencies were given to lead: `agency_id`, `how_many`.

    Reopened ones count anew.
    """
    to_agency = (
        sa.select(history.c.question_id, agencies.c.id.label("agency_id"))
        .join(questions, questions.c.id == history.c.question_id)
        .join(agencies, agencies.c.code == history.c.details["agency"].as_string())
        .where(_happened(start, end, Event.ASSIGNED, Event.REASSIGNED), _SHOWN)
    )
    reopened = (
        sa.select(history.c.question_id, questions.c.lead_agency_id.label("agency_id"))
        .join(questions, questions.c.id == history.c.question_id)
        .where(_happened(start, end, Event.REOPENED), questions.c.lead_agency_id.is_not(None), _SHOWN)
    )
    each_once = sa.union(to_agency, reopened).subquery("given")
    return await work.all(
        sa.select(each_once.c.agency_id, sa.func.count().label("how_many")).group_by(each_once.c.agency_id)
    )


async def answered(work: Work, start: datetime, end: datetime) -> list[Row]:
    """Answers that stand, by lead agency and field: `agency_id`, `field_code`, `how_many`, `on_time`, `on_first`.

    `on_time` is counted against the limit of the question, `on_first` against the first one that its asker was told.
    """
    in_time = sa.or_(questions.c.due_at.is_(None), history.c.at <= questions.c.due_at)
    as_told = sa.or_(first_limit().is_(None), history.c.at <= first_limit())
    return await work.all(
        sa.select(
            questions.c.lead_agency_id.label("agency_id"),
            questions.c.field_code,
            sa.func.count().label("how_many"),
            sa.func.sum(sa.case((in_time, 1), else_=0)).label("on_time"),
            sa.func.sum(sa.case((as_told, 1), else_=0)).label("on_first"),
        )
        .join(history, history.c.question_id == questions.c.id)
        .where(_happened(start, end, Event.ANSWERED), history.c.at == questions.c.answered_at, _SHOWN)
        .group_by(questions.c.lead_agency_id, questions.c.field_code)
    )


async def answers_reopened(work: Work, start: datetime, end: datetime) -> list[Row]:
    """List the period's answers that were reopened since.

    A few: `id` of the event, `question_id`, `at`, `field_code`.
    """
    return await work.all(
        sa.select(history.c.id, history.c.question_id, history.c.at, questions.c.field_code)
        .join(questions, questions.c.id == history.c.question_id)
        .where(
            _happened(start, end, Event.ANSWERED),
            questions.c.answered_at.is_distinct_from(history.c.at),
            _SHOWN,
        )
        .order_by(history.c.id)
    )


async def stories(work: Work, question_ids: Sequence[int]) -> list[HistoryRow]:
    """Read the history of some questions, oldest first.

    `question_id`, `at`, `event`, `details`.
    """
    return await work.all(
        sa.select(history).where(history.c.question_id.in_(question_ids)).order_by(history.c.id)
    )


async def overdue(work: Work, now: datetime) -> list[Row]:
    """Count what is overdue at a moment: `agency_id`, `field_code`, `how_many`.

    `agency_id` is null with the editors, unassigned. `past_first` of them, or of others beside them, are past the
    first limit that their asker was told.
    """
    late, late_at_first = is_overdue(now), past_first_due(now)
    return await work.all(
        sa.select(
            questions.c.lead_agency_id.label("agency_id"),
            questions.c.field_code,
            sa.func.sum(sa.case((late, 1), else_=0)).label("how_many"),
            sa.func.sum(sa.case((late_at_first, 1), else_=0)).label("past_first"),
        )
        .where(sa.or_(late, late_at_first), _SHOWN)
        .group_by(questions.c.lead_agency_id, questions.c.field_code)
    )


async def open_with_agencies(work: Work) -> list[Row]:
    """Count what agencies lead and have not answered: `agency_id`, `how_many`."""
    return await work.all(
        sa.select(questions.c.lead_agency_id.label("agency_id"), sa.func.count().label("how_many"))
        .where(questions.c.status.in_(sorted(WITH_AGENCY)), _SHOWN)
        .group_by(questions.c.lead_agency_id)
    )


async def asked_to_contribute(work: Work, start: datetime, end: datetime) -> list[Row]:
    """Count what agencies were given to coordinate: `agency_id`, `how_many`."""
    return await work.all(
        sa.select(
            assignments.c.agency_id, sa.func.count(assignments.c.question_id.distinct()).label("how_many")
        )
        .join(questions, questions.c.id == assignments.c.question_id)
        .join(
            history,
            sa.and_(
                history.c.question_id == assignments.c.question_id, history.c.at == assignments.c.assigned_at
            ),
        )
        .where(
            _happened(start, end, Event.ASSIGNED, Event.REASSIGNED),
            assignments.c.part == "coordinating",
            _SHOWN,
        )
        .group_by(assignments.c.agency_id)
    )


async def contributed(work: Work, start: datetime, end: datetime) -> list[Row]:
    """Count questions that coordinating agencies contributed to: `agency_id`, `how_many`.

    Each question once.
    """
    return await work.all(
        sa.select(entries.c.agency_id, sa.func.count(entries.c.question_id.distinct()).label("how_many"))
        .join(history, history.c.entry_id == entries.c.id)
        .join(questions, questions.c.id == entries.c.question_id)
        .where(_happened(start, end, Event.CONTRIBUTED), entries.c.agency_id.is_not(None), _SHOWN)
        .group_by(entries.c.agency_id)
    )


async def contributions_awaited(work: Work, now: datetime) -> list[Row]:
    """Count missing contributions: `agency_id`, `how_many`, and how many `overdue`."""
    return await work.all(
        sa.select(
            assignments.c.agency_id,
            sa.func.count().label("how_many"),
            sa.func.sum(sa.case((questions.c.due_at < now, 1), else_=0)).label("overdue"),
        )
        .join(questions, questions.c.id == assignments.c.question_id)
        .where(contribution_awaited(), _SHOWN)
        .group_by(assignments.c.agency_id)
    )


async def due_between(work: Work, start: datetime, end: datetime) -> list[Row]:
    """List what agencies have to answer in a span, the soonest first.

    `lead_agency_id`, `year`, `number`, `due_at`.
    """
    return await work.all(
        sa.select(questions.c.lead_agency_id, questions.c.year, questions.c.number, questions.c.due_at)
        .where(
            questions.c.status.in_(CLOCK_RUNS), questions.c.due_at >= start, questions.c.due_at < end, _SHOWN
        )
        .order_by(questions.c.due_at, questions.c.id)
    )


async def in_approval(work: Work) -> list[Row]:
    """Count waiting drafts, by agency and given approvals.

    `agency_id`, `how_many`, and whether the `leader` and the `editor` approved.
    """
    steps = {
        step: sa.select(sa.literal(1))
        .where(approvals.c.draft_id == drafts.c.id, approvals.c.step == step)
        .exists()
        .label(step)
        for step in ApprovalStep
    }
    waiting = (
        sa.select(questions.c.lead_agency_id.label("agency_id"), *steps.values())
        .join(drafts, drafts.c.question_id == questions.c.id)
        .where(questions.c.status == Status.IN_APPROVAL, drafts.c.outcome.is_(None), _SHOWN)
        .subquery("waiting")
    )
    columns = [waiting.c.agency_id, *(waiting.c[step] for step in steps)]
    return await work.all(sa.select(*columns, sa.func.count().label("how_many")).group_by(*columns))


async def oldest_open(work: Work) -> Row | None:
    """Return the open question that came in first.

    `year`, `number`, `received_at`, its lead agency's `short_name` or null.
    """
    return await work.one_or_none(
        sa.select(questions.c.year, questions.c.number, questions.c.received_at, agencies.c.short_name)
        .join(agencies, agencies.c.id == questions.c.lead_agency_id, isouter=True)
        .where(questions.c.status.in_(sorted(OPEN)), _SHOWN)
        .order_by(questions.c.received_at, questions.c.id)
        .limit(1)
    )


async def suspected(work: Work) -> int:
    """Count suspected denunciations that wait for an editor to look."""
    return int(
        await work.value(
            sa.select(sa.func.count())
            .select_from(questions)
            .where(
                sa.text("questions.secrecy = 'suspected'")
            )  # in any status; literally, for the index of just these
        )
    )


async def unreachable_staff(work: Work) -> list[Row]:
    """List staff who blocked the bot, the latest first.

    `id`, `display_name`, an agency's `short_name` or null.
    """
    rows = await work.all(
        sa.select(people.c.id, people.c.display_name, agencies.c.short_name)
        .join(roles, roles.c.person_id == people.c.id)
        .join(agencies, agencies.c.id == roles.c.agency_id, isouter=True)
        .where(roles.c.revoked_at.is_(None), people.c.unreachable_at.is_not(None))
        .order_by(people.c.unreachable_at.desc(), people.c.id, roles.c.id)
    )
    return list({row.id: row for row in reversed(rows)}.values())[::-1]
