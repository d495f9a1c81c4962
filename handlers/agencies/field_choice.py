"""The buttons to choose a field: suggested ones first, then all, by pages."""

from collections.abc import Sequence

from handlers.chat.turn import Turn
from messages.buttons import Act, Button, Key
from messages.keyboards import in_rows, page_of, turn_rows
from services.agencies import routing
from storage.agencies import agencies
from storage.rows import FieldRow

PER_PAGE = 8
SUGGESTED = 3  # fields offered first


def field_name(turn: Turn, field: FieldRow) -> str:
    return str(turn.words.either(field.name, field.name_en))


async def field_buttons(turn: Turn, text: str, page: int = 0) -> list[Sequence[Key]]:
    """Lay out one page of fields, two in a row.

    Page 0 shows the fields that the text is about; where there are none, page 1.
    """
    if page == 0:
        suggested = await routing.suggested_fields(turn.work, text, SUGGESTED)
        if suggested:
            return [
                *_pairs(turn, suggested),
                [Button("button.more_fields", Act.FIELD_PAGE, (1,))],
            ]
    fields = page_of(await agencies.all_fields(turn.work), page, PER_PAGE)
    turns = turn_rows(Act.FIELD_PAGE, lambda to: (to,), fields.number, more=fields.more, signs=("◀", "▶"))
    return [*_pairs(turn, fields.shown), *turns]


def _pairs(turn: Turn, fields: Sequence[FieldRow]) -> list[Sequence[Key]]:
    return in_rows(
        [Button("", Act.PICK_FIELD, (field.code,), text=field_name(turn, field)) for field in fields]
    )
