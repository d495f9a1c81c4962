"""Airing times: rules of the month with dates of validity, and what was moved, cancelled or added (programme.md)."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class AiringKind(StrEnum):
    FIRST = "first"
    REPEAT = "repeat"


class AiringStatus(StrEnum):
    PLANNED = "planned"
    MOVED = "moved"
    CANCELLED = "cancelled"
    AIRED = "aired"  # derived: its time is over


@dataclass(frozen=True)
class Airing:
    """One airing, by rule or by hand.

    `starts_at` is aware; a moved airing stands at its new time only. `key` tells it among all airings, however it
    is moved: "A24:2026-11-07" (slot, day of the rule) or "12" (row, added by hand).
    """

    key: str
    starts_at: datetime
    channel: str
    medium: str
    minutes: int | None
    kind: AiringKind
    status: AiringStatus
    episode_id: int | None = None
    reason: str | None = None
    slot_id: int | None = None
    rule_on: date | None = None
    id: int | None = None  # the row of what the rules don't say; None where the rule alone says it
