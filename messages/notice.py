"""The base class of notices."""

from dataclasses import dataclass
from datetime import datetime
from typing import dataclass_transform


@dataclass_transform(frozen_default=True)
class Notice:
    """Something to tell a person, named after what happened.

    Its fields are what the template may use. Every subclass becomes a frozen dataclass by itself. One that tells who
    asked is `personal`: it is not to be passed on. Apps show pages that it links to where it `previews` them: links of
    ours, never people's, for a page is told who looks at it. What promises a day that has gone by before it could leave
    is not said any more: `stale_after` names the field with that day.
    """

    previews = False
    stale_after = ""

    @property
    def personal(self) -> bool:
        """Whether it tells who asked."""
        return False

    @property
    def stale_at(self) -> datetime | None:
        """The day that it promises; None where it promises none."""
        found: datetime | None = getattr(self, self.stale_after) if self.stale_after else None
        return found

    def __init_subclass__(cls) -> None:
        dataclass(frozen=True)(cls)
