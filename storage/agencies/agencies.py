"""Agencies with their names, fields and successors, and the fields of questions."""

from datetime import date
from typing import Any

import sqlalchemy as sa

from storage.engine.database import Work
from storage.rows import AgencyAliasRow, AgencyRow, FieldRow, QuestionRow
from storage.tables import (
    agencies,
    agency_aliases,
    agency_fields,
    agency_successors,
    fields,
)


async def by_id(work: Work, agency_id: int) -> AgencyRow:
    row = await work.one_or_none(sa.select(agencies).where(agencies.c.id == agency_id))
    assert row is not None, "agencies end, they are never deleted"
    return row


async def lead_of(work: Work, question: QuestionRow) -> AgencyRow:
    """Return the agency that leads on a question, which somebody has assigned."""
    assert question.lead_agency_id is not None
    return await by_id(work, question.lead_agency_id)


async def find(work: Work, agency_id: int) -> AgencyRow | None:
    """Return the agency of an id that came from outside, or None."""
    return await work.one_or_none(sa.select(agencies).where(agencies.c.id == agency_id))


async def by_code(work: Work, code: str) -> AgencyRow | None:
    return await work.one_or_none(sa.select(agencies).where(sa.func.upper(agencies.c.code) == code.upper()))


async def valid_on(work: Work, day: date, *, level: str | None = None) -> list[AgencyRow]:
    """List the agencies that exist on a day, in the order they were loaded."""
    query = sa.select(agencies).where(_valid(day)).order_by(agencies.c.id)
    return await work.all(query if level is None else query.where(agencies.c.level == level))


async def everyone(work: Work) -> list[AgencyRow]:
    """List all agencies, present and past."""
    return await work.all(sa.select(agencies).order_by(agencies.c.id))


async def of_field(work: Work, field_code: str, day: date) -> list[AgencyRow]:
    """List the agencies that answer for a field on a day."""
    return await work.all(
        sa.select(agencies)
        .join(agency_fields, agency_fields.c.agency_id == agencies.c.id)
        .where(agency_fields.c.field_code == field_code, _valid(day))
        .order_by(agencies.c.id)
    )


async def names(work: Work, day: date, *, level: str | None = None) -> dict[str, list[str]]:
    """Return all names of each agency valid on a day, by its code.

    Names, short names, aliases, predecessors.
    """
    found: dict[int, tuple[str, list[str]]] = {
        row.id: (row.code, [row.name, row.short_name]) for row in await valid_on(work, day, level=level)
    }
    for row in await work.all(sa.select(agency_aliases)):
        if row.agency_id in found:
            found[row.agency_id][1].append(row.alias)
    return dict(found.values())


async def aliases_by_field(work: Work, day: date) -> dict[str, list[str]]:
    """Return, by field, the aliases of the agencies that answer for it.

    What people call them, or what they do.
    """
    found: dict[str, list[str]] = {}
    for row in await work.all(
        sa.select(agency_fields.c.field_code, agency_aliases.c.alias)
        .join(agency_aliases, agency_aliases.c.agency_id == agency_fields.c.agency_id)
        .join(agencies, agencies.c.id == agency_fields.c.agency_id)
        .where(agency_aliases.c.kind == "alias", _valid(day))
        .order_by(agency_aliases.c.agency_id, agency_aliases.c.alias)
    ):
        found.setdefault(row.field_code, []).append(row.alias)
    return found


async def all_aliases(work: Work) -> list[AgencyAliasRow]:
    """List all aliases and predecessors: `agency_id`, `alias`, `kind`."""
    return await work.all(
        sa.select(agency_aliases).order_by(agency_aliases.c.agency_id, agency_aliases.c.alias)
    )


async def all_successors(work: Work) -> dict[int, list[str]]:
    """Return the codes of the successors of each agency, by its id."""
    found: dict[int, list[str]] = {}
    for row in await work.all(
        sa.select(agency_successors).order_by(
            agency_successors.c.agency_id, agency_successors.c.successor_code
        )
    ):
        found.setdefault(row.agency_id, []).append(row.successor_code)
    return found


async def field_codes(work: Work) -> dict[int, list[str]]:
    """Return the codes of the fields for which each agency answers, by its id."""
    found: dict[int, list[str]] = {}
    query = (
        sa.select(agency_fields)
        .join(fields, fields.c.code == agency_fields.c.field_code)
        .order_by(agency_fields.c.agency_id, fields.c.position)
    )
    for row in await work.all(query):
        found.setdefault(row.agency_id, []).append(row.field_code)
    return found


async def fields_of(work: Work, agency_id: int) -> list[FieldRow]:
    """List the fields for which an agency answers."""
    return await work.all(
        sa.select(fields)
        .join(agency_fields, agency_fields.c.field_code == fields.c.code)
        .where(agency_fields.c.agency_id == agency_id)
        .order_by(fields.c.position)
    )


async def successors(work: Work, agency_id: int) -> list[AgencyRow]:
    return await work.all(
        sa.select(agencies)
        .join(agency_successors, agency_successors.c.successor_code == agencies.c.code)
        .where(agency_successors.c.agency_id == agency_id)
        .order_by(agencies.c.id)
    )


async def save_agency(
    work: Work,
    values: dict[str, Any],
    *,
    aliases: dict[str, str],
    field_codes: list[str],
    successor_codes: list[str],
) -> None:
    """Insert or update one agency by its code.

    `aliases` maps each name to alias or predecessor.
    """
    known = await by_code(work, values["code"])
    if known is None:
        agency_id = await work.insert(agencies, **values)
    else:
        agency_id = known.id
        await work.run(sa.update(agencies).where(agencies.c.id == agency_id).values(**values))
    for table in (agency_aliases, agency_fields, agency_successors):
        await work.run(sa.delete(table).where(table.c.agency_id == agency_id))
    for alias, kind in aliases.items():
        await work.run(sa.insert(agency_aliases).values(agency_id=agency_id, alias=alias, kind=kind))
    for code in field_codes:
        await work.run(sa.insert(agency_fields).values(agency_id=agency_id, field_code=code))
    for code in successor_codes:
        await work.run(sa.insert(agency_successors).values(agency_id=agency_id, successor_code=code))


def _valid(day: date) -> sa.ColumnElement[bool]:
    return sa.and_(
        sa.or_(agencies.c.valid_from.is_(None), agencies.c.valid_from <= day),
        sa.or_(agencies.c.valid_to.is_(None), agencies.c.valid_to >= day),
    )


# --- fields -------------------------------------------------------------------------------------------------


async def all_fields(work: Work) -> list[FieldRow]:
    return await work.all(sa.select(fields).order_by(fields.c.position))


async def field(work: Work, code: str) -> FieldRow | None:
    return await work.one_or_none(sa.select(fields).where(fields.c.code == code))


async def save_field(work: Work, values: dict[str, Any]) -> None:
    """Insert or update one field by its code."""
    insert = work.upsert(fields).values(**values)
    await work.run(insert.on_conflict_do_update(index_elements=["code"], set_=values))
