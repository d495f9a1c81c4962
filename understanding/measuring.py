"""Counts how often the model is right on labelled sentences it has not learnt from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from domain.vietnamese.text import fold
from understanding import samples
from understanding.model import Model
from understanding.routing import Office, Offices
from understanding.samples import COMMUNE, RoutingSample, ScreeningSample
from understanding.screening import CONTESTED, screened


def measured_routing(offices: Offices, sentences: Sequence[RoutingSample]) -> dict[str, Any]:
    """Count how often the right agency and field come first, or among three.

    A communal matter is right where a commune's committee is named. Shares from 0 to 1.
    """
    communal = frozenset(office.code for office in offices.offices if office.communal)
    tally: Counter[str] = Counter()
    wrong: list[dict[str, Any]] = []
    for one in sentences:
        wanted = {COMMUNE if code in communal else code for code in one.agencies}
        named = _agencies(offices, one.text, communal)
        tally["first"] += bool(wanted & set(named[:1]))
        tally["three"] += bool(wanted & set(named[:3]))
        tally["bare"] += bool(wanted & set(_agencies(offices, fold(one.text), communal)[:1]))
        if not wanted & set(named[:1]):
            wrong.append({"text": one.text, "wanted": sorted(wanted), "named": named[:3]})
        if one.field:
            ranked = [code for code, _ in offices.routes(one.text).fields]
            tally["fields"] += 1
            tally["field_first"] += one.field in ranked[:1]
            tally["field_three"] += one.field in ranked[:3]
    count = len(sentences)
    return {
        "sentences": count,
        "agency_first": _share(tally["first"], count),
        "agency_in_three": _share(tally["three"], count),
        "agency_first_without_diacritics": _share(tally["bare"], count),
        "field_first": _share(tally["field_first"], tally["fields"]),
        "field_in_three": _share(tally["field_three"], tally["fields"]),
        "wrong": wrong,
    }


def with_all_communes(offices: Offices) -> Offices:
    """Return offices with a committee for every commune, though an operator loaded only some."""
    there = {fold(name) for office in offices.offices if office.communal for name in office.names}
    missing = [name for name in samples.places() if fold(name) not in there]
    more = (Office(f"COMMUNE-{fold(name)}", (name,), communal=True) for name in missing)
    return Offices((*offices.offices, *more), offices.topics, offices.model)


def _agencies(offices: Offices, text: str, communal: frozenset[str]) -> list[str]:
    """List the agencies named for a text, each commune's committee as one and the same."""
    ranked = offices.routes(text).agencies
    return list(dict.fromkeys(COMMUNE if code in communal else code for code, _ in ranked))


def measured_screening(model: Model | None, sentences: Sequence[ScreeningSample]) -> dict[str, Any]:
    """Count what is found, asked about and mistaken, as shares from 0 to 1."""
    tally: Counter[str] = Counter()
    wrong: list[dict[str, Any]] = []
    for one in sentences:
        labels, said = {one.kind, *one.also}, screened(one.text, model)
        contested, urgent = bool(labels & set(CONTESTED)), "emergency" in labels
        outright = bool(set(said.kinds) & set(CONTESTED))
        alarm, asked = "emergency" in said.kinds, bool(said.found.doubt)
        tally["contested"] += contested
        tally["contested_found"] += contested and (outright or asked)
        tally["outright"] += outright
        tally["outright_right"] += outright and contested
        tally["other"] += not contested
        tally["other_asked"] += asked and not contested
        tally["urgent"] += urgent
        tally["urgent_found"] += urgent and alarm
        tally["calm_alarmed"] += alarm and not urgent
        if contested != (outright or asked) or urgent != alarm:
            wrong.append(
                {"text": one.text, "wanted": sorted(labels), "said": [*said.kinds, *sorted(said.found.doubt)]}
            )
    count = len(sentences)
    return {
        "sentences": count,
        "contested_recall_with_doubt": _share(tally["contested_found"], tally["contested"]),
        "contested_precision_outright": _share(tally["outright_right"], tally["outright"]),
        "others_asked": _share(tally["other_asked"], tally["other"]),
        "emergency_recall": _share(tally["urgent_found"], tally["urgent"]),
        "emergency_false_alarms": _share(tally["calm_alarmed"], count - tally["urgent"]),
        "wrong": wrong,
    }


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None
