"""Telephone numbers for somebody whose words speak of an emergency."""

from domain.vietnamese.screening import Screening
from handlers.chat.turn import Turn
from messages.notices.chat import EmergencyNumber, EmergencyNumbers
from understanding.screening import screen


async def warn_of(turn: Turn, text: str) -> bool:
    """Send emergency numbers where a text speaks of an emergency; return whether it does."""
    return await warn_of_found(turn, screen(text))


async def warn_of_found(turn: Turn, found: Screening) -> bool:
    """Send emergency numbers for a text that was screened already.

    Returns whether there were any, like `warn_of`.
    """
    numbers = found.numbers
    if numbers:
        await turn.reply(EmergencyNumbers(tuple(EmergencyNumber(one, f"emergency.{one}") for one in numbers)))
    return bool(numbers)
