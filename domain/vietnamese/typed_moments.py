"""Reads a date and a time that people type.

"20:00 25/11", "mai 8h30", "8 giờ tối 2/12/2026", "2026-11-18T08:00".
"""

import re
from datetime import date, datetime, timedelta

from domain.errors import Reason, RuleViolation
from domain.vietnamese.text import fold

DAYS_AHEAD = 60  # a typing error in the month must not pass for a plan

_TIME = re.compile(
    r"(?<![\d/.:-])(\d{1,2})(?::(\d{2})| ?(?:h|gio)(?: ?(\d{2})(?![\d/.-]))?)"
    r"(?: ?(sang|trua|chieu|toi|am|pm)\b)?(?![\w/:-])"
)
_DAY = re.compile(r"(?<![\d/.:-])(\d{1,2})([/.-])(\d{1,2})(?:\2(\d{4}))?(?![\d/:-])")
_ISO = re.compile(r"(?<!\d)(\d{4})-(\d{1,2})-(\d{1,2})(?!\d)")
_BETWEEN_ISO = re.compile(r"(\d{4}-\d{1,2}-\d{1,2})t(\d)")
_NAMED = re.compile(r"\b(hom nay|today|ngay mai|mai|tomorrow)\b")
_NAMED_DAYS = {"hom nay": 0, "today": 0, "ngay mai": 1, "mai": 1, "tomorrow": 1}
# Words that may stand between, the weekday among them.
_FILLER = re.compile(r"\b(?:ngay|luc|vao|at|on|t|phut|p|thu|hai|ba|tu|nam|sau|bay|chu|nhat)\b|[\s,;.]+")
_NOON = 12
_AFTERNOON = {"chieu", "toi", "pm"}


def read_coming(typed: str, now: datetime) -> datetime:
    """Read a moment to come, in the zone of `now`.

    Without a date it is today. Raises `RuleViolation`: not understood, already past, or further ahead than DAYS_AHEAD
    calendar days.
    """
    found = read_moment(typed, now.date(), ahead=DAYS_AHEAD, day_needed=False)
    if found is None:
        raise RuleViolation(Reason.BAD_MOMENT, typed=typed)
    moment = found.replace(tzinfo=now.tzinfo)
    if moment <= now:
        raise RuleViolation(Reason.MOMENT_PAST, at=moment)
    if moment.date() > now.date() + timedelta(days=DAYS_AHEAD):
        raise RuleViolation(Reason.MOMENT_TOO_FAR, day=now.date() + timedelta(days=DAYS_AHEAD))
    return moment


def read_moment(text: str, today: date, *, ahead: int = 366, day_needed: bool = True) -> datetime | None:
    """Read a moment, naive, in the zone of whoever reads it; else None.

    A day without its year that has passed is the next one of that name, where that is at most `ahead` days away.
    """
    text = _BETWEEN_ISO.sub(r"\1 \2", fold(text))
    at, text = _take_time(text)
    day, text = _take_day(text, today, ahead, day_needed=day_needed)
    if at is None or day is None or _FILLER.sub("", text):
        return None
    return datetime(day.year, day.month, day.day, *at)  # noqa: DTZ001  # its zone is the reader's to say


def _take_time(text: str) -> tuple[tuple[int, int] | None, str]:
    """Take the time out of a text; return (hour, minute) and the rest.

    None where there is no time, or more than one.
    """
    found = list(_TIME.finditer(text))
    if len(found) != 1:
        return None, text
    (match,) = found
    hour, minute, part = int(match[1]), int(match[2] or match[3] or 0), match[4]
    if part in _AFTERNOON and hour < _NOON:
        hour += _NOON
    elif part in ("sang", "am") and hour == _NOON:
        hour = 0
    if hour > 23 or minute > 59:
        return None, text
    return (hour, minute), text[: match.start()] + " " + text[match.end() :]


def _take_day(text: str, today: date, ahead: int, *, day_needed: bool) -> tuple[date | None, str]:
    """Take the day out of a text; return it and the rest.

    None where it is no day, or more than one.
    """
    found = [match for pattern in (_NAMED, _ISO, _DAY) for match in pattern.finditer(text)]
    if len(found) > 1:
        return None, text
    if not found:
        return None if day_needed else today, text
    (match,) = found
    return _day(match, today, ahead), text[: match.start()] + " " + text[match.end() :]


def _day(match: re.Match[str], today: date, ahead: int) -> date | None:
    if match.re is _NAMED:
        return today + timedelta(days=_NAMED_DAYS[match[1]])
    try:
        if match.re is _ISO:
            return date(*map(int, match.groups()))
        day, month = int(match[1]), int(match[3])
        if match[4] is not None:
            return date(int(match[4]), month, day)
        this_year = date(today.year, month, day)
        if this_year >= today:
            return this_year
        next_year = date(today.year + 1, month, day)
    except ValueError:
        return None
    return next_year if next_year - today <= timedelta(days=ahead) else this_year
