"""Erases a person: who they were and what they wrote goes, the ledger stays.

Law 91/2025/QH15; docs/decisions/0020. Numbers, dates, status, field, agency and stars of their questions stay, for
the ledger has no gaps and its statistics are reproducible. What was published stays, without a link to anybody. The
agencies' own words stay, without what the ledger knew of the asker.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.errors import Reason, RuleViolation
from domain.privacy.audit import AuditAct
from domain.privacy.tombstones import Tombstone
from domain.questions.codes import Code
from domain.questions.history import Event
from domain.questions.life import HIDDEN, OPEN, Action
from messages.notices.privacy import AskerErasureAsked, Erased, ErasedForAsker
from services import recall
from services.notify import tell
from services.people import ended_roles
from services.people.actors import Actor, actor_of
from services.people.desk import name_of, tell_desk
from services.questions import allowance, asker_decisions
from services.questions.case import Case, code_of, open_case
from services.recall import Why
from storage.delivery.outbox import FAREWELL, Lane
from storage.engine import tombstones
from storage.engine.database import Work
from storage.operation import audit
from storage.people import people, roles
from storage.privacy import erasing
from storage.questions import history
from storage.rows import PersonRow, QuestionRow


@dataclass(frozen=True)
class Extent:
    """What erasing somebody affects: codes of their open and published questions."""

    open: tuple[str, ...]
    published: tuple[str, ...]


async def extent(work: Work, actor: Actor) -> Extent:
    """Return what erasing would affect.

    Raises `RuleViolation` for one of the staff, whose role ends first.
    """
    _refuse_staff(actor)
    return _extent(work, await erasing.questions_of(work, actor.id))


def _extent(work: Work, asked: Sequence[QuestionRow]) -> Extent:
    return Extent(
        open=tuple(code_of(work, row) for row in asked if row.status in OPEN),
        published=tuple(code_of(work, row) for row in asked if row.published_at is not None),
    )


async def erase_oneself(work: Work, actor: Actor, update_id: int) -> None:
    """Erase somebody at their own word; one last message tells them.

    `update_id` is the update in which they said it. Raises `RuleViolation` for one of the staff.
    """
    _refuse_staff(actor)
    codes = await _erase(work, actor.person, by=actor.id, update_id=update_id)
    if codes is not None:
        await tell(work, actor.person, Erased(codes=codes), lane=Lane.REPLY, about=FAREWELL)


async def extent_for(work: Work, editor: Actor, which: Code | int) -> tuple[Case, AskerErasureAsked]:
    """Return what erasing this question's asker would affect, for an editor.

    Of somebody who asked by post, telephone or in person. Each question that was entered by hand has an asker of its
    own: others of the same name are listed, too. Raises `RuleViolation`.
    """
    case = await open_case(work, editor, Action.ERASE_ASKER, which)
    asker = await people.by_id(work, case.question.asker_id)
    if asker.erased_at is not None:
        raise RuleViolation(Reason.ALREADY_DONE, code=case.code, status=case.question.status)
    asked = await erasing.questions_of(work, asker.id)
    found = _extent(work, asked)
    others = await erasing.entered_under(work, asker.full_name or "", besides=asker.id)
    shown = [one for one in others if one.secrecy not in HIDDEN or editor.reads_hidden]
    return case, AskerErasureAsked(
        code=case.code,
        full_name=asker.full_name or "",
        channel=case.question.channel,
        open=found.open,
        published=found.published,
        same_name=tuple(code_of(work, one) for one in shown),
    )


async def erase_asker(work: Work, editor: Actor, which: Code | int, update_id: int) -> str:
    """Erase an asker whom no messenger reaches, at their written request.

    Returns the code. `update_id` is the update in which the editor confirmed it. Raises `RuleViolation`, also where
    it is done already.
    """
    case, _ = await extent_for(work, editor, which)
    asker = await people.by_id(work, case.question.asker_id)
    await _erase(work, asker, by=editor.id, update_id=update_id, for_asker_of=case.question.id)
    news = ErasedForAsker(code=case.code, who=name_of(editor.person))
    await tell_desk(work, news, besides={editor.id}, hidden=case.question.secrecy in HIDDEN)
    return case.code


def _refuse_staff(actor: Actor) -> None:
    """Refuse to erase one of the staff.

    Their acts are part of the ledger, and colleagues need to reach them: the role is given back first.
    """
    if actor.is_staff:
        raise RuleViolation(Reason.ROLE_HELD)


async def erase_again(work: Work, stones: Sequence[Tombstone]) -> int:
    """Erase, after a restore, people who were erased since the backup.

    Returns how many the backup had brought back.
    """
    await tombstones.bury(work, stones)
    back = await erasing.came_back(work)
    for person_id in back:
        person = await people.by_id(work, person_id)
        for role in await roles.of_person(work, person_id):  # it was given back before they could be erased
            await roles.revoke(work, role.id, None)
            await audit.add(
                work,
                AuditAct.ROLE_REVOKED,
                f"person:{person_id}",
                actor_id=None,
                details={"role": role.role, "agency": role.agency_code},
            )
            await ended_roles.settle(work, person, by=None)
        await _erase(work, person, by=None, update_id=None)
    if back:
        details = {"people": len(back)}
        await audit.add(work, AuditAct.ERASURES_REPLAYED, "database", actor_id=None, details=details)
    return len(back)


async def erase_identity(work: Work, person: PersonRow) -> None:
    """Erase who somebody was once the time of keeping it is over.

    And what they asked. What they subscribe to still comes.
    """
    subscribed = await erasing.subscribes(work, person.id)
    if not subscribed:
        await _erase(work, person, by=None, update_id=None)
        return
    await _take_back(work, person, Why.EXPIRED)
    await audit.add(work, AuditAct.ERASED, f"person:{person.id}", actor_id=None, details={"reachable": True})


async def _erase(
    work: Work, person: PersonRow, *, by: int | None, update_id: int | None, for_asker_of: int | None = None
) -> tuple[str, ...] | None:
    """Erase a person; return the codes that stay in the ledger, None where it was done before.

    `for_asker_of` is the question whose asker an editor erases: who did it and where is no secret of the asker's.
    """
    now = await erasing.lock(work, person.id)
    if now is None or now.erased_at is not None:
        return None
    await allowance.keep_taken(work, now)
    asked = await erasing.questions_of(work, person.id)
    actor = await actor_of(work, now)
    for question in asked:
        if question.status in OPEN:
            await asker_decisions.withdraw(work, actor, question.id)
    await _take_back(work, now, Why.ERASED, update_id)
    await tombstones.bury(work, [Tombstone(person.id, now.created_at, work.now)])
    act, subject = AuditAct.ERASED, f"person:{person.id}"
    if for_asker_of is not None:
        act, subject = AuditAct.ASKER_ERASED, f"question:{for_asker_of}"
    await audit.add(work, act, subject, actor_id=by, details={"questions": len(asked)})
    return tuple(code_of(work, row) for row in asked)


async def _take_back(work: Work, person: PersonRow, why: Why, update_id: int | None = None) -> None:
    """Take back all that may hold their words or name them; record it in each question's history."""
    asked = await erasing.questions_of(work, person.id)
    await recall.take_back(work, asked, why, asker=person, update_id=update_id)
    await history.record_many(
        work, Event.ASKER_ERASED, ((int(row.id), {}) for row in asked), actor_id=None, actor_role="programme"
    )
