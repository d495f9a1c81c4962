"""A question being written: what it holds so far, the message that shows it, and how it is dropped.

It is the data of a conversation whose step begins with "ask.", so it survives a restart.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields
from typing import Any
from zlib import crc32

from telegram import Message

from channels.telegram.compose import TEXT_LIMIT, units
from domain.errors import Reason, RuleViolation
from domain.vietnamese.screening import Screening, screen, tail
from domain.vietnamese.text import clean
from handlers.agencies.field_choice import field_buttons, field_name
from handlers.chat.context import Context, is_draft
from handlers.chat.dropping import when_dropped
from handlers.chat.emergency import warn_of, warn_of_found
from handlers.chat.media import note_file, sent_file, text_of
from messages.buttons import Act, Button, Key, Keyboard
from messages.notice import Notice
from messages.notices.asking import DraftCard
from messages.notices.chat import Refusal
from services import notify
from services.people import introductions
from storage.agencies import agencies
from storage.delivery import files, outbox
from storage.people import people

CHECK = "ask.check"
STEPS = (
    CHECK,
    *(f"ask.{what}" for what in ("consent", "name", "address", "contact", "organisation", "field")),
)
CARD_UNITS = 2500  # of the question's text on its card: the card stays one message


@dataclass
class Draft:
    """What somebody has written so far, and what they are still to be asked (`todo`, in order)."""

    # {"message", "text", "glue", "cut", "space"}; once looked at also {"read", "complaint"}
    parts: list[dict[str, Any]] = field(default_factory=list)
    files: list[dict[str, int]] = field(default_factory=list)  # {"message", "file"}
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
        """The draft that a conversation's data hold."""
        known = {one.name for one in fields(cls)}
        return cls(**{key: value for key, value in data.items() if key in known})

    @property
    def data(self) -> dict[str, Any]:
        """What a conversation keeps of it."""
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

    def has(self, message_id: int) -> bool:
        return any(one["message"] == message_id for one in (*self.parts, *self.files))


async def save(context: Context, draft: Draft) -> None:
    """Keep the draft, where it waits under something else there."""
    conversation = await context.step()
    if conversation is not None and conversation.data.get("under"):
        data = conversation.data | {"under": {"step": draft.step, "data": draft.data}}
        await people.set_conversation(context.work, context.person.id, conversation.step, data)
    else:
        await context.set_step(draft.step, **draft.data)


async def open_draft(context: Context) -> tuple[Draft | None, bool]:
    """The question being written, and whether it waits under something else."""
    conversation = await context.step()
    if conversation is None:
        return None, False
    if is_draft(conversation.step):
        return Draft.of(conversation.data), False
    under = conversation.data.get("under")
    return (Draft.of(under["data"]), True) if under else (None, False)


@when_dropped(*STEPS)
async def _given_up(context: Context, data: dict[str, Any]) -> None:
    await files.drop(context.work, Draft.of(data).file_ids)


# --- what is added to it ------------------------------------------------------------------------------------


async def add(context: Context, draft: Draft, message: Message, text: str | None = None) -> bool:
    """Put a message's words and file into the draft; `text` where only part of its words counts.

    Raises `RuleViolation` for what does not fit. Of an album that does not fit this is told once, and the
    rest of it gives False.
    """
    album = message.media_group_id
    try:
        await _take(context, draft, message, text)
    except RuleViolation as violation:
        if album is None:
            raise
        if draft.refused_album != album:
            draft.refused_album = album
            await context.reply(Refusal(html=context.words.refusal(violation)))
        return False
    await look(context, draft)
    return True


async def _take(context: Context, draft: Draft, message: Message, text: str | None) -> None:
    programme = context.work.programme
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
    if carries_file and len(draft.files) >= programme.draft_files:
        raise RuleViolation(Reason.TOO_MANY_FILES, limit=programme.draft_files)
    file_id = await note_file(context, message)
    if file_id is not None:
        draft.files.append({"message": message.message_id, "file": file_id})
    draft.parts = parts


async def change(context: Context, draft: Draft, message: Message, text: str | None = None) -> bool:
    """An earlier message of the draft reads differently now; False when nothing is changed by that."""
    words = (text_of(message) or "") if text is None else clean(text)
    changed = False
    for index, part in enumerate(draft.parts):
        if part["message"] == message.message_id and part["text"] != words:
            before = draft.parts[index - 1] if index else None
            draft.parts[index] = _part(message, words, before)
            changed = True
    known = any(part["message"] == message.message_id for part in draft.parts)
    if words and not known:  # a caption where there was none
        before = draft.parts[-1] if draft.parts else None
        draft.parts.append(_part(message, words, before))
        changed = True
    draft.parts = [part for part in draft.parts if part["text"]]
    if not draft.parts and not draft.files:
        raise RuleViolation(Reason.EMPTY_DRAFT)
    _require_room(draft.text, context.work.programme.question_characters)
    if await _change_file(context, draft, message):
        changed = True
    if changed:
        await look(context, draft)
    return changed


async def _change_file(context: Context, draft: Draft, message: Message) -> bool:
    sent = sent_file(message)
    for one in draft.files:
        if one["message"] == message.message_id and sent is not None:
            (row,) = await files.by_ids(context.work, [one["file"]])
            if row.remote_id == sent.remote_id:
                return False
            replacement = await note_file(context, message)
            assert replacement is not None
            await files.drop(context.work, [one["file"]])
            one["file"] = replacement
            return True
    return False


def _part(message: Message, words: str, before: dict[str, Any] | None) -> dict[str, Any]:
    """Apps cut a long text into several messages: what was cut is put together again as it was."""
    raw = message.text or message.caption or ""
    glue = "\n"
    if before is not None and before["cut"]:
        glue = " " if before["space"] or raw[:1].isspace() else ""
    return {
        "message": message.message_id,
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


async def look(context: Context, draft: Draft) -> None:
    """Read what is new or changed in the draft; words of an emergency: whom to call, once.

    What each part was found to be stays with it, so that nothing is read again at every message and every card.
    """
    for found in _unread(draft):
        if not draft.warned:
            draft.warned = await warn_of_found(context, found)


def _unread(draft: Draft) -> Iterator[Screening]:
    """What the parts that nobody read yet may be besides a question, each with the end of what stands before it."""
    before = ""
    for part in draft.parts:
        joined = before + part["glue"] + part["text"]
        known = crc32(before.encode())
        if part.get("read") != known:  # a new part has none, nor has one of an older version
            found = screen(joined)
            part |= {"read": known, "complaint": found.complaint}
            yield found
        before = tail(joined)


async def warn(context: Context, draft: Draft, text: str) -> None:
    """Words of an emergency in what somebody says of themselves: whom to call, once."""
    if not draft.warned:
        draft.warned = await warn_of(context, text)


# --- the message that shows it ---------------------------------------------------------------------------------


async def card(context: Context, draft: Draft) -> tuple[Notice, Keyboard]:
    """The question before it is sent, with the buttons to change and to send it."""
    await look(context, draft)
    person, text = context.person, draft.text
    chosen = None if draft.field_code is None else await agencies.field(context.work, draft.field_code)
    notice = DraftCard(
        text=_shortened(text),
        files=len(draft.files),
        field=None if chosen is None else field_name(context, chosen),
        full_name=person.full_name or "",
        home_address=person.home_address or "",
        contact=person.contact,
        organisation=draft.organisation,
        choose_field=draft.choose_field,
        complaint=any(part["complaint"] for part in draft.parts),
    )
    rows: list[Sequence[Key]] = []
    if draft.choose_field:
        rows += await field_buttons(context, text, draft.page)
        rows.append([Button("button.skip", Act.SKIP, ("field",))])
    rows.append([Button("button.send_question", Act.SEND_QUESTION), Button("button.cancel", Act.CANCEL)])
    if person.contact:
        rows.append([await _contact_button(context, draft)])
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


async def _contact_button(context: Context, draft: Draft) -> Button:
    shared = draft.share_contact
    if shared is None:
        shared = await introductions.shares_contact(context.work, context.person)
    text = context.words.label("button.give_contact")
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
    context: Context, draft: Draft, notice: Notice, buttons: Keyboard = (), *, replaces: bool = False
) -> None:
    """Ask for the next step by a new message; the older one loses its buttons.

    `replaces`: it takes the place of an older one that nobody has seen yet.
    """
    old, old_bare = draft.prompt, draft.bare
    unseen = old is not None and replaces and await outbox.is_waiting(context.work, old)
    draft.prompt = await context.reply(
        notice, buttons, supersedes=f"draft:{context.person.id}" if replaces else None
    )
    draft.bare = not buttons
    if old is not None and not old_bare and not unseen:
        await notify.take_buttons_away(context.work, context.person, edit_of=old)


async def show_changed(context: Context, draft: Draft, notice: Notice, buttons: Keyboard) -> None:
    """The message that asks for this step says something else now."""
    if draft.prompt is None or await outbox.is_waiting(context.work, draft.prompt):
        await ask(context, draft, notice, buttons, replaces=True)
        return
    await notify.rewrite(
        context.work,
        context.person,
        notice,
        buttons,
        edit_of=draft.prompt,
        supersedes=f"draft-change:{context.person.id}",
    )
