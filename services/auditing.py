"""The audit log as admins read it: names for the people and things its entries refer to."""

from domain.audit import AuditAct
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
                "" if row.actor_id is None else await _name(work, row.actor_id),
                AuditAct(row.act).value,
                await _subject(work, row.subject),
                ", ".join(str(value) for value in row.details.values() if value is not None),
            )
            for row in rows[:ON_A_PAGE]
        ]
    )
    return AuditLog(entries, number, more=len(rows) > ON_A_PAGE)


async def _name(work: Work, person_id: int) -> str:
    person = await people.by_id(work, person_id)
    return str(person.full_name or person.display_name)


async def _subject(work: Work, subject: str) -> str:
    kind, _, key = subject.partition(":")
    if kind == "person":
        return await _name(work, int(key))
    if kind == "question":
        question = await questions.by_id(work, int(key))
        return "" if question is None else code_of(work, question)
    return key
