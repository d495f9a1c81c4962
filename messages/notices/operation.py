"""Notices to those who keep the programme running.

Conventions as in `messages.notices`.
"""

from dataclasses import dataclass
from datetime import date, datetime

from messages.notice import Notice


@dataclass(frozen=True)
class AuditEntry:
    """An entry of the audit log; `act` is a key under [audit] in labels."""

    number: int
    at: datetime
    who: str  # empty for the operator
    act: str
    subject: str  # about whom or what
    details: str


@dataclass(frozen=True)
class ActCount:
    """How often people did something; `act` is a key under [audit] in labels."""

    act: str
    count: int


class AuditLog(Notice):
    """`/nhatky`, newest first.

    `own` counts what people did with their own data up to yesterday, without whom and when.
    """

    entries: tuple[AuditEntry, ...]
    own: tuple[ActCount, ...]
    page: int
    more: bool


@dataclass(frozen=True)
class HealthCheck:
    """Whether one thing is well; `name` is a key under [health] in labels."""

    name: str
    ok: bool
    count: int
    since: datetime | None
    day: date | None


class SystemHealth(Notice):
    """`/tinhtrang`: what was checked, and the results."""

    checks: tuple[HealthCheck, ...]
