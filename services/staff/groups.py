"""The group chat in which an agency is reminded, too.

Until its own staff or an admin end it, the role of who linked it ends, or the bot is removed from the group.
"""

from collections.abc import Sequence

from domain.errors import Reason, RuleViolation
from domain.privacy.audit import AuditAct
from domain.questions.life import AGENCY_ROLES, Role
from messages.notice import Notice
from messages.notices.reminders import GroupEnded, GroupLinked, GroupLost
from messages.notices.staff import GroupEndedNews, GroupLinkedNews
from services.agencies.naming import agency_named
from services.notify import tell_chat, tell_each
from services.people.actors import Actor
from services.people.desk import holders_of, name_of
from services.people.ended_roles import Phase, ends_with_role
from storage.agencies import agencies
from storage.delivery import outbox
from storage.engine.database import Work
from storage.operation import audit
from storage.people import groups
from storage.rows import AgencyGroupRow, AgencyRow


async def link(
    work: Work,
    actor: Actor,
    channel: str,
    address: str,
    *,
    title: str,
    named: str,
    topic: str | None = None,
) -> None:
    """Make this chat an agency's group.

    What is said there stands in the `topic` where it was linked. From another agency only its own staff or an admin
    take it, as they may end it. Raises `RuleViolation`: not of its staff, or unclear which agency.
    """
    agency = await _agency(work, actor, named)
    before = await _linked(work, channel, address)
    if before is not None and before.agency_id != agency.id:
        _require_own(actor, before)
    await groups.end(work, channel, address)  # a chat belongs to one agency
    await groups.link(
        work, agency.id, channel=channel, address=address, title=title, linked_by=actor.id, topic=topic
    )
    await audit.add(work, AuditAct.GROUP_LINKED, f"agency:{agency.code}", actor_id=actor.id, details={})
    await tell_chat(work, channel, address, GroupLinked(agency=agency.name), topic=topic)
    news = GroupLinkedNews(agency=agency.name, title=title, actor=name_of(actor.person))
    await _tell_concerned(work, agency, news, besides=actor.id)


async def unlink(work: Work, actor: Actor, channel: str, address: str, *, topic: str | None = None) -> None:
    """End this chat's being an agency's group, and say so in the `topic`.

    Raises `RuleViolation`: not of its staff.
    """
    before = await _linked(work, channel, address)
    if before is None:
        raise RuleViolation(Reason.NO_GROUP)
    _require_own(actor, before)
    await groups.end(work, channel, address)
    agency = await agencies.by_id(work, before.agency_id)
    await tell_chat(work, channel, address, GroupEnded(agency=agency.name), topic=topic)


@ends_with_role(Phase.BEGUN)
async def end_of(work: Work, actor: Actor, _by: int | None) -> None:
    """End groups that somebody linked who may no longer do so.

    Only they knew who is in the group. The agency's people, editors and admins are told, and can link it again with
    one command.
    """
    for group in await groups.linked(work):
        if group.linked_by != actor.id or _may_link(actor, group.agency_id):
            continue
        await groups.end(work, group.channel, group.address)
        agency = await agencies.by_id(work, group.agency_id)
        await tell_chat(work, group.channel, group.address, GroupEnded(agency=agency.name), topic=group.topic)
        news = GroupEndedNews(agency=agency.name, title=group.title, actor=name_of(actor.person))
        await _tell_concerned(work, agency, news, besides=actor.id)


async def move(work: Work, channel: str, old: str, new: str) -> None:
    """Take an agency's group, and what waits for it, to the chat's new address."""
    await groups.move_address(work, channel, old, new)
    await outbox.move_address(work, channel, old, new)


async def put_out(work: Work, channel: str, address: str) -> None:
    """End a group that the bot was removed from, or may no longer write in.

    Those who counted on it are told, each once.
    """
    for ended in await groups.end(work, channel, address):
        agency = await agencies.by_id(work, ended.agency_id)
        lost = GroupLost(agency=agency.name, title=ended.title)
        await _tell_concerned(work, agency, lost, (Role.OFFICER, Role.EDITOR, Role.ADMIN))


async def _tell_concerned(
    work: Work,
    agency: AgencyRow,
    notice: Notice,
    among: Sequence[Role] = tuple(Role),
    *,
    besides: int | None = None,
) -> None:
    """Tell those of an agency, and of the programme, who hold one of these roles, each once."""
    wanted = ((role, agency.id if role in AGENCY_ROLES else None) for role in among)
    concerned = [one for one in await holders_of(work, wanted) if one.id != besides]
    await tell_each(work, [(one, notice, ()) for one in concerned])


async def _linked(work: Work, channel: str, address: str) -> AgencyGroupRow | None:
    """Return the chat's present row as an agency's group, or None."""
    linked = await groups.linked(work)
    return next((one for one in linked if (one.channel, one.address) == (channel, address)), None)


def _require_own(actor: Actor, group: AgencyGroupRow) -> None:
    if not _may_link(actor, group.agency_id):
        raise RuleViolation(Reason.NOT_ALLOWED)


def _may_link(actor: Actor, agency_id: int) -> bool:
    return agency_id in actor.agencies(Role.OFFICER, Role.LEADER) or actor.holds(Role.ADMIN)


async def _agency(work: Work, actor: Actor, named: str) -> AgencyRow:
    mine = actor.agencies(Role.OFFICER, Role.LEADER)
    if not mine and not actor.holds(Role.ADMIN):
        raise RuleViolation(Reason.NOT_ALLOWED)
    if named:
        agency = await agency_named(work, named)
        if not _may_link(actor, agency.id):
            raise RuleViolation(Reason.NOT_ALLOWED)
        return agency
    if len(mine) != 1:
        raise RuleViolation(Reason.WHICH_AGENCY)
    return await agencies.by_id(work, next(iter(mine)))
