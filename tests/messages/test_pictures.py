"""The table picture of a digest."""

import struct
from zoneinfo import ZoneInfo

import pytest

from messages.documents.digest_picture import ROWS, PictureLine, digest_tables, shortened, worst_first
from messages.words import LANGUAGES, Words

SAY = Words("vi", ZoneInfo("Asia/Ho_Chi_Minh"))
LAND = PictureLine("Sở NN&MT", overdue=2, new=3, answered=4, on_time=1)


def size(png: bytes) -> tuple[int, int]:
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", png[16:24])
    return width, height


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_is_a_png_for_a_phone_and_the_same_for_the_same_numbers(language: str) -> None:
    say = Words(language, ZoneInfo("Asia/Ho_Chi_Minh"))
    png = digest_tables(say, "Bản tin ngày", [LAND], [PictureLine("Đất đai", 2, 3, 4, 1)])
    width, height = size(png)
    assert width == 1080
    assert 300 < height < 700
    assert len(png) < 60_000
    assert png == digest_tables(say, "Bản tin ngày", [LAND], [PictureLine("Đất đai", 2, 3, 4, 1)])
    assert png != digest_tables(say, "Bản tin ngày", [LAND], [PictureLine("Đất đai", 2, 3, 4, 2)])


def test_a_hundred_agencies_stay_a_picture_that_a_messenger_takes() -> None:
    many = [
        PictureLine(f"Ủy ban nhân dân xã thứ {n} có tên rất dài {'x' * n}", n, n, n, 0) for n in range(100)
    ]
    width, height = size(digest_tables(SAY, "Bản tin tuần", many, many))
    assert width + height < 10_000  # Bot API, sendPhoto
    assert height < 20 * width


def test_signs_in_a_name_are_no_formulas() -> None:
    digest_tables(SAY, "$x^2$ \\frac", [PictureLine("$a_1$ {{ 7*7 }} <b>", 1, 1, 1, 1)], [])


def test_the_worst_come_first_and_the_empty_not_at_all() -> None:
    late = PictureLine("trễ", 0, 0, 5, 1)
    busy = PictureLine("bận", 0, 9, 0, 0)
    empty = PictureLine("không có gì", 0, 0, 0, 0)
    assert worst_first([empty, busy, late, LAND]) == [LAND, late, busy]


def test_the_rest_is_summed_up() -> None:
    lines = [PictureLine(str(n), 1, 2, 3, 1) for n in range(ROWS + 3)]
    assert shortened(lines, "Còn lại")[-1] == PictureLine("Còn lại (3)", 3, 6, 9, 3)
    assert len(shortened(lines, "Còn lại")) == ROWS + 1
    assert shortened(lines[: ROWS + 1], "Còn lại") == lines[: ROWS + 1]


def test_a_rate_is_never_rounded_up_to_all() -> None:
    assert PictureLine("", 0, 0, 1000, 999).rate == 99
    assert PictureLine("", 0, 0, 0, 0).rate is None
    assert PictureLine("", 0, 0, 2, 2).rate == 100
