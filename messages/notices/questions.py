"""Notices about questions, to everybody, to citizens, agencies and editors. Conventions as in `messages.notices`."""

from datetime import date, datetime

from messages.notice import Notice

# --- to everybody ---------------------------------------------------------------------------------------------


class Welcome(Notice):
    """`/start`."""

    programme: str
    province: str
    roles: tuple[str, ...]  # what this person may do besides asking, already in words


class Help(Notice):
    """`/trogiup`: the commands this person has, with their descriptions."""

    commands: tuple[tuple[str, str], ...]


class LanguageChosen(Notice):
    """`/ngonngu`, done."""


class LanguageAsked(Notice):
    """`/ngonngu`: which language?"""


class Cancelled(Notice):
    """`/huy`, or the button: what was being written is gone."""

    draft: bool  # there was something to drop
    question: bool = True  # it was a question being written


class Refusal(Notice):
    """Something could not be done. `html` is the sentence `Words.refusal` made."""

    html: str


class SomethingFailed(Notice):
    """A fault of ours: told once, the update is parked."""


# --- asking -----------------------------------------------------------------------------------------------------


class AskInvitation(Notice):
    """`/hoi` without words: what to send."""


class EmergencyNumbers(Notice):
    """At once, when words of an emergency appear: whom to call. `numbers` are (number, label key)."""

    numbers: tuple[tuple[str, str], ...]


class ConsentAsked(Notice):
    """What the programme does with personal data, in the wording of `version`."""

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
    """Something was added while the bot waits for something else (consent, name …)."""


class QuestionReceived(Notice):
    """In the ledger: the code, and what happens next."""

    code: str
    assign_due_at: datetime


class EditNotTaken(Notice):
    """A message was edited after its question had been sent."""


# --- the asker, afterwards --------------------------------------------------------------------------------------


class QuestionAssigned(Notice):
    """Handed to an agency."""

    code: str
    agency: str
    coordinating: tuple[str, ...]
    due_at: datetime
    again: bool  # it was with another agency before


class QuestionAccepted(Notice):
    """The agency works on it."""

    code: str
    agency: str
    due_at: datetime


class QuestionReturned(Notice):
    """The agency gave it back: the editors look for the right one."""

    code: str
    agency: str
    assign_due_at: datetime


class QuestionRefused(Notice):
    """Not taken up: coded reason, polite words, where to go. `note` is the editor's own addition."""

    code: str
    reason: str  # RefusalCode value
    note: str


class KeptAsDenunciation(Notice):
    """What was answered or ended is a denunciation: kept secret from now on, and where to go."""

    code: str


class AnswerTakenBack(Notice):
    """To who asked the same, in place of an answer that may not be shown just now. It says nothing of why."""

    code: str


class NewsTakenBack(Notice):
    """To a subscriber, in place of news that may not be shown any more. It says nothing of which, or why."""


class QuestionMerged(Notice):
    """Somebody asked the same before; the answer will come here."""

    code: str
    original: str


class ClarificationAsked(Notice):
    """The agency needs to know more."""

    code: str
    agency: str
    text: str
    reply_by: datetime


class SupplementReceived(Notice):
    """Thanks: the addition is with the agency."""

    code: str
    due_at: datetime


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


class Rated(Notice):
    """Thanks for the rating; few stars invite to reopen."""

    code: str
    stars: int
    may_reopen: bool


class QuestionReopened(Notice):
    """To the asker: open again, with a new date."""

    code: str
    agency: str
    due_at: datetime


class QuestionWithdrawn(Notice):
    """To the asker: taken back."""

    code: str


class MyQuestions(Notice):
    """`/cuatoi`: (code, status label key, excerpt)."""

    questions: tuple[tuple[str, str, str], ...]
    page: int
    more: bool


class Tracked(Notice):
    """`/tracuu`: a question in short. What a stranger may not know is None or empty."""

    code: str
    status: str  # Status value
    mine: bool
    text: str | None
    agency: str | None
    received_at: datetime | None
    due_at: datetime | None
    answer: str | None
    official_letter: str | None
    clarification: str | None
    history: tuple[tuple[datetime, str, str], ...]  # (when, Event value, agency or "")
    published: bool
    original: str | None = None  # the question it was merged into
    staff: bool = False  # the reader handles it: `/xem` shows them all


class ReplyToAnswer(Notice):
    """Somebody replied to an answer: reopen that question with these words, or ask a new one?"""

    code: str
    text: str
    files: int


class LongTextKept(Notice):
    """A text so long that the app may have cut it: kept until its author says that all of it has come."""

    messages: int
    characters: int
    ending: str
    file: bool


class TrackCodeAsked(Notice):
    """`/tracuu` without a code."""


class PublishedAnswers(Notice):
    """`/hoidap`: (code, excerpt) of published answers."""

    query: str
    answers: tuple[tuple[str, str], ...]


# --- staff ------------------------------------------------------------------------------------------------------


class QuestionCard(Notice):
    """A question as its handlers see it. What this viewer may not see is None."""

    code: str
    status: str
    headline: str  # key under [headline] in labels: why this card came (new, assigned, returned …) or "card"
    hidden: bool  # a suspected denunciation, seen by an editor
    confirmed_denunciation: bool
    emergency: bool
    complaint: bool
    channel: str
    text: str
    truncated: bool
    field: str | None
    suggested: str | None  # the agency that field and place name
    asker_name: str | None
    asker_address: str | None
    asker_contact: str | None
    asker_unreachable: bool  # blocked the bot: what is sent waits until they come back
    organisation: str | None
    received_at: datetime
    age_days: int
    due_at: datetime | None
    overdue: bool
    late_by: str | None  # domain.questions.lateness.Holder: who has or had it when its time ran out
    lead: str | None
    coordinating: tuple[str, ...]
    thread: tuple[tuple[datetime, str, str, str], ...]  # (when, EntryKind value, who, text)
    draft: str | None
    draft_by: str | None
    official_letter: str | None
    approval: str | None  # the step it waits for
    answer: str | None
    files: int
    rating: int | None
    promises: tuple[tuple[datetime, str, bool], ...]  # (by when, text, kept)
    merged_into: str | None
    duplicates: tuple[str, ...]


class HiddenCard(Notice):
    """In place of a card: a suspected denunciation, editors only."""

    code: str
    status: str


class QuestionHistory(Notice):
    """The whole history, for staff: (when, Event value, who, role key, note, from, to, particulars)."""

    code: str
    events: tuple[tuple[datetime, str, str, str, str, str, str, str], ...]


class WorkList(Notice):
    """`/viec`, `/moi`, `/duyet`, `/quahan`: (code, excerpt, due or None, overdue, status value, part key)."""

    kind: str  # work, new, approvals, overdue
    questions: tuple[tuple[str, str, datetime | None, bool, str, str], ...]
    total: int
    page: int
    more: bool
    ages: tuple[int, ...] = ()  # in days, where the list tells them
    agencies: tuple[str, ...] = ()  # the lead agencies, where the list tells them; "" for none


class Done(Notice):
    """A staff action went through. `what` is an Event value, `detail` a name or code that goes with it."""

    code: str
    what: str
    detail: str = ""


class ReturnedToEditors(Notice):
    """To editors: an agency returned a question. The card follows."""

    code: str
    agency: str
    reason: str
    right_agency: str | None


class TakenFromAgency(Notice):
    """To an agency's officers: a question is no longer theirs. `why` is an Event value."""

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


class FlaggedForEditors(Notice):
    """To editors: a suspected denunciation waits for a look. No text here."""

    code: str
    by: str  # who flagged, or ""


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


class ClarificationNeeded(Notice):
    """To editors: an agency needs to know more from an asker whom no messenger reaches."""

    code: str
    channel: str
    agency: str
    text: str
    reply_by: datetime
    full_name: str
    home_address: str
    contact: str | None


class ListChanged(Notice):
    """In place of a list, when one of its questions may be shown no more. It says nothing of which, or why."""


class TextAsked(Notice):
    """The bot waits for words: `what` is a key under [ask] in labels (return, ask_more, send_back …)."""

    code: str
    what: str


class AnswerPreview(Notice):
    """The officer's draft before it goes for approval."""

    code: str
    text: str
    files: int
    official_letter: str | None


class AssignChoice(Notice):
    """Which agency? One page of buttons."""

    code: str
    field: str | None
    page: int
    pages: int


class RefusalChoice(Notice):
    """Which coded reason?"""

    code: str


class ConfirmAsked(Notice):
    """`Xác nhận`? `what` is a key under [confirm] in labels, `detail` what it concerns."""

    what: str
    code: str
    detail: str = ""
    preview: str = ""


class IntakeAsked(Notice):
    """`/nhaptay`, step by step: `step` is a key under [intake] in labels."""

    step: str


class EnteredByHand(Notice):
    """`/nhaptay`, done."""

    code: str
    assign_due_at: datetime


# --- roles ---------------------------------------------------------------------------------------------------------


class RoleGranted(Notice):
    """Welcome among the staff."""

    role: str
    agency: str | None
    waits: bool  # an editor who does not read denunciations yet


class RoleRevoked(Notice):
    """A role ended."""

    role: str
    agency: str | None


class InvitationMade(Notice):
    """The link to hand on; it works once, until it expires."""

    role: str
    agency: str | None
    link: str
    expires_at: datetime


class InviteChoice(Notice):
    """`/moinguoi` without words: whom to invite, and who holds roles now: (role, agency, person)."""

    holders: tuple[tuple[str, str, str], ...]


class OpenWorkHandedOn(Notice):
    """To editors: an agency has no officer left; its open work needs somebody."""

    agency: str
    open_questions: int
