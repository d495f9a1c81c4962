"""Notices about people's own data: held, corrected, exported, erased."""

from dataclasses import dataclass
from datetime import datetime

from messages.notice import Notice


@dataclass(frozen=True)
class GivenConsent:
    """A standing consent; `code` is that of its question, or empty."""

    kind: str  # Consent value
    code: str
    version: str
    given_at: datetime


class MyData(Notice):
    """`/dulieu`: what is held about somebody."""

    full_name: str | None
    home_address: str | None
    contact: str | None
    questions: int
    consents: tuple[GivenConsent, ...]
    holds_role: bool  # who holds one cannot erase themselves


class OwnDataAsked(Notice):
    """The question for a new name, address or contact.

    `what` is a key under [own_data] in labels.
    """

    what: str


class OwnDataCorrected(Notice):
    """A detail was corrected; None where nothing is held any more."""

    what: str
    value: str | None


class OwnDataFile(Notice):
    """The words under the two files with all that is held.

    `readable`: the one for people, not for programs.
    """

    readable: bool


@dataclass(frozen=True)
class HeldConsent:
    """A consent that was given, and perhaps withdrawn.

    `code` is that of its question, or empty.
    """

    kind: str  # Consent value
    code: str
    version: str
    given_at: datetime
    withdrawn_at: datetime | None


@dataclass(frozen=True)
class HeldWords:
    """What somebody wrote or was asked about their question."""

    at: datetime
    kind: str  # EntryKind value
    text: str


@dataclass(frozen=True)
class HeldQuestion:
    """A question in somebody's exported data; missing parts are empty."""

    code: str
    status: str  # Status value
    received_at: datetime
    organisation: str
    field: str
    agency: str
    words: tuple[HeldWords, ...]
    files: tuple[str, ...]
    answer: str
    official_letter: str
    stars: int | None


class OwnDataInWords(Notice):
    """All that is held about somebody, to be read as plain text."""

    made_at: datetime
    channel: str
    account: str
    display_name: str
    since: datetime
    full_name: str | None
    home_address: str | None
    contact: str | None
    consents: tuple[HeldConsent, ...]
    subscriptions: tuple[str, ...]
    draft: str
    questions: tuple[HeldQuestion, ...]


class ErasureAsked(Notice):
    """`/xoadulieu`: what goes and what stays, before `Xác nhận`.

    With codes of their questions.
    """

    open: tuple[str, ...]
    published: tuple[str, ...]


class Erased(Notice):
    """The last message to an erased person: the codes that stay in the ledger."""

    codes: tuple[str, ...]


class AskerErasureAsked(Notice):
    """`/xoadulieu MÃ`: what goes and what stays, before `Xác nhận`.

    Of somebody whom no messenger reaches. `channel` is an Intake value; `same_name` are codes of others who were
    entered under the same name.
    """

    code: str
    full_name: str
    channel: str
    open: tuple[str, ...]
    published: tuple[str, ...]
    same_name: tuple[str, ...]


class AskerErased(Notice):
    """To the editor who erased an asker: it is done."""

    code: str


class CardErased(Notice):
    """In the place of a card: its asker's data were erased."""

    code: str
    status: str


class ErasedForAsker(Notice):
    """To the other editors: one of them erased an asker for good.

    An asker whom no messenger reaches.
    """

    code: str
    who: str
