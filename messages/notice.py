"""What a notice is."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Notice:
    """Something to tell a person, named after what happened; its fields are what the template may use."""
