"""Which function answers which method, and how a method reads its parameters."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from sandbox.errors import bad
from sandbox.state.files import Upload
from sandbox.state.world import World


@dataclass
class Params:
    """The parameters of one request: values as text or JSON, and uploads by field name."""

    values: dict[str, Any]
    uploads: dict[str, Upload] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """A parameter as text; empty when it is missing."""
        value = self.values.get(name)
        if value is None:
            return ""
        return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)

    def integer(self, name: str, default: int = 0, low: int | None = None, high: int | None = None) -> int:
        """A whole number, silently pulled into its bounds as the platform does; ``default`` if unreadable."""
        try:
            value = int(self.text(name))
        except ValueError:
            value = default
        if low is not None:
            value = max(low, value)
        return value if high is None else min(high, value)

    def flag(self, name: str) -> bool:
        """A boolean: ``true``, ``yes`` and ``1`` count as true."""
        return self.text(name).strip().lower() in ("true", "yes", "1")

    def json(self, name: str, subject: str) -> Any:
        """A JSON parameter, given as JSON or as text that holds JSON; None when missing."""
        value = self.values.get(name)
        if not isinstance(value, str):
            return value
        if not value:
            return None
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            raise bad(f"can't parse {subject} JSON object") from None

    def brief(self) -> dict[str, Any]:
        """The parameters for the log: long values cut, uploads by name and size."""
        brief: dict[str, Any] = {}
        for name, value in self.values.items():
            brief[name] = value[:200] + "…" if isinstance(value, str) and len(value) > 200 else value
        for name, upload in self.uploads.items():
            brief[name] = f"<{upload.name}, {upload.size} bytes>"
        return brief


Method = Callable[[World, Params], Awaitable[Any]]
METHODS: dict[str, tuple[str, Method]] = {}
"""Lower-case name → (proper name, function); the platform ignores the case of method names."""


def method(name: str) -> Callable[[Method], Method]:
    """Register a function as a method of the Bot API."""

    def register(function: Method) -> Method:
        METHODS[name.lower()] = (name, function)
        return function

    return register
