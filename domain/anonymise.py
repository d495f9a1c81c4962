"""Takes out of a text what points to its author, before it is published."""

import re

from domain.text import fold

MASK = "…"
SURE = 6  # so many letters of a name in a row are no chance

_PATTERNS = (
    re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"),  # e-mail
    re.compile(r"(?<!\d)(?:\+?84|0)(?:[\s.-]?\d){8,10}(?!\d)"),  # telephone
    re.compile(r"(?<!\d)\d{12}(?!\d)|(?<!\d)\d{9}(?!\d)"),  # identity card, old and new
)


def anonymise(text: str, *known: str | None) -> str:
    """The text without e-mail addresses, telephone and identity numbers, and the asker's own details.

    `known` are what the ledger holds of the asker (name, address, contact); matched whatever the accents and
    case. An editor still reads the result before it is published: a machine can't know every name.
    """
    return _without(text, known)[0]


def unnamed(text: str, *known: str | None) -> str:
    """The text without these details of somebody; other numbers and addresses stay, such as an office's own."""
    return _without_known(text, known)[0]


def unnamed_file(name: str, *known: str | None) -> str:
    """The name of a file without these details of somebody, however their words are joined; its ending stays."""
    stem, dot, ending = name.rpartition(".") if "." in name else (name, "", "")
    spaced = re.sub(r"[_.+-]+", " ", stem)
    masked = unnamed(spaced, *known)
    signs = bare(masked)
    if any(detail and len(bare(detail)) >= SURE and bare(detail) in signs for detail in known):
        masked = MASK
    return name if masked == spaced else masked + dot + ending


def bare(text: str) -> str:
    """The letters and digits of a text alone, without accents."""
    return "".join(sign for sign in fold(text) if sign.isalnum())


def details_in(text: str, *known: str | None) -> list[str]:
    """What `anonymise` would take out of a text, in its own spelling, each once."""
    return list(dict.fromkeys(_without(text, known)[1]))


def _without(text: str, known: tuple[str | None, ...]) -> tuple[str, list[str]]:
    text, found = _without_known(text, known)

    def mask(match: re.Match[str]) -> str:
        found.append(match[0])
        return MASK

    for pattern in _PATTERNS:
        text = pattern.sub(mask, text)
    return text, found


def _without_known(text: str, known: tuple[str | None, ...]) -> tuple[str, list[str]]:
    found: list[str] = []
    for detail in known:
        if detail and len(detail.strip()) > 2:
            text, masked = _mask(text, detail)
            found += masked
    return text, found


def _mask(text: str, detail: str) -> tuple[str, list[str]]:
    wanted = fold(detail).split()
    tokens = re.findall(r"\w+|\W+", text)
    spoken = [index for index, token in enumerate(tokens) if token[0].isalnum()]
    folded = [fold(tokens[index]) for index in spoken]
    words = re.findall(r"\w+", " ".join(wanted))
    masked = []
    at = 0
    while words and at + len(words) <= len(folded):
        if folded[at : at + len(words)] == words:
            first, last = spoken[at], spoken[at + len(words) - 1]
            masked.append("".join(tokens[first : last + 1]))
            tokens[first : last + 1] = [MASK, *[""] * (last - first)]
            at += len(words)
        else:
            at += 1
    return "".join(tokens), masked
