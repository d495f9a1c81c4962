"""When a broadcast is to go out, as editors type it."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from domain.errors import Reason, RuleViolation
from domain.vietnamese.typed_moments import read_coming

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
NOW = datetime(2026, 11, 25, 9, 0, tzinfo=ZONE)  # a Wednesday


@pytest.mark.parametrize(
    ("typed", "moment"),
    [
        ("20:00 25/11", (2026, 11, 25, 20, 0)),
        ("25/11 20:00", (2026, 11, 25, 20, 0)),
        ("25/11, 20h", (2026, 11, 25, 20, 0)),
        ("25-11-2026 20h05", (2026, 11, 25, 20, 5)),
        ("2026-12-01 08:00", (2026, 12, 1, 8, 0)),
        ("mai 8:00", (2026, 11, 26, 8, 0)),
        ("Ngày mai, lúc 8 giờ 30", (2026, 11, 26, 8, 30)),
        ("tomorrow at 8:00 pm", (2026, 11, 26, 20, 0)),
        ("8 giờ tối mai", (2026, 11, 26, 20, 0)),
        ("12 giờ trưa hôm nay", (2026, 11, 25, 12, 0)),
        ("9:01", (2026, 11, 25, 9, 1)),
        ("8h 2/12", (2026, 12, 2, 8, 0)),
        ("ngày 2/1 lúc 8h", (2027, 1, 2, 8, 0)),
    ],
)
def test_hour_and_day_are_read_in_any_order(typed: str, moment: tuple[int, int, int, int, int]) -> None:
    assert read_coming(typed, NOW) == datetime(*moment, tzinfo=ZONE)


@pytest.mark.parametrize("typed", ["", "mai", "25/11", "8", "25:00", "8:60", "8h 9h", "mai hôm nay 8:00", "8:00 30/2",
    "8:00 chúng tôi hẹn 26/11", "8:00 1/2/3", "20:00:30 26/11", "0x10 26/11"])  # fmt: skip
def test_what_is_no_hour_and_day_is_not_guessed_at(typed: str) -> None:
    with pytest.raises(RuleViolation) as refused:
        read_coming(typed, NOW)
    assert refused.value.reason is Reason.BAD_MOMENT


@pytest.mark.parametrize("typed", ["9:00", "8h59", "24/11 20:00", "1/1/2026 8:00", "hôm nay 0:00"])
def test_the_past_is_refused(typed: str) -> None:
    with pytest.raises(RuleViolation) as refused:
        read_coming(typed, NOW)
    assert refused.value.reason is Reason.MOMENT_PAST


def test_a_slip_in_the_month_is_refused_and_the_last_day_taken() -> None:
    with pytest.raises(RuleViolation) as refused:
        read_coming("8:00 25/1/2027", NOW)
    assert refused.value.reason is Reason.MOMENT_TOO_FAR
    assert read_coming("8:00 24/1", NOW) == datetime(2027, 1, 24, 8, tzinfo=ZONE)
