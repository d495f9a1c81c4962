"""Notices about the links of episodes and about looking back at past ones. Conventions as in `messages.notices`.

An `episode` is written "12/2026", a `kind` is a key under [link_kind] in labels, a `minute` is "12:34". No asker's name
stands in any of them: of a question only its wording on air or its published text.
"""

from datetime import date, datetime

from messages.notice import Notice


class LinkAdded(Notice):
    """To the editor who added it: subscribers hear of it now, or heard of it before it was removed."""

    episode: str
    kind: str
    url: str
    announced: bool


class LinkRemoved(Notice):
    """To the editor who removed it."""

    episode: str
    kind: str
    url: str


class LinksListed(Notice):
    """To an editor: an episode's links (number, kind, address, latest views and their day), moments, views by kind."""

    episode: str
    title: str
    links: tuple[tuple[int, str, str, int | None, date | None], ...]
    moments: tuple[tuple[int, str, str], ...]  # number of the link, code of the question, minute
    totals: tuple[tuple[str, int], ...]


class MomentChoice(Notice):
    """In which link (`links`), or which question (code, wording, minute so far) is answered in this one?"""

    episode: str
    link: int | None
    kind: str | None
    questions: tuple[tuple[str, str, str], ...]
    links: tuple[tuple[int, str, str], ...]  # number, kind, address


class MomentSet(Notice):
    """To the editor: at which minute of a link a question is answered, and the address of that very second."""

    episode: str
    code: str
    kind: str
    minute: str
    url: str | None  # None where this kind knows no time code


class MomentDropped(Notice):
    """To the editor: a link has no minute for a question any more."""

    episode: str
    code: str
    kind: str


class ViewsChoice(Notice):
    """Of which link (number, kind, address) are the views?"""

    episode: str
    links: tuple[tuple[int, str, str], ...]


class ViewsRecorded(Notice):
    """To the editor: what was recorded; `before` is an earlier count that was higher."""

    episode: str
    kind: str
    views: int
    day: date
    before: int | None


class ViewsTotalled(Notice):
    """To an editor: the views of a year's episodes, by kind, and of the most seen (episode, title, views)."""

    year: int
    total: int
    kinds: tuple[tuple[str, int], ...]
    episodes: tuple[tuple[str, str, int], ...]


class EpisodesFound(Notice):
    """`/xemlai`: a page of past episodes (episode, title, field). `newest`: nothing was found, these are the newest."""

    query: str
    field: str | None
    year: int | None
    page: int
    pages: int
    episodes: tuple[tuple[str, str, str | None], ...]
    newest: bool


class FilterAsked(Notice):
    """`/xemlai`: which field, or which year? `what` is field or year."""

    what: str
    query: str


class EpisodeShown(Notice):
    """A past episode as everybody reads it: its questions, each with (kind, minute) of where it is answered."""

    episode: str
    title: str
    field: str | None
    aired_at: datetime | None
    questions: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
    linked: bool  # links follow as buttons
