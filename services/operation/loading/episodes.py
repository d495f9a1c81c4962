"""Loads `episodes.csv`: episodes by number and year."""

from typing import Any

from domain.episodes.episodes import TITLE
from services.operation.loading.lines import BadFile, among, empty, read
from storage.agencies import agencies
from storage.engine.database import Work
from storage.episodes import episodes


async def load_episodes(work: Work, text: str) -> int:
    """Load `episodes_2024.csv`: number, year, title, field (may be empty).

    Everything else about an episode stays.
    """
    lines = read(text, {"number", "year", "title", "field"})
    known = {field.code for field in await agencies.all_fields(work)}
    problems: list[str] = []
    parsed: dict[tuple[int, int], tuple[int, dict[str, Any]]] = {}
    for line in lines:
        cells = line.cells
        year = among(line, "year", range(2000, 2101), problems)
        number = among(line, "number", range(1, 1000), problems)
        problems += empty(line, "title")
        if len(cells["title"]) > TITLE:
            problems.append(f"line {line.number}: title has more than {TITLE} characters")
        if cells["field"] and cells["field"] not in known:
            problems.append(f"line {line.number}: unknown field {cells['field']!r} (load the fields first)")
        if year is None or number is None:
            continue
        if (year, number) in parsed:
            first = parsed[year, number][0]
            problems.append(f"line {line.number}: episode {number}/{year} stands on line {first} already")
        values = {
            "year": year,
            "number": number,
            "title": cells["title"],
            "field_code": cells["field"] or None,
        }
        parsed.setdefault((year, number), (line.number, values))
    if problems:
        raise BadFile(problems)
    for _, values in parsed.values():
        await episodes.save(work, values)
    return len(parsed)
