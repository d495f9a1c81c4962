"""Extensions: the agency asks for more days with a reason, an editor decides."""

from domain.calendar.working_days import Limit
from domain.errors import Reason, RuleViolation
from domain.questions.codes import Code
from domain.questions.history import EntryKind, Event
from domain.questions.life import Action, Role
from domain.vietnamese.text import clean
from messages.notices.deadlines import DueDateMoved, ExtensionAsked, ExtensionDecided
from services.calendar.working_days import calendar_of, due, limit_of
from services.notify import tell
from services.people.actors import Actor
from services.people.desk import tell_role
from services.questions import answers, cards, publication
from services.questions.case import Case, code_of, due_of, open_case
from storage.deadlines import extensions
from storage.deadlines.extensions import ReasonedExtensionRow
from storage.engine.database import Work
from storage.rows import QuestionRow


async def ask(work: Work, officer: Actor, which: Code | int, days: int, reason: str) -> Case:
    """`/giahan`: ask for `days` more working days, counted from the due time.

    Raises `RuleViolation`: more than is left of `deadlines.max_extension_days`, asked already, too late.
    """
    case = await open_case(work, officer, Action.ASK_EXTENSION, which)
    reason = clean(reason)
    if not reason:
        raise RuleViolation(Reason.REASON_MISSING, code=case.code)
    left = await days_left(case)
    if not 1 <= days <= left:
        raise RuleViolation(Reason.EXTENSION_TOO_LONG, code=case.code, left=left)
    if due_of(case.question) <= work.now:
        raise RuleViolation(Reason.EXTENSION_TOO_LATE, code=case.code, due_at=due_of(case.question))
    if await extensions.undecided(work, case.question.id) is not None:
        raise RuleViolation(Reason.EXTENSION_ASKED_ALREADY, code=case.code)
    entry_id = await case.write(EntryKind.EXTENSION_REASON, reason)
    await extensions.add(
        work, question_id=case.question.id, entry_id=entry_id, days=days, asked_by=officer.id
    )
    await case.record(Event.EXTENSION_ASKED, entry_id=entry_id, details={"days": days})
    request = await extensions.undecided(work, case.question.id)
    assert request is not None
    agency = case.agency_of_actor()
    notice = ExtensionAsked(
        code=case.code,
        agency=agency.agency_name if agency is not None else "",
        reason=reason,
        due_at=due_of(case.question),
        new_due_at=(await calendar_of(work)).end(await _extended(work, case.question, days)),
    )
    buttons = cards.extension_buttons(case.question, request)
    await tell_role(work, Role.EDITOR, notice, buttons, question_id=case.question.id, about="card")
    return case


async def days_left(case: Case) -> int:
    """Return how many more days this agency may be given for this question."""
    question = case.question
    lead = next(row for row in case.assigned if row.part == "lead")
    since = max(lead.assigned_at, question.reopened_at or lead.assigned_at)
    given = await extensions.granted_days(case.work, question.id, since)
    return max(0, case.work.programme.max_extension_days - given)


async def _extended(work: Work, question: QuestionRow, days: int) -> Limit:
    """Return the question's limit with more days.

    Counting from the old due time, or from the beginning, gives the same.
    """
    limit = limit_of(question)
    return (
        limit.extended(days)
        if limit is not None
        else Limit(work.programme.local(due_of(question)).date(), days)
    )


async def grant(
    work: Work, editor: Actor, which: Code | int, request_id: int | None = None, *, words: str = ""
) -> Case:
    """Give the days that were asked for; tell the asker the new date and why.

    The asker reads the editor's `words`, else the agency's reason. While the clock is stopped, the days are added to
    those that are left. Raises `RuleViolation`: already done, or the days asked for have gone by, too.
    """
    case, request = await _undecided(work, editor, which, request_id)
    question, words = case.question, clean(words)
    calendar = await calendar_of(work)
    limit = await _extended(work, question, request.days)
    if question.remaining_days is None and calendar.end(limit) <= work.now:
        raise RuleViolation(Reason.EXTENSION_OVER, code=case.code, due_at=calendar.end(limit))
    entry_id = await case.write(EntryKind.EXTENSION_WORDS, words) if words else None
    await extensions.decide(work, request.id, "granted", editor.id)
    details = {"days": request.days}
    if question.remaining_days is not None:
        await case.move(
            Event.EXTENDED,
            entry_id=entry_id,
            details=details,
            remaining_days=question.remaining_days + request.days,
        )
    else:
        await case.move(Event.EXTENDED, entry_id=entry_id, details=details, **due(calendar, limit))
        for asker, one in await answers.askers(work, case.question):
            await tell(
                work,
                asker,
                DueDateMoved(
                    code=code_of(work, one),
                    what="answer",
                    old=due_of(question),
                    new=due_of(case.question),
                    why="extension",
                    reason=await publication.for_reader(
                        work, case.question, words or request.reason or "", asker.id
                    ),
                ),
                question_id=one.id,
            )
    await _tell_agencies(case, granted=True)
    return case


async def refuse(
    work: Work, editor: Actor, which: Code | int, why: str, request_id: int | None = None
) -> Case:
    """Refuse more days, with words; the due time stays.

    Raises `RuleViolation` (already done).
    """
    case, request = await _undecided(work, editor, which, request_id)
    why = clean(why)
    if not why:
        raise RuleViolation(Reason.REASON_MISSING, code=case.code)
    entry_id = await case.write(EntryKind.EXTENSION_REFUSAL, why)
    await extensions.decide(work, request.id, "refused", editor.id)
    await case.record(Event.EXTENSION_REFUSED, entry_id=entry_id, details={"days": request.days})
    await _tell_agencies(case, granted=False, why=why)
    return case


async def to_decide(work: Work, editor: Actor, which: Code | int, request_id: int | None = None) -> Case:
    """Raise `RuleViolation` unless this editor may decide on a request now."""
    case, _ = await _undecided(work, editor, which, request_id)
    return case


async def _undecided(
    work: Work, editor: Actor, which: Code | int, request_id: int | None
) -> tuple[Case, ReasonedExtensionRow]:
    case = await open_case(work, editor, Action.DECIDE_EXTENSION, which)
    request = await extensions.undecided(work, case.question.id)
    if request is None or (request_id is not None and request.id != request_id):
        raise RuleViolation(Reason.ALREADY_DONE, code=case.code, status=case.question.status)
    return case, request


async def _tell_agencies(case: Case, *, granted: bool, why: str = "") -> None:
    """Tell the lead's officers what was decided; the coordinating ones where it concerns their date."""
    notice = ExtensionDecided(
        code=case.code,
        granted=granted,
        due_at=due_of(case.question),
        why=why,
        left=case.question.remaining_days,
    )
    await tell_role(
        case.work,
        Role.OFFICER,
        notice,
        cards.open_button(case.question),
        of=[row.agency_id for row in case.assigned if row.part == "lead" or granted],
        question_id=case.question.id,
        about="card",
    )
