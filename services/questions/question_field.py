"""Sets the field of a question, or fills it at assignment."""

from typing import Any

from domain.calendar.working_days import Limit
from domain.errors import Reason, RuleViolation
from domain.questions.codes import Code
from domain.questions.history import Event
from domain.questions.life import WITH_AGENCY, Action, Role, Status
from messages.notices.deadlines import DueDateMoved
from messages.notices.desk import FieldChanged
from services.calendar.working_days import calendar_of, due, limit_of
from services.notify import tell
from services.people.actors import Actor
from services.people.desk import tell_role
from services.questions import answers, cards
from services.questions.case import Case, code_of, due_of, open_case
from storage.agencies import agencies
from storage.deadlines import extensions
from storage.engine.database import Work
from storage.questions import history
from storage.rows import AgencyRow, FieldRow, QuestionRow


async def set_field(work: Work, editor: Actor, which: Code | int, field: FieldRow) -> Case:
    """Give a question another field.

    The time to answer follows, and those concerned hear of a new date. Raises `RuleViolation` (already done) where
    it has this field.
    """
    case = await open_case(work, editor, Action.SET_FIELD, which)
    question = case.question
    if question.field_code == field.code:
        raise RuleViolation(Reason.ALREADY_DONE, code=case.code, status=question.status)
    before = await agencies.field(work, question.field_code) if question.field_code else None
    limit = await _limit(case, before, field)
    await case.move(
        Event.FIELD_SET,
        details={"field_from": question.field_code, "field_to": field.code},
        field_code=field.code,
        **limit,
    )
    if case.question.due_at != question.due_at:
        await _tell_askers(case, question)
    if limit:
        await _tell_agencies(case, before, field)
    return case


async def at_assignment(work: Work, question: QuestionRow, lead: AgencyRow) -> FieldRow | None:
    """Return the field for an assignment: the question's, else the agency's only one."""
    if question.field_code is not None:
        return await agencies.field(work, question.field_code)
    fields = await agencies.fields_of(work, lead.id)
    return fields[0] if len(fields) == 1 else None


async def record_filled(work: Work, question_id: int, field: FieldRow) -> None:
    """Record that a question got its agency's only field."""
    await history.record(
        work,
        question_id,
        Event.FIELD_SET,
        actor_id=None,
        actor_role="programme",
        details={"field_from": None, "field_to": field.code},
    )


async def _limit(case: Case, before: FieldRow | None, field: FieldRow) -> dict[str, Any]:
    """The time to answer by another field's limit, as columns; none where it stays.

    It counts from where it counted, with the days that were granted besides; a stopped clock, and one that went on,
    has as many days more or fewer as the limits differ. A shorter limit makes nobody late: one working day is left.
    """
    work, question = case.work, case.question
    if Status(question.status) not in WITH_AGENCY:
        return {}
    standard = work.programme.answer_days
    days = field.answer_days or standard
    longer = days - ((None if before is None else before.answer_days) or standard)
    if question.remaining_days is not None:
        left = question.remaining_days
        now = left + longer if longer > 0 else min(left, max(1, left + longer))
        return {} if now == left else {"remaining_days": now}
    calendar = await calendar_of(work)
    counted = limit_of(question)
    lead = next(row for row in case.assigned if row.part == "lead")
    begun = max(lead.assigned_at, question.reopened_at or lead.assigned_at)
    since = work.programme.local(begun).date()
    if counted is None or counted.since == since:
        granted = await extensions.granted_days(work, question.id, begun)
        limit = Limit(since, days + granted)
    else:  # the clock was stopped since
        limit = Limit(counted.since, max(1, counted.days + longer))
    if limit == counted:
        return {}
    soonest = calendar.limit(work.now, 1)
    if calendar.end(limit) < calendar.end(soonest):
        if due_of(question) <= calendar.end(soonest):
            return {} if calendar.end(limit) <= due_of(question) else due(calendar, limit)
        limit = soonest
    return due(calendar, limit)


async def _tell_askers(case: Case, before: QuestionRow) -> None:
    for asker, one in await answers.askers(case.work, case.question):
        await tell(
            case.work,
            asker,
            DueDateMoved(
                code=code_of(case.work, one),
                what="answer",
                old=due_of(before),
                new=due_of(case.question),
                why="field",
                reason="",
            ),
            question_id=one.id,
        )


async def _tell_agencies(case: Case, before: FieldRow | None, field: FieldRow) -> None:
    question = case.question
    notice = FieldChanged(
        code=case.code,
        before=None if before is None else before.name,
        field=field.name,
        due_at=None if question.remaining_days is not None else question.due_at,
        left=question.remaining_days,
    )
    await tell_role(
        case.work,
        Role.OFFICER,
        notice,
        cards.open_button(question),
        of=[row.agency_id for row in case.assigned],
        question_id=question.id,
        about="card",
    )
