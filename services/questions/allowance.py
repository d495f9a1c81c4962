"""The limit of questions and files that one person may send in a day.

Counted in the database. What was taken counts, whatever became of it: withdrawn, thrown away, erased
(docs/decisions/0030).
"""

from datetime import date, datetime, time, timedelta
from enum import StrEnum

from domain.errors import Reason, RuleViolation
from services.people.actors import Actor
from services.questions.case import screened
from storage.engine.database import Work
from storage.people import taken
from storage.questions import questions
from storage.rows import PersonRow


class Taken(StrEnum):
    """The things that are limited by the day."""

    QUESTIONS = "questions"
    FILES = "files"


async def require_room_for_question(work: Work, asker: Actor, text: str) -> None:
    """Raise `RuleViolation` when somebody has asked as many as a day allows.

    Withdrawn ones count, too. An emergency or a denunciation has as many places again: it must reach the editors on
    the day.
    """
    limit = work.programme.questions_per_day
    if not limit:
        return
    found = screened(work, text)
    room = 2 * limit if found.emergency or found.denunciation else limit
    asked = await questions.count_of_asker_since(work, asker.id, _today(work))
    if asked + await _taken_before(work, asker.person, Taken.QUESTIONS) >= room:
        raise RuleViolation(Reason.QUESTIONS_TODAY, limit=limit, again=_today(work) + timedelta(days=1))


async def take_file(work: Work, sender: Actor) -> None:
    """Count one more file.

    Raises `RuleViolation` when somebody has sent as many as a day allows.
    """
    programme = work.programme
    limit = programme.staff_files_per_day if sender.is_staff else programme.files_per_day
    if not limit:
        return
    who, day = taken.of_person(sender.id), _day(work)
    sent = await taken.count(work, who, day, Taken.FILES)
    if sent + await _taken_before(work, sender.person, Taken.FILES) >= limit:
        raise RuleViolation(Reason.FILES_TODAY, limit=limit, again=_today(work) + timedelta(days=1))
    await taken.add(work, who, day, Taken.FILES)


async def keep_taken(work: Work, person: PersonRow) -> None:
    """Keep today's count of somebody who is being erased.

    For their address, in a form that nobody can read any more.
    """
    if person.address is None:
        return
    day = _day(work)
    counts = {
        Taken.QUESTIONS: await questions.count_of_asker_since(work, person.id, _today(work)),
        Taken.FILES: await taken.count(work, taken.of_person(person.id), day, Taken.FILES),
    }
    for what, count in counts.items():
        if count:
            who = await taken.of_address(work, day, person.channel, person.address)
            await taken.add(work, who, day, what, count)


async def _taken_before(work: Work, person: PersonRow, what: Taken) -> int:
    """Return what a new person's address took today before they were erased."""
    if person.address is None or person.created_at < _today(work):
        return 0
    day = _day(work)
    return await taken.count(
        work, await taken.of_address(work, day, person.channel, person.address), day, what
    )


def _day(work: Work) -> date:
    return work.programme.local(work.now).date()


def _today(work: Work) -> datetime:
    """Return the beginning of today in programme time."""
    return datetime.combine(work.programme.local(work.now).date(), time(), work.programme.timezone)
