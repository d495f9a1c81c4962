"""Running deadlines that end soon or have ended.

By index, so that the cost follows what is due, not what is open. Each query gives `subject_id`, `due_at`, `since_at`
(a date or an instant: of receipt) and the question's columns where there is one. `only` asks for some subjects
instead, whatever their date.
"""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any, Protocol

import sqlalchemy as sa

from domain.questions.history import Event
from domain.questions.life import HIDDEN, WITH_AGENCY, Role, Secrecy, Status
from storage.engine.database import Work, in_pieces
from storage.questions.questions import CLOCK_RUNS, contribution_awaited
from storage.tables import (
    agencies,
    assignments,
    clarifications,
    episodes,
    extensions,
    history,
    people,
    plan_receipts,
    promises,
    questions,
    roles,
    script_plans,
)


class DueRow(Protocol):
    """A deadline about a question."""

    subject_id: int
    due_at: datetime
    since_on: date | None
    since_at: datetime
    question_id: int
    year: int
    number: int
    status: str
    asker_id: int
    lead_agency_id: int | None


class LateAnswerRow(DueRow, Protocol):
    """An open question past a limit that was told; without `due_at` where it is unassigned."""

    due_at: datetime | None  # type: ignore[assignment]
    assign_due_at: datetime
    reopened_at: datetime | None


class MovedDateRow(Protocol):
    """A decision by which a limit was moved."""

    question_id: int
    at: datetime
    details: dict[str, Any]


class AgencysDueRow(DueRow, Protocol):
    """A deadline of another agency than the lead one."""

    agency_id: int


class EpisodeDueRow(Protocol):
    """A deadline about an episode."""

    subject_id: int
    episode_id: int
    year: int
    number: int
    due_at: datetime
    since_at: datetime
    agency_id: int | None


class AgencyGapRow(Protocol):
    """Where an agency has nobody whom messages reach."""

    subject_id: int
    agency_id: int
    since_at: datetime


class UnreachableRow(AgencyGapRow, Protocol):
    """Somebody of an agency whom messages don't reach."""

    display_name: str


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


def _due(column: sa.ColumnElement[Any], subject: sa.ColumnElement[Any], until: datetime, only: Only) -> Any:
    return column <= until if only is None else subject.in_(list(only))


def _of_questions(
    subject: sa.ColumnElement[int],
    due: sa.ColumnElement[Any],
    since: sa.ColumnElement[Any],
    until: datetime,
    only: Only,
    *more: sa.ColumnElement[Any],
    since_on: sa.ColumnElement[Any] | None = None,
) -> sa.Select[Any]:
    """Select deadlines about questions, hidden ones too; `since_on` is the date a limit is counted from."""
    return sa.select(
        subject.label("subject_id"),
        due.label("due_at"),
        (sa.null() if since_on is None else since_on).label("since_on"),
        since.label("since_at"),
        *more,
        *_QUESTION,
    ).where(_due(due, subject, until, only))


def _to_assign(until: datetime, only: Only) -> sa.Select[Any]:
    return _of_questions(
        questions.c.id,
        questions.c.assign_due_at,
        questions.c.received_at,
        until,
        only,
        since_on=questions.c.assign_since,
    ).where(questions.c.status == Status.RECEIVED)


async def assignments_due(work: Work, until: datetime, only: Only = None) -> list[DueRow]:
    """List received questions that have to be with an agency by then."""
    return await work.all(_to_assign(until, only).where(_SHOWN))


async def looks_due(work: Work, until: datetime, only: Only = None) -> list[DueRow]:
    """List suspected denunciations that wait for an editor's look, in any status."""
    suspected = questions.c.secrecy == Secrecy.SUSPECTED
    with_agency = _of_questions(
        questions.c.id,
        questions.c.due_at,
        questions.c.received_at,
        until,
        only,
        since_on=questions.c.assign_since,
    ).where(questions.c.status.in_(sorted(WITH_AGENCY)))
    return [
        *await work.all(_to_assign(until, only).where(suspected)),
        *await work.all(with_agency.where(suspected)),
    ]


async def answers_due(work: Work, until: datetime, only: Only = None) -> list[DueRow]:
    """List questions whose answer, or its approval, is due."""
    query = _of_questions(
        questions.c.id,
        questions.c.due_at,
        questions.c.received_at,
        until,
        only,
        since_on=questions.c.due_since,
    )
    return await work.all(query.where(questions.c.status.in_(CLOCK_RUNS), _SHOWN))


async def contributions_due(work: Work, until: datetime, only: Only = None) -> list[AgencysDueRow]:
    """List coordinating agencies (`agency_id`) that have not contributed.

    While the lead works on the answer.
    """
    query = _of_questions(
        assignments.c.id,
        questions.c.due_at,
        assignments.c.assigned_at,
        until,
        only,
        assignments.c.agency_id,
        since_on=questions.c.due_since,
    )
    about = query.join(questions, questions.c.id == assignments.c.question_id)
    return await work.all(about.where(contribution_awaited(), _SHOWN))


async def extensions_due(work: Work, until: datetime, only: Only = None) -> list[DueRow]:
    """List undecided requests for more days, as urgent as their question."""
    query = _of_questions(extensions.c.id, questions.c.due_at, extensions.c.asked_at, until, only)
    about = query.join(questions, questions.c.id == extensions.c.question_id)
    return await work.all(
        about.where(extensions.c.outcome.is_(None), questions.c.status.in_(CLOCK_RUNS), _SHOWN)
    )


async def promises_due(work: Work, until: datetime, only: Only = None) -> list[AgencysDueRow]:
    """List promises (`agency_id`) that come due and are not reported as kept."""
    query = _of_questions(
        promises.c.id, promises.c.due_at, promises.c.made_at, until, only, promises.c.agency_id
    )
    about = query.join(questions, questions.c.id == promises.c.question_id)
    return await work.all(
        about.where(promises.c.kept_at.is_(None), promises.c.withdrawn_at.is_(None), _SHOWN)
    )


async def replies_due(work: Work, until: datetime, only: Only = None) -> list[DueRow]:
    """List clarifications that an asker has not replied to."""
    query = _of_questions(
        clarifications.c.id, clarifications.c.reply_by, clarifications.c.asked_at, until, only
    )
    about = query.join(questions, questions.c.id == clarifications.c.question_id)
    return await work.all(
        about.where(clarifications.c.ended_at.is_(None), questions.c.status == Status.WAITING, _SHOWN)
    )


async def late_for_askers(work: Work, only: Only = None) -> list[LateAnswerRow]:
    """Read open questions past a limit that was told, by asker.

    One row for each asker who can be reached.
    By index: past the limit of now, past the first one, or past the one to assign it. With `reopened_at` and
    `assign_due_at`. Which date was missed, `moved_dates` tells where the limit of now is to come. Who asked the
    same stands there with their own question; of several of one person the first.
    """
    open_here = questions.c.status.in_((Status.RECEIVED, *CLOCK_RUNS))
    late = [
        sa.and_(questions.c.status.in_(CLOCK_RUNS), questions.c.due_at < work.now),
        sa.and_(open_here, questions.c.first_due_at < work.now),
        sa.and_(questions.c.status == Status.RECEIVED, questions.c.assign_due_at < work.now),
    ]
    found: dict[tuple[int, int], LateAnswerRow] = {}
    for condition in late:  # one after the other: each has an index
        for query in (_LATE_FOR_ASKER, _LATE_FOR_FOLLOWERS):
            wanted = query.where(condition)
            if only is not None:
                wanted = wanted.where(questions.c.id.in_(list(only)))
            for row in await work.all(wanted):
                found.setdefault((row.subject_id, row.asker_id), row)
    return list(found.values())


_ASKER, _THEIRS = people.alias("asker"), questions.alias("theirs")
_REACHED = sa.and_(
    _ASKER.c.address.is_not(None), _ASKER.c.unreachable_at.is_(None), _ASKER.c.erased_at.is_(None), _SHOWN
)


def _late(its: sa.FromClause) -> sa.Select[Any]:
    """Select late questions with the question of who hears of it: `its`."""
    return sa.select(
        questions.c.id.label("subject_id"),
        questions.c.due_at,
        questions.c.received_at.label("since_at"),
        questions.c.reopened_at,
        questions.c.assign_due_at,
        questions.c.status,
        questions.c.lead_agency_id,
        its.c.id.label("question_id"),
        its.c.year,
        its.c.number,
        its.c.asker_id,
    )


_LATE_FOR_ASKER = (
    _late(questions)
    .join(_ASKER, _ASKER.c.id == questions.c.asker_id)
    .where(_REACHED)
    .order_by(questions.c.id)
)
_LATE_FOR_FOLLOWERS = (
    _late(_THEIRS)
    .join(_THEIRS, _THEIRS.c.duplicate_of_id == questions.c.id)
    .join(_ASKER, _ASKER.c.id == _THEIRS.c.asker_id)
    .where(_REACHED, _THEIRS.c.status == Status.MERGED, _THEIRS.c.asker_id != questions.c.asker_id)
    .order_by(questions.c.id, _THEIRS.c.id)
)


async def moved_dates(work: Work, question_ids: Collection[int]) -> list[MovedDateRow]:
    """Read when the limits of these questions were moved by a decision, in order.

    `question_id`, `at`, `details`.
    """
    return [
        row
        for some in in_pieces(sorted(question_ids))
        for row in await work.all(
            sa.select(history.c.question_id, history.c.at, history.c.details)
            .where(
                history.c.question_id.in_(some),
                history.c.event.in_((Event.REASSIGNED, Event.RETURNED, Event.EXTENDED, Event.FIELD_SET)),
                history.c.details["due_from"].as_string().is_not(None),
            )
            .order_by(history.c.id)
        )
    ]


async def script_plans_due(work: Work, until: datetime, only: Only = None) -> list[EpisodeDueRow]:
    """List episodes whose script plan is due and has not been sent.

    With their `year` and `number`.
    """
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


async def plan_receipts_due(work: Work, until: datetime, only: Only = None) -> list[EpisodeDueRow]:
    """List unacknowledged receipts (`agency_id`) of present plans, before the recording.

    By index.
    """
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


async def unstaffed_agencies(work: Work, only: Only = None) -> list[AgencyGapRow]:
    """List agencies with open work and no reachable officer.

    `subject_id`, `since_at` of the oldest work.
    """
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


async def unreachable_staff(work: Work, only: Only = None) -> list[UnreachableRow]:
    """List officers and leaders who have blocked the bot.

    `subject_id` (the person), `since_at`, `agency_id`.
    """
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
