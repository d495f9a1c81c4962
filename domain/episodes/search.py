"""Finds past episodes by words, typed and stored words in the same folded form.

Levels of places are left out of what is searched for ("TP. Rạch Giá", "phường Rạch Giá", "thành phố Rạch Giá"): they
changed in July 2025, and titles have the old ones.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from domain.vietnamese.text import clean, expand_abbreviations, fold, lower, words

TYPED = 200  # characters that are looked at
CARRIED_BYTES = 40  # of the words, in a button that has 64 in all

_NUMBER = re.compile(r"\b(?:ky|tap|episode)(?: phat song| so)? (\d{1,3})(?:\s?/\s?(20\d\d))?\b")
_BARE = re.compile(r"(\d{1,3})(?:\s?/\s?(20\d\d))?")
# With its diacritics, for "phuong an", "xa hoi" and "tinh hinh" are other words; those of two syllables without, too.
_LEVEL = re.compile(
    r"\b(?:thành phố|thị xã|thị trấn|đặc khu|phường|huyện|xã(?! hội)|thanh pho|thi tran|dac khu|huyen|tp\.?|tx\.?)"
    r"\s+(?=\w)"
)


@dataclass(frozen=True)
class EpisodeSearch:
    """A search: words that must all occur, and perhaps a number and a year.

    A year alone ("2024") may be in the title as well; `year` with a number ("kỳ 12/2024") is the episode's own.
    """

    words: tuple[str, ...]
    number: int | None = None
    year: int | None = None


def tidy(typed: str) -> str:
    """Shorten typed words so that a button's data can carry them.

    On one line, without colons, cut between words where they are too long.
    """
    text = " ".join(clean(typed[:TYPED]).replace(":", " ").split())
    if len(text.encode()) > CARRIED_BYTES:
        text = fold(text)
    while len(text.encode()) > CARRIED_BYTES:
        text = (
            text.rpartition(" ")[0] if " " in text else text.encode()[:CARRIED_BYTES].decode(errors="ignore")
        )
    return text


def wanted(typed: str) -> EpisodeSearch:
    """Read a search from a tidy text."""
    said = fold(typed)
    found = _BARE.fullmatch(said) or _NUMBER.search(said)
    if found is not None:
        rest = f"{said[: found.start()]} {said[found.end() :]}"
        return EpisodeSearch(_words(rest), int(found[1]), int(found[2]) if found[2] else None)
    without_levels = _LEVEL.sub("", lower(typed))
    return EpisodeSearch(_words(without_levels))


def _words(text: str) -> tuple[str, ...]:
    return tuple(expand_abbreviations(" ".join(words(text))).split())


@lru_cache(maxsize=8_192)  # 5,000 titles and the wordings of 400 episodes
def searchable(text: str) -> str:
    """Return a text's folded words between spaces, for searching.

    Cached: the same texts are searched again and again.
    """
    return f" {' '.join(_words(text))} "


def named_in(
    wanted_words: Iterable[str], names: Iterable[tuple[int, str]]
) -> tuple[tuple[str, ...], frozenset[int]]:
    """Find the longest of these names (key, name) among the words.

    Returns the other words, and the keys that have this name. A name of one word is ignored: "Thuế" is a word like
    others.
    """
    text = f" {' '.join(wanted_words)} "
    longest, keys = "", set[int]()
    for key, name in names:
        folded = searchable(name)
        if folded.count(" ") < 3 or folded not in text or len(folded) < len(longest):
            continue
        if len(folded) > len(longest):
            longest, keys = folded, set()
        keys.add(key)
    rest = text.replace(longest, " ", 1) if longest else text
    return tuple(rest.split()), frozenset(keys)
