"""Asks which of several agencies a typed name means, with buttons."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from channels.incoming import Message
from domain.errors import Reason, RuleViolation
from handlers.chat.prompting import CANCEL, end_text_step
from handlers.chat.registry import press, step
from handlers.chat.steps import Held, StepData, kept
from handlers.chat.turn import Turn, current_step, take_pressed_buttons_away
from handlers.chat.typed import id_of, typed_text
from messages.buttons import Act, Button, Press
from messages.keyboards import in_rows
from messages.notices.desk import WhichAgency
from services.agencies.naming import OFFERED, SeveralAgencies
from storage.agencies import agencies

STEP = "which_agency"

OnMeant = Callable[[Turn, Held, str], Awaitable[None]]  # what the step holds, what was typed, made plain


@dataclass(frozen=True, kw_only=True)
class WhichStep(StepData):
    """What goes on once an agency is chosen, and what stood around its name.

    What else it holds stands beside.
    """

    what: str
    before: str
    after: str

    def whole(self, named: str) -> str:
        """Return the whole of what was typed, with this name in its place."""
        return f"{self.before}{named}{self.after}"


@dataclass(frozen=True)
class Goal:
    """What goes on once an agency was chosen, and what the step holds for it."""

    holds: type[Any]
    run: Callable[[Turn, Any, str], Awaitable[None]]


MEANT: dict[str, Goal] = {}


def meant(what: str, *, holds: type[Held]) -> Callable[[OnMeant[Held]], OnMeant[Held]]:
    """Enter what goes on once an agency was chosen, as `ask_which` names it."""

    def enter(run: OnMeant[Held]) -> OnMeant[Held]:
        assert what not in MEANT, f"what goes on after {what} is entered twice"
        MEANT[what] = Goal(holds, run)
        return run

    return enter


async def ask_which(
    turn: Turn, several: SeveralAgencies, what: str, held: StepData, *, before: str = "", after: str = ""
) -> None:
    """Offer the agencies that a name fits.

    `held` goes to the function entered for `what`, with the whole of what was typed: `before`, the chosen
    agency's code, `after`.
    """
    offered = several.found[:OFFERED]
    buttons = [Button("", Act.AGENCY_MEANT, (one.id,), text=one.short_name) for one in offered]
    notice = WhichAgency(typed=several.typed, more=len(several.found) > len(offered))
    prompt = await turn.reply(notice, [*in_rows(buttons), CANCEL])
    which = WhichStep(what=what, before=before + several.before, after=several.after + after, prompt=prompt)
    await turn.put_step(STEP, kept(held) | kept(which))


@press(Act.AGENCY_MEANT)
async def chosen(turn: Turn, pressed: Press) -> None:
    which = await current_step(turn, WhichStep, STEP)
    agency = await agencies.find(turn.work, id_of(pressed))
    entered, held = await _waiting(turn, which)
    if agency is None:
        raise RuleViolation(Reason.STALE_BUTTON)
    await turn.end_step()
    await take_pressed_buttons_away(turn)
    await entered.run(turn, held, which.whole(agency.code))


@step(STEP, holds=WhichStep)
async def typed_again(turn: Turn, message: Message, which: WhichStep) -> None:
    """Take a clearer name instead of a button."""
    typed = typed_text(message)
    entered, held = await _waiting(turn, which)
    await end_text_step(turn, which)
    await entered.run(turn, held, which.whole(typed))


async def _waiting(turn: Turn, which: WhichStep) -> tuple[Goal, Any]:
    """Return what goes on, and what the step holds for it; raise `RuleViolation` where it can't be read."""
    entered = MEANT.get(which.what)
    held = None if entered is None else await turn.at(STEP, entered.holds)
    if entered is None or held is None:
        raise RuleViolation(Reason.STALE_BUTTON)
    return entered, held
