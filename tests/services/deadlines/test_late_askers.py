"""Who was promised a date hears honestly that it has passed: on the first and on the fifth working day late."""

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from domain.programme import Programme
from messages.words import plain, words
from services.deadlines import extensions, reminding
from services.operation.ticking import tick
from services.people.actors import Actor
from services.privacy import erasing
from services.questions import agency_work, answers, asker_decisions, question_field, screening, tracking
from storage.agencies import agencies
from storage.delivery import outbox
from storage.delivery.outbox import OutboxState
from storage.engine.database import Database, Work
from storage.people import people
from storage.rows import QuestionRow
from storage.tables import fields
from storage.tables import outbox as outbox_table
from tests.conftest import SetClock
from tests.worlds.rules import rules
from tests.worlds.world import World, told

SORRY = "Chúng tôi xin lỗi"


def at(text: str) -> datetime:
    """Programme time in 2026: "16/11 08:00"."""
    day, month, hour, minute = int(text[:2]), int(text[3:5]), int(text[6:8]), int(text[9:])
    return datetime.fromisoformat(f"2026-{month:02}-{day:02}T{hour:02}:{minute:02}+07:00").astimezone(UTC)


async def assigned(database: Database, world: World) -> QuestionRow:
    """Monday 2/11: to be answered by Monday 16/11, 17:00."""
    async with database.work() as work:
        question = await world.received(work)
        return (await screening.assign(work, world.editor, question.id, world.lead)).question


async def days(
    database: Database, clock: SetClock, first: str, last: str, hours: str = "08:00 15:00"
) -> None:
    """Twice a day the tick runs, and what was queued is delivered."""
    day, end = at(f"{first} 00:00"), at(f"{last} 23:59")
    clock.at = day
    while day <= end:
        for hour in hours.split():
            clock.at = at(f"{database.programme.local(day):%d/%m} {hour}")
            await tick(database)
            await deliver(database)
        clock.at = day
        clock.move(days=1)
        day = clock.at


async def deliver(database: Database) -> None:
    async with database.work() as work:
        while rows := await outbox.to_send(work, "telegram", 1000):  # one for each chat at a time
            for row in rows:
                await outbox.settle(work, row.id, OutboxState.SENT, sent_at=work.now, message_id=str(row.id))


async def heard(database: Database, world: World) -> dict[str, str]:
    """The day on which the asker was told, and in which words."""
    async with database.reading() as work:
        query = outbox_table.select().where(outbox_table.c.person_id == world.asker.id)
        rows = [row for row in await work.all(query.order_by(outbox_table.c.id)) if row.kind == "text"]
        said = [(row, plain(row.content.get("html", ""))) for row in rows]
        late = [(f"{work.programme.local(row.queued_at):%d/%m}", text) for row, text in said if SORRY in text]
    assert len({day for day, _ in late}) == len(late), "twice on a day"
    return dict(late)


async def test_one_message_on_the_first_and_one_on_the_fifth_working_day_late(
    database: Database, world: World, clock: SetClock
) -> None:
    question = await assigned(database, world)
    await days(database, clock, "12/11", "04/12")
    found = await heard(database, world)
    assert list(found) == ["17/11", "23/11"]  # 21/11 and 22/11 are a weekend
    assert "DH-2026-000001" in found["17/11"]
    assert "trước 17:00, thứ Hai, ngày 16/11/2026" in found["17/11"]
    assert world.lead.name in found["17/11"]
    assert "Chưa có ngày hẹn mới" in found["17/11"]
    assert question.first_due_at == question.due_at


class TestOtherDays:
    @pytest.fixture
    def programme(self) -> Programme:
        return rules(asker_after_days=(2,))

    async def test_they_are_those_of_the_configuration(
        self, database: Database, world: World, clock: SetClock
    ) -> None:
        await assigned(database, world)
        await days(database, clock, "16/11", "27/11")
        assert list(await heard(database, world)) == ["18/11"]


class TestNever:
    @pytest.fixture
    def programme(self) -> Programme:
        return rules(asker_after_days=())

    async def test_it_can_be_switched_off(self, database: Database, world: World, clock: SetClock) -> None:
        await assigned(database, world)
        await days(database, clock, "16/11", "27/11")
        assert await heard(database, world) == {}


async def test_what_an_outage_swallowed_is_said_once(
    database: Database, world: World, clock: SetClock
) -> None:
    await assigned(database, world)
    await days(database, clock, "25/11", "30/11")  # the seventh day late, and nothing was said yet
    assert list(await heard(database, world)) == ["25/11"]


async def test_nothing_goes_out_beyond_the_hours_of_reminders(
    database: Database, world: World, clock: SetClock
) -> None:
    await assigned(database, world)
    await days(database, clock, "17/11", "17/11", hours="07:00 17:30")
    assert await heard(database, world) == {}
    await days(database, clock, "18/11", "18/11")
    assert list(await heard(database, world)) == ["18/11"]


async def test_handing_it_on_washes_no_lateness_off_and_names_the_next_date(
    database: Database, world: World, clock: SetClock
) -> None:
    question = await assigned(database, world)
    await days(database, clock, "17/11", "17/11")
    clock.at = at("18/11 09:00")
    async with database.work() as work:
        await screening.assign(work, world.editor, question.id, world.other)
    await days(database, clock, "19/11", "02/12")
    found = await heard(database, world)
    assert list(found) == ["17/11", "23/11"]
    assert world.other.name in found["23/11"]
    assert "trước 17:00, thứ Hai, ngày 16/11/2026" in found["23/11"]
    assert "hạn mới: 17:00, thứ Năm, ngày 03/12/2026" in found["23/11"]


async def test_a_date_that_was_moved_in_time_and_told_so_was_not_missed(
    database: Database, world: World, clock: SetClock
) -> None:
    question = await assigned(database, world)
    clock.at = at("13/11 09:00")
    async with database.work() as work:
        await extensions.ask(work, world.officer, question.id, 5, "Chờ đo đạc.")
        await extensions.grant(work, world.editor, question.id)
    await days(database, clock, "16/11", "24/11")
    assert await heard(database, world) == {}
    await days(database, clock, "25/11", "25/11")  # late since Monday 23/11; 24/11 is a day off
    assert list(await heard(database, world)) == ["25/11"]


async def test_a_field_with_more_days_washes_no_lateness_off(
    database: Database, world: World, clock: SetClock
) -> None:
    question = await assigned(database, world)
    await days(database, clock, "17/11", "17/11")
    clock.at = at("18/11 09:00")
    async with database.work() as work:
        await work.run(sa.update(fields).where(fields.c.code == "giao-thong").values(answer_days=15))
        longer = await agencies.field(work, "giao-thong")
        assert longer is not None
        moved = (await question_field.set_field(work, world.editor, question.id, longer)).question
    assert moved.due_at == at("23/11 17:00")
    assert moved.first_due_at == at("16/11 17:00")
    await days(database, clock, "19/11", "23/11")
    found = await heard(database, world)
    assert list(found) == ["17/11", "23/11"]
    assert "trước 17:00, thứ Hai, ngày 16/11/2026" in found["23/11"]


async def test_a_question_returned_late_is_nobodys_and_its_asker_hears_so(
    database: Database, world: World, clock: SetClock
) -> None:
    question = await assigned(database, world)
    clock.at = at("17/11 07:10")
    async with database.work() as work:
        await screening.return_(work, world.officer, question.id, "Không đúng thẩm quyền.")
    await days(database, clock, "17/11", "17/11")
    assert "Ban Biên tập đang tìm cơ quan trả lời" in (await heard(database, world))["17/11"]


async def ends(work: Work, world: World, question: QuestionRow, how: str) -> None:
    """Bring a question, or its asker, where nobody is to be told."""
    match how:
        case "hidden":
            await screening.flag(work, world.officer, question.id)
        case "withdrawn":
            await asker_decisions.withdraw(work, world.asker, question.id)
        case "answered":
            await agency_work.submit(work, world.officer, question.id, "Đã xong.")
            await answers.approve(work, world.leader, question.id)
            await answers.approve(work, world.editor, question.id)
        case "unreachable":
            await people.update(work, world.asker.id, unreachable_at=work.now)
        case "erased":
            await erasing.erase_oneself(work, world.asker, update_id=1)


@pytest.mark.parametrize("how", ["hidden", "withdrawn", "answered", "unreachable", "erased"])
async def test_nobody_hears_who_should_not(
    database: Database, world: World, clock: SetClock, how: str
) -> None:
    question = await assigned(database, world)
    async with database.work() as work:
        await ends(work, world, question, how)
    await days(database, clock, "17/11", "18/11")
    assert await heard(database, world) == {}


async def test_while_the_agency_waits_for_the_asker_nothing_is_late(
    database: Database, world: World, clock: SetClock
) -> None:
    question = await assigned(database, world)
    clock.at = at("13/11 09:00")
    async with database.work() as work:
        await agency_work.ask_more(work, world.officer, question.id, "Số hồ sơ nào?")
    await days(database, clock, "17/11", "19/11")
    assert await heard(database, world) == {}
    clock.at = at("20/11 09:00")
    async with database.work() as work:
        await agency_work.supply(work, world.asker, question.id, "Số 12.")
    await days(database, clock, "20/11", "20/11")
    assert await heard(database, world) == {}  # one day was left


async def test_who_comes_back_hears_it_then(database: Database, world: World, clock: SetClock) -> None:
    question = await assigned(database, world)
    async with database.work() as work:
        await ends(work, world, question, "unreachable")
    await days(database, clock, "17/11", "18/11")
    async with database.work() as work:
        await people.update(work, world.asker.id, unreachable_at=None)
    await days(database, clock, "19/11", "20/11")
    assert list(await heard(database, world)) == ["19/11"]


async def test_what_was_answered_before_it_left_is_not_said(
    database: Database, world: World, clock: SetClock
) -> None:
    question = await assigned(database, world)
    clock.at = at("17/11 08:00")
    await tick(database)
    async with database.work() as work:
        await agency_work.submit(work, world.officer, question.id, "Đã xong.")
        (row,) = [
            one
            for one in await work.all(outbox_table.select().where(outbox_table.c.about == reminding.ABOUT))
            if SORRY in one.content["html"]
        ]
        assert await reminding.freshened(work, row) is not None  # a draft is no answer
        await answers.approve(work, world.leader, question.id)
        await answers.approve(work, world.editor, question.id)
        assert await reminding.freshened(work, row) is None


# --- who asked the same -------------------------------------------------------------------------------------------


async def heard_by(database: Database, who: Actor) -> dict[str, str]:
    """As `heard`, of anybody."""
    async with database.reading() as work:
        query = outbox_table.select().where(outbox_table.c.person_id == who.id)
        rows = [row for row in await work.all(query.order_by(outbox_table.c.id)) if row.kind == "text"]
        found = [
            (f"{work.programme.local(row.queued_at):%d/%m}", plain(row.content.get("html", "")))
            for row in rows
        ]
    late = [(day, text) for day, text in found if SORRY in text]
    assert len({day for day, _ in late}) == len(late), "twice on a day"
    return dict(late)


async def test_who_asked_the_same_hears_it_on_the_same_days_by_their_own_code(
    database: Database, world: World, clock: SetClock
) -> None:
    question = await assigned(database, world)
    async with database.work() as work:
        theirs = await world.duplicate(work, question)
    await days(database, clock, "12/11", "04/12")
    found = await heard_by(database, world.follower)
    assert list(found) == list(await heard(database, world)) == ["17/11", "23/11"]
    assert "DH-2026-000002" in found["17/11"]
    assert "gộp với câu hỏi DH-2026-000001" in found["17/11"]
    assert "trước 17:00, thứ Hai, ngày 16/11/2026" in found["17/11"]
    async with database.reading() as work:
        rows = await work.all(
            outbox_table.select()
            .where(outbox_table.c.person_id == world.follower.id)
            .order_by(outbox_table.c.id)
        )
    late = next(one.content for one in rows if SORRY in one.content.get("html", ""))
    assert late["buttons"] == [[["Theo dõi", f"tr:{theirs.id}"]]]


async def test_who_asked_both_hears_it_once_and_by_the_first(
    database: Database, world: World, clock: SetClock
) -> None:
    question = await assigned(database, world)
    async with database.work() as work:
        await world.duplicate(work, question, asker=world.asker)
        await world.duplicate(work, question)
        await world.duplicate(work, question)
    await days(database, clock, "16/11", "18/11")
    assert "DH-2026-000001" in (await heard(database, world))["17/11"]
    assert "gộp" not in (await heard(database, world))["17/11"]
    assert len(await heard_by(database, world.follower)) == 1


async def test_who_asked_the_same_hears_it_where_no_message_reaches_the_first(
    database: Database, world: World, clock: SetClock
) -> None:
    question = await assigned(database, world)
    async with database.work() as work:
        await world.duplicate(work, question)
        await ends(work, world, question, "unreachable")
    await days(database, clock, "16/11", "18/11")
    assert list(await heard_by(database, world.follower)) == ["17/11"]
    assert await heard(database, world) == {}


@pytest.mark.parametrize("how", ["hidden", "answered", "erased"])
async def test_nor_does_a_follower_hear_what_nobody_should(
    database: Database, world: World, clock: SetClock, how: str
) -> None:
    question = await assigned(database, world)
    async with database.work() as work:
        await world.duplicate(work, question)
        if how == "erased":
            await erasing.erase_oneself(work, world.follower, update_id=1)
        else:
            await ends(work, world, question, how)
    await days(database, clock, "17/11", "18/11")
    assert await heard_by(database, world.follower) == {}


async def test_a_followers_message_that_waited_is_brought_up_to_date_as_theirs(
    database: Database, world: World, clock: SetClock
) -> None:
    question = await assigned(database, world)
    async with database.work() as work:
        await world.duplicate(work, question)
    clock.at = at("17/11 08:00")
    await tick(database)
    clock.at = at("17/11 09:00")
    async with database.work() as work:
        rows = await work.all(
            outbox_table.select().where(outbox_table.c.about == reminding.ABOUT).order_by(outbox_table.c.id)
        )
        (row,) = [one for one in rows if one.person_id == world.follower.id]
        fresh = await reminding.freshened(work, row)
    assert fresh is not None
    assert "DH-2026-000002" in fresh["html"]


async def test_what_is_done_after_the_date_promises_no_day_that_has_gone_by(
    database: Database, world: World, clock: SetClock
) -> None:
    question = await assigned(database, world)
    clock.at = at("18/11 09:00")
    async with database.work() as work:
        await agency_work.accept(work, world.officer, question.id)
        await agency_work.ask_more(work, world.officer, question.id, "Thửa nào?")
        await agency_work.supply(work, world.asker, question.id, "Thửa 5.")
        tracked, _ = await tracking.tracked(work, world.asker, question.id)
    accepted, asked, thanks = (await told(database, world.asker))[-3:]
    for said in (accepted, asked, thanks):
        assert "16/11/2026" not in said
        assert "chúng tôi xin lỗi" in said
    assert "tạm dừng" not in asked  # the clock of what is overdue stands still for nobody
    assert tracked.late
    assert "16/11/2026 (đã qua, chúng tôi xin lỗi ông/bà)" in words("vi", database.programme.timezone).say(
        tracked
    )


async def test_before_the_date_it_is_told(database: Database, world: World, clock: SetClock) -> None:
    question = await assigned(database, world)
    async with database.work() as work:
        await agency_work.accept(work, world.officer, question.id)
        await agency_work.ask_more(work, world.officer, question.id, "Thửa nào?")
        await agency_work.supply(work, world.asker, question.id, "Thửa 5.")
        tracked, _ = await tracking.tracked(work, world.asker, question.id)
    accepted, asked, thanks = (await told(database, world.asker))[-3:]
    assert "ngày 16/11/2026" in accepted
    assert "tạm dừng" in asked
    assert "ngày 16/11/2026" in thanks
    assert not tracked.late


async def test_who_waits_for_an_agency_to_be_found_hears_that_it_takes_longer(
    database: Database, world: World, clock: SetClock
) -> None:
    """Received Monday 2/11: to be with an agency by Thursday 5/11, 17:00."""
    async with database.work() as work:
        question = await world.received(work)
    await days(database, clock, "03/11", "15/11")
    found = await heard(database, world)
    assert list(found) == ["06/11", "12/11"]
    for said in found.values():
        assert "trước 17:00, thứ Năm, ngày 05/11/2026" in said
        assert "Ban Biên tập đang tìm cơ quan trả lời" in said
    assert "chưa chuyển được" in found["06/11"]
    assert "lần nữa" in found["12/11"]
    async with database.work() as work:
        await screening.assign(work, world.editor, question.id, world.lead)
    await days(database, clock, "17/11", "20/11")
    assert len(await heard(database, world)) == 2  # it has an agency now, and a date to come


async def test_the_second_message_says_that_it_is_the_second(
    database: Database, world: World, clock: SetClock
) -> None:
    await assigned(database, world)
    await days(database, clock, "17/11", "23/11")
    first, second = (await heard(database, world)).values()
    assert "lần nữa" not in first
    assert "lần nữa" in second
