"""Named queries on sent script plans, and on agencies' receipts."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

import sqlalchemy as sa

from storage.engine.database import Work, in_pieces
from storage.rows import EpisodeRow, PlanReceiptRow
from storage.tables import (
    Row,
    UtcDateTime,
    agencies,
    episode_questions,
    episodes,
    people,
    plan_receipts,
    script_plans,
)


class PlanRow(Protocol):
    """A plan without its document."""

    id: int
    episode_id: int
    version: int
    due_at: datetime
    sent_at: datetime
    sent_by: int


class NumberedPlanRow(PlanRow, Protocol):
    """With the number of its episode."""

    year: int
    number: int


class NamedReceiptRow(PlanReceiptRow, Protocol):
    """With the agency's short name, and who acknowledged."""

    short_name: str
    by_name: str | None


class ReceiptRow(PlanReceiptRow, Protocol):
    """With the episode and version of its plan."""

    episode_id: int
    version: int


# Documents are large: they are read only to be sent.
_PLAN = (
    script_plans.c.id,
    script_plans.c.episode_id,
    script_plans.c.version,
    script_plans.c.due_at,
    script_plans.c.sent_at,
    script_plans.c.sent_by,
)


async def latest(work: Work, episode_id: int) -> PlanRow | None:
    """Return the present plan without its document; None before one was sent."""
    return await work.one_or_none(
        sa.select(*_PLAN)
        .where(script_plans.c.episode_id == episode_id)
        .order_by(script_plans.c.version.desc())
        .limit(1)
    )


async def by_id(work: Work, plan_id: int) -> PlanRow | None:
    return await work.one_or_none(sa.select(*_PLAN).where(script_plans.c.id == plan_id))


async def document(work: Work, plan_id: int) -> bytes:
    return bytes(await work.value(sa.select(script_plans.c.document).where(script_plans.c.id == plan_id)))


async def blank_document(work: Work, plan_id: int) -> None:
    """Blank a plan's document; that it was sent, and when, stays."""
    await work.run(sa.update(script_plans).where(script_plans.c.id == plan_id).values(document=b""))


async def add(
    work: Work, episode_id: int, version: int, content: bytes, *, due_at: datetime, sent_by: int
) -> int:
    return await work.insert(
        script_plans,
        episode_id=episode_id,
        version=version,
        document=content,
        due_at=due_at,
        sent_at=work.now,
        sent_by=sent_by,
    )


async def move_due(work: Work, plan_id: int, due_at: datetime) -> None:
    await work.run(sa.update(script_plans).where(script_plans.c.id == plan_id).values(due_at=due_at))


async def with_questions(work: Work, question_ids: Sequence[int]) -> list[NumberedPlanRow]:
    """List plans sent after one of these questions was chosen for their episode.

    With the episode's `year` and `number`.
    """
    found: dict[int, NumberedPlanRow] = {}
    for some in in_pieces(question_ids):
        query = (
            sa.select(*_PLAN, episodes.c.year, episodes.c.number)
            .join(episodes, episodes.c.id == script_plans.c.episode_id)
            .join(episode_questions, episode_questions.c.episode_id == episodes.c.id)
            .where(
                episode_questions.c.question_id.in_(some),
                script_plans.c.sent_at >= episode_questions.c.chosen_at,
            )
        )
        found |= {row.id: row for row in await work.all(query)}
    return [found[key] for key in sorted(found)]


async def episodes_with(work: Work, question_ids: Sequence[int]) -> list[int]:
    """List the episodes for which one of these questions was ever chosen.

    Their ids, by index.
    """
    found: set[int] = set()
    for some in in_pieces(question_ids):
        query = sa.select(episode_questions.c.episode_id).where(episode_questions.c.question_id.in_(some))
        found |= {row.episode_id for row in await work.all(query)}
    return sorted(found)


# --- receipts -------------------------------------------------------------------------------------------------


async def add_receipt(work: Work, plan_id: int, agency_id: int, agency_name: str, due_at: datetime) -> int:
    return await work.insert(
        plan_receipts, plan_id=plan_id, agency_id=agency_id, agency_name=agency_name, due_at=due_at
    )


async def receipts_of(work: Work, plan_id: int) -> list[NamedReceiptRow]:
    """List a plan's receipts in the order of sending.

    With the agency's names and who acknowledged (`by_name`).
    """
    return await work.all(
        sa.select(
            plan_receipts,
            agencies.c.short_name,
            sa.func.coalesce(people.c.full_name, people.c.display_name).label("by_name"),
        )
        .join(agencies, agencies.c.id == plan_receipts.c.agency_id)
        .join(people, people.c.id == plan_receipts.c.acknowledged_by, isouter=True)
        .where(plan_receipts.c.plan_id == plan_id)
        .order_by(plan_receipts.c.id)
    )


async def receipt(work: Work, receipt_id: int) -> ReceiptRow | None:
    """Return one receipt with the `episode_id` and `version` of its plan."""
    return await work.one_or_none(
        sa.select(plan_receipts, script_plans.c.episode_id, script_plans.c.version)
        .join(script_plans, script_plans.c.id == plan_receipts.c.plan_id)
        .where(plan_receipts.c.id == receipt_id)
    )


async def acknowledge(work: Work, receipt_id: int, person_id: int) -> bool:
    """Record that an agency acknowledged the plan.

    False where somebody did so before, or a newer plan replaced it.
    """
    result = await work.run(
        sa.update(plan_receipts)
        .where(
            plan_receipts.c.id == receipt_id,
            plan_receipts.c.acknowledged_at.is_(None),
            plan_receipts.c.replaced_at.is_(None),
        )
        .values(acknowledged_at=work.now, acknowledged_by=person_id)
    )
    return result.rowcount == 1


async def replace_receipts(work: Work, plan_id: int) -> None:
    """Mark a plan's receipts as replaced by a newer plan's."""
    await work.run(
        sa.update(plan_receipts)
        .where(plan_receipts.c.plan_id == plan_id, plan_receipts.c.replaced_at.is_(None))
        .values(replaced_at=work.now)
    )


# --- when the calendar changes ----------------------------------------------------------------------------------


async def open_dues(work: Work, first: datetime, *, lock: bool = False) -> list[EpisodeRow]:
    """List episodes recorded at `first` or later whose plan has a due time."""
    query = (
        sa.select(episodes)
        .where(
            episodes.c.plan_due_at.is_not(None),
            episodes.c.recording_at >= first,
            episodes.c.recorded_at.is_(None),
        )
        .order_by(episodes.c.plan_due_at, episodes.c.id)
    )
    return await work.all(query.with_for_update() if lock else query)


async def open_receipts(work: Work, first: datetime) -> list[Row]:
    """List unacknowledged receipts due at `first` or later, with the plan's `sent_at`.

    By index.
    """
    return await work.all(
        sa.select(plan_receipts.c.id, plan_receipts.c.due_at, script_plans.c.sent_at)
        .join(script_plans, script_plans.c.id == plan_receipts.c.plan_id)
        .where(
            plan_receipts.c.acknowledged_at.is_(None),
            plan_receipts.c.replaced_at.is_(None),
            plan_receipts.c.due_at >= first,
        )
        .order_by(plan_receipts.c.id)
    )


async def move_receipts(work: Work, dues: Sequence[tuple[int, datetime]]) -> None:
    """Set new times to acknowledge: (receipt id, due)."""
    statement = (
        sa.update(plan_receipts)
        .where(plan_receipts.c.id == sa.bindparam("of"))
        .values(due_at=sa.bindparam("due", type_=UtcDateTime()))
    )
    await work.run_many(statement, [{"of": row, "due": due} for row, due in dues])
