"""The ladder of reminders: on which day a deadline is mentioned, and to whom.

Source: programme.md, "Time". A rung is found from the dates alone: the latest one whose day has come. So the next
look makes up for one that an outage swallowed, and several missed ones become one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType

from domain.calendar.working_days import WorkingCalendar
from domain.programme import Programme


class Matter(StrEnum):
    """Something that has to be done by a day."""

    ASSIGNMENT = "assignment"  # editors: hand the question to an agency
    LOOK = "look"  # editors who may: see whether it is a denunciation
    ANSWER = "answer"  # the lead agency
    CONTRIBUTION = "contribution"  # a coordinating agency
    LEADER_APPROVAL = "leader_approval"
    EDITOR_APPROVAL = "editor_approval"
    EXTENSION = "extension"  # editors: decide on a request for more days
    CLARIFICATION = "clarification"  # the asker: reply to the agency
    LATE_ANSWER = "late_answer"  # the asker: told that the date of the answer has passed
    PROMISE = "promise"  # the agency: do what the answer promised
    SCRIPT_PLAN = "script_plan"  # editors: send an episode's plan
    PLAN_RECEIPT = "plan_receipt"  # an agency: say that the plan is there
    UNSTAFFED = "unstaffed"  # an agency with open work and nobody whom messages reach
    UNREACHABLE = "unreachable"  # one of an agency's staff has blocked the bot


class Hearers(StrEnum):
    """The people who hear of a rung."""

    ASKER = "asker"
    OFFICERS = "officers"  # and the agency's group
    LEADERS = "leaders"
    EDITORS = "editors"
    READERS = "readers"  # the editors who read denunciations
    ADMINS = "admins"


class Overdue(StrEnum):
    """How often somebody is told of what is overdue."""

    DAILY = "daily"  # every working day
    ONCE = "once"
    TOLD = "told"  # on the days of `asker_after_days`
    NEVER = "never"


@dataclass(frozen=True)
class Ladder:
    """The rungs of a matter: who has to act, who else is told."""

    holder: Hearers
    leader: Hearers | None = None  # from `leader_after_days` overdue on
    editors: Hearers | None = None  # from `editors_after_days` overdue on
    before: int | None = None  # of `remind_before_days` so many, the nearest; None: all
    on_day: bool = True
    overdue: Overdue = Overdue.DAILY


LADDERS: Mapping[Matter, Ladder] = MappingProxyType(
    {
        Matter.ASSIGNMENT: Ladder(Hearers.EDITORS, editors=Hearers.ADMINS),
        Matter.LOOK: Ladder(Hearers.READERS),  # nobody else knows of it
        Matter.ANSWER: Ladder(Hearers.OFFICERS, Hearers.LEADERS, Hearers.EDITORS),
        Matter.CONTRIBUTION: Ladder(Hearers.OFFICERS, Hearers.LEADERS, Hearers.EDITORS),
        Matter.LEADER_APPROVAL: Ladder(Hearers.LEADERS, editors=Hearers.EDITORS),
        Matter.EDITOR_APPROVAL: Ladder(Hearers.EDITORS, editors=Hearers.ADMINS),
        Matter.EXTENSION: Ladder(Hearers.EDITORS, editors=Hearers.ADMINS),
        # After its last day the question goes back to the agency by itself.
        Matter.CLARIFICATION: Ladder(Hearers.ASKER, before=1, on_day=False, overdue=Overdue.NEVER),
        Matter.LATE_ANSWER: Ladder(Hearers.ASKER, before=0, on_day=False, overdue=Overdue.TOLD),
        Matter.PROMISE: Ladder(Hearers.OFFICERS, Hearers.LEADERS, Hearers.EDITORS),
        Matter.SCRIPT_PLAN: Ladder(Hearers.EDITORS, editors=Hearers.ADMINS),
        Matter.PLAN_RECEIPT: Ladder(Hearers.OFFICERS, Hearers.LEADERS, Hearers.EDITORS),
        Matter.UNSTAFFED: Ladder(Hearers.EDITORS, editors=Hearers.ADMINS, before=0),
        Matter.UNREACHABLE: Ladder(Hearers.EDITORS, before=0, overdue=Overdue.ONCE),
    }
)


@dataclass(frozen=True)
class Rung:
    """The reminder to send now.

    Its name is part of the key under which a reminder is sent at most once.
    """

    name: str  # before_3, due, late_2
    audiences: frozenset[Hearers]


def rung_of(
    matter: Matter,
    calendar: WorkingCalendar,
    rules: Programme,
    *,
    today: date,
    due_on: date,
    since: date,
    acknowledged: bool = False,
) -> Rung | None:
    """Find the rung of a deadline on a working day.

    None where nothing is to be sent.

    `since` is the day of receipt: a rung that falls on it, or before, is skipped. `acknowledged` ("Nhận xử lý") stops
    the rungs before the last day, not the last day's nor the overdue ones.
    """
    ladder = LADDERS[matter]
    late = calendar.working_days_between(due_on, today)
    if late > 0:
        return _overdue(ladder, rules, late)
    # On a day off, as a promise may say, the last call is the working day before.
    last_day = due_on if calendar.is_working_day(due_on) else calendar.working_day_before(due_on)
    days = {last_day: "due"} if ladder.on_day else {}
    if not acknowledged:
        for count in sorted(rules.remind_before_days)[: ladder.before]:
            days.setdefault(calendar.working_day_before(due_on, count), f"before_{count}")
    reached = max((day for day in days if day <= today), default=None)
    if reached is None or reached <= since:
        return None
    return Rung(days[reached], frozenset({ladder.holder}))


def _overdue(ladder: Ladder, rules: Programme, late: int) -> Rung | None:
    if ladder.overdue is Overdue.NEVER:
        return None
    if ladder.overdue is Overdue.ONCE:
        return Rung("due", frozenset({ladder.holder}))
    if ladder.overdue is Overdue.TOLD:
        days = [day for day in rules.asker_after_days if day <= late]
        # An outage may have swallowed several: the latest says it for all.
        return Rung(f"told_{max(days)}", frozenset({ladder.holder})) if days else None
    heard = {ladder.holder}
    if ladder.leader is not None and late >= rules.leader_after_days:
        heard.add(ladder.leader)
    if ladder.editors is not None and late >= rules.editors_after_days:
        heard.add(ladder.editors)
    return Rung(f"late_{late}", frozenset(heard))
