"""Items that arrive together share a transaction, and none is confirmed before the commit."""

import asyncio
from collections.abc import Callable

import pytest

from bot.loops.commit_sharing import Together


class Shelf:
    """Keeps when it is its turn, as a database does."""

    def __init__(self) -> None:
        self.turn = asyncio.Event()
        self.kept: list[list[int]] = []
        self.fails = 0

    async def keep(self, take: Callable[[], list[int]]) -> None:
        taken: list[int] = []
        while True:
            await self.turn.wait()
            taken += take()
            if not self.fails:
                break
            self.fails -= 1
            await asyncio.sleep(0)
        self.kept.append(taken)


async def settled() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_what_waits_for_its_turn_is_kept_in_one_go() -> None:
    shelf = Shelf()
    together = Together(shelf.keep)
    adding = [asyncio.create_task(together.add(number)) for number in range(3)]
    await settled()
    adding.append(asyncio.create_task(together.add(3)))  # while the first ones wait for their turn
    await settled()
    assert not any(one.done() for one in adding)
    shelf.turn.set()
    await asyncio.gather(*adding)
    assert shelf.kept == [[0, 1, 2, 3]]


async def test_what_comes_later_is_kept_later() -> None:
    shelf = Shelf()
    shelf.turn.set()
    together = Together(shelf.keep)
    await together.add(1)
    await together.add(2)
    assert shelf.kept == [[1], [2]]


async def test_where_keeping_is_tried_again_newcomers_come_along() -> None:
    shelf = Shelf()
    shelf.fails = 1
    together = Together(shelf.keep)
    first = asyncio.create_task(together.add(1))
    await settled()
    shelf.turn.set()
    await asyncio.gather(first, together.add(2))
    assert sorted(number for kept in shelf.kept for number in kept) == [1, 2]


async def test_each_hears_that_it_could_not_be_kept_and_the_next_is_tried_anew() -> None:
    tries: list[list[int]] = []

    async def keep(take: Callable[[], list[int]]) -> None:
        tries.append(take())
        if len(tries) == 1:
            raise OSError("away")

    together = Together(keep)
    ended = await asyncio.gather(together.add(1), together.add(2), return_exceptions=True)
    assert [type(one) for one in ended] == [OSError, OSError]
    await together.add(3)
    assert tries == [[1, 2], [3]]


async def test_where_not_even_a_turn_was_had_everybody_hears_it() -> None:
    async def keep(_take: Callable[[], list[int]]) -> None:
        raise OSError("away")

    together = Together(keep)
    with pytest.raises(OSError, match="away"):
        await asyncio.wait_for(together.add(1), 1)


async def test_who_gives_up_waiting_holds_up_nobody() -> None:
    shelf = Shelf()
    together = Together(shelf.keep)
    impatient = asyncio.create_task(together.add(1))
    patient = asyncio.create_task(together.add(2))
    await settled()
    impatient.cancel()
    shelf.turn.set()
    await patient
    assert shelf.kept == [[1, 2]]
