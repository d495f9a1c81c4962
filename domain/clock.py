"""Where the present moment comes from: read once per unit of work, at the edge."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the present moment, aware, in UTC."""

    def now(self) -> datetime: ...
