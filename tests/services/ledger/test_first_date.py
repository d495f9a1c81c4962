"""Handing a question on washes no lateness off: the first date that its asker was told is kept, and counted against."""

from datetime import UTC, datetime

from domain.questions.life import Role
from messages.words import plain
from services.ledger import exports, ledger
from services.ledger.digests import ABOUT, send_digests
from services.questions import answers, asker_decisions, screening
from services.questions.agency_work import submit
from storage.engine.database import Database, Work
from storage.ledger import digests
from storage.questions import questions
from storage.rows import QuestionRow
from storage.tables import outbox
from tests.conftest import SetClock
from tests.worlds.world import ANSWER, World
from tests.worlds.world import staff as hired


def at(day: int, hour: int, month: int = 11) -> datetime:
    """An hour of programme time in 2026."""
    return datetime(2026, month, day, hour - 7, tzinfo=UTC)


async def handed_on_late(database: Database, world: World, clock: SetClock) -> QuestionRow:
    """Due on Monday 16/11 with one agency; on the 18th another gets it, until Wednesday 2/12."""
    async with database.work() as work:
        question = await world.assigned(work)
    clock.at = at(18, 9)
    async with database.work() as work:
        return (await screening.assign(work, world.editor, question.id, world.other)).question


async def json_of(database: Database, question: QuestionRow) -> dict[str, object]:
    async with database.reading() as work:
        row = await questions.by_id(work, question.id)
        assert row is not None
        return await ledger.as_json(work, row)


async def test_the_ledger_keeps_the_first_limit_beside_the_one_of_now(
    database: Database, world: World, clock: SetClock
) -> None:
    async with database.work() as work:
        fresh = await world.received(work)
    assert (await json_of(database, fresh))["first_due_at"] is None
    json = await json_of(database, await handed_on_late(database, world, clock))
    assert json["first_due_at"] == "2026-11-16T17:00:00+07:00"
    assert json["due_at"] == "2026-12-03T17:00:00+07:00"
    assert json["owner"] is None


async def days_late(work: Work, question: QuestionRow) -> tuple[object, object]:
    """In the spreadsheet: after the limit of now, and after the first one."""
    row = await questions.by_id(work, question.id)
    assert row is not None
    (line,) = await ledger.lines(work, [row])
    job = await exports.next_job(work)
    assert job is not None
    cells = dict(zip((key for key, _ in exports._COLUMNS), job.in_words.cells(line), strict=True))
    return cells["late_days"], cells["late_days_first"]


async def test_the_spreadsheet_counts_both(database: Database, world: World, clock: SetClock) -> None:
    from domain.periods import Period

    question = await handed_on_late(database, world, clock)
    async with database.work() as work:
        first = work.programme.local(question.received_at).date()
        await exports.ask(work, world.admin, Period(first, first))
        assert await days_late(work, question) == (None, 2)
    clock.at = at(4, 9, 12)
    async with database.work() as work:
        assert await days_late(work, question) == (1, 13)


async def test_the_digest_counts_both(database: Database, world: World, clock: SetClock) -> None:
    await handed_on_late(database, world, clock)
    clock.at = at(19, 8)
    await send_digests(database)
    async with database.reading() as work:
        query = outbox.select().where(outbox.c.person_id == world.editor.id, outbox.c.about == ABOUT)
        said = [plain(row.content["html"]) for row in await work.all(query.order_by(outbox.c.id))]
    assert "Đang quá hạn: 0" in said[-1]
    assert "Quá ngày hẹn đầu tiên với người hỏi: 1" in said[-1]


async def test_an_answer_in_time_for_the_second_agency_is_late_by_the_first_date(
    database: Database, world: World, clock: SetClock
) -> None:
    question = await handed_on_late(database, world, clock)
    async with database.work() as work:
        officer = await hired(work, "officer of the second", Role.OFFICER, "SYT")
        await submit(work, officer, question.id, ANSWER)
        await answers.approve(work, world.editor, question.id)
        (row,) = await digests.answered(work, at(18, 8), at(19, 8))
    assert (row.how_many, row.on_time, row.on_first) == (1, 1, 0)


async def test_what_was_reopened_has_the_limit_of_its_second_round(
    database: Database, world: World, clock: SetClock
) -> None:
    async with database.work() as work:
        question = await world.answered(work)
    clock.at = at(10, 9)
    async with database.work() as work:
        await asker_decisions.reopen(work, world.asker, question.id, "Chưa rõ.")
    clock.at = at(17, 9)  # past the 16th, and before the new limit
    async with database.reading() as work:
        assert await digests.overdue(work, work.now) == []
