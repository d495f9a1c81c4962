"""What the staff look up about a question: its files, its history."""

from domain.errors import Reason, RuleViolation
from domain.question import HIDDEN, Action, Capacity
from domain.text import excerpt
from messages.notices import QuestionHistory
from services.case import Actor, Case, open_case
from storage import files, history
from storage.database import Work
from storage.tables import Row

NOTE = 300  # characters of what somebody wrote, on one line of a history


async def staff_view(work: Work, actor: Actor, question_id: int) -> Case:
    """A question that one of the staff may read; raises `RuleViolation`."""
    case = await open_case(work, actor, Action.SEE, question_id)
    staff = case.capacities - {Capacity.ASKER, Capacity.FOLLOWER}
    if not staff:
        raise RuleViolation(Reason.UNKNOWN_CODE)
    if case.question.secrecy in HIDDEN and Capacity.EDITOR not in staff:
        raise RuleViolation(Reason.HIDDEN, code=case.code)
    return case


async def files_for(work: Work, actor: Actor, question_id: int) -> tuple[Row, list[Row]]:
    """The question and its files, for one of the staff who may see them; raises `RuleViolation`."""
    case = await staff_view(work, actor, question_id)
    return case.question, await files.of_question(work, question_id)


async def history_for(work: Work, actor: Actor, question_id: int) -> QuestionHistory:
    """The whole history, for one of the staff who may see it; raises `RuleViolation`."""
    case = await staff_view(work, actor, question_id)
    return QuestionHistory(
        code=case.code,
        events=tuple(
            (
                row.at,
                row.event,
                row.actor_full_name or row.actor_display_name or "",
                row.actor_role,
                excerpt(row.note, NOTE) if row.note else "",
                row.details.get("from") or "",
                row.details.get("to") or "",
            )
            for row in await history.of_question(work, question_id)
        ),
    )
