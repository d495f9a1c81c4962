"""Loads `views.csv`: how often links were viewed."""

from datetime import date

from domain.episodes.links import MOST_VIEWS, read_link, same_as
from domain.errors import RuleViolation
from services.episodes.links import Count, KnownLinks, known_links, record_counts
from services.operation.loading.lines import BadFile, CsvLine, date_of, read
from storage.engine.database import Work


async def read_counts(work: Work, text: str) -> list[Count]:
    """Read `views.csv`.

    Columns: year and number of the episode, url of its link, date, total views. Raises `BadFile`.
    """
    lines = read(text, {"year", "number", "url", "date", "views"})
    today = work.programme.local(work.now).date()
    known = await known_links(work, {one for line in lines if (one := _episode(line)) is not None})
    problems: list[str] = []
    first: dict[tuple[int, date], int] = {}
    counts: list[Count] = []
    for line in lines:
        day, views = date_of(line, "date", problems), _views(line, problems)
        if day is None and not line.cells["date"]:
            problems.append(f"line {line.number}: date is empty")
        if day is not None and day > today:
            problems.append(f"line {line.number}: {day} is a day to come")
        link_id = _link(work, line, known, problems)
        if link_id is None or day is None or views is None:
            continue
        if first.setdefault((link_id, day), line.number) != line.number:
            problems.append(
                f"line {line.number}: this link and date stand on line {first[link_id, day]} already"
            )
        counts.append(Count(link_id, line.cells["url"], day, views))
    if problems:
        raise BadFile(problems)
    return counts


def _episode(line: CsvLine) -> tuple[int, int] | None:
    """Read year and number; None for anything else, or more digits than a database takes."""
    year, number = line.cells["year"], line.cells["number"]
    fits = all(part.isascii() and part.isdigit() and len(part) <= 6 for part in (year, number))
    return (int(year), int(number)) if fits else None


def _link(work: Work, line: CsvLine, known: KnownLinks, problems: list[str]) -> int | None:
    episode = _episode(line)
    if episode is None or episode not in known:
        problems.append(
            f"line {line.number}: there is no episode {line.cells['number']!r} of {line.cells['year']!r}"
        )
        return None
    try:
        found = known[episode].get(same_as(read_link(line.cells["url"], work.programme.link_hosts)[1]))
    except RuleViolation:
        found = None
    if found is None:
        problems.append(
            f"line {line.number}: episode {episode[1]}/{episode[0]} has no link {line.cells['url'][:200]!r}"
        )
    return found


def _views(line: CsvLine, problems: list[str]) -> int | None:
    text = line.cells["views"]
    if text.isascii() and text.isdigit() and len(text) <= 13 and int(text) <= MOST_VIEWS:
        return int(text)
    problems.append(f"line {line.number}: views is no count: {text[:40]!r}")
    return None


async def load_views(work: Work, text: str) -> int:
    """Load counts of views, each the total on its date.

    Raises `BadFile`.
    """
    counts = await read_counts(work, text)
    await record_counts(work, counts)
    return len(counts)
