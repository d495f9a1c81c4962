"""Telephone numbers for somebody whose words speak of an emergency."""

from domain.vietnamese.screening import Emergency, Screening
from handlers.chat.turn import Turn
from messages.notices.chat import EmergencyNumber, EmergencyNumbers
from understanding.screening import screen_detail

# Who writes so needs other words than a bystander at a fire; a child's come first.
GENTLE = (Emergency.CHILD_SPEAKS, Emergency.SELF_HARM)


async def warn_of(turn: Turn, text: str) -> bool:
    """Send emergency numbers where a detail speaks of an emergency; return whether it does."""
    return await warn_of_found(turn, screen_detail(text))


async def warn_of_found(turn: Turn, found: Screening) -> bool:
    """Send emergency numbers for a text that was screened already.

    Returns whether there were any, like `warn_of`.
    """
    numbers = found.numbers
    if numbers:
        gentle = next((kind for kind in GENTLE if kind in found.emergency), "")
        told = tuple(EmergencyNumber(one, f"emergency.{one}") for one in numbers)
        await turn.reply(EmergencyNumbers(told, gentle=str(gentle)))
    return bool(numbers)
