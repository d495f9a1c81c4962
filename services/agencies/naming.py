"""Finds an agency or a field, named by words or suggested by a question."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from domain.errors import Reason, RuleViolation
from domain.vietnamese.names import Meaning, NameIndex, NamesOfOne
from domain.vietnamese.places import PlaceIndex
from storage.agencies import agencies
from storage.engine.database import Work
from storage.people import people, roles
from storage.questions import entries, worklists
from storage.rows import AgencyRow, FieldRow, QuestionRow

OFFERED = 6  # buttons for a name that fits several


async def suggested_agency(work: Work, question: QuestionRow) -> AgencyRow | None:
    """Return the one agency that the question's field names.

    For communal matters, the field and the place. None when a person has to decide.
    """
    if question.field_code is None:
        return None
    field = await agencies.field(work, question.field_code)
    today = work.programme.local(work.now).date()
    if field is not None and field.communal:
        text = await entries.question_text(work, question.id)
        asker = await people.by_id(work, question.asker_id)
        communes = PlaceIndex(await agencies.names(work, today, level="commune"))
        # The asker's own address counts only if the question itself names no place.
        place = communes.find(text if communes.names_some(text) else asker.home_address or "")
        return None if place is None else await agencies.by_code(work, place)
    candidates = await agencies.of_field(work, question.field_code, today)
    return candidates[0] if len(candidates) == 1 else None


class SeveralAgencies(RuleViolation):
    """A typed name that several agencies have.

    A person chooses: from buttons, and where there are none by code. `before` and `after` stood around the name.
    """

    def __init__(self, typed: str, found: Sequence[AgencyRow], *, before: str = "", after: str = "") -> None:
        super().__init__(
            Reason.SEVERAL_AGENCIES,
            typed=typed,
            agencies=tuple(f"{one.short_name} ({one.code})" for one in found[:OFFERED]),
            more=len(found) > OFFERED,
        )
        self.typed, self.found = typed, tuple(found)
        self.before, self.after = before, after


async def agency_named(work: Work, typed: str) -> AgencyRow:
    """Return the agency that a person names.

    By code, or any of its names as people type them. An agency that has ended gives its successor. Raises
    `RuleViolation`: `SeveralAgencies` where it has more, or the name fits more.
    """
    known = await _names(work)
    return await _one(work, known, typed, known.index.find(typed))


async def agencies_named(work: Work, typed: str) -> list[AgencyRow]:
    """Read a list of agencies, named as in `agency_named`.

    "SNNMT SXD", "Sở Xây dựng, Sở Y tế", "sở kế hoạch và đầu tư|CAT": commas, bars and line ends are welcome but not
    needed, for the longest name that fits is taken. Raises `RuleViolation`.
    """
    known = await _names(work)
    listed = known.index.listed(typed)
    if listed.stuck or not listed.codes:
        await _one(
            work, known, listed.stuck or typed, listed.meaning, before=listed.before, after=listed.after
        )
        raise RuleViolation(Reason.UNKNOWN_AGENCY, typed=listed.stuck or typed)
    return [known.rows[code] for code in listed.codes]


async def _one(
    work: Work, known: "_Known", typed: str, meaning: Meaning, *, before: str = "", after: str = ""
) -> AgencyRow:
    found = [known.rows[code] for code in meaning.codes]
    if len(found) == 1:
        return found[0]
    if found:
        raise SeveralAgencies(typed, found, before=before, after=after)
    if meaning.ended is not None:
        raise RuleViolation(Reason.AGENCY_ENDED, agency=known.rows[meaning.ended].name)
    raise RuleViolation(Reason.UNKNOWN_AGENCY, typed=typed)


@dataclass(frozen=True)
class _Known:
    """Every agency there is and was, by code and by its names."""

    rows: dict[str, AgencyRow]
    index: NameIndex


async def _names(work: Work) -> _Known:
    rows = await _begun(work)
    acting = _acting(work, rows)
    called: dict[tuple[int, str], list[str]] = {}
    for row in await agencies.all_aliases(work):
        called.setdefault((row.agency_id, row.kind), []).append(row.alias)
    heirs = await _heirs(work, rows, acting)
    known = tuple(
        NamesOfOne(
            code,
            (row.name, row.short_name),
            tuple(called.get((row.id, "alias"), ())),
            tuple(called.get((row.id, "predecessor"), ())),
            heirs[code],
        )
        for code, row in rows.items()
    )
    return _Known(rows, _index(known, work.programme.province))


async def heirs_by_code(work: Work) -> dict[AgencyRow, tuple[str, ...]]:
    """Return every agency there is or was, with the codes that act for it today."""
    rows = await _begun(work)
    heirs = await _heirs(work, rows, _acting(work, rows))
    return {row: heirs[code] for code, row in rows.items()}


async def _begun(work: Work) -> dict[str, AgencyRow]:
    today = work.programme.local(work.now).date()
    return {
        row.code: row
        for row in await agencies.everyone(work)
        if row.valid_from is None or row.valid_from <= today
    }


def _acting(work: Work, rows: Mapping[str, AgencyRow]) -> set[str]:
    today = work.programme.local(work.now).date()
    return {code for code, row in rows.items() if row.valid_to is None or row.valid_to >= today}


async def _heirs(
    work: Work, rows: Mapping[str, AgencyRow], acting: Collection[str]
) -> dict[str, tuple[str, ...]]:
    following = await agencies.all_successors(work)
    named = {code: following.get(row.id, []) for code, row in rows.items()}
    return {code: _of_today(code, acting, named) for code in rows}


@lru_cache(maxsize=8)  # the agencies of a programme seldom change
def _index(known: tuple[NamesOfOne, ...], province: str) -> NameIndex:
    return NameIndex(known, province)


def _of_today(code: str, acting: Collection[str], heirs: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """The agencies that act for one today: itself, or who took its place, and theirs."""
    found: dict[str, None] = {}
    waiting, seen = [code], set[str]()
    while waiting:
        one = waiting.pop(0)
        if one in seen:
            continue
        seen.add(one)
        if one in acting:
            found[one] = None
        else:
            waiting += heirs.get(one, ())
    return tuple(found)


async def heirs_of(work: Work, code: str) -> list[AgencyRow]:
    """Return the agencies that act for one today: itself, or its successors."""
    known = await _names(work)
    return [known.rows[one] for one in known.index.find(code).codes]


async def unreached(work: Work, named: Iterable[AgencyRow]) -> list[AgencyRow]:
    """Return those of these agencies that have no officer whom messages reach."""
    reached = await roles.reached_agencies(work)
    return [one for one in named if one.id not in reached]


# --- fields -----------------------------------------------------------------------------------------------------


async def fields_named(work: Work, typed: str) -> list[FieldRow]:
    """Return the fields that somebody may mean, by code or typed name."""
    rows = {row.code: row for row in await agencies.all_fields(work)}
    known = tuple(
        NamesOfOne(row.code, (row.name, row.name_en, *row.name.split(",")), means=(row.code,))
        for row in rows.values()
    )
    return [rows[code] for code in _index(known, "").find(typed).codes]


async def field_named(work: Work, typed: str) -> FieldRow:
    """Return the one field that somebody means.

    Raises `RuleViolation` where it is none, or may be several.
    """
    found = await fields_named(work, typed)
    if len(found) > 1:
        names = tuple(f"{one.name} ({one.code})" for one in found[:OFFERED])
        raise RuleViolation(Reason.SEVERAL_FIELDS, typed=typed, fields=names)
    if not found:
        raise RuleViolation(Reason.UNKNOWN_FIELD, typed=typed)
    return found[0]


# --- for a question ---------------------------------------------------------------------------------------------


async def similar(work: Work, question: QuestionRow, limit: int) -> list[QuestionRow]:
    """List open questions of the same field, newest first.

    They may be the same question.
    """
    return await worklists.open_in_field(work, question, limit=limit)


async def agency_in(work: Work, text: str, *, other_than: int | None) -> AgencyRow | None:
    """Return the agency that a sentence names, if it is just one besides `other_than`."""
    known = await _names(work)
    found = [row for code in known.index.mentioned(text) if (row := known.rows[code]).id != other_than]
    return found[0] if len(found) == 1 else None
