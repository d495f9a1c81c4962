"""Who was late: stories in which the time runs out in the agency's, the leader's or the editors' hands."""

from datetime import UTC, datetime
from typing import Any

import pytest

from domain.questions.life import HIDDEN
from messages.notices.desk import QuestionCard
from services.ledger import ledger
from services.questions import agency_work, answers, asker_decisions, cards, screening
from services.questions.facts import late_by
from storage.engine.database import Database, Work
from storage.questions import questions
from storage.rows import QuestionRow
from tests.conftest import SetClock
from tests.worlds.world import ANSWER, World

AFTER = datetime(2026, 11, 17, 3, 0, tzinfo=UTC)  # assigned on Monday 2/11: due on Monday 16/11, 17:00


async def whose(database: Database, question: QuestionRow) -> str | None:
    async with database.reading() as work:
        row = await questions.by_id(work, question.id)
        assert row is not None
        told = (await ledger.as_json(work, row))["late_by"]
        assert told == (await late_by(work, [row])).get(row.id)
        return told if told is None else str(told)


@pytest.mark.parametrize(
    ("story", "expected"),
    [
        ("received", "editors"),  # nobody assigned it
        ("assigned", "agency"),
        ("accepted", "agency"),
        ("in_approval", "leader"),
        ("with_the_editors", "editors"),
        ("waiting", None),  # the clock stands still
        ("answered", None),
        ("withdrawn", None),
    ],
)
async def test_it_is_whoever_had_it_when_its_time_ran_out(
    database: Database, world: World, clock: SetClock, story: str, expected: str | None
) -> None:
    async with database.work() as work:
        question = await getattr(world, story)(work)
    assert await whose(database, question) is None
    clock.at = AFTER
    assert await whose(database, question) == expected


async def test_what_happens_after_the_time_ran_out_changes_nothing(
    database: Database, world: World, clock: SetClock
) -> None:
    async with database.work() as work:
        question = await world.in_approval(work)
    clock.at = AFTER
    async with database.work() as work:
        await answers.send_back(work, world.leader, question.id, "Thiếu ngày.")
    assert await whose(database, question) == "leader"
    async with database.work() as work:
        await agency_work.submit(work, world.officer, question.id, ANSWER)
        await answers.approve(work, world.leader, question.id)
        await answers.approve(work, world.editor, question.id)
    assert await whose(database, question) == "leader"
    clock.move(days=30)
    async with database.work() as work:
        await answers.close_when_due(work)
    assert await whose(database, question) == "leader"


async def test_a_draft_sent_back_in_time_is_the_agencys_again(
    database: Database, world: World, clock: SetClock
) -> None:
    async with database.work() as work:
        question = await world.with_the_editors(work)
        await answers.send_back(work, world.editor, question.id, "Thiếu ngày.")
    clock.at = AFTER
    assert await whose(database, question) == "agency"


async def test_asked_for_more_when_overdue_the_agency_stays_late(
    database: Database, world: World, clock: SetClock
) -> None:
    async with database.work() as work:
        question = await world.accepted(work)
    clock.at = AFTER
    async with database.work() as work:
        await agency_work.ask_more(work, world.officer, question.id, "Số hồ sơ nào?")
    assert await whose(database, question) == "agency"


async def test_reopened_a_question_has_a_new_time(database: Database, world: World, clock: SetClock) -> None:
    async with database.work() as work:
        question = await world.with_the_editors(work)
    clock.at = AFTER
    async with database.work() as work:
        await answers.approve(work, world.editor, question.id)
    assert await whose(database, question) == "editors"
    async with database.work() as work:
        await asker_decisions.reopen(work, world.asker, question.id, "Chưa rõ.")
    assert await whose(database, question) is None
    clock.move(days=30)
    assert await whose(database, question) == "agency"


async def test_of_a_page_of_questions_each_is_told_by_one_query(
    database: Database, world: World, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with database.work() as work:
        made = [await world.accepted(work), await world.in_approval(work), await world.received(work)]
        made.append(await world.with_the_editors(work))
    clock.at = AFTER
    async with database.reading() as work:
        rows = await questions.listed(work)
        asked: list[object] = []
        run = Work.run

        async def counted(self: Work, statement: Any, *values: Any, **of: Any) -> Any:
            asked.append(statement)
            return await run(self, statement, *values, **of)

        monkeypatch.setattr(Work, "run", counted)
        told = await late_by(work, rows)
    assert [told[one.id] for one in made] == ["agency", "leader", "editors", "editors"]
    assert len(asked) == 1


async def test_the_card_says_who_is_late(database: Database, world: World, clock: SetClock) -> None:
    async with database.work() as work:
        question = await world.in_approval(work)
    clock.at = AFTER
    async with database.reading() as work:
        notice, _ = await cards.card(work, world.editor, question)
    assert isinstance(notice, QuestionCard)
    assert (notice.overdue, notice.late_by) == (True, "leader")


async def test_of_a_hidden_question_the_ledger_does_not_say(
    database: Database, world: World, clock: SetClock
) -> None:
    async with database.work() as work:
        question = await world.accepted(work)
        case = await screening.flag(work, world.officer, question.id)
        assert case.question.secrecy in HIDDEN
    clock.at = AFTER
    async with database.reading() as work:
        assert (await ledger.as_json(work, case.question))["late_by"] is None
