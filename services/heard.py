"""What somebody does alone with power over others is told at once to everybody who shares it: editors and admins."""

from collections.abc import Collection

from domain.question import Role
from messages.notice import Notice
from services.notify import tell_many
from storage import roles
from storage.database import Work
from storage.tables import Row


async def tell_desk(work: Work, notice: Notice, *, besides: Collection[int] = ()) -> None:
    """Tell all editors and admins, each once, but the people `besides`."""
    told: dict[int, Row] = {}
    for role in (Role.EDITOR, Role.ADMIN):
        told |= {one.id: one for one in await roles.holders(work, role) if one.id not in besides}
    await tell_many(work, ((one, notice, None) for one in told.values()))


def name_of(person: Row) -> str:
    """How the staff call one of the staff: as the messenger shows them."""
    return str(person.display_name or f"#{person.id}")
