"""What a step of a conversation holds: a small frozen dataclass.

It is kept as JSON and read back with suspicion: a row may be of an earlier version of the programme, or of a step
that is no more. What can't be read is no step.
"""

from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from storage.rows import ConversationRow

Held = TypeVar("Held")


@dataclass(frozen=True, kw_only=True)
class StepData:
    """What every step holds: the message that asked, as its outbox id."""

    prompt: int | None = None


@dataclass(frozen=True, kw_only=True)
class QuestionStep(StepData):
    """A step about a question: what hides or erases it ends the step, too (services.privacy.recall)."""

    question: int


@dataclass(frozen=True, kw_only=True)
class CardStep(QuestionStep):
    """A step that began on a question's card.

    `card` is the message to bring up to date, as the messenger calls it.
    """

    card: str | None = None


@dataclass(frozen=True)
class SaidPart:
    """Words of one message."""

    message: str
    text: str


_ADAPTERS: dict[type[Any], TypeAdapter[Any]] = {}  # made when first needed: it takes a millisecond


def _adapter(kind: type[Any]) -> TypeAdapter[Any]:
    if kind not in _ADAPTERS:
        _ADAPTERS[kind] = TypeAdapter(kind)
    return _ADAPTERS[kind]


def kept(held: object) -> dict[str, Any]:
    """Write what a step holds as it is kept."""
    found: dict[str, Any] = _adapter(type(held)).dump_python(held, mode="json")
    return found


def read(kind: type[Held], data: object) -> Held | None:
    """Read what a step holds; None for what is not of this kind.

    What is there besides is left out.
    """
    try:
        held: Held = _adapter(kind).validate_python(data)
    except ValidationError:
        return None
    return held


def prompt_of(conversation: ConversationRow | None) -> int | None:
    """The message that asked for what a step, or a draft, waits for."""
    found = None if conversation is None else read(StepData, conversation.data)
    return None if found is None else found.prompt
