"""Takes back what the staff have in their chats about an erased asker.

Cards, files and lists that showed their questions.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from html import escape, unescape

from domain.questions.anonymise import unnamed, unnamed_file
from domain.questions.life import HIDDEN
from messages.notices.chat import ListChanged
from messages.notices.privacy import CardErased
from services import notify
from services.notify import Rewriting, rewrite_many, take_back_many
from services.questions import cards, publication
from services.questions.case import code_of
from services.questions.recall import followed, known_of_asker
from services.recall import GONE, Recall, Stage, outlet
from storage.delivery import outbox
from storage.delivery.outbox import OutboxState, PersonalRow
from storage.engine.database import Work
from storage.people import conversations, people, roles
from storage.privacy import erasing
from storage.questions import questions
from storage.rows import OutboxRow, PersonRow, QuestionRow

_UNSEEN = (
    OutboxState.QUEUED,
    OutboxState.HELD,
    OutboxState.DROPPED,
    OutboxState.FAILED,
)  # nobody has seen them
_TAG = re.compile("(<[^<>]*>)")
_FILES = (outbox.FILE, outbox.ALBUM)
_CHANGES = (outbox.EDIT, outbox.BUTTONS, outbox.DELETE)


@outlet("others' messages", holds=("outbox.content",), why=GONE)
async def take_back(work: Work, recall: Recall) -> None:
    """Replace messages to others about these questions: they were erased.

    What was not sent yet never is. Who asked the same keeps what they were told; what stands in place of a
    denunciation stays there (`_tells_whose`).
    """
    asked = {int(row.id): row for row in recall.questions}
    same = await _who_asked_the_same(work, recall)
    rows = [
        row
        for row in await erasing.messages_about(work, recall.ids)
        if row.person_id not in (recall.person.id, *same[row.question_id]) and row.kind not in _CHANGES
    ]
    readers = await people.by_ids(work, (row.person_id for row in rows))
    rows = [row for row in rows if readers[row.person_id].erased_at is None]
    recall.chats |= {row.address for row in rows}
    read_on = await _readers_of_hidden(work)
    rows = [
        row for row in rows if row.state in _UNSEEN or not _tells_whose(asked[row.question_id], row, read_on)
    ]
    changes = await erasing.changes_of_many(work, rows)
    await erasing.blank_messages(work, [one for row in rows for one in (row, *changes[row.id])])
    seen = [(readers[row.person_id], row) for row in rows if row.state not in _UNSEEN]
    await take_back_many(work, [(reader, row) for reader, row in seen if row.kind in _FILES])
    await rewrite_many(
        work,
        (
            Rewriting(
                reader,
                CardErased(code=code_of(work, question), status=question.status),
                hides=question.id,
                buttons=cards.open_button(question),
                edit_of=row.id,
            )
            for reader, row in seen
            if row.kind not in _FILES
            for question in (asked[row.question_id],)
        ),
    )
    await _change_elsewhere(work, recall, asked)


@outlet("others' messages that name", holds=("outbox.content",), why=GONE)
async def mask(work: Work, recall: Recall) -> None:
    """Remove the person's name from what the staff have of questions that they followed.

    All else stays.
    """
    person, theirs = recall.person, followed(recall)
    known = known_of_asker(recall)
    details = {one: await publication.of_them_alone(work, person, one, known) for one in theirs}
    rows: list[tuple[PersonalRow, int]] = [
        *((row, row.question_id) for row in await erasing.messages_about(work, theirs)),
        *(
            (row, row.question_id if row.question_id in details else row.shown_id)
            for row in await outbox.showing(work, theirs)
        ),
    ]
    readers = await people.by_ids(work, (row.person_id for row, _ in rows))
    staff = {one.id for one in await roles.everybody(work)}
    for row, question_id in rows:
        # who asked the same never read it
        if row.person_id not in staff or row.person_id == person.id:
            continue
        reader = readers[row.person_id]
        if reader.address is None:
            continue
        recall.chats.add(row.address)
        if row.kind in _FILES:
            await _take_back_naming(work, reader, row, details[question_id])
        else:
            await _mask(work, reader, row, details[question_id], question_id)


async def _mask(
    work: Work, reader: PersonRow, row: OutboxRow, details: Sequence[str], question_id: int
) -> None:
    """Mask one message, in the chat and in the outbox, with all its changes."""
    pressed = row.content.get("message_id")  # another page in the place of what was pressed
    base = None if pressed else row.edit_of or row.id
    rows = [row, *await erasing.changes_of(work, row)]
    shown = await outbox.as_shown(work, row.channel, row.address, message_id=pressed, row_id=base)
    if row.state not in _UNSEEN and shown is not None and shown[0] is not None:
        html = _without(shown[0], details)
        if html != shown[0]:
            caption = {"caption": True} if row.kind in outbox.CAPTIONED else {}
            content = {"html": html, "buttons": shown[1]} | caption
            await notify.reword(work, reader, content, edit_of=base, message_id=pressed, hides=question_id)
    for one in rows:
        html = one.content.get("html", "")
        if _without(html, details) != html:
            await outbox.change_content(work, one.id, one.content | {"html": _without(html, details)})


async def _take_back_naming(work: Work, reader: PersonRow, row: OutboxRow, details: Sequence[str]) -> None:
    """Take back files whose name points to them: a messenger keeps a file's name."""
    names = [one["name"] for one in row.content.get("files", [row.content]) if one.get("name")]
    if any(unnamed_file(name, *details) != name for name in names):
        await erasing.blank_messages(work, [row, *await erasing.changes_of(work, row)])
        if row.state not in _UNSEEN:
            await notify.take_back(work, reader, edit_of=row.id)


def _without(html: str, details: Sequence[str]) -> str:
    """Remove these details of somebody from a message's words; keep its markup."""
    parts = _TAG.split(html)
    for at in range(0, len(parts), 2):
        words = unescape(parts[at])
        masked = unnamed(words, *details)
        if masked != words:
            parts[at] = escape(masked)
    return "".join(parts)


def _tells_whose(question: QuestionRow, row: OutboxRow, read_on: set[int]) -> bool:
    """Return whether changing this message would tell who denounced.

    A card of theirs under a name changes at the same moment. Whoever may not read a denunciation has nothing left of
    it that could be erased (services.questions.secrecy.hide).
    """
    return question.secrecy in HIDDEN and row.person_id not in read_on


async def _readers_of_hidden(work: Work) -> set[int]:
    return {editor.id for editor in await roles.readers_of_hidden(work)}


async def _who_asked_the_same(work: Work, recall: Recall) -> dict[int, set[int]]:
    found: dict[int, set[int]] = {one: set() for one in recall.ids}
    for row in await questions.duplicates_of_all(work, recall.ids):
        found[row.duplicate_of_id].add(row.asker_id)
    return found


async def _change_elsewhere(work: Work, recall: Recall, asked: Mapping[int, QuestionRow]) -> None:
    """Change other messages that showed one of the questions.

    Lists say only that they have changed, the others what was erased.
    """
    rows = await outbox.showing(work, asked)
    readers = await people.by_ids(work, (row.person_id for row in rows))
    read_on = await _readers_of_hidden(work)
    rows = [
        row
        for row in rows
        if row.person_id != recall.person.id
        and readers[row.person_id].erased_at is None
        and (row.state in _UNSEEN or not _tells_whose(asked[row.shown_id], row, read_on))
    ]
    changes = await erasing.changes_of_many(work, rows)
    reworded = [one for row in rows for one in changes[row.id] if one.about == outbox.REWORDED]
    await erasing.blank_messages(work, [*rows, *reworded])
    done: set[tuple[str, object]] = set()
    changed = []
    for row in rows:
        pressed = row.content.get("message_id")  # another page in the place of the list that was pressed
        which = (row.address, pressed or row.message_id or f"row {row.id}")
        if row.state in _UNSEEN or which in done:
            continue
        done.add(which)
        question = asked[row.shown_id]
        erased = CardErased(code=code_of(work, question), status=question.status)
        changed.append(
            Rewriting(
                readers[row.person_id],
                ListChanged() if row.about == outbox.LIST else erased,
                hides=question.id,
                message_id=pressed,
                edit_of=None if pressed is not None else row.edit_of or row.id,
            )
        )
    await rewrite_many(work, changed)
    recall.chats |= {address for address, _ in done}


@outlet("steps of the staff", holds=("conversations.data",), why=GONE)
async def end_steps(work: Work, recall: Recall) -> None:
    """End steps of the staff that may hold words of these questions."""
    question_ids = {*recall.ids, *followed(recall)}
    for step in await erasing.steps_of_staff(work):
        if step.data.get("question") in question_ids:
            await conversations.end_step(work, step.person_id)


@outlet("raw copies", holds=("inbox.payload",), why=GONE, stage=Stage.COPIES)
async def blank_copies(work: Work, recall: Recall) -> None:
    """Blank what the staff sent that quotes a card or names who asked.

    And all that was typed for the asker by hand.
    """
    asked = recall.questions
    if not asked:
        return
    marks = [*(code_of(work, row) for row in asked), *known_of_asker(recall)]
    await erasing.blank_copies(work, recall.chats, marks, min(row.received_at for row in asked))
    for typist, until in await erasing.typists(work, recall.person.id, recall.ids):
        await erasing.blank_raw(work, typist.channel, typist.address, recall.update_id)
        await _take_back_long_texts(work, typist, until)


async def _take_back_long_texts(work: Work, typist: PersonRow, until: datetime) -> None:
    """Take back the ends of long texts that an editor typed for somebody and was shown."""
    rows = await erasing.long_texts_shown(work, typist, until)
    changes = await erasing.changes_of_many(work, rows)
    await erasing.blank_messages(work, [one for row in rows for one in (row, *changes[row.id])])
    await take_back_many(work, [(typist, row) for row in rows if row.state not in _UNSEEN])
