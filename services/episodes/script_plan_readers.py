"""The people at an agency who get the script plan: its officers and leaders."""

from collections.abc import Collection

from domain.questions.life import Role
from services.people.desk import holders_of
from storage.engine.database import Work
from storage.people import people
from storage.rows import PersonRow


async def readers_of(work: Work, agency_ids: Collection[int]) -> list[PersonRow]:
    """List the officers and leaders of these agencies, each once.

    In the agencies' order; unreachable ones too.
    """
    both = (Role.OFFICER, Role.LEADER)
    return await holders_of(work, ((role, agency_id) for agency_id in agency_ids for role in both))


def reached(readers: Collection[PersonRow]) -> bool:
    """Return whether a message reaches any of them now."""
    return any(people.can_be_reached(one) and one.unreachable_at is None for one in readers)
