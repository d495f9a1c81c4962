"""Notices while somebody asks, by messenger or through an editor. Conventions as in `messages.notices`."""

from datetime import datetime

from messages.notice import Notice


class AskInvitation(Notice):
    """`/hoi` without words: what to send."""


class ConsentAsked(Notice):
    """The request for consent: what the programme does with personal data.

    In the wording of `version`.
    """

    version: str
    again: bool  # agreed to an earlier wording
    programme: str
    province: str


class NameAsked(Notice):
    """The asker's full name."""


class AddressAsked(Notice):
    """The asker's address."""


class ContactAsked(Notice):
    """Telephone or e-mail; may be skipped."""


class OrganisationAsked(Notice):
    """The company or organisation for which somebody asks."""


class FieldAsked(Notice):
    """Which field? May be skipped."""


class DraftCard(Notice):
    """The question before it is sent, to check."""

    text: str
    files: int
    field: str | None
    full_name: str
    home_address: str
    contact: str | None
    organisation: str | None
    choose_field: bool = False  # the field buttons are on this very card
    complaint: bool = False  # it reads like a complaint: where complaints go


class DraftPartAdded(Notice):
    """An addition was taken while the bot waits for something else (consent, name …)."""


class QuestionReceived(Notice):
    """The question is in the ledger: its code, and what happens next."""

    code: str
    assign_due_at: datetime
    doubt: bool = False  # it may be a denunciation or complaint: the asker is asked what was meant


class MeantNoted(Notice):
    """The asker said what was meant: a question, or a denunciation or complaint (`question` false)."""

    code: str
    question: bool
    assign_due_at: datetime


class EditNotTaken(Notice):
    """A message was edited after it was sent on, or acted on (`staff`)."""

    staff: bool


class IntakeAsked(Notice):
    """`/nhaptay`, step by step: `step` is a key under [intake] in labels."""

    step: str


class EnteredByHand(Notice):
    """`/nhaptay` is done."""

    code: str
    assign_due_at: datetime
