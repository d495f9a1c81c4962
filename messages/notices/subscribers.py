"""Notices to subscribers, and to those whose question is on air. Conventions as in `messages.notices`.

Times of day ("19:00") are the programme's. An episode is named as "kỳ 12/2026" with its title.
"""

from dataclasses import dataclass
from datetime import datetime

from messages.notice import Notice


class SubscriptionsShown(Notice):
    """`/dangky`: what somebody subscribes to (in their language), how they hear of it, and what they may choose.

    `digest_at` is None for who hears at once; `quiet` are the hours in which nothing is sent, or empty.
    """

    topics: tuple[str, ...]
    digest_at: str | None
    quiet: tuple[str, ...]
    left_general: bool
    evening_at: str
    minutes: int
    version: str


class SubscriptionFieldsShown(Notice):
    """The fields whose answers may be subscribed to, and which are."""

    topics: tuple[str, ...]
    version: str


class SubscriptionLeft(Notice):
    """What somebody does not get any more, in their language."""

    topics: tuple[str, ...]


class SubscriptionBegun(Notice):
    """What somebody gets again, in their language."""

    topics: tuple[str, ...]
    version: str


# --- what subscribers hear ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class AnnouncedAiring:
    """An airing to come, and what airs then; without an episode both are empty."""

    starts_at: datetime
    channel: str
    repeat: bool
    episode: str  # "12/2026"
    title: str


class AiringsAnnounced(Notice):
    """The evening before airings, or (`evening` false) shortly before them, and what is asked on air."""

    evening: bool
    airings: tuple[AnnouncedAiring, ...]
    topics: tuple[str, ...]


@dataclass(frozen=True)
class ChangedAiring:
    """Moved: old and new; cancelled: no new; added: no old."""

    old: datetime | None
    new: datetime | None
    channel: str
    repeat: bool


class AiringChanged(Notice):
    """An airing and its repeats changed, for one reason; the first of them says what happened."""

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
    """An answer was published in a field: beginnings of the public texts."""

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
    """Once a day: coming airings, new links and answers; `more_links`, `more_answers`: how many more there are."""

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
    """Their question is answered on air: in which episode, and when.

    `moved`: they were told another time before.
    """

    episode: str
    title: str
    airings: tuple[TimeOnAir, ...]
    moved: bool
    code: str


class AskerAiringUnsure(Notice):
    """The airing that they were told of is cancelled, and no other is known yet."""

    episode: str
    title: str
    old: datetime
    code: str


class AskerAired(Notice):
    """Where their answer can be seen or heard: the kind of the link (a key under [link_kind]), and the minute."""

    episode: str
    title: str
    kind: str
    moment: str
    code: str
    previews = True


class AskerLeftOut(Notice):
    """Their question is not on air in an episode, and why; `instead` is the one that it is in, if any."""

    episode: str
    title: str
    why: str
    instead: str
    code: str
