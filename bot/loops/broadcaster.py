"""Delivers broadcasts at the common pace, a few recipients at a time.

Recipients are marked as handed over, sent to, and settled. One who was marked but not settled when the process died
is uncertain: nothing is sent to them again unless somebody asks for it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog

from bot.house import metrics
from bot.house.stopping import pause, wait_for
from bot.loops.pace import LONG, Pace
from channels.outgoing import Busy, Channel, Interrupted, Moved, Outgoing, Rejected, Unreachable
from domain.broadcasts.broadcasts import DeliveryState
from services.broadcasts import broadcasts as broadcasting
from services.broadcasts.broadcasts import Ended
from services.staff import staff
from services.subscribers.delivery_words import content_for
from storage.broadcasts import broadcasts
from storage.delivery.outbox import Lane
from storage.engine.database import Database
from storage.engine.errors import DatabaseTrouble
from storage.people import people
from storage.people.people import ReachablePersonRow
from storage.rows import BroadcastRow

log = structlog.get_logger(__name__)

LOOK_SECONDS = 0.3  # between looks at what starts, is paused, or is over
# So many seconds of sending are marked ahead, besides what leaves while the next are being marked. It is uncertain
# after a crash, so no more than must be: on a machine at rest a few messages, on a starved one a second's.
LEAST_AHEAD, MOST_AHEAD = 0.2, 1.0
AT_ONCE = 40  # under way: the transport has connections left for replies (bot.loops.sender.AT_ONCE)
BATCH = 100  # in one transaction, which others wait for
SETTLE_SECONDS = 0.2  # between records of what has ended: many share a commit
FIRST_RETRY = 1.0  # seconds; doubles
LAST_TRY = 10
MANY_FAILURES = 10  # in a row: the messenger is away
REST_SECONDS = 5.0


@dataclass
class _Delivery:
    """One message to one person, marked as handed over.

    `left`: it is on its way and can't be called back.
    """

    broadcast: BroadcastRow
    person: ReachablePersonRow
    tries: int
    kind: Any
    content: dict[str, Any]
    left: bool = False


class Broadcaster:
    """Sends what broadcasts still owe.

    Exactly one works on a database: in the process that holds the lock of `run`.
    """

    def __init__(
        self,
        database: Database,
        channels: dict[str, Channel],
        paces: Mapping[str, Pace],
        *,
        per_second: int,
        paid: bool = False,
    ) -> None:
        self._database = database
        self._channels = channels
        self._paces = paces
        self._paid = paid
        self._per_second = per_second
        self._marking = 0.0  # seconds that it took of late
        self._open: dict[int, BroadcastRow] = {}  # broadcasts to send from, the most urgent first
        self._tasks: dict[asyncio.Task[None], _Delivery] = {}
        self._ended: list[Ended] = []
        self._given_back: list[_Delivery] = []
        self._lines = asyncio.Semaphore(AT_ONCE)
        self._in_doubt = False  # deliveries may be marked as sent that this process knows nothing of
        self._something_ended = asyncio.Event()
        self._failures = 0
        self._rests_until = 0.0
        self._settled_at = 0.0
        self.sent = 0  # messages delivered since the start

    async def run(self, stop: asyncio.Event) -> None:
        """Send until told to stop; settle what has left by then."""
        await pause(stop, 1.0)  # what the process before this one sent in its last second still counts
        await self._patiently(self.recover, stop)
        watching = asyncio.create_task(self._watch(stop))
        while not stop.is_set():
            self._something_ended.clear()
            await self._patiently(self._step, stop)
            await wait_for(self._something_ended, stop, LOOK_SECONDS)
        await watching
        await self._leave()

    async def _watch(self, stop: asyncio.Event) -> None:
        """Look for broadcasts that start, in a task of its own.

        Finding 100,000 recipients of one broadcast then holds up no other.
        """
        while not stop.is_set():
            await self._patiently(self._look, stop)
            await pause(stop, LOOK_SECONDS)

    async def _patiently(self, doing: Callable[[], Awaitable[None]], stop: asyncio.Event) -> None:
        """Do a piece of work, trying again while the database is away."""
        while not stop.is_set():
            try:
                await doing()
                return
            except DatabaseTrouble as error:
                log.warning("database_unavailable", error=type(error).__name__)
                self._in_doubt = True
                await pause(stop, 1)

    async def send_all(self) -> None:
        """Send everything that can be sent now, then return (for commands beside no `run`)."""
        await self.recover()
        while True:
            self._something_ended.clear()
            await self._look()
            await self._step()
            if not self._tasks and not self._ended:
                await self._look()
                return
            with suppress(TimeoutError):  # deliveries that ended may wait to be recorded
                await asyncio.wait_for(self._something_ended.wait(), SETTLE_SECONDS)

    async def recover(self) -> None:
        """Mark as uncertain what was in flight when the last process died."""
        async with self._database.work() as work:
            uncertain = await broadcasts.interrupted_become_uncertain(work)
        if uncertain:
            log.warning("deliveries_uncertain", messages=uncertain)

    async def _step(self) -> None:
        if self._in_doubt:
            await self._give_back_unknown()
            self._in_doubt = False
        loop = asyncio.get_running_loop()
        ahead = max(4, round(self._per_second * min(MOST_AHEAD, LEAST_AHEAD + 3 * self._marking)))
        free = min(BATCH, ahead - len(self._tasks))
        wanted = (
            free if self._open and loop.time() >= self._rests_until and free >= min(BATCH, ahead / 2) else 0
        )
        begun = loop.time()
        to_settle = (self._ended or self._given_back) and begun >= self._settled_at + SETTLE_SECONDS
        if wanted or to_settle:
            await self._settle_and_claim(wanted)
            self._settled_at = loop.time()
            self._marking = max(self._settled_at - begun, 0.9 * self._marking)

    async def _give_back_unknown(self) -> None:
        """Give back recipients who are marked in the database but unknown here.

        That happens when the database fails between marking and sending: nothing has been sent to them.
        """
        in_hand = [(one.broadcast.id, one.person.id) for one in (*self._tasks.values(), *self._given_back)]
        in_hand += [(one.broadcast_id, one.person_id) for one in self._ended]
        async with self._database.work() as work:
            for broadcast_id, person_id in await broadcasts.in_flight(work):
                if (broadcast_id, person_id) not in in_hand:
                    await broadcasts.give_back(work, broadcast_id, person_id)

    async def _look(self) -> None:
        """Find out which broadcasts start, go on, or are over."""
        await broadcasting.start_due(self._database)
        async with self._database.reading() as work:
            self._open = {row.id: row for row in await broadcasts.running(work)}
            over = await broadcasts.to_finish(work)
        self._call_back(lambda one: one.broadcast.id not in self._open)  # paused, or over
        if over:
            async with self._database.work() as work:
                for broadcast_id in await broadcasts.finish(work):
                    log.info("broadcast_done", broadcast_id=broadcast_id)

    def _call_back(self, which: Callable[[_Delivery], bool]) -> None:
        """Stop the deliveries that have not left yet."""
        for task, one in self._tasks.items():
            if not one.left and which(one):
                task.cancel()

    async def _settle_and_claim(self, wanted: int) -> None:
        """Settle what has ended and mark the next recipients in one transaction, then make their words."""
        ended, given_back, opened = self._ended[:BATCH], list(self._given_back), dict(self._open)
        claimed: dict[int, list[tuple[int, int]]] = {}
        async with self._database.work() as work:
            for person_id in await broadcasting.settle(work, ended):
                await staff.became_unreachable(work, person_id)
            for one in given_back:
                await broadcasts.give_back(work, one.broadcast.id, one.person.id)
            for broadcast_id in opened:
                if wanted <= 0:
                    break
                claimed[broadcast_id] = await broadcasts.claim(work, broadcast_id, wanted)
                wanted -= len(claimed[broadcast_id])
        del self._ended[: len(ended)]
        del self._given_back[: len(given_back)]
        for broadcast_id, recipients in claimed.items():
            if recipients:
                await self._word(opened[broadcast_id], recipients)

    async def _word(self, broadcast: BroadcastRow, recipients: Sequence[tuple[int, int]]) -> None:
        """Make the words for recipients, (person, tries) each, and queue them for their turns."""
        ids = [person_id for person_id, _ in recipients]
        async with self._database.reading() as work:
            found = await people.by_ids(work, ids)
            wanted = await broadcasts.still_wanted(work, broadcast, ids)
            for person_id, tries in recipients:
                person = found[person_id]
                if person_id not in wanted:
                    blocked = person.unreachable_at is not None
                    state = DeliveryState.BLOCKED if blocked else DeliveryState.DROPPED
                    self._end(Ended(broadcast.id, person_id, state))
                    continue
                try:
                    said = await content_for(work, broadcast, person)
                except DatabaseTrouble:
                    raise
                except Exception as error:
                    # A fault of ours in one person's words must not end everybody else's.
                    log.exception("broadcast_not_worded", broadcast_id=broadcast.id, person_id=person_id)
                    self._end(
                        Ended(broadcast.id, person_id, DeliveryState.FAILED, error=type(error).__name__)
                    )
                    continue
                if said is None or not people.can_be_reached(person):
                    self._end(Ended(broadcast.id, person_id, DeliveryState.DROPPED))
                    continue
                one = _Delivery(broadcast, person, tries, said["kind"], said["content"])
                task = asyncio.create_task(self._send(one))
                self._tasks[task] = one
                task.add_done_callback(self._landed)

    def _landed(self, task: "asyncio.Task[None]") -> None:
        one = self._tasks.pop(task)
        if task.cancelled() and not one.left:
            self._given_back.append(one)
        self._something_ended.set()

    async def _send(self, one: _Delivery) -> None:
        wait = self._paces[one.person.channel].told_to_wait(one.person.address)
        if wait > LONG:
            self._end(self._later(one, wait))
            return
        self._end(await self._deliver(one))

    def _later(self, one: _Delivery, seconds: float) -> Ended:
        """Send later, without counting a failed try.

        A short wait is left to the pace; during a long one the delivery gives its place to others.
        """
        until = self._database.clock.now() + timedelta(seconds=seconds) if seconds > LONG else None
        which = (one.broadcast.id, one.person.id)
        return Ended(*which, DeliveryState.PENDING, error="busy", counts=False, not_before=until)

    def _end(self, ended: Ended) -> None:
        metrics.DELIVERIES.labels(ended.state.value).inc()
        self._ended.append(ended)
        self._something_ended.set()

    async def _deliver(self, one: _Delivery) -> Ended:
        """Hand one message over when its turn comes; return how that ended."""
        now = self._database.clock.now
        message = Outgoing(one.person.address, one.kind, one.content, paid=self._paid, previews=True)
        which = (one.broadcast.id, one.person.id)
        turn = self._paces[one.person.channel].turn(
            one.person.address, Lane.BROADCAST, kind=one.kind, paid=self._paid
        )
        try:
            async with self._lines, turn:
                one.left = True
                with metrics.DELIVERING.time():
                    message_id = await self._channels[one.person.channel].deliver(message)
        except Busy as error:
            return self._later(one, error.seconds)
        except Unreachable:
            self._failures = 0
            return Ended(*which, DeliveryState.BLOCKED, error="unreachable")
        except Moved as error:
            return Ended(*which, DeliveryState.PENDING, error="moved", moved_to=error.address)
        except Interrupted as error:
            return self._interrupted(one, error)
        except Rejected as error:
            log.error("broadcast_rejected", broadcast_id=which[0], person_id=which[1], error=str(error))
            return Ended(*which, DeliveryState.FAILED, error=str(error))
        except Exception as error:
            # A fault of ours must not end the sending of everything else.
            log.exception("broadcast_failed", broadcast_id=which[0], person_id=which[1])
            return Ended(*which, DeliveryState.FAILED, error=type(error).__name__)
        self._failures = 0
        self.sent += 1
        return Ended(*which, DeliveryState.SENT, message_id=message_id, sent_at=now())

    def _interrupted(self, one: _Delivery, error: Interrupted) -> Ended:
        """Settle a delivery that was interrupted.

        What may have arrived is not sent again; what surely has not is, later and later, while it is still of use.
        """
        self._failures += 1
        if self._failures >= MANY_FAILURES:
            self._rests_until = asyncio.get_running_loop().time() + REST_SECONDS
        which = (one.broadcast.id, one.person.id)
        log.warning("broadcast_interrupted", broadcast_id=which[0], person_id=which[1], error=str(error))
        if error.may_have_arrived:
            return Ended(*which, DeliveryState.UNCERTAIN, error=str(error))
        if one.tries >= LAST_TRY:
            return Ended(*which, DeliveryState.FAILED, error=str(error))
        later = self._database.clock.now() + timedelta(seconds=FIRST_RETRY * 2 ** (one.tries - 1))
        return Ended(*which, DeliveryState.PENDING, error=str(error), not_before=later)

    async def _leave(self) -> None:
        """Wait for what has left, give the rest back, and settle both."""
        self._call_back(lambda _one: True)
        await asyncio.gather(*self._tasks, return_exceptions=True)
        try:
            await self._settle_and_claim(0)
        except DatabaseTrouble as error:
            log.warning("deliveries_not_recorded", error=type(error).__name__)
