"""What told of a question that is hidden now is taken back: cards, files, lists, and others' copies of the answer."""

from messages.notices.answers import AnswerTakenBack
from messages.notices.chat import ListChanged
from messages.notices.desk import HiddenCard
from services import notify
from services.episodes import script_plan_recall
from services.ledger import recall as ledger_taking_back
from services.notify import tell
from services.people.actors import actor_of
from services.questions.case import code_of
from services.subscribers import recall as news_hiding
from storage.delivery import outbox
from storage.delivery.outbox import Lane
from storage.engine.database import Work
from storage.people import people
from storage.privacy import erasing
from storage.questions import questions
from storage.tables import Row


async def hide_one(work: Work, question: Row) -> None:
    askers = {question.asker_id, *(one.asker_id for one in await questions.duplicates_of(work, question.id))}
    for row in await outbox.of_question(work, question.id):
        reader = await people.by_id(work, row.person_id)
        if reader.address is None:
            continue  # erased since: they see nothing of ours
        staff = await actor_of(work, reader)
        if staff.reads_hidden:
            continue
        notice = HiddenCard(code=code_of(work, question), status=question.status)
        dropped = await outbox.drop(work, row.id)
        changes = await erasing.changes_of(work, row)  # but those that hid it before: they say so already
        words = [one for one in changes if one.question_id != question.id or one.about == outbox.REWORDED]
        await erasing.blank_messages(work, [row, *words])
        if row.kind in (outbox.FILE, outbox.ALBUM):
            if not dropped and reader.id not in askers:
                await notify.take_back(work, reader, edit_of=row.id)
        elif dropped:
            await tell(work, reader, notice, question_id=question.id, about="card")
        else:
            await notify.rewrite(work, reader, notice, edit_of=row.id, hides=question.id)
    await _hide_answer(work, question)
    await _hide_elsewhere(work, question)
    await news_hiding.take_back(work, question)
    await script_plan_recall.take_back(work, question)
    await ledger_taking_back.take_back(work, [question])


async def _hide_answer(work: Work, question: Row) -> None:
    """Who asked the same finds the answer gone until an editor has looked; whom it answers keeps it."""
    own = {one.asker_id: one for one in await questions.duplicates_of(work, question.id)}
    for row in await outbox.answers_of(work, question.id):
        reader = await people.by_id(work, row.person_id)
        if reader.id == question.asker_id or reader.address is None:
            continue
        if (await actor_of(work, reader)).reads_hidden:
            continue
        if await outbox.drop(work, row.id):
            continue
        if row.kind in (outbox.FILE, outbox.ALBUM):
            await notify.take_back(work, reader, edit_of=row.id)
        else:
            notice = AnswerTakenBack(code=code_of(work, own.get(reader.id, question)))
            await notify.rewrite(work, reader, notice, edit_of=row.id, hides=question.id)


async def _hide_elsewhere(work: Work, question: Row) -> None:
    """Lists that showed the question to whoever is no editor tell only that they have changed, other messages why."""
    done = set()
    for row in await outbox.showing(work, [question.id]):
        reader = await people.by_id(work, row.person_id)
        if reader.erased_at is not None or (await actor_of(work, reader)).reads_hidden:
            continue
        hidden = HiddenCard(code=code_of(work, question), status=question.status)
        notice = ListChanged() if row.about == outbox.LIST else hidden
        pressed = row.content.get("message_id")  # another page in the place of the list that was pressed
        dropped = await outbox.drop(work, row.id)
        reworded = [one for one in await erasing.changes_of(work, row) if one.about == outbox.REWORDED]
        await erasing.blank_messages(work, [row, *reworded])
        which = (row.address, pressed or row.message_id or f"row {row.id}")
        if which in done:
            continue
        done.add(which)
        if pressed is not None:
            await notify.rewrite(work, reader, notice, message_id=pressed, hides=question.id)
        elif dropped:
            await tell(work, reader, notice, lane=Lane.REPLY)
        else:
            await notify.rewrite(work, reader, notice, edit_of=row.edit_of or row.id, hides=question.id)
