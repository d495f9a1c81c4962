"""Who asked a question that goes on air hears of it before subscribers: when it airs, where to see it, or why not.

Found by what is missing (`episode_questions.asker_told`), so that a late or repeated tick does no harm. Everybody who
asked the same is told, each where they asked; those whom no messenger reaches hear from an editor, with the answer.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from domain.airings.schedule import AiringKind
from domain.episodes.episodes import AskerTold, EpisodeNumber
from domain.episodes.links import LinkKind, at_second, written_time
from messages.buttons import LinkButton
from messages.notice import Notice
from messages.notices.subscribers import (
    AskerAired,
    AskerAiring,
    AskerAiringUnsure,
    AskerLeftOut,
    TimeOnAir,
)
from services.airings.schedule import airings_of_episode
from services.notify import tell, words_for
from services.questions import publication
from services.questions.answers import askers
from services.questions.case import Numbered, code_of, find
from storage.engine.database import Database, Work
from storage.episodes import asker_news as stored
from storage.episodes.asker_news import AskerNewsRow
from storage.people import people

Say = Callable[[str], Notice]  # what is said, given the code of the question that one of them asked


async def tell_askers(database: Database) -> int:
    """Tell whoever is to hear something new of their question on air; returns of how many questions."""
    async with database.reading() as work:
        waiting = (
            await stored.to_be_aired(work) or await stored.with_moments(work) or await stored.left_out(work)
        )
    if not waiting:
        return 0
    async with database.work() as work:
        return await _tell_of_airings(work) + await tell_of_moments(work) + await _tell_of_left_out(work)


async def _tell_of_airings(work: Work) -> int:
    """When it airs; again where that was moved or cancelled since, for they were told to watch."""
    told = 0
    coming: dict[int, tuple[TimeOnAir, ...]] = {}
    for row in await stored.to_be_aired(work):
        if row.episode_id not in coming:
            coming[row.episode_id] = await _coming(work, row.episode_id)
        airings = coming[row.episode_id]
        expected = row.asker_told == AskerTold.AIRING
        if expected and any(row.told_airing_at == one.starts_at for one in airings):
            continue
        if airings:
            if await stored.claim(work, row, AskerTold.AIRING, airings[0].starts_at):
                say: Say = partial(AskerAiring, _number(row), row.title, airings, expected)
                told += await _tell(work, row, say, only_now=True)
        elif row.told_airing_at is not None and expected and await stored.claim(work, row, AskerTold.UNSURE):
            say = partial(AskerAiringUnsure, _number(row), row.title, row.told_airing_at)
            told += await _tell(work, row, say, only_now=True)
    return told


async def _coming(work: Work, episode_id: int) -> tuple[TimeOnAir, ...]:
    return tuple(
        TimeOnAir(starts_at=one.starts_at, channel=one.channel, repeat=one.kind is AiringKind.REPEAT)
        for one in await airings_of_episode(work, episode_id)
        if one.on_air_at is not None and one.starts_at > work.now
    )


async def tell_of_moments(work: Work) -> int:
    """Where in a recording their answer is, once: by the first link with a time code that opens at it."""
    found: dict[tuple[int, int], list[stored.MomentNewsRow]] = {}
    for row in await stored.with_moments(work):
        found.setdefault((row.episode_id, row.question_id), []).append(row)
    told = 0
    for rows in found.values():
        opening = [(row, at_second(row.url, LinkKind(row.kind), row.seconds)) for row in rows]
        row, url = next((one for one in opening if one[1] is not None), opening[0])
        if await stored.claim(work, row, AskerTold.AIRED, row.told_airing_at):
            moment = written_time(row.seconds)
            say: Say = partial(AskerAired, _number(row), row.title, row.kind, moment)
            told += await _tell(work, row, say, link=(f"link_kind.{row.kind}", moment, url or row.url))
    return told


async def _tell_of_left_out(work: Work) -> int:
    """Not on air in that episode, and why; and in which it is instead."""
    told = 0
    for row in await stored.left_out(work):
        if await stored.claim(work, row, AskerTold.LEFT_OUT, row.told_airing_at):
            other = await stored.other_episode(work, row.question_id, row.episode_id)
            instead = "" if other is None else _number(other)
            say: Say = partial(AskerLeftOut, _number(row), row.title, row.left_out_why or "", instead)
            told += await _tell(work, row, say)
    return told


async def _tell(
    work: Work,
    row: AskerNewsRow,
    say: Say,
    *,
    link: tuple[str, str, str] | None = None,
    only_now: bool = False,
) -> int:
    """To everybody who asked it. `only_now`: what would be of the past when somebody comes back is not kept.

    `link` is a button's label, what follows it, and its address. Returns 1, a question.
    """
    question = await find(work, row.question_id)
    for asker, own in await askers(work, question):
        if not people.can_be_reached(asker) or (only_now and asker.unreachable_at is not None):
            continue
        label = words_for(work, asker).label
        buttons = [] if link is None else [[LinkButton(f"{label(link[0])} {link[1]}", link[2])]]
        notice = say(code_of(work, own))
        if isinstance(notice, AskerLeftOut):  # an editor's own words
            notice = replace(notice, why=await publication.for_reader(work, question, notice.why, asker.id))
        await tell(work, asker, notice, buttons, question_id=question.id)
    return 1


def _number(row: Numbered) -> str:
    return str(EpisodeNumber(row.year, row.number))
