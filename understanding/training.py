"""Learns the model from the sample sentences.

Needs scikit-learn (the dependency group `train`). The same data give the same model.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from domain.vietnamese.places import PlaceIndex
from understanding import samples
from understanding.model import Model, Output, known_rows, norm
from understanding.screening import CONTESTED, EMERGENCIES, KINDS
from understanding.words import BUCKETS, features, hashed, words_of

FIRMNESS = {"agency": 0.2, "field": 0.2, "kind": 0.3, "emergency": 0.3}  # how strongly weights are held down
NAME_COUNTS = 0.5  # a name or alias, beside a sentence
SEEN = 2  # texts that a feature must stand in to be learnt
RAREST = 20  # that much one rarity step counts: 255 of them hold the rarest feature
SHARPEST = np.arange(0.5, 12.1, 0.25)

# What the thresholds are chosen for, on writers whose sentences were not learnt from.
FALSE_ALARMS = 0.025  # of other texts, answered with emergency numbers
ASKED = 0.055  # of other texts, whose sender is asked what was meant
WRONGLY_SURE = 0.015  # of other texts, taken for a complaint or denunciation outright


@dataclass(frozen=True)
class Example:
    """A text with its labels of one output, its writer and its weight."""

    text: str
    labels: tuple[str, ...]
    writer: str = ""
    counts: float = 1.0


def examples() -> dict[str, list[Example]]:
    """Collect what each head learns from."""
    routed, screened, talk = samples.routed(), samples.screened(), samples.small_talk()
    agencies = [Example(one.text, one.agencies[:1], one.writer) for one in routed]
    fields = [Example(one.text, (one.field,), one.writer) for one in routed if one.field]
    answering: dict[str, list[str]] = {}
    for row in samples.rows("agencies.csv"):
        if row["level"] == "commune":
            continue
        of = row["fields"].split("|")
        for code in of:
            answering.setdefault(code, []).append(row["code"])
        names = [row["name"], row["short_name"], *row["aliases"].split("|"), *row["predecessors"].split("|")]
        for name in filter(None, names):
            agencies.append(Example(name, (row["code"],), counts=NAME_COUNTS))
            if len(of) == 1 and of[0]:
                fields.append(Example(name, (of[0],), counts=NAME_COUNTS))
    titles = [(row["title"], row["field"]) for row in samples.rows("episodes_2024.csv")]
    names_of_fields = [(row["name"], row["code"]) for row in samples.rows("fields.csv")]
    for name, code in (*names_of_fields, *titles):
        if code:
            fields.append(Example(name, (code,), counts=NAME_COUNTS))
            agencies += [Example(name, (one,), counts=NAME_COUNTS) for one in answering.get(code, [])[:1]]
    kinds = [Example(one.text, (one.kind, *one.also), one.writer) for one in screened]
    kinds += [Example(one.text, ("question",), one.writer) for one in routed]
    kinds += [Example(one.text, ("smalltalk",), one.writer) for one in talk]
    alike = [(text, one.writer) for one in samples.groups() for text in (*one.texts, *one.near)]
    kinds += [Example(text, ("question",), writer) for text, writer in alike]
    kinds += [Example(text, ("question",)) for text in details()]
    happening = [Example(one.text, one.emergency, one.writer) for one in screened]
    happening += [Example(one.text, (), one.writer) for one in routed]
    happening += [Example(one.text, (), one.writer) for one in talk]
    happening += [Example(text, (), writer) for text, writer in alike]
    return {"agency": agencies, "field": fields, "kind": kinds, "emergency": happening}


def details() -> list[str]:
    """List names of places, offices and matters: said alone they are nothing but a question."""
    found = [name for names in samples.places().values() for name in names]
    for table, columns in (("agencies.csv", ("name", "short_name")), ("fields.csv", ("name", "name_en"))):
        found += [row[column] for row in samples.rows(table) for column in columns]
    return list(dict.fromkeys(found))


LABELS: dict[str, Callable[[Sequence[Example]], Sequence[str]]] = {
    "agency": lambda found: sorted({one.labels[0] for one in found}),
    "field": lambda found: sorted({one.labels[0] for one in found}),
    "kind": lambda _found: KINDS,
    "emergency": lambda _found: EMERGENCIES,
}


class Corpus:
    """The features of every text, made once; a feature that only one text has is not learnt."""

    def __init__(self, heads: Mapping[str, Sequence[Example]], places: PlaceIndex) -> None:
        self.heads = heads
        words = {one.text: words_of(one.text, places) for head in heads.values() for one in head}
        seen = Counter(feature for spoken in words.values() for feature in set(features(spoken)))
        self.marks = np.zeros(BUCKETS, np.uint16)
        rarity = np.ones(BUCKETS)
        for feature, count in seen.most_common():  # the commonest first: it keeps its row
            row, mark = hashed(feature)
            if count >= SEEN and self.marks[row] == 0:
                self.marks[row] = mark
                rarity[row] = (np.log((len(words) + 1) / (count + 1)) + 1) * RAREST
        self.rarity = np.clip(np.round(rarity), 1, 255).astype(np.uint8)
        self.rows = {text: known_rows(self.marks, spoken) for text, spoken in words.items()}

    def matrix(self, texts: Sequence[str]) -> Any:
        from scipy.sparse import csr_matrix

        columns: list[int] = []
        values: list[float] = []
        ends = [0]
        for text in texts:
            rows, unknown = self.rows[text]
            counts = self.rarity[rows].astype(np.float32)
            columns += rows.tolist()
            values += (counts / norm(counts, unknown)).tolist()
            ends.append(len(columns))
        return csr_matrix((values, columns, ends), shape=(len(texts), BUCKETS))


def fitted(
    corpus: Corpus, head: str, labels: Sequence[str], without: str | None = None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Learn one head, perhaps without one writer's sentences; returns its weights and biases."""
    from sklearn.linear_model import Ridge

    found = [one for one in corpus.heads[head] if without is None or one.writer != without]
    wanted = np.full((len(found), len(labels)), -1.0)
    place = {label: index for index, label in enumerate(labels)}
    for row, one in enumerate(found):
        for label in one.labels:
            if label in place:
                wanted[row, place[label]] = 1.0
    ridge = Ridge(alpha=FIRMNESS[head], solver="sparse_cg", tol=1e-5)
    ridge.fit(
        corpus.matrix([one.text for one in found]),
        wanted,
        sample_weight=np.array([one.counts for one in found]),
    )
    return np.asarray(ridge.coef_), np.asarray(ridge.intercept_)


def unseen_scores(
    corpus: Corpus, head: str, labels: Sequence[str]
) -> tuple[list[Example], NDArray[np.float64]]:
    """Score each writer's sentences by what the others wrote."""
    writers = sorted({one.writer for one in corpus.heads[head] if one.writer})
    found: list[Example] = []
    scores = []
    for writer in writers:
        coef, bias = fitted(corpus, head, labels, without=writer)
        theirs = [one for one in corpus.heads[head] if one.writer == writer]
        scores.append(corpus.matrix([one.text for one in theirs]) @ coef.T + bias)
        found += theirs
    return found, np.concatenate(scores)


def train() -> Model:
    """Learn all outputs; choose thresholds on sentences of writers left out."""
    places = samples.places()
    corpus = Corpus(examples(), PlaceIndex(places))
    weights, biases, heads = [], [], {}
    thresholds: dict[str, float] = {}
    for name, found in corpus.heads.items():
        labels = LABELS[name](found)
        coef, bias = fitted(corpus, name, labels)
        weights.append(coef)
        biases.append(bias)
        told, scores = unseen_scores(corpus, name, labels)
        if name == "emergency":
            heads[name] = Output(tuple(labels))
            continue
        right = np.array([labels.index(one.labels[0]) for one in told])
        heads[name] = Output(tuple(labels), _sharpness(scores, right))
        if name == "kind":
            thresholds = chosen_thresholds(told, scores, heads[name])
    small, scales = _as_whole_numbers(np.concatenate(weights))
    return Model(
        weights=small,
        rarity=corpus.rarity,
        marks=corpus.marks,
        scales=scales,
        biases=np.concatenate(biases).astype(np.float32),
        heads=heads,
        thresholds=thresholds,
        places={name: tuple(names) for name, names in places.items()},
        digest=samples.digest(),
    )


def cross_validated() -> dict[str, Any]:
    """Measure on each writer's sentences what the others teach. Shares from 0 to 1."""
    corpus = Corpus(examples(), PlaceIndex(samples.places()))
    found: dict[str, Any] = {}
    for name in ("agency", "field"):
        labels = LABELS[name](corpus.heads[name])
        told, scores = unseen_scores(corpus, name, labels)
        right = np.array([labels.index(one.labels[0]) for one in told])
        place = (np.argsort(-scores, 1) == right[:, None]).argmax(1)
        found[name] = {
            "sentences": len(told),
            "first": _share(place == 0),
            "in_three": _share(place < 3),
            "first_by_writer": {
                writer: _share((place == 0)[[one.writer == writer for one in told]])
                for writer in sorted({one.writer for one in told})
            },
        }
    told, scores = unseen_scores(corpus, "kind", KINDS)
    head = Output(KINDS, _sharpness(scores, np.array([KINDS.index(one.labels[0]) for one in told])))
    at = chosen_thresholds(told, scores, head)
    contested, urgent = chances_of(head, scores, CONTESTED), chances_of(head, scores, ("emergency",))
    disputes = np.array([bool(set(one.labels) & set(CONTESTED)) for one in told])
    cries = np.array(["emergency" in one.labels for one in told])
    found["kind"] = {
        "sentences": len(told),
        "contested_recall_with_doubt": _share(contested[disputes] >= at["asked"]),
        "contested_precision_outright": _share(disputes[contested >= at["sure"]]),
        "emergency_recall": _share(urgent[cries] >= at["emergency"]),
        "emergency_false_alarms": _share(urgent[~cries] >= at["emergency"]),
    }
    return found


def _share(holds: NDArray[np.bool_]) -> float:
    return round(float(np.mean(holds)), 4)


def _sharpness(scores: NDArray[np.float64], right: NDArray[np.int64]) -> float:
    """Choose the sharpness whose probabilities say best what turned out right."""

    def surprise(sharpness: float) -> float:
        spread = scores * sharpness
        spread = spread - spread.max(1, keepdims=True)
        chances = np.exp(spread) / np.exp(spread).sum(1, keepdims=True)
        return float(-np.log(chances[np.arange(len(right)), right] + 1e-9).mean())

    return float(min(SHARPEST, key=surprise))


def chances_of(head: Output, scores: NDArray[np.float64], labels: Sequence[str]) -> NDArray[np.float64]:
    """Return the summed probability of some labels, for each row of scores."""
    spread = np.exp((scores - scores.max(1, keepdims=True)) * head.sharpness)
    spread /= spread.sum(1, keepdims=True)
    return np.asarray(spread[:, [head.labels.index(label) for label in labels]].sum(1))


def chosen_thresholds(told: Sequence[Example], scores: NDArray[np.float64], head: Output) -> dict[str, float]:
    """Choose from which probability on a text counts as what it may be."""
    urgent = chances_of(head, scores, ("emergency",))
    calm = np.array(["emergency" not in one.labels for one in told])
    contested = chances_of(head, scores, CONTESTED)
    other = np.array([not set(one.labels) & {*CONTESTED, "emergency"} for one in told])
    return {
        "emergency": float(np.quantile(urgent[calm], 1 - FALSE_ALARMS)),
        "asked": float(np.quantile(contested[other], 1 - ASKED - WRONGLY_SURE)),
        "sure": float(np.quantile(contested[other], 1 - WRONGLY_SURE)),
    }


def _as_whole_numbers(weights: NDArray[np.float64]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Turn (labels, features) weights into small whole numbers by feature, with a scale for each label."""
    scales = np.abs(weights).max(1) / 127
    small = np.round(weights / scales[:, None]).astype(np.int8)
    return np.ascontiguousarray(small.T), scales.astype(np.float32)
