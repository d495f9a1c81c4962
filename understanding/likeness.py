"""Says how much two texts ask the same.

Candidates share rare words; each is then compared by what they share, what they are about, and the places and
numbers they name. It proposes; a person decides what is merged.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from domain.vietnamese.synonyms import in_common_words
from domain.vietnamese.text import fold_word
from understanding.loading import shipped
from understanding.model import UNKNOWN, Model
from understanding.words import PLACE, hashed, words_of

NEAREST = 5
CANDIDATES = 300  # compared with a text at most
RARE_WORDS = 24  # of a text, by which candidates are found
COMMON = 40  # rarity below which a word finds nobody
PLAIN = 60  # rarity of every word without a model


@dataclass(frozen=True)
class Sketch:
    """The parts of a text that are compared: words, pairs, topics, places, numbers."""

    words: dict[str, float]
    pairs: dict[str, float]
    topics: NDArray[np.float32]
    places: frozenset[str]
    numbers: frozenset[str]

    @cached_property
    def rarest(self) -> list[str]:
        """The words by which others are found, the rarest first."""
        telling = [word for word, rarity in self.words.items() if rarity >= COMMON]
        return sorted(telling, key=lambda word: (-self.words[word], word))[:RARE_WORDS]


def sketch(text: str, model: Model | None = None) -> Sketch:
    """Sketch a text for comparing, by a model (the shipped one by default)."""
    model = model or shipped()
    typed = words_of(text)
    masked = typed if model is None else words_of(text, model.index)
    folded = in_common_words([fold_word(word) for word in masked if word != PLACE])
    words = {word: _rarity(model, word) for word in folded if not word.isdigit()}
    pairs = {f"{one} {two}": _rarity(model, f"{one} {two}") for one, two in pairwise(folded)}
    topics = np.zeros(1, np.float32)
    places = frozenset[str]()
    if model is not None:
        scores = model.scores(masked)
        topics = np.concatenate([_spread(scores[name], 3.0) for name in ("field", "agency")])
        places = frozenset(
            " ".join(fold_word(word) for word in typed[start:end]) for start, end in model.index.spans(typed)
        )
    return Sketch(words, pairs, topics, places, frozenset(word for word in folded if word.isdigit()))


def _rarity(model: Model | None, feature: str) -> float:
    if model is None:
        return PLAIN
    row, mark = hashed(feature)
    return float(model.rarity[row]) if model.marks[row] == mark else UNKNOWN


def _spread(scores: NDArray[np.float32], sharpness: float) -> NDArray[np.float32]:
    spread = np.exp((scores - scores.max()) * sharpness)
    return np.asarray(spread / np.sqrt((spread**2).sum()), np.float32)


def compared(one: Sketch, other: Sketch) -> list[float]:
    """Return what two sketches have in common, in the order of the learnt weights."""
    shared = _shared(one.words, other.words)
    mine, theirs = _size(one.words), _size(other.words)
    less = min(mine, theirs) or 1.0
    return [
        shared / ((mine * theirs) ** 0.5 or 1.0),
        shared / less,
        _shared(one.pairs, other.pairs) / ((_size(one.pairs) * _size(other.pairs)) ** 0.5 or 1.0),
        float(one.topics @ other.topics) / 2 if one.topics.shape == other.topics.shape else 0.0,
        float(bool(one.places & other.places)),
        float(bool(one.places and other.places) and not one.places & other.places),
        float(bool(one.numbers and other.numbers) and not one.numbers & other.numbers),
        less / (max(mine, theirs) or 1.0),
    ]


def _shared(one: dict[str, float], other: dict[str, float]) -> float:
    if len(other) < len(one):
        one, other = other, one
    return sum(rarity * rarity for word, rarity in one.items() if word in other)


def _size(words: dict[str, float]) -> float:
    return sum(rarity * rarity for rarity in words.values())
