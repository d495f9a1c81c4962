"""What people read about their own data: what is held, corrected, given to them, and erased."""

from datetime import datetime

from messages.notice import Notice


class MyData(Notice):
    """`/dulieu`: what is held; consents are (Consent value, code of its question or "", version, given at)."""

    full_name: str | None
    home_address: str | None
    contact: str | None
    questions: int
    consents: tuple[tuple[str, str, str, datetime], ...]


class OwnDataAsked(Notice):
    """The new name, address or contact: `what` is a key under [own_data] in labels."""

    what: str


class OwnDataCorrected(Notice):
    """Corrected; None where nothing is held any more."""

    what: str
    value: str | None


class OwnDataFile(Notice):
    """The words under the two files with all that is held; `readable`: the one for people, not for programs."""

    readable: bool


class OwnDataInWords(Notice):
    """All that is held about somebody, to be read as plain text.

    Consents are (Consent value, code of its question or "", version, given at, withdrawn at); questions are
    (code, Status value, received at, organisation, field, agency, own words, files, answer, official letter, stars).
    """

    made_at: datetime
    channel: str
    account: str
    display_name: str
    since: datetime
    full_name: str | None
    home_address: str | None
    contact: str | None
    consents: tuple[tuple[str, str, str, datetime, datetime | None], ...]
    subscriptions: tuple[str, ...]
    draft: str
    questions: tuple[
        tuple[
            str,
            str,
            datetime,
            str,
            str,
            str,
            tuple[tuple[datetime, str, str], ...],
            tuple[str, ...],
            str,
            str,
            int | None,
        ],
        ...,
    ]


class ErasureAsked(Notice):
    """`/xoadulieu`: what goes and what stays, before `Xác nhận`. Codes of their questions."""

    open: tuple[str, ...]
    published: tuple[str, ...]


class Erased(Notice):
    """The last message to somebody whose data are gone: the codes that stay in the ledger."""

    codes: tuple[str, ...]


class AskerErasureAsked(Notice):
    """`/xoadulieu MÃ`: what goes and what stays of somebody whom no messenger reaches, before `Xác nhận`.

    `channel` is an Intake value; `same_name` are codes of others who were entered under the same name.
    """

    code: str
    full_name: str
    channel: str
    open: tuple[str, ...]
    published: tuple[str, ...]
    same_name: tuple[str, ...]


class AskerErased(Notice):
    """Done, for the editor who did it."""

    code: str


class CardErased(Notice):
    """In the place of a card: its asker's data were erased."""

    code: str
    status: str


class ErasedForAsker(Notice):
    """To the other editors: one of them erased an asker whom no messenger reaches, for good."""

    code: str
    who: str
