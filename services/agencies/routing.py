"""Suggests agencies and fields for a question by its words; a person decides (Law 134/2025)."""

from dataclasses import dataclass
from functools import lru_cache

from services.agencies import naming
from storage.agencies import agencies
from storage.engine.database import Work
from storage.people import people
from storage.questions import entries
from storage.rows import AgencyRow, FieldRow, QuestionRow
from understanding.model import shipped
from understanding.routing import Office, Offices, Topic

COMMUNAL = "commune"  # the level of agencies that answer for a place
WORTH_OFFERING = 0.05  # weight below which a field is not offered
SUGGESTED = 3  # agencies on an editor's card
LIKELY, SURE = 0.15, 0.5  # weights from which an agency, and a field, are suggested


async def offices(work: Work) -> Offices:
    """Return today's agencies and fields with their names, ready to rank a text."""
    found: Offices | None = work.memo.get("offices")
    if found is None:
        found = work.memo["offices"] = await _read(work)
    return found


async def _read(work: Work) -> Offices:
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
    topics = tuple(Topic(one.code, tuple(one.name.split(","))) for one in await agencies.all_fields(work))
    return _ready(known, topics)


@lru_cache(maxsize=8)  # the agencies of a programme seldom change
def _ready(known: tuple[Office, ...], topics: tuple[Topic, ...]) -> Offices:
    return Offices(known, topics, shipped())


async def suggested_fields(work: Work, text: str, most: int) -> list[FieldRow]:
    """List at most `most` fields that a text may be about, the likeliest first. The asker chooses."""
    if not text:
        return []
    ranked = (await offices(work)).routes(text).fields
    rows = {one.code: one for one in await agencies.all_fields(work)}
    return [rows[code] for code, weight in ranked[:most] if weight >= WORTH_OFFERING]


@dataclass(frozen=True)
class Suggested:
    """What a machine suggests for a question; a person decides (Law 134/2025)."""

    agencies: tuple[AgencyRow, ...] = ()
    field: FieldRow | None = None


async def suggested(work: Work, question: QuestionRow, text: str) -> Suggested:
    """Suggest agencies for a question, the surest first, and a field where it has none."""
    by_field = await naming.suggested_agency(work, question)
    ranked, field = await _by_words(work, question, text)
    likely = [row for row, weight in ranked if weight >= LIKELY]
    found = {row.id: row for row in (*([by_field] if by_field else []), *likely)}
    return Suggested(tuple(found.values())[:SUGGESTED], None if question.field_code else field)


async def _by_words(
    work: Work, question: QuestionRow, text: str
) -> tuple[list[tuple[AgencyRow, float]], FieldRow | None]:
    """Rank agencies by a question's words and its asker's address; name its field where that is sure."""
    asker = await people.by_id(work, question.asker_id)
    routes = (await offices(work)).routes(text, asker.home_address or "")
    rows = {row.code: row for row in await agencies.everyone(work)}
    code, weight = routes.fields[0] if routes.fields else ("", 0.0)
    field = await agencies.field(work, code) if weight >= SURE else None
    return [(rows[code], weight) for code, weight in routes.agencies], field


async def likeliest(work: Work, question: QuestionRow) -> list[AgencyRow]:
    """List today's agencies, the likeliest first.

    What field and place name, what the words speak of, those of the field, then the others as they were loaded.
    """
    today = work.programme.local(work.now).date()
    by_field = await naming.suggested_agency(work, question)
    ranked, _field = await _by_words(work, question, await entries.question_text(work, question.id))
    of_field = await agencies.of_field(work, question.field_code, today) if question.field_code else []
    found: dict[int, AgencyRow] = {} if by_field is None else {by_field.id: by_field}
    for agency in (*(row for row, _ in ranked), *of_field, *await agencies.valid_on(work, today)):
        found.setdefault(agency.id, agency)
    return list(found.values())
