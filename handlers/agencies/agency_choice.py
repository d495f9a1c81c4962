"""Asks which of several agencies a typed name means, with buttons."""

from collections.abc import Awaitable, Callable
from typing import Any

from channels.incoming import Message
from domain.errors import Reason, RuleViolation
from handlers.chat.prompting import CANCEL, ask_for, end_text_step
from handlers.chat.registry import press, step
from handlers.chat.turn import Turn, current_step, take_pressed_buttons_away
from handlers.chat.typed import id_of, typed_text
from messages.buttons import Act, Button, Press
from messages.keyboards import in_rows
from messages.notices.desk import WhichAgency
from services.agencies.naming import OFFERED, SeveralAgencies
from storage.agencies import agencies
from storage.tables import Row

STEP = "which_agency"

OnMeant = Callable[
    [Turn, dict[str, Any], str], Awaitable[None]
]  # what the step holds, what was typed, made plain

MEANT: dict[str, OnMeant] = {}


def meant(what: str) -> Callable[[OnMeant], OnMeant]:
    """Enter what goes on once an agency was chosen, as `ask_which` names it."""

    def enter(run: OnMeant) -> OnMeant:
        assert what not in MEANT, f"what goes on after {what} is entered twice"
        MEANT[what] = run
        return run

    return enter


async def ask_which(
    turn: Turn, several: SeveralAgencies, what: str, *, before: str = "", after: str = "", **data: Any
) -> None:
    """Offer the agencies that a name fits.

    `data` (plain JSON) goes to the function entered for `what`, with the whole of what was typed: `before`, the chosen
    agency's code, `after`.
    """
    offered = several.found[:OFFERED]
    buttons = [Button("", Act.AGENCY_MEANT, (one.id,), text=one.short_name) for one in offered]
    notice = WhichAgency(typed=several.typed, more=len(several.found) > len(offered))
    around = {"before": before + several.before, "after": several.after + after}
    await ask_for(turn, STEP, notice, data | around | {"what": what}, [*in_rows(buttons), CANCEL])


@press(Act.AGENCY_MEANT)
async def chosen(turn: Turn, pressed: Press) -> None:
    conversation = await current_step(turn, STEP)
    agency = await agencies.find(turn.work, id_of(pressed))
    run = MEANT.get(conversation.data["what"])
    if agency is None or run is None:
        raise RuleViolation(Reason.STALE_BUTTON)
    await turn.end_step()
    await take_pressed_buttons_away(turn)
    await run(turn, conversation.data, _whole(conversation, agency.code))


@step(STEP)
async def typed_again(turn: Turn, message: Message, conversation: Row) -> None:
    """Take a clearer name instead of a button."""
    typed = typed_text(message)
    await end_text_step(turn, conversation)
    await MEANT[conversation.data["what"]](turn, conversation.data, _whole(conversation, typed))


def _whole(conversation: Row, named: str) -> str:
    return f"{conversation.data['before']}{named}{conversation.data['after']}"
