"""What goes with a role: nothing that somebody began, asked for or handed out in it works on without it.

What was decided in the role stays decided: it stands in the ledger, where colleagues see it. Each subject enters what
ends of its own (docs/decisions/0033).
"""

from collections.abc import Awaitable, Callable
from enum import IntEnum

from domain.questions.life import Role
from services import registry
from services.people.actors import Actor, actor_of
from storage.engine.database import Work
from storage.people import conversations, roles
from storage.rows import ConversationRow, PersonRow

# Steps of a conversation that everybody may be at: their own questions and data, and what they write in pieces.
OF_EVERYBODY = frozenset({"long", "own_data", "track", "supply", "album", "after_answer", "reopen"})
OWN_QUESTION = "ask."


class Phase(IntEnum):
    """When something ends: what was begun first, and the chat last, for it holds what all others say."""

    BEGUN = 1
    PROMPT = 2  # while it is still known of which step it is
    STEP = 3
    CHAT = 4


End = Callable[[Work, Actor, int | None], Awaitable[None]]

_entered: list[tuple[Phase, str, End]] = []


def ends_with_role(phase: Phase) -> Callable[[End], End]:
    """Enter what ends with a role; it is given who lost one, with the roles they still hold, and who ended it."""

    def enter(end: End) -> End:
        _entered.append((phase, f"{end.__module__}.{end.__name__}", end))
        return end

    return enter


async def settle(work: Work, person: PersonRow, *, by: int | None) -> int:
    """End what somebody may no longer go on with, a role of theirs having ended; count the invitations that did."""
    registry.load()
    left = await actor_of(work, person)
    ended = 0
    if not left.holds(Role.ADMIN):
        ended = await roles.end_invitations_of(work, person.id, by)
    for _, _, end in sorted(_entered, key=lambda one: one[:2]):
        await end(work, left, by)
    return ended


async def step_that_ends(work: Work, person_id: int) -> ConversationRow | None:
    """What somebody is in the middle of as one of the staff, if they are."""
    step = await conversations.of_person(work, person_id)
    if step is None or step.step in OF_EVERYBODY or step.step.startswith(OWN_QUESTION):
        return None
    return step


@ends_with_role(Phase.STEP)
async def end_step(work: Work, left: Actor, _by: int | None) -> None:
    """A step of the staff's; a question of their own that waited behind it is where they are again."""
    if await step_that_ends(work, left.id) is not None:
        await conversations.end_step(work, left.id)
