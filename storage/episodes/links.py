"""Named queries on the links of episodes, the moments at which questions are answered in them, and their views."""

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
    """One link, removed ones too; with `lock` nobody else changes it until this transaction ends."""
    query = sa.select(links).where(links.c.id == link_id)
    return await work.one_or_none(query.with_for_update() if lock else query)


async def of_episode(work: Work, episode_id: int) -> list[LinkRow]:
    """Every link of an episode in the order they were added, removed ones too; by index."""
    return await work.all(sa.select(links).where(links.c.episode_id == episode_id).order_by(links.c.id))


async def of_episodes(work: Work, numbers: Iterable[tuple[int, int]]) -> list[Row]:
    """`year`, `number`, `episode_id` of these episodes with each link (`id`, `url`, null where there is none)."""
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
    """None where the episode has this very address already, removed or not."""
    statement = (
        work.upsert(links)
        .values(episode_id=episode_id, kind=kind, url=url, added_at=work.now, added_by=added_by)
        .on_conflict_do_nothing()
    )
    return await work.value(statement.returning(links.c.id))  # type: ignore[no-any-return]


async def bring_back(work: Work, link_id: int, kind: LinkKind, url: str, added_by: int) -> None:
    """A removed link is added again: with it come its moments and views."""
    await work.run(
        sa.update(links)
        .where(links.c.id == link_id)
        .values(kind=kind, url=url, added_at=work.now, added_by=added_by, removed_at=None)
    )


async def remove(work: Work, link_id: int) -> None:
    await work.run(sa.update(links).where(links.c.id == link_id).values(removed_at=work.now))


# --- questions and moments ----------------------------------------------------------------------------------


async def chosen(work: Work, episode_id: int) -> list[OnAirQuestionRow]:
    """The questions on air in an episode, in their order, with `on_air`; left-out and hidden ones never."""
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
    """A moment typed again takes the place of the one before."""
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
    """`question_id`, `seconds` and the link (`id`, `kind`, `url`) of every moment in an episode's links."""
    return await work.all(
        sa.select(link_moments.c.question_id, link_moments.c.seconds, links.c.id, links.c.kind, links.c.url)
        .join(links, links.c.id == link_moments.c.link_id)
        .where(links.c.episode_id == episode_id, links.c.removed_at.is_(None))
        .order_by(links.c.id)
    )


# --- views --------------------------------------------------------------------------------------------------


async def record_views(work: Work, rows: Sequence[dict[str, Any]]) -> None:
    """Counts (`link_id`, `day`, `views`, `recorded_by`); a day counted again takes the newer count."""
    insert = work.upsert(link_views)
    insert = insert.values(
        {name: sa.bindparam(name) for name in ("link_id", "day", "views", "recorded_by", "recorded_at")}
    ).on_conflict_do_update(
        index_elements=["link_id", "day"],
        set_={name: insert.excluded[name] for name in ("views", "recorded_by", "recorded_at")},
    )
    await work.run_many(insert, [row | {"recorded_at": work.now} for row in rows])


async def counts(work: Work, link_ids: Iterable[int]) -> list[Row]:
    """Every count of these links (`link_id`, `day`, `views`), by link and day."""
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
    """The last count of a link before a day."""
    return await work.one_or_none(
        sa.select(link_views.c.day, link_views.c.views)
        .where(link_views.c.link_id == link_id, link_views.c.day < day)
        .order_by(link_views.c.day.desc())
        .limit(1)
    )


def _last_counts() -> sa.Subquery:
    """The latest count of each link that stands: views are counted in all, so earlier ones are within it.

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
    """The latest count (`id` of the link, `kind`, `day`, `views`) of each link of an episode that was counted."""
    last = _last_counts()
    return await work.all(sa.select(last).where(last.c.episode_id == episode_id).order_by(last.c.id))


async def totals_by_kind(work: Work, year: int) -> list[Row]:
    """`kind` and `views` of all episodes of a year: the sum of each link's latest count."""
    last = _last_counts()
    return await work.all(
        sa.select(last.c.kind, sa.func.sum(last.c.views).label("views"))
        .join(episodes, episodes.c.id == last.c.episode_id)
        .where(episodes.c.year == year)
        .group_by(last.c.kind)
        .order_by(sa.func.sum(last.c.views).desc(), last.c.kind)
    )


async def totals_by_episode(work: Work, year: int, *, limit: int) -> list[Row]:
    """`number`, `title` and `views` of a year's episodes, most seen first."""
    last = _last_counts()
    return await work.all(
        sa.select(episodes.c.number, episodes.c.title, sa.func.sum(last.c.views).label("views"))
        .join(episodes, episodes.c.id == last.c.episode_id)
        .where(episodes.c.year == year)
        .group_by(episodes.c.id, episodes.c.number, episodes.c.title)
        .order_by(sa.func.sum(last.c.views).desc(), episodes.c.number.desc())
        .limit(limit)
    )
