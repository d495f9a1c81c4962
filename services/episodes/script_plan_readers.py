"""Who gets the script plan at an agency: its officers and its leaders."""

from collections.abc import Collection

from domain.questions.life import Role
from storage.engine.database import Work
from storage.people import roles
from storage.tables import Row


async def readers_of(work: Work, agency_ids: Collection[int]) -> list[Row]:
    """The officers and leaders of these agencies, each once, in the agencies' order; unreachable ones too."""
    found: dict[int, Row] = {}
    for agency_id in agency_ids:
        for role in (Role.OFFICER, Role.LEADER):
            for person in await roles.holders(work, role, agency_id):
                found.setdefault(person.id, person)
    return list(found.values())


def reached(readers: Collection[Row]) -> bool:
    """Whether a message reaches any of them now."""
    return any(one.address is not None and one.unreachable_at is None for one in readers)
