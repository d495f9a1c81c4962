"""Remembering that somebody was erased, without remembering who they were."""

from datetime import datetime
from typing import NamedTuple


class Tombstone(NamedTuple):
    """Somebody who was erased: the row they were, known by its id and the moment (aware) at which it was made."""

    person_id: int
    created_at: datetime
    erased_at: datetime
