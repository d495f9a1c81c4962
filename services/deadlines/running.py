"""The deadlines that run: who has to act on what by when, as reminders and lists need it."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from domain.calendar.working_days import WorkingCalendar
from domain.deadlines.ladder import Matter
from domain.episodes.episodes import EpisodeNumber
from domain.questions.life import ApprovalStep, Status
from services.calendar.working_days import calendar_of
from services.questions import approval
from services.questions.case import code_of
from storage.deadlines import running
from storage.engine.database import Work
from storage.questions import questions
from storage.tables import Row


@dataclass(frozen=True)
class Deadline:
    """One deadline that runs. `due_on` and `since` are dates in programme time."""

    matter: Matter
    subject_id: int
    due_at: datetime
    due_on: date
    since: date  # the day of receipt
    acknowledged: bool = False
    agency_id: int | None = None  # who has to act; None: editors
    asker_id: int | None = None
    question_id: int | None = None
    episode_id: int | None = None
    code: str = ""  # of the question, or the episode's number
    name: str = ""  # of the person, where one is the matter

    @property
    def key(self) -> tuple[Matter, int, date]:
        return self.matter, self.subject_id, self.due_on


async def due_until(work: Work, until: datetime) -> list[Deadline]:
    """Everything that has to be done by a moment or should have been."""
    found = []
    for gather in _GATHER:
        found += await gather(work, until, None)
    return found


async def still_running(work: Work, subjects: Mapping[Matter, Collection[int]]) -> list[Deadline]:
    """Which of these are still to be done, with their due times of now."""
    found: list[Deadline] = []
    for gather, matters in _GATHER.items():
        only = {one for matter in matters for one in subjects.get(matter, ())}
        if only:
            found += await gather(work, work.now, only)
    return found


# --- each kind ----------------------------------------------------------------------------------------------

_Gather = Callable[[Work, datetime, Collection[int] | None], Awaitable[list[Deadline]]]


def _of_question(
    work: Work, matter: Matter, row: Row, *, agency_id: int | None = None, acknowledged: bool = False
) -> Deadline:
    local = work.programme.local
    return Deadline(
        matter,
        row.subject_id,
        row.due_at,
        local(row.due_at).date(),
        row.since_on or local(row.since_at).date(),
        acknowledged,
        agency_id,
        row.asker_id,
        row.question_id,
        code=code_of(work, row),
    )


async def _assignments(work: Work, until: datetime, only: Collection[int] | None) -> list[Deadline]:
    rows = await running.assignments_due(work, until, only)
    return [_of_question(work, Matter.ASSIGNMENT, row) for row in rows]


async def _looks(work: Work, until: datetime, only: Collection[int] | None) -> list[Deadline]:
    return [_of_question(work, Matter.LOOK, row) for row in await running.looks_due(work, until, only)]


_STEPS = {ApprovalStep.LEADER: Matter.LEADER_APPROVAL, ApprovalStep.EDITOR: Matter.EDITOR_APPROVAL}


async def _answers(work: Work, until: datetime, only: Collection[int] | None) -> list[Deadline]:
    """While a draft is with the leader or the editors it is for them to act, within the agency's limit."""
    found = []
    for row in await running.answers_due(work, until, only):
        matter, agency_id = Matter.ANSWER, row.lead_agency_id
        if row.status == Status.IN_APPROVAL:
            question = await questions.by_id(work, row.question_id)
            step = None if question is None else await approval.step_waited_for(work, question)
            if step is None:
                continue
            matter = _STEPS[step]
        accepted = row.status == Status.ACCEPTED
        found.append(_of_question(work, matter, row, agency_id=agency_id, acknowledged=accepted))
    return found


async def _contributions(work: Work, until: datetime, only: Collection[int] | None) -> list[Deadline]:
    rows = await running.contributions_due(work, until, only)
    return [_of_question(work, Matter.CONTRIBUTION, row, agency_id=row.agency_id) for row in rows]


async def _extensions(work: Work, until: datetime, only: Collection[int] | None) -> list[Deadline]:
    rows = await running.extensions_due(work, until, only)
    return [_of_question(work, Matter.EXTENSION, row) for row in rows]


async def _replies(work: Work, until: datetime, only: Collection[int] | None) -> list[Deadline]:
    rows = await running.replies_due(work, until, only)
    return [_of_question(work, Matter.CLARIFICATION, row) for row in rows]


async def _promises(work: Work, until: datetime, only: Collection[int] | None) -> list[Deadline]:
    rows = await running.promises_due(work, until, only)
    return [_of_question(work, Matter.PROMISE, row, agency_id=row.agency_id) for row in rows]


async def _script_plans(work: Work, until: datetime, only: Collection[int] | None) -> list[Deadline]:
    rows = await running.script_plans_due(work, until, only)
    return [_of_episode(work, Matter.SCRIPT_PLAN, row) for row in rows]


async def _plan_receipts(work: Work, until: datetime, only: Collection[int] | None) -> list[Deadline]:
    rows = await running.plan_receipts_due(work, until, only)
    return [_of_episode(work, Matter.PLAN_RECEIPT, row) for row in rows]


def _of_episode(work: Work, matter: Matter, row: Row) -> Deadline:
    local = work.programme.local
    return Deadline(
        matter,
        row.subject_id,
        row.due_at,
        local(row.due_at).date(),
        local(row.since_at).date(),
        agency_id=row.agency_id,
        episode_id=row.episode_id,
        code=str(EpisodeNumber(row.year, row.number)),
    )


async def _unstaffed(work: Work, _until: datetime, only: Collection[int] | None) -> list[Deadline]:
    rows = await running.unstaffed_agencies(work, only)
    return [_of_agency(work, await calendar_of(work), Matter.UNSTAFFED, row) for row in rows]


async def _unreachable(work: Work, _until: datetime, only: Collection[int] | None) -> list[Deadline]:
    calendar = await calendar_of(work)
    return [
        _of_agency(work, calendar, Matter.UNREACHABLE, row, row.display_name)
        for row in await running.unreachable_staff(work, only)
    ]


def _of_agency(work: Work, calendar: WorkingCalendar, matter: Matter, row: Row, name: str = "") -> Deadline:
    """What is wrong with an agency is to be mended by the next working day."""
    due_at = calendar.due(row.since_at, 1)
    since = work.programme.local(row.since_at).date()
    return Deadline(matter, row.subject_id, due_at, due_at.date(), since, agency_id=row.agency_id, name=name)


_GATHER: dict[_Gather, frozenset[Matter]] = {
    _assignments: frozenset({Matter.ASSIGNMENT}),
    _looks: frozenset({Matter.LOOK}),
    _answers: frozenset({Matter.ANSWER, Matter.LEADER_APPROVAL, Matter.EDITOR_APPROVAL}),
    _contributions: frozenset({Matter.CONTRIBUTION}),
    _extensions: frozenset({Matter.EXTENSION}),
    _replies: frozenset({Matter.CLARIFICATION}),
    _promises: frozenset({Matter.PROMISE}),
    _script_plans: frozenset({Matter.SCRIPT_PLAN}),
    _plan_receipts: frozenset({Matter.PLAN_RECEIPT}),
    _unstaffed: frozenset({Matter.UNSTAFFED}),
    _unreachable: frozenset({Matter.UNREACHABLE}),
}
