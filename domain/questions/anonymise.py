"""Removes from a text what points to its author, before it is published."""

import re
from collections.abc import Iterator

from domain.vietnamese.text import fold

MASK = "…"
SURE = 6  # so many letters of a name in a row are no chance

_TOKEN = re.compile(r"\w+|\W+")
_WORD = re.compile(r"\w+")
_JOINTS = re.compile(r"[_.+-]+")  # between the words of a file's name

# E-mail: whatever may stand in front of an "@" is taken whole, address or not, so that nothing is looked at twice.
_BEFORE_AT = re.compile(r"[\w.+-]++(@[\w-]++(?:\.[\w-]++)++)?")
_NUMBERS = (
    re.compile(r"(?<!\d)(?:\+?84|0)(?:[\s.-]?\d){8,10}(?!\d)"),  # telephone
    re.compile(r"(?<!\d)\d{12}(?!\d)|(?<!\d)\d{9}(?!\d)"),  # identity card, old and new
)


def anonymise(text: str, *known: str | None) -> str:
    """Remove contact details, identity numbers and the asker's own details from a text.

    E-mail addresses and telephone numbers. `known` is what the ledger holds of the asker (name, address, contact); it
    is matched whatever the accents and case. An editor still reads the result before it is published: a machine can't
    know every name.
    """
    return _without(text, known)[0]


def unnamed(text: str, *known: str | None) -> str:
    """Remove only these details of somebody from a text.

    Other numbers and addresses stay, such as an office's own.
    """
    return _without_known(text, known)[0]


def unnamed_file(name: str, *known: str | None) -> str:
    """Remove these details of somebody from a file's name, however its words are joined.

    The file's ending stays.
    """
    stem, dot, ending = name.rpartition(".") if "." in name else (name, "", "")
    spaced = _JOINTS.sub(" ", stem)
    masked = unnamed(spaced, *known)
    signs = bare(masked)
    if any(detail and len(bare(detail)) >= SURE and bare(detail) in signs for detail in known):
        masked = MASK
    return name if masked == spaced else masked + dot + ending


def bare(text: str) -> str:
    """Return the letters and digits of a text alone, without accents."""
    return "".join(sign for sign in fold(text) if sign.isalnum())


def details_in(text: str, *known: str | None) -> list[str]:
    """List what `anonymise` would remove from a text, in its own spelling, each once."""
    return list(dict.fromkeys(_without(text, known)[1]))


def _without(text: str, known: tuple[str | None, ...]) -> tuple[str, list[str]]:
    text, found = _without_known(text, known)

    def mask(match: re.Match[str]) -> str:
        found.append(match[0])
        return MASK

    text = _BEFORE_AT.sub(lambda match: mask(match) if match[1] else match[0], text)
    for pattern in _NUMBERS:
        text = pattern.sub(mask, text)
    return text, found


def _without_known(text: str, known: tuple[str | None, ...]) -> tuple[str, list[str]]:
    tokens = _TOKEN.findall(text)
    spoken = [(index, fold(token)) for index, token in enumerate(tokens) if token[0].isalnum()]
    found: list[str] = []
    for detail in known:
        if detail and len(detail.strip()) > 2:
            spoken, masked = _mask(tokens, spoken, _WORD.findall(fold(detail)))
            found += masked
    return "".join(tokens), found


def _mask(
    tokens: list[str], spoken: list[tuple[int, str]], words: list[str]
) -> tuple[list[tuple[int, str]], list[str]]:
    """Mask these words among the tokens; return the spoken ones that are left, and what was masked."""
    masked: list[str] = []
    kept: list[tuple[int, str]] = []
    behind = 0  # of what was masked last
    for at in places_of(words, [word for _, word in spoken]):
        first, last = spoken[at][0], spoken[at + len(words) - 1][0]
        masked.append("".join(tokens[first : last + 1]))
        tokens[first : last + 1] = [MASK, *[""] * (last - first)]
        kept += spoken[behind:at]
        behind = at + len(words)
    return kept + spoken[behind:], masked


def places_of(words: list[str], folded: list[str]) -> Iterator[int]:
    """Yield where these words stand one after the other; places do not overlap.

    By the algorithm of Knuth, Morris and Pratt: a name like "a a a a b" must not make "a a a a a …" expensive.
    """
    fall = [0] * (len(words) + 1)  # how many words still fit, where the next one doesn't
    matched = 0
    for index in range(1, len(words)):
        while matched and words[index] != words[matched]:
            matched = fall[matched]
        matched += words[index] == words[matched]
        fall[index + 1] = matched
    matched = 0
    for index, word in enumerate(folded if words else ()):
        while matched and word != words[matched]:
            matched = fall[matched]
        matched += word == words[matched]
        if matched == len(words):
            yield index + 1 - matched
            matched = 0
