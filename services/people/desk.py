"""What somebody does alone with power over others is told at once to everybody who shares it: editors and admins."""

from collections.abc import Collection

from domain.questions.life import Role
from messages.notice import Notice
from services.notify import tell_many
from storage.engine.database import Work
from storage.people import roles
from storage.tables import Row


async def tell_desk(
    work: Work, notice: Notice, *, besides: Collection[int] = (), hidden: bool = False
) -> None:
    """Tell all editors and admins, each once, but the people `besides`.

    Of a `hidden` question only those hear who read denunciations.
    """
    if hidden:
        desk = await roles.readers_of_hidden(work)
    else:
        desk = [*await roles.holders(work, Role.EDITOR), *await roles.holders(work, Role.ADMIN)]
    told: dict[int, Row] = {one.id: one for one in desk if one.id not in besides}
    await tell_many(work, ((one, notice, None) for one in told.values()))


def name_of(person: Row) -> str:
    """How the staff call one of the staff: as the messenger shows them."""
    return str(person.display_name or f"#{person.id}")
