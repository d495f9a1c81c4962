"""The buttons on a question that is being written."""

from domain.errors import Reason, RuleViolation
from handlers.chat.registry import press
from handlers.chat.turn import Turn, current_step, is_draft, take_pressed_buttons_away
from handlers.questions.asking import next_step, prompt, show
from handlers.questions.draft import CHECK, Draft, card, save, show_changed, take_as_typed
from messages.buttons import Act, Press
from services.people import introductions
from services.questions import intake
from storage.agencies import agencies


async def _pressed(turn: Turn, *steps: str) -> Draft:
    """Return the draft whose prompt was pressed; raise `RuleViolation` at another step.

    Where the draft waits behind another step, that step is given up.
    """
    conversation = await turn.step()
    if conversation is not None and not is_draft(conversation.step):
        await turn.end_step()
    return await current_step(turn, Draft, *steps)


@press(Act.CONSENT)
async def on_consent(turn: Turn, pressed: Press) -> None:
    draft = await _pressed(turn, "ask.consent")
    await introductions.agree(turn.work, turn.person)
    turn.say("toast.agreed")
    await next_step(turn, draft)


@press(Act.SKIP)
async def on_skip(turn: Turn, pressed: Press) -> None:
    what = pressed.word(0)
    draft = await _pressed(turn, f"ask.{what}", CHECK)
    if draft.step == CHECK and not (what == "field" and draft.choose_field):
        raise RuleViolation(Reason.STALE_BUTTON)
    if what == "field":
        await _choose_field(turn, draft, None)
    elif what in ("contact", "organisation"):
        if what == "organisation":
            draft.organisation = None
        await next_step(turn, draft)
    else:
        raise RuleViolation(Reason.STALE_BUTTON)


@press(Act.PICK_FIELD)
async def on_field(turn: Turn, pressed: Press) -> None:
    draft = await _pressed(turn, "ask.field", CHECK)
    chosen = await agencies.field(turn.work, pressed.word(0))
    if chosen is None:
        raise RuleViolation(Reason.UNKNOWN_FIELD)
    await _choose_field(turn, draft, chosen.code)


async def _choose_field(turn: Turn, draft: Draft, code: str | None) -> None:
    draft.field_code, draft.choose_field, draft.page = code, False, 0
    draft.todo = [what for what in draft.todo if what != "field"]
    await show(turn, draft)


@press(Act.FIELD_PAGE)
async def on_field_page(turn: Turn, pressed: Press) -> None:
    draft = await _pressed(turn, "ask.field", CHECK)
    draft.page = pressed.number(0) or 0
    await show_changed(turn, draft, *await prompt(turn, draft))
    await save(turn, draft)


@press(Act.EDIT_DRAFT)
async def on_edit_draft(turn: Turn, pressed: Press) -> None:
    draft = await _pressed(turn, CHECK)
    match pressed.word(0):
        case "contact" if turn.person.contact:
            before = draft.share_contact
            if before is None:
                before = await introductions.shares_contact(turn.work, turn.person)
            draft.share_contact = not before
            await show_changed(turn, draft, *await card(turn, draft))
            await save(turn, draft)
            return
        case "name":
            draft.todo = ["name", "address", "contact"]
        case "field" | "organisation" as what:
            draft.todo = [what]
        case _:
            raise RuleViolation(Reason.STALE_BUTTON)
    await show(turn, draft)


@press(Act.AS_TYPED)
async def on_as_typed(turn: Turn, pressed: Press) -> None:
    """`Giữ như đã gõ`: the words of an old font stand as they came."""
    draft = await _pressed(turn, CHECK)
    if not take_as_typed(draft):
        raise RuleViolation(Reason.STALE_BUTTON)
    await show_changed(turn, draft, *await card(turn, draft))
    await save(turn, draft)


@press(Act.SEND_QUESTION)
async def on_send(turn: Turn, pressed: Press) -> None:
    """Enter the question in the ledger; a second tap changes nothing."""
    if await turn.step() is None:
        turn.say("toast.already")
        return
    draft = await _pressed(turn, CHECK)
    if not await introductions.consent_stands(turn.work, turn.person):
        draft.todo = ["consent"]  # its wording changed since
        await show(turn, draft)
        return
    if draft.share_contact is not None:
        await introductions.share_contact(turn.work, turn.person, agreed=draft.share_contact)
    await take_pressed_buttons_away(turn)
    await intake.receive(
        turn.work,
        turn.actor,
        draft.text,
        file_ids=draft.file_ids,
        field_code=draft.field_code,
        organisation=draft.organisation,
    )
    await turn.end_step()
    turn.say("toast.sent")
