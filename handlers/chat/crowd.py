"""How much everybody sent in the newest minutes, in memory (handlers.chat.rate_limit)."""

from dataclasses import dataclass, field
from datetime import datetime

MINUTES_KEPT = 3


@dataclass
class Minute:
    """What one person sent in one minute."""

    # Which events, so that one that is tried again counts once; at most as many as may come.
    taken: set[str] = field(default_factory=set)
    dropped: int = 0
    told: bool = False
    warned: bool = False  # has the emergency numbers


class Crowd:
    """Everybody's newest minutes."""

    def __init__(self) -> None:
        self._minutes: dict[int, dict[tuple[str, str], Minute]] = {}

    def minute_of(self, who: tuple[str, str], at: datetime) -> Minute:
        """Find the minute of who writes from a (channel, address).

        Only the newest minutes of all people are kept, so that memory stays bounded.
        """
        number = int(at.timestamp() // 60)
        if number not in self._minutes:
            self._minutes[number] = {}
            for old in sorted(self._minutes)[:-MINUTES_KEPT]:
                del self._minutes[old]
        return self._minutes.get(number, {}).setdefault(who, Minute())
