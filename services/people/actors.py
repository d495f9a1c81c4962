"""The acting person, with the roles they hold now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.errors import Reason, RuleViolation
from domain.questions.life import EDITORS, Role
from storage.engine.database import Work
from storage.people import roles
from storage.people.roles import HeldRoleRow
from storage.rows import PersonRow


@dataclass(frozen=True)
class Actor:
    """A person with the roles they hold now."""

    person: PersonRow
    roles: tuple[HeldRoleRow, ...]

    @property
    def id(self) -> int:
        return int(self.person.id)

    @property
    def is_staff(self) -> bool:
        return bool(self.roles)

    def holds(self, *wanted: Role) -> bool:
        return any(row.role in wanted for row in self.roles)

    @property
    def reads_hidden(self) -> bool:
        """Whether they read denunciations: an editor for whom another one vouched.

        See services.people.vouching.
        """
        return any(row.role == Role.EDITOR and row.vouched_at is not None for row in self.roles)

    def blocked_until(self, now: datetime) -> datetime | None:
        """Return until when they are blocked; None for the staff, and for everybody else."""
        until = self.person.blocked_until
        return until if until is not None and until > now and not self.roles else None

    def agencies(self, *wanted: Role) -> frozenset[int]:
        """Return the agencies in which this person holds one of these roles."""
        return frozenset(
            row.agency_id for row in self.roles if row.role in wanted and row.agency_id is not None
        )


async def actors_of(work: Work, people: Sequence[PersonRow]) -> list[Actor]:
    """Return these people with the roles they hold now, in their order.

    The roles of all are read at once.
    """
    held = await roles.of_people(work, [person.id for person in people])
    return [Actor(person, tuple(held[person.id])) for person in people]


async def actor_of(work: Work, person: PersonRow) -> Actor:
    return Actor(person, tuple(await roles.of_person(work, person.id)))


def require(actor: Actor, *wanted: Role) -> None:
    """Raise `RuleViolation` (not allowed) unless the actor holds one of these roles."""
    if not actor.holds(*wanted):
        raise RuleViolation(Reason.NOT_ALLOWED)


def require_editor(actor: Actor) -> None:
    """Raise `RuleViolation` (not allowed) for anybody but editors and admins."""
    require(actor, *EDITORS)


def require_admin(actor: Actor) -> None:
    """Raise `RuleViolation` (not allowed) for anybody but admins."""
    require(actor, Role.ADMIN)
