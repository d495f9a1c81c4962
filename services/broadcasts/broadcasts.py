"""Broadcasts: composing, starting, stopping, repeating, counting.

`bot.loops.broadcaster` delivers them.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import unescape
from typing import Any

from channels.registry import CHANNELS
from domain.broadcasts.broadcasts import (
    ENDED,
    Audience,
    BroadcastAct,
    BroadcastKind,
    BroadcastStatus,
    DeliveryState,
)
from domain.errors import Reason, RuleViolation
from domain.privacy.audit import AuditAct
from domain.subscribers.topics import FIELD
from services.broadcasts import holding
from services.people.actors import Actor, require_editor
from storage.agencies import agencies
from storage.broadcasts import broadcasts
from storage.delivery import outbox
from storage.engine.database import Database, Work
from storage.people import people
from storage.rows import BroadcastRow

RATE_OVER = timedelta(seconds=10)  # what "now" means for a rate
_TAG = re.compile(r"<[^<>]*>")
_AUDITED = {
    BroadcastAct.PAUSE: AuditAct.BROADCAST_PAUSED,
    BroadcastAct.RESUME: AuditAct.BROADCAST_RESUMED,
    BroadcastAct.CANCEL: AuditAct.BROADCAST_STOPPED,
    BroadcastAct.MOVE: AuditAct.BROADCAST_MOVED,
    BroadcastAct.APPROVE: AuditAct.BROADCAST_APPROVED,
}


@dataclass(frozen=True)
class Progress:
    """How far a broadcast is.

    `pending` includes what is in flight; `rate` is in messages a second, of late.
    """

    id: int
    status: BroadcastStatus
    recipients: int  # 0 until it starts
    sent: int
    blocked: int
    failed: int
    uncertain: int
    pending: int
    dropped: int  # not sent because it was over: cancelled, too late, no longer wanted
    rate: float
    seconds_left: int | None  # None where nothing goes out now


@dataclass(frozen=True)
class Ended:
    """The end of one delivery; `counts`: as a try."""

    broadcast_id: int
    person_id: int
    state: DeliveryState
    error: str | None = None
    message_id: str | None = None
    sent_at: datetime | None = None
    not_before: datetime | None = None
    moved_to: str | None = None
    counts: bool = True


async def compose(
    work: Work,
    actor: Actor | None,
    *,
    html: str,
    photo: Mapping[str, Any] | None = None,
    button: tuple[str, str] | None = None,
    audience: str,
    start_at: datetime | None = None,
) -> int:
    """Queue a broadcast that somebody composed; return its id.

    `actor` None: an operator, at the command line. A person's is held for some minutes, told to the other editors and
    admins, and may wait for one of them to agree. `photo` is a file's `remote_id`, `checksum`, `name`,
    `content_type`. Raises `RuleViolation`: no editor, no text, more than one message holds, no such audience or
    field.
    """
    if actor is not None:
        require_editor(actor)
    check_length(html, with_photo=photo is not None)
    await check_audience(work, audience)
    content = {
        "html": html,
        "photo": None if photo is None else dict(photo),
        "button": button and list(button),
    }
    recipients = await count_recipients(work, audience)
    return await _queue(
        work, actor, kind=BroadcastKind.MESSAGE, audience=audience, content=content, start_at=start_at,
        recipients=recipients, told="queued",
    )  # fmt: skip


async def _queue(
    work: Work,
    actor: Actor | None,
    *,
    kind: BroadcastKind,
    audience: str,
    content: Mapping[str, Any],
    recipients: int,
    told: str,
    start_at: datetime | None = None,
    repeats_id: int | None = None,
) -> int:
    """Queue a message to many at the time that the rules allow, and tell the other editors."""
    waits_for = None
    if actor is not None:
        start_at = holding.held_until(work, start_at)
        if kind is BroadcastKind.MESSAGE:  # all others have the programme's own words
            waits_for = await holding.reason_to_wait(work, actor.id, content, recipients)
    added = await broadcasts.add(
        work,
        kind=kind,
        audience=audience,
        content=dict(content),
        start_at=start_at,
        created_by=None if actor is None else actor.id,
        repeats_id=repeats_id,
        waits_for=waits_for,
        counted=recipients,
    )
    assert added is not None, "what people send has no occasion"
    by = None if actor is None else actor.id
    await holding.audit_act(
        work,
        AuditAct.BROADCAST_QUEUED,
        added,
        by,
        audience=audience,
        recipients=recipients,
        repeats=repeats_id,
    )
    if actor is not None:
        await holding.tell_others(work, added, told, by=actor.id)
    return added


def check_length(html: str, *, with_photo: bool) -> None:
    """Raise `RuleViolation` for a broadcast that is empty or too long for one message.

    One message on every channel.
    """
    visible = unescape(_TAG.sub("", html))
    if not visible.strip() and not with_photo:
        raise RuleViolation(Reason.TEXT_MISSING)
    for can in CHANNELS.values():
        limit = can.caption_limit if with_photo else can.text_limit
        if can.units(visible) > limit:
            raise RuleViolation(Reason.TOO_LONG, limit=limit)


async def check_audience(work: Work, audience: str) -> None:
    """Raise `RuleViolation` for an audience that does not exist."""
    if audience.startswith(FIELD):
        code = audience.removeprefix(FIELD)
        if not any(row.code == code for row in await agencies.all_fields(work)):
            raise RuleViolation(Reason.UNKNOWN_FIELD, typed=code)
    elif audience not in set(Audience):
        raise RuleViolation(Reason.UNKNOWN_AUDIENCE)


async def count_recipients(work: Work, audience: str) -> int:
    """Count the people that a broadcast to this audience would go to now."""
    return await broadcasts.count_audience(work, audience, BroadcastKind.MESSAGE)


async def pause(work: Work, actor: Actor, broadcast_id: int) -> None:
    """Stop sending for now, within a second; what is in flight arrives.

    Raises `RuleViolation`.
    """
    await _move(
        work, actor, broadcast_id, BroadcastAct.PAUSE, (BroadcastStatus.RUNNING,), BroadcastStatus.PAUSED
    )


async def resume(work: Work, actor: Actor, broadcast_id: int) -> None:
    """Go on where it was paused.

    Its author does not undo somebody else's pause alone. Raises `RuleViolation`.
    """
    require_editor(actor)
    row = await _found(work, broadcast_id)
    if row.status == BroadcastStatus.PAUSED and row.created_by == actor.id:
        last = await broadcasts.acts(work, broadcast_id, 1)
        if last and last[0].person_id != actor.id and await holding.others(work, actor.id):
            raise RuleViolation(Reason.BROADCAST_OWN)
    await _move(
        work, actor, broadcast_id, BroadcastAct.RESUME, (BroadcastStatus.PAUSED,), BroadcastStatus.RUNNING
    )


async def cancel(work: Work, actor: Actor, broadcast_id: int) -> None:
    """End a broadcast within a second; what was sent stays.

    Raises `RuleViolation`.
    """
    await _move(
        work,
        actor,
        broadcast_id,
        BroadcastAct.CANCEL,
        (BroadcastStatus.QUEUED, BroadcastStatus.RUNNING, BroadcastStatus.PAUSED),
        BroadcastStatus.CANCELLED,
        ended_at=work.now,
    )


async def approve(work: Work, actor: Actor, broadcast_id: int) -> None:
    """Approve a broadcast that waits for somebody other than its author.

    It starts at its time. Raises `RuleViolation`.
    """
    require_editor(actor)
    row = await _found(work, broadcast_id)
    if row.created_by == actor.id:
        raise RuleViolation(Reason.BROADCAST_OWN)
    if not await broadcasts.approve(work, broadcast_id, actor.id):
        raise RuleViolation(Reason.BROADCAST_ENDED if row.status in ENDED else Reason.BROADCAST_NOT_WAITING)
    await _record(work, actor, broadcast_id, BroadcastAct.APPROVE)


async def repeat_to_missed(work: Work, actor: Actor, broadcast_id: int, *, include_uncertain: bool) -> int:
    """Queue a broadcast once more, for people it missed; return the new id.

    They were reached neither by it nor by a repetition, and can be reached now. People of whom nobody knows whether
    they got it are left out, unless asked for. Raises `RuleViolation`.
    """
    require_editor(actor)
    first = await _over(work, broadcast_id)
    missed = await broadcasts.count_missed(work, first, include_uncertain=include_uncertain)
    if not missed:
        raise RuleViolation(Reason.NOBODY_MISSED)
    added = await _queue(
        work,
        actor,
        kind=BroadcastKind(first.kind),
        audience=first.audience,
        content={**first.content, "uncertain_too": include_uncertain},
        recipients=missed,
        told="again",
        repeats_id=first.id,
    )
    await broadcasts.record(work, broadcast_id, BroadcastAct.REPEAT, actor.id)
    return added


async def count_missed(work: Work, broadcast_id: int, *, include_uncertain: bool) -> int:
    """Count the people that a repetition would go to now.

    Raises `RuleViolation`: unknown, or not over yet.
    """
    first = await _over(work, broadcast_id)
    return await broadcasts.count_missed(work, first, include_uncertain=include_uncertain)


async def _over(work: Work, broadcast_id: int) -> BroadcastRow:
    """Return the first of a broadcast and its repetitions, all of them over; raise `RuleViolation` else."""
    row = await _found(work, broadcast_id)
    first = row if row.repeats_id is None else await _found(work, row.repeats_id)
    if any(one.status not in ENDED for one in await broadcasts.family(work, first.id)):
        raise RuleViolation(Reason.BROADCAST_GOES_ON)
    return first


async def reschedule(work: Work, actor: Actor, broadcast_id: int, start_at: datetime) -> None:
    """Set another time for a broadcast that waits; it is held anew.

    Raises `RuleViolation`: begun, ended, past.
    """
    require_editor(actor)
    await _found(work, broadcast_id)
    if start_at <= work.now:
        raise RuleViolation(Reason.MOMENT_PAST)
    queued = BroadcastStatus.QUEUED
    begins = holding.held_until(work, start_at)
    if not await broadcasts.move(work, broadcast_id, [queued], queued, start_at=begins):
        raise RuleViolation(Reason.BROADCAST_BEGAN)
    await _record(work, actor, broadcast_id, BroadcastAct.MOVE)
    await holding.tell_others(work, broadcast_id, "moved", by=actor.id)


async def progress(work: Work, broadcast_id: int) -> Progress:
    """Return how far a broadcast is.

    Raises `RuleViolation` where there is no such broadcast.
    """
    row = await _found(work, broadcast_id)
    counts = (await broadcasts.counts(work, broadcast_id)).get(broadcast_id, Counter())
    rate = 0.0
    if row.status == BroadcastStatus.RUNNING:
        assert row.started_at is not None
        since = max(work.now - RATE_OVER, row.started_at)
        seconds = (work.now - since).total_seconds()
        rate = await broadcasts.sent_since(work, broadcast_id, since) / max(1.0, seconds)
    return _progress(row, counts, rate)


async def all_progress(work: Work) -> list[Progress]:
    """Return how far every broadcast is, oldest first, without rates."""
    counts = await broadcasts.counts(work)
    return [_progress(row, counts.get(row.id, Counter()), 0.0) for row in await broadcasts.listed(work)]


async def start_due(database: Database) -> int:
    """Start the broadcasts whose time has come; return how many.

    Their recipients become rows.
    """
    async with database.reading() as work:
        waiting = [row for row in await broadcasts.due(work) if await holding.may_start(work, row)]
    started = 0
    for row in waiting:
        async with database.work(long=True) as work:
            if not await holding.asks_now(work, row):
                started += await broadcasts.start(work, row) is not None
    return started


async def settle(work: Work, ended: Sequence[Ended]) -> list[int]:
    """Record how deliveries ended.

    Returns the ids of people who blocked the bot, for whom the rest is held.
    """
    await broadcasts.settle(
        work,
        [
            {
                "broadcast": one.broadcast_id,
                "person": one.person_id,
                "new_state": one.state,
                "new_not_before": one.not_before,
                "new_message_id": one.message_id,
                "new_sent_at": one.sent_at,
                "new_error": one.error,
                "not_counted": 0 if one.counts else 1,
            }
            for one in ended
        ],
    )
    unreachable = []
    for one in ended:
        if one.state is DeliveryState.BLOCKED and one.error is not None:
            person = await people.by_id(work, one.person_id)
            if people.can_be_reached(person):
                await outbox.hold_for(work, person.channel, person.address)
            unreachable.append(one.person_id)
        elif one.moved_to is not None:
            person = await people.by_id(work, one.person_id)
            if people.can_be_reached(person):
                await people.move_address(work, person.channel, person.address, one.moved_to)
                await outbox.move_address(work, person.channel, person.address, one.moved_to)
    return unreachable


def _progress(row: BroadcastRow, counts: Counter[DeliveryState], rate: float) -> Progress:
    waiting = counts[DeliveryState.PENDING]
    # What an ended broadcast has not sent is dropped: counted, not rewritten row by row.
    over = row.status in ENDED
    pending = counts[DeliveryState.SENDING] + (0 if over else waiting)
    return Progress(
        id=row.id,
        status=BroadcastStatus(row.status),
        recipients=counts.total(),
        sent=counts[DeliveryState.SENT],
        blocked=counts[DeliveryState.BLOCKED],
        failed=counts[DeliveryState.FAILED],
        uncertain=counts[DeliveryState.UNCERTAIN],
        pending=pending,
        dropped=counts[DeliveryState.DROPPED] + (waiting if over else 0),
        rate=rate,
        seconds_left=round(pending / rate) if rate else None,
    )


async def _move(
    work: Work,
    actor: Actor,
    broadcast_id: int,
    act: BroadcastAct,
    origins: tuple[BroadcastStatus, ...],
    status: BroadcastStatus,
    **changes: Any,
) -> None:
    require_editor(actor)
    row = await _found(work, broadcast_id)
    if row.status == status:
        return  # a second tap
    if not await broadcasts.move(work, broadcast_id, origins, status, **changes):
        raise RuleViolation(Reason.BROADCAST_ENDED if row.status in ENDED else Reason.BROADCAST_NOT_STARTED)
    await _record(work, actor, broadcast_id, act)


async def _record(work: Work, actor: Actor, broadcast_id: int, act: BroadcastAct) -> None:
    """Record what somebody did with a broadcast, for those who watch it and in the audit log."""
    await broadcasts.record(work, broadcast_id, act, actor.id)
    await holding.audit_act(work, _AUDITED[act], broadcast_id, actor.id)


async def _found(work: Work, broadcast_id: int) -> BroadcastRow:
    row = await broadcasts.by_id(work, broadcast_id)
    if row is None:
        raise RuleViolation(Reason.UNKNOWN_BROADCAST)
    return row
