"""`/nhaptay`: an editor enters a question from post, telephone, e-mail or a dialogue."""

from typing import Any

from channels.incoming import Message
from domain.errors import Reason, RuleViolation
from domain.questions.history import Event
from domain.questions.life import BY_HAND, EDITORS, Intake, Status
from handlers.chat.confirming import ask_to_confirm, confirmed
from handlers.chat.prompting import CANCEL, ask_for, finish, prompt_done
from handlers.chat.registry import command, press, step
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
from services.questions import agency_work, answers, intake
from services.questions.case import find
from storage.agencies import agencies
from storage.privacy import erasing
from storage.tables import Row

FIELDS_ON_A_PAGE = 8

# What the editor is asked for, in this order; the last two may be skipped.
ORDER = ("text", "name", "address", "contact", "field")
OPTIONAL = {"contact", "field"}
LIMITS = {"name": 200, "address": 300, "contact": 200}
CHANNEL_STEP = "hand.channel"
STEPS = tuple(f"hand.{what}" for what in ORDER)


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
    await ask_for(turn, CHANNEL_STEP, IntakeAsked(step="channel"), {}, [*in_rows(buttons), CANCEL])


@press(Act.INTAKE)
async def pressed_step(turn: Turn, pressed: Press) -> None:
    """Take a choice: (channel, which), (skip), (field, code), (page, number).

    Each only while it is being asked for.
    """
    conversation = await current_step(turn, CHANNEL_STEP, *STEPS)
    at, data = conversation.step.removeprefix("hand."), dict(conversation.data)
    what, value = pressed.word(0), pressed.word(1)
    if what == "page" and at == "field":
        buttons = await _buttons(turn, "field", pressed.number(1) or 1)
        await rewrite_pressed(turn, IntakeAsked(step="field"), buttons)
        return
    if what == "channel" and at == "channel" and value in BY_HAND:
        data["channel"] = value
    elif what == "field" and at == "field" and await agencies.field(turn.work, value) is not None:
        data["field"] = value
    elif what != "skip" or at not in OPTIONAL:
        raise RuleViolation(Reason.STALE_BUTTON)
    await take_pressed_buttons_away(turn)
    await _go_on(turn, at, data)


@step(*STEPS)
async def typed_step(turn: Turn, message: Message, conversation: Row) -> None:
    at, data = conversation.step.removeprefix("hand."), dict(conversation.data)
    if at == "field":
        raise RuleViolation(Reason.UNKNOWN_FIELD)  # it is chosen, not typed
    typed = typed_text(message)
    limit = LIMITS.get(at, turn.work.programme.question_characters)
    if len(typed) > limit:
        raise RuleViolation(Reason.TOO_LONG, limit=limit)
    data[at] = typed
    await prompt_done(turn, conversation)
    await _go_on(turn, at, data)


@step(CHANNEL_STEP)
async def channel_typed(turn: Turn, message: Message, conversation: Row) -> None:
    raise RuleViolation(Reason.UNKNOWN_CHANNEL)


async def _go_on(turn: Turn, at: str, data: dict[str, Any]) -> None:
    """Ask for what comes next, or show everything to be checked."""
    following = "text" if at == "channel" else ORDER[ORDER.index(at) + 1] if at != ORDER[-1] else None
    if following is None:
        await _check(turn, data)
        return
    buttons = await _buttons(turn, following)
    await ask_for(turn, f"hand.{following}", IntakeAsked(step=following), data, buttons)


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


async def _check(turn: Turn, data: dict[str, Any]) -> None:
    field = await agencies.field(turn.work, data["field"]) if data.get("field") else None
    channel = turn.words.label(f"channel.{data['channel']}")
    kept = {key: data.get(key) for key in ("channel", *ORDER)}
    await ask_to_confirm(
        turn,
        "enter",
        "",
        detail=" · ".join(filter(None, (channel, field.name if field is not None else None))),
        preview="\n".join(
            filter(None, (data["name"], data["address"], data.get("contact"), "", data["text"]))
        ),
        hand=kept,
    )


@confirmed("enter")
async def entered(turn: Turn, data: dict[str, Any]) -> None:
    hand = data["hand"]
    question = await intake.enter_by_hand(
        turn.work,
        turn.actor,
        Intake(hand["channel"]),
        hand["text"],
        full_name=hand["name"],
        home_address=hand["address"],
        contact=hand["contact"] or "",
        field_code=hand["field"],
    )
    await erasing.belongs_to(turn.work, data["prompt"], question.id)  # it showed who asked, and what
