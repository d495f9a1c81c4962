"""Enters questions into the ledger: sent by a citizen, or typed by an editor."""

from collections.abc import Collection, Sequence
from datetime import timedelta

from domain.errors import Reason, RuleViolation
from domain.privacy.consent import Consent
from domain.programme import IntakeNotify
from domain.questions.history import EntryKind, Event
from domain.questions.life import HIDDEN, Action, Intake, Role, Secrecy, Status
from domain.vietnamese.text import clean
from messages.notices.asking import EnteredByHand, QuestionReceived
from services.calendar import working_days
from services.notify import tell
from services.people.actors import Actor, require_editor
from services.questions import allowance, cards, screening, secrecy
from services.questions.case import ARRIVED, QUEUE, Case, changed, code_of, look_at, screened
from storage.delivery import files
from storage.delivery.outbox import Lane
from storage.engine.database import Work
from storage.people import consents, people
from storage.questions import entries, history, questions
from storage.rows import PersonRow, QuestionRow


async def receive(
    work: Work,
    asker: Actor,
    text: str,
    *,
    file_ids: Sequence[int] = (),
    field_code: str | None = None,
    organisation: str | None = None,
) -> QuestionRow:
    """Enter a citizen's question into the ledger, and tell everybody concerned.

    Raises `RuleViolation` for an empty or overlong text, without the asker's consent, and for more than a day's.
    """
    text = clean(text)
    if not text and not file_ids:
        raise RuleViolation(Reason.EMPTY_DRAFT)
    if len(text) > work.programme.question_characters:
        raise RuleViolation(Reason.TOO_LONG, limit=work.programme.question_characters)
    until = asker.blocked_until(work.now)
    if until is not None:  # whichever way their words came
        raise RuleViolation(Reason.BLOCKED, ends=until - timedelta(seconds=1))
    if await consents.latest(work, asker.id, Consent.PROCESSING) is None:
        raise RuleViolation(Reason.CONSENT_MISSING)
    await allowance.require_room_for_question(work, asker, text)
    doubt = screened(work, text).doubt
    question = await _register(
        work,
        asker.person,
        text,
        doubtful=bool(doubt),
        intake=Intake(asker.person.channel),
        file_ids=file_ids,
        field_code=field_code,
        organisation=organisation,
    )
    await history.record(
        work,
        question.id,
        Event.RECEIVED,
        actor_id=asker.id,
        actor_role="asker",
        details={"to": question.status},
    )
    await tell(
        work,
        asker.person,
        QuestionReceived(
            code=code_of(work, question), assign_due_at=question.assign_due_at, doubt=bool(doubt)
        ),
        [*(cards.meant_buttons(question) if doubt else ()), *cards.own_question_buttons(question)],
        lane=Lane.REPLY,
        question_id=question.id,
    )
    await _hand_to_editors(work, asker, question, doubt)
    return question


async def enter_by_hand(
    work: Work,
    editor: Actor,
    intake: Intake,
    text: str,
    *,
    full_name: str,
    home_address: str,
    contact: str,
    field_code: str | None = None,
) -> QuestionRow:
    """Enter a question from post, telephone, e-mail or a dialogue.

    Raises `RuleViolation`.
    """
    require_editor(editor)
    text = clean(text)
    if not text:
        raise RuleViolation(Reason.TEXT_MISSING)
    if len(text) > work.programme.question_characters:
        raise RuleViolation(Reason.TOO_LONG, limit=work.programme.question_characters)
    asker_id = await people.add_unaddressed(
        work,
        channel=intake,
        full_name=clean(full_name),
        home_address=clean(home_address),
        contact=clean(contact) or None,
        language=work.programme.language,
    )
    question = await _register(
        work, await people.by_id(work, asker_id), text, intake=intake, field_code=field_code
    )
    await history.record(
        work,
        question.id,
        Event.ENTERED,
        actor_id=editor.id,
        actor_role=Role.EDITOR if editor.holds(Role.EDITOR) else Role.ADMIN,
        details={"to": question.status, "channel": intake},
    )
    await tell(
        work,
        editor.person,
        EnteredByHand(code=code_of(work, question), assign_due_at=question.assign_due_at),
        lane=Lane.REPLY,
        question_id=question.id,
    )
    await _hand_to_editors(work, editor, question)
    return question


async def _register(
    work: Work,
    asker: PersonRow,
    text: str,
    *,
    intake: Intake,
    file_ids: Sequence[int] = (),
    field_code: str | None = None,
    organisation: str | None = None,
    doubtful: bool = False,
) -> QuestionRow:
    found = screened(work, text)
    told = (organisation, *secrecy.said_of_themselves(asker), *await secrecy.names_of(work, file_ids))
    hidden = doubtful or found.denunciation or secrecy.denounces(work, *told)
    year = work.programme.local(work.now).year
    question_id = await questions.add(
        work,
        year=year,
        number=await questions.next_number(work, year),
        status=Status.RECEIVED,
        secrecy=Secrecy.SUSPECTED if hidden else Secrecy.NONE,
        emergency=bool(found.emergency),
        channel=intake,
        asker_id=asker.id,
        organisation=organisation,
        received_at=work.now,
        field_code=field_code,
        **await working_days.assignment_due(work),
    )
    entry_id = await entries.write(work, question_id, EntryKind.QUESTION, text, author_id=asker.id)
    await files.attach(work, file_ids, question_id, entry_id)
    question = await questions.by_id(work, question_id)
    assert question is not None
    return question


async def _hand_to_editors(
    work: Work, actor: Actor, question: QuestionRow, doubt: Collection[str] = ()
) -> None:
    """Assign by field where that is on and safe; otherwise, or flagged, show it to editors.

    `doubt`: what the asker is asked about; what they say is worth as much as a look by an editor.
    """
    if question.secrecy in HIDDEN:
        await history.record(
            work,
            question.id,
            Event.FLAGGED,
            actor_id=None,
            actor_role="programme",
            details={"doubt": sorted(doubt)} if doubt else {},
        )
        await secrecy.call_editors(work, question)
        return
    case: Case = await look_at(work, actor, question, Action.ASSIGN)
    headline = await screening.assign_by_field(case) if work.programme.assign_automatically else "new"
    if headline == "new":
        await tell_editors_of_new(work, question)
    else:
        await cards.show_to_editors(work, case.question, headline)


async def tell_editors_of_new(work: Work, question: QuestionRow) -> None:
    """Tell editors of a new question as `[intake] notify` says.

    Of an emergency they hear at once, by its card."""
    if question.emergency or work.programme.intake_notify is IntakeNotify.EACH:
        await cards.show_to_editors(work, question, "new")
    else:
        work.memo[QUEUE] = ARRIVED
        changed(work, question.id)


async def introduce(work: Work, person: PersonRow, **said: str | None) -> PersonRow:
    """Keep what somebody says of themselves; return them as they are now.

    `full_name`, `home_address`, `contact`.
    """
    await people.update(work, person.id, **said)
    person = await people.by_id(work, person.id)
    await secrecy.gate_person(work, person, *said.values())
    return person
