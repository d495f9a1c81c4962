"""`/kichban`: an editor reads the script plan as it would go out, and sends it.

Agencies acknowledge it.
"""

from dataclasses import dataclass

from domain.episodes.episodes import EpisodeNumber
from domain.errors import Reason, RuleViolation
from domain.questions.life import EDITORS
from handlers.chat.confirming import ask_with_document, confirmed
from handlers.chat.registry import command, press
from handlers.chat.turn import Turn, pressed_row, rewrite_pressed
from handlers.chat.typed import id_of
from handlers.episodes.verbs import EpisodeStep, episode_verb, number_at_front
from messages.buttons import Act, Press
from services.deadlines import reminding
from services.episodes import script_plans
from services.episodes.recall import preview_key


@dataclass(frozen=True, kw_only=True)
class PlanStep(EpisodeStep):
    """A script plan as an editor has seen it."""

    fingerprint: str


@command("kichban", *EDITORS, place=590)
async def script_plan(turn: Turn, argument: str) -> None:
    """`/kichban 12/2026`: show the document, what is missing, and `Xác nhận`."""
    number, _ = number_at_front(turn, argument)
    if number is None:
        raise RuleViolation(Reason.UNKNOWN_EPISODE, number="")
    await _preview(turn, number)


@episode_verb("script_plan")
async def script_plan_verb(turn: Turn, number: EpisodeNumber, words: str) -> None:
    await _preview(turn, number)


@press(Act.SCRIPT_PLAN)
async def script_plan_pressed(turn: Turn, pressed: Press) -> None:
    await _preview(turn, id_of(pressed))


async def _preview(turn: Turn, which: EpisodeNumber | int) -> None:
    prepared = await script_plans.prepare(turn.work, turn.actor, which)
    document = await script_plans.document_of(turn.work, prepared)
    await ask_with_document(
        turn,
        "script_plan",
        script_plans.preview(prepared),
        document,
        script_plans.file_name(prepared.plan.number, prepared.plan.version),
        PlanStep(episode=prepared.episode.id, fingerprint=prepared.fingerprint),
        key=preview_key(prepared.episode.id, turn.person),
    )


@confirmed("script_plan", holds=PlanStep)
async def sending_confirmed(turn: Turn, held: PlanStep) -> None:
    sent = await script_plans.send(turn.work, turn.actor, held.episode, held.fingerprint)
    await turn.reply(sent)


@press(Act.PLAN_ACKNOWLEDGE)
async def acknowledge_pressed(turn: Turn, pressed: Press) -> None:
    """Acknowledge a script plan: on the plan itself, or on a message of reminders.

    The plan then names who has it; the reminders stay.
    """
    row = await pressed_row(turn)
    await script_plans.acknowledge(turn.work, turn.actor, pressed.number(0))
    if row is not None and row.about == reminding.ABOUT:
        said = await reminding.as_it_stands(turn.work, row)
        if said is not None:
            await rewrite_pressed(turn, *said)
    turn.say("toast.plan_acknowledged")


@press(Act.PLAN_DOCUMENT)
async def document_pressed(turn: Turn, pressed: Press) -> None:
    await script_plans.show_again(turn.work, turn.actor, pressed.number(0))
