"""Past episodes: found by words, field and year, shown with links and moments."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from zlib import crc32

from domain.episodes.episodes import EpisodeNumber
from domain.episodes.links import LinkKind, at_second, written_time
from domain.episodes.search import named_in, searchable, tidy, wanted
from domain.errors import Reason, RuleViolation
from domain.vietnamese.text import excerpt
from messages.buttons import Act, Button, Key, Keyboard, LinkButton
from messages.keyboards import in_rows, page_of, turn_rows
from messages.notices.links import (
    AnswerMoment,
    EpisodesFound,
    EpisodeShown,
    FilterAsked,
    FoundEpisode,
    ShownQuestion,
)
from messages.words import Words
from services.agencies import routing
from services.notify import words_for
from services.people.actors import Actor
from services.questions import publication
from storage.agencies import agencies
from storage.engine.database import Work
from storage.episodes import links, past_episodes
from storage.episodes.links import OnAirQuestionRow
from storage.episodes.past_episodes import FoundEpisodeRow
from storage.rows import FieldRow, LinkRow
from storage.tables import Row

PER_PAGE = 8
WORDED = 400  # episodes of some ten years, in whose questions words are looked for
PAGES = 999  # what a button has room for
OPEN_IN_A_ROW = 4
NEWEST = 4  # offered where nothing was found
FIELDS_OFFERED = 6
FIELDS_IN_ALL = 40  # a messenger takes a hundred buttons
YEARS_IN_ALL = 30
WORDING = 300  # characters of a question on an episode's card
MINUTES_AS_BUTTONS = 10


@dataclass(frozen=True)
class Search:
    """A search as a button carries it: tidy words, a year, a field's key."""

    words: str = ""
    year: int | None = None
    field: str = ""

    def button(self, label: str, act: Act, page: int = 1, text: str | None = None) -> Button:
        return Button(label, act, self.args(page), text=text)

    def args(self, page: int) -> tuple[str | int, ...]:
        """Return what a button to a page of this search carries."""
        return page, self.year or 0, self.field or "0", self.words


def field_key(code: str) -> str:
    """Return a short key for a field: a code may fill a whole button."""
    return f"{crc32(code.encode()):x}"


# --- finding ------------------------------------------------------------------------------------------------


async def found(work: Work, viewer: Actor, search: Search, page: int = 1) -> tuple[EpisodesFound, Keyboard]:
    """Return a page (from 1) of what is found, the newest first.

    Where nothing is found: the newest of all, and the fields.
    """
    hits = await _hits(work, search)
    if not hits and search != Search():
        return await _nothing(work, viewer, search)
    say = words_for(work, viewer.person)
    here = page_of(hits[: PAGES * PER_PAGE], page, PER_PAGE)
    notice = EpisodesFound(
        query=search.words,
        field=await _field_named(work, say, search),
        year=search.year,
        page=here.number,
        pages=here.pages,
        episodes=_listed(here.shown, say),
        newest=False,
    )
    filters = [
        search.button("button.by_field", Act.EPISODES_FIELDS),
        search.button("button.by_year", Act.EPISODES_YEARS),
    ]
    turns = turn_rows(Act.EPISODES_PAGE, search.args, here.number, more=here.more)
    return notice, [*_opening(here.shown), *turns, *([filters] if hits else [])]


async def _nothing(work: Work, viewer: Actor, search: Search) -> tuple[EpisodesFound, Keyboard]:
    say = words_for(work, viewer.person)
    everything = await past_episodes.everything(work)
    newest = everything[:NEWEST]
    with_episodes = {row.field_code for row in everything}
    fields = [
        row
        for row in await routing.suggested_fields(work, search.words, FIELDS_OFFERED)
        if row.code in with_episodes
    ]
    offered: list[Key] = [
        Search(field=field_key(row.code)).button("", Act.EPISODES_PAGE, text=_name(row, say))
        for row in islice(fields, FIELDS_OFFERED)
    ]
    notice = EpisodesFound(
        query=search.words,
        field=await _field_named(work, say, search),
        year=search.year,
        page=1,
        pages=1,
        episodes=_listed(newest, say),
        newest=True,
    )
    filters = [
        Search().button("button.by_field", Act.EPISODES_FIELDS),
        Search().button("button.by_year", Act.EPISODES_YEARS),
    ]
    return notice, [*_opening(newest), *in_rows(offered, 2), *([filters] if everything else [])]


async def _hits(work: Work, search: Search) -> list[FoundEpisodeRow]:
    """Return what is found, the newest first.

    Every word must occur in the title, the field's name, the year, or the wording of a question on air (in the newest
    episodes of the year and field looked for, so that the cost is bounded). An agency's whole name, an old one too,
    stands for the fields it answers for and the episodes in which it was a guest.
    """
    asked = wanted(search.words)
    if asked.year is not None and search.year not in (None, asked.year):
        return []
    field = await _field(work, search)
    rows = await past_episodes.everything(
        work,
        year=asked.year or search.year,
        number=asked.number,
        field_code=None if field is None else field.code,
    )
    if not asked.words or not rows:
        return rows
    names = [(row.agency_id, row.name) for row in await past_episodes.agency_names(work)]
    rest, agency_ids = named_in(asked.words, names)
    fields = await past_episodes.fields_of(work, agency_ids) if agency_ids else frozenset()
    guests = await past_episodes.with_guests_of(work, agency_ids) if agency_ids else frozenset()
    on_air: dict[int, list[str]] = {}
    for row in await past_episodes.wordings(work, [row.id for row in rows[:WORDED]]):
        on_air.setdefault(row.episode_id, []).append(searchable(row.on_air))

    def matches(row: FoundEpisodeRow) -> bool:
        text = "".join(
            (
                searchable(row.title),
                searchable(row.field_name or ""),
                searchable(row.field_name_en or ""),
                f" nam {row.year} ",
                *on_air.get(row.id, ()),
            )
        )
        named = row.field_code in fields or row.id in guests
        return all(f" {word} " in text for word in (rest if named else asked.words))

    return [row for row in rows if matches(row)]


# --- narrowing ----------------------------------------------------------------------------------------------


async def fields_to_choose(work: Work, viewer: Actor, search: Search) -> tuple[FilterAsked, Keyboard]:
    """Offer the fields of what the search finds in any field."""
    say = words_for(work, viewer.person)
    hits = await _hits(work, Search(search.words, search.year))
    names = {row.field_code: _field_name(row, say) for row in hits if row.field_code}
    buttons: list[Key] = [
        Search(search.words, search.year, field_key(code)).button("", Act.EPISODES_PAGE, text=name)
        for code, name in islice(sorted(names.items(), key=lambda one: one[1] or ""), FIELDS_IN_ALL)
    ]
    everywhere = Search(search.words, search.year).button("button.every_field", Act.EPISODES_PAGE)
    return FilterAsked(what="field", query=search.words), [*in_rows(buttons, 2), [everywhere]]


async def years_to_choose(work: Work, viewer: Actor, search: Search) -> tuple[FilterAsked, Keyboard]:
    """Offer the years of what the search finds in any year."""
    hits = await _hits(work, Search(search.words, None, search.field))
    years = dict.fromkeys(row.year for row in hits)
    buttons: list[Key] = [
        Search(search.words, year, search.field).button("", Act.EPISODES_PAGE, text=str(year))
        for year in islice(years, YEARS_IN_ALL)
    ]
    always = Search(search.words, None, search.field).button("button.every_year", Act.EPISODES_PAGE)
    return FilterAsked(what="year", query=search.words), [*in_rows(buttons, 4), [always]]


async def _field(work: Work, search: Search) -> FieldRow | None:
    """Return the field that a search's key means; raise `RuleViolation` (stale button) for an unknown key."""
    if not search.field:
        return None
    for field in await agencies.all_fields(work):
        if field_key(field.code) == search.field:
            return field
    raise RuleViolation(Reason.STALE_BUTTON)


async def _field_named(work: Work, say: Words, search: Search) -> str | None:
    field = await _field(work, search)
    return None if field is None else _name(field, say)


# --- one episode --------------------------------------------------------------------------------------------


async def shown(work: Work, viewer: Actor, episode_id: int) -> tuple[EpisodeShown, Keyboard]:
    """Show a past episode with its links, questions and moments.

    Of a question everybody reads its wording on air, or else its published text; without either it is left out.
    Raises `RuleViolation` (unknown episode).
    """
    episode = await past_episodes.one(work, episode_id)
    if episode is None:
        raise RuleViolation(Reason.UNKNOWN_EPISODE)
    say = words_for(work, viewer.person)
    stand = [row for row in await links.of_episode(work, episode.id) if row.removed_at is None]
    moments: dict[int, list[Row]] = {}
    for row in await links.moments(work, episode.id):
        moments.setdefault(row.question_id, []).append(row)
    questions: list[ShownQuestion] = []
    minutes: list[Key] = []
    for question in await links.chosen(work, episode.id):
        text = await _public_wording(work, question)
        if not text:
            continue
        its = moments.get(question.id, [])
        questions.append(
            ShownQuestion(
                excerpt(text, WORDING),
                tuple(AnswerMoment(row.kind, written_time(row.seconds)) for row in its),
            )
        )
        minutes += [
            LinkButton(f"▶ {len(questions)} · {say.label(f'link_kind.{row.kind}')} {minute}", url)
            for row in its
            for minute in [written_time(row.seconds)]
            for url in [at_second(row.url, LinkKind(row.kind), row.seconds)]
            if url is not None
        ]
    notice = EpisodeShown(
        episode=str(EpisodeNumber(episode.year, episode.number)),
        title=episode.title,
        field=_field_name(episode, say),
        aired_at=await past_episodes.first_aired(work, episode.id),
        questions=tuple(questions),
        linked=bool(stand),
    )
    return notice, [*in_rows(_watching(stand, say), 2), *([one] for one in minutes[:MINUTES_AS_BUTTONS])]


async def _public_wording(work: Work, question: OnAirQuestionRow) -> str:
    if question.on_air:
        return question.on_air
    public = await publication.published_text(work, question)
    return "" if public is None else public.question


def _watching(stand: list[LinkRow], say: Words) -> list[Key]:
    """Make a button for each link, by its kind, numbered where several are of one kind."""
    labels: dict[str, int] = {}
    buttons: list[Key] = []
    for row in stand:
        labels[row.kind] = labels.get(row.kind, 0) + 1
        nth = "" if labels[row.kind] == 1 else f" {labels[row.kind]}"
        buttons.append(LinkButton(f"{say.label(f'link_kind.{row.kind}')}{nth}", row.url))
    return buttons


# --- words and rows -----------------------------------------------------------------------------------------


def _field_name(row: FoundEpisodeRow, say: Words) -> str | None:
    name: str | None = say.either(row.field_name, row.field_name_en)
    return name


def _name(field: FieldRow, say: Words) -> str:
    return str(say.either(field.name, field.name_en))


def _listed(rows: Sequence[FoundEpisodeRow], say: Words) -> tuple[FoundEpisode, ...]:
    return tuple(
        FoundEpisode(
            episode=str(EpisodeNumber(row.year, row.number)), title=row.title, field=_field_name(row, say)
        )
        for row in rows
    )


def _opening(rows: Sequence[FoundEpisodeRow]) -> list[Sequence[Key]]:
    return in_rows(
        [
            Button("", Act.EPISODE_OPEN, (row.id,), text=str(EpisodeNumber(row.year, row.number)))
            for row in rows
        ],
        OPEN_IN_A_ROW,
    )


def search_of(words: str) -> Search:
    """Make a search from what somebody typed behind `/xemlai`."""
    return Search(tidy(words))
