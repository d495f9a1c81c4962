"""Reads the number of an official letter (số công văn) in an answer.

An officer writes it as the first or the last line.
"""

import re

from domain.vietnamese.text import clean, fold

_LABEL = re.compile(r"^(?:so cong van|cong van so|so cv|cv so|so van ban|van ban so)\b\s*[:.\-]?\s*")
LONGEST = 80


def split_letter(text: str) -> tuple[str, str | None]:
    """Split a text into (text without the letter's line, the letter's number).

    (text, None) where neither the first nor the last line tells one.
    """
    lines = clean(text).split("\n")
    for at in (0, -1):
        number = _number(lines[at])
        if number is not None:
            del lines[at]
            return "\n".join(lines).strip(), number
    return clean(text), None


def _number(line: str) -> str | None:
    """Read the number on a line that holds nothing else.

    "Số công văn: 123/SNNMT-VP", "Công văn số 123/SNNMT".
    """
    found = _LABEL.match(fold(line))
    if found is None:
        return None
    # Folding keeps the words apart as they are: what the label takes in words, the line has too.
    taken = len(found[0].split())
    number = " ".join(line.split()[taken:]).strip(" :.-")
    if not number and ":" in line:
        number = line.split(":", 1)[1].strip()
    return number if number and len(number) <= LONGEST and any(map(str.isdigit, number)) else None
