"""Links of an episode, moments of answers in them, and view counts."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from domain.broadcasts.broadcasts import BroadcastKind
from domain.episodes.episodes import EpisodeNumber
from domain.episodes.links import LinkKind, read_link, same_as, written_time
from domain.errors import Reason, RuleViolation
from domain.questions.codes import Code
from domain.subscribers.topics import Topic
from domain.vietnamese.text import excerpt
from messages.buttons import Act, Button, Key, Keyboard
from messages.keyboards import in_rows
from messages.notices.links import (
    EpisodeViews,
    KindViews,
    LinksListed,
    ListedLink,
    ListedMoment,
    MomentChoice,
    MomentQuestion,
    NumberedLink,
    ViewsChoice,
    ViewsTotalled,
)
from services.episodes.episodes import find, number_of
from services.people.actors import Actor, require_editor
from services.questions.case import code_of
from storage.broadcasts import broadcasts
from storage.engine.database import Work
from storage.episodes import links
from storage.episodes.links import OnAirQuestionRow
from storage.rows import EpisodeRow, LinkRow

EPISODES_TOTALLED = 10  # the most seen of a year
NEWS = timedelta(days=60)  # after the end of an episode's year
WORDING = 60  # characters of a question on a button or a line


def link_buttons(episode: EpisodeRow) -> list[list[Key]]:
    """Lay out what an editor can do with an episode's links."""
    listed = Button("button.link_list", Act.LINK_LIST, (episode.id,))
    return [[*_adding(episode), listed], _recording(episode)]


def _adding(episode: EpisodeRow) -> list[Key]:
    return [Button("button.link_add", Act.LINK_ADD, (episode.id,))]


def _recording(episode: EpisodeRow) -> list[Key]:
    return [
        Button("button.link_moment", Act.LINK_MOMENT, (episode.id,)),
        Button("button.link_views", Act.LINK_VIEWS, (episode.id,)),
    ]


async def find_link(work: Work, link_id: int) -> tuple[LinkRow, EpisodeRow]:
    """Return a link that was not removed, locked, and its episode.

    Raises `RuleViolation` (unknown link).
    """
    link = await links.by_id(work, link_id, lock=True)
    if link is None or link.removed_at is not None:
        raise RuleViolation(Reason.UNKNOWN_LINK)
    return link, await find(work, int(link.episode_id))


async def link_named(work: Work, episode: EpisodeRow, typed: str) -> LinkRow:
    """Return the link named by its number in the list, or by its address.

    Raises `RuleViolation`.
    """
    for number, link in await numbered(work, episode):
        if typed == str(number) or _is_at(link, typed, work):
            return link
    raise RuleViolation(Reason.UNKNOWN_LINK, episode=number_of(episode))


def _is_at(link: LinkRow, typed: str, work: Work) -> bool:
    if "." not in typed:
        return False
    try:
        _kind, url = read_link(typed, work.programme.link_hosts)
    except RuleViolation:
        return False
    return same_as(url) == same_as(link.url)


async def numbered(work: Work, episode: EpisodeRow) -> list[tuple[int, LinkRow]]:
    """List the present links with their numbers, which removals don't change."""
    rows = await links.of_episode(work, episode.id)
    return [(number, row) for number, row in enumerate(rows, start=1) if row.removed_at is None]


# --- adding and removing ------------------------------------------------------------------------------------


async def add_link(
    work: Work, actor: Actor, episode_id: int, typed: str, kind: LinkKind | None = None
) -> tuple[LinkRow, bool]:
    """Add a link to an episode; announce it to subscribers.

    Returns it, and whether it is announced now. Without `kind` its host decides. A removed link comes back, with its
    moments and counts, and is not announced a second time; nor is one of an episode long past. Raises
    `RuleViolation`: no editor, no such episode, no plausible address, a host that is not configured, a link the
    episode has already.
    """
    require_editor(actor)
    episode = await find(work, episode_id)
    kind, url = read_link(typed, work.programme.link_hosts, kind)
    before = [row for row in await links.of_episode(work, episode.id) if same_as(row.url) == same_as(url)]
    if any(row.removed_at is None for row in before):
        raise RuleViolation(Reason.LINK_TWICE, episode=number_of(episode))
    if before:
        link_id: int | None = before[0].id
        await links.bring_back(work, before[0].id, kind, url, actor.id)
    else:
        link_id = await links.add(work, episode.id, kind, url, actor.id)
    if link_id is None:  # somebody was quicker
        raise RuleViolation(Reason.LINK_TWICE, episode=number_of(episode))
    announced = _is_news(work, episode) and await broadcasts.add(
        work,
        kind=BroadcastKind.LINK,
        audience=Topic.LINKS,
        content={"link_id": link_id},
        occasion=f"link:{link_id}",
    )
    added = await links.by_id(work, link_id)
    assert added is not None
    return added, bool(announced)


def _is_news(work: Work, episode: EpisodeRow) -> bool:
    """Return whether subscribers want to hear of it; links of earlier years only complete the archive."""
    return work.programme.local(work.now).date() <= date(episode.year, 12, 31) + NEWS


async def remove_link(work: Work, actor: Actor, link_id: int) -> tuple[LinkRow, EpisodeRow]:
    """Remove a link: it is no longer shown or counted; its row stays.

    Returns it and its episode.
    """
    require_editor(actor)
    link, episode = await find_link(work, link_id)
    await links.remove(work, link.id)
    return link, episode


# --- moments ------------------------------------------------------------------------------------------------


async def set_moment(
    work: Work, actor: Actor, link_id: int, which: Code | int, seconds: int
) -> tuple[EpisodeRow, LinkRow, OnAirQuestionRow]:
    """Record where in a link a question is answered.

    It replaces an earlier moment. Returns episode, link and question. Raises `RuleViolation`: unknown link, a
    question that is not on air in the episode (not chosen, left out, hidden; whether it exists at all is not said).
    """
    require_editor(actor)
    link, episode = await find_link(work, link_id)
    question = await question_on_air(work, episode, which)
    await links.set_moment(work, link.id, question.id, seconds)
    return episode, link, question


async def drop_moment(
    work: Work, actor: Actor, link_id: int, which: Code | int
) -> tuple[EpisodeRow, LinkRow, OnAirQuestionRow]:
    """Remove the moment of a question in this link, if there is one.

    Returns and raises as `set_moment`.
    """
    require_editor(actor)
    link, episode = await find_link(work, link_id)
    question = await question_on_air(work, episode, which)
    await links.drop_moment(work, link.id, question.id)
    return episode, link, question


async def question_on_air(work: Work, episode: EpisodeRow, which: Code | int) -> OnAirQuestionRow:
    """Find a question that an episode answers, by id, code or number.

    Raises `RuleViolation` (not in the episode).
    """
    chosen = await links.chosen(work, episode.id)
    for row in chosen:
        if which in (row.id, Code(row.year, row.number)):
            return row
    if isinstance(which, Code) and not which.year_said:
        for row in chosen:
            if row.number == which.number:
                return row
    raise RuleViolation(Reason.NOT_IN_EPISODE, episode=number_of(episode))


# --- views --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Counted:
    """A recorded count; `before` is an earlier, higher count."""

    episode: EpisodeRow
    link: LinkRow
    views: int
    day: date
    before: int | None


async def record_views(work: Work, actor: Actor, link_id: int, views: int, day: date) -> Counted:
    """Record a link's total views as counted on a day.

    Raises `RuleViolation`: unknown link, a day to come.
    """
    require_editor(actor)
    link, episode = await find_link(work, link_id)
    if day > work.programme.local(work.now).date():
        raise RuleViolation(Reason.DAY_TO_COME, day=day)
    earlier = await links.count_before(work, link.id, day)
    await links.record_views(
        work, [{"link_id": link.id, "day": day, "views": views, "recorded_by": actor.id}]
    )
    before = earlier.views if earlier is not None and earlier.views > views else None
    return Counted(episode, link, views, day, before)


@dataclass(frozen=True)
class Count:
    """A line of a file: a link's total views as counted on a day."""

    link_id: int
    url: str
    day: date
    views: int


@dataclass(frozen=True)
class Fall:
    """Fewer views on a day than earlier: allowed, but worth a look.

    Counters are corrected now and then.
    """

    url: str
    day: date
    views: int
    earlier_day: date
    earlier_views: int


KnownLinks = Mapping[
    tuple[int, int], Mapping[str, int]
]  # (year, number) → address as `same_as` has it → link


async def known_links(work: Work, numbers: Iterable[tuple[int, int]]) -> KnownLinks:
    """Return the present links of these episodes, as far as the episodes exist."""
    found: dict[tuple[int, int], dict[str, int]] = {}
    for row in await links.of_episodes(work, numbers):
        known = found.setdefault((row.year, row.number), {})
        if row.id is not None:
            known[same_as(row.url)] = row.id
    return found


async def record_counts(work: Work, counts: Sequence[Count]) -> list[Fall]:
    """Record the counts of a file.

    Returns where views now fall from one day to the next.
    """
    await links.record_views(
        work,
        [{"link_id": one.link_id, "day": one.day, "views": one.views, "recorded_by": None} for one in counts],
    )
    loaded = {(one.link_id, one.day) for one in counts}
    urls = {one.link_id: one.url for one in counts}
    falls = []
    for earlier, later in pairwise(await links.counts(work, urls)):
        concerned = {(row.link_id, row.day) for row in (earlier, later)} & loaded
        if earlier.link_id == later.link_id and later.views < earlier.views and concerned:
            falls.append(
                Fall(urls[later.link_id], later.day, int(later.views), earlier.day, int(earlier.views))
            )
    return falls


async def episode_totals(work: Work, episode_id: int) -> dict[LinkKind, int]:
    """Return an episode's views by kind: the latest counts of its links, added."""
    found: dict[LinkKind, int] = defaultdict(int)
    for row in await links.last_counts(work, episode_id):
        found[LinkKind(row.kind)] += row.views
    return dict(found)


async def year_totals(work: Work, year: int) -> dict[LinkKind, int]:
    """Return the views of a year's episodes by kind, as `episode_totals`."""
    return {LinkKind(row.kind): int(row.views) for row in await links.totals_by_kind(work, year)}


# --- what an editor is shown --------------------------------------------------------------------------------


async def listed(work: Work, actor: Actor, episode: EpisodeRow) -> tuple[LinksListed, Keyboard, list[int]]:
    """List an episode's links with counts and moments.

    Returns also the buttons, and the questions that are shown.
    """
    require_editor(actor)
    rows = await numbered(work, episode)
    last = {row.id: row for row in await links.last_counts(work, episode.id)}
    on_air = {row.id: code_of(work, row) for row in await links.chosen(work, episode.id)}
    moments = [row for row in await links.moments(work, episode.id) if row.question_id in on_air]
    number_by_link = {row.id: number for number, row in rows}
    notice = LinksListed(
        episode=number_of(episode),
        title=episode.title,
        links=tuple(
            ListedLink(
                number=number,
                kind=row.kind,
                url=row.url,
                views=last[row.id].views if row.id in last else None,
                day=last[row.id].day if row.id in last else None,
            )
            for number, row in rows
        ),
        moments=tuple(
            ListedMoment(
                link=number_by_link[row.id],
                code=on_air[row.question_id],
                minute=written_time(row.seconds),
            )
            for row in moments
        ),
        totals=_by_kind(await episode_totals(work, episode.id)),
    )
    removals: list[Key] = [
        Button("button.link_remove", Act.LINK_REMOVE, (row.id,), detail=str(number)) for number, row in rows
    ]
    keyboard = [_adding(episode), *([_recording(episode)] if rows else []), *in_rows(removals)]
    return notice, keyboard, sorted({row.question_id for row in moments})


async def moment_choice(
    work: Work, actor: Actor, episode: EpisodeRow, link: LinkRow | None = None
) -> tuple[MomentChoice, Keyboard, list[int]]:
    """Ask which link, where there are several, then which question.

    Returns also the questions that are shown. Raises `RuleViolation`: the episode has no link, or no question on air.
    """
    require_editor(actor)
    rows = await numbered(work, episode)
    if not rows:
        raise RuleViolation(Reason.UNKNOWN_LINK, episode=number_of(episode))
    if link is None and len(rows) > 1:
        notice = MomentChoice(
            episode=number_of(episode), link=None, kind=None, questions=(), links=_named(rows)
        )
        return notice, _pick_link(rows, Act.MOMENT_LINK), []
    number, link = next((one for one in rows if link is None or one[1].id == link.id), rows[0])
    on_air = await links.chosen(work, episode.id)
    if not on_air:
        raise RuleViolation(Reason.NOT_IN_EPISODE, episode=number_of(episode))
    known = {
        row.question_id: written_time(row.seconds)
        for row in await links.moments(work, episode.id)
        if row.id == link.id
    }
    notice = MomentChoice(
        episode=number_of(episode),
        link=number,
        kind=link.kind,
        questions=tuple(
            MomentQuestion(
                code=code_of(work, row),
                text=excerpt(row.on_air or "…", WORDING),
                minute=known.get(row.id, ""),
            )
            for row in on_air
        ),
        links=(),
    )
    buttons: list[Key] = [
        Button("", Act.MOMENT_QUESTION, (link.id, row.id), text=code_of(work, row)) for row in on_air
    ]
    return notice, in_rows(buttons), [row.id for row in on_air]


async def views_choice(work: Work, actor: Actor, episode: EpisodeRow) -> tuple[ViewsChoice, Keyboard]:
    """Ask which link was counted.

    Raises `RuleViolation` where the episode has none.
    """
    require_editor(actor)
    rows = await numbered(work, episode)
    if not rows:
        raise RuleViolation(Reason.UNKNOWN_LINK, episode=number_of(episode))
    notice = ViewsChoice(episode=number_of(episode), links=_named(rows))
    return notice, _pick_link(rows, Act.VIEWS_LINK)


async def totalled(work: Work, actor: Actor, year: int) -> ViewsTotalled:
    """Return the views of a year, by kind and by episode."""
    require_editor(actor)
    kinds = await year_totals(work, year)
    rows = await links.totals_by_episode(work, year, limit=EPISODES_TOTALLED)
    return ViewsTotalled(
        year=year,
        total=sum(kinds.values()),
        kinds=_by_kind(kinds),
        episodes=tuple(
            EpisodeViews(
                episode=str(EpisodeNumber(year, row.number)),
                title=excerpt(row.title, WORDING),
                views=int(row.views),
            )
            for row in rows
        ),
    )


def _by_kind(totals: Mapping[LinkKind, int]) -> tuple[KindViews, ...]:
    return tuple(KindViews(kind, views) for kind, views in totals.items())


def _named(rows: list[tuple[int, LinkRow]]) -> tuple[NumberedLink, ...]:
    return tuple(NumberedLink(number=number, kind=row.kind, url=row.url) for number, row in rows)


def _pick_link(rows: list[tuple[int, LinkRow]], act: Act) -> Keyboard:
    return in_rows([Button("button.link_pick", act, (row.id,), detail=str(number)) for number, row in rows])
