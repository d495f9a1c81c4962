"""`/duongdan`, `/luotxem`: an episode's links, moments of answers, and views."""

import re
from dataclasses import dataclass
from datetime import date

from channels.incoming import Message
from domain.episodes.episodes import EpisodeNumber, read_episode_number
from domain.episodes.links import (
    LinkKind,
    at_second,
    read_count_day,
    read_time_code,
    read_views,
    written_time,
)
from domain.errors import Reason, RuleViolation
from domain.questions.codes import Code
from domain.questions.life import EDITORS
from domain.vietnamese.text import clean, fold, phrase_at_front
from handlers.chat.prompting import ask_for, end_text_step
from handlers.chat.registry import command, press, step
from handlers.chat.steps import QuestionStep, StepData
from handlers.chat.turn import Turn
from handlers.chat.typed import id_of, split_code_of, typed_text
from handlers.episodes.verbs import EpisodeStep
from messages.buttons import Act, Press
from messages.notices.chat import TextAsked
from messages.notices.links import LinkAdded, LinkRemoved, MomentDropped, MomentSet, ViewsRecorded
from messages.typed import either, forms, marked, meanings
from services.episodes import episodes, links
from services.people.actors import require_editor
from services.questions.case import code_of
from storage.rows import EpisodeRow, LinkRow

_SAID = either(forms("episode", "number") | marked("episode", "number"))
_EPISODE = re.compile(rf"(?:{_SAID}\s+)?(\d{{1,3}}(?:\s*/\s*\d{{4}})?)(?=\s|$)", re.IGNORECASE)
_YEAR = re.compile(r"20\d\d")
_REMOVE, _MOMENT = forms("link", "remove"), forms("link", "moment")
_KINDS = meanings("link_kind", {kind.value: kind for kind in LinkKind})
_DAYS_AGO = meanings("count_day", {"today": 0, "yesterday": 1})


# --- typed ----------------------------------------------------------------------------------------------------


@command("duongdan", *EDITORS, place=600)
async def episode_links(turn: Turn, argument: str) -> None:
    """`/duongdan`: show and change the links of an episode.

    `/duongdan 12/2026 [loại] ĐỊA_CHỈ` adds; `… bỏ SỐ` removes; `… mốc SỐ MÃ 12:34` records where a question is
    answered, `… mốc SỐ MÃ bỏ` takes that back; nothing more shows the list.
    """
    episode, rest = await _episode_at_front(turn, argument)
    removed, moment = phrase_at_front(rest, _REMOVE), phrase_at_front(rest, _MOMENT)
    if not rest:
        await _show_links(turn, episode)
    elif removed is not None:
        link = await links.link_named(turn.work, episode, removed[1])
        await _remove(turn, link.id)
    elif moment is not None:
        named, _, typed = moment[1].partition(" ")
        link = await links.link_named(turn.work, episode, named)
        code, time_code = split_code_of(turn, typed)
        if code is None:
            raise RuleViolation(Reason.CODE_MISSING, command="duongdan 12/2026 mốc 1")
        await _set_moment(turn, link.id, code, time_code)
    else:
        await _add(turn, episode, rest)


@command("luotxem", *EDITORS, place=610)
async def episode_views(turn: Turn, argument: str) -> None:
    """`/luotxem 12/2026 SỐ 24.000 [ngày]`: record a link's views.

    Without a count: ask which link. Without an episode (or with a year alone): show the totals.
    """
    typed = clean(argument)
    if not typed or _YEAR.fullmatch(typed):
        year = int(typed) if typed else _today(turn).year
        await turn.reply(await links.totalled(turn.work, turn.actor, year))
        return
    episode, rest = await _episode_at_front(turn, typed)
    if not rest:
        await _choose_counted(turn, episode)
        return
    named, _, counted = rest.partition(" ")
    link = await links.link_named(turn.work, episode, named)
    await _record(turn, link.id, counted)


async def _episode_at_front(turn: Turn, argument: str) -> tuple[EpisodeRow, str]:
    """Read the episode that a command names; return it and the rest as typed.

    Raises `RuleViolation`.
    """
    typed = clean(argument)
    found = _EPISODE.match(typed)
    number: EpisodeNumber | None = None
    if found is not None:
        number = read_episode_number("".join(found[1].split()), _today(turn).year)
    if found is None or number is None:
        raise RuleViolation(Reason.UNKNOWN_EPISODE, number="")
    return await episodes.find(turn.work, number), typed[found.end() :].strip()


def _today(turn: Turn) -> date:
    return turn.work.programme.local(turn.work.now).date()


async def _show_links(turn: Turn, episode: EpisodeRow) -> None:
    notice, buttons, questions = await links.listed(turn.work, turn.actor, episode)
    await turn.reply(notice, buttons, shows=questions)


@press(Act.LINK_LIST)
async def list_pressed(turn: Turn, pressed: Press) -> None:
    require_editor(turn.actor)
    await _show_links(turn, await episodes.find(turn.work, id_of(pressed)))


# --- adding, removing -------------------------------------------------------------------------------------------


async def _add(turn: Turn, episode: EpisodeRow, typed: str) -> None:
    """Add an address, or a kind and an address ("phát thanh https://…")."""
    said, _, last = typed.rpartition(" ")
    kind: LinkKind | None = None
    if said:
        kind = _KINDS.get(fold(said))
        if kind is None:
            raise RuleViolation(Reason.BAD_LINK)
    link, announced = await links.add_link(turn.work, turn.actor, episode.id, last, kind)
    added = LinkAdded(episode=episodes.number_of(episode), kind=link.kind, url=link.url, announced=announced)
    await turn.reply(added)
    await _show_links(turn, episode)


async def _remove(turn: Turn, link_id: int) -> None:
    link, episode = await links.remove_link(turn.work, turn.actor, link_id)
    await turn.reply(LinkRemoved(episode=episodes.number_of(episode), kind=link.kind, url=link.url))
    await _show_links(turn, episode)


@press(Act.LINK_ADD)
async def add_pressed(turn: Turn, pressed: Press) -> None:
    require_editor(turn.actor)
    episode = await episodes.find(turn.work, id_of(pressed))
    await _ask(turn, "link_add", EpisodeStep(episode=episode.id))


@dataclass(frozen=True, kw_only=True)
class LinkStep(StepData):
    """A step about a link."""

    link: int


@dataclass(frozen=True, kw_only=True)
class MomentStep(QuestionStep, LinkStep):
    """Where in a link a question is answered."""


@step("link_add", holds=EpisodeStep)
async def add_typed(turn: Turn, message: Message, held: EpisodeStep) -> None:
    episode = await episodes.find(turn.work, held.episode)
    await _add(turn, episode, typed_text(message))
    await end_text_step(turn, held)


@press(Act.LINK_REMOVE)
async def remove_pressed(turn: Turn, pressed: Press) -> None:
    await _remove(turn, id_of(pressed))
    turn.say("toast.link_removed")


# --- moments ------------------------------------------------------------------------------------------------------


@press(Act.LINK_MOMENT)
async def moment_pressed(turn: Turn, pressed: Press) -> None:
    require_editor(turn.actor)
    episode = await episodes.find(turn.work, id_of(pressed))
    await _choose_moment(turn, episode)


@press(Act.MOMENT_LINK)
async def moment_link_pressed(turn: Turn, pressed: Press) -> None:
    require_editor(turn.actor)
    link, episode = await links.find_link(turn.work, id_of(pressed))
    await _choose_moment(turn, episode, link)


async def _choose_moment(turn: Turn, episode: EpisodeRow, link: LinkRow | None = None) -> None:
    notice, buttons, questions = await links.moment_choice(turn.work, turn.actor, episode, link)
    await turn.reply(notice, buttons, shows=questions)


@press(Act.MOMENT_QUESTION)
async def moment_question_pressed(turn: Turn, pressed: Press) -> None:
    require_editor(turn.actor)
    link, episode = await links.find_link(turn.work, id_of(pressed))
    question = await links.question_on_air(turn.work, episode, id_of(pressed, 1))
    held = MomentStep(question=question.id, link=link.id)
    await _ask(turn, "link_moment", held, code_of(turn.work, question))


@step("link_moment", holds=MomentStep)
async def moment_typed(turn: Turn, message: Message, held: MomentStep) -> None:
    await _set_moment(turn, held.link, held.question, typed_text(message))
    await end_text_step(turn, held)


async def _set_moment(turn: Turn, link_id: int, which: Code | int, typed: str) -> None:
    """Set a moment by a time code, or remove it by the word for that."""
    if fold(typed) in _REMOVE:
        episode, link, question = await links.drop_moment(turn.work, turn.actor, link_id, which)
        code = code_of(turn.work, question)
        await turn.reply(MomentDropped(episode=episodes.number_of(episode), code=code, kind=link.kind))
        return
    seconds = read_time_code(typed)
    episode, link, question = await links.set_moment(turn.work, turn.actor, link_id, which, seconds)
    notice = MomentSet(
        episode=episodes.number_of(episode),
        code=code_of(turn.work, question),
        kind=link.kind,
        minute=written_time(seconds),
        url=at_second(link.url, LinkKind(link.kind), seconds),
    )
    await turn.reply(notice, shows=[question.id])


# --- views --------------------------------------------------------------------------------------------------------


@press(Act.LINK_VIEWS)
async def views_pressed(turn: Turn, pressed: Press) -> None:
    require_editor(turn.actor)
    await _choose_counted(turn, await episodes.find(turn.work, id_of(pressed)))


async def _choose_counted(turn: Turn, episode: EpisodeRow) -> None:
    await turn.reply(*await links.views_choice(turn.work, turn.actor, episode))


@press(Act.VIEWS_LINK)
async def views_link_pressed(turn: Turn, pressed: Press) -> None:
    require_editor(turn.actor)
    link, _episode = await links.find_link(turn.work, id_of(pressed))
    await _ask(turn, "link_views", LinkStep(link=link.id))


@step("link_views", holds=LinkStep)
async def views_typed(turn: Turn, message: Message, held: LinkStep) -> None:
    await _record(turn, held.link, typed_text(message))
    await end_text_step(turn, held)


async def _record(turn: Turn, link_id: int, typed: str) -> None:
    """Record a count, and the day it was read where that is not today."""
    count, _, day = typed.strip().partition(" ")
    done = await links.record_views(
        turn.work, turn.actor, link_id, read_views(count), read_count_day(day, _today(turn), _DAYS_AGO)
    )
    await turn.reply(
        ViewsRecorded(
            episode=episodes.number_of(done.episode),
            kind=done.link.kind,
            views=done.views,
            day=done.day,
            before=done.before,
        )
    )


async def _ask(turn: Turn, what: str, held: StepData, code: str = "") -> None:
    """Ask for what a button needs; `what` is a step and a key under [ask] in labels."""
    await ask_for(turn, what, TextAsked(code=code, what=what), held)
