"""The guests of an episode: who comes, who can't, who comes instead.

Agencies name substitutes themselves.
"""

from dataclasses import dataclass

from channels.incoming import Message
from domain.episodes.episodes import EpisodeNumber
from domain.errors import Reason, RuleViolation
from handlers.agencies.agency_choice import ask_which, meant
from handlers.chat.prompting import CANCEL, ask_for, end_text_step
from handlers.chat.registry import press, step
from handlers.chat.steps import StepData
from handlers.chat.turn import Turn, leave_step, take_pressed_buttons_away
from handlers.chat.typed import id_of, typed_text
from handlers.episodes.verbs import EpisodeStep, episode_verb
from messages.buttons import Act, Button, Press
from messages.notices.episodes import GuestAsked, GuestChoice, SubstituteAsked, SubstituteThanked
from services.agencies.naming import SeveralAgencies
from services.episodes import episodes, guests, script_plans
from services.people.actors import require_editor
from storage.episodes import episodes as stored_episodes


@episode_verb("guests")
async def guest_typed(turn: Turn, number: EpisodeNumber, words: str) -> None:
    """`/kyphat 12/2026 khách cơ quan; họ tên; chức vụ`: add a guest.

    Without words: show who comes.
    """
    if words:
        episode = await episodes.find(turn.work, number)
        await _add(turn, episode.id, words)
        return
    await _show(turn, number)


async def _add(turn: Turn, episode_id: int, typed: str) -> None:
    """Add a guest; an agency's name that fits several becomes buttons."""
    try:
        await guests.add(turn.work, turn.actor, episode_id, typed)
    except SeveralAgencies as several:
        _, sign, person = typed.partition(";")
        await ask_which(turn, several, "guest", EpisodeStep(episode=episode_id), after=sign + person)
        return
    await _show(turn, episode_id)


@meant("guest", holds=EpisodeStep)
async def agency_meant(turn: Turn, held: EpisodeStep, typed: str) -> None:
    await _add(turn, held.episode, typed)


@press(Act.GUESTS)
async def guests_pressed(turn: Turn, pressed: Press) -> None:
    await _show(turn, id_of(pressed))


async def _show(turn: Turn, which: EpisodeNumber | int) -> None:
    notice, episode = await guests.listed(turn.work, turn.actor, which)
    buttons = [
        [Button("button.cannot_come", Act.GUEST_OUT, (episode.id, guest.id), detail=guest.name)]
        for guest in await guests.coming(turn.work, episode.id)
    ]
    keyboard = [[Button("button.guest_add", Act.GUEST_ADD, (episode.id,))], *buttons]
    shown = await stored_episodes.question_ids(
        turn.work, episode.id
    )  # what is written of guests may name an asker
    await turn.reply(notice, keyboard, shows=shown)


@press(Act.GUEST_ADD)
async def add_pressed(turn: Turn, pressed: Press) -> None:
    notice, episode = await guests.listed(turn.work, turn.actor, id_of(pressed))
    await ask_for(turn, "episode_guest", GuestAsked(number=notice.number), EpisodeStep(episode=episode.id))


@step("episode_guest", holds=EpisodeStep)
async def added(turn: Turn, message: Message, held: EpisodeStep) -> None:
    typed = typed_text(message)
    await end_text_step(turn, held)
    await _add(turn, held.episode, typed)


# --- somebody else comes ----------------------------------------------------------------------------------------


@press(Act.GUEST_OUT)
async def cannot_come_pressed(turn: Turn, pressed: Press) -> None:
    """Note that a guest can't come, and ask who comes instead, if anybody."""
    require_editor(turn.actor)
    await _ask_who(turn, pressed.number(1), nobody=True)


async def _ask_who(turn: Turn, guest_id: int | None, *, nobody: bool = False) -> None:
    episode, guest = await guests.guest_of(turn.work, turn.actor, guest_id)
    buttons = [CANCEL]
    if nobody:
        buttons = [[Button("button.nobody", Act.GUEST_NOBODY, (episode.id, guest.id)), *CANCEL]]
    asked = SubstituteAsked(number=episodes.number_of(episode), guest=guest.name)
    await ask_for(turn, "episode_substitute", asked, GuestStep(guest=guest.id), buttons)


@dataclass(frozen=True, kw_only=True)
class GuestStep(StepData):
    """The guest instead of whom somebody else is to come."""

    guest: int


@step("episode_substitute", holds=GuestStep)
async def substitute_named(turn: Turn, message: Message, held: GuestStep) -> None:
    _, guest = await guests.guest_of(turn.work, turn.actor, held.guest)
    episode, name = await guests.substitute(turn.work, turn.actor, held.guest, typed_text(message))
    await end_text_step(turn, held)
    await script_plans.guests_changed(turn.work, episode.id, guest.agency_id)
    number = episodes.number_of(episode)
    await turn.reply(SubstituteThanked(number=number, guest=guest.name, name=name))


@press(Act.GUEST_NOBODY)
async def nobody_pressed(turn: Turn, pressed: Press) -> None:
    episode = await guests.cannot_come(turn.work, turn.actor, pressed.number(1))
    await leave_step(turn, "episode_substitute")
    await take_pressed_buttons_away(turn)
    await _show(turn, episode.id)


@episode_verb("substitute")
async def substitute_typed(turn: Turn, number: EpisodeNumber, words: str) -> None:
    """`/kyphat 12/2026 thay SỐ_THỨ_TỰ họ tên; chức vụ`: replace a guest.

    The number is the guest's place among those who come.
    """
    place, _, person = words.partition(" ")
    if not (place.isascii() and place.isdigit() and len(place) < 4):
        raise RuleViolation(Reason.EPISODE_USAGE)
    guest = await guests.guest_named(turn.work, number, int(place))
    await guests.substitute(turn.work, turn.actor, guest.id, person)
    await script_plans.guests_changed(turn.work, guest.episode_id, guest.agency_id)
    await _show(turn, number)


@press(Act.PLAN_SUBSTITUTE)
async def substitute_pressed(turn: Turn, pressed: Press) -> None:
    """Begin to replace a guest, from an agency's message with the plan.

    Its only guest, or ask which of them.
    """
    receipt = await script_plans.own_receipt(turn.work, turn.actor, pressed.number(0))
    found = await guests.coming(turn.work, receipt.episode_id, receipt.agency_id)
    if not found:
        raise RuleViolation(Reason.STALE_BUTTON)
    if len(found) == 1:
        await _ask_who(turn, found[0].id)
        return
    episode = await episodes.find(turn.work, receipt.episode_id)
    await turn.reply(
        GuestChoice(number=episodes.number_of(episode)),
        [[Button("", Act.PLAN_SUBSTITUTE_FOR, (receipt.id, one.id), text=one.name)] for one in found],
    )


@press(Act.PLAN_SUBSTITUTE_FOR)
async def substitute_for_pressed(turn: Turn, pressed: Press) -> None:
    await script_plans.own_receipt(turn.work, turn.actor, pressed.number(0))
    await _ask_who(turn, pressed.number(1))
