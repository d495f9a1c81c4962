"""Words of staff that answer nothing: a code opens its card, others wait.

Citizens' words begin a question at once; an officer's are as likely an answer that was sent without a reply.
"""

from typing import Any

from channels.incoming import Message
from domain.errors import Reason, RuleViolation
from handlers.chat.dropping import when_dropped
from handlers.chat.emergency import warn_of
from handlers.chat.media import note_file, text_of
from handlers.chat.prompting import CANCEL, prompt_done
from handlers.chat.registry import press, step
from handlers.chat.turn import Turn, current_step, take_pressed_buttons_away
from handlers.chat.typed import split_code_of
from handlers.questions import agency_work, asking, draft
from messages.buttons import Act, Button, Press
from messages.notices.questions import StrayWords
from services.questions.case import find
from storage.delivery import files
from storage.tables import Row

STEP = "stray"
SHOWN = 200  # characters of the words that are shown again


async def take(turn: Turn, message: Message) -> None:
    """Take a message that is no command and answers nothing."""
    writing, _ = await draft.open_draft(turn)
    if not turn.actor.roles or writing is not None:
        await asking.begin(turn, message)
    elif not await _opens_a_card(turn, message):
        await _keep(turn, message, {"parts": [], "files": []})


async def _opens_a_card(turn: Turn, message: Message) -> bool:
    """Show the question whose code or number is all that was typed; returns whether it is."""
    code, rest = split_code_of(turn, message.text or "")
    if code is None or rest:
        return False
    await agency_work.show(turn, await find(turn.work, code, turn.actor), whole=True)
    return True


@step(STEP)
async def more(turn: Turn, message: Message, conversation: Row) -> None:
    if not await _opens_a_card(turn, message):
        await prompt_done(turn, conversation)
        await _keep(turn, message, dict(conversation.data))


async def _keep(turn: Turn, message: Message, data: dict[str, Any]) -> None:
    """Add a message to the words that wait, and ask what they are for."""
    text = text_of(message)
    if text is None:
        raise RuleViolation(Reason.UNSUPPORTED_MESSAGE)
    parts = [*data["parts"], {"message": message.id, "text": text}]
    words = "\n".join(part["text"] for part in parts if part["text"])
    limit = turn.work.programme.question_characters
    if len(words) > limit:
        raise RuleViolation(Reason.TOO_LONG, limit=limit)
    if len(data["files"]) >= turn.work.programme.draft_files:
        raise RuleViolation(Reason.TOO_MANY_FILES, limit=turn.work.programme.draft_files)
    await warn_of(turn, text)
    file_id = await note_file(turn, message)
    kept = [*data["files"], *([] if file_id is None else [file_id])]
    prompt = await turn.reply(
        StrayWords(words=words[:SHOWN], more=len(words) > SHOWN, files=len(kept)),
        [[Button("button.ask_this", Act.ASK_THIS)], CANCEL],
        supersedes=f"{STEP}:{turn.person.id}",
    )
    await turn.set_step(STEP, parts=parts, files=kept, prompt=prompt)


@press(Act.ASK_THIS)
async def ask_pressed(turn: Turn, pressed: Press) -> None:
    """Begin a question of their own with the words that wait."""
    conversation = await current_step(turn, STEP)
    data = conversation.data
    await turn.end_step()
    await take_pressed_buttons_away(turn)
    await asking.begin_with(turn, data["parts"], data["files"])


@when_dropped(STEP)
async def _given_up(turn: Turn, data: dict[str, Any]) -> None:
    await files.drop(turn.work, data["files"])
