"""Long messages are cut where a reader would cut them, and every part is complete HTML."""

import re
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.telegram.compose import TEXT_LIMIT, split, units

TAG = re.compile(r"<(/?)(\w+)[^>]*>")


def visible(html: str) -> str:
    return unescape(TAG.sub("", html))


def balanced(html: str) -> bool:
    open_tags: list[str] = []
    for closing, name in TAG.findall(html):
        if not closing:
            open_tags.append(name)
        elif not open_tags or open_tags.pop() != name:
            return False
    return not open_tags


def test_a_short_message_stays_as_it_is() -> None:
    assert split("<b>Kính chào</b> ông/bà") == ["<b>Kính chào</b> ông/bà"]


def test_a_long_message_is_cut_at_a_paragraph() -> None:
    first, second = "một " * 900, "hai " * 700
    assert split(f"{first}\n\n{second}") == [first.strip(), second.strip()]


def test_a_tag_open_at_the_cut_is_closed_and_opened_again() -> None:
    parts = split(f"<blockquote><b>{'chữ ' * 2000}</b></blockquote>")
    assert len(parts) == 2
    assert all(balanced(part) for part in parts)
    assert parts[1].startswith("<blockquote><b>")


def test_an_entity_is_never_cut() -> None:
    parts = split("&amp;" * 5000)
    assert all(re.fullmatch(r"(&amp;)+", part) for part in parts)


def test_a_word_longer_than_a_message_is_cut_somewhere() -> None:
    parts = split("x" * 9000)
    assert "".join(parts) == "x" * 9000
    assert all(units(part) <= TEXT_LIMIT for part in parts)


def test_emoji_count_double_as_the_messenger_counts_them() -> None:
    parts = split("😀 " * 3000)
    assert all(units(visible(part)) <= TEXT_LIMIT for part in parts)


words = st.text(st.characters(codec="utf-8", exclude_characters="<>&", exclude_categories=["C"]), max_size=30)
pieces = st.one_of(
    words,
    words.map(lambda word: f"<b>{word}</b>"),
    words.map(lambda word: f'<a href="https://x.vn">{word}<i>{word}</i></a>'),
    st.sampled_from(["&lt;", "&amp;", "\n", "\n\n", " "]),
)


@given(st.lists(pieces, max_size=60), st.integers(5, 200))
def test_every_part_fits_is_balanced_and_nothing_is_lost(message: list[str], limit: int) -> None:
    html = "".join(message)
    parts = split(html, limit)
    assert all(units(visible(part)) <= limit for part in parts)
    assert all(balanced(part) for part in parts)
    letters = re.sub(r"\s", "", visible(html))
    assert re.sub(r"\s", "", "".join(visible(part) for part in parts)) == letters


def test_what_a_cut_carries_over_is_cut_again_where_it_is_still_too_long() -> None:
    parts = split(f"a b c\n{'x' * 10} {'y' * 10}", 20)
    assert parts == ["a b c", "x" * 10, "y" * 10]


gaps = st.sampled_from([" ", "\n", "\n\n"])


@given(st.lists(st.tuples(st.integers(1, 60), gaps), min_size=1, max_size=40), st.integers(8, 64))
def test_words_of_any_length_never_make_a_part_too_long(text: list[tuple[int, str]], limit: int) -> None:
    html = "".join("x" * length + gap for length, gap in text)
    parts = split(html, limit)
    assert all(units(part) <= limit for part in parts)
    assert "".join("".join(parts).split()) == "".join(html.split())


@pytest.mark.parametrize("text", ["", "   "])
def test_nothing_to_say_is_one_part_at_most(text: str) -> None:
    assert len(split(text)) <= 1
