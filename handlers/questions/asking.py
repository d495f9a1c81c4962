"""Asking: from the first message to the question in the ledger.

A newcomer is led step by step; who has asked before gets one card, and at most two taps (contract, "In the chat").
"""

from collections.abc import Awaitable, Callable
from typing import Any

from channels.incoming import Message
from channels.telegram.compose import units
from domain.errors import Reason, RuleViolation
from domain.privacy.consent import Consent
from domain.vietnamese.text import fold
from handlers.agencies.field_choice import field_buttons
from handlers.chat.long_text import NEARLY_FULL
from handlers.chat.media import sent_file
from handlers.chat.registry import command, read_command, step
from handlers.chat.turn import Turn
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
from messages.typed import forms
from services.people import consents, introductions
from services.people.actors import Actor
from services.questions import intake

NO_CONTACT = forms("contact", "none")  # whoever says so is not asked again

_CANCEL = Button("button.cancel", Act.CANCEL)


# --- a message ------------------------------------------------------------------------------------------------


async def begin(turn: Turn, message: Message) -> None:
    """Take a message as the start of a question, or as more of one.

    One that is no command and answers nothing.
    """
    await _more(turn, message)


@command("hoi", place=100)
async def on_ask(turn: Turn, argument: str) -> None:
    message = turn.message
    if argument or sent_file(message) is not None:
        await _more(turn, message, argument)
    else:
        await invite(turn)


async def invite(turn: Turn) -> None:
    """Say what to send, or show the question being written."""
    draft = await _come_up(turn)
    if draft is None:
        await turn.reply(AskInvitation())
    else:
        await show(turn, draft, again=True)


async def _come_up(turn: Turn) -> Draft | None:
    """Return the question being written, giving up the step that it waits behind."""
    draft, under = await open_draft(turn)
    if under:
        await turn.end_step()
    return draft


async def _more(turn: Turn, message: Message, text: str | None = None) -> None:
    draft = await _come_up(turn)
    if draft is not None:
        await _add(turn, draft, message, text, again=turn.surfaced)
        return
    draft = await _new_draft(turn)
    if await add(turn, draft, message, text):
        draft.album = message.album
        await show(turn, draft)


async def begin_with(turn: Turn, parts: list[dict[str, Any]], file_ids: list[int]) -> None:
    """Start a question with kept words and files, or add them to the draft."""
    writing = await _come_up(turn)
    draft = writing or await _new_draft(turn)
    plain = {"glue": "\n", "cut": False, "space": False}
    draft.parts += [plain | part for part in parts if part["text"]]
    last = parts[-1]["message"]
    draft.files += [{"message": last, "file": file_id} for file_id in file_ids]
    if len(draft.text) > turn.work.programme.question_characters:
        raise RuleViolation(Reason.TOO_LONG, limit=turn.work.programme.question_characters)
    if len(draft.files) > turn.work.programme.draft_files:
        raise RuleViolation(Reason.TOO_MANY_FILES, limit=turn.work.programme.draft_files)
    await look(turn, draft)
    await show(turn, draft, again=writing is not None)


async def _new_draft(turn: Turn) -> Draft:
    work, person = turn.work, turn.person
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
    turn: Turn, draft: Draft, message: Message, text: str | None = None, *, again: bool = False
) -> None:
    """Add to the question being written; `again`: ask again for what is missing."""
    added = await add(turn, draft, message, text)
    album, draft.album = draft.album, message.album
    same_album = album is not None and album == draft.album
    if again or (added and draft.step in (CHECK, "ask.field")):
        await show(turn, draft, again=True, same_album=same_album)
        return
    if added and not same_album:
        await turn.reply(DraftPartAdded())
    await save(turn, draft)


@step("ask.consent", "ask.field", CHECK, holds=Draft)
async def on_more(turn: Turn, message: Message, draft: Draft) -> None:
    """Add any message to the question: nothing else is expected at this step."""
    await _add(turn, draft, message)


@step("ask.name", "ask.address", "ask.contact", "ask.organisation", holds=Draft)
async def on_words(turn: Turn, message: Message, draft: Draft) -> None:
    """Take words as the answer to the prompt; files and forwarded messages join the question."""
    typed = message.text
    if draft.step == "ask.contact" and message.contact is not None:
        typed = own_number(message)
    if typed is None or message.forwarded or _goes_on(draft, message):
        await _add(turn, draft, message)
        return
    words = one_line(typed)
    await warn(turn, draft, words)
    await _TAKE[draft.todo[0]](turn, draft, words)
    draft.said[message.id] = draft.todo[0]
    await next_step(turn, draft)


def _goes_on(draft: Draft, message: Message) -> bool:
    """Return whether a message is the rest of a question that the app cut.

    It was sent before our prompt could be read. Messages are numbered by chat: our prompt stands between them, once
    it was delivered.
    """
    last = draft.parts[-1] if draft.parts else None
    if last is None or not (last["cut"] or units(last["text"]) >= NEARLY_FULL):
        return False
    return message.before == last["message"] or len(message.text or "") > LINE_LIMIT


async def edited(turn: Turn, message: Message) -> None:
    """Change the question being written when one of its messages is edited."""
    words = message.text or message.caption
    typed = read_command(words or "", turn.bot_name)
    draft, under = await open_draft(turn)
    answered = None if draft is None else draft.said.get(message.id)
    if draft is not None and draft.has(message.id):
        if not await change(turn, draft, message, None if typed is None else typed[1]):
            return
    elif draft is not None and answered is not None and words:
        await _TAKE[answered](turn, draft, one_line(words))
    else:
        # A live place changes by itself and has no words. A citizen's commands hold none that anybody acts on.
        staff = turn.actor.is_staff
        if words and (staff or (typed is None and await introductions.has_asked(turn.work, turn.person))):
            await turn.reply(EditNotTaken(staff=staff))
        return
    if draft.step == CHECK and not under:
        await show_changed(turn, draft, *await card(turn, draft))
    await save(turn, draft)


# --- what was asked for -----------------------------------------------------------------------------------------


async def _introduce(turn: Turn, **said: str | None) -> None:
    person = await intake.introduce(turn.work, turn.person, **said)
    turn.actor = Actor(person, turn.actor.roles)


async def _take_name(turn: Turn, draft: Draft, words: str) -> None:
    await _introduce(turn, full_name=introductions.read_said("full_name", words))


async def _take_address(turn: Turn, draft: Draft, words: str) -> None:
    await _introduce(turn, home_address=words)


async def _take_contact(turn: Turn, draft: Draft, words: str) -> None:
    if fold(words).strip(" .!") in NO_CONTACT:
        return
    await _introduce(turn, contact=introductions.read_said("contact", words))


async def _take_organisation(turn: Turn, draft: Draft, words: str) -> None:
    draft.organisation = words


_TAKE: dict[str, Callable[[Turn, Draft, str], Awaitable[None]]] = {
    "name": _take_name,
    "address": _take_address,
    "contact": _take_contact,
    "organisation": _take_organisation,
}


async def next_step(turn: Turn, draft: Draft) -> None:
    draft.todo = draft.todo[1:]
    await show(turn, draft)


async def show(turn: Turn, draft: Draft, *, again: bool = False, same_album: bool = False) -> None:
    """Ask for what comes next, or show the card.

    `again`: the same was shown before.
    """
    notice, buttons = await prompt(turn, draft)
    if same_album:
        await show_changed(turn, draft, notice, buttons)
    else:
        await ask(turn, draft, notice, buttons, replaces=again or draft.step == CHECK)
    await save(turn, draft)


async def show_surfaced(turn: Turn) -> None:
    """Show a question that waited behind something else and is current again."""
    if turn.surfaced:
        draft, _under = await open_draft(turn)
        if draft is not None:
            await show(turn, draft, again=True)


async def prompt(turn: Turn, draft: Draft) -> tuple[Notice, Keyboard]:
    work, person = turn.work, turn.person
    match draft.step:
        case "ask.consent":
            version = consents.version(work, person, Consent.PROCESSING)
            again = await introductions.agreed_before(work, person)
            return (
                ConsentAsked(
                    version=version,
                    again=again,
                    programme=turn.work.programme.name,
                    province=turn.work.programme.province,
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
            rows = await field_buttons(turn, draft.text, draft.page)
            return FieldAsked(), [*rows, [_skip("field")]]
        case _:
            return await card(turn, draft)


def _skip(what: str) -> Button:
    return Button("button.skip", Act.SKIP, (what,))
