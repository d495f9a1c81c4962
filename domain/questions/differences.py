"""What changed between two versions of a text, for whoever wrote the first to see."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

# What takes longer to compare than it helps is shown as replaced whole: comparing takes the square of these.
LINES, WORDS = 400, 600
_LINE = re.compile(r"[^\n]*+\n|[^\n]++")
_WORD = re.compile(r"\s|\S++")


class Difference(StrEnum):
    """What became of some words."""

    SAME = "same"
    GONE = "gone"
    NEW = "new"


Piece = tuple[Difference, str]


@dataclass(frozen=True)
class Paragraph:
    """A paragraph as it was beside what it is now; empty where there is none."""

    before: tuple[Piece, ...]
    after: tuple[Piece, ...]

    @property
    def same(self) -> bool:
        return self.before == self.after


def differences(before: str, after: str) -> tuple[Piece, ...]:
    """Compare two versions, by lines and then by words.

    Returns the pieces of both in reading order.
    """
    found: list[Piece] = []
    for old, new in _compared(_LINE.findall(before), _LINE.findall(after), LINES):
        if old == new:
            found.append((Difference.SAME, old))
            continue
        for gone, came in _compared(_WORD.findall(old), _WORD.findall(new), WORDS):
            if gone == came:
                found.append((Difference.SAME, gone))
            else:
                found += [(Difference.GONE, gone), (Difference.NEW, came)]
    return _joined(found)


def beside(before: str, after: str) -> tuple[Paragraph, ...]:
    """Lay two versions side by side, paragraph by paragraph, in reading order."""
    old, new = _paragraphs(before), _paragraphs(after)
    if len(old) > LINES or len(new) > LINES:
        return (_paragraph(before, after),)
    found: list[Paragraph] = []
    for what, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if what == "equal":
            found += [_paragraph(one, one) for one in old[a:b]]
            continue
        gone, came = old[a:b], new[c:d]
        for at in range(max(len(gone), len(came))):
            found.append(_paragraph("".join(gone[at : at + 1]), "".join(came[at : at + 1])))
    return tuple(found)


def _paragraphs(text: str) -> list[str]:
    return [line.strip() for line in text.split("\n") if line.strip()]


def _paragraph(before: str, after: str) -> Paragraph:
    pieces = differences(before, after)
    return Paragraph(
        tuple(one for one in pieces if one[0] is not Difference.NEW),
        tuple(one for one in pieces if one[0] is not Difference.GONE),
    )


def _compared(before: Sequence[str], after: Sequence[str], limit: int) -> list[tuple[str, str]]:
    """Pairs of what stood and what stands in its place."""
    if len(before) > limit or len(after) > limit:
        return [("".join(before), "".join(after))]
    found = SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    return [("".join(before[a:b]), "".join(after[c:d])) for _what, a, b, c, d in found]


def _joined(pieces: Sequence[Piece]) -> tuple[Piece, ...]:
    found: list[Piece] = []
    for change, text in pieces:
        if not text:
            continue
        if found and found[-1][0] == change:
            found[-1] = (change, found[-1][1] + text)
        else:
            found.append((change, text))
    return tuple(found)
