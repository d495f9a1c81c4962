"""Takes back a question's words: one call asks every outlet that may hold them.

An outlet is a place where a citizen's words, or what names them, may stand: the thread, a card, a list, a plan, a
spreadsheet, a raw copy. Each subject registers its own outlets (docs/decisions/0033).
"""

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum

from services import registry
from storage.engine.database import Work
from storage.rows import PersonRow, QuestionRow


class Why(StrEnum):
    """The reason why the words of a question are taken back."""

    HIDDEN = "hidden"  # a denunciation, suspected or confirmed: only editors who read those keep it
    UNPUBLISHED = "unpublished"  # the asker takes their consent back: strangers no longer read it
    ERASED = "erased"  # who asked goes, with everything that is theirs
    EXPIRED = "expired"  # the time of keeping who asked is over; what they subscribe to still comes


GONE = frozenset({Why.ERASED, Why.EXPIRED})  # who asked is nobody any more


class Stage(IntEnum):
    """When an outlet acts: the words in the tables first, who the person was last."""

    WORDS = 1
    MESSAGES = 2
    COPIES = 3
    PERSON = 4


@dataclass
class Recall:
    """Questions whose words are taken back, and what the outlets need to know."""

    questions: Sequence[QuestionRow]
    why: Why
    asker: PersonRow | None = None  # who goes, as they were until now
    update_id: int | None = None  # the update in which they said so
    # Addresses that were told of the questions: what came from there may quote them.
    chats: set[str] = field(default_factory=set)

    @property
    def ids(self) -> list[int]:
        """The ids of the questions, in their order."""
        return [int(question.id) for question in self.questions]

    @property
    def person(self) -> PersonRow:
        """The person who is erased, where somebody is."""
        assert self.asker is not None, f"{self.why} has nobody"
        return self.asker


TakeBack = Callable[[Work, Recall], Awaitable[None]]


@dataclass(frozen=True)
class Outlet:
    """A place that may hold a citizen's words, and how they are taken back.

    `holds` are its columns ("entries.text").
    """

    name: str
    holds: frozenset[str]
    why: frozenset[Why]
    stage: Stage
    take_back: TakeBack


_entered: dict[str, Outlet] = {}


def outlet(
    name: str, *, holds: Sequence[str], why: Collection[Why], stage: Stage = Stage.MESSAGES
) -> Callable[[TakeBack], TakeBack]:
    """Register a function as the outlet of this name, for these reasons."""

    def enter(take_back: TakeBack) -> TakeBack:
        assert name not in _entered, f"two outlets are called {name}"
        _entered[name] = Outlet(name, frozenset(holds), frozenset(why), stage, take_back)
        return take_back

    return enter


def outlets() -> list[Outlet]:
    """List all outlets of all subjects, in the order in which they act."""
    registry.load()
    return sorted(_entered.values(), key=lambda one: (one.stage, one.name))


async def take_back(
    work: Work,
    questions: Sequence[QuestionRow],
    why: Why,
    *,
    asker: PersonRow | None = None,
    update_id: int | None = None,
) -> None:
    """Ask every outlet for this reason to take these questions' words back.

    In this transaction: what has not left never leaves; a change is queued for what somebody has before them.
    """
    recall = Recall(questions, why, asker, update_id)
    for one in outlets():
        if why in one.why:
            await one.take_back(work, recall)
