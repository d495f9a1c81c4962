"""Tells what a text means in one JSON object (docs/contract.md, `understand`)."""

from typing import Any

from understanding.routing import Offices
from understanding.screening import screened


def understood(offices: Offices, text: str, address: str = "") -> dict[str, Any]:
    """Return what the bot would make of a text, ready to be printed."""
    said = screened(text, offices.model)
    routes = offices.routes(text, address)
    first, *also = said.kinds
    return {
        "kind": first,
        "also": also,
        "doubt": sorted(said.found.doubt),
        "emergency": sorted(said.found.emergency),
        "numbers": list(said.found.numbers),
        "fields": [list(one) for one in routes.fields],
        "agencies": [list(one) for one in routes.agencies],
    }
