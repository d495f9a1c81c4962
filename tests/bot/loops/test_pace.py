"""The pace, on a loop whose time passes only when everybody waits: an hour takes a moment, and always the same one."""

import asyncio
import math
import selectors
from collections import deque
from collections.abc import Coroutine
from contextlib import suppress
from random import Random
from typing import Any

import pytest

from bot.loops.pace import SEVERAL, Pace
from channels.outgoing import Busy, DeliveryError, Interrupted, Kind, Rejected
from storage.delivery.outbox import Lane

SECONDS = 100
KNOWN = 300  # messages after which the pace knows the way


class _Leaping(selectors.SelectSelector):
    """Never waits: tells the loop how long it would have."""

    leap: Any = None

    def select(self, timeout: float | None = None) -> list[Any]:
        found = super().select(0)
        if not found and timeout:
            self.leap(timeout)
        return found


class QuickLoop(asyncio.SelectorEventLoop):
    """A loop whose clock leaps to whatever comes next."""

    def __init__(self) -> None:
        selector = _Leaping()
        super().__init__(selector)
        self._seconds = 1000.0
        selector.leap = self._leap

    def _leap(self, seconds: float) -> None:
        self._seconds += seconds

    def time(self) -> float:
        return self._seconds


def played(story: Coroutine[Any, Any, Any]) -> Any:
    with asyncio.Runner(loop_factory=QuickLoop) as runner:
        return runner.run(story)


class AnyWindow:
    """At most so many in any window of a second, as they arrive."""

    def __init__(self, allowed: int) -> None:
        self._allowed = allowed
        self._times: deque[float] = deque()

    def refuses(self, now: float) -> bool:
        while self._times and self._times[0] <= now - 1:
            self._times.popleft()
        if len(self._times) >= self._allowed:
            return True
        self._times.append(now)
        return False


class Bucket:
    """A bucket that holds a tenth of a second's tokens and fills evenly."""

    def __init__(self, allowed: int) -> None:
        self._rate, self._holds = allowed, allowed / 10
        self._tokens, self._at = self._holds, 0.0

    def refuses(self, now: float) -> bool:
        self._tokens = min(self._holds, self._tokens + (now - self._at) * self._rate)
        self._at = now
        if self._tokens < 1 - 1e-9:
            return True
        self._tokens -= 1
        return False


class Messenger:
    """Hears messages a while after they left, and answers a while after that."""

    def __init__(self, model: AnyWindow | Bucket, *ways: float, jitter: float, seed: int = 1) -> None:
        self._model = model
        self._there, self._back = ways
        self._jitter = jitter
        self._random = Random(seed)
        self.refused = 0
        self.heard: list[float] = []

    def _way(self, seconds: float) -> float:
        late = self._random.expovariate(1 / self._jitter) if self._jitter else 0.0
        return seconds + late

    async def deliver(self) -> None:
        await asyncio.sleep(self._way(self._there))
        now = asyncio.get_running_loop().time()
        self.heard.append(now)
        self.refused += self._model.refuses(now)
        await asyncio.sleep(self._way(self._back))

    @property
    def rate(self) -> float:
        known = sorted(self.heard)[KNOWN:]
        return (len(known) - 1) / (known[-1] - known[0])


async def flood(pace: Pace, messenger: Messenger, messages: int, *, at_once: int) -> None:
    numbers = iter(range(messages))

    async def work() -> None:
        for number in numbers:
            async with pace.turn(str(number), Lane.BROADCAST):
                await messenger.deliver()

    await asyncio.gather(*(work() for _ in range(at_once)))


@pytest.mark.parametrize(
    ("allowed", "there", "back", "jitter", "at_least"),
    [
        (30, 0.001, 0.001, 0.0, 0.995),
        (30, 0.001, 0.001, 0.001, 0.99),
        (30, 0.04, 0.04, 0.0, 0.99),  # across the world, as far as the messenger's houses are
        (30, 0.04, 0.04, 0.005, 0.97),  # what is unsteady costs: safe before fast
        (30, 0.01, 0.3, 0.02, 0.9),
        (1000, 0.001, 0.001, 0.0, 0.98),
    ],
)
def test_a_flood_keeps_the_rate_and_no_window_ever_holds_too_many(
    allowed: int, there: float, back: float, jitter: float, at_least: float
) -> None:
    messenger = Messenger(AnyWindow(allowed), there, back, jitter=jitter)
    messages = min(allowed * SECONDS, 6000)
    played(flood(Pace(allowed, 1.0), messenger, messages, at_once=min(allowed, 60)))
    assert messenger.refused == 0
    assert at_least <= messenger.rate / allowed <= 1.001


@pytest.mark.parametrize("jitter", [0.0, 0.002])
def test_a_messenger_that_counts_by_a_small_bucket_refuses_nothing_either(jitter: float) -> None:
    messenger = Messenger(Bucket(30), 0.02, 0.02, jitter=jitter)
    played(flood(Pace(30, 1.0), messenger, 30 * SECONDS, at_once=30))
    assert messenger.refused == 0
    assert messenger.rate / 30 >= 0.97


def test_messages_that_hang_for_long_cost_their_places_and_stop_nobody_else() -> None:
    class Hanging(Messenger):
        async def deliver(self) -> None:
            if len(self.heard) in (40, 90):
                self.heard.append(asyncio.get_running_loop().time())
                await asyncio.sleep(20)
            else:
                await super().deliver()

    messenger = Hanging(AnyWindow(30), 0.001, 0.001, jitter=0.0)
    played(flood(Pace(30, 1.0), messenger, 600, at_once=30))
    assert messenger.refused == 0
    assert messenger.rate / 30 > 0.9


def test_the_second_before_is_full_also_after_a_pause() -> None:
    async def story() -> Messenger:
        pace, messenger = Pace(30, 1.0), Messenger(AnyWindow(30), 0.001, 0.001, jitter=0.0)
        for _ in range(5):
            await flood(pace, messenger, 45, at_once=30)
            await asyncio.sleep(0.3)
        return messenger

    assert played(story()).refused == 0


def test_an_album_counts_as_all_of_its_messages() -> None:
    async def story() -> Messenger:
        pace, messenger = Pace(30, 1.0), Messenger(AnyWindow(30), 0.001, 0.001, jitter=0.0)

        async def send(number: int) -> None:
            parts = 1 + number % 10
            async with pace.turn(str(number), messages=parts):
                await asyncio.gather(*(messenger.deliver() for _ in range(parts)))

        await asyncio.gather(*(send(number) for number in range(100)))
        return messenger

    messenger = played(story())
    assert messenger.refused == 0
    assert messenger.rate / 30 > 0.8


def test_a_chat_waits_a_second_for_each_part_of_an_album() -> None:
    async def story() -> float:
        pace, loop = Pace(30, 1.0), asyncio.get_running_loop()
        async with pace.turn("1", messages=4):
            began = loop.time()
        async with pace.turn("1"):
            return loop.time() - began

    assert played(story()) == pytest.approx(4.0, abs=0.1)


# --- who goes first -----------------------------------------------------------------------------------------------


async def taken(pace: Pace, order: list[str], name: str, lane: Lane, address: str | None = None) -> None:
    async with pace.turn(address or name, lane):
        order.append(name)


def test_replies_go_before_notices_before_broadcasts_and_each_in_its_order() -> None:
    async def story() -> list[str]:
        pace, order = Pace(10, 1.0), list[str]()
        asked = [("t1", Lane.BROADCAST), ("n1", Lane.NOTICE), ("r1", Lane.REPLY)]
        asked += [("t2", Lane.BROADCAST), ("n2", Lane.NOTICE), ("r2", Lane.REPLY)]
        async with pace.turn("first"):
            tasks = [asyncio.create_task(taken(pace, order, *one)) for one in asked]
            await asyncio.sleep(0)
        await asyncio.gather(*tasks)
        return order

    assert played(story()) == ["r1", "r2", "n1", "n2", "t1", "t2"]


def test_a_reply_whose_chat_must_wait_holds_up_nobody() -> None:
    async def story() -> list[tuple[str, float]]:
        pace, loop = Pace(10, 1.0), asyncio.get_running_loop()
        begun, order = loop.time(), list[tuple[str, float]]()

        async def take(name: str, lane: Lane, address: str) -> None:
            async with pace.turn(address, lane):
                order.append((name, round(loop.time() - begun, 1)))

        await take("first", Lane.REPLY, "mai")
        await asyncio.gather(
            take("again", Lane.REPLY, "mai"), *(take(f"t{n}", Lane.BROADCAST, str(n)) for n in range(20))
        )
        return order

    order = played(story())
    times = dict(order)
    assert times["again"] == 1.0
    assert [name for name, at in order if name.startswith("t") and at < 1.0] == [f"t{n}" for n in range(9)]
    assert order[10][0] == "again"


def test_a_turn_given_before_the_messenger_asked_to_wait_is_the_last_one() -> None:
    async def story() -> list[float]:
        pace, loop = Pace(20, 0.0), asyncio.get_running_loop()
        begun, times = loop.time(), list[float]()

        async def take(chat: int) -> None:
            async with pace.turn(str(chat), Lane(chat % 3)):
                times.append(loop.time() - begun)

        tasks = [asyncio.create_task(take(chat)) for chat in range(4)]
        await asyncio.sleep(0.01)
        pace.hold(0.4)
        pace.hold(0.1)  # of another message in flight: the longer one counts
        await asyncio.gather(*tasks)
        return times

    first, *others = played(story())
    assert first == 0
    assert min(others) >= 0.4


# --- who is told to wait ------------------------------------------------------------------------------------------


class Told:
    """A story's pace, and what was handed over in it, each with the seconds since the beginning."""

    def __init__(self, pace: Pace) -> None:
        self.pace = pace
        self._begun = asyncio.get_running_loop().time()
        self.left: list[tuple[str, float]] = []

    async def send(
        self, address: str, answer: DeliveryError | None = None, *, kind: Kind = Kind.TEXT, paid: bool = False
    ) -> None:
        with suppress(DeliveryError):
            async with self.pace.turn(address, Lane.NOTICE, kind=kind, paid=paid):
                self.left.append((address, round(asyncio.get_running_loop().time() - self._begun, 1)))
                if answer is not None:
                    raise answer


def told(*steps: dict[str, Any], last: str = "last", **more: Any) -> float:
    """When somebody else's message leaves, after these were answered one after the other."""

    async def story() -> float:
        one = Told(Pace(1000, 0.0))
        for number, step in enumerate(steps):
            await one.send(**{"address": str(number)} | step)
        await one.send(last, **more)
        return one.left[-1][1]

    at: float = played(story())
    return at


def busy(seconds: float = 30) -> dict[str, Any]:
    return {"answer": Busy(seconds)}


def test_one_told_to_wait_stops_nobody_else() -> None:
    async def story() -> list[tuple[str, float]]:
        one = Told(Pace(10, 1.0))
        await one.send("mai", Busy(30))
        assert 29 < one.pace.told_to_wait("mai") <= 30
        assert one.pace.told_to_wait("nam") == 0
        await asyncio.gather(one.send("mai"), *(one.send("nam") for _ in range(3)))
        return one.left

    assert played(story()) == [("mai", 0.0), ("nam", 0.1), ("nam", 1.1), ("nam", 2.1), ("mai", 30.0)]


def test_several_told_to_wait_in_a_row_make_everybody_wait() -> None:
    assert told(*[busy()] * (SEVERAL - 1)) == 0
    assert told(*[busy()] * SEVERAL) == 30
    assert told(busy(30), busy(20), busy(25)) == 20  # nobody longer than must be
    assert told(*[busy()] * SEVERAL, paid=True) == 0  # what is paid for is counted by itself


def test_one_chat_told_to_wait_again_and_again_is_one_chat() -> None:
    again = {"address": "mai"} | busy(1)
    assert told(*[again] * (SEVERAL + 1)) < 5


@pytest.mark.parametrize("taken", [None, Rejected("no text")], ids=["taken", "refused for what it is"])
def test_what_is_taken_meanwhile_shows_that_not_everybody_is_meant(taken: DeliveryError | None) -> None:
    assert told(busy(), busy(), {"answer": taken}, busy(), busy()) == 0


@pytest.mark.parametrize(
    "meanwhile", [{"answer": Interrupted("500")}, {"kind": Kind.EDIT}], ids=["interrupted", "another method"]
)
def test_what_tells_nothing_of_the_limit_does_not_end_the_row(meanwhile: dict[str, Any]) -> None:
    assert told(busy(), busy(), meanwhile, busy()) == 30


def test_what_had_left_before_the_refusal_does_not_end_the_row() -> None:
    async def story() -> float:
        one = Told(Pace(1000, 0.0))
        async with one.pace.turn("slow"):
            await one.send("1", Busy(30))
            await one.send("2", Busy(30))
        await one.send("3", Busy(30))
        await one.send("last")
        return one.left[-1][1]

    assert played(story()) == 30


def test_a_method_with_a_limit_of_its_own_stops_only_itself() -> None:
    assert told(busy() | {"kind": Kind.MENU}) == 0
    assert told(*[busy()] * (SEVERAL - 1), busy() | {"kind": Kind.MENU}) == 0
    assert told(busy() | {"kind": Kind.MENU}, kind=Kind.MENU) == 30
    assert told(busy() | {"address": "mai"}, last="mai", kind=Kind.MENU) == 0


def test_a_messenger_that_refuses_the_whole_bot_is_left_in_peace_until_it_is_over() -> None:
    async def story() -> tuple[list[float], float]:
        pace, loop = Pace(30, 1.0), asyncio.get_running_loop()
        over, refused = loop.time() + 60, list[float]()

        async def send(chat: int) -> None:
            while True:
                try:
                    async with pace.turn(str(chat), Lane.NOTICE):
                        await asyncio.sleep(0.05)
                        if loop.time() < over:
                            refused.append(over - loop.time())
                            raise Busy(float(math.ceil(over - loop.time())))
                        return
                except Busy:
                    pass

        await asyncio.gather(*(send(chat) for chat in range(300)))
        return refused, loop.time() - over

    refused, seconds = played(story())
    assert SEVERAL <= len(refused) <= SEVERAL + 3  # those that were under way
    assert min(refused) > 59
    assert seconds < 11.5  # 300 at 30 a second, and a second of rounding up


def test_whoever_stops_waiting_leaves_no_hole() -> None:
    async def story() -> tuple[list[str], float]:
        pace, order, loop = Pace(2, 1.0), list[str](), asyncio.get_running_loop()
        tasks = [asyncio.create_task(taken(pace, order, str(n), Lane.NOTICE)) for n in range(6)]
        await asyncio.sleep(0.01)
        for n in (1, 2, 3):
            tasks[n].cancel()
        begun = loop.time()
        await asyncio.gather(*tasks, return_exceptions=True)
        return order, loop.time() - begun

    order, seconds = played(story())
    assert order == ["0", "4", "5"]
    assert seconds < 1.1


def test_a_turn_that_was_given_and_not_used_is_given_on() -> None:
    async def story() -> list[str]:
        pace, order = Pace(1, 1.0), list[str]()
        given = asyncio.create_task(taken(pace, order, "gone", Lane.NOTICE))
        async with pace.turn("first"):
            await asyncio.sleep(0)
        await asyncio.sleep(1.0)
        # Its turn is given in this very moment, and so is the order to stop.
        given.cancel()
        await asyncio.gather(given, return_exceptions=True)
        await asyncio.wait_for(taken(pace, order, "next", Lane.BROADCAST), 5)
        return order

    assert "next" in played(story())


def test_paid_messages_have_a_pace_of_their_own_but_the_chat_is_one() -> None:
    async def story() -> tuple[float, float]:
        pace, loop = Pace(10, 1.0, 1000), asyncio.get_running_loop()
        begun = loop.time()

        async def paid(chat: int) -> None:
            async with pace.turn(str(chat), Lane.BROADCAST, paid=True):
                pass

        await asyncio.gather(*(paid(chat) for chat in range(500)))
        all_paid = loop.time() - begun
        async with pace.turn("0", Lane.REPLY):
            return all_paid, loop.time() - begun

    all_paid, reply = played(story())
    assert all_paid < 0.55
    assert reply >= 1.0


def test_nothing_is_kept_of_chats_long_past() -> None:
    async def story() -> Pace:
        pace = Pace(1000, 1.0)
        await flood(pace, Messenger(AnyWindow(1000), 0.001, 0.001, jitter=0.0), 5000, at_once=50)
        await asyncio.sleep(2)
        async with pace.turn("last"):
            return pace

    assert len(played(story())._chat_opens) <= 2
