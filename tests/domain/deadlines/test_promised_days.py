"""Which dates the words of an answer name, and which numbers are no dates."""

import unicodedata
from datetime import date

import pytest

from domain.deadlines.promised_days import SENTENCE, day_at_front, promised_days

TODAY = date(2026, 9, 14)
THIRTIETH = date(2026, 9, 30)


def days(text: str, today: date = TODAY) -> list[date]:
    return [day for day, _ in promised_days(text, today)]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("Sửa xong trước 30/9.", THIRTIETH),
        ("Sửa xong trước ngày 30/9/2026.", THIRTIETH),
        ("Sửa xong trước ngày 30-9-2026.", THIRTIETH),
        ("Sửa xong trước ngày 30.9.2026.", THIRTIETH),
        ("Sửa xong (30/09/2026), xin báo lại.", THIRTIETH),
        ("Chậm nhất 30-11-2026 sẽ xong", date(2026, 11, 30)),
        ("Chậm nhất ngày 30 tháng 11 năm 2026 sẽ xong", date(2026, 11, 30)),
        ("Sửa xong ngày 30-9.", THIRTIETH),
        ("Sửa xong trước ngày 1/2", date(2027, 2, 1)),
        ("Sửa xong trước 01/02", date(2027, 2, 1)),
        ("Ngày 30 tháng 11 sẽ xong", date(2026, 11, 30)),
        ("Xong trước ngày 15/1.", date(2027, 1, 15)),  # the next one of that name
        ("Xong trước ngày 29/2/2028.", date(2028, 2, 29)),
    ],
)
def test_a_date_is_found_as_officers_write_it(text: str, day: date) -> None:
    assert days(text) == [day]


@pytest.mark.parametrize(
    "text",
    [
        "Theo Công văn số 123/2026 của Sở.",
        "Theo Báo cáo số 05/BC-UBND và 30/9/QĐ-UBND.",
        "Theo Nghị định 30/2026/NĐ-CP.",
        "Số máy 30/9/20261, nhà 12/30/9.",
        "Trước ngày 31/2 hoặc 31/2/2027.",
        "Ngày 31 tháng 2 năm 2027 hoặc ngày 30 tháng 13.",
        "Khoảng 1/2 số hộ, 3/4 diện tích.",
        "Hồ sơ nhận ngày 13/9, nộp ngày 1/8/2026.",
        "Hôm nay 14/9.",
        "Phí 7.5 triệu đồng, diện tích 1.10 ha.",
        "Tiếp dân từ 8-11 giờ, mỗi hộ 2-3 người.",
        "Quá 1/2",
        "",
    ],
)
def test_numbers_that_are_no_day_to_come_promise_nothing(text: str) -> None:
    assert days(text) == []


def test_a_day_just_past_is_not_taken_for_next_years() -> None:
    assert days("Đã chi trả ngày 1/3.", date(2026, 3, 2)) == []
    assert days("Sẽ chi trả ngày 1/3.", date(2026, 12, 2)) == [date(2027, 3, 1)]


def test_decomposed_letters_of_some_keyboards_are_read_alike() -> None:
    text = unicodedata.normalize("NFD", "Xong trước ngày 30 tháng 11 năm 2026.")
    assert promised_days(text, TODAY) == [(date(2026, 11, 30), "Xong trước ngày 30 tháng 11 năm 2026.")]
    front = unicodedata.normalize("NFD", "ngày 30 tháng 11: sửa đường")
    assert day_at_front(front, TODAY) == (date(2026, 11, 30), "sửa đường")


def test_each_day_stands_once_with_the_sentence_that_names_it_first() -> None:
    text = (
        "Chào bà. Sửa xong đường trước ngày 30/11. Cống sẽ xong ngày 30/9/2026!\n"
        "Như vậy đến 30/11/2026 là hết."
    )
    assert promised_days(text, TODAY) == [
        (THIRTIETH, "Cống sẽ xong ngày 30/9/2026!"),
        (date(2026, 11, 30), "Sửa xong đường trước ngày 30/11."),
    ]


def test_a_long_sentence_is_cut() -> None:
    ((_, sentence),) = promised_days("Ngày 30/9 " + "rất dài " * 200, TODAY)
    assert len(sentence) <= SENTENCE


@pytest.mark.parametrize(
    ("typed", "day", "rest"),
    [
        ("30/9 sửa xong đường", THIRTIETH, "sửa xong đường"),
        ("30/9/2026: sửa xong đường", THIRTIETH, "sửa xong đường"),
        ("ngày 30/9 sửa xong đường", THIRTIETH, "sửa xong đường"),
        ("30-11-2026, sửa xong đường", date(2026, 11, 30), "sửa xong đường"),
        ("30-11 sửa xong đường", date(2026, 11, 30), "sửa xong đường"),
        ("ngày 30 tháng 11 năm 2026 sửa xong đường", date(2026, 11, 30), "sửa xong đường"),
        ("14/9 hôm nay", TODAY, "hôm nay"),
        ("13/9 sang năm", date(2027, 9, 13), "sang năm"),
        ("13/9/2026 đã qua", date(2026, 9, 13), "đã qua"),  # said to be past by the service
        ("30/9", THIRTIETH, ""),
    ],
)
def test_a_typed_date_stands_at_the_front(typed: str, day: date, rest: str) -> None:
    assert day_at_front(typed, TODAY) == (day, rest)


@pytest.mark.parametrize("typed", ["", "sửa xong trước 30/9", "31/2 sửa", "123/2026 sửa", "30/9/QĐ sửa"])
def test_without_a_date_at_the_front_there_is_none(typed: str) -> None:
    assert day_at_front(typed, TODAY) is None
