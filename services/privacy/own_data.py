"""Exports and corrects what is held about somebody, for themselves (Law 91/2025/QH15)."""

import json
from dataclasses import dataclass
from datetime import datetime
from html import unescape
from typing import Any

from domain.privacy.audit import AuditAct
from domain.programme import offset_iso
from domain.questions.history import EntryKind, Event
from domain.questions.life import HIDDEN, OPEN, Status
from messages.notices.privacy import HeldConsent, HeldQuestion, HeldWords, OwnDataInWords
from services.notify import words_for
from services.people.actors import Actor
from services.questions import intake, publication
from services.questions.case import changed, code_of
from storage.agencies import agencies
from storage.delivery import files
from storage.engine.database import Work
from storage.operation import audit
from storage.people import consents
from storage.privacy import erasing
from storage.questions import answer_drafts, entries, history, questions
from storage.rows import PersonRow, QuestionRow
from storage.subscribers import subscriptions

# Of a thread what the asker wrote and what they were asked; the offices' own steps stay with them.
_SHOWN = (
    EntryKind.QUESTION,
    EntryKind.CLARIFICATION,
    EntryKind.SUPPLEMENT,
    EntryKind.REOPEN_REASON,
    EntryKind.RATING_WORDS,
    EntryKind.PUBLIC_QUESTION,
    EntryKind.PUBLIC_ANSWER,
)


@dataclass(frozen=True)
class Export:
    """All that is held about somebody, for programs and for people, in UTF-8.

    JSON, times with the programme's offset; and plain text.
    """

    for_programs: bytes
    for_people: bytes


async def export(work: Work, actor: Actor, draft: str) -> Export:
    """Collect all that is held about somebody; none of it is kept here.

    `draft` is what they are writing. The words of a suspected or confirmed denunciation are shown again to nobody but
    editors.
    """
    person = actor.person
    asked = [await _question(work, person, row) for row in await erasing.questions_of(work, person.id)]
    given = await consents.ever_given(work, person.id)
    codes = {row.id: await _code(work, row.question_id) for row in given}
    topics = list(await subscriptions.topics_of(work, person.id))
    held: dict[str, Any] = {
        "made_at": _iso(work, work.now),
        "person": {
            "channel": person.channel,
            "account": person.address,
            "display_name": person.display_name,
            "language": person.language,
            "since": _iso(work, person.created_at),
            "name": person.full_name,
            "address": person.home_address,
            "contact": person.contact,
            "roles": [{"role": row.role, "agency": row.agency_code} for row in actor.roles],
        },
        "consents": [
            {
                "to": row.kind,
                "question": codes[row.id] or None,
                "topic": row.topic,
                "version": row.version,
                "given_at": _iso(work, row.given_at),
                "withdrawn_at": _iso(work, row.withdrawn_at),
            }
            for row in given
        ],
        "subscriptions": topics,
        "draft": draft,
        "questions": [one.as_json for one in asked],
    }
    in_words = OwnDataInWords(
        made_at=work.now,
        channel=person.channel,
        account=person.address or "",
        display_name=person.display_name,
        since=person.created_at,
        full_name=person.full_name,
        home_address=person.home_address,
        contact=person.contact,
        consents=tuple(
            HeldConsent(
                kind=row.kind,
                code=codes[row.id] or row.topic or "",
                version=row.version,
                given_at=row.given_at,
                withdrawn_at=row.withdrawn_at,
            )
            for row in given
        ),
        subscriptions=tuple(topics),
        draft=draft,
        questions=tuple(one.in_words for one in asked),
    )
    await audit.add(
        work,
        AuditAct.DATA_EXPORTED,
        f"person:{person.id}",
        actor_id=person.id,
        details={"questions": len(asked)},
    )
    text = unescape(
        words_for(work, person).say(in_words)
    )  # the template has no tags; what people wrote is whole again
    return Export(
        json.dumps(held, ensure_ascii=False, indent=1).encode(),
        text.encode("utf-8-sig"),  # so that every reader knows it for UTF-8
    )


@dataclass(frozen=True)
class _Question:
    as_json: dict[str, Any]
    in_words: HeldQuestion


async def _question(work: Work, person: PersonRow, question: QuestionRow) -> _Question:
    hidden = question.secrecy in HIDDEN
    answered = question
    if question.status == Status.MERGED and question.duplicate_of_id is not None:
        answered = await questions.by_id(work, question.duplicate_of_id) or question
    answer, words, letter = None, None, None
    if answered.answered_at is not None and answered.answer_id is not None and answered.secrecy not in HIDDEN:
        answer = await answer_drafts.by_id(work, answered.answer_id)
        assert answer is not None
        words, letter = [
            said and await publication.for_reader(work, answered, said, person.id)
            for said in (answer.text, answer.official_letter)
        ]
    field = await agencies.field(work, question.field_code) if question.field_code else None
    lead = await agencies.by_id(work, answered.lead_agency_id) if answered.lead_agency_id else None
    rating = await questions.rating(work, answered.id, person.id)
    said = [] if hidden else await _said(work, person, question)
    # their own, and the answer's
    sent = [
        row
        for row in ([] if hidden else await files.of_question(work, question.id))
        if row.person_id == person.id or (answer is not None and row.entry_id == answer.entry_id)
    ]
    code, agency = code_of(work, question), "" if hidden or lead is None else lead.name
    names = []
    for row in sent:
        name = row.name
        if row.person_id != person.id:
            name = await publication.file_for_reader(work, question, name, person.id)
        names.append(f"{name or row.kind} ({row.content_type}, {row.size or '?'} B)")
    return _Question(
        {
            "code": code,
            "status": question.status,
            "received_at": _iso(work, question.received_at),
            "organisation": question.organisation,
            "field": question.field_code,
            "agency": agency or None,
            "words": [{"kind": one.kind, "at": _iso(work, one.at), "text": one.text} for one in said],
            "files": names,
            "answered_at": _iso(work, answered.answered_at),
            "answer": words,
            "official_letter": letter,
            "published_at": _iso(work, question.published_at),
            "stars": None if rating is None else rating.stars,
        },
        HeldQuestion(
            code=code,
            status=question.status,
            received_at=question.received_at,
            organisation=question.organisation or "",
            field="" if field is None else field.name,
            agency=agency,
            words=tuple(said),
            files=tuple(names),
            answer=words or "",
            official_letter=letter or "",
            stars=None if rating is None else rating.stars,
        ),
    )


async def _said(work: Work, person: PersonRow, question: QuestionRow) -> list[HeldWords]:
    """Return what they wrote and were asked.

    Not what others said who asked the same, nor whom an office named in asking.
    """
    found = []
    for row in await entries.of_question(work, question.id, *_SHOWN):
        text = row.text
        if text and row.kind == EntryKind.CLARIFICATION:
            text = await publication.for_reader(work, question, text, person.id)
        if text and (row.kind != EntryKind.RATING_WORDS or row.author_id == person.id):
            found.append(HeldWords(at=row.at, kind=row.kind, text=text))
    return found


async def _code(work: Work, question_id: int | None) -> str:
    question = None if question_id is None else await questions.by_id(work, question_id)
    return "" if question is None else code_of(work, question)


def _iso(work: Work, moment: datetime | None) -> str | None:
    return None if moment is None else offset_iso(moment, work.programme.timezone)


async def correct(work: Work, actor: Actor, what: str, value: str | None) -> PersonRow:
    """Change what somebody said of themselves; return them as they are now.

    `full_name`, `home_address`, `contact`. The history of their open questions says that it was corrected, and by
    whom, not how.
    """
    person = await intake.introduce(work, actor.person, **{what: value})
    asked = [row.id for row in await erasing.questions_of(work, person.id) if row.status in OPEN]
    await history.record_many(
        work,
        Event.ASKER_CORRECTED,
        ((one, {"what": what}) for one in asked),
        actor_id=person.id,
        actor_role="asker",
    )
    for one in asked:
        changed(work, one)
    await audit.add(
        work, AuditAct.DATA_CORRECTED, f"person:{person.id}", actor_id=person.id, details={"what": what}
    )
    return person
