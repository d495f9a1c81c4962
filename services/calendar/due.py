"""The deadlines that run: who has to do what by when.

Each subject gathers its own (docs/decisions/0033).
"""

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from domain.deadlines.ladder import Matter
from services import registry
from storage.engine.database import Work


@dataclass(frozen=True)
class Deadline:
    """One deadline that runs.

    `due_on` and `since` are dates in programme time.
    """

    matter: Matter
    subject_id: int
    due_at: datetime
    due_on: date
    since: date  # the day of receipt
    acknowledged: bool = False
    agency_id: int | None = None  # who has to act; None: editors
    asker_id: int | None = None
    question_id: int | None = None
    episode_id: int | None = None
    code: str = ""  # of the question, or the episode's number
    name: str = ""  # of the person, where one is the matter

    @property
    def key(self) -> tuple[Matter, int, date]:
        return self.matter, self.subject_id, self.due_on


# All that is due until a moment; or only what belongs to these subjects, whatever its date.
Gather = Callable[[Work, datetime, Collection[int] | None], Awaitable[list[Deadline]]]

_entered: dict[Matter, Gather] = {}


def gathers(*matters: Matter) -> Callable[[Gather], Gather]:
    """Register a function that gathers the deadlines of these matters."""

    def enter(gather: Gather) -> Gather:
        for matter in matters:
            assert matter not in _entered, f"{matter} is gathered twice"
            _entered[matter] = gather
        return gather

    return enter


def gatherers() -> dict[Gather, list[Matter]]:
    """Return every gatherer with its matters, in the matters' order."""
    registry.load()
    found: dict[Gather, list[Matter]] = {}
    for matter in Matter:
        found.setdefault(_entered[matter], []).append(matter)
    return found


async def due_until(work: Work, until: datetime) -> list[Deadline]:
    """List everything that has to be done by a moment, or is overdue."""
    found = []
    for gather in gatherers():
        found += await gather(work, until, None)
    return found


async def still_running(work: Work, subjects: Mapping[Matter, Collection[int]]) -> list[Deadline]:
    """List those of these deadlines that still run, with their present due times."""
    found: list[Deadline] = []
    for gather, matters in gatherers().items():
        only = {one for matter in matters for one in subjects.get(matter, ())}
        if only:
            found += await gather(work, work.now, only)
    return found
