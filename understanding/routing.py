"""Suggests who should answer a text and what it is about.

Three voices: the model, for the agencies and fields it learnt; names and aliases, for all of them, new ones too; and
the places a text names, for what its commune has to answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from domain.vietnamese.places import PlaceIndex
from domain.vietnamese.text import expand_abbreviations, expand_teencode, fold, lower, words
from understanding.samples import COMMUNE

if TYPE_CHECKING:
    from understanding.model import Model

_WORD = re.compile(r"[^\W_]+")
MOST = 5  # agencies told
LEAST = 0.001  # weight below which nothing is told
ADDRESS_COUNTS = 0.3  # where somebody lives, beside a place that the question names
NEW_COUNTS = 0.5  # an agency the model never learnt, beside the field it answers for
NAME_COUNTS = 0.05  # each word of a name that the text says


@dataclass(frozen=True)
class Office:
    """An agency of today as routing needs it.

    `learnt`: codes the model knows it by, its own and its forerunners'.
    """

    code: str
    names: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    communal: bool = False
    learnt: tuple[str, ...] = ()


@dataclass(frozen=True)
class FieldNames:
    """A field with its names."""

    code: str
    names: tuple[str, ...]


Ranked = tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class Routes:
    """Codes with weights from 0 to 1, best first."""

    agencies: Ranked = ()
    fields: Ranked = ()


@dataclass(frozen=True)
class Offices:
    """The agencies and fields of a programme, and how a text leads to them."""

    offices: tuple[Office, ...]
    topics: tuple[FieldNames, ...]
    model: Model | None = field(default=None, compare=False)

    def routes(self, text: str, address: str = "") -> Routes:
        """Rank agencies and fields for a text; `address` is where the asker lives."""
        spoken = said(text)
        learnt = {} if self.model is None else self._learnt(self.model, text)
        fields = self._fields(spoken, learnt.get("field", {}))
        called = {code: score for code, names in self._names if (score := named(spoken, names))}
        communal = [office.code for office in self.offices if office.communal]
        agencies: dict[str, float] = {}
        for office in self.offices:
            if not office.communal:
                of_field = sum(fields.get(code, 0.0) / self._share[code] for code in office.fields)
                own = [learnt["agency"][code] for code in office.learnt if code in learnt.get("agency", {})]
                agencies[office.code] = max(own) if own else NEW_COUNTS * of_field
                agencies[office.code] += NAME_COUNTS * called.get(office.code, 0.0)
        share = learnt.get("agency", {}).get(COMMUNE, 0.5 if not learnt else 0.0)
        for code, weight in self._places(text, address, communal).items():
            agencies[code] = share * weight
        return Routes(_ranked(agencies, MOST), _ranked(fields, MOST))

    def _learnt(self, model: Model, text: str) -> dict[str, dict[str, float]]:
        scores = model.scores(model.words(text))
        return {name: model.heads[name].chances(scores[name]) for name in ("agency", "field")}

    def _fields(self, spoken: Said, learnt: Mapping[str, float]) -> dict[str, float]:
        titles = {one.code: named(spoken, [(name, 3) for name in one.names]) for one in self.topics}
        by_office: dict[str, float] = {}
        for office in self.offices:
            aliases = named(spoken, [(name, 2) for name in office.names])
            for code in office.fields:
                by_office[code] = max(by_office.get(code, 0.0), aliases)
        found = {}
        for one in self.topics:
            score = titles[one.code] + by_office.get(one.code, 0.0)
            found[one.code] = learnt.get(one.code, 0.0) + (score / 100 if learnt else score / (score + 6))
        return found

    def _places(self, text: str, address: str, communal: Sequence[str]) -> dict[str, float]:
        """Weigh the communes that a text names; where it names no place at all, that of the address."""
        if not communal:
            return {}
        # Today's names first: a district of before July 2025 gave its name to one of the communes in its place.
        found = self._of_today.candidates(text) or self._index.candidates(text)
        if found or self._index.names_some(text):
            return {code: 1 / len(found) for code in found}
        lives = (self._of_today.candidates(address) or self._index.candidates(address)) if address else []
        return {code: ADDRESS_COUNTS / len(lives) for code in lives}

    @cached_property
    def _names(self) -> tuple[tuple[str, tuple[tuple[str, int], ...]], ...]:
        return tuple((one.code, tuple((name, 1) for name in one.names)) for one in self.offices)

    @cached_property
    def _share(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for office in self.offices:
            for code in office.fields:
                found[code] = found.get(code, 0) + 1
        return found

    @cached_property
    def _of_today(self) -> PlaceIndex:
        return PlaceIndex({one.code: one.names for one in self.offices if one.communal})

    @cached_property
    def _index(self) -> PlaceIndex:
        """An index of the communes' names, those of before July 2025 with them."""
        former = (
            {} if self.model is None else {fold(name): names for name, names in self.model.places.items()}
        )
        called: dict[str, list[str]] = {}
        for office in self.offices:
            if office.communal:
                own = [*office.names]
                for name in office.names:
                    for today, names in former.items():
                        if fold(name).endswith(today):
                            own += names
                called[office.code] = list(dict.fromkeys(own))
        return PlaceIndex(called)


def _ranked(weights: Mapping[str, float], most: int) -> Ranked:
    best = sorted(weights.items(), key=lambda one: -one[1])[:most]
    return tuple((code, round(min(weight, 1.0), 4)) for code, weight in best if weight >= LEAST)


@dataclass(frozen=True)
class Said:
    """A text's words, folded and as they were typed, with a space around each."""

    folded: str
    typed: str


def said(text: str) -> Said:
    """Return the words of a text as names are looked for in them."""
    folded = words(expand_abbreviations(expand_teencode(fold(text))))
    return Said(f" {' '.join(folded)} ", f" {' '.join(_WORD.findall(lower(text)))} ")


def named(text: Said, names: Iterable[tuple[str, int]]) -> float:
    """Score names that stand in a text: longer ones count more.

    A name of one syllable means many things without its marks ("chua": chùa, chưa), so it must be typed with them.
    """
    found = 0
    for name, weight in names:
        wanted = words(name)
        if len(wanted) == 1:
            stands = f" {lower(name).strip()} " in text.typed
        else:
            stands = bool(wanted) and f" {' '.join(wanted)} " in text.folded
        found += weight * len(wanted) if stands else 0
    return float(found)
