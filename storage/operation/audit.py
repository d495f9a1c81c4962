"""Named queries on the audit log.

Entries are only ever added. The head of the chain stands apart, in `facts`.
"""

from collections.abc import AsyncIterator
from datetime import datetime
from functools import partial
from typing import Any

import sqlalchemy as sa

from domain.privacy.audit import NOTHING_BEFORE, OF_ITSELF, OWN_DATA, AuditAct, key_name, seal
from storage.engine import facts
from storage.engine.database import Work
from storage.rows import AuditRow
from storage.tables import audit
from storage.tables import facts as facts_table

AT_ONCE = 1000
NO_SUCH_KEY = "\0"  # seals nothing as it stands


class AuditKeyMissing(Exception):
    """The log is sealed with a key that is not configured.

    Nothing can be added to it.
    """


async def add(
    work: Work, act: AuditAct, subject: str, *, actor_id: int | None, details: dict[str, Any]
) -> None:
    """Append an entry at the end of this transaction.

    Whoever else adds one waits for that: the chain has no forks. So it comes last, behind every other lock.
    """
    said = {"at": work.now, "actor_id": actor_id, "act": act.value, "subject": subject, "details": details}
    work.before_commit.append(partial(_append, work, said))


async def use_key(work: Work) -> None:
    """Seal what follows with the configured key, if it is not in use yet.

    Raises `AuditKeyMissing` where the log is sealed with one that is not configured.
    """
    _, _, named = await head(work)
    if named != next(map(key_name, work.programme.audit_keys), named) or named not in {
        "",
        *map(key_name, work.programme.audit_keys),
    }:
        await _append(work, None)


async def _append(work: Work, said: dict[str, Any] | None) -> None:
    number, before, named = await head(work, lock=True)
    keys = {key_name(key): key for key in work.programme.audit_keys}
    if named and named not in keys:
        raise AuditKeyMissing
    wanted = next(iter(keys), named)
    new = [] if said is None else [said]
    if wanted != named:  # sealed with the earlier key: without it nobody can announce a new one
        changed = {"act": AuditAct.KEY_CHANGED.value, "subject": "audit", "details": {"key": wanted}}
        new.insert(0, {"at": work.now, "actor_id": None} | changed)
    for one in new:
        entry = {"number": number + 1} | one
        before, number = seal(before, **entry, key=keys.get(named, "")), number + 1
        await work.run(sa.insert(audit).values(**entry, seal=before))
        if one["act"] == AuditAct.KEY_CHANGED:
            named = wanted
    await facts.put(work, facts.AUDIT_HEAD, f"{number}:{before}" + (f":{named}" if named else ""))


async def head(work: Work, *, lock: bool = False) -> tuple[int, str, str]:
    """Return the last entry's number and seal, and the next key's name.

    With `lock` nobody else adds an entry until this transaction ends.
    """
    if lock:
        first = work.upsert(facts_table).values(key=facts.AUDIT_HEAD, value=f"0:{NOTHING_BEFORE}")
        await work.run(first.on_conflict_do_nothing())
    query = sa.select(facts_table.c.value).where(facts_table.c.key == facts.AUDIT_HEAD)
    value = await work.value(query.with_for_update() if lock else query)
    number, sealed, *named = str(value or f"0:{NOTHING_BEFORE}").split(":")
    return int(number), sealed, named[0] if named else ""


async def entries(work: Work) -> AsyncIterator[tuple[AuditRow, bool]]:
    """Read every entry, oldest first, and whether it is what was sealed.

    The last one must be followed by no more. Read in pages. After a key that is not configured nothing can be
    checked.
    """
    number, before, key = 0, NOTHING_BEFORE, ""
    keys: dict[str, str] = {key_name(one): one for one in work.programme.audit_keys}
    last = 0
    while True:
        some = await work.all(
            sa.select(audit).where(audit.c.number > last).order_by(audit.c.number).limit(AT_ONCE)
        )
        for row in some:
            number += 1
            reckoned = seal(
                before,
                number=number,
                at=row.at,
                actor_id=row.actor_id,
                act=row.act,
                subject=row.subject,
                details=row.details,
                key=key,
            )
            yield row, row.number == number and row.seal == reckoned
            # Later entries are compared with the broken entry's own seal, so that one break is one finding.
            number, before = int(row.number), str(row.seal)
            if row.act == AuditAct.KEY_CHANGED:
                key = keys.get(row.details.get("key", ""), NO_SUCH_KEY)
        if len(some) < AT_ONCE:
            return
        last = int(some[-1].number)


async def first_broken(work: Work) -> int | None:
    """Return the number of the first missing or changed entry, or None."""
    number, sealed = 0, NOTHING_BEFORE
    async for row, whole in entries(work):
        if not whole:
            return number + 1
        number, sealed = int(row.number), str(row.seal)
    return None if (await head(work))[:2] == (number, sealed) else number + 1


async def listed(work: Work, limit: int, skip: int = 0) -> list[AuditRow]:
    """List entries, newest first."""
    return await work.all(sa.select(audit).order_by(audit.c.number.desc()).limit(limit).offset(skip))


async def told(work: Work, limit: int, skip: int = 0) -> list[AuditRow]:
    """List entries for admins, newest first; not those on people's own data.

    `own_between` counts these.
    """
    kept_back = sorted(OWN_DATA | OF_ITSELF)
    return await work.all(
        sa.select(audit)
        .where(audit.c.act.not_in(kept_back))
        .order_by(audit.c.number.desc())
        .limit(limit)
        .offset(skip)
    )


async def own_between(work: Work, since: datetime, until: datetime) -> dict[str, int]:
    """Count what people did with their own data in a span, by act."""
    rows = await work.all(
        sa.select(audit.c.act, sa.func.count())
        .where(audit.c.act.in_(sorted(OWN_DATA)), audit.c.at >= since, audit.c.at < until)
        .group_by(audit.c.act)
    )
    return {act: int(count) for act, count in rows}
