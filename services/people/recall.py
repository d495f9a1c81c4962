"""Erases the asker, last of all: their things, their messages, who they were."""

from services.recall import Recall, Stage, Why, outlet
from storage.engine.database import Work
from storage.privacy import erasing


@outlet(
    "what is theirs",
    holds=(
        "conversations.data",
        "question_drafts.data",
        "broadcast_drafts.data",
        "blocks.reason",
        "subscriptions.topic",
        "inbox.payload",
        "inbox.chat",
        "outbox.content",
        "outbox.address",
        "outbox.message_id",
    ),
    why=[Why.ERASED],
    stage=Stage.PERSON,
)
async def drop_what_is_theirs(work: Work, recall: Recall) -> None:
    """Drop drafts, steps, subscriptions, and every message from and to them."""
    person = recall.person
    await erasing.drop_what_is_theirs(work, person.id)
    if person.address is not None:
        await erasing.blank_inbox(work, person.channel, person.address, recall.update_id)
        await erasing.blank_outbox(work, person.channel, person.address)


@outlet(
    "who they were",
    holds=(
        "people.full_name",
        "people.home_address",
        "people.contact",
        "people.display_name",
        "people.address",
    ),
    why=[Why.ERASED, Why.EXPIRED],
    stage=Stage.PERSON,
)
async def blank_person(work: Work, recall: Recall) -> None:
    """Blank who they were.

    Where only the time of keeping it is over, they can still be reached.
    """
    if recall.why is Why.ERASED:
        await erasing.blank_person(work, recall.person.id, work.programme.language)
    else:
        await erasing.blank_identity(work, recall.person.id)
