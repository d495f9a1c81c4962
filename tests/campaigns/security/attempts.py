"""Raw updates of anybody, handled by the real application in a transaction of ours, looked at, and undone."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

import sqlalchemy as sa
from structlog.testing import capture_logs

from bot.loops.receiver import received
from bot.loops.worker import Worker
from handlers.chat.turn import Turn
from messages.words import plain
from storage.delivery import inbox
from storage.engine.database import Database, Work
from storage.tables import metadata, outbox

# What handling any update leaves behind, also one that is refused: its arrival, the words that answer it, and that
# the person was met.
TRACES = {"inbox", "outbox", "outbox_questions", "people"}


class _OneTransaction:
    """A database for the worker, whose every transaction is the one that is open."""

    def __init__(self, work: Work) -> None:
        self._work = work

    @asynccontextmanager
    async def work(self) -> AsyncIterator[Work]:
        yield self._work


@dataclass
class Outcome:
    """What became of one update."""

    refused: str | None = None  # the reason
    failed: bool = False  # something was raised that no rule raises


@dataclass
class Seen:
    """What became of a batch of updates: each one's outcome, everything that was said, and to whom."""

    outcomes: list[Outcome]
    said: list[tuple[str, str]] = field(default_factory=list)  # address, text with buttons

    def to(self, address: str) -> str:
        return "\n".join(text for whom, text in self.said if whom == address)


class Attempts:
    """One open transaction, in which updates are tried."""

    def __init__(self, work: Work, application: Any) -> None:
        self.work = work
        self.toasts: list[tuple[str, str]] = []
        self._application = application
        self._worker = Worker(_OneTransaction(work), application, asyncio.Event())  # type: ignore[arg-type]
        self._update_id = 1_000_000

    async def try_all(self, bodies: Sequence[dict[str, Any]]) -> Seen:
        """Handle updates one after the other; none is rolled back but what the worker itself rolls back."""
        first = self._update_id + 1
        self._update_id += len(bodies)
        raw = [{"update_id": first + place} | body for place, body in enumerate(bodies)]
        newest = await self._newest()
        with capture_logs() as logs, self._toasts_kept():
            for at in range(0, len(raw), 50):
                await inbox.put(
                    self.work, [one for one in map(received, raw[at : at + 50]) if one is not None]
                )
                while (await self._worker.work_once())[0]:
                    pass
        outcomes = [Outcome() for _ in raw]
        for line in logs:
            if "update_id" in line and line["update_id"] >= first:
                one = outcomes[line["update_id"] - first]
                if line["event"] == "refused":
                    one.refused = str(line["reason"])
                else:
                    one.failed = True
        self.work.after_commit.clear()
        said, self.toasts[:] = [*self.toasts], []
        return Seen(outcomes, await self._said_since(newest) + said)

    @contextmanager
    def _toasts_kept(self) -> Iterator[None]:
        """The words on pressed buttons go out after a commit, which never comes here."""
        show = Turn.show

        def kept(turn: Turn, text: str, *, alert: bool = False) -> None:
            self.toasts.append((turn.person.address or "", text))
            show(turn, text, alert=alert)

        with patch.object(Turn, "show", kept):
            yield

    async def _newest(self) -> int:
        return int(await self.work.value(sa.select(sa.func.max(outbox.c.id))) or 0)

    async def _said_since(self, newest: int) -> list[tuple[str, str]]:
        rows = await self.work.all(
            sa.select(outbox.c.address, outbox.c.content).where(outbox.c.id > newest).order_by(outbox.c.id)
        )
        return [(row.address, words_of(row.content)) for row in rows]


def words_of(content: dict[str, Any]) -> str:
    """Everything that a queued message shows, as one text."""
    shown = [plain(content.get("html") or ""), plain(content.get("caption") or ""), content.get("name") or ""]
    shown += [label for row in content.get("buttons") or () for label, *_ in row]
    return "\n".join(filter(None, shown))


async def rows_of(work: Work, without: set[str]) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of all tables but these."""
    return {
        table.name: [tuple(row) for row in await work.all(sa.select(table).order_by(*table.primary_key))]
        for table in metadata.sorted_tables
        if table.name not in without
    }


class Undo(Exception):
    """Everything was looked at; as if it had not happened."""


@asynccontextmanager
async def undone(database: Database, application: Any) -> AsyncIterator[Attempts]:
    """A transaction to try things in, of which nothing is kept."""
    try:
        async with database.work() as work:
            yield Attempts(work, application)
            raise Undo
    except Undo:
        pass


# --- updates ----------------------------------------------------------------------------------------------------


def sender(address: int, name: str = "Ai Đó") -> dict[str, Any]:
    return {"id": address, "is_bot": False, "first_name": name}


def message(
    address: int, text: str | None, *, chat: dict[str, Any] | None = None, **rest: Any
) -> dict[str, Any]:
    """A message that somebody sends, in their private chat unless told."""
    body: dict[str, Any] = {
        "message_id": 7_000_001,
        "date": 1_793_600_000,
        "chat": chat or {"id": address, "type": "private", "first_name": "Ai Đó"},
        "from": sender(address),
    }
    if text is not None:
        body["text"] = text
    return {"message": body | rest}


def press(
    address: int, data: str | None, *, chat: dict[str, Any] | None = None, **rest: Any
) -> dict[str, Any]:
    """A button that somebody presses, or says they pressed, on a message that we never sent."""
    body: dict[str, Any] = {
        "id": "1",
        "from": sender(address),
        "chat_instance": "1",
        "message": {
            "message_id": 7_000_002,
            "date": 1_793_600_000,
            "text": "…",
            "chat": chat or {"id": address, "type": "private"},
            "from": {"id": 1, "is_bot": True, "first_name": "Dân hỏi"},
        },
    }
    if data is not None:
        body["data"] = data
    return {"callback_query": body | rest}
