"""Lists in pages: one button act for all, each list registered by its name."""

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
    """Register a list: a function that returns one page of it with its buttons."""

    def enter(show: OnList) -> OnList:
        assert name not in LISTS, f"the list {name} is entered twice"
        LISTS[name] = show
        return show

    return enter


def question_rows(turn: Turn, rows: Sequence[QuestionRow], name: str, page: int, *, more: bool) -> Keyboard:
    """Lay out a list's questions as buttons, two in a row, and its page buttons."""
    buttons = [Button("button.open", Act.OPEN, (row.id,), text=code_of(turn.work, row)) for row in rows]
    return [*in_rows(buttons), *list_turns(name, page, more=more)]


def shown_by(buttons: Keyboard) -> list[int]:
    """Return the questions that a list shows: those that its buttons open."""
    return [
        int(button.args[-1])
        for row in buttons
        for button in row
        if isinstance(button, Button) and button.act in (Act.OPEN, Act.MERGE_INTO)
    ]


async def show_list(turn: Turn, notice: Notice, buttons: Keyboard) -> None:
    """Send a list as a message of its own.

    The questions it shows are noted, because one may have to be hidden later.
    """
    await turn.reply(notice, buttons, shows=shown_by(buttons))


@press(Act.SHOW_LIST)
async def show_pressed(turn: Turn, pressed: Press) -> None:
    """Send a list's first page below the message whose button was pressed."""
    show = LISTS.get(pressed.word(0))
    if show is None:
        raise RuleViolation(Reason.STALE_BUTTON)
    await show_list(turn, *await show(turn, 1))


@press(Act.LIST)
async def turn_page(turn: Turn, pressed: Press) -> None:
    """Rewrite the pressed list to another page."""
    show = LISTS.get(pressed.word(0))
    page = pressed.number(1)
    if show is None or not page:
        raise RuleViolation(Reason.STALE_BUTTON)
    notice, buttons = await show(turn, page)
    await rewrite_pressed(turn, notice, buttons, shows=shown_by(buttons))
