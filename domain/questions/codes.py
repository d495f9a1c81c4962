"""Question codes: `DH-2026-000123` as the ledger writes them, and as people type them.

The year is that of registration in programme time; numbers are sequential within a year (contract.md).

How joined or bare digits are read, so that nothing ambiguous is taken for a code:

- A year is 2000 to 2099. Year and number apart by a dash, dot, slash or space need nothing else.
- Digits joined behind the prefix that begin with a year not in the future are year and number: "dh2026123".
  Behind the prefix, other digits are a number without a year: "dh123".
- Joined digits without the prefix are year and number from 7 digits on: a number typed alone has at
  most 6. Five or six digits that begin so ("202612") could be either: no code.
- A lone year ("2026", "dh 2026") could be a number or half a code: no code; "002026" is a number.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache

from domain.vietnamese.text import clean, fold

PAD = 6
_MOST_DIGITS = 9  # what a number may have when it stands apart: far beyond any year's questions


@dataclass(frozen=True, slots=True, order=True)
class Code:
    """A question's place in the ledger: year of registration, and number (from 1).

    Where only the number was typed, `year` is the current one and `year_said` is false: what is meant is the newest
    question with that number that the person may see (services.questions.case.find).
    """

    year: int
    number: int
    year_said: bool = field(default=True, compare=False)

    def written(self, prefix: str) -> str:
        return format_code(prefix, self.year, self.number)


# One character for one, so that places in the translated text are places in the original.
_LIKE = {
    **{ord(dash): "-" for dash in "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d"},
    **{ord("\uff10") + digit: str(digit) for digit in range(10)},
    **{letter: chr(letter - 0xFEE0).lower() for letter in (*range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B))},
    **{ord(letter): "d" for letter in "đĐðÐɖƉ"},
    **{ord(letter): letter.lower() for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"},
    ord("\uff0f"): "/", ord("\uff0e"): ".", ord("\uff3f"): "_", ord("№"): "#",
}  # fmt: skip

_BETWEEN = r"[ ]*+(?:[-./_#:][ ]*+)?"  # between the prefix and what follows: perhaps nothing
_APART = r"(?:[ ]*+[-./_][ ]*+|[ ]++)"  # between year and number: something
_OPENING = r"[\s\[<(\"'“#]*+"
_END = r"(?![^\W_])(?![-./,_][^\W_])[\]>)\"'”]?"  # not inside a longer word, number, date or address


@lru_cache(maxsize=8)
def _patterns(prefix: str) -> tuple[tuple[re.Pattern[str], bool, bool], ...]:
    """Return (pattern with `year`/`number`/`digits`, has the prefix, may stand before other text)."""
    name = re.escape(fold(prefix)) + _BETWEEN
    year, number = r"(?P<year>20[0-9]{2})", rf"(?P<number>[0-9]{{1,{_MOST_DIGITS}}})"
    digits = r"(?P<digits>[0-9]{1,10})"
    tight = r"(?:[-./_])"
    return (
        (re.compile(_OPENING + name + year + _APART + number + _END), True, True),
        (re.compile(_OPENING + name + digits + _END), True, True),
        (re.compile(_OPENING + year + tight + number + _END), False, True),
        (re.compile(_OPENING + year + _APART + number + _END), False, False),
        (re.compile(_OPENING + digits + _END), False, True),
    )


def format_code(prefix: str, year: int, number: int) -> str:
    """Write a code as the ledger does: prefix, four-digit year, six-digit number."""
    return f"{prefix}-{year:04d}-{number:0{PAD}d}"


def parse_code(text: str, prefix: str, current_year: int) -> Code | None:
    """Read a text that is a code and nothing else; else None.

    The rules stand in the module's docstring.
    """
    typed = clean(text).rstrip(" \n.,;:!?").translate(_LIKE)
    for pattern, has_prefix, _ in _patterns(prefix):
        found = pattern.fullmatch(typed)
        if found:
            return _read(found, has_prefix, current_year)
    return None


def split_code(text: str, prefix: str, current_year: int) -> tuple[Code | None, str]:
    """Read the code at the front of a command's argument; return it and the rest.

    The rest is as it was typed (trimmed, newlines kept). Called again on the rest it takes the next code (`/gop MÃ
    MÃ_GỐC`). Without a code: None and the whole text.

    The first word of such an argument is always the code, so a bare number is one: "123 456 hộ dân" is question 123
    with the words "456 hộ dân". A bare year never joins a number after a space: "2026 123 hộ dân" is no code, "dh
    2026 123 hộ dân" and "2026-123 hộ dân" are.

    One mark between code and words (":", ",", " - ") is dropped.
    """
    text = clean(text)
    typed = text.translate(_LIKE)
    for pattern, has_prefix, before_text in _patterns(prefix):
        found = pattern.match(typed) if before_text else None
        if found:
            code = _read(found, has_prefix, current_year)
            if code is None:
                break
            return code, _AFTER.sub("", text[found.end() :], count=1)
    return None, text


_AFTER = re.compile(r"\A[ ]*(?:[:;,.]+(?=\s|$)|[:;,]|[-–—]+(?=[ ]))?\s*")


def _read(found: re.Match[str], has_prefix: bool, current_year: int) -> Code | None:
    groups = found.groupdict()
    if "digits" not in groups:
        return _code(int(groups["year"]), int(groups["number"]))
    digits: str = groups["digits"]
    begins_with_year = 2000 <= int(digits[:4]) <= max(current_year, 2000) and len(digits) >= 4
    if len(digits) == 4 and digits.startswith("20"):
        return None  # a lone year
    if begins_with_year and (has_prefix or len(digits) > PAD):
        return _code(int(digits[:4]), int(digits[4:]))
    if begins_with_year or len(digits) > PAD:
        return None
    return _code(current_year, int(digits), year_said=False)


def _code(year: int, number: int, *, year_said: bool = True) -> Code | None:
    return Code(year, number, year_said) if number else None
