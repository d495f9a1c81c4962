"""Faults on demand: refusals, delays and broken connections, by method and count."""

import random
from dataclasses import asdict, dataclass, field

from sandbox.errors import ControlError
from sandbox.shapes import Json

KINDS = (
    *(
        "400",
        "403",
        "429",
        "500",
        "502",
        "drop_before",
        "drop_after",
        "delay",
        "timeout_before",
        "timeout_after",
    ),
    *("page_before", "page_after"),  # somebody in between answers in the platform's place, with a web page
    *("repeat", "reverse"),  # of getUpdates
)


@dataclass
class Fault:
    """One rule: which method, what goes wrong, how many more times, how likely."""

    id: int
    kind: str
    method: str = "*"
    count: int | None = 1
    retry_after: int = 1
    delay_ms: int = 0
    probability: float = 1.0
    seed: int = 0
    description: str = ""  # what a 400 or 403 says
    chat_id: int | None = None  # strikes only what is for this chat
    used: int = 0
    dice: random.Random = field(default_factory=random.Random)

    def as_json(self) -> Json:
        """The rule without its dice."""
        return {name: value for name, value in asdict(self).items() if name != "dice"}


class Faults:
    """The rules in force.

    The first one that fits a request is used up by it.
    """

    def __init__(self) -> None:
        self.rules: list[Fault] = []
        self._last_id = 0

    def add(self, body: Json) -> Fault:
        """Add a rule from its JSON; the same seed gives the same sequence of failures."""
        known = {name: body[name] for name in Fault.__dataclass_fields__ if name in body and name != "dice"}
        self._last_id += 1
        try:
            fault = Fault(**{**known, "id": self._last_id, "used": 0})
            fault.kind = str(fault.kind)
            fault.dice = random.Random(fault.seed)
        except TypeError as error:
            raise ControlError(f"not a fault: {error}") from None
        if fault.kind not in KINDS:
            raise ControlError(f"kind must be one of {', '.join(KINDS)}")
        self.rules.append(fault)
        return fault

    def clear(self) -> None:
        """Let everything work again."""
        self.rules.clear()

    def draw(self, method: str, chat_id: str = "") -> Fault | None:
        """The fault that strikes this request, if any."""
        for fault in self.rules:
            if fault.method not in ("*", method):
                continue
            if fault.chat_id is not None and str(fault.chat_id) != chat_id:
                continue
            if fault.probability < 1 and fault.dice.random() >= fault.probability:
                continue
            fault.used += 1
            if fault.count is not None and fault.used >= fault.count:
                self.rules.remove(fault)
            return fault
        return None
