"""The verbs typed behind an episode's number: `/kyphat 12/2026 mục đích …`.

Each is registered in the module it belongs to.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from domain.episodes.episodes import EpisodeNumber, episode_number_at_front
from domain.errors import Reason, RuleViolation
from domain.vietnamese.text import phrase_at_front
from handlers.chat.steps import StepData
from handlers.chat.turn import Turn
from messages.typed import forms


@dataclass(frozen=True, kw_only=True)
class EpisodeStep(StepData):
    """A step about an episode."""

    episode: int


# Given the episode's number and the words after the verb.
OnVerb = Callable[[Turn, EpisodeNumber, str], Awaitable[None]]

VERBS: dict[str, OnVerb] = {}


def episode_verb(name: str) -> Callable[[OnVerb], OnVerb]:
    """Register what a verb does to an episode.

    How it is typed stands under [episode_verb] in `typed.toml`.
    """

    def enter(run: OnVerb) -> OnVerb:
        for phrase in forms("episode_verb", name):
            enter_verb(phrase, run)
        return run

    return enter


def enter_verb(phrase: str, run: OnVerb) -> None:
    """Enter what one phrase (folded) does to an episode."""
    assert phrase not in VERBS, f"the verb {phrase} is entered twice"
    VERBS[phrase] = run


def read_verb(typed: str) -> tuple[OnVerb, str]:
    """Read the longest verb at the front; return its function and the words after it.

    Raises `RuleViolation`.
    """
    found = phrase_at_front(typed, VERBS)
    if found is None:
        raise RuleViolation(Reason.EPISODE_USAGE)
    return VERBS[found[0]], found[1]


def number_at_front(turn: Turn, argument: str) -> tuple[EpisodeNumber | None, str]:
    """Read an episode's number at the front, and the rest.

    Without a year it is one of this year.
    """
    return episode_number_at_front(argument, turn.work.programme.local(turn.work.now).year)
