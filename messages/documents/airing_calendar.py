"""Writes the coming airings as an iCalendar document (RFC 5545).

For phones, and for calendars that subscribe to it. Times are UTC, which every calendar shows in its own zone. An
airing keeps its UID however it is moved; SEQUENCE counts its changes, and a cancelled one stays as STATUS:CANCELLED,
so that calendars remove it. No alarms: when to be reminded is the reader's own choice.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from domain.airings.schedule import Airing, AiringKind, AiringStatus
from messages.words import Words

if TYPE_CHECKING:
    from icalendar import Event

NAME = "lich-phat-song.ics"
_REFRESH = timedelta(hours=1)


@dataclass(frozen=True)
class Publisher:
    """The programme's name in its calendar; `id` sets its airings apart from another programme's."""

    id: str
    name: str
    timezone: str


def airing_calendar(
    airings: Iterable[tuple[Airing, str]], publisher: Publisher, words: Words, now: datetime
) -> bytes:
    """Write the document.

    Each airing comes with its episode ("12/2026: title"), or "".
    """
    from icalendar import Calendar

    calendar = Calendar()
    calendar.add("prodid", f"-//{publisher.id}//Dan Hoi//{words.language.upper()}")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add("name", f"{publisher.name} - {words.label('calendar.name')}")
    calendar.add("x-wr-calname", f"{publisher.name} - {words.label('calendar.name')}")
    calendar.add("x-wr-timezone", publisher.timezone)
    calendar.add("refresh-interval", _REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    for airing, episode in airings:
        calendar.add_component(_event(airing, episode, publisher, words, now))
    return bytes(calendar.to_ical())


def _event(airing: Airing, episode: str, publisher: Publisher, words: Words, now: datetime) -> "Event":
    from icalendar import Event

    event = Event()
    event.add("uid", f"{airing.key}@{publisher.id}")
    event.add("dtstamp", now)
    event.add("dtstart", airing.starts_at)
    if airing.minutes:
        event.add("dtend", airing.ends_at)
    event.add("summary", _summary(airing, publisher, words))
    event.add("location", airing.channel)
    told = [f"{words.label('calendar.episode')} {episode}"] if episode else []
    if airing.reason and airing.status in (AiringStatus.MOVED, AiringStatus.CANCELLED):
        told.append(f"{words.label('calendar.reason')}: {airing.reason}")
    if told:
        event.add("description", "\n".join(told))
    event.add("status", "CANCELLED" if airing.status is AiringStatus.CANCELLED else "CONFIRMED")
    event.add("sequence", airing.changes)
    event.add("transp", "TRANSPARENT")  # watching it keeps nobody from an appointment
    return event


def _summary(airing: Airing, publisher: Publisher, words: Words) -> str:
    kind = f" ({words.label('airing_kind.repeat')})" if airing.kind is AiringKind.REPEAT else ""
    return f"{publisher.name}{kind} - {airing.channel}"
