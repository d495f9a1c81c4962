"""What a notice is."""

from dataclasses import dataclass
from typing import Self, dataclass_transform


@dataclass_transform(frozen_default=True)
class Notice:
    """Something to tell a person, named after what happened; its fields are what the template may use.

    Each kind is a frozen dataclass, and becomes one when the first of it is told: to make two hundred at every start
    took a twelfth of it.
    """

    def __new__(cls, *_: object, **__: object) -> Self:
        if "__dataclass_fields__" not in vars(cls):
            dataclass(frozen=True)(cls)
        return super().__new__(cls)
