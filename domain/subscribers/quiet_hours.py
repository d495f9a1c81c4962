"""Quiet hours of subscribers, and when they are told of an airing.

Source: programme.md, "Subscribers". All instants are aware; hours are those of the programme's zone and may run over
midnight. Equal ends mean no quiet hours.
"""

from datetime import date, datetime, timedelta

from domain.programme import Programme


def quiet_until(programme: Programme, instant: datetime) -> datetime | None:
    """Return when the quiet hours around an instant end; None outside of them."""
    start, end = programme.quiet_hours
    local = programme.local(instant)
    now = local.time()
    if start < end:
        inside, days = start <= now < end, 0
    else:
        inside, days = start != end and (now >= start or now < end), 1 if now >= start else 0
    if not inside:
        return None
    return datetime.combine(local.date() + timedelta(days=days), end, programme.timezone)


def quiet_from(programme: Programme, instant: datetime) -> datetime | None:
    """Return when quiet hours begin next, after an instant outside of them.

    None where there are none.
    """
    start, end = programme.quiet_hours
    if start == end:
        return None
    local = programme.local(instant)
    day = local.date() if local.time() < start else local.date() + timedelta(days=1)
    return datetime.combine(day, start, programme.timezone)


def evening_before(programme: Programme, day: date) -> datetime:
    """Return when the airings of a day are announced: the evening before.

    Also those early in the morning.
    """
    return datetime.combine(day - timedelta(days=1), programme.evening_at, programme.timezone)


def shortly_before(programme: Programme, starts_at: datetime) -> datetime | None:
    """Return when an airing is announced once more.

    None where that falls into quiet hours: then the evening before is enough.
    """
    at = starts_at - timedelta(minutes=programme.minutes_before_airing)
    return None if quiet_until(programme, at) is not None else at
