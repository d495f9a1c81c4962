"""The guests of an episode: who comes, who can't, who comes instead; agencies name substitutes themselves."""

from telegram import Message, Update

from domain.episodes.episodes import EpisodeNumber
from domain.errors import Reason, RuleViolation
from handlers.chat.context import Context, leave_step, take_pressed_buttons_away
from handlers.chat.prompting import CANCEL, ask_for, end_text_step
from handlers.chat.registry import press, step
from handlers.chat.typed import id_of, typed_text
from handlers.episodes.verbs import episode_verb
from messages.buttons import Act, Button, Press
from messages.notices.episodes import GuestAsked, GuestChoice, SubstituteAsked, SubstituteThanked
from services.episodes import episodes, guests, script_plans
from services.people.actors import require_editor
from storage.episodes import episodes as stored_episodes
from storage.tables import Row


@episode_verb("khach", "khach moi", "guest", "guests")
async def guest_typed(update: Update, context: Context, number: EpisodeNumber, words: str) -> None:
    """`/kyphat 12/2026 khách cơ quan; họ tên; chức vụ`; without words, who comes."""
    if words:
        await guests.add(context.work, context.actor, number, words)
    await _show(context, number)


@press(Act.GUESTS)
async def guests_pressed(update: Update, context: Context, pressed: Press) -> None:
    await _show(context, id_of(pressed))


async def _show(context: Context, which: EpisodeNumber | int) -> None:
    notice, episode = await guests.listed(context.work, context.actor, which)
    buttons = [
        [Button("button.cannot_come", Act.GUEST_OUT, (episode.id, guest.id), detail=guest.name)]
        for guest in await guests.coming(context.work, episode.id)
    ]
    keyboard = [[Button("button.guest_add", Act.GUEST_ADD, (episode.id,))], *buttons]
    shown = await stored_episodes.question_ids(
        context.work, episode.id
    )  # what is written of guests may name an asker
    await context.reply(notice, keyboard, shows=shown)


@press(Act.GUEST_ADD)
async def add_pressed(update: Update, context: Context, pressed: Press) -> None:
    notice, episode = await guests.listed(context.work, context.actor, id_of(pressed))
    await ask_for(context, "episode_guest", GuestAsked(number=notice.number), {"episode": episode.id})


@step("episode_guest")
async def added(update: Update, context: Context, message: Message, conversation: Row) -> None:
    episode = await guests.add(context.work, context.actor, conversation.data["episode"], typed_text(message))
    await end_text_step(context, conversation)
    await _show(context, episode.id)


# --- somebody else comes ----------------------------------------------------------------------------------------


@press(Act.GUEST_OUT)
async def cannot_come_pressed(update: Update, context: Context, pressed: Press) -> None:
    """An editor knows that a guest can't come: who comes instead, if anybody?"""
    require_editor(context.actor)
    await _ask_who(context, pressed.number(1), nobody=True)


async def _ask_who(context: Context, guest_id: int | None, *, nobody: bool = False) -> None:
    episode, guest = await guests.guest_of(context.work, context.actor, guest_id)
    buttons = [CANCEL]
    if nobody:
        buttons = [[Button("button.nobody", Act.GUEST_NOBODY, (episode.id, guest.id)), *CANCEL]]
    asked = SubstituteAsked(number=episodes.number_of(episode), guest=guest.name)
    await ask_for(context, "episode_substitute", asked, {"guest": guest.id}, buttons)


@step("episode_substitute")
async def substitute_named(update: Update, context: Context, message: Message, conversation: Row) -> None:
    guest_id = conversation.data["guest"]
    _, guest = await guests.guest_of(context.work, context.actor, guest_id)
    episode, name = await guests.substitute(context.work, context.actor, guest_id, typed_text(message))
    await end_text_step(context, conversation)
    await script_plans.guests_changed(context.work, episode.id, guest.agency_id)
    number = episodes.number_of(episode)
    await context.reply(SubstituteThanked(number=number, guest=guest.name, name=name))


@press(Act.GUEST_NOBODY)
async def nobody_pressed(update: Update, context: Context, pressed: Press) -> None:
    episode = await guests.cannot_come(context.work, context.actor, pressed.number(1))
    await leave_step(context, "episode_substitute")
    await take_pressed_buttons_away(update, context)
    await _show(context, episode.id)


@episode_verb("thay", "cu thay", "substitute")
async def substitute_typed(update: Update, context: Context, number: EpisodeNumber, words: str) -> None:
    """`/kyphat 12/2026 thay SỐ_THỨ_TỰ họ tên; chức vụ`: the place of who can't come among those who come."""
    place, _, person = words.partition(" ")
    if not (place.isascii() and place.isdigit() and len(place) < 4):
        raise RuleViolation(Reason.EPISODE_USAGE)
    guest = await guests.guest_named(context.work, number, int(place))
    await guests.substitute(context.work, context.actor, guest.id, person)
    await script_plans.guests_changed(context.work, guest.episode_id, guest.agency_id)
    await _show(context, number)


@press(Act.PLAN_SUBSTITUTE)
async def substitute_pressed(update: Update, context: Context, pressed: Press) -> None:
    """From an agency's message with the plan: its only guest, or which of them?"""
    receipt = await script_plans.own_receipt(context.work, context.actor, pressed.number(0))
    found = await guests.coming(context.work, receipt.episode_id, receipt.agency_id)
    if not found:
        raise RuleViolation(Reason.STALE_BUTTON)
    if len(found) == 1:
        await _ask_who(context, found[0].id)
        return
    episode = await episodes.find(context.work, receipt.episode_id)
    await context.reply(
        GuestChoice(number=episodes.number_of(episode)),
        [[Button("", Act.PLAN_SUBSTITUTE_FOR, (receipt.id, one.id), text=one.name)] for one in found],
    )


@press(Act.PLAN_SUBSTITUTE_FOR)
async def substitute_for_pressed(update: Update, context: Context, pressed: Press) -> None:
    await script_plans.own_receipt(context.work, context.actor, pressed.number(0))
    await _ask_who(context, pressed.number(1))
