"""What the public reads of a question: anonymised texts that an editor decides on."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.broadcasts.broadcasts import BroadcastKind, BroadcastStatus
from domain.errors import Reason, RuleViolation
from domain.privacy.consent import Consent
from domain.questions.anonymise import anonymise, bare, unnamed, unnamed_file
from domain.questions.codes import Code
from domain.questions.history import EntryKind, Event
from domain.questions.life import HIDDEN, Action, Role
from domain.subscribers.topics import field_topic
from domain.vietnamese.text import clean
from messages.buttons import Act, Button
from messages.notices.answers import PublicAnswerCorrected, QuestionPublished, QuestionUnpublished
from services import recall
from services.broadcasts import holding
from services.notify import tell
from services.people.actors import Actor
from services.people.desk import tell_role
from services.questions.case import Case, open_case
from services.recall import Why
from storage.broadcasts import broadcasts
from storage.engine.database import Work
from storage.people import consents, people
from storage.questions import answer_drafts, entries, published, questions
from storage.rows import ConsentRow, PersonRow, QuestionRow


@dataclass(frozen=True)
class PublicText:
    """A question and its answer as strangers read them."""

    question: str
    answer: str


async def published_text(work: Work, question: QuestionRow) -> PublicText | None:
    """Return the texts that an editor published, or None."""
    if question.published_at is None:
        return None
    asked = await entries.of_question(work, question.id, EntryKind.PUBLIC_QUESTION)
    answered = await entries.of_question(work, question.id, EntryKind.PUBLIC_ANSWER)
    return PublicText((asked[-1].text or "") if asked else "", (answered[-1].text or "") if answered else "")


async def proposal(
    work: Work, editor: Actor, which: Code | int, *, again: bool = False
) -> tuple[Case, PublicText, bool]:
    """Return the texts to publish, and whether the asker agreed.

    For the editor to read first. `again`: the texts as they stand published, to be changed. Raises `RuleViolation`.
    """
    case = await _publishable(work, editor, which, again=again)
    text = await published_text(work, case.question) if again else None
    return case, text or await _proposed(work, case.question), await agreed(work, case) is not None


async def _proposed(work: Work, question: QuestionRow) -> PublicText:
    """Return what the programme proposes to publish: all as it is, without what tells who asked."""
    draft = await answer_drafts.sent(work, question)
    return PublicText(
        await anonymous(work, question, await entries.question_text(work, question.id)),
        await anonymous(work, question, draft.text or ""),
    )


async def publish(
    work: Work,
    editor: Actor,
    which: Code | int,
    text: PublicText | None = None,
    *,
    anonymised: bool = False,
    again: bool = False,
) -> Case:
    """Publish question and answer.

    With the asker's consent, or where the editor says that they are anonymised. `text` is what the editor has read,
    and perhaps changed; without it, what the programme proposes. `again`: other texts than those that are public;
    every copy of those is taken back.
    """
    case, shown, consented = await proposal(work, editor, which, again=again)
    text = text or shown
    if not consented and not anonymised:
        raise RuleViolation(Reason.PUBLICATION_NOT_CONSENTED, code=case.code)
    if not clean(text.answer):
        raise RuleViolation(Reason.TEXT_MISSING, code=case.code)
    text = PublicText(clean(text.question), clean(text.answer))
    if again:
        if text == shown:
            raise RuleViolation(Reason.ALREADY_PUBLISHED, code=case.code)
        await recall.take_back(work, [case.question], Why.UNPUBLISHED)
    consent = await agreed(work, case)
    await case.write(EntryKind.PUBLIC_QUESTION, text.question)
    entry_id = await case.write(EntryKind.PUBLIC_ANSWER, text.answer)
    await case.move(
        Event.PUBLISHED,
        entry_id=entry_id,
        details={"consent": None if consent is None else consent.version, "anonymised": anonymised},
        published_at=work.now,
    )
    said, seen = await _said_and_seen(work, editor, case.question, text, await _proposed(work, case.question))
    await _announce(work, editor, case.question, odd=await holding.adds_odd_words(work, said, seen))
    await _ask_about_odd_words(work, editor, case.question, said, seen)
    if consented:
        await tell(
            work,
            await people.by_id(work, case.question.asker_id),
            QuestionPublished(code=case.code),
            question_id=case.question.id,
        )
    return case


async def unpublish(work: Work, editor: Actor, which: Code | int, why: str) -> Case:
    """Take what is public back, with a reason for the offices; every copy follows.

    Raises `RuleViolation`: nothing is public, no reason.
    """
    case = await published_case(work, editor, which)
    why = clean(why)
    if not why:
        raise RuleViolation(Reason.REASON_MISSING, code=case.code)
    entry_id = await case.write(EntryKind.UNPUBLISH_REASON, why)
    await case.move(Event.UNPUBLISHED, entry_id=entry_id, published_at=None)
    await recall.take_back(work, [case.question], Why.UNPUBLISHED)
    asker = await people.by_id(work, case.question.asker_id)
    await tell(work, asker, QuestionUnpublished(code=case.code), question_id=case.question.id)
    return case


async def published_case(work: Work, editor: Actor, which: Code | int) -> Case:
    """Return a question that is public, for somebody who may take it back.

    Raises `RuleViolation`.
    """
    case = await open_case(work, editor, Action.UNPUBLISH, which)
    if case.question.published_at is None:
        raise RuleViolation(Reason.ALREADY_DONE, code=case.code)
    return case


async def _announce(work: Work, editor: Actor, question: QuestionRow, *, odd: bool) -> None:
    """Announce an answer to followers of its field, once (services.subscribers.news has the words).

    Published once more after it was announced, with suspicious (`odd`) words, it is announced anew: nobody else has
    seen these.
    """
    if question.field_code is None or question.secrecy in HIDDEN:
        return
    occasion = f"answer:{question.id}:{question.answer_id}"
    earlier = await broadcasts.by_occasion(work, occasion)
    if earlier is not None and earlier.status != BroadcastStatus.QUEUED:
        if not odd:
            return
        occasion = f"{occasion}:{work.now.isoformat()}"
    await broadcasts.add(
        work,
        kind=BroadcastKind.ANSWER,
        audience=field_topic(question.field_code),
        content={"question_id": question.id, "answer_id": question.answer_id},
        occasion=occasion,
        start_at=None if work.held is None else work.held.until,  # not what may still be undone
        created_by=editor.id,
    )


async def _said_and_seen(
    work: Work, editor: Actor, question: QuestionRow, text: PublicText, approved: PublicText
) -> tuple[str, str]:
    """Return what an editor makes public, and what of it others have approved."""
    draft = None if question.answer_id is None else await answer_drafts.by_id(work, question.answer_id)
    given = [] if draft is None else await answer_drafts.approvals_of(work, draft.id)
    # An editor's own correction, and nobody else has seen it.
    if draft is not None and {draft.submitted_by, *(one.approver_id for one in given)} == {editor.id}:
        approved = PublicText(approved.question, "")
    return f"{text.question}\n{text.answer}", f"{approved.question}\n{approved.answer}"


async def _ask_about_odd_words(
    work: Work, editor: Actor, question: QuestionRow, said: str, seen: str
) -> None:
    """Ask somebody else about suspicious words that an editor added to an announcement.

    Also to one that was published before and has not gone out: an announcement says what is public as it leaves.
    """
    for row in await broadcasts.announcing_answer(work, question.id):
        if await holding.ask_about_odd_words(work, row.id, editor.id, said, seen):
            await holding.tell_others(work, row.id, "answer", by=editor.id, text=said)


async def follows_correction(work: Work, case: Case, before: str, after: str) -> bool:
    """Return whether the public answer follows a correction by itself.

    The asker agreed, and the public answer is what the programme made of the one that went out: what an editor
    worded, or vouched for, an editor words anew.
    """
    public = await published_text(work, case.question)
    if public is None or not after or await agreed(work, case) is None:
        return False
    return public.answer == clean(await anonymous(work, case.question, before))


async def answer_corrected(case: Case, text: str, *, follows: bool) -> None:
    """Publish a corrected answer in the old one's place, or end its publication; tell editors.

    It `follows`, or the question was moved before, so that nothing is public. Every copy of the old one is taken back.
    """
    work, question = case.work, case.question
    await recall.take_back(work, [question], Why.UNPUBLISHED)
    if not follows:
        changed = PublicAnswerCorrected(code=case.code, public=None)
        buttons = [[Button("button.publish", Act.PUBLISH, (question.id,))]]
        await tell_role(work, Role.EDITOR, changed, buttons, question_id=question.id, about="card")
        return
    words = clean(await anonymous(work, question, text))
    await case.write(EntryKind.PUBLIC_ANSWER, words)
    await published.refresh(work, question)
    public = await published_text(work, question)
    assert public is not None, "it stays public"
    said, seen = await _said_and_seen(work, case.actor, question, public, PublicText(public.question, ""))
    await _announce(work, case.actor, question, odd=False)
    await _ask_about_odd_words(work, case.actor, question, said, seen)
    changed = PublicAnswerCorrected(code=case.code, public=words)
    buttons = [
        [
            Button("button.edit_public", Act.EDIT_PUBLISHED, (question.id,)),
            Button("button.unpublish", Act.UNPUBLISH, (question.id,)),
        ]
    ]
    await tell_role(work, Role.EDITOR, changed, buttons, question_id=question.id, about="card")


async def _publishable(work: Work, editor: Actor, which: Code | int, *, again: bool = False) -> Case:
    case = await open_case(work, editor, Action.PUBLISH, which)
    if again and case.question.published_at is None:
        raise RuleViolation(Reason.ALREADY_DONE, code=case.code)
    if not again and case.question.published_at is not None:
        raise RuleViolation(Reason.ALREADY_PUBLISHED, code=case.code)
    return case


async def agreed(work: Work, case: Case) -> ConsentRow | None:
    """Return the asker's consent to publish this question, if it stands."""
    return await consents.latest(work, case.question.asker_id, Consent.PUBLICATION, case.question.id)


async def anonymous(work: Work, question: QuestionRow, text: str) -> str:
    """Remove what the ledger knows of everybody who asked this."""
    return anonymise(text, *await known_of(work, question))


async def for_reader(work: Work, answered: QuestionRow, text: str, reader_id: int) -> str:
    """Remove other askers' details from an office's words for one asker."""
    return unnamed(text, *await _others_named(work, answered, text, reader_id))


async def file_for_reader(work: Work, answered: QuestionRow, name: str, reader_id: int) -> str:
    """Remove other askers' details from a file's name for one asker."""
    return unnamed_file(name, *await _others_named(work, answered, name, reader_id))


async def _others_named(work: Work, answered: QuestionRow, text: str, reader_id: int) -> list[str]:
    """List the details of other askers in a text; found once for all readers."""
    key = ("named", answered.id, text)
    if key not in work.memo:
        signs = bare(text)
        work.memo[key] = [
            (who, detail)
            for who, detail in await _who_asked_what(work, answered)
            if bare(detail) in signs
            and (who == answered.asker_id or not await _is_a_place(work, who, detail))
        ]
    named: list[tuple[int, str]] = work.memo[key]
    own = {bare(detail) for who, detail in named if who == reader_id}
    return [detail for who, detail in named if who != reader_id and bare(detail) not in own]


async def of_them_alone(work: Work, person: PersonRow, question_id: int, known: Sequence[str]) -> list[str]:
    """List the details of a person that are not another asker's, too."""
    question = await questions.by_id(work, question_id)
    assert question is not None
    others = [bare(detail) for who, detail in await _who_asked_what(work, question) if who != person.id]
    return [
        one
        for one in known
        if not any(bare(one) in other for other in others) and not await _is_a_place(work, person.id, one)
    ]


async def _is_a_place(work: Work, person_id: int, detail: str) -> bool:
    """Return whether this is an address without a number, such as a ward that any answer may name."""
    return detail == (await people.by_id(work, person_id)).home_address and not any(
        sign.isdecimal() for sign in detail
    )


async def known_of(work: Work, question: QuestionRow) -> list[str | None]:
    """List what the ledger knows of everybody who asked this.

    Names, addresses, contacts, the organisation.
    """
    return [detail for _, detail in await _who_asked_what(work, question)]


async def _who_asked_what(work: Work, question: QuestionRow) -> list[tuple[int, str]]:
    asked = [question, *await questions.duplicates_of(work, question.id)]
    askers = await people.by_ids(work, (one.asker_id for one in asked))
    return [
        (one.asker_id, detail) for one in asked for detail in who_asked(askers[one.asker_id], one) if detail
    ]


def who_asked(asker: PersonRow, question: QuestionRow) -> tuple[str | None, ...]:
    """Return the details that tell who asked, to be masked for other readers."""
    contacts = (asker.contact or "").split(", ")  # as services.people.introductions reads them
    return (question.organisation, asker.full_name, asker.home_address, *filter(None, contacts))
