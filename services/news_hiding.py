"""A published answer turns out to be part of a suspected denunciation: what told subscribers of it is taken back.

What has not left stays unsaid by itself, for its words are made as it leaves (services.subscriber_news).
"""

from datetime import timedelta

from channels.message import Kind
from domain.history import EntryKind
from domain.subscriptions import field_topic
from messages.notices import NewsTakenBack
from services import notify
from services.subscriber_news import DIGEST_DAYS
from storage import announcements, outbox, people, thread
from storage.database import Work
from storage.outbox import Lane
from storage.tables import Row


async def take_back(work: Work, question: Row) -> None:
    """Queue changes of all that told of a question's answer: announcements, and digests that may have had it."""
    public = await thread.of_question(work, question.id, EntryKind.PUBLIC_ANSWER)
    if not public:
        return
    told = await announcements.told_of_answer(
        work,
        question.id,
        since=public[0].at,
        until=public[-1].at + timedelta(days=DIGEST_DAYS + 1),
        topic=None if question.field_code is None else field_topic(question.field_code),
    )
    for start in range(0, len(told), 500):
        some = told[start : start + 500]
        readers = await people.by_ids(work, [row.person_id for row in some])
        await outbox.put_many(work, [_change(work, question, readers[row.person_id], row) for row in some])


def _change(work: Work, question: Row, reader: Row, told: Row) -> outbox.Message:
    return outbox.Message(
        channel=reader.channel,
        address=reader.address,
        person_id=reader.id,
        lane=Lane.BROADCAST,  # there may be very many, and replies go first
        kind=Kind.EDIT,
        content=notify.content(work, reader, NewsTakenBack()) | {"message_id": told.message_id},
        question_id=question.id,  # such a change is never given up (storage.outbox.hides)
        held=reader.unreachable_at is not None,
    )
