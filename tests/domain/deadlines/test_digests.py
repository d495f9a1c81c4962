"""When a digest is due: working days, moved weekdays, and what came before."""

from dataclasses import replace
from datetime import UTC, datetime, time

import pytest

from domain.calendar.working_days import WorkingCalendar
from domain.deadlines.digests import DigestKind, is_late, latest, may_go_out
from domain.programme import Programme

CALENDAR = WorkingCalendar()
PROGRAMME = Programme()


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CALENDAR.timezone)


def found(kind: DigestKind, now: str) -> tuple[str, datetime, datetime]:
    occasion = latest(kind, PROGRAMME, CALENDAR, at(now).astimezone(UTC))
    assert occasion is not None
    return occasion.key, occasion.at, occasion.before


@pytest.mark.parametrize(
    ("now", "key", "before"),
    [
        ("2026-11-03T07:29", "2026-11-02", "2026-10-30T07:30"),
        ("2026-11-03T07:30", "2026-11-03", "2026-11-02T07:30"),
        ("2026-11-08T12:00", "2026-11-06", "2026-11-05T07:30"),  # Sunday
        ("2026-11-09T07:30", "2026-11-09", "2026-11-06T07:30"),  # Monday covers the weekend
        ("2026-11-24T09:00", "2026-11-23", "2026-11-20T07:30"),  # Culture Day is off
        ("2026-01-10T08:00", "2026-01-10", "2026-01-09T07:30"),  # a Saturday worked
    ],
)
def test_the_daily_digest_is_due_on_working_days(now: str, key: str, before: str) -> None:
    assert found(DigestKind.DAILY, now) == (key, at(f"{key}T07:30"), at(before))


@pytest.mark.parametrize(
    ("now", "key", "due", "before"),
    [
        ("2026-11-09T07:29", "2026-11-02", "2026-11-02T07:30", "2026-10-26T07:30"),
        ("2026-11-13T20:00", "2026-11-09", "2026-11-09T07:30", "2026-11-02T07:30"),
        # Monday 27/4 is off: due on Tuesday, and until then the week before stands
        ("2026-04-27T09:00", "2026-04-20", "2026-04-20T07:30", "2026-04-13T07:30"),
        ("2026-04-28T07:30", "2026-04-27", "2026-04-28T07:30", "2026-04-20T07:30"),
        # Tết: the whole week from Monday 16/2 is off, so the next one takes its digest over
        ("2026-02-21T09:00", "2026-02-09", "2026-02-09T07:30", "2026-02-02T07:30"),
        ("2026-02-23T09:00", "2026-02-23", "2026-02-23T07:30", "2026-02-09T07:30"),
    ],
)
def test_the_weekly_digest_moves_to_the_next_working_day(now: str, key: str, due: str, before: str) -> None:
    assert found(DigestKind.WEEKLY, now) == (key, at(due), at(before))


def test_what_is_off_is_never_due() -> None:
    off = replace(PROGRAMME, daily_digest=None, weekly_digest=None)
    assert [latest(kind, off, CALENDAR, at("2026-11-03T09:00")) for kind in DigestKind] == [None, None]


@pytest.mark.parametrize(
    ("now", "may"),
    [
        ("2026-11-03T07:30", True),
        ("2026-11-03T22:00", True),
        ("2026-11-04T00:10", False),  # before its time of day
        ("2026-11-07T09:00", False),  # Saturday
        ("2026-11-24T09:00", False),  # a holiday
    ],
)
def test_nobody_gets_a_digest_on_a_day_off_or_before_its_time(now: str, may: bool) -> None:
    occasion = latest(DigestKind.WEEKLY, PROGRAMME, CALENDAR, at(now))
    assert occasion is not None
    assert may_go_out(occasion, CALENDAR, at(now)) is may


def test_half_an_hour_is_not_late() -> None:
    assert not is_late(at("2026-11-03T07:30"), at("2026-11-03T08:00"))
    assert is_late(at("2026-11-03T07:30"), at("2026-11-03T08:01"))


def test_another_time_and_weekday_are_configuration() -> None:
    other = replace(PROGRAMME, weekly_digest=(4, time(16)))
    occasion = latest(DigestKind.WEEKLY, other, CALENDAR, at("2026-11-06T16:00"))
    assert occasion is not None
    assert occasion.at == at("2026-11-06T16:00")
