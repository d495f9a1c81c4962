"""When subscribers hear of an airing, and the hours in which they hear nothing."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from domain.programme import Programme
from domain.subscribers.quiet_hours import evening_before, quiet_from, quiet_until, shortly_before

NIGHT = Programme()  # 21:00-06:00
NOON = replace(NIGHT, quiet_hours=(time(12), time(13, 30)))
NONE = replace(NIGHT, quiet_hours=(time(0), time(0)))


def at(local: str) -> datetime:
    """A moment of November 2026 in programme time: "6 19:00"."""
    day, moment = local.split()
    hour, minute = map(int, moment.split(":"))
    return datetime(2026, 11, int(day), hour, minute, tzinfo=UTC) - timedelta(hours=7)


@pytest.mark.parametrize(
    ("programme", "moment", "until"),
    [
        (NIGHT, "6 20:59", None),
        (NIGHT, "6 21:00", "7 06:00"),
        (NIGHT, "6 23:59", "7 06:00"),
        (NIGHT, "7 00:00", "7 06:00"),
        (NIGHT, "7 05:59", "7 06:00"),
        (NIGHT, "7 06:00", None),
        (NOON, "7 12:30", "7 13:30"),
        (NOON, "7 13:30", None),
        (NOON, "7 23:00", None),
        (NONE, "7 00:00", None),
        (NONE, "7 23:00", None),
    ],
)
def test_the_quiet_hours_end_and_may_run_over_midnight(
    programme: Programme, moment: str, until: str | None
) -> None:
    assert quiet_until(programme, at(moment)) == (None if until is None else at(until))


@pytest.mark.parametrize(
    ("programme", "moment", "begin"),
    [
        (NIGHT, "6 19:00", "6 21:00"),
        (NIGHT, "7 06:00", "7 21:00"),
        (NOON, "7 14:00", "8 12:00"),
        (NONE, "7 14:00", None),
    ],
)
def test_the_next_quiet_hours_begin(programme: Programme, moment: str, begin: str | None) -> None:
    assert quiet_from(programme, at(moment)) == (None if begin is None else at(begin))


@pytest.mark.parametrize(
    ("starts", "told"),
    [
        ("7 19:50", "7 19:20"),  # Saturday
        ("3 05:45", None),  # radio on Tuesday: 05:15 is in the night
        ("8 05:55", None),
        ("8 06:20", None),  # 05:50 is, though it starts after it
        ("8 06:30", "8 06:00"),
        ("8 06:50", "8 06:20"),
        ("8 21:10", "8 20:40"),
        ("8 21:30", None),
    ],
)
def test_shortly_before_is_dropped_where_it_falls_into_the_night(starts: str, told: str | None) -> None:
    assert shortly_before(NIGHT, at(starts)) == (None if told is None else at(told))


def test_the_evening_before_is_that_of_the_day_before_however_early_the_airing() -> None:
    assert evening_before(NIGHT, date(2026, 11, 7)) == at("6 19:00")
    assert evening_before(NIGHT, date(2026, 11, 3)) == at("2 19:00")
