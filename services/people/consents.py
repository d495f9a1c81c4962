"""Consents, given and withdrawn one by one (Law 91/2025/QH15).

Each is to a text of a known version. A consent stands until it is withdrawn; where the text has changed since, it is
asked for again when it is needed next.
"""

from domain.privacy.audit import AuditAct
from domain.privacy.consent import Consent
from services.notify import words_for
from storage.engine.database import Work
from storage.operation import audit
from storage.people import consents as stored_consents
from storage.rows import PersonRow


def version(work: Work, person: PersonRow, kind: Consent) -> str:
    """Return the version of the consent's text of today."""
    return words_for(work, person).label(f"consent_version.{kind}")


async def stands(work: Work, person: PersonRow, kind: Consent) -> bool:
    """Return whether they agreed to the text as it reads today."""
    given = await stored_consents.latest(work, person.id, kind)
    return given is not None and given.version == version(work, person, kind)


async def give(
    work: Work, person: PersonRow, kind: Consent, *, question_id: int | None = None, topic: str | None = None
) -> None:
    """Record consent to the text of today.

    It replaces an earlier consent for the same purpose.
    """
    await stored_consents.withdraw(work, person.id, kind, question_id, topic)
    agreed_to = version(work, person, kind)
    await stored_consents.give(work, person.id, kind, agreed_to, question_id, topic)
    await _record(work, person, AuditAct.CONSENT_GIVEN, kind, question_id, topic, version=agreed_to)


async def withdraw(
    work: Work, person: PersonRow, kind: Consent, *, question_id: int | None = None, topic: str | None = None
) -> bool:
    """Withdraw a consent.

    False where none stood.
    """
    if not await stored_consents.withdraw(work, person.id, kind, question_id, topic):
        return False
    await _record(work, person, AuditAct.CONSENT_WITHDRAWN, kind, question_id, topic)
    return True


async def _record(
    work: Work,
    person: PersonRow,
    act: AuditAct,
    kind: Consent,
    question_id: int | None,
    topic: str | None,
    **more: str,
) -> None:
    details = {"kind": kind, "question": question_id, "topic": topic} | more
    kept = {key: value for key, value in details.items() if value is not None}
    await audit.add(work, act, f"person:{person.id}", actor_id=person.id, details=kept)
