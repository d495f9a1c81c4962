"""Airing times by rule: each month below was worked out by hand from a wall calendar."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.airings.schedule import Airing, AiringKind, AiringStatus, Kept, Schedule, Slot, read_key

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)  # nothing has aired yet
SAT, SUN, TUE = 5, 6, 1

# The rules of 2021 and of 2024 (programme.md, "Episodes and airings").
TV_2021 = Slot("A21", "KG", "tv", time(18, 30), 30, (1, 3), SAT, valid_from=date(2021, 4, 1),
               valid_to=date(2023, 12, 31))  # fmt: skip
RULES_2021 = (
    TV_2021,
    Slot("B21", "KG1", "tv", time(21), 30, repeat_of="A21", days_after=0),
    Slot("C21", "KG", "tv", time(11), 30, repeat_of="A21", days_after=1),
    Slot("D21", "KG1", "tv", time(11), 30, repeat_of="A21", days_after=1),
)
TV_2024 = Slot("A24", "KG", "tv", time(19, 50), None, (1, 3), SAT, valid_from=date(2024, 1, 1))
RULES_2024 = (
    TV_2024,
    Slot("B24", "KG", "tv", time(5, 55), None, repeat_of="A24", days_after=1),
    Slot("C24", "KG1", "tv", time(6, 50), None, repeat_of="A24", days_after=1),
    Slot("R24", "radio", "radio", time(5, 45), 15, (1, 4), TUE, valid_from=date(2024, 1, 1)),
)
RULES = (*RULES_2021, *RULES_2024)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE).astimezone(UTC)


def kept(slot: str | None, rule_on: str | None, starts_at: str, status: AiringStatus, **rest: object) -> Kept:
    values: dict[str, object] = {
        "id": 1, "slot": slot, "rule_on": None if rule_on is None else date.fromisoformat(rule_on),
        "kind": AiringKind.FIRST, "starts_at": local(starts_at), "channel": "KG", "medium": "tv",
        "minutes": None, "status": status,
    }  # fmt: skip
    return Kept(**values | rest)  # type: ignore[arg-type]  # as above


def written(airings: Iterable[Airing]) -> list[str]:
    return [
        f"{one.starts_at.astimezone(ZONE):%a %d/%m %H:%M} {one.channel} {one.kind} {one.status}"
        for one in airings
    ]


def by_hand(table: str) -> list[str]:
    return [" ".join(line.split()) for line in table.strip().splitlines()]


def month(
    year: int, number: int, *decided: Kept, rules: Iterable[Slot] = RULES, now: datetime = LONG_AGO
) -> list[str]:
    after = date(year + number // 12, number % 12 + 1, 1)
    schedule = Schedule(rules, decided, ZONE)
    return written(schedule.between(date(year, number, 1), after - timedelta(days=1), now))


def test_a_month_that_begins_on_a_sunday() -> None:
    """The Sunday after the first Saturday is the second Sunday; 1/11/2026 has no repeat."""
    assert month(2026, 11) == by_hand("""
        Tue 03/11 05:45 radio first planned
        Sat 07/11 19:50 KG first planned
        Sun 08/11 05:55 KG repeat planned
        Sun 08/11 06:50 KG1 repeat planned
        Sat 21/11 19:50 KG first planned
        Sun 22/11 05:55 KG repeat planned
        Sun 22/11 06:50 KG1 repeat planned
        Tue 24/11 05:45 radio first planned
    """)


def test_a_month_that_begins_on_a_saturday() -> None:
    assert month(2026, 8) == by_hand("""
        Sat 01/08 19:50 KG first planned
        Sun 02/08 05:55 KG repeat planned
        Sun 02/08 06:50 KG1 repeat planned
        Tue 04/08 05:45 radio first planned
        Sat 15/08 19:50 KG first planned
        Sun 16/08 05:55 KG repeat planned
        Sun 16/08 06:50 KG1 repeat planned
        Tue 25/08 05:45 radio first planned
    """)


def test_tuesdays_of_week_four_are_the_fourth_not_the_last() -> None:
    """March 2026 has five Tuesdays (3, 10, 17, 24, 31), so has September (1, 8, 15, 22, 29)."""
    assert [line for line in month(2026, 3) if "radio" in line] == by_hand("""
        Tue 03/03 05:45 radio first planned
        Tue 24/03 05:45 radio first planned
    """)
    assert [line for line in month(2026, 9) if "radio" in line] == by_hand("""
        Tue 01/09 05:45 radio first planned
        Tue 22/09 05:45 radio first planned
    """)


def test_the_rules_of_2021_repeat_on_the_same_day_and_the_next() -> None:
    assert month(2021, 6) == by_hand("""
        Sat 05/06 18:30 KG first planned
        Sat 05/06 21:00 KG1 repeat planned
        Sun 06/06 11:00 KG repeat planned
        Sun 06/06 11:00 KG1 repeat planned
        Sat 19/06 18:30 KG first planned
        Sat 19/06 21:00 KG1 repeat planned
        Sun 20/06 11:00 KG repeat planned
        Sun 20/06 11:00 KG1 repeat planned
    """)


def test_the_year_in_which_the_rules_changed() -> None:
    """December 2023 by the old rules, January 2024 by the new; Tuesday 2/1 is already radio's first."""
    assert month(2023, 12) + month(2024, 1) == by_hand("""
        Sat 02/12 18:30 KG first planned
        Sat 02/12 21:00 KG1 repeat planned
        Sun 03/12 11:00 KG repeat planned
        Sun 03/12 11:00 KG1 repeat planned
        Sat 16/12 18:30 KG first planned
        Sat 16/12 21:00 KG1 repeat planned
        Sun 17/12 11:00 KG repeat planned
        Sun 17/12 11:00 KG1 repeat planned
        Tue 02/01 05:45 radio first planned
        Sat 06/01 19:50 KG first planned
        Sun 07/01 05:55 KG repeat planned
        Sun 07/01 06:50 KG1 repeat planned
        Sat 20/01 19:50 KG first planned
        Sun 21/01 05:55 KG repeat planned
        Sun 21/01 06:50 KG1 repeat planned
        Tue 23/01 05:45 radio first planned
    """)


def test_a_change_of_rules_in_mid_month() -> None:
    """Until Saturday 7/11/2026 at 19:50, from the 8th on at 20:15 and on KG2 too; the repeat of the 7th still airs."""
    rules = (
        Slot("OLD", "KG", "tv", time(19, 50), 30, (1, 3), SAT, valid_to=date(2026, 11, 7)),
        Slot("OLDR", "KG", "tv", time(5, 55), 30, repeat_of="OLD", days_after=1),
        Slot("NEW", "KG", "tv", time(20, 15), 30, (1, 2, 3, 4), SAT, valid_from=date(2026, 11, 8)),
        Slot("NEWR", "KG2", "tv", time(12), 30, repeat_of="NEW", days_after=3),
    )
    assert month(2026, 11, rules=rules) == by_hand("""
        Sat 07/11 19:50 KG first planned
        Sun 08/11 05:55 KG repeat planned
        Sat 14/11 20:15 KG first planned
        Tue 17/11 12:00 KG2 repeat planned
        Sat 21/11 20:15 KG first planned
        Tue 24/11 12:00 KG2 repeat planned
        Sat 28/11 20:15 KG first planned
    """)
    assert month(2026, 12, rules=rules)[:2] == by_hand("""
        Tue 01/12 12:00 KG2 repeat planned
        Sat 05/12 20:15 KG first planned
    """)


@pytest.mark.parametrize(
    ("valid_from", "valid_to", "days"),
    [
        ((2026, 11, 7), (2026, 11, 21), [7, 21]),  # both ends included
        ((2026, 11, 8), (2026, 11, 20), []),
        ((2026, 11, 7), (2026, 11, 7), [7]),
        ((2026, 11, 1), (2026, 11, 20), [7]),
    ],
)
def test_a_rule_holds_on_its_first_and_on_its_last_day(
    valid_from: tuple[int, int, int], valid_to: tuple[int, int, int], days: list[int]
) -> None:
    slot = Slot("A", "KG", "tv", time(19), None, (1, 3), SAT, valid_from=date(*valid_from),
                valid_to=date(*valid_to))  # fmt: skip
    found = Schedule([slot], [], ZONE).between(date(2026, 1, 1), date(2027, 12, 31), LONG_AGO)
    assert [one.starts_at.astimezone(ZONE).day for one in found] == days


def test_a_fifth_saturday_and_its_repeat_on_the_first_of_the_next_month() -> None:
    """31/10/2026 is a Saturday; months without a fifth have none."""
    rules = (
        Slot("E", "KG", "tv", time(19, 50), None, (5,), SAT),
        Slot("ER", "KG1", "tv", time(6, 50), None, repeat_of="E", days_after=1),
    )
    assert month(2026, 9, rules=rules) == []
    assert month(2026, 10, rules=rules) == by_hand("Sat 31/10 19:50 KG first planned")
    assert month(2026, 11, rules=rules) == by_hand("Sun 01/11 06:50 KG1 repeat planned")


def test_a_moved_and_a_cancelled_airing() -> None:
    """7/11 goes to Tuesday 10/11 at 20:00, 21/11 is cancelled: the repeats follow by date, at their own times."""
    moved = kept("A24", "2026-11-07", "2026-11-10T20:00", AiringStatus.MOVED, reason="bóng đá")
    cancelled = kept("A24", "2026-11-21", "2026-11-21T19:50", AiringStatus.CANCELLED, reason="bão")
    assert month(2026, 11, moved, cancelled) == by_hand("""
        Tue 03/11 05:45 radio first planned
        Tue 10/11 20:00 KG first moved
        Wed 11/11 05:55 KG repeat moved
        Wed 11/11 06:50 KG1 repeat moved
        Sat 21/11 19:50 KG first cancelled
        Sun 22/11 05:55 KG repeat cancelled
        Sun 22/11 06:50 KG1 repeat cancelled
        Tue 24/11 05:45 radio first planned
    """)
    found = Schedule(RULES, [moved, cancelled], ZONE).between(date(2026, 11, 8), date(2026, 11, 22), LONG_AGO)
    assert {one.reason for one in found[:3]} == {"bóng đá"}
    assert {one.reason for one in found[3:]} == {"bão"}
    assert [one.key for one in found[:3]] == ["A24:2026-11-07", "B24:2026-11-07", "C24:2026-11-07"]


def test_repeats_stay_planned_when_the_first_only_changes_its_hour() -> None:
    moved = kept("A24", "2026-11-07", "2026-11-07T20:30", AiringStatus.MOVED)
    assert month(2026, 11, moved)[1:4] == by_hand("""
        Sat 07/11 20:30 KG first moved
        Sun 08/11 05:55 KG repeat planned
        Sun 08/11 06:50 KG1 repeat planned
    """)


def test_a_repeat_moved_or_cancelled_by_itself_leaves_the_others() -> None:
    alone = kept("B24", "2026-11-07", "2026-11-09T06:00", AiringStatus.MOVED, kind=AiringKind.REPEAT)
    gone = kept("C24", "2026-11-21", "2026-11-22T06:50", AiringStatus.CANCELLED, kind=AiringKind.REPEAT)
    assert month(2026, 11, alone, gone) == by_hand("""
        Tue 03/11 05:45 radio first planned
        Sat 07/11 19:50 KG first planned
        Sun 08/11 06:50 KG1 repeat planned
        Mon 09/11 06:00 KG repeat moved
        Sat 21/11 19:50 KG first planned
        Sun 22/11 05:55 KG repeat planned
        Sun 22/11 06:50 KG1 repeat cancelled
        Tue 24/11 05:45 radio first planned
    """)


def test_an_airing_moved_across_the_month_stands_in_its_new_month_only() -> None:
    """Saturday 21/11 goes to Monday 30/11: the first stays in November, its repeats air on Tuesday 1/12."""
    moved = kept("A24", "2026-11-21", "2026-11-30T19:50", AiringStatus.MOVED)
    assert month(2026, 11, moved)[4:] == by_hand("""
        Tue 24/11 05:45 radio first planned
        Mon 30/11 19:50 KG first moved
    """)
    assert month(2026, 12, moved)[:3] == by_hand("""
        Tue 01/12 05:45 radio first planned
        Tue 01/12 05:55 KG repeat moved
        Tue 01/12 06:50 KG1 repeat moved
    """)
    far = kept("A24", "2026-11-21", "2027-03-10T19:50", AiringStatus.MOVED)
    assert not [line for line in month(2026, 11, far) if "21/11" in line or "22/11" in line]
    assert by_hand("Thu 11/03 06:50 KG1 repeat moved")[0] in month(2027, 3, far)


def test_an_extra_airing_stands_alone_or_brings_its_slots_repeats() -> None:
    alone = kept(None, None, "2026-11-14T10:00", AiringStatus.PLANNED, id=7, channel="KG1", added=True)
    with_repeats = kept("A24", "2026-11-28", "2026-11-28T20:05", AiringStatus.PLANNED, added=True)
    assert month(2026, 11, alone, with_repeats)[4:] == by_hand("""
        Sat 14/11 10:00 KG1 first planned
        Sat 21/11 19:50 KG first planned
        Sun 22/11 05:55 KG repeat planned
        Sun 22/11 06:50 KG1 repeat planned
        Tue 24/11 05:45 radio first planned
        Sat 28/11 20:05 KG first planned
        Sun 29/11 05:55 KG repeat planned
        Sun 29/11 06:50 KG1 repeat planned
    """)
    found = Schedule(RULES, [alone, with_repeats], ZONE)
    assert found.follows_no_rule() == []
    assert found.alone(7, LONG_AGO) is not None


def test_a_repeat_of_a_repeat_follows_it() -> None:
    rules = (*RULES_2024, Slot("X24", "KG2", "tv", time(9), None, repeat_of="C24", days_after=2))
    moved = kept("C24", "2026-11-07", "2026-11-12T06:50", AiringStatus.MOVED, kind=AiringKind.REPEAT)
    cancelled = kept("A24", "2026-11-21", "2026-11-21T19:50", AiringStatus.CANCELLED)
    assert [line for line in month(2026, 11, moved, cancelled, rules=rules) if "KG2" in line] == by_hand("""
        Sat 14/11 09:00 KG2 repeat moved
        Tue 24/11 09:00 KG2 repeat cancelled
    """)


def test_what_was_decided_survives_the_rule_that_had_it() -> None:
    """The slot ended on 1/11; a moved, a cancelled and a tied airing stay, a restored one is gone."""
    ended = Slot("A24", "KG", "tv", time(19, 50), None, (1, 3), SAT, valid_to=date(2026, 11, 1))
    rules = (ended, *RULES_2024[1:3])
    decided = [
        kept("A24", "2026-11-07", "2026-11-08T10:00", AiringStatus.MOVED, id=1),
        kept("A24", "2026-11-21", "2026-11-21T19:50", AiringStatus.CANCELLED, id=2),
        kept("A24", "2026-12-05", "2026-12-05T19:50", AiringStatus.PLANNED, id=3, episode_id=12),
        kept("A24", "2026-12-19", "2026-12-19T19:50", AiringStatus.PLANNED, id=4),
    ]
    assert month(2026, 11, *decided, rules=rules) + month(2026, 12, *decided, rules=rules) == by_hand("""
        Sun 08/11 10:00 KG first moved
        Mon 09/11 05:55 KG repeat moved
        Mon 09/11 06:50 KG1 repeat moved
        Sat 21/11 19:50 KG first cancelled
        Sun 22/11 05:55 KG repeat cancelled
        Sun 22/11 06:50 KG1 repeat cancelled
        Sat 05/12 19:50 KG first planned
        Sun 06/12 05:55 KG repeat planned
        Sun 06/12 06:50 KG1 repeat planned
    """)
    assert [one.id for one in Schedule(rules, decided, ZONE).follows_no_rule()] == [1, 2, 3]
    assert Schedule(RULES, decided, ZONE).follows_no_rule() == []


def test_a_tied_airing_goes_with_its_rule_when_the_hour_changes() -> None:
    tied = kept("A24", "2026-11-07", "2026-11-07T19:50", AiringStatus.PLANNED, episode_id=12)
    later = Slot("A24", "KG", "tv", time(20, 10), None, (1, 3), SAT)
    (first, repeat) = Schedule([later, RULES_2024[1]], [tied], ZONE).between(
        date(2026, 11, 7), date(2026, 11, 8), LONG_AGO
    )
    assert (first.starts_at, first.status) == (local("2026-11-07T20:10"), AiringStatus.PLANNED)
    assert (first.episode_id, repeat.episode_id) == (12, 12)


@pytest.mark.parametrize(
    ("now", "status"),
    [
        ("2026-11-03T05:44", AiringStatus.PLANNED),
        ("2026-11-03T05:59:59", AiringStatus.PLANNED),  # on air
        ("2026-11-03T06:00", AiringStatus.AIRED),  # 05:45 and 15 minutes
    ],
)
def test_an_airing_has_aired_once_its_minutes_are_over(now: str, status: AiringStatus) -> None:
    found = Schedule(RULES, [], ZONE).airing("R24", date(2026, 11, 3), local(now))
    assert found is not None
    assert found.status is status


def test_a_moved_one_airs_too_a_cancelled_one_never_does_and_without_minutes_it_has_at_once() -> None:
    moved = kept("A24", "2026-11-07", "2026-11-10T20:00", AiringStatus.MOVED)
    cancelled = kept("A24", "2026-11-21", "2026-11-21T19:50", AiringStatus.CANCELLED)
    assert month(2026, 11, moved, cancelled, now=local("2026-11-10T20:00"))[:3] == by_hand("""
        Tue 03/11 05:45 radio first aired
        Tue 10/11 20:00 KG first aired
        Wed 11/11 05:55 KG repeat moved
    """)
    assert month(2026, 11, moved, cancelled, now=local("2027-01-01T00:00"))[4] == (
        "Sat 21/11 19:50 KG first cancelled"
    )


@pytest.mark.parametrize(
    "text", ["", ":", "A24:", "A24:2026-02-30", "A24:9999-12-31", "-1", "1.5", "١٢", "9" * 30, "A24"]
)
def test_what_is_no_key_is_none(text: str) -> None:
    assert read_key(text) is None


def test_keys_are_read_back() -> None:
    assert read_key("A24:2026-11-07") == ("A24", date(2026, 11, 7))
    assert read_key("12") == 12


# --- any rules, any decisions -----------------------------------------------------------------------------------

DAY_ONE = date(2026, 1, 1)
DAYS = st.integers(0, 400).map(lambda count: DAY_ONE + timedelta(days=count))


@st.composite
def schedules(draw: st.DrawFn) -> Schedule:
    decided: dict[tuple[str, date], Kept] = {}
    for number in range(draw(st.integers(0, 8))):
        slot = draw(st.sampled_from([*RULES_2024[:3], RULES_2021[0]]))
        added = draw(st.booleans()) and slot.repeat_of is None
        day = draw(DAYS if added else st.sampled_from(TV_2024.days(DAY_ONE, date(2027, 2, 1))))
        to = datetime.combine(draw(DAYS), time(draw(st.integers(0, 23))), ZONE).astimezone(UTC)
        status = draw(st.sampled_from([AiringStatus.PLANNED, AiringStatus.MOVED, AiringStatus.CANCELLED]))
        decided[slot.code, day] = Kept(
            number, slot.code, day, slot.kind, to, "KG", "tv", 30, status, added=added, episode_id=number % 3
        )
    return Schedule(RULES, decided.values(), ZONE)


@given(schedules(), st.lists(DAYS, min_size=2, max_size=6, unique=True), DAYS)
def test_the_airings_of_a_span_are_those_of_its_parts(
    schedule: Schedule, cuts: list[date], today: date
) -> None:
    now = datetime.combine(today, time(12), ZONE)
    first, *between, last = sorted(cuts)
    borders = [first, *between, last + timedelta(days=1)]
    parts = [
        one
        for start, end in pairwise(borders)
        for one in schedule.between(start, end - timedelta(days=1), now)
    ]
    whole = schedule.between(first, last, now)
    assert parts == whole
    assert len({one.key for one in whole}) == len(whole)
