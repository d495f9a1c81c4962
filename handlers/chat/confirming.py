"""`Xác nhận` and `Hủy`: asking before an act, and giving up.

What waits for confirmation is a conversation like any other: the step "confirm", whose data name the act.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from domain.errors import Reason, RuleViolation
from handlers.chat.dropping import drop
from handlers.chat.registry import press
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

OnConfirmed = Callable[[Turn, dict[str, Any]], Awaitable[None]]  # given what the step holds

CONFIRMED: dict[str, OnConfirmed] = {}


def confirmed(what: str) -> Callable[[OnConfirmed], OnConfirmed]:
    """Register what happens once `what` (a key under [confirm]) was confirmed.

    The keys stand in `labels.toml`.
    """

    def enter(run: OnConfirmed) -> OnConfirmed:
        assert what not in CONFIRMED, f"the confirmation of {what} is entered twice"
        CONFIRMED[what] = run
        return run

    return enter


def confirm_buttons() -> Keyboard:
    return [[Button("button.confirm", Act.CONFIRM), Button("button.cancel", Act.CANCEL)]]


async def ask_to_confirm(
    turn: Turn,
    what: str,
    code: str,
    detail: str = "",
    preview: str = "",
    buttons: Keyboard = (),
    shows: Sequence[int] = (),
    **data: Any,
) -> None:
    """Ask for `Xác nhận`; `data` goes to the function registered for `what`.

    `data` is plain JSON. `buttons` are further choices, above the two. `shows` names further questions whose words
    the preview contains, besides the one in `data`.
    """
    notice = ConfirmAsked(what=what, code=code, detail=detail, preview=preview)
    await ask_after(turn, what, notice, buttons, shows, **data | {"code": code})


async def ask_after(
    turn: Turn,
    what: str,
    notice: Notice,
    buttons: Keyboard = (),
    shows: Sequence[int] = (),
    **data: Any,
) -> None:
    """Ask for `Xác nhận` under a notice that says what would be done."""
    question = data.get("question")
    about = None if question is None else "card"  # it may name who asked: hidden and erased like a card
    keyboard = [*buttons, *confirm_buttons()]
    prompt = await turn.reply(notice, keyboard, question_id=question, about=about, shows=shows)
    await turn.set_step(STEP, **data | {"what": what, "prompt": prompt})


async def ask_with_document(
    turn: Turn, what: str, notice: Notice, document: bytes, name: str, *, key: str, **data: Any
) -> None:
    """Ask for `Xác nhận` under a document that says what would be sent.

    `key` finds it again (`supersedes`).
    """
    prompt = await turn.reply_with_document(notice, document, name, confirm_buttons(), supersedes=key)
    await turn.set_step(STEP, **data | {"what": what, "prompt": prompt})


@press(Act.CONFIRM)
async def on_confirm(turn: Turn, pressed: Press) -> None:
    conversation = await current_step(turn, STEP)
    run = CONFIRMED.get(conversation.data["what"])
    if run is None:
        raise RuleViolation(Reason.STALE_BUTTON)
    await turn.end_step()
    await take_pressed_buttons_away(turn)
    await run(turn, conversation.data)
    turn.say("toast.confirmed")


@press(Act.CANCEL)
async def on_cancel(turn: Turn, pressed: Press) -> None:
    """Drop what is being written or waits for confirmation; its prompt says so."""
    step, draft = await turn.step_and_draft()
    conversation = draft if step is None else step
    if conversation is None:
        raise RuleViolation(Reason.STALE_BUTTON)
    row = await pressed_row(turn)
    if step is not None and draft is not None and row is not None and row.id == draft.data.get("prompt"):
        await turn.end_step()  # it means the question that waits behind it
    else:
        await require_current(turn, conversation)
    await rewrite_pressed(turn, await drop(turn))
    turn.say("toast.cancelled")
