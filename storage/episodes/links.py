"""Named queries on episodes' links, moments in them, and their views."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, Protocol

import sqlalchemy as sa

from domain.episodes.links import LinkKind
from domain.questions.life import HIDDEN
from storage.engine.database import Work
from storage.rows import LinkRow, QuestionRow
from storage.tables import Row, episode_questions, episodes, link_moments, link_views, links, questions


class OnAirQuestionRow(QuestionRow, Protocol):
    """With its wording on air."""

    on_air: str | None


async def by_id(work: Work, link_id: int, *, lock: bool = False) -> LinkRow | None:
    """Return one link, removed ones too; `lock` keeps others from changing it.

    Until this transaction ends.
    """
    query = sa.select(links).where(links.c.id == link_id)
    return await work.one_or_none(query.with_for_update() if lock else query)


async def of_episode(work: Work, episode_id: int) -> list[LinkRow]:
    """List an episode's links in the order they were added, removed ones too.

    By index.
    """
    return await work.all(sa.select(links).where(links.c.episode_id == episode_id).order_by(links.c.id))


async def of_episodes(work: Work, numbers: Iterable[tuple[int, int]]) -> list[Row]:
    """List these episodes with their links.

    `year`, `number`, `episode_id`, and the link's `id`, `url`, null where there is none.
    """
    wanted = list(numbers)
    found: list[Row] = []
    for at in range(0, len(wanted), 400):  # two parameters each, and SQLite takes a thousand
        found += await work.all(
            sa.select(
                episodes.c.year, episodes.c.number, episodes.c.id.label("episode_id"), links.c.id, links.c.url
            )
            .join(
                links,
                sa.and_(links.c.episode_id == episodes.c.id, links.c.removed_at.is_(None)),
                isouter=True,
            )
            .where(sa.tuple_(episodes.c.year, episodes.c.number).in_(wanted[at : at + 400]))
        )
    return found


async def add(work: Work, episode_id: int, kind: LinkKind, url: str, added_by: int) -> int | None:
    """Insert a link; return its id, or None where the episode has this address.

    Removed or not.
    """
    statement = (
        work.upsert(links)
        .values(episode_id=episode_id, kind=kind, url=url, added_at=work.now, added_by=added_by)
        .on_conflict_do_nothing()
    )
    return await work.value(statement.returning(links.c.id))  # type: ignore[no-any-return]


async def bring_back(work: Work, link_id: int, kind: LinkKind, url: str, added_by: int) -> None:
    """Restore a removed link, with its moments and views."""
    await work.run(
        sa.update(links)
        .where(links.c.id == link_id)
        .values(kind=kind, url=url, added_at=work.now, added_by=added_by, removed_at=None)
    )


async def remove(work: Work, link_id: int) -> None:
    await work.run(sa.update(links).where(links.c.id == link_id).values(removed_at=work.now))


# --- questions and moments ----------------------------------------------------------------------------------


async def chosen(work: Work, episode_id: int) -> list[OnAirQuestionRow]:
    """List the questions on air in an episode, in order, with `on_air`.

    Left-out and hidden ones never.
    """
    return await work.all(
        sa.select(questions, episode_questions.c.on_air)
        .join(episode_questions, episode_questions.c.question_id == questions.c.id)
        .where(
            episode_questions.c.episode_id == episode_id,
            episode_questions.c.left_out_at.is_(None),
            questions.c.secrecy.not_in(sorted(HIDDEN)),
        )
        .order_by(episode_questions.c.position, questions.c.id)
    )


async def set_moment(work: Work, link_id: int, question_id: int, seconds: int) -> None:
    """Set a moment; a new one replaces the old one."""
    insert = work.upsert(link_moments).values(link_id=link_id, question_id=question_id, seconds=seconds)
    await work.run(
        insert.on_conflict_do_update(index_elements=["link_id", "question_id"], set_={"seconds": seconds})
    )


async def drop_moment(work: Work, link_id: int, question_id: int) -> None:
    await work.run(
        sa.delete(link_moments).where(
            link_moments.c.link_id == link_id, link_moments.c.question_id == question_id
        )
    )


async def moments(work: Work, episode_id: int) -> list[Row]:
    """List every moment in an episode's links.

    `question_id`, `seconds` and the link (`id`, `kind`, `url`).
    """
    return await work.all(
        sa.select(link_moments.c.question_id, link_moments.c.seconds, links.c.id, links.c.kind, links.c.url)
        .join(links, links.c.id == link_moments.c.link_id)
        .where(links.c.episode_id == episode_id, links.c.removed_at.is_(None))
        .order_by(links.c.id)
    )


# --- views --------------------------------------------------------------------------------------------------


async def record_views(work: Work, rows: Sequence[dict[str, Any]]) -> None:
    """Store counts; a newer count of the same day replaces the old one.

    `link_id`, `day`, `views`, `recorded_by`.
    """
    insert = work.upsert(link_views)
    insert = insert.values(
        {name: sa.bindparam(name) for name in ("link_id", "day", "views", "recorded_by", "recorded_at")}
    ).on_conflict_do_update(
        index_elements=["link_id", "day"],
        set_={name: insert.excluded[name] for name in ("views", "recorded_by", "recorded_at")},
    )
    await work.run_many(insert, [row | {"recorded_at": work.now} for row in rows])


async def counts(work: Work, link_ids: Iterable[int]) -> list[Row]:
    """List every count of these links, by link and day.

    `link_id`, `day`, `views`.
    """
    wanted = sorted(link_ids)
    found: list[Row] = []
    for at in range(0, len(wanted), 500):
        found += await work.all(
            sa.select(link_views.c.link_id, link_views.c.day, link_views.c.views)
            .where(link_views.c.link_id.in_(wanted[at : at + 500]))
            .order_by(link_views.c.link_id, link_views.c.day)
        )
    return found


async def count_before(work: Work, link_id: int, day: date) -> Row | None:
    """Return the last count of a link before a day."""
    return await work.one_or_none(
        sa.select(link_views.c.day, link_views.c.views)
        .where(link_views.c.link_id == link_id, link_views.c.day < day)
        .order_by(link_views.c.day.desc())
        .limit(1)
    )


def _last_counts() -> sa.Subquery:
    """Select the latest count of each present link: it is a total that includes earlier ones.

    The day is looked up link by link, by the primary key: counts of a link grow day by day.
    """
    other = link_views.alias()
    last_day = (
        sa.select(sa.func.max(other.c.day))
        .where(other.c.link_id == links.c.id)
        .correlate(links)
        .scalar_subquery()
    )
    return (
        sa.select(links.c.episode_id, links.c.id, links.c.kind, link_views.c.day, link_views.c.views)
        .select_from(links)
        .join(link_views, sa.and_(link_views.c.link_id == links.c.id, link_views.c.day == last_day))
        .where(links.c.removed_at.is_(None))
        .subquery()
    )


async def last_counts(work: Work, episode_id: int) -> list[Row]:
    """List the latest count of each counted link of an episode.

    `id` of the link, `kind`, `day`, `views`.
    """
    last = _last_counts()
    return await work.all(sa.select(last).where(last.c.episode_id == episode_id).order_by(last.c.id))


async def totals_by_kind(work: Work, year: int) -> list[Row]:
    """Sum each link's latest count over a year: `kind`, `views`."""
    last = _last_counts()
    return await work.all(
        sa.select(last.c.kind, sa.func.sum(last.c.views).label("views"))
        .join(episodes, episodes.c.id == last.c.episode_id)
        .where(episodes.c.year == year)
        .group_by(last.c.kind)
        .order_by(sa.func.sum(last.c.views).desc(), last.c.kind)
    )


async def totals_by_episode(work: Work, year: int, *, limit: int) -> list[Row]:
    """List a year's episodes with their views, most seen first.

    `number`, `title`, `views`.
    """
    last = _last_counts()
    return await work.all(
        sa.select(episodes.c.number, episodes.c.title, sa.func.sum(last.c.views).label("views"))
        .join(episodes, episodes.c.id == last.c.episode_id)
        .where(episodes.c.year == year)
        .group_by(episodes.c.id, episodes.c.number, episodes.c.title)
        .order_by(sa.func.sum(last.c.views).desc(), episodes.c.number.desc())
        .limit(limit)
    )
