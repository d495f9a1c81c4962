"""A person's own bold, italics and links, as python-telegram-bot writes them."""

from datetime import UTC, datetime
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram import Chat as TelegramChat
from telegram import Message as TelegramMessage
from telegram import MessageEntity

from channels.incoming import Message, Span, Style
from channels.telegram import reading
from handlers.chat.formatting import formatted

TEXT = "Đề <nghị> “sửa” 🇻🇳 & mở đường"
URL = 'https://a.vn/?x="1"&y=2'
AT = datetime(2026, 11, 2, tzinfo=UTC)
_THEIRS = {ours: theirs for theirs, ours in reading._STYLES.items()}


def _nested(spans: list[Span]) -> list[Span]:
    """Those that lie inside of each other or apart, as the messenger sends them, outer ones first."""
    kept: list[Span] = []
    for one in spans:
        apart = all(
            one.end <= other.start
            or other.end <= one.start
            or (
                (one.start, one.end) != (other.start, other.end)
                and (
                    (other.start <= one.start and one.end <= other.end)
                    or (one.start <= other.start and other.end <= one.end)
                )
            )
            for other in kept
        )
        if apart:
            kept.append(one)
    return sorted(kept, key=lambda one: (one.start, -one.end))


_SPANS = st.lists(
    st.builds(
        lambda style, start, length: Span(
            style, start, min(start + length, len(TEXT)), URL if style is Style.LINK else ""
        ),
        st.sampled_from(Style),
        st.integers(0, len(TEXT) - 1),
        st.integers(1, len(TEXT)),
    ),
    max_size=6,
).map(_nested)


def _by_the_library(spans: list[Span]) -> str:
    def units(text: str) -> int:
        return len(text.encode("utf-16-le")) // 2

    entities = [
        MessageEntity(
            _THEIRS[one.style],
            units(TEXT[: one.start]),
            units(TEXT[one.start : one.end]),
            url=one.url.replace("&", "&amp;").replace('"', "&quot;") or None,
        )
        for one in spans
    ]
    chat = TelegramChat(7, "private")
    return TelegramMessage(1, AT, chat, text=TEXT, entities=entities).text_html


@given(spans=_SPANS)
def test_words_are_written_as_the_library_writes_them(spans: list[Span]) -> None:
    html, plain = formatted(Message("1", AT, text=TEXT, typed=TEXT, spans=tuple(spans)))
    assert html == _by_the_library(spans)
    assert plain == TEXT


@given(
    spans=st.lists(st.builds(Span, st.sampled_from(Style), st.integers(0, 9), st.integers(0, 12)), max_size=5)
)
def test_spans_that_cross_each_other_lose_nothing_but_looks(spans: list[Span]) -> None:
    html, _ = formatted(Message("1", AT, text="a < b & c d", typed="a < b & c d", spans=tuple(spans)))
    shown, inside = "", False
    for one in html:
        inside = (inside or one == "<") and one != ">"
        shown += one if not inside and one != ">" else ""
    assert unescape(shown) == "a < b & c d"


@pytest.mark.parametrize(
    ("typed", "words", "spans", "html"),
    [
        ("/thongbao  Xin *chào*", "Xin *chào*", [Span(Style.BOLD, 15, 21)], "Xin <b>*chào*</b>"),
        ("/thongbao Xin", "Xin", [Span(Style.CODE, 0, 13)], "<code>Xin</code>"),
        ("  Xin chào \n", None, [Span(Style.ITALIC, 0, 5)], "<i>Xin</i> chào"),
        ("Xin\x00", None, [], "Xin"),
    ],
)
def test_looks_are_counted_from_where_the_words_begin(
    typed: str, words: str | None, spans: list[Span], html: str
) -> None:
    assert formatted(Message("1", AT, text=typed, typed=typed, spans=tuple(spans)), words)[0] == html
