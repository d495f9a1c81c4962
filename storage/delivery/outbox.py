"""The outbox: each message is a row of the transaction that causes it, sent afterwards."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum, StrEnum
from typing import Any, Protocol

import sqlalchemy as sa

from storage.engine.database import Held, Work, in_pieces
from storage.rows import OutboxRow
from storage.tables import outbox, outbox_questions


class PersonalRow(OutboxRow, Protocol):
    """A message to a person."""

    person_id: int


class AboutRow(PersonalRow, Protocol):
    """A message to a person about a question."""

    question_id: int


class ShowingRow(PersonalRow, Protocol):
    """With a question that it shows."""

    shown_id: int


class Lane(IntEnum):
    """The order of sending: replies before notices.

    Broadcasts come last, as deliveries (storage.broadcasts.broadcasts).
    """

    REPLY = 0
    NOTICE = 1
    BROADCAST = 2


# A message that failed so often no longer holds back what comes after it; it is tried on all the same.
PATIENCE = 6
GONE = "gone"  # `error` of a change whose message is no longer there, or no longer to be changed
REMINDER = "reminder"  # `about` of what is told within hours of its own
LIST = "list"  # `about` of a list of questions; `outbox_questions` says of which
# `about` of a change that keeps a question's words, but for a name (services.privacy.recall)
REWORDED = "reworded"
PREVIEW = "preview"  # `about` of what somebody looks at before it is done
# `about` of what is not kept once it is sent: the last word to somebody who was erased, the file of one's own data.
FAREWELL, OWN_DATA = "farewell", "own_data"
# Of channels.outgoing.Kind, too.
TEXT, EDIT, BUTTONS, DELETE, FILE, ALBUM = "text", "edit", "buttons", "delete", "file", "album"
PICTURE, DOCUMENT = "picture", "document"
CAPTIONED = (PICTURE, DOCUMENT)
_CHANGES = (EDIT, BUTTONS, DELETE)
MENU = "menu"  # channels.outgoing.Kind.MENU; not a message, so its place among them does not matter


# A key of `content`: the message is a question's card, of so many parts; a new one takes its place in the chat.
CARD = "card"
SILENT = "silent"  # a key of `content`: it makes no sound
UNTIL = "until"  # a key of `content`: the day that a message promises, after which it is not sent
STALE = "stale"  # `error` of one that was not


class OutboxState(StrEnum):
    """The state of a message."""

    QUEUED = "queued"
    SENDING = "sending"  # handed to the messenger; after a crash nobody knows whether it arrived
    SENT = "sent"
    HELD = "held"  # for somebody who cannot be reached; sent when they come back
    FAILED = "failed"  # the messenger will never take it
    FORGOTTEN = "forgotten"  # sent, or settled otherwise, so long ago that its words are gone
    DROPPED = "dropped"  # a newer message says it better, or nothing is left to change


# `not_before` of what may go at once, whatever clock queued it (`tick --now` works beside a `run`).
AT_ONCE = datetime(1970, 1, 1, tzinfo=UTC)

_MAY_BE_SEEN = (
    OutboxState.QUEUED,
    OutboxState.SENDING,
    OutboxState.SENT,
    OutboxState.HELD,
    OutboxState.FORGOTTEN,
)


@dataclass(frozen=True, slots=True)
class OutboxMessage:
    """One of many messages to queue; it replaces no other."""

    channel: str
    address: str
    person_id: int | None
    lane: Lane
    kind: str
    content: dict[str, Any]
    question_id: int | None = None
    about: str | None = None
    edit_of: int | None = None  # in that one's lane, which the caller gives
    supersedes: str | None = None  # what it replaces the caller has dropped
    held: bool = False


async def put_many(work: Work, messages: Iterable[OutboxMessage]) -> None:
    """Queue messages, in their order, with few statements."""
    await work.run_many(
        sa.insert(outbox),
        (
            {
                "channel": one.channel,
                "address": one.address,
                "person_id": one.person_id,
                "lane": one.lane,
                "kind": one.kind,
                "content": one.content,
                "question_id": one.question_id,
                "about": one.about,
                "edit_of": one.edit_of,
                "supersedes": one.supersedes,
                "state": _state(held=one.held),
                "queued_at": work.now,
                **_waiting(_held(work, one.person_id, one.lane)),
            }
            for one in messages
        ),
    )


def is_stale(row: OutboxRow, now: datetime) -> bool:
    """Return whether a message promises a day that has gone by.

    It is not sent then. A change of a message is: it may hide something.
    """
    until = row.content.get(UNTIL) if row.kind == TEXT else None
    return until is not None and datetime.fromisoformat(until) <= now


def _state(*, held: bool) -> OutboxState:
    return OutboxState.HELD if held else OutboxState.QUEUED


def _held(work: Work, person_id: int | None, lane: Lane) -> Held | None:
    """Return what a message waits for; what answers the one who acts waits for nothing."""
    held = work.held
    return None if held is None or (person_id == held.by and lane == Lane.REPLY) else held


def _waiting(held: Held | None) -> dict[str, Any]:
    if held is None:
        return {"not_before": AT_ONCE, "undo_id": None}
    return {"not_before": held.until, "undo_id": held.undo_id}


async def put(
    work: Work,
    *,
    channel: str,
    address: str,
    person_id: int | None,
    lane: Lane,
    kind: str,
    content: dict[str, Any],
    question_id: int | None = None,
    about: str | None = None,
    edit_of: int | None = None,
    supersedes: str | None = None,
    held: bool = False,
    shows: Sequence[int] = (),
    after: Held | None = None,
) -> int:
    """Queue one message; return its id.

    `shows`: further questions than `question_id` whose words it contains. `after`: it is sent once this can no longer
    be undone.
    """
    if edit_of is not None:
        # It follows the message that it changes, in that one's lane.
        lane = Lane(await work.value(sa.select(outbox.c.lane).where(outbox.c.id == edit_of)))
    if supersedes is not None:
        await work.run(
            sa.update(outbox)
            .where(
                outbox.c.supersedes == supersedes,
                outbox.c.state.in_([OutboxState.QUEUED, OutboxState.HELD]),
            )
            .values(state=OutboxState.DROPPED)
        )
    row_id = await work.insert(
        outbox,
        channel=channel,
        address=address,
        person_id=person_id,
        lane=lane,
        kind=kind,
        content=content,
        question_id=question_id,
        about=about,
        edit_of=edit_of,
        supersedes=supersedes,
        state=_state(held=held),
        queued_at=work.now,
        **_waiting(after or _held(work, person_id, lane)),
    )
    further = sorted({*shows} - {question_id})
    if further:
        rows = ({"question_id": one, "outbox_id": row_id} for one in further)
        await work.run_many(sa.insert(outbox_questions), rows)
    return row_id


async def to_send(work: Work, channel: str, limit: int, busy: Sequence[str] = ()) -> list[OutboxRow]:
    """List a channel's next messages, at most one per address.

    None for an address that is `busy` with an earlier one. Within an address the order is by lane, then age: a
    deferred message holds back what comes after it. But not for ever (PATIENCE); a menu holds back nothing, nor does a
    reminder that waits for its hours. The cost follows what can be sent now, not the backlog.
    """
    values = {"channel": channel, "now": work.now, "busy": list(busy), "limit": limit}
    one_each: dict[str, OutboxRow] = {}
    for row in await work.all(_TO_SEND, values):
        one_each.setdefault(row.address, row)
    return list(one_each.values())


_earlier = outbox.alias("earlier")
_HELD_BACK = (
    sa.select(sa.literal(1))
    .where(
        sa.text("earlier.state = 'queued'"),
        _earlier.c.address == outbox.c.address,
        _earlier.c.channel == outbox.c.channel,
        sa.or_(
            _earlier.c.lane < outbox.c.lane,
            sa.and_(_earlier.c.lane == outbox.c.lane, _earlier.c.id < outbox.c.id),
        ),
        _earlier.c.kind != MENU,
        # What waits for the hours of reminders holds back nothing: an answer, an emergency.
        sa.or_(_earlier.c.about.is_distinct_from(REMINDER), _earlier.c.not_before <= sa.bindparam("now")),
        # What may still be undone holds back nobody else's news.
        sa.or_(_earlier.c.undo_id.is_(None), _earlier.c.not_before <= sa.bindparam("now")),
        # An older edit never overtakes a newer one: the newer may be there to hide what the older shows.
        sa.or_(_earlier.c.tries < PATIENCE, sa.and_(_earlier.c.kind == EDIT, outbox.c.kind == EDIT)),
    )
    .exists()
)
_TO_SEND = (
    sa.select(outbox)
    .where(sa.text("outbox.state = 'queued'"), outbox.c.channel == sa.bindparam("channel"))
    .where(outbox.c.not_before <= sa.bindparam("now"))
    .where(sa.not_(_HELD_BACK), outbox.c.address.not_in(sa.bindparam("busy", expanding=True)))
    .order_by(outbox.c.lane, outbox.c.id)
    .limit(sa.bindparam("limit", type_=sa.Integer))
)


async def claim(work: Work, ids: Sequence[int]) -> list[int]:
    """Mark messages as handed over; return those that were still to be sent."""
    return [int(row.id) for row in await work.run(_CLAIM, {"ids": list(ids)})]


_CLAIM = (
    sa.update(outbox)
    .where(outbox.c.id.in_(sa.bindparam("ids", expanding=True)), outbox.c.state == OutboxState.QUEUED)
    .values(state=OutboxState.SENDING, tries=outbox.c.tries + 1)
    .returning(outbox.c.id)
)


async def drop(work: Work, row_id: int) -> bool:
    """Drop a message, so that it is never sent.

    False when it was handed over already.
    """
    result = await work.run(
        sa.update(outbox)
        .where(outbox.c.id == row_id, outbox.c.state.in_([OutboxState.QUEUED, OutboxState.HELD]))
        .values(state=OutboxState.DROPPED)
    )
    return result.rowcount == 1


async def drop_many(work: Work, row_ids: Iterable[int]) -> set[int]:
    """Drop those of these messages that have not left; return their ids."""
    dropped: set[int] = set()
    for some in in_pieces(sorted(row_ids)):
        result = await work.run(
            sa.update(outbox)
            .where(outbox.c.id.in_(some), outbox.c.state.in_([OutboxState.QUEUED, OutboxState.HELD]))
            .values(state=OutboxState.DROPPED)
            .returning(outbox.c.id)
        )
        dropped |= {row.id for row in result}
    return dropped


def hides(row: OutboxRow) -> bool:
    """Return whether a change takes back words of a question that became secret.

    Such a change must arrive in the end.
    """
    return row.kind == DELETE or (row.kind == EDIT and row.question_id is not None)


async def is_card_now(work: Work, channel: str, address: str, message_id: str) -> None:
    """A message of ours has become the card of its question."""
    row = await sent_as(work, channel, address, message_id)
    if row is not None and row.content.get("html") and CARD not in row.content:
        await change_content(work, row.id, row.content | {CARD: 1})


async def change_content(work: Work, row_id: int, content: dict[str, Any]) -> None:
    """Set the content of a message that is about to be sent."""
    await work.run(sa.update(outbox).where(outbox.c.id == row_id).values(content=content))


def fleeting(row: OutboxRow) -> dict[str, Any]:
    """Return the columns to blank once a message is settled (farewells, own data)."""
    if row.about == FAREWELL:
        return {"content": {}, "address": "", "message_id": None}
    return {"content": {}} if row.about == OWN_DATA else {}


async def settle(work: Work, row_id: int, state: OutboxState, **values: object) -> None:
    """Record how a delivery ended."""
    await work.run(sa.update(outbox).where(outbox.c.id == row_id).values(state=state, **values))


async def sent(work: Work, taken: Sequence[tuple[int, str | None]]) -> None:
    """Record deliveries: (row, the messenger's id of the message)."""
    values = [{"row_id": row_id, "sent_as": message_id, "sent_on": work.now} for row_id, message_id in taken]
    await work.run_many(_SENT, values)


_SENT = (
    sa.update(outbox)
    .where(outbox.c.id == sa.bindparam("row_id"))
    .values(
        state=OutboxState.SENT,
        message_id=sa.bindparam("sent_as"),
        sent_at=sa.bindparam("sent_on"),
        error=None,
    )
)


async def postpone(work: Work, row_id: int, until: datetime, error: str, *, counts: bool = True) -> None:
    """Put a message back into the queue, not to be sent before a moment.

    `counts`: as a try that failed.
    """
    await work.run(
        sa.update(outbox)
        .where(
            outbox.c.id == row_id, outbox.c.state != OutboxState.FORGOTTEN
        )  # erased while it was under way
        .values(
            state=OutboxState.QUEUED,
            not_before=until,
            error=error,
            tries=outbox.c.tries if counts else outbox.c.tries - 1,
        )
    )


async def requeue_interrupted(work: Work) -> int:
    """Queue again, at start, what was in flight when the process died.

    Messages arrive at least once.
    """
    result = await work.run(
        sa.update(outbox).where(outbox.c.state == OutboxState.SENDING).values(state=OutboxState.QUEUED)
    )
    return result.rowcount


async def hold_for(work: Work, channel: str, address: str) -> None:
    """Hold notices to somebody who cannot be reached; drop replies, soon stale."""
    waiting = sa.update(outbox).where(
        outbox.c.channel == channel, outbox.c.address == address, outbox.c.state == OutboxState.QUEUED
    )
    hiding = sa.or_(
        outbox.c.kind == DELETE, sa.and_(outbox.c.kind == EDIT, outbox.c.question_id.is_not(None))
    )  # as in `hides`
    kept = sa.or_(outbox.c.lane == Lane.NOTICE, hiding)
    await work.run(waiting.where(kept).values(state=OutboxState.HELD))
    await work.run(waiting.where(sa.not_(kept)).values(state=OutboxState.DROPPED))
    here = sa.and_(outbox.c.channel == channel, outbox.c.address == address)
    farewell = sa.update(outbox).where(here, outbox.c.about == FAREWELL)
    await work.run(farewell.values(content={}, address=""))


async def release_for(work: Work, channel: str, address: str) -> None:
    """Send what was held for somebody who came back, in order.

    What may still be undone goes on waiting for that.
    """
    at_once = sa.literal(AT_ONCE, outbox.c.not_before.type)
    await work.run(
        sa.update(outbox)
        .where(outbox.c.channel == channel, outbox.c.address == address, outbox.c.state == OutboxState.HELD)
        .values(
            state=OutboxState.QUEUED,
            not_before=sa.case((outbox.c.undo_id.is_(None), at_once), else_=outbox.c.not_before),
        )
    )


async def move_address(work: Work, channel: str, old: str, new: str) -> None:
    await work.run(
        sa.update(outbox)
        .where(
            outbox.c.channel == channel,
            outbox.c.address == old,
            outbox.c.state.in_([OutboxState.QUEUED, OutboxState.SENDING, OutboxState.HELD]),
        )
        .values(address=new)
    )


async def by_id(work: Work, row_id: int) -> OutboxRow:
    row = await work.one_or_none(sa.select(outbox).where(outbox.c.id == row_id))
    assert row is not None, "messages are forgotten in place, never deleted"
    return row


async def of_question(work: Work, question_id: int) -> list[AboutRow]:
    """List the cards of a question, with its files.

    As `of_questions`.
    """
    return await of_questions(work, [question_id], "card")


async def of_questions(work: Work, question_ids: Iterable[int], about: str) -> list[AboutRow]:
    """List the messages to people that are about these questions.

    Sent or still to be sent, by index. `about` is "card" or "answer"; with files, without changes of messages.
    """
    return [
        row
        for some in in_pieces(sorted(question_ids))
        for row in await work.all(
            sa.select(outbox)
            .where(
                outbox.c.question_id.in_(some),
                outbox.c.person_id.is_not(None),
                outbox.c.kind.in_(("text", FILE, ALBUM)),
                outbox.c.about == about,
                outbox.c.state.in_(_MAY_BE_SEEN),
            )
            .order_by(outbox.c.id)
        )
    ]


async def showing(work: Work, question_ids: Iterable[int]) -> list[ShowingRow]:
    """List messages that show one of these questions beside their own matter.

    Changes too, by index. Each with `shown_id`, the question that it shows.
    """
    return [
        row
        for some in in_pieces(sorted(question_ids))
        for row in await work.all(
            sa.select(outbox, outbox_questions.c.question_id.label("shown_id"))
            .join(outbox_questions, outbox_questions.c.outbox_id == outbox.c.id)
            .where(outbox_questions.c.question_id.in_(some), outbox.c.person_id.is_not(None))
            .order_by(outbox.c.id)
        )
    ]


async def shown_by(work: Work, rows: Sequence[OutboxRow]) -> dict[int, list[int]]:
    """Return the further questions that each message shows, by the message's id."""
    found: dict[int, list[int]] = {}
    for some in in_pieces([row.id for row in rows]):
        query = sa.select(outbox_questions).where(outbox_questions.c.outbox_id.in_(some))
        for pair in await work.all(query):
            found.setdefault(pair.outbox_id, []).append(pair.question_id)
    return found


async def drop_changes_of_buttons(work: Work, states: Sequence[OutboxRow]) -> None:
    """Drop queued changes of a message's buttons alone.

    The whole message is about to change. `states` are its own (`states_of`).
    """
    for row in states:
        if row.kind == BUTTONS:
            await drop(work, row.id)


async def states_of(
    work: Work, channel: str, address: str, message_id: str | None, row_id: int | None
) -> list[OutboxRow]:
    """List a message and its changes, the last to arrive first.

    The message is known by the messenger's id or by its outbox row.
    """
    if row_id is not None:
        message_id = (await by_id(work, row_id)).message_id
    here = (outbox.c.channel == channel, outbox.c.address == address)
    sent = (
        []
        if message_id is None
        else await work.all(
            sa.select(outbox)
            .where(*here, outbox.c.message_id == message_id)
            .where(
                outbox.c.state.in_([OutboxState.SENT, OutboxState.FORGOTTEN])
            )  # it lost its words, not its place
            .order_by(outbox.c.sent_at.desc(), outbox.c.id.desc())
            .limit(10)
        )
    )
    base = row_id if row_id is not None else min((row.edit_of or row.id for row in sent), default=None)
    of_it = [] if base is None else [outbox.c.id == base, outbox.c.edit_of == base]
    if message_id is not None:
        of_it.append(outbox.c.content["message_id"].as_string() == message_id)
    changes: list[OutboxRow] = []
    for state in _UNDER_WAY if of_it else ():
        # Filtered by the database: else each would read all rows of a person with thousands of changes.
        query = sa.select(outbox).where(*here, sa.text(f"outbox.state = '{state}'"), sa.or_(*of_it))
        changes += await work.all(query)
    return [*sorted(changes, key=_last_first), *sent]


_UNDER_WAY = ("queued", "sending")  # literally in statements, for the indexes of just these


def _last_first(row: OutboxRow) -> tuple[bool, int, int]:
    return row.state == OutboxState.SENDING, -row.lane, -row.id


@dataclass(frozen=True, slots=True)
class ChatPlace:
    """A message in somebody's chat, known by the messenger's id or its outbox row."""

    channel: str
    address: str
    message_id: str | None
    row_id: int | None


async def states_of_many(work: Work, places: Sequence[ChatPlace]) -> dict[ChatPlace, list[OutboxRow]]:
    """Return what `states_of` does for many messages, with few statements.

    Blanked and dropped rows as they stand now.
    """
    found: dict[ChatPlace, list[OutboxRow]] = {}
    for some in in_pieces(dict.fromkeys(places)):
        found |= await _states_of_piece(work, some)
    return found


async def _states_of_piece(work: Work, places: Sequence[ChatPlace]) -> dict[ChatPlace, list[OutboxRow]]:
    ours = await by_ids(work, (one.row_id for one in places if one.row_id is not None))
    at = {one: one.message_id if one.row_id is None else ours[one.row_id].message_id for one in places}
    here = outbox.c.address.in_(sorted({one.address for one in places}))
    ids = sorted({one for one in at.values() if one is not None})
    sent: dict[tuple[str, str, str], list[OutboxRow]] = {}
    query = (
        sa.select(outbox)
        .where(here, outbox.c.message_id.in_(ids))
        .where(outbox.c.state.in_([OutboxState.SENT, OutboxState.FORGOTTEN]))
        .order_by(outbox.c.sent_at.desc(), outbox.c.id.desc())
    )
    for row in await work.all(query) if ids else ():
        sent.setdefault((row.channel, row.address, row.message_id), []).append(row)
    before = {
        one: [] if (place := at[one]) is None else sent.get((one.channel, one.address, place), [])
        for one in places
    }
    bases = {
        one: one.row_id
        if one.row_id is not None
        else min((row.edit_of or row.id for row in rows), default=None)
        for one, rows in before.items()
    }
    wanted = sorted({one for one in bases.values() if one is not None})
    of_it = [outbox.c.id.in_(wanted), outbox.c.edit_of.in_(wanted)] if wanted else []
    if ids:
        of_it.append(outbox.c.content["message_id"].as_string().in_(ids))
    changes: list[OutboxRow] = []
    for state in _UNDER_WAY if of_it else ():
        query = sa.select(outbox).where(here, sa.text(f"outbox.state = '{state}'"), sa.or_(*of_it))
        changes += await work.all(query)
    changing: dict[object, list[OutboxRow]] = {}
    for row in sorted(changes, key=_last_first):
        keys = {row.id, row.edit_of, (row.channel, row.address, row.content.get("message_id"))}
        for key in keys:
            changing.setdefault(key, []).append(row)
    result = {}
    for one in places:
        of_this = {row.id: row for row in changing.get(bases[one], ())} if bases[one] is not None else {}
        if at[one] is not None:
            of_this |= {row.id: row for row in changing.get((one.channel, one.address, at[one]), ())}
        result[one] = [*sorted(of_this.values(), key=_last_first), *before[one]]
    return result


async def by_ids(work: Work, row_ids: Iterable[int]) -> dict[int, OutboxRow]:
    """Return messages by their ids."""
    return {
        row.id: row
        for some in in_pieces(sorted({*row_ids}))
        for row in await work.all(sa.select(outbox).where(outbox.c.id.in_(some)))
    }


async def as_shown(
    work: Work, channel: str, address: str, *, message_id: str | None, row_id: int | None
) -> tuple[str | None, Any] | None:
    """Return what `shown_after` says of one message."""
    return shown_after(await states_of(work, channel, address, message_id, row_id))


def shown_after(states: Sequence[OutboxRow]) -> tuple[str | None, Any] | None:
    """Return (HTML, buttons) of a message once all that is queued has arrived.

    None where it is not known. The HTML is None where only the buttons are known.
    """
    html = buttons = None
    for row in states:
        if buttons is None and "buttons" in row.content:
            buttons = row.content["buttons"]
        html = row.content.get("html")
        if html is not None:
            break
    return None if buttons is None else (html, buttons)


async def buttons_shown_last(work: Work, channel: str, address: str) -> list[list[list[str]]]:
    """Return the buttons of the newest message to an address that had any.

    By index.
    """
    rows = await work.all(
        sa.select(outbox.c.content)
        .where(
            outbox.c.channel == channel,
            outbox.c.address == address,
            outbox.c.message_id.is_not(None),
            outbox.c.state == OutboxState.SENT,
        )
        .order_by(outbox.c.sent_at.desc(), outbox.c.id.desc())
        .limit(10)
    )
    return next((row.content["buttons"] for row in rows if row.content.get("buttons")), [])


async def is_caption(
    work: Work, channel: str, address: str, *, message_id: str | None, row_id: int | None
) -> bool:
    """Return whether a message's words stand below a picture or document of ours."""
    if row_id is not None:
        return (await by_id(work, row_id)).kind in CAPTIONED
    row = None if message_id is None else await sent_as(work, channel, address, message_id)
    return row is not None and row.kind in CAPTIONED


async def latest_as(work: Work, supersedes: str) -> OutboxRow | None:
    """Return the newest message with this key that somebody may see.

    Or will see once it is sent. By index.
    """
    return await work.one_or_none(
        sa.select(outbox)
        .where(outbox.c.supersedes == supersedes, outbox.c.state.in_(_MAY_BE_SEEN))
        .order_by(outbox.c.id.desc())
        .limit(1)
    )


async def last_change(work: Work, key: str, row_id: int) -> OutboxRow | None:
    """Return the newest change of a message with this `supersedes`, or None.

    By index.
    """
    return await work.one_or_none(
        sa.select(outbox)
        .where(outbox.c.supersedes == key, outbox.c.edit_of == row_id)
        .order_by(outbox.c.id.desc())
        .limit(1)
    )


async def newest_as(work: Work, keys: Collection[str]) -> dict[str, PersonalRow]:
    """Return the newest message to a person with each key, sent or not."""
    return {
        row.supersedes: row
        for some in in_pieces(sorted(keys))
        for row in await work.all(
            sa.select(outbox)
            .where(
                outbox.c.supersedes.in_(some),
                outbox.c.state.in_(_MAY_BE_SEEN),
                outbox.c.kind.not_in(_CHANGES),
            )
            .order_by(outbox.c.id)
        )
    }


async def release_key(work: Work, key: str) -> None:
    """Let messages with this key stay where they are, replaced by none; by index."""
    await work.run(sa.update(outbox).where(outbox.c.supersedes == key).values(supersedes=None))


async def all_as(work: Work, supersedes: str) -> list[OutboxRow]:
    """List every message with this key that somebody may see.

    Or will see once it is sent. By index.
    """
    return await work.all(
        sa.select(outbox)
        .where(outbox.c.supersedes == supersedes, outbox.c.state.in_(_MAY_BE_SEEN))
        .order_by(outbox.c.id)
    )


async def is_waiting(work: Work, row_id: int) -> bool:
    """Return whether a message can still be replaced before anybody saw it."""
    state = await work.value(sa.select(outbox.c.state).where(outbox.c.id == row_id))
    return bool(state == OutboxState.QUEUED)


async def sent_as(work: Work, channel: str, address: str, message_id: str) -> OutboxRow | None:
    """Return the message that somebody replied to; of an album, by any part."""
    here = sa.select(outbox).where(outbox.c.channel == channel, outbox.c.address == address)
    row = await work.one_or_none(here.where(outbox.c.message_id == message_id).order_by(outbox.c.id).limit(1))
    if row is not None:
        return row
    named = sa.cast(outbox.c.content, sa.Text).contains(f'"{message_id}"', autoescape=True)
    albums = await work.all(here.where(outbox.c.kind == ALBUM, named).order_by(outbox.c.id.desc()))
    return next((album for album in albums if message_id in ids_of(album)), None)


def ids_of(row: OutboxRow) -> list[str]:
    """Return the messenger's ids of a sent message; an album has several."""
    return list(row.content.get("message_ids", ())) or ([] if row.message_id is None else [row.message_id])


async def soonest(work: Work, channels: Sequence[str]) -> datetime | None:
    """Return when the next deferred message of these channels may go, or None."""
    value: datetime | None = await work.value(
        sa.select(sa.func.min(outbox.c.not_before)).where(
            sa.text("state = 'queued'"), outbox.c.channel.in_(channels)
        )
    )
    return value


async def forget(work: Work, before: datetime, limit: int, *, since: datetime | None = None) -> int:
    """Blank some messages that were settled and queued before a moment; return how many.

    And since another one, where `since` is given. By index.
    """
    settled = (OutboxState.SENT, OutboxState.FAILED, OutboxState.DROPPED, OutboxState.HELD)
    some = (
        sa.select(outbox.c.id)
        .where(outbox.c.state.in_(settled), outbox.c.queued_at < before)
        .where(sa.true() if since is None else outbox.c.queued_at >= since)
        .order_by(outbox.c.queued_at)
        .limit(limit)
    )
    result = await work.run(
        sa.update(outbox).where(outbox.c.id.in_(some)).values(content={}, state=OutboxState.FORGOTTEN)
    )
    return result.rowcount
