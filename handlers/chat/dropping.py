"""Giving up whatever somebody is in the middle of.

A step that holds files or messages registers here how to let go of them.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from handlers.chat.turn import Turn, is_draft
from messages.notices.chat import Cancelled
from storage.delivery import files

ALBUM = "album"  # nothing is being written: further items of an album that was just taken may follow

OnDrop = Callable[[Turn, dict[str, Any]], Awaitable[None]]  # given what the conversation holds

DROPPED: dict[str, OnDrop] = {}


def when_dropped(*steps: str) -> Callable[[OnDrop], OnDrop]:
    """Register how to let go of what these steps hold when somebody gives up."""

    def enter(run: OnDrop) -> OnDrop:
        for step in steps:
            assert step not in DROPPED, f"the end of {step} is entered twice"
            DROPPED[step] = run
        return run

    return enter


async def drop_files(turn: Turn, data: dict[str, Any]) -> None:
    """Let go of the files that a step holds under "files"."""
    await files.drop(turn.work, data["files"])


async def drop(turn: Turn) -> Cancelled:
    """End whatever somebody is in the middle of.

    Returns the notice that says what it was, or that there was nothing.
    """
    conversation = await turn.step()
    if conversation is not None and conversation.step == ALBUM:
        await turn.end_step()
        conversation = await turn.step()
    if conversation is None:
        return Cancelled(draft=False)
    let_go = DROPPED.get(conversation.step)
    if let_go is not None:
        await let_go(turn, conversation.data)
    await turn.end_step()
    return Cancelled(draft=True, question=is_draft(conversation.step))
