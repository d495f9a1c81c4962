"""Takes back what told subscribers of an answer that is secret or no longer public.

What has not left is never said, because its words are made as it leaves (services.subscribers.news).
"""

from datetime import timedelta

from channels.outgoing import Kind
from domain.questions.history import EntryKind
from domain.subscribers.topics import field_topic
from messages.notices.answers import NewsTakenBack
from services import notify
from services.recall import Recall, Why, outlet
from services.subscribers.news import DIGEST_DAYS
from storage.delivery import outbox
from storage.delivery.outbox import Lane
from storage.engine.database import Work
from storage.people import people
from storage.questions import entries, history
from storage.rows import PersonRow, QuestionRow
from storage.subscribers import announcements


@outlet("news", holds=("deliveries.message_id",), why=[Why.HIDDEN, Why.UNPUBLISHED])
async def take_back(work: Work, recall: Recall) -> None:
    """Queue changes of all that told of these answers: announcements and digests."""
    ever_public = await entries.with_kind(work, recall.ids, EntryKind.PUBLIC_ANSWER)
    for question in recall.questions:
        if question.id in ever_public:
            await _take_back(work, question)


async def _take_back(work: Work, question: QuestionRow) -> None:
    public = await entries.of_question(work, question.id, EntryKind.PUBLIC_ANSWER)
    fields = {question.field_code, *await history.fields_before(work, question.id)}
    told = await announcements.told_of_answer(
        work,
        question.id,
        since=public[0].at,
        until=public[-1].at + timedelta(days=DIGEST_DAYS + 1),
        topics=[field_topic(code) for code in fields if code is not None],
    )
    for start in range(0, len(told), 500):
        some = told[start : start + 500]
        readers = await people.by_ids(work, [row.person_id for row in some])
        await outbox.put_many(work, [_change(work, question, readers[row.person_id], row) for row in some])


def _change(
    work: Work, question: QuestionRow, reader: PersonRow, told: announcements.ToldRow
) -> outbox.OutboxMessage:
    assert people.can_be_reached(reader), "the query leaves out whom nothing reaches"
    return outbox.OutboxMessage(
        channel=reader.channel,
        address=reader.address,
        person_id=reader.id,
        lane=Lane.BROADCAST,  # there may be very many, and replies go first
        kind=Kind.EDIT,
        content=notify.content(work, reader, NewsTakenBack()) | {"message_id": told.message_id},
        question_id=question.id,  # such a change is never given up (storage.delivery.outbox.hides)
        held=reader.unreachable_at is not None,
    )
