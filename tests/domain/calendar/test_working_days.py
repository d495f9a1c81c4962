"""Working days, limits and stopped clocks, as named dates with their reasons and as properties."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from domain.calendar.official_days import OFFICIAL_DAYS
from domain.calendar.working_days import (
    DayChange,
    DayKind,
    Hours,
    Limit,
    StoppedClock,
    WorkingCalendar,
    parse_hours,
    parse_weekend,
)

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
CALENDAR = WorkingCalendar()


def at(text: str) -> datetime:
    """Programme time: "2026-08-28 20:00"."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def day(text: str) -> date:
    return date.fromisoformat(text)


@pytest.mark.parametrize(
    ("on", "worked", "reason"),
    [
        ("2025-04-26", True, "Saturday worked for Friday 2/5, as the package knows"),
        ("2026-01-01", False, "New Year"),
        ("2026-01-02", False, "Friday swapped with Saturday 10/1"),
        ("2026-01-10", True, "Saturday worked for Friday 2/1"),
        ("2026-01-09", True, "an ordinary Friday"),
        ("2026-01-11", False, "Sunday"),
        ("2026-02-13", True, "Friday before Tết"),
        ("2026-02-16", False, "Tết"),
        ("2026-02-17", False, "Tết, mùng 1"),
        ("2026-02-18", False, "Tết"),
        ("2026-02-19", False, "Tết"),
        ("2026-02-20", False, "Tết"),
        ("2026-02-23", True, "Monday after Tết"),
        ("2026-04-26", False, "Giỗ Tổ, a Sunday"),
        ("2026-04-27", False, "Monday for Giỗ Tổ"),
        ("2026-04-28", True, "Tuesday after"),
        ("2026-04-30", False, "Liberation Day"),
        ("2026-05-01", False, "Labour Day"),
        ("2026-05-04", True, "Monday: nothing is made up for"),
        ("2026-08-22", True, "Saturday worked for Monday 31/8"),
        ("2026-08-29", False, "an ordinary Saturday"),
        ("2026-08-31", False, "Monday swapped with Saturday 22/8"),
        ("2026-09-01", False, "National Day's second day"),
        ("2026-09-02", False, "National Day"),
        ("2026-09-03", True, "Thursday after"),
        ("2026-11-24", False, "Culture Day"),
        ("2027-01-01", False, "New Year"),
        ("2027-02-03", True, "Wednesday before what the package computes as Tết"),
        ("2027-02-04", False, "Tết as computed, nothing decided"),
        ("2027-02-05", False, "Tết as computed"),
        ("2027-02-06", False, "Tết, mùng 1, a Saturday"),
        ("2027-02-10", False, "Tết as computed"),
        ("2027-02-11", True, "Thursday after"),
        ("2027-04-16", False, "Giỗ Tổ"),
        ("2027-04-30", False, "Liberation Day"),
        ("2027-05-01", False, "Labour Day, a Saturday"),
        ("2027-05-03", False, "Monday for Saturday 1/5"),
        ("2027-09-02", False, "National Day"),
        ("2027-09-03", False, "National Day's second day"),
        ("2027-11-24", False, "Culture Day"),
    ],
)
def test_the_named_days_of_the_programme_are_off_or_worked(on: str, worked: bool, reason: str) -> None:
    assert CALENDAR.is_working_day(day(on)) is worked, reason


@pytest.mark.parametrize(
    ("event", "days", "due", "reason"),
    [
        ("2026-06-05 20:00", 3, "2026-06-10 17:00", "Friday evening: Monday is day 1"),
        ("2026-06-05 09:00", 3, "2026-06-10 17:00", "Friday morning: the same, the hour doesn't count"),
        ("2026-06-06 09:00", 3, "2026-06-10 17:00", "Saturday: Monday is day 1"),
        ("2026-06-07 23:59", 1, "2026-06-08 17:00", "Sunday night: Monday"),
        ("2026-06-08 00:00", 1, "2026-06-09 17:00", "Monday at midnight is Monday: Tuesday"),
        ("2026-08-28 20:00", 3, "2026-09-07 17:00", "31/8, 1/9, 2/9 off: Thursday, Friday, Monday"),
        ("2026-08-21 10:00", 1, "2026-08-22 17:00", "Saturday 22/8 is worked"),
        ("2025-12-31 10:00", 1, "2026-01-05 17:00", "New Year and the swapped 2/1"),
        ("2026-01-09 10:00", 1, "2026-01-10 17:00", "Saturday 10/1 is worked"),
        ("2026-02-13 16:00", 3, "2026-02-25 17:00", "over Tết"),
        ("2026-02-17 08:00", 1, "2026-02-23 17:00", "received on mùng 1: the Monday after"),
        ("2026-04-24 10:00", 2, "2026-04-29 17:00", "over Giỗ Tổ's Monday"),
        ("2026-04-29 10:00", 1, "2026-05-04 17:00", "over 30/4 and 1/5"),
        ("2026-11-23 10:00", 1, "2026-11-25 17:00", "over Culture Day"),
        ("2026-11-24 10:00", 1, "2026-11-25 17:00", "received on Culture Day"),
        ("2026-12-31 10:00", 10, "2027-01-15 17:00", "into the next year"),
        ("2027-02-03 10:00", 1, "2027-02-11 17:00", "over the Tết that the package computes"),
        ("2027-04-29 10:00", 1, "2027-05-04 17:00", "30/4, Saturday 1/5, Monday 3/5"),
        ("2027-09-01 10:00", 1, "2027-09-06 17:00", "2/9 and 3/9"),
    ],
)
def test_a_limit_starts_on_the_next_working_day_and_ends_at_the_close_of_the_last(
    event: str, days: int, due: str, reason: str
) -> None:
    assert CALENDAR.due(at(event), days) == at(due), reason


# Day 1 is the working day after the event, whatever its hour (the programme's rule; Civil Code 2015, article 147:
# the day of the event is not counted). Days off follow Labour Code 2019, articles 111 and 112, and the yearly
# decision; a limit that would end on a day off ends on the next working day (Civil Code, article 148).
@pytest.mark.parametrize(
    ("event", "days", "due", "reason"),
    [
        ("2026-01-02 09:00", 1, "2026-01-05 17:00", "received on Friday 2/1, off in return for Saturday 10/1"),
        ("2026-01-02 09:00", 6, "2026-01-10 17:00", "from a swapped day off: the Saturday worked is day 6"),
        ("2026-08-31 09:00", 1, "2026-09-03 17:00", "received on Monday 31/8, off for Saturday 22/8; 1/9, 2/9"),
        ("2026-08-22 06:30", 1, "2026-08-24 17:00", "a Saturday worked, before hours: it is day 0, Monday day 1"),
        ("2026-08-22 10:00", 1, "2026-08-24 17:00", "a Saturday worked, within hours: the same"),
        ("2026-08-22 18:00", 1, "2026-08-24 17:00", "a Saturday worked, after hours: the same"),
        ("2026-08-20 18:00", 2, "2026-08-22 17:00", "a limit may end on a Saturday that is worked"),
        ("2026-06-09 05:00", 3, "2026-06-12 17:00", "Tuesday before hours: Tuesday is day 0 all the same"),
        ("2026-06-09 22:00", 3, "2026-06-12 17:00", "Tuesday after hours: Wednesday is day 1, as by day"),
        ("2026-06-12 23:59", 1, "2026-06-15 17:00", "Friday night: Monday is day 1"),
        ("2026-06-12 23:59", 5, "2026-06-19 17:00", "Friday night: a week's work ends on the next Friday"),
        ("2026-02-12 10:00", 2, "2026-02-23 17:00", "across Tết 2026: 16-20/2 off by decision"),
        ("2026-02-06 10:00", 10, "2026-02-27 17:00", "ten days across Tết 2026: the five days off come on top"),
        ("2027-02-02 10:00", 2, "2027-02-11 17:00", "across Tết 2027 as computed, 4-10/2, until it is decided"),
        ("2027-02-06 08:00", 1, "2027-02-11 17:00", "received on mùng 1 of 2027: the first working day after"),
        ("2028-02-28 10:00", 1, "2028-02-29 17:00", "29/2/2028 is a Tuesday like others"),
        ("2028-02-28 10:00", 3, "2028-03-02 17:00", "across 29/2/2028: it counts as a day"),
        ("2028-02-29 23:00", 1, "2028-03-01 17:00", "received on 29/2/2028 at night"),
    ],
)  # fmt: skip
def test_a_limit_across_named_days(event: str, days: int, due: str, reason: str) -> None:
    assert CALENDAR.due(at(event), days) == at(due), reason


def test_a_clock_stopped_before_a_holiday_and_restarted_after_it_loses_nothing() -> None:
    """Asked on Friday 28/8/2026; 31/8 (swapped), 1/9 and 2/9 (Labour Code, article 112) are nobody's days."""
    due = CALENDAR.due(at("2026-08-26 10:00"), 5)
    assert due == at("2026-09-07 17:00"), "27/8, 28/8, then 3/9, 4/9, 7/9"
    clock = CALENDAR.stop(at("2026-08-28 15:00"), due)
    assert clock is not None
    assert clock.remaining == 3, "the day of the stop is used, the holiday is not left over"
    assert CALENDAR.resume(at("2026-09-02 09:00"), clock.remaining) == due, "a reply on the holiday itself"
    assert CALENDAR.resume(at("2026-09-03 09:00"), clock.remaining) == at("2026-09-08 17:00"), "one day later"


def test_a_clock_stopped_before_tet_runs_on_after_it() -> None:
    due = CALENDAR.due(at("2026-02-10 10:00"), 4)
    assert due == at("2026-02-23 17:00"), "11, 12, 13/2, then Monday after Tết"
    clock = CALENDAR.stop(at("2026-02-11 10:00"), due)
    assert clock is not None
    assert CALENDAR.resume(at("2026-02-18 10:00"), clock.remaining) == at("2026-02-25 17:00"), (
        "replied at Tết"
    )


def test_an_extension_after_a_stop_counts_from_the_new_due_time() -> None:
    """What was granted is added to what the stop had left: neither is lost."""
    clock = CALENDAR.stop(at("2026-08-28 15:00"), at("2026-09-07 17:00"))
    assert clock is not None
    resumed = CALENDAR.resumed(at("2026-09-03 09:00"), clock.remaining)
    assert CALENDAR.end(resumed) == at("2026-09-08 17:00")
    assert CALENDAR.end(resumed.extended(2)) == at("2026-09-10 17:00")
    assert CALENDAR.end(resumed.extended(2)) == CALENDAR.due(CALENDAR.end(resumed), 2)


def test_the_days_left_of_a_stopped_limit_follow_the_calendar() -> None:
    limit = Limit(day("2026-11-02"), 10)
    assert CALENDAR.left(limit, at("2026-11-05 09:00")) == 7
    assert CALENDAR.with_listed({day("2026-11-04"): DayKind.OFF}).left(limit, at("2026-11-05 09:00")) == 8
    assert CALENDAR.with_listed({day("2026-11-06"): DayKind.OFF}).left(limit, at("2026-11-05 09:00")) == 7
    assert CALENDAR.left(limit, at("2026-11-30 09:00")) == 0


def test_a_due_time_whose_limit_was_not_kept_stays_unless_its_day_is_off_now() -> None:
    friday = at("2026-11-13 17:00")
    assert CALENDAR.moved(None, friday) == friday
    assert CALENDAR.with_listed({day("2026-11-12"): DayKind.OFF}).moved(None, friday) == friday
    assert CALENDAR.with_listed({day("2026-11-13"): DayKind.OFF}).moved(None, friday) == at(
        "2026-11-16 17:00"
    )


def test_changes_say_which_days_are_worked_before_or_after_only() -> None:
    after, changed = CALENDAR.changed_by(
        [
            DayChange(day("2026-11-14"), DayKind.WORK),
            DayChange(day("2026-11-13"), DayKind.OFF),
            DayChange(day("2026-11-24"), DayKind.OFF),
            DayChange(day("2026-11-16"), DayKind.WORK),
        ]
    )
    assert changed == [day("2026-11-13"), day("2026-11-14")]
    back, changed = after.changed_by([DayChange(day("2026-11-13"), None)])
    assert changed == [day("2026-11-13")]
    assert back.is_working_day(day("2026-11-13"))


def test_named_days_come_in_order_with_their_reasons_and_what_is_only_computed() -> None:
    calendar = CALENDAR.with_listed({day("2027-02-03"): DayKind.OFF})
    days = calendar.named_days(day("2027-02-01"), day("2027-02-28"), {day("2027-02-03"): "Nghỉ thêm"})
    assert [one.day.day for one in days] == [3, 4, 5, 6, 7, 8, 9, 10]
    assert [one.day.day for one in days if one.provisional] == [4, 5, 7, 8, 9, 10]
    assert (days[0].listed, days[0].note) == (True, "Nghỉ thêm")
    assert days[3].note == "Tết Đinh Mùi, mùng 1"


@pytest.mark.parametrize(
    ("on", "kind", "already"),
    [
        ("2026-11-14", DayKind.OFF, True),  # a Saturday
        ("2026-11-24", DayKind.OFF, True),  # Culture Day
        ("2026-11-25", DayKind.WORK, True),
        ("2026-11-25", DayKind.OFF, False),
        ("2027-02-04", DayKind.OFF, False),  # only computed: that it is certain is news
        ("2026-11-25", None, True),  # not in the list
    ],
)
def test_a_change_that_says_nothing_new_is_known(on: str, kind: DayKind | None, already: bool) -> None:
    assert CALENDAR.says_already(DayChange(day(on), kind)) is already


def test_the_day_of_an_event_is_the_local_one() -> None:
    sunday_in_london = datetime(2026, 6, 7, 17, 30, tzinfo=UTC)  # Monday 00:30 in programme time
    assert CALENDAR.due(sunday_in_london, 1) == at("2026-06-09 17:00")


def test_a_due_time_carries_the_programmes_offset() -> None:
    assert CALENDAR.due(datetime(2026, 8, 28, 13, tzinfo=UTC), 3).isoformat() == "2026-09-07T17:00:00+07:00"


@pytest.mark.parametrize(
    ("recording", "days", "due", "reason"),
    [
        ("2026-11-18 14:00", 5, "2026-11-11 17:00", "contract.md: recorded on Wednesday 18/11"),
        ("2026-11-25 14:00", 1, "2026-11-23 17:00", "Culture Day between"),
        ("2026-09-05 08:00", 3, "2026-08-28 17:00", "a Saturday; Friday, Thursday, then over National Day"),
        ("2026-01-12 08:00", 1, "2026-01-10 17:00", "Saturday 10/1 is worked"),
        ("2027-01-04 08:00", 2, "2026-12-30 17:00", "into the year before"),
        ("2026-02-25 08:00", 5, "2026-02-11 17:00", "over Tết, 16-20/2: 24, 23, 13, 12, 11"),
        ("2026-02-18 08:00", 5, "2026-02-09 17:00", "recorded in Tết itself: 13, 12, 11, 10, 9"),
        ("2026-01-06 08:00", 5, "2025-12-26 17:00", "Thursday 1/1 and the swapped Friday 2/1 are off"),
        ("2026-01-16 08:00", 5, "2026-01-10 17:00", "Saturday 10/1 is worked for it"),
        ("2026-09-04 08:00", 5, "2026-08-25 17:00", "3, 28, 27, 26, 25: 31/8 to 2/9 are off"),
    ],
)
def test_a_script_plan_is_due_working_days_before_its_recording(
    recording: str, days: int, due: str, reason: str
) -> None:
    assert CALENDAR.due_before(at(recording), days) == at(due), reason


@pytest.mark.parametrize(
    ("stopped", "due", "left", "resumed", "new_due", "reason"),
    [
        # 2026-06-08 is a Monday.
        ("06-08 10:00", "06-12 17:00", 4, "06-08 10:00", "06-12 17:00", "at once: no change"),
        ("06-08 20:00", "06-12 17:00", 4, "06-08 20:00", "06-12 17:00", "at once in the evening: no change"),
        ("06-07 10:00", "06-12 17:00", 5, "06-07 10:00", "06-12 17:00", "at once on a Sunday: no change"),
        ("06-08 06:00", "06-12 17:00", 4, "06-08 06:00", "06-12 17:00", "at once before opening: no change"),
        ("06-12 10:00", "06-12 17:00", 0, "06-12 10:00", "06-12 17:00", "at once on the due day: no change"),
        ("06-08 10:00", "06-12 17:00", 4, "06-08 16:00", "06-12 17:00", "the same day"),
        ("06-08 10:00", "06-12 17:00", 4, "06-08 19:00", "06-12 17:00", "evening: first day left is Tuesday"),
        ("06-08 10:00", "06-12 17:00", 4, "06-10 10:00", "06-16 17:00", "waited two working days"),
        ("06-08 20:00", "06-12 17:00", 4, "06-10 10:00", "06-16 17:00", "the hour of the stop doesn't count"),
        ("06-08 10:00", "06-12 17:00", 4, "06-10 17:00", "06-16 17:00", "17:00 sharp: Thursday is first"),
        ("06-08 10:00", "06-12 17:00", 4, "06-10 21:00", "06-16 17:00", "after hours: Thursday is first"),
        ("06-08 10:00", "06-12 17:00", 4, "06-13 10:00", "06-18 17:00", "on a Saturday: Monday is first"),
        ("06-11 10:00", "06-12 17:00", 1, "06-15 10:00", "06-16 17:00", "one left: the day after"),
        ("06-11 10:00", "06-12 17:00", 1, "06-14 10:00", "06-15 17:00", "one left, on a Sunday: Monday"),
        ("06-12 10:00", "06-12 17:00", 0, "06-16 09:00", "06-16 17:00", "none left: that day"),
        ("06-12 10:00", "06-12 17:00", 0, "06-16 06:00", "06-16 17:00", "none left, before opening"),
        ("06-12 10:00", "06-12 17:00", 0, "06-16 17:00", "06-17 17:00", "none left, day over: the next one"),
        ("06-12 10:00", "06-12 17:00", 0, "06-13 09:00", "06-15 17:00", "none left, on a Saturday: Monday"),
        ("08-28 10:00", "09-07 17:00", 3, "08-28 10:00", "09-07 17:00", "at once before a long holiday"),
        ("09-01 10:00", "09-07 17:00", 3, "09-01 10:00", "09-07 17:00", "at once on a holiday"),
        ("09-01 10:00", "09-07 17:00", 3, "09-04 10:00", "09-09 17:00", "stopped on a holiday: 3 left"),
        ("08-21 10:00", "08-24 17:00", 2, "08-22 10:00", "08-25 17:00", "Saturday 22/8 is worked"),
    ],
)  # fmt: skip
def test_a_stopped_clock_goes_on_with_the_days_it_had_left(
    stopped: str, due: str, left: int, resumed: str, new_due: str, reason: str
) -> None:
    clock = CALENDAR.stop(at(f"2026-{stopped}"), at(f"2026-{due}"))
    assert clock == StoppedClock(at(f"2026-{stopped}"), left), reason
    assert CALENDAR.resume(at(f"2026-{resumed}"), left) == at(f"2026-{new_due}"), reason


@pytest.mark.parametrize("late", ["2026-06-12 17:00", "2026-06-12 17:01", "2026-06-15 09:00"])
def test_an_overdue_clock_does_not_stop(late: str) -> None:
    assert CALENDAR.stop(at(late), at("2026-06-12 17:00")) is None


def test_what_has_no_meaning_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        CALENDAR.due(at("2026-06-08 10:00"), 0)
    with pytest.raises(ValueError, match="negative"):
        CALENDAR.resume(at("2026-06-08 10:00"), -1)
    with pytest.raises(ValueError, match="offset"):
        CALENDAR.due(datetime(2026, 6, 8, 10), 1)  # noqa: DTZ001


@pytest.mark.parametrize(
    ("instant", "inside", "reason"),
    [
        ("2026-06-08 07:00", True, "opening"),
        ("2026-06-08 06:59", False, "before opening"),
        ("2026-06-08 11:00", False, "the break at noon begins"),
        ("2026-06-08 12:30", False, "the break at noon"),
        ("2026-06-08 13:00", True, "the afternoon begins"),
        ("2026-06-08 16:59", True, "last minute"),
        ("2026-06-08 17:00", False, "closed"),
        ("2026-06-06 09:00", False, "Saturday"),
        ("2026-08-22 09:00", True, "Saturday that is worked"),
        ("2026-11-24 09:00", False, "Culture Day"),
    ],
)
def test_offices_are_at_work_within_hours_of_working_days(instant: str, inside: bool, reason: str) -> None:
    assert CALENDAR.within_hours(at(instant)) is inside, reason
    assert CALENDAR.within_hours(at(instant).astimezone(UTC)) is inside, reason


def test_a_day_opens_and_closes_with_its_hours() -> None:
    assert CALENDAR.opening(day("2026-06-08")) == at("2026-06-08 07:00")
    assert CALENDAR.close(day("2026-06-08")) == at("2026-06-08 17:00")


def test_working_days_are_counted_after_the_first_date_up_to_the_second() -> None:
    assert CALENDAR.working_days_between(day("2026-08-28"), day("2026-09-07")) == 3
    assert CALENDAR.working_days_between(day("2026-12-31"), day("2027-01-05")) == 2
    assert CALENDAR.working_days_between(day("2026-06-08"), day("2026-06-08")) == 0
    assert CALENDAR.working_days_between(day("2026-06-09"), day("2026-06-08")) == 0
    assert CALENDAR.next_working_day(day("2026-06-05")) == day("2026-06-08")


def test_the_admins_list_wins_over_decision_package_and_weekend() -> None:
    listed = {
        day("2026-11-24"): DayKind.WORK,
        day("2027-02-04"): DayKind.WORK,
        day("2027-02-11"): DayKind.OFF,
        day("2026-06-06"): DayKind.WORK,
    }
    calendar = CALENDAR.with_listed(listed)
    assert {d: calendar.kind(d) for d in listed} == listed
    assert calendar.due(at("2026-06-05 20:00"), 3) == at("2026-06-09 17:00")
    assert CALENDAR.due(at("2026-06-05 20:00"), 3) == at("2026-06-10 17:00"), (
        "the old calendar stays as it was"
    )


@pytest.mark.parametrize(
    ("on", "provisional", "reason"),
    [
        ("2027-02-04", True, "Tết 2027: only computed"),
        ("2027-02-10", True, "Tết 2027: only computed"),
        ("2027-02-06", False, "mùng 1 itself is known"),
        ("2027-09-03", False, "named by the programme"),
        ("2026-02-18", False, "decided"),
        ("2027-03-01", False, "an ordinary Monday"),
        ("2027-02-28", False, "an ordinary Sunday"),
        ("2028-05-02", True, "a year nobody has decided"),
    ],
)
def test_a_day_only_the_package_knows_is_provisional(on: str, provisional: bool, reason: str) -> None:
    assert CALENDAR.is_provisional(day(on)) is provisional, reason


def test_a_day_stops_being_provisional_when_listed_or_its_year_confirmed() -> None:
    tet = day("2027-02-04")
    assert not CALENDAR.with_listed({tet: DayKind.OFF}).is_provisional(tet)
    assert not WorkingCalendar(confirmed_years=frozenset({2027})).is_provisional(tet)


@pytest.mark.parametrize(
    ("today", "confirmed", "year", "reason"),
    [
        ("2026-11-01", set(), None, "61 days before 2027"),
        ("2026-11-02", set(), 2027, "60 days before 2027"),
        ("2026-12-31", set(), 2027, "the last day"),
        ("2027-03-01", set(), 2027, "begun unconfirmed"),
        ("2026-11-02", {2027}, None, "confirmed"),
        ("2027-11-02", {2027}, 2028, "the next one"),
    ],
)
def test_admins_are_warned_sixty_days_before_an_unconfirmed_year(
    today: str, confirmed: set[int], year: int | None, reason: str
) -> None:
    assert WorkingCalendar(confirmed_years=frozenset(confirmed)).year_to_confirm(day(today)) == year, reason


def test_every_official_day_has_its_reason_and_changes_something_or_names_a_holiday() -> None:
    assert all(key == official.day and official.note for key, official in OFFICIAL_DAYS.items())
    assert all(CALENDAR.kind(key) is official.kind for key, official in OFFICIAL_DAYS.items())


def test_another_programme_has_its_own_zone_hours_and_weekend() -> None:
    calendar = WorkingCalendar.from_configuration(
        "Asia/Bangkok", ["07:30-11:30", "13:30-16:30"], ["sun"], {day("2026-06-08"): DayKind.OFF}
    )
    assert calendar.due(at("2026-06-05 10:00"), 2) == at("2026-06-09 16:30")


def test_configuration_that_makes_no_calendar_is_refused_with_the_piece_at_fault() -> None:
    for hours, why in (
        (["7-11"], "7-11"),
        (["11:00-07:00"], "end after"),
        (["07:00"], "07:00"),
        ([], "missing"),
    ):
        with pytest.raises(ValueError, match=why):
            WorkingCalendar(working_hours=parse_hours(hours))
    with pytest.raises(ValueError, match="overlap"):
        WorkingCalendar(working_hours=parse_hours(["07:00-12:00", "11:00-17:00"]))
    with pytest.raises(ValueError, match="thu7"):
        parse_weekend(["sun", "thu7"])
    with pytest.raises(ValueError, match="at least one working day"):
        WorkingCalendar(weekend=frozenset(range(7)))
    with pytest.raises(ValueError, match="Asia/Rach_Gia"):
        WorkingCalendar.from_configuration("Asia/Rach_Gia", ["07:00-17:00"], ["sun"])
    with pytest.raises(ValueError, match="end after"):
        Hours(time(8), time(8))


INSTANTS = st.datetimes(datetime(2025, 6, 1), datetime(2028, 6, 1), timezones=st.just(ZONE))  # noqa: DTZ001
# Hours of the clock matter little; the edges of a day matter much.
EDGES = st.builds(
    lambda d, clock: datetime.combine(d, clock, ZONE),
    st.dates(date(2025, 12, 20), date(2027, 3, 1)),
    st.sampled_from(
        [time(0), time(6, 59), time(7), time(11), time(16, 59, 59), time(17), time(17, 0, 1), time(23, 59)]
    ),
)
EVENTS = INSTANTS | EDGES
LIMITS = st.integers(1, 60)
LISTS = st.dictionaries(st.dates(date(2026, 1, 1), date(2027, 3, 1)), st.sampled_from(DayKind), max_size=12)


@given(EVENTS, LIMITS, LISTS)
def test_a_limit_ends_at_the_close_of_a_working_day_after_the_event_with_just_its_days_between(
    event: datetime, days: int, listed: dict[date, DayKind]
) -> None:
    calendar = CALENDAR.with_listed(listed)
    due = calendar.due(event, days)
    assert due == calendar.close(due.date())
    assert calendar.is_working_day(due.date())
    assert due > event
    walked = [event.date() + timedelta(n) for n in range(1, (due.date() - event.date()).days + 1)]
    assert sum(calendar.kind(d) is DayKind.WORK for d in walked) == days


@given(EVENTS, LIMITS, LIMITS)
def test_more_days_never_end_earlier(event: datetime, few: int, more: int) -> None:
    assert CALENDAR.due(event, few) < CALENDAR.due(event, few + more)
    assert CALENDAR.due(CALENDAR.due(event, few), more) == CALENDAR.due(event, few + more), (
        "an extension adds up"
    )


@given(EVENTS, EVENTS, LIMITS)
def test_a_later_event_never_ends_earlier(one: datetime, other: datetime, days: int) -> None:
    earlier, later = sorted((one, other))
    assert CALENDAR.due(earlier, days) <= CALENDAR.due(later, days)


@given(EVENTS, LIMITS, LISTS, st.dates(date(2026, 1, 1), date(2027, 3, 1)))
def test_one_more_day_off_never_ends_earlier(
    event: datetime, days: int, listed: dict[date, DayKind], off: date
) -> None:
    calendar = CALENDAR.with_listed(listed)
    assert calendar.with_listed({off: DayKind.OFF}).due(event, days) >= calendar.due(event, days)


@given(
    st.dates(date(2025, 12, 20), date(2027, 3, 1)),
    LIMITS,
    LISTS,
    st.dates(date(2026, 1, 1), date(2027, 3, 1)),
)
def test_one_more_day_off_never_gives_a_kept_limit_an_earlier_end(
    since: date, days: int, listed: dict[date, DayKind], off: date
) -> None:
    calendar, limit = CALENDAR.with_listed(listed), Limit(since, days)
    later = calendar.with_listed({off: DayKind.OFF})
    assert later.end(limit) >= calendar.end(limit)
    assert later.moved(limit, calendar.end(limit)) == later.end(limit)
    if not since < off <= calendar.end(limit).date():
        assert later.end(limit) == calendar.end(limit), "a day outside the span moves nothing"


@given(EVENTS, st.integers(0, 60), LISTS)
def test_the_limit_of_a_resumed_clock_ends_where_it_resumes(
    moment: datetime, remaining: int, listed: dict[date, DayKind]
) -> None:
    calendar = CALENDAR.with_listed(listed)
    assert calendar.end(calendar.resumed(moment, remaining)) == calendar.resume(moment, remaining)


@given(EVENTS, LIMITS, st.floats(0, 0.999), LISTS)
def test_what_a_limit_has_left_is_what_its_clock_had_when_it_stopped(
    event: datetime, days: int, share: float, listed: dict[date, DayKind]
) -> None:
    calendar = CALENDAR.with_listed(listed)
    limit = calendar.limit(event, days)
    moment = event + (calendar.end(limit) - event) * share
    clock = calendar.stop(moment, calendar.end(limit))
    assert clock is not None
    assert calendar.left(limit, moment) == clock.remaining


@given(EVENTS, LIMITS, EVENTS, LISTS)
def test_stopping_and_going_on_at_once_changes_nothing(
    event: datetime, days: int, moment: datetime, listed: dict[date, DayKind]
) -> None:
    calendar = CALENDAR.with_listed(listed)
    due = calendar.due(event, days)
    clock = calendar.stop(moment, due)
    if moment >= due:
        assert clock is None
    else:
        assert clock is not None
        assert calendar.resume(moment, clock.remaining) == due


@given(
    EVENTS, LIMITS, st.integers(0, 40 * 24 * 60), st.integers(0, 40 * 24 * 60), st.integers(0, 40 * 24 * 60)
)
def test_waiting_never_shortens_a_limit_and_longer_waiting_never_less(
    event: datetime, days: int, until_stop: int, wait: int, longer: int
) -> None:
    due = CALENDAR.due(event, days)
    clock = CALENDAR.stop(event + timedelta(minutes=until_stop), due)
    assume(clock is not None)
    assert clock is not None
    resumed = clock.stopped_at + timedelta(minutes=wait)
    new_due = CALENDAR.resume(resumed, clock.remaining)
    assert due <= new_due <= CALENDAR.resume(resumed + timedelta(minutes=longer), clock.remaining)
    assert new_due > resumed


@given(st.dates(date(2025, 6, 1), date(2028, 6, 1)), LIMITS)
def test_counting_back_undoes_counting_on(start: date, days: int) -> None:
    assume(CALENDAR.is_working_day(start))
    assert CALENDAR.working_day_before(CALENDAR.working_day_after(start, days), days) == start
    assert CALENDAR.working_days_between(start, CALENDAR.working_day_after(start, days)) == days
