"""Notices about the ledger as a spreadsheet.

Days are those of receipt, both included.
"""

from datetime import date

from messages.notice import Notice


class LedgerAsked(Notice):
    """`/xuatso` without a period."""

    today: date


class LedgerBeingMade(Notice):
    """The spreadsheet is being made and will come."""

    first: date
    last: date
    questions: int


class LedgerReady(Notice):
    """The words under the file."""

    first: date
    last: date
    questions: int


class LedgerNotSent(Notice):
    """There will be no file.

    `why` is a key under [ledger_not_sent] in labels.
    """

    first: date
    last: date
    why: str


class LedgerTakenBack(Notice):
    """A sent file holds what it may not hold any more."""

    first: date
    last: date
