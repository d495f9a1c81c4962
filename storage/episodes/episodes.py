"""Named queries on episodes: their questions, their guests, their airings."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol

import sqlalchemy as sa

from domain.questions.life import HIDDEN, Status
from storage.engine.database import Work
from storage.rows import EpisodeGuestRow, EpisodeRow, QuestionRow
from storage.tables import agencies, episode_guests, episode_questions, episodes, questions


class ChosenRow(Protocol):
    """How a question stands in an episode."""

    episode_id: int
    position: int
    on_air: str | None
    chosen_at: datetime
    left_out_at: datetime | None
    left_out_why: str | None


class ChosenQuestionRow(QuestionRow, ChosenRow, Protocol):
    """A question of an episode."""


class AgencyGuestRow(EpisodeGuestRow, Protocol):
    """With the agency's short name of now and its code."""

    short_name: str
    agency_code: str


# What can be asked on air: neither an end of a question's life nor a suspected denunciation.
ON_AIR = sorted(set(Status) - {Status.REFUSED, Status.MERGED, Status.WITHDRAWN})


async def by_id(work: Work, episode_id: int, *, lock: bool = False) -> EpisodeRow | None:
    """Return one episode; `lock` keeps others from changing it.

    Until this transaction ends.
    """
    query = sa.select(episodes).where(episodes.c.id == episode_id)
    return await work.one_or_none(query.with_for_update() if lock else query)


async def by_number(work: Work, year: int, number: int, *, lock: bool = False) -> EpisodeRow | None:
    query = sa.select(episodes).where(episodes.c.year == year, episodes.c.number == number)
    return await work.one_or_none(query.with_for_update() if lock else query)


async def last_number(work: Work, year: int) -> int:
    """Return the highest number of a year, 0 where it has none."""
    return int(
        await work.value(sa.select(sa.func.max(episodes.c.number)).where(episodes.c.year == year)) or 0
    )


async def add(work: Work, **values: object) -> int | None:
    """Insert an episode; return its id, or None where its number is taken."""
    insert = work.upsert(episodes).values(**values, created_at=work.now)
    statement = insert.on_conflict_do_nothing(index_elements=["year", "number"]).returning(episodes.c.id)
    row = (await work.run(statement)).one_or_none()
    return None if row is None else int(row.id)


async def save(work: Work, values: dict[str, object]) -> None:
    """Insert or update one episode by its year and number.

    Its other columns stay.
    """
    insert = work.upsert(episodes).values(**values, created_at=work.now)
    await work.run(insert.on_conflict_do_update(index_elements=["year", "number"], set_=values))


async def update(work: Work, episode_id: int, **changes: object) -> None:
    await work.run(sa.update(episodes).where(episodes.c.id == episode_id).values(**changes))


async def listed(work: Work, year: int | None, *, limit: int, offset: int = 0) -> list[EpisodeRow]:
    """List episodes (of one year), the newest first.

    By the unique index.
    """
    query = sa.select(episodes).order_by(episodes.c.year.desc(), episodes.c.number.desc())
    return await work.all(_of_year(query, year).limit(limit).offset(offset))


async def count(work: Work, year: int | None) -> int:
    return int(await work.value(_of_year(sa.select(sa.func.count()).select_from(episodes), year)))


async def years(work: Work) -> list[int]:
    """List the years that have episodes, the newest first."""
    found = await work.all(sa.select(episodes.c.year).distinct().order_by(episodes.c.year.desc()))
    return [row.year for row in found]


def _of_year(query: sa.Select[Any], year: int | None) -> sa.Select[Any]:
    return query if year is None else query.where(episodes.c.year == year)


# --- questions ------------------------------------------------------------------------------------------------

_CHOSEN = (
    episode_questions.c.episode_id,
    episode_questions.c.position,
    episode_questions.c.on_air,
    episode_questions.c.chosen_at,
    episode_questions.c.left_out_at,
    episode_questions.c.left_out_why,
)


def _still_for_air() -> sa.ColumnElement[bool]:
    return sa.and_(
        episode_questions.c.left_out_at.is_(None),
        questions.c.status.in_(ON_AIR),
        questions.c.secrecy.not_in(sorted(HIDDEN)),
    )


async def questions_of(work: Work, episode_id: int) -> list[ChosenQuestionRow]:
    """List an episode's questions in order, with `position` and `on_air`.

    Without those that were withdrawn, refused, merged or hidden since they were chosen.
    """
    return await work.all(
        sa.select(questions, *_CHOSEN)
        .join(episode_questions, episode_questions.c.question_id == questions.c.id)
        .where(episode_questions.c.episode_id == episode_id, _still_for_air())
        .order_by(episode_questions.c.position, questions.c.id)
    )


async def question_ids(work: Work, episode_id: int) -> list[int]:
    """List every question ever chosen for an episode.

    Its texts may tell of each of them.
    """
    rows = await work.all(
        sa.select(episode_questions.c.question_id).where(episode_questions.c.episode_id == episode_id)
    )
    return [int(row.question_id) for row in rows]


async def count_fallen_out(work: Work, episode_id: int) -> int:
    """Count questions that dropped out though nobody left them out."""
    return int(
        await work.value(
            sa.select(sa.func.count())
            .select_from(episode_questions.join(questions, questions.c.id == episode_questions.c.question_id))
            .where(
                episode_questions.c.episode_id == episode_id,
                episode_questions.c.left_out_at.is_(None),
                sa.not_(_still_for_air()),
            )
        )
    )


async def count_questions(work: Work, episode_ids: Sequence[int]) -> dict[int, int]:
    """Count the questions of each of these episodes."""
    rows = await work.all(
        sa.select(episode_questions.c.episode_id, sa.func.count().label("questions"))
        .join(questions, questions.c.id == episode_questions.c.question_id)
        .where(episode_questions.c.episode_id.in_(episode_ids), _still_for_air())
        .group_by(episode_questions.c.episode_id)
    )
    return {row.episode_id: row.questions for row in rows}


async def chosen(work: Work, episode_id: int, question_id: int) -> ChosenRow | None:
    """Return a question's row in an episode, left out or not; else None."""
    return await work.one_or_none(
        sa.select(*_CHOSEN).where(
            episode_questions.c.episode_id == episode_id, episode_questions.c.question_id == question_id
        )
    )


async def chosen_elsewhere(work: Work, question_id: int, episode_id: int) -> EpisodeRow | None:
    """Return another episode that has this question, or None."""
    return await work.one_or_none(
        sa.select(episodes)
        .join(episode_questions, episode_questions.c.episode_id == episodes.c.id)
        .where(
            episode_questions.c.question_id == question_id,
            episode_questions.c.left_out_at.is_(None),
            episodes.c.id != episode_id,
        )
        .order_by(episodes.c.id)
        .limit(1)
    )


async def choose(work: Work, episode_id: int, question_id: int, chosen_by: int) -> None:
    """Put a question into an episode, behind the others.

    One that was left out comes back with its words.
    """
    last = await work.value(
        sa.select(sa.func.max(episode_questions.c.position)).where(
            episode_questions.c.episode_id == episode_id
        )
    )
    values = {
        "position": (last or 0) + 1,
        "chosen_at": work.now,
        "chosen_by": chosen_by,
        "left_out_at": None,
        "left_out_why": None,
        "asker_told": None,
    }
    insert = work.upsert(episode_questions).values(episode_id=episode_id, question_id=question_id, **values)
    await work.run(insert.on_conflict_do_update(index_elements=["episode_id", "question_id"], set_=values))


async def leave_out(work: Work, episode_id: int, question_id: int, why: str) -> None:
    await change_question(work, episode_id, question_id, left_out_at=work.now, left_out_why=why)


async def change_question(work: Work, episode_id: int, question_id: int, **changes: object) -> None:
    await work.run(
        sa.update(episode_questions)
        .where(episode_questions.c.episode_id == episode_id, episode_questions.c.question_id == question_id)
        .values(**changes)
    )


async def order(work: Work, episode_id: int, question_ids: Sequence[int]) -> None:
    """Set the order of an episode's questions."""
    for position, question_id in enumerate(question_ids, start=1):
        await change_question(work, episode_id, question_id, position=position)


# --- guests ---------------------------------------------------------------------------------------------------


async def guests_of(work: Work, episode_id: int) -> list[AgencyGuestRow]:
    """List everybody who was asked to come, with the agency's `short_name`.

    In their order, also who can't.
    """
    return await work.all(
        sa.select(episode_guests, agencies.c.short_name, agencies.c.code.label("agency_code"))
        .join(agencies, agencies.c.id == episode_guests.c.agency_id)
        .where(episode_guests.c.episode_id == episode_id)
        .order_by(episode_guests.c.id)
    )


async def guest(work: Work, guest_id: int) -> EpisodeGuestRow | None:
    return await work.one_or_none(sa.select(episode_guests).where(episode_guests.c.id == guest_id))


async def add_guest(
    work: Work,
    episode_id: int,
    agency_id: int,
    agency_name: str,
    name: str,
    position: str,
    substitute_for_id: int | None = None,
) -> int:
    return await work.insert(
        episode_guests,
        episode_id=episode_id,
        agency_id=agency_id,
        agency_name=agency_name,
        name=name,
        position=position,
        substitute_for_id=substitute_for_id,
        added_at=work.now,
    )


async def withdraw_guest(work: Work, guest_id: int) -> bool:
    """Record that a guest can't come.

    False where somebody recorded that before.
    """
    result = await work.run(
        sa.update(episode_guests)
        .where(episode_guests.c.id == guest_id, episode_guests.c.withdrawn_at.is_(None))
        .values(withdrawn_at=work.now)
    )
    return result.rowcount == 1
