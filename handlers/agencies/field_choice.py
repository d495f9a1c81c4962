"""The buttons from which a field is chosen: what the text speaks of first, then all of them by pages."""

from collections.abc import Sequence

from handlers.chat.context import Context
from messages.buttons import Act, Button
from services.agencies import field_suggestions
from storage.agencies import agencies
from storage.tables import Row

PER_PAGE = 8


def field_name(context: Context, field: Row) -> str:
    return str(field.name_en if context.words.language == "en" else field.name)


async def field_buttons(context: Context, text: str, page: int = 0) -> list[Sequence[Button]]:
    """One page of fields, two in a row. Page 0 are those the text speaks of; where there are none, page 1."""
    if page == 0:
        suggested = await field_suggestions.suggested_fields(context.work, text)
        if suggested:
            return [
                *_pairs(context, suggested),
                [Button("button.more_fields", Act.FIELD_PAGE, (1,))],
            ]
    fields = await agencies.all_fields(context.work)
    last = max(1, -(-len(fields) // PER_PAGE))
    page = min(max(page, 1), last)
    turns = []
    if page > 1:
        turns.append(Button("button.previous", Act.FIELD_PAGE, (page - 1,), text="◀"))
    if page < last:
        turns.append(Button("button.next", Act.FIELD_PAGE, (page + 1,), text="▶"))
    shown = fields[(page - 1) * PER_PAGE : page * PER_PAGE]
    return [*_pairs(context, shown), *([turns] if turns else [])]


def _pairs(context: Context, fields: Sequence[Row]) -> list[Sequence[Button]]:
    buttons = [Button("", Act.PICK_FIELD, (field.code,), text=field_name(context, field)) for field in fields]
    return [buttons[at : at + 2] for at in range(0, len(buttons), 2)]
