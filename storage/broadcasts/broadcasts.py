"""Named queries on broadcasts and their deliveries."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from domain.broadcasts.broadcasts import (
    ENDED,
    IN_DIGESTS,
    NOT_AT_NIGHT,
    Audience,
    BroadcastAct,
    BroadcastKind,
    BroadcastStatus,
    DeliveryState,
    WaitsFor,
)
from domain.subscribers.quiet_hours import quiet_until
from domain.subscribers.topics import AIRINGS
from storage.engine.database import Work
from storage.rows import BroadcastRow
from storage.tables import Row, broadcast_acts, broadcasts, deliveries, people, subscribers, subscriptions


async def add(
    work: Work,
    *,
    kind: BroadcastKind,
    audience: str,
    content: dict[str, Any],
    occasion: str | None = None,
    start_at: datetime | None = None,
    stop_at: datetime | None = None,
    created_by: int | None = None,
    repeats_id: int | None = None,
    waits_for: WaitsFor | None = None,
    counted: int = 0,
) -> int | None:
    """Queue a broadcast; return its id, or None where its occasion was announced already.

    Recipients are resolved when it starts.
    """
    values = {
        "kind": kind,
        "audience": audience,
        "content": content,
        "occasion": occasion,
        "status": BroadcastStatus.QUEUED,
        "start_at": start_at or work.now,
        "stop_at": stop_at,
        "created_at": work.now,
        "created_by": created_by,
        "repeats_id": repeats_id,
        "waits_for": waits_for,
        "counted": counted,
    }
    statement = work.upsert(broadcasts).values(**values).on_conflict_do_nothing()
    row = (await work.run(statement.returning(broadcasts.c.id))).one_or_none()
    return None if row is None else int(row.id)


async def by_id(work: Work, broadcast_id: int) -> BroadcastRow | None:
    return await work.one_or_none(sa.select(broadcasts).where(broadcasts.c.id == broadcast_id))


async def by_occasion(work: Work, occasion: str) -> BroadcastRow | None:
    """Return the broadcast that was queued for an occasion, or None."""
    return await work.one_or_none(sa.select(broadcasts).where(broadcasts.c.occasion == occasion))


async def listed(work: Work) -> list[BroadcastRow]:
    """List all broadcasts, oldest first."""
    return await work.all(sa.select(broadcasts).order_by(broadcasts.c.id))


async def family(work: Work, broadcast_id: int) -> list[BroadcastRow]:
    """List a broadcast and its repetitions, which refer to the first of them."""
    return await work.all(
        sa.select(broadcasts).where(
            sa.or_(broadcasts.c.id == broadcast_id, broadcasts.c.repeats_id == broadcast_id)
        )
    )


async def move(
    work: Work, broadcast_id: int, origins: Sequence[BroadcastStatus], status: BroadcastStatus, **changes: Any
) -> bool:
    """Change a broadcast's status where it is one of `origins`; return whether it was."""
    result = await work.run(
        sa.update(broadcasts)
        .where(broadcasts.c.id == broadcast_id, broadcasts.c.status.in_(origins))
        .values(status=status, **changes)
    )
    return result.rowcount == 1


async def announcing_answer(work: Work, question_id: int) -> list[BroadcastRow]:
    """List open announcements of a question's answer, repeated ones too.

    By index.
    """
    open_ones = sa.select(broadcasts).where(
        broadcasts.c.status.in_([one for one in BroadcastStatus if one not in ENDED]),
        broadcasts.c.kind == BroadcastKind.ANSWER,
    )
    rows = await work.all(open_ones.order_by(broadcasts.c.id))
    return [row for row in rows if row.content["question_id"] == question_id]


async def wait_for(work: Work, broadcast_id: int, reason: WaitsFor, by: int | None = None) -> bool:
    """Make a broadcast wait for approval by somebody other than its author.

    False where it has started or is over. `by`: whose words it has now; None: still its author's.
    """
    return await move(
        work,
        broadcast_id,
        [BroadcastStatus.QUEUED],
        BroadcastStatus.QUEUED,
        waits_for=reason,
        approved_by=None,
        **({} if by is None else {"created_by": by}),
    )


async def approve(work: Work, broadcast_id: int, person_id: int) -> bool:
    """Record an approval: only its time is waited for now.

    False where it waits for nobody (any more).
    """
    result = await work.run(
        sa.update(broadcasts)
        .where(
            broadcasts.c.id == broadcast_id,
            broadcasts.c.status == BroadcastStatus.QUEUED,
            broadcasts.c.waits_for.is_not(None),
        )
        .values(waits_for=None, approved_by=person_id)
    )
    return result.rowcount == 1


async def open_of(work: Work, person_id: int) -> list[BroadcastRow]:
    """List open broadcasts that somebody composed or approved.

    Queued, running, paused; by index.
    """
    return await work.all(
        sa.select(broadcasts)
        .where(
            broadcasts.c.status.in_([one for one in BroadcastStatus if one not in ENDED]),
            broadcasts.c.kind == BroadcastKind.MESSAGE,
            sa.or_(broadcasts.c.created_by == person_id, broadcasts.c.approved_by == person_id),
        )
        .order_by(broadcasts.c.id)
    )


async def counted_alone(work: Work, person_id: int, since: datetime, before_id: int | None = None) -> int:
    """Sum the recipients of what somebody sent, or will, without another's approval.

    Since a moment; each broadcast counts.
    """
    found = sa.select(sa.func.coalesce(sa.func.sum(broadcasts.c.counted), 0)).where(
        broadcasts.c.created_by == person_id,
        broadcasts.c.kind == BroadcastKind.MESSAGE,
        broadcasts.c.created_at > since,
        broadcasts.c.approved_by.is_(None),
        broadcasts.c.waits_for.is_(None),
        sa.or_(broadcasts.c.status != BroadcastStatus.CANCELLED, broadcasts.c.started_at.is_not(None)),
    )
    if before_id is not None:
        found = found.where(broadcasts.c.id < before_id)
    return int(await work.value(found))


async def page(work: Work, *, ended: bool, limit: int, offset: int) -> list[BroadcastRow]:
    """List a page of ended broadcasts, newest first, or of the others, next first.

    By index.
    """
    if ended:
        query = sa.select(broadcasts).where(broadcasts.c.status.in_(ENDED)).order_by(broadcasts.c.id.desc())
    else:
        waiting = [one for one in BroadcastStatus if one not in ENDED]
        query = (
            sa.select(broadcasts)
            .where(broadcasts.c.status.in_(waiting))
            .order_by(broadcasts.c.start_at, broadcasts.c.id)
        )
    return await work.all(query.limit(limit).offset(offset))


async def shown(work: Work) -> list[BroadcastRow]:
    """List the broadcasts whose progress a message shows.

    By index.
    """
    return await work.all(
        sa.select(broadcasts).where(sa.text("progress_id IS NOT NULL")).order_by(broadcasts.c.id)
    )


async def show_on(work: Work, broadcast_id: int, outbox_id: int | None) -> None:
    """Set the message that shows its progress; None once it shows the end."""
    await work.run(sa.update(broadcasts).where(broadcasts.c.id == broadcast_id).values(progress_id=outbox_id))


async def record(work: Work, broadcast_id: int, act: BroadcastAct, person_id: int) -> None:
    await work.insert(broadcast_acts, broadcast_id=broadcast_id, act=act, person_id=person_id, at=work.now)


async def acts(work: Work, broadcast_id: int, limit: int) -> list[Row]:
    """List the last things people did with it, oldest first.

    act, at, person_id, display_name, full_name.
    """
    rows = await work.all(
        sa.select(
            broadcast_acts.c.act,
            broadcast_acts.c.at,
            broadcast_acts.c.person_id,
            people.c.display_name,
            people.c.full_name,
        )
        .join(people, people.c.id == broadcast_acts.c.person_id)
        .where(broadcast_acts.c.broadcast_id == broadcast_id)
        .order_by(broadcast_acts.c.id.desc())
        .limit(limit)
    )
    return rows[::-1]


# --- whom ------------------------------------------------------------------------------------------------------


def _audience(audience: str, kind: str, queued_at: datetime | None = None) -> sa.Select[tuple[int]]:
    """Select the ids of the people a broadcast is for now: reachable, and still wanting it.

    Who subscribed after `queued_at` gets only what comes after, except what a person composed, and changes of
    airings.
    """
    found = sa.select(people.c.id).where(people.c.address.is_not(None), people.c.unreachable_at.is_(None))
    if audience == Audience.ALL:
        return found.where(people.c.left_broadcasts_at.is_(None))
    if audience == Audience.DIGEST:
        return found.where(people.c.id.in_(sa.select(subscribers.c.person_id).where(subscribers.c.daily)))
    topics = AIRINGS if audience == Audience.AIRINGS else (audience,)
    subscribed = sa.select(subscriptions.c.person_id).where(subscriptions.c.topic.in_(topics))
    if kind in IN_DIGESTS:
        daily = sa.select(subscribers.c.person_id).where(subscribers.c.daily)
        subscribed = subscribed.where(subscriptions.c.person_id.not_in(daily))
        if queued_at is not None:
            subscribed = subscribed.where(subscriptions.c.since <= queued_at)
    return found.where(people.c.id.in_(subscribed))


def _missed(family_ids: Sequence[int], *, include_uncertain: bool) -> sa.Select[tuple[int]]:
    """Select the ids of people whom neither a broadcast nor a repetition of it reached."""
    reached = [DeliveryState.SENT, DeliveryState.SENDING]
    if not include_uncertain:
        reached.append(DeliveryState.UNCERTAIN)
    other = deliveries.alias("other")
    was_reached = (
        sa.select(sa.literal(1))
        .where(
            other.c.broadcast_id.in_(family_ids),
            other.c.person_id == deliveries.c.person_id,
            other.c.state.in_(reached),
        )
        .exists()
    )
    return sa.select(deliveries.c.person_id).where(deliveries.c.broadcast_id.in_(family_ids), ~was_reached)


async def _recipients(work: Work, row: BroadcastRow) -> sa.Select[tuple[int]]:
    found = _audience(row.audience, row.kind, row.created_at)
    if row.repeats_id is None:
        return found
    family_ids = [one.id for one in await family(work, row.repeats_id) if one.id != row.id]
    missed = _missed(family_ids, include_uncertain=row.content.get("uncertain_too", False))
    return found.where(people.c.id.in_(missed))


async def count_audience(work: Work, audience: str, kind: BroadcastKind) -> int:
    """Count the people who would get a broadcast that started now."""
    found = _audience(audience, kind).subquery()
    return int(await work.value(sa.select(sa.func.count()).select_from(found)))


async def count_missed(work: Work, first: BroadcastRow, *, include_uncertain: bool) -> int:
    """Count the people that a repetition started now would go to."""
    family_ids = [one.id for one in await family(work, first.id)]
    missed = _missed(family_ids, include_uncertain=include_uncertain)
    found = _audience(first.audience, first.kind).where(people.c.id.in_(missed)).subquery()
    return int(await work.value(sa.select(sa.func.count()).select_from(found)))


async def count_recipients(work: Work, row: BroadcastRow) -> int:
    """Count the people that a queued broadcast would go to now."""
    found = (await _recipients(work, row)).subquery()
    return int(await work.value(sa.select(sa.func.count()).select_from(found)))


async def still_wanted(work: Work, row: BroadcastRow, person_ids: Sequence[int]) -> set[int]:
    """Return those of these people who are reachable and still want it."""
    found = _audience(row.audience, row.kind, row.created_at).where(people.c.id.in_(person_ids))
    return {person_id for (person_id,) in await work.all(found)}


# --- its course ------------------------------------------------------------------------------------------------


def _is_awake(work: Work) -> sa.ColumnElement[bool]:
    """Return the condition that a broadcast may be sent at this hour.

    In quiet hours most automatic broadcasts wait, or are dropped at their `stop_at`.
    """
    if quiet_until(work.programme, work.now) is None:
        return sa.true()
    return broadcasts.c.kind.not_in(NOT_AT_NIGHT)


async def due(work: Work) -> list[BroadcastRow]:
    """List waiting broadcasts whose time has come, by index.

    One that was to start when it was queued starts at once, whatever clock queued it (`tick --now` beside a `run`).
    """
    return await work.all(
        sa.select(broadcasts)
        .where(
            broadcasts.c.status == BroadcastStatus.QUEUED,
            _is_awake(work),
            sa.or_(broadcasts.c.start_at <= work.now, broadcasts.c.start_at <= broadcasts.c.created_at),
        )
        .order_by(broadcasts.c.start_at, broadcasts.c.id)
    )


async def start(work: Work, row: BroadcastRow) -> int | None:
    """Turn the recipients into deliveries, in one statement; return how many.

    None when it was started before, or was moved, stopped, or made to wait for somebody since `row` was read.
    """
    begun = await work.run(
        sa.update(broadcasts)
        .where(
            broadcasts.c.id == row.id,
            broadcasts.c.status == BroadcastStatus.QUEUED,
            broadcasts.c.start_at == row.start_at,
            broadcasts.c.waits_for.is_not_distinct_from(row.waits_for),
        )
        .values(status=BroadcastStatus.RUNNING, started_at=work.now, waits_for=None)
    )
    if begun.rowcount != 1:
        return None
    recipients = (await _recipients(work, row)).add_columns(
        sa.literal(row.id).label("broadcast_id"), sa.literal(str(DeliveryState.PENDING)).label("state")
    )
    result = await work.run(
        sa.insert(deliveries).from_select(["person_id", "broadcast_id", "state"], recipients)
    )
    await work.run(sa.update(broadcasts).where(broadcasts.c.id == row.id).values(counted=result.rowcount))
    return result.rowcount


async def running(work: Work) -> list[BroadcastRow]:
    """List broadcasts to send from, by index.

    Those that become stale first, then the older.
    """
    return await work.all(
        sa.select(broadcasts)
        .where(
            broadcasts.c.status == BroadcastStatus.RUNNING,
            _is_awake(work),
            sa.or_(broadcasts.c.stop_at.is_(None), broadcasts.c.stop_at > work.now),
        )
        .order_by(broadcasts.c.stop_at.is_(None), broadcasts.c.stop_at, broadcasts.c.id)
    )


def _over(now: datetime) -> sa.ColumnElement[bool]:
    """Return the condition that nothing is left to send, or time is over and nothing is under way."""

    def some(*states: DeliveryState) -> sa.ColumnElement[bool]:
        return (
            sa.select(sa.literal(1))
            .where(deliveries.c.broadcast_id == broadcasts.c.id, deliveries.c.state.in_(states))
            .exists()
        )

    return sa.and_(
        broadcasts.c.status.in_([BroadcastStatus.RUNNING, BroadcastStatus.PAUSED]),
        ~some(DeliveryState.SENDING),
        sa.or_(~some(DeliveryState.PENDING), broadcasts.c.stop_at <= now),
    )


async def to_finish(work: Work) -> bool:
    """Return whether `finish` would end any."""
    return await work.value(sa.select(sa.literal(1)).where(_over(work.now)).limit(1)) is not None


async def finish(work: Work) -> list[int]:
    """End broadcasts with nothing left to send, or whose time is over.

    Returns their ids.
    """
    result = await work.run(
        sa.update(broadcasts)
        .where(_over(work.now))
        .values(status=BroadcastStatus.DONE, ended_at=work.now)
        .returning(broadcasts.c.id)
    )
    return [int(row.id) for row in result]


# --- deliveries ------------------------------------------------------------------------------------------------


async def claim(work: Work, broadcast_id: int, limit: int) -> list[tuple[int, int]]:
    """Mark the next deliveries as handed over; return (person, number of tries) each."""
    pending = (
        sa.select(deliveries.c.person_id)
        .where(
            deliveries.c.broadcast_id == broadcast_id,
            sa.text("state = 'pending'"),
            sa.or_(deliveries.c.not_before.is_(None), deliveries.c.not_before <= work.now),
        )
        .order_by(deliveries.c.person_id)
        .limit(limit)
    )
    result = await work.run(
        sa.update(deliveries)
        .where(deliveries.c.broadcast_id == broadcast_id, deliveries.c.person_id.in_(pending))
        .values(state=DeliveryState.SENDING, tries=deliveries.c.tries + 1)
        .returning(deliveries.c.person_id, deliveries.c.tries)
    )
    return sorted((int(row.person_id), int(row.tries)) for row in result)


async def settle(work: Work, results: Sequence[Mapping[str, Any]]) -> None:
    """Record how deliveries ended, one row of values each.

    `broadcast`, `person`, and `new_` values of the columns.
    """
    changed = ("state", "not_before", "message_id", "sent_at", "error")
    await work.run_many(
        sa.update(deliveries)
        .where(
            deliveries.c.broadcast_id == sa.bindparam("broadcast"),
            deliveries.c.person_id == sa.bindparam("person"),
        )
        .values(
            {name: sa.bindparam(f"new_{name}") for name in changed}
            | {"tries": deliveries.c.tries - sa.bindparam("not_counted")}
        ),
        results,
    )


async def give_back(work: Work, broadcast_id: int, person_id: int) -> None:
    """Undo the claim of a delivery that was not handed over."""
    await work.run(
        sa.update(deliveries)
        .where(deliveries.c.broadcast_id == broadcast_id, deliveries.c.person_id == person_id)
        .values(state=DeliveryState.PENDING, tries=deliveries.c.tries - 1)
    )


# By the index of states within each broadcast; those that never started have none.
_IN_FLIGHT = sa.and_(
    deliveries.c.broadcast_id.in_(sa.select(broadcasts.c.id).where(broadcasts.c.started_at.is_not(None))),
    deliveries.c.state == DeliveryState.SENDING,
)


async def in_flight(work: Work) -> list[tuple[int, int]]:
    """List deliveries that are handed over but not settled: (broadcast, person)."""
    rows = await work.all(sa.select(deliveries.c.broadcast_id, deliveries.c.person_id).where(_IN_FLIGHT))
    return [(int(row.broadcast_id), int(row.person_id)) for row in rows]


async def interrupted_become_uncertain(work: Work) -> int:
    """Mark as uncertain, at start, what was in flight when the process died.

    Nobody knows whether it arrived.
    """
    result = await work.run(
        sa.update(deliveries)
        .where(_IN_FLIGHT)
        .values(state=DeliveryState.UNCERTAIN, error="in flight when the process ended")
    )
    return result.rowcount


# --- counts ----------------------------------------------------------------------------------------------------


async def counts(work: Work, broadcast_id: int | None = None) -> dict[int, Counter[DeliveryState]]:
    """Count deliveries by broadcast and state; of one broadcast, or of all.

    From the index alone.
    """
    rows = await work.all(
        sa.select(deliveries.c.broadcast_id, deliveries.c.state, sa.func.count().label("how_many"))
        .where(sa.true() if broadcast_id is None else deliveries.c.broadcast_id == broadcast_id)
        .group_by(deliveries.c.broadcast_id, deliveries.c.state)
    )
    found: dict[int, Counter[DeliveryState]] = {}
    for row in rows:
        found.setdefault(row.broadcast_id, Counter())[DeliveryState(row.state)] = row.how_many
    return found


async def sent_since(work: Work, broadcast_id: int, since: datetime) -> int:
    """Count what was sent since a moment, from the index alone."""
    return int(
        await work.value(
            sa.select(sa.func.count()).where(
                deliveries.c.broadcast_id == broadcast_id,
                deliveries.c.state == DeliveryState.SENT,
                deliveries.c.sent_at > since,
            )
        )
    )
