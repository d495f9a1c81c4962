"""Moves open deadlines when the list of days changes, and tells people.

A deadline is counted anew only where a changed day lies within its span; it then ends just where a new one would. So
neither the order of changes nor repeating them matters.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from enum import StrEnum
from itertools import chain
from typing import Any

from domain.calendar.working_days import DayChange, Limit, WorkingCalendar
from domain.errors import Reason, RuleViolation
from domain.privacy.audit import AuditAct
from domain.questions.codes import format_code
from domain.questions.history import Event
from domain.questions.life import HIDDEN, Capacity, Role
from messages.notices.calendar import AssignmentsMoved, DeadlinesMoved, MovedDeadline
from messages.notices.deadlines import DueDateMoved
from services.calendar.working_days import calendar_of
from services.episodes import script_plan_dues
from services.episodes.script_plan_dues import PlanMoved
from services.notify import tell_many
from services.people.actors import Actor, require_admin
from services.people.desk import tell_role
from services.questions.case import changed
from storage.calendar import days
from storage.deadlines import rescheduling
from storage.deadlines.rescheduling import StoppedRow
from storage.engine.database import Work, in_pieces
from storage.operation import audit
from storage.people import people, roles
from storage.questions import history, questions
from storage.rows import PersonRow

LISTED = 15  # deadlines named in one notice; the others are counted
FOLLOWED = 20  # questions whose cards show the new date at once; of others they do when they are opened


class MovableLimit(StrEnum):
    """The limit that a moved date belongs to (`what` of the event `rescheduled`)."""

    ANSWER = "answer"
    ASSIGNMENT = "assignment"
    REPLY = "reply"


@dataclass(frozen=True, slots=True)
class MovedLimit:
    """One open deadline that a changed list moves.

    Times are aware.
    """

    what: MovableLimit
    code: str
    old: datetime
    new: datetime
    row_id: int  # of the question, or of the clarification
    question_id: int
    asker_id: int
    hidden: bool  # a suspected denunciation: nothing of it reaches an agency


@dataclass(frozen=True, slots=True)
class Recounted:
    """A stopped clock with another number of working days left.

    Nobody had been told a date.
    """

    question_id: int
    old: int
    new: int


@dataclass(frozen=True)
class Rescheduling:
    """The effect of a change of the list: changed dates, and what moves."""

    days: tuple[date, ...] = ()
    moved: list[MovedLimit] = field(default_factory=list)
    recounted: list[Recounted] = field(default_factory=list)
    plans: list[PlanMoved] = field(default_factory=list)


async def preview(work: Work, changes: Sequence[DayChange]) -> Rescheduling:
    """Compute what `apply` would do now; the moved deadlines by their old times."""
    return await _reckon(work, changes, lock=False)


async def apply(work: Work, changes: Sequence[DayChange], actor: Actor | None = None) -> Rescheduling:
    """Change the list, move the deadlines, and tell those concerned.

    The old dates stay in the questions' histories. Without an actor an operator does it. Raises `RuleViolation` (not
    allowed) for anybody but an admin.
    """
    if actor is not None:
        require_admin(actor)
    await days.hold(work)
    found = await _reckon(work, changes, lock=True)
    for change in changes:
        if change.kind is None:
            await days.remove(work, change.day)
        else:
            await days.save(work, {"date": change.day, "kind": change.kind, "note": change.note})
    await _move(work, found.moved)
    await rescheduling.recount(work, [(one.question_id, one.new) for one in found.recounted])
    await script_plan_dues.move(work, await calendar_of(work), found.plans)
    await _record(work, found, actor)
    if changes:
        await audit.add(
            work,
            AuditAct.DAYS_CHANGED,
            f"day:{min(change.day for change in changes).isoformat()}",
            actor_id=None if actor is None else actor.id,
            details={"days": len(changes), "moved": len(found.moved)},
        )
    await _tell_askers(work, found.moved)
    await _tell_agencies(work, found.moved)
    await _tell_editors(work, found.moved)
    return found


async def news(work: Work, actor: Actor, changes: Sequence[DayChange]) -> list[DayChange]:
    """Return those of an admin's changes that change something.

    Raises `RuleViolation` where none does.
    """
    require_admin(actor)
    calendar = await calendar_of(work)
    fresh = [change for change in changes if not calendar.says_already(change)]
    if not fresh:
        said = changes[0]
        if said.kind is None:
            raise RuleViolation(Reason.DAY_NOT_LISTED, day=said.day)
        raise RuleViolation(Reason.DAY_SAYS_SO, day=said.day, kind=said.kind)
    return fresh


# --- what moves -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Span:
    """The calendar before and after, and the dates that differ."""

    before: WorkingCalendar
    after: WorkingCalendar
    days: list[date]
    _known: dict[tuple[Limit | None, datetime], datetime] = field(default_factory=dict)

    def moved(self, limit: Limit | None, due: datetime) -> datetime:
        """Return when a deadline ends now; computed once for equal limits and due times."""
        new = self._known.get((limit, due))
        if new is None:
            changes = self.changes(None if limit is None else limit.since, due)
            new = self._known[limit, due] = self.after.moved(limit, due) if changes else due
        return new

    def changes(self, since: date | None, until: datetime) -> bool:
        """Return whether a changed day lies after `since`, up to `until`.

        Where `since` was not kept: whether the due day itself changed.
        """
        last = self.before.local(until).date()
        if since is None:
            return last in self.days
        place = bisect_right(self.days, since)
        return place < len(self.days) and self.days[place] <= last


async def _reckon(work: Work, changes: Sequence[DayChange], *, lock: bool) -> Rescheduling:
    before = await calendar_of(work)
    after, changed = before.changed_by(changes)
    if not changed:
        return Rescheduling()
    span = _Span(before, after, changed)
    first, last = datetime.combine(changed[0], datetime.min.time(), before.timezone), changed[-1]
    found = Rescheduling(tuple(changed))
    async for row in rescheduling.of_answers(work, first, last, lock=lock):
        _add(work, found, span, MovableLimit.ANSWER, row, row.since, row.question_id)
    async for row in rescheduling.of_assignments(work, first, last, lock=lock):
        _add(work, found, span, MovableLimit.ASSIGNMENT, row, row.since, row.question_id)
    async for reply in rescheduling.of_replies(work, first, lock=lock):
        since = None if reply.days is None else before.local(reply.asked_at).date()
        _add(work, found, span, MovableLimit.REPLY, reply, since, reply.clarification_id)
        _add_stopped(found, span, reply)
    found.plans.extend(await script_plan_dues.reckon(work, after, lock=lock))
    found.moved.sort(key=lambda one: (one.old, one.code, one.what))
    return found


def _add(
    work: Work,
    found: Rescheduling,
    span: _Span,
    what: MovableLimit,
    row: rescheduling.LimitRow,
    since: date | None,
    row_id: int,
) -> None:
    limit = None if since is None or row.days is None else Limit(since, row.days)
    new = span.moved(limit, row.due)
    if new != row.due:
        code = format_code(work.programme.code_prefix, row.year, row.number)
        hidden = row.secrecy in HIDDEN
        found.moved.append(
            MovedLimit(what, code, row.due, new, row_id, row.question_id, row.asker_id, hidden)
        )


def _add_stopped(found: Rescheduling, span: _Span, row: StoppedRow) -> None:
    if row.remaining_days is None or row.due_since is None or row.due_days is None:
        return
    if not span.changes(row.due_since, row.asked_at):
        return
    left = span.after.left(Limit(row.due_since, row.due_days), row.asked_at)
    if left != row.remaining_days:
        found.recounted.append(Recounted(row.question_id, row.remaining_days, left))


async def _move(work: Work, moved: Sequence[MovedLimit]) -> None:
    for what, write in (
        (MovableLimit.ANSWER, rescheduling.move_answers),
        (MovableLimit.ASSIGNMENT, rescheduling.move_assignments),
        (MovableLimit.REPLY, rescheduling.move_replies),
    ):
        await write(work, [(one.row_id, one.new) for one in moved if one.what is what])


_KEPT_AS = {MovableLimit.ANSWER: "due", MovableLimit.ASSIGNMENT: "assign_due", MovableLimit.REPLY: "reply"}


async def _record(work: Work, found: Rescheduling, actor: Actor | None) -> None:
    moved_days = [day.isoformat() for day in found.days]
    past: Iterator[tuple[int, dict[str, Any]]] = (
        (
            one.question_id,
            {
                "what": one.what,
                f"{_KEPT_AS[one.what]}_from": one.old.astimezone(UTC).isoformat(),
                f"{_KEPT_AS[one.what]}_to": one.new.astimezone(UTC).isoformat(),
                "days": moved_days,
            },
        )
        for one in found.moved
    )
    stopped: Iterator[tuple[int, dict[str, Any]]] = (
        (
            one.question_id,
            {
                "what": MovableLimit.ANSWER,
                "remaining_from": one.old,
                "remaining_to": one.new,
                "days": moved_days,
            },
        )
        for one in found.recounted
    )
    await history.record_many(
        work,
        Event.RESCHEDULED,
        chain(past, stopped),
        actor_id=None if actor is None else actor.id,
        actor_role="programme" if actor is None else Capacity.ADMIN,
    )
    soonest = dict.fromkeys(
        [one.question_id for one in found.moved] + [one.question_id for one in found.recounted]
    )
    for question_id in list(soonest)[:FOLLOWED]:
        changed(work, question_id)


# --- those concerned ------------------------------------------------------------------------------------------


async def _tell_askers(work: Work, moved: Sequence[MovedLimit]) -> None:
    """Tell each asker the dates that they know.

    The asker of a hidden question is told nothing of an agency's deadline.
    """
    known = [one for one in moved if not one.hidden or one.what is MovableLimit.ASSIGNMENT]
    for piece in in_pieces(known):
        askers = await people.by_ids(work, [one.asker_id for one in piece])
        await tell_many(
            work,
            (
                (
                    askers[one.asker_id],
                    DueDateMoved(one.code, one.what, one.old, one.new, why="calendar", reason=""),
                    one.question_id,
                )
                for one in piece
            ),
        )


async def _tell_agencies(work: Work, moved: Sequence[MovedLimit]) -> None:
    """Tell each officer once of all their moved deadlines, of leading and coordinating agencies."""
    answers = [one for one in moved if one.what is MovableLimit.ANSWER and not one.hidden]
    of_agency: defaultdict[int, list[MovedLimit]] = defaultdict(list)
    for piece in in_pieces(answers):
        by_question = {one.question_id: one for one in piece}
        for row in await questions.agencies_on(work, list(by_question)):
            of_agency[row.agency_id].append(by_question[row.question_id])
    officers: dict[int, PersonRow] = {}
    theirs: defaultdict[int, dict[int, MovedLimit]] = defaultdict(
        dict
    )  # an officer of two agencies hears once
    for agency_id in sorted(of_agency):
        for officer in await roles.holders(work, Role.OFFICER, agency_id):
            officers[officer.id] = officer
            theirs[officer.id] |= {one.question_id: one for one in of_agency[agency_id]}
    await tell_many(
        work,
        ((officer, _deadlines_moved(theirs[officer_id]), None) for officer_id, officer in officers.items()),
    )


def _deadlines_moved(of_question: Mapping[int, MovedLimit]) -> DeadlinesMoved:
    told = sorted(of_question.values(), key=lambda one: (one.old, one.code))
    return DeadlinesMoved(_listed(told), more=max(0, len(told) - LISTED))


async def _tell_editors(work: Work, moved: Sequence[MovedLimit]) -> None:
    """Tell each editor once: the moved assignments, and how many other deadlines moved."""
    if not moved:
        return
    of_kind = {what: [one for one in moved if one.what is what] for what in MovableLimit}
    assignments = of_kind[MovableLimit.ASSIGNMENT]
    notice = AssignmentsMoved(
        _listed(assignments),
        more=max(0, len(assignments) - LISTED),
        answers=len(of_kind[MovableLimit.ANSWER]),
        replies=len(of_kind[MovableLimit.REPLY]),
    )
    await tell_role(work, Role.EDITOR, notice)


def _listed(moved: Sequence[MovedLimit]) -> tuple[MovedDeadline, ...]:
    return tuple(MovedDeadline(code=one.code, old=one.old, new=one.new) for one in moved[:LISTED])
