"""Suggests agencies and fields for a question by its words; a person decides (Law 134/2025)."""

from dataclasses import dataclass
from functools import lru_cache

from services.agencies import naming
from storage.agencies import agencies
from storage.engine.database import Work
from storage.people import people
from storage.questions import entries
from storage.rows import AgencyRow, FieldRow, QuestionRow
from understanding.loading import shipped
from understanding.routing import FieldNames, Office, Offices

COMMUNAL = "commune"  # the level of agencies that answer for a place
SURE_ENOUGH = 0.4  # weight that the first field needs: below it, most are wrong on sentences not learnt from
WORTH_OFFERING = 0.05  # weight below which a field is not offered
SUGGESTED = 3  # agencies on an editor's card
LIKELY, SURE = 0.15, 0.5  # weights from which an agency, and a field, are suggested


@dataclass(frozen=True)
class _Today:
    """Today's agencies and fields: ready to rank a text, and their rows by code."""

    offices: Offices
    agencies: dict[str, AgencyRow]
    fields: dict[str, FieldRow]


async def offices(work: Work) -> Offices:
    """Return today's agencies and fields with their names, ready to rank a text."""
    return (await _today(work)).offices


async def _today(work: Work) -> _Today:
    found: _Today | None = work.memo.get("routing")
    if found is None:
        found = work.memo["routing"] = await _read(work)
    return found


async def _read(work: Work) -> _Today:
    heirs = await naming.heirs_by_code(work)
    called: dict[int, list[str]] = {}
    for alias in await agencies.all_aliases(work):
        called.setdefault(alias.agency_id, []).append(alias.alias)
    of = await agencies.field_codes(work)
    known = tuple(
        Office(
            row.code,
            (row.name, row.short_name, *called.get(row.id, ())),
            tuple(of.get(row.id, ())),
            row.level == COMMUNAL,
            tuple(one.code for one, means in heirs.items() if row.code in means),
        )
        for row, today in heirs.items()
        if row.code in today
    )
    fields = {row.code: row for row in await agencies.all_fields(work)}
    topics = tuple(FieldNames(one.code, tuple(one.name.split(","))) for one in fields.values())
    return _Today(_ready(known, topics), {row.code: row for row in heirs}, fields)


@lru_cache(maxsize=8)  # the agencies of a programme seldom change
def _ready(known: tuple[Office, ...], topics: tuple[FieldNames, ...]) -> Offices:
    return Offices(known, topics, shipped())


async def suggested_fields(work: Work, text: str, most: int) -> list[FieldRow]:
    """List at most `most` fields for a text, the likeliest first; the asker chooses."""
    if not text:
        return []
    today = await _today(work)
    ranked = today.offices.routes(text).fields
    if not ranked or ranked[0][1] < SURE_ENOUGH:
        return []
    return [today.fields[code] for code, weight in ranked[:most] if weight >= WORTH_OFFERING]


@dataclass(frozen=True)
class Suggested:
    """Suggestions of a machine for a question; a person decides (Law 134/2025)."""

    agencies: tuple[AgencyRow, ...] = ()
    field: FieldRow | None = None


async def suggested(work: Work, question: QuestionRow, text: str, address: str) -> Suggested:
    """Suggest agencies for a question, the surest first, and a field where it has none."""
    by_field = await naming.suggested_agency(work, question)
    today = await _today(work)
    routes = today.offices.routes(text, address)
    likely = [today.agencies[code] for code, weight in routes.agencies if weight >= LIKELY]
    found = {row.id: row for row in (*([by_field] if by_field else []), *likely)}
    code, weight = routes.fields[0] if routes.fields else ("", 0.0)
    field = today.fields[code] if weight >= SURE and question.field_code is None else None
    return Suggested(tuple(found.values())[:SUGGESTED], field)


async def likeliest(work: Work, question: QuestionRow) -> list[AgencyRow]:
    """List today's agencies, the likeliest first.

    What field and place name, what the words speak of, those of the field, then the others as they were loaded.
    """
    today = work.programme.local(work.now).date()
    by_field = await naming.suggested_agency(work, question)
    known = await _today(work)
    asker = await people.by_id(work, question.asker_id)
    text = await entries.question_text(work, question.id)
    ranked = [
        known.agencies[code] for code, _ in known.offices.routes(text, asker.home_address or "").agencies
    ]
    of_field = await agencies.of_field(work, question.field_code, today) if question.field_code else []
    found: dict[int, AgencyRow] = {} if by_field is None else {by_field.id: by_field}
    for agency in (*ranked, *of_field, *await agencies.valid_on(work, today)):
        found.setdefault(agency.id, agency)
    return list(found.values())
