"""Named queries that take a person out of the database.

What is left refers to them by a number that says nothing. Each is found by an index: a person's questions, what was
written about a question, the messages to an address.
"""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

import sqlalchemy as sa

from domain.broadcasts.broadcasts import DeliveryState
from domain.questions.history import EntryKind, Event
from domain.questions.life import OPEN
from storage.delivery.files import discard
from storage.delivery.inbox import InboxState
from storage.delivery.outbox import AboutRow, OutboxState
from storage.engine.database import Work, in_pieces
from storage.people.people import ReachablePersonRow
from storage.rows import ConversationRow, OutboxRow, PersonRow, QuestionRow
from storage.tables import (
    Row,
    assignments,
    blocks,
    broadcast_drafts,
    consents,
    conversations,
    deliveries,
    entries,
    episode_guests,
    episode_questions,
    episodes,
    erasures,
    files,
    history,
    inbox,
    metadata,
    outbox,
    people,
    question_drafts,
    questions,
    roles,
    subscribers,
    subscriptions,
)

# What an asker wrote, and what an editor wrote down of an asker's words.
ASKERS_WORDS = (EntryKind.QUESTION, EntryKind.SUPPLEMENT, EntryKind.REOPEN_REASON)


# What an editor types for an asker whom no messenger reaches.
TYPED_FOR = (Event.ENTERED, Event.SUPPLIED, Event.DELIVERED)
LONG_TEXT = "long:"  # `outbox.supersedes` begins so
MOST_PARTS = 400  # messages of one notice: a question has a million characters at most


async def lock(work: Work, person_id: int) -> PersonRow | None:
    """Return a person, locked until this transaction ends."""
    return await work.one_or_none(sa.select(people).where(people.c.id == person_id).with_for_update())


async def questions_of(work: Work, person_id: int) -> list[QuestionRow]:
    return await work.all(
        sa.select(questions).where(questions.c.asker_id == person_id).order_by(questions.c.id)
    )


async def entered_under(work: Work, full_name: str, *, besides: int) -> list[QuestionRow]:
    """List questions entered by hand for others of this name.

    For other rows than `besides`; by index.
    """
    return await work.all(
        sa.select(questions)
        .join(people, people.c.id == questions.c.asker_id)
        .where(people.c.full_name == full_name, people.c.address.is_(None), people.c.id != besides)
        .order_by(questions.c.id)
    )


# --- words ------------------------------------------------------------------------------------------------------


async def blank_words(work: Work, person_id: int, own: Sequence[int], followed: Sequence[int]) -> None:
    """Blank an asker's words in their `own` questions, and on `followed` answers."""
    for some in in_pieces(own):
        theirs = sa.or_(
            entries.c.kind.in_(ASKERS_WORDS),
            sa.and_(entries.c.kind == EntryKind.RATING_WORDS, entries.c.author_id == person_id),
        )
        await work.run(sa.update(entries).where(entries.c.question_id.in_(some), theirs).values(text=None))
        await work.run(sa.update(questions).where(questions.c.id.in_(some)).values(organisation=None))
    for some in in_pieces(followed):
        rated = sa.and_(entries.c.kind == EntryKind.RATING_WORDS, entries.c.author_id == person_id)
        await work.run(sa.update(entries).where(entries.c.question_id.in_(some), rated).values(text=None))


# Names of offices and of files at the messenger, and errors: nobody's words.
NO_WORDS = {files.c.remote_id, assignments.c.agency_name, outbox.c.error}
# Every text column of the tables that belong to a question, so that a new column is masked, too.
ABOUT_QUESTIONS = {
    table: columns
    for table in metadata.sorted_tables
    if "question_id" in table.columns
    and table is not episode_questions
    and (columns := [one for one in table.columns if isinstance(one.type, sa.Text) and one not in NO_WORDS])
}
# What was written of an episode in which a question stands, and of the question there.
ABOUT_EPISODES = {
    episode_questions: [episode_questions.c.on_air, episode_questions.c.left_out_why],
    episodes: [episodes.c.purpose, episodes.c.requirements],
    episode_guests: [episode_guests.c.position],
}


class Text(NamedTuple):
    """One cell that holds somebody's words, and where it stands."""

    column: sa.Column[str]
    row: Row
    text: str


async def texts_about(work: Work, question_ids: Sequence[int]) -> list[Text]:
    """List the texts that are left about these questions."""
    return [
        text
        for some in in_pieces(question_ids)
        for table, columns in ABOUT_QUESTIONS.items()
        for text in await _texts(work, table, columns, table.c.question_id.in_(some))
    ]


async def texts_about_on_air(work: Work, question_ids: Sequence[int]) -> list[Text]:
    """List the texts that are left about these questions on air.

    Their wording, and their episodes' texts.
    """
    found = []
    for some in in_pieces(question_ids):
        chosen = sa.select(episode_questions.c.episode_id).where(episode_questions.c.question_id.in_(some))
        for table, columns in ABOUT_EPISODES.items():
            if table is episode_questions:
                which = table.c.question_id.in_(some)
            else:
                which = (table.c.id if table is episodes else table.c.episode_id).in_(chosen)
            found += await _texts(work, table, columns, which)
    return found


async def _texts(
    work: Work, table: sa.Table, columns: Sequence[sa.Column[str]], which: sa.ColumnElement[bool]
) -> list[Text]:
    rows = await work.all(sa.select(table).where(which))
    return [
        Text(column, row, row._mapping[column.name])
        for row in rows
        for column in columns
        if row._mapping[column.name]
    ]


async def reword(work: Work, found: Text, text: str) -> None:
    """Change the text of a cell."""
    table = found.column.table
    assert isinstance(table, sa.Table)
    here = [key == found.row._mapping[key.name] for key in table.primary_key]
    await work.run(sa.update(table).where(*here).values({found.column: text}))


# --- files ------------------------------------------------------------------------------------------------------


async def drop_files(work: Work, person_id: int, own: Sequence[int], shared: Sequence[int] = ()) -> int:
    """Drop a person's files, discarding their content; return how many.

    Files of their drafts and of their `own` questions. Answers' files stay where a question is `shared` with others
    who wait for the same answer.
    """
    dropped: list[Row] = []
    unsent = sa.and_(files.c.person_id == person_id, files.c.question_id.is_(None))
    answers = sa.select(entries.c.id).where(
        entries.c.id == files.c.entry_id, entries.c.kind == EntryKind.DRAFT
    )
    which = [unsent]
    which += [files.c.question_id.in_(some) for some in in_pieces(sorted({*own} - {*shared}))]
    which += [sa.and_(files.c.question_id.in_(some), sa.not_(answers.exists())) for some in in_pieces(shared)]
    for some_files in which:
        result = await work.run(sa.delete(files).where(some_files).returning(files.c.checksum))
        dropped += result.all()
    await discard(work, {row.checksum for row in dropped if row.checksum is not None})
    return len(dropped)


# --- what came in and went out ------------------------------------------------------------------------------------


async def blank_inbox(work: Work, channel: str, address: str, update_id: int | None) -> None:
    """Blank what a chat sent, up to the update at hand (None: there is none).

    All that was handled, and what came before that update. The rows stay: an update that comes again is known.
    """
    handled = inbox.c.state != InboxState.WAITING
    if update_id is not None:
        handled = sa.or_(handled, inbox.c.place <= update_id)
    here = (inbox.c.channel == channel, inbox.c.chat == address)
    await work.run(sa.update(inbox).where(*here, handled).values(payload="{}", chat=""))


async def blank_copies(work: Work, addresses: Iterable[str], marks: Sequence[str], since: datetime) -> None:
    """Blank staff's raw messages since a moment that hold one of these words.

    They quote a card or answer it.
    """
    spelled = [json.dumps(mark)[1:-1] for mark in marks]  # as `bot.loops.receiver` writes them
    holds = sa.or_(*(inbox.c.payload.contains(words, autoescape=True) for words in spelled))
    for some in in_pieces(sorted(addresses)):
        await work.run(
            sa.update(inbox)
            .where(
                inbox.c.chat.in_(some),
                inbox.c.state != InboxState.WAITING,
                inbox.c.received_at >= since,
                holds,
            )
            .values(payload="{}")
        )


async def typists(
    work: Work, person_id: int, question_ids: Sequence[int]
) -> list[tuple[ReachablePersonRow, datetime]]:
    """List who typed what somebody wrote or said, and when they last did.

    Without people who were erased since.
    """
    last: dict[int, datetime] = {}
    for some in in_pieces(question_ids):
        rows = await work.all(
            sa.select(history.c.actor_id, history.c.at).where(
                history.c.question_id.in_(some), history.c.event.in_(TYPED_FOR)
            )
        )
        for row in rows:
            last[row.actor_id] = max(row.at, last.get(row.actor_id, row.at))
    last.pop(person_id, None)
    found = await work.all(
        sa.select(people).where(people.c.id.in_(sorted(last)), people.c.address.is_not(None))
    )
    return [(row, last[row.id]) for row in found]


async def blank_raw(work: Work, channel: str, address: str, update_id: int | None) -> None:
    """Blank all raw messages from a chat, up to the update at hand.

    A name, words, a reply that were typed for somebody stand there. They are copies, kept some days at most: it does
    no harm that others go with them.
    """
    handled = inbox.c.state != InboxState.WAITING
    if update_id is not None:
        handled = sa.or_(handled, inbox.c.place <= update_id)
    here = (inbox.c.channel == channel, inbox.c.chat == address)
    await work.run(sa.update(inbox).where(*here, handled).values(payload="{}"))


async def long_texts_shown(work: Work, typist: PersonRow, until: datetime) -> list[OutboxRow]:
    """List messages that showed somebody the end of their long text.

    Queued until a moment (handlers.chat.long_text).
    """
    return await work.all(
        sa.select(outbox).where(
            outbox.c.channel == typist.channel,
            outbox.c.address == typist.address,
            outbox.c.supersedes.startswith(LONG_TEXT),
            outbox.c.queued_at <= until,
            outbox.c.state != OutboxState.FORGOTTEN,
        )
    )


async def belongs_to(work: Work, row_id: int, question_id: int) -> None:
    """Assign messages shown before a question had a number to that question.

    `row_id` is the last part.
    """
    last = await work.one_or_none(sa.select(outbox).where(outbox.c.id == row_id))
    if last is None:
        return
    parts = (
        outbox.c.id.between(row_id - MOST_PARTS, row_id),
        outbox.c.person_id == last.person_id,
        outbox.c.queued_at == last.queued_at,
        outbox.c.kind == last.kind,
        outbox.c.question_id.is_(None),
    )
    await work.run(sa.update(outbox).where(*parts).values(question_id=question_id, about="card"))


async def blank_outbox(work: Work, channel: str, address: str) -> None:
    """Blank the messages to an address: words and address.

    Nothing of it goes out any more.
    """
    state = sa.case(
        (
            outbox.c.state.in_([OutboxState.QUEUED, OutboxState.HELD, OutboxState.DROPPED]),
            OutboxState.DROPPED,
        ),
        else_=OutboxState.FORGOTTEN,
    )
    await work.run(
        sa.update(outbox)
        .where(outbox.c.channel == channel, outbox.c.address == address)
        .values(content={}, address="", message_id=None, error=None, supersedes=None, state=state)
    )


async def messages_about(work: Work, question_ids: Sequence[int]) -> list[AboutRow]:
    """Every message to a person that is about one of these questions, the oldest first."""
    about = [
        row
        for some in in_pieces(question_ids)
        for row in await work.all(
            sa.select(outbox).where(outbox.c.question_id.in_(some), outbox.c.person_id.is_not(None))
        )
    ]
    return sorted(about, key=lambda row: int(row.id))


class PlacedRow(Protocol):
    """Where a message stands, or would."""

    id: int
    channel: str
    address: str
    message_id: str | None


async def changes_of(work: Work, base: PlacedRow) -> list[OutboxRow]:
    """List what changed a message since, or is still to change it."""
    here = (outbox.c.channel == base.channel, outbox.c.address == base.address)
    same = outbox.c.edit_of == base.id
    if base.message_id is not None:
        same = sa.or_(same, outbox.c.message_id == base.message_id)
    found = await work.all(sa.select(outbox).where(*here, same, outbox.c.id != base.id))
    # Filtered by the database: else each would read all rows of a person with thousands of messages.
    of_it = outbox.c.content["message_id"].as_string() == (base.message_id or "")
    pressed = await work.all(sa.select(outbox).where(*here, sa.text("outbox.state = 'queued'"), of_it))
    return list({row.id: row for row in (*found, *pressed)}.values())


async def changes_of_many(work: Work, bases: Sequence[PlacedRow]) -> dict[int, list[OutboxRow]]:
    """Return what `changes_of` does for many messages, with few statements."""
    found: dict[int, list[OutboxRow]] = {}
    for some in in_pieces(bases):
        here = outbox.c.address.in_(sorted({row.address for row in some}))
        places = sorted({row.message_id for row in some if row.message_id is not None})
        same = outbox.c.edit_of.in_([row.id for row in some])
        of_it = outbox.c.content["message_id"].as_string().in_(places)
        rows = await work.all(sa.select(outbox).where(here, sa.or_(same, outbox.c.message_id.in_(places))))
        if places:
            rows += await work.all(sa.select(outbox).where(here, sa.text("outbox.state = 'queued'"), of_it))
        changing: dict[object, dict[int, OutboxRow]] = {}
        for row in rows:
            pressed = row.content.get("message_id") if row.state == OutboxState.QUEUED else None
            for key in {row.edit_of, *((row.channel, row.address, one) for one in (row.message_id, pressed))}:
                changing.setdefault(key, {})[row.id] = row
        for base in some:
            changes = dict(changing.get(base.id, {}))
            if base.message_id is not None:
                changes |= changing.get((base.channel, base.address, base.message_id), {})
            found[base.id] = [row for row in changes.values() if row.id != base.id]
    return found


async def blank_messages(work: Work, rows: Sequence[OutboxRow]) -> None:
    """Blank the words of messages to others.

    The ids of an album's parts stay, to delete it.
    """
    waiting = (OutboxState.QUEUED, OutboxState.HELD)
    plain = [row for row in rows if "message_ids" not in row.content]
    for state, some in (
        (OutboxState.DROPPED, [row.id for row in plain if row.state in waiting]),
        (OutboxState.FORGOTTEN, [row.id for row in plain if row.state not in waiting]),
    ):
        for piece in in_pieces(some):
            await work.run(sa.update(outbox).where(outbox.c.id.in_(piece)).values(content={}, state=state))
    albums = [
        {
            "row_id": row.id,
            "kept": {"message_ids": row.content["message_ids"]},
            "then": OutboxState.DROPPED if row.state in waiting else OutboxState.FORGOTTEN,
        }
        for row in rows
        if "message_ids" in row.content
    ]
    if albums:
        await work.run_many(_BLANK_ALBUM, albums)


_BLANK_ALBUM = (
    sa.update(outbox)
    .where(outbox.c.id == sa.bindparam("row_id"))
    .values(content=sa.bindparam("kept", type_=outbox.c.content.type), state=sa.bindparam("then"))
)


# --- the rest of a person -------------------------------------------------------------------------------------------


async def steps_of_staff(work: Work) -> list[ConversationRow]:
    """List the steps that staff are at."""
    return await work.all(
        sa.select(conversations).where(
            conversations.c.person_id.in_(sa.select(roles.c.person_id).where(roles.c.revoked_at.is_(None)))
        )
    )


async def drop_what_is_theirs(work: Work, person_id: int) -> None:
    """Delete drafts, steps, subscriptions, and what is still to reach them.

    Consents end: that they were given is kept.
    """
    for table in (conversations, question_drafts, broadcast_drafts, subscriptions, subscribers, blocks):
        await work.run(sa.delete(table).where(table.c.person_id == person_id))
    await work.run(
        sa.update(consents)
        .where(consents.c.person_id == person_id, consents.c.withdrawn_at.is_(None))
        .values(withdrawn_at=work.now)
    )
    of_theirs = sa.update(deliveries).where(deliveries.c.person_id == person_id)
    await work.run(of_theirs.values(message_id=None, error=None))
    await work.run(
        of_theirs.where(deliveries.c.state == DeliveryState.PENDING).values(state=DeliveryState.DROPPED)
    )


async def subscribes(work: Work, person_id: int) -> bool:
    """Return whether somebody subscribes to anything."""
    query = sa.select(sa.literal(1)).where(subscriptions.c.person_id == person_id).limit(1)
    return await work.value(query) is not None


async def blank_person(work: Work, person_id: int, language: str) -> None:
    """Blank who somebody was, and every way to reach or recognise them.

    `language` is the programme's.
    """
    await work.run(
        sa.update(people)
        .where(people.c.id == person_id)
        .values(
            address=None,
            display_name="",
            language=language,
            full_name=None,
            home_address=None,
            contact=None,
            unreachable_at=None,
            left_broadcasts_at=None,
            blocked_until=None,  # nothing is left to know them by (docs/decisions/0044)
            erased_at=work.now,
        )
    )


async def blank_identity(work: Work, person_id: int) -> None:
    """Blank who somebody said they were; they can still be reached."""
    await work.run(
        sa.update(people)
        .where(people.c.id == person_id)
        .values(full_name=None, home_address=None, contact=None)
    )


# --- erased again -----------------------------------------------------------------------------------------------------


async def so_far(work: Work) -> tuple[int, datetime | None]:
    """Count the erased, and return when the last one was."""
    counted = sa.select(sa.func.count().label("how_many"), sa.func.max(erasures.c.erased_at).label("last"))
    (row,) = await work.all(counted.select_from(erasures))
    return int(row.how_many), row.last


async def came_back(work: Work) -> list[int]:
    """List the people who were erased, and whom a backup brought back.

    Their ids.
    """
    same = sa.and_(erasures.c.person_id == people.c.id, erasures.c.created_at == people.c.created_at)
    rows = await work.all(
        sa.select(people.c.id).join(erasures, same).where(people.c.erased_at.is_(None)).order_by(people.c.id)
    )
    return [int(row.id) for row in rows]


# --- retention --------------------------------------------------------------------------------------------------------


async def done_with(work: Work, before: datetime, *, after_id: int, limit: int) -> list[PersonRow]:
    """List askers all of whose questions ended before a moment, by id.

    Nobody who holds a role. Bounded: `limit` people are looked for, from `after_id` on.
    """
    last = sa.func.coalesce(questions.c.answered_at, questions.c.received_at)
    theirs = questions.c.asker_id == people.c.id
    needed = sa.or_(questions.c.status.in_(sorted(OPEN)), last >= before)
    held = sa.select(sa.literal(1)).where(roles.c.person_id == people.c.id, roles.c.revoked_at.is_(None))
    return await work.all(
        sa.select(people)
        .where(
            people.c.id > after_id,
            people.c.erased_at.is_(None),
            people.c.created_at < before,
            people.c.full_name.is_not(None),
            sa.select(sa.literal(1)).where(theirs).exists(),
            sa.not_(sa.select(sa.literal(1)).where(theirs, needed).exists()),
            sa.not_(held.exists()),
        )
        .order_by(people.c.id)
        .limit(limit)
    )
