"""`Xác nhận` and `Hủy`: asking before an act, and giving up.

What waits for confirmation is a conversation like any other: the step "confirm", whose data name the act.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from domain.errors import Reason, RuleViolation
from handlers.chat.dropping import drop
from handlers.chat.registry import press
from handlers.chat.steps import Held, QuestionStep, StepData, kept, prompt_of
from handlers.chat.turn import (
    Turn,
    current_step,
    pressed_row,
    require_current,
    rewrite_pressed,
    take_pressed_buttons_away,
)
from messages.buttons import Act, Button, Keyboard, Press
from messages.notice import Notice
from messages.notices.chat import ConfirmAsked

STEP = "confirm"

OnConfirmed = Callable[[Turn, Held], Awaitable[None]]  # given what the step holds


@dataclass(frozen=True, kw_only=True)
class ConfirmStep(StepData):
    """What waits for confirmation; what else it holds stands beside."""

    what: str


@dataclass(frozen=True)
class Confirmation:
    """What happens once something was confirmed, and what the step holds for it."""

    holds: type[Any]
    run: Callable[[Turn, Any], Awaitable[None]]


CONFIRMED: dict[str, Confirmation] = {}


def confirmed(what: str, *, holds: type[Held]) -> Callable[[OnConfirmed[Held]], OnConfirmed[Held]]:
    """Register what happens once `what` (a key under [confirm]) was confirmed.

    The keys stand in `labels.toml`.
    """

    def enter(run: OnConfirmed[Held]) -> OnConfirmed[Held]:
        assert what not in CONFIRMED, f"the confirmation of {what} is entered twice"
        CONFIRMED[what] = Confirmation(holds, run)
        return run

    return enter


def confirm_buttons() -> Keyboard:
    return [[Button("button.confirm", Act.CONFIRM), Button("button.cancel", Act.CANCEL)]]


async def ask_to_confirm(
    turn: Turn,
    what: str,
    code: str,
    held: StepData,
    *,
    detail: str = "",
    preview: str = "",
    buttons: Keyboard = (),
    shows: Sequence[int] = (),
) -> None:
    """Ask for `Xác nhận`; `held` is handed to the function entered for `what`.

    `buttons` are further choices, above the two; the preview `shows` words of these questions beside that of `held`.
    """
    notice = ConfirmAsked(what=what, code=code, detail=detail, preview=preview)
    await ask_after(turn, what, notice, held, buttons, shows)


async def ask_after(
    turn: Turn,
    what: str,
    notice: Notice,
    held: StepData,
    buttons: Keyboard = (),
    shows: Sequence[int] = (),
    decide: Keyboard | None = None,
) -> None:
    """Ask for `Xác nhận` under a notice that says what would be done.

    `decide` are other words for the two buttons, of which one carries `Act.CONFIRM`.
    """
    question = held.question if isinstance(held, QuestionStep) else None
    about = None if question is None else "card"  # it may name who asked: hidden and erased like a card
    keyboard = [*buttons, *(confirm_buttons() if decide is None else decide)]
    prompt = await turn.reply(notice, keyboard, question_id=question, about=about, shows=shows)
    await _wait(turn, what, held, prompt)


async def _wait(turn: Turn, what: str, held: StepData, prompt: int | None) -> None:
    await turn.put_step(STEP, kept(held) | kept(ConfirmStep(what=what, prompt=prompt)))


async def ask_with_document(
    turn: Turn, what: str, notice: Notice, document: bytes, name: str, held: StepData, *, key: str
) -> None:
    """Ask for `Xác nhận` under a document that says what would be sent.

    `key` finds it again (`supersedes`).
    """
    prompt = await turn.reply_with_document(notice, document, name, confirm_buttons(), supersedes=key)
    await _wait(turn, what, held, prompt)


@press(Act.CONFIRM)
async def on_confirm(turn: Turn, pressed: Press) -> None:
    asked = await current_step(turn, ConfirmStep, STEP)
    entered = CONFIRMED.get(asked.what)
    held = None if entered is None else await turn.at(STEP, entered.holds)
    if entered is None or held is None:
        raise RuleViolation(Reason.STALE_BUTTON)
    await turn.end_step()
    await take_pressed_buttons_away(turn)
    await entered.run(turn, held)
    turn.say("toast.confirmed")


@press(Act.CANCEL)
async def on_cancel(turn: Turn, pressed: Press) -> None:
    """Drop what is being written or waits for confirmation; its prompt says so."""
    step, draft = await turn.step_and_draft()
    conversation = draft if step is None else step
    if conversation is None:
        raise RuleViolation(Reason.STALE_BUTTON)
    row = await pressed_row(turn)
    if step is not None and draft is not None and row is not None and row.id == prompt_of(draft):
        await turn.end_step()  # the question that waits behind it is meant
    else:
        await require_current(turn, conversation)
    await rewrite_pressed(turn, await drop(turn))
    turn.say("toast.cancelled")
