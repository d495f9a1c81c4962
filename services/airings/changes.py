"""Changes airings by hand: moving, cancelling, restoring and adding them.

What follows for repeats, storing it, and telling subscribers. Each change comes twice: `propose_…` computes what
would happen and refuses what may not; the other one does it.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from domain.airings.schedule import Airing, AiringKind, AiringStatus, Kept, Schedule, Slot
from domain.broadcasts.broadcasts import BroadcastKind
from domain.errors import Reason, RuleViolation
from domain.privacy.audit import AuditAct
from domain.programme import offset_iso
from domain.vietnamese.text import clean
from services.airings.schedule import (
    airing_of,
    airings_between,
    kept_of,
    schedule_of_days,
    slots_of,
    write_down,
)
from services.broadcasts import holding
from services.people.actors import Actor, require_editor
from storage.airings import airings
from storage.broadcasts import broadcasts
from storage.engine.database import Work
from storage.operation import audit

REASON_CHARACTERS = 300
AUDIENCE = "airings"  # whoever wants to hear of airings at all

_NOT_YET = 0  # the id of a decision that is not written down


@dataclass(frozen=True)
class Change:
    """A change of an airing and its repeats, each before and after.

    Before is None for one that is added. `doubled` are repeats that would air while their channel airs something else
    at that minute.
    """

    before: Airing | None
    after: Airing
    repeats: tuple[tuple[Airing | None, Airing], ...] = ()
    doubled: tuple[Airing, ...] = ()

    def to_tell(self, now: datetime) -> list[tuple[Airing | None, Airing]]:
        """List the pairs to tell subscribers of: changed on air, and not over."""
        return [
            (before, after)
            for before, after in ((self.before, self.after), *self.repeats)
            if _on_air(before) != after.on_air_at
            and any(at is not None and at > now for at in (_on_air(before), after.on_air_at))
        ]


@dataclass(frozen=True)
class Extra:
    """An airing to add by hand.

    `slot` is the rule whose repeats may follow it, where its channel has one then.
    """

    starts_at: datetime
    channel: str
    medium: str
    minutes: int | None
    reason: str | None
    slot: Slot | None
    with_repeats: bool


# --- move, cancel, restore ------------------------------------------------------------------------------------


async def propose_move(
    work: Work, actor: Actor, key: str, to: datetime, reason: str, seen: str | None = None
) -> Change:
    """Compute what moving an airing would do.

    Its repeats follow by date, at their own times. `seen` is the `version` that was shown before. Raises
    `RuleViolation`: not allowed, no such airing, no reason, into the past, onto another airing of the channel, a
    repeat of a cancelled one, to where it stands already.
    """
    airing = await _open(work, actor, key, seen)
    if to <= work.now:
        raise RuleViolation(Reason.AIRING_IN_THE_PAST, at=to)
    return await _reckon(work, airing, starts_at=to, status=AiringStatus.MOVED, reason=_reason(reason))


async def move(
    work: Work, actor: Actor, key: str, to: datetime, reason: str, seen: str | None = None
) -> Change:
    """Move an airing, and tell subscribers.

    Raises as `propose_move`.
    """
    await airings.hold(work)
    change = await propose_move(work, actor, key, to, reason, seen)
    values = {"starts_at": to, "status": AiringStatus.MOVED, "reason": _reason(reason)}
    return await _do(work, actor, change, values)


async def propose_cancel(work: Work, actor: Actor, key: str, reason: str, seen: str | None = None) -> Change:
    """Compute what cancelling an airing would do.

    Its repeats are cancelled with it. Raises `RuleViolation`.
    """
    airing = await _open(work, actor, key, seen)
    return await _reckon(work, airing, status=AiringStatus.CANCELLED, reason=_reason(reason))


async def cancel(work: Work, actor: Actor, key: str, reason: str, seen: str | None = None) -> Change:
    """Cancel an airing, and tell subscribers.

    Raises as `propose_cancel`.
    """
    await airings.hold(work)
    change = await propose_cancel(work, actor, key, reason, seen)
    values = {
        "starts_at": change.after.starts_at,
        "status": AiringStatus.CANCELLED,
        "reason": _reason(reason),
    }
    return await _do(work, actor, change, values)


async def propose_restore(work: Work, actor: Actor, key: str, seen: str | None = None) -> Change:
    """Compute what undoing a move or a cancellation would do.

    The airing returns to where its rule, or what it repeats, sets it. One without a rule stays at its time. Raises
    `RuleViolation`.
    """
    airing = await _open(work, actor, key, seen)
    change = await _reckon(work, airing, **_restored(airing))
    if airing.status is not AiringStatus.CANCELLED and change.after.starts_at <= work.now:
        raise RuleViolation(Reason.AIRING_IN_THE_PAST, at=change.after.starts_at)
    return change


async def restore(work: Work, actor: Actor, key: str, seen: str | None = None) -> Change:
    """Undo a move or a cancellation, and tell subscribers.

    Raises as `propose_restore`.
    """
    await airings.hold(work)
    change = await propose_restore(work, actor, key, seen)
    assert change.before is not None
    values = {"starts_at": change.after.starts_at, **_restored(change.before)}
    return await _do(work, actor, change, values)


def _restored(airing: Airing) -> dict[str, Any]:
    by_hand = {} if airing.ruled_at is not None else {"added": True}
    return {"status": AiringStatus.PLANNED, "reason": None, **by_hand}


async def _open(work: Work, actor: Actor, key: str, seen: str | None) -> Airing:
    require_editor(actor)
    airing = await airing_of(work, key)
    if airing is None:
        raise RuleViolation(Reason.NO_AIRING)
    if seen is not None and seen != airing.version:
        raise RuleViolation(Reason.AIRING_CHANGED_MEANWHILE)
    if airing.follows_cancelled:
        raise RuleViolation(Reason.FIRST_AIRING_CANCELLED)
    return airing


def _reason(typed: str) -> str:
    reason = " ".join(clean(typed).split())
    if not reason:
        raise RuleViolation(Reason.REASON_MISSING)
    if len(reason) > REASON_CHARACTERS:
        raise RuleViolation(Reason.TOO_LONG, limit=REASON_CHARACTERS)
    return reason


# --- add ------------------------------------------------------------------------------------------------------


async def extra(
    work: Work,
    starts_at: datetime,
    channel: str,
    minutes: int | None,
    reason: str,
    *,
    with_repeats: bool = False,
) -> Extra:
    """Make an airing to add, filled in from the channel's rules of that day.

    Raises `RuleViolation` (unknown channel) for a channel that no slot has.
    """
    slots = [slot for slot in await slots_of(work) if slot.channel == channel]
    if not slots:
        raise RuleViolation(Reason.UNKNOWN_AIR_CHANNEL, typed=channel, channels=await channels(work))
    day = work.programme.local(starts_at).date()
    valid = [slot for slot in slots if slot.kind is AiringKind.FIRST and slot.is_valid(day)]
    slot = valid[0] if valid else None
    return Extra(
        starts_at=starts_at,
        channel=channel,
        medium=(slot or slots[0]).medium,
        minutes=minutes if minutes is not None else slot.minutes if slot else None,
        reason=_reason(reason) if reason else None,
        slot=slot,
        with_repeats=with_repeats,
    )


def with_repeats(new: Extra) -> Extra:
    """Return the same airing with the repeats of its channel's rule."""
    return replace(new, with_repeats=True)


async def channels(work: Work) -> tuple[str, ...]:
    """List the channels of all slots, in their order."""
    return tuple(dict.fromkeys(slot.channel for slot in await slots_of(work)))


async def propose_extra(work: Work, actor: Actor, new: Extra) -> Change:
    """Compute what adding an airing would do; one in the past is only recorded.

    Raises `RuleViolation`: not allowed, onto another airing of the channel, a second one of the slot that day (with
    repeats), no repeats there.
    """
    return (await _reckon_extra(work, actor, new))[0]


async def add(work: Work, actor: Actor, new: Extra) -> Change:
    """Add an airing by hand, and tell subscribers.

    Raises as `propose_extra`.
    """
    await airings.hold(work)
    change, kept = await _reckon_extra(work, actor, new)
    values = {
        "slot_id": new.slot.id if new.slot and kept.slot else None,
        "rule_on": kept.rule_on,
        "kind": kept.kind,
        "starts_at": kept.starts_at,
        "channel": kept.channel,
        "medium": kept.medium,
        "minutes": kept.minutes,
        "status": kept.status,
        "reason": kept.reason,
        "added": True,
        "changes": kept.changes,
        "changed_by": actor.id,
    }
    row_id = await airings.keep(work, kept.id or None, values)
    after = change.after if kept.slot else replace(change.after, key=str(row_id), id=row_id)
    change = replace(change, after=after)
    await _tell(work, actor, change, f"airing:{row_id}:{kept.changes}")
    return change


async def _reckon_extra(work: Work, actor: Actor, new: Extra) -> tuple[Change, Kept]:
    require_editor(actor)
    kept = Kept(
        id=_NOT_YET,
        slot=None,
        rule_on=None,
        kind=AiringKind.FIRST,
        starts_at=new.starts_at,
        channel=new.channel,
        medium=new.medium,
        minutes=new.minutes,
        status=AiringStatus.PLANNED,
        reason=new.reason,
        added=True,
        changes=1,
    )
    if not new.with_repeats:
        after = Schedule([], [kept], work.programme.timezone).alone(_NOT_YET, work.now)
        assert after is not None
        change = Change(None, after)
    else:
        day = work.programme.local(new.starts_at).date()
        schedule = await schedule_of_days(work, {day})
        if new.slot is None or not schedule.repeats_of(new.slot.code):
            raise RuleViolation(Reason.NO_REPEATS_THEN, channel=new.channel)
        if schedule.airing(new.slot.code, day, work.now) is not None:
            raise RuleViolation(Reason.SLOT_AIRS_THAT_DAY, day=day)
        # A decision that was taken back left its row.
        rows = [row for row in await airings.on_rule_days(work, {day}) if row.slot == new.slot.code]
        kept = replace(kept, slot=new.slot.code, rule_on=day)
        if rows:
            kept = replace(kept, id=rows[0].id, changes=rows[0].changes + 1)
        change = _compare(schedule, schedule.deciding(kept), new.slot.code, day, work.now)
    return await _without_clash(work, change), kept


# --- what follows ---------------------------------------------------------------------------------------------


async def _reckon(work: Work, airing: Airing, **decided: Any) -> Change:
    """Compute what one more decision changes; raise `RuleViolation` for no change, or a clash."""
    if airing.rule_on is None:
        assert airing.id is not None
        row = await airings.by_id(work, airing.id)
        assert row is not None
        kept = replace(kept_of(row), **decided)
        after = Schedule([], [kept], work.programme.timezone).alone(airing.id, work.now)
        assert after is not None
        change = Change(airing, after)
    else:
        code, _, _ = airing.key.rpartition(":")
        schedule = await schedule_of_days(work, {airing.rule_on})
        kept = replace(await _kept_or_as_ruled(work, airing, code), **decided)
        change = _compare(schedule, schedule.deciding(kept), code, airing.rule_on, work.now)
    if change.after.on_air_at == _on_air(airing):
        raise RuleViolation(Reason.AIRING_AS_IT_IS)
    return await _without_clash(work, change)


async def _kept_or_as_ruled(work: Work, airing: Airing, code: str) -> Kept:
    if airing.id is not None:
        row = await airings.by_id(work, airing.id)
        assert row is not None
        return replace(kept_of(row), starts_at=airing.starts_at)
    return Kept(
        id=_NOT_YET,
        slot=code,
        rule_on=airing.rule_on,
        kind=airing.kind,
        starts_at=airing.starts_at,
        channel=airing.channel,
        medium=airing.medium,
        minutes=airing.minutes,
        status=AiringStatus.PLANNED,
    )


def _compare(before: Schedule, after: Schedule, code: str, rule_on: date, now: datetime) -> Change:
    """Compare an airing and its repeats in two schedules; leave out unchanged repeats."""
    repeats = []
    for slot in before.repeats_of(code):
        was, will_be = before.airing(slot.code, rule_on, now), after.airing(slot.code, rule_on, now)
        if will_be is not None and will_be.on_air_at != _on_air(was):
            repeats.append((was, will_be))
    changed = after.airing(code, rule_on, now)
    assert changed is not None, "what somebody decides about stands"
    repeats.sort(key=lambda pair: (pair[1].starts_at, pair[1].channel))
    return Change(before.airing(code, rule_on, now), changed, tuple(repeats))


async def _without_clash(work: Work, change: Change) -> Change:
    """Return the change with its doubled repeats; raise `RuleViolation` where the airing itself clashes."""
    after = [change.after, *(new for _old, new in change.repeats)]
    keys = {one.key for one in after}
    days = {work.programme.local(one.starts_at).date() for one in after}
    others = [
        one for day in sorted(days) for one in await airings_between(work, day, day) if one.key not in keys
    ]
    doubled = [
        one
        for one in after
        if any(_same_minute(one, other) for other in (*others, *after) if other is not one)
    ]
    if change.after in doubled:
        raise RuleViolation(Reason.AIRING_CLASH, channel=change.after.channel, at=change.after.starts_at)
    return replace(change, doubled=tuple(doubled))


def _same_minute(one: Airing, other: Airing) -> bool:
    return (
        one.channel == other.channel
        and one.on_air_at is not None
        and other.on_air_at is not None
        and one.starts_at.replace(second=0) == other.starts_at.replace(second=0)
    )


def _on_air(airing: Airing | None) -> datetime | None:
    return None if airing is None else airing.on_air_at


# --- writing down, telling ------------------------------------------------------------------------------------


async def _do(work: Work, actor: Actor, change: Change, values: dict[str, Any]) -> Change:
    assert change.before is not None
    own_changes = 0
    if change.before.id is not None:
        row = await airings.by_id(work, change.before.id)
        own_changes = 0 if row is None else row.changes
    decided = values | {"changed_by": actor.id, "changes": own_changes + 1}
    row_id = await write_down(work, change.before, decided)
    await _tell(work, actor, change, f"airing:{row_id}:{own_changes + 1}")
    return change


async def _tell(work: Work, actor: Actor, change: Change, occasion: str) -> None:
    """Queue one announcement of all that changes on air and is still to come, if anything.

    `old` and `new` are the times on air before and after: null where it was not (added, restored), or will not be.
    """
    await audit.add(
        work, AuditAct.AIRING_CHANGED, f"airing:{change.after.key}", actor_id=actor.id, details={}
    )
    told = change.to_tell(work.now)
    if not told:
        return
    (first, *others) = [_fact(work, before, after) for before, after in told]
    moments = [at for before, after in told for at in (_on_air(before), after.on_air_at) if at is not None]
    added = await broadcasts.add(
        work,
        kind=BroadcastKind.AIRING_CHANGED,
        audience=AUDIENCE,
        content=first | {"reason": change.after.reason, "repeats": others},
        occasion=occasion,
        stop_at=max(moments),
        created_by=actor.id,
    )
    if added is not None:
        reason = change.after.reason or ""
        await holding.ask_about_odd_words(work, added, actor.id, reason)
        await holding.tell_others(work, added, "airing", by=actor.id, text=reason)


def _fact(work: Work, before: Airing | None, after: Airing) -> dict[str, str | None]:
    old, new = (
        None if at is None else offset_iso(at, work.programme.timezone)
        for at in (_on_air(before), after.on_air_at)
    )
    return {"key": after.key, "old": old, "new": new}
