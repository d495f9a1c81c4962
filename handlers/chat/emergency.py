"""Whom to call, said at once to somebody whose words speak of an emergency."""

from domain.vietnamese.screening import Screening, screen
from handlers.chat.context import Context
from messages.notices.chat import EmergencyNumber, EmergencyNumbers


async def warn_of(context: Context, text: str) -> bool:
    """Say whom to call where a text speaks of an emergency; returns whether it does."""
    return await warn_of_found(context, screen(text))


async def warn_of_found(context: Context, found: Screening) -> bool:
    """Say whom to call, like `warn_of`, for a text that was screened already."""
    numbers = found.numbers
    if numbers:
        await context.reply(
            EmergencyNumbers(tuple(EmergencyNumber(one, f"emergency.{one}") for one in numbers))
        )
    return bool(numbers)
