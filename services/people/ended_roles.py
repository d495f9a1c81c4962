"""What ends with a role.

Nothing that somebody began, asked for or handed out in a role works on without it. What was decided in the role stays
decided: it stands in the ledger, where colleagues see it. Each subject registers what ends in it
(docs/decisions/0033).
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
    """The order in which things end: what was begun first, the chat last.

    The chat holds what all others say.
    """

    BEGUN = 1
    PROMPT = 2  # while it is still known of which step it is
    STEP = 3
    CHAT = 4


End = Callable[[Work, Actor, int | None], Awaitable[None]]

_entered: list[tuple[Phase, str, End]] = []


def ends_with_role(phase: Phase) -> Callable[[End], End]:
    """Register what ends with a role.

    The function is given who lost one, with the roles they still hold, and who ended it.
    """

    def enter(end: End) -> End:
        _entered.append((phase, f"{end.__module__}.{end.__name__}", end))
        return end

    return enter


async def settle(work: Work, person: PersonRow, *, by: int | None) -> int:
    """End what a person may not go on with after losing a role.

    Returns how many invitations ended.
    """
    registry.load()
    left = await actor_of(work, person)
    ended = 0
    if not left.holds(Role.ADMIN):
        ended = await roles.end_invitations_of(work, person.id, by)
    for _, _, end in sorted(_entered, key=lambda one: one[:2]):
        await end(work, left, by)
    return ended


async def step_that_ends(work: Work, person_id: int) -> ConversationRow | None:
    """Return what somebody is in the middle of as one of the staff, or None."""
    step = await conversations.of_person(work, person_id)
    if step is None or step.step in OF_EVERYBODY or step.step.startswith(OWN_QUESTION):
        return None
    return step


@ends_with_role(Phase.STEP)
async def end_step(work: Work, left: Actor, _by: int | None) -> None:
    """End a step that belongs to the staff.

    A question of their own that waited behind it is current again.
    """
    if await step_that_ends(work, left.id) is not None:
        await conversations.end_step(work, left.id)
