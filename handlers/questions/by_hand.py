"""`/nhaptay`: an editor enters a question from post, telephone, e-mail or a dialogue."""

from dataclasses import dataclass, replace
from typing import Any

from channels.incoming import Message
from domain.errors import Reason, RuleViolation
from domain.questions.history import Event
from domain.questions.life import BY_HAND, EDITORS, Intake, Status
from handlers.chat.confirming import ask_to_confirm, confirmed
from handlers.chat.prompting import CANCEL, ask_for, finish, prompt_done
from handlers.chat.registry import command, press, step
from handlers.chat.steps import StepData
from handlers.chat.turn import (
    Turn,
    current_step,
    rewrite_pressed,
    take_pressed_buttons_away,
)
from handlers.chat.typed import code_at_front, typed_text
from messages.buttons import Act, Button, Keyboard, Press
from messages.keyboards import in_rows, page_of, turn_rows
from messages.notices.asking import IntakeAsked
from services.agencies import naming
from services.questions import agency_work, answers, intake
from services.questions.case import find
from storage.agencies import agencies
from storage.privacy import erasing

FIELDS_ON_A_PAGE = 8

# What the editor is asked for, in this order; the last two may be skipped.
ORDER = ("text", "name", "address", "contact", "field")
OPTIONAL = {"contact", "field"}
LIMITS = {"name": 200, "address": 300, "contact": 200}
CHANNEL_STEP = "hand.channel"
STEPS = tuple(f"hand.{what}" for what in ORDER)


@dataclass(frozen=True, kw_only=True)
class Entered(StepData):
    """What an editor has entered so far."""

    channel: Intake | None = None
    text: str = ""
    name: str = ""
    address: str = ""
    contact: str = ""
    field: str | None = None

    def told(self, what: str, words: str) -> "Entered":
        """Return this with what was typed for one of the parts."""
        said: dict[str, Any] = {what: words}
        return replace(self, **said)


@command("nhaptay", *EDITORS, place=630)
async def by_hand(turn: Turn, argument: str) -> None:
    """Enter a question; with a code, its asker's reply or its delivery.

    Its delivery: the answer was handed over by that way.
    """
    if argument:
        code, note = code_at_front(turn, argument, "nhaptay")
        if (await find(turn.work, code, turn.actor)).status == Status.WAITING:
            case = await agency_work.supply(turn.work, turn.actor, code, note)
            await finish(turn, case, Event.SUPPLIED)
            return
        case = await answers.record_delivery(turn.work, turn.actor, code, note)
        await finish(turn, case, Event.DELIVERED)
        return
    buttons = [Button(f"channel.{one}", Act.INTAKE, ("channel", one)) for one in BY_HAND]
    await ask_for(turn, CHANNEL_STEP, IntakeAsked(step="channel"), StepData(), [*in_rows(buttons), CANCEL])


@press(Act.INTAKE)
async def pressed_step(turn: Turn, pressed: Press) -> None:
    """Take a choice: (channel, which), (skip), (field, code), (page, number).

    Each only while it is being asked for.
    """
    held = await current_step(turn, Entered, CHANNEL_STEP, *STEPS)
    at = await _at(turn)
    what, value = pressed.word(0), pressed.word(1)
    if what == "page" and at == "field":
        buttons = await _buttons(turn, "field", pressed.number(1) or 1)
        await rewrite_pressed(turn, IntakeAsked(step="field"), buttons)
        return
    if what == "channel" and at == "channel" and value in BY_HAND:
        held = replace(held, channel=Intake(value))
    elif what == "field" and at == "field" and await agencies.field(turn.work, value) is not None:
        held = replace(held, field=value)
    elif what != "skip" or at not in OPTIONAL:
        raise RuleViolation(Reason.STALE_BUTTON)
    await take_pressed_buttons_away(turn)
    await _go_on(turn, at, held)


async def _at(turn: Turn) -> str:
    """What is asked for now."""
    conversation = await turn.step()
    assert conversation is not None
    return conversation.step.removeprefix("hand.")


@step(*STEPS, holds=Entered)
async def typed_step(turn: Turn, message: Message, held: Entered) -> None:
    at = await _at(turn)
    typed = typed_text(message)
    if at == "field":  # by its name instead of a button
        typed = (await naming.field_named(turn.work, typed)).code
    limit = LIMITS.get(at, turn.work.programme.question_characters)
    if len(typed) > limit:
        raise RuleViolation(Reason.TOO_LONG, limit=limit)
    await prompt_done(turn, held)
    await _go_on(turn, at, held.told(at, typed))


@step(CHANNEL_STEP, holds=StepData)
async def channel_typed(turn: Turn, message: Message, held: StepData) -> None:
    raise RuleViolation(Reason.UNKNOWN_CHANNEL)


async def _go_on(turn: Turn, at: str, held: Entered) -> None:
    """Ask for what comes next, or show everything to be checked."""
    following = "text" if at == "channel" else ORDER[ORDER.index(at) + 1] if at != ORDER[-1] else None
    if following is None:
        await _check(turn, held)
        return
    buttons = await _buttons(turn, following)
    await ask_for(turn, f"hand.{following}", IntakeAsked(step=following), held, buttons)


async def _buttons(turn: Turn, what: str, page: int = 1) -> Keyboard:
    last = [Button("button.skip", Act.INTAKE, ("skip",)), *CANCEL] if what in OPTIONAL else CANCEL
    if what != "field":
        return [last]
    fields = page_of(await agencies.all_fields(turn.work), page, FIELDS_ON_A_PAGE)
    rows = [[Button("intake.field", Act.INTAKE, ("field", one.code), text=one.name)] for one in fields.shown]
    return [
        *rows,
        *turn_rows(Act.INTAKE, lambda to: ("page", to), fields.number, more=fields.more),
        last,
    ]


async def _check(turn: Turn, held: Entered) -> None:
    field = await agencies.field(turn.work, held.field) if held.field else None
    channel = turn.words.label(f"channel.{held.channel}")
    await ask_to_confirm(
        turn,
        "enter",
        "",
        held,
        detail=" · ".join(filter(None, (channel, field.name if field is not None else None))),
        preview="\n".join(filter(None, (held.name, held.address, held.contact, "", held.text))),
    )


@confirmed("enter", holds=Entered)
async def entered(turn: Turn, held: Entered) -> None:
    if held.channel is None or held.prompt is None:
        raise RuleViolation(Reason.STALE_BUTTON)
    question = await intake.enter_by_hand(
        turn.work,
        turn.actor,
        held.channel,
        held.text,
        full_name=held.name,
        home_address=held.address,
        contact=held.contact,
        field_code=held.field,
    )
    await erasing.belongs_to(turn.work, held.prompt, question.id)  # it showed who asked, and what
