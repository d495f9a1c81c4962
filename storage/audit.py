"""Named queries on the audit log. Entries are only ever added; the head of the chain stands apart, in `facts`."""

from functools import partial
from typing import Any

import sqlalchemy as sa

from domain.audit import NOTHING_BEFORE, AuditAct, seal
from storage import facts
from storage.database import Work
from storage.tables import Row, audit
from storage.tables import facts as facts_table

HEAD = "audit_head"  # "number:seal": entries cut off at the end are missed, too
AT_ONCE = 1000


async def add(
    work: Work, act: AuditAct, subject: str, *, actor_id: int | None, details: dict[str, Any]
) -> None:
    """Append an entry when this transaction ends.

    Whoever else adds one waits for that: the chain has no forks. So it comes last, behind every other lock.
    """
    said = {"at": work.now, "actor_id": actor_id, "act": act.value, "subject": subject, "details": details}
    work.before_commit.append(partial(_append, work, said))


async def _append(work: Work, said: dict[str, Any]) -> None:
    number, before = await _head(work)
    entry = {"number": number + 1} | said
    sealed = seal(before, **entry)
    await work.run(sa.insert(audit).values(**entry, seal=sealed))
    await facts.put(work, HEAD, f"{number + 1}:{sealed}")


async def _head(work: Work) -> tuple[int, str]:
    first = work.upsert(facts_table).values(key=HEAD, value=f"0:{NOTHING_BEFORE}")
    await work.run(first.on_conflict_do_nothing())
    value = await work.value(
        sa.select(facts_table.c.value).where(facts_table.c.key == HEAD).with_for_update()
    )
    number, sealed = str(value).split(":")
    return int(number), sealed


async def first_broken(work: Work) -> int | None:
    """The number of the first entry that is missing or not what was sealed, or None where the chain is whole."""
    number, before = 0, NOTHING_BEFORE
    while True:
        some = await work.all(
            sa.select(audit).where(audit.c.number > number).order_by(audit.c.number).limit(AT_ONCE)
        )
        for row in some:
            number += 1
            before = seal(
                before,
                number=number,
                at=row.at,
                actor_id=row.actor_id,
                act=row.act,
                subject=row.subject,
                details=row.details,
            )
            if row.number != number or row.seal != before:
                return number
        if len(some) < AT_ONCE:
            break
    head = await facts.get(work, HEAD) or f"0:{NOTHING_BEFORE}"
    return None if head == f"{number}:{before}" else number + 1


async def listed(work: Work, limit: int, skip: int = 0) -> list[Row]:
    """Entries, newest first."""
    return await work.all(sa.select(audit).order_by(audit.c.number.desc()).limit(limit).offset(skip))
