"""Lists in pages: one button act for all of them, each list entered by its name."""

from collections.abc import Awaitable, Callable, Sequence

from domain.errors import Reason, RuleViolation
from handlers.chat.registry import press
from handlers.chat.turn import Turn, rewrite_pressed
from messages.buttons import Act, Button, Keyboard, Press
from messages.keyboards import in_rows, list_turns
from messages.notice import Notice
from services.questions.case import code_of
from storage.rows import QuestionRow

# Given the page (from 1); raises RuleViolation where the list is not this person's.
OnList = Callable[[Turn, int], Awaitable[tuple[Notice, Keyboard]]]

LISTS: dict[str, OnList] = {}


def paged(name: str) -> Callable[[OnList], OnList]:
    """Enter a list: a function that gives one page of it with its buttons."""

    def enter(show: OnList) -> OnList:
        assert name not in LISTS, f"the list {name} is entered twice"
        LISTS[name] = show
        return show

    return enter


def question_rows(turn: Turn, rows: Sequence[QuestionRow], name: str, page: int, *, more: bool) -> Keyboard:
    """Lay out a button per question of a list, two in a row, and the way to other pages."""
    buttons = [Button("button.open", Act.OPEN, (row.id,), text=code_of(turn.work, row)) for row in rows]
    return [*in_rows(buttons), *list_turns(name, page, more=more)]


def shown_by(buttons: Keyboard) -> list[int]:
    """The questions that a list shows to the staff: those that its buttons open."""
    return [
        int(button.args[-1])
        for row in buttons
        for button in row
        if isinstance(button, Button) and button.act in (Act.OPEN, Act.MERGE_INTO)
    ]


async def show_list(turn: Turn, notice: Notice, buttons: Keyboard) -> None:
    """A list as a message of its own; which questions it shows is kept, for one may have to be hidden."""
    await turn.reply(notice, buttons, shows=shown_by(buttons))


@press(Act.SHOW_LIST)
async def show_pressed(turn: Turn, pressed: Press) -> None:
    """From a message that stays: the first page of a list comes below it."""
    show = LISTS.get(pressed.word(0))
    if show is None:
        raise RuleViolation(Reason.STALE_BUTTON)
    await show_list(turn, *await show(turn, 1))


@press(Act.LIST)
async def turn_page(turn: Turn, pressed: Press) -> None:
    """Another page takes the place of the one whose button was pressed."""
    show = LISTS.get(pressed.word(0))
    page = pressed.number(1)
    if show is None or not page:
        raise RuleViolation(Reason.STALE_BUTTON)
    notice, buttons = await show(turn, page)
    await rewrite_pressed(turn, notice, buttons, shows=shown_by(buttons))
