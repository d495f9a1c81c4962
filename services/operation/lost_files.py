"""Tells of a lost file: one the messenger gives no more, or refuses."""

from domain.questions.life import Role
from messages.buttons import Act, Button
from messages.notices.desk import FileLost, FileNotSent
from services.notify import tell
from services.people.desk import tell_role
from services.questions.case import code_of
from storage.delivery import files
from storage.delivery.outbox import Lane
from storage.engine.database import Work
from storage.people import people
from storage.questions import questions
from storage.rows import OutboxRow


async def give_up(work: Work, file_id: int) -> None:
    """Give up fetching a file, and tell the editors whose question it belongs to.

    Without its name, which may say what only few may know.
    """
    await files.lost(work, file_id)
    for row in await files.by_ids(work, [file_id]):
        question = None if row.question_id is None else await questions.by_id(work, row.question_id)
        if question is None:
            return  # only its sender, who has it, was writing
        code = code_of(work, question)
        button = Button("button.open", Act.OPEN, (question.id,), text=code)
        await tell_role(
            work,
            Role.EDITOR,
            FileLost(code=code, sent_at=row.created_at),
            [[button]],
            question_id=question.id,
        )


async def say_not_sent(work: Work, row: OutboxRow) -> None:
    """Tell the recipient of a file that it was refused.

    By the name that they would have seen.
    """
    if row.person_id is not None:
        person = await people.by_id(work, row.person_id)
        notice = FileNotSent(name=row.content.get("name") or "")
        await tell(work, person, notice, lane=Lane(row.lane), question_id=row.question_id)
