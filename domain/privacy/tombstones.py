"""Remembering that somebody was erased, without remembering who it was."""

from datetime import datetime
from typing import NamedTuple


class Tombstone(NamedTuple):
    """An erased person, known by the id and the creation time (aware) of their row."""

    person_id: int
    created_at: datetime
    erased_at: datetime
