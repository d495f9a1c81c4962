"""Suggests the agencies and fields for a text, out of those that the programme has today."""

from functools import lru_cache

from services.agencies import naming
from storage.agencies import agencies
from storage.engine.database import Work
from storage.rows import AgencyRow, FieldRow
from understanding.model import shipped
from understanding.routing import Office, Offices, Routes, Topic

COMMUNE = "commune"  # the level of agencies that answer for a place


async def routes(work: Work, text: str, address: str = "") -> Routes:
    """Rank today's agencies and fields for a text; a person decides (Law 134/2025)."""
    return (await offices(work)).routes(text, address)


async def offices(work: Work) -> Offices:
    """Return today's agencies and fields with their names, ready to rank a text."""
    heirs = await naming.heirs_by_code(work)
    called: dict[int, list[str]] = {}
    for alias in await agencies.all_aliases(work):
        called.setdefault(alias.agency_id, []).append(alias.alias)
    of = await agencies.field_codes(work)
    known = tuple(
        Office(
            row.code,
            (row.name, row.short_name, *called.get(row.id, ())),
            tuple(of.get(row.id, ())),
            row.level == COMMUNE,
            tuple(one.code for one, means in heirs.items() if row.code in means),
        )
        for row, today in heirs.items()
        if row.code in today
    )
    topics = tuple(Topic(one.code, tuple(one.name.split(","))) for one in await agencies.all_fields(work))
    return _ready(known, topics)


@lru_cache(maxsize=8)  # the agencies of a programme seldom change
def _ready(known: tuple[Office, ...], topics: tuple[Topic, ...]) -> Offices:
    return Offices(known, topics, shipped())


async def suggested_fields(work: Work, text: str, most: int) -> list[FieldRow]:
    """List the fields that a text may be about, the likeliest first, at most `most`."""
    if not text:
        return []
    found = (await routes(work, text)).fields
    rows = {one.code: one for one in await agencies.all_fields(work)}
    return [rows[code] for code, weight in found[:most] if weight >= WORTH_OFFERING]


WORTH_OFFERING = 0.05


async def suggested_agencies(work: Work, text: str, address: str = "") -> list[tuple[AgencyRow, float]]:
    """List the agencies that may answer a text with their weights, the surest first."""
    rows = {row.code: row for row in await agencies.everyone(work)}
    return [(rows[code], weight) for code, weight in (await routes(work, text, address)).agencies]
