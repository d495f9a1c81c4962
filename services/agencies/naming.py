"""Finds an agency: named by somebody's words, or by a question's field and place."""

import re

from domain.errors import Reason, RuleViolation
from domain.vietnamese.places import PlaceIndex
from domain.vietnamese.text import clean, fold
from storage.agencies import agencies
from storage.engine.database import Work
from storage.people import people
from storage.questions import entries, worklists
from storage.rows import AgencyRow, QuestionRow

_APART = re.compile(r"[\s,;|]+")


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


async def agency_named(work: Work, typed: str) -> AgencyRow:
    """Return the agency that a person names.

    By code, short name, name, alias or predecessor. An agency that has ended gives its successor where there is just
    one. Raises `RuleViolation`.
    """
    today = work.programme.local(work.now).date()
    found = await agencies.by_code(work, typed.strip())
    if found is None:
        wanted = fold(typed)
        codes = [
            code
            for code, names in (await agencies.names(work, today)).items()
            if wanted in {fold(name) for name in names}
        ]
        found = await agencies.by_code(work, codes[0]) if len(codes) == 1 else None
    if found is None:
        raise RuleViolation(Reason.UNKNOWN_AGENCY, typed=typed)
    if (found.valid_to is None or found.valid_to >= today) and (
        found.valid_from is None or found.valid_from <= today
    ):
        return found
    successors = await agencies.successors(work, found.id)
    if len(successors) == 1:
        return successors[0]
    raise RuleViolation(
        Reason.AGENCY_ENDED, agency=found.name, successors=tuple(one.code for one in successors)
    )


async def agencies_named(work: Work, typed: str) -> list[AgencyRow]:
    """Read a list of agencies, by codes or by any of their names.

    "SNNMT SXD", "Sở Xây dựng, Sở Y tế", "sở kế hoạch và đầu tư|CAT": commas, bars and line ends are welcome but not
    needed, for the longest name that fits is taken. Raises `RuleViolation`.
    """
    today = work.programme.local(work.now).date()
    known: dict[tuple[str, ...], set[str]] = {}
    for agency in await agencies.everyone(work):
        known.setdefault(_words(agency.code), set()).add(agency.code)
    for code, names in (await agencies.names(work, today)).items():
        for name in names:
            known.setdefault(_words(name), set()).add(code)
    longest = max(map(len, known), default=0)
    spoken = _APART.split(clean(typed).strip(" ,;|"))
    found, at = [], 0
    looked_up: dict[str, AgencyRow] = {}
    while at < len(spoken):
        for taken in range(min(longest, len(spoken) - at), 0, -1):
            codes = known.get(_words(" ".join(spoken[at : at + taken])), set())
            if len(codes) == 1:
                code = next(iter(codes))
                if code not in looked_up:
                    looked_up[code] = await agency_named(work, code)
                found.append(looked_up[code])
                at += taken
                break
        else:
            raise RuleViolation(Reason.UNKNOWN_AGENCY, typed=" ".join(spoken[at:]))
    if not found:
        raise RuleViolation(Reason.UNKNOWN_AGENCY, typed=typed)
    return found


def _words(name: str) -> tuple[str, ...]:
    """Fold a name into words to match, without marks at their ends ("P. Rạch Giá" → p rach gia)."""
    return tuple(filter(None, (word.strip(".,;:()") for word in fold(name).split())))


async def likeliest(work: Work, question: QuestionRow) -> list[AgencyRow]:
    """List today's agencies, the likeliest first.

    The suggested one, those of the field, then the others as they were loaded.
    """
    today = work.programme.local(work.now).date()
    suggested = await suggested_agency(work, question)
    of_field = await agencies.of_field(work, question.field_code, today) if question.field_code else []
    found: dict[int, AgencyRow] = {} if suggested is None else {suggested.id: suggested}
    for agency in (*of_field, *await agencies.valid_on(work, today)):
        found.setdefault(agency.id, agency)
    return list(found.values())


async def similar(work: Work, question: QuestionRow, limit: int) -> list[QuestionRow]:
    """List open questions of the same field, newest first.

    They may be the same question.
    """
    return await worklists.open_in_field(work, question, limit=limit)


async def agency_in(work: Work, text: str, *, other_than: int | None) -> AgencyRow | None:
    """Return the agency that a sentence names, if it names just one.

    By its code or its name.
    """
    today = work.programme.local(work.now).date()
    padded = f" {' '.join(fold(text).replace(',', ' ').replace('.', ' ').split())} "
    found = [
        agency
        for agency in await agencies.valid_on(work, today)
        if agency.id != other_than
        and any(f" {fold(name)} " in padded for name in (agency.code, agency.name, agency.short_name))
    ]
    return found[0] if len(found) == 1 else None
