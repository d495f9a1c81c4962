"""Counts how often the model is right on labelled sentences it has not learnt from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from domain.vietnamese.text import fold
from understanding.likeness import Likeness
from understanding.model import Model
from understanding.routing import Offices
from understanding.samples import COMMUNE, Group, Routed, Screened
from understanding.screening import CONTESTED, screened


def routing(offices: Offices, sentences: Sequence[Routed]) -> dict[str, Any]:
    """Count how often the right agency and field come first, or among three.

    A communal matter is right when a commune's committee is named.
    """
    communal = {office.code for office in offices.offices if office.communal}
    first = three = field_first = field_three = fields = bare = 0
    wrong: list[dict[str, Any]] = []
    for one in sentences:
        named = _agencies(offices, one.text, communal)
        wanted = {COMMUNE if code in communal else code for code in one.agencies}
        first += named[:1] != [] and named[0] in wanted
        three += bool(set(named[:3]) & wanted)
        bare += bool(set(_agencies(offices, fold(one.text), communal)[:1]) & wanted)
        if named[:1] and named[0] not in wanted:
            wrong.append({"text": one.text, "wanted": sorted(wanted), "named": named[:3]})
        if one.field:
            ranked = [code for code, _ in offices.routes(one.text).fields]
            fields += 1
            field_first += ranked[:1] == [one.field]
            field_three += one.field in ranked[:3]
    count = len(sentences) or 1
    return {
        "sentences": len(sentences),
        "agency_first": _share(first, count),
        "agency_in_three": _share(three, count),
        "agency_first_without_diacritics": _share(bare, count),
        "field_first": _share(field_first, fields or 1),
        "field_in_three": _share(field_three, fields or 1),
        "wrong": wrong,
    }


def _agencies(offices: Offices, text: str, communal: set[str]) -> list[str]:
    named = [
        COMMUNE if code in communal else code for code, _ in offices.routes(text.replace("{P}", "xã")).agencies
    ]
    return list(dict.fromkeys(named))
