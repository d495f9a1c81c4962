"""Reads a CSV file as lines with checked cells.

A fault is named by its line.
"""

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from io import StringIO
from typing import Any

from domain.errors import Reason
from domain.vietnamese.text import clean

SIGNS = (",", ";", "\t")  # between cells
_SEPARATOR = re.compile(r"\Asep=.\r?\n")  # a first line that spreadsheets write for themselves
_DAY_FIRST = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})", re.ASCII)


class Problem(str):
    """A sentence that names a fault and its line, with advice."""

    advice: Reason

    def __new__(cls, said: str, advice: Reason) -> "Problem":
        one = super().__new__(cls, said)
        one.advice = advice
        return one


class BadFile(Exception):
    """The file can't be loaded.

    `problems` are sentences, each with its line where one is at fault.
    """

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = list(problems)

    @property
    def advice(self) -> list[Reason]:
        """Return what the operator should do, each advice once."""
        return list(dict.fromkeys(one.advice for one in self.problems if isinstance(one, Problem)))


@dataclass(frozen=True)
class CsvLine:
    """One line of a file: its number as an editor shows it, and its cells."""

    number: int
    cells: dict[str, str]

    def several(self, column: str) -> list[str]:
        """Return the values of a cell that `|` separates."""
        return [value for part in self.cells.get(column, "").split("|") if (value := clean(part))]


def read(text: str, required: set[str]) -> list[CsvLine]:
    """Read the lines of a CSV file with a header.

    Cells are apart by commas, semicolons or tabs, whichever gives the columns; empty rows say nothing, nor do empty
    columns and cells behind the last. Raises `BadFile`.
    """
    text = _SEPARATOR.sub("", text.removeprefix("\ufeff"))
    sign, header = _header(text, required)
    reader = csv.reader(StringIO(text), delimiter=sign, strict=True)
    lines, problems = list[CsvLine](), list[str]()
    begun = False
    try:
        for row in reader:
            cells = [clean(cell) for cell in row]
            if not any(cells):
                continue
            if not begun:  # the header
                begun = True
                continue
            if len(cells) < len(header) or any(cells[len(header) :]):
                said = f"line {reader.line_num}: not as many cells as the header has"
                problems.append(Problem(said, Reason.CSV_COLUMNS))
                continue
            lines.append(CsvLine(reader.line_num, dict(zip(header, cells, strict=False))))
    except csv.Error as error:
        raise BadFile([Problem(f"line {reader.line_num}: {error}", Reason.CSV_COLUMNS)]) from error
    if problems:
        raise BadFile(problems)
    return lines


def _header(text: str, required: set[str]) -> tuple[str, list[str]]:
    """What stands between the cells, and the names of the columns; raises `BadFile` where none gives all of them."""
    found: dict[str, list[str]] = {}
    for sign in SIGNS:
        try:
            first = next((row for row in csv.reader(StringIO(text), delimiter=sign) if any(row)), [])
        except csv.Error:
            continue
        cells = [clean(cell) for cell in first]
        while cells and not cells[-1]:
            cells.pop()
        found[sign] = cells
        if required <= set(cells):
            return sign, cells
    most = max(found.values(), key=len, default=[])
    missing = ", ".join(sorted(required - set(most)))
    raise BadFile([Problem(f"columns are missing: {missing}", Reason.CSV_COLUMNS)])


def named(cells: dict[str, str], *columns: str) -> dict[str, Any]:
    return {column: cells[column] for column in columns}


def empty(line: CsvLine, *columns: str) -> list[str]:
    return [f"line {line.number}: {column} is empty" for column in columns if not line.cells[column]]


def validity(line: CsvLine, problems: list[str]) -> dict[str, Any]:
    valid = {column: date_of(line, column, problems) for column in ("valid_from", "valid_to")}
    if valid["valid_from"] and valid["valid_to"] and valid["valid_from"] > valid["valid_to"]:
        problems.append(f"line {line.number}: valid_from is after valid_to")
    return valid


def repeated(lines: list[CsvLine], key: str) -> list[str]:
    first: dict[str, int] = {}
    problems = []
    for line in lines:
        value = line.cells[key]
        if value in first:
            problems.append(f"line {line.number}: {key} {value!r} stands on line {first[value]} already")
        first.setdefault(value, line.number)
    return problems


def date_of(line: CsvLine, column: str, problems: list[str]) -> date | None:
    """Read a date: 2025-07-01 or, as people here write it, 01/07/2025.

    None for an empty cell and, with a problem, for what is no date.
    """
    text = line.cells.get(column, "")
    if not text:
        return None
    written = _DAY_FIRST.fullmatch(text)
    try:
        if written is not None:
            return date(int(written[3]), int(written[2]), int(written[1]))
        return date.fromisoformat(text)
    except ValueError:
        said = f"line {line.number}: {column} is no date (YYYY-MM-DD): {text!r}"
        problems.append(Problem(said, Reason.CSV_DATES))
        return None


def among(line: CsvLine, column: str, among: range, problems: list[str]) -> int | None:
    """Read a whole number from a range; None, and a problem, for anything else."""
    text = line.cells[column]
    if text.isascii() and text.isdigit() and len(text) < 9 and int(text) in among:
        return int(text)
    problems.append(f"line {line.number}: {column} is no number from {among[0]} to {among[-1]}: {text!r}")
    return None
