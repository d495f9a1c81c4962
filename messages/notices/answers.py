"""Notices about answers: drafted, sent, corrected, published, rated. Conventions as in `messages.notices`."""

from dataclasses import dataclass
from datetime import date, datetime

from messages.notice import Notice


@dataclass(frozen=True)
class AttachedFile:
    """A file that goes with words: what it is called and how large it is, where that is known."""

    name: str
    kind: str  # a key under [file_kind] in labels
    size: int | None  # bytes


class AnswerTakenBack(Notice):
    """To who asked the same, in place of an answer that may not be shown just now. It says nothing of why."""

    code: str


class NewsTakenBack(Notice):
    """To a subscriber, in place of news that may not be shown any more. It says nothing of which, or why."""


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
    """To who asked the same: the files of the answer, which an editor has looked at."""

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
    """May the question and answer be published, without name and address?"""

    code: str
    version: str


class PublicationNotAgreed(Notice):
    """To an editor: the asker has not agreed, so only a text with nothing personal left may be published."""

    code: str
    preview: str


class PublicationChosen(Notice):
    """Noted: yes or no."""

    code: str
    agreed: bool


class QuestionPublished(Notice):
    """The question stands among the published answers."""

    code: str


class ReplyToAnswer(Notice):
    """Somebody replied to an answer: reopen that question with these words, or ask a new one?"""

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
    """The officer's draft before it goes for approval; or an editor's, who changes one and approves it then."""

    code: str
    parts: tuple[str, ...]
    files: tuple[AttachedFile, ...]
    official_letter: str | None
    changing: bool  # an editor's
    colleague: str  # whose draft waits for approval, and would be replaced by this one; else empty


class AddedToDraft(Notice):
    """To an officer: what they sent joined the draft that they had submitted."""

    code: str
    answered: bool  # nobody's approval was needed: it has gone to the asker
    characters: int
    files: tuple[AttachedFile, ...]  # of the draft as it stands now


class DraftReplaced(Notice):
    """To an officer: a colleague's draft took the place of theirs."""

    code: str
    by: str


class DraftChanged(Notice):
    """To an agency: an editor changed its draft and approved it. What stood, and what stands now."""

    code: str
    by: str
    pieces: tuple[tuple[str, str], ...]  # (domain.questions.differences.Difference, words)
    letter_before: str | None
    letter: str | None
    files_left_out: tuple[AttachedFile, ...]


class EditedAfterwards(Notice):
    """To who edited a message that was submitted as a draft: it has no effect by itself."""

    code: str
    state: str  # a key under [edited] in labels


class DraftSentBack(Notice):
    """To officers: the draft needs work."""

    code: str
    by: str  # ApprovalStep value
    reason: str


class AnswerWentOut(Notice):
    """To the agency: the answer is approved, and with the asker unless something keeps it."""

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
    """To editors: an answer whose asker no messenger reaches has to be delivered by hand."""

    code: str
    channel: str
    full_name: str
    home_address: str
    contact: str | None


class FilesHeldBack(Notice):
    """To editors: an answer's files, which who asked the same do not get unseen."""

    code: str
    attachments: int
    askers: int  # who asked the same, by messenger
