"""Asking: from the first message to the question in the ledger (contract, "In the chat").

A newcomer is led step by step; who has asked before gets one card, and at most two taps.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from telegram import Message, Update

from channels.telegram.compose import units
from domain.errors import Reason, RuleViolation
from domain.privacy.consent import Consent
from handlers.agencies.field_choice import field_buttons
from handlers.chat.context import Context
from handlers.chat.long_text import NEARLY_FULL
from handlers.chat.media import sent_file
from handlers.chat.registry import command, read_command, step
from handlers.chat.typed import LINE_LIMIT, one_line, own_number
from handlers.questions.draft import (
    CHECK,
    Draft,
    add,
    ask,
    card,
    change,
    look,
    open_draft,
    save,
    show_changed,
    warn,
)
from messages.buttons import Act, Button, Keyboard
from messages.notice import Notice
from messages.notices.asking import (
    AddressAsked,
    AskInvitation,
    ConsentAsked,
    ContactAsked,
    DraftPartAdded,
    EditNotTaken,
    FieldAsked,
    NameAsked,
    OrganisationAsked,
)
from services.people import consents, introductions
from services.people.actors import Actor
from services.questions import intake
from storage.tables import Row

_CANCEL = Button("button.cancel", Act.CANCEL)


# --- a message ------------------------------------------------------------------------------------------------


async def begin(update: Update, context: Context, message: Message) -> None:
    """A message that is no command and answers nothing: the start of a question, or more of one."""
    await _more(context, message)


@command("hoi", place=100)
async def on_ask(update: Update, context: Context, argument: str) -> None:
    message = update.message
    assert message is not None
    if argument or sent_file(message) is not None:
        await _more(context, message, argument)
    else:
        await invite(context)


async def invite(context: Context) -> None:
    """Say what to send, or show the question that is being written already."""
    draft = await _come_up(context)
    if draft is None:
        await context.reply(AskInvitation())
    else:
        await show(context, draft, again=True)


async def _come_up(context: Context) -> Draft | None:
    """The question being written; what it waited under is given up for it."""
    draft, under = await open_draft(context)
    if under:
        await context.end_step()
    return draft


async def _more(context: Context, message: Message, text: str | None = None) -> None:
    draft = await _come_up(context)
    if draft is not None:
        await _add(context, draft, message, text, again=context.surfaced)
        return
    draft = await _new_draft(context)
    if await add(context, draft, message, text):
        draft.album = message.media_group_id
        await show(context, draft)


async def begin_with(context: Context, parts: list[dict[str, Any]], file_ids: list[int]) -> None:
    """Start a question with words and files that were kept elsewhere, or add them to the one being written."""
    writing = await _come_up(context)
    draft = writing or await _new_draft(context)
    plain = {"glue": "\n", "cut": False, "space": False}
    draft.parts += [plain | part for part in parts if part["text"]]
    last = parts[-1]["message"]
    draft.files += [{"message": last, "file": file_id} for file_id in file_ids]
    if len(draft.text) > context.work.programme.question_characters:
        raise RuleViolation(Reason.TOO_LONG, limit=context.work.programme.question_characters)
    if len(draft.files) > context.work.programme.draft_files:
        raise RuleViolation(Reason.TOO_MANY_FILES, limit=context.work.programme.draft_files)
    await look(context, draft)
    await show(context, draft, again=writing is not None)


async def _new_draft(context: Context) -> Draft:
    work, person = context.work, context.person
    todo = [] if await introductions.consent_stands(work, person) else ["consent"]
    if not person.full_name:
        todo.append("name")
    if not person.home_address:
        todo.append("address")
    asked_before = await introductions.has_asked(work, person)
    if not asked_before:
        todo += ["field"] if person.contact else ["contact", "field"]
    return Draft(todo=todo, choose_field=asked_before)


async def _add(
    context: Context, draft: Draft, message: Message, text: str | None = None, *, again: bool = False
) -> None:
    """More of a question that is being written already; `again`: ask again for what is waited for."""
    added = await add(context, draft, message, text)
    album, draft.album = draft.album, message.media_group_id
    same_album = album is not None and album == draft.album
    if again or (added and draft.step in (CHECK, "ask.field")):
        await show(context, draft, again=True, same_album=same_album)
        return
    if added and not same_album:
        await context.reply(DraftPartAdded())
    await save(context, draft)


@step("ask.consent", "ask.field", CHECK)
async def on_more(update: Update, context: Context, message: Message, conversation: Row) -> None:
    """Nothing else is expected here: whatever comes belongs to the question."""
    await _add(context, Draft.of(conversation.data), message)


@step("ask.name", "ask.address", "ask.contact", "ask.organisation")
async def on_words(update: Update, context: Context, message: Message, conversation: Row) -> None:
    """Words answer what was asked; files and forwarded messages belong to the question."""
    draft = Draft.of(conversation.data)
    typed = message.text
    if draft.step == "ask.contact" and message.contact is not None:
        typed = own_number(message)
    if typed is None or message.forward_origin is not None or _goes_on(draft, message):
        await _add(context, draft, message)
        return
    words = one_line(typed)
    await warn(context, draft, words)
    await _TAKE[draft.todo[0]](context, draft, words)
    draft.said[str(message.message_id)] = draft.todo[0]
    await next_step(context, draft)


def _goes_on(draft: Draft, message: Message) -> bool:
    """Whether a message is the rest of a question that the app cut: it came before ours could be read.

    Messages are numbered by chat: ours that asks for the name stands between, once it was delivered.
    """
    last = draft.parts[-1] if draft.parts else None
    if last is None or not (last["cut"] or units(last["text"]) >= NEARLY_FULL):
        return False
    return message.message_id == last["message"] + 1 or len(message.text or "") > LINE_LIMIT


async def edited(update: Update, context: Context, message: Message) -> None:
    """A message was edited: it changes the question while that is being written."""
    words = message.text or message.caption
    typed = read_command(words or "", context.bot.username)
    draft, under = await open_draft(context)
    answered = None if draft is None else draft.said.get(str(message.message_id))
    if draft is not None and draft.has(message.message_id):
        if not await change(context, draft, message, None if typed is None else typed[1]):
            return
    elif draft is not None and answered is not None and words:
        await _TAKE[answered](context, draft, one_line(words))
    else:
        # A live place changes by itself and has no words; an edited command is none of our business.
        if words and typed is None and await introductions.has_asked(context.work, context.person):
            await context.reply(EditNotTaken())
        return
    if draft.step == CHECK and not under:
        await show_changed(context, draft, *await card(context, draft))
    await save(context, draft)


# --- what was asked for -----------------------------------------------------------------------------------------


async def _introduce(context: Context, **said: str | None) -> None:
    person = await intake.introduce(context.work, context.person, **said)
    context.actor = Actor(person, context.actor.roles)


async def _take_name(context: Context, draft: Draft, words: str) -> None:
    await _introduce(context, full_name=introductions.read_said("full_name", words))


async def _take_address(context: Context, draft: Draft, words: str) -> None:
    await _introduce(context, home_address=words)


async def _take_contact(context: Context, draft: Draft, words: str) -> None:
    await _introduce(context, contact=introductions.read_said("contact", words))


async def _take_organisation(context: Context, draft: Draft, words: str) -> None:
    draft.organisation = words


_TAKE: dict[str, Callable[[Context, Draft, str], Awaitable[None]]] = {
    "name": _take_name,
    "address": _take_address,
    "contact": _take_contact,
    "organisation": _take_organisation,
}


async def next_step(context: Context, draft: Draft) -> None:
    draft.todo = draft.todo[1:]
    await show(context, draft)


async def show(context: Context, draft: Draft, *, again: bool = False, same_album: bool = False) -> None:
    """Ask for what comes next, or show the card; `again` where the same was shown before."""
    notice, buttons = await prompt(context, draft)
    if same_album:
        await show_changed(context, draft, notice, buttons)
    else:
        await ask(context, draft, notice, buttons, replaces=again or draft.step == CHECK)
    await save(context, draft)


async def show_surfaced(context: Context) -> None:
    """A question that waited under something else is where they are again: show it."""
    if context.surfaced:
        draft, _under = await open_draft(context)
        if draft is not None:
            await show(context, draft, again=True)


async def prompt(context: Context, draft: Draft) -> tuple[Notice, Keyboard]:
    work, person = context.work, context.person
    match draft.step:
        case "ask.consent":
            version = consents.version(work, person, Consent.PROCESSING)
            again = await introductions.agreed_before(work, person)
            return (
                ConsentAsked(
                    version=version,
                    again=again,
                    programme=context.work.programme.name,
                    province=context.work.programme.province,
                ),
                [[Button("button.consent", Act.CONSENT), _CANCEL]],
            )
        case "ask.name":
            return NameAsked(), ()
        case "ask.address":
            return AddressAsked(), ()
        case "ask.contact":
            return ContactAsked(), [[_skip("contact")]]
        case "ask.organisation":
            return OrganisationAsked(), [[_skip("organisation")]]
        case "ask.field":
            rows = await field_buttons(context, draft.text, draft.page)
            return FieldAsked(), [*rows, [_skip("field")]]
        case _:
            return await card(context, draft)


def _skip(what: str) -> Button:
    return Button("button.skip", Act.SKIP, (what,))
