"""What people type to find a past episode, and how an episode's words are matched."""

import unicodedata

import pytest

from domain.episodes.search import CARRIED_BYTES, EpisodeSearch, named_in, searchable, tidy, wanted


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("Đất đai", EpisodeSearch(("dat", "dai"))),
        ("kỳ 12", EpisodeSearch((), 12)),
        ("ky 12/2024", EpisodeSearch((), 12, 2024)),
        ("Kỳ số 7 đuối nước", EpisodeSearch(("duoi", "nuoc"), 7)),
        ("12", EpisodeSearch((), 12)),
        ("12/2024", EpisodeSearch((), 12, 2024)),
        ("2024", EpisodeSearch(("2024",))),
        ("năm 2024", EpisodeSearch(("nam", "2024"))),
        ("UBND", EpisodeSearch(("uy", "ban", "nhan", "dan"))),
        ("TP. Rạch Giá", EpisodeSearch(("rach", "gia"))),
        ("phường Rạch Giá", EpisodeSearch(("rach", "gia"))),
        ("thanh pho rach gia", EpisodeSearch(("rach", "gia"))),
        ("xã hội", EpisodeSearch(("xa", "hoi"))),
        ("phương án", EpisodeSearch(("phuong", "an"))),
        ("tình hình", EpisodeSearch(("tinh", "hinh"))),
        ("phường", EpisodeSearch(("phuong",))),
        ("Nghị quyết số 04/2024", EpisodeSearch(("nghi", "quyet", "so", "04", "2024"))),
        ("???", EpisodeSearch(())),
        ("", EpisodeSearch(())),
    ],
)
def test_what_somebody_looks_for(typed: str, expected: EpisodeSearch) -> None:
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
