"""The weights that were learnt, and what a text scores with them.

One row of small whole numbers for each bucket of features, one column for each label. A text's score is the sum of
its features' rows under one norm.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from domain.vietnamese.places import PlaceIndex
from understanding.words import BUCKETS, features, folded, hashed, words_of

VERSION = 2
UNKNOWN = 150.0  # rarity of a word that was never learnt


@dataclass(frozen=True)
class Output:
    """One thing the model tells: its labels, and how a score becomes a probability."""

    labels: tuple[str, ...]
    sharpness: float = 1.0

    def chances(self, scores: NDArray[np.float32]) -> dict[str, float]:
        """Return the probability of each label, one of which holds; best first."""
        spread = np.exp((scores - scores.max()) * self.sharpness)
        spread /= spread.sum()
        order = np.argsort(-spread, kind="stable")
        return {self.labels[index]: float(spread[index]) for index in order}


@dataclass(frozen=True)
class Model:
    """A learnt model.

    `places`: each commune of today with all of its names, to mask them.
    """

    weights: NDArray[np.int8]  # (BUCKETS, labels of all heads)
    rarity: NDArray[np.uint8]  # (BUCKETS,): how much a feature counts, more where it is rare
    marks: NDArray[np.uint16]  # (BUCKETS,): of the feature that a row was learnt for, 0 for none
    scales: NDArray[np.float32]
    biases: NDArray[np.float32]
    heads: Mapping[str, Output]
    thresholds: Mapping[str, float]
    places: Mapping[str, tuple[str, ...]]
    digest: str = ""
    index: PlaceIndex = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "index", PlaceIndex(self.places))

    def words(self, text: str) -> list[str]:
        """List a text's words as the model knows them."""
        return words_of(text, self.index)

    def scores(self, words: list[str]) -> dict[str, Any]:
        """Return the scores of every head, in the order of its labels."""
        rows, unknown = known_rows(self.marks, words)
        counts = self.rarity[rows].astype(np.float32)
        total = (counts / norm(counts, unknown)) @ self.weights[rows].astype(np.float32)
        total = total * self.scales + self.biases
        ends = np.cumsum([0, *(len(head.labels) for head in self.heads.values())])
        return {name: total[start:end] for name, (start, end) in zip(self.heads, pairwise(ends), strict=True)}

    def save(self, folder: Path) -> None:
        """Write `model.npz` and `model.json`, the same bytes for the same model."""
        folder.mkdir(parents=True, exist_ok=True)
        np.savez_compressed(
            folder / "model.npz",
            weights=self.weights,
            rarity=self.rarity,
            marks=self.marks,
            scales=self.scales,
            biases=self.biases,
        )
        told = {
            "version": VERSION,
            "digest": self.digest,
            "heads": {
                name: {"labels": head.labels, "sharpness": head.sharpness}
                for name, head in self.heads.items()
            },
            "thresholds": dict(self.thresholds),
            "places": self.places,
        }
        text = json.dumps(told, ensure_ascii=False, indent=1)
        (folder / "model.json").write_text(text + "\n", "utf-8")


def known_rows(marks: NDArray[np.uint16], words: list[str]) -> tuple[NDArray[np.int32], int]:
    """Return the rows of the features that were learnt, each once, and how many words were not."""
    found = {row for row, mark in map(hashed, features(words)) if marks[row] == mark}
    unknown = sum(marks[row] != mark for row, mark in (hashed(folded(word)) for word in words))
    return np.array(sorted(found), dtype=np.int32), int(unknown)


def norm(counts: NDArray[np.float32], unknown: int) -> float:
    """Return what a text's features are divided by: who says much that is unknown says little that is sure."""
    return float(np.sqrt((counts**2).sum() + unknown * UNKNOWN**2)) or 1.0


class BrokenModel(Exception):
    """The files of a model cannot be used; the text says why."""


def load(folder: Path) -> Model:
    """Read a model from its folder. Raises `BrokenModel`."""
    try:
        told = json.loads((folder / "model.json").read_text("utf-8"))
        with (folder / "model.npz").open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            model = Model(
                weights=arrays["weights"],
                rarity=arrays["rarity"],
                marks=arrays["marks"],
                scales=arrays["scales"],
                biases=arrays["biases"],
                heads={
                    name: Output(tuple(head["labels"]), float(head["sharpness"]))
                    for name, head in told["heads"].items()
                },
                thresholds={name: float(value) for name, value in told["thresholds"].items()},
                places={name: tuple(names) for name, names in told["places"].items()},
                digest=str(told["digest"]),
            )
        columns = sum(len(head.labels) for head in model.heads.values())
    except (
        OSError,
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        EOFError,
        BadZipFile,
        zlib.error,
    ) as error:
        raise BrokenModel(f"{type(error).__name__}: {error}") from error
    found = (a.shape for a in (model.weights, model.rarity, model.marks, model.scales, model.biases))
    wanted = ((BUCKETS, columns), (BUCKETS,), (BUCKETS,), (columns,), (columns,))
    if told.get("version") != VERSION or tuple(found) != wanted:
        raise BrokenModel("made for another version")
    kinds = (model.weights.dtype, model.rarity.dtype, model.marks.dtype)
    if any(kind != wanted for kind, wanted in zip(kinds, (np.int8, np.uint8, np.uint16), strict=True)):
        raise BrokenModel("weights of another kind")
    if not (np.isfinite(model.scales).all() and np.isfinite(model.biases).all()):
        raise BrokenModel("weights that are no numbers")
    return model
