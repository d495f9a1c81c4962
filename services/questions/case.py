"""One person about to do one thing to one question: checks and the change."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Protocol, overload

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
from domain.vietnamese.screening import Screening
from services import registry
from services.people.actors import Actor
from storage.engine.database import Held, Work
from storage.questions import entries, history, questions
from storage.questions.questions import AssignedRow
from storage.rows import QuestionRow
from understanding.screening import screen, screen_detail


@dataclass
class Case:
    """A question, locked for this transaction, with a person who may do `action`."""

    work: Work
    actor: Actor
    action: Action
    question: QuestionRow
    assigned: list[AssignedRow]  # agencies at work on it, the lead first
    capacities: frozenset[Capacity]
    done: Event | None = None  # what the history has of it last
    undo: Held | None = None  # what was done can be undone for a moment (services.questions.undoing)

    @property
    def code(self) -> str:
        return code_of(self.work, self.question)

    @property
    def capacity(self) -> Capacity:
        """The capacity in which the actor acts, for the history."""
        return next(one for one in Capacity if one in RULES[self.action].who & self.capacities)

    def agency_of_actor(self) -> AssignedRow | None:
        """Return the agency for which the actor acts: the lead before a coordinating one."""
        mine = self.actor.agencies(Role.OFFICER, Role.LEADER)
        return next((row for row in self.assigned if row.agency_id in mine), None)

    def may(self, action: Action) -> bool:
        return not self.speaks_for_another(action) and permitted(
            action, Status(self.question.status), self.capacities, Secrecy(self.question.secrecy)
        )

    def speaks_for_another(self, action: Action) -> bool:
        """Return whether an editor acts for an asker who can do it themselves.

        Editors do so only for those whom no messenger reaches.
        """
        return (
            action in _FOR_WHOM_NO_MESSENGER_REACHES
            and not Intake(self.question.channel).by_hand
            and Capacity.ASKER not in self.capacities
            and not self.capacities.isdisjoint({Capacity.EDITOR, Capacity.ADMIN})
        )

    async def write(self, kind: EntryKind, text: str) -> int:
        """Add the actor's words to the thread."""
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
        self.done = event
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
        """Move the question where the rules lead, with other changes and its history.

        Raises `RuleViolation` (already done) when somebody else moved it first.
        """
        self.done = event
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
_YEARS_BACK = 10  # that a number typed without its year is looked for
_FOR_AN_AGENCY = {Capacity.OFFICER, Capacity.LEADER, Capacity.COORDINATOR}


async def move(
    work: Work,
    question: QuestionRow,
    action: Action,
    event: Event,
    *,
    to: Status | None = None,
    actor_id: int | None = None,
    actor_role: str = "programme",
    entry_id: int | None = None,
    details: dict[str, Any] | None = None,
    **changes: Any,
) -> QuestionRow:
    """Move a question by the rules and write its history.

    Returns it as it stands then.
    """
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
    """Register a function that is called after a question was changed.

    It is given the question's id, before the transaction is committed."""
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
    """Lock a question for somebody who wants to act on it, by code or id.

    Raises `RuleViolation`: an unknown code and a question that a stranger may not know of get the same words.
    """
    question = await find(work, which, actor, lock=True)
    case = await look_at(work, actor, question, action)
    await require_permitted(case)
    return case


async def require_permitted(case: Case) -> None:
    """Raise `RuleViolation` with its reason unless the actor may do the action."""
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
    """A question with all that tells what somebody is to it."""

    question: QuestionRow
    assigned: tuple[AssignedRow, ...]  # agencies at work on it, the lead first
    duplicates: tuple[QuestionRow, ...]  # what was merged into it
    original: QuestionRow | None  # what it was merged into


async def standing(work: Work, question: QuestionRow) -> QuestionStanding:
    """Read what tells how people stand to a question.

    Cached until something is written (`Work.fresh`).
    """
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


async def look_at(work: Work, actor: Actor, question: QuestionRow, action: Action = Action.SEE) -> Case:
    """Return a case without checking permissions."""
    known = await standing(work, question)
    return Case(work, actor, action, question, list(known.assigned), capacities_of(known, actor))


@overload
async def find(work: Work, which: int, viewer: None = None, *, lock: bool = ...) -> QuestionRow: ...
@overload
async def find(work: Work, which: Code | int, viewer: Actor, *, lock: bool = ...) -> QuestionRow: ...
async def find(
    work: Work, which: Code | int, viewer: Actor | None = None, *, lock: bool = False
) -> QuestionRow:
    """A question by code or id; raises `RuleViolation` (unknown code).

    A number without a year means, to a viewer, the newest question with it that is no stranger's to them.
    """
    if isinstance(which, Code) and not which.year_said and viewer is not None:
        which = await _meant_by(work, which, viewer)
    if isinstance(which, int):
        question = await questions.by_id(work, which, lock=lock)
    else:
        question = await questions.by_code(work, which.year, which.number, lock=lock)
    if question is None:
        raise RuleViolation(Reason.UNKNOWN_CODE)
    return question


class Numbered(Protocol):
    """A row that carries a question's number: the question's own, or one of a join."""

    year: int
    number: int


async def _meant_by(work: Work, short: Code, viewer: Actor) -> Code | int:
    """The question that somebody means by a bare number: the newest that is theirs, else the newest."""
    years = range(short.year, short.year - _YEARS_BACK, -1)
    found = await questions.by_number(work, short.number, years)
    for question in found:
        if Capacity.STRANGER not in capacities_of(await standing(work, question), viewer):
            return int(question.id)
    return int(found[0].id) if found else short


def code_of(work: Work, question: Numbered) -> str:
    return format_code(work.programme.code_prefix, question.year, question.number)


def due_of(question: QuestionRow) -> datetime:
    """By when a question is to be answered, which an agency has, or had."""
    assert question.due_at is not None
    return question.due_at


def due_to_come(work: Work, question: QuestionRow) -> datetime | None:
    """Return the time to answer by, None once it has passed.

    No asker is promised a day that has gone by.
    """
    due = question.due_at
    return due if due is not None and due > work.now else None


def capacities_of(known: QuestionStanding, actor: Actor) -> frozenset[Capacity]:
    """Return what somebody is to a question, by their present roles."""
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


def screened_detail(work: Work, text: str) -> Screening:
    """Screen a detail beside a question, such as a name, once in a transaction."""
    key = ("screened detail", text)
    if key not in work.memo:
        work.memo[key] = screen_detail(text)
    found: Screening = work.memo[key]
    return found


def screened(work: Work, text: str) -> Screening:
    """Screen a text, once in a transaction.

    Returns what it may be besides a question.
    """
    key = ("screened", text)
    if key not in work.memo:
        work.memo[key] = screen(text)
    found: Screening = work.memo[key]
    return found
