"""Question codes as the ledger writes them and as people type them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.questions.codes import Code, format_code, parse_code, split_code
from domain.vietnamese.text import clean

NOW = 2026
Q = Code(2026, 123)


def test_a_code_is_prefix_year_and_six_digits() -> None:
    assert format_code("DH", 2026, 123) == "DH-2026-000123" == Q.written("DH")
    assert format_code("DH", 2026, 1_234_567) == "DH-2026-1234567"


@pytest.mark.parametrize(
    ("typed", "code", "why"),
    [
        ("DH-2026-000123", Q, "as written"),
        ("dh-2026-000123", Q, "lower case"),
        ("dh-2026-123", Q, "without leading zeros"),
        ("DH2026000123", Q, "joined and padded"),
        ("dh2026123", Q, "joined behind the prefix"),
        ("dh20261", Code(2026, 1), "joined behind the prefix, one digit"),
        ("DH 2026 123", Q, "spaces"),
        ("dh.2026.123", Q, "dots"),
        ("dh/2026/123", Q, "slashes"),
        ("DH–2026–000123", Q, "en dashes, as word processors make"),
        ("DH‑2026‑000123", Q, "dashes that don't break"),
        ("DH - 2026 - 123", Q, "dashes with spaces"),
        ("đh-2026-123", Q, "đ from the Vietnamese keyboard"),
        ("ĐH 2026 123", Q, "Đ"),
        ("ÐH-2026-123", Q, "Icelandic letter that looks the same"),
        ("ＤＨ－２０２６－０００１２３", Q, "full width"),
        ("dh ２０２６ １２３", Q, "full-width digits"),
        ("D\u200bH-2026-000123", Q, "invisible character from copying"),
        ("  dh-2026-123 \n", Q, "space around"),
        ("<DH-2026-000123>", Q, "in the brackets of a help text"),
        ("#DH-2026-000123.", Q, "marks around"),
        ("2026-123", Q, "year and number"),
        ("2026/000123", Q, "year and number, slash"),
        ("2026 123", Q, "year and number are all there is"),
        ("2026000123", Q, "ten digits hold a year"),
        ("2026123", Q, "seven digits hold a year: a number has six"),
        ("123", Q, "bare number: this year"),
        ("000123", Q, "padded number: this year"),
        ("dh123", Q, "prefix and number"),
        ("dh 000123", Q, "prefix and padded number"),
        ("002026", Code(2026, 2026), "zeros say that it is a number"),
        ("123456", Code(2026, 123456), "six digits that begin with no year"),
        ("2025-7", Code(2025, 7), "last year's"),
        ("dh20257", Code(2025, 7), "last year's, joined"),
        ("DH-2027-5", Code(2027, 5), "whole code of a year to come: nobody has it, the ledger says so"),
        ("DH-2026-1234567", Code(2026, 1_234_567), "more than a million"),
        ("2026", None, "a year or a number"),
        ("dh 2026", None, "half a code"),
        ("dh-2026-", None, "half a code"),
        ("202612", None, "number 202612 or 2026-12"),
        ("20261", None, "number 20261 or 2026-1"),
        ("DH-2026-000000", None, "numbers begin at 1"),
        ("0", None, "numbers begin at 1"),
        ("dh-26-123", None, "year of two digits"),
        ("dh 123 456", None, "two numbers"),
        ("123 456", None, "two numbers"),
        ("0912345678", None, "telephone"),
        ("1234567", None, "seven digits without a year"),
        ("30/9/2026", None, "date"),
        ("2026-09-30", None, "date"),
        ("AB-2026-123", None, "another prefix"),
        ("dhdh-2026-123", None, "another prefix"),
        ("dh-2026-123a", None, "letter behind"),
        ("dh-2026-123 đường", None, "words behind"),
        ("dh-2026-12\n3", None, "two lines"),
        ("", None, "nothing"),
        ("dh", None, "prefix alone"),
        ("một trăm", None, "words"),
        ("dh-2026-٣", None, "digits of another script"),
        ("\ud800", None, "lone surrogate"),
    ],
)
def test_what_people_type_is_read_as_a_code_only_when_it_is_clear(
    typed: str, code: Code | None, why: str
) -> None:
    assert parse_code(typed, "DH", NOW) == code, why


@pytest.mark.parametrize(
    ("argument", "code", "rest", "why"),
    [
        ("DH-2026-000123 nội dung", Q, "nội dung", "plain"),
        ("dh 2026 123 nội dung", Q, "nội dung", "spaces"),
        ("dh2026123 nội dung", Q, "nội dung", "joined"),
        ("dh-2026-123\nDòng một\n\nDòng hai", Q, "Dòng một\n\nDòng hai", "newlines stay"),
        ("dh-2026-123: Đã xử lý", Q, "Đã xử lý", "colon"),
        ("dh-2026-123, xong", Q, "xong", "comma"),
        ("dh-2026-123 - xong", Q, "xong", "dash apart"),
        ("dh-2026-123\n- mục một\n- mục hai", Q, "- mục một\n- mục hai", "a list keeps its dashes"),
        ("dh-2026-123. Kính gửi", Q, "Kính gửi", "full stop"),
        ("DH-2026-000123", Q, "", "nothing behind"),
        ("dh 2026 123 5 lý do", Q, "5 lý do", "number of days behind"),
        ("dh 123 5 lý do", Q, "5 lý do", "prefix, number, then days"),
        ("123 456 hộ dân", Q, "456 hộ dân", "first word is the code, the second number is text"),
        ("123 30/9 sẽ sửa", Q, "30/9 sẽ sửa", "date behind"),
        ("dh 2026 123 10.000 đồng", Q, "10.000 đồng", "money behind"),
        ("2026-123 hộ dân", Q, "hộ dân", "year and number held by a dash"),
        ("2026 123 hộ dân", None, "2026 123 hộ dân", "a bare year joins nothing after a space"),
        ("2026 hộ dân", None, "2026 hộ dân", "a year"),
        ("dh 2026 hộ dân", None, "dh 2026 hộ dân", "half a code"),
        ("50k là đúng", None, "50k là đúng", "money"),
        ("123/45 đường Nguyễn Trung Trực", None, "123/45 đường Nguyễn Trung Trực", "address"),
        ("12.500 đồng", None, "12.500 đồng", "money"),
        ("30/9/2026 xong", None, "30/9/2026 xong", "date"),
        ("2026-09-30 xong", None, "2026-09-30 xong", "date"),
        ("nội dung DH-2026-000123", None, "nội dung DH-2026-000123", "code not in front"),
        ("Đường hỏng", None, "Đường hỏng", "no code"),
        ("dhoi 5", None, "dhoi 5", "another word"),
        ("", None, "", "nothing"),
    ],
)
def test_the_code_is_taken_off_the_front_and_the_words_stay_as_typed(
    argument: str, code: Code | None, rest: str, why: str
) -> None:
    assert split_code(argument, "DH", NOW) == (code, rest), why


@pytest.mark.parametrize(
    "argument",
    [
        "DH-2026-000123 DH-2025-000007",
        "dh 2026 123 dh 2025 7",
        "dh2026123, dh20257",
        "dh-2026-123\n2025-7",
        "123 2025/7",
        "dh 123 dh.2025.7",
    ],
)
def test_two_codes_in_a_row_are_taken_by_calling_twice(argument: str) -> None:
    first, rest = split_code(argument, "DH", NOW)
    assert (first, split_code(rest, "DH", NOW)) == (Q, (Code(2025, 7), ""))


def test_another_province_has_its_own_prefix() -> None:
    assert parse_code("tn-2026-123", "TN", NOW) == Q
    assert parse_code("đn 2026 123", "ĐN", NOW) == Q
    assert parse_code("dh-2026-123", "TN", NOW) is None


CODES = st.builds(Code, st.integers(2000, NOW), st.integers(1, 999_999_999))


@given(CODES, st.sampled_from(["DH", "ĐN", "KG"]), st.sampled_from(["{}", " {} ", "{}\n", "({})"]))
def test_every_written_code_is_read_back(code: Code, prefix: str, around: str) -> None:
    written = code.written(prefix)
    for typed in (written, written.lower(), written.replace("-", " "), written.replace("-", "–")):
        assert parse_code(around.format(typed), prefix, NOW) == code
        assert split_code(f"{typed} và lời", prefix, NOW) == (code, "và lời")


@given(st.text() | st.text("0123456789dhĐH -–./\n", max_size=24))
def test_no_text_breaks_the_reading_and_the_rest_is_the_end_of_it(text: str) -> None:
    code, rest = split_code(text, "DH", NOW)
    assert code is not None or rest == clean(text)
    assert clean(text).endswith(rest)
    parse_code(text, "DH", NOW)
