"""What is pressed on a question that is being written."""

from telegram import Update

from domain.errors import Reason, RuleViolation
from handlers.chat.context import Context, current_step, is_draft, take_pressed_buttons_away
from handlers.chat.registry import press
from handlers.questions.asking import next_step, prompt, show
from handlers.questions.draft import CHECK, Draft, card, save, show_changed
from messages.buttons import Act, Press
from services.people import introductions
from services.questions import intake
from storage.agencies import agencies


async def _pressed(update: Update, context: Context, *steps: str) -> Draft:
    """The draft whose prompt was pressed; raises `RuleViolation` when it is no longer at one of these steps.

    Pressed while it waits under something else, the question comes up again and that is given up.
    """
    conversation = await context.step()
    if conversation is not None and not is_draft(conversation.step):
        await context.end_step()
    return Draft.of((await current_step(update, context, *steps)).data)


@press(Act.CONSENT)
async def on_consent(update: Update, context: Context, pressed: Press) -> None:
    draft = await _pressed(update, context, "ask.consent")
    await introductions.agree(context.work, context.person)
    context.say("toast.agreed")
    await next_step(context, draft)


@press(Act.SKIP)
async def on_skip(update: Update, context: Context, pressed: Press) -> None:
    what = pressed.word(0)
    draft = await _pressed(update, context, f"ask.{what}", CHECK)
    if draft.step == CHECK and not (what == "field" and draft.choose_field):
        raise RuleViolation(Reason.STALE_BUTTON)
    if what == "field":
        await _choose_field(context, draft, None)
    elif what in ("contact", "organisation"):
        if what == "organisation":
            draft.organisation = None
        await next_step(context, draft)
    else:
        raise RuleViolation(Reason.STALE_BUTTON)


@press(Act.PICK_FIELD)
async def on_field(update: Update, context: Context, pressed: Press) -> None:
    draft = await _pressed(update, context, "ask.field", CHECK)
    chosen = await agencies.field(context.work, pressed.word(0))
    if chosen is None:
        raise RuleViolation(Reason.UNKNOWN_FIELD)
    await _choose_field(context, draft, chosen.code)


async def _choose_field(context: Context, draft: Draft, code: str | None) -> None:
    draft.field_code, draft.choose_field, draft.page = code, False, 0
    draft.todo = [what for what in draft.todo if what != "field"]
    await show(context, draft)


@press(Act.FIELD_PAGE)
async def on_field_page(update: Update, context: Context, pressed: Press) -> None:
    draft = await _pressed(update, context, "ask.field", CHECK)
    draft.page = pressed.number(0) or 0
    await show_changed(context, draft, *await prompt(context, draft))
    await save(context, draft)


@press(Act.EDIT_DRAFT)
async def on_edit_draft(update: Update, context: Context, pressed: Press) -> None:
    draft = await _pressed(update, context, CHECK)
    match pressed.word(0):
        case "contact" if context.person.contact:
            before = draft.share_contact
            if before is None:
                before = await introductions.shares_contact(context.work, context.person)
            draft.share_contact = not before
            await show_changed(context, draft, *await card(context, draft))
            await save(context, draft)
            return
        case "name":
            draft.todo = ["name", "address", "contact"]
        case "field" | "organisation" as what:
            draft.todo = [what]
        case _:
            raise RuleViolation(Reason.STALE_BUTTON)
    await show(context, draft)


@press(Act.SEND_QUESTION)
async def on_send(update: Update, context: Context, pressed: Press) -> None:
    """The question enters the ledger; pressed twice, once."""
    if await context.step() is None:
        context.say("toast.already")
        return
    draft = await _pressed(update, context, CHECK)
    if not await introductions.consent_stands(context.work, context.person):
        draft.todo = ["consent"]  # its wording changed since
        await show(context, draft)
        return
    if draft.share_contact is not None:
        await introductions.share_contact(context.work, context.person, agreed=draft.share_contact)
    await take_pressed_buttons_away(update, context)
    await intake.receive(
        context.work,
        context.actor,
        draft.text,
        file_ids=draft.file_ids,
        field_code=draft.field_code,
        organisation=draft.organisation,
    )
    await context.end_step()
    context.say("toast.sent")
