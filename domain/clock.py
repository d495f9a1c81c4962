"""The source of the present moment, read once per unit of work."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the present moment, aware, in UTC."""

    def now(self) -> datetime: ...
