"""Episodes with questions and airings, straight into the tables."""

from datetime import datetime

import sqlalchemy as sa

from services.people.actors import Actor
from storage.engine.database import Database, Work
from storage.episodes import episodes
from storage.rows import EpisodeRow, QuestionRow
from storage.tables import airings, broadcasts, episode_questions
from storage.tables import episodes as episodes_table

VIDEO = "https://www.youtube.com/watch?v=dQw4w9WgXcQ"


async def episode(
    work: Work,
    number: int = 12,
    year: int = 2026,
    title: str = "Hồ sơ đất đai",
    field: str | None = "dat-dai",
) -> EpisodeRow:
    episode_id = await work.insert(
        episodes_table, year=year, number=number, title=title, field_code=field, created_at=work.now
    )
    row = await episodes.by_id(work, episode_id)
    assert row is not None
    return row


async def choose(
    work: Work, episode: EpisodeRow, question: QuestionRow, by: Actor, on_air: str | None = None
) -> None:
    chosen = await work.value(sa.select(sa.func.count()).select_from(episode_questions))
    await work.run(
        sa.insert(episode_questions).values(
            episode_id=episode.id,
            question_id=question.id,
            position=chosen,
            on_air=on_air,
            chosen_at=work.now,
            chosen_by=by.id,
        )
    )


async def leave_out(work: Work, question: QuestionRow) -> None:
    await work.run(
        sa.update(episode_questions)
        .where(episode_questions.c.question_id == question.id)
        .values(left_out_at=work.now, left_out_why="Thiếu thời lượng")
    )


async def air(work: Work, episode: EpisodeRow, at: datetime, status: str = "planned") -> None:
    await work.insert(
        airings, kind="first", starts_at=at, channel="KG", medium="tv", status=status, episode_id=episode.id,
        changed_at=work.now,
    )  # fmt: skip


async def announced(database: Database) -> list[tuple[str, str, dict[str, int], str]]:
    """Return kind, audience, content and occasion of the queued broadcasts, in order."""
    async with database.reading() as work:
        rows = await work.all(sa.select(broadcasts).order_by(broadcasts.c.id))
    return [(row.kind, row.audience, row.content, row.occasion) for row in rows]
