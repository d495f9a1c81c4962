"""A date and a time as people type them for something to come: "20:00 25/11", "mai 8h30", "8 giờ tối 2/12/2026"."""

import re
from datetime import date, datetime, timedelta

from domain.errors import Reason, RuleViolation
from domain.text import fold

DAYS_AHEAD = 60  # a typing error in the month must not pass for a plan

_TIME = re.compile(
    r"(?<![\d/.:-])(\d{1,2})(?::(\d{2})| ?(?:h|gio)(?: ?(\d{2})(?![\d/.-]))?)"
    r"(?: ?(sang|trua|chieu|toi|am|pm)\b)?(?![\w/:-])"
)
_DAY = re.compile(r"(?<![\d/.:-])(\d{1,2})([/.-])(\d{1,2})(?:\2(\d{4}))?(?![\d/:-])")
_ISO = re.compile(r"(?<!\d)(\d{4})-(\d{1,2})-(\d{1,2})(?!\d)")
_NAMED = re.compile(r"\b(hom nay|today|ngay mai|mai|tomorrow)\b")
_NAMED_DAYS = {"hom nay": 0, "today": 0, "ngay mai": 1, "mai": 1, "tomorrow": 1}
_FILLER = re.compile(r"\b(?:ngay|luc|vao|at|on)\b|[\s,;.]+")
_NOON = 12
_AFTERNOON = {"chieu", "toi", "pm"}


def read_moment(typed: str, now: datetime) -> datetime:
    """The moment that was typed, in the zone of `now`; without a date it is today.

    Raises `RuleViolation`: not understood, already past, or further ahead than DAYS_AHEAD calendar days.
    """
    text = fold(typed)
    at, text = _take_time(text)
    day, text = _take_day(text, now.date())
    if at is None or day is None or _FILLER.sub("", text):
        raise RuleViolation(Reason.BAD_MOMENT, typed=typed)
    moment = datetime(day.year, day.month, day.day, *at, tzinfo=now.tzinfo)
    if moment <= now:
        raise RuleViolation(Reason.MOMENT_PAST, at=moment)
    if moment.date() > now.date() + timedelta(days=DAYS_AHEAD):
        raise RuleViolation(Reason.MOMENT_TOO_FAR, day=now.date() + timedelta(days=DAYS_AHEAD))
    return moment


def _take_time(text: str) -> tuple[tuple[int, int] | None, str]:
    """Hour and minute, and the text without them; None where there is no time, or more than one."""
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


def _take_day(text: str, today: date) -> tuple[date | None, str]:
    """The day, and the text without it; today where none is named, None where it is no day or more than one."""
    found = [match for pattern in (_NAMED, _ISO, _DAY) for match in pattern.finditer(text)]
    if len(found) > 1:
        return None, text
    if not found:
        return today, text
    (match,) = found
    return _day(match, today), text[: match.start()] + " " + text[match.end() :]


def _day(match: re.Match[str], today: date) -> date | None:
    if match.re is _NAMED:
        return today + timedelta(days=_NAMED_DAYS[match[1]])
    try:
        if match.re is _ISO:
            return date(*map(int, match.groups()))
        day, month = int(match[1]), int(match[3])
        if match[4] is not None:
            return date(int(match[4]), month, day)
        this_year, next_year = date(today.year, month, day), date(today.year + 1, month, day)
    except ValueError:
        return None
    # Around New Year "2/1" is the coming one; otherwise a day that has passed is past.
    return next_year if next_year - today <= timedelta(days=DAYS_AHEAD) else this_year
