"""Notices about episodes and their script plans. Conventions as in `messages.notices`; `number` is "12/2026"."""

from dataclasses import dataclass
from datetime import datetime

from messages.notice import Notice

# --- to editors -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ListedEpisode:
    """An episode in the editors' list."""

    number: str
    title: str
    questions: int  # how many
    recording_at: datetime | None
    recorded: bool


class EpisodesListed(Notice):
    """`/kyphat`: one page of episodes; of one year, or 0 for all."""

    year: int
    episodes: tuple[ListedEpisode, ...]
    total: int


class EpisodeNumberAsked(Notice):
    """The question for a new episode's title, with its number."""

    number: str


class EpisodeFieldAsked(Notice):
    """Which field is an episode about? A button says so."""

    number: str


@dataclass(frozen=True)
class EpisodeAiring:
    """A time and channel at which an episode airs.

    `kind` is a key under [episode] in labels.
    """

    starts_at: datetime
    channel: str
    kind: str


@dataclass(frozen=True)
class CardQuestion:
    """A question on an episode's card."""

    code: str
    words: str  # for the air, or the asker's own
    lead: str  # agency, or empty
    worded: bool  # there are words for the air


@dataclass(frozen=True)
class EpisodeGuest:
    """A guest who was asked to come for an agency."""

    name: str
    position: str
    agency: str
    instead_of: str  # the guest in whose place they come, or empty
    gone: bool  # they can't come


@dataclass(frozen=True)
class PlanReceipt:
    """Who acknowledged the script plan for an agency, and when.

    Without a time, nobody has.
    """

    agency: str
    by: str
    at: datetime | None


class EpisodeCard(Notice):
    """Everything about an episode."""

    number: str
    title: str
    field: str | None
    purpose: str
    requirements: str
    minutes: int | None
    recording_at: datetime | None
    recording_place: str
    recording_manner: str
    recorded_at: datetime | None
    airings: tuple[EpisodeAiring, ...]
    questions: tuple[CardQuestion, ...]
    fallen_out: int  # chosen, and withdrawn, refused, merged or hidden since
    guests: tuple[EpisodeGuest, ...]
    plan_due_at: datetime | None
    plan_overdue: bool
    plan_version: int  # 0: not sent yet
    plan_sent_at: datetime | None
    plan_late: bool
    plan_taken_back: bool  # a question of it may not be shown any more
    receipts: tuple[PlanReceipt, ...]
    missing: tuple[str, ...]  # domain.episodes.episodes.Missing


class EpisodePartsAsked(Notice):
    """Which part of an episode is to change? A button says so."""

    number: str


class EpisodePartAsked(Notice):
    """The question for a part's new words, with the present ones.

    The part is a domain.episodes.episodes.EpisodePart.
    """

    number: str
    part: str
    now: str


@dataclass(frozen=True)
class ChosenQuestion:
    """A question that an episode answers."""

    code: str
    on_air: str  # words for the air, or empty
    asked: str  # the beginning of the asker's own
    lead: str  # agency, or empty
    askers: int


class EpisodeQuestions(Notice):
    """The questions of an episode in their order."""

    number: str
    questions: tuple[ChosenQuestion, ...]


@dataclass(frozen=True)
class Candidate:
    """A question that could be asked on air."""

    code: str
    text: str
    status: str
    askers: int
    age: int  # in days


class CandidatesListed(Notice):
    """Questions to choose from, by field, askers and days."""

    number: str
    field: str | None
    asked_by: int
    days: int  # 0: of any age
    questions: tuple[Candidate, ...]


class OnAirAsked(Notice):
    """How is a question asked on air? With a proposal and the present words."""

    number: str
    code: str
    text: str
    proposed: str
    now: str


class LeavingOutAsked(Notice):
    """Why does a question leave the episode? The asker reads it."""

    number: str
    code: str


class EpisodeGuests(Notice):
    """Who comes, and who can't."""

    number: str
    guests: tuple[EpisodeGuest, ...]


class GuestAsked(Notice):
    """Agency, name and position of a guest."""

    number: str


class SubstituteAsked(Notice):
    """Who comes in a guest's place?"""

    number: str
    guest: str


class PlanPreview(Notice):
    """With the document, before sending: to whom, by when, and what is missing."""

    number: str
    title: str
    version: int
    recording_at: datetime
    due_at: datetime
    late: bool
    recipients: tuple[str, ...]
    unreached: tuple[str, ...]  # of them, where nobody gets messages
    missing: tuple[str, ...]  # domain.episodes.episodes.Missing


class PlanSent(Notice):
    """To editors: a script plan went out."""

    number: str
    version: int
    due_at: datetime
    late: bool
    recipients: tuple[str, ...]
    unreached: tuple[str, ...]
    acknowledge_by: datetime


class PlanAcknowledged(Notice):
    """To the editor who sent it: an agency has the plan."""

    number: str
    agency: str
    by: str


class SubstituteNamed(Notice):
    """To editors: an agency sends somebody else."""

    number: str
    agency: str
    guest: str
    name: str
    position: str


@dataclass(frozen=True)
class MovedPlanDue:
    """The old and new due time of an episode's script plan."""

    number: str
    old: datetime
    new: datetime


class PlanDuesMoved(Notice):
    """To editors: the list of days changed, and with it due times of plans."""

    moves: tuple[MovedPlanDue, ...]


# --- to agencies --------------------------------------------------------------------------------------------------


class PlanArrived(Notice):
    """With the document: the script plan for an agency, and who acknowledged it."""

    number: str
    title: str
    agency: str
    version: int
    recording_at: datetime
    recording_place: str
    late: bool
    guests: tuple[str, ...]  # the agency's own
    acknowledge_by: datetime
    acknowledged_by: str
    acknowledged_at: datetime | None


class PlanTakenBack(Notice):
    """To agencies and editors: a script plan is void, a new one will come."""

    number: str


class RecordingMoved(Notice):
    """To people who have the plan: the recording is at another time."""

    number: str
    title: str
    old: datetime
    new: datetime


class GuestChoice(Notice):
    """Which of an agency's guests can't come?"""

    number: str


class SubstituteThanked(Notice):
    """To who named a substitute: it is recorded."""

    number: str
    guest: str
    name: str
