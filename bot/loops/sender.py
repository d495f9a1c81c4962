"""Sends the outbox: replies first, one message at a time per chat, at the pace."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from functools import partial
from typing import Any

import structlog

from bot.house import metrics
from bot.house.stopping import pause, wait_for
from bot.loops.commit_sharing import Together
from bot.loops.pace import LONG, Pace
from channels.outgoing import (
    Busy,
    Channel,
    DeliveryError,
    Gone,
    Interrupted,
    Kind,
    Moved,
    Outgoing,
    Unreachable,
)
from services.deadlines import reminding
from services.operation import lost_files
from services.staff import groups as agency_groups
from services.staff import staff
from storage.delivery import outbox
from storage.delivery.outbox import Lane, OutboxState
from storage.engine.database import Database, Work
from storage.engine.errors import UNAVAILABLE, DatabaseAway, DatabaseTrouble
from storage.people import people
from storage.rows import OutboxRow

log = structlog.get_logger(__name__)

AT_ONCE = 256  # messages in flight at most
SOON = LONG  # seconds within which the pace lets go what is taken
TOGETHER = 0.005  # seconds in which the end of a delivery waits for others, to share a commit
FIRST_RETRY = 0.5  # seconds; doubles up to LAST_RETRY
LAST_RETRY = 300.0
LAST_TRY = 10  # of taking buttons away, of a menu
RECORDED_WITHIN = 600  # seconds, about: how long the end of a delivery is kept for a database that is away
IDLE = 5.0  # seconds between looks when nothing wakes us


_Taken = tuple[int, str | None]  # a row, the messenger's id for it


class Sender:
    """Empties the outbox. `queued` is set when something may have been put in."""

    def __init__(
        self,
        database: Database,
        channels: dict[str, Channel],
        paces: Mapping[str, Pace],
        queued: asyncio.Event,
        *,
        together: float = TOGETHER,
    ) -> None:
        """Each channel has a pace of its own, so that waiting for one stops no other."""
        self._database = database
        self._channels = channels
        self._paces = paces
        self._queued = queued
        self._in_flight: dict[str, dict[str, asyncio.Task[None]]] = {channel: {} for channel in channels}
        self._sent = Together(self._keep_sent, seconds=together)
        self.sent = 0  # messages delivered since the start

    async def run(self, stop: asyncio.Event) -> None:
        async with self._database.work() as work:
            again = await outbox.requeue_interrupted(work)
        if again:
            log.info("sending_again", messages=again)
        while not stop.is_set():
            self._queued.clear()
            try:
                started = await self._send_some()
                idle = IDLE if started or self._under_way() else await self._until_next()
            except DatabaseTrouble as error:
                log.warning("database_unavailable", error=type(error).__name__)
                await pause(stop, 1)
                continue
            if not started:
                await wait_for(self._queued, stop, idle)
        await asyncio.gather(*self._under_way(), return_exceptions=True)

    async def send_all(self) -> None:
        """Send everything that can be sent now, then return (for commands beside no `run`)."""
        while await self._send_some() or self._under_way():
            await asyncio.gather(*self._under_way())

    def _under_way(self) -> "list[asyncio.Task[None]]":
        return [task for tasks in self._in_flight.values() for task in tasks.values()]

    async def _send_some(self) -> int:
        return sum([await self._send_on(channel) for channel in self._channels])

    async def _send_on(self, channel: str) -> int:
        in_flight = self._in_flight[channel]
        free = min(AT_ONCE, max(1, round(self._paces[channel].per_second * SOON))) - len(in_flight)
        if free <= 0:
            return 0
        async with self._database.work() as work:
            rows = await outbox.to_send(work, channel, free, list(in_flight))
            claimed = set(await outbox.claim(work, [row.id for row in rows])) if rows else set()
        for row in rows:
            if row.id in claimed:
                task = asyncio.create_task(self._send(row))
                in_flight[row.address] = task
                task.add_done_callback(partial(self._landed, channel, row.address))
        return len(claimed)

    def _landed(self, channel: str, address: str, _done: "asyncio.Task[None]") -> None:
        del self._in_flight[channel][address]
        self._queued.set()

    async def _until_next(self) -> float:
        async with self._database.reading() as work:
            soonest = await outbox.soonest(work, list(self._channels))
        if soonest is None:
            return IDLE
        return min(IDLE, max(0.05, (soonest - work.now).total_seconds()))

    async def _send(self, row: OutboxRow) -> None:
        try:
            try:
                await self._deliver(row)
            except UNAVAILABLE:  # before it was handed over: afterwards `_record` waits
                await self._postpone(row, FIRST_RETRY, "the database was away", counts=False)
        except DatabaseTrouble as error:
            # It stays "sending": sent again at the next start, at least once rather than never.
            log.warning("delivery_not_recorded", outbox_id=row.id, error=type(error).__name__)

    async def _record(self, change: Callable[[Work], Awaitable[None]]) -> None:
        """Record how a delivery ended, retrying while the database is away.

        Its chat waits as long. Until it is recorded, a message stays "sending": it is sent once more at the next
        start, however late that is.
        """
        for _ in range(RECORDED_WITHIN):
            try:
                async with self._database.work() as work:
                    await change(work)
                return
            except UNAVAILABLE as error:
                log.warning("delivery_not_recorded_yet", error=type(error).__name__)
                await asyncio.sleep(1)
        raise DatabaseAway("for too long")

    async def _deliver(self, row: OutboxRow) -> None:
        message_ids = [row.content["message_id"]] if "message_id" in row.content else []
        if row.edit_of is not None:
            async with self._database.reading() as work:
                target = await outbox.by_id(work, row.edit_of)
            message_ids = outbox.ids_of(target)
            if not message_ids and target.state in (OutboxState.QUEUED, OutboxState.SENDING):
                await self._postpone(row, FIRST_RETRY, "what it changes is on its way", counts=False)
                return
        if row.kind in (Kind.EDIT, Kind.BUTTONS, Kind.DELETE) and not message_ids:
            await self._settle(row, OutboxState.DROPPED)  # what it would change was never sent
            return
        if outbox.is_stale(row, self._database.clock.now()):
            await self._settle(row, OutboxState.DROPPED, outbox.STALE)
            return
        wait = self._paces[row.channel].told_to_wait(row.address, Kind(row.kind))
        if wait > LONG:
            await self._postpone(row, wait, "busy", counts=False)
            return
        try:
            if row.kind == Kind.ALBUM:
                await self._hand_album_over(row)
            else:
                await self._hand_over(row, message_ids)
        except DatabaseTrouble:
            raise
        except DeliveryError as error:
            await self._not_delivered(row, error)
        except Exception as error:
            # A fault of ours must not end the sending of everything else.
            metrics.MESSAGES.labels("failed").inc()
            log.exception("message_failed", outbox_id=row.id, kind=row.kind)
            await self._settle(row, OutboxState.FAILED, type(error).__name__)

    async def _not_delivered(self, row: OutboxRow, error: DeliveryError) -> None:
        metrics.MESSAGES.labels(type(error).__name__.lower()).inc()
        match error:
            case Busy():
                await self._postpone(row, error.seconds, "busy", counts=False)
            case Unreachable():
                await self._unreachable(row)
            case Moved():
                await self._moved(row, error.address)
            case Interrupted():
                await self._interrupted(row, error)
            case Gone():  # somebody deleted the message that this would change
                await self._settle(row, OutboxState.DROPPED, outbox.GONE)
            case _:  # Rejected
                log.error("message_rejected", outbox_id=row.id, kind=row.kind, error=str(error))
                if row.kind == Kind.ALBUM:
                    await self._one_by_one(row, str(error))
                elif row.kind == Kind.FILE:
                    await self._file_not_sent(row, str(error))
                else:
                    await self._settle(row, OutboxState.FAILED, str(error))

    async def _hand_over(self, row: OutboxRow, message_ids: Sequence[str]) -> None:
        """Deliver one message, one change of a message, or the deletion of an album's parts."""
        if row.kind == Kind.DELETE:
            for one in message_ids[1:]:
                async with self._turn(row):
                    await self._channels[row.channel].deliver(Outgoing(row.address, Kind.DELETE, {}, one))
        async with self._turn(row):
            content = row.content if row.about != reminding.ABOUT else await self._reminders_of_now(row)
            if content is None:
                return
            message = Outgoing(row.address, Kind(row.kind), content, next(iter(message_ids), None))
            with metrics.DELIVERING.time():
                sent = await self._channels[row.channel].deliver(message)
        self._count_sent(row)
        if fleeting := outbox.fleeting(row):
            values = {"message_id": sent} | fleeting
            await self._record(
                lambda work: outbox.settle(
                    work, row.id, OutboxState.SENT, **values, sent_at=work.now, error=None
                )
            )
        else:
            await self._sent.add((row.id, sent))

    def _turn(self, row: OutboxRow, *, messages: int = 1) -> AbstractAsyncContextManager[None]:
        pace = self._paces[row.channel]
        return pace.turn(row.address, Lane(row.lane), kind=Kind(row.kind), messages=messages)

    async def _keep_sent(self, take: Callable[[], list[_Taken]]) -> None:
        taken: list[_Taken] = []

        async def change(work: Work) -> None:
            taken.extend(take())
            await outbox.sent(work, taken)

        await self._record(change)

    def _count_sent(self, row: OutboxRow) -> None:
        self.sent += 1
        metrics.MESSAGES.labels("sent").inc()
        if row.lane == Lane.REPLY:
            metrics.REPLYING.observe((self._database.clock.now() - row.queued_at).total_seconds())

    async def _hand_album_over(self, row: OutboxRow) -> None:
        message = Outgoing(row.address, Kind.ALBUM, row.content)
        async with self._turn(row, messages=len(row.content["files"])):
            with metrics.DELIVERING.time():
                ids = await self._channels[row.channel].deliver_album(message)
        self._count_sent(row)
        await self._record(
            lambda work: outbox.settle(
                work,
                row.id,
                OutboxState.SENT,
                message_id=ids[0],
                content={"message_ids": ids},
                sent_at=work.now,
                error=None,
            )
        )

    async def _one_by_one(self, row: OutboxRow, error: str) -> None:
        """Queue an album's files as single messages after the messenger refused the album.

        One bad file must not take the others with it.
        """
        async with self._database.work() as work:
            await outbox.settle(work, row.id, OutboxState.FAILED, error=error)
            for file in row.content["files"]:
                await outbox.put(
                    work,
                    channel=row.channel,
                    address=row.address,
                    person_id=row.person_id,
                    lane=Lane(row.lane),
                    kind=Kind.FILE,
                    content=file | {"caption": ""},
                    question_id=row.question_id,
                    about=row.about,
                )

    async def _file_not_sent(self, row: OutboxRow, error: str) -> None:
        """The messenger takes a file in no form: who waits for it reads so."""

        async def change(work: Work) -> None:
            await outbox.settle(work, row.id, OutboxState.FAILED, error=error, **outbox.fleeting(row))
            await lost_files.say_not_sent(work, row)

        await self._record(change)

    async def _reminders_of_now(self, row: OutboxRow) -> dict[str, Any] | None:
        """Bring a message of reminders up to date before it is sent.

        What no longer applies is dropped; one that missed its hours waits for the next.
        """
        async with self._database.work() as work:
            later = await reminding.to_send_at(work, row)
            if later is not None:
                await outbox.postpone(work, row.id, later, "outside of the hours for reminders", counts=False)
                return None
            content = await reminding.freshened(work, row)
            if content is None:
                await outbox.settle(work, row.id, OutboxState.DROPPED)
            return content

    async def _settle(self, row: OutboxRow, state: OutboxState, error: str | None = None) -> None:
        await self._record(
            lambda work: outbox.settle(work, row.id, state, error=error, **outbox.fleeting(row))
        )

    async def _interrupted(self, row: OutboxRow, error: Interrupted) -> None:
        """Try again, later and later.

        Words for a person are never given up; removing buttons is, in the end.
        """
        log.warning(
            "message_postponed", outbox_id=row.id, kind=row.kind, tries=row.tries + 1, error=str(error)
        )
        if row.kind in (Kind.BUTTONS, Kind.MENU) and row.tries >= LAST_TRY:
            await self._settle(row, OutboxState.FAILED, str(error))
        else:
            await self._postpone(row, min(LAST_RETRY, FIRST_RETRY * 2 ** min(row.tries, 16)), str(error))

    async def _postpone(self, row: OutboxRow, seconds: float, why: str, *, counts: bool = True) -> None:
        """Put a message back for later.

        `counts`: as a failed try, not as waiting for something else.
        """
        await self._record(
            lambda work: outbox.postpone(
                work, row.id, work.now + timedelta(seconds=seconds), why, counts=counts
            )
        )

    async def _unreachable(self, row: OutboxRow) -> None:
        """Hold notices until the person comes back.

        A reply or a broadcast would be stale by then.
        """

        async def change(work: Work) -> None:
            held = row.lane == Lane.NOTICE or outbox.hides(row)
            state = OutboxState.HELD if held else OutboxState.FAILED
            await outbox.settle(work, row.id, state, error="unreachable", **outbox.fleeting(row))
            await outbox.hold_for(work, row.channel, row.address)
            if row.person_id is not None:
                await staff.became_unreachable(work, row.person_id)
            else:
                await agency_groups.put_out(work, row.channel, row.address)

        await self._record(change)

    async def _moved(self, row: OutboxRow, address: str) -> None:
        async def change(work: Work) -> None:
            await people.move_address(work, row.channel, row.address, address)
            await agency_groups.move(work, row.channel, row.address, address)
            await outbox.postpone(work, row.id, work.now, "moved")

        await self._record(change)
