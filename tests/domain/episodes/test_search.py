"""What people type to find a past episode, and how an episode's words are matched."""

import unicodedata

import pytest

from domain.episodes.search import CARRIED_BYTES, Wanted, named_in, searchable, tidy, wanted


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("Đất đai", Wanted(("dat", "dai"))),
        ("kỳ 12", Wanted((), 12)),
        ("ky 12/2024", Wanted((), 12, 2024)),
        ("Kỳ số 7 đuối nước", Wanted(("duoi", "nuoc"), 7)),
        ("12", Wanted((), 12)),
        ("12/2024", Wanted((), 12, 2024)),
        ("2024", Wanted(("2024",))),
        ("năm 2024", Wanted(("nam", "2024"))),
        ("UBND", Wanted(("uy", "ban", "nhan", "dan"))),
        ("TP. Rạch Giá", Wanted(("rach", "gia"))),
        ("phường Rạch Giá", Wanted(("rach", "gia"))),
        ("thanh pho rach gia", Wanted(("rach", "gia"))),
        ("xã hội", Wanted(("xa", "hoi"))),
        ("phương án", Wanted(("phuong", "an"))),
        ("tình hình", Wanted(("tinh", "hinh"))),
        ("phường", Wanted(("phuong",))),
        ("Nghị quyết số 04/2024", Wanted(("nghi", "quyet", "so", "04", "2024"))),
        ("???", Wanted(())),
        ("", Wanted(())),
    ],
)
def test_what_somebody_looks_for(typed: str, expected: Wanted) -> None:
    assert wanted(tidy(typed)) == expected
    assert wanted(tidy(unicodedata.normalize("NFD", typed))) == expected


@pytest.mark.parametrize(
    "typed", ["a" * 5_000, "đ" * 5_000, "sổ đỏ " * 500, "😀" * 300, "\ud800x", "a:b\nc\u202e", ":" * 99]
)
def test_a_button_can_carry_whatever_was_typed(typed: str) -> None:
    carried = tidy(typed)
    assert len(carried.encode()) <= CARRIED_BYTES
    assert ":" not in carried
    assert "\n" not in carried
    assert tidy(carried) == carried


def test_short_words_keep_their_diacritics_and_long_ones_are_cut_between_words() -> None:
    assert tidy("  sổ  đỏ ") == "sổ đỏ"
    assert tidy("bảo vệ môi trường ở thành phố Phú Quốc năm nay") == "bao ve moi truong o thanh pho phu quoc"


def test_texts_are_searched_without_marks_and_with_abbreviations_written_out() -> None:
    assert " thi tot nghiep trung hoc pho thong " in searchable("Kỳ thi tốt nghiệp THPT, 2024")


def test_the_longest_name_that_is_held_whole_is_meant() -> None:
    names = [
        (1, "Sở Y tế"),
        (2, "Sở Y tế công cộng"),
        (3, "Thuế"),
        (4, "Sở Tài chính"),
        (5, "Sở Y tế Công cộng"),
    ]
    assert named_in(("so", "y", "te", "cong", "cong", "thue"), names) == (("thue",), frozenset({2, 5}))
    assert named_in(("y", "te"), names) == (("y", "te"), frozenset())
