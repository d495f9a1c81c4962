"""The warning of a year whose official days nobody has confirmed."""

from datetime import UTC, datetime

import pytest

from domain.questions.life import Role
from services.calendar import official_year
from services.operation.ticking import tick
from storage.calendar import days
from storage.delivery import occasions
from storage.engine.database import Database
from tests.conftest import SetClock
from tests.worlds.world import World, staff, told


def local(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+07:00").astimezone(UTC)


async def warned(database: Database) -> int:
    async with database.work() as work:
        return await official_year.warn_of_unconfirmed_year(work)


async def test_each_admin_is_warned_once_a_week_until_the_year_is_confirmed(
    database: Database, world: World, clock: SetClock
) -> None:
    async with database.work() as work:
        second = await staff(work, "second admin", Role.ADMIN)
    assert [await warned(database), await warned(database)] == [2, 0]
    clock.at = local("2026-11-06T16:00:00")  # Friday of the same week
    assert await warned(database) == 0
    clock.at = local("2026-11-09T08:00:00")  # the Monday after
    assert await warned(database) == 2
    (first, again) = await told(database, second)
    assert first == again
    assert "Ngày nghỉ năm 2027 chưa được xác nhận" in first
    assert "thứ Năm, ngày 04/02/2027" in first
    async with database.work() as work:
        await official_year.confirm(work, world.admin, 2027)
    clock.at = local("2026-11-16T08:00:00")
    assert await warned(database) == 0
    assert await told(database, world.editor) == []


@pytest.mark.parametrize(
    ("at", "times", "reason"),
    [
        ("2026-10-30T09:00:00", 0, "more than 60 days before 2027"),
        ("2026-11-03T07:29:00", 0, "before reminders are sent"),
        ("2026-11-03T07:30:00", 1, "from when reminders are sent"),
        ("2026-11-03T16:59:00", 1, "the last minute"),
        ("2026-11-03T17:00:00", 0, "after hours"),
        ("2026-11-07T09:00:00", 0, "a Saturday"),
        ("2026-11-24T09:00:00", 0, "Culture Day"),
        ("2027-03-01T09:00:00", 1, "the year has begun unconfirmed"),
    ],
)
async def test_the_warning_comes_from_sixty_days_before_in_working_hours(
    database: Database, world: World, clock: SetClock, at: str, times: int, reason: str
) -> None:
    clock.at = local(at)
    assert await warned(database) == times, reason


async def test_the_turn_of_the_year_is_one_week(database: Database, world: World, clock: SetClock) -> None:
    """Monday 28/12/2026 and Monday 4/1/2027 lie in weeks 53 of 2026 and 1 of 2027."""
    clock.at = local("2026-12-28T09:00:00")
    assert await warned(database) == 1
    clock.at = local("2026-12-31T09:00:00")
    assert await warned(database) == 0
    clock.at = local("2027-01-04T09:00:00")
    assert await warned(database) == 1


async def test_a_tick_warns_and_a_second_one_does_not(database: Database, world: World) -> None:
    assert (await tick(database))["year_warnings"] == 1
    assert (await tick(database))["year_warnings"] == 0


async def test_an_occasion_is_taken_once_by_each_recipient_and_kind(database: Database) -> None:
    async with database.work() as work:
        assert await occasions.claim(work, "person:1", "year", "2027:2026-W45")
        assert not await occasions.claim(work, "person:1", "year", "2027:2026-W45")
        assert await occasions.claim(work, "person:2", "year", "2027:2026-W45")
        assert await occasions.claim(work, "person:1", "daily", "2027:2026-W45")
        assert await occasions.claim(work, "person:1", "year", "2027:2026-W46")
    async with database.work() as work:
        assert not await occasions.claim(work, "person:2", "year", "2027:2026-W45")


async def test_two_confirmations_of_a_year_leave_one(database: Database, world: World) -> None:
    async with database.work() as work:
        assert await days.confirm_year(work, 2027, world.admin.id)
        assert not await days.confirm_year(work, 2027, world.admin.id)
