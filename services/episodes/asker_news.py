"""Tells askers about their question on air, before subscribers.

Found by what is missing (`episode_questions.asker_told`), so that a late or repeated tick does no harm. Everybody who
asked the same is told, each where they asked, and once of all their questions in an episode; those whom no messenger
reaches hear from an editor, with the answer.
"""

from collections.abc import Callable, Sequence
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
    MomentOnAir,
    TimeOnAir,
)
from services.airings.schedule import airings_of_episode
from services.notify import tell, words_for
from services.questions import publication
from services.questions.answers import askers
from services.questions.case import Numbered, code_of, find
from storage.engine.database import Database, Work
from storage.episodes import asker_news as stored
from storage.episodes.asker_news import AskerNewsRow, MomentNewsRow
from storage.rows import PersonRow

Say = Callable[
    [tuple[str, ...]], Notice
]  # what is said, given the codes of the questions that one of them asked


async def tell_askers(database: Database) -> int:
    """Tell askers what is new about their question on air.

    Returns of how many questions.
    """
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
    coming: dict[int, tuple[TimeOnAir, ...]] = {}
    told: dict[tuple[object, ...], tuple[Say, list[AskerNewsRow]]] = {}
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
                told.setdefault((row.episode_id, expected), (say, []))[1].append(row)
        elif row.told_airing_at is not None and expected and await stored.claim(work, row, AskerTold.UNSURE):
            say = partial(AskerAiringUnsure, _number(row), row.title, row.told_airing_at)
            told.setdefault((row.episode_id, row.told_airing_at), (say, []))[1].append(row)
    for say, rows in told.values():
        await _tell_of_all(work, rows, say)
    return sum(len(rows) for _, rows in told.values())


async def _coming(work: Work, episode_id: int) -> tuple[TimeOnAir, ...]:
    return tuple(
        TimeOnAir(starts_at=one.starts_at, channel=one.channel, repeat=one.kind is AiringKind.REPEAT)
        for one in await airings_of_episode(work, episode_id)
        if one.on_air_at is not None and one.starts_at > work.now
    )


async def tell_of_moments(work: Work) -> int:
    """Tell, once, where in a recording an answer is.

    By the first link with a time code that opens at it.
    """
    found: dict[tuple[int, int], list[MomentNewsRow]] = {}
    for row in await stored.with_moments(work):
        found.setdefault((row.episode_id, row.question_id), []).append(row)
    episodes: dict[int, list[tuple[MomentNewsRow, str]]] = {}
    for rows in found.values():
        opening = [(row, at_second(row.url, LinkKind(row.kind), row.seconds)) for row in rows]
        row, url = next((one for one in opening if one[1] is not None), opening[0])
        if await stored.claim(work, row, AskerTold.AIRED, row.told_airing_at):
            episodes.setdefault(row.episode_id, []).append((row, url or row.url))
    for aired in episodes.values():
        await _tell_of_all_moments(work, aired)
    return sum(len(aired) for aired in episodes.values())


async def _tell_of_all_moments(work: Work, aired: list[tuple[MomentNewsRow, str]]) -> None:
    """Each asker once: a line and a button for each of their questions in one episode."""
    first = aired[0][0]
    urls = {row.question_id: (row, url) for row, url in aired}
    for asker, own in await _by_asker(work, [row for row, _ in aired]):
        label = words_for(work, asker).label
        moments, buttons = [], []
        for question_id, code in own:
            row, url = urls[question_id]
            minute = written_time(row.seconds)
            moments.append(MomentOnAir(code, row.kind, minute))
            buttons.append([LinkButton(f"{label(f'link_kind.{row.kind}')} {minute}", url)])
        notice = AskerAired(_number(first), first.title, tuple(moments))
        await _tell(work, asker, notice, [question_id for question_id, _ in own], buttons)


async def _tell_of_left_out(work: Work) -> int:
    """Tell that a question is not in that episode, why, and in which it is instead."""
    told = 0
    for row in await stored.left_out(work):
        if await stored.claim(work, row, AskerTold.LEFT_OUT, row.told_airing_at):
            other = await stored.other_episode(work, row.question_id, row.episode_id)
            instead = "" if other is None else _number(other)
            question = await find(work, row.question_id)
            for asker, own in await _by_asker(work, [row]):
                # An editor's own words.
                why = await publication.for_reader(work, question, row.left_out_why or "", asker.id)
                for question_id, code in own:
                    notice = AskerLeftOut(_number(row), row.title, why, instead, code)
                    await _tell(work, asker, notice, [question_id])
            told += 1
    return told


async def _tell_of_all(work: Work, rows: Sequence[AskerNewsRow], say: Say) -> None:
    """Each asker once; who can't be reached now is left out: it would be of the past when they come back."""
    for asker, own in await _by_asker(work, rows):
        if asker.unreachable_at is None:
            notice = say(tuple(code for _, code in own))
            await _tell(work, asker, notice, [question_id for question_id, _ in own])


async def _by_asker(
    work: Work, rows: Sequence[AskerNewsRow]
) -> list[tuple[PersonRow, list[tuple[int, str]]]]:
    """Everybody who asked these questions or the same, with (question on air, code of their own) for each."""
    found: dict[int, tuple[PersonRow, list[tuple[int, str]]]] = {}
    for row in rows:
        question = await find(work, row.question_id)
        for asker, own in await askers(work, question):
            found.setdefault(asker.id, (asker, []))[1].append((question.id, code_of(work, own)))
    return list(found.values())


async def _tell(
    work: Work,
    asker: PersonRow,
    notice: Notice,
    questions: list[int],
    buttons: list[list[LinkButton]] | None = None,
) -> None:
    first, *others = questions
    await tell(work, asker, notice, buttons or (), question_id=first, shows=others)


def _number(row: Numbered) -> str:
    return str(EpisodeNumber(row.year, row.number))
