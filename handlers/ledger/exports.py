"""`/xuatso`: admins get the ledger of a period as a spreadsheet."""

from domain.periods import Named, Period, named, read_period
from domain.questions.life import Role
from handlers.chat.registry import command, press
from handlers.chat.turn import Turn
from handlers.chat.typed import choice_of
from messages.buttons import Act, Button, Press
from messages.notices.ledger import LedgerAsked
from messages.typed import forms, meanings
from services.ledger import exports
from services.people.actors import require_admin

# As rows of buttons.
_OFFERED = (
    (Named.THIS_MONTH, Named.LAST_MONTH),
    (Named.THIS_QUARTER, Named.THIS_YEAR),
    (Named.ALL,),
)


_NAMES = meanings("period", {name.value: name for name in Named})
_BETWEEN = forms("period_words", "between")


@command("xuatso", Role.ADMIN, place=820)
async def export(turn: Turn, argument: str) -> None:
    """`/xuatso 1/10/2026 31/12/2026`, `/xuatso quý này`; without words, offer periods."""
    today = turn.work.programme.local(turn.work.now).date()
    if argument:
        await _ask(turn, read_period(argument, today, _NAMES, _BETWEEN))
        return
    rows = [
        [Button(f"button.ledger_{name}", Act.LEDGER_EXPORT, (name.value,)) for name in row]
        for row in _OFFERED
    ]
    await turn.reply(LedgerAsked(today), rows)


@press(Act.LEDGER_EXPORT)
async def export_pressed(turn: Turn, pressed: Press) -> None:
    """Ask whether to export the pressed period, as of today."""
    require_admin(turn.actor)
    name = choice_of(pressed, Named)
    today = turn.work.programme.local(turn.work.now).date()
    await _ask(turn, named(name, today))
    turn.say("toast.see_below")


async def _ask(turn: Turn, period: Period) -> None:
    await turn.reply(await exports.ask(turn.work, turn.actor, period))
