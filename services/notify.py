"""Telling people: words are chosen and cut here, inside the transaction.

The sender delivers them afterwards.
"""

from base64 import b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from html import escape
from typing import Any

from channels.outgoing import Abilities, Kind, opens_address
from channels.registry import CHANNELS
from messages.buttons import Keyboard
from messages.notice import Notice
from messages.words import Words, words
from storage.delivery import outbox
from storage.delivery.outbox import Lane
from storage.engine.database import Held, Work
from storage.people import people
from storage.rows import FileRow, OutboxRow, PersonRow


class Purpose(StrEnum):
    """The purpose of a change of an earlier message.

    A channel that can't change messages does something else instead.
    """

    RESULT = "result"  # what came of a press, in its place; else a new message
    PAGE = "page"  # another part of a list; else a new message
    PROGRESS = "progress"  # how far something is; else nothing, for its end is told
    HIDE = "hide"  # words that must go; else only the record that they could not be taken back


UNCHANGEABLE = "unchangeable"  # `error` of a change that the channel does not make


def words_for(work: Work, person: PersonRow) -> Words:
    """Return the words of a person's language, in programme time."""
    return words(person.language, work.programme.timezone)


async def tell(
    work: Work,
    person: PersonRow,
    notice: Notice,
    buttons: Keyboard = (),
    *,
    lane: Lane = Lane.NOTICE,
    question_id: int | None = None,
    about: str | None = None,
    files: Sequence["FileRow | RenamedFile"] = (),
    supersedes: str | None = None,
    shows: Sequence[int] = (),
    card: bool = False,
) -> int | None:
    """Queue a notice for one person; return its outbox id.

    That of the message that carries the buttons.

    `about` says what a reply to the message means: card, clarification, answer. A message with words of further
    questions than `question_id`, such as a list, names them in `shows`: hiding or erasing one of them finds it by
    that.

    Returns None for somebody whom no messenger reaches (post, telephone). For somebody who blocked us the notice is
    held until they come back; a reply is not, for it would answer what they no longer see.
    """
    if not people.can_be_reached(person):
        return None
    row_id = None
    parts = _parts(work, person, notice, buttons)
    if card:
        parts = _as_card(parts)
    for index, part in enumerate(parts):
        row_id = await _queue(
            work,
            person,
            lane,
            Kind.TEXT,
            part,
            question_id=question_id,
            about=_about(about, shows),
            supersedes=None if supersedes is None else f"{supersedes}:{index}",
            shows=shows,
        )
    await _send_files(work, person, files, lane=lane, question_id=question_id, about=about)
    return row_id


async def tell_many(
    work: Work,
    told: Iterable[tuple[PersonRow, Notice, int | None]],
    *,
    lane: Lane = Lane.NOTICE,
    about: str | None = None,
) -> None:
    """Queue many plain notices, as `tell`, each about one question or none.

    They are put into words as they are queued, so that a generator of a hundred thousand may be handed in.
    """
    await outbox.put_many(
        work,
        (
            outbox.OutboxMessage(
                channel=person.channel,
                address=person.address,
                person_id=person.id,
                lane=lane,
                kind=Kind.TEXT,
                content=part,
                question_id=question_id,
                about=about,
                held=_is_held(person, lane),
            )
            for person, notice, question_id in told
            if people.can_be_reached(person)
            for part in _parts(work, person, notice)
        ),
    )


async def tell_each(
    work: Work,
    told: Sequence[tuple[PersonRow, Notice, Keyboard]],
    *,
    question_id: int | None = None,
    about: str | None = None,
    card: bool = False,
) -> None:
    """Queue several people's notices with buttons, as `tell`, about one question or none.

    What is the same for several is put into words once.
    """
    said: dict[tuple[str, str, int, int], list[dict[str, Any]]] = {}
    messages = []
    for person, notice, buttons in told:
        if not people.can_be_reached(person):
            continue
        key = (person.channel, person.language, id(notice), id(buttons))
        if key not in said:
            parts = _parts(work, person, notice, buttons)
            said[key] = _as_card(parts) if card else parts
        messages += [
            outbox.OutboxMessage(
                channel=person.channel,
                address=person.address,
                person_id=person.id,
                lane=Lane.NOTICE,
                kind=Kind.TEXT,
                content=part,
                question_id=question_id,
                about=about,
                held=_is_held(person, Lane.NOTICE),
            )
            for part in said[key]
        ]
    await outbox.put_many(work, messages)


def _as_card(parts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Mark the part with the buttons as a question's card, which is kept as things stand."""
    return [*parts[:-1], parts[-1] | {outbox.CARD: len(parts)}]


async def tell_chat(
    work: Work,
    channel: str,
    address: str,
    notice: Notice,
    *,
    lane: Lane = Lane.NOTICE,
    about: str | None = None,
    supersedes: str | None = None,
    topic: str | None = None,
) -> int:
    """Queue a notice for a group, in the programme's language.

    Returns its outbox id. Nobody presses buttons there. `topic`: the part of the group where it is to stand.
    """
    return await outbox.put(
        work,
        channel=channel,
        address=address,
        person_id=None,
        lane=lane,
        kind=Kind.TEXT,
        content=content(work, None, notice, channel=channel) | ({} if topic is None else {"topic": topic}),
        about=about,
        supersedes=supersedes,
    )


def content(
    work: Work,
    person: PersonRow | None,
    notice: Notice,
    buttons: Keyboard = (),
    *,
    channel: str | None = None,
) -> dict[str, Any]:
    """Make the content of a message of one part.

    In a person's words or, for a group on a `channel`, the programme's.
    """
    say = words(work.programme.language if person is None else person.language, work.programme.timezone)
    channel = channel if person is None else person.channel
    assert channel is not None, "a group's channel has to be told"
    can = CHANNELS[channel]
    rows = rows_of(say, buttons)
    below = _choices_below(can, rows)
    html = can.split(say.say(notice), can.text_limit - can.units(below))[0]
    return {"html": html + below, "buttons": rows} | _manner(work, notice)


async def tell_with_picture(
    work: Work,
    person: PersonRow,
    notice: Notice,
    png: bytes,
    buttons: Keyboard = (),
    *,
    about: str | None = None,
) -> None:
    """Queue a notice as the caption of a picture of ours, one message.

    What a caption can't hold follows as text. The picture travels in the outbox, so that it is delivered as surely as
    words, and is forgotten with them.
    """
    say = words_for(work, person)
    can = CHANNELS[person.channel]
    rows = rows_of(say, buttons)
    caption, *more = _cut(can, say.say(notice), rows, can.caption_limit)
    picture = {"png": b64encode(png).decode("ascii"), "html": caption}
    first = picture | {"buttons": [] if more else rows}
    await _queue(work, person, Lane.NOTICE, Kind.PICTURE, first, about=about)
    for index, html in enumerate(more, start=1):
        part = {"html": html, "buttons": rows if index == len(more) else []}
        await _queue(work, person, Lane.NOTICE, Kind.TEXT, part, about=about)


async def tell_with_document(
    work: Work,
    person: PersonRow,
    notice: Notice,
    document: bytes,
    name: str,
    buttons: Keyboard = (),
    *,
    lane: Lane = Lane.NOTICE,
    supersedes: str | None = None,
    about: str | None = None,
) -> int | None:
    """Queue a notice as the caption of a document of ours, like `tell_with_picture`.

    Returns the outbox id of the message that carries the buttons, None where no messenger reaches the person.
    """
    if not people.can_be_reached(person):
        return None
    say = words_for(work, person)
    can = CHANNELS[person.channel]
    rows = rows_of(say, buttons)
    caption, *more = _cut(can, say.say(notice), rows, can.caption_limit)
    content = {"data": b64encode(document).decode("ascii"), "name": name, "html": caption}
    row_id = await _queue(
        work,
        person,
        lane,
        Kind.DOCUMENT,
        content | {"buttons": [] if more else rows},
        supersedes=supersedes,
        about=about,
    )
    for index, html in enumerate(more, start=1):
        last = index == len(more)
        row_id = await _queue(work, person, lane, Kind.TEXT, {"html": html, "buttons": rows if last else []})
    return row_id


async def tell_with_kept_file(
    work: Work, person: PersonRow, notice: Notice, checksum: str, name: str
) -> int | None:
    """Queue an answer with a large document, kept under its checksum.

    In storage.files, where it must be kept until the message is delivered. `notice` has to be short enough for a
    caption. Returns the outbox id, None where no messenger reaches the person.
    """
    if not people.can_be_reached(person):
        return None
    can = CHANNELS[person.channel]
    (caption,) = can.split(words_for(work, person).say(notice), can.caption_limit)
    content = {"checksum": checksum, "name": name, "html": caption, "buttons": []}
    return await _queue(work, person, Lane.REPLY, Kind.DOCUMENT, content)


async def show_as_sent(work: Work, person: PersonRow, message: dict[str, Any]) -> int:
    """Queue a preview: the very message that others will get.

    ({"kind", "content"}); returns the outbox id.
    """
    content = message["content"] | {"previews": True}
    return await _queue(work, person, Lane.REPLY, Kind(message["kind"]), content)


@dataclass(frozen=True)
class RenamedFile:
    """A kept file to send under another name than its sender's.

    It is uploaded again, because the messenger keeps a file's name.
    """

    row: FileRow
    name: str

    def __getattr__(self, column: str) -> Any:
        return getattr(self.row, column)


async def send_files(
    work: Work,
    person: PersonRow,
    files: Sequence[FileRow | RenamedFile],
    *,
    question_id: int,
    about: str = "card",
) -> None:
    """Queue files for one person, as a reply to their asking for them."""
    if people.can_be_reached(person):
        await _send_files(work, person, files, lane=Lane.REPLY, question_id=question_id, about=about)


# What a messenger shows together; what is none of these (a voice) goes by itself.
_TOGETHER = {"photo": "seen", "video": "seen", "document": "read", "audio": "heard"}


async def _send_files(
    work: Work,
    person: PersonRow,
    files: Sequence[FileRow | RenamedFile],
    *,
    lane: Lane,
    question_id: int | None,
    about: str | None,
) -> None:
    """Queue files, as albums where they go together, else one by one."""
    at_once = CHANNELS[person.channel].album_files
    groups: dict[str, list[FileRow | RenamedFile]] = {}
    for file in files:
        groups.setdefault(_TOGETHER.get(file.kind, f"alone {file.id}"), []).append(file)
    for group in groups.values():
        for at in range(0, len(group), at_once):
            some = [_file(one) for one in group[at : at + at_once]]
            kind, content = (Kind.ALBUM, {"files": some}) if len(some) > 1 else (Kind.FILE, some[0])
            if kind is Kind.FILE:
                content = content | {"caption": ""}
            await _queue(work, person, lane, kind, content, question_id=question_id, about=about)


def _file(file: FileRow | RenamedFile) -> dict[str, Any]:
    return {
        "kind": file.kind,
        # without one the messenger gets the kept content, under this name
        "remote_id": "" if isinstance(file, RenamedFile) else file.remote_id,
        "checksum": file.checksum,
        "name": file.name,
        "content_type": file.content_type,
    }


async def rewrite(
    work: Work,
    person: PersonRow,
    notice: Notice,
    buttons: Keyboard = (),
    *,
    message_id: str | None = None,
    edit_of: int | None = None,
    supersedes: str | None = None,
    shows: Sequence[int] = (),
    hides: int | None = None,
    purpose: Purpose = Purpose.RESULT,
) -> None:
    """Change an earlier message: a pressed one (`message_id`), or ours (`edit_of`).

    Only a message that fits in one part can be changed; of a longer one the last part is. `hides` is the question
    whose words must go: such a change is never given up. `purpose` says what is done instead on a channel that
    changes no messages.
    """
    if not people.can_be_reached(person):
        return  # erased since: there is no chat any more
    say, can = words_for(work, person), CHANNELS[person.channel]
    if not can.edits:
        if hides is not None or purpose is Purpose.HIDE:
            await _not_taken_back(work, person, Kind.EDIT, edit_of, hides)
        elif purpose is not Purpose.PROGRESS:
            await tell(work, person, notice, buttons, lane=Lane.REPLY, supersedes=supersedes, shows=shows)
        return
    caption = await outbox.is_caption(
        work, person.channel, person.address, message_id=message_id, row_id=edit_of
    )
    rows = rows_of(say, buttons)
    html = _cut(can, say.say(notice), rows, can.caption_limit if caption else can.text_limit)[-1]
    content: dict[str, Any] = {"html": html, "buttons": rows} | _manner(work, notice)
    if caption:
        content["caption"] = True
    await _change(work, person, Kind.EDIT, content, message_id, edit_of, supersedes, hides, shows)


@dataclass(frozen=True, slots=True)
class Rewriting:
    """A change of somebody's earlier message.

    The message is known by its outbox row (`edit_of`), or by the messenger's id. Nobody hears of a change. On a
    channel without changes what only tells how things stand is left out.
    """

    person: PersonRow
    notice: Notice
    hides: int | None = None  # as in `rewrite`; None: it only tells how things stand
    buttons: Keyboard = ()
    edit_of: int | None = None
    message_id: str | None = None

    @property
    def place(self) -> outbox.ChatPlace:
        row_id = self.edit_of if self.message_id is None else None
        assert people.can_be_reached(self.person)
        return outbox.ChatPlace(self.person.channel, self.person.address, self.message_id, row_id)


async def rewrite_many(work: Work, changes: Iterable[Rewriting]) -> None:
    """Change earlier messages of many people as `rewrite`, with few statements."""
    wanted = []
    for one in changes:
        if people.can_be_reached(one.person):
            if CHANNELS[one.person.channel].edits:
                wanted.append(one)
            elif one.hides is not None:
                await _not_taken_back(work, one.person, Kind.EDIT, one.edit_of, one.hides)
    states = await outbox.states_of_many(work, [one.place for one in wanted])
    bases = await outbox.by_ids(work, (one.edit_of for one in wanted if one.edit_of is not None))
    overtaken: list[int] = []
    messages: list[outbox.OutboxMessage] = []
    for one in wanted:
        rows = states[one.place]
        base = bases[one.edit_of] if one.message_id is None and one.edit_of is not None else None
        shown = [row for row in rows if row.message_id == one.message_id] if base is None else [base]
        caption = bool(shown) and min(shown, key=lambda row: int(row.id)).kind in outbox.CAPTIONED
        say, can = words_for(work, one.person), CHANNELS[one.person.channel]
        buttons = rows_of(say, one.buttons)
        limit = can.caption_limit if caption else can.text_limit
        content: dict[str, Any] = {
            "html": (html := _cut(can, say.say(one.notice), buttons, limit)[-1]),
            "buttons": buttons,
        }
        if outbox.shown_after(rows) == (html, content["buttons"]):
            continue  # it says so already, and a messenger refuses to change nothing
        overtaken += [row.id for row in rows if row.kind == Kind.BUTTONS]
        # Of what only tells how things stand, an older one that has not left is not sent any more.
        overtaken += [row.id for row in rows if one.hides is None and _only_tells(row)]
        more = {"caption": True} if caption else {}
        pressed = {} if one.message_id is None else {"message_id": one.message_id}
        messages.append(
            outbox.OutboxMessage(
                channel=one.place.channel,
                address=one.place.address,
                person_id=one.person.id,
                lane=Lane.REPLY if base is None else Lane(base.lane),
                kind=Kind.EDIT,
                content=content | more | pressed,
                question_id=one.hides,
                edit_of=None if base is None else base.id,
            )
        )
    await outbox.drop_many(work, overtaken)
    await outbox.put_many(work, messages)


def _only_tells(row: OutboxRow) -> bool:
    return row.kind == Kind.EDIT and row.question_id is None and row.state == outbox.OutboxState.QUEUED


async def take_back_many(work: Work, taken: Iterable[tuple[PersonRow, OutboxRow]]) -> None:
    """Delete earlier messages, each with its reader, as `take_back`, with few statements."""
    messages: list[outbox.OutboxMessage] = []
    for person, row in taken:
        if not people.can_be_reached(person):
            continue
        if not CHANNELS[person.channel].deletes:
            await _not_taken_back(work, person, Kind.DELETE, row.id, None)
            continue
        messages.append(
            outbox.OutboxMessage(
                channel=person.channel,
                address=person.address,
                person_id=person.id,
                lane=Lane(row.lane),
                kind=Kind.DELETE,
                content={},
                edit_of=row.id,
            )
        )
    await outbox.put_many(work, messages)


async def reword(
    work: Work,
    person: PersonRow,
    content: dict[str, Any],
    *,
    edit_of: int | None,
    message_id: str | None,
    hides: int,
) -> None:
    """Change an earlier message to a `content` that is already in words.

    The message is named as in `rewrite`.
    """
    if people.can_be_reached(person) and not CHANNELS[person.channel].edits:
        await _not_taken_back(work, person, Kind.EDIT, edit_of, hides)
        return
    await _change(
        work, person, Kind.EDIT, content, message_id, edit_of, question_id=hides, about=outbox.REWORDED
    )


async def take_buttons_away(
    work: Work, person: PersonRow, *, message_id: str | None = None, edit_of: int | None = None
) -> None:
    """Remove the buttons of an earlier message, and keep its words."""
    if people.can_be_reached(person) and not CHANNELS[person.channel].edits:
        return
    await _change(work, person, Kind.BUTTONS, {"buttons": []}, message_id, edit_of)


async def change_buttons_after(
    work: Work,
    person: PersonRow,
    held: Held,
    buttons: Keyboard,
    *,
    message_id: str | None = None,
    edit_of: int | None = None,
) -> None:
    """Change the buttons of an earlier message once something can no longer be undone."""
    if people.can_be_reached(person) and CHANNELS[person.channel].edits:
        rows = rows_of(words_for(work, person), buttons)
        await _change(work, person, Kind.BUTTONS, {"buttons": rows}, message_id, edit_of, after=held)


async def _change(
    work: Work,
    person: PersonRow,
    kind: Kind,
    content: dict[str, Any],
    message_id: str | None,
    edit_of: int | None,
    supersedes: str | None = None,
    question_id: int | None = None,
    shows: Sequence[int] = (),
    *,
    about: str | None = None,
    after: Held | None = None,
) -> None:
    if not people.can_be_reached(person):
        return  # erased since: there is no chat any more
    states = await outbox.states_of(work, person.channel, person.address, message_id, edit_of)
    shown = outbox.shown_after(states)
    html = content.get("html")  # a change of buttons leaves it
    if shown is not None and shown[1] == content["buttons"] and html in (None, shown[0]):
        return  # a second tap: it says so already, and a messenger refuses to change nothing
    if kind is Kind.EDIT:
        await outbox.drop_changes_of_buttons(work, states)
    pressed = {} if message_id is None else {"message_id": message_id}
    await _queue(
        work,
        person,
        Lane.REPLY,
        kind,
        content | pressed,
        edit_of=edit_of,
        supersedes=supersedes,
        question_id=question_id,
        about=_about(about, shows),
        shows=shows,
        after=after,
    )


async def take_back(work: Work, person: PersonRow, *, edit_of: int) -> None:
    """Delete an earlier message of ours from the chat."""
    if not people.can_be_reached(person):
        return
    if not CHANNELS[person.channel].deletes:
        await _not_taken_back(work, person, Kind.DELETE, edit_of, None)
    else:
        await _queue(work, person, Lane.REPLY, Kind.DELETE, {}, edit_of=edit_of)


async def _not_taken_back(
    work: Work, person: PersonRow, kind: Kind, edit_of: int | None, question_id: int | None
) -> None:
    """Stop a message that has not left; of one that has, record that its words could not be taken back."""
    if edit_of is not None and await outbox.drop(work, edit_of):
        return
    row_id = await _queue(work, person, Lane.REPLY, kind, {}, edit_of=edit_of, question_id=question_id)
    await outbox.settle(work, row_id, outbox.OutboxState.DROPPED, error=UNCHANGEABLE)


def _about(about: str | None, shows: Sequence[int]) -> str | None:
    return outbox.LIST if shows and about is None else about


async def show_menu(work: Work, person: PersonRow, commands: Sequence[tuple[str, str]]) -> None:
    """Set the commands that a person's app offers.

    After their roles or language changed.
    """
    if not people.can_be_reached(person) or not CHANNELS[person.channel].menus:
        return
    content = {"commands": [list(command) for command in commands]}
    await _queue(work, person, Lane.NOTICE, Kind.MENU, content, supersedes=f"menu:{person.id}")


async def _queue(
    work: Work,
    person: PersonRow,
    lane: Lane,
    kind: Kind,
    content: dict[str, Any],
    *,
    question_id: int | None = None,
    about: str | None = None,
    edit_of: int | None = None,
    supersedes: str | None = None,
    shows: Sequence[int] = (),
    after: Held | None = None,
) -> int:
    """Put a message into the outbox; it is held while the person cannot be reached."""
    assert people.can_be_reached(person), "whoever queues has looked"
    return await outbox.put(
        work,
        channel=person.channel,
        address=person.address,
        person_id=person.id,
        lane=lane,
        kind=kind,
        content=content,
        question_id=question_id,
        about=about,
        edit_of=edit_of,
        supersedes=supersedes,
        held=_is_held(person, lane),
        shows=shows,
        after=after,
    )


def _is_held(person: PersonRow, lane: Lane) -> bool:
    return person.unreachable_at is not None and lane == Lane.NOTICE


def _parts(work: Work, person: PersonRow, notice: Notice, buttons: Keyboard = ()) -> list[dict[str, Any]]:
    """Make the contents of a notice's messages; buttons stand below the last one."""
    say, can = words_for(work, person), CHANNELS[person.channel]
    rows = rows_of(say, buttons)
    parts = _cut(can, say.say(notice), rows, can.text_limit)
    manner = _manner(work, notice)
    said = [{"html": html, "buttons": []} for html in parts[:-1]] + [{"html": parts[-1], "buttons": rows}]
    return [part | manner for part in said]


def _manner(work: Work, notice: Notice) -> dict[str, Any]:
    """How a notice is shown, as far as it is not as all others."""
    protected = notice.personal and work.programme.protect_cards
    until = {} if notice.stale_at is None else {outbox.UNTIL: notice.stale_at.isoformat()}
    return (
        until | ({"protected": True} if protected else {}) | ({"previews": True} if notice.previews else {})
    )


def fits(work: Work, person: PersonRow, notice: Notice, buttons: Keyboard = ()) -> bool:
    """Whether a notice is one message on this person's channel."""
    return len(_parts(work, person, notice, buttons)) == 1


def _cut(can: Abilities, html: str, rows: list[list[list[str]]], limit: int) -> list[str]:
    """Cut a text into the parts that a channel shows, with its choices at the end of the last."""
    return can.split(html + _choices_below(can, rows), limit)


def _choices_below(can: Abilities, rows: list[list[list[str]]]) -> str:
    """Write numbered lines in place of buttons, for a channel without them."""
    if can.buttons or not rows:
        return ""
    opens = [f"{escape(label)}: {escape(data)}" for label, data in _keys(rows) if opens_address(data)]
    choices = [f"{number}. {escape(label)}" for number, (label, _) in enumerate(_choices(rows), start=1)]
    return "\n".join(["\n", *choices, *opens])


def _keys(rows: list[list[list[str]]]) -> list[tuple[str, str]]:
    return [(label, data) for row in rows for label, data in row]


def _choices(rows: list[list[list[str]]]) -> list[tuple[str, str]]:
    """List what can be pressed, in the order of its numbers; a button that opens an address has none."""
    return [(label, data) for label, data in _keys(rows) if not opens_address(data)]


async def chosen(work: Work, channel: str, address: str, typed: str) -> str | None:
    """Return the button data that a typed number or label means, or None.

    Of the choices that were shown last.
    """
    rows = await outbox.buttons_shown_last(work, channel, address)
    wanted = typed.strip().casefold()
    for number, (label, data) in enumerate(_choices(rows), start=1):
        if wanted in (str(number), label.casefold()):
            return data
    return None


def rows_of(say: Words, buttons: Keyboard) -> list[list[list[str]]]:
    """Return buttons as a message carries them, labelled in a language."""
    return [[list(say.button(button)) for button in row] for row in buttons]
