"""Collecting a text that an app cut into several messages.

A message that fills its limit may be followed by more of it. It is kept instead of being acted on, joined by the
messages that follow, until its author says that this was all; then it is taken as if it had come as one message.
"""

from dataclasses import asdict
from typing import Any

from channels.incoming import File, Message
from channels.telegram.compose import TEXT_LIMIT, units
from domain.errors import Reason, RuleViolation
from domain.vietnamese.screening import TAIL
from domain.vietnamese.text import clean
from handlers.chat.emergency import warn_of
from handlers.chat.media import sent_file
from handlers.chat.registry import step
from handlers.chat.turn import Turn, is_draft
from messages.buttons import Act, Button
from messages.notices.chat import LongTextKept
from services import notify
from storage.privacy.erasing import LONG_TEXT
from storage.tables import Row

STEP = "long"
NEARLY_FULL = 4000  # apps cut between words where they can, somewhat before the limit
ENDING = 200  # characters of the end that are shown

# What takes words at once, and is not shown before. Questions and answers being written join what follows anyway.
COMMANDS = {"molai", "danhgia", "hoithem", "trave", "sualai", "tuchoi", "dinhchinh", "nhaptay"}
ASKERS_STEPS = {"supply", "reopen"}
STEPS = ASKERS_STEPS | {
    "return", "ask_more", "send_back", "correct", "correct_why", "delivery",
    "publish_question", "publish_answer", "hand.text",
}  # fmt: skip
REPLIES = {"clarification"}


def nearly_full(message: Message) -> bool:
    """Return whether a message is so long that the app may have cut it."""
    return units(message.typed) >= NEARLY_FULL


async def keep(turn: Turn, message: Message, what: str) -> None:
    """Keep a message and wait for the rest.

    `what` is the command, the step or the kind of reply that it is meant for.
    """
    before = await turn.step()
    under: dict[str, Any] | None = None
    if before is not None and before.step == STEP:
        under = before.data["before"]
    elif before is not None and not is_draft(before.step):
        under = {"step": before.step, "data": before.data}
    data: dict[str, Any] = {
        "parts": [],
        "file": None,
        "before": under,
        "reply_to": message.reply_to,
        "asker": what in ASKERS_STEPS | REPLIES,
        "warned": False,
        "prompt": None,
    }
    await _add(turn, data, message)


@step(STEP)
async def goes_on(turn: Turn, message: Message, conversation: Row) -> None:
    """Add a message to the long text."""
    await _add(turn, dict(conversation.data), message)


async def _add(turn: Turn, data: dict[str, Any], message: Message) -> None:
    text, sent = message.words, sent_file(message)
    if sent is not None:
        if not data["asker"]:
            raise RuleViolation(Reason.UNSUPPORTED_MESSAGE)
        if data["file"] is not None:
            raise RuleViolation(Reason.TOO_MANY_FILES, limit=1)
        data["file"] = asdict(sent)
    elif not text:
        raise RuleViolation(Reason.UNSUPPORTED_MESSAGE)
    if text:
        parts = [*data["parts"], [message.id, text]]
        await _put(turn, data, parts, len(parts) - 1)
    await _show(turn, data)


async def edited(turn: Turn, message: Message, conversation: Row) -> None:
    """Take over an edit of one of its messages."""
    data, words = dict(conversation.data), message.words
    parts = [[at, words if at == message.id else text] for at, text in data["parts"]]
    changed = [at for at, both in enumerate(zip(parts, data["parts"], strict=True)) if both[0] != both[1]]
    if changed:
        await _put(turn, data, parts, changed[0])
        await _show(turn, data)


async def _put(turn: Turn, data: dict[str, Any], parts: list[list[Any]], at: int) -> None:
    """Keep these parts and screen the new one, together with the ends of its neighbours."""
    limit = turn.work.programme.question_characters
    if sum(len(text) for _, text in parts) > limit:
        raise RuleViolation(Reason.TOO_LONG, limit=limit)
    data["parts"] = parts
    if data["asker"] and not data["warned"]:
        end = len(_joined(parts[: at + 1]))
        start = max(0, end - len(parts[at][1]) - TAIL)
        data["warned"] = await warn_of(turn, clean(_joined(parts)[start : end + TAIL]))


async def _show(turn: Turn, data: dict[str, Any]) -> None:
    text = clean(_joined(data["parts"]))
    if data["prompt"] is not None:
        await notify.take_buttons_away(turn.work, turn.person, edit_of=data["prompt"])
    data["prompt"] = await turn.reply(
        LongTextKept(
            messages=len(data["parts"]),
            characters=len(text),
            ending=text[-ENDING:],
            file=data["file"] is not None,
        ),
        [[Button("button.send_whole", Act.SEND_WHOLE), Button("button.cancel", Act.CANCEL)]],
        supersedes=f"{LONG_TEXT}{turn.person.id}",
    )
    await turn.set_step(STEP, **data)


def _joined(parts: list[list[Any]]) -> str:
    """Join the parts: without a space where a message was full, else with a line break."""
    text = ""
    for index, (_, words) in enumerate(parts):
        full = index > 0 and units(parts[index - 1][1]) >= TEXT_LIMIT
        text += words if index == 0 or full else f"\n{words}"
    return text


async def give_back(turn: Turn, conversation: Row) -> None:
    """Put somebody back to the step they were at before the long text."""
    before = conversation.data["before"]
    if before is None:
        await turn.end_step()
        return
    await turn.set_step(before["step"], **before["data"])


def whole(turn: Turn, conversation: Row) -> Message:
    """Return all parts as one message."""
    data = conversation.data
    text, file = _joined(data["parts"]), data["file"]
    return Message(
        id=data["parts"][0][0],
        at=turn.work.now,
        text=text if file is None else None,
        caption=None if file is None else text,
        typed=text,
        files=() if file is None else (File(**file),),
        reply_to=data["reply_to"],
    )
