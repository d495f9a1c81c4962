"""The audit log as admins read it: names of staff, codes of questions; a citizen is a number there."""

from domain.audit import OWN_DATA, AuditAct
from messages.operation_notices import AuditLog
from services.case import code_of
from storage import audit, people, questions
from storage.database import Work

ON_A_PAGE = 10


async def page(work: Work, number: int) -> AuditLog:
    """One page, newest first."""
    rows = await audit.listed(work, ON_A_PAGE + 1, skip=(number - 1) * ON_A_PAGE)
    entries = tuple(
        [
            (
                row.number,
                row.at,
                "" if row.actor_id is None else await _name(work, row.actor_id, row.act),
                AuditAct(row.act).value,
                await _subject(work, row.subject, row.act),
                ", ".join(str(value) for value in row.details.values() if value is not None),
            )
            for row in rows[:ON_A_PAGE]
        ]
    )
    return AuditLog(entries, number, more=len(rows) > ON_A_PAGE)


async def _name(work: Work, person_id: int, act: str) -> str:
    person = None if act in OWN_DATA else await people.by_id(work, person_id)
    return (
        f"#{person_id}" if person is None else str(person.full_name or person.display_name or f"#{person_id}")
    )


async def _subject(work: Work, subject: str, act: str) -> str:
    kind, _, key = subject.partition(":")
    if kind == "person":
        return await _name(work, int(key), act)
    if kind == "question":
        question = await questions.by_id(work, int(key))
        return "" if question is None else code_of(work, question)
    return key
