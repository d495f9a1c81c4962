"""People: how to reach them, who they said they are, what they agreed to, and where their conversation stands."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from storage.engine.database import Work, in_pieces
from storage.tables import Row, consents, conversations, people, question_drafts


async def by_id(work: Work, person_id: int) -> Row:
    row = await work.one_or_none(sa.select(people).where(people.c.id == person_id))
    assert row is not None, "people are erased in place, never deleted"
    return row


async def by_ids(work: Work, person_ids: Iterable[int]) -> dict[int, Row]:
    """These people by their ids."""
    return {
        row.id: row
        for some in in_pieces(sorted({*person_ids}))
        for row in await work.all(sa.select(people).where(people.c.id.in_(some)))
    }


async def at(work: Work, channel: str, address: str) -> Row | None:
    """The person behind an address; by the unique index."""
    known = work.known.setdefault("people", {})
    if (channel, address) not in known:
        known[channel, address] = await work.one_or_none(_AT, {"channel": channel, "address": address})
    found: Row | None = known[channel, address]
    return found


_AT = sa.select(people).where(
    people.c.channel == sa.bindparam("channel"), people.c.address == sa.bindparam("address")
)


async def seen(work: Work, *, channel: str, address: str, display_name: str, language: str) -> Row:
    """The person who just wrote: added when new, reachable again when they had blocked us."""
    person = await at(work, channel, address)
    if person is None:
        person_id = await work.insert(
            people,
            channel=channel,
            address=address,
            display_name=display_name,
            language=language,
            created_at=work.now,
        )
        return await by_id(work, person_id)
    if person.unreachable_at is not None or person.display_name != display_name:
        await update(work, person.id, display_name=display_name, unreachable_at=None)
        return await by_id(work, person.id)
    return person


def can_be_reached(person: Row) -> bool:
    """Say whether a messenger leads to a person; who blocked us hears it when they come back."""
    return person.address is not None


def is_served_by_hand(person: Row) -> bool:
    """Say whether an editor brings a person's answers, as to who wrote by post; nobody does to who was erased."""
    return not can_be_reached(person) and person.erased_at is None


async def add_unaddressed(
    work: Work, *, channel: str, full_name: str, home_address: str, contact: str | None, language: str
) -> int:
    """Somebody who wrote by post, telephoned or spoke at a dialogue: no messenger reaches them."""
    return await work.insert(
        people,
        channel=channel,
        full_name=full_name,
        home_address=home_address,
        contact=contact,
        language=language,
        created_at=work.now,
    )


async def update(work: Work, person_id: int, **changes: object) -> None:
    await work.run(sa.update(people).where(people.c.id == person_id).values(**changes))


async def move_address(work: Work, channel: str, old: str, new: str) -> None:
    """The messenger gave a chat a new address (a group became a supergroup)."""
    await work.run(
        sa.update(people).where(people.c.channel == channel, people.c.address == old).values(address=new)
    )


# --- consents ----------------------------------------------------------------------------------------------


async def consent(work: Work, person_id: int, kind: str, question_id: int | None = None) -> Row | None:
    """The latest consent of this kind that stands, or None."""
    for row in reversed(await consents_of(work, person_id)):
        if row.kind == kind and question_id in (None, row.question_id):
            return row
    return None


async def consent_by_id(work: Work, consent_id: int) -> Row | None:
    return await work.one_or_none(sa.select(consents).where(consents.c.id == consent_id))


async def consents_of(work: Work, person_id: int) -> list[Row]:
    """The consents of a person that stand, oldest first."""
    known = work.known.setdefault("consents", {})
    if person_id not in known:
        known[person_id] = await work.all(_CONSENTS_OF, {"person_id": person_id})
    return list(known[person_id])


def standing_consents() -> sa.Select[Any]:
    """Consents that stand, oldest first."""
    return sa.select(consents).where(consents.c.withdrawn_at.is_(None)).order_by(consents.c.id)


_CONSENTS_OF = standing_consents().where(consents.c.person_id == sa.bindparam("person_id"))


async def all_consents_of(work: Work, person_id: int) -> list[Row]:
    """Every consent a person ever gave, withdrawn ones too, oldest first."""
    return await work.all(
        sa.select(consents).where(consents.c.person_id == person_id).order_by(consents.c.id)
    )


async def give_consent(
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


async def withdraw_consent(
    work: Work, person_id: int, kind: str, question_id: int | None = None, topic: str | None = None
) -> int:
    """Returns how many ended."""
    statement = sa.update(consents).where(
        consents.c.person_id == person_id, consents.c.kind == kind, consents.c.withdrawn_at.is_(None)
    )
    if question_id is not None:
        statement = statement.where(consents.c.question_id == question_id)
    if topic is not None:
        statement = statement.where(consents.c.topic == topic)
    return (await work.run(statement.values(withdrawn_at=work.now))).rowcount


# --- conversations ---------------------------------------------------------------------------------------------


async def conversation(work: Work, person_id: int) -> Row | None:
    """Find what a message means to a person: the step they are at, else the question they are writing, or None."""
    step, draft = await step_and_draft(work, person_id)
    return draft if step is None else step


async def step_and_draft(work: Work, person_id: int) -> tuple[Row | None, Row | None]:
    """Read the step that the dialogue is at, and the question being written, in one statement."""
    known = work.known.setdefault("conversations", {})
    if person_id not in known:
        rows = await work.all(_OF_PERSON, {"person_id": person_id})
        known[person_id] = by_person([person_id], rows)[person_id]
    found: tuple[Row | None, Row | None] = known[person_id]
    return found


def steps_and_drafts(of: Callable[[sa.Table], sa.ColumnElement[bool]]) -> sa.CompoundSelect[Any]:
    """Select both kinds of rows, of the people that a condition names."""
    return sa.union_all(
        *(
            sa.select(
                sa.literal_column(f"'{table.name}'").label("kept_in"),
                table.c.person_id,
                table.c.step,
                table.c.data,
                table.c.updated_at,
            ).where(of(table))
            for table in (conversations, question_drafts)
        )
    )


_OF_PERSON = steps_and_drafts(lambda table: table.c.person_id == sa.bindparam("person_id"))


def by_person(person_ids: Sequence[int], rows: Sequence[Row]) -> dict[int, tuple[Row | None, Row | None]]:
    """Sort selected rows: the step and the draft of each of these people."""
    found = {(row.person_id, row.kept_in): row for row in rows}
    return {
        one: (found.get((one, "conversations")), found.get((one, "question_drafts"))) for one in person_ids
    }


async def set_conversation(work: Work, person_id: int, step: str, data: dict[str, Any]) -> None:
    await _set(work, _SET_STEP, person_id, step, data)


async def set_draft(work: Work, person_id: int, step: str, data: dict[str, Any]) -> None:
    """Keep a question being written; `step` is what it is still to be told."""
    await _set(work, _SET_DRAFT, person_id, step, data)


async def _set(work: Work, statement: sa.TextClause, person_id: int, step: str, data: dict[str, Any]) -> None:
    values = {"person_id": person_id, "step": step, "data": data, "updated_at": work.now}
    await work.write(statement, values)
    work.known.get("conversations", {}).pop(person_id, None)


def _upsert(table: sa.Table) -> sa.TextClause:
    """As text, for SQLAlchemy compiles an ON CONFLICT anew each time."""
    return sa.text(
        f"""INSERT INTO {table.name} (person_id, step, data, updated_at)
        VALUES (:person_id, :step, :data, :updated_at)
        ON CONFLICT (person_id) DO UPDATE
        SET step = excluded.step, data = excluded.data, updated_at = excluded.updated_at"""  # noqa: S608
    ).bindparams(
        sa.bindparam("data", type_=table.c.data.type),
        sa.bindparam("updated_at", type_=table.c.updated_at.type),
    )


_SET_STEP, _SET_DRAFT = _upsert(conversations), _upsert(question_drafts)


async def end_conversation(work: Work, person_id: int) -> None:
    """End the step that the dialogue is at; a question being written stays."""
    await work.run(sa.delete(conversations).where(conversations.c.person_id == person_id), of=person_id)


async def end_draft(work: Work, person_id: int) -> None:
    await work.run(sa.delete(question_drafts).where(question_drafts.c.person_id == person_id), of=person_id)


async def forget_conversations(work: Work, before: datetime, limit: int) -> int:
    """Drop some drafts and steps that nobody has touched since a moment."""
    dropped = 0
    for table in (conversations, question_drafts):
        some = sa.select(table.c.person_id).where(table.c.updated_at < before).limit(limit)
        dropped += (await work.run(sa.delete(table).where(table.c.person_id.in_(some)))).rowcount
    return dropped
