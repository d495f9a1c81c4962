"""`/kichban`: an editor reads the script plan as it would go out, and sends it; agencies say that they have it."""

from typing import Any

from telegram import Update

from domain.episodes.episodes import EpisodeNumber
from domain.errors import Reason, RuleViolation
from domain.questions.life import EDITORS
from handlers.chat.confirming import ask_with_document, confirmed
from handlers.chat.context import Context, pressed_row, rewrite_pressed
from handlers.chat.registry import command, press
from handlers.chat.typed import id_of
from handlers.episodes.verbs import episode_verb, number_at_front
from messages.buttons import Act, Press
from services.deadlines import reminding
from services.episodes import script_plans
from services.episodes.recall import preview_key


@command("kichban", *EDITORS, place=590)
async def script_plan(update: Update, context: Context, argument: str) -> None:
    """`/kichban 12/2026`: the document, what is missing, and `Xác nhận` to send it."""
    number, _ = number_at_front(context, argument)
    if number is None:
        raise RuleViolation(Reason.UNKNOWN_EPISODE, number="")
    await _preview(context, number)


@episode_verb("kich ban", "script plan")
async def script_plan_verb(update: Update, context: Context, number: EpisodeNumber, words: str) -> None:
    await _preview(context, number)


@press(Act.SCRIPT_PLAN)
async def script_plan_pressed(update: Update, context: Context, pressed: Press) -> None:
    await _preview(context, id_of(pressed))


async def _preview(context: Context, which: EpisodeNumber | int) -> None:
    prepared = await script_plans.prepare(context.work, context.actor, which)
    document = await script_plans.document_of(context.work, prepared)
    await ask_with_document(
        context,
        "script_plan",
        script_plans.preview(prepared),
        document,
        script_plans.file_name(prepared.plan.number, prepared.plan.version),
        key=preview_key(prepared.episode.id, context.person),
        episode=prepared.episode.id,
        fingerprint=prepared.fingerprint,
    )


@confirmed("script_plan")
async def sending_confirmed(update: Update, context: Context, data: dict[str, Any]) -> None:
    sent = await script_plans.send(context.work, context.actor, data["episode"], data["fingerprint"])
    await context.reply(sent)


@press(Act.PLAN_ACKNOWLEDGE)
async def acknowledge_pressed(update: Update, context: Context, pressed: Press) -> None:
    """On the plan itself, which then says who has it; or on a message of reminders, which stays."""
    row = await pressed_row(update, context)
    await script_plans.acknowledge(context.work, context.actor, pressed.number(0))
    if row is not None and row.about == reminding.ABOUT:
        said = await reminding.as_it_stands(context.work, row)
        if said is not None:
            await rewrite_pressed(update, context, *said)
    context.say("toast.done")


@press(Act.PLAN_DOCUMENT)
async def document_pressed(update: Update, context: Context, pressed: Press) -> None:
    await script_plans.show_again(context.work, context.actor, pressed.number(0))
