"""Days, times, channels and reasons as editors type them."""

from datetime import date, time

import pytest

from domain.airings.typed import TypedExtra, channel_at_front, moment_at_front, read_extra, read_reason
from domain.errors import Reason, RuleViolation

TODAY = date(2026, 11, 2)
SEVENTH = date(2026, 11, 7)


@pytest.mark.parametrize(
    ("typed", "day", "at", "rest"),
    [
        ("7/11 19:50", SEVENTH, time(19, 50), ""),
        ("7/11/2026 19:50 bão", SEVENTH, time(19, 50), "bão"),
        ("19:50, thứ Bảy, ngày 07/11/2026", SEVENTH, time(19, 50), ""),
        ("19:50, Saturday, 7/11/2026 storm", SEVENTH, time(19, 50), "storm"),
        ("thứ Bảy 7-11 lúc 20h", SEVENTH, time(20), ""),
        ("thứ bảy 7.11, 20h30: bóng đá", SEVENTH, time(20, 30), "bóng đá"),
        ("2026-11-07 20:00", SEVENTH, time(20), ""),
        ("ngày 7 tháng 11 năm 2026 20 giờ 30", SEVENTH, time(20, 30), ""),
        ("7 tháng 11 8 giờ tối", SEVENTH, time(20), ""),
        ("7/11 8h30 sáng vì mưa", SEVENTH, time(8, 30), "vì mưa"),
        ("20h 07/11", SEVENTH, time(20), ""),
        ("7/11", SEVENTH, None, ""),
        ("20:30", None, time(20, 30), ""),
        ("7/11 KG sang 8/11", SEVENTH, None, "KG sang 8/11"),
        ("7/11 19:50 sang 8/11 20:00 bão", SEVENTH, time(19, 50), "sang 8/11 20:00 bão"),
        ("sang 8/11 20:00 bão", date(2026, 11, 8), time(20), "bão"),
        ("7/11 sang 20:30 bão", SEVENTH, None, "sang 20:30 bão"),
        ("sang 20:30 bão", None, time(20, 30), "bão"),
        ("→ 20:30 ngày 7/11", SEVENTH, time(20, 30), ""),
        ("7/11 sáng 8h30", SEVENTH, time(8, 30), ""),
        ("mai 20h", date(2026, 11, 3), time(20), ""),
        ("ngày mai lúc 20h", date(2026, 11, 3), time(20), ""),
        ("HÔM NAY 20H", TODAY, time(20), ""),
        ("7/11 ba người dẫn ốm", SEVENTH, None, "ba người dẫn ốm"),
        ("30/9", date(2026, 9, 30), None, ""),  # a month ago
        ("2/1", date(2027, 1, 2), None, ""),
        ("29/2", date(2028, 2, 29), None, ""),
        ("7/11 12/2026", SEVENTH, None, "12/2026"),
    ],
)
def test_a_day_and_a_time_at_the_front(typed: str, day: date | None, at: time | None, rest: str) -> None:
    found = moment_at_front(typed, TODAY)
    assert found is not None
    assert (found.day, found.at, found.rest) == (day, at, rest)


@pytest.mark.parametrize("typed", ["", "bão", "KG 7/11", "25:00", "12", "thứ Bảy", "19:5", "sang"])
def test_what_begins_with_neither(typed: str) -> None:
    assert moment_at_front(typed, TODAY) is None


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("31/11 20:00", Reason.BAD_DATE),
        ("7/13", Reason.BAD_DATE),
        ("7/11/2006", Reason.DATE_OUT_OF_RANGE),
        ("7/11/9999", Reason.DATE_OUT_OF_RANGE),
    ],
)
def test_days_that_are_none_or_far_away(typed: str, reason: Reason) -> None:
    with pytest.raises(RuleViolation) as caught:
        moment_at_front(typed, TODAY)
    assert caught.value.reason is reason


CHANNELS = ("KG", "KG1", "Phát thanh")


@pytest.mark.parametrize(
    ("typed", "channel", "rest"),
    [
        ("KG1 sang 8/11", "KG1", "sang 8/11"),
        ("kg", "KG", ""),
        ("phat thanh, 15 phút", "Phát thanh", "15 phút"),
        ("KG2", None, "KG2"),
        ("", None, ""),
    ],
)
def test_a_channel_at_the_front(typed: str, channel: str | None, rest: str) -> None:
    assert channel_at_front(typed, CHANNELS) == (channel, rest)


@pytest.mark.parametrize(
    ("typed", "extra"),
    [
        ("KG", TypedExtra("KG", None, False, "")),
        ("KG1 30 phút", TypedExtra("KG1", 30, False, "")),
        ("kg 45p kèm phát lại", TypedExtra("KG", 45, True, "")),
        ("KG kem phat lai, 45 phut Tết", TypedExtra("KG", 45, True, "Tết")),
        ("KG Tết Nguyên đán", TypedExtra("KG", None, False, "Tết Nguyên đán")),
        ("30 phút", TypedExtra(None, 30, False, "")),
        ("KG 0 phút", TypedExtra("KG", None, False, "")),
    ],
)
def test_what_follows_the_moment_of_an_extra_airing(typed: str, extra: TypedExtra) -> None:
    assert read_extra(typed, CHANNELS) == extra


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("lý do: bão số 12", "bão số 12"),
        ("vì mưa", "mưa"),
        ("bão", "bão"),
        ("ly do bao", "bao"),
        ("vinh", "vinh"),
    ],
)
def test_a_reason_loses_the_word_for_it(typed: str, reason: str) -> None:
    assert read_reason(typed) == reason
