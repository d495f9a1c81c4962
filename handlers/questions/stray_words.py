"""Words of staff that answer nothing: a code opens its card, others wait.

Citizens' words begin a question at once; an officer's are as likely an answer that was sent without a reply.
"""

from dataclasses import asdict, dataclass

from channels.incoming import Message
from domain.errors import Reason, RuleViolation
from handlers.chat.dropping import drop_files, when_dropped
from handlers.chat.emergency import warn_of
from handlers.chat.media import note_file, text_of
from handlers.chat.prompting import CANCEL, prompt_done
from handlers.chat.registry import press, step
from handlers.chat.steps import SaidPart, StepData
from handlers.chat.turn import Turn, current_step, take_pressed_buttons_away
from handlers.chat.typed import split_code_of
from handlers.questions import agency_work, asking, draft
from messages.buttons import Act, Button, Press
from messages.notices.questions import StrayWords
from services.questions.case import find

STEP = "stray"
SHOWN = 200  # characters of the words that are shown again


@dataclass(frozen=True, kw_only=True)
class StrayStep(StepData):
    """Words and files that wait until their author says what they are for."""

    parts: tuple[SaidPart, ...] = ()
    files: tuple[int, ...] = ()


async def take(turn: Turn, message: Message) -> None:
    """Take a message that is no command and answers nothing."""
    writing, _ = await draft.open_draft(turn)
    if not turn.actor.roles or writing is not None:
        await asking.begin(turn, message)
    elif not await _opens_a_card(turn, message):
        await _keep(turn, message, StrayStep())


async def _opens_a_card(turn: Turn, message: Message) -> bool:
    """Show the question whose code or number is all that was typed; returns whether it is."""
    code, rest = split_code_of(turn, message.text or "")
    if code is None or rest:
        return False
    await agency_work.show(turn, await find(turn.work, code, turn.actor), whole=True)
    return True


@step(STEP, holds=StrayStep)
async def more(turn: Turn, message: Message, held: StrayStep) -> None:
    if not await _opens_a_card(turn, message):
        await prompt_done(turn, held)
        await _keep(turn, message, held)


async def _keep(turn: Turn, message: Message, held: StrayStep) -> None:
    """Add a message to the words that wait, and ask what they are for."""
    text = text_of(message)
    if text is None:
        raise RuleViolation(Reason.UNSUPPORTED_MESSAGE)
    parts = (*held.parts, SaidPart(message.id, text))
    words = "\n".join(part.text for part in parts if part.text)
    limit = turn.work.programme.question_characters
    if len(words) > limit:
        raise RuleViolation(Reason.TOO_LONG, limit=limit)
    await warn_of(turn, text)
    file_id = await note_file(turn, message, beside=len(held.files))
    kept = held.files if file_id is None else (*held.files, file_id)
    prompt = await turn.reply(
        StrayWords(words=words[:SHOWN], more=len(words) > SHOWN, files=len(kept)),
        [[Button("button.ask_this", Act.ASK_THIS)], CANCEL],
        supersedes=f"{STEP}:{turn.person.id}",
    )
    await turn.set_step(STEP, StrayStep(parts=parts, files=kept, prompt=prompt))


@press(Act.ASK_THIS)
async def ask_pressed(turn: Turn, pressed: Press) -> None:
    """Begin a question of their own with the words that wait."""
    held = await current_step(turn, StrayStep, STEP)
    await turn.end_step()
    await take_pressed_buttons_away(turn)
    await asking.begin_with(turn, [asdict(one) for one in held.parts], list(held.files))


when_dropped(STEP)(drop_files)
