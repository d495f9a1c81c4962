"""What people type about episodes: numbers, lengths, guests, moments."""

from datetime import date, datetime

import pytest

from domain.episodes.episodes import (
    EpisodeNumber,
    episode_number_at_front,
    read_episode_number,
    read_guest,
    read_minutes,
    read_person,
)
from domain.vietnamese.typed_moments import read_moment

TODAY = date(2026, 11, 2)


@pytest.mark.parametrize(
    ("typed", "number", "rest"),
    [
        ("12/2026", EpisodeNumber(2026, 12), ""),
        ("12", EpisodeNumber(2026, 12), ""),
        ("kỳ 12/2025 mục đích Giải đáp", EpisodeNumber(2025, 12), "mục đích Giải đáp"),
        ("KY 3: câu hỏi", EpisodeNumber(2026, 3), "câu hỏi"),
        ("12 30 phút", EpisodeNumber(2026, 12), "30 phút"),
        ("7/2026 mục đích\ndòng một\ndòng hai", EpisodeNumber(2026, 7), "mục đích\ndòng một\ndòng hai"),
        ("mục đích", None, "mục đích"),
        ("0/2026 mục đích", None, "0/2026 mục đích"),
        ("1234", None, "1234"),
        ("", None, ""),
    ],
)
def test_a_text_may_begin_with_an_episodes_number(
    typed: str, number: EpisodeNumber | None, rest: str
) -> None:
    assert episode_number_at_front(typed, 2026) == (number, rest)


@pytest.mark.parametrize("typed", ["", "kỳ", "12/26", "12/2026/3", "-1", "１２ab", "12/2026 x", "9999/2026"])
def test_what_is_no_number_is_none(typed: str) -> None:
    assert read_episode_number(typed, 2026) is None


@pytest.mark.parametrize(
    ("typed", "minutes"),
    [
        ("30", 30),
        ("30 phút", 30),
        ("45 phut", 45),
        ("600", 600),
        ("601", None),
        ("0", None),
        ("nửa giờ", None),
    ],
)
def test_a_length_is_in_minutes(typed: str, minutes: int | None) -> None:
    assert read_minutes(typed) == minutes


@pytest.mark.parametrize(
    ("typed", "person"),
    [
        ("Nguyễn Văn An; Phó Giám đốc", ("Nguyễn Văn An", "Phó Giám đốc")),
        ("Nguyễn Văn An, Phó Giám đốc", ("Nguyễn Văn An", "Phó Giám đốc")),
        ("Nguyễn Văn An - Phó Giám đốc", ("Nguyễn Văn An", "Phó Giám đốc")),
        ("  Nguyễn Văn An ", ("Nguyễn Văn An", "")),
        ("Bà Lê Thị B; Trưởng phòng, phụ trách", ("Bà Lê Thị B", "Trưởng phòng, phụ trách")),
        (";;", None),
        ("123", None),
    ],
)
def test_a_person_has_a_name_and_perhaps_a_position(typed: str, person: tuple[str, str] | None) -> None:
    assert read_person(typed) == person


def test_a_guest_comes_for_an_agency() -> None:
    assert read_guest("Sở Xây dựng; Nguyễn Văn An; Phó Giám đốc") == (
        "Sở Xây dựng",
        "Nguyễn Văn An",
        "Phó Giám đốc",
    )
    assert read_guest("Sở Xây dựng; Nguyễn Văn An") == ("Sở Xây dựng", "Nguyễn Văn An", "")
    assert read_guest("Nguyễn Văn An") is None
    assert read_guest("; Nguyễn Văn An") is None


@pytest.mark.parametrize(
    ("typed", "moment"),
    [
        ("8h30 18/11/2026", "2026-11-18 08:30"),
        ("8h 18/11/2026", "2026-11-18 08:00"),
        ("18/11/2026 08:30", "2026-11-18 08:30"),
        ("08 giờ 30 phút, thứ Tư, ngày 18/11/2026", "2026-11-18 08:30"),
        ("18-11-2026 lúc 14 giờ", "2026-11-18 14:00"),
        ("2026-11-18T08:30", "2026-11-18 08:30"),
        ("8h 18/11", "2026-11-18 08:00"),
        ("8h 2/11", "2026-11-02 08:00"),  # today
        ("8h 1/11", "2027-11-01 08:00"),  # the next of that name
        ("18/11/2026", None),
        ("8h30", None),
        ("25h 18/11/2026", None),
        ("8h 31/11/2026", None),
        ("8h 18/11/2026 hoặc 9h 19/11/2026", None),
        ("họp 8h 18/11/2026", None),
        ("", None),
    ],
)
def test_a_moment_is_a_day_with_a_time(typed: str, moment: str | None) -> None:
    assert read_moment(typed, TODAY) == (None if moment is None else datetime.fromisoformat(moment))
