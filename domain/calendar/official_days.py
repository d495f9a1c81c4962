"""Vietnam's public holidays and swapped days as decided, for the years the programme runs.

Source: the government's yearly decision as programme.md ("Time") gives it;
Labour Code 45/2019/QH14, articles 111 and 112. The `holidays` package (0.109) lacks 2/1 and 10/1/2026.
Tết 2027 isn't here: nothing was decided when this was written. An admins' list overrides every line.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType


class DayKind(StrEnum):
    """What a list of days says of a date.

    The words of `days.csv`.
    """

    OFF = "off"
    WORK = "work"


@dataclass(frozen=True, slots=True)
class OfficialDay:
    """One day of the government's decision, with its reason as in `days.csv`."""

    day: date
    kind: DayKind
    note: str


_DECIDED = (
    (2026, 1, 1, DayKind.OFF, "Tết Dương lịch"),
    (2026, 1, 2, DayKind.OFF, "Hoán đổi với thứ Bảy 10/01/2026"),
    (2026, 1, 10, DayKind.WORK, "Làm bù cho thứ Sáu 02/01/2026"),
    (2026, 2, 16, DayKind.OFF, "Tết Bính Ngọ"),
    (2026, 2, 17, DayKind.OFF, "Tết Bính Ngọ, mùng 1"),
    (2026, 2, 18, DayKind.OFF, "Tết Bính Ngọ"),
    (2026, 2, 19, DayKind.OFF, "Tết Bính Ngọ"),
    (2026, 2, 20, DayKind.OFF, "Tết Bính Ngọ"),
    (2026, 4, 26, DayKind.OFF, "Giỗ Tổ Hùng Vương"),
    (2026, 4, 27, DayKind.OFF, "Nghỉ bù Giỗ Tổ Hùng Vương"),
    (2026, 4, 30, DayKind.OFF, "Ngày Chiến thắng"),
    (2026, 5, 1, DayKind.OFF, "Ngày Quốc tế lao động"),
    (2026, 8, 22, DayKind.WORK, "Làm bù cho thứ Hai 31/08/2026"),
    (2026, 8, 31, DayKind.OFF, "Hoán đổi với thứ Bảy 22/08/2026"),
    (2026, 9, 1, DayKind.OFF, "Quốc khánh"),
    (2026, 9, 2, DayKind.OFF, "Quốc khánh"),
    (2026, 11, 24, DayKind.OFF, "Ngày Văn hóa Việt Nam"),
    (2027, 1, 1, DayKind.OFF, "Tết Dương lịch"),
    (2027, 2, 6, DayKind.OFF, "Tết Đinh Mùi, mùng 1"),
    (2027, 4, 16, DayKind.OFF, "Giỗ Tổ Hùng Vương"),
    (2027, 4, 30, DayKind.OFF, "Ngày Chiến thắng"),
    (2027, 5, 1, DayKind.OFF, "Ngày Quốc tế lao động"),
    (2027, 5, 3, DayKind.OFF, "Nghỉ bù Ngày Quốc tế lao động"),
    (2027, 9, 2, DayKind.OFF, "Quốc khánh"),
    (2027, 9, 3, DayKind.OFF, "Quốc khánh"),
    (2027, 11, 24, DayKind.OFF, "Ngày Văn hóa Việt Nam"),
)

OFFICIAL_DAYS: Mapping[date, OfficialDay] = MappingProxyType(
    {date(y, m, d): OfficialDay(date(y, m, d), kind, note) for y, m, d, kind, note in _DECIDED}
)

# Years whose whole decision is above; every later one waits for the admins' confirmation.
DECIDED_YEARS = frozenset({2026})
