"""What the asker may do: rate, reopen, withdraw, agree to publication."""

from collections.abc import Sequence

from domain.errors import Reason, RuleViolation
from domain.privacy.consent import Consent
from domain.questions.codes import Code
from domain.questions.history import EntryKind, Event
from domain.questions.life import HIDDEN, Action, Capacity, Role, Secrecy, Status
from domain.vietnamese.text import clean
from messages.notices.answers import PublicationChosen, RatingArrived
from messages.notices.asking import MeantNoted, QuestionReceived
from messages.notices.desk import TakenFromAgency
from messages.notices.questions import QuestionReopened, QuestionWithdrawn, Rated
from services import recall
from services.agencies import naming
from services.calendar import working_days
from services.notify import tell
from services.people import consents
from services.people.actors import Actor
from services.people.desk import tell_role
from services.questions import agency_work, answers, cards, intake, secrecy
from services.questions.case import Case, code_of, due_of, find, look_at, move, open_case
from services.recall import Why
from storage.agencies import agencies
from storage.delivery import files
from storage.delivery.outbox import Lane
from storage.engine.database import Work
from storage.people import people
from storage.questions import history, questions


async def rate(work: Work, asker: Actor, which: Code | int, stars: int, words: str = "") -> Case:
    """Rate an answer, 1 to 5 stars, with words if they like.

    Rating again replaces the rating.
    """
    case = await open_case(work, asker, Action.RATE, which)
    if not 1 <= stars <= 5:
        raise RuleViolation(Reason.BAD_RATING, code=case.code)
    words = clean(words)
    before = await questions.rating(work, case.question.id, asker.id)
    if before is not None and before.stars == stars and not words:
        return case  # the same button twice
    entry_id = await case.write(EntryKind.RATING_WORDS, words) if words else None
    await questions.rate(work, case.question.id, asker.id, stars, entry_id)
    await case.record(Event.RATED, entry_id=entry_id, details={"stars": stars})
    case.question = await secrecy.gate(work, case.question, words)
    may_reopen = case.may(Action.REOPEN) and case.question.reopened_at is None
    await tell(
        work,
        asker.person,
        Rated(code=case.code, stars=stars, may_reopen=may_reopen),
        cards.reopen_button(case.question) if may_reopen and stars <= 2 else (),
        lane=Lane.REPLY,
        question_id=case.question.id,
    )
    if case.question.secrecy in HIDDEN:
        return case
    arrived = RatingArrived(code=case.code, stars=stars, words=words)
    id_, lead = case.question.id, case.question.lead_agency_id
    await tell_role(work, Role.OFFICER, arrived, of=lead, question_id=id_, about="card")
    return case


async def rated_question(work: Work, asker: Actor, which: Code) -> Code | int:
    """Name the question that somebody rates by their code.

    A question of theirs that was merged has the original's answer.
    """
    question = await find(work, which, asker)
    merged = question.status == Status.MERGED and question.asker_id == asker.id
    if merged and question.duplicate_of_id is not None:
        return question.duplicate_of_id
    return which


async def reopen(
    work: Work, asker: Actor, which: Code | int, reason: str, file_ids: Sequence[int] = ()
) -> Case:
    """Reopen an answered question, with words: the agency answers again.

    Once, within the days that the programme gives.
    """
    case = await to_reopen(work, asker, which)
    await _with_who_acts_today(case)
    reason = clean(reason)
    if not reason:
        raise RuleViolation(Reason.REASON_MISSING, code=case.code)
    await answers.drop_correction(case)
    entry_id = await case.write(EntryKind.REOPEN_REASON, reason)
    await files.attach(work, file_ids, case.question.id, entry_id)
    field = await agencies.field(work, case.question.field_code) if case.question.field_code else None
    await case.move(
        Event.REOPENED,
        entry_id=entry_id,
        reopened_at=work.now,
        answered_at=None,
        **await working_days.answer_due(work, field),
    )
    lead = await agencies.lead_of(work, case.question)
    await tell(
        work,
        asker.person,
        QuestionReopened(code=case.code, agency=lead.name, due_at=due_of(case.question)),
        lane=Lane.REPLY,
        question_id=case.question.id,
    )
    case.question = await secrecy.gate(work, case.question, reason, *await secrecy.names_of(work, file_ids))
    if case.question.secrecy not in HIDDEN:
        await cards.show_to_agencies(work, case.question, case.assigned, "reopened")
    return case


async def _with_who_acts_today(case: Case) -> None:
    """An agency that has ended since it answered gives its place to its one heir."""
    work, question = case.work, case.question
    lead = await agencies.lead_of(work, question)
    heirs = await naming.heirs_of(work, lead.code)
    if len(heirs) != 1 or heirs[0].id == lead.id:
        return
    await questions.succeed(work, question, lead.id, heirs[0])
    again = await questions.by_id(work, question.id, lock=True)
    assert again is not None
    case.question, case.assigned = again, await questions.assigned(work, question.id)


async def to_reopen(work: Work, asker: Actor, which: Code | int) -> Case:
    """Return the question, for somebody who may reopen it now.

    Raises `RuleViolation` with the reason why not.
    """
    case = await open_case(work, asker, Action.REOPEN, which)
    if case.question.reopened_at is not None:
        raise RuleViolation(Reason.REOPENED_BEFORE, code=case.code)
    until = cards.asker_reopens_until(work, case.question)
    if work.now > until:
        raise RuleViolation(Reason.REOPEN_TOO_LATE, code=case.code, until=until)
    return case


async def say_meant(work: Work, asker: Actor, which: Code | int, *, question: bool) -> Case:
    """Note what an asker meant, where the machine was not sure.

    A question goes on like any other; a denunciation or complaint stays hidden for an editor to decide (decision
    0045). Once, and only until an editor has looked. Raises `RuleViolation`.
    """
    case = await open_case(work, asker, Action.SAY_MEANT, which)
    if case.question.secrecy != Secrecy.SUSPECTED or not await history.asked_what_was_meant(
        work, case.question.id
    ):
        raise RuleViolation(Reason.ALREADY_DONE, code=case.code)
    if question:
        await case.move(Event.MEANT, secrecy=Secrecy.NONE, details={"as": "question"})
    else:
        await case.record(Event.MEANT, details={"as": "denunciation"})
    await tell(
        work,
        asker.person,
        MeantNoted(code=case.code, question=question, assign_due_at=case.question.assign_due_at),
        lane=Lane.REPLY,
        question_id=case.question.id,
    )
    if question:
        await intake.tell_editors_of_new(work, case.question)
    return case


async def withdraw(work: Work, asker: Actor, which: Code | int) -> Case:
    """Withdraw the asker's question; whoever worked on it is told."""
    case = await open_case(work, asker, Action.WITHDRAW, which)
    await agency_work.drop_open_matters(work, case.question.id)
    await questions.end_assignments(work, case.question.id)
    await case.move(Event.WITHDRAWN, due_at=None)
    await tell(
        work, asker.person, QuestionWithdrawn(code=case.code), lane=Lane.REPLY, question_id=case.question.id
    )
    await cards.take_from(work, case.question)
    taken = TakenFromAgency(code=case.code, why=Event.WITHDRAWN)
    for row in case.assigned:
        await tell_role(work, Role.OFFICER, taken, of=row.agency_id, question_id=case.question.id)
    await _go_on_without(case)
    return case


async def _go_on_without(case: Case) -> None:
    """Continue for others who asked the same: the first of them stands for all.

    It starts anew with the editors.
    """
    work = case.work
    others = await questions.duplicates_of(work, case.question.id)
    if not others:
        return
    await questions.move_duplicates(work, case.question.id, others[0].id)
    heir = await move(
        work,
        others[0],
        Action.REVIVE,
        Event.REVIVED,
        details={"withdrawn": case.code},
        duplicate_of_id=None,
        lead_agency_id=None,
        remaining_days=None,
        **await working_days.assignment_due(work),
    )
    await tell(
        work,
        await people.by_id(work, heir.asker_id),
        QuestionReceived(code=code_of(work, heir), assign_due_at=heir.assign_due_at),
        question_id=heir.id,
    )
    await intake.tell_editors_of_new(work, heir)


async def choose_publication(work: Work, asker: Actor, which: Code | int, *, agreed: bool) -> Case:
    """Record the asker's word on publication; a later word replaces it.

    A later "no" takes what was published back, also from the chats of whoever read it as a stranger.
    """
    case = await open_case(work, asker, Action.CONSENT_TO_PUBLISH, which)
    if agreed:
        await consents.give(work, asker.person, Consent.PUBLICATION, question_id=case.question.id)
        await case.record(Event.CONSENTED, details={"agreed": True})
    else:
        await _withdraw_publication(case)
    await _tell_choice(case, agreed=agreed)
    return case


async def withdraw_publication(work: Work, asker: Actor, question_id: int) -> None:
    """Withdraw the asker's consent to publication, whatever became of the question meanwhile.

    Also of one that is hidden or reopened: consent may be withdrawn at any time (law 91/2025/QH15).
    Raises `RuleViolation` (unknown code) for a question of somebody else.
    """
    question = await find(work, question_id, lock=True)
    case = await look_at(work, asker, question, Action.CONSENT_TO_PUBLISH)
    if Capacity.ASKER not in case.capacities:
        raise RuleViolation(Reason.UNKNOWN_CODE)
    await _withdraw_publication(case)
    await _tell_choice(case, agreed=False)


async def _withdraw_publication(case: Case) -> None:
    """What was published is taken back, also from the chats of whoever read it as a stranger."""
    work, question = case.work, case.question
    await consents.withdraw(work, case.actor.person, Consent.PUBLICATION, question_id=question.id)
    if question.published_at is None:
        await case.record(Event.CONSENTED, details={"agreed": False})
        return
    moved = await questions.move(work, question, published_at=None)
    if moved is None:
        raise RuleViolation(Reason.ALREADY_DONE)
    case.question = moved
    await case.record(Event.CONSENTED, details={"agreed": False, "taken_back": True})
    await recall.take_back(work, [case.question], Why.UNPUBLISHED)


async def _tell_choice(case: Case, *, agreed: bool) -> None:
    await tell(
        case.work,
        case.actor.person,
        PublicationChosen(code=case.code, agreed=agreed),
        lane=Lane.REPLY,
        question_id=case.question.id,
    )
