"""The ladder of reminders as stories: who hears what on which day, and what is dropped."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from domain.questions.life import RefusalCode, Role
from services.deadlines import reminding
from services.operation.ticking import tick
from services.people.actors import Actor, actor_of
from services.questions import agency_work, answers, screening
from storage.delivery import outbox
from storage.delivery.outbox import OutboxState
from storage.engine.database import Database, Work
from storage.people import groups, people, roles
from storage.rows import AgencyRow
from storage.tables import Row
from tests.conftest import SetClock
from tests.worlds.world import LAND, World, person, staff

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
HEADING = "Nhắc hạn"


def at(text: str) -> datetime:
    """Programme time: "2026-11-16 08:00"."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE).astimezone(UTC)


@pytest.fixture
def now(clock: SetClock) -> SetClock:
    """Monday 2/11/2026, 09:00: an answer within ten working days is due Monday 16/11, 17:00."""
    return clock


async def reminded(database: Database, who: Actor) -> list[str]:
    """The messages of reminders queued for somebody, by the day they were queued, "dd/mm: text"."""
    async with database.reading() as work:
        rows = [row for row in await rows_of(work, who.id) if row.about == reminding.ABOUT]
    return [f"{row.queued_at.astimezone(ZONE):%d/%m}" for row in rows]


async def deliver_all(work: Work) -> None:
    while rows := await outbox.to_send(work, "telegram", 1000):  # one for each chat at a time
        for row in rows:
            await outbox.settle(work, row.id, OutboxState.SENT, sent_at=work.now, message_id=str(row.id))


async def rows_of(work: Work, person_id: int | None) -> list[Row]:
    import sqlalchemy as sa

    from storage.tables import outbox as table

    return await work.all(sa.select(table).where(table.c.person_id == person_id).order_by(table.c.id))


async def days(database: Database, clock: SetClock, first: str, last: str) -> None:
    """Every morning at 08:00 and afternoon at 15:00 the tick runs, and everything queued is delivered."""
    clock.at = at(f"{first} 08:00")
    end = at(f"{last} 23:00")
    while clock.at < end:
        await tick(database)
        await deliver(database)
        clock.move(hours=7)
        await tick(database)
        await deliver(database)
        clock.move(hours=17)


async def deliver(database: Database) -> None:
    """What was queued has reached people."""
    async with database.work() as work:
        for row in await outbox.to_send(work, "telegram", 1000):
            await outbox.settle(work, row.id, OutboxState.SENT, sent_at=work.now, message_id=str(row.id))


# --- the agency -----------------------------------------------------------------------------------------------


async def test_an_officer_is_reminded_before_on_the_day_and_every_working_day_overdue(
    database: Database, world: World, now: SetClock
) -> None:
    async with database.work() as work:
        await screening.assign(work, world.editor, (await world.received(work)).id, world.lead)
    await days(database, now, "2026-11-02", "2026-11-20")
    # Due Monday 16/11: three working days before is Wednesday 11/11, one is Friday 13/11; then on the day, then daily.
    assert await reminded(database, world.officer) == [
        "11/11",
        "13/11",
        "16/11",
        "17/11",
        "18/11",
        "19/11",
        "20/11",
    ]
    # From the second overdue day the leader hears it, from the fourth the editors.
    assert await reminded(database, world.leader) == ["18/11", "19/11", "20/11"]
    assert await reminded(database, world.editor) == ["20/11"]
    assert await reminded(database, world.outsider) == []


async def test_nobody_is_reminded_on_days_off_or_outside_the_hours(
    database: Database, world: World, now: SetClock
) -> None:
    async with database.work() as work:
        await screening.assign(work, world.editor, (await world.received(work)).id, world.lead)
    for moment in ("2026-11-11 07:29", "2026-11-11 17:00", "2026-11-14 09:00", "2026-11-24 09:00"):
        now.at = at(moment)
        assert (await tick(database))["reminded"] == 0, moment
    now.at = at("2026-11-11 07:30")
    assert (await tick(database))["reminded"] == 1


async def test_accepting_stops_the_early_ones_but_not_the_last_day_or_the_overdue_ones(
    database: Database, world: World, now: SetClock
) -> None:
    async with database.work() as work:
        question = await world.received(work)
        await screening.assign(work, world.editor, question.id, world.lead)
        await agency_work.accept(work, world.officer, question.id)
    await days(database, now, "2026-11-02", "2026-11-17")
    assert await reminded(database, world.officer) == ["16/11", "17/11"]


async def test_what_is_due_is_bundled_into_one_message_a_day_with_buttons_to_act(
    database: Database, world: World, now: SetClock
) -> None:
    async with database.work() as work:
        for _ in range(3):
            await screening.assign(work, world.editor, (await world.received(work)).id, world.lead)
    now.at = at("2026-11-11 08:00")
    assert (await tick(database))["reminded"] == 1
    assert (await tick(database))["reminded"] == 0
    async with database.reading() as work:
        (row,) = [row for row in await rows_of(work, world.officer.id) if row.about == reminding.ABOUT]
    for number in (1, 2, 3):
        assert f"DH-2026-{number:06d}" in row.content["html"]
    assert "17:00, thứ Hai, ngày 16/11/2026" in row.content["html"]
    labels = [label for line in row.content["buttons"] for label, _ in line]
    assert labels.count("Nhận xử lý") == 3
    assert labels[-1] == "Việc của tôi"


async def test_a_coordinating_agency_is_reminded_until_it_has_contributed(
    database: Database, world: World, now: SetClock
) -> None:
    async with database.work() as work:
        question = await world.assigned(work)
    await days(database, now, "2026-11-02", "2026-11-11")
    assert await reminded(database, world.coordinator) == ["11/11"]
    async with database.work() as work:
        await agency_work.contribute(work, world.coordinator, question.id, "Ý kiến của Sở Xây dựng.")
    await days(database, now, "2026-11-12", "2026-11-18")
    assert await reminded(database, world.coordinator) == ["11/11"]
    assert await reminded(database, world.officer) == ["11/11", "13/11", "16/11", "17/11", "18/11"]


async def test_the_agencys_group_hears_it_too_without_words_of_the_question(
    database: Database, world: World, now: SetClock
) -> None:
    async with database.work() as work:
        await screening.assign(work, world.editor, (await world.received(work)).id, world.lead)
        await groups.link(
            work, world.lead.id, channel="telegram", address="-100", title="Sở", linked_by=world.officer.id
        )
    now.at = at("2026-11-11 08:00")
    await tick(database)
    async with database.reading() as work:
        (row,) = await rows_of(work, None)
    assert row.address == "-100"
    assert "DH-2026-000001" in row.content["html"]
    assert LAND[:20] not in row.content["html"]
    assert row.content["buttons"] == []


# --- approval, screening --------------------------------------------------------------------------------------


async def test_a_draft_waiting_for_the_leader_is_the_leaders_to_be_reminded_of(
    database: Database, world: World, now: SetClock
) -> None:
    async with database.work() as work:
        await world.in_approval(work)
    await days(database, now, "2026-11-03", "2026-11-17")
    assert await reminded(database, world.leader) == ["11/11", "13/11", "16/11", "17/11"]
    assert await reminded(database, world.officer) == []


async def test_editors_are_reminded_of_questions_they_have_not_assigned(
    database: Database, world: World, now: SetClock
) -> None:
    async with database.work() as work:
        await world.received(work)  # Monday: to be assigned by Thursday 5/11
    await days(database, now, "2026-11-02", "2026-11-11")
    assert await reminded(database, world.editor) == ["04/11", "05/11", "06/11", "09/11", "10/11", "11/11"]
    assert await reminded(database, world.admin) == ["11/11"]  # the fourth overdue day


async def test_an_agency_without_officers_is_the_editors_to_look_after(
    database: Database, world: World, now: SetClock
) -> None:
    async with database.work() as work:
        question = await world.received(work)
        bare = await agency_without_officers(work)
        await screening.assign(work, world.editor, question.id, bare)
    await days(database, now, "2026-11-03", "2026-11-03")
    async with database.reading() as work:
        rows = [row for row in await rows_of(work, world.editor.id) if row.about == reminding.ABOUT]
    assert "không có cán bộ nhận tin" in rows[-1].content["html"]


async def agency_without_officers(work: Work) -> AgencyRow:
    from storage.agencies import agencies

    row = await agencies.by_code(work, "STC")
    assert row is not None
    return row


async def test_editors_hear_once_that_an_officer_has_blocked_the_bot(
    database: Database, world: World, now: SetClock
) -> None:
    async with database.work() as work:
        colleague = await staff(work, "colleague", Role.OFFICER, "SNNMT")
        await people.update(work, colleague.id, unreachable_at=work.now)
    await days(database, now, "2026-11-02", "2026-11-06")
    assert await reminded(database, world.editor) == ["03/11"]


async def test_a_suspected_denunciation_is_told_to_editors_only(
    database: Database, world: World, now: SetClock
) -> None:
    async with database.work() as work:
        question = await world.assigned(work)
        await screening.flag(work, world.officer, question.id)
    await days(database, now, "2026-11-10", "2026-11-20")
    assert await reminded(database, world.officer) == []
    assert await reminded(database, world.leader) == []
    assert await reminded(database, world.admin) == []
    assert len(await reminded(database, world.editor)) > 3


async def test_who_may_not_read_denunciations_is_not_told_of_one_whoever_is_away(
    database: Database, world: World, now: SetClock
) -> None:
    async with database.work() as work:
        colleague = await person(work, "new editor")
        await roles.grant(work, colleague.id, Role.EDITOR, None, None, vouched=False)
        question = await world.assigned(work)
        await screening.flag(work, world.officer, question.id)
        await people.update(work, world.editor.id, unreachable_at=work.now)
    await days(database, now, "2026-11-10", "2026-11-20")
    assert await reminded(database, colleague) == []
    assert await reminded(database, world.admin) == []
    assert len(await reminded(database, world.editor)) > 3  # held until they come back


# --- the asker ------------------------------------------------------------------------------------------------


async def test_the_asker_is_reminded_once_before_the_time_to_reply_is_over(
    database: Database, world: World, now: SetClock
) -> None:
    async with database.work() as work:
        await world.waiting(work)  # asked on Monday 2/11: five working days, until Monday 9/11
    await days(database, now, "2026-11-03", "2026-11-12")
    async with database.reading() as work:
        said = [row for row in await rows_of(work, world.asker.id) if "vẫn đang chờ" in row.content["html"]]
    assert [f"{row.queued_at.astimezone(ZONE):%d/%m}" for row in said] == ["06/11"]


# --- what goes wrong --------------------------------------------------------------------------------------------


async def test_after_an_outage_there_is_one_honest_message_and_no_backlog(
    database: Database, world: World, now: SetClock
) -> None:
    async with database.work() as work:
        await screening.assign(work, world.editor, (await world.received(work)).id, world.lead)
    now.at = at("2026-11-19 08:00")  # nothing ran since: five rungs were missed
    await tick(database)
    await deliver(database)
    assert await reminded(database, world.officer) == ["19/11"]
    async with database.reading() as work:
        (row,) = [row for row in await rows_of(work, world.officer.id) if row.about == reminding.ABOUT]
    assert "Quá hạn" in row.content["html"]


async def test_a_rung_that_was_missed_by_a_day_is_made_up_for(
    database: Database, world: World, now: SetClock
) -> None:
    async with database.work() as work:
        await screening.assign(work, world.editor, (await world.received(work)).id, world.lead)
    await days(database, now, "2026-11-12", "2026-11-12")  # away on 11/11
    assert await reminded(database, world.officer) == ["12/11"]


async def test_two_processes_at_once_remind_nobody_twice(
    database: Database, database_url: str, world: World, now: SetClock
) -> None:
    import asyncio

    async with database.work() as work:
        await screening.assign(work, world.editor, (await world.received(work)).id, world.lead)
    now.at = at("2026-11-11 08:00")
    second = Database(database_url, clock=now, programme=database.programme)
    try:
        sent = await asyncio.gather(reminding.remind(database), reminding.remind(second))
    finally:
        await second.close()
    assert sum(sent) == 1
    assert await reminded(database, world.officer) == ["11/11"]


async def test_a_clock_that_jumped_ahead_and_back_keeps_nobody_from_being_reminded(
    database: Database, world: World, now: SetClock
) -> None:
    async with database.work() as work:
        await screening.assign(work, world.editor, (await world.received(work)).id, world.lead)
    now.at = at("2026-12-30 08:00")
    await tick(database)
    await deliver(database)
    await days(database, now, "2026-11-11", "2026-11-16")
    assert (await reminded(database, world.officer))[1:] == ["11/11", "13/11", "16/11"]


async def test_what_no_longer_applies_when_it_is_about_to_be_sent_is_dropped(
    database: Database, world: World, now: SetClock
) -> None:
    async with database.work() as work:
        question = await world.received(work)
        await screening.assign(work, world.editor, question.id, world.lead)
        other = await world.received(work)
        await screening.assign(work, world.editor, other.id, world.lead)
    now.at = at("2026-11-11 08:00")
    await tick(database)
    async with database.work() as work:
        await agency_work.submit(work, world.officer, question.id, "Đã xong.")
        (row,) = [row for row in await rows_of(work, world.officer.id) if row.about == reminding.ABOUT]
        content = await reminding.freshened(work, row)
    assert content is not None
    assert "DH-2026-000001" not in content["html"]
    assert "DH-2026-000002" in content["html"]
    async with database.work() as work:
        await agency_work.submit(work, world.officer, other.id, "Đã xong.")
        assert await reminding.freshened(work, row) is None


async def test_a_message_that_missed_its_hours_waits_for_the_next_working_morning(
    database: Database, world: World, now: SetClock
) -> None:
    async with database.work() as work:
        await screening.assign(work, world.editor, (await world.received(work)).id, world.lead)
    now.at = at("2026-11-13 16:59")  # Friday
    await tick(database)
    now.at = at("2026-11-13 20:00")
    async with database.reading() as work:
        (row,) = [row for row in await rows_of(work, world.officer.id) if row.about == reminding.ABOUT]
        assert await reminding.to_send_at(work, row) == at("2026-11-16 07:30")


async def test_a_reminder_that_waits_for_its_hours_holds_back_nothing_else(
    database: Database, world: World, now: SetClock
) -> None:
    async with database.work() as work:
        question = await screening.assign(work, world.editor, (await world.received(work)).id, world.lead)
        await deliver_all(work)
    now.at = at("2026-11-13 16:59")  # Friday
    await tick(database)
    now.at = at("2026-11-13 20:00")
    async with database.work() as work:
        (row,) = [row for row in await rows_of(work, world.officer.id) if row.about == reminding.ABOUT]
        later = await reminding.to_send_at(work, row)
        assert later is not None
        await outbox.postpone(work, row.id, later, "outside of the hours for reminders", counts=False)
        await screening.refuse(work, world.editor, question.question.id, RefusalCode.EMERGENCY)
        await deliver_all(work)
        rows = {one.id: one for one in await rows_of(work, world.officer.id)}
    assert rows.pop(row.id).state == OutboxState.QUEUED
    assert {one.state for one in rows.values()} == {OutboxState.SENT}
    assert "không còn là việc của cơ quan" in max(rows.items())[1].content["html"]


async def test_whoever_comes_back_after_blocking_hears_one_message_of_now(
    database: Database, world: World, now: SetClock
) -> None:
    async with database.work() as work:
        await screening.assign(work, world.editor, (await world.received(work)).id, world.lead)
        await people.update(work, world.officer.id, unreachable_at=work.now)
    await days(database, now, "2026-11-02", "2026-11-18")
    async with database.work() as work:
        await outbox.release_for(work, "telegram", world.officer.person.address or "")
        rows = [row for row in await rows_of(work, world.officer.id) if row.about == reminding.ABOUT]
    assert [row.state for row in rows].count(OutboxState.QUEUED) == 1
    assert rows[-1].state == OutboxState.QUEUED
    assert {row.state for row in rows[:-1]} == {OutboxState.DROPPED}


async def test_a_moved_due_date_is_reminded_of_anew(database: Database, world: World, now: SetClock) -> None:
    from services.deadlines import extensions

    async with database.work() as work:
        question = await world.received(work)
        await screening.assign(work, world.editor, question.id, world.lead)
    await days(database, now, "2026-11-11", "2026-11-11")
    async with database.work() as work:
        await extensions.ask(work, world.officer, question.id, 5, "Chờ đo đạc.")
        await extensions.grant(work, world.editor, question.id)  # now due Monday 23/11
    await days(database, now, "2026-11-12", "2026-11-23")
    assert await reminded(database, world.officer) == ["11/11", "18/11", "20/11", "23/11"]


async def test_an_answer_ends_all_reminders(database: Database, world: World, now: SetClock) -> None:
    async with database.work() as work:
        question = await world.in_approval(work)
        await answers.approve(work, world.leader, question.id)
        await answers.approve(work, await actor_of(work, world.editor.person), question.id)
    await days(database, now, "2026-11-03", "2026-11-20")
    for one in (world.officer, world.leader, world.editor, world.coordinator):
        assert await reminded(database, one) == []
