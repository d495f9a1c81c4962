"""Named queries on questions in episodes, and what askers were told of that.

Hidden questions are in none.
"""

from datetime import datetime
from typing import Protocol

import sqlalchemy as sa

from domain.episodes.episodes import AskerTold
from domain.questions.life import HIDDEN
from storage.engine.database import Work
from storage.rows import EpisodeQuestionRow
from storage.tables import Row, airings, episode_questions, episodes, link_moments, links, questions


class AskerNewsRow(EpisodeQuestionRow, Protocol):
    """With the episode that its asker is to hear of."""

    year: int
    number: int
    title: str


class MomentNewsRow(AskerNewsRow, Protocol):
    """With the time code, and the link where it is."""

    seconds: int
    kind: str
    url: str


_SHOWN = questions.c.secrecy.not_in(sorted(HIDDEN))
_IS_IN = episode_questions.c.left_out_at.is_(None)


def _in_episodes(*columns: sa.ColumnElement[object]) -> sa.Select[tuple[object, ...]]:
    return (
        sa.select(
            episode_questions,
            episodes.c.year,
            episodes.c.number,
            episodes.c.title,
            *columns,
        )
        .join(questions, questions.c.id == episode_questions.c.question_id)
        .join(episodes, episodes.c.id == episode_questions.c.episode_id)
        .where(_SHOWN)
        .order_by(episode_questions.c.episode_id, episode_questions.c.position)
    )


async def to_be_aired(work: Work) -> list[AskerNewsRow]:
    """List questions whose askers may have to hear of a coming airing.

    Of tied episodes, or told of one that is not over yet.
    """
    tied = sa.select(sa.literal(1)).where(airings.c.episode_id == episodes.c.id).exists()
    told = episode_questions.c.asker_told
    return await work.all(
        _in_episodes().where(
            _IS_IN,
            sa.or_(
                sa.and_(tied, sa.or_(told.is_(None), told == AskerTold.UNSURE)),
                sa.and_(told == AskerTold.AIRING, episode_questions.c.told_airing_at > work.now),
            ),
        )
    )


async def with_moments(work: Work) -> list[MomentNewsRow]:
    """List questions with a moment in a link, untold to their askers.

    `seconds`, and the link's `kind`, `url`.
    """
    return await work.all(
        _in_episodes(link_moments.c.seconds, links.c.kind, links.c.url)
        .join(link_moments, link_moments.c.question_id == questions.c.id)
        .join(
            links,
            sa.and_(
                links.c.id == link_moments.c.link_id,
                links.c.episode_id == episode_questions.c.episode_id,
                links.c.removed_at.is_(None),
            ),
        )
        .where(_IS_IN, episode_questions.c.asker_told.is_distinct_from(AskerTold.AIRED))
        .order_by(links.c.id)
    )


async def left_out(work: Work) -> list[AskerNewsRow]:
    """List questions left out of an episode whose askers were not told."""
    told = episode_questions.c.asker_told
    return await work.all(
        _in_episodes().where(
            episode_questions.c.left_out_at.is_not(None),
            sa.or_(told.is_(None), told.not_in([AskerTold.LEFT_OUT, AskerTold.AIRED])),
        )
    )


async def other_episode(work: Work, question_id: int, episode_id: int) -> Row | None:
    """Return the latest other episode that a question is in: `year`, `number`."""
    return await work.one_or_none(
        sa.select(episodes.c.year, episodes.c.number)
        .join(episode_questions, episode_questions.c.episode_id == episodes.c.id)
        .where(
            episode_questions.c.question_id == question_id,
            episode_questions.c.episode_id != episode_id,
            _IS_IN,
        )
        .order_by(episodes.c.year.desc(), episodes.c.number.desc())
        .limit(1)
    )


async def claim(work: Work, row: AskerNewsRow, told: AskerTold, airing_at: datetime | None = None) -> bool:
    """Record what askers are told now.

    False where it has changed since it was read: somebody was quicker.
    """
    result = await work.run(
        sa.update(episode_questions)
        .where(
            episode_questions.c.episode_id == row.episode_id,
            episode_questions.c.question_id == row.question_id,
            episode_questions.c.asker_told.is_not_distinct_from(row.asker_told),
            episode_questions.c.told_airing_at.is_not_distinct_from(row.told_airing_at),
        )
        .values(asker_told=told, told_airing_at=airing_at)
    )
    return result.rowcount == 1
