"""A question being written: its parts, the message that shows it, dropping it.

It is the data of a conversation whose step begins with "ask.", so it survives a restart.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from zlib import crc32

from channels.incoming import Message
from channels.telegram.compose import TEXT_LIMIT, units
from domain.errors import Reason, RuleViolation
from domain.vietnamese.screening import Screening, tail
from domain.vietnamese.text import clean
from handlers.agencies.field_choice import field_buttons, field_name
from handlers.chat.dropping import when_dropped
from handlers.chat.emergency import warn_of, warn_of_found
from handlers.chat.media import note_file, sent_file, text_of
from handlers.chat.steps import read
from handlers.chat.turn import Turn
from messages.buttons import Act, Button, Key, Keyboard
from messages.notice import Notice
from messages.notices.asking import DraftCard
from messages.notices.chat import Refusal
from services import notify
from services.people import introductions
from storage.agencies import agencies
from storage.delivery import files, outbox
from understanding.screening import screen

CHECK = "ask.check"
STEPS = (
    CHECK,
    *(f"ask.{what}" for what in ("consent", "name", "address", "contact", "organisation", "field")),
)
CARD_UNITS = 2500  # of the question's text on its card: the card stays one message


@dataclass
class Draft:
    """What somebody has written, and what is still to ask (`todo`, in order)."""

    # {"message", "text", "glue", "cut", "space"}; once looked at also {"read", "complaint"}
    parts: list[dict[str, Any]] = field(default_factory=list)
    files: list[dict[str, Any]] = field(default_factory=list)  # {"message", "file"}
    todo: list[str] = field(default_factory=list)
    field_code: str | None = None
    choose_field: bool = False  # offered on the card itself
    page: int = 0  # of the fields offered
    organisation: str | None = None
    share_contact: bool | None = None  # None: as they decided earlier
    prompt: int | None = None  # outbox id of the message that asks for the next step
    bare: bool = False  # that message has no buttons
    album: str | None = None  # whose items came last
    refused_album: str | None = None  # told once that it does not fit
    warned: bool = False  # has the emergency numbers
    said: dict[str, str] = field(default_factory=dict)  # message → what it answered (name, address …)

    @classmethod
    def of(cls, data: dict[str, Any]) -> "Draft":
        """Read a draft from a conversation's data."""
        return read(cls, data) or cls()  # of another version: begun anew

    @property
    def data(self) -> dict[str, Any]:
        """Return what a conversation keeps of it."""
        return dict(vars(self))

    @property
    def text(self) -> str:
        return _joined(self.parts)

    @property
    def file_ids(self) -> list[int]:
        return [one["file"] for one in self.files]

    @property
    def step(self) -> str:
        return f"ask.{self.todo[0]}" if self.todo else CHECK

    def has(self, message_id: str) -> bool:
        return any(one["message"] == message_id for one in (*self.parts, *self.files))


async def save(turn: Turn, draft: Draft) -> None:
    await turn.keep_draft(draft.step, draft.data)


async def open_draft(turn: Turn) -> tuple[Draft | None, bool]:
    """Read the question being written, and whether it waits behind a step."""
    step, draft = await turn.step_and_draft()
    return (None, False) if draft is None else (Draft.of(draft.data), step is not None)


@when_dropped(*STEPS)
async def _given_up(turn: Turn, draft: Draft) -> None:
    await files.drop(turn.work, draft.file_ids)


# --- what is added to it ------------------------------------------------------------------------------------


async def add(turn: Turn, draft: Draft, message: Message, text: str | None = None) -> bool:
    """Put a message's words and file into the draft.

    `text`: where only a part of its words counts.

    Raises `RuleViolation` for what does not fit. For an album that does not fit, this is told once, and the rest of
    it returns False.
    """
    album = message.album
    try:
        await _take(turn, draft, message, text)
    except RuleViolation as violation:
        if album is None:
            raise
        if draft.refused_album != album:
            draft.refused_album = album
            await turn.reply(Refusal(html=turn.words.refusal(violation)))
        return False
    await look(turn, draft)
    return True


async def _take(turn: Turn, draft: Draft, message: Message, text: str | None) -> None:
    programme = turn.work.programme
    words = text_of(message) if text is None else clean(text)
    if words is None:
        raise RuleViolation(Reason.UNSUPPORTED_MESSAGE)
    carries_file = sent_file(message) is not None
    if not words and not carries_file:
        raise RuleViolation(Reason.EMPTY_DRAFT)
    parts = draft.parts
    if words:
        part = _part(message, words, draft.parts[-1] if draft.parts else None)
        parts = [*draft.parts, part]
        _require_room(_joined(parts), programme.question_characters)
    file_id = await note_file(turn, message, beside=len(draft.files))
    if file_id is not None:
        draft.files.append({"message": message.id, "file": file_id})
    draft.parts = parts


async def change(turn: Turn, draft: Draft, message: Message, text: str | None = None) -> bool:
    """Take over an edit of an earlier message of the draft.

    Returns False where that changes nothing.
    """
    words = (text_of(message) or "") if text is None else clean(text)
    changed = False
    for index, part in enumerate(draft.parts):
        if part["message"] == message.id and part["text"] != words:
            before = draft.parts[index - 1] if index else None
            draft.parts[index] = _part(message, words, before)
            changed = True
    known = any(part["message"] == message.id for part in draft.parts)
    if words and not known:  # a caption where there was none
        before = draft.parts[-1] if draft.parts else None
        draft.parts.append(_part(message, words, before))
        changed = True
    draft.parts = [part for part in draft.parts if part["text"]]
    if not draft.parts and not draft.files:
        raise RuleViolation(Reason.EMPTY_DRAFT)
    _require_room(draft.text, turn.work.programme.question_characters)
    if await _change_file(turn, draft, message):
        changed = True
    if changed:
        await look(turn, draft)
    return changed


async def _change_file(turn: Turn, draft: Draft, message: Message) -> bool:
    sent = sent_file(message)
    for one in draft.files:
        if one["message"] == message.id and sent is not None:
            (row,) = await files.by_ids(turn.work, [one["file"]])
            if row.remote_id == sent.remote_id:
                return False
            replacement = await note_file(turn, message)
            if replacement is None:
                return False  # it was refused, and its sender was told
            await files.drop(turn.work, [one["file"]])
            one["file"] = replacement
            return True
    return False


def _part(message: Message, words: str, before: dict[str, Any] | None) -> dict[str, Any]:
    """Make a part of the draft.

    Apps cut a long text into several messages: it is joined again as it was.
    """
    raw = message.typed
    glue = "\n"
    if before is not None and before["cut"]:
        glue = " " if before["space"] or raw[:1].isspace() else ""
    return {
        "message": message.id,
        "text": words,
        "glue": glue,
        "cut": units(raw) >= TEXT_LIMIT,
        "space": raw[-1:].isspace(),
    }


def _joined(parts: Sequence[dict[str, Any]]) -> str:
    return "".join(
        part["text"] if index == 0 else part["glue"] + part["text"] for index, part in enumerate(parts)
    )


def _require_room(text: str, limit: int) -> None:
    if len(text) > limit:
        raise RuleViolation(Reason.TOO_LONG, limit=limit)


async def look(turn: Turn, draft: Draft) -> None:
    """Screen what is new or changed in the draft; send emergency numbers once.

    The result stays with each part, so that nothing is screened again at every message and every card.
    """
    for found in _unread(draft):
        if not draft.warned:
            draft.warned = await warn_of_found(turn, found)


def _unread(draft: Draft) -> Iterator[Screening]:
    """Screen each part that nobody screened yet, together with the end of the part before it."""
    before = ""
    for part in draft.parts:
        joined = before + part["glue"] + part["text"]
        known = crc32(before.encode())
        if part.get("read") != known:  # a new part has none, nor has one of an older version
            found = screen(joined)
            part |= {"read": known, "complaint": found.complaint}
            yield found
        before = tail(joined)


async def warn(turn: Turn, draft: Draft, text: str) -> None:
    """Send emergency numbers, once, for words that somebody says of themselves."""
    if not draft.warned:
        draft.warned = await warn_of(turn, text)


# --- the message that shows it ---------------------------------------------------------------------------------


async def card(turn: Turn, draft: Draft) -> tuple[Notice, Keyboard]:
    """Make the card of the question before it is sent, with its buttons."""
    await look(turn, draft)
    person, text = turn.person, draft.text
    chosen = None if draft.field_code is None else await agencies.field(turn.work, draft.field_code)
    notice = DraftCard(
        text=_shortened(text),
        files=len(draft.files),
        field=None if chosen is None else field_name(turn, chosen),
        full_name=person.full_name or "",
        home_address=person.home_address or "",
        contact=person.contact,
        organisation=draft.organisation,
        choose_field=draft.choose_field,
        complaint=any(part["complaint"] for part in draft.parts),
    )
    rows: list[Sequence[Key]] = []
    if draft.choose_field:
        rows += await field_buttons(turn, text, draft.page)
        rows.append([Button("button.skip", Act.SKIP, ("field",))])
    rows.append([Button("button.send_question", Act.SEND_QUESTION), Button("button.cancel", Act.CANCEL)])
    if person.contact:
        rows.append([await _contact_button(turn, draft)])
    edits = [
        Button("button.edit_organisation", Act.EDIT_DRAFT, ("organisation",)),
        Button("button.edit_identity", Act.EDIT_DRAFT, ("name",)),
    ]
    if not draft.choose_field:
        rows.append([Button("button.edit_field", Act.EDIT_DRAFT, ("field",)), edits[0]])
        rows.append(edits[1:])
    else:
        rows.append(edits)
    return notice, rows


async def _contact_button(turn: Turn, draft: Draft) -> Button:
    shared = draft.share_contact
    if shared is None:
        shared = await introductions.shares_contact(turn.work, turn.person)
    text = turn.words.label("button.give_contact")
    return Button(
        "button.give_contact", Act.EDIT_DRAFT, ("contact",), text=f"{'☑' if shared else '☐'} {text}"
    )


def _shortened(text: str) -> str:
    if units(text) <= CARD_UNITS:
        return text
    cut = text[:CARD_UNITS]
    while units(cut) > CARD_UNITS:
        cut = cut[:-50]
    return cut.rstrip() + "…"


async def ask(
    turn: Turn, draft: Draft, notice: Notice, buttons: Keyboard = (), *, replaces: bool = False
) -> None:
    """Ask for the next step by a new message; the older one loses its buttons.

    `replaces`: it takes the place of an older one that nobody has seen yet.
    """
    old, old_bare = draft.prompt, draft.bare
    unseen = old is not None and replaces and await outbox.is_waiting(turn.work, old)
    draft.prompt = await turn.reply(
        notice, buttons, supersedes=f"draft:{turn.person.id}" if replaces else None
    )
    draft.bare = not buttons
    if old is not None and not old_bare and not unseen:
        await notify.take_buttons_away(turn.work, turn.person, edit_of=old)


async def show_changed(turn: Turn, draft: Draft, notice: Notice, buttons: Keyboard) -> None:
    """Change the message that asks for this step."""
    if draft.prompt is None or await outbox.is_waiting(turn.work, draft.prompt):
        await ask(turn, draft, notice, buttons, replaces=True)
        return
    await notify.rewrite(
        turn.work,
        turn.person,
        notice,
        buttons,
        edit_of=draft.prompt,
        supersedes=f"draft-change:{turn.person.id}",
    )
