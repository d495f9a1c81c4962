"""What a text may be besides a question, looked at once in a transaction however many cards and rules ask."""

from domain.vietnamese.screening import Screening, screen
from storage.engine.database import Work


def screened(work: Work, text: str) -> Screening:
    """Look at a text; return what it may be, as found before in this transaction."""
    key = ("screened", text)
    if key not in work.memo:
        work.memo[key] = screen(text)
    found: Screening = work.memo[key]
    return found
