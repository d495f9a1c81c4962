"""`/xuatso`: admins take the ledger of a period as a spreadsheet."""

from telegram import Update

from domain.periods import Named, Period, named, read_period
from domain.questions.life import Role
from handlers.chat.context import Context
from handlers.chat.registry import command, press
from handlers.chat.typed import choice_of
from messages.buttons import Act, Button, Press
from messages.notices.ledger import LedgerAsked
from services.ledger import exports
from services.people.actors import require_admin

# As rows of buttons.
_OFFERED = (
    (Named.THIS_MONTH, Named.LAST_MONTH),
    (Named.THIS_QUARTER, Named.THIS_YEAR),
    (Named.ALL,),
)


@command("xuatso", Role.ADMIN, place=820)
async def export(update: Update, context: Context, argument: str) -> None:
    """`/xuatso 1/10/2026 31/12/2026`, `/xuatso quý này`; without words, periods to choose from."""
    today = context.work.programme.local(context.work.now).date()
    if argument:
        await _ask(context, read_period(argument, today))
        return
    rows = [
        [Button(f"button.ledger_{name}", Act.LEDGER_EXPORT, (name.value,)) for name in row]
        for row in _OFFERED
    ]
    await context.reply(LedgerAsked(today), rows)


@press(Act.LEDGER_EXPORT)
async def export_pressed(update: Update, context: Context, pressed: Press) -> None:
    """The period is that of the day on which it is pressed."""
    require_admin(context.actor)
    name = choice_of(pressed, Named)
    today = context.work.programme.local(context.work.now).date()
    await _ask(context, named(name, today))
    context.say("toast.done")


async def _ask(context: Context, period: Period) -> None:
    await context.reply(await exports.ask(context.work, context.actor, period))
