"""What answers promise: recorded, moved with words, reported as kept; every asker hears of it by their own code."""

import asyncio
from datetime import date, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from domain.errors import Reason, RuleViolation
from domain.questions.history import EntryKind, Event
from domain.questions.life import Role
from services.deadlines import promises
from services.people.actors import Actor
from services.questions import asker_decisions
from services.questions.case import code_of
from storage.deadlines import promises as stored
from storage.deadlines import running
from storage.engine.database import Database, Work
from storage.questions import entries, history
from storage.rows import QuestionRow
from storage.tables import outbox
from tests.conftest import SetClock
from tests.services.questions.test_agency_work import refusal
from tests.worlds.world import ANSWER, World, brings_up_to_date, events, look, staff, told

# The clock stands at Monday 2/11/2026, 09:00; ANSWER names 30/11/2026, a Monday.
THIRTIETH, FOURTH = date(2026, 11, 30), date(2026, 12, 4)
ROAD = "Sửa xong đoạn đường trước chợ"


def close(day: date) -> datetime:
    return datetime.fromisoformat(f"{day}T17:00:00+07:00")


async def promised(work: Work, world: World, day: date = THIRTIETH, text: str = ROAD) -> QuestionRow:
    question = await world.answered(work)
    return (await promises.record(work, world.officer, question.id, day, text)).question


async def held(database: Database, question: QuestionRow) -> list[tuple[str, datetime, datetime | None]]:
    async with database.reading() as work:
        return [
            (one.text or "", one.due_at, one.kept_at) for one in await stored.of_question(work, question.id)
        ]


async def details(database: Database, question: QuestionRow, event: Event) -> dict[str, Any]:
    async with database.reading() as work:
        past = await history.of_question(work, question.id)
    found: dict[str, Any] = next(row.details for row in reversed(past) if row.event == event)
    return found


# --- recording ----------------------------------------------------------------------------------------------------


async def test_a_recorded_promise_is_told_to_the_asker_with_its_day(database: Database, world: World) -> None:
    async with database.work() as work:
        question = await promised(work, world)
        code = code_of(work, question)
        written = await entries.of_question(work, question.id, EntryKind.PROMISE)
    assert [row.text for row in written] == [ROAD]
    assert await held(database, question) == [(ROAD, close(THIRTIETH), None)]
    last = (await told(database, world.asker))[-1]
    for words in (code, ROAD, "Sở Nông nghiệp và Môi trường", "thứ Hai, ngày 30/11/2026"):
        assert words in last
    assert (await look(database, question.id))[0].status == "answered"
    known = await details(database, question, Event.PROMISED)
    assert datetime.fromisoformat(known["due_to"]) == close(THIRTIETH)


async def test_the_answers_own_sentence_is_recorded_with_one_tap(database: Database, world: World) -> None:
    async with database.work() as work:
        question = await world.answered(work)
    assert "30/11/2026" in str((await buttons(database, world.officer))[-1])
    async with database.work() as work:
        await promises.record_named(work, world.officer, question.id, THIRTIETH)
    assert await held(database, question) == [(ANSWER, close(THIRTIETH), None)]
    again = lambda work: promises.record_named(work, world.officer, question.id, THIRTIETH)  # noqa: E731
    assert await refusal(database, again) is Reason.ALREADY_DONE
    other = lambda work: promises.record_named(work, world.officer, question.id, FOURTH)  # noqa: E731
    assert await refusal(database, other) is Reason.STALE_BUTTON


async def buttons(database: Database, actor: Actor) -> list[Any]:
    async with database.reading() as work:
        rows = await work.all(sa.select(outbox).where(outbox.c.person_id == actor.id).order_by(outbox.c.id))
    return [row.content.get("buttons") for row in rows if not brings_up_to_date(row)]


async def test_a_day_that_the_corrected_answer_no_longer_names_is_no_promise_of_it(
    database: Database, world: World
) -> None:
    async with database.work() as work:
        question = await world.answered(work)
        await world.corrected(work, question.id, "Xong trước ngày 4/12/2026.", "Nhầm ngày.")
    attempt = lambda work: promises.record_named(work, world.officer, question.id, THIRTIETH)  # noqa: E731
    assert await refusal(database, attempt) is Reason.STALE_BUTTON
    async with database.work() as work:
        await promises.record_named(work, world.officer, question.id, FOURTH)
    assert await held(database, question) == [("Xong trước ngày 4/12/2026.", close(FOURTH), None)]


async def test_followers_hear_with_their_own_code(database: Database, world: World) -> None:
    async with database.work() as work:
        question = await world.answered(work)
        own = await world.duplicate(work, question)
        first, second = code_of(work, question), code_of(work, own)
        await promises.record(work, world.officer, question.id, THIRTIETH, ROAD)
        await promises.move(work, world.officer, question.id, FOURTH, "Mưa lớn")
        await promises.report_kept(work, world.officer, question.id, "Đã thông xe.")
    for asker, code, another in ((world.asker, first, second), (world.follower, second, first)):
        heard = (await told(database, asker))[-3:]
        assert all(code in one and another not in one for one in heard)
        assert ROAD in heard[0]
        assert "Mưa lớn" in heard[1]
        assert "Đã thông xe." in heard[2]


@pytest.mark.parametrize("day", [date(2026, 11, 1), date(2025, 11, 30)])
async def test_a_past_day_is_no_promise(database: Database, world: World, day: date) -> None:
    async with database.work() as work:
        question = await world.answered(work)
    attempt = lambda work: promises.record(work, world.officer, question.id, day, ROAD)  # noqa: E731
    assert await refusal(database, attempt) is Reason.PROMISE_IN_THE_PAST


async def test_today_is_promised_until_the_offices_close(
    database: Database, world: World, clock: SetClock
) -> None:
    today = date(2026, 11, 2)
    async with database.work() as work:
        question = await promised(work, world, today)
    clock.at = close(today)
    attempt = lambda work: promises.record(work, world.officer, question.id, today, "Khác")  # noqa: E731
    assert await refusal(database, attempt) is Reason.PROMISE_IN_THE_PAST


async def test_the_same_promise_stands_once_but_a_question_may_have_several(
    database: Database, world: World
) -> None:
    async with database.work() as work:
        question = await promised(work, world)

    async def why(day: date, text: str) -> Reason:
        return await refusal(
            database, lambda work: promises.record(work, world.leader, question.id, day, text)
        )

    assert await why(THIRTIETH, f" {ROAD}\n") is Reason.ALREADY_DONE
    assert await why(THIRTIETH, " ") is Reason.TEXT_MISSING
    async with database.work() as work:
        await promises.record(work, world.leader, question.id, THIRTIETH, "Lắp đèn")
        await promises.record(work, world.editor, question.id, date(2026, 11, 20), "Lấp ổ gà")
    assert [text for text, _, _ in await held(database, question)] == ["Lấp ổ gà", ROAD, "Lắp đèn"]


async def test_only_answers_promise_and_only_their_agency_and_editors_say_so(
    database: Database, world: World
) -> None:
    async with database.work() as work:
        unanswered, question = await world.accepted(work), await world.answered(work)

    async def why(actor: Actor, which: QuestionRow) -> Reason:
        return await refusal(database, lambda work: promises.record(work, actor, which.id, THIRTIETH, ROAD))

    assert await why(world.officer, unanswered) is Reason.WRONG_STATUS
    for actor in (world.asker, world.coordinator):
        assert await why(actor, question) is Reason.NOT_ALLOWED
    assert await why(world.outsider, question) is Reason.UNKNOWN_CODE


# --- another date -------------------------------------------------------------------------------------------------


async def test_a_moved_promise_tells_both_dates_and_the_reason(database: Database, world: World) -> None:
    async with database.work() as work:
        question = await promised(work, world)
        await promises.move(work, world.officer, question.id, FOURTH, "Mưa lớn, chưa thi công được.")
    assert await held(database, question) == [(ROAD, close(FOURTH), None)]
    last = (await told(database, world.asker))[-1]
    for words in ("ngày 30/11/2026", "ngày 04/12/2026", "Mưa lớn, chưa thi công được.", "cơ quan đổi ngày"):
        assert words in last
    known = await details(database, question, Event.PROMISE_MOVED)
    assert datetime.fromisoformat(known["due_from"]) == close(THIRTIETH)
    assert datetime.fromisoformat(known["due_to"]) == close(FOURTH)


async def test_moving_needs_a_reason_and_another_day_to_come(database: Database, world: World) -> None:
    async with database.work() as work:
        question = await promised(work, world)

    async def why(day: date, words: str) -> Reason:
        return await refusal(
            database, lambda work: promises.move(work, world.officer, question.id, day, words)
        )

    assert await why(FOURTH, "") is Reason.REASON_MISSING
    assert await why(date(2026, 11, 1), "Mưa") is Reason.PROMISE_IN_THE_PAST
    assert await why(THIRTIETH, "Mưa") is Reason.ALREADY_DONE
    assert await held(database, question) == [(ROAD, close(THIRTIETH), None)]


# --- kept ---------------------------------------------------------------------------------------------------------


async def test_a_kept_promise_is_reported_to_the_asker_once(
    database: Database, world: World, clock: SetClock
) -> None:
    async with database.work() as work:
        question = await promised(work, world)
    clock.move(days=20)
    async with database.work() as work:
        await promises.report_kept(work, world.officer, question.id, "Đã thông xe sáng nay.")
    assert await held(database, question) == [(ROAD, close(THIRTIETH), clock.now())]
    last = (await told(database, world.asker))[-1]
    assert ROAD in last
    assert "Đã thông xe sáng nay." in last
    assert (await events(database, question.id))[-1] == "promise_kept"
    attempt = lambda work: promises.report_kept(work, world.officer, question.id, "")  # noqa: E731
    assert await refusal(database, attempt) is Reason.NO_PROMISE
    move = lambda work: promises.move(work, world.officer, question.id, FOURTH, "Mưa")  # noqa: E731
    assert await refusal(database, move) is Reason.NO_PROMISE


async def test_without_naming_one_the_earliest_open_promise_is_meant(
    database: Database, world: World
) -> None:
    async with database.work() as work:
        question = await promised(work, world)
        await promises.record(work, world.officer, question.id, date(2026, 11, 20), "Lấp ổ gà")
        first, second = await stored.of_question(work, question.id)
        await promises.report_kept(work, world.officer, question.id, "")
        await promises.move(work, world.officer, question.id, FOURTH, "Mưa", second.id)
    kept = [(text, at is not None) for text, _, at in await held(database, question)]
    assert kept == [("Lấp ổ gà", True), (ROAD, False)]
    attempt = lambda work: promises.report_kept(work, world.officer, question.id, "", first.id)  # noqa: E731
    assert await refusal(database, attempt) is Reason.ALREADY_DONE


async def test_where_nothing_was_promised_nothing_can_be_kept(database: Database, world: World) -> None:
    async with database.work() as work:
        question = await world.answered(work)
    attempt = lambda work: promises.report_kept(work, world.officer, question.id, "Xong")  # noqa: E731
    assert await refusal(database, attempt) is Reason.NO_PROMISE


async def test_two_who_report_it_at_once_tell_the_asker_once(database: Database, world: World) -> None:
    async with database.work() as work:
        question = await promised(work, world)
        second = await staff(work, "second officer", Role.OFFICER, "SNNMT")
        one = (await stored.of_question(work, question.id))[0]

    async def report(officer: Actor) -> Reason | None:
        try:
            async with database.work() as work:
                await promises.report_kept(work, officer, question.id, "Xong.", one.id)
        except RuleViolation as violation:
            return violation.reason
        return None

    assert set(await asyncio.gather(report(world.officer), report(second))) == {None, Reason.ALREADY_DONE}
    assert (await events(database, question.id)).count("promise_kept") == 1
    assert len([text for text in await told(database, world.asker) if "Xong." in text]) == 1


async def test_a_promise_is_followed_up_while_the_question_is_open_again(
    database: Database, world: World
) -> None:
    async with database.work() as work:
        question = await promised(work, world)
        await asker_decisions.reopen(work, world.asker, question.id, "Đèn chưa sáng.")
        await promises.report_kept(work, world.officer, question.id, "Đã xong.")
    assert (await held(database, question))[0][2] is not None


# --- withdrawing ----------------------------------------------------------------------------------------------------


async def test_a_withdrawn_promise_is_told_with_its_reason_and_reminds_nobody(
    database: Database, world: World
) -> None:
    async with database.work() as work:
        question = await promised(work, world)
        await promises.withdraw(work, world.leader, question.id, "Không còn kinh phí.")
    said = (await told(database, world.asker))[-1]
    assert ROAD in said
    assert "Không còn kinh phí." in said
    assert "30/11/2026" in said
    assert await held(database, question) == []
    assert (await events(database, question.id))[-1] == "promise_withdrawn"
    async with database.reading() as work:
        assert await running.promises_due(work, close(FOURTH)) == []
    assert (
        await refusal(database, lambda work: promises.report_kept(work, world.officer, question.id, ""))
        is Reason.NO_PROMISE
    )


async def test_a_promise_is_withdrawn_with_a_reason_and_only_once(database: Database, world: World) -> None:
    async with database.work() as work:
        question = await promised(work, world)
        (one,) = await stored.of_question(work, question.id)
    assert (
        await refusal(database, lambda work: promises.withdraw(work, world.officer, question.id, " "))
        is Reason.REASON_MISSING
    )
    async with database.work() as work:
        await promises.withdraw(work, world.officer, question.id, "Không còn kinh phí.", one.id)
        assert not await stored.keep(work, one.id)
        assert not await stored.withdraw(work, one.id)
    async with database.work() as work:  # what was withdrawn may be promised anew
        await promises.record(work, world.officer, question.id, THIRTIETH, ROAD)
    assert await held(database, question) == [(ROAD, close(THIRTIETH), None)]
