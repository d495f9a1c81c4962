"""`/duongdan`, `/luotxem`: editors add an episode's links, the minutes of its answers, and how often it was viewed."""

import re
from datetime import date

from telegram import Message, Update

from domain.episodes.episodes import EpisodeNumber, read_episode_number
from domain.episodes.links import (
    LinkKind,
    at_second,
    read_count_day,
    read_kind,
    read_time_code,
    read_views,
    written_time,
)
from domain.errors import Reason, RuleViolation
from domain.questions.codes import Code
from domain.questions.life import EDITORS
from domain.vietnamese.text import clean, fold, phrase_at_front
from handlers.chat.context import Context
from handlers.chat.prompting import ask_for, end_text_step
from handlers.chat.registry import command, press, step
from handlers.chat.typed import id_of, split_code_of, typed_text
from messages.buttons import Act, Press
from messages.notices.chat import TextAsked
from messages.notices.links import LinkAdded, LinkRemoved, MomentDropped, MomentSet, ViewsRecorded
from services.episodes import episodes, links
from services.people.actors import require_editor
from services.questions.case import code_of
from storage.tables import Row

_EPISODE = re.compile(r"(?:kỳ\s+|ky\s+|episode\s+)?(\d{1,3}(?:\s*/\s*\d{4})?)(?=\s|$)", re.IGNORECASE)
_YEAR = re.compile(r"20\d\d")
_REMOVE = {"bo", "xoa", "remove"}
_MOMENT = {"moc", "phut", "at"}


# --- typed ----------------------------------------------------------------------------------------------------


@command("duongdan", *EDITORS, place=600)
async def episode_links(update: Update, context: Context, argument: str) -> None:
    """The links of an episode, and what is done about them.

    `/duongdan 12/2026 [loại] ĐỊA_CHỈ` adds; `… bỏ SỐ` removes; `… mốc SỐ MÃ 12:34` says where a question is
    answered, `… mốc SỐ MÃ bỏ` takes it back; without more: the list.
    """
    episode, rest = await _episode_at_front(context, argument)
    removed, moment = phrase_at_front(rest, _REMOVE), phrase_at_front(rest, _MOMENT)
    if not rest:
        await _show_links(context, episode)
    elif removed is not None:
        link = await links.link_named(context.work, episode, removed[1])
        await _remove(context, link.id)
    elif moment is not None:
        named, _, typed = moment[1].partition(" ")
        link = await links.link_named(context.work, episode, named)
        code, time_code = split_code_of(context, typed)
        if code is None:
            raise RuleViolation(Reason.CODE_MISSING, command="duongdan 12/2026 mốc 1")
        await _set_moment(context, link.id, code, time_code)
    else:
        await _add(context, episode, rest)


@command("luotxem", *EDITORS, place=610)
async def episode_views(update: Update, context: Context, argument: str) -> None:
    """`/luotxem 12/2026 SỐ 24.000 [ngày]`; without a count: which link; without an episode (or by year): the totals."""
    typed = clean(argument)
    if not typed or _YEAR.fullmatch(typed):
        year = int(typed) if typed else _today(context).year
        await context.reply(await links.totalled(context.work, context.actor, year))
        return
    episode, rest = await _episode_at_front(context, typed)
    if not rest:
        await _choose_counted(context, episode)
        return
    named, _, counted = rest.partition(" ")
    link = await links.link_named(context.work, episode, named)
    await _record(context, link.id, counted)


async def _episode_at_front(context: Context, argument: str) -> tuple[Row, str]:
    """The episode that a command names, and the rest as it was typed; raises `RuleViolation`."""
    typed = clean(argument)
    found = _EPISODE.match(typed)
    number: EpisodeNumber | None = None
    if found is not None:
        number = read_episode_number("".join(found[1].split()), _today(context).year)
    if found is None or number is None:
        raise RuleViolation(Reason.UNKNOWN_EPISODE, number="")
    return await episodes.find(context.work, number), typed[found.end() :].strip()


def _today(context: Context) -> date:
    return context.work.programme.local(context.work.now).date()


async def _show_links(context: Context, episode: Row) -> None:
    notice, buttons, questions = await links.listed(context.work, context.actor, episode)
    await context.reply(notice, buttons, shows=questions)


@press(Act.LINK_LIST)
async def list_pressed(update: Update, context: Context, pressed: Press) -> None:
    require_editor(context.actor)
    await _show_links(context, await episodes.find(context.work, id_of(pressed)))


# --- adding, removing -------------------------------------------------------------------------------------------


async def _add(context: Context, episode: Row, typed: str) -> None:
    """An address, or a kind and an address ("phát thanh https://…")."""
    said, _, last = typed.rpartition(" ")
    kind: LinkKind | None = None
    if said:
        kind = read_kind(said)
        if kind is None:
            raise RuleViolation(Reason.BAD_LINK)
    link, announced = await links.add_link(context.work, context.actor, episode.id, last, kind)
    added = LinkAdded(episode=episodes.number_of(episode), kind=link.kind, url=link.url, announced=announced)
    await context.reply(added)
    await _show_links(context, episode)


async def _remove(context: Context, link_id: int) -> None:
    link, episode = await links.remove_link(context.work, context.actor, link_id)
    await context.reply(LinkRemoved(episode=episodes.number_of(episode), kind=link.kind, url=link.url))
    await _show_links(context, episode)


@press(Act.LINK_ADD)
async def add_pressed(update: Update, context: Context, pressed: Press) -> None:
    require_editor(context.actor)
    episode = await episodes.find(context.work, id_of(pressed))
    await _ask(context, "link_add", episode=episode.id)


@step("link_add")
async def add_typed(update: Update, context: Context, message: Message, conversation: Row) -> None:
    episode = await episodes.find(context.work, int(conversation.data["episode"]))
    await _add(context, episode, typed_text(message))
    await end_text_step(context, conversation)


@press(Act.LINK_REMOVE)
async def remove_pressed(update: Update, context: Context, pressed: Press) -> None:
    await _remove(context, id_of(pressed))
    context.say("toast.done")


# --- moments ------------------------------------------------------------------------------------------------------


@press(Act.LINK_MOMENT)
async def moment_pressed(update: Update, context: Context, pressed: Press) -> None:
    require_editor(context.actor)
    episode = await episodes.find(context.work, id_of(pressed))
    await _choose_moment(context, episode)


@press(Act.MOMENT_LINK)
async def moment_link_pressed(update: Update, context: Context, pressed: Press) -> None:
    require_editor(context.actor)
    link, episode = await links.find_link(context.work, id_of(pressed))
    await _choose_moment(context, episode, link)


async def _choose_moment(context: Context, episode: Row, link: Row | None = None) -> None:
    notice, buttons, questions = await links.moment_choice(context.work, context.actor, episode, link)
    await context.reply(notice, buttons, shows=questions)


@press(Act.MOMENT_QUESTION)
async def moment_question_pressed(update: Update, context: Context, pressed: Press) -> None:
    require_editor(context.actor)
    link, episode = await links.find_link(context.work, id_of(pressed))
    question = await links.question_on_air(context.work, episode, id_of(pressed, 1))
    await _ask(context, "link_moment", code_of(context.work, question), link=link.id, question=question.id)


@step("link_moment")
async def moment_typed(update: Update, context: Context, message: Message, conversation: Row) -> None:
    data = conversation.data
    await _set_moment(context, data["link"], data["question"], typed_text(message))
    await end_text_step(context, conversation)


async def _set_moment(context: Context, link_id: int, which: Code | int, typed: str) -> None:
    """A time code, or the word that takes it back."""
    if fold(typed) in _REMOVE:
        episode, link, question = await links.drop_moment(context.work, context.actor, link_id, which)
        code = code_of(context.work, question)
        await context.reply(MomentDropped(episode=episodes.number_of(episode), code=code, kind=link.kind))
        return
    seconds = read_time_code(typed)
    episode, link, question = await links.set_moment(context.work, context.actor, link_id, which, seconds)
    notice = MomentSet(
        episode=episodes.number_of(episode),
        code=code_of(context.work, question),
        kind=link.kind,
        minute=written_time(seconds),
        url=at_second(link.url, LinkKind(link.kind), seconds),
    )
    await context.reply(notice, shows=[question.id])


# --- views --------------------------------------------------------------------------------------------------------


@press(Act.LINK_VIEWS)
async def views_pressed(update: Update, context: Context, pressed: Press) -> None:
    require_editor(context.actor)
    await _choose_counted(context, await episodes.find(context.work, id_of(pressed)))


async def _choose_counted(context: Context, episode: Row) -> None:
    await context.reply(*await links.views_choice(context.work, context.actor, episode))


@press(Act.VIEWS_LINK)
async def views_link_pressed(update: Update, context: Context, pressed: Press) -> None:
    require_editor(context.actor)
    link, _episode = await links.find_link(context.work, id_of(pressed))
    await _ask(context, "link_views", link=link.id)


@step("link_views")
async def views_typed(update: Update, context: Context, message: Message, conversation: Row) -> None:
    await _record(context, conversation.data["link"], typed_text(message))
    await end_text_step(context, conversation)


async def _record(context: Context, link_id: int, typed: str) -> None:
    """A count, and the day it was read where that is not today."""
    count, _, day = typed.strip().partition(" ")
    done = await links.record_views(
        context.work, context.actor, link_id, read_views(count), read_count_day(day, _today(context))
    )
    await context.reply(
        ViewsRecorded(
            episode=episodes.number_of(done.episode),
            kind=done.link.kind,
            views=done.views,
            day=done.day,
            before=done.before,
        )
    )


async def _ask(context: Context, what: str, code: str = "", **data: int) -> None:
    """The next message is what a button asked for; `what` is a step and a key under [ask] in labels."""
    await ask_for(context, what, TextAsked(code=code, what=what), data)
