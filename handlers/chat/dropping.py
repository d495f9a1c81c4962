"""Giving up whatever somebody is in the middle of.

A step that holds files or messages registers here how to let go of them.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol

from handlers.chat.registry import STEPS
from handlers.chat.steps import Held, read
from handlers.chat.turn import Turn, is_draft
from messages.notices.chat import Cancelled
from storage.delivery import files

ALBUM = "album"  # nothing is being written: further items of an album that was just taken may follow

OnDrop = Callable[[Turn, Held], Awaitable[None]]  # given what the step, or the draft, holds

DROPPED: dict[str, Callable[[Turn, Any], Awaitable[None]]] = {}


class WithFiles(Protocol):
    """What holds files that are not part of anything yet, by their ids."""

    @property
    def files(self) -> Sequence[int]: ...


def when_dropped(*steps: str) -> Callable[[OnDrop[Held]], OnDrop[Held]]:
    """Register how to let go of what these steps hold when somebody gives up."""

    def enter(run: OnDrop[Held]) -> OnDrop[Held]:
        for step in steps:
            assert step not in DROPPED, f"the end of {step} is entered twice"
            DROPPED[step] = run
        return run

    return enter


async def drop_files(turn: Turn, held: WithFiles) -> None:
    """Let go the files that a step holds."""
    await files.drop(turn.work, list(held.files))


async def drop(turn: Turn) -> Cancelled:
    """End whatever somebody is in the middle of.

    Returns the notice that says what it was, or that there was nothing.
    """
    conversation = await turn.step()
    if conversation is not None and conversation.step == ALBUM:
        await turn.end_step()
        conversation = await turn.step()
    if conversation is None:
        return Cancelled(draft=False, staff=turn.actor.is_staff)
    let_go, step = DROPPED.get(conversation.step), STEPS.get(conversation.step)
    held = None if step is None else read(step.holds, conversation.data)
    if let_go is not None and held is not None:
        await let_go(turn, held)
    await turn.end_step()
    return Cancelled(draft=True, question=is_draft(conversation.step), staff=turn.actor.is_staff)
