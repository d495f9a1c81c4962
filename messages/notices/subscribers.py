"""Notices to subscribers, and to askers whose question is on air.

Conventions as in `messages.notices`. Times of day ("19:00") are the programme's. An episode is named as "kỳ 12/2026"
with its title.
"""

from dataclasses import dataclass
from datetime import datetime

from messages.notice import Notice


class SubscriptionsShown(Notice):
    """`/dangky`: somebody's subscriptions, how they hear, and what to choose.

    In their language. `digest_at` is None for who hears at once; `quiet` are the hours in which nothing is sent, or
    empty.
    """

    topics: tuple[str, ...]
    digest_at: str | None
    quiet: tuple[str, ...]
    left_general: bool
    evening_at: str
    minutes: int
    version: str


class SubscriptionFieldsShown(Notice):
    """The fields to subscribe to, and those already chosen."""

    topics: tuple[str, ...]
    version: str


class SubscriptionLeft(Notice):
    """What somebody no longer gets, in their language."""

    topics: tuple[str, ...]


class SubscriptionBegun(Notice):
    """What somebody gets again, in their language."""

    topics: tuple[str, ...]
    version: str


# --- what subscribers hear ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class AnnouncedAiring:
    """A coming airing and its episode; without one, both fields are empty."""

    starts_at: datetime
    channel: str
    repeat: bool
    episode: str  # "12/2026"
    title: str


class AiringsAnnounced(Notice):
    """Coming airings, and what is asked on air.

    The evening before them, or (`evening` false) shortly before.
    """

    evening: bool
    airings: tuple[AnnouncedAiring, ...]
    topics: tuple[str, ...]


@dataclass(frozen=True)
class ChangedAiring:
    """A changed airing.

    Moved: old and new; cancelled: no new; added: no old.
    """

    old: datetime | None
    new: datetime | None
    channel: str
    repeat: bool


class AiringChanged(Notice):
    """An airing and its repeats changed, for one reason.

    The first of them says what happened.
    """

    airings: tuple[ChangedAiring, ...]
    episode: str
    title: str
    reason: str


class LinkAnnounced(Notice):
    """An episode can be watched, heard or read; `kind` is a key under [link_kind]."""

    kind: str
    episode: str
    title: str
    topics: tuple[str, ...]
    previews = True


class AnswerAnnounced(Notice):
    """An answer was published in a field: the texts' beginnings."""

    code: str
    field: str
    question: str
    agency: str
    answer: str


@dataclass(frozen=True)
class NewLink:
    """An episode that can be watched, heard or read; `kind` is a key under [link_kind]."""

    kind: str
    episode: str
    title: str
    url: str


@dataclass(frozen=True)
class NewAnswer:
    """A question whose answer was published, in a field (empty for none)."""

    code: str
    field: str
    question: str


class SubscriberDigest(Notice):
    """The daily digest: coming airings, new links and answers.

    `more_links`, `more_answers`: how many more there are.
    """

    airings: tuple[AnnouncedAiring, ...]
    links: tuple[NewLink, ...]
    more_links: int
    answers: tuple[NewAnswer, ...]
    more_answers: int
    previews = True


# --- to whoever asked a question that is on air ---------------------------------------------------------------------


@dataclass(frozen=True)
class TimeOnAir:
    """When and where an episode airs."""

    starts_at: datetime
    channel: str
    repeat: bool


class AskerAiring(Notice):
    """Their questions are answered on air: in which episode, and when.

    `moved`: they were told another time before.
    """

    episode: str
    title: str
    airings: tuple[TimeOnAir, ...]
    moved: bool
    codes: tuple[str, ...]


class AskerAiringUnsure(Notice):
    """To an asker: the airing they were told of is cancelled, and no other known."""

    episode: str
    title: str
    old: datetime
    codes: tuple[str, ...]


@dataclass(frozen=True)
class MomentOnAir:
    """Where one answer can be seen or heard.

    `kind` is that of the link, a key under [link_kind]; `moment` the minute, as "12:34".
    """

    code: str
    kind: str
    moment: str


class AskerAired(Notice):
    """Where their answers can be seen or heard; each has its button."""

    episode: str
    title: str
    moments: tuple[MomentOnAir, ...]
    previews = True


class AskerLeftOut(Notice):
    """To an asker: their question is not on air in an episode, and why.

    `instead` is the episode that it is in, if any.
    """

    episode: str
    title: str
    why: str
    instead: str
    code: str
