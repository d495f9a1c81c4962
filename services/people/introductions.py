"""Before a question is sent: what its asker agrees to, who they say they are, and which field it may belong to."""

import re
from collections.abc import Iterable

from domain.errors import Reason, RuleViolation
from domain.privacy.consent import Consent
from domain.vietnamese.text import expand_abbreviations, expand_teencode, fold, words
from services.people import consents
from services.questions import secrecy
from storage.agencies import agencies
from storage.engine.database import Work
from storage.people import people
from storage.questions import questions
from storage.tables import Row

SUGGESTED = 4  # fields offered first

# Modest: what can be called or written to. A wrong number is the asker's own mistake.
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]{2,}")
_TELEPHONE = re.compile(r"\+?[\d\s().-]+")


async def consent_stands(work: Work, person: Row) -> bool:
    """Whether they agreed to the wording as it reads now."""
    return await consents.stands(work, person, Consent.PROCESSING)


async def agreed_before(work: Work, person: Row) -> bool:
    """Whether they agreed to any wording that still stands."""
    return await people.consent(work, person.id, Consent.PROCESSING) is not None


async def agree(work: Work, person: Row) -> None:
    """They agree that their data are processed, in the wording of today; an earlier consent ends with it."""
    await consents.give(work, person, Consent.PROCESSING)


async def introduce(work: Work, person: Row, **said: str | None) -> Row:
    """Keep what they say of themselves (`full_name`, `home_address`, `contact`); returns them as they are now."""
    await people.update(work, person.id, **said)
    person = await people.by_id(work, person.id)
    await secrecy.gate_person(work, person, *said.values())
    return person


def read_said(what: str, typed: str) -> str:
    """What somebody says of themselves (`full_name`, `home_address`, `contact`), as typed.

    Raises `RuleViolation` for a name without a letter, and for a contact that is no telephone number or e-mail address.
    """
    if what == "contact":
        return _read_contact(typed)
    if what == "full_name" and not any(letter.isalpha() for letter in typed):
        raise RuleViolation(Reason.TEXT_MISSING)
    return typed


def _read_contact(typed: str) -> str:
    digits = sum(letter.isdecimal() for letter in typed)
    if _EMAIL.fullmatch(typed) or (_TELEPHONE.fullmatch(typed) and 8 <= digits <= 15):
        return typed
    raise RuleViolation(Reason.BAD_CONTACT)


async def shares_contact(work: Work, person: Row) -> bool:
    """Whether agencies may see their telephone number or e-mail, by the wording as it reads now."""
    return await consents.stands(work, person, Consent.CONTACT)


async def share_contact(work: Work, person: Row, *, agreed: bool) -> None:
    """Agencies may, or may no longer, see how to call the asker."""
    if agreed and not await shares_contact(work, person):
        await consents.give(work, person, Consent.CONTACT)
    elif not agreed:
        await consents.withdraw(work, person, Consent.CONTACT)


async def has_asked(work: Work, person: Row) -> bool:
    return await questions.has_asked(work, person.id)


# --- fields -------------------------------------------------------------------------------------------------


async def suggested_fields(work: Work, text: str) -> list[Row]:
    """The fields a text speaks of, the likeliest first, by their names and by their agencies' names and aliases.

    A suggestion only: the asker chooses.
    """
    if not text:
        return []
    spoken = _spoken(text)
    today = work.programme.local(work.now).date()
    aliases = await agencies.aliases_by_field(work, today)
    ranked = [
        (-_score(spoken, [(part, 3) for part in field.name.split(",")] + aliases_of), field.position, field)
        for field in await agencies.all_fields(work)
        for aliases_of in [[(alias, 2) for alias in aliases.get(field.code, ())]]
    ]
    return [field for score, _position, field in sorted(ranked, key=lambda one: one[:2]) if score][:SUGGESTED]


def _spoken(text: str) -> str:
    return f" {' '.join(words(expand_abbreviations(expand_teencode(fold(text)))))} "


def _score(spoken: str, names: Iterable[tuple[str, int]]) -> int:
    """Longer names say more; the field's own name more than an alias of one of its agencies."""
    found = 0
    for name, weight in names:
        wanted = words(name)
        if wanted and f" {' '.join(wanted)} " in spoken:
            found += weight * len(wanted)
    return found
