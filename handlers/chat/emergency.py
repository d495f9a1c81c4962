"""Whom to call, said at once to somebody whose words speak of an emergency."""

from domain.vietnamese.screening import Screening, screen
from handlers.chat.turn import Turn
from messages.notices.chat import EmergencyNumber, EmergencyNumbers


async def warn_of(turn: Turn, text: str) -> bool:
    """Say whom to call where a text speaks of an emergency; returns whether it does."""
    return await warn_of_found(turn, screen(text))


async def warn_of_found(turn: Turn, found: Screening) -> bool:
    """Say whom to call, like `warn_of`, for a text that was screened already."""
    numbers = found.numbers
    if numbers:
        await turn.reply(EmergencyNumbers(tuple(EmergencyNumber(one, f"emergency.{one}") for one in numbers)))
    return bool(numbers)
