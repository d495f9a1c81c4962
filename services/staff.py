"""Roles: invitations, taking them up, and giving them back."""

import secrets
from datetime import datetime, timedelta
from hashlib import sha256

from domain.audit import AuditAct
from domain.errors import Reason, RuleViolation
from domain.question import AGENCY_ROLES, ApprovalStep, Role, Status
from messages.notices import OpenWorkHandedOn, RoleGranted, RoleRevoked
from services import approval, broadcast_holding, cards
from services.case import Actor
from services.notify import tell
from storage import agencies, audit, drafts, facts, people, questions, roles
from storage.database import Work
from storage.outbox import Lane
from storage.tables import Row

CODE_BYTES = 16  # 32 characters: nobody guesses it, and a deep link takes 64


async def invite(
    work: Work, role: Role, agency: Row | None, *, uses: int = 1, by: Actor | None = None
) -> tuple[str, datetime]:
    """An invitation to a role: (code, when it expires). Only its digest is kept.

    Raises `RuleViolation` when the role needs an agency, or has none, or the inviter is no admin.
    """
    if by is not None and not by.holds(Role.ADMIN):
        raise RuleViolation(Reason.NOT_ALLOWED)
    if role in AGENCY_ROLES and agency is None:
        raise RuleViolation(Reason.ROLE_NEEDS_AGENCY, role=role)
    if role not in AGENCY_ROLES and agency is not None:
        raise RuleViolation(Reason.ROLE_HAS_NO_AGENCY, role=role)
    code = secrets.token_hex(CODE_BYTES)  # no sign at its end that an app would not count as part of a link
    expires_at = work.now + timedelta(days=work.programme.invitation_days)
    await roles.add_invitation(
        work,
        digest=_digest(code),
        role=role,
        agency_id=None if agency is None else agency.id,
        uses=uses,
        expires_at=expires_at,
        created_by=None if by is None else by.id,
    )
    await audit.add(
        work,
        AuditAct.INVITED,
        f"role:{role}",
        actor_id=None if by is None else by.id,
        details={"agency": None if agency is None else agency.code, "uses": uses},
    )
    return code, expires_at


async def redeem(work: Work, person: Row, code: str) -> Role:
    """Somebody follows an invitation and holds the role from now on; raises `RuleViolation`.

    Following it a second time changes nothing for who holds the role already.
    """
    invitation = await roles.invitation(work, _digest(code))
    if invitation is None:
        raise RuleViolation(Reason.INVITATION_INVALID)
    role = Role(invitation.role)
    held = await roles.of_person(work, person.id)
    agency = None if invitation.agency_id is None else await agencies.by_id(work, invitation.agency_id)
    if not any(row.role == role and row.agency_id == invitation.agency_id for row in held):
        if invitation.expires_at <= work.now:
            raise RuleViolation(Reason.INVITATION_EXPIRED)
        if not await roles.use_invitation(work, invitation.id):
            raise RuleViolation(Reason.INVITATION_USED)
        await roles.grant(work, person.id, role, invitation.agency_id, invitation.created_by)
        await audit.add(
            work,
            AuditAct.ROLE_GRANTED,
            f"person:{person.id}",
            actor_id=invitation.created_by,
            details={"role": role, "agency": None if agency is None else agency.code},
        )
    await tell(
        work,
        person,
        RoleGranted(role=role, agency=None if agency is None else agency.name),
        lane=Lane.REPLY,
    )
    return role


async def revoke(work: Work, admin: Actor, role_id: int) -> Row:
    """End a role; an agency's open work is handed on to the editors when its last officer whom anything reaches goes.

    Returns the person whose role ended; raises `RuleViolation` (the last admin stays).
    """
    if not admin.holds(Role.ADMIN):
        raise RuleViolation(Reason.NOT_ALLOWED)
    held = await roles.by_id(work, role_id)
    if held is None or held.revoked_at is not None:
        raise RuleViolation(Reason.ROLE_NOT_HELD)
    if held.role == Role.ADMIN and len(await roles.holders(work, Role.ADMIN)) == 1:
        raise RuleViolation(Reason.LAST_ADMIN)
    await roles.revoke(work, role_id, admin.id)
    person = await people.by_id(work, held.person_id)
    agency = None if held.agency_id is None else await agencies.by_id(work, held.agency_id)
    await audit.add(
        work,
        AuditAct.ROLE_REVOKED,
        f"person:{person.id}",
        actor_id=admin.id,
        details={"role": held.role, "agency": None if agency is None else agency.code},
    )
    await tell(work, person, RoleRevoked(role=held.role, agency=None if agency is None else agency.name))
    await broadcast_holding.author_left(work, person.id, admin.id)
    if agency is not None and held.role == Role.OFFICER:
        await _hand_on(work, agency)
    if agency is not None and held.role == Role.LEADER:
        await _hand_drafts_on(work, agency)
    return person


async def became_unreachable(work: Work, person_id: int) -> None:
    """Somebody blocked the bot: what waited for the last one of an agency who could be reached is handed on, once."""
    person = await people.by_id(work, person_id)
    if person.unreachable_at is not None:
        return
    await people.update(work, person_id, unreachable_at=work.now)
    for held in await roles.of_person(work, person_id):
        if held.role == Role.OFFICER:
            await _hand_on(work, await agencies.by_id(work, held.agency_id))
        elif held.role == Role.LEADER:
            await _hand_drafts_on(work, await agencies.by_id(work, held.agency_id))


async def _reached(work: Work, role: Role, agency: Row) -> bool:
    return any(one.unreachable_at is None for one in await roles.holders(work, role, agency.id))


async def _hand_on(work: Work, agency: Row) -> None:
    if await _reached(work, Role.OFFICER, agency):
        return  # colleagues have the same list of work
    waiting = await questions.count(
        work,
        statuses=frozenset({Status.ASSIGNED, Status.ACCEPTED, Status.WAITING, Status.IN_APPROVAL}),
        agency_id=agency.id,
    )
    if waiting:
        for editor in await roles.holders(work, Role.EDITOR):
            await tell(work, editor, OpenWorkHandedOn(agency=agency.name, open_questions=waiting))


async def _hand_drafts_on(work: Work, agency: Row) -> None:
    """Drafts that waited for the agency's last leader wait for the editors now: they get the cards."""
    if ApprovalStep.LEADER not in work.programme.approval_steps or await _reached(work, Role.LEADER, agency):
        return
    for question in await questions.listed(
        work, statuses=frozenset({Status.IN_APPROVAL}), agency_id=agency.id, hidden=False
    ):
        draft = await drafts.open_of(work, question.id)
        given = [] if draft is None else [row.step for row in await drafts.approvals_of(work, draft.id)]
        step = await approval.step_waited_for(work, question)
        if step is not None and ApprovalStep.LEADER not in given:
            assigned = await questions.assigned(work, question.id)
            await cards.show_to_approvers(work, question, assigned, step)


def _digest(code: str) -> str:
    return sha256(code.encode("utf-8", "replace")).hexdigest()


async def link_to(work: Work, code: str) -> str | None:
    """The deep link that takes up an invitation, or None until the bot's own name is known."""
    name = await facts.get(work, facts.BOT_NAME)
    return None if name is None else f"https://t.me/{name}?start={code}"
