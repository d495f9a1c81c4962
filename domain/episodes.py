"""Episodes (kỳ): numbered within a year, written "12/2026"."""

import re
from dataclasses import dataclass
from enum import StrEnum

from domain.text import fold

_TYPED = re.compile(r"(?:ky|so|episode)?\s*(\d{1,3})(?:\s*[/\-. ]\s*(\d{4}))?")


@dataclass(frozen=True, order=True)
class EpisodeNumber:
    """An episode's place: year, and number within it (from 1)."""

    year: int
    number: int

    def __str__(self) -> str:
        return f"{self.number}/{self.year}"


def read_episode_number(text: str, this_year: int) -> EpisodeNumber | None:
    """ "12/2026", "kỳ 12", "12": as people type it, without a year of this one; None for anything else."""
    found = _TYPED.fullmatch(fold(text).strip())
    if found is None or int(found[1]) == 0:
        return None
    return EpisodeNumber(int(found[2] or this_year), int(found[1]))


class AskerTold(StrEnum):
    """The last that an asker heard of their question in an episode."""

    AIRING = "airing"  # it will be on air, and when
    UNSURE = "unsure"  # that airing is cancelled, and no other is known yet
    AIRED = "aired"  # where in the recording its answer is
    LEFT_OUT = "left_out"  # it is not in this episode, and why
