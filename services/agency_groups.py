"""The group chat in which an agency is reminded, too: until its own staff or an admin end it, or the bot is put out."""

from domain.audit import AuditAct
from domain.errors import Reason, RuleViolation
from domain.question import Role
from messages.reminder_notices import GroupEnded, GroupLinked, GroupLost
from services.case import Actor
from services.notify import tell_chat, tell_many
from services.suggestion import agency_named
from storage import agencies, audit, groups, roles
from storage.database import Work
from storage.tables import Row


async def link(work: Work, actor: Actor, channel: str, address: str, *, title: str, named: str) -> None:
    """This chat is an agency's group from now on. Raises `RuleViolation`: not of its staff, or which agency?

    From another agency only its own staff or an admin take it, as they may end it.
    """
    agency = await _agency(work, actor, named)
    before = await _linked(work, channel, address)
    if before is not None and before.agency_id != agency.id:
        _require_own(actor, before)
    await groups.end(work, channel, address)  # a chat belongs to one agency
    await groups.link(work, agency.id, channel=channel, address=address, title=title, linked_by=actor.id)
    await audit.add(work, AuditAct.GROUP_LINKED, f"agency:{agency.code}", actor_id=actor.id, details={})
    await tell_chat(work, channel, address, GroupLinked(agency=agency.name))


async def unlink(work: Work, actor: Actor, channel: str, address: str) -> None:
    """This chat is no agency's group any more. Raises `RuleViolation`: not of its staff."""
    before = await _linked(work, channel, address)
    if before is None:
        raise RuleViolation(Reason.NO_GROUP)
    _require_own(actor, before)
    await groups.end(work, channel, address)
    agency = await agencies.by_id(work, before.agency_id)
    await tell_chat(work, channel, address, GroupEnded(agency=agency.name))


async def put_out(work: Work, channel: str, address: str) -> None:
    """The bot is no longer in a group: where it was an agency's, those who counted on it hear so, each once."""
    for ended in await groups.end(work, channel, address):
        agency = await agencies.by_id(work, ended.agency_id)
        concerned: dict[int, Row] = {}
        for role, of_agency in ((Role.OFFICER, agency.id), (Role.EDITOR, None), (Role.ADMIN, None)):
            concerned |= {person.id: person for person in await roles.holders(work, role, of_agency)}
        lost = GroupLost(agency=agency.name, title=ended.title)
        await tell_many(work, ((person, lost, None) for person in concerned.values()))


async def _linked(work: Work, channel: str, address: str) -> Row | None:
    """The chat as an agency's group of now."""
    linked = await groups.linked(work)
    return next((one for one in linked if (one.channel, one.address) == (channel, address)), None)


def _require_own(actor: Actor, group: Row) -> None:
    if group.agency_id not in actor.agencies(Role.OFFICER, Role.LEADER) and not actor.holds(Role.ADMIN):
        raise RuleViolation(Reason.NOT_ALLOWED)


async def _agency(work: Work, actor: Actor, named: str) -> Row:
    mine = actor.agencies(Role.OFFICER, Role.LEADER)
    if not mine and not actor.holds(Role.ADMIN):
        raise RuleViolation(Reason.NOT_ALLOWED)
    if named:
        agency = await agency_named(work, named)
        if agency.id not in mine and not actor.holds(Role.ADMIN):
            raise RuleViolation(Reason.NOT_ALLOWED)
        return agency
    if len(mine) != 1:
        raise RuleViolation(Reason.WHICH_AGENCY)
    return await agencies.by_id(work, next(iter(mine)))
