"""Collecting a text that an app cut into several messages.

A message that fills its limit may be followed by more of it. It is kept instead of being acted on, joined by the
messages that follow, until its author says that this was all; then it is taken as if it had come as one message.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from channels.incoming import File, Message
from channels.telegram.compose import TEXT_LIMIT, units
from domain.errors import Reason, RuleViolation
from domain.vietnamese.screening import TAIL
from domain.vietnamese.text import clean
from handlers.chat.emergency import warn_of
from handlers.chat.media import sent_file
from handlers.chat.registry import step
from handlers.chat.steps import StepData, read
from handlers.chat.turn import Turn, is_draft
from messages.buttons import Act, Button
from messages.notices.chat import LongTextKept
from services import notify
from storage.privacy.erasing import LONG_TEXT

STEP = "long"
NEARLY_FULL = 4000  # apps cut between words where they can, somewhat before the limit
ENDING = 200  # characters of the end that are shown

# What takes words at once, and is not shown before. Questions and answers being written join what follows anyway.
COMMANDS = {"molai", "danhgia", "hoithem", "trave", "sualai", "tuchoi", "dinhchinh", "nhaptay"}
ASKERS_STEPS = {"supply", "reopen"}
STEPS = ASKERS_STEPS | {
    "return", "ask_more", "send_back", "correct_why", "delivery",
    "publish_question", "publish_answer", "hand.text",
}  # fmt: skip
REPLIES = {"clarification"}


def may_be_cut(message: Message) -> bool:
    """Return whether an app may have cut a message off a longer text.

    Apps cut in the second half of what a message holds.
    """
    return units(message.typed) > TEXT_LIMIT // 2


@dataclass(frozen=True)
class Under:
    """The step that waits behind a long text, as it was kept."""

    step: str
    data: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class LongText(StepData):
    """A text that comes in several messages."""

    parts: tuple[tuple[str, str], ...]  # (message, words)
    file: File | None
    before: Under | None
    reply_to: str | None
    asker: bool
    warned: bool


def nearly_full(message: Message) -> bool:
    """Return whether a message is so long that the app may have cut it."""
    return units(message.typed) >= NEARLY_FULL


async def keep(turn: Turn, message: Message, what: str) -> None:
    """Keep a message and wait for the rest.

    `what` is the command, the step or the kind of reply that it is meant for.
    """
    before = await turn.step()
    under: Under | None = None
    if before is not None and before.step == STEP:
        earlier = read(LongText, before.data)
        under = None if earlier is None else earlier.before
    elif before is not None and not is_draft(before.step):
        under = Under(before.step, before.data)
    held = LongText(
        parts=(),
        file=None,
        before=under,
        reply_to=message.reply_to,
        asker=what in ASKERS_STEPS | REPLIES,
        warned=False,
    )
    await goes_on(turn, message, held)


@step(STEP, holds=LongText)
async def goes_on(turn: Turn, message: Message, held: LongText) -> None:
    """Add a message to the long text."""
    text, sent = message.words, sent_file(message)
    if sent is not None:
        if not held.asker:
            raise RuleViolation(Reason.UNSUPPORTED_MESSAGE)
        if held.file is not None:
            raise RuleViolation(Reason.TOO_MANY_FILES, limit=1)
        held = replace(held, file=sent)
    elif not text:
        raise RuleViolation(Reason.UNSUPPORTED_MESSAGE)
    if text:
        parts = (*held.parts, (message.id, text))
        held = await _put(turn, held, parts, len(parts) - 1)
    await _show(turn, held)


async def edited(turn: Turn, message: Message, held: LongText) -> None:
    """Take over an edit of one of its messages."""
    parts = tuple((at, message.words if at == message.id else text) for at, text in held.parts)
    changed = [at for at, both in enumerate(zip(parts, held.parts, strict=True)) if both[0] != both[1]]
    if changed:
        await _show(turn, await _put(turn, held, parts, changed[0]))


async def _put(turn: Turn, held: LongText, parts: tuple[tuple[str, str], ...], at: int) -> LongText:
    """Hold these parts, of which one is new: that one is looked at, with the ends of those beside it."""
    limit = turn.work.programme.question_characters
    if sum(len(text) for _, text in parts) > limit:
        raise RuleViolation(Reason.TOO_LONG, limit=limit)
    held = replace(held, parts=parts)
    if held.asker and not held.warned:
        end = len(_joined(parts[: at + 1]))
        start = max(0, end - len(parts[at][1]) - TAIL)
        held = replace(held, warned=await warn_of(turn, clean(_joined(parts)[start : end + TAIL])))
    return held


async def _show(turn: Turn, held: LongText) -> None:
    text = clean(_joined(held.parts))
    if held.prompt is not None:
        await notify.take_buttons_away(turn.work, turn.person, edit_of=held.prompt)
    prompt = await turn.reply(
        LongTextKept(
            messages=len(held.parts),
            characters=len(text),
            ending=text[-ENDING:],
            file=held.file is not None,
        ),
        [[Button("button.send_whole", Act.SEND_WHOLE), Button("button.cancel", Act.CANCEL)]],
        supersedes=f"{LONG_TEXT}{turn.person.id}",
    )
    await turn.set_step(STEP, replace(held, prompt=prompt))


def _joined(parts: Sequence[tuple[str, str]]) -> str:
    """Join the parts: without a space where a message was full, else with a line break."""
    text = ""
    for index, (_, words) in enumerate(parts):
        full = index > 0 and units(parts[index - 1][1]) >= TEXT_LIMIT
        text += words if index == 0 or full else f"\n{words}"
    return text


async def give_back(turn: Turn, held: LongText) -> None:
    """Put somebody back to the step they were at before the long text."""
    if held.before is None:
        await turn.end_step()
        return
    await turn.put_step(held.before.step, held.before.data)


def whole(turn: Turn, held: LongText) -> Message:
    """Return all parts as one message."""
    text, file = _joined(held.parts), held.file
    return Message(
        id=held.parts[0][0],
        at=turn.work.now,
        text=text if file is None else None,
        caption=None if file is None else text,
        typed=text,
        files=() if file is None else (file,),
        reply_to=held.reply_to,
    )
