"""What an asker agrees to, and says of themselves, before a question is sent."""

import re

from domain.errors import Reason, RuleViolation
from domain.privacy.consent import Consent
from services.people import consents
from storage.engine.database import Work
from storage.people import consents as stored_consents
from storage.questions import questions
from storage.rows import PersonRow

# Modest: what can be called or written to. A wrong number is the asker's own mistake.
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]{2,}")
_TELEPHONE = re.compile(r"(?<![\w+])\+?\(?\d(?:[\s().-]{0,3}+\d){7,14}+(?!\d)")
_APART = re.compile(r"[\s,;/()<>“”\"]++")


async def consent_stands(work: Work, person: PersonRow) -> bool:
    """Return whether they agreed to the wording as it reads now."""
    return await consents.stands(work, person, Consent.PROCESSING)


async def agreed_before(work: Work, person: PersonRow) -> bool:
    """Return whether they agreed to any wording that still stands."""
    return await stored_consents.latest(work, person.id, Consent.PROCESSING) is not None


async def agree(work: Work, person: PersonRow) -> None:
    """Record consent to the processing of their data, in today's wording.

    An earlier consent ends with it.
    """
    await consents.give(work, person, Consent.PROCESSING)


def read_said(what: str, typed: str) -> str:
    """Read what somebody says of themselves (`full_name`, `home_address`, `contact`).

    Raises `RuleViolation` for a name without a letter, and for a contact that is no telephone number or e-mail
    address.
    """
    if what == "contact":
        return _read_contact(typed)
    if what == "full_name" and not any(letter.isalpha() for letter in typed):
        raise RuleViolation(Reason.TEXT_MISSING)
    return typed


def _read_contact(typed: str) -> str:
    """Return the numbers and addresses in what was typed: "0912345678 (Lan)" holds one."""
    numbers = [found.group().strip() for found in _TELEPHONE.finditer(typed)]
    addresses = [word for part in _APART.split(typed) if _EMAIL.fullmatch(word := part.strip(".:"))]
    if not numbers and not addresses:
        raise RuleViolation(Reason.BAD_CONTACT)
    return ", ".join([*numbers, *addresses])


async def shares_contact(work: Work, person: PersonRow) -> bool:
    """Return whether agencies may see their contact, by the present wording.

    The telephone number or e-mail address.
    """
    return await consents.stands(work, person, Consent.CONTACT)


async def share_contact(work: Work, person: PersonRow, *, agreed: bool) -> None:
    """Let agencies see how to call the asker, or no longer."""
    if agreed and not await shares_contact(work, person):
        await consents.give(work, person, Consent.CONTACT)
    elif not agreed:
        await consents.withdraw(work, person, Consent.CONTACT)


async def has_asked(work: Work, person: PersonRow) -> bool:
    return await questions.has_asked(work, person.id)
