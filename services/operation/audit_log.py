"""The audit log as admins read it: names of staff, codes of questions.

What people do with their own data is only counted: a citizen's number, a question or a moment there could be compared
with the queue, and would tell who denounced.
"""

from datetime import datetime, time, timedelta

from domain.privacy.audit import AuditAct
from messages.notices.operation import ActCount, AuditEntry, AuditLog
from services.questions.case import code_of
from storage.engine.database import Work
from storage.operation import audit
from storage.people import people
from storage.questions import questions

ON_A_PAGE = 10
_NOT_TOLD = ("entry", "vouched")  # what the log keeps for `doctor` alone
OWN_DAYS = 30  # over which people's own acts are counted, up to last midnight: nobody watches the number grow


async def page(work: Work, number: int) -> AuditLog:
    """Return one page, newest first."""
    rows = await audit.told(work, ON_A_PAGE + 1, skip=(number - 1) * ON_A_PAGE)
    entries = tuple(
        [
            AuditEntry(
                number=row.number,
                at=row.at,
                who="" if row.actor_id is None else await _name(work, row.actor_id),
                act=AuditAct(row.act).value,
                subject=await _subject(work, row.subject),
                details=_details(row.details),
            )
            for row in rows[:ON_A_PAGE]
        ]
    )
    return AuditLog(
        entries, tuple(await _own(work)) if number == 1 else (), number, more=len(rows) > ON_A_PAGE
    )


async def _own(work: Work) -> list[ActCount]:
    """Count what people did with their own data in the past days, by act."""
    today = work.programme.local(work.now).date()
    midnight = datetime.combine(today, time(), work.programme.timezone)
    counted = await audit.own_between(work, midnight - timedelta(days=OWN_DAYS), midnight)
    return [ActCount(act, count) for act, count in sorted(counted.items())]


async def _name(work: Work, person_id: int) -> str:
    """Return a member of the staff's name; "…" for somebody erased."""
    person = await people.by_id(work, person_id)
    return str(person.full_name or person.display_name or "…")


async def _subject(work: Work, subject: str) -> str:
    kind, _, key = subject.partition(":")
    if kind == "person":
        return await _name(work, int(key))
    if kind == "question":
        question = await questions.by_id(work, int(key))
        return "" if question is None else code_of(work, question)
    return key


def _details(details: dict[str, object]) -> str:
    told = (value for key, value in details.items() if value is not None and key not in _NOT_TOLD)
    return ", ".join(map(str, told))
