"""The base class of notices."""

from dataclasses import dataclass
from typing import dataclass_transform


@dataclass_transform(frozen_default=True)
class Notice:
    """Something to tell a person, named after what happened.

    Its fields are what the template may use. Every subclass becomes a frozen dataclass by itself.
    """

    def __init_subclass__(cls) -> None:
        dataclass(frozen=True)(cls)
