"""Buttons in rows, and lists in pages."""

import pytest

from messages.buttons import Act, Button, Key
from messages.keyboards import Page, in_rows, list_turns, page_of, turn_rows


def buttons(count: int) -> list[Key]:
    return [Button("", Act.OPEN, (number,), text=str(number)) for number in range(count)]


def test_buttons_stand_two_in_a_row_and_an_odd_one_alone() -> None:
    a, b, c = buttons(3)
    assert in_rows([a, b, c]) == [[a, b], [c]]
    assert in_rows([a, b, c], 3) == [[a, b, c]]
    assert in_rows([]) == []


@pytest.mark.parametrize(
    ("number", "shown", "more"),
    [
        (1, [0, 1, 2, 3], True),
        (2, [4, 5, 6, 7], True),
        (3, [8], False),
        (4, [8], False),  # the list grew shorter since
        (10**18, [8], False),
        (0, [0, 1, 2, 3], True),
    ],
)
def test_a_page_shows_its_part_of_the_list(number: int, shown: list[int], more: bool) -> None:
    page = page_of(range(9), number, 4)
    assert (list(page.shown), page.more, page.pages) == (shown, more, 3)
    assert page.number == min(max(number, 1), 3)


def test_an_empty_list_has_one_page() -> None:
    page: Page[int] = page_of([], 1, 4)
    assert (list(page.shown), page.number, page.pages, page.more) == ([], 1, 1, False)


def test_a_list_of_one_page_turns_nowhere_and_a_middle_one_both_ways() -> None:
    assert list_turns("work", 1, more=False) == []
    (row,) = list_turns("work", 2, more=True)
    assert row == [
        Button("button.previous", Act.LIST, ("work", 1)),
        Button("button.next", Act.LIST, ("work", 3)),
    ]


def test_signs_take_the_place_of_the_words() -> None:
    ((first,),) = turn_rows(Act.FIELD_PAGE, lambda to: (to,), 1, more=True, signs=("◀", "▶"))
    assert first == Button("button.next", Act.FIELD_PAGE, (2,), text="▶")
