"""Turns a text into the features that the model weighs.

Folded words with teencode and abbreviations written out, alone and in pairs, and words as they were typed where they
carry marks. Names of places stand as one sign, so that the model learns what is asked and not where.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise
from zlib import crc32

from domain.vietnamese.places import PlaceIndex
from domain.vietnamese.text import ABBREVIATIONS, TEENCODE, fold_word, lower

BUCKETS = 1 << 16  # of the hash; the model has as many rows
PLACE = "·"  # stands for a name of a place, and for {P} in a sample
MOST_WORDS = 1500  # of a text that are looked at: a long letter says what it wants well before

_WORD = re.compile(r"\{p\}|[^\W_]+")
_DIGITS = re.compile(r"\d+")
_SHORT = 7  # letters; nothing written out is longer
_WRITTEN_OUT = {typed: tuple(lower(meant).split()) for typed, meant in (ABBREVIATIONS | TEENCODE).items()}


def words_of(text: str, places: PlaceIndex | None = None) -> list[str]:
    """List a text's words in lower case with their marks, places masked, teencode written out."""
    typed = _WORD.findall(lower(text))[:MOST_WORDS]
    if places is not None:
        for start, end in reversed(places.spans(typed)):
            typed[start:end] = [PLACE]
    found: list[str] = []
    for word in typed:
        if word == "{p}":
            found.append(PLACE)
        elif len(word) < _SHORT:
            found += _WRITTEN_OUT.get(fold_word(word), (word,))
        else:
            found.append(word)
    return found


def features(words: list[str]) -> list[str]:
    """List the features of words: alone, in pairs, with their marks."""
    bare = [folded(word) for word in words]
    found = [*bare, *map(" ".join, pairwise(bare))]
    found += [f"'{word}" for word, one in zip(words, bare, strict=True) if word not in (one, PLACE)]
    return found


def folded(word: str) -> str:
    """Return a word as features have it, a number by how many digits it has."""
    if word[0].isdigit():  # tells a year from a telephone number
        return _DIGITS.sub(lambda found: "0" * min(len(found[0]), 10), word)
    return fold_word(word)


@lru_cache(maxsize=32_768)
def hashed(feature: str) -> tuple[int, int]:
    """Return the row of the model that a feature would stand in, and the mark by which it is known there."""
    found = crc32(feature.encode("utf-8", "replace"))
    return found & (BUCKETS - 1), (found >> 16) | 1
