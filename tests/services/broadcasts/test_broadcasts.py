"""Broadcasts: who gets them, and how they are stopped, repeated and counted."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from domain.broadcasts.broadcasts import Audience, BroadcastKind, BroadcastStatus, DeliveryState, WaitsFor
from domain.errors import Reason, RuleViolation
from domain.programme import Programme
from services.broadcasts import broadcasts as broadcasting
from services.broadcasts.broadcasts import Ended
from services.people.actors import Actor
from services.subscribers.delivery_words import content_for
from storage.broadcasts import broadcasts
from storage.engine.database import Database, Work
from storage.people import people
from storage.rows import BroadcastRow
from storage.tables import deliveries, subscribers, subscriptions
from tests.conftest import SetClock
from tests.worlds.rules import rules
from tests.worlds.world import World, person

TEXT = "Kỳ 12 phát sóng <b>20:00</b> thứ Ba"


@pytest.fixture
def programme() -> Programme:
    """What is composed goes out at once; how it is held is tests/campaigns/security/test_broadcast_power.py."""
    return rules(hold_minutes=0)


async def subscribe(work: Work, *topics: str, daily: bool = False, **names: str) -> dict[str, Actor]:
    """People who subscribe to these topics."""
    found = {}
    for name in names:
        one = await person(work, name)
        for topic in topics:
            await work.run(sa.insert(subscriptions).values(person_id=one.id, topic=topic, since=work.now))
        if daily:
            await work.run(sa.insert(subscribers).values(person_id=one.id, daily=True))
        found[name] = one
    return found


async def composed(database: Database, world: World, audience: str = Audience.ALL, **more: object) -> int:
    async with database.work() as work:
        return await broadcasting.compose(work, world.editor, html=TEXT, audience=audience, **more)  # type: ignore[arg-type]


async def recipients(database: Database, broadcast_id: int) -> set[str]:
    """Names of those to whom it goes, whatever became of it."""
    async with database.reading() as work:
        rows = await work.all(
            sa.select(deliveries.c.person_id).where(deliveries.c.broadcast_id == broadcast_id)
        )
        return {(await people.by_id(work, row.person_id)).display_name for row in rows}


async def settle(database: Database, broadcast_id: int, **states: DeliveryState) -> None:
    """Somebody's delivery ended so; everybody else's arrived."""
    async with database.work() as work:
        ended = []
        for person_id, _tries in await broadcasts.claim(work, broadcast_id, 1000):
            state = states.get((await people.by_id(work, person_id)).display_name, DeliveryState.SENT)
            ended.append(Ended(broadcast_id, person_id, state, sent_at=work.now))
        await broadcasting.settle(work, ended)
        await broadcasts.finish(work)


async def progress(database: Database, broadcast_id: int) -> broadcasting.Progress:
    async with database.reading() as work:
        return await broadcasting.progress(work, broadcast_id)


async def row_of(work: Work, broadcast_id: int) -> BroadcastRow:
    row = await broadcasts.by_id(work, broadcast_id)
    assert row is not None
    return row


async def why(doing: object) -> Reason:
    with pytest.raises(RuleViolation) as refused:
        await doing  # type: ignore[misc]
    return refused.value.reason


async def test_all_are_those_who_can_be_reached_and_did_not_leave(database: Database, world: World) -> None:
    async with database.work() as work:
        await people.update(work, world.follower.id, left_broadcasts_at=work.now)
        await people.update(work, world.outsider.id, unreachable_at=work.now)
        await people.add_unaddressed(
            work, channel="post", full_name="Bà Sáu", home_address="x", contact=None, language="vi"
        )
        counted = await broadcasting.count_recipients(work, Audience.ALL)
    broadcast_id = await composed(database, world)
    assert await broadcasting.start_due(database) == 1
    names = await recipients(database, broadcast_id)
    assert names == {"asker", "editor", "admin", "officer", "leader", "coordinator"}
    assert counted == len(names)


async def test_topics_reach_their_subscribers_each_once(database: Database, world: World) -> None:
    async with database.work() as work:
        await subscribe(work, "airing_evening", "airing_soon", both="")
        await subscribe(work, "airing_soon", soon="")
        await subscribe(work, "field:dat-dai", land="")
        away = await subscribe(work, "airing_soon", away="")
        await people.update(work, away["away"].id, unreachable_at=work.now)
    airings = await composed(database, world, Audience.AIRINGS)
    evening = await composed(database, world, Audience.AIRING_EVENING)
    land = await composed(database, world, "field:dat-dai")
    await broadcasting.start_due(database)
    assert await recipients(database, airings) == {"both", "soon"}
    assert await recipients(database, evening) == {"both"}
    assert await recipients(database, land) == {"land"}


async def test_links_go_into_the_digest_of_who_wants_one_but_words_of_an_editor_come_at_once(
    database: Database, world: World
) -> None:
    async with database.work() as work:
        await subscribe(work, "links", once="")
        await subscribe(work, "links", daily=True, dail="")
        link = await broadcasts.add(work, kind=BroadcastKind.LINK, audience="links", content={})
        digest = await broadcasts.add(work, kind=BroadcastKind.DIGEST, audience="digest", content={})
    message = await composed(database, world, "links")
    await broadcasting.start_due(database)
    assert link is not None
    assert digest is not None
    assert await recipients(database, link) == {"once"}
    assert await recipients(database, digest) == {"dail"}
    assert await recipients(database, message) == {"once", "dail"}


async def test_it_starts_when_its_time_has_come_and_once(
    database: Database, world: World, clock: SetClock
) -> None:
    later = clock.now() + timedelta(hours=1)
    broadcast_id = await composed(database, world, start_at=later)
    assert await broadcasting.start_due(database) == 0
    assert (await progress(database, broadcast_id)).status == BroadcastStatus.QUEUED
    clock.move(hours=1)
    async with database.reading() as work:
        row = await row_of(work, broadcast_id)
    assert await broadcasting.start_due(database) == 1
    async with database.work() as work:
        assert await broadcasts.start(work, row) is None
    assert (await progress(database, broadcast_id)).pending == 8
    assert await broadcasting.start_due(database) == 0


async def test_what_a_later_clock_queued_for_at_once_starts_at_once(
    database: Database, world: World, clock: SetClock
) -> None:
    clock.move(days=3)
    await composed(database, world)
    clock.move(days=-3)
    assert await broadcasting.start_due(database) == 1


async def test_paused_resumed_and_cancelled(database: Database, world: World, clock: SetClock) -> None:
    broadcast_id = await composed(database, world)
    async with database.work() as work:
        assert await why(broadcasting.pause(work, world.editor, broadcast_id)) == Reason.BROADCAST_NOT_STARTED
    await broadcasting.start_due(database)
    async with database.work() as work:
        await broadcasting.pause(work, world.admin, broadcast_id)
        await broadcasting.pause(work, world.editor, broadcast_id)  # a second tap
        assert await broadcasts.running(work) == []
        assert await why(broadcasting.resume(work, world.editor, broadcast_id)) == Reason.BROADCAST_OWN
        await broadcasting.resume(work, world.admin, broadcast_id)
        assert len(await broadcasts.claim(work, broadcast_id, 3)) == 3
        await broadcasting.cancel(work, world.editor, broadcast_id)
        assert await why(broadcasting.resume(work, world.editor, broadcast_id)) == Reason.BROADCAST_ENDED
    found = await progress(database, broadcast_id)
    assert (found.status, found.recipients, found.pending, found.dropped) == ("cancelled", 8, 3, 5)


async def test_only_editors_and_admins_and_only_what_can_be_sent(database: Database, world: World) -> None:
    async with database.work() as work:
        for actor in (world.asker, world.officer, world.leader):
            assert (
                await why(broadcasting.compose(work, actor, html="x", audience="all")) == Reason.NOT_ALLOWED
            )
            assert await why(broadcasting.cancel(work, actor, 1)) == Reason.NOT_ALLOWED
            assert await why(broadcasting.approve(work, actor, 1)) == Reason.NOT_ALLOWED
        editor = world.editor
        assert await why(broadcasting.compose(work, editor, html=" <b> </b>", audience="all")) == (
            Reason.TEXT_MISSING
        )
        long = "&lt;" * 4096
        await broadcasting.compose(work, editor, html=long, audience="all")
        assert await why(broadcasting.compose(work, editor, html=long + "x", audience="all")) == (
            Reason.TOO_LONG
        )
        photo = {"remote_id": "p", "checksum": None, "name": None, "content_type": None}
        assert await why(
            broadcasting.compose(work, editor, html="x" * 1025, photo=photo, audience="all")
        ) == (Reason.TOO_LONG)
        assert await why(broadcasting.compose(work, editor, html="x", audience="field:no")) == (
            Reason.UNKNOWN_FIELD
        )
        assert await why(broadcasting.compose(work, editor, html="x", audience="everybody")) == (
            Reason.UNKNOWN_AUDIENCE
        )
        assert await why(broadcasting.pause(work, editor, 99)) == Reason.UNKNOWN_BROADCAST
        assert await why(broadcasting.approve(work, editor, 99)) == Reason.UNKNOWN_BROADCAST


async def test_only_somebody_else_agrees_and_only_to_what_waits_for_it(
    database: Database, world: World
) -> None:
    plain = await composed(database, world)
    async with database.work() as work:
        asks = await broadcasting.compose(work, world.editor, html="Gửi mã OTP", audience=Audience.ALL)
        assert await why(broadcasting.approve(work, world.admin, plain)) == Reason.BROADCAST_NOT_WAITING
        assert await why(broadcasting.approve(work, world.editor, asks)) == Reason.BROADCAST_OWN
        assert await why(broadcasting.resume(work, world.editor, asks)) == Reason.BROADCAST_NOT_STARTED
    assert await broadcasting.start_due(database) == 1
    async with database.work() as work:
        await broadcasting.approve(work, world.admin, asks)
        assert await why(broadcasting.approve(work, world.admin, asks)) == Reason.BROADCAST_NOT_WAITING
    assert await broadcasting.start_due(database) == 1
    assert (await progress(database, asks)).recipients == 8
    async with database.work() as work:
        late = await broadcasting.compose(work, world.editor, html="Gửi mã OTP", audience=Audience.ALL)
        await broadcasting.cancel(work, world.editor, late)
        assert await why(broadcasting.approve(work, world.admin, late)) == Reason.BROADCAST_ENDED


async def test_what_is_made_to_wait_or_moved_between_a_look_and_its_start_does_not_start(
    database: Database, world: World
) -> None:
    waits, moved = await composed(database, world), await composed(database, world)
    async with database.reading() as work:
        rows = await row_of(work, waits), await row_of(work, moved)
    async with database.work() as work:
        await broadcasts.wait_for(work, waits, WaitsFor.AUTHOR)
        await broadcasting.reschedule(work, world.admin, moved, work.now + timedelta(hours=1))
    async with database.work() as work:
        assert [await broadcasts.start(work, row) for row in rows] == [None, None]


async def test_repeated_to_those_it_did_not_reach_and_never_to_those_it_did(
    database: Database, world: World
) -> None:
    broadcast_id = await composed(database, world)
    await broadcasting.start_due(database)
    async with database.work() as work:
        assert (
            await why(
                broadcasting.repeat_to_missed(work, world.editor, broadcast_id, include_uncertain=False)
            )
            == Reason.BROADCAST_GOES_ON
        )
    await settle(
        database,
        broadcast_id,
        asker=DeliveryState.FAILED,
        follower=DeliveryState.BLOCKED,
        leader=DeliveryState.BLOCKED,
        officer=DeliveryState.UNCERTAIN,
        outsider=DeliveryState.DROPPED,
    )
    async with database.work() as work:
        await people.update(work, world.leader.id, unreachable_at=work.now)
        again = await broadcasting.repeat_to_missed(work, world.editor, broadcast_id, include_uncertain=False)
    await broadcasting.start_due(database)
    assert await recipients(database, again) == {"asker", "follower", "outsider"}
    await settle(database, again, asker=DeliveryState.FAILED)
    async with database.work() as work:
        await people.update(work, world.leader.id, unreachable_at=None)
        third = await broadcasting.repeat_to_missed(work, world.editor, again, include_uncertain=True)
    await broadcasting.start_due(database)
    assert await recipients(database, third) == {"asker", "leader", "officer"}
    await settle(database, third)
    async with database.work() as work:
        assert (
            await why(broadcasting.repeat_to_missed(work, world.editor, broadcast_id, include_uncertain=True))
            == Reason.NOBODY_MISSED
        )


async def test_progress_tells_counts_rate_and_time_left(
    database: Database, world: World, clock: SetClock
) -> None:
    broadcast_id = await composed(database, world)
    await broadcasting.start_due(database)
    clock.move(seconds=60)
    async with database.work() as work:
        claimed = await broadcasts.claim(work, broadcast_id, 6)
        ago = [timedelta(seconds=30), *[timedelta(seconds=4)] * 4]
        await broadcasting.settle(
            work,
            [
                Ended(broadcast_id, person_id, DeliveryState.SENT, sent_at=work.now - before)
                for (person_id, _tries), before in zip(claimed, ago, strict=False)
            ],
        )
    found = await progress(database, broadcast_id)
    assert (found.sent, found.pending, found.recipients) == (5, 3, 8)
    assert found.rate == pytest.approx(0.4)
    assert found.seconds_left == 8


async def test_what_is_left_when_its_time_is_over_is_dropped(
    database: Database, world: World, clock: SetClock
) -> None:
    async with database.work() as work:
        late = await broadcasts.add(
            work,
            kind=BroadcastKind.AIRING,
            audience="all",
            content={},
            stop_at=work.now + timedelta(minutes=1),
        )
    assert late is not None
    await broadcasting.start_due(database)
    async with database.work() as work:
        assert await broadcasts.finish(work) == []
    clock.move(minutes=1)
    async with database.work() as work:
        assert await broadcasts.finish(work) == [late]
    found = await progress(database, late)
    assert (found.status, found.pending, found.dropped) == ("done", 0, 8)


async def test_an_occasion_is_announced_once(database: Database, world: World) -> None:
    async with database.work() as work:
        first = await broadcasts.add(
            work, kind=BroadcastKind.LINK, audience="links", content={}, occasion="link:1"
        )
        again = await broadcasts.add(
            work, kind=BroadcastKind.LINK, audience="links", content={}, occasion="link:1"
        )
    assert (first is None, again) == (False, None)


async def test_words_are_the_same_for_everybody_and_the_last_button_leaves(
    database: Database, world: World
) -> None:
    photo = {"remote_id": "abc", "checksum": "c", "name": "a.jpg", "content_type": "image/jpeg"}
    plain = await composed(database, world, "field:dat-dai")
    rich = await composed(database, world, photo=photo, button=("Xem", "https://angiang.tv"))
    async with database.reading() as work:
        asker = await people.by_id(work, world.asker.id)
        said = await content_for(work, await row_of(work, plain), asker)
        shown = await content_for(work, await row_of(work, rich), asker)
    assert said == {
        "kind": "text",
        "content": {"html": TEXT, "buttons": [[["Ngừng nhận tin này", "sul:field:dat-dai"]]]},
    }
    assert shown is not None
    assert shown["kind"] == "file"
    assert shown["content"] == {
        "kind": "photo",
        **photo,
        "caption": TEXT,
        "buttons": [[["Xem", "https://angiang.tv"]], [["Ngừng nhận tin này", "sul:all"]]],
    }
