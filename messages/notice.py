"""The base class of notices."""

from dataclasses import dataclass
from typing import dataclass_transform


@dataclass_transform(frozen_default=True)
class Notice:
    """Something to tell a person, named after what happened.

    Its fields are what the template may use. Every subclass becomes a frozen dataclass by itself. One that tells who
    asked is `personal`: it is not to be passed on. Apps show pages that it links to where it `previews` them: links of
    ours, never people's, for a page is told who looks at it.
    """

    previews = False

    @property
    def personal(self) -> bool:
        """Whether it tells who asked."""
        return False

    def __init_subclass__(cls) -> None:
        dataclass(frozen=True)(cls)
