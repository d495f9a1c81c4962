"""Notices about answers: drafted, sent, corrected, published, rated. Conventions as in `messages.notices`."""

from dataclasses import dataclass
from datetime import date, datetime

from domain.questions.differences import Paragraph
from messages.notice import Notice


@dataclass(frozen=True)
class AttachedFile:
    """A file that goes with words: its name, kind and size."""

    name: str
    kind: str  # a key under [file_kind] in labels
    size: int | None  # bytes


@dataclass(frozen=True)
class UnnamedPromise:
    """A promise whose day the answer no longer names."""

    due_at: datetime
    text: str


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
    """To askers: an answer that went out is corrected; what changed, and all of it."""

    code: str
    agency: str
    went_out_at: datetime  # the answer that is corrected
    why: str
    paragraphs: tuple[Paragraph, ...]  # that changed
    text: str
    official_letter: str | None
    letter_changed: bool
    attachments: int  # new ones
    held_back: int  # further new files, which may name who asked first
    files_gone: tuple[AttachedFile, ...]
    taken_down: bool  # it was public, and is not until an editor has worded it anew


class CorrectionWentOut(Notice):
    """To the agency: a correction went out.

    Promises that the answer no longer names are to be moved or withdrawn.
    """

    code: str
    by: str  # an editor who did it alone; else empty, and so are the next two
    why: str
    paragraphs: tuple[Paragraph, ...]
    promises: tuple[UnnamedPromise, ...]
    days: tuple[date, ...]  # to come, that it names now: promises to follow up?


class CorrectionDropped(Notice):
    """To who proposed a correction: the question was reopened, so it waits no more."""

    code: str


class CorrectionWithdrawn(Notice):
    """To who proposed a correction: a colleague withdrew it."""

    code: str
    by: str


class PublicAnswerCorrected(Notice):
    """To editors: what became of the public answer when the answer was corrected."""

    code: str
    public: str | None  # as strangers read it now; None: it is no longer public


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


class QuestionUnpublished(Notice):
    """The question no longer stands among the published answers."""

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
    """A draft before it is submitted, or approved as an editor changed it."""

    code: str
    parts: tuple[str, ...]
    files: tuple[AttachedFile, ...]
    official_letter: str | None
    changing: bool  # an editor's
    correcting: bool  # an answer that went out
    untouched: bool  # and as it went out
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


class ColleagueReplaced(Notice):
    """To an officer: their draft took the place of a colleague's."""

    code: str
    colleague: str


class DraftChanged(Notice):
    """To an agency: what an editor changed in its draft before approving it."""

    code: str
    by: str
    pieces: tuple[tuple[str, str], ...]  # (domain.questions.differences.Difference, words)
    letter_before: str | None
    letter: str | None
    files_left_out: tuple[AttachedFile, ...]


class EditedAfterwards(Notice):
    """To an officer: the edit of a submitted message has no effect."""

    code: str
    state: str  # a key under [edited] in labels


class DraftSentBack(Notice):
    """To officers: the draft needs work."""

    code: str
    by: str  # ApprovalStep value
    reason: str
    correction: bool


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
