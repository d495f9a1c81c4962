"""Vietnamese text as people type it."""

from __future__ import annotations

import unicodedata
from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.vietnamese.text import (
    clean,
    excerpt,
    expand_abbreviations,
    expand_teencode,
    fold,
    has_diacritics,
    lower,
    words,
)
from tests.worlds.cost import least_cost


@pytest.mark.parametrize(
    ("typed", "cleaned", "reason"),
    [
        ("  Đường hỏng \n", "Đường hỏng", "trimmed"),
        (unicodedata.normalize("NFD", "Tiếng Việt"), "Tiếng Việt", "composed"),
        ("một\r\nhai\rba\u2028bốn", "một\nhai\nba\nbốn", "every line end becomes one"),
        ("một\n\n- hai", "một\n\n- hai", "newlines stay"),
        ("a\u200bb\u200c\u2060c\ufeff", "abc", "zero width"),
        ("e\u200b\u0301", "é", "zero width between a letter and its mark"),
        ("\u202egnp.exe\u202c \u2066x\u2069", "gnp.exe x", "bidi overrides and isolates"),
        ("a\x00b\x1b[0m\x7f", "ab[0m", "controls"),
        ("a\u00a0b\tc\u3000d", "a b c d", "odd spaces"),
        ("so\u00adft", "soft", "soft hyphen"),
        ("a\ud800b", "ab", "lone surrogate"),
        ("🙂 ខ្មែរ", "🙂 ខ្មែរ", "emoji and Khmer stay"),
        ("", "", "nothing"),
        ("\u200b\n", "", "nothing visible"),
    ],
)
def test_cleaning_keeps_what_was_written_and_drops_what_nobody_sees(
    typed: str, cleaned: str, reason: str
) -> None:
    assert clean(typed) == cleaned, reason


@pytest.mark.parametrize(
    "typed",
    [
        "👨\u200d👩\u200d👧\u200d👦",
        "❤\ufe0f\u200d🔥",
        "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
        "👩🏽\u200d⚕\ufe0f khám bệnh",
        "សូម\u200bសួរ\u200bអំពី\u200bដី",
    ],
    ids=ascii,
)
def test_what_joins_emoji_and_parts_khmer_words_stays(typed: str) -> None:
    assert clean(typed) == typed
    assert clean(clean(typed)) == clean(typed)


@pytest.mark.parametrize(
    ("typed", "cleaned"),
    [
        ("t\u200bố c\u200dáo", "tố cáo"),
        ("👨\u200d", "👨"),
        ("\u200d👨", "👨"),
        ("👨\u200dtố", "👨tố"),
        ("ដ\u200bt", "ដt"),
        ("ដ\u200b\u200bី", "ដ\u200bី"),
        ("🏴\U000e0067\U000e0062", "🏴"),
        ("t\U000e0067\U000e007f", "t"),
        ("a\u2066b\u2069", "ab"),
    ],
    ids=ascii,
)
def test_elsewhere_they_would_hide_words_and_go(typed: str, cleaned: str) -> None:
    assert clean(typed) == cleaned
    assert clean(clean(typed)) == clean(typed)


def test_khmer_is_found_however_its_words_are_parted() -> None:
    assert fold("សូម\u200bសួរ") == fold("សូមសួរ")


def test_every_character_is_cleaned_alike_whether_the_text_is_plain_or_has_to_be_looked_at_closely() -> None:
    codes = chain(range(0x20000), range(0xE0000, 0xE0200))  # between them: Chinese, or nothing
    assert not [hex(code) for code in codes if clean(f"a{chr(code)}b") != clean(f"\0a{chr(code)}b")]


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("Đặc khu Phú Quốc", "dac khu phu quoc"),
        (unicodedata.normalize("NFD", "Đặc khu Phú Quốc"), "dac khu phu quoc"),
        ("/HỦY  tất\n cả", "/huy tat ca"),
        ("ÐƯỜNG", "duong"),
        ("ＤＨ－２０２６", "dh-2026"),
        ("ưỡn ẹo ỹ", "uon eo y"),
        ("\ud800", ""),
        ("´ à", "a"),
    ],
)
def test_folding_makes_one_key_of_every_way_of_typing(typed: str, key: str) -> None:
    assert fold(typed) == key


def test_lower_keeps_the_marks_and_places_tones_the_new_way() -> None:
    assert lower("HOÀ Khoẻ THUỶ quý toàn") == "hòa khỏe thủy quý toàn"


@pytest.mark.parametrize(
    ("folded", "expanded"),
    [
        ("ko dc", "khong duoc"),
        ("k biet, hok hieu", "khong biet, khong hieu"),
        ("di vs ai", "di voi ai"),
        ("het bn", "het bao nhieu"),
        ("lam ntn", "lam nhu the nao"),
        ("phi 50k", "phi 50 nghin"),
        ("1tr5 hay 2 ty", "1 trieu 5 hay 2 ty"),
        ("2,5tr", "2,5 trieu"),
        ("so 5 k co", "so 5 khong co"),
        ("kem dcm vsop", "kem dcm vsop"),
    ],
)
def test_teencode_is_written_out_word_by_word(folded: str, expanded: str) -> None:
    assert expand_teencode(folded) == expanded


def test_teencode_typed_with_marks_is_written_out_after_folding() -> None:
    assert expand_teencode(fold("Ko đc ah")) == "khong duoc ah"


def test_abbreviations_of_offices_and_papers_are_written_out() -> None:
    assert expand_abbreviations(fold("GPLX nộp ở UBND")) == "giay phep lai xe nop o uy ban nhan dan"


@pytest.mark.parametrize(
    ("text", "limit", "cut"),
    [
        ("Tôi muốn hỏi", 20, "Tôi muốn hỏi"),
        ("Tôi muốn hỏi", 12, "Tôi muốn hỏi"),
        ("Tôi muốn hỏi", 11, "Tôi muốn…"),
        ("Tôi muốn, hỏi", 10, "Tôi muốn…"),
        ("một\nhai", 10, "một hai"),
        ("https://angiang.gov.vn/x", 10, "https://a…"),
        ("ab", 1, "…"),
    ],
)
def test_an_excerpt_is_cut_between_words(text: str, limit: int, cut: str) -> None:
    assert excerpt(text, limit) == cut


def test_an_excerpt_without_room_is_refused() -> None:
    with pytest.raises(ValueError, match="room"):
        excerpt("a", 0)


def test_words_are_folded_and_without_punctuation() -> None:
    assert words("Ở đâu, (khi nào)?") == ["o", "dau", "khi", "nao"]


@pytest.mark.parametrize(
    ("text", "marked"),
    [("duong hong", False), ("đi", True), ("e\u0301", True), ("Ａ 🙂", False), ("An", False), ("", False)],
)
def test_marks_are_seen_in_every_form(text: str, marked: bool) -> None:
    assert has_diacritics(text) is marked


ANY = st.text(st.characters(exclude_categories=()))  # surrogates too


@given(ANY)
def test_cleaning_and_folding_never_fail_and_change_nothing_twice(text: str) -> None:
    assert clean(clean(text)) == clean(text)
    assert fold(fold(text)) == fold(text)
    assert lower(lower(text)) == lower(text)
    clean(text).encode()
    fold(text).encode()


@given(ANY)
def test_the_form_of_a_text_does_not_change_its_key(text: str) -> None:
    composed = clean(text)
    assert fold(composed) == fold(unicodedata.normalize("NFD", composed))


@given(ANY, st.integers(1, 60))
def test_an_excerpt_never_exceeds_its_limit(text: str, limit: int) -> None:
    cut = excerpt(text, limit)
    assert len(cut) <= limit
    assert "\n" not in cut
    assert cut.endswith("…") or cut == " ".join(clean(text).split())


def test_the_longest_question_folds_in_a_moment() -> None:
    text = ("Kính chào ông/bà, tôi muốn hỏi thủ tục cấp lại sổ đỏ bị mất ở xã Vĩnh Thuận? " * 200)[:9_999]

    def folds(sign: str) -> None:
        for _ in range(20):
            fold(text + sign)

    assert least_cost(folds) < 0.5  # measured: a third of a millisecond each; a slow machine gets room
