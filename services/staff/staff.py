"""Roles: inviting, taking up invitations, ending roles."""

import re
import secrets
from datetime import datetime, timedelta
from hashlib import sha256

from domain.errors import Reason, RuleViolation
from domain.privacy.audit import AuditAct
from domain.questions.life import AGENCY_ROLES, ApprovalStep, Role, Status
from messages.notices.staff import OpenWorkHandedOn, RoleEndedNews, RoleGranted, RoleNews, RoleRevoked
from services.notify import tell
from services.people import ended_roles, vouching
from services.people.actors import Actor, actor_of, require_admin
from services.people.desk import name_of, tell_desk, tell_role
from services.questions import approval, cards
from storage.agencies import agencies
from storage.delivery.outbox import Lane
from storage.engine import facts
from storage.engine.database import Work
from storage.operation import audit
from storage.people import people, roles
from storage.questions import answer_drafts, questions, worklists
from storage.rows import AgencyRow, InvitationRow, PersonRow

# Hexadecimal digits, as many as no word or code of a question has; perhaps cut off, or with more behind them.
_INVITATION = re.compile(r"[0-9a-fA-F]{16,128}(?!\S)")
CODE_BYTES = 16  # 32 characters: nobody guesses it, and a deep link takes 64


def may_invite(actor: Actor) -> bool:
    return actor.holds(Role.ADMIN)


async def invite(
    work: Work, role: Role, agency: AgencyRow | None, *, uses: int = 1, by: Actor | None = None
) -> tuple[str, datetime]:
    """Make an invitation to a role: (code, when it expires).

    Only a digest of the code is kept. Raises `RuleViolation` when the role needs an agency, or has none, or the
    inviter is no admin.
    """
    if by is not None and not may_invite(by):
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


def looks_like_invitation(typed: str) -> bool:
    """Say whether words behind a link are meant as an invitation, even a mistyped one."""
    return _INVITATION.match(typed) is not None


async def invitation_of(work: Work, person: PersonRow, code: str) -> InvitationRow:
    """Find the invitation that somebody follows; raises `RuleViolation` where it is none, or their own."""
    return await _theirs(person, await roles.invitation(work, _digest(code)))


async def _theirs(person: PersonRow, invitation: InvitationRow | None) -> InvitationRow:
    if invitation is None:
        raise RuleViolation(Reason.INVITATION_INVALID)
    if invitation.created_by == person.id:
        raise RuleViolation(Reason.INVITATION_OWN)
    return invitation


async def is_to_be_asked(work: Work, person: PersonRow, invitation: InvitationRow) -> bool:
    """Say whether somebody holds a role, but not this one.

    They may only have wanted to see what the link does. Raises `RuleViolation` for one that they could not take up.
    """
    held = await roles.of_person(work, person.id)
    same = any((row.role, row.agency_id) == (invitation.role, invitation.agency_id) for row in held)
    if not held or same:
        return False
    await _require_usable(work, person, invitation)
    return True


async def redeem_agreed(work: Work, person: PersonRow, digest: str) -> Role:
    """Take up an invitation after its reader said so; raises `RuleViolation`."""
    return await _redeem(work, person, await _theirs(person, await roles.invitation(work, digest)))


async def redeem(work: Work, person: PersonRow, code: str) -> Role:
    """Somebody follows an invitation and holds the role from now on; raises `RuleViolation`."""
    return await _redeem(work, person, await invitation_of(work, person, code))


async def _redeem(work: Work, person: PersonRow, invitation: InvitationRow) -> Role:
    """Give the role of an invitation.

    Following it a second time changes nothing for who holds the role already, but that the operator's makes an editor
    read denunciations where nobody else can say so.
    """
    role = Role(invitation.role)
    held = await roles.of_person(work, person.id)
    agency = None if invitation.agency_id is None else await agencies.by_id(work, invitation.agency_id)
    mine = next((row for row in held if row.role == role and row.agency_id == invitation.agency_id), None)
    waits = False
    if mine is None:
        await _take_up(work, person, invitation)
        waits = not await _grant(work, person, role, agency, invitation.created_by)
    elif role is Role.EDITOR and mine.vouched_at is None:
        waits = True
        if invitation.created_by is None and await vouching.begins_vouched(work, person, None):
            await _take_up(work, person, invitation)
            waits = not await vouching.vouch_as_operator(work, person)
    await tell(
        work,
        person,
        RoleGranted(role=role, agency=None if agency is None else agency.name, waits=waits),
        lane=Lane.REPLY,
    )
    return role


async def _take_up(work: Work, person: PersonRow, invitation: InvitationRow) -> None:
    """Use an invitation, where it still counts and is for this person; raise `RuleViolation` else."""
    await _require_usable(work, person, invitation)
    if not await roles.use_invitation(work, invitation.id, person.id):
        raise RuleViolation(Reason.INVITATION_USED)


async def _require_usable(work: Work, person: PersonRow, invitation: InvitationRow) -> None:
    """Raise `RuleViolation` where an invitation counts no more, or not for this person."""
    if invitation.expires_at <= work.now:
        raise RuleViolation(Reason.INVITATION_EXPIRED)
    if invitation.ended_at is not None or not await _stands(work, invitation.created_by):
        raise RuleViolation(Reason.INVITATION_ENDED)
    # Whose role ended does not come back by what was handed out before; a `--uses 3` link has other uses left.
    role, agency_id = Role(invitation.role), invitation.agency_id
    if await roles.was_used_by(work, invitation.id, person.id) or await roles.ended_since(
        work, person.id, role, agency_id, invitation.created_at
    ):
        raise RuleViolation(Reason.INVITATION_ENDED)
    if invitation.uses_left <= 0:
        raise RuleViolation(Reason.INVITATION_USED)


async def _stands(work: Work, maker_id: int | None) -> bool:
    """Return whether the maker of an invitation may invite now; the operator always may."""
    return maker_id is None or may_invite(await actor_of(work, await people.by_id(work, maker_id)))


async def _grant(
    work: Work, person: PersonRow, role: Role, agency: AgencyRow | None, invited_by: int | None
) -> bool:
    """Grant a role and tell editors and admins; False for an editor who has to wait for a vouch."""
    vouched = role is not Role.EDITOR or await vouching.begins_vouched(work, person, invited_by)
    agency_id = None if agency is None else int(agency.id)
    role_id = await roles.grant(work, person.id, role, agency_id, invited_by, vouched=vouched)
    details: dict[str, str | bool | None] = {"role": role, "agency": None if agency is None else agency.code}
    if role is Role.EDITOR:
        details["vouched"] = vouched
    await audit.add(work, AuditAct.ROLE_GRANTED, f"person:{person.id}", actor_id=invited_by, details=details)
    by = "" if invited_by is None else name_of(await people.by_id(work, invited_by))
    named = None if agency is None else agency.name
    await tell_desk(work, RoleNews(who=name_of(person), role=role, agency=named, by=by), besides={person.id})
    if not vouched:
        waiting = next(one for one in await roles.waiting_editors(work) if one.role_id == role_id)
        await vouching.ask_for_word(work, waiting)
    return vouched


async def cancel_invitation(work: Work, admin: Actor, invitation_id: int) -> None:
    """Cancel an invitation that nobody took up.

    Raises `RuleViolation`: no admin, or too late.
    """
    if not may_invite(admin):
        raise RuleViolation(Reason.NOT_ALLOWED)
    invitation = next((one for one in await roles.open_invitations(work) if one.id == invitation_id), None)
    if invitation is None or not await roles.end_invitation(work, invitation_id, admin.id):
        raise RuleViolation(Reason.ALREADY_DONE)
    await audit.add(
        work,
        AuditAct.INVITATION_ENDED,
        f"role:{invitation.role}",
        actor_id=admin.id,
        details={"agency": invitation.agency_name},
    )


async def revoke(work: Work, admin: Actor, role_id: int) -> PersonRow:
    """End a role; return the person whose role ended.

    An agency's open work goes to the editors when its last officer whom anything reaches goes. Raises `RuleViolation`
    (the last admin stays).
    """
    require_admin(admin)
    held = await roles.by_id(work, role_id)
    if held is None or held.revoked_at is not None:
        raise RuleViolation(Reason.ROLE_NOT_HELD)
    if held.role == Role.ADMIN and len(await roles.holders(work, Role.ADMIN)) == 1:
        raise RuleViolation(Reason.LAST_ADMIN)
    before = await actor_of(work, await people.by_id(work, held.person_id))
    await roles.revoke(work, role_id, admin.id)
    person = before.person
    agency = None if held.agency_id is None else await agencies.by_id(work, held.agency_id)
    await audit.add(
        work,
        AuditAct.ROLE_REVOKED,
        f"person:{person.id}",
        actor_id=admin.id,
        details={"role": held.role, "agency": None if agency is None else agency.code},
    )
    ended = await ended_roles.settle(work, person, by=admin.id)
    named = None if agency is None else agency.name
    await tell(work, person, RoleRevoked(role=held.role, agency=named))
    news = RoleEndedNews(
        who=name_of(person), role=held.role, agency=named, by=name_of(admin.person), invitations=ended
    )
    await tell_desk(work, news, besides={person.id})
    if before.reads_hidden and held.role == Role.EDITOR:
        await vouching.tell_if_unread(work)
    if agency is not None and held.role == Role.OFFICER:
        await _hand_on(work, agency)
    if agency is not None and held.role == Role.LEADER:
        await _hand_drafts_on(work, agency)
    return person


async def became_unreachable(work: Work, person_id: int) -> None:
    """Note that somebody blocked the bot; hand on what waited for them.

    Once, where they were the last one of an agency who could be reached.
    """
    person = await people.by_id(work, person_id)
    if person.unreachable_at is not None:
        return
    await people.update(work, person_id, unreachable_at=work.now)
    for held in await roles.of_person(work, person_id):
        if held.role == Role.OFFICER and held.agency_id is not None:
            await _hand_on(work, await agencies.by_id(work, held.agency_id))
        elif held.role == Role.LEADER and held.agency_id is not None:
            await _hand_drafts_on(work, await agencies.by_id(work, held.agency_id))
        elif held.role == Role.EDITOR and held.vouched_at is not None:
            await vouching.tell_if_unread(work)


async def _reached(work: Work, role: Role, agency: AgencyRow) -> bool:
    return any(one.unreachable_at is None for one in await roles.holders(work, role, agency.id))


async def _hand_on(work: Work, agency: AgencyRow) -> None:
    if await _reached(work, Role.OFFICER, agency):
        return  # colleagues have the same list of work
    waiting = await questions.count(
        work,
        statuses=frozenset({Status.ASSIGNED, Status.ACCEPTED, Status.WAITING, Status.IN_APPROVAL}),
        agency_id=agency.id,
    )
    if waiting:
        await tell_role(work, Role.EDITOR, OpenWorkHandedOn(agency=agency.name, open_questions=waiting))


async def _hand_drafts_on(work: Work, agency: AgencyRow) -> None:
    """Send drafts that waited for the agency's last leader to the editors."""
    if ApprovalStep.LEADER not in work.programme.approval_steps or await _reached(work, Role.LEADER, agency):
        return
    waiting = await questions.listed(
        work, statuses=frozenset({Status.IN_APPROVAL}), agency_id=agency.id, hidden=False
    )
    corrected = [one for one in await worklists.corrections(work) if one.lead_agency_id == agency.id]
    for question in [*corrected, *waiting]:
        draft = await answer_drafts.open_of(work, question.id)
        given = (
            [] if draft is None else [row.step for row in await answer_drafts.approvals_of(work, draft.id)]
        )
        step = await approval.step_waited_for(work, question)
        if step is not None and ApprovalStep.LEADER not in given:
            assigned = await questions.assigned(work, question.id)
            await cards.show_to_approvers(work, question, assigned, step)


def _digest(code: str) -> str:
    return sha256(code.encode("utf-8", "replace")).hexdigest()


async def link_to(work: Work, code: str) -> str | None:
    """Return the deep link to an invitation, or None while the bot's name is unknown."""
    name = await facts.get(work, facts.BOT_NAME)
    return None if name is None else f"https://t.me/{name}?start={code}"
