"""One person about to do one thing to one question: who they are to it, whether they may, and the change itself."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from domain.errors import Reason, RuleViolation
from domain.questions.codes import Code, format_code
from domain.questions.history import EntryKind, Event
from domain.questions.life import (
    HIDDEN,
    RULES,
    Action,
    Capacity,
    Intake,
    Role,
    Secrecy,
    Status,
    destination,
    permitted,
    require,
)
from domain.vietnamese.screening import Screening, screen
from services import registry
from services.people.actors import Actor
from storage.engine.database import Work
from storage.questions import entries, history, questions
from storage.tables import Row


@dataclass
class Case:
    """A question, locked for this transaction, in the hands of somebody who may do `action` to it."""

    work: Work
    actor: Actor
    action: Action
    question: Row
    assigned: list[Row]  # agencies at work on it, the lead first
    capacities: frozenset[Capacity]

    @property
    def code(self) -> str:
        return code_of(self.work, self.question)

    @property
    def capacity(self) -> Capacity:
        """In what capacity the actor acts, for the history."""
        return next(one for one in Capacity if one in RULES[self.action].who & self.capacities)

    def agency_of_actor(self) -> Row | None:
        """The agency on this question for which the actor acts: the lead before a coordinating one."""
        mine = self.actor.agencies(Role.OFFICER, Role.LEADER)
        return next((row for row in self.assigned if row.agency_id in mine), None)

    def may(self, action: Action) -> bool:
        return not self.speaks_for_another(action) and permitted(
            action, Status(self.question.status), self.capacities, Secrecy(self.question.secrecy)
        )

    def speaks_for_another(self, action: Action) -> bool:
        """Whether the asker would say this themselves: editors act only for those whom no messenger reaches."""
        return (
            action in _FOR_WHOM_NO_MESSENGER_REACHES
            and not Intake(self.question.channel).by_hand
            and Capacity.ASKER not in self.capacities
            and not self.capacities.isdisjoint({Capacity.EDITOR, Capacity.ADMIN})
        )

    async def write(self, kind: EntryKind, text: str) -> int:
        """Put the actor's words into the thread."""
        agency = self.agency_of_actor() if self.capacity in _FOR_AN_AGENCY else None
        return await entries.write(
            self.work,
            self.question.id,
            kind,
            text,
            author_id=self.actor.id,
            agency_id=None if agency is None else agency.agency_id,
        )

    async def record(
        self, event: Event, *, entry_id: int | None = None, details: dict[str, Any] | None = None
    ) -> None:
        """Append to the history without moving the question."""
        await history.record(
            self.work,
            self.question.id,
            event,
            actor_id=self.actor.id,
            actor_role=self.capacity,
            entry_id=entry_id,
            details=details,
        )
        changed(self.work, self.question.id)

    async def move(
        self,
        event: Event,
        *,
        to: Status | None = None,
        entry_id: int | None = None,
        details: dict[str, Any] | None = None,
        **changes: Any,
    ) -> None:
        """Take the question where the rules lead, with other changes and its history.

        Raises `RuleViolation` (already done) when somebody else moved it first.
        """
        self.question = await move(
            self.work,
            self.question,
            self.action,
            event,
            to=to,
            actor_id=self.actor.id,
            actor_role=self.capacity,
            entry_id=entry_id,
            details=details,
            **changes,
        )


_FOR_WHOM_NO_MESSENGER_REACHES = {Action.SUPPLY, Action.ERASE_ASKER}
_FOR_AN_AGENCY = {Capacity.OFFICER, Capacity.LEADER, Capacity.COORDINATOR}


async def move(
    work: Work,
    question: Row,
    action: Action,
    event: Event,
    *,
    to: Status | None = None,
    actor_id: int | None = None,
    actor_role: str = "programme",
    entry_id: int | None = None,
    details: dict[str, Any] | None = None,
    **changes: Any,
) -> Row:
    """Move a question by the rules and write its history; returns it as it stands then."""
    status = destination(action, Status(question.status), to)
    moved = await questions.move(work, question, status=status, **changes)
    if moved is None:
        raise RuleViolation(Reason.ALREADY_DONE)
    story: dict[str, Any] = {"from": question.status, "to": moved.status}
    for kept, due in (("due", "due_at"), ("assign_due", "assign_due_at")):
        before, after = getattr(question, due), getattr(moved, due)
        if before != after:
            story |= {f"{kept}_from": _iso(before), f"{kept}_to": _iso(after)}
    await history.record(
        work,
        question.id,
        event,
        actor_id=actor_id,
        actor_role=actor_role,
        entry_id=entry_id,
        details=story | (details or {}),
    )
    changed(work, question.id)
    if question.status == Status.RECEIVED != moved.status:
        work.memo[QUEUE] = work.memo.get(QUEUE, LEFT)
    return moved


# --- what follows a change ----------------------------------------------------------------------------------------

Follow = Callable[[Work, int], Awaitable[None]]
QUEUE = "the editors' queue"  # of `Work.memo`: what became of it in this transaction
ARRIVED, LEFT = "arrived", "left"  # a question of which nobody was told by itself; one that was in it

_followers: list[Follow] = []


def follows_changes(run: Follow) -> Follow:
    """Enter a function that is called with a question's id before a transaction that changed it is committed."""
    _followers.append(run)
    return run


def changed(work: Work, question_id: int) -> None:
    """Have what follows a change of a question done before the transaction ends."""
    work.memo["changes", question_id] = changes(work, question_id) + 1
    registry.load()
    work.before_commit.extend(partial(run, work, question_id) for run in _followers)


def changes(work: Work, question_id: int) -> int:
    """Count the changes of a question in this transaction until now."""
    return int(work.memo.get(("changes", question_id), 0))


def _iso(instant: Any) -> str | None:
    return None if instant is None else instant.isoformat()


async def open_case(work: Work, actor: Actor, action: Action, which: Code | int) -> Case:
    """Lock a question for somebody who wants to do something to it, by its code or its id.

    Raises `RuleViolation`: an unknown code and a question a stranger may not know of sound alike.
    """
    question = await find(work, which, lock=True)
    case = await look_at(work, actor, question, action)
    await require_permitted(case)
    return case


async def require_permitted(case: Case) -> None:
    """Raise `RuleViolation` with the reason to tell unless the actor may do the case's action."""
    work, question, action = case.work, case.question, case.action
    facts = {"code": case.code}
    if question.status == Status.MERGED:
        original = (await standing(work, question)).original
        facts["original"] = code_of(work, original) if original is not None else ""
    if case.speaks_for_another(action):
        reason = Reason.ASKER_IN_CHAT if action is Action.ERASE_ASKER else Reason.NOT_ALLOWED
        raise RuleViolation(reason, action=action, **facts)
    try:
        require(action, Status(question.status), case.capacities, Secrecy(question.secrecy))
    except RuleViolation as violation:
        raise RuleViolation(violation.reason, **facts | violation.facts) from None


@dataclass(frozen=True)
class QuestionStanding:
    """A question with all that tells how somebody stands to it."""

    question: Row
    assigned: tuple[Row, ...]  # agencies at work on it, the lead first
    duplicates: tuple[Row, ...]  # what was merged into it
    original: Row | None  # what it was merged into


async def standing(work: Work, question: Row) -> QuestionStanding:
    """Read how people stand to a question, once until something is written (`Work.fresh`)."""
    key = ("standing", question.id)
    kept: QuestionStanding | None = work.fresh.get(key)
    if kept is not None and kept.question == question:
        return kept
    original_id = question.duplicate_of_id
    found = QuestionStanding(
        question,
        tuple(await questions.assigned(work, question.id)),
        tuple(await questions.duplicates_of(work, question.id)),
        None if original_id is None else await questions.by_id(work, original_id),
    )
    work.fresh[key] = found
    return found


async def look_at(work: Work, actor: Actor, question: Row, action: Action = Action.SEE) -> Case:
    """A question as somebody stands to it; decides nothing."""
    known = await standing(work, question)
    return Case(work, actor, action, question, list(known.assigned), capacities_of(known, actor))


async def find(work: Work, which: Code | int, *, lock: bool = False) -> Row:
    """A question by code or id; raises `RuleViolation` (unknown code)."""
    if isinstance(which, int):
        question = await questions.by_id(work, which, lock=lock)
    else:
        question = await questions.by_code(work, which.year, which.number, lock=lock)
    if question is None:
        raise RuleViolation(Reason.UNKNOWN_CODE)
    return question


def code_of(work: Work, question: Row) -> str:
    return format_code(work.programme.code_prefix, question.year, question.number)


def capacities_of(known: QuestionStanding, actor: Actor) -> frozenset[Capacity]:
    """What somebody is to a question, by their roles of now."""
    question = known.question
    found = set()
    if question.asker_id == actor.id:
        found.add(Capacity.ASKER)
    elif any(row.asker_id == actor.id for row in known.duplicates):
        found.add(Capacity.FOLLOWER)
    if actor.holds(Role.EDITOR):
        # To a denunciation an editor for whom nobody has vouched stands like an admin.
        shut = question.secrecy in HIDDEN and not actor.reads_hidden
        found.add(Capacity.ADMIN if shut else Capacity.EDITOR)
    if actor.holds(Role.ADMIN):
        found.add(Capacity.ADMIN)
    if question.lead_agency_id in actor.agencies(Role.OFFICER):
        found.add(Capacity.OFFICER)
    if question.lead_agency_id in actor.agencies(Role.LEADER):
        found.add(Capacity.LEADER)
    coordinating = {row.agency_id for row in known.assigned if row.part == "coordinating"}
    if coordinating & actor.agencies(Role.OFFICER, Role.LEADER):
        found.add(Capacity.COORDINATOR)
    return frozenset(found) or frozenset({Capacity.STRANGER})


def screened(work: Work, text: str) -> Screening:
    """Look once in a transaction at what a text may be besides a question; return what was found."""
    key = ("screened", text)
    if key not in work.memo:
        work.memo[key] = screen(text)
    found: Screening = work.memo[key]
    return found
