"""Choosing an episode's questions, wording them for the air, ordering, leaving out."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.episodes.episodes import LINE, TEXT, EpisodeNumber
from domain.errors import Reason, RuleViolation
from domain.questions.anonymise import details_in
from domain.questions.codes import Code
from domain.questions.history import Event
from domain.questions.life import Action
from domain.vietnamese.text import clean, excerpt
from messages.notices.episodes import (
    Candidate,
    CandidatesListed,
    ChosenQuestion,
    EpisodeQuestions,
    OnAirAsked,
)
from services.episodes.episodes import find, number_of
from services.people.actors import Actor, require_editor
from services.questions import publication
from services.questions.case import Case, code_of, open_case
from storage.agencies import agencies
from storage.engine.database import Work
from storage.episodes import candidates, episodes
from storage.episodes.candidates import CandidateRow
from storage.episodes.episodes import ChosenQuestionRow
from storage.questions import entries
from storage.rows import EpisodeRow, QuestionRow

PAGE = 6
LISTED = 160  # characters of a question in a list


@dataclass(frozen=True)
class CandidateFilter:
    """Which candidates to look for.

    `days` is their greatest age, 0 for any.
    """

    field_code: str | None = None
    asked_by: int = 1
    days: int = 0


async def candidates_for(
    work: Work, editor: Actor, which: EpisodeNumber | int, wanted: CandidateFilter, page: int
) -> tuple[CandidatesListed, list[CandidateRow], bool]:
    """Return one page of questions that could be asked on air.

    And whether there are more.
    """
    require_editor(editor)
    episode = await find(work, which)
    rows = await candidates.page(
        work,
        field_code=wanted.field_code,
        asked_by=wanted.asked_by,
        since=_since(work, wanted.days),
        limit=PAGE + 1,
        offset=(page - 1) * PAGE,
    )
    shown, today = rows[:PAGE], work.programme.local(work.now).date()
    field = await agencies.field(work, wanted.field_code) if wanted.field_code else None
    notice = CandidatesListed(
        number=number_of(episode),
        field=None if field is None else field.name,
        asked_by=wanted.asked_by,
        days=wanted.days,
        questions=tuple(
            [
                Candidate(
                    code=code_of(work, row),
                    text=excerpt(await entries.question_text(work, row.id), LISTED),
                    status=row.status,
                    askers=row.askers,
                    age=(today - work.programme.local(row.received_at).date()).days,
                )
                for row in shown
            ]
        ),
    )
    return notice, shown, len(rows) > PAGE


def _since(work: Work, days: int) -> datetime | None:
    """Return the moment a whole number of calendar days ago, or None."""
    if days < 1:
        return None
    day = work.programme.local(work.now).date() - timedelta(days=days)
    return datetime.combine(day, datetime.min.time(), work.programme.timezone)


async def chosen_questions(
    work: Work, editor: Actor, which: EpisodeNumber | int
) -> tuple[EpisodeQuestions, list[ChosenQuestionRow]]:
    """List an episode's questions in order, with how many people ask each."""
    require_editor(editor)
    episode = await find(work, which)
    rows = await episodes.questions_of(work, episode.id)
    told = []
    for row in rows:
        lead = await agencies.by_id(work, row.lead_agency_id) if row.lead_agency_id else None
        told.append(
            ChosenQuestion(
                code=code_of(work, row),
                on_air=row.on_air or "",
                asked=excerpt(await entries.question_text(work, row.id), LISTED),
                lead="" if lead is None else lead.short_name,
                askers=await candidates.askers(work, row.id),
            )
        )
    return EpisodeQuestions(number=number_of(episode), questions=tuple(told)), rows


async def choose(work: Work, editor: Actor, which: EpisodeNumber | int, question: Code | int) -> Case:
    """Choose a question for the episode, behind the others.

    Raises `RuleViolation`: it can't be asked on air (hidden, refused, withdrawn, merged), or is chosen already.
    """
    episode = await find(work, which, lock=True)
    case = await open_case(work, editor, Action.PUT_ON_AIR, question)
    id_ = case.question.id
    standing = await episodes.chosen(work, episode.id, id_)
    elsewhere = await episodes.chosen_elsewhere(work, id_, episode.id)
    if elsewhere is not None or (standing is not None and standing.left_out_at is None):
        raise RuleViolation(Reason.ALREADY_CHOSEN, code=case.code, number=number_of(elsewhere or episode))
    await episodes.choose(work, episode.id, id_, editor.id)
    await case.record(Event.CHOSEN_FOR_EPISODE, details={"episode": number_of(episode)})
    return case


async def leave_out(
    work: Work, editor: Actor, which: EpisodeNumber | int, question: Code | int, why: str
) -> Case:
    """Leave a question out of this episode; tell its asker why.

    Raises `RuleViolation`.
    """
    episode, case = await _of_episode(work, editor, which, question)
    why = " ".join(clean(why).split())
    if not why:
        raise RuleViolation(Reason.REASON_MISSING, code=case.code)
    if len(why) > LINE:
        raise RuleViolation(Reason.TOO_LONG, limit=LINE)
    await episodes.leave_out(work, episode.id, case.question.id, why)
    await case.record(Event.LEFT_OUT, details={"episode": number_of(episode)})
    return case


async def move_up(work: Work, editor: Actor, which: EpisodeNumber | int, question: Code | int) -> None:
    """Swap a question with the one before it; the first stays."""
    episode, case = await _of_episode(work, editor, which, question)
    ids = [row.id for row in await episodes.questions_of(work, episode.id)]
    at = ids.index(case.question.id)
    if at:
        ids[at - 1], ids[at] = ids[at], ids[at - 1]
    await episodes.order(work, episode.id, ids)


async def put_at(
    work: Work, editor: Actor, which: EpisodeNumber | int, question: Code | int, place: int
) -> None:
    """Put a question at this place, from 1.

    Behind the last where there are not so many.
    """
    episode, case = await _of_episode(work, editor, which, question)
    ids = [row.id for row in await episodes.questions_of(work, episode.id) if row.id != case.question.id]
    ids.insert(max(0, place - 1), case.question.id)
    await episodes.order(work, episode.id, ids)


async def on_air_asked(
    work: Work, editor: Actor, which: EpisodeNumber | int, question: Code | int
) -> tuple[OnAirAsked, Case, EpisodeRow]:
    """Return what an editor needs to word a question: it and a proposal without names."""
    episode, case = await _of_episode(work, editor, which, question)
    standing = await episodes.chosen(work, episode.id, case.question.id)
    text = await entries.question_text(work, case.question.id)
    notice = OnAirAsked(
        number=number_of(episode),
        code=case.code,
        text=text,
        proposed=await _proposed(work, case.question),
        now=(standing.on_air if standing is not None else None) or "",
    )
    return notice, case, episode


async def word(
    work: Work, editor: Actor, which: EpisodeNumber | int, question: Code | int, text: str
) -> Case:
    """Set how the question is asked on air.

    Raises `RuleViolation` where the words point to a person; its facts say which words.
    """
    episode, case = await _of_episode(work, editor, which, question)
    text = " ".join(clean(text).split())
    if not text:
        raise RuleViolation(Reason.TEXT_MISSING, code=case.code)
    if len(text) > TEXT:
        raise RuleViolation(Reason.TOO_LONG, limit=TEXT)
    found = details_in(text, *await publication.known_of(work, case.question))
    if found:
        raise RuleViolation(Reason.ON_AIR_TELLS, code=case.code, found=tuple(found))
    await episodes.change_question(work, episode.id, case.question.id, on_air=text)
    return case


async def word_as_proposed(work: Work, editor: Actor, which: EpisodeNumber | int, question: int) -> Case:
    """Take the proposal, which an editor has read, as the wording on air."""
    case = await open_case(work, editor, Action.PUT_ON_AIR, question)
    return await word(work, editor, which, question, await _proposed(work, case.question))


async def _proposed(work: Work, question: QuestionRow) -> str:
    text = await publication.anonymous(work, question, await entries.question_text(work, question.id))
    return " ".join(text.split())[:TEXT]


async def _of_episode(
    work: Work, editor: Actor, which: EpisodeNumber | int, question: Code | int
) -> tuple[EpisodeRow, Case]:
    """The episode, locked, and a question that stands in it; raises `RuleViolation`.

    A bare number is the place at which lists and buttons show a question; where there is no such place, its number.
    """
    episode = await find(work, which, lock=True)
    if isinstance(question, Code) and not question.year_said:
        placed = await episodes.questions_of(work, episode.id)
        if question.number <= len(placed):
            question = int(placed[question.number - 1].id)
    case = await open_case(work, editor, Action.PUT_ON_AIR, question)
    standing = await episodes.chosen(work, episode.id, case.question.id)
    if standing is None or standing.left_out_at is not None:
        raise RuleViolation(Reason.NOT_CHOSEN, code=case.code, number=number_of(episode))
    return episode, case
