"""After a restore, ends again what has ended since the backup (docs/decisions/0031).

Erased people are services.privacy.erasing's. Each ending is found by its row, so that doing it twice changes nothing.
"""

from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from domain.broadcasts.broadcasts import ENDED, BroadcastStatus
from domain.privacy.audit import AuditAct
from domain.questions.history import Event
from domain.questions.life import HIDDEN, Secrecy
from services import recall
from services.broadcasts import holding
from services.people import ended_roles
from services.questions import secrecy
from services.questions.case import code_of
from services.recall import Why
from services.staff import blocking
from storage.broadcasts import broadcasts
from storage.engine.database import Work
from storage.operation import audit, endings
from storage.operation.endings import Ending, Key
from storage.people import people, roles
from storage.questions import history, questions

KINDS = tuple(endings.READERS)


@dataclass
class Replayed:
    """What a restored backup had brought back and was ended again, by kind.

    `unknown`: kinds that nobody could tell of.
    """

    ended: dict[str, list[str]] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()

    def note(self, kind: str, which: str) -> None:
        self.ended.setdefault(kind, []).append(which)


def latest(known: Iterable[Ending]) -> list[Ending]:
    """Return one ending for each key.

    Of several the latest counts; of invitations the one that leaves the fewest uses.
    """
    found: dict[tuple[object, ...], Ending] = {}
    for one in known:
        which = (one.kind, one.key)
        before = found.get(which)
        if before is not None:
            if one.kind == "invitation":
                one = min(before, one, key=lambda each: int(each.value or 0))  # noqa: PLW2901
            elif before.at > one.at:
                one = before  # noqa: PLW2901
        found[which] = one
    return list(found.values())


async def end_again(work: Work, known: Iterable[Ending]) -> Replayed:
    """End what the restored database still has of all known endings.

    Audited.
    """
    done = Replayed()
    held, sending = await endings.all_roles(work), await endings.open_broadcasts(work)
    for one in latest(known):
        match one.kind:
            case "role":
                await _end_role(work, one, held, done)
            case "sending" if one.key in sending:
                await _stop(work, int(sending.pop(one.key).id), done)
            case kind if kind in _AGAIN:
                await _AGAIN[kind](work, one, done)
    for row in sending.values():
        await holding.restored(work, row.id)
    if done.ended:
        details = {kind: len(which) for kind, which in sorted(done.ended.items())}
        await audit.add(work, AuditAct.ENDINGS_REPLAYED, "database", actor_id=None, details=details)
    return done


async def _end_role(
    work: Work, ending: Ending, held: Mapping[Key, tuple[int, datetime | None]], done: Replayed
) -> None:
    if ending.key not in held:  # the backup is older than the role: only invitations are left to end
        for _ in range(await endings.end_invitations_to(work, ending)):
            done.note("invitation", "")
        return
    role_id, revoked_at = held[ending.key]
    if revoked_at is not None:
        return
    person_id, _, role, agency, _ = ending.key
    await roles.revoke(work, role_id, None)
    await audit.add(
        work,
        AuditAct.ROLE_REVOKED,
        f"person:{person_id}",
        actor_id=None,
        details={"role": role, "agency": agency},
    )
    await ended_roles.settle(work, await people.by_id(work, int(str(person_id))), by=None)
    done.note("role", str(role) if agency is None else f"{role} {agency}")


async def _lessen(work: Work, ending: Ending, done: Replayed) -> None:
    if await endings.lessen_invitation(work, str(ending.key[0]), int(ending.value or 0)):
        done.note("invitation", "")


async def _end_consent(work: Work, ending: Ending, done: Replayed) -> None:
    if not await endings.end_consent(work, ending.key):
        return
    person_id, _, kind, _, _ = ending.key
    await audit.add(
        work, AuditAct.CONSENT_WITHDRAWN, f"person:{person_id}", actor_id=None, details={"kind": kind}
    )
    done.note("consent", str(kind))


async def _stop(work: Work, broadcast_id: int, done: Replayed) -> None:
    """Stop a broadcast.

    Nobody knows whom it reached since: it counts as sent, and editors may send it once more.
    """
    going = [one for one in BroadcastStatus if one not in ENDED]
    await broadcasts.move(work, broadcast_id, going, BroadcastStatus.CANCELLED, ended_at=work.now)
    await holding.audit_act(work, AuditAct.BROADCAST_STOPPED, broadcast_id, None)
    done.note("sending", str(broadcast_id))


async def _flag(work: Work, ending: Ending, done: Replayed) -> None:
    """Flag a question that was hidden again, also one that was confirmed.

    An editor looks again, because the backup does not have what was done about it.
    """
    question = await endings.question_of(work, ending.key) if endings.hides(ending) else None
    if question is None or question.secrecy in HIDDEN:
        return
    moved = await questions.move(work, question, secrecy=Secrecy.SUSPECTED)
    assert moved is not None, "nobody else writes while a backup is restored"
    await history.record(work, moved.id, Event.FLAGGED, actor_id=None, actor_role="programme")
    await secrecy.hide(work, moved)
    done.note("flag", code_of(work, moved))


async def _block(work: Work, ending: Ending, done: Replayed) -> None:
    """Block somebody as since the backup, or take back what was taken back since."""
    person = await endings.person_of(work, ending.key)
    if person is None:
        return
    standing = await endings.block_of(work, ending.key)
    if ending.value is None:
        changed = standing is not None and await blocking.unblock_again(work, standing)
    else:
        begun_at, until = (datetime.fromisoformat(str(one)) for one in (ending.key[2], ending.value))
        changed = standing is None and await blocking.block_again(work, person, begun_at, until)
    if changed:
        done.note("block", "")


async def _take_back(work: Work, ending: Ending, done: Replayed) -> None:
    question = None if ending.value else await endings.question_of(work, ending.key)
    if question is None or question.published_at is None or question.published_at > ending.at:
        return
    moved = await questions.move(work, question, published_at=None)
    assert moved is not None, "nobody else writes while a backup is restored"
    await recall.take_back(work, [moved], Why.UNPUBLISHED)
    done.note("publication", code_of(work, question))


async def _leave(work: Work, ending: Ending, done: Replayed) -> None:
    if await endings.leave_broadcasts(work, ending):
        done.note("broadcasts", "")


_AGAIN: Mapping[str, Callable[[Work, Ending, Replayed], Awaitable[None]]] = {
    "invitation": _lessen,
    "consent": _end_consent,
    "broadcasts": _leave,
    "flag": _flag,
    "publication": _take_back,
    "block": _block,
}


def counted(done: Replayed) -> list[tuple[str, int, str]]:
    """Return (kind, how many, which, where that may be said), for the operator."""
    return [
        (
            kind,
            len(which),
            ", ".join(
                name if count == 1 else f"{name} ({count})"
                for name, count in sorted(Counter(which).items())
                if name
            ),
        )
        for kind, which in done.ended.items()
    ]
