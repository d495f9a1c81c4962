"""Spans of days, both ends included: named ones and typed ones."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from enum import StrEnum

from domain.errors import Reason, RuleViolation
from domain.vietnamese.text import clean, fold

FIRST_YEAR = 2000  # a typing error in the year must not pass for a span; no ledger of ours is older
BEGINNING = date(FIRST_YEAR, 1, 1)  # before anything of ours
_MONTHS_OF_A_QUARTER = 3

_LOCAL = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_DASHES = ("-", "–")


class Named(StrEnum):
    """A span that has a name.

    One that is not over yet ends today.
    """

    THIS_MONTH = "this_month"
    LAST_MONTH = "last_month"
    THIS_QUARTER = "this_quarter"
    THIS_YEAR = "this_year"
    ALL = "all"


@dataclass(frozen=True)
class Period:
    """A span of days, both ends included."""

    first: date
    last: date

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last

    def instants(self, zone: tzinfo) -> tuple[datetime, datetime]:
        """Return when it begins and when it is over (exclusive), at midnights of the zone."""
        return (
            datetime.combine(self.first, time(), zone),
            datetime.combine(self.last + timedelta(days=1), time(), zone),
        )


def named(name: Named, today: date) -> Period:
    """Return the span of a name, as of a day; ALL begins at BEGINNING."""
    month = today.replace(day=1)
    match name:
        case Named.THIS_MONTH:
            return Period(month, today)
        case Named.LAST_MONTH:
            last = month - timedelta(days=1)
            return Period(last.replace(day=1), last)
        case Named.THIS_QUARTER:
            first = today.month - (today.month - 1) % _MONTHS_OF_A_QUARTER
            return Period(today.replace(month=first, day=1), today)
        case Named.THIS_YEAR:
            return Period(today.replace(month=1, day=1), today)
        case Named.ALL:
            return Period(BEGINNING, today)


def read_period(typed: str, today: date, names: Mapping[str, Named], between: Collection[str] = ()) -> Period:
    """ "1/10/2026 31/12/2026", "từ 2026-10-01 đến 2026-12-31", "quý này"; raises `RuleViolation`.

    `names` are what is typed for a span, `between` the words that stand between days and say nothing: folded.
    """
    name = names.get(" ".join(fold(typed).split()))
    if name is not None:
        return named(name, today)
    days = [
        word.strip(",;") for word in clean(typed).split() if word not in _DASHES and fold(word) not in between
    ]
    if len(days) != 2:  # the first and the last
        raise RuleViolation(Reason.BAD_PERIOD, typed=typed)
    first, last = (_day(day, typed, today) for day in days)
    if first > last:
        raise RuleViolation(Reason.PERIOD_TURNED, from_day=first, to_day=last)
    return Period(first, last)


def _day(word: str, typed: str, today: date) -> date:
    local, iso = _LOCAL.fullmatch(word), _ISO.fullmatch(word)
    found = local or iso
    if found is None or not word.isascii():
        raise RuleViolation(Reason.BAD_PERIOD, typed=typed)
    one, month, other = map(int, found.groups())
    try:
        day = date(other, month, one) if local else date(one, month, other)
    except ValueError:
        raise RuleViolation(Reason.BAD_PERIOD, typed=typed) from None
    if not FIRST_YEAR <= day.year <= today.year + 1:
        raise RuleViolation(Reason.BAD_PERIOD, typed=typed)
    return day
