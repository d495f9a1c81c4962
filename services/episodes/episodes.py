"""Episodes: creating, finding, and reading their parts, for editors and admins."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.episodes.episodes import LINE, TEXT, TITLE, EpisodeNumber, EpisodePart, read_minutes
from domain.errors import Reason, RuleViolation
from domain.vietnamese.text import clean
from domain.vietnamese.typed_moments import read_moment
from messages.notices.episodes import EpisodesListed, ListedEpisode
from services.agencies import naming
from services.people.actors import Actor, require_editor
from storage.engine.database import Work
from storage.episodes import episodes
from storage.rows import EpisodeRow

PAGE = 8


async def find(work: Work, which: EpisodeNumber | int, *, lock: bool = False) -> EpisodeRow:
    """Return an episode by its number or id.

    Raises `RuleViolation` (unknown episode).
    """
    if isinstance(which, int):
        found = await episodes.by_id(work, which, lock=lock)
    else:
        found = await episodes.by_number(work, which.year, which.number, lock=lock)
    if found is None:
        raise RuleViolation(Reason.UNKNOWN_EPISODE, number="" if isinstance(which, int) else str(which))
    return found


def number_of(episode: EpisodeRow) -> str:
    """Write an episode's number, "12/2026"."""
    return str(EpisodeNumber(episode.year, episode.number))


async def next_number(work: Work) -> EpisodeNumber:
    """Return the number of this year's next episode."""
    year = work.programme.local(work.now).year
    return EpisodeNumber(year, await episodes.last_number(work, year) + 1)


async def create(
    work: Work, editor: Actor, number: EpisodeNumber, title: str, field_code: str | None = None
) -> EpisodeRow:
    """Create an episode.

    Raises `RuleViolation`: its number is taken, no title.
    """
    require_editor(editor)
    title = _line(title, TITLE)
    episode_id = await episodes.add(
        work,
        year=number.year,
        number=number.number,
        title=title,
        field_code=field_code,
        created_by=editor.id,
    )
    if episode_id is None:
        raise RuleViolation(Reason.EPISODE_EXISTS, number=str(number))
    return await find(work, episode_id)


async def listed(work: Work, year: int | None, page: int) -> tuple[EpisodesListed, list[EpisodeRow]]:
    """Return one page of episodes, the newest first."""
    rows = await episodes.listed(work, year, limit=PAGE, offset=(page - 1) * PAGE)
    counted = await episodes.count_questions(work, [row.id for row in rows])
    notice = EpisodesListed(
        year=year or 0,
        episodes=tuple(
            ListedEpisode(
                number=number_of(row),
                title=row.title,
                questions=counted.get(row.id, 0),
                recording_at=row.recording_at,
                recorded=row.recorded_at is not None,
            )
            for row in rows
        ),
        total=await episodes.count(work, year),
    )
    return notice, rows


# --- part by part -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Text:
    """A part that is plain words in one column."""

    column: str
    limit: int
    lines: bool = False


_TEXTS: Mapping[EpisodePart, _Text] = {
    EpisodePart.TITLE: _Text("title", TITLE),
    EpisodePart.PURPOSE: _Text("purpose", TEXT, lines=True),
    EpisodePart.REQUIREMENTS: _Text("requirements", TEXT, lines=True),
    EpisodePart.PLACE: _Text("recording_place", LINE),
    EpisodePart.MANNER: _Text("recording_manner", LINE),
}


async def read_part(work: Work, part: EpisodePart, typed: str) -> dict[str, Any]:
    """Read what somebody typed for one part, as columns.

    Raises `RuleViolation`.
    """
    if part in _TEXTS:
        kept = _TEXTS[part]
        return {kept.column: _words(typed, kept.limit) if kept.lines else _line(typed, kept.limit)}
    return await _READ[part](work, typed)


async def _read_minutes(work: Work, typed: str) -> dict[str, Any]:
    minutes = read_minutes(typed)
    if minutes is None:
        raise RuleViolation(Reason.BAD_MINUTES, typed=typed)
    return {"minutes": minutes}


async def _read_recording(work: Work, typed: str) -> dict[str, Any]:
    return {"recording_at": coming_moment(work, typed)}


async def _read_field(work: Work, typed: str) -> dict[str, Any]:
    return {"field_code": (await naming.field_named(work, typed)).code}


_READ: Mapping[EpisodePart, Callable[[Work, str], Awaitable[dict[str, Any]]]] = {
    EpisodePart.MINUTES: _read_minutes,
    EpisodePart.RECORDING: _read_recording,
    EpisodePart.FIELD: _read_field,
}


def coming_moment(work: Work, typed: str) -> datetime:
    """Read a moment to come, typed in programme time.

    Raises `RuleViolation`.
    """
    local = work.programme.local(work.now)
    found = read_moment(typed, local.date())
    if found is None:
        raise RuleViolation(Reason.BAD_MOMENT, typed=typed)
    moment = found.replace(tzinfo=work.programme.timezone)
    if moment <= work.now:
        raise RuleViolation(Reason.RECORDING_IN_THE_PAST)
    return moment


def _words(typed: str, limit: int) -> str:
    text = clean(typed)
    if not text:
        raise RuleViolation(Reason.TEXT_MISSING)
    if len(text) > limit:
        raise RuleViolation(Reason.TOO_LONG, limit=limit)
    return text


def _line(typed: str, limit: int) -> str:
    return _words(" ".join(typed.split()), limit)


def part_of(episode: EpisodeRow, part: EpisodePart) -> object:
    """Return one part as it stands: text, a number, a moment, or None."""
    if part in _TEXTS:
        return getattr(episode, _TEXTS[part].column)
    columns = {EpisodePart.MINUTES: "minutes", EpisodePart.RECORDING: "recording_at"}
    return getattr(episode, columns.get(part, "field_code"))
