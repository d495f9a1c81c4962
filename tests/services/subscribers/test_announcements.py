"""Airings, links and answers as subscribers hear of them: when, once, and never of the past or in the night.

November 2026 begins on a Sunday: first airings on Saturdays 7 and 21, 19:50, repeats the day after at 05:55 and
06:50, radio on Tuesdays 3 and 24 at 05:45.
"""

import asyncio
from dataclasses import replace
from datetime import time

import pytest
import sqlalchemy as sa

from domain.broadcasts.broadcasts import BroadcastKind
from domain.programme import Programme
from domain.subscribers.topics import Topic
from services.airings import changes, schedule
from services.subscribers import subscriptions
from services.subscribers.announcements import announce
from storage.broadcasts import broadcasts as stored
from storage.engine.database import Database
from storage.tables import broadcasts, links, questions
from tests.conftest import SetClock
from tests.worlds.on_air import OnAir, at, choose, episode
from tests.worlds.world import World


@pytest.fixture
async def on_air(database: Database, clock: SetClock) -> OnAir:
    found = OnAir(database, clock)
    await found.load_slots()
    return found


EARLY_SUNDAY = (
    "Chuyên mục sắp lên sóng • 05:55, Chủ nhật, ngày 08/11/2026, kênh KG (phát lại) "
    "• 06:50, Chủ nhật, ngày 08/11/2026, kênh KG1 (phát lại)"
)


# --- airings ---------------------------------------------------------------------------------------------------


async def test_a_saturday_airing_is_told_on_friday_evening_and_half_an_hour_before(on_air: OnAir) -> None:
    await on_air.subscriber("evening", Topic.AIRING_EVENING)
    await on_air.subscriber("soon", Topic.AIRING_SOON)
    await on_air.subscriber("both", Topic.AIRING_EVENING, Topic.AIRING_SOON)
    await on_air.subscriber("neither", Topic.LINKS)
    await on_air.walk("6 18:50", "6 19:10")
    await on_air.walk("7 19:05", "7 19:55")
    assert on_air.heard["evening"] == [
        ("6 19:00", "Chuyên mục sắp lên sóng • 19:50, thứ Bảy, ngày 07/11/2026, kênh KG"),
        ("7 19:05", on_air.last("evening")),
    ]
    assert on_air.heard["soon"] == [
        (
            "7 19:20",
            "Chuyên mục lên sóng trong ít phút nữa • 19:50, thứ Bảy, ngày 07/11/2026, kênh KG",
        )
    ]
    assert on_air.times("both") == ["6 19:00", "7 19:05", "7 19:20"]
    assert on_air.heard["neither"] == []


async def test_sundays_repeats_are_told_together_on_saturday_and_only_the_later_one_once_more(
    on_air: OnAir,
) -> None:
    await on_air.subscriber("both", Topic.AIRING_EVENING, Topic.AIRING_SOON)
    await on_air.tick("7 20:00", "7 21:00", "7 23:30")
    await on_air.walk("8 05:20", "8 06:55")
    assert on_air.times("both") == [
        "7 20:00",
        "8 06:20",
    ]  # that of 05:55 would have come at 05:25, in the night
    assert [text for _, text in on_air.heard["both"]] == [
        EARLY_SUNDAY,
        "Chuyên mục lên sóng trong ít phút nữa • 06:50, Chủ nhật, ngày 08/11/2026, kênh KG1 (phát lại)",
    ]


async def test_radio_early_on_tuesday_is_covered_by_the_evening_before(on_air: OnAir) -> None:
    await on_air.subscriber("both", Topic.AIRING_EVENING, Topic.AIRING_SOON)
    await on_air.walk("2 18:55", "2 19:10")
    await on_air.walk("3 05:10", "3 06:05")
    assert on_air.times("both") == ["2 19:00"]
    assert "05:45, thứ Ba, ngày 03/11/2026, kênh Phát thanh" in on_air.last("both")


async def test_the_episode_and_what_is_asked_in_it_are_named(
    on_air: OnAir, database: Database, world: World
) -> None:
    await on_air.subscriber("vi", Topic.AIRING_EVENING)
    await on_air.subscriber("en", Topic.AIRING_EVENING, language="en")
    async with database.work() as work:
        shown, hidden, left = [await world.answered(work) for _ in range(3)]
        episode_id = await episode(work, 12)
        for one, words in ((shown, "Bao giờ có sổ đỏ?"), (hidden, "Điều bí mật"), (left, "Điều đã bỏ")):
            await choose(work, world, episode_id, one.id, words)
        await work.run(sa.update(questions).where(questions.c.id == hidden.id).values(secrecy="suspected"))
        await work.run(sa.text(f"UPDATE episode_questions SET left_out_why = 'x', left_out_at = chosen_at "
                               f"WHERE question_id = {left.id}"))  # fmt: skip
        await schedule.tie(work, "A24:2026-11-07", episode_id)
    await on_air.tick("6 19:00")
    assert on_air.last("vi") == (
        "Chuyên mục sắp lên sóng • 19:50, thứ Bảy, ngày 07/11/2026, kênh KG, Kỳ 12/2026: "
        "Cấp giấy chứng nhận quyền sử dụng đất Nội dung hỏi đáp: • Bao giờ có sổ đỏ?"
    )
    assert "19:50, Saturday, 7 November 2026, channel KG, episode 12/2026" in on_air.last("en")
    assert on_air.buttons["vi"] == [["Ngừng nhận tin này", "sul:airing_evening"]]


async def test_after_an_outage_nobody_is_reminded_of_the_past_or_in_the_night(
    on_air: OnAir, database: Database
) -> None:
    await on_air.subscriber("both", Topic.AIRING_EVENING, Topic.AIRING_SOON)
    await on_air.tick("6 21:00")  # the evening is over
    await on_air.tick("7 06:00")
    await on_air.tick("7 12:00")
    assert on_air.heard["both"] == []
    async with database.reading() as work:
        assert await work.all(sa.select(broadcasts)) == []  # nor queued, for nothing
    await on_air.tick("7 19:50")  # it has begun
    await on_air.tick("7 20:59")  # late, and still of use: the repeats of tomorrow
    assert on_air.times("both") == ["7 19:50"]
    assert "trong ít phút nữa" not in on_air.last("both")


async def test_after_a_shorter_outage_it_is_told_late(on_air: OnAir) -> None:
    await on_air.subscriber("both", Topic.AIRING_EVENING, Topic.AIRING_SOON)
    await on_air.tick("6 20:59")
    await on_air.tick("7 19:45")
    assert on_air.times("both") == ["6 20:59", "7 19:45", "7 19:45"]


async def test_what_is_not_sent_when_the_quiet_hours_begin_is_dropped(
    on_air: OnAir, database: Database, clock: SetClock
) -> None:
    for name in ("one", "two"):
        await on_air.subscriber(name, Topic.AIRING_EVENING)
    clock.at = at("6 20:59")
    await announce(database)
    await on_air.deliver(limit=1)
    clock.at = at("6 21:00")
    await on_air.deliver()
    clock.at = at("7 07:00")
    await on_air.deliver()
    assert len(on_air.heard["one"]) + len(on_air.heard["two"]) == 1
    async with database.reading() as work:
        (row,) = await work.all(sa.select(broadcasts))
    assert row.status == "done"


async def test_two_processes_at_once_announce_once(
    on_air: OnAir, database: Database, clock: SetClock, programme: Programme
) -> None:
    await on_air.subscriber("both", Topic.AIRING_EVENING, Topic.AIRING_SOON)
    await on_air.subscriber("daily", Topic.LINKS, daily=True)
    clock.at = at("7 19:25")
    url = database.url.render_as_string(hide_password=False)
    others = [Database(url, clock=clock, programme=programme) for _ in range(3)]
    done = await asyncio.gather(*(announce(one) for one in others))
    for one in others:
        await one.close()
    assert [sum(one[kind] for one in done) for kind in done[0]] == [0, 1, 1, 1]


async def test_who_subscribes_later_gets_only_what_comes_after(on_air: OnAir, database: Database) -> None:
    await on_air.tick("6 19:00")
    await on_air.subscriber("late", Topic.AIRING_EVENING, Topic.AIRING_SOON)
    await on_air.tick("6 19:05")
    assert on_air.heard["late"] == []
    await on_air.tick("7 19:20")
    assert on_air.times("late") == ["7 19:20", "7 19:20"]  # the repeats of tomorrow, and tonight's


async def test_who_leaves_while_it_is_sent_gets_it_no_more(on_air: OnAir, database: Database) -> None:
    await on_air.subscriber("one", Topic.AIRING_EVENING)
    two = await on_air.subscriber("two", Topic.AIRING_EVENING)
    on_air.clock.at = at("6 19:00")
    await announce(database)
    await on_air.deliver(limit=1)
    async with database.work() as work:
        assert await subscriptions.leave(work, two.person, Topic.AIRING_EVENING) == [Topic.AIRING_EVENING]
    await on_air.deliver()
    assert on_air.heard["two"] == []


async def test_a_cancelled_airing_is_not_announced_and_a_moved_one_at_its_new_time(
    on_air: OnAir, database: Database, world: World
) -> None:
    await on_air.subscriber("both", Topic.AIRING_EVENING, Topic.AIRING_SOON)
    async with database.work() as work:
        airing = await schedule.airing_of(work, "A24:2026-11-07")
        assert airing is not None
        await schedule.write_down(work, airing, {"status": "moved", "starts_at": at("8 10:00")})
        radio = await schedule.airing_of(work, "R24:2026-11-03")
        assert radio is not None
        await schedule.write_down(work, radio, {"status": "cancelled", "reason": "Bão"})
    await on_air.tick("2 19:00", "6 19:00", "7 18:00")
    assert on_air.heard["both"] == []
    await on_air.tick("7 19:00", "7 19:20", "8 06:20", "8 09:25", "8 09:30", "8 10:00")
    assert on_air.times("both") == ["7 19:00", "8 09:30"]
    assert "10:00, Chủ nhật, ngày 08/11/2026" in on_air.last("both")


@pytest.mark.parametrize(
    ("hours", "told"),
    [
        ((time(21), time(6)), "8 06:20"),
        ((time(0), time(0)), "8 05:25"),  # none
        ((time(22), time(5)), "8 05:25"),
        ((time(5), time(6, 30)), "8 06:50"),  # not over midnight; that of 06:50 would come at 06:20
    ],
)
async def test_quiet_hours_are_those_of_the_configuration(
    hours: tuple[time, time], told: str, database: Database, clock: SetClock, programme: Programme
) -> None:
    database.programme = replace(programme, quiet_hours=hours)
    on_air = OnAir(database, clock)
    await on_air.load_slots()
    await on_air.subscriber("soon", Topic.AIRING_SOON)
    await on_air.walk("8 05:20", "8 06:55")
    assert on_air.times("soon")[:1] == ([told] if told != "8 06:50" else [])


# --- changes ---------------------------------------------------------------------------------------------------


async def test_a_change_is_told_at_once_with_its_repeats_to_whoever_hears_of_airings(
    on_air: OnAir, database: Database, world: World
) -> None:
    await on_air.subscriber("soon", Topic.AIRING_SOON)
    await on_air.subscriber("daily", Topic.AIRING_EVENING, daily=True)
    await on_air.subscriber("other", Topic.LINKS)
    on_air.clock.at = at("5 22:00")  # a change does not wait for the morning
    async with database.work() as work:
        await changes.move(work, world.editor, "A24:2026-11-07", at("6 20:30"), "Trùng tường thuật bóng đá")
    await on_air.deliver()
    assert on_air.last("soon") == on_air.last("daily")
    assert on_air.last("soon") == (
        "Giờ phát sóng thay đổi • Kênh KG: phát lúc 20:30, thứ Sáu, ngày 06/11/2026, "
        "không phát lúc 19:50, thứ Bảy, ngày 07/11/2026 "
        "• Kênh KG (phát lại): phát lúc 05:55, thứ Bảy, ngày 07/11/2026, "
        "không phát lúc 05:55, Chủ nhật, ngày 08/11/2026 "
        "• Kênh KG1 (phát lại): phát lúc 06:50, thứ Bảy, ngày 07/11/2026, "
        "không phát lúc 06:50, Chủ nhật, ngày 08/11/2026 Lý do: Trùng tường thuật bóng đá Xem lịch: /lich"
    )
    assert on_air.buttons["soon"] == [["Ngừng nhận tin này", "sul:airings"]]
    assert on_air.heard["other"] == []


async def test_a_cancellation_names_its_reason_and_takes_the_place_of_an_earlier_change(
    on_air: OnAir, database: Database, world: World
) -> None:
    await on_air.subscriber("soon", Topic.AIRING_SOON)
    on_air.clock.at = at("6 12:00")
    async with database.work() as work:
        await changes.move(work, world.editor, "A24:2026-11-07", at("7 20:30"), "Bóng đá")
        await changes.cancel(work, world.editor, "A24:2026-11-07", "Bão số 13")
    await on_air.deliver()
    ((_, text),) = on_air.heard["soon"]
    assert "Buổi phát sóng bị hủy • Kênh KG: không phát lúc 20:30, thứ Bảy, ngày 07/11/2026" in text
    assert "Lý do: Bão số 13" in text
    await on_air.tick("6 19:00", "7 19:20", "7 20:00")
    assert len(on_air.heard["soon"]) == 1


async def test_an_airing_added_after_its_evening_is_told_by_its_change_and_shortly_before(
    on_air: OnAir, database: Database, world: World
) -> None:
    await on_air.subscriber("both", Topic.AIRING_EVENING, Topic.AIRING_SOON)
    await on_air.tick("10 19:00")
    on_air.clock.at = at("11 10:00")
    async with database.work() as work:
        new = await changes.extra(work, at("11 20:00"), "KG", None, "Kỳ đặc biệt")
        await changes.add(work, world.editor, new)
    await on_air.tick("11 10:00", "11 19:00")
    assert on_air.heard["both"] == [("11 10:00", on_air.last("both"))]
    assert "Thêm buổi phát sóng • Kênh KG: phát lúc 20:00, thứ Tư, ngày 11/11/2026" in on_air.last("both")
    await on_air.walk("11 19:25", "11 20:05")
    assert on_air.times("both") == ["11 10:00", "11 19:30"]


# --- links and answers -------------------------------------------------------------------------------------------


async def link(on_air: OnAir, database: Database, world: World, number: int = 12) -> int:
    """As services.episodes.links adds one."""
    async with database.work() as work:
        episode_id = await episode(work, number)
        link_id = await work.insert(
            links,
            episode_id=episode_id,
            kind="youtube",
            url=f"https://youtu.be/abc{number}",
            added_at=work.now,
        )
        await stored.add(
            work, kind=BroadcastKind.LINK, audience="links", content={"link_id": link_id}, occasion=f"link:{link_id}"
        )  # fmt: skip
        return link_id


async def test_a_new_link_is_told_at_once_with_a_button_that_opens_it(
    on_air: OnAir, database: Database, world: World
) -> None:
    await on_air.subscriber("one", Topic.LINKS)
    await on_air.subscriber("daily", Topic.LINKS, daily=True)
    on_air.clock.at = at("9 10:00")
    await link(on_air, database, world)
    await on_air.deliver()
    assert "Mời ông/bà xem lại Kỳ 12/2026" in on_air.last("one")
    assert on_air.buttons["one"] == [
        ["YouTube", "https://youtu.be/abc12"],
        ["Ngừng nhận tin này", "sul:links"],
    ]
    assert on_air.heard["daily"] == []


async def test_in_the_night_a_link_waits_for_the_morning_and_for_those_who_subscribed_before(
    on_air: OnAir, database: Database, world: World
) -> None:
    await on_air.subscriber("one", Topic.LINKS)
    on_air.clock.at = at("9 23:00")
    await link(on_air, database, world)
    await on_air.deliver()
    await on_air.tick("10 01:00")
    await on_air.subscriber("later", Topic.LINKS)
    await on_air.tick("10 05:55")
    assert on_air.heard["one"] == []
    await on_air.tick("10 06:00")
    assert on_air.times("one") == ["10 06:00"]
    assert on_air.heard["later"] == []


async def test_a_link_removed_before_it_is_sent_is_told_nobody(
    on_air: OnAir, database: Database, world: World
) -> None:
    await on_air.subscriber("one", Topic.LINKS)
    on_air.clock.at = at("9 10:00")
    link_id = await link(on_air, database, world)
    async with database.work() as work:
        await work.run(sa.update(links).where(links.c.id == link_id).values(removed_at=work.now))
    await on_air.deliver()
    assert on_air.heard["one"] == []
