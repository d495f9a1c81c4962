"""Suggests fields for a text, by their names and their agencies' names."""

from collections.abc import Iterable

from domain.vietnamese.disguise import keys_as_letters
from domain.vietnamese.text import expand_abbreviations, expand_teencode, fold, words
from storage.agencies import agencies
from storage.engine.database import Work
from storage.rows import FieldRow

SUGGESTED = 4  # fields offered first


async def suggested_fields(work: Work, text: str) -> list[FieldRow]:
    """List the fields that a text may be about, the likeliest first.

    Found by their names, and by their agencies' names and aliases. A suggestion only: the asker chooses.
    """
    if not text:
        return []
    spoken = _spoken(text)
    today = work.programme.local(work.now).date()
    aliases = await agencies.aliases_by_field(work, today)
    ranked = [
        (-_score(spoken, [(part, 3) for part in field.name.split(",")] + aliases_of), field.position, field)
        for field in await agencies.all_fields(work)
        for aliases_of in [[(alias, 2) for alias in aliases.get(field.code, ())]]
    ]
    return [field for score, _position, field in sorted(ranked, key=lambda one: one[:2]) if score][:SUGGESTED]


def _spoken(text: str) -> str:
    return f" {' '.join(words(expand_abbreviations(expand_teencode(fold(keys_as_letters(text))))))} "


def _score(spoken: str, names: Iterable[tuple[str, int]]) -> int:
    """Score a field: longer names count more; its own name counts more than an alias of an agency."""
    found = 0
    for name, weight in names:
        wanted = words(name)
        if wanted and f" {' '.join(wanted)} " in spoken:
            found += weight * len(wanted)
    return found
