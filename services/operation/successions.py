"""Hands the open questions of an agency that has ended to its successor.

Nothing starts anew by that: neither the time to answer nor a draft, for the question is the same and so is the work.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from domain.questions.history import Event
from domain.questions.life import HIDDEN, Role
from messages.notices.desk import TakenFromAgency
from messages.notices.questions import QuestionTakenOver
from services.agencies import naming
from services.notify import tell
from services.people.desk import tell_role
from services.questions import cards
from services.questions.case import changed, code_of
from storage.agencies import agencies
from storage.engine.database import Work
from storage.people import people
from storage.questions import history, questions
from storage.rows import AgencyRow, QuestionRow


@dataclass(frozen=True)
class Succession:
    """An agency that ended with open questions, and who acts for it today."""

    ended: AgencyRow
    questions: tuple[QuestionRow, ...]
    heirs: tuple[AgencyRow, ...]


async def due_successions(work: Work, codes: Iterable[str]) -> list[Succession]:
    """Return those of these agencies that ended and left questions open."""
    found = []
    today = work.programme.local(work.now).date()
    for code in codes:
        agency = await agencies.by_code(work, code)
        if agency is None or agency.valid_to is None or agency.valid_to >= today:
            continue
        left = await questions.open_with(work, agency.id)
        if left:
            found.append(Succession(agency, tuple(left), tuple(await naming.heirs_of(work, code))))
    return found


async def hand_over(work: Work, succession: Succession) -> None:
    """Give an ended agency's open questions to its one heir.

    Askers and both agencies hear of it.
    """
    (heir,) = succession.heirs
    for question in succession.questions:
        await _hand_over(work, question, succession.ended, heir)


async def _hand_over(work: Work, question: QuestionRow, ended: AgencyRow, heir: AgencyRow) -> None:
    before = await questions.by_id(work, question.id, lock=True)
    assert before is not None
    led = before.lead_agency_id == ended.id
    await questions.succeed(work, before, ended.id, heir)
    now = await questions.by_id(work, question.id, lock=True)  # as it stands then
    assert now is not None
    assigned = await questions.assigned(work, question.id)
    await history.record(
        work,
        question.id,
        Event.REASSIGNED,
        actor_id=None,
        actor_role="programme",
        details={
            "from": now.status,
            "to": now.status,
            "agency": next(row.code for row in assigned if row.part == "lead"),
            "coordinating": [row.code for row in assigned if row.part == "coordinating"],
            "ended": ended.code,
        },
    )
    changed(work, question.id)
    await cards.take_from(work, now)
    if now.secrecy in HIDDEN:
        return  # nobody but editors hears of it
    code = code_of(work, now)
    if led:
        asker = await people.by_id(work, now.asker_id)
        notice = QuestionTakenOver(code=code, before=ended.name, agency=heir.name)
        await tell(work, asker, notice, question_id=now.id)
    await cards.show_to_agencies(work, now, [row for row in assigned if row.agency_id == heir.id], "assigned")
    taken = TakenFromAgency(code=code, why=Event.REASSIGNED)
    await tell_role(work, Role.OFFICER, taken, of=ended.id, question_id=now.id)
