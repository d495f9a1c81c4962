"""Deadlines that run and end soon or have ended: by index, so that the cost follows what is due, not what is open.

Each query gives `subject_id`, `due_at`, `since_at` (a date or an instant: of receipt) and the question's columns as
far as there is one. `only` asks for some subjects instead, whatever their date.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from domain.question import HIDDEN, WITH_AGENCY, Role, Secrecy, Status
from storage.database import Work
from storage.questions import contribution_awaited
from storage.tables import (
    Row,
    agencies,
    assignments,
    clarifications,
    episodes,
    extensions,
    people,
    plan_receipts,
    promises,
    questions,
    roles,
    script_plans,
)

Only = Collection[int] | None

_QUESTION = (
    questions.c.id.label("question_id"),
    questions.c.year,
    questions.c.number,
    questions.c.status,
    questions.c.asker_id,
    questions.c.lead_agency_id,
)
_SHOWN = questions.c.secrecy.not_in(sorted(HIDDEN))
_CLOCK_RUNS = (Status.ASSIGNED, Status.ACCEPTED, Status.IN_APPROVAL)


def _due(column: sa.ColumnElement[Any], subject: sa.ColumnElement[Any], until: datetime, only: Only) -> Any:
    return column <= until if only is None else subject.in_(list(only))


async def assignments_due(work: Work, until: datetime, only: Only = None) -> list[Row]:
    """Received questions that have to be with an agency by then."""
    return await work.all(
        sa.select(
            questions.c.id.label("subject_id"),
            questions.c.assign_due_at.label("due_at"),
            questions.c.assign_since.label("since_on"),
            questions.c.received_at.label("since_at"),
            *_QUESTION,
        ).where(
            questions.c.status == Status.RECEIVED,
            _due(questions.c.assign_due_at, questions.c.id, until, only),
            _SHOWN,
        )
    )


async def looks_due(work: Work, until: datetime, only: Only = None) -> list[Row]:
    """Suspected denunciations that wait for an editor's look: wherever they stand, the clock runs."""
    due = sa.case(
        (questions.c.status == Status.RECEIVED, questions.c.assign_due_at), else_=questions.c.due_at
    )
    query = sa.select(
        questions.c.id.label("subject_id"),
        due.label("due_at"),
        questions.c.assign_since.label("since_on"),
        questions.c.received_at.label("since_at"),
        *_QUESTION,
    ).where(questions.c.secrecy == Secrecy.SUSPECTED)
    received = query.where(
        questions.c.status == Status.RECEIVED, _due(questions.c.assign_due_at, questions.c.id, until, only)
    )
    with_agency = query.where(
        questions.c.status.in_(sorted(WITH_AGENCY)), _due(questions.c.due_at, questions.c.id, until, only)
    )
    return [*await work.all(received), *await work.all(with_agency)]


async def answers_due(work: Work, until: datetime, only: Only = None) -> list[Row]:
    """Questions whose answer, or its approval, is due; the lead agency's clock runs."""
    return await work.all(
        sa.select(
            questions.c.id.label("subject_id"),
            questions.c.due_at,
            questions.c.due_since.label("since_on"),
            questions.c.received_at.label("since_at"),
            *_QUESTION,
        ).where(
            questions.c.status.in_(_CLOCK_RUNS), _due(questions.c.due_at, questions.c.id, until, only), _SHOWN
        )
    )


async def contributions_due(work: Work, until: datetime, only: Only = None) -> list[Row]:
    """Coordinating agencies (`agency_id`) that have not contributed, while the lead works on the answer."""
    return await work.all(
        sa.select(
            assignments.c.id.label("subject_id"),
            questions.c.due_at,
            questions.c.due_since.label("since_on"),
            assignments.c.assigned_at.label("since_at"),
            assignments.c.agency_id,
            *_QUESTION,
        )
        .join(questions, questions.c.id == assignments.c.question_id)
        .where(contribution_awaited(), _due(questions.c.due_at, assignments.c.id, until, only), _SHOWN)
    )


async def extensions_due(work: Work, until: datetime, only: Only = None) -> list[Row]:
    """Requests for more days that no editor has decided on, as urgent as their question."""
    return await work.all(
        sa.select(
            extensions.c.id.label("subject_id"),
            questions.c.due_at,
            sa.null().label("since_on"),
            extensions.c.asked_at.label("since_at"),
            *_QUESTION,
        )
        .join(questions, questions.c.id == extensions.c.question_id)
        .where(
            extensions.c.outcome.is_(None),
            _due(questions.c.due_at, extensions.c.id, until, only),
            questions.c.status.in_(_CLOCK_RUNS),
            _SHOWN,
        )
    )


async def promises_due(work: Work, until: datetime, only: Only = None) -> list[Row]:
    """Promises (`agency_id`) whose date comes and that nobody has reported as kept."""
    return await work.all(
        sa.select(
            promises.c.id.label("subject_id"),
            promises.c.due_at,
            sa.null().label("since_on"),
            promises.c.made_at.label("since_at"),
            promises.c.agency_id,
            *_QUESTION,
        )
        .join(questions, questions.c.id == promises.c.question_id)
        .where(promises.c.kept_at.is_(None), _due(promises.c.due_at, promises.c.id, until, only), _SHOWN)
    )


async def replies_due(work: Work, until: datetime, only: Only = None) -> list[Row]:
    """What an agency asked an asker who has not replied."""
    return await work.all(
        sa.select(
            clarifications.c.id.label("subject_id"),
            clarifications.c.reply_by.label("due_at"),
            sa.null().label("since_on"),
            clarifications.c.asked_at.label("since_at"),
            *_QUESTION,
        )
        .join(questions, questions.c.id == clarifications.c.question_id)
        .where(
            clarifications.c.ended_at.is_(None),
            _due(clarifications.c.reply_by, clarifications.c.id, until, only),
            questions.c.status == Status.WAITING,
            _SHOWN,
        )
    )


async def script_plans_due(work: Work, until: datetime, only: Only = None) -> list[Row]:
    """Episodes whose script plan has to be sent by then and none stands; with their `year` and `number`."""
    stands = (
        sa.select(sa.literal(1))
        .select_from(script_plans.join(plan_receipts, plan_receipts.c.plan_id == script_plans.c.id))
        .where(script_plans.c.episode_id == episodes.c.id, plan_receipts.c.replaced_at.is_(None))
        .exists()
    )
    return await work.all(
        sa.select(
            episodes.c.id.label("subject_id"),
            episodes.c.id.label("episode_id"),
            episodes.c.year,
            episodes.c.number,
            episodes.c.plan_due_at.label("due_at"),
            episodes.c.created_at.label("since_at"),
            sa.null().label("agency_id"),
        ).where(
            episodes.c.recorded_at.is_(None), _due(episodes.c.plan_due_at, episodes.c.id, until, only),
            sa.not_(stands),
        )
    )  # fmt: skip


async def plan_receipts_due(work: Work, until: datetime, only: Only = None) -> list[Row]:
    """Receipts (`agency_id`) that nobody has acknowledged, of the plans that stand, before the recording; by index."""
    return await work.all(
        sa.select(
            plan_receipts.c.id.label("subject_id"),
            episodes.c.id.label("episode_id"),
            episodes.c.year,
            episodes.c.number,
            plan_receipts.c.due_at,
            script_plans.c.sent_at.label("since_at"),
            plan_receipts.c.agency_id,
        )
        .join(script_plans, script_plans.c.id == plan_receipts.c.plan_id)
        .join(episodes, episodes.c.id == script_plans.c.episode_id)
        .where(
            plan_receipts.c.acknowledged_at.is_(None),
            plan_receipts.c.replaced_at.is_(None),
            _due(plan_receipts.c.due_at, plan_receipts.c.id, until, only),
            episodes.c.recorded_at.is_(None),
            episodes.c.recording_at > work.now,
        )
    )


async def unstaffed_agencies(work: Work, only: Only = None) -> list[Row]:
    """Agencies with open work and no officer whom messages reach: `subject_id`, `since_at` of the oldest work."""
    reached = (
        sa.select(sa.literal(1))
        .select_from(roles.join(people, people.c.id == roles.c.person_id))
        .where(
            roles.c.agency_id == agencies.c.id,
            roles.c.role == Role.OFFICER,
            roles.c.revoked_at.is_(None),
            people.c.unreachable_at.is_(None),
        )
        .exists()
    )
    oldest = (
        sa.select(sa.func.min(questions.c.received_at))
        .where(
            questions.c.lead_agency_id == agencies.c.id,
            questions.c.status.in_(sorted(WITH_AGENCY)),
            _SHOWN,
        )
        .scalar_subquery()
    )
    query = sa.select(
        agencies.c.id.label("subject_id"), agencies.c.id.label("agency_id"), oldest.label("since_at")
    ).where(sa.not_(reached))
    if only is not None:
        query = query.where(agencies.c.id.in_(list(only)))
    return [row for row in await work.all(query) if row.since_at is not None]


async def unreachable_staff(work: Work, only: Only = None) -> list[Row]:
    """Officers and leaders who have blocked the bot: `subject_id` (the person), `since_at`, `agency_id`."""
    query = (
        sa.select(
            people.c.id.label("subject_id"),
            people.c.unreachable_at.label("since_at"),
            sa.func.min(roles.c.agency_id).label("agency_id"),
            people.c.display_name,
        )
        .join(roles, roles.c.person_id == people.c.id)
        .where(
            roles.c.role.in_((Role.OFFICER, Role.LEADER)),
            roles.c.revoked_at.is_(None),
            people.c.unreachable_at.is_not(None),
        )
        .group_by(people.c.id, people.c.unreachable_at, people.c.display_name)
    )
    if only is not None:
        query = query.where(people.c.id.in_(list(only)))
    return await work.all(query)
