"""Clarifications that nobody answers: the question goes back to the agency, with a due time that is no accident."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from domain.errors import Reason
from domain.questions.life import Intake
from services.deadlines import clarifications
from services.questions import agency_work, intake, screening
from storage.engine.database import Database, Work
from storage.questions import history, questions
from storage.rows import ClarificationRow, QuestionRow
from tests.conftest import SetClock
from tests.services.questions.test_agency_work import refusal
from tests.worlds.world import LAND, World, events, look, status, told

# Asked on Monday 2/11/2026 the asker has five days, to Monday 9/11 at 17:00. The ten days that were left then
# count on from that moment: to Monday 23/11 at 17:00.
REPLY_BY = datetime(2026, 11, 9, 10, tzinfo=UTC)
DUE = datetime(2026, 11, 23, 10, tzinfo=UTC)


@pytest.fixture
async def question(database: Database, world: World) -> QuestionRow:
    """An officer has just asked its asker for more."""
    async with database.work() as work:
        return await world.waiting(work)


async def tick(database: Database) -> int:
    async with database.work() as work:
        return await clarifications.resume_unanswered(work)


async def at(database: Database, question: QuestionRow) -> QuestionRow:
    return (await look(database, question.id))[0]


async def test_until_the_time_to_reply_is_over_the_question_waits(
    database: Database, question: QuestionRow, clock: SetClock
) -> None:
    clock.at = REPLY_BY
    assert await tick(database) == 0
    assert await at(database, question) == question
    clock.move(seconds=1)
    assert await tick(database) == 1
    assert await status(database, question.id) == "accepted"


@pytest.mark.parametrize("late", [{"seconds": 1}, {"hours": 14}, {"days": 3}, {"days": 30}])
async def test_the_due_time_counts_on_from_the_end_of_the_time_to_reply_however_late_anybody_looks(
    database: Database, question: QuestionRow, clock: SetClock, late: dict[str, float]
) -> None:
    clock.at = REPLY_BY
    clock.move(**late)
    assert await tick(database) == 1
    row = await at(database, question)
    assert (row.status, row.remaining_days) == ("accepted", None)
    assert (row.due_at, row.due_since, row.due_days) == (DUE, date(2026, 11, 9), 10)
    async with database.reading() as work:
        assert await questions.open_clarification(work, question.id) is None
        last = (await history.of_question(work, question.id))[-1]
    assert (last.event, last.actor_id, last.actor_role) == ("resumed", None, "programme")
    assert datetime.fromisoformat(last.details["due_to"]) == DUE


async def test_asker_and_officers_hear_once_and_nobody_else(
    database: Database, world: World, question: QuestionRow, clock: SetClock
) -> None:
    everybody = (world.asker, world.officer, world.leader, world.coordinator, world.editor, world.outsider)
    before = [len(await told(database, one)) for one in everybody]
    clock.at = REPLY_BY
    clock.move(days=1)
    assert [await tick(database) for _ in range(3)] == [1, 0, 0]
    heard = [len(await told(database, one)) - had for one, had in zip(everybody, before, strict=True)]
    assert heard == [1, 1, 0, 0, 0, 0]
    for one in (world.asker, world.officer):
        assert "17:00, thứ Hai, ngày 23/11/2026" in (await told(database, one))[-1]
    assert (await events(database, question.id)).count("resumed") == 1


async def test_a_reply_in_time_leaves_nothing_to_do(
    database: Database, world: World, question: QuestionRow, clock: SetClock
) -> None:
    clock.at = REPLY_BY
    async with database.work() as work:
        await agency_work.supply(work, world.asker, question.id, "Hồ sơ số 123.")
    clock.move(days=3)
    assert await tick(database) == 0
    assert (await at(database, question)).due_at == DUE


async def test_a_late_reply_that_comes_before_anybody_looked_is_taken_but_gains_no_time(
    database: Database, world: World, question: QuestionRow, clock: SetClock
) -> None:
    clock.at = REPLY_BY
    clock.move(days=2)
    async with database.work() as work:
        await agency_work.supply(work, world.asker, question.id, "Hồ sơ số 123.")
    assert (await at(database, question)).due_at == DUE
    assert await tick(database) == 0


async def test_a_reply_after_the_agency_went_on_comes_too_late(
    database: Database, world: World, question: QuestionRow, clock: SetClock
) -> None:
    clock.at = REPLY_BY
    clock.move(days=1)
    await tick(database)
    before = await look(database, question.id)
    attempt = lambda work: agency_work.supply(work, world.asker, question.id, "Số 123.")  # noqa: E731
    assert await refusal(database, attempt) is Reason.ALREADY_DONE
    assert await look(database, question.id) == before


async def test_a_reply_that_arrives_while_the_tick_looks_wins(
    database: Database, world: World, question: QuestionRow, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock.at = REPLY_BY
    clock.move(days=1)
    async with database.reading() as work:
        found = await questions.unanswered_clarifications(work, 10)
    async with database.work() as work:
        await agency_work.supply(work, world.asker, question.id, "Hồ sơ số 123.")

    async def seen_before(*_: Any) -> list[ClarificationRow]:
        return found

    monkeypatch.setattr(questions, "unanswered_clarifications", seen_before)
    assert await tick(database) == 0
    assert (await events(database, question.id))[-1] == "supplied"
    # Asked again meanwhile, it waits for another reply than the one that was found.
    async with database.work() as work:
        await agency_work.ask_more(work, world.officer, question.id, "Còn thửa đất nào?")
    assert await tick(database) == 0
    assert await status(database, question.id) == "waiting"


async def test_an_overdue_question_stays_as_overdue_as_it_was(
    database: Database, world: World, clock: SetClock
) -> None:
    async with database.work() as work:
        question = await world.accepted(work)
    clock.move(days=20)  # the clock of what is overdue does not stop
    async with database.work() as work:
        await agency_work.ask_more(work, world.officer, question.id, "Số hồ sơ nào?")
    clock.move(days=10)
    assert await tick(database) == 1
    row = await at(database, question)
    assert (row.status, row.due_at, row.due_days) == ("accepted", question.due_at, 10)
    last = (await told(database, world.asker))[-1]
    assert "theo những gì đã có." in last  # and not: by a day that is past
    assert "16/11/2026" not in last
    assert "16/11/2026" in (await told(database, world.officer))[-1]


async def test_what_may_be_a_denunciation_moves_without_a_word(
    database: Database, world: World, clock: SetClock
) -> None:
    async with database.work() as work:
        question = await world.waiting(work)
        await screening.flag(work, world.officer, question.id)
    everybody = (world.asker, world.editor, world.admin, world.officer, world.leader, world.coordinator)
    before = [await told(database, one) for one in everybody]
    clock.at = REPLY_BY
    clock.move(days=1)
    assert await tick(database) == 1
    row = (await look(database, question.id))[0]
    assert (row.status, row.due_at) == ("accepted", DUE)
    assert [await told(database, one) for one in everybody] == before  # only a reader's card changes, unheard


async def test_one_that_came_by_post_goes_on_too(database: Database, world: World, clock: SetClock) -> None:
    async with database.work() as work:
        question = await by_post(work, world)
    clock.at = REPLY_BY
    clock.move(days=1)
    assert await tick(database) == 1
    assert (await at(database, question)).due_at == DUE
    assert "23/11/2026" in (await told(database, world.officer))[-1]


async def by_post(work: Work, world: World) -> QuestionRow:
    question = await intake.enter_by_hand(
        work,
        world.editor,
        Intake.POST,
        LAND,
        full_name="Ông Tư",
        home_address="Xã An Biên",
        contact="0912345678",
    )
    await screening.assign(work, world.editor, question.id, world.lead)
    return (await agency_work.ask_more(work, world.officer, question.id, "Số hồ sơ nào?")).question


async def test_many_are_taken_in_short_ticks_the_oldest_first(
    database: Database, world: World, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clarifications, "AT_ONCE", 1)
    async with database.work() as work:
        first = await world.waiting(work)
    clock.move(days=1)
    async with database.work() as work:
        second = await world.waiting(work)
    clock.move(days=14)
    assert await tick(database) == 1
    assert [await status(database, one.id) for one in (first, second)] == ["accepted", "waiting"]
    assert [await tick(database) for _ in range(2)] == [1, 0]
