"""Finds the commune, ward or special zone that a text names.

To suggest its People's Committee. Only a suggestion: two different places give none, and a person decides.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from domain.vietnamese.text import clean, fold_word, lower

# A commune's level and what follows it: with a capital letter a place is named, whichever it is.
_LEVEL = re.compile(r"\b(?:xã|phường|thị trấn|đặc khu|phuong|thi tran|dac khu)\s+(\w)", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+")

# Levels abolished in July 2025 that people go on writing behind the commune: "xã Vĩnh Thông, TP. Rạch Giá".
_DISTRICT_WORDS = frozenset({"huyen", "thanh", "pho", "thi", "xa", "quan", "tp", "tx", "h", "q"})


@dataclass(frozen=True, slots=True)
class _Found:
    """One place named in a text: words `start` up to `end`, and the agencies with this name."""

    start: int
    end: int
    agencies: frozenset[str]


class PlaceIndex:
    """An index of places by the first word of their names; built once."""

    def __init__(self, places: Mapping[str, Iterable[str]]) -> None:
        names: dict[tuple[str, ...], set[str]] = {}
        for agency, its_names in places.items():
            for name in its_names:
                words = tuple(_WORD.findall(lower(name)))
                if words:
                    names.setdefault(words, set()).add(agency)
        self._by_first: dict[str, list[tuple[tuple[str, ...], frozenset[str]]]] = {}
        for words, agencies in names.items():
            self._by_first.setdefault(fold_word(words[0]), []).append((words, frozenset(agencies)))

    def find(self, text: str) -> str | None:
        """Return the code of the one agency whose place the text names.

        None where there is none or more than one. Whole words match, the longest name first. A word typed with
        diacritics must have the name's ("An biển" is no "An Biên"); one typed without any may be the name's. A
        district named right behind a commune is part of its old address.
        """
        agencies = [one.agencies for one in self._communes(text)]
        if not agencies:
            return None
        shared = frozenset.intersection(*agencies)
        return next(iter(shared)) if len(shared) == 1 else None

    def candidates(self, text: str) -> list[str]:
        """List the codes that the places of a text may mean.

        Those all of them share, else each of them.
        """
        found = [one.agencies for one in self._communes(text)]
        if not found:
            return []
        return sorted(frozenset.intersection(*found) or frozenset.union(*found))

    def names_some(self, text: str) -> bool:
        """Return whether a text names any place, ours or unknown ("xã Không Có Thật")."""
        return bool(self._communes(text)) or any(first.isupper() for first in _LEVEL.findall(clean(text)))

    def spans(self, words: list[str]) -> list[tuple[int, int]]:
        """List where places are named among words (of `lower` texts): (start, end), apart."""
        found: list[tuple[int, int]] = []
        for one in self._longest(words):
            if not found or one.start >= found[-1][1]:
                found.append((one.start, one.end))
        return found

    def _communes(self, text: str) -> list[_Found]:
        words = _WORD.findall(lower(text))
        longest = self._longest(words)
        return [one for place, one in enumerate(longest) if not _is_district_of(longest, place, words)]

    def _longest(self, words: list[str]) -> list[_Found]:
        longest: list[_Found] = []
        for one in sorted(self._places_named(words), key=lambda one: (one.start, -one.end)):
            if not longest or one.end > longest[-1].end:  # else it stands within that one
                longest.append(one)
        return longest

    def _places_named(self, words: list[str]) -> list[_Found]:
        folded = [fold_word(word) for word in words]
        found: dict[tuple[int, int], frozenset[str]] = {}
        for start, first in enumerate(folded):
            for name, agencies in self._by_first.get(first, ()):
                end = start + len(name)
                if end <= len(words) and all(map(_same, words[start:end], folded[start:end], name)):
                    found[start, end] = found.get((start, end), frozenset()) | agencies
        return [_Found(start, end, agencies) for (start, end), agencies in found.items()]


def _same(typed: str, folded: str, name: str) -> bool:
    return typed == name or (typed == folded and folded == fold_word(name))


def _is_district_of(found: list[_Found], place: int, words: list[str]) -> bool:
    """Return whether this is the old district behind the commune just before it.

    Only words like "huyện", "TP." stand between.
    """
    if place == 0:
        return False
    before, here = found[place - 1], found[place]
    between = words[before.end : here.start]
    if not between:  # the name itself may begin with the level: "Thành phố Phú Quốc"
        between = words[here.start : here.start + 1]
    return all(fold_word(word) in _DISTRICT_WORDS for word in between)
