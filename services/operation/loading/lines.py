"""Reads a CSV file as lines with checked cells.

A fault is named by its line.
"""

import csv
from dataclasses import dataclass
from datetime import date
from io import StringIO
from typing import Any

from domain.vietnamese.text import clean


class BadFile(Exception):
    """The file can't be loaded.

    `problems` are sentences, each with its line where one is at fault.
    """

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


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

    Raises `BadFile`.
    """
    reader = csv.DictReader(StringIO(text.removeprefix("\ufeff")), strict=True)
    try:
        missing = required - set(reader.fieldnames or [])
        if missing:
            raise BadFile([f"columns are missing: {', '.join(sorted(missing))}"])
        lines, problems = [], []
        for cells in reader:
            if None in cells or None in cells.values():
                problems.append(f"line {reader.line_num}: not as many cells as the header has")
                continue
            lines.append(CsvLine(reader.line_num, {name: clean(value) for name, value in cells.items()}))
    except csv.Error as error:
        raise BadFile([f"line {reader.line_num}: {error}"]) from error
    if problems:
        raise BadFile(problems)
    return lines


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
    text = line.cells.get(column, "")
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        problems.append(f"line {line.number}: {column} is no date (YYYY-MM-DD): {text!r}")
        return None


def among(line: CsvLine, column: str, among: range, problems: list[str]) -> int | None:
    """Read a whole number from a range; None, and a problem, for anything else."""
    text = line.cells[column]
    if text.isascii() and text.isdigit() and len(text) < 9 and int(text) in among:
        return int(text)
    problems.append(f"line {line.number}: {column} is no number from {among[0]} to {among[-1]}: {text!r}")
    return None
