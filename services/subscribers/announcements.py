"""Announcements that the programme queues by itself: airings and daily digests.

Airings the evening before and shortly before. Found by what is missing and claimed by the broadcast's occasion, so
that a late or repeated tick does no harm. What would come too late, or at night, is not queued at all.
"""

from datetime import UTC, datetime, timedelta

from domain.airings.schedule import Airing, AiringStatus
from domain.broadcasts.broadcasts import Audience, BroadcastKind
from domain.subscribers.quiet_hours import evening_before, quiet_from, quiet_until, shortly_before
from services.airings.schedule import airings_between
from services.episodes import asker_news
from storage.broadcasts import broadcasts
from storage.engine.database import Database, Work
from storage.subscribers import announcements

DIGESTS_KEPT = 3  # earlier ones whose readers are looked up when the next is queued


async def announce(database: Database) -> dict[str, int]:
    """Queue what is due to be announced, to askers first.

    Returns of how many questions, and how many broadcasts.
    """
    told = await asker_news.tell_askers(database)
    async with database.reading() as work:
        evening, soon = await _evening_due(work), await _soon_due(work)
        digest = await _digest_due(work)
    queued = {"askers_told": told, "airings_evening": 0, "airings_soon": 0, "subscribers_digests": 0}
    if not (evening or soon or digest):
        return queued
    async with database.work() as work:
        if evening is not None:
            queued["airings_evening"] = await _queue_evening(work, *evening)
        for starts_at, stop_at in soon:
            queued["airings_soon"] += await _queue_soon(work, starts_at, stop_at)
        if digest is not None:
            queued["subscribers_digests"] = await _queue_digest(work, digest)
    return queued


# --- airings ---------------------------------------------------------------------------------------------------


async def _evening_due(work: Work) -> tuple[str, datetime] | None:
    """Return the day whose airings are to be announced now, and until when; None for none."""
    programme = work.programme
    day = programme.local(work.now).date() + timedelta(days=1)
    at = evening_before(programme, day)
    if work.now < at or quiet_until(programme, at) is not None:
        return None
    if await broadcasts.by_occasion(work, _evening_occasion(day.isoformat())) is not None:
        return None
    coming = await _planned(work, day.isoformat())
    stops = [coming[0].starts_at] if coming else []
    night = quiet_from(programme, at)
    stop_at = min([*stops, *([night] if night is not None else [])], default=None)
    return None if not coming or stop_at is None or work.now >= stop_at else (day.isoformat(), stop_at)


def _evening_occasion(day: str) -> str:
    return f"airing_evening:{day}"


async def _planned(work: Work, day: str) -> list[Airing]:
    date = datetime.fromisoformat(day).date()
    return [
        one for one in await airings_between(work, date, date) if one.status is not AiringStatus.CANCELLED
    ]


async def _queue_evening(work: Work, day: str, stop_at: datetime) -> int:
    added = await broadcasts.add(
        work,
        kind=BroadcastKind.AIRING,
        audience=Audience.AIRING_EVENING,
        content={"day": day},
        occasion=_evening_occasion(day),
        stop_at=stop_at,
    )
    return int(added is not None)


async def _soon_due(work: Work) -> list[tuple[datetime, datetime]]:
    """List the times of airings to announce once more now, each with until when."""
    programme = work.programme
    today = programme.local(work.now).date()
    found: dict[datetime, datetime] = {}
    for one in await airings_between(work, today, today + timedelta(days=1)):
        at = shortly_before(programme, one.starts_at)
        if one.status is AiringStatus.CANCELLED or at is None or not at <= work.now < one.starts_at:
            continue
        night = quiet_from(programme, at)
        stop_at = one.starts_at if night is None else min(one.starts_at, night)
        told = await broadcasts.by_occasion(work, _soon_occasion(one.starts_at))
        if work.now < stop_at and told is None:
            found[one.starts_at] = stop_at
    return list(found.items())


def _soon_occasion(starts_at: datetime) -> str:
    return f"airing_soon:{starts_at.astimezone(UTC).isoformat()}"


async def _queue_soon(work: Work, starts_at: datetime, stop_at: datetime) -> int:
    added = await broadcasts.add(
        work,
        kind=BroadcastKind.AIRING,
        audience=Audience.AIRING_SOON,
        content={"starts_at": starts_at.isoformat()},
        occasion=_soon_occasion(starts_at),
        stop_at=stop_at,
    )
    return int(added is not None)


# --- digests ---------------------------------------------------------------------------------------------------


async def _digest_due(work: Work) -> str | None:
    """Return the day of the latest digest that somebody has not had.

    A missed one goes out late, once.
    """
    programme = work.programme
    local = programme.local(work.now)
    day = local.date() if local.time() >= programme.subscribers_digest else local.date() - timedelta(days=1)
    at = datetime.combine(day, programme.subscribers_digest, programme.timezone)
    if await broadcasts.by_occasion(work, _digest_occasion(day.isoformat())) is not None:
        return None
    return day.isoformat() if await announcements.somebody_waits(work, at) else None


def _digest_occasion(day: str) -> str:
    return f"digest:{day}"


async def _queue_digest(work: Work, day: str) -> int:
    added = await broadcasts.add(
        work,
        kind=BroadcastKind.DIGEST,
        audience=Audience.DIGEST,
        content={"day": day, "until": work.now.isoformat()},
        occasion=_digest_occasion(day),
    )
    if added is None:
        return 0
    for earlier in await announcements.digests_before(work, added, DIGESTS_KEPT):
        await announcements.supersede(work, earlier.id)
        until = datetime.fromisoformat(earlier.content["until"])
        await announcements.keep_digested(work, earlier.id, until)
    return 1
