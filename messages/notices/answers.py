"""Notices about answers: drafted, sent, corrected, published, rated. Conventions as in `messages.notices`."""

from dataclasses import dataclass
from datetime import date, datetime

from messages.notice import Notice


class AnswerTakenBack(Notice):
    """In place of an answer that may not be shown now.

    To people who asked the same. It does not say why.
    """

    code: str


class NewsTakenBack(Notice):
    """To a subscriber, in place of news that may not be shown any more.

    It does not say which, or why.
    """


class AnswerSent(Notice):
    """The answer."""

    code: str
    question: str
    agency: str
    text: str
    official_letter: str | None
    attachments: int
    held_back: int  # further files, which may name who asked first
    reopen_until: datetime | None  # for the person who may reopen


class AnswerFilesSent(Notice):
    """To people who asked the same: the answer's files, seen by an editor."""

    code: str
    agency: str
    attachments: int


class AnswerCorrected(Notice):
    """An editor corrected the answer."""

    code: str
    agency: str
    text: str
    why: str


class PublicationAsked(Notice):
    """To the asker: may question and answer be published, without name and address?"""

    code: str
    version: str


class PublicationNotAgreed(Notice):
    """To an editor: the asker has not agreed to publication.

    Only a text with nothing personal left may be published.
    """

    code: str
    preview: str


class PublicationChosen(Notice):
    """The asker's choice about publication was noted."""

    code: str
    agreed: bool


class QuestionPublished(Notice):
    """The question stands among the published answers."""

    code: str


class ReplyToAnswer(Notice):
    """Somebody replied to an answer: reopen that question, or ask a new one?"""

    code: str
    text: str
    files: int


@dataclass(frozen=True)
class PublishedAnswer:
    """The beginning of a published question, or of its answer."""

    code: str
    text: str


class PublishedAnswers(Notice):
    """`/hoidap`: published answers, those that a search found or the newest."""

    query: str
    answers: tuple[PublishedAnswer, ...]


class AnswerPreview(Notice):
    """The officer's draft before it goes for approval."""

    code: str
    text: str
    files: int
    official_letter: str | None


class DraftSentBack(Notice):
    """To officers: the draft needs work."""

    code: str
    by: str  # ApprovalStep value
    reason: str


class AnswerWentOut(Notice):
    """To the agency: the answer is approved, and sent unless something keeps it."""

    code: str
    held: bool  # the asker cannot be reached now; it goes out when they come back
    by_hand: bool  # no messenger reaches the asker: the editors deliver it
    days: tuple[date, ...]  # to come, that the answer names: promises to follow up?


class RatingArrived(Notice):
    """To the agency: how the asker rated the answer."""

    code: str
    stars: int
    words: str


class DeliveryNeeded(Notice):
    """To editors: deliver an answer by hand, for no messenger reaches the asker."""

    code: str
    channel: str
    full_name: str
    home_address: str
    contact: str | None


class FilesHeldBack(Notice):
    """To editors: look at an answer's files before others who asked the same get them."""

    code: str
    attachments: int
    askers: int  # who asked the same, by messenger
