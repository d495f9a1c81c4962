"""Reads changes to the list of days: "2/1/2027 nghỉ Tết Dương lịch, 10/1/2027 làm bù"."""

import re
from collections.abc import Collection, Mapping
from datetime import date

from domain.calendar.working_days import DayChange, DayKind
from domain.errors import Reason, RuleViolation
from domain.vietnamese.text import clean, fold

YEARS_AHEAD = 3  # a typing error in the year must not pass for a plan
NOTE = 200  # characters of a reason

# A new date begins a new day; any other comma belongs to the reason before it.
_SPACES = re.compile(r"(?<=[,;\n])(\s)\s+")  # made one, so that nobody looks through them from each of them
_NEXT_DAY = re.compile(r"[,;\n]\s?(?=\d+[/.-]\d)")
_LOCAL = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")


Kinds = Mapping[str, DayKind | None]  # by what is typed, folded; None: it leaves the list


def read_days(
    text: str,
    today: date,
    every: DayKind | None = None,
    *,
    kinds: Kinds,
    second_words: Collection[str] = (),
) -> list[DayChange]:
    """Read the changes that somebody typed, in their order.

    A date without a word takes the word of the next one. `second_words` may follow a kind and say nothing more:
    "nghỉ bù", "làm việc".

    `every` is the kind of all of them where a button set it; then the words after a date are its reason. Raises
    `RuleViolation`: no date, a date outside this year and the next three, no word, a date named twice.
    """
    changes: list[DayChange] = []
    waiting: list[date] = []
    for piece in _NEXT_DAY.split(_SPACES.sub(r"\1", clean(text))):
        typed, _, rest = piece.strip().strip(",;").strip().partition(" ")
        waiting.append(read_day(typed.strip(",;:"), today))
        said = _said(rest, every, kinds, second_words)
        if said is not None:
            changes += [DayChange(day, *said) for day in waiting]
            waiting = []
        elif rest.strip():
            raise RuleViolation(Reason.DAY_KIND_MISSING, day=waiting[-1])
    if waiting and every is None:
        raise RuleViolation(Reason.DAY_KIND_MISSING, day=waiting[0])
    changes += [DayChange(day, every) for day in waiting]
    seen: set[date] = set()
    for change in changes:
        if change.day in seen:
            raise RuleViolation(Reason.DAY_TWICE, day=change.day)
        seen.add(change.day)
    return changes


def read_day(typed: str, today: date) -> date:
    """Read a date as people here write it (2/1/2027), or ISO.

    Raises `RuleViolation`.
    """
    local, iso = _LOCAL.fullmatch(typed), _ISO.fullmatch(typed)
    found = local or iso
    if found is None:
        raise RuleViolation(Reason.BAD_DATE, typed=typed)
    first, month, last = map(int, found.groups())
    try:
        day = date(last, month, first) if local else date(first, month, last)
    except ValueError:
        raise RuleViolation(Reason.BAD_DATE, typed=typed) from None
    if not today.year <= day.year <= today.year + YEARS_AHEAD:
        raise RuleViolation(
            Reason.DATE_OUT_OF_RANGE, typed=typed, first=today.year, last=today.year + YEARS_AHEAD
        )
    return day


def _said(
    rest: str, every: DayKind | None, kinds: Kinds, second_words: Collection[str]
) -> tuple[DayKind | None, str] | None:
    """Read the kind and the reason after a date; None where neither stands there."""
    words = rest.split()
    first = fold(words[0]).strip(".,;:") if words else ""
    if first in kinds and (every is None or kinds[first] is every):
        kind, words = kinds[first], words[1:]
        if words and kind is not None and fold(words[0]).strip(".,;:") in second_words:
            words = words[1:]
    elif every is not None and words:
        kind = every
    else:
        return None
    return kind, " ".join(words).strip(" ,;:")[:NOTE]
