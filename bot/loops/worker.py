"""Takes updates out of the inbox, in order, and has the handlers act on them.

Waiting updates share a commit, each in a savepoint of its own: all that one update causes (rows, history,
conversation, messages, and its being done) is kept, or nothing is. An update that fails again and again is parked.
Several processes take turns, a transaction each (docs/decisions/0018).
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

import structlog
from telegram.error import TelegramError

from bot.house import metrics
from bot.house.application import BotApplication
from bot.house.stopping import pause, wait_for
from channels.incoming import Incoming
from channels.telegram.reading import CHANNEL, read, read_json, unread
from domain.errors import RuleViolation
from handlers import apologise, refuse, say_unread
from handlers.chat.crowd import Crowd
from handlers.chat.turn import Turn
from storage.delivery import inbox
from storage.delivery.inbox import InboxState
from storage.engine.database import Database, Work
from storage.engine.errors import UNAVAILABLE
from storage.engine.locks import take_turn
from storage.people import read_ahead
from storage.rows import InboxRow

log = structlog.get_logger(__name__)

BATCH = 100  # what the messenger gives at once
LOOK_SECONDS = 1.0  # between looks when nothing wakes us: another process may have died with what it received


class Worker:
    """Works through the inbox.

    `wake` is set when something came in, `queued` when something may go out.
    """

    def __init__(self, database: Database, application: BotApplication, queued: asyncio.Event) -> None:
        self._database = database
        self._application = application
        self._queued = queued
        self._crowd = Crowd()
        self._answers: set[asyncio.Task[None]] = set()
        self.wake = asyncio.Event()

    async def run(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            self.wake.clear()
            try:
                taken, failed = await self.work_once()
            except UNAVAILABLE as error:
                log.warning("database_unavailable", error=type(error).__name__)
                await pause(stop, 1)
                continue
            if taken:
                self._queued.set()
            if failed:
                await pause(stop, 0.2)  # whatever it was, the next try has a better chance a little later
            elif not taken:
                await wait_for(self.wake, stop, LOOK_SECONDS)
        await asyncio.gather(*self._answers, return_exceptions=True)

    async def work_once(self) -> tuple[int, int]:
        """Handle the oldest waiting updates in one transaction.

        Returns how many were taken and how many failed.
        """
        done: list[InboxRow] = []
        held_up: set[tuple[str, str]] = set()  # chats whose earlier update has to be tried again first
        async with self._database.work() as work:
            await take_turn(work)
            rows = await inbox.waiting(work, BATCH)
            await read_ahead.read_ahead(work, CHANNEL, list({row.chat for row in rows}))
            for row in rows:
                if (row.channel, row.chat) in held_up:
                    continue
                if await self._handle(work, row):
                    done.append(row)
                else:
                    held_up.add((row.channel, row.chat))
            await inbox.done(work, done)
        return len(rows), len(held_up)

    async def _handle(self, work: Work, row: InboxRow) -> bool:
        """Handle one update in its savepoint; return False when it failed and has to be tried again."""
        raw = None
        try:
            raw = read_json(row.payload)
            incoming = read(raw)
        except Exception as error:  # noqa: BLE001  # whatever the messenger, or a forger, may send
            log.warning("update_unreadable", update_id=row.place, error=type(error).__name__)
            await inbox.park(work, row)
            metrics.HANDLED.labels("unreadable").inc()
            incoming = unread(row.event, row.chat, raw)
            if incoming is not None:
                await self._say(say_unread, row, self._turn(work, incoming, row))
            return True
        metrics.WAITED.observe((work.now - row.received_at).total_seconds())
        with metrics.HANDLING.time():
            if incoming is None:
                metrics.HANDLED.labels("done").inc()  # nothing to us
                return True
            return await self._in_savepoint(row, self._turn(work, incoming, row))

    def _turn(self, work: Work, incoming: Incoming, row: InboxRow) -> Turn:
        return Turn(incoming, work, self._crowd, self._application.bot.username, row.place)

    async def _in_savepoint(self, row: InboxRow, turn: Turn) -> bool:
        try:
            ended = await self._or_refuse(row, turn)
        except UNAVAILABLE:
            raise  # the database itself: the whole batch is done again
        except Exception as error:
            metrics.HANDLED.labels("failed").inc()
            log.exception("update_failed", update_id=row.place, error=type(error).__name__)
            if await inbox.failed(turn.work, row) is InboxState.WAITING:
                return False
            await self._say(apologise, row, turn)
            return True
        metrics.HANDLED.labels(ended).inc()
        self._answer_press_after_commit(turn)
        return True

    async def _say(self, what: Callable[[Turn], Awaitable[None]], row: InboxRow, turn: Turn) -> None:
        """Tell a sender what went wrong, if that can be done."""
        try:
            async with turn.work.savepoint():
                await what(turn)
        except UNAVAILABLE:
            raise
        except Exception as error:
            log.exception("apology_failed", update_id=row.place, error=type(error).__name__)

    async def _let_handlers_run(self, turn: Turn) -> None:
        async with turn.work.savepoint():
            await self._application.process_update(turn)
            if turn.failure is not None:
                raise turn.failure

    async def _or_refuse(self, row: InboxRow, turn: Turn) -> str:
        """Let the handlers act on a turn; return whether it was done or refused."""
        try:
            await self._let_handlers_run(turn)
            return "done"
        except RuleViolation as violation:
            # What was refused changed nothing; the person is told why.
            log.info("refused", reason=violation.reason, update_id=row.place)
            async with turn.work.savepoint():
                await refuse(turn, violation)
            return "refused"

    def _answer_press_after_commit(self, turn: Turn) -> None:
        """Stop the button's spinner after the commit.

        Lost in a crash it is not missed: what matters is a message.
        """
        pressed = turn.incoming.pressed
        if pressed is None:
            return

        def start() -> None:
            task = asyncio.create_task(self._answer_press(pressed.id, turn))
            self._answers.add(task)
            task.add_done_callback(self._answers.discard)

        turn.work.after_commit.append(start)

    async def _answer_press(self, query_id: str, turn: Turn) -> None:
        with contextlib.suppress(TelegramError):  # too old, or the network
            await self._application.bot.answer_callback_query(
                query_id, text=turn.toast, show_alert=turn.alert
            )
