"""The number of an official letter, as officers write it above or below an answer."""

import unicodedata

import pytest

from domain.questions.letters import split_letter

TEXT = "Hồ sơ sẽ xong trước 30/11.\n\nSở sẽ gọi cho ông/bà."


@pytest.mark.parametrize(
    ("line", "number"),
    [
        ("Số công văn: 123/SNNMT-VP", "123/SNNMT-VP"),
        ("Công văn số 123/SNNMT-VP", "123/SNNMT-VP"),
        ("công văn số: 45/UBND", "45/UBND"),
        ("SO CONG VAN 45/UBND", "45/UBND"),
        ("Số công văn:45/UBND", "45/UBND"),
        ("Công văn số 123/SNNMT-VP ngày 2/11/2026", "123/SNNMT-VP ngày 2/11/2026"),
        (unicodedata.normalize("NFD", "Số công văn: 7/STC"), "7/STC"),
    ],
)
def test_a_line_of_its_own_at_the_start_or_the_end_is_the_letters_number(line: str, number: str) -> None:
    assert split_letter(f"{line}\n{TEXT}") == (TEXT, number)
    assert split_letter(f"{TEXT}\n\n{line}") == (TEXT, number)


@pytest.mark.parametrize(
    "text",
    [
        TEXT,
        "Công văn số",
        "Số công văn: chưa có",
        "Dòng đầu.\nSố công văn: 1/A ở giữa.\nDòng cuối.",
        "Công văn số 1/A " + "đã trả lời rất dài dòng " * 10,
        "",
    ],
)
def test_anything_else_stays_in_the_text(text: str) -> None:
    assert split_letter(text) == (text.strip(), None)
