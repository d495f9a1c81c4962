"""Finds dates in words, for promises: "trước ngày 30/9", "ngày 30 tháng 9 năm 2026"."""

import re
from datetime import date, timedelta

from domain.vietnamese.text import clean

# 30/9, 30-9-2026, 30.9.2026; "ngày 30 tháng 9 năm 2026". Not part of a longer number, fraction or official letter's.
_NUMBERS = re.compile(r"(?<![\w/.-])(\d{1,2})([/.-])(\d{1,2})(?:\2(\d{4}))?(?![\w/-]|\.\d)")
_WORDS = re.compile(r"\bngày (\d{1,2}) tháng (\d{1,2})(?: năm (\d{4}))?", re.IGNORECASE)
_SENTENCE_END = re.compile(r"(?<=[.!?;])\s+(?=\D)|\n+")
_DAY_IN_FRONT = re.compile(r"ngày\s+", re.IGNORECASE)
_DAY_BEFORE = re.compile(r"\bngày\s+$", re.IGNORECASE)
_BEFORE = 40  # characters in front of a date where "ngày" may stand
SENTENCE = 300  # characters of a promise taken from an answer


def day_at_front(text: str, today: date) -> tuple[date, str] | None:
    """Read the date at the front of a text; return it and the rest.

    None where it begins with none. A day without its year is the next one of that name, today included.
    """
    text = clean(text)
    for pattern in (_NUMBERS, _WORDS):
        found = pattern.match(text) or pattern.match(text, _after_day(text))
        if found is not None:
            day = _day(found, today)
            return None if day is None else (day, text[found.end() :].strip(" ,;:"))
    return None


def promised_days(text: str, today: date) -> list[tuple[date, str]]:
    """List the days to come that an answer names, in order of date.

    Each once, with the first sentence that names it.
    """
    found: dict[date, str] = {}
    for sentence in _SENTENCE_END.split(clean(text)):
        said = sentence.strip()[:SENTENCE]
        for pattern in (_NUMBERS, _WORDS):
            for match in pattern.finditer(sentence):
                day = _day(match, today)
                # Without a year a day that has just passed is past, not next year's.
                if day is not None and today < day and _plausible(match, day, today):
                    found.setdefault(day, said)
    return sorted(found.items())


def _after_day(text: str) -> int:
    """Return where the date begins in "ngày 30/9"; 0 where no "ngày" stands in front."""
    found = _DAY_IN_FRONT.match(text)
    return 0 if found is None else found.end()


def _plausible(match: re.Match[str], day: date, today: date) -> bool:
    """Return whether digits without a year are a date to come; with a year they are one."""
    if match.groups()[-1] is not None:
        return True
    if match.re is _NUMBERS and not _is_day_before(match):
        first, sign, second = match[1], match[2], match[3]
        if sign != "/":
            return False  # 7.5 triệu, 8-11 giờ
        if len(first) == len(second) == 1 and first < second:
            return False  # 1/2, 3/4
    return day - today < timedelta(days=270)


def _is_day_before(match: re.Match[str]) -> bool:
    """Return whether "ngày" stands right before it."""
    start = match.start()
    return _DAY_BEFORE.search(match.string, max(0, start - _BEFORE), start) is not None


def _day(match: re.Match[str], today: date) -> date | None:
    numbers = [int(part) for part in match.groups() if part is not None and part.isdigit()]
    day, month = numbers[:2]
    try:
        if len(numbers) > 2:
            return date(numbers[2], month, day)
        this_year = date(today.year, month, day)
        return this_year if this_year >= today else date(today.year + 1, month, day)
    except ValueError:
        return None  # 31/2, or a fraction
