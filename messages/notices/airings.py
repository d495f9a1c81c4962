"""Notices about airing times. Conventions as in `messages.notices`.

An airing's `kind` is a key under [airing_kind] in labels, its `status` one under [airing_status]; `episode` is
"12/2026: title", or empty.
"""

from dataclasses import dataclass
from datetime import datetime

from messages.notice import Notice


@dataclass(frozen=True)
class ListedAiring:
    """One airing in a list."""

    channel: str
    starts_at: datetime
    kind: str
    status: str
    episode: str


class AiringTimes(Notice):
    """`/lich`: the next airings, by channel, then time.

    `address` is what calendars can subscribe to, or "".
    """

    airings: tuple[ListedAiring, ...]
    address: str


class CalendarFile(Notice):
    """The words under the calendar document."""


class ScheduleListed(Notice):
    """`/lichphat`: coming airings, by time."""

    airings: tuple[ListedAiring, ...]


class AiringCard(Notice):
    """One airing, to an editor.

    `ruled_at` is when the rule sets it, where that is another time.
    """

    channel: str
    starts_at: datetime
    minutes: int | None
    kind: str
    status: str
    episode: str
    reason: str
    ruled_at: datetime | None
    follows_cancelled: bool


@dataclass(frozen=True)
class ChannelTime:
    """A time at which something airs on a channel."""

    channel: str
    starts_at: datetime


class AiringPreview(Notice):
    """To an editor, before an airing changes: times, what follows, who is told.

    `what` is a key under [confirm] in labels; a time is missing where nothing is on air.
    """

    what: str
    channel: str
    old: datetime | None
    new: datetime | None
    reason: str
    repeats: tuple[ChannelTime, ...]  # at their new times
    dropped: tuple[ChannelTime, ...]  # repeats that fall away, at their old times
    doubled: tuple[ChannelTime, ...]  # the channel airs something else then
    told: bool


class AiringDecided(Notice):
    """To the editor who changed an airing.

    `what` is a key under [airing_done] in labels.
    """

    what: str
    channel: str
    starts_at: datetime
    told: bool


class EpisodeToTie(Notice):
    """To an editor: which episode airs then? Answered by a button or by its number."""

    channel: str
    starts_at: datetime


class AiringTied(Notice):
    """To the editor who tied an airing to an episode.

    With `episode` empty: untied it.
    """

    channel: str
    starts_at: datetime
    episode: str
