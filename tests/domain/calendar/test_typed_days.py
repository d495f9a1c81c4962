"""What admins type for days off and days worked."""

from datetime import date

import pytest

from domain.calendar import typed_days
from domain.calendar.working_days import DayChange, DayKind
from domain.errors import Reason, RuleViolation
from messages.typed import forms, meanings

TODAY = date(2026, 11, 25)
SECOND, TENTH = date(2027, 1, 2), date(2027, 1, 10)
OFF, WORK = DayKind.OFF, DayKind.WORK
KINDS: typed_days.Kinds = meanings("day_kind", {"off": OFF, "work": WORK, "remove": None})


def read_days(typed: str, today: date, every: DayKind | None = None) -> list[DayChange]:
    second = forms("day_kind_second", "second")
    return typed_days.read_days(typed, today, every, kinds=KINDS, second_words=second)


@pytest.mark.parametrize(
    ("typed", "changes"),
    [
        ("2/1/2027 nghỉ", [(SECOND, OFF, "")]),
        ("2/1/2027 NGHI", [(SECOND, OFF, "")]),
        ("02-01-2027 off", [(SECOND, OFF, "")]),
        ("2.1.2027 Nghỉ bù", [(SECOND, OFF, "")]),
        ("2027-01-02 nghỉ Tết Dương lịch", [(SECOND, OFF, "Tết Dương lịch")]),
        ("10/1/2027 làm", [(TENTH, WORK, "")]),
        ("10/1/2027 lam bu cho ngày 2/1", [(TENTH, WORK, "cho ngày 2/1")]),
        ("10/1/2027 Work", [(TENTH, WORK, "")]),
        ("2/1/2027 bỏ", [(SECOND, None, "")]),
        ("2/1/2027 remove", [(SECOND, None, "")]),
        ("2/1/2027: nghỉ.", [(SECOND, OFF, "")]),
        ("2/1/2027 nghỉ, 10/1/2027 làm", [(SECOND, OFF, ""), (TENTH, WORK, "")]),
        ("2/1/2027 nghỉ\n10/1/2027 làm", [(SECOND, OFF, ""), (TENTH, WORK, "")]),
        ("2/1/2027 nghỉ Hoán đổi, theo quyết định; 10/1/2027 làm",
         [(SECOND, OFF, "Hoán đổi, theo quyết định"), (TENTH, WORK, "")]),
        ("2/1/2027, 10/1/2027 nghỉ Tết", [(SECOND, OFF, "Tết"), (TENTH, OFF, "Tết")]),
    ],
)  # fmt: skip
def test_dates_words_and_reasons_are_read(
    typed: str, changes: list[tuple[date, DayKind | None, str]]
) -> None:
    assert read_days(typed, TODAY) == [DayChange(*one) for one in changes]


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("32/1/2027 nghỉ", Reason.BAD_DATE),
        ("29/2/2027 nghỉ", Reason.BAD_DATE),
        ("2/1 nghỉ", Reason.BAD_DATE),
        ("2/1/27 nghỉ", Reason.BAD_DATE),
        ("mai nghỉ", Reason.BAD_DATE),
        ("nghỉ 2/1/2027", Reason.BAD_DATE),
        ("9" * 400, Reason.BAD_DATE),
        ("٢/١/٢٠٢٧x nghỉ", Reason.BAD_DATE),
        ("0/0/0000 nghỉ", Reason.BAD_DATE),
        (", nghỉ", Reason.BAD_DATE),
        ("31/12/2025 nghỉ", Reason.DATE_OUT_OF_RANGE),
        ("2/1/2030 nghỉ", Reason.DATE_OUT_OF_RANGE),
        ("2/1/2207 nghỉ", Reason.DATE_OUT_OF_RANGE),
        ("2/1/2027", Reason.DAY_KIND_MISSING),
        ("2/1/2027 nghỉnghỉ", Reason.DAY_KIND_MISSING),
        ("2/1/2027 có lẽ, 10/1/2027 làm", Reason.DAY_KIND_MISSING),
        ("2/1/2027 nghỉ, 2/1/2027 làm", Reason.DAY_TWICE),
        ("2/1/2027, 2027-01-02 nghỉ", Reason.DAY_TWICE),
    ],
)
def test_what_is_no_day_or_says_nothing_is_refused_with_its_reason(typed: str, reason: Reason) -> None:
    with pytest.raises(RuleViolation) as refused:
        read_days(typed, TODAY)
    assert refused.value.reason is reason


def test_where_a_button_said_what_they_are_the_words_after_a_date_are_its_reason() -> None:
    assert read_days("2/1/2027 Tết Dương lịch", TODAY, OFF) == [DayChange(SECOND, OFF, "Tết Dương lịch")]
    assert read_days("2/1/2027", TODAY, OFF) == [DayChange(SECOND, OFF, "")]
    assert read_days("2/1/2027 nghỉ Tết", TODAY, OFF) == [DayChange(SECOND, OFF, "Tết")]
    assert read_days("2/1/2027, 10/1/2027 hoán đổi", TODAY, WORK) == [
        DayChange(SECOND, WORK, "hoán đổi"),
        DayChange(TENTH, WORK, "hoán đổi"),
    ]


def test_a_reason_stays_short() -> None:
    assert len(read_days("2/1/2027 nghỉ " + "dài " * 900, TODAY)[0].note) <= 200
