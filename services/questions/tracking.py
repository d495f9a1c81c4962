"""Questions as citizens follow them: their own, and others' as far as allowed.

A code tells the status, a publication more.
"""

from collections.abc import Sequence

from domain.questions.codes import Code
from domain.questions.history import Event
from domain.questions.life import Action, Capacity, Status
from domain.vietnamese.text import excerpt
from messages.buttons import Act, Button, Key, Keyboard
from messages.keyboards import list_turns
from messages.notices.answers import PublishedAnswer, PublishedAnswers
from messages.notices.questions import MyQuestion, MyQuestions, Tracked, TrackedEvent
from services.people.actors import Actor
from services.questions import cards, publication
from services.questions.case import Case, QuestionStanding, code_of, due_to_come, find, look_at, standing
from services.questions.facts import Part, View, of_ones_own, view
from storage.agencies import agencies
from storage.engine.database import Work
from storage.questions import answer_drafts, entries, history, questions
from storage.questions import published as published_words
from storage.questions.questions import AssignedRow
from storage.rows import PersonRow, QuestionRow

PER_PAGE = 8
EXCERPT = 80
FOUND = 10  # published answers shown at once

# What a citizen is told of a question's course; the offices' own steps stay with them.
_SHOWN = {
    Event.RECEIVED, Event.ENTERED, Event.ASSIGNED, Event.REASSIGNED, Event.REFUSED, Event.MERGED,
    Event.ACCEPTED, Event.RETURNED, Event.ASKED_MORE, Event.SUPPLIED, Event.ANSWERED, Event.CORRECTED,
    Event.RATED, Event.REOPENED, Event.RECONSIDERED, Event.REVIVED, Event.PUBLISHED, Event.WITHDRAWN, Event.CLOSED,
}  # fmt: skip


async def tracked(work: Work, viewer: Actor, which: Code | int) -> tuple[Tracked, Keyboard]:
    """Show a question by its code, as much of it as the viewer may see.

    A stranger learns the status, and more only of a published one.
    """
    question = await find(work, which, viewer)
    known = await standing(work, question)
    seen = view(known, viewer)
    if Capacity.ASKER in seen.capacities:
        return await _own(await look_at(work, viewer, question), known, seen)
    public = await publication.published_text(work, question) if Part.PUBLIC in seen.chat else None
    answer = await _answer(work, question, viewer) if Part.ANSWER in seen.chat else None
    return (
        Tracked(
            code=code_of(work, question),
            status=question.status,
            mine=Part.ANSWER in seen.chat,
            text=public.question if public is not None else None,
            agency=_lead(known.assigned) if Part.AGENCY in seen.chat else None,
            received_at=None,
            due_at=question.due_at if Part.DUE in seen.chat and _runs(question) else None,
            late=_is_late(work, question),
            answer=(answer[0] if answer is not None else public.answer if public is not None else None),
            official_letter=None if answer is None else answer[1],
            clarification=None,
            history=(),
            published=Part.PUBLIC in seen.chat,
            original=None,
            staff=bool(seen.desk),
        ),
        (),
    )


async def _own(case: Case, known: QuestionStanding, seen: View) -> tuple[Tracked, Keyboard]:
    work, question, original = case.work, case.question, known.original
    answered = question if original is None else original
    answer = await _answer(work, answered, case.actor) if Part.ANSWER in seen.chat else None
    assigned = known.assigned if original is None else await questions.assigned(work, original.id)
    asked = await questions.open_clarification(work, question.id)
    wanted = None
    if asked is not None:
        wanted = await publication.for_reader(work, question, asked.text or "", case.actor.id)
    notice = Tracked(
        code=case.code,
        status=question.status,
        mine=True,
        text=await entries.question_text(work, question.id) or None if Part.TEXT in seen.chat else None,
        agency=_lead(assigned) if Part.AGENCY in seen.chat else None,
        received_at=question.received_at,
        due_at=question.due_at if _runs(question) and Part.DUE in seen.chat else None,
        late=_is_late(work, question),
        answer=None if answer is None else answer[0],
        official_letter=None if answer is None else answer[1],
        clarification=wanted,
        history=await _history(work, question),
        published=question.published_at is not None,
        original=None if original is None else code_of(work, original),
    )
    return notice, await _own_buttons(case)


async def _own_buttons(case: Case) -> Keyboard:
    work, question = case.work, case.question
    rows: list[list[Key]] = []
    if case.may(Action.SUPPLY):
        rows += [list(row) for row in cards.reply_button(question)]
    if case.may(Action.RATE) and await questions.rating(work, question.id, case.actor.id) is None:
        rows += [list(row) for row in cards.rating_buttons(question, may_reopen=False)]
    if case.may(Action.REOPEN) and may_still_reopen(work, question):
        rows += [list(row) for row in cards.reopen_button(question)]
    if case.may(Action.WITHDRAW):
        rows.append([Button("button.withdraw", Act.WITHDRAW, (question.id,))])
    return rows


def may_still_reopen(work: Work, question: QuestionRow) -> bool:
    """Return whether the one chance to reopen is neither used nor over."""
    return (
        question.status == Status.ANSWERED
        and question.reopened_at is None
        and work.now <= cards.asker_reopens_until(work, question)
    )


def _is_late(work: Work, question: QuestionRow) -> bool:
    return question.due_at is not None and due_to_come(work, question) is None


def _runs(question: QuestionRow) -> bool:
    return question.status in (Status.ASSIGNED, Status.ACCEPTED, Status.IN_APPROVAL)


async def _answer(work: Work, question: QuestionRow, reader: Actor) -> tuple[str | None, str | None] | None:
    """Return the answer's words for who asked this or the same, and its official letter."""
    if question.status not in (Status.ANSWERED, Status.CLOSED) or question.answer_id is None:
        return None
    draft = await answer_drafts.by_id(work, question.answer_id)
    assert draft is not None
    text = draft.text and await publication.for_reader(work, question, draft.text, reader.id)
    letter = draft.official_letter
    return text, letter and await publication.for_reader(work, question, letter, reader.id)


def _lead(assigned: Sequence[AssignedRow]) -> str | None:
    return next((row.agency_name for row in assigned if row.part == "lead"), None)


async def _history(work: Work, question: QuestionRow) -> tuple[TrackedEvent, ...]:
    found = []
    past = await history.of_question(work, question.id)
    undone = [row.details["events"] for row in past if row.event == Event.UNDONE and "events" in row.details]
    for row in past:
        # what was undone nobody was told of
        if row.event not in _SHOWN or any(after < row.id <= last for after, last in undone):
            continue
        code = row.details.get("agency")
        agency = await agencies.by_code(work, code) if isinstance(code, str) else None
        found.append(
            TrackedEvent(at=row.at, event=row.event, agency=agency.short_name if agency is not None else "")
        )
    return tuple(found)


async def mine(work: Work, person: PersonRow, page: int = 1) -> tuple[MyQuestions, Keyboard]:
    """Return one page (from 1) of a person's own questions, newest first."""
    rows = await questions.of_asker(work, person.id, limit=PER_PAGE + 1, offset=(page - 1) * PER_PAGE)
    more, rows = len(rows) > PER_PAGE, rows[:PER_PAGE]
    listed, keyboard = [], []
    for row in rows:
        told = Part.TEXT in of_ones_own(row)
        text = excerpt(await entries.question_text(work, row.id) or "…", EXCERPT) if told else ""
        code = code_of(work, row)
        listed.append(MyQuestion(code=code, status=row.status, text=text))
        keyboard.append([Button("button.track", Act.TRACK, (row.id,), text=code)])
    notice = MyQuestions(questions=tuple(listed), page=page, more=more)
    return notice, [*keyboard, *list_turns("mine", page, more=more)]


# --- published ----------------------------------------------------------------------------------------------


async def published(work: Work, typed: str) -> tuple[PublishedAnswers, Keyboard]:
    """Search published answers whose question or answer holds every typed word.

    Without words, the newest.
    """
    wanted = published_words.key_words(typed)
    rows = [] if typed and not wanted else await published_words.search(work, wanted, FOUND)
    found = []
    for question in rows:
        public = await publication.published_text(work, question)
        if public is not None:
            found.append((question, public.question or public.answer))
    notice = PublishedAnswers(
        query=typed,
        answers=tuple(
            PublishedAnswer(code_of(work, row), excerpt(text or "…", EXCERPT)) for row, text in found
        ),
    )
    keyboard = [
        [Button("button.track", Act.TRACK, (row.id,), text=code_of(work, row))] for row, _text in found
    ]
    return notice, keyboard
