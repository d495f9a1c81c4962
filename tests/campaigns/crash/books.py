"""What the database must hold after a kill, and what it must hold in the end, read through a fresh connection."""

import asyncio
import re
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from html import unescape
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.house.clocks import SystemClock
from bot.lists.erasures import place_of
from bot.loops.fetcher import sweep
from domain.broadcasts.broadcasts import DeliveryState
from domain.programme import Programme
from domain.questions.codes import format_code
from storage import tables
from storage.delivery.files import FileState
from storage.delivery.inbox import InboxState
from storage.delivery.outbox import OutboxState
from storage.engine.database import Database, Work
from storage.tables import Row
from tests.campaigns.crash.messenger import Messenger

Effect = tuple[str, ...]  # ("text", what was written) · ("file", name) · (code, event, in what capacity)

# Strange updates come from this chat (tests.campaigns.crash.test_faults), which the messenger does not know: what its
# owner is told, that nobody could read it, arrives nowhere.
NOBODY = "9"
KNOWN_BY = 80  # characters by which a message is known again; the messenger's journal keeps no more than 200
_TAG = re.compile(r"<[^>]*>")
_MESSAGES = ("text", "file", "album", "picture", "document")  # kinds that put something new into a chat


@dataclass
class Books:
    """The expectations of a campaign, and the look into the database."""

    url: str
    folder: Path  # of kept files
    messenger: Messenger
    strangers: set[int] = field(default_factory=set)  # connections to the server that are not the bot's
    caused: dict[int, Effect] = field(default_factory=dict)  # update → what it alone causes
    pressed: dict[Effect, set[int]] = field(
        default_factory=lambda: defaultdict(set)
    )  # by any of these updates
    uploaded: dict[str, bytes] = field(default_factory=dict)  # by name
    in_flight: Counter[tuple[int, str]] = field(default_factory=Counter)  # (chat, words), over all kills
    uncertain: set[tuple[int, int]] = field(default_factory=set)  # (broadcast, person)
    unanswered: Counter[tuple[int, str]] = field(default_factory=Counter)  # as in_flight, lost by the network

    _engine: AsyncEngine | None = None

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Database]:
        """Through a connection of its own; the engine stays, for it knows the statements that it has compiled."""
        database = Database(self.url, clock=SystemClock(), programme=Programme())
        database.engine = self._engine = self._engine or database.engine
        try:
            yield database
        finally:
            await database.close()

    async def know_strangers(self) -> None:
        """Remember who is connected before the bot runs."""
        async with self.opened() as database, database.reading() as work:
            self.strangers = await _connected(work)

    async def after_a_kill(self) -> None:
        """The process is dead: what it left must hold, and what was in flight is noted."""
        async with self.opened() as database:
            await self._last_commit(database)
            async with database.reading() as work:
                await self._holds(work)
                await self._note_in_flight(work)

    async def _last_commit(self, database: Database) -> None:
        """PostgreSQL ends what a dead client began to commit; only then is it settled what is in flight."""
        for _ in range(400):
            async with database.reading() as work:
                if not await _connected(work) - self.strangers:
                    return
            await asyncio.sleep(0.02)
        raise AssertionError("the dead process is still connected")

    async def _holds(self, work: Work) -> None:
        await self._updates_and_effects(work)
        await _codes_without_gaps(work)
        await self._drafts_are_whole(work)

    async def _updates_and_effects(self, work: Work) -> None:
        rows = await work.all(sa.select(tables.inbox.c.place, tables.inbox.c.state))
        state = {row.place: row.state for row in rows}
        lost = self.messenger.confirmed - state.keys()
        assert not lost, f"confirmed, but not in the inbox: {[self.messenger.given[one] for one in lost]}"
        parked = {one for one, now in state.items() if now == InboxState.PARKED}
        assert not parked & self.messenger.given.keys()  # whatever strange things were injected beside
        done = {one for one, now in state.items() if now == InboxState.DONE}
        found = await _effects(work)
        for update_id, effect in self.caused.items():
            expected = 1 if update_id in done else 0
            assert found[effect] == expected, f"{effect}: {found[effect]} times, not {expected} ({update_id})"
        for effect, presses in self.pressed.items():
            most = 1 if presses & done else 0
            assert found[effect] <= most, f"{effect}: {found[effect]} times, not at most {most}"

    async def _drafts_are_whole(self, work: Work) -> None:
        """A question being written has its words and its files, each of them known."""
        known = {row.id for row in await work.all(sa.select(tables.files.c.id))}
        for draft in await work.all(sa.select(tables.question_drafts)):
            assert {one["file"] for one in draft.data.get("files", ())} <= known
            assert all(part["text"] for part in draft.data.get("parts", ()))

    async def _note_in_flight(self, work: Work) -> None:
        rows = await work.all(sa.select(tables.outbox).where(tables.outbox.c.state == OutboxState.SENDING))
        chats = Counter(row.address for row in rows)
        assert max(chats.values(), default=0) <= 1, f"more than one in flight: {chats.most_common(3)}"
        self.in_flight.update((int(row.address), words_of_row(row)) for row in rows if row.kind in _MESSAGES)
        marked = {
            (row.broadcast_id, row.person_id): row.state
            for row in await work.all(sa.select(tables.deliveries))
        }
        undecided = (DeliveryState.SENDING, DeliveryState.UNCERTAIN)  # killed again before it could look
        for one in self.uncertain:
            assert marked[one] in undecided, f"{one} was in flight, and is {marked[one]} now"
        self.uncertain |= {one for one, state in marked.items() if state == DeliveryState.SENDING}

    def note_unanswered(self) -> None:
        """Requests whose answer the network lost: of these messages nobody knows whether they arrived."""
        for entry in self.messenger.journal.entries:
            if entry["code"] is None and entry["method"].startswith("send"):
                words = entry["params"].get("text") or entry["params"].get("caption") or ""
                self.unanswered[int(entry["params"]["chat_id"]), plain(words)[:KNOWN_BY]] += 1

    async def broadcast_waits(self) -> bool:
        """Whether somebody is still to get a broadcast."""
        waiting = sa.select(sa.literal(1)).where(tables.deliveries.c.state == DeliveryState.PENDING).limit(1)
        async with self.opened() as database, database.reading() as work:
            return bool(await work.value(waiting))

    async def settled(self) -> bool:
        """Whether nothing waits any more: no update, message, delivery, file."""
        if self.messenger.updates.pending:
            return False
        waiting = (
            (tables.inbox, [InboxState.WAITING]),
            (tables.outbox, [OutboxState.QUEUED, OutboxState.SENDING]),
            (tables.deliveries, [DeliveryState.PENDING, DeliveryState.SENDING]),
            (tables.files, [FileState.PENDING]),
            (tables.broadcasts, ["queued", "running"]),
        )
        async with self.opened() as database, database.reading() as work:
            for table, states in waiting:
                if await work.value(
                    sa.select(sa.literal(1)).select_from(table).where(table.c.state.in_(states)).limit(1)
                    if "state" in table.c
                    else sa.select(sa.literal(1)).where(table.c.status.in_(states)).limit(1)
                ):
                    return False
        return True

    # --- in the end -----------------------------------------------------------------------------------------

    async def close(self) -> "Count":
        """Everything was answered, and the process has left: nothing is missing, nothing is there twice."""
        async with self.opened() as database:
            await self._last_commit(database)
            async with database.reading() as work:
                await self._holds(work)
                found = await _effects(work)
                missing = {one for one in (*self.caused.values(), *self.pressed) if found[one] != 1}
                assert not missing, f"not exactly once: {missing}"
                doubled = await self._messages(work)
                sent, uncertain = await self._broadcasts(work)
                files = await self._files(work)
                questions = await work.value(sa.select(sa.func.count()).select_from(tables.questions))
                updates = await work.value(sa.select(sa.func.count()).select_from(tables.inbox))
            parts = await sweep(database, self.folder, older_than=-1)
        # Beside the folders of files stand lists of ours: what was erased, what ended, the audit log's last seals.
        left = [path for path in self.folder.rglob("*") if path.is_file() and path.parent != self.folder]
        assert len(left) == files, "a file that nothing refers to"
        return Count(
            updates=updates,
            effects=len(self.caused) + len(self.pressed),
            questions=questions,
            messages=len(self.messenger.arrived),
            in_flight=self.in_flight.total(),
            doubled=doubled,
            broadcast_sent=sent,
            uncertain=uncertain,
            files=files,
            half_written=parts,
        )

    async def _messages(self, work: Work) -> int:
        """Everything queued arrived as it was written; what arrived beside that was in flight at a kill."""
        rows = await work.all(sa.select(tables.outbox).where(tables.outbox.c.address != NOBODY))
        assert not [row for row in rows if row.state in (OutboxState.FAILED, OutboxState.HELD)]
        arrived = {(one.chat, one.message_id): one for one in self.messenger.arrived}
        recorded: set[tuple[int, int]] = set()
        for row in rows:
            if row.kind not in _MESSAGES or row.state != OutboxState.SENT:
                continue
            ids = row.content.get("message_ids") or [row.message_id]
            recorded |= {(int(row.address), int(one)) for one in ids}
            assert (int(row.address), int(ids[0])) in arrived, f"never arrived: {row.content}"
        assert len(recorded) == sum(
            len(row.content.get("message_ids") or [0])
            for row in rows
            if row.kind in _MESSAGES and row.state == OutboxState.SENT
        )
        sent = await work.all(
            sa.select(tables.deliveries.c.message_id, tables.people.c.address)
            .join(tables.people, tables.people.c.id == tables.deliveries.c.person_id)
            .where(tables.deliveries.c.message_id.is_not(None))
        )
        recorded |= {(int(row.address), int(row.message_id)) for row in sent}
        doubled: Counter[tuple[int, str]] = Counter()
        albums: set[str] = set()
        maybe = await self._words_of_uncertain(work)
        for place, one in arrived.items():
            if place in recorded or one.album in albums:
                continue
            if one.album is not None:
                albums.add(one.album)
            which = (one.chat, "" if one.album is not None else plain(one.words)[:KNOWN_BY])
            if which not in maybe:  # a broadcast's that may have arrived, and did
                doubled[which] += 1
        unexplained = doubled - self.in_flight - self.unanswered
        assert not unexplained, f"arrived once more, though not in flight: {unexplained}"
        return doubled.total()

    async def _words_of_uncertain(self, work: Work) -> set[tuple[int, str]]:
        rows = await work.all(
            sa.select(tables.people.c.address, tables.broadcasts.c.content)
            .join(tables.deliveries, tables.deliveries.c.person_id == tables.people.c.id)
            .join(tables.broadcasts, tables.broadcasts.c.id == tables.deliveries.c.broadcast_id)
            .where(tables.deliveries.c.state == DeliveryState.UNCERTAIN)
        )
        return {(int(row.address), plain(row.content["html"])[:KNOWN_BY]) for row in rows}

    async def _broadcasts(self, work: Work) -> tuple[int, int]:
        """Nobody got a broadcast twice, and whoever is said to have got it has."""
        rows = await work.all(
            sa.select(tables.deliveries, tables.people.c.address, tables.broadcasts.c.content)
            .join(tables.people, tables.people.c.id == tables.deliveries.c.person_id)
            .join(tables.broadcasts, tables.broadcasts.c.id == tables.deliveries.c.broadcast_id)
        )
        copies = Counter((one.chat, plain(one.words)) for one in self.messenger.arrived)
        for row in rows:
            got = copies[int(row.address), plain(row.content["html"])]
            assert row.state in (DeliveryState.SENT, DeliveryState.UNCERTAIN), row
            assert got == 1 if row.state == DeliveryState.SENT else got <= 1, (got, row)
        uncertain = {
            (row.broadcast_id, row.person_id) for row in rows if row.state == DeliveryState.UNCERTAIN
        }
        assert self.uncertain <= uncertain, "in flight at a kill, and not said to be uncertain"
        for row in rows:
            if (row.broadcast_id, row.person_id) in uncertain - self.uncertain:
                assert self.unanswered[int(row.address), plain(row.content["html"])[:KNOWN_BY]], row
        return len(rows) - len(uncertain), len(uncertain)

    async def _files(self, work: Work) -> int:
        """Every file that people sent is kept, whole."""
        rows = await work.all(sa.select(tables.files))
        assert {row.name for row in rows} == self.uploaded.keys()
        for row in rows:
            body = self.uploaded[row.name]
            assert (row.state, row.size) == (FileState.KEPT, len(body)), row
            assert row.checksum == sha256(body).hexdigest()
            assert place_of(self.folder, row.checksum).read_bytes() == body
        return len({row.checksum for row in rows})


@dataclass(frozen=True)
class Count:
    """What a campaign's books say in the end."""

    updates: int
    effects: int
    questions: int
    messages: int  # that the messenger took
    in_flight: int  # messages, at all kills together
    doubled: int
    broadcast_sent: int
    uncertain: int
    files: int
    half_written: int  # files that a kill left half-written, swept later


async def _connected(work: Work) -> set[int]:
    if work.dialect != "postgresql":
        return set()
    rows = await work.all(
        sa.text(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
            " AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
        )
    )
    return {row.pid for row in rows}


async def _effects(work: Work) -> Counter[Effect]:
    """How often each effect stands in the database."""
    found: Counter[Effect] = Counter()
    for row in await work.all(sa.select(tables.entries.c.text)):
        found["text", row.text] += 1
    for kept in (tables.conversations, tables.question_drafts):
        for row in await work.all(sa.select(kept.c.data)):
            found.update(("text", part["text"]) for part in row.data.get("parts", ()))
    for row in await work.all(sa.select(tables.files.c.name)):
        found["file", row.name] += 1
    for row in await work.all(sa.select(tables.people.c.full_name)):
        found["name", row.full_name or ""] += 1
    events = await work.all(
        sa.select(
            tables.questions.c.year,
            tables.questions.c.number,
            tables.history.c.event,
            tables.history.c.actor_role,
        ).join(tables.questions, tables.questions.c.id == tables.history.c.question_id)
    )
    for row in events:
        found[written(row.year, row.number), row.event, row.actor_role] += 1
    return found


def written(year: int, number: int) -> str:
    return format_code("DH", year, number)


async def _codes_without_gaps(work: Work) -> None:
    rows = await work.all(sa.select(tables.questions.c.year, tables.questions.c.number))
    numbers: dict[int, list[int]] = defaultdict(list)
    for row in rows:
        numbers[row.year].append(row.number)
    last = {row.year: row.last for row in await work.all(sa.select(tables.code_numbers))}
    for year, taken in numbers.items():
        assert sorted(taken) == list(range(1, last[year] + 1)), f"gaps or repeats in {year}"


async def events_of(work: Work) -> dict[str, list[str]]:
    """The history of every question, by code."""
    rows: Sequence[Row] = await work.all(
        sa.select(tables.questions.c.year, tables.questions.c.number, tables.history.c.event)
        .join(tables.questions, tables.questions.c.id == tables.history.c.question_id)
        .order_by(tables.history.c.id)
    )
    found: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        found[written(row.year, row.number)].append(row.event)
    return found


def words_of_row(row: Row) -> str:
    """What a message says, as it can be compared with what arrived; an album says nothing."""
    if row.kind == "album":
        return ""
    return plain(row.content.get("html") or row.content.get("caption") or "")[:KNOWN_BY]


def plain(html: str) -> str:
    return " ".join(unescape(_TAG.sub("", html)).split())
