"""Notices to the staff: cards, lists of work, what colleagues did. Conventions as in `messages.notices`."""

from dataclasses import dataclass
from datetime import datetime

from domain.questions.differences import Paragraph
from messages.notice import Notice
from messages.notices.answers import AttachedFile


@dataclass(frozen=True)
class LatestChange:
    """Who did what to a question last."""

    who: str  # or empty
    role: str  # under [capacity]
    event: str  # Event value
    at: datetime


@dataclass(frozen=True)
class ThreadEntry:
    """Something that was written about a question."""

    at: datetime
    kind: str  # EntryKind value
    who: str  # empty: nobody is named
    text: str


@dataclass(frozen=True)
class CardPromise:
    """A promise in an answer, on the card."""

    due_at: datetime
    text: str
    kept: bool


@dataclass(frozen=True)
class ShownCorrection:
    """A correction that waits for approval, beside the answer that went out; all of both."""

    went_out_at: datetime | None  # when
    by_editors: bool  # else by the agency
    why: str
    paragraphs: tuple[Paragraph, ...]
    letter_before: str | None
    letter: str | None
    files_added: tuple[AttachedFile, ...]
    files_gone: tuple[AttachedFile, ...]


class QuestionCard(Notice):
    """A question as one of its handlers sees it.

    What this viewer may not see is None.
    """

    code: str
    status: str
    headline: str  # key under [headline] in labels: why this card came (new, assigned, returned …) or "card"
    latest: LatestChange | None  # where the card was changed after it came
    hidden: bool  # a suspected denunciation, seen by an editor
    confirmed_denunciation: bool
    emergency: bool
    complaint: bool
    channel: str
    text: str
    truncated: bool  # something stands here in short that can be read in full
    field: str | None
    suggested: tuple[str, ...]  # agencies that may answer it, the surest first
    suggested_field: str | None
    asker_name: str | None
    asker_address: str | None
    asker_contact: str | None
    asker_unreachable: bool  # blocked the bot: what is sent waits until they come back
    asker_blocked: datetime | None  # until then an editor has stopped them: what they write is not taken
    organisation: str | None
    received_at: datetime
    age_days: int
    due_at: datetime | None
    overdue: bool
    late_by: str | None  # domain.questions.lateness.Holder: who has or had it when its time ran out
    lead: str | None
    coordinating: tuple[str, ...]
    thread: tuple[ThreadEntry, ...]
    draft: str | None  # in full, with its line breaks, but where `draft_cut`
    draft_cut: bool  # the card takes the place of one message, and the draft does not fit there
    correcting: bool  # the draft corrects the answer
    correction: ShownCorrection | None  # in the place of draft and answer
    draft_files: tuple[AttachedFile, ...]
    draft_by: str | None
    official_letter: str | None
    approval: str | None  # the step it waits for
    answer: str | None
    files: int
    rating: int | None
    promises: tuple[CardPromise, ...]
    merged_into: str | None
    duplicates: tuple[str, ...]

    @property
    def personal(self) -> bool:
        return bool(self.asker_name or self.asker_address or self.asker_contact)


class HiddenCard(Notice):
    """In place of a card: a suspected denunciation, editors only."""

    code: str
    status: str


@dataclass(frozen=True)
class HistoryEvent:
    """Something that happened to a question; unknown fields are empty."""

    at: datetime
    event: str  # Event value
    who: str
    role: str  # a key of a label, or of one under [capacity]
    note: str
    before: str  # Status value
    after: str  # Status value
    particulars: str  # to whom, for which coded reason, how many stars


class QuestionHistory(Notice):
    """The whole history, for staff."""

    code: str
    events: tuple[HistoryEvent, ...]


@dataclass(frozen=True)
class WaitingQuestion:
    """A question in a list of work."""

    code: str
    text: str  # its beginning; empty for a hidden one
    due_at: datetime | None
    overdue: bool
    status: str  # Status value
    part: str  # what it is here: a key of a label, or of one under [part]; may be empty
    age: int  # in days, where the list tells it
    agency: str  # the lead one, where the list tells it
    complaint: bool  # it may be one, which is not taken up


class WorkList(Notice):
    """`/viec`, `/moi`, `/duyet`, `/quahan`, and the work of one agency."""

    kind: str  # a key under [work_list] in labels
    of: str  # the agency whose work it is, where it is one's
    questions: tuple[WaitingQuestion, ...]
    total: int
    page: int
    more: bool


class NewQuestionsCounted(Notice):
    """To an editor: so many questions came in since they last looked."""

    count: int  # 0: others have seen to them


class ReturnedToEditors(Notice):
    """To editors: an agency returned a question.

    The card follows.
    """

    code: str
    agency: str
    reason: str
    right_agency: str | None


class TakenFromAgency(Notice):
    """To an agency's officers: a question is no longer theirs.

    `why` is an Event value.
    """

    code: str
    why: str


class SupplementArrived(Notice):
    """To officers: the asker replied."""

    code: str
    text: str
    files: int
    due_at: datetime


class ContributionArrived(Notice):
    """To the lead's officers: a coordinating agency wrote."""

    code: str
    agency: str
    text: str
    files: int


class FlaggedForEditors(Notice):
    """To editors: a suspected denunciation waits for a look.

    It holds none of the text.
    """

    code: str
    by: str  # who flagged, or ""


class ClarificationNeeded(Notice):
    """To editors: ask an asker whom no messenger reaches for more."""

    code: str
    channel: str
    agency: str
    text: str
    reply_by: datetime
    full_name: str
    home_address: str
    contact: str | None


class AssignChoice(Notice):
    """Which agency? One page of buttons."""

    code: str
    field: str | None
    page: int
    pages: int
    unreached: bool  # some of them are marked: nobody there can be reached


class NobodyReached(Notice):
    """To an editor about to assign: these agencies have nobody whom messages reach. Assign anyway?"""

    code: str
    agencies: tuple[str, ...]


class WhichAgency(Notice):
    """Several agencies have the typed name: which of them? Buttons name the first few."""

    typed: str
    more: bool  # than there are buttons


class FieldChoice(Notice):
    """Which field? The present one, and one page of buttons; `typed` is what fits several."""

    code: str
    field: str | None
    typed: str
    page: int
    pages: int


class FieldChanged(Notice):
    """To an agency's officers: the question has another field, and with it another limit."""

    code: str
    before: str | None
    field: str
    due_at: datetime | None  # None while the clock stands still
    left: int | None  # working days, while it stands still


class RefusalChoice(Notice):
    """Which coded reason?"""

    code: str


class FileLost(Notice):
    """To editors: a question's file could not be fetched for a day."""

    code: str
    sent_at: datetime


class FileNotSent(Notice):
    """Stands for a file that the messenger refused; `name` may be empty."""

    name: str
