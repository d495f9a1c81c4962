"""The gate of secrecy: every word of an asker is screened before anybody is told.

Before anybody but editors (docs/decisions/0029). What reads like a denunciation is hidden, and an editor is called to
look. It only suggests: a person decides.
"""

from collections.abc import Sequence
from typing import Any

from domain.errors import Reason, RuleViolation
from domain.questions.history import Event
from domain.questions.life import HIDDEN, Secrecy
from messages.notices.desk import FlaggedForEditors
from services import recall
from services.notify import tell
from services.people import vouching
from services.questions import cards
from services.questions.case import changed, code_of, screened_detail
from services.recall import Why
from storage.delivery import files
from storage.engine.database import Work
from storage.people import roles
from storage.privacy import erasing
from storage.questions import history, questions
from storage.rows import PersonRow, QuestionRow


def denounces(work: Work, *words: str | None) -> bool:
    """Return whether anything that an asker gave reads like a denunciation.

    Each part is looked at by itself.
    """
    return any(screened_detail(work, one).denunciation for one in words if one)


async def names_of(work: Work, file_ids: Sequence[int]) -> list[str]:
    """List the names that the sender gave to files."""
    return [row.name for row in await files.by_ids(work, file_ids)] if file_ids else []


def said_of_themselves(asker: PersonRow) -> tuple[str | None, ...]:
    """Return a person's own words in their row, with their messenger's name for them."""
    return (asker.full_name, asker.home_address, asker.contact, asker.display_name)


async def gate(work: Work, question: QuestionRow, *words: str | None) -> QuestionRow:
    """Hide a question where an asker's new words read like a denunciation.

    Returns it as it stands then. Called before anybody is told of the words. Editors' clearing of earlier words does
    not count: they have not read these.
    """
    if question.secrecy in HIDDEN or not denounces(work, *words):
        return question
    return await suspect(work, question)


async def gate_person(work: Work, person: PersonRow, *words: str | None) -> None:
    """Hide all questions of somebody whose new details read like a denunciation."""
    if not denounces(work, *words):
        return
    for one in await erasing.questions_of(work, person.id):
        question = await questions.by_id(work, one.id, lock=True)
        assert question is not None
        if question.secrecy not in HIDDEN:
            await suspect(work, question)


async def suspect(
    work: Work,
    question: QuestionRow,
    *,
    actor_id: int | None = None,
    actor_role: str = "programme",
    by: str = "",
) -> QuestionRow:
    """Hide a question in whatever status, take back what went out, call editors.

    Returns it. Those merged with it are as secret: who asked the same wrote the same. A publication ends; only an
    editor makes it public again.
    """
    flagged = await _flag(work, question, actor_id, actor_role)
    original = None
    if question.duplicate_of_id is not None:
        original = await questions.by_id(work, question.duplicate_of_id, lock=True)
    if original is not None and original.secrecy not in HIDDEN:
        original = await _flag(work, original, actor_id, actor_role)
    await hide(work, original or flagged)
    await call_editors(work, flagged, by=by)
    return flagged


async def hide(work: Work, question: QuestionRow) -> None:
    """Take a suspected denunciation's words back from all who may not read it.

    From cards, files and lists; also others' questions that were merged with it, the answer that they got, and what
    told of it.
    """
    alike = await questions.share_secrecy(work, question)
    await recall.take_back(work, [question, *alike], Why.HIDDEN)


async def _flag(work: Work, question: QuestionRow, actor_id: int | None, actor_role: str) -> QuestionRow:
    moved = await questions.move(work, question, secrecy=Secrecy.SUSPECTED, published_at=None)
    if moved is None:
        raise RuleViolation(Reason.ALREADY_DONE, code=code_of(work, question))
    details: dict[str, Any] = {"from": moved.status, "to": moved.status}
    if question.published_at is not None:
        details["taken_back"] = True
    await history.record(
        work, moved.id, Event.FLAGGED, actor_id=actor_id, actor_role=actor_role, details=details
    )
    changed(work, moved.id)
    return moved


async def call_editors(work: Work, question: QuestionRow, *, by: str = "") -> None:
    """Tell the editors who may read it, without a word of the text.

    `by` is the agency that flagged it, if one did. Where none of them can be reached, all editors and admins are told
    that somebody is needed.
    """
    await vouching.tell_if_unread(work)
    for editor in await roles.readers_of_hidden(work):
        await tell(
            work,
            editor,
            FlaggedForEditors(code=code_of(work, question), by=by),
            cards.look_button(question),
            question_id=question.id,
            about="card",
        )
