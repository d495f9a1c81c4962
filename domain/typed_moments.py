"""A day with its time of day, as people type it: "8h30 18/11/2026", "18/11 08:00", "08 giờ 30 ngày 18/11/2026"."""

import re
from datetime import date, datetime, time

from domain.text import fold

_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})[t ](\d{2}):(\d{2})(?::\d{2})?")
_DAY = re.compile(r"(?<![\d:/.-])(\d{1,2})[/.-](\d{1,2})(?:[/.-](\d{4}))?(?![\d:/-])")
_TIME = re.compile(r"(?<![\d/.-])(\d{1,2})\s*(?:(?::|h|gio)\s*(\d{2})?)\s*(?:phut|p)?(?![\d/])")
_BETWEEN = {
    "",
    "ngay",
    "luc",
    "vao",
    "at",
    "on",
    "thu",
    "hai",
    "ba",
    "tu",
    "nam",
    "sau",
    "bay",
    "chu",
    "nhat",
}


def read_moment(text: str, today: date) -> datetime | None:
    """The moment somebody typed, naive, in the zone of whoever reads it; None where it is none.

    A day without its year is the next one of that name, today included.
    """
    folded = fold(text)
    iso = _ISO.fullmatch(folded)
    if iso is not None:
        return _moment(*map(int, iso.groups()))
    day = _DAY.search(folded)
    if day is None:
        return None
    without_day = f"{folded[: day.start()]} {folded[day.end() :]}"
    at = _TIME.search(without_day)
    if at is None:
        return None
    left = f"{without_day[: at.start()]} {without_day[at.end() :]}"
    if not set(re.split(r"[\s,;.]+", left)) <= _BETWEEN:
        return None
    number, month = int(day[1]), int(day[2])
    hour, minute = int(at[1]), int(at[2] or 0)
    if day[3] is not None:
        return _moment(int(day[3]), month, number, hour, minute)
    this_year = _moment(today.year, month, number, hour, minute)
    if this_year is None or this_year.date() >= today:
        return this_year
    return _moment(today.year + 1, month, number, hour, minute)


def _moment(year: int, month: int, day: int, hour: int, minute: int) -> datetime | None:
    try:
        return datetime.combine(date(year, month, day), time(hour, minute))
    except ValueError:
        return None
