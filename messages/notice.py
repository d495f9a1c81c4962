"""What a notice is."""

from dataclasses import dataclass
from typing import dataclass_transform


@dataclass_transform(frozen_default=True)
class Notice:
    """Something to tell a person, named after what happened.

    Its fields are what the template may use.

    Each kind is a frozen dataclass without saying so.
    """

    def __init_subclass__(cls) -> None:
        dataclass(frozen=True)(cls)
