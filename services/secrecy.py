"""Suspected denunciations: hidden from everybody but editors, who are told that one waits for a look."""

from domain.errors import Reason, RuleViolation
from domain.history import Event
from domain.question import HIDDEN, Role, Secrecy
from messages.notices import FlaggedForEditors
from services import cards
from services.case import Case, code_of
from services.notify import tell
from services.screened import screened
from storage import history, questions, roles
from storage.database import Work
from storage.tables import Row


async def call_editors(work: Work, question: Row, *, by: str = "") -> None:
    """Tell the editors, without a word of the text; `by` is the agency that flagged it, if one did."""
    for editor in await roles.holders(work, Role.EDITOR):
        await tell(
            work,
            editor,
            FlaggedForEditors(code=code_of(work, question), by=by),
            cards.look_button(question),
            question_id=question.id,
            about="card",
        )


async def suspect_by_words(case: Case, text: str) -> bool:
    """Whether later words of an asker read like a denunciation; the question is hidden at once then."""
    if case.question.secrecy in HIDDEN or not screened(case.work, text).denunciation:
        return False
    moved = await questions.move(case.work, case.question, secrecy=Secrecy.SUSPECTED)
    if moved is None:
        raise RuleViolation(Reason.ALREADY_DONE, code=case.code)
    case.question = moved
    await history.record(case.work, moved.id, Event.FLAGGED, actor_id=None, actor_role="programme")
    await cards.hide(case.work, moved)
    await call_editors(case.work, moved)
    return True
