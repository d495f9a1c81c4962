"""Named queries on past episodes.

With a link, an airing that is over, or of a year that is over.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

import sqlalchemy as sa

from domain.airings.schedule import AiringStatus
from domain.questions.life import HIDDEN
from storage.engine.database import Work
from storage.rows import EpisodeRow
from storage.tables import (
    Row,
    agencies,
    agency_aliases,
    agency_fields,
    airings,
    episode_guests,
    episode_questions,
    episodes,
    fields,
    links,
    questions,
)


class FoundEpisodeRow(Protocol):
    """A past episode in lists, with its field's names."""

    id: int
    year: int
    number: int
    title: str
    field_code: str | None
    field_name: str | None
    field_name_en: str | None


class PastEpisodeRow(EpisodeRow, FoundEpisodeRow, Protocol):
    """A past episode, with its field's names."""


def _aired(work: Work) -> sa.ColumnElement[bool]:
    return sa.and_(
        airings.c.episode_id == episodes.c.id,
        airings.c.status != AiringStatus.CANCELLED,
        airings.c.starts_at <= work.now,
    )


def _past(work: Work) -> sa.ColumnElement[bool]:
    """Return the condition of a past episode; those of past years come from files, without airings."""
    return sa.or_(
        episodes.c.year < work.programme.local(work.now).year,
        sa.exists().where(links.c.episode_id == episodes.c.id, links.c.removed_at.is_(None)),
        sa.exists().where(_aired(work)),
    )


async def everything(
    work: Work, *, year: int | None = None, number: int | None = None, field_code: str | None = None
) -> list[FoundEpisodeRow]:
    """List all past episodes, the newest first.

    `id`, `year`, `number`, `title`, `field_code` and the field's names. Thousands of short rows at most (36 a year):
    they are searched in Python, for neither database folds Vietnamese.
    """
    query = (
        sa.select(
            episodes.c.id, episodes.c.year, episodes.c.number, episodes.c.title, episodes.c.field_code,
            fields.c.name.label("field_name"), fields.c.name_en.label("field_name_en"),
        )
        .join(fields, fields.c.code == episodes.c.field_code, isouter=True)
        .where(_past(work))
        .order_by(episodes.c.year.desc(), episodes.c.number.desc())
    )  # fmt: skip
    wanted = {episodes.c.year: year, episodes.c.number: number, episodes.c.field_code: field_code}
    return await work.all(
        query.where(*(column == value for column, value in wanted.items() if value is not None))
    )


async def one(work: Work, episode_id: int) -> PastEpisodeRow | None:
    """Return a past episode with its field's names, or None."""
    return await work.one_or_none(
        sa.select(episodes, fields.c.name.label("field_name"), fields.c.name_en.label("field_name_en"))
        .join(fields, fields.c.code == episodes.c.field_code, isouter=True)
        .where(episodes.c.id == episode_id, _past(work))
    )


async def first_aired(work: Work, episode_id: int) -> datetime | None:
    """Return when an episode was first on air, where that is known."""
    return await work.value(  # type: ignore[no-any-return]
        sa.select(sa.func.min(airings.c.starts_at))
        .select_from(airings.join(episodes, episodes.c.id == airings.c.episode_id))
        .where(episodes.c.id == episode_id, _aired(work))
    )


async def wordings(work: Work, episode_ids: Sequence[int]) -> list[Row]:
    """List how questions of these episodes were put on air: `episode_id`, `on_air`.

    Left-out and hidden ones never.
    """
    return await work.all(
        sa.select(episode_questions.c.episode_id, episode_questions.c.on_air)
        .join(questions, questions.c.id == episode_questions.c.question_id)
        .where(
            episode_questions.c.episode_id.in_(episode_ids),
            episode_questions.c.on_air.is_not(None),
            episode_questions.c.left_out_at.is_(None),
            questions.c.secrecy.not_in(sorted(HIDDEN)),
        )
    )


# --- agencies by any of their names, old ones too -----------------------------------------------------------


async def agency_names(work: Work) -> list[Row]:
    """List names of all agencies, present and past: `agency_id`, `name`.

    Names, short names and predecessors' names.
    """
    return await work.all(
        sa.union_all(
            sa.select(agencies.c.id.label("agency_id"), agencies.c.name),
            sa.select(agencies.c.id, agencies.c.short_name),
            sa.select(agency_aliases.c.agency_id, agency_aliases.c.alias).where(
                agency_aliases.c.kind == "predecessor"
            ),
        )
    )


async def fields_of(work: Work, agency_ids: Collection[int]) -> frozenset[str]:
    """Return the fields for which any of these agencies answers."""
    rows = await work.all(
        sa.select(agency_fields.c.field_code).where(agency_fields.c.agency_id.in_(sorted(agency_ids)))
    )
    return frozenset(row.field_code for row in rows)


async def with_guests_of(work: Work, agency_ids: Collection[int]) -> frozenset[int]:
    """Return the episodes in which somebody of these agencies was a guest."""
    rows = await work.all(
        sa.select(episode_guests.c.episode_id).where(
            episode_guests.c.agency_id.in_(sorted(agency_ids)), episode_guests.c.withdrawn_at.is_(None)
        )
    )
    return frozenset(row.episode_id for row in rows)
