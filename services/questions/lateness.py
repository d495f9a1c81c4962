"""Who was late: the agency, its leader or the editors, for questions that are or were overdue."""

from collections.abc import Sequence

from domain.questions.lateness import Holder, holder
from domain.questions.life import ANSWERED_STATUSES, Status
from storage.engine.database import Work
from storage.questions import lateness
from storage.questions.questions import CLOCK_RUNS
from storage.tables import Row


async def late_by(work: Work, questions: Sequence[Row]) -> dict[int, Holder]:
    """By id, who held each of these questions when its time ran out; one query for all, none for what is in time.

    A question that nobody has assigned in time is the editors'.
    """
    late = [question for question in questions if _is_late(work, question)]
    found = {question.id: Holder.EDITORS for question in late if question.status == Status.RECEIVED}
    asked = [question.id for question in late if question.id not in found]
    if asked:
        for row in await lateness.at_due(work, asked):
            found[row.question_id] = holder(row.event, row.waits_for)
    return found


def _is_late(work: Work, question: Row) -> bool:
    if question.status == Status.RECEIVED:
        return bool(question.assign_due_at < work.now)
    if question.due_at is None:
        return False
    if question.status in ANSWERED_STATUSES:
        return question.answered_at is not None and bool(question.answered_at > question.due_at)
    # Waiting with days left the clock stands still; with none kept it was overdue when the asker was asked.
    runs = question.status in CLOCK_RUNS
    stood_overdue = question.status == Status.WAITING and question.remaining_days is None
    return (runs or stood_overdue) and bool(question.due_at < work.now)
