"""Lists in pages: one button act for all, each list registered by its name."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial

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

# The same of a list about one thing among many: an agency's, by its id.
OnListOf = Callable[[Turn, int, int], Awaitable[tuple[Notice, Keyboard]]]

LISTS: dict[str, OnList] = {}
LISTS_OF: dict[str, OnListOf] = {}


def paged(name: str) -> Callable[[OnList], OnList]:
    """Register a list: a function that returns one page of it with its buttons."""

    def enter(show: OnList) -> OnList:
        assert name not in LISTS, f"the list {name} is entered twice"
        LISTS[name] = show
        return show

    return enter


def paged_of(name: str) -> Callable[[OnListOf], OnListOf]:
    """Register a list about one thing, whose function gets the thing's id."""

    def enter(show: OnListOf) -> OnListOf:
        assert name not in LISTS.keys() | LISTS_OF.keys(), f"the list {name} is entered twice"
        LISTS_OF[name] = show
        return show

    return enter


def question_rows(
    turn: Turn, rows: Sequence[QuestionRow], name: str, page: int, *, more: bool, of: int | None = None
) -> Keyboard:
    """Lay out a list's questions as buttons, two in a row, and its page buttons."""
    buttons = [Button("button.open", Act.OPEN, (row.id,), text=code_of(turn.work, row)) for row in rows]
    return [*in_rows(buttons), *list_turns(name, page, more=more, of=of)]


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
    """From a message that stays: the first page of a list comes below it."""
    page_of_list, _ = _listed(turn, pressed)
    await show_list(turn, *await page_of_list(1))


@press(Act.LIST)
async def turn_page(turn: Turn, pressed: Press) -> None:
    """Another page takes the place of the one whose button was pressed."""
    page_of_list, at = _listed(turn, pressed)
    page = pressed.number(at)
    if not page:
        raise RuleViolation(Reason.STALE_BUTTON)
    notice, buttons = await page_of_list(page)
    await rewrite_pressed(turn, notice, buttons, shows=shown_by(buttons))


def _listed(turn: Turn, pressed: Press) -> tuple[Callable[[int], Awaitable[tuple[Notice, Keyboard]]], int]:
    """The list that a button names, to be given a page, and which argument of the button is the page."""
    name, of = pressed.word(0), pressed.number(1)
    if name in LISTS:
        return partial(LISTS[name], turn), 1
    if name in LISTS_OF and of is not None:
        return partial(LISTS_OF[name], turn, of), 2
    raise RuleViolation(Reason.STALE_BUTTON)
