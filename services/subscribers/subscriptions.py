"""Subscriptions: taken and left by one tap, each with a consent (Law 91/2025/QH15)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.broadcasts.broadcasts import BroadcastStatus
from domain.errors import Reason, RuleViolation
from domain.privacy.consent import Consent
from domain.subscribers.topics import AIRINGS, Leave, Topic, field_of
from services.people import consents
from storage.agencies import agencies
from storage.engine.database import Work
from storage.people import people
from storage.rows import PersonRow
from storage.subscribers import subscriptions


@dataclass(frozen=True)
class Chosen:
    """What somebody subscribes to, and how they hear of it.

    `topics` (topic: since when); `daily`: by one digest a day; `left_general`: nothing that goes to everybody.
    """

    topics: dict[str, datetime]
    daily: bool
    left_general: bool


async def chosen(work: Work, person: PersonRow) -> Chosen:
    how = await subscriptions.manner(work, person.id)
    return Chosen(
        topics=await subscriptions.topics_of(work, person.id),
        daily=how is not None and how.daily,
        left_general=(await people.by_id(work, person.id)).left_broadcasts_at is not None,
    )


async def subscribe(work: Work, person: PersonRow, *topics: str) -> list[str]:
    """Subscribe to topics, each with its consent to the text shown.

    Returns those that are new. Raises `RuleViolation` for what is no topic.
    """
    for topic in topics:
        await _require_topic(work, topic)
    new = [topic for topic in topics if await subscriptions.add(work, person.id, topic)]
    for topic in new:
        await consents.give(work, person, Consent.SUBSCRIPTION, topic=topic)
    return new


async def _require_topic(work: Work, topic: str) -> None:
    code = field_of(topic)
    known = topic in set(Topic) if code is None else await agencies.field(work, code) is not None
    if not known:
        raise RuleViolation(Reason.UNKNOWN_TOPIC, typed=topic)


async def leave(work: Work, person: PersonRow, what: str) -> list[str]:
    """Leave a topic, or several at once (`Leave`); return what was left.

    Empty for who had left it before. A delivery under way asks again before it is sent. What never was a topic is
    left by everybody already.
    """
    topics = await subscriptions.topics_of(work, person.id)
    if what in (Leave.DIGEST, Leave.EVERYTHING):
        wanted = list(topics)
    elif what == Leave.AIRINGS:
        wanted = list(AIRINGS)
    else:
        wanted = [what]
    left = await subscriptions.remove(work, person.id, wanted)
    for topic in left:
        await consents.withdraw(work, person, Consent.SUBSCRIPTION, topic=topic)
    if what in (Leave.GENERAL, Leave.EVERYTHING) and await _leave_general(work, person):
        left.append(Leave.GENERAL)
    return left


async def _leave_general(work: Work, person: PersonRow) -> bool:
    if (await people.by_id(work, person.id)).left_broadcasts_at is not None:
        return False
    await people.update(work, person.id, left_broadcasts_at=work.now)
    return True


async def return_to_general(work: Work, person: PersonRow) -> None:
    """Send somebody again what goes to everybody."""
    await people.update(work, person.id, left_broadcasts_at=None)


async def come_back(work: Work, person: PersonRow, what: str) -> Sequence[str]:
    """Undo `leave`; return what comes again.

    Raises `RuleViolation` for what is no topic, and for what stands for several that each need a tap of their own.
    """
    if what == Leave.GENERAL:
        await return_to_general(work, person)
        return (what,)
    topics = AIRINGS if what == Leave.AIRINGS else (what,)
    await subscribe(work, person, *topics)
    return topics


async def set_daily(work: Work, person: PersonRow, daily: bool) -> bool:
    """Choose one digest a day, or everything at once.

    False when it is so already. What was announced at once and has not reached them yet goes into the digest of
    somebody who chooses it.
    """
    how = await subscriptions.manner(work, person.id)
    if (how is not None and how.daily) == daily:
        return False
    until = await _told_until(work, person, _UNDER_WAY) if daily else work.now
    await subscriptions.set_daily(work, person.id, daily, until)
    return True


async def digested_until_now(work: Work, person: PersonRow) -> datetime:
    """Return until when a digest has covered what is new.

    For somebody who hears at once from now on: the rest comes by itself.
    """
    return await _told_until(work, person, (BroadcastStatus.QUEUED,))


_UNDER_WAY = (BroadcastStatus.QUEUED, BroadcastStatus.RUNNING, BroadcastStatus.PAUSED)


async def _told_until(work: Work, person: PersonRow, statuses: Sequence[BroadcastStatus]) -> datetime:
    topics = list(await subscriptions.topics_of(work, person.id))
    waiting = await subscriptions.waiting_since(work, person.id, topics, statuses)
    return work.now if waiting is None else waiting - timedelta(seconds=1)
