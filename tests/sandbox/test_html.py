"""The HTML parse mode and the arithmetic of entities."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.errors import ApiError
from sandbox.text.entities import split_text, to_html, utf16_length, utf16_slice, with_detected
from sandbox.text.html import parse


def test_offsets_are_counted_in_utf16_code_units() -> None:
    text, entities = parse("😀 <b>Chào 😀</b>")
    assert text == "😀 Chào 😀"
    assert entities == [{"offset": 3, "length": 7, "type": "bold"}]


def test_every_tag_of_the_platform_has_its_entity() -> None:
    source = (
        "<b>a</b><strong>a</strong><i>a</i><em>a</em><u>a</u><ins>a</ins><s>a</s><strike>a</strike><del>a</del>"
        '<tg-spoiler>a</tg-spoiler><span class="tg-spoiler">a</span><code>a</code><pre>a</pre>'
        "<blockquote>a</blockquote><blockquote expandable>a</blockquote>"
        '<a href="https://a.vn/x">a</a><pre><code class="language-python">a</code></pre>'
    )
    text, entities = parse(source)
    assert text == "a" * 17
    styles = "bold bold italic italic underline underline strikethrough strikethrough strikethrough"
    blocks = "spoiler spoiler code pre blockquote expandable_blockquote text_link pre"
    assert [entity["type"] for entity in entities] == f"{styles} {blocks}".split()
    assert entities[15]["url"] == "https://a.vn/x"
    assert entities[16]["language"] == "python"


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ("đ <x>a</x>", 'Unsupported start tag "x" at byte offset 3'),
        ("<b>a", 'Can\'t find end tag corresponding to start tag "b"'),
        ("a</b>", "Unexpected end tag at byte offset 1"),
        ("<b>a</i>", 'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"'),
        ("1 < 2", 'Unsupported start tag "" at byte offset 2'),
        ("<b", "Unclosed start tag at byte offset 0"),
        ("<span>a</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
        ("<b>a</b", "Unclosed end tag at byte offset 4"),
    ],
)
def test_a_broken_text_is_refused_in_the_platforms_words(source: str, complaint: str) -> None:
    with pytest.raises(ApiError) as refused:
        parse(source)
    assert refused.value.description == f"Bad Request: can't parse entities: {complaint}"


def test_only_four_named_references_are_known() -> None:
    assert parse("&lt;&gt;&amp;&quot;&#272;&#x1f600;&nbsp;&apos;")[0] == '<>&"Đ😀&nbsp;&apos;'


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "localhost", "http://localhost/x", "data:text/html,x"]
)
def test_an_impossible_link_leaves_plain_text(url: str) -> None:
    assert parse(f'<a href="{url}">x</a>') == ("x", [])


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=60))
def test_escaped_text_comes_back_as_it_was(text: str) -> None:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert parse(f"<b>{escaped}</b>")[0] == text


@given(st.text(alphabet="<>/b&;=\"' a😀", max_size=40))
def test_any_source_is_parsed_or_refused(source: str) -> None:
    try:
        text, entities = parse(source)
    except ApiError:
        return
    assert all(entity["offset"] + entity["length"] <= utf16_length(text) for entity in entities)


def test_links_mentions_and_commands_are_found_in_plain_text() -> None:
    text = "😀 /hoi@sandbox_bot xem https://a.gov.vn/x?y=1. @minh_ng #hỏi_đáp a@b.vn"
    found = {
        entity["type"]: utf16_slice(text, entity["offset"], entity["length"])
        for entity in with_detected(text, [])
    }
    assert found == {
        "bot_command": "/hoi@sandbox_bot", "url": "https://a.gov.vn/x?y=1", "mention": "@minh_ng",
        "hashtag": "#hỏi_đáp", "email": "a@b.vn",
    }  # fmt: skip


def test_entities_become_html_again() -> None:
    text, entities = parse('<b>a <i>b</i></b> &lt;x&gt; <a href="https://a.vn/?q=1&amp;r=2">c</a>')
    assert to_html(text, entities) == '<b>a <i>b</i></b> &lt;x&gt; <a href="https://a.vn/?q=1&amp;r=2">c</a>'


def test_a_long_text_is_cut_at_spaces() -> None:
    pieces = split_text("từ " * 4000, 4096)
    assert all(utf16_length(piece) <= 4096 for piece in pieces)
    assert "".join(pieces).count("từ") == 4000


def test_a_long_text_is_cut_in_the_second_half_at_the_best_place_there_is() -> None:
    """As applications do: a blank line before a line's end, that before a sentence's, a comma, a space."""
    for end, kept in (("\n\n", ""), ("\n", ""), (". ", "."), (", ", ","), (" ", "")):
        head = "a" * 1000 + "\n\n" + "b" * 1500
        first, second = split_text(f"{head}{end}{'c' * 1000} {'d' * 2000}", 4096)
        assert first == (f"{head} {'c' * 1000}" if end == " " else head + kept)
        assert second.endswith("d")
    assert [len(piece) for piece in split_text("x" * 5000, 4096)] == [4096, 904]
