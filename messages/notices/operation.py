"""Notices to those who keep the programme running. Conventions as in `messages.notices`."""

from datetime import date, datetime

from messages.notice import Notice


class AuditLog(Notice):
    """`/nhatky`, newest first: (number, when, who, act: a key under [audit], about whom or what, details).

    `own`: what people did with their own data up to yesterday: (act, how often), without whom and when.
    """

    entries: tuple[tuple[int, datetime, str, str, str, str], ...]
    own: tuple[tuple[str, int], ...]
    page: int
    more: bool


class SystemHealth(Notice):
    """`/tinhtrang`: (check: a key under [health], whether all is well, how many, since when, a day)."""

    checks: tuple[tuple[str, bool, int, datetime | None, date | None], ...]
