"""Gives turns to send on one channel, within the messenger's limits.

So many messages in any second, and one a second to a chat.

A refusal ("wait so long") holds up only that chat, or that method. When a channel refuses several chats in a row and
takes nothing in between, everybody waits (docs/decisions/0036).

The messenger counts messages when they arrive, a moment that we can't see: it lies between sending one and its
answer. So a message under way counts as arriving now, and one that was answered counts as having arrived just then
(docs/decisions/0014). Turns also follow an even beat, for messengers that count in other ways.
"""

import asyncio
from bisect import insort
from collections import OrderedDict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from channels.outgoing import Busy, DeliveryError, Interrupted, Kind
from storage.delivery.outbox import Lane

WINDOW = 1.0  # seconds in which the messenger counts
CATCH_UP = 0.07  # seconds by which a turn may be late without the next ones being so
SLACK = 0.003  # seconds of a round trip that are not relied on
REMEMBERED = 1000  # round trips; every message surely takes as long as the fastest of them
KNOWN_AFTER = 200  # of them
LONG_UNDER_WAY = 5.0  # seconds after which a chat no longer waits for the message before
STALE = 60.0  # seconds after which a wait that is over says nothing of the whole channel any more
SEVERAL = 3  # chats refused in a row mean that the whole channel is
LONG = (
    3.0  # seconds; who is told to wait longer does it in the queue, where a message can still be said better
)
OWN_LIMITS = (Kind.MENU,)  # methods that a messenger counts by themselves: they are no messages to a chat


class Pace:
    """Gives turns: replies before notices before broadcasts, in each the first to ask.

    A chat that must wait holds up no other. Times are those of the event loop, in seconds: they measure waiting, not
    dates.
    """

    def __init__(self, per_second: float, chat_seconds: float, paid_per_second: float = 1000) -> None:
        self.per_second = per_second
        self._limit = _Limit(per_second)
        self._paid_limit = _Limit(paid_per_second)
        self._chat_gap = chat_seconds
        self._chat_opens: OrderedDict[str, float] = OrderedDict()
        self._told_to_wait: dict[str, float] = {}  # chats and methods, and until when
        self._asked = 0
        self._timer: asyncio.TimerHandle | None = None

    @asynccontextmanager
    async def turn(
        self,
        address: str,
        lane: Lane = Lane.REPLY,
        *,
        kind: Kind = Kind.TEXT,
        paid: bool = False,
        messages: int = 1,
    ) -> AsyncIterator[None]:
        """Wait until this address may get a message.

        What is sent inside the context counts until it is answered. An album counts as so many `messages`. A `Busy`
        raised inside says who has to wait, and is passed on.
        """
        loop = asyncio.get_running_loop()
        self._asked += 1
        limit = self._paid_limit if paid else self._limit
        who = kind if kind in OWN_LIMITS else address
        one = _Waiting(lane, self._asked, address, who, messages, loop.create_future())
        insort(limit.waiting, one)
        self._give()
        try:
            await one.given
        except asyncio.CancelledError:
            if one in limit.waiting:
                limit.waiting.remove(one)
            else:  # the turn was given, but not used
                limit.in_flight -= messages
                self._chat_opens.pop(address, None)
                self._give()
            raise
        left_at = loop.time()
        try:
            yield
        except Busy as error:
            self._refuse(limit, who, kind, loop.time() + error.seconds)
            raise
        except Interrupted:  # nobody knows whether the message was accepted
            raise
        except DeliveryError:
            limit.taken(kind, left_at)  # refused for what it is, not for coming too soon
            raise
        else:
            limit.taken(kind, left_at)
        finally:
            now = loop.time()
            limit.answered(left_at, now, messages)
            self._chat_opens.pop(address, None)
            self._chat_opens[address] = now + self._chat_gap * messages
            self._give()

    def hold(self, seconds: float) -> None:
        """Make everybody wait."""
        until = asyncio.get_running_loop().time() + seconds
        for limit in (self._limit, self._paid_limit):
            limit.held_until = max(limit.held_until, until)
        self._give()

    def told_to_wait(self, address: str, kind: Kind = Kind.TEXT) -> float:
        """Return for how many seconds the messenger refuses this kind to this chat.

        0 where it doesn't.
        """
        until = self._told_to_wait.get(kind if kind in OWN_LIMITS else address)
        return 0.0 if until is None else max(0.0, until - asyncio.get_running_loop().time())

    def _refuse(self, limit: "_Limit", who: str, kind: Kind, until: float) -> None:
        """Make one chat, or one method, wait; everybody after several refusals in a row."""
        now = asyncio.get_running_loop().time()
        self._told_to_wait = {one: at for one, at in self._told_to_wait.items() if at > now}
        self._told_to_wait[who] = max(until, self._told_to_wait.get(who, 0.0))
        if kind not in OWN_LIMITS:
            limit.refused(who, kind, now, until)

    def _give(self) -> None:
        """Give every turn that can be given now, and come back when the next one can."""
        loop = asyncio.get_running_loop()
        now, wake = loop.time(), float("inf")
        while self._chat_opens and next(iter(self._chat_opens.values())) <= now:
            self._chat_opens.popitem(last=False)
        for limit in (self._limit, self._paid_limit):
            wake = min(wake, self._give_within(limit, now))
        if self._timer is not None:
            self._timer.cancel()
        self._timer = loop.call_at(wake, self._give) if wake < float("inf") else None

    def _give_within(self, limit: "_Limit", now: float) -> float:
        """Give the turns of one limit; return when the next waiting one may be given."""
        wake, position = float("inf"), 0
        while position < len(limit.waiting):
            one = limit.waiting[position]
            opens = max(limit.held_until, limit.opens(now, one.messages))
            if opens > now:
                return min(wake, opens)
            chat_opens = self._chat_opens.get(one.address, 0.0)
            if self._told_to_wait:
                chat_opens = max(chat_opens, self._told_to_wait.get(one.who, 0.0))
            if chat_opens > now:
                wake = min(wake, chat_opens)
                position += 1
                continue
            del limit.waiting[position]
            if not one.given.cancelled():
                limit.take(now, one.messages)
                self._chat_opens.pop(one.address, None)
                self._chat_opens[one.address] = now + LONG_UNDER_WAY
                one.given.set_result(None)
        return wake


@dataclass(order=True)
class _Waiting:
    lane: Lane
    number: int
    address: str = field(compare=False)
    who: str = field(
        compare=False
    )  # that a messenger tells to wait: the chat, or a method with a limit of its own
    messages: int = field(compare=False)
    given: "asyncio.Future[None]" = field(compare=False)


class _Limit:
    """A limit of so many messages in any window, on an even beat."""

    def __init__(self, allowed: float) -> None:
        self._allowed = allowed
        self._beat = 0.0
        self._arrived: deque[float] = deque()  # when each had arrived at the latest, while in the window
        self._took: deque[float] = deque(maxlen=REMEMBERED)  # seconds from leaving to answer
        self._fastest = float("inf")  # of them
        self._refused: dict[str, tuple[Kind, float]] = {}  # chats of late, and until when each was to wait
        self._refused_at = 0.0
        self.held_until = 0.0
        self.waiting: list[_Waiting] = []
        self.in_flight = 0

    def opens(self, now: float, messages: int = 1) -> float:
        """Return when the next so many messages may leave.

        Infinite while that depends on an answer.
        """
        while self._arrived and self._arrived[0] + WINDOW <= now:  # as below, to the last bit
            self._arrived.popleft()
        others = max(0, min(messages, int(self._allowed)) - 1)
        over = self.in_flight + len(self._arrived) + others - self._allowed
        if over < 0:
            return self._beat
        leaving = int(over)  # the last of those that have to leave the window first
        if leaving >= len(self._arrived):
            return float("inf")
        return max(self._beat, self._arrived[leaving] + WINDOW)

    def take(self, now: float, messages: int = 1) -> None:
        # A turn that comes a little late does not push the later ones; one after a pause begins a new beat.
        begun = self._beat if self._beat > now - CATCH_UP else now
        self._beat = begun + messages * WINDOW / self._allowed
        self.in_flight += messages

    def answered(self, left_at: float, now: float, messages: int = 1) -> None:
        """Count a message as arrived, once its answer came.

        The shortest round trip so far passes on every way, so it is not waited for again.
        """
        self.in_flight -= messages
        took = now - left_at
        forgotten = self._took[0] if len(self._took) == REMEMBERED else None
        self._took.append(took)
        if took <= self._fastest:
            self._fastest = took
        elif forgotten == self._fastest:  # only then is another of them the fastest
            self._fastest = min(self._took)
        surely = self._fastest - SLACK if len(self._took) >= KNOWN_AFTER else 0.0
        self._arrived.extend([now - max(0.0, surely)] * messages)

    def refused(self, address: str, kind: Kind, now: float, until: float) -> None:
        """Count the chats refused in a row; everybody waits from the third one on."""
        self._refused = {one: told for one, told in self._refused.items() if told[1] + STALE > now}
        self._refused[address], self._refused_at = (kind, until), now
        if len(self._refused) >= SEVERAL:
            # If the whole channel is limited, all were told about the same moment; else the soonest delays the least.
            soonest = min(at for _, at in self._refused.values() if at > now or at == until)
            self.held_until = max(self.held_until, soonest)

    def taken(self, kind: Kind, left_at: float) -> None:
        """Note that the messenger took a message: it does not refuse everybody.

        Only a message that left after the last refusal shows that.
        """
        if self._refused and left_at >= self._refused_at:
            self._refused = {one: told for one, told in self._refused.items() if told[0] is not kind}
