"""Guests of an episode: who comes for an agency, and their substitutes."""

from domain.episodes.episodes import EpisodeNumber, read_guest, read_person
from domain.errors import Reason, RuleViolation
from domain.questions.life import Role
from messages.notices.episodes import EpisodeGuest, EpisodeGuests, SubstituteNamed
from services.agencies.naming import agency_named
from services.episodes.episodes import find, number_of
from services.people.actors import Actor, require_editor
from services.people.desk import tell_role
from storage.engine.database import Work
from storage.episodes import episodes
from storage.episodes.episodes import AgencyGuestRow
from storage.rows import EpisodeGuestRow, EpisodeRow


async def lines_of(work: Work, episode_id: int) -> tuple[EpisodeGuest, ...]:
    """List everybody who was asked to come, also those who can't."""
    rows = await episodes.guests_of(work, episode_id)
    names = {row.id: row.name for row in rows}
    return tuple(
        EpisodeGuest(
            name=row.name,
            position=row.position,
            agency=row.agency_name,
            instead_of="" if row.substitute_for_id is None else names.get(row.substitute_for_id, ""),
            gone=row.withdrawn_at is not None,
        )
        for row in rows
    )


async def coming(work: Work, episode_id: int, agency_id: int | None = None) -> list[AgencyGuestRow]:
    """List the guests who come, of all agencies or one."""
    return [
        row
        for row in await episodes.guests_of(work, episode_id)
        if row.withdrawn_at is None and agency_id in (None, row.agency_id)
    ]


async def listed(work: Work, editor: Actor, which: EpisodeNumber | int) -> tuple[EpisodeGuests, EpisodeRow]:
    require_editor(editor)
    episode = await find(work, which)
    return EpisodeGuests(number=number_of(episode), guests=await lines_of(work, episode.id)), episode


async def add(work: Work, editor: Actor, which: EpisodeNumber | int, typed: str) -> EpisodeRow:
    """Add a guest: "cơ quan; họ tên; chức vụ".

    Raises `RuleViolation`: something is missing, unknown agency.
    """
    require_editor(editor)
    episode = await find(work, which, lock=True)
    found = read_guest(typed)
    if found is None:
        raise RuleViolation(Reason.GUEST_MISSING)
    named, name, position = found
    agency = await agency_named(work, named)
    await episodes.add_guest(work, episode.id, agency.id, agency.name, name, position)
    return episode


async def guest_of(work: Work, actor: Actor, guest_id: int | None) -> tuple[EpisodeRow, EpisodeGuestRow]:
    """Return a coming guest with their episode, for who may name a substitute.

    These are editors, and the staff of the guest's own agency. Raises `RuleViolation`.
    """
    guest = None if guest_id is None else await episodes.guest(work, guest_id)
    if guest is None:
        raise RuleViolation(Reason.STALE_BUTTON)
    own = guest.agency_id in actor.agencies(Role.OFFICER, Role.LEADER)
    if not own:
        require_editor(actor)
    if guest.withdrawn_at is not None:
        raise RuleViolation(Reason.ALREADY_DONE)
    return await find(work, guest.episode_id, lock=True), guest


async def substitute(work: Work, actor: Actor, guest_id: int, typed: str) -> tuple[EpisodeRow, str]:
    """Replace a guest who can't come by a colleague ("họ tên; chức vụ").

    Editors are told. Raises `RuleViolation`: no name, not allowed, recorded before. Returns the episode and the name.
    """
    episode, guest = await guest_of(work, actor, guest_id)
    found = read_person(typed)
    if found is None:
        raise RuleViolation(Reason.GUEST_MISSING)
    name, position = found
    if not await episodes.withdraw_guest(work, guest.id):
        raise RuleViolation(Reason.ALREADY_DONE)
    await episodes.add_guest(
        work, episode.id, guest.agency_id, guest.agency_name, name, position, substitute_for_id=guest.id
    )
    notice = SubstituteNamed(
        number=number_of(episode), agency=guest.agency_name, guest=guest.name, name=name, position=position
    )
    await tell_role(work, Role.EDITOR, notice, besides=[actor.id])
    return episode, name


async def cannot_come(work: Work, editor: Actor, guest_id: int | None) -> EpisodeRow:
    """Note that a guest can't come and nobody comes instead.

    For editors. Raises `RuleViolation`.
    """
    require_editor(editor)
    episode, guest = await guest_of(work, editor, guest_id)
    if not await episodes.withdraw_guest(work, guest.id):
        raise RuleViolation(Reason.ALREADY_DONE)
    return episode


async def guest_named(work: Work, which: EpisodeNumber | int, place: int) -> AgencyGuestRow:
    """Return the guest at a place, from 1, among those who come.

    Raises `RuleViolation`.
    """
    episode = await find(work, which)
    found = await coming(work, episode.id)
    if not 1 <= place <= len(found):
        raise RuleViolation(Reason.NO_GUEST, number=number_of(episode))
    return found[place - 1]
