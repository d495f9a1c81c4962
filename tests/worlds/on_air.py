"""Shared by stories of airings: slots of 2024, subscribers, a clock, and deliveries."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from domain.broadcasts.broadcasts import DeliveryState
from messages.words import plain
from services.broadcasts import broadcasts as broadcasting
from services.operation.loading import LOADERS
from services.people.actors import Actor
from services.subscribers import subscriptions
from services.subscribers.announcements import announce
from services.subscribers.delivery_words import content_for
from storage.broadcasts import broadcasts
from storage.engine.database import Database, Work
from storage.people import people
from storage.tables import deliveries, episode_questions, episodes
from tests.conftest import SetClock
from tests.worlds.world import World, person

SAMPLES = Path(__file__).parent.parent.parent / "samples"


def at(local: str) -> datetime:
    """Return a moment of November 2026, typed in programme time: "6 19:00"."""
    day, moment = local.split()
    hour, minute = map(int, moment.split(":"))
    return datetime(2026, 11, int(day), hour, minute, tzinfo=UTC) - timedelta(hours=7)


class OnAir:
    """One database on one clock: what subscribers hear, and when."""

    def __init__(self, database: Database, clock: SetClock) -> None:
        self.database = database
        self.clock = clock
        self.heard: dict[str, list[tuple[str, str]]] = defaultdict(list)  # name: (local time, text)
        self.buttons: dict[str, list[list[str]]] = defaultdict(list)  # name: the last message's

    async def load_slots(self) -> None:
        async with self.database.work() as work:
            await LOADERS["slots"](work, (SAMPLES / "slots.csv").read_text(encoding="utf-8"))

    async def subscriber(self, name: str, *topics: str, daily: bool = False, language: str = "vi") -> Actor:
        async with self.database.work() as work:
            one = await person(work, name)
            await people.update(work, one.id, language=language)
            await subscriptions.subscribe(work, one.person, *topics)
            if daily:
                await subscriptions.set_daily(work, one.person, daily=True)
        self.clock.move(seconds=1)
        return one

    async def tick(self, *moments: str) -> None:
        """Announce at each of these moments, twice, and deliver."""
        for local in moments:
            self.clock.at = at(local)
            await announce(self.database)
            await announce(self.database)
            await self.deliver()

    async def walk(self, since: str, until: str, minutes: int = 5) -> None:
        """Tick every few minutes, both ends included."""
        moment, end = at(since), at(until)
        while moment <= end:
            self.clock.at = moment
            await announce(self.database)
            await self.deliver()
            moment += timedelta(minutes=minutes)

    async def deliver(self, limit: int = 1000) -> None:
        """Deliver as `bot.loops.broadcaster` does, without a messenger."""
        await broadcasting.start_due(self.database)
        async with self.database.work() as work:
            for row in await broadcasts.running(work):
                pending = await work.all(
                    sa.select(deliveries.c.person_id)
                    .where(deliveries.c.broadcast_id == row.id, deliveries.c.state == DeliveryState.PENDING)
                    .order_by(deliveries.c.person_id)
                    .limit(limit)
                )
                ids = [one.person_id for one in pending]
                wanted = await broadcasts.still_wanted(work, row, ids)
                for person_id in ids:
                    one = await people.by_id(work, person_id)
                    said = await content_for(work, row, one) if person_id in wanted else None
                    if said is not None:
                        now = f"{work.programme.local(work.now):%-d %H:%M}"
                        self.heard[one.display_name].append((now, plain(said["content"]["html"])))
                        self.buttons[one.display_name] = [
                            list(key) for line in said["content"]["buttons"] for key in line
                        ]
                    state = DeliveryState.DROPPED if said is None else DeliveryState.SENT
                    await work.run(
                        sa.update(deliveries)
                        .where(deliveries.c.broadcast_id == row.id, deliveries.c.person_id == person_id)
                        .values(state=state, sent_at=work.now)
                    )
        async with self.database.work() as work:
            await broadcasts.finish(work)

    def times(self, name: str) -> list[str]:
        return [when for when, _ in self.heard[name]]

    def last(self, name: str) -> str:
        return self.heard[name][-1][1]


async def episode(work: Work, number: int, title: str = "Cấp giấy chứng nhận quyền sử dụng đất") -> int:
    """Insert an episode of 2026."""
    return await work.insert(episodes, year=2026, number=number, title=title, created_at=work.now)


async def choose(
    work: Work, world: World, episode_id: int, question_id: int, on_air: str | None = None
) -> None:
    """Choose a question for an episode, in the table."""
    await work.run(
        sa.insert(episode_questions).values(
            episode_id=episode_id,
            question_id=question_id,
            position=question_id,
            on_air=on_air,
            chosen_at=work.now,
            chosen_by=world.editor.id,
        )
    )
