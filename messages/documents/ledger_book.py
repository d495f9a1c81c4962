"""Writes the ledger as a spreadsheet (.xlsx).

Every word is written as text: nothing that people wrote is ever a formula. A cell of text stays text also when
somebody edits it: its format is that of text, and it is marked as such (the apostrophe that Excel does not show).
XlsxWriter is imported when first needed; it keeps one row in memory, and those before it in a file beside the one
that it makes.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

MAX_QUESTIONS = 1_048_575  # Excel's rows, without the one of the headings
CELL_UNITS = 32_767  # Excel's longest text, in UTF-16 units
_CUT = "…"
# What no XML may hold. A carriage return no reader of XML gives back: a line ends with a line feed.
_NOT_XML = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")
_LINE_ENDS = re.compile("\r\n?")

Cell = str | int | datetime | None  # a time is naive, in the zone of who reads it


class TooLarge(Exception):
    """The file would be larger than is allowed."""


@dataclass(frozen=True)
class BookColumn:
    """One column of the ledger's sheet."""

    heading: str
    width: int  # in characters


@dataclass(frozen=True)
class BookFact:
    """A fact about the file, as one line of the second sheet."""

    name: str
    value: Cell


@dataclass(frozen=True)
class BookHead:
    """All but the questions: names of sheets and columns, facts about the file."""

    sheet: str
    columns: Sequence[BookColumn]
    about: str  # the second sheet
    facts: Sequence[BookFact]
    made_at: datetime  # aware


class LedgerBook:
    """A spreadsheet being written to a file; `close` or `drop` it.

    A file that is sent stays below `limit` bytes; `TooLarge` is raised as soon as it can't.
    """

    def __init__(self, file: Path, head: BookHead, *, limit: int) -> None:
        from xlsxwriter import Workbook

        options = {
            "constant_memory": True,
            "tmpdir": str(file.parent),
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        }
        self._file, self._limit = file, limit
        self._book = Workbook(str(file), options)
        self._book.set_properties({"title": head.sheet, "created": head.made_at.astimezone(UTC)})
        self._text = self._book.add_format({"num_format": "@", "quote_prefix": True, "valign": "top"})
        self._time = self._book.add_format({"num_format": "dd/mm/yyyy hh:mm", "valign": "top"})
        self._number = self._book.add_format({"num_format": "0", "valign": "top"})
        self._title = self._book.add_format({"bold": True, "bg_color": "#DDE7F0", "valign": "top"})
        self._sheet = self._book.add_worksheet(head.sheet)
        self._columns = len(head.columns)
        for at, column in enumerate(head.columns):
            self._sheet.set_column(at, at, column.width)
            self._sheet.write_string(0, at, column.heading, self._title)
        self._sheet.freeze_panes(1, 1)
        self._rows = self._characters = 0
        about = self._book.add_worksheet(head.about)
        about.set_column(0, 0, 24)
        about.set_column(1, 1, 60)
        for row, fact in enumerate(head.facts):
            about.write_string(row, 0, fact.name, self._title)
            self._write(about, row, 1, fact.value)

    def add(self, rows: Iterable[Sequence[Cell]]) -> None:
        """Write some more questions.

        Raises `TooLarge`, `OSError`.
        """
        for cells in rows:
            self._rows += 1
            for column, cell in enumerate(cells):
                self._write(self._sheet, self._rows, column, cell)
        # Text never shrinks to an eighth: the file would be too large anyway, and fills the disk.
        if self._rows > MAX_QUESTIONS or self._characters > 8 * self._limit:
            raise TooLarge

    def _write(self, sheet: Any, row: int, column: int, cell: Cell) -> None:
        match cell:
            case None | "":
                pass
            case str():
                text = readable(cell)
                self._characters += len(text)
                sheet.write_string(row, column, text, self._text)
            case datetime():
                sheet.write_datetime(row, column, cell, self._time)
            case _:
                sheet.write_number(row, column, cell, self._number)

    def close(self) -> None:
        """Finish the file.

        Raises `TooLarge`, `OSError`.
        """
        self._sheet.autofilter(0, 0, self._rows, self._columns - 1)
        self._book.close()
        if self._file.stat().st_size >= self._limit:
            raise TooLarge

    def drop(self) -> None:
        """Close an unwanted spreadsheet's files; deleting them is up to their folder's owner."""
        for sheet in self._book.worksheets():
            # XlsxWriter closes it by itself only once the book is packed: longer than a process has that is to leave.
            sheet.row_data_fh.close()


def readable(text: str) -> str:
    """Make a text fit for a cell: without what XML forbids, cut where too long."""
    clean = _NOT_XML.sub("", _LINE_ENDS.sub("\n", text))
    if len(clean) <= CELL_UNITS // 2 or _units(clean) <= CELL_UNITS:
        return clean
    while _units(clean) > CELL_UNITS - 1:
        clean = clean[: -max(1, (_units(clean) - CELL_UNITS + 1) // 2)]
    return clean + _CUT


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2
