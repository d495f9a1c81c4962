"""Clarifications that nobody answered in time: the agency's clock goes on."""

from domain.questions.history import Event
from domain.questions.life import HIDDEN, Action, Role, Status
from messages.notices.reminders import GoOnWithoutReply, ReplyOverdue
from services.notify import tell
from services.people.desk import tell_role
from services.questions import cards
from services.questions.agency_work import resumed_due
from services.questions.case import code_of, due_of, due_to_come, move
from storage.agencies import agencies
from storage.engine.database import Work
from storage.people import people
from storage.questions import questions

AT_ONCE = 500  # a tick stays short; the next one goes on


async def resume_unanswered(work: Work) -> int:
    """Return unanswered questions to their agencies; return how many.

    The clock goes on from the end of the time to reply, however late this runs.
    """
    done = 0
    for asked in await questions.unanswered_clarifications(work, AT_ONCE):
        question = await questions.by_id(work, asked.question_id, lock=True)
        assert question is not None
        still_open = await questions.open_clarification(work, question.id)
        if question.status != Status.WAITING or still_open is None or still_open.id != asked.id:
            continue  # the reply, or something else, came before the lock
        done += 1
        resumed = await resumed_due(work, question)
        await questions.end_clarification(work, question.id)
        question = await move(work, question, Action.RESUME, Event.RESUMED, remaining_days=None, **resumed)
        if question.secrecy in HIDDEN:
            continue  # nobody but editors hears of it; they are chased to look at it
        lead = await agencies.lead_of(work, question)
        code = code_of(work, question)
        await tell(
            work,
            await people.by_id(work, question.asker_id),
            ReplyOverdue(code=code, agency=lead.name, due_at=due_to_come(work, question)),
            question_id=question.id,
        )
        await tell_role(
            work,
            Role.OFFICER,
            GoOnWithoutReply(code=code, due_at=due_of(question)),
            cards.open_button(question),
            of=lead.id,
            question_id=question.id,
            about="card",
        )
    return done
