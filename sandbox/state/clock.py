"""The sandbox's clock: the wall clock plus an offset that the demo moves."""

import time
from datetime import UTC, datetime, timedelta


class Clock:
    """Wall time plus an offset in seconds. Durations (floods, long polls) never look here."""

    def __init__(self, offset_seconds: float = 0) -> None:
        self.offset_seconds = offset_seconds

    def now(self) -> datetime:
        """The time that people and the bot's ``date`` fields see, in UTC."""
        return datetime.now(UTC) + timedelta(seconds=self.offset_seconds)

    def unix(self) -> int:
        """The same in whole Unix seconds."""
        return int(time.time() + self.offset_seconds)
