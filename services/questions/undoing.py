"""`Hoàn tác`: what somebody did to a question can be undone for a moment.

The notices to others wait as long, so that nobody was told what is undone (docs/decisions/0042).
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

from domain.errors import Reason, RuleViolation
from domain.questions.history import Event
from domain.questions.life import HIDDEN, RULES, Action, Status
from messages.buttons import Act, Button, Keyboard
from services.people.actors import Actor
from services.questions import approval
from services.questions.case import Case, find, look_at
from storage.delivery import undos
from storage.engine.database import Held, Work
from storage.questions import answer_drafts, history, questions, restoring
from storage.rows import QuestionRow, UndoRow

Before = dict[str, Any]


async def before(case: Case) -> Before | None:
    """Note how a question stands, so that what comes can be undone.

    None where it is final, and told at once. An emergency never waits, nor does what is, or may be, a denunciation.
    """
    if not case.work.programme.undo_seconds or case.question.emergency or case.question.secrecy in HIDDEN:
        return None
    noted = await restoring.snapshot(case.work, case.question)
    answer_id = case.question.answer_id
    answer = None if answer_id is None else await answer_drafts.by_id(case.work, answer_id)
    return noted | {
        "action": case.action,
        "last_event": await history.newest(case.work, case.question.id),
        "answer_entry": None if answer is None else answer.entry_id,
    }


@asynccontextmanager
async def undoable(
    case: Case, what: Event, noted: Before | None, original: QuestionRow | None = None
) -> AsyncIterator[None]:
    """Do something that can be undone: what it tells others waits for that.

    `original` is the question into which this one is merged. Without `noted` it is told at once.
    """
    if noted is None:
        yield
        return
    work = case.work
    until = work.now + timedelta(seconds=work.programme.undo_seconds)
    undo_id = await undos.begin(
        work,
        person_id=case.actor.id,
        what=what,
        question_id=case.question.id,
        until=until,
        before=noted,
    )
    work.held = Held(undo_id, until, case.actor.id)
    try:
        yield
    finally:
        held, work.held = work.held, None
    case.undo = held
    if original is not None:
        noted = noted | {"original": [original.id, await history.newest(work, original.id)]}
    last = await history.newest(work, case.question.id)
    await undos.done(work, undo_id, last, noted)


def undo_button(held: Held | None) -> Keyboard:
    """Make the row with `Hoàn tác`, where there is something to undo."""
    return [] if held is None else [[Button("button.undo", Act.UNDO, (held.undo_id,))]]


async def expect_undoable(work: Work, actor: Actor, undo_id: int) -> UndoRow:
    """Return what this person may undo now; raise `RuleViolation`."""
    note = await undos.by_id(work, undo_id)
    if note is None:
        raise RuleViolation(Reason.UNDO_TOO_LATE)
    if note.person_id != actor.id:
        raise RuleViolation(Reason.STALE_BUTTON)
    if note.undone_at is not None:
        raise RuleViolation(Reason.UNDONE_ALREADY)
    if work.now >= note.until:
        raise RuleViolation(Reason.UNDO_TOO_LATE)
    return note


async def undo(work: Work, actor: Actor, undo_id: int) -> tuple[Case, Event]:
    """Undo what this person did to a question; return it, and what it was.

    It stands as before, and nobody who was not told of it hears anything. Raises `RuleViolation`: the time is over,
    somebody has done something since, this person no longer may.
    """
    note = await expect_undoable(work, actor, undo_id)
    if note.question_id is None:
        raise RuleViolation(Reason.STALE_BUTTON)
    question = await find(work, note.question_id, lock=True)
    action = Action(note.before["action"])
    case = await look_at(work, actor, question, action)
    if RULES[action].who.isdisjoint(case.capacities):  # their role ended meanwhile
        raise RuleViolation(Reason.STALE_BUTTON)
    original_id, original_event = note.before.get("original") or (None, None)
    if await history.newest(work, question.id) != note.last_event or (
        original_id is not None and await history.newest(work, original_id) != original_event
    ):
        raise RuleViolation(Reason.UNDO_OVERTAKEN, code=case.code)
    if not await undos.take(work, note.id):
        raise RuleViolation(Reason.UNDO_TOO_LATE)
    restored = await restoring.restore(work, question, note.before)
    if restored is None:
        raise RuleViolation(Reason.UNDO_OVERTAKEN, code=case.code)
    case = await look_at(work, actor, restored, action)
    await case.record(Event.UNDONE, details=await _details(work, question, restored, note))
    if original_id is not None:
        original = await questions.by_id(work, original_id)
        assert original is not None
        await history.record(
            work,
            original_id,
            Event.UNDONE,
            actor_id=actor.id,
            actor_role=case.capacity,
            details={"undone": Event.JOINED, "duplicate": case.code},
        )
    return case, Event(note.what)


async def _details(work: Work, was: QuestionRow, now: QuestionRow, note: UndoRow) -> dict[str, Any]:
    """Say in the history what was undone, and whose hands the question is in again."""
    draft = await answer_drafts.open_of(work, now.id) if now.status == Status.IN_APPROVAL else None
    step = None if draft is None else await approval.step_now(work, now, draft.id)
    told: dict[str, Any] = {
        "undone": note.what,
        "events": [note.before["last_event"], note.last_event],  # after this one, up to that one
        "from": was.status,
        "to": now.status,
        "answer_entry": note.before["answer_entry"],
    }
    if was.due_at != now.due_at:
        told |= {
            "due_from": None if was.due_at is None else was.due_at.isoformat(),
            "due_to": None if now.due_at is None else now.due_at.isoformat(),
        }
    return told if step is None else told | {"waits_for": step}
