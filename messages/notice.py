"""What a notice is."""

from dataclasses import dataclass
from typing import dataclass_transform


@dataclass_transform(frozen_default=True)
class Notice:
    """Something to tell a person, named after what happened; its fields are what the template may use.

    Each kind is a frozen dataclass without saying so. One that tells who asked is `personal`: it is not to be passed
    on. Apps show pages that it links to where it `previews` them: links of ours, never people's, for a page is told
    who looks at it.
    """

    previews = False

    @property
    def personal(self) -> bool:
        """Whether it tells who asked."""
        return False

    def __init_subclass__(cls) -> None:
        dataclass(frozen=True)(cls)
