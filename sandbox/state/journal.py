"""A log of the bot's requests, and counters, to read how it behaved."""

import time
from collections import Counter, deque

from sandbox.shapes import Json

KEPT = 20_000


class Journal:
    """The newest requests and counters of all since the last clearing."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Forget everything."""
        self.entries: deque[Json] = deque(maxlen=KEPT)
        self._total: Counter[str] = Counter()
        self._methods: dict[str, Counter[str]] = {}

    def add(self, method: str, params: Json, code: int | None, description: str, started: float) -> None:
        """Note one request; no code means that the connection was dropped. ``started`` is monotonic."""
        took = time.monotonic() - started
        self.entries.append(
            {
                "at": time.time() - took,
                "method": method,
                "params": params,
                "code": code,
                "description": description,
                "ms": round(took * 1000, 1),
            }
        )
        outcome = _outcome(code)
        for counter in (self._total, self._methods.setdefault(method, Counter())):
            counter["total"] += 1
            counter[outcome] += 1
            if code == 429:
                counter["too_many"] += 1

    def counters(self) -> Json:
        """All and per method: ``ok``, ``refused`` (4xx; 429 also ``too_many``), ``failed``, ``dropped``."""
        names = ("total", "ok", "refused", "too_many", "failed", "dropped")
        methods = {
            method: {name: counter[name] for name in names} for method, counter in self._methods.items()
        }
        return {**{name: self._total[name] for name in names}, "methods": methods}


def _outcome(code: int | None) -> str:
    if code is None:
        return "dropped"
    if code >= 500:
        return "failed"
    return "refused" if code >= 400 else "ok"
