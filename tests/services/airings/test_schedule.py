"""Airings on a real database: decisions beside the rules, what they bring with them, and who hears of it."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from domain.airings.schedule import Schedule
from domain.errors import Reason, RuleViolation
from services.airings import changes
from services.airings.changes import AUDIENCE
from services.airings.schedule import (
    airing_of,
    airings_between,
    airings_of_episode,
    as_json_rows,
    coming_airings,
    kept_of,
    slots_of,
    tie,
)
from services.operation.loading.lines import BadFile
from services.operation.loading.slots import change_slots, load_slots
from services.people.actors import Actor
from storage.airings import airings as stored
from storage.engine.database import Database, Work
from storage.tables import airings, broadcasts, episodes, slots
from tests.conftest import SAMPLES, SetClock
from tests.worlds.world import World

SLOTS = (SAMPLES / "slots.csv").read_text("utf-8")
HEADER = SLOTS.splitlines()[0]
# The clock stands at Monday 2/11/2026, 09:00.
FIRST, REPEAT = "A24:2026-11-07", "B24:2026-11-07"  # Saturday 7/11, 19:50; Sunday 8/11, 05:55


def local(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+07:00").astimezone(UTC)


@pytest.fixture
async def world(database: Database) -> World:
    async with database.work() as work:
        await load_slots(work, SLOTS)
        return await World.build(work)


async def month(database: Database, first: str = "2026-11-01", last: str = "2026-11-30") -> list[str]:
    """Airings of a span as one reads them, on a fresh connection."""
    async with database.reading() as work:
        found = await airings_between(work, date.fromisoformat(first), date.fromisoformat(last))
        rows = await as_json_rows(work, found)
    return [
        f"{row['starts_at'][5:16]} {row['channel']} {row['kind']} {row['status']} {row['episode'] or '-'}"
        for row in rows
    ]


async def announced(database: Database) -> list[dict[str, Any]]:
    """What was queued for subscribers, oldest first."""
    async with database.reading() as work:
        rows = await work.all(sa.select(broadcasts).order_by(broadcasts.c.id))
    assert {(row.kind, row.audience, row.status) for row in rows} <= {("airing_changed", AUDIENCE, "queued")}
    assert len({row.occasion for row in rows}) == len(rows)
    return [row.content for row in rows]


async def refused(
    database: Database, call: Callable[[Work], Awaitable[object]], reason: Reason
) -> RuleViolation:
    """The call is refused for this reason and leaves no trace, even where nobody rolls back."""
    before = await _traces(database)
    async with database.work() as work:
        with pytest.raises(RuleViolation) as caught:
            await call(work)
    assert caught.value.reason is reason
    assert await _traces(database) == before
    return caught.value


async def _traces(database: Database) -> list[Any]:
    async with database.reading() as work:
        return [
            *await work.all(sa.select(airings).order_by(airings.c.id)),
            *await work.all(sa.select(broadcasts).order_by(broadcasts.c.id)),
        ]


async def new_episode(work: Work, number: int = 12, title: str = "Đất đai") -> int:
    return await work.insert(episodes, year=2026, number=number, title=title, created_at=work.now)


# --- tables by hand -------------------------------------------------------------------------------------------

NOVEMBER = """
    11-03T05:45 Phát thanh first planned -
    11-07T19:50 KG first planned -
    11-08T05:55 KG repeat planned -
    11-08T06:50 KG1 repeat planned -
    11-21T19:50 KG first planned -
    11-22T05:55 KG repeat planned -
    11-22T06:50 KG1 repeat planned -
    11-24T05:45 Phát thanh first planned -
"""


def table(text: str) -> list[str]:
    return [line.strip() for line in text.strip().splitlines()]


async def test_a_month_as_the_sample_rules_have_it(database: Database, world: World) -> None:
    assert await month(database) == table(NOVEMBER)
    assert await month(database, "2026-11-08", "2026-11-08") == table(NOVEMBER)[2:4]
    assert await month(database, "2026-11-09", "2026-11-20") == []


async def test_a_month_with_one_moved_one_cancelled_one_added_and_one_tied(
    database: Database, world: World, clock: SetClock
) -> None:
    """The 7th goes to Wednesday 11/11; radio of the 24th is cancelled; an extra one with repeats on the 28th."""
    async with database.work() as work:
        episode = await new_episode(work)
        await changes.move(work, world.editor, FIRST, local("2026-11-11T20:15"), "bóng đá")
        await changes.cancel(work, world.admin, "R24:2026-11-24", "nghỉ lễ")
        extra = await changes.extra(work, local("2026-11-28T20:00"), "KG", 30, "", with_repeats=True)
        await changes.add(work, world.editor, extra)
        await tie(work, "C24:2026-11-21", episode, world.editor)  # a repeat's button means its first
    clock.at = local("2026-11-12T06:00")
    assert await month(database) == table("""
        11-03T05:45 Phát thanh first aired -
        11-11T20:15 KG first aired -
        11-12T05:55 KG repeat aired -
        11-12T06:50 KG1 repeat moved -
        11-21T19:50 KG first planned 12
        11-22T05:55 KG repeat planned 12
        11-22T06:50 KG1 repeat planned 12
        11-24T05:45 Phát thanh first cancelled -
        11-28T20:00 KG first planned -
        11-29T05:55 KG repeat planned -
        11-29T06:50 KG1 repeat planned -
    """)
    async with database.reading() as work:
        kept = {row.slot: row for row in await stored.of_slots(work) if row.rule_on == date(2026, 11, 7)}
    assert (kept["A24"].changed_by, kept["A24"].reason) == (world.editor.id, "bóng đá")
    assert kept["A24"].changed_at == datetime(2026, 11, 2, 2, 0, tzinfo=UTC)
    assert kept.keys() == {"A24"}  # the rules say the rest


async def test_any_window_shows_what_the_whole_schedule_shows(database: Database, world: World) -> None:
    """What is fetched for a span is enough for it, wherever things were moved from and to."""
    async with database.work() as work:
        for key, to in (
            (FIRST, "2026-12-31T20:00"),  # far ahead: its repeats into the next year
            ("A24:2026-12-05", "2026-11-04T20:00"),  # far back
            ("C24:2026-11-21", "2027-01-05T09:00"),  # a repeat by itself
            ("B24:2027-01-02", "2026-11-30T23:00"),
        ):
            await changes.move(work, world.editor, key, local(to), "đổi giờ")
        await changes.cancel(work, world.editor, "A24:2026-11-21", "bão")
        extra = await changes.extra(work, local("2026-11-15T10:00"), "KG1", None, "")
        await changes.add(work, world.editor, extra)
    async with database.reading() as work:
        whole = Schedule(
            await slots_of(work), map(kept_of, await work.all(ALL_DECIDED)), work.programme.timezone
        )
        start = date(2026, 10, 25)
        for days in (1, 7, 31):
            for offset in range(0, 90, days):
                first = start + timedelta(days=offset)
                last = first + timedelta(days=days - 1)
                assert await airings_between(work, first, last) == whole.between(first, last, work.now)
    assert "01-01T05:55 KG repeat moved -" in await month(database, "2027-01-01", "2027-01-31")


ALL_DECIDED = sa.select(airings, slots.c.code.label("slot")).outerjoin(slots, slots.c.id == airings.c.slot_id)


# --- moving, cancelling, restoring ----------------------------------------------------------------------------


async def test_moving_tells_subscribers_once_of_the_airing_and_its_repeats(
    database: Database, world: World
) -> None:
    async with database.work() as work:
        change = await changes.move(work, world.editor, FIRST, local("2026-11-09T20:00"), "  bóng\n đá ")
    assert [after.key for _, after in change.repeats] == [REPEAT, "C24:2026-11-07"]
    assert await announced(database) == [
        {
            "key": FIRST,
            "old": "2026-11-07T19:50:00+07:00",
            "new": "2026-11-09T20:00:00+07:00",
            "reason": "bóng đá",
            "repeats": [
                {"key": REPEAT, "old": "2026-11-08T05:55:00+07:00", "new": "2026-11-10T05:55:00+07:00"},
                {
                    "key": "C24:2026-11-07",
                    "old": "2026-11-08T06:50:00+07:00",
                    "new": "2026-11-10T06:50:00+07:00",
                },
            ],
        }
    ]
    async with database.reading() as work:
        row = (await work.all(sa.select(broadcasts)))[0]
    assert row.created_by == world.editor.id
    assert row.stop_at == local("2026-11-10T06:50")


async def test_a_change_of_the_hour_does_not_speak_of_repeats(database: Database, world: World) -> None:
    async with database.work() as work:
        change = await changes.move(work, world.editor, FIRST, local("2026-11-07T20:30"), "bóng đá")
    assert change.repeats == ()
    (told,) = await announced(database)
    assert told["repeats"] == []


async def test_cancelling_and_restoring_are_told_and_a_restored_one_follows_its_rule(
    database: Database, world: World
) -> None:
    async with database.work() as work:
        await changes.move(work, world.editor, FIRST, local("2026-11-09T20:00"), "bóng đá")
    async with database.work() as work:
        await changes.cancel(work, world.editor, FIRST, "bão")
    assert "11-09T20:00 KG first cancelled -" in await month(database)
    async with database.work() as work:
        await changes.restore(work, world.editor, FIRST)
    assert await month(database) == table(NOVEMBER)
    moved, cancelled, restored = await announced(database)
    assert (cancelled["old"], cancelled["new"]) == (moved["new"], None)
    assert (restored["old"], restored["new"]) == (None, "2026-11-07T19:50:00+07:00")
    assert [one["new"] for one in cancelled["repeats"]] == [None, None]
    async with database.work() as work:  # and again
        await changes.move(work, world.editor, FIRST, local("2026-11-09T20:00"), "bóng đá")
    assert len(await announced(database)) == 4


async def test_what_is_over_is_written_down_and_told_to_nobody(
    database: Database, world: World, clock: SetClock
) -> None:
    clock.at = local("2026-11-08T12:00")
    async with database.work() as work:
        await changes.cancel(work, world.editor, FIRST, "mất điện")
    assert "11-07T19:50 KG first cancelled -" in await month(database)
    assert await announced(database) == []


async def test_a_first_cancelled_afterwards_is_told_for_its_repeats_to_come(
    database: Database, world: World, clock: SetClock
) -> None:
    clock.at = local("2026-11-08T06:00")
    async with database.work() as work:
        await changes.cancel(work, world.editor, FIRST, "mất điện")
    (told,) = await announced(database)
    assert (told["key"], told["new"], told["repeats"]) == ("C24:2026-11-07", None, [])


async def test_a_repeat_of_a_cancelled_airing_is_not_changed_by_itself(
    database: Database, world: World
) -> None:
    async with database.work() as work:
        await changes.cancel(work, world.editor, FIRST, "bão")
    to = local("2026-11-09T06:00")
    for call in (
        lambda work: changes.move(work, world.editor, REPEAT, to, "x"),
        lambda work: changes.cancel(work, world.editor, REPEAT, "x"),
        lambda work: changes.restore(work, world.editor, REPEAT),
    ):
        await refused(database, call, Reason.FIRST_AIRING_CANCELLED)


async def test_a_moved_repeat_goes_back_to_where_its_first_stands(database: Database, world: World) -> None:
    async with database.work() as work:
        await changes.move(work, world.editor, REPEAT, local("2026-11-09T06:00"), "bóng đá")
        await changes.move(work, world.editor, FIRST, local("2026-11-14T19:50"), "bão")
    assert "11-09T06:00 KG repeat moved -" in await month(database)  # it was placed by hand
    async with database.work() as work:
        await changes.restore(work, world.editor, REPEAT)
    assert "11-15T05:55 KG repeat moved -" in await month(database)
    await refused(database, lambda work: changes.restore(work, world.editor, REPEAT), Reason.AIRING_AS_IT_IS)


@pytest.mark.parametrize(
    ("key", "to", "reason"),
    [
        (FIRST, "2026-11-02T09:00", Reason.AIRING_IN_THE_PAST),  # now
        (FIRST, "2025-11-07T20:00", Reason.AIRING_IN_THE_PAST),
        (FIRST, "2026-11-21T19:50", Reason.AIRING_CLASH),
        ("A24:2026-11-21", "2026-11-08T05:55", Reason.AIRING_CLASH),  # the repeat of the 7th
        (FIRST, "2026-11-07T19:50", Reason.AIRING_AS_IT_IS),
    ],
)
async def test_where_an_airing_cannot_go(
    database: Database, world: World, key: str, to: str, reason: Reason
) -> None:
    await refused(database, lambda work: changes.move(work, world.editor, key, local(to), "x"), reason)


async def test_a_cancelled_airing_leaves_its_minute_free(database: Database, world: World) -> None:
    async with database.work() as work:
        await changes.cancel(work, world.editor, "A24:2026-11-21", "bão")
        await changes.move(work, world.editor, FIRST, local("2026-11-21T19:50"), "thay buổi bị hủy")
    call = lambda work: changes.restore(work, world.editor, "A24:2026-11-21")  # noqa: E731
    violation = await refused(database, call, Reason.AIRING_CLASH)
    assert violation.facts["channel"] == "KG"


async def test_repeats_that_come_to_double_are_named_not_refused(database: Database, world: World) -> None:
    async with database.work() as work:
        change = await changes.propose_move(work, world.editor, FIRST, local("2026-11-21T21:00"), "x")
    assert [one.key for one in change.doubled] == [REPEAT, "C24:2026-11-07"]


async def test_two_editors_at_once_do_not_put_two_airings_on_one_minute(
    database: Database, world: World
) -> None:
    to = local("2026-11-14T20:00")

    async def move(actor: Actor, key: str) -> Reason | None:
        try:
            async with database.work() as work:
                await changes.move(work, actor, key, to, "đổi lịch")
        except RuleViolation as violation:
            return violation.reason
        return None

    ends = await asyncio.gather(move(world.editor, FIRST), move(world.admin, "A24:2026-11-21"))
    assert sorted(map(str, ends)) == ["None", Reason.AIRING_CLASH]
    assert len(await announced(database)) == 1


@pytest.mark.parametrize(
    ("typed", "why"),
    [("", Reason.REASON_MISSING), (" \u200b\n", Reason.REASON_MISSING), ("x" * 301, Reason.TOO_LONG)],
)
async def test_words_are_needed_and_have_a_limit(
    database: Database, world: World, typed: str, why: Reason
) -> None:
    to = local("2026-11-09T20:00")
    await refused(database, lambda work: changes.move(work, world.editor, FIRST, to, typed), why)
    await refused(database, lambda work: changes.cancel(work, world.editor, FIRST, typed), why)


async def test_what_changed_since_it_was_shown_is_refused(database: Database, world: World) -> None:
    async with database.reading() as work:
        shown = await airing_of(work, FIRST)
    assert shown is not None
    async with database.work() as work:
        await changes.move(work, world.admin, FIRST, local("2026-11-09T20:00"), "bóng đá")
    await refused(
        database,
        lambda work: changes.cancel(work, world.editor, FIRST, "bão", shown.version),
        Reason.AIRING_CHANGED_MEANWHILE,
    )


async def test_only_editors_and_admins_decide(database: Database, world: World) -> None:
    to = local("2026-11-09T20:00")

    async def add(work: Work, actor: Actor) -> object:
        return await changes.add(work, actor, await changes.extra(work, to, "KG", None, ""))

    for actor in (world.asker, world.officer, world.leader):
        for call in (
            lambda work, who=actor: changes.move(work, who, FIRST, to, "x"),
            lambda work, who=actor: changes.cancel(work, who, FIRST, "x"),
            lambda work, who=actor: changes.restore(work, who, FIRST),
            lambda work, who=actor: add(work, who),
            lambda work, who=actor: tie(work, FIRST, None, who),
        ):
            await refused(database, call, Reason.NOT_ALLOWED)


@pytest.mark.parametrize(
    "key", ["", "1", "A24:2026-11-08", "X:2026-11-07", "A24:9999-12-31", "' OR 1=1:2026-11-07"]
)
async def test_no_such_airing(database: Database, world: World, key: str) -> None:
    async with database.reading() as work:
        assert await airing_of(work, key) is None
    await refused(database, lambda work: changes.cancel(work, world.editor, key, "x"), Reason.NO_AIRING)


# --- adding ---------------------------------------------------------------------------------------------------


async def test_an_extra_airing_alone_is_moved_cancelled_and_restored_like_others(
    database: Database, world: World
) -> None:
    async with database.work() as work:
        extra = await changes.extra(work, local("2026-11-14T10:00"), "KG1", 45, "Đặc biệt")
        key = (await changes.add(work, world.editor, extra)).after.key
    assert key.isdigit()
    async with database.work() as work:
        await changes.move(work, world.editor, key, local("2026-11-15T10:00"), "x")
    assert [line for line in await month(database) if "KG1 first" in line] == [
        "11-15T10:00 KG1 first moved -"
    ]
    async with database.work() as work:
        await changes.cancel(work, world.editor, key, "x")
    async with database.work() as work:
        await changes.restore(work, world.editor, key)
    assert [line for line in await month(database) if "KG1 first" in line] == [
        "11-15T10:00 KG1 first planned -"
    ]
    told = await announced(database)
    assert [(one["old"] is None, one["new"] is None) for one in told] == [
        (True, False),
        (False, False),
        (False, True),
        (True, False),
    ]


async def test_an_extra_airing_takes_what_its_channel_has_then(database: Database, world: World) -> None:
    async with database.reading() as work:
        extra = await changes.extra(work, local("2026-11-11T05:45"), "Phát thanh", None, "")
        old = await changes.extra(work, local("2022-11-12T05:45"), "KG", None, "")
    assert (extra.medium, extra.minutes, extra.slot and extra.slot.code) == ("radio", 15, "R24")
    assert (old.medium, old.minutes, old.slot and old.slot.code) == ("tv", 30, "A21")


@pytest.mark.parametrize(
    ("at", "channel", "with_repeats", "reason"),
    [
        ("2026-11-07T19:50", "KG", False, Reason.AIRING_CLASH),
        ("2026-11-07T10:00", "KG", True, Reason.SLOT_AIRS_THAT_DAY),
        ("2026-11-07T10:00", "KG1", True, Reason.NO_REPEATS_THEN),
        ("2026-11-07T10:00", "Phát thanh", True, Reason.NO_REPEATS_THEN),
        ("2026-11-07T10:00", "VTV1", False, Reason.UNKNOWN_AIR_CHANNEL),
    ],
)
async def test_where_an_extra_airing_cannot_stand(
    database: Database, world: World, at: str, channel: str, with_repeats: bool, reason: Reason
) -> None:
    async def add(work: Work) -> object:
        extra = await changes.extra(work, local(at), channel, None, "", with_repeats=with_repeats)
        return await changes.add(work, world.editor, extra)

    await refused(database, add, reason)


async def test_an_airing_of_the_past_is_added_and_told_to_nobody(database: Database, world: World) -> None:
    async with database.work() as work:
        await changes.add(
            work, world.editor, await changes.extra(work, local("2026-10-10T10:00"), "KG", 30, "")
        )
    assert "10-10T10:00 KG first aired -" in await month(database, "2026-10-01", "2026-10-31")
    assert await announced(database) == []


# --- episodes -------------------------------------------------------------------------------------------------


async def test_an_episode_knows_its_airings_wherever_they_went(database: Database, world: World) -> None:
    async with database.work() as work:
        episode = await new_episode(work)
        await tie(work, FIRST, episode, world.editor)
        extra = await changes.extra(work, local("2026-11-12T10:00"), "KG1", None, "")
        alone = (await changes.add(work, world.editor, extra)).after.key
        await tie(work, alone, episode)
        await changes.move(work, world.editor, FIRST, local("2026-11-14T19:50"), "bão")
    async with database.reading() as work:
        found = await airings_of_episode(work, episode)
        assert [one.key for one in found] == [alone, FIRST, REPEAT, "C24:2026-11-07"]
        assert {one.episode_id for one in found} == {episode}
    async with database.work() as work:
        assert (await tie(work, REPEAT, None, world.editor)).episode_id is None
    async with database.reading() as work:
        assert [one.key for one in await airings_of_episode(work, episode)] == [alone]
    assert "11-14T19:50 KG first moved -" in await month(database)  # untied, not restored


async def test_an_unknown_episode_or_airing_is_tied_to_nothing(database: Database, world: World) -> None:
    await refused(database, lambda work: tie(work, FIRST, 99, world.editor), Reason.UNKNOWN_EPISODE)
    async with database.work() as work:
        episode = await new_episode(work)
    await refused(database, lambda work: tie(work, "99", episode, world.editor), Reason.NO_AIRING)


async def test_coming_airings_leave_out_what_is_over_but_not_what_is_on(
    database: Database, world: World, clock: SetClock
) -> None:
    async with database.work() as work:
        await changes.cancel(work, world.editor, "A24:2026-11-21", "bão")
    clock.at = local("2026-11-03T05:50")
    async with database.reading() as work:
        assert (await coming_airings(work, 20))[0].key == "R24:2026-11-03"
    clock.at = local("2026-11-21T19:50")
    async with database.reading() as work:
        assert [one.key for one in await coming_airings(work, 1)] == ["B24:2026-11-21", "C24:2026-11-21"]


# --- loading slots --------------------------------------------------------------------------------------------


async def load(database: Database, *lines: str) -> list[str]:
    async with database.work() as work:
        return (await change_slots(work, "\n".join([HEADER, *lines]))).notes


async def test_loading_again_changes_nothing(database: Database, world: World) -> None:
    async with database.reading() as work:
        before = await work.all(sa.select(slots).order_by(slots.c.id))
    async with database.work() as work:
        assert await change_slots(work, SLOTS) == await change_slots(work, SLOTS)
    async with database.reading() as work:
        assert await work.all(sa.select(slots).order_by(slots.c.id)) == before


async def test_new_rules_lose_nothing_that_was_decided_and_name_what_no_rule_has(
    database: Database, world: World
) -> None:
    async with database.work() as work:
        episode = await new_episode(work)
        await changes.move(work, world.editor, FIRST, local("2026-11-10T20:00"), "bóng đá")
        await changes.cancel(work, world.editor, "A24:2026-11-21", "bão")
        await tie(work, "A24:2026-12-05", episode)
        await changes.cancel(work, world.editor, "A24:2026-12-19", "bão")
        await changes.restore(work, world.editor, "A24:2026-12-19")
        extra = await changes.extra(work, local("2026-12-12T20:00"), "KG", None, "", with_repeats=True)
        await changes.add(work, world.editor, extra)
    notes = await load(
        database,
        "A24,KG,tv,1|3,sat,19:50,,,,2024-01-01,2026-11-15",
        "A27,KG,tv,2,sun,20:00,30,,,2026-11-16,",
    )
    assert notes == [
        "A24:2026-11-21 (cancelled, 2026-11-21 19:50, KG) follows no rule any more and stays as it is",
        "A24:2026-12-05 (planned, 2026-12-05 19:50, KG) follows no rule any more and stays as it is",
    ]
    assert await month(database, "2026-11-08", "2026-12-31") == table("""
        11-10T20:00 KG first moved -
        11-11T05:55 KG repeat moved -
        11-11T06:50 KG1 repeat moved -
        11-21T19:50 KG first cancelled -
        11-22T05:55 KG repeat cancelled -
        11-22T06:50 KG1 repeat cancelled -
        11-24T05:45 Phát thanh first planned -
        12-01T05:45 Phát thanh first planned -
        12-05T19:50 KG first planned 12
        12-06T05:55 KG repeat planned 12
        12-06T06:50 KG1 repeat planned 12
        12-12T20:00 KG first planned -
        12-13T05:55 KG repeat planned -
        12-13T06:50 KG1 repeat planned -
        12-13T20:00 KG first planned -
        12-22T05:45 Phát thanh first planned -
    """)
    assert await load(database, "A24,KG,tv,1|3,sat,19:50,,,,2024-01-01,") == []  # back: all follow again


async def test_a_cancelled_airing_that_lost_its_rule_can_be_put_on_air_again(
    database: Database, world: World
) -> None:
    async with database.work() as work:
        await changes.cancel(work, world.editor, "C24:2026-11-21", "bão")
    await load(database, "A24,KG,tv,1|3,sat,19:50,,,,2024-01-01,2026-11-15")
    assert "11-22T06:50 KG1 repeat cancelled -" in await month(database)
    async with database.work() as work:
        await changes.restore(work, world.editor, "C24:2026-11-21")
    assert "11-22T06:50 KG1 repeat planned -" in await month(database)


async def test_a_repeat_before_its_slot_in_the_file_and_dates_of_its_own_that_are_not_used(
    database: Database,
) -> None:
    notes = await load(
        database,
        "R,KG1,tv,,,06:50,,S,1,,2026-11-08",
        "S,KG,tv,1,sat,19:50,,,,2026-01-01,2026-11-30",
        "T,KG,tv,,,07:50,,R,1,2026-01-01,2026-11-30",
    )
    assert notes == ["line 2: R shares the validity of S; its own dates are not used"]
    assert await month(database) == table("""
        11-07T19:50 KG first planned -
        11-08T06:50 KG1 repeat planned -
        11-09T07:50 KG repeat planned -
    """)


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("A,KG,tv,1|6,sat,19:50,,,,,", "a week of the month is 1 to 5: '6'"),
        ("A,KG,tv,0,sat,19:50,,,,,", "a week of the month is 1 to 5: '0'"),
        ("A,KG,tv,1|1,sat,19:50,,,,,", "weeks names a week twice: '1|1'"),
        ("A,KG,tv,,sat,19:50,,,,,", "weeks is empty"),
        ("A,KG,tv,1,saturday,19:50,,,,,", "weekday is none of mon, tue, wed, thu, fri, sat, sun: 'saturday'"),
        ("A,KG,tv,1,,19:50,,,,,", "weekday is none of mon, tue, wed, thu, fri, sat, sun: ''"),
        ("A,KG,tv,1,sat,24:00,,,,,", "time is no time of day (HH:MM): '24:00'"),
        ("A,KG,tv,1,sat,,,,,,", "time is no time of day (HH:MM): ''"),
        ("A,KG,web,1,sat,19:50,,,,,", "medium is neither tv nor radio: 'web'"),
        ("A,,tv,1,sat,19:50,,,,,", "channel is empty"),
        (",KG,tv,1,sat,19:50,,,,,", "slot is empty"),
        ("A:B,KG,tv,1,sat,19:50,,,,,", "a slot has no spaces, colons, commas or bars and at most 32 bytes"),
        ("A,KG,tv,1,sat,19:50,0,,,,", "minutes is no number from 1 to 1440: '0'"),
        ("A,KG,tv,1,sat,19:50,nửa giờ,,,,", "minutes is no number from 1 to 1440: 'nửa giờ'"),
        ("A,KG,tv,1,sat,19:50,,,1,,", "days_after belongs to a repeat, and repeat_of is empty"),
        ("A,KG,tv,1,sat,19:50,,,,2026-13-01,", "valid_from is no date (YYYY-MM-DD): '2026-13-01'"),
        ("A,KG,tv,1,sat,19:50,,,,2026-02-01,2026-01-01", "valid_from is after valid_to"),
        ("A,KG,tv,,,19:50,,NO,1,,", "unknown repeat_of 'NO'"),
        ("A,KG,tv,1,,19:50,,A24,1,,", "a repeat has no weeks of its own"),
        ("A,KG,tv,,sat,19:50,,A24,1,,", "a repeat has no weekday of its own"),
        ("A,KG,tv,,,19:50,,A24,,,", "days_after is no number from 0 to 60: ''"),
        ("A,KG,tv,,,19:50,,A24,-1,,", "days_after is no number from 0 to 60: '-1'"),
        ("A,KG,tv,,,19:50,,A24,0,,", "a repeat on the same day comes after A24, which starts at 19:50"),
        ("A,KG,tv,,,19:50,,A,1,,", "repeats itself: A -> A"),
        ("A24,KG,tv,,,23:50,,B24,1,,", "repeats itself: A24 -> B24 -> A24"),
    ],
)
async def test_a_bad_line_is_named_and_nothing_is_loaded(
    database: Database, world: World, line: str, problem: str
) -> None:
    async with database.work() as work:
        before = await work.all(sa.select(slots).order_by(slots.c.id))
        with pytest.raises(BadFile) as caught:
            await change_slots(work, "\n".join([HEADER, "OK,KG,tv,1,sat,10:00,,,,,", line]))
        assert f"line 3: {problem}" in caught.value.problems
        assert await work.all(sa.select(slots).order_by(slots.c.id)) == before


async def test_each_line_of_a_ring_of_repeats_and_a_slot_named_twice_are_named(database: Database) -> None:
    ring = ("A,KG,tv,,,10:00,,B,1,,", "B,KG,tv,,,10:00,,C,1,,", "C,KG,tv,,,10:00,,B,1,,")
    with pytest.raises(BadFile) as caught:
        await load(database, *ring)
    assert caught.value.problems == [
        "line 3: repeats itself: B -> C -> B",
        "line 4: repeats itself: C -> B -> C",
    ]
    with pytest.raises(BadFile) as caught:
        await load(database, "A,KG,tv,1,sat,10:00,,,,,", "A,KG,tv,1,sat,11:00,,,,,")
    assert caught.value.problems == ["line 3: slot 'A' stands on line 2 already"]
