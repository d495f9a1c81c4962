"""Named queries on what subscribers are told.

Questions on air, links, published answers, and who has a digest.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

import sqlalchemy as sa

from domain.broadcasts.broadcasts import BroadcastKind, BroadcastStatus, DeliveryState
from domain.questions.life import HIDDEN
from storage.engine.database import Work
from storage.rows import BroadcastRow, QuestionRow
from storage.tables import (
    Row,
    broadcasts,
    consents,
    deliveries,
    episode_questions,
    episodes,
    links,
    people,
    questions,
    subscribers,
)


class AnnouncedLinkRow(Protocol):
    """A link with its episode."""

    id: int
    kind: str
    url: str
    added_at: datetime
    episode_id: int
    year: int
    number: int
    title: str


_SHOWN = questions.c.secrecy.not_in(sorted(HIDDEN))


async def on_air(work: Work, episode_ids: Collection[int]) -> list[Row]:
    """List the questions on air in these episodes: `on_air`, `field_code`.

    In order; `on_air` names nobody and may be null.
    """
    if not episode_ids:
        return []
    return await work.all(
        sa.select(episode_questions.c.on_air, questions.c.field_code)
        .join(questions, questions.c.id == episode_questions.c.question_id)
        .where(
            episode_questions.c.episode_id.in_(episode_ids),
            episode_questions.c.left_out_at.is_(None),
            _SHOWN,
        )
        .order_by(episode_questions.c.episode_id, episode_questions.c.position)
    )


def _links_with_episodes() -> sa.Select[tuple[int]]:
    return (
        sa.select(
            links.c.id,
            links.c.kind,
            links.c.url,
            links.c.added_at,
            links.c.episode_id,
            episodes.c.year,
            episodes.c.number,
            episodes.c.title,
        )
        .join(episodes, episodes.c.id == links.c.episode_id)
        .where(links.c.removed_at.is_(None))
    )


async def link(work: Work, link_id: int) -> AnnouncedLinkRow | None:
    """Return a link that was not removed, with its episode's `year`, `number`, `title`."""
    return await work.one_or_none(_links_with_episodes().where(links.c.id == link_id))


async def links_since(work: Work, since: datetime, until: datetime) -> list[AnnouncedLinkRow]:
    """List links added after a moment up to another, oldest first.

    Some a month, so that no index is needed.
    """
    return await work.all(
        _links_with_episodes()
        .where(links.c.added_at > since, links.c.added_at <= until)
        .order_by(links.c.added_at, links.c.id)
    )


async def published_since(work: Work, since: datetime, until: datetime) -> list[QuestionRow]:
    """List questions published after a moment up to another, newest first.

    Never hidden ones, nor those whose announcement waits for approval or was stopped. By index.
    """
    occasion = (
        sa.literal("answer:")
        + sa.cast(questions.c.id, sa.String)
        + sa.literal(":")
        + sa.cast(questions.c.answer_id, sa.String)
    )
    waits = sa.and_(broadcasts.c.status == BroadcastStatus.QUEUED, broadcasts.c.waits_for.is_not(None))
    held_back = (
        sa.select(sa.literal(1))
        .where(
            sa.or_(broadcasts.c.occasion == occasion, broadcasts.c.occasion.startswith(occasion + ":")),
            sa.or_(waits, broadcasts.c.status == BroadcastStatus.CANCELLED),
        )
        .exists()
    )
    return await work.all(
        sa.select(questions)
        .where(
            sa.text("questions.published_at IS NOT NULL"),  # literally, for the index of just these
            questions.c.published_at > since,
            questions.c.published_at <= until,
            _SHOWN,
            sa.not_(held_back),
        )
        .order_by(questions.c.published_at.desc(), questions.c.id.desc())
    )


# --- digests ---------------------------------------------------------------------------------------------------


class ToldRow(Protocol):
    """A message that somebody was sent."""

    person_id: int
    message_id: str | None


async def told_of_answer(
    work: Work, question_id: int, *, since: datetime, until: datetime, topics: Collection[str]
) -> list[ToldRow]:
    """List messages that told subscribers of an answer: `person_id`, `message_id`.

    Digests that may have, too: where its reader followed one of `topics` then, or did until it went out.
    """
    own = sa.select(broadcasts.c.id).where(broadcasts.c.occasion.startswith(f"answer:{question_id}:"))
    followed = (
        sa.select(sa.literal(1))
        .where(
            consents.c.person_id == deliveries.c.person_id,
            consents.c.topic.in_(sorted(topics)),
            consents.c.given_at <= deliveries.c.sent_at,
            sa.or_(consents.c.withdrawn_at.is_(None), consents.c.withdrawn_at >= since),
        )
        .exists()
    )
    digests = sa.and_(
        broadcasts.c.kind == BroadcastKind.DIGEST, deliveries.c.sent_at.between(since, until), followed
    )
    return await work.all(
        sa.select(deliveries.c.person_id, deliveries.c.message_id)
        .join(broadcasts, broadcasts.c.id == deliveries.c.broadcast_id)
        .join(people, people.c.id == deliveries.c.person_id)
        .where(
            deliveries.c.message_id.is_not(None),
            people.c.address.is_not(None),
            sa.or_(
                broadcasts.c.id.in_(own),
                broadcasts.c.repeats_id.in_(own),
                digests if topics else sa.false(),
            ),
        )
        .order_by(deliveries.c.broadcast_id, deliveries.c.person_id)
    )


async def somebody_waits(work: Work, at: datetime) -> bool:
    """Return whether anybody's daily digest is older than a moment."""
    waits = sa.select(sa.literal(1)).where(subscribers.c.daily, subscribers.c.digested_until < at).limit(1)
    return await work.value(waits) is not None


async def digests_before(work: Work, broadcast_id: int, limit: int) -> Sequence[BroadcastRow]:
    """List the last digests before one, newest first."""
    return await work.all(
        sa.select(broadcasts)
        .where(broadcasts.c.kind == BroadcastKind.DIGEST, broadcasts.c.id < broadcast_id)
        .order_by(broadcasts.c.id.desc())
        .limit(limit)
    )


async def supersede(work: Work, broadcast_id: int) -> None:
    """End a broadcast that a newer one covers; what it has not sent is dropped."""
    await work.run(
        sa.update(broadcasts)
        .where(
            broadcasts.c.id == broadcast_id,
            broadcasts.c.status.in_(
                [BroadcastStatus.QUEUED, BroadcastStatus.RUNNING, BroadcastStatus.PAUSED]
            ),
        )
        .values(status=BroadcastStatus.CANCELLED, ended_at=work.now)
    )


async def keep_digested(work: Work, broadcast_id: int, until: datetime) -> None:
    """Record until when readers' digests reach.

    For whoever got this digest, or had nothing to read in it; the others' next one repeats it.
    """
    had = sa.select(deliveries.c.person_id).where(
        deliveries.c.broadcast_id == broadcast_id,
        deliveries.c.state.in_(
            [DeliveryState.SENT, DeliveryState.SENDING, DeliveryState.UNCERTAIN, DeliveryState.DROPPED]
        ),
    )
    await work.run(
        sa.update(subscribers)
        .where(
            subscribers.c.daily,
            sa.or_(subscribers.c.digested_until.is_(None), subscribers.c.digested_until < until),
            subscribers.c.person_id.in_(had),
        )
        .values(digested_until=until)
    )
