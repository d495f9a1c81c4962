"""Notices about the links of episodes and about looking back at past ones.

Conventions as in `messages.notices`. An `episode` is written "12/2026", a `kind` is a key under [link_kind] in
labels, a `minute` is "12:34". No asker's name stands in any of them: of a question only its wording on air or its
published text.
"""

from dataclasses import dataclass
from datetime import date, datetime

from messages.notice import Notice


class LinkAdded(Notice):
    """To the editor who added a link: whether subscribers are told now.

    Or were told before it was removed.
    """

    episode: str
    kind: str
    url: str
    announced: bool


class LinkRemoved(Notice):
    """To the editor who removed it."""

    episode: str
    kind: str
    url: str


@dataclass(frozen=True)
class ListedLink:
    """One of an episode's links, with its latest views and their day."""

    number: int
    kind: str
    url: str
    views: int | None
    day: date | None


@dataclass(frozen=True)
class ListedMoment:
    """Where in a link, named by its number, a question is answered."""

    link: int
    code: str
    minute: str


@dataclass(frozen=True)
class KindViews:
    """The views of all links of a kind."""

    kind: str
    views: int


class LinksListed(Notice):
    """To an editor: an episode's links, the moments in them, and the views by kind."""

    episode: str
    title: str
    links: tuple[ListedLink, ...]
    moments: tuple[ListedMoment, ...]
    totals: tuple[KindViews, ...]


@dataclass(frozen=True)
class NumberedLink:
    """A link to choose by its number."""

    number: int
    kind: str
    url: str


@dataclass(frozen=True)
class MomentQuestion:
    """A question to choose: its wording, and the known minute or ""."""

    code: str
    text: str
    minute: str


class MomentChoice(Notice):
    """Which link (`links`), or which question in this link?"""

    episode: str
    link: int | None
    kind: str | None
    questions: tuple[MomentQuestion, ...]
    links: tuple[NumberedLink, ...]


class MomentSet(Notice):
    """To the editor: the minute of an answer in a link, and its address."""

    episode: str
    code: str
    kind: str
    minute: str
    url: str | None  # None where this kind knows no time code


class MomentDropped(Notice):
    """To the editor: a link no longer has a minute for a question."""

    episode: str
    code: str
    kind: str


class ViewsChoice(Notice):
    """The views of which link?"""

    episode: str
    links: tuple[NumberedLink, ...]


class ViewsRecorded(Notice):
    """To the editor: what was recorded; `before` is an earlier count that was higher."""

    episode: str
    kind: str
    views: int
    day: date
    before: int | None


@dataclass(frozen=True)
class EpisodeViews:
    """The views of all links of an episode."""

    episode: str
    title: str
    views: int


class ViewsTotalled(Notice):
    """To an editor: the views of a year's episodes, and the most seen.

    The views also by kind.
    """

    year: int
    total: int
    kinds: tuple[KindViews, ...]
    episodes: tuple[EpisodeViews, ...]


@dataclass(frozen=True)
class FoundEpisode:
    """A past episode in a list."""

    episode: str
    title: str
    field: str | None


class EpisodesFound(Notice):
    """`/xemlai`: a page of past episodes.

    `newest`: nothing was found, these are the newest.
    """

    query: str
    field: str | None
    year: int | None
    page: int
    pages: int
    episodes: tuple[FoundEpisode, ...]
    newest: bool
    previews = True


class FilterAsked(Notice):
    """`/xemlai`: which field, or which year? `what` is field or year."""

    what: str
    query: str


@dataclass(frozen=True)
class AnswerMoment:
    """The minute at which a link of this kind answers a question."""

    kind: str
    minute: str


@dataclass(frozen=True)
class ShownQuestion:
    """A question of an episode as everybody reads it, and where it is answered."""

    text: str
    moments: tuple[AnswerMoment, ...]


class EpisodeShown(Notice):
    """A past episode as everybody reads it, with its questions."""

    episode: str
    title: str
    field: str | None
    aired_at: datetime | None
    questions: tuple[ShownQuestion, ...]
    linked: bool  # links follow as buttons
    previews = True
