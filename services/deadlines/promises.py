"""Promises in answers, with dates: recording, moving, and reporting as kept."""

from datetime import date, datetime

from domain.deadlines.promised_days import promised_days
from domain.errors import Reason, RuleViolation
from domain.questions.codes import Code
from domain.questions.history import EntryKind, Event
from domain.questions.life import Action
from domain.vietnamese.text import clean
from messages.notice import Notice
from messages.notices.deadlines import DueDateMoved, PromiseRecorded, PromiseReported, PromiseWithdrawn
from services.calendar.working_days import calendar_of
from services.notify import tell
from services.people.actors import Actor
from services.questions import answers, publication, undoing
from services.questions.case import Case, code_of, open_case
from storage.agencies import agencies
from storage.deadlines import promises
from storage.deadlines.promises import WordedPromiseRow
from storage.engine.database import Work
from storage.questions import answer_drafts, history
from storage.rows import PersonRow, QuestionRow


async def record(work: Work, actor: Actor, which: Code | int, day: date, text: str) -> Case:
    """Record that an answer promises something by the close of a day.

    Raises `RuleViolation` (past, recorded already).
    """
    case = await open_case(work, actor, Action.PROMISE, which)
    text = clean(text)
    if not text:
        raise RuleViolation(Reason.TEXT_MISSING, code=case.code)
    due_at = (await calendar_of(work)).close(day)
    if due_at <= work.now:
        raise RuleViolation(Reason.PROMISE_IN_THE_PAST, code=case.code)
    if any(
        one.due_at == due_at and one.text == text
        for one in await promises.of_question(work, case.question.id)
    ):
        raise RuleViolation(Reason.ALREADY_DONE, code=case.code)
    async with undoing.undoable(case, Event.PROMISED, await undoing.before(case)):
        await _record(case, due_at, text)
    return case


async def _record(case: Case, due_at: datetime, text: str) -> None:
    work = case.work
    entry_id = await case.write(EntryKind.PROMISE, text)
    lead = await agencies.lead_of(work, case.question)
    promise_id = await promises.add(
        work, question_id=case.question.id, entry_id=entry_id, agency_id=lead.id, due_at=due_at
    )
    await case.record(
        Event.PROMISED, entry_id=entry_id, details={"promise": promise_id, "due_to": due_at.isoformat()}
    )
    for asker, one in await answers.askers(work, case.question):
        words = await publication.for_reader(work, case.question, text, asker.id)
        recorded = PromiseRecorded(code=code_of(work, one), agency=lead.name, text=words, due_at=due_at)
        await _tell_asker(work, asker, one, recorded)


async def record_named(work: Work, actor: Actor, which: Code | int, day: date) -> Case:
    """Record a promise from the answer's sentence that names this day.

    Raises `RuleViolation` (stale button).
    """
    case = await open_case(work, actor, Action.PROMISE, which)
    answer = await answer_drafts.sent(work, case.question)
    went_out_at = await history.went_out(work, case.question.id, answer.entry_id)
    answered_on = work.programme.local(went_out_at or work.now).date()
    named = dict(promised_days(answer.text or "", answered_on))
    if day not in named:
        raise RuleViolation(Reason.STALE_BUTTON)
    return await record(work, actor, which, day, named[day])


async def move(
    work: Work, actor: Actor, which: Code | int, day: date, why: str, promise_id: int | None = None
) -> Case:
    """Move a promise's date, with words that the askers read.

    Old and new stay in the history.
    """
    case, promise = await open_promise(work, actor, which, promise_id)
    why = clean(why)
    if not why:
        raise RuleViolation(Reason.REASON_MISSING, code=case.code)
    due_at = (await calendar_of(work)).close(day)
    if due_at <= work.now:
        raise RuleViolation(Reason.PROMISE_IN_THE_PAST, code=case.code)
    if due_at == promise.due_at or not await promises.move(work, promise.id, due_at):
        raise RuleViolation(Reason.ALREADY_DONE, code=case.code)
    entry_id = await case.write(EntryKind.PROMISE_NOTE, why)
    await case.record(
        Event.PROMISE_MOVED,
        entry_id=entry_id,
        details={
            "promise": promise.id,
            "due_from": promise.due_at.isoformat(),
            "due_to": due_at.isoformat(),
        },
    )
    for asker, one in await answers.askers(work, case.question):
        moved = DueDateMoved(
            code=code_of(work, one),
            what="promise",
            old=promise.due_at,
            new=due_at,
            why="agency",
            reason=await publication.for_reader(work, case.question, why, asker.id),
        )
        await _tell_asker(work, asker, one, moved)
    return case


async def report_kept(
    work: Work, actor: Actor, which: Code | int, note: str, promise_id: int | None = None
) -> Case:
    """Report that the agency kept a promise; tell the askers.

    Without `promise_id`, the earliest open one.
    """
    case, promise = await open_promise(work, actor, which, promise_id)
    note = clean(note)
    if not await promises.keep(work, promise.id):
        raise RuleViolation(Reason.ALREADY_DONE, code=case.code)
    entry_id = await case.write(EntryKind.PROMISE_NOTE, note) if note else None
    await case.record(Event.PROMISE_KEPT, entry_id=entry_id, details={"promise": promise.id})
    lead = await agencies.by_id(work, promise.agency_id)
    for asker, one in await answers.askers(work, case.question):
        text, words = [
            await publication.for_reader(work, case.question, said, asker.id)
            for said in (promise.text or "", note)
        ]
        reported = PromiseReported(code=code_of(work, one), agency=lead.name, text=text, note=words)
        await _tell_asker(work, asker, one, reported)
    return case


async def withdraw(
    work: Work, actor: Actor, which: Code | int, why: str, promise_id: int | None = None
) -> Case:
    """Withdraw a promise that can't be kept, with words that the askers read.

    Without `promise_id`, the earliest open one.
    """
    case, promise = await open_promise(work, actor, which, promise_id)
    why = clean(why)
    if not why:
        raise RuleViolation(Reason.REASON_MISSING, code=case.code)
    if not await promises.withdraw(work, promise.id):
        raise RuleViolation(Reason.ALREADY_DONE, code=case.code)
    entry_id = await case.write(EntryKind.PROMISE_NOTE, why)
    await case.record(Event.PROMISE_WITHDRAWN, entry_id=entry_id, details={"promise": promise.id})
    lead = await agencies.by_id(work, promise.agency_id)
    for asker, one in await answers.askers(work, case.question):
        text, words = [
            await publication.for_reader(work, case.question, said, asker.id)
            for said in (promise.text or "", why)
        ]
        withdrawn = PromiseWithdrawn(
            code=code_of(work, one), agency=lead.name, text=text, due_at=promise.due_at, why=words
        )
        await _tell_asker(work, asker, one, withdrawn)
    return case


async def open_promise(
    work: Work, actor: Actor, which: Code | int, promise_id: int | None
) -> tuple[Case, WordedPromiseRow]:
    """Return the question and one of its promises that is still to be kept.

    Raises `RuleViolation`.
    """
    case = await open_case(work, actor, Action.FOLLOW_UP, which)
    held = await promises.of_question(work, case.question.id)
    still_open = [one for one in held if one.kept_at is None and promise_id in (None, one.id)]
    if not still_open:
        done = any(one.id == promise_id for one in held)
        raise RuleViolation(Reason.ALREADY_DONE if done else Reason.NO_PROMISE, code=case.code)
    return case, still_open[0]


async def _tell_asker(work: Work, asker: PersonRow, question: QuestionRow, notice: Notice) -> None:
    await tell(work, asker, notice, question_id=question.id)
