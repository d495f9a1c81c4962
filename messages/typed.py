"""Words that people type to mean something, from `typed.toml` of every language.

Each is understood whatever the reader's language. Forms are folded, as what is typed is. They are read once, when a
module that needs them begins.
"""

import re
import tomllib
from collections.abc import Collection, Mapping
from functools import cache
from typing import TypeVar

from domain.vietnamese.text import fold, lower
from messages.words import LANGUAGES, TEMPLATES

Meaning = TypeVar("Meaning")


@cache
def of_language(language: str) -> dict[str, dict[str, list[str]]]:
    """Read the tables of one language, as they are written."""
    return tomllib.loads((TEMPLATES / language / "typed.toml").read_text(encoding="utf-8"))


def forms(table: str, key: str) -> frozenset[str]:
    """Return the folded forms of one key, in every language."""
    return frozenset(fold(form) for form in _written(table, key))


def marked(table: str, key: str) -> frozenset[str]:
    """Return the forms of one key in lower case, with their diacritics.

    For where these make the difference.
    """
    return frozenset(lower(form) for form in _written(table, key))


def meanings(table: str, meant: Mapping[str, Meaning]) -> dict[str, Meaning]:
    """Map each form of a table to what its key means.

    Raises `ValueError` where the keys are others.
    """
    keys = {key for language in LANGUAGES for key in of_language(language)[table]}
    if keys != set(meant):
        raise ValueError(f"[{table}] of typed.toml has other keys than what is meant: {keys ^ set(meant)}")
    return {form: meaning for key, meaning in meant.items() for form in forms(table, key)}


def either(words: Collection[str]) -> str:
    """Return a pattern for any of these forms, the longest first."""
    longest_first = sorted(words, key=lambda form: (-len(form), form))
    return f"(?:{'|'.join(re.escape(form) for form in longest_first)})"


def _written(table: str, key: str) -> list[str]:
    return [form for language in LANGUAGES for form in of_language(language)[table].get(key, ())]
