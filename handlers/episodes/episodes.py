"""`/kyphat`: lists, creates, shows and changes episodes."""

import re
from dataclasses import dataclass

from channels.incoming import Message
from domain.episodes.episodes import EpisodeNumber, EpisodePart
from domain.errors import Reason, RuleViolation
from domain.questions.life import EDITORS
from domain.vietnamese.text import excerpt, fold, phrase_at_front
from handlers.agencies.field_choice import field_name
from handlers.chat.prompting import ask_for, end_text_step
from handlers.chat.registry import command, press, step
from handlers.chat.steps import StepData
from handlers.chat.turn import Turn, rewrite_pressed
from handlers.chat.typed import choice_of, id_of, typed_text
from handlers.episodes.verbs import EpisodeStep, OnVerb, enter_verb, episode_verb, number_at_front, read_verb
from messages.buttons import Act, Button, Keyboard, Press
from messages.keyboards import in_rows, turn_rows
from messages.notice import Notice
from messages.notices.episodes import (
    EpisodeFieldAsked,
    EpisodeNumberAsked,
    EpisodePartAsked,
    EpisodePartsAsked,
)
from messages.typed import either, forms, meanings
from services.episodes import editing, episodes
from services.episodes.card import episode_button, episode_card
from services.people.actors import require_editor
from storage.agencies import agencies
from storage.delivery import outbox
from storage.episodes import episodes as stored_episodes
from storage.rows import EpisodeRow

YEARS = 4  # offered as buttons
PART_SHOWN = 500  # characters of what stands now

_YEAR = re.compile(rf"(?:{either(forms('episode', 'year'))} )?(\d{{4}})")
_NUMBER = re.compile(rf"(?:{either(forms('episode', 'number'))}\s+)?\d{{1,3}}/\d{{4}}\b")  # folded
_NEW = forms("episode", "new")


@dataclass(frozen=True, kw_only=True)
class NewEpisode(StepData):
    """The number of an episode whose title is asked for."""

    year: int
    number: int


@dataclass(frozen=True, kw_only=True)
class PartStep(EpisodeStep):
    """The part of an episode that is asked for."""

    part: EpisodePart


@command("kyphat", *EDITORS, place=580)
async def on_episodes(turn: Turn, argument: str) -> None:
    """`/kyphat [NĂM]`, `/kyphat mới [SỐ] tiêu đề`, `/kyphat SỐ`, `/kyphat SỐ việc …` (handlers.episodes.verbs)."""
    folded = fold(argument)
    year, new = _YEAR.fullmatch(folded), phrase_at_front(argument, _NEW)
    if not argument or year is not None:
        await turn.reply(*await _list(turn, int(year[1]) if year else None, 1))
        return
    if new is not None:
        await _create_typed(turn, new[1])
        return
    number, rest = number_at_front(turn, argument)
    if number is None:
        raise RuleViolation(Reason.EPISODE_USAGE)
    if not rest:
        await show(turn, await episodes.find(turn.work, number))
        return
    run, words = read_verb(rest)
    await run(turn, number, words)


async def show(turn: Turn, episode: EpisodeRow) -> None:
    """Send an episode's card as a new message."""
    notice, buttons, shown = await episode_card(turn.work, turn.actor, episode)
    await turn.reply(notice, buttons, shows=shown)


# --- the list -------------------------------------------------------------------------------------------------


async def _list(turn: Turn, year: int | None, page: int) -> tuple[Notice, Keyboard]:
    require_editor(turn.actor)
    notice, rows = await episodes.listed(turn.work, year, page)
    buttons = [episode_button(row.id, episodes.number_of(row)) for row in rows]
    more = page * episodes.PAGE < notice.total
    turns = turn_rows(Act.EPISODE_YEAR, lambda to: (year or 0, to), page, more=more)
    years = [
        Button("", Act.EPISODE_YEAR, (one, 1), text=str(one))
        for one in (await stored_episodes.years(turn.work))[:YEARS]
        if one != year
    ]
    if year is not None:
        years.append(Button("button.all_years", Act.EPISODE_YEAR, (0, 1)))
    new = [Button("button.episode_new", Act.EPISODE_NEW)]
    return notice, [*in_rows(buttons), *turns, *([years] if years else []), new]


@press(Act.EPISODE_YEAR)
async def year_pressed(turn: Turn, pressed: Press) -> None:
    year, page = pressed.number(0), pressed.number(1)
    if year is None or not page or page > 10_000 or year > 9999:
        raise RuleViolation(Reason.STALE_BUTTON)
    await rewrite_pressed(turn, *await _list(turn, year or None, page))


@press(Act.EPISODE)
async def episode_pressed(turn: Turn, pressed: Press) -> None:
    await show(turn, await episodes.find(turn.work, id_of(pressed)))


# --- a new one ------------------------------------------------------------------------------------------------


async def _create_typed(turn: Turn, typed: str) -> None:
    number, title = number_at_front(turn, typed)
    if (
        number is None or not title
    ):  # "mới 30 năm giải phóng" is no number with a title: the title may begin so
        number, title = (number, title) if number is not None and not title else (None, typed)
    if not title:
        await _ask_for_title(turn, number or await episodes.next_number(turn.work))
        return
    number = number or await episodes.next_number(turn.work)
    await _created(turn, await episodes.create(turn.work, turn.actor, number, title))


@press(Act.EPISODE_NEW)
async def new_pressed(turn: Turn, pressed: Press) -> None:
    require_editor(turn.actor)
    await _ask_for_title(turn, await episodes.next_number(turn.work))


async def _ask_for_title(turn: Turn, number: EpisodeNumber) -> None:
    held = NewEpisode(year=number.year, number=number.number)
    await ask_for(turn, "episode_new", EpisodeNumberAsked(number=str(number)), held)


@step("episode_new", holds=NewEpisode)
async def title_typed(turn: Turn, message: Message, held: NewEpisode) -> None:
    """Create the episode whose title was asked for.

    A number in front of the title takes the place of the proposed one.
    """
    typed = typed_text(message)
    number = EpisodeNumber(held.year, held.number)
    own, rest = number_at_front(turn, typed)
    if own is not None and rest and _NUMBER.match(fold(typed)):
        number, typed = own, rest
    episode = await episodes.create(turn.work, turn.actor, number, typed)
    await end_text_step(turn, held)
    await _created(turn, episode)


async def _created(turn: Turn, episode: EpisodeRow) -> None:
    """Ask for the field of an episode that was just created."""
    await _ask_for_field(turn, episode)


async def _ask_for_field(turn: Turn, episode: EpisodeRow) -> None:
    fields = await agencies.all_fields(turn.work)
    buttons = [
        Button("", Act.EPISODE_FIELD, (episode.id, place), text=field_name(turn, field))
        for place, field in enumerate(fields, start=1)
    ]
    skip = [Button("button.skip", Act.EPISODE_FIELD, (episode.id, 0))]
    await turn.reply(EpisodeFieldAsked(number=episodes.number_of(episode)), [*in_rows(buttons), skip])


@press(Act.EPISODE_FIELD)
async def field_pressed(turn: Turn, pressed: Press) -> None:
    """Set the episode's field by its place in the list; 0 leaves it.

    The card takes the place of the question.
    """
    place = pressed.number(1)
    fields = await agencies.all_fields(turn.work)
    if place is None or place > len(fields):
        raise RuleViolation(Reason.STALE_BUTTON)
    id_ = id_of(pressed)
    if place:
        code = fields[place - 1].code
        episode = await editing.change(turn.work, turn.actor, id_, EpisodePart.FIELD, code)
    else:
        episode = await episodes.find(turn.work, id_)
    notice, buttons, shown = await episode_card(turn.work, turn.actor, episode)
    await rewrite_pressed(turn, notice, buttons, shows=shown)


# --- part by part -----------------------------------------------------------------------------------------------


@press(Act.EPISODE_PARTS)
async def parts_pressed(turn: Turn, pressed: Press) -> None:
    require_editor(turn.actor)
    episode = await episodes.find(turn.work, id_of(pressed))
    buttons = [
        Button("", Act.EPISODE_PART, (episode.id, part), text=turn.words.label(f"episode_part.{part}"))
        for part in EpisodePart
    ]
    await turn.reply(EpisodePartsAsked(number=episodes.number_of(episode)), in_rows(buttons))


@press(Act.EPISODE_PART)
async def part_pressed(turn: Turn, pressed: Press) -> None:
    require_editor(turn.actor)
    part = choice_of(pressed, EpisodePart, 1)
    await _ask_for_part(turn, await episodes.find(turn.work, id_of(pressed)), part)


async def _ask_for_part(turn: Turn, episode: EpisodeRow, part: EpisodePart) -> None:
    require_editor(turn.actor)
    if part is EpisodePart.FIELD:
        await _ask_for_field(turn, episode)
        return
    stands = episodes.part_of(episode, part)
    now = turn.words.when(stands) if part is EpisodePart.RECORDING and stands else str(stands or "")  # type: ignore[arg-type]  # a moment
    await ask_for(
        turn,
        "episode_part",
        EpisodePartAsked(number=episodes.number_of(episode), part=part, now=excerpt(now, PART_SHOWN)),
        PartStep(episode=episode.id, part=part),
        about=outbox.PREVIEW,
        shows=await stored_episodes.question_ids(turn.work, episode.id),
    )


@step("episode_part", holds=PartStep)
async def part_typed(turn: Turn, message: Message, held: PartStep) -> None:
    episode = await editing.change(turn.work, turn.actor, held.episode, held.part, typed_text(message))
    await end_text_step(turn, held)
    await show(turn, episode)


def _enter_part(part: EpisodePart) -> OnVerb:
    async def run(turn: Turn, number: EpisodeNumber, words: str) -> None:
        if not words:
            await _ask_for_part(turn, await episodes.find(turn.work, number), part)
            return
        await show(turn, await editing.change(turn.work, turn.actor, number, part, words))

    return run


for _said, _part in meanings("episode_part", {part.value: part for part in EpisodePart}).items():
    enter_verb(_said, _enter_part(_part))


# --- recorded ---------------------------------------------------------------------------------------------------


@episode_verb("recorded")
async def recorded(turn: Turn, number: EpisodeNumber, words: str) -> None:
    await show(turn, await editing.mark_recorded(turn.work, turn.actor, number))


@press(Act.RECORDED)
async def recorded_pressed(turn: Turn, pressed: Press) -> None:
    episode = await editing.mark_recorded(turn.work, turn.actor, id_of(pressed))
    notice, buttons, shown = await episode_card(turn.work, turn.actor, episode)
    await rewrite_pressed(turn, notice, buttons, shows=shown)
    turn.say("toast.recorded")
