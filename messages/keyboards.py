"""Lays out buttons: rows, and lists in pages with page buttons."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from messages.buttons import Act, Button, Key

T = TypeVar("T")


def in_rows(buttons: Sequence[Key], width: int = 2) -> list[Sequence[Key]]:
    """Lay out buttons in rows of two, or of `width`."""
    return [buttons[at : at + width] for at in range(0, len(buttons), width)]


@dataclass(frozen=True)
class Page(Generic[T]):
    """One page of a list, numbered from 1."""

    shown: Sequence[T]
    number: int
    pages: int

    @property
    def more(self) -> bool:
        return self.number < self.pages


def page_of(items: Sequence[T], number: int, size: int) -> Page[T]:
    """Cut one page out of a list.

    A number past either end gives the page at that end.
    """
    pages = max(1, -(-len(items) // size))
    number = min(max(number, 1), pages)
    return Page(items[(number - 1) * size : number * size], number, pages)


def turn_rows(
    act: Act,
    args: Callable[[int], tuple[str | int, ...]],
    page: int,
    *,
    more: bool,
    signs: tuple[str, str] | None = None,
) -> list[Sequence[Key]]:
    """Lay out the buttons to the previous and next page as one row.

    No row for a list of one page. `args` gives what a button to a page carries. The buttons are labelled with words,
    or with `signs`.
    """
    before, after = signs or (None, None)
    row: list[Key] = []
    if page > 1:
        row.append(Button("button.previous", act, args(page - 1), text=before))
    if more:
        row.append(Button("button.next", act, args(page + 1), text=after))
    return [row] if row else []


def list_turns(name: str, page: int, *, more: bool, of: int | None = None) -> list[Sequence[Key]]:
    """Lay out the page buttons of a list registered by name (handlers.chat.paging)."""
    which = (name,) if of is None else (name, of)
    return turn_rows(Act.LIST, lambda to: (*which, to), page, more=more)
