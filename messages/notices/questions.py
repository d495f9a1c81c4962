"""Notices to askers: what becomes of their question. Conventions as in `messages.notices`."""

from dataclasses import dataclass
from datetime import datetime

from messages.notice import Notice


class QuestionAssigned(Notice):
    """Handed to an agency."""

    stale_after = "due_at"
    code: str
    agency: str
    coordinating: tuple[str, ...]
    due_at: datetime
    again: bool  # it was with another agency before


class QuestionTakenOver(Notice):
    """The agency that had it has ended, and another goes on in its place."""

    code: str
    before: str
    agency: str


class QuestionAccepted(Notice):
    """The agency works on it."""

    stale_after = "due_at"
    code: str
    agency: str
    due_at: datetime | None  # None where it is over already


class QuestionReturned(Notice):
    """The agency returned the question; editors look for the right one."""

    stale_after = "assign_due_at"
    code: str
    agency: str
    assign_due_at: datetime


class QuestionReconsidered(Notice):
    """The editors screen once more what they had refused, or `merged` with another question."""

    stale_after = "assign_due_at"
    code: str
    assign_due_at: datetime
    merged: bool


class QuestionRefused(Notice):
    """The question was refused: a coded reason, polite words, where to go.

    `note` is the editor's own addition.
    """

    code: str
    reason: str  # RefusalCode value
    note: str


class KeptAsDenunciation(Notice):
    """An answered or ended question is a denunciation: kept secret; where to go."""

    code: str


class QuestionMerged(Notice):
    """Somebody asked the same before; the answer will come here."""

    code: str
    original: str


class ClarificationAsked(Notice):
    """The agency needs to know more."""

    stale_after = "reply_by"
    code: str
    agency: str
    text: str
    reply_by: datetime
    stopped: bool  # the agency's clock; one that was overdue goes on


class SupplementReceived(Notice):
    """Thanks: the addition is with the agency."""

    code: str
    due_at: datetime | None  # None where it is over already


class QuestionReopened(Notice):
    """To the asker: open again, with a new date."""

    code: str
    agency: str
    due_at: datetime


class QuestionWithdrawn(Notice):
    """To the asker: the question is withdrawn."""

    code: str


@dataclass(frozen=True)
class MyQuestion:
    """One of somebody's own questions."""

    code: str
    status: str  # Status value, or a key of its label
    text: str  # its beginning; empty for a hidden one


class MyQuestions(Notice):
    """`/cuatoi`: a page of somebody's own questions."""

    questions: tuple[MyQuestion, ...]
    page: int
    more: bool


@dataclass(frozen=True)
class TrackedEvent:
    """What happened to a question, as its asker may know."""

    at: datetime
    event: str  # Event value
    agency: str  # or empty


class Tracked(Notice):
    """`/tracuu`: a question in short.

    What a stranger may not know is None or empty.
    """

    code: str
    status: str  # Status value
    mine: bool
    text: str | None
    agency: str | None
    received_at: datetime | None
    due_at: datetime | None
    answer: str | None
    official_letter: str | None
    clarification: str | None
    history: tuple[TrackedEvent, ...]
    published: bool
    late: bool = False  # the day to answer by has passed
    original: str | None = None  # the question it was merged into
    staff: bool = False  # the reader handles it: `/xem` shows them all


class TrackCodeAsked(Notice):
    """`/tracuu` without a code."""


class Rated(Notice):
    """Thanks for the rating; few stars invite to reopen."""

    code: str
    stars: int
    may_reopen: bool


class StrayWords(Notice):
    """Words of staff that answer nothing: kept, and asked what they are for."""

    words: str
    more: bool
    files: int
