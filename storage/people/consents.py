"""Named queries on consents, given and withdrawn."""

from typing import Any

import sqlalchemy as sa

from storage.engine.database import Work
from storage.rows import ConsentRow
from storage.tables import consents


async def latest(work: Work, person_id: int, kind: str, question_id: int | None = None) -> ConsentRow | None:
    """Return the latest standing consent of this kind, or None."""
    for row in reversed(await of_person(work, person_id)):
        if row.kind == kind and question_id in (None, row.question_id):
            return row
    return None


async def by_id(work: Work, consent_id: int) -> ConsentRow | None:
    return await work.one_or_none(sa.select(consents).where(consents.c.id == consent_id))


async def of_person(work: Work, person_id: int) -> list[ConsentRow]:
    """List the standing consents of a person, oldest first."""
    known = work.known.setdefault("consents", {})
    if person_id not in known:
        known[person_id] = await work.all(_OF_PERSON, {"person_id": person_id})
    return list(known[person_id])


def standing() -> sa.Select[Any]:
    """Select standing consents, oldest first."""
    return sa.select(consents).where(consents.c.withdrawn_at.is_(None)).order_by(consents.c.id)


_OF_PERSON = standing().where(consents.c.person_id == sa.bindparam("person_id"))


async def ever_given(work: Work, person_id: int) -> list[ConsentRow]:
    """List every consent a person ever gave, withdrawn ones too, oldest first."""
    return await work.all(
        sa.select(consents).where(consents.c.person_id == person_id).order_by(consents.c.id)
    )


async def give(
    work: Work,
    person_id: int,
    kind: str,
    version: str,
    question_id: int | None = None,
    topic: str | None = None,
) -> None:
    await work.insert(
        consents,
        person_id=person_id,
        kind=kind,
        version=version,
        question_id=question_id,
        topic=topic,
        given_at=work.now,
    )


async def withdraw(
    work: Work, person_id: int, kind: str, question_id: int | None = None, topic: str | None = None
) -> int:
    """Withdraw consents; return how many ended."""
    statement = sa.update(consents).where(
        consents.c.person_id == person_id, consents.c.kind == kind, consents.c.withdrawn_at.is_(None)
    )
    if question_id is not None:
        statement = statement.where(consents.c.question_id == question_id)
    if topic is not None:
        statement = statement.where(consents.c.topic == topic)
    return (await work.run(statement.values(withdrawn_at=work.now))).rowcount
