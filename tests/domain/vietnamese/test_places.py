"""Communes, wards and special zones as people name them."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.vietnamese.places import PlaceIndex
from domain.vietnamese.text import fold


def find_place(text: str, places: Mapping[str, Iterable[str]]) -> str | None:
    return PlaceIndex(places).find(text)


PLACES = {
    "DK-PHUQUOC": ["Ủy ban nhân dân đặc khu Phú Quốc", "ĐK Phú Quốc", "Phú Quốc", "Thành phố Phú Quốc"],
    "DK-KIENHAI": ["Kiên Hải", "Hòn Tre", "Lại Sơn", "Huyện Kiên Hải"],
    "DK-THOCHAU": ["Thổ Châu", "Thổ Chu", "Xã Thổ Châu"],
    "P-RACHGIA": ["P. Rạch Giá", "Rạch Giá"],
    "P-VINHTHONG": ["Vĩnh Thông"],
    "X-VINHTHUAN": ["Vĩnh Thuận"],
    "X-ANBIEN": ["An Biên"],
    "X-HONDAT": ["Hòn Đất"],
    "P-HOALAC": ["Hòa Lạc", "phường Hòa Lạc"],
    "X-HOALAC": ["Hòa Lạc", "xã Hòa Lạc"],
    "X-VINHTHUANDONG": ["Vĩnh Thuận Đông"],
}


@pytest.mark.parametrize(
    ("text", "agency", "reason"),
    [
        ("Đường ở Phú Quốc hỏng", "DK-PHUQUOC", "plain"),
        ("duong o phu quoc hong", "DK-PHUQUOC", "without diacritics"),
        ("ĐƯỜNG Ở PHÚ QUỐC", "DK-PHUQUOC", "capitals"),
        (unicodedata.normalize("NFD", "ấp 2, xã Thổ Châu"), "DK-THOCHAU", "decomposed"),
        ("Cầu cảng Hòn Tre", "DK-KIENHAI", "an island by its alias"),
        ("xã Hòn Tre, huyện Kiên Hải", "DK-KIENHAI", "two names of one"),
        ("Tàu từ Rạch Giá đi Phú Quốc", None, "two places"),
        ("An Biên và Hòn Đất", None, "two places"),
        ("Rạch Giá, Phú Quốc", None, "two places, no level named"),
        ("phường Vĩnh Thông, TP. Rạch Giá, Kiên Giang", "P-VINHTHONG", "old address: commune, then city"),
        ("xã Thổ Châu, thành phố Phú Quốc", "DK-THOCHAU", "old address: commune, then a name with its level"),
        ("từ An Biên đến thành phố Rạch Giá", None, "words between: no address"),
        ("xã Vĩnh Thuận Đông", "X-VINHTHUANDONG", "the longer name holds the shorter"),
        ("xã Vĩnh Thuận Đông và xã Vĩnh Thuận", None, "the longer, and the shorter elsewhere"),
        ("xã Vĩnh Thuận", "X-VINHTHUAN", "the shorter by itself"),
        ("Cho hỏi chợ an biển ở đâu", None, "other diacritics are another word"),
        ("giá hơn đất nền", None, "other diacritics are another word"),
        ("cho hoi xa an bien", "X-ANBIEN", "bare words may be the name"),
        ("xã an Biên", "X-ANBIEN", "partly bare"),
        ("Phú Quốcs", None, "not a whole word"),
        ("xã Hòa Lạc", "X-HOALAC", "same name, level given"),
        ("phường Hoà Lạc", "P-HOALAC", "tone placed the old way"),
        ("ở Hòa Lạc", None, "same name, level not given"),
        ("P.Rạch Giá", "P-RACHGIA", "abbreviated level"),
        ("Hòn\nTre", "DK-KIENHAI", "across a line"),
        ("tỉnh An Giang", None, "no commune"),
        ("", None, "nothing"),
    ],
)
def test_the_one_place_a_text_names_is_found(text: str, agency: str | None, reason: str) -> None:
    assert find_place(text, PLACES) == agency, reason


def test_without_names_nothing_is_found() -> None:
    assert find_place("Phú Quốc", {}) is None
    assert find_place("Phú Quốc", {"X": ["", " - "]}) is None


INDEX = PlaceIndex(PLACES)


@given(
    st.sampled_from([("DK-PHUQUOC", "Phú Quốc"), ("X-ANBIEN", "An Biên"), ("X-HONDAT", "Hòn Đất")]),
    st.booleans(),
)
def test_a_name_is_found_bare_or_marked_within_other_words(place: tuple[str, str], bare: bool) -> None:
    agency, name = place
    assert INDEX.find(f"Nước máy ở {fold(name) if bare else name} bị đục") == agency


@given(st.text())
def test_no_text_breaks_the_search(text: str) -> None:
    INDEX.find(text)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Đường ở xã Giồng Riềng và phường Rạch Giá hư hỏng", True),
        ("Cống ở xã Không Có Thật bị nghẹt", True),
        ("Cong o phuong Khong Co That bi nghet", True),
        ("Đường trong xã tôi hư hỏng", False),
        ("UBND xã trả lời chậm", False),
        ("Đường về xã ở đâu cũng lầy", False),
        ("Rạch Giá mưa là ngập", True),
    ],
)
def test_a_text_that_names_a_place_is_told_from_one_that_names_none(text: str, named: bool) -> None:
    places = PlaceIndex({"P-RACHGIA": ["Rạch Giá"], "X-GIONGRIENG": ["Giồng Riềng"]})
    assert places.names_some(text) is named
