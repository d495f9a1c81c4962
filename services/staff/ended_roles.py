"""What goes with a role: nothing that somebody began, asked for or handed out in it works on without it.

What was decided in the role stays decided: it stands in the ledger, where colleagues see it.
"""

from domain.questions.life import Role
from services.broadcasts import holding
from services.ledger import recall
from services.people.actors import Actor, actor_of
from services.privacy import left_chats
from services.staff import groups
from storage.broadcasts import drafts
from storage.engine.database import Work
from storage.people import people, roles
from storage.tables import Row

# Steps of a conversation that everybody may be at: their own questions and data, and what they write in pieces.
OF_EVERYBODY = frozenset({"long", "own_data", "track", "supply", "album", "after_answer", "reopen"})
OWN_QUESTION = "ask."


async def settle(work: Work, person: Row, *, by: int | None) -> int:
    """A role of theirs has ended: what they may no longer go on with ends. Returns how many invitations did."""
    left = await actor_of(work, person)
    ended = 0
    if not left.holds(Role.ADMIN):
        ended = await roles.end_invitations_of(work, person.id, by)
        await recall.take_back_from(work, person)
    if not left.holds(Role.EDITOR, Role.ADMIN):
        await drafts.drop(work, person.id)
    await holding.author_left(work, person.id, by)
    await groups.end_of(work, left)
    await _end_step(work, left)
    await left_chats.begin(work, left)
    return ended


async def _end_step(work: Work, left: Actor) -> None:
    """What they were in the middle of as one of the staff; a question that waited under it is where they are again."""
    person = left.person
    step = await people.conversation(work, person.id)
    if step is None or step.step in OF_EVERYBODY or step.step.startswith(OWN_QUESTION):
        return
    if step.data.get("prompt") is not None:
        await left_chats.take_back(work, left, step.data["prompt"])
    await people.end_conversation(work, person.id)
