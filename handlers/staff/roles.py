"""`/moinguoi`: admins invite people to roles, and end roles."""

from dataclasses import dataclass

from channels.incoming import Message
from domain.errors import Reason, RuleViolation
from domain.questions.life import AGENCY_ROLES, Role
from domain.vietnamese.text import phrase_at_front
from handlers.agencies.agency_choice import ask_which, meant
from handlers.chat.account import show_menu
from handlers.chat.confirming import ask_to_confirm, confirmed
from handlers.chat.paging import paged
from handlers.chat.prompting import ask_for, end_text_step
from handlers.chat.registry import command, press, step
from handlers.chat.steps import StepData
from handlers.chat.turn import Turn, rewrite_pressed, take_pressed_buttons_away
from handlers.chat.typed import choice_of, typed_text
from messages.buttons import Act, Button, Keyboard, Press
from messages.keyboards import in_rows, list_turns, page_of
from messages.notice import Notice
from messages.notices.chat import TextAsked
from messages.notices.staff import (
    InvitationMade,
    InviteChoice,
    OpenInvitation,
    OpenInvitations,
    RoleHolder,
)
from messages.typed import meanings
from services.agencies import naming
from services.people import vouching
from services.people.actors import actor_of, require_admin
from services.staff import staff
from storage.engine import facts
from storage.people import roles
from storage.people.roles import ListedRoleRow, OpenInvitationRow

HOLDERS_ON_A_PAGE = 8

_TYPED = meanings("role", {role.value: role for role in Role})


@dataclass(frozen=True, kw_only=True)
class InviteStep(StepData):
    """The role to which somebody of an agency is to be invited."""

    role: Role


@command("moinguoi", Role.ADMIN, place=800)
async def invite(turn: Turn, argument: str) -> None:
    """`/moinguoi VAI_TRÒ [CƠ_QUAN]`: invite; without words, list who holds roles."""
    if not argument:
        await turn.reply(*await holders_page(turn, 1))
        return
    role, agency = _role(argument)
    await _invite(turn, role, agency)


def _role(typed: str) -> tuple[Role, str]:
    """Read the role at the front, and the rest (an agency); raise `RuleViolation`."""
    found = phrase_at_front(typed, _TYPED)
    if found is None:
        raise RuleViolation(Reason.UNKNOWN_ROLE)
    return _TYPED[found[0]], found[1]


async def _invite(turn: Turn, role: Role, named: str) -> None:
    try:
        agency = await naming.agency_named(turn.work, named) if named else None
    except naming.SeveralAgencies as several:
        require_admin(turn.actor)
        await ask_which(turn, several, "invite", InviteStep(role=role))
        return
    code, expires_at = await staff.invite(turn.work, role, agency, by=turn.actor)
    bot = await facts.get(turn.work, facts.BOT_NAME) or turn.bot_name
    await turn.reply(
        InvitationMade(
            role=role,
            agency=agency.name if agency is not None else None,
            link=f"https://t.me/{bot}?start={code}",
            expires_at=expires_at,
        )
    )


@meant("invite", holds=InviteStep)
async def agency_meant(turn: Turn, held: InviteStep, named: str) -> None:
    await _invite(turn, held.role, named)


@press(Act.INVITE_ROLE)
async def invite_pressed(turn: Turn, pressed: Press) -> None:
    require_admin(turn.actor)
    role = choice_of(pressed, Role)
    if role not in AGENCY_ROLES:
        await _invite(turn, role, "")
        return
    await ask_for(turn, "invite_agency", TextAsked(code="", what="invite_agency"), InviteStep(role=role))


@step("invite_agency", holds=InviteStep)
async def agency_typed(turn: Turn, message: Message, held: InviteStep) -> None:
    typed = typed_text(message)
    await end_text_step(turn, held)
    await _invite(turn, held.role, typed)


@paged("holders")
async def holders_page(turn: Turn, page: int) -> tuple[Notice, Keyboard]:
    """Show who holds roles, with buttons to end each and to invite."""
    require_admin(turn.actor)
    held = await roles.all_held(turn.work)
    here = page_of(held, page, HOLDERS_ON_A_PAGE)
    invitations = [
        Button(f"button.invite_{role}", Act.INVITE_ROLE, (role,))
        for role in (Role.OFFICER, Role.LEADER, Role.EDITOR, Role.ADMIN)
    ]
    rows = in_rows(invitations)
    handed_out = len(await roles.open_invitations(turn.work))
    if handed_out:
        rows.append([Button("button.invitations", Act.SHOW_LIST, ("invitations",), detail=f"({handed_out})")])
    rows += [
        [Button("button.revoke", Act.REVOKE, (row.id,), text=_end_label(turn, row))] for row in here.shown
    ]
    return (
        InviteChoice(
            holders=tuple(
                RoleHolder(role=row.role, agency=row.agency_name or "", person=row.display_name)
                for row in here.shown
            )
        ),
        [*rows, *list_turns("holders", here.number, more=here.more)],
    )


@paged("invitations")
async def invitations_page(turn: Turn, page: int) -> tuple[Notice, Keyboard]:
    """Show unused invitations, each with a button to cancel it.

    Their codes are never shown again.
    """
    require_admin(turn.actor)
    handed_out = await roles.open_invitations(turn.work)
    here = page_of(handed_out, page, HOLDERS_ON_A_PAGE)
    rows = [
        [Button("button.end_invitation", Act.INVITATION_END, (row.id,), text=_cancel_label(turn, row))]
        for row in here.shown
    ]
    lines = tuple(
        OpenInvitation(
            role=row.role,
            agency=row.agency_name or "",
            made_by=row.maker or "",
            until=row.expires_at,
            uses=row.uses_left,
        )
        for row in here.shown
    )
    turns = list_turns("invitations", here.number, more=here.more)
    return OpenInvitations(lines, len(handed_out), here.number), [*rows, *turns]


def _cancel_label(turn: Turn, row: OpenInvitationRow) -> str:
    parts = (turn.words.label(f"role.{row.role}"), row.agency_name, turn.words.when(row.expires_at))
    return f"{turn.words.label('button.end_invitation')}: {' · '.join(filter(None, parts))}"


@press(Act.INVITATION_END)
async def end_invitation_pressed(turn: Turn, pressed: Press) -> None:
    require_admin(turn.actor)
    handed_out = await roles.open_invitations(turn.work)
    row = next((one for one in handed_out if one.id == pressed.number(0)), None)
    if row is None:
        raise RuleViolation(Reason.ALREADY_DONE)
    held = InvitationStep(invitation=row.id)
    await ask_to_confirm(turn, "end_invitation", "", held, detail=_cancel_label(turn, row))


@dataclass(frozen=True, kw_only=True)
class InvitationStep(StepData):
    """The invitation that is about to be cancelled."""

    invitation: int


@confirmed("end_invitation", holds=InvitationStep)
async def invitation_ended(turn: Turn, held: InvitationStep) -> None:
    await staff.cancel_invitation(turn.work, turn.actor, held.invitation)
    await turn.reply(*await invitations_page(turn, 1))


@press(Act.VOUCH)
async def vouch_pressed(turn: Turn, pressed: Press) -> None:
    """Vouch for a new editor, who may then read denunciations."""
    await vouching.vouch(turn.work, turn.actor, pressed.number(0) or 0)
    await take_pressed_buttons_away(turn)
    turn.say("toast.vouched")


@press(Act.VOUCH_REFUSE)
async def vouch_refused(turn: Turn, pressed: Press) -> None:
    """Don't vouch; the new editor goes on waiting.

    Whoever declined may still vouch later.
    """
    notice, buttons = await vouching.refuse(turn.work, turn.actor, pressed.number(0) or 0)
    await rewrite_pressed(turn, notice, buttons)
    turn.say("toast.vouch_declined")


def _end_label(turn: Turn, row: ListedRoleRow) -> str:
    parts = (row.display_name, turn.words.label(f"role.{row.role}"), row.agency_name)
    return f"{turn.words.label('button.revoke')}: {' · '.join(filter(None, parts))}"


@press(Act.REVOKE)
async def revoke_pressed(turn: Turn, pressed: Press) -> None:
    require_admin(turn.actor)
    role_id = pressed.number(0)
    row = next((one for one in await roles.all_held(turn.work) if one.id == role_id), None)
    if row is None:
        raise RuleViolation(Reason.ROLE_NOT_HELD)
    await ask_to_confirm(turn, "revoke", "", RoleStep(role=row.id), detail=_end_label(turn, row))


@dataclass(frozen=True, kw_only=True)
class RoleStep(StepData):
    """The role, by its row, that is about to end."""

    role: int


@confirmed("revoke", holds=RoleStep)
async def revoked(turn: Turn, held: RoleStep) -> None:
    person = await staff.revoke(turn.work, turn.actor, held.role)
    await show_menu(turn, await actor_of(turn.work, person))
