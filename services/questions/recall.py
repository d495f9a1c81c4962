"""Takes back what shows a question, or who asked it.

Thread, files, cards, lists, copies of the answer.
"""

from collections.abc import Iterable, Sequence

from domain.questions.anonymise import anonymise, unnamed_file
from domain.questions.life import Status
from messages.notice import Notice
from messages.notices.answers import AnswerTakenBack, NewsTakenBack
from messages.notices.chat import ListChanged
from messages.notices.desk import HiddenCard
from services.notify import Rewriting, rewrite_many, take_back_many, tell_many
from services.questions import publication
from services.questions.case import code_of
from services.recall import GONE, Recall, Stage, Why, outlet
from storage.delivery import outbox
from storage.delivery.outbox import Lane, PersonalRow, ShowingRow
from storage.engine.database import Work
from storage.people import people, roles
from storage.privacy import erasing
from storage.questions import published, questions
from storage.rows import PersonRow, QuestionRow
from storage.tables import entries
from storage.tables import files as files_table

_FILES = (outbox.FILE, outbox.ALBUM)

# --- who asked is erased: what stands in the tables ---------------------------------------------------------------


def followed(recall: Recall) -> list[int]:
    """List the questions into which theirs were merged, whose answers reached them."""
    return [
        row.duplicate_of_id
        for row in recall.questions
        if row.status == Status.MERGED and row.duplicate_of_id is not None
    ]


def with_originals(recall: Recall) -> list[int]:
    """List their questions, and those into which some of them were ever merged."""
    return recall.ids + [
        int(row.duplicate_of_id) for row in recall.questions if row.duplicate_of_id is not None
    ]


def known_of_asker(recall: Recall) -> list[str]:
    """List the details that tell who asked these questions, as they were until now."""
    details = (one for row in recall.questions for one in publication.who_asked(recall.person, row))
    return [one for one in dict.fromkeys(details) if one]


async def mask(work: Work, texts: Iterable[erasing.Text], known: Sequence[str]) -> None:
    """Remove these details of somebody from what others wrote.

    The public search words are made anew from what is left.
    """
    reworded = set()
    for one in texts:
        without = unnamed_file if one.column is files_table.c.name else anonymise
        masked = without(one.text, *known)
        if masked != one.text:
            await erasing.reword(work, one, masked)
            if one.column is entries.c.text:
                reworded.add(one.row.question_id)
    for question_id in sorted(reworded):
        question = await questions.by_id(work, question_id)
        assert question is not None
        await published.refresh(work, question)  # nobody is found by a word that is masked now


@outlet(
    "thread",
    holds=(
        "entries.text",
        "questions.organisation",
        "drafts.official_letter",
        "files.name",
        "published_words.word",
    ),
    why=GONE,
    stage=Stage.WORDS,
)
async def erase_thread(work: Work, recall: Recall) -> None:
    """Erase their words.

    What offices wrote stays, and names of files too, without what tells who asked.
    """
    await erasing.blank_words(work, recall.person.id, recall.ids, followed(recall))
    await mask(work, await erasing.texts_about(work, with_originals(recall)), known_of_asker(recall))


@outlet("files", holds=("files.checksum", "files.remote_id"), why=GONE, stage=Stage.WORDS)
async def erase_files(work: Work, recall: Recall) -> None:
    """Erase their files from disk.

    An answer's files stay where others asked the same.
    """
    shared = {row.duplicate_of_id for row in await questions.duplicates_of_all(work, recall.ids)}
    await erasing.drop_files(work, recall.person.id, recall.ids, sorted(shared))


# --- a question is hidden: what people have before them ------------------------------------------------------------


async def _askers_of(work: Work, recall: Recall) -> dict[int, dict[int, QuestionRow]]:
    """Return, for each question, everybody who asked it or the same, with their own question."""
    found: dict[int, dict[int, QuestionRow]] = {row.id: {row.asker_id: row} for row in recall.questions}
    for row in await questions.duplicates_of_all(work, recall.ids):
        found[row.duplicate_of_id].setdefault(row.asker_id, row)
    return found


async def _readers(work: Work, rows: Sequence[PersonalRow]) -> tuple[dict[int, PersonRow], set[int]]:
    """Return the people who have these messages, and the ids of the editors who read hidden ones."""
    readers = await people.by_ids(work, (row.person_id for row in rows))
    return readers, {editor.id for editor in await roles.readers_of_hidden(work)}


@outlet("cards", holds=("outbox.content",), why=[Why.HIDDEN])
async def take_cards_back(work: Work, recall: Recall) -> None:
    """Take cards and files back from people who may not read them.

    The askers keep the files that they were sent.
    """
    question_of = {row.id: row for row in recall.questions}
    askers = await _askers_of(work, recall)
    rows = await outbox.of_questions(work, question_of, "card")
    readers, read_on = await _readers(work, rows)
    # who was erased since sees nothing of ours
    rows = [
        row for row in rows if readers[row.person_id].address is not None and row.person_id not in read_on
    ]
    dropped = await outbox.drop_many(work, [row.id for row in rows])
    changes = await erasing.changes_of_many(work, rows)
    words = [  # but those that hid it before: they say so already
        one
        for row in rows
        for one in changes[row.id]
        if one.question_id != row.question_id or one.about == outbox.REWORDED
    ]
    await erasing.blank_messages(work, [*rows, *words])
    gone, changed = [], []
    said: dict[tuple[int, int], tuple[PersonRow, Notice, int | None]] = {}  # once for a card of several parts
    for row in rows:
        reader, question = readers[row.person_id], question_of[row.question_id]
        notice = HiddenCard(code=code_of(work, question), status=question.status)
        if row.kind in _FILES:
            if row.id not in dropped and reader.id not in askers[question.id]:
                gone.append((reader, row))
        elif row.id in dropped:
            said[reader.id, question.id] = (reader, notice, question.id)
        else:
            changed.append(Rewriting(reader, notice, hides=question.id, edit_of=row.id))
    await take_back_many(work, gone)
    await rewrite_many(work, changed)
    await tell_many(work, said.values(), about="card")


@outlet("answers", holds=("outbox.content",), why=[Why.HIDDEN])
async def take_answers_back(work: Work, recall: Recall) -> None:
    """Take the answer back from others who asked the same, until an editor has looked.

    Its asker keeps it.
    """
    question_of = {row.id: row for row in recall.questions}
    askers = await _askers_of(work, recall)
    rows = await outbox.of_questions(work, question_of, "answer")
    readers, read_on = await _readers(work, rows)
    rows = [
        row
        for row in rows
        if readers[row.person_id].address is not None
        and row.person_id != question_of[row.question_id].asker_id
        and row.person_id not in read_on
    ]
    dropped = await outbox.drop_many(work, [row.id for row in rows])
    left = [(readers[row.person_id], row) for row in rows if row.id not in dropped]
    await take_back_many(work, [(reader, row) for reader, row in left if row.kind in _FILES])
    await rewrite_many(
        work,
        (
            Rewriting(
                reader,
                AnswerTakenBack(
                    code=code_of(work, askers[row.question_id].get(reader.id, question_of[row.question_id]))
                ),
                hides=row.question_id,
                edit_of=row.id,
            )
            for reader, row in left
            if row.kind not in _FILES
        ),
    )


@outlet("lists", holds=("outbox.content",), why=[Why.HIDDEN, Why.UNPUBLISHED])
async def take_lists_back(work: Work, recall: Recall) -> None:
    """Take lists and other messages back that showed a question.

    Lists say only that they have changed, other messages why. After an unpublishing: those of strangers only.
    """
    question_of = {row.id: row for row in recall.questions}
    rows = await outbox.showing(work, question_of)
    readers, read_on = await _readers(work, rows)
    rows = [row for row in rows if readers[row.person_id].erased_at is None and row.person_id not in read_on]
    if recall.why is Why.UNPUBLISHED:
        askers, staff = await _askers_of(work, recall), {one.id for one in await roles.everybody(work)}
        rows = [row for row in rows if row.person_id not in staff | askers[row.shown_id].keys()]
    dropped = await outbox.drop_many(work, {row.id for row in rows})
    changes = await erasing.changes_of_many(work, rows)
    reworded = [one for row in rows for one in changes[row.id] if one.about == outbox.REWORDED]
    await erasing.blank_messages(work, [*rows, *reworded])
    said: list[tuple[PersonRow, Notice, int | None]] = []
    changed: list[Rewriting] = []
    done: set[tuple[str, object]] = set()
    for row in rows:
        reader, question = readers[row.person_id], question_of[row.shown_id]
        pressed = row.content.get("message_id")  # another page in the place of the list that was pressed
        which = (row.address, pressed or row.message_id or f"row {row.id}")
        if which in done:
            continue
        done.add(which)
        notice = _instead(work, row, question, recall.why)
        if pressed is not None:
            changed.append(Rewriting(reader, notice, hides=question.id, message_id=pressed))
        elif row.id in dropped:
            said.append((reader, notice, None))
        else:
            changed.append(Rewriting(reader, notice, hides=question.id, edit_of=row.edit_of or row.id))
    await rewrite_many(work, changed)
    await tell_many(work, said, lane=Lane.REPLY)


def _instead(work: Work, row: ShowingRow, question: QuestionRow, why: Why) -> Notice:
    """Return what replaces a message that showed a question beside its own matter."""
    if row.about == outbox.LIST:
        return ListChanged()
    if why is Why.UNPUBLISHED:
        return NewsTakenBack()
    return HiddenCard(code=code_of(work, question), status=question.status)
