"""Reads what editors type about airings.

"7/11 19:50", "20h30, thứ Ba, ngày 10/11/2026", "14/11 20:00 KG 30 phút".
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta

from domain.errors import Reason, RuleViolation
from domain.vietnamese.text import clean, fold, fold_word

YEARS_BEFORE, YEARS_AHEAD = 5, 3  # a typing error in the year must not pass for a plan
RECENT = timedelta(days=60)  # a day without its year may have passed that long ago

_TIME = re.compile(r"(\d{1,2})(?::(\d{2})| ?(?:h|g|gio)(?: ?(\d{2}))?)(?: (trua|chieu|toi|dem|pm))?(?= |$)")
_NUMBERS = re.compile(r"(\d{1,2})([/.-])(\d{1,2})(?:\2(\d{4}))?(?= |$)")
_WORDS = re.compile(r"(\d{1,2}) thang (\d{1,2})(?: nam (\d{4}))?(?= |$)")
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?= |$)")
_NAMED = re.compile(r"(hom nay|today|ngay mai|mai|tomorrow)(?= |$)")
_NAMED_DAYS = {"hom nay": 0, "today": 0, "ngay mai": 1, "mai": 1, "tomorrow": 1}
# Words between and before day and time that say nothing more: "lúc", "thứ Bảy, ngày".
_FILLER = re.compile(
    "ngay|luc|vao|hoi|thu|hai|ba|tu|nam|sau|bay|chu|nhat|cn|on|at|the|of|[-–]*"
    "|(?:mon|tue|wed|thu|fri|sat|sun)|(?:mon|tues|wednes|thurs|fri|satur|sun)day"
)
# Before where something goes: "sang 8/11". Not between a day and a time: "7/11 sang 20:30" are two.
_TO = re.compile(r"(?:sang|den|toi|to|->|→)(?= |$)")
_MINUTES = re.compile(r"(\d{1,3}) ?(?:phut|p|minutes|minute|min)(?= |$)")
_WITH_REPEATS = re.compile(r"\b(?:kem phat lai|co phat lai|with repeats)\b")
_REASON = re.compile(r"(?:ly do|reason|vi|because)(?= |$)")
_NOON = 12


@dataclass(frozen=True)
class TypedMoment:
    """A day, a time, or both, and the words that follow."""

    day: date | None
    at: time | None
    rest: str


@dataclass(frozen=True)
class TypedExtra:
    """The words typed after day and time of an airing to add."""

    channel: str | None
    minutes: int | None
    with_repeats: bool
    reason: str


class _Tokens:
    """The words of a text, with folded forms to match; a match is taken off the front."""

    def __init__(self, text: str) -> None:
        self._words = clean(text).split()
        self._folded = [fold_word(word).replace(" ", "").strip(",;.:") for word in self._words]
        self._at = 0

    @property
    def rest(self) -> str:
        return " ".join(self._words[self._at :]).strip(" ,;:.-")

    def match(self, *patterns: re.Pattern[str], skip: int = 0) -> re.Match[str] | None:
        text = " ".join(self._folded[self._at + skip :])
        return next((found for pattern in patterns if (found := pattern.match(text))), None)

    def take(self, found: re.Match[str], skip: int = 0) -> None:
        self._at += skip + found[0].count(" ") + 1

    def fillers(self) -> int:
        """Count the words at the front that mean nothing by themselves."""
        count = 0
        for word in self._folded[self._at :]:
            if not _FILLER.fullmatch(word):
                break
            count += 1
        return count

    def take_word(self, *words: str) -> None:
        """Take the next word off where it is one of these, compared with its diacritics."""
        if self._at < len(self._words) and self._words[self._at].lower().strip(",;.") in words:
            self._at += 1


def moment_at_front(text: str, today: date) -> TypedMoment | None:
    """Read the day and the time at the front of a text, in either order.

    None where it begins with neither.

    A day without its year is the next one of that name, or one of the last 60 days. Raises `RuleViolation` for a date
    outside the last five years and the next three.
    """
    tokens = _Tokens(text)
    to = tokens.match(_TO)
    if to is not None:
        tokens.take(to)
    day: date | None = None
    at: time | None = None
    while day is None or at is None:
        skip = tokens.fillers()
        # "mai" and "ngày mai" begin like words that say nothing
        found = tokens.match(_NAMED) if day is None else None
        found, skip = (found, 0) if found is not None else (None, skip)
        if found is None:
            found = tokens.match(*_wanted(day, at), skip=skip)
        if found is None:
            break
        if found.re is _TIME:
            at = _time(found)
            if at is None:
                break
        else:
            day = _day(found, today)
            if day is None:
                raise RuleViolation(Reason.BAD_DATE, typed=found[0])
        tokens.take(found, skip)
        tokens.take_word("sáng", "am")
    return None if day is None and at is None else TypedMoment(day, at, tokens.rest)


def _wanted(day: date | None, at: time | None) -> list[re.Pattern[str]]:
    """Return the patterns of what is still missing."""
    return [*([_ISO, _NUMBERS, _WORDS] if day is None else []), *([_TIME] if at is None else [])]


def channel_at_front(text: str, channels: Sequence[str]) -> tuple[str | None, str]:
    """Read the channel at the front of a text; return it and the rest.

    The longest name that fits.
    """
    typed = clean(text).split()
    for channel in sorted(channels, key=len, reverse=True):
        words = fold(channel).split()
        if [fold(word).strip(",;.") for word in typed[: len(words)]] == words:
            return channel, " ".join(typed[len(words) :])
    return None, " ".join(typed)


def read_extra(text: str, channels: Sequence[str]) -> TypedExtra:
    """Read what follows day and time of an airing to add.

    Channel, minutes, repeats, reason; each may be missing.
    """
    channel, rest = channel_at_front(text, channels)
    tokens = _Tokens(rest)
    minutes, with_repeats = None, False
    for _ in range(2):  # in either order
        found = tokens.match(_MINUTES, _WITH_REPEATS)
        if found is None:
            break
        tokens.take(found)
        if found.re is _MINUTES:
            minutes = int(found[1])
        else:
            with_repeats = True
    return TypedExtra(channel, minutes or None, with_repeats, read_reason(tokens.rest))


def read_reason(text: str) -> str:
    """Read a reason, without "lý do:" in front."""
    tokens = _Tokens(text)
    found = tokens.match(_REASON)
    if found is not None:
        tokens.take(found)
    return tokens.rest


def _time(found: re.Match[str]) -> time | None:
    hour, minute = int(found[1]), int(found[2] or found[3] or 0)
    if found[4] is not None and hour < _NOON:
        hour += _NOON
    return time(hour, minute) if hour < 24 and minute < 60 else None


def _day(found: re.Match[str], today: date) -> date | None:
    """Read the day that was typed; None for a date that does not exist.

    Raises `RuleViolation` (out of range).
    """
    if found.re is _NAMED:
        return today + timedelta(days=_NAMED_DAYS[found[1]])
    if found.re is _ISO:
        year, month, day = int(found[1]), int(found[2]), int(found[3])
    else:
        parts = [int(part) for part in found.groups() if part is not None and part.isdigit()]
        day, month = parts[:2]
        if len(parts) == 2:
            return _nearest(day, month, today)
        year = parts[2]
    if not today.year - YEARS_BEFORE <= year <= today.year + YEARS_AHEAD:
        first, last = today.year - YEARS_BEFORE, today.year + YEARS_AHEAD
        raise RuleViolation(Reason.DATE_OUT_OF_RANGE, typed=found[0], first=first, last=last)
    return _date(year, month, day)


def _nearest(day: int, month: int, today: date) -> date | None:
    """Return the next day of that name, or the one that has just passed."""
    for year in range(today.year - 1, today.year + 9):  # 29/2
        found = _date(year, month, day)
        if found is not None and found >= today - RECENT:
            return found
    return None


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
