"""How many questions and files one person may send in a day of the programme; counted in the database."""

from datetime import datetime, time, timedelta

from domain.errors import Reason, RuleViolation
from services.case import Actor
from services.screened import screened
from storage import files, questions
from storage.database import Work


async def require_room_for_question(work: Work, asker: Actor, text: str) -> None:
    """Raise `RuleViolation` when the asker has asked as many as may come in a day, withdrawn ones too.

    What reads like an emergency or a denunciation has as many places again: it must reach the editors on the day.
    """
    limit = work.programme.questions_per_day
    if not limit:
        return
    found = screened(work, text)
    room = 2 * limit if found.emergency or found.denunciation else limit
    if await questions.count_of_asker_since(work, asker.id, _today(work)) >= room:
        raise RuleViolation(Reason.QUESTIONS_TODAY, limit=limit, again=_today(work) + timedelta(days=1))


async def require_room_for_file(work: Work, sender: Actor) -> None:
    """Raise `RuleViolation` when somebody has sent as many files as may come in a day."""
    programme = work.programme
    limit = programme.staff_files_per_day if sender.is_staff else programme.files_per_day
    if limit and await files.count_of_person_since(work, sender.id, _today(work)) >= limit:
        raise RuleViolation(Reason.FILES_TODAY, limit=limit, again=_today(work) + timedelta(days=1))


def _today(work: Work) -> datetime:
    """The beginning of today in programme time."""
    return datetime.combine(work.programme.local(work.now).date(), time(), work.programme.timezone)
