"""Spans of days that have names, and those that are typed."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from domain.errors import Reason, RuleViolation
from domain.periods import BEGINNING, Named, Period, named, read_period
from messages.typed import forms, meanings

TODAY = date(2026, 11, 2)
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
NAMES = meanings("period", {name.value: name for name in Named})
BETWEEN = forms("period_words", "between")


@pytest.mark.parametrize(
    ("name", "today", "first", "last"),
    [
        (Named.THIS_MONTH, TODAY, date(2026, 11, 1), TODAY),
        (Named.THIS_MONTH, date(2026, 12, 31), date(2026, 12, 1), date(2026, 12, 31)),
        (Named.LAST_MONTH, TODAY, date(2026, 10, 1), date(2026, 10, 31)),
        (Named.LAST_MONTH, date(2027, 1, 31), date(2026, 12, 1), date(2026, 12, 31)),
        (Named.LAST_MONTH, date(2028, 3, 31), date(2028, 2, 1), date(2028, 2, 29)),
        (Named.THIS_QUARTER, TODAY, date(2026, 10, 1), TODAY),
        (Named.THIS_QUARTER, date(2026, 3, 31), date(2026, 1, 1), date(2026, 3, 31)),
        (Named.THIS_QUARTER, date(2026, 9, 30), date(2026, 7, 1), date(2026, 9, 30)),
        (Named.THIS_YEAR, TODAY, date(2026, 1, 1), TODAY),
        (Named.ALL, TODAY, BEGINNING, TODAY),
    ],
)
def test_a_span_that_has_a_name_ends_today_or_has_ended(
    name: Named, today: date, first: date, last: date
) -> None:
    assert named(name, today) == Period(first, last)


@pytest.mark.parametrize(
    ("typed", "first", "last"),
    [
        ("1/10/2026 31/12/2026", date(2026, 10, 1), date(2026, 12, 31)),
        ("từ 1-10-2026 đến 31.12.2026", date(2026, 10, 1), date(2026, 12, 31)),
        ("từ ngày 01/10/2026, đến ngày 02/10/2026.".rstrip("."), date(2026, 10, 1), date(2026, 10, 2)),
        ("from 2026-10-01 to 2026-10-01", date(2026, 10, 1), date(2026, 10, 1)),
        ("29/2/2024 - 1/3/2024", date(2024, 2, 29), date(2024, 3, 1)),
        ("Quý này", date(2026, 10, 1), TODAY),
        ("THANG  TRUOC", date(2026, 10, 1), date(2026, 10, 31)),
        ("this year", date(2026, 1, 1), TODAY),
        ("tất cả", BEGINNING, TODAY),
    ],
)
def test_a_span_is_read_as_people_type_it(typed: str, first: date, last: date) -> None:
    assert read_period(typed, TODAY, NAMES, BETWEEN) == Period(first, last)


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("", Reason.BAD_PERIOD),
        ("1/10/2026", Reason.BAD_PERIOD),
        ("1/10/2026 2/10/2026 3/10/2026", Reason.BAD_PERIOD),
        ("1/10 2/10", Reason.BAD_PERIOD),
        ("1/10/26 2/10/26", Reason.BAD_PERIOD),
        ("29/2/2026 1/3/2026", Reason.BAD_PERIOD),
        ("1/1/1999 1/1/2026", Reason.BAD_PERIOD),
        ("1/1/2026 1/1/2028", Reason.BAD_PERIOD),
        ("0/0/0000 9/9/9999", Reason.BAD_PERIOD),
        ("١/١/٢٠٢٦ ٢/١/٢٠٢٦", Reason.BAD_PERIOD),
        ("9" * 400, Reason.BAD_PERIOD),
        ("2/10/2026 1/10/2026", Reason.PERIOD_TURNED),
    ],
)
def test_what_is_no_span_is_refused(typed: str, reason: Reason) -> None:
    with pytest.raises(RuleViolation) as refused:
        read_period(typed, TODAY, NAMES, BETWEEN)
    assert refused.value.reason is reason


def test_a_span_goes_from_midnight_to_midnight_of_its_zone() -> None:
    start, end = Period(date(2026, 10, 1), date(2026, 10, 31)).instants(ZONE)
    assert start == datetime(2026, 10, 1, tzinfo=ZONE)
    assert end == datetime(2026, 11, 1, tzinfo=ZONE)
