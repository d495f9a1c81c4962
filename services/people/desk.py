"""Telling the staff: everybody with a role, or the desk (editors and admins)."""

from collections.abc import Collection, Iterable

from domain.questions.life import Role
from messages.buttons import Keyboard
from messages.notice import Notice
from services.notify import tell_each
from storage.engine.database import Work
from storage.people import roles
from storage.rows import PersonRow

DESK = ((Role.EDITOR, None), (Role.ADMIN, None))


async def holders_of(work: Work, wanted: Iterable[tuple[Role, int | None]]) -> list[PersonRow]:
    """List everybody who holds one of these roles, each once, in that order.

    Of an agency, or of none (None).
    """
    found: dict[int, PersonRow] = {}
    for role, agency_id in wanted:
        for person in await roles.holders(work, role, agency_id):
            found.setdefault(person.id, person)
    return list(found.values())


async def tell_role(
    work: Work,
    role: Role,
    notice: Notice,
    buttons: Keyboard = (),
    *,
    of: int | Collection[int] | None = None,
    besides: Collection[int] = (),
    question_id: int | None = None,
    about: str | None = None,
) -> None:
    """Tell everybody who holds a role, each once, except the people `besides`.

    Of one agency or several (`of`).
    """
    agencies = [of] if of is None or isinstance(of, int) else of
    people = await holders_of(work, ((role, agency_id) for agency_id in agencies))
    told = [(one, notice, buttons) for one in people if one.id not in besides]
    await tell_each(work, told, question_id=question_id, about=about)


async def tell_desk(
    work: Work,
    notice: Notice,
    buttons: Keyboard = (),
    *,
    besides: Collection[int] = (),
    hidden: bool = False,
    question_id: int | None = None,
) -> None:
    """Tell all editors and admins, each once, except the people `besides`.

    What somebody does alone with power over others is told at once to everybody who shares that power. Of a `hidden`
    question only those are told who read denunciations. What holds words about a question (`question_id`) is taken back
    with its cards.
    """
    desk = await roles.readers_of_hidden(work) if hidden else await holders_of(work, DESK)
    told = [(one, notice, buttons) for one in desk if one.id not in besides]
    await tell_each(work, told, question_id=question_id, about=None if question_id is None else "card")


def name_of(person: PersonRow) -> str:
    """Return how colleagues know one of the staff: the name in the messenger."""
    return str(person.display_name or f"#{person.id}")
