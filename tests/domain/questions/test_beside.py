"""Two versions of an answer side by side: every paragraph of both stands there, in reading order."""

import pytest

from domain.questions.differences import LINES, Difference, Paragraph, beside

OLD = "Kính gửi ông/bà.\n\nHồ sơ đã đủ.\nCó trước 30/11."


def text(pieces: tuple[tuple[Difference, str], ...]) -> str:
    return "".join(words for _, words in pieces)


def both(paragraphs: tuple[Paragraph, ...]) -> list[tuple[str, str]]:
    return [(text(one.before), text(one.after)) for one in paragraphs]


@pytest.mark.parametrize(
    ("new", "expected"),
    [
        (OLD, [("Kính gửi ông/bà.",) * 2, ("Hồ sơ đã đủ.",) * 2, ("Có trước 30/11.",) * 2]),
        (
            "Kính gửi ông/bà.\nHồ sơ đã đủ.\nCó trước 15/12.",
            [("Kính gửi ông/bà.",) * 2, ("Hồ sơ đã đủ.",) * 2, ("Có trước 30/11.", "Có trước 15/12.")],
        ),
        ("Hồ sơ đã đủ.", [("Kính gửi ông/bà.", ""), ("Hồ sơ đã đủ.",) * 2, ("Có trước 30/11.", "")]),
        (f"{OLD}\nXin lỗi.", [*[(one, one) for one in OLD.split("\n") if one], ("", "Xin lỗi.")]),
        ("", [("Kính gửi ông/bà.", ""), ("Hồ sơ đã đủ.", ""), ("Có trước 30/11.", "")]),
    ],
)
def test_each_paragraph_stands_beside_what_takes_its_place(new: str, expected: list[tuple[str, str]]) -> None:
    found = beside(OLD, new)
    assert both(found) == expected
    assert [one.same for one in found] == [before == after for before, after in expected]


def test_what_changed_within_a_paragraph_is_marked() -> None:
    (one,) = beside("Có trước 30/11.", "Có trước 15/12.")
    assert one.before[-1] == (Difference.GONE, "30/11.")
    assert one.after[-1] == (Difference.NEW, "15/12.")


def test_what_is_too_long_to_compare_is_replaced_whole_and_nothing_is_lost() -> None:
    old, new = "\n".join(f"a{n}" for n in range(LINES + 1)), "b"
    (one,) = beside(old, new)
    assert (text(one.before), text(one.after)) == (old, new)
