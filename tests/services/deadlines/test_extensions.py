"""More days to answer as stories: who asks, who decides, what the dates become, and who hears of it."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from domain.calendar.working_days import Limit
from domain.errors import Reason, RuleViolation
from domain.questions.history import EntryKind, Event
from domain.questions.life import RefusalCode, Role
from services.calendar.working_days import calendar_of
from services.deadlines import extensions
from services.people.actors import Actor
from services.questions import agency_work, answers, asker_decisions, screening
from storage.deadlines import extensions as stored
from storage.engine.database import Database, Work
from storage.questions import entries, history
from storage.rows import QuestionRow
from storage.tables import extensions as extensions_table
from tests.conftest import SetClock
from tests.services.questions.test_agency_work import refusal
from tests.worlds.world import ANSWER, World, events, look, staff, told

# The clock stands at Monday 2/11/2026; 10 days to answer end on Monday 16/11. The 24th is a day off from 2026 on.
WHY = "Chờ kết quả đo đạc"
OLD, NEW = "17:00, thứ Hai, ngày 16/11/2026", "17:00, thứ Hai, ngày 23/11/2026"


def due(day: str) -> datetime:
    """17:00 in programme time of a day of 2026."""
    return datetime.fromisoformat(f"2026-{day}T17:00:00+07:00")


async def at(database: Database, question: QuestionRow) -> QuestionRow:
    return (await look(database, question.id))[0]


async def asked(work: Work, world: World, days: int = 5) -> QuestionRow:
    """An accepted question for which the agency asks for more days."""
    question = await world.accepted(work)
    return (await extensions.ask(work, world.officer, question.id, days, WHY)).question


async def outcomes(database: Database, question: QuestionRow) -> list[str | None]:
    async with database.reading() as work:
        rows = await work.all(
            sa.select(extensions_table.c.outcome)
            .where(extensions_table.c.question_id == question.id)
            .order_by(extensions_table.c.id)
        )
    return [row.outcome for row in rows]


async def details(database: Database, question: QuestionRow, event: Event) -> dict[str, Any]:
    async with database.reading() as work:
        past = await history.of_question(work, question.id)
    found: dict[str, Any] = next(row.details for row in reversed(past) if row.event == event)
    return found


# --- asking -------------------------------------------------------------------------------------------------------


async def test_the_editors_read_who_asks_for_what_and_which_date_it_would_be(
    database: Database, world: World
) -> None:
    async with database.work() as work:
        second = await staff(work, "second editor", Role.EDITOR)
        question = await asked(work, world)
    for editor in (world.editor, second):
        last = (await told(database, editor))[-1]
        assert "Sở Nông nghiệp và Môi trường" in last
        assert WHY in last
        assert OLD in last
        assert NEW in last
    assert (await at(database, question)).due_at == due("11-16")  # until somebody decides
    assert await details(database, question, Event.EXTENSION_ASKED) == {"days": 5}
    assert await outcomes(database, question) == [None]


@pytest.mark.parametrize("reason", ["", "  \n", "\u200b"])
async def test_asking_needs_a_reason(database: Database, world: World, reason: str) -> None:
    async with database.work() as work:
        question = await world.accepted(work)
    attempt = lambda work: extensions.ask(work, world.officer, question.id, 5, reason)  # noqa: E731
    assert await refusal(database, attempt) is Reason.REASON_MISSING


@pytest.mark.parametrize("days", [-1, 0, 11, 9999])
async def test_no_fewer_than_one_and_no_more_than_ten_days_can_be_asked_for(
    database: Database, world: World, days: int
) -> None:
    async with database.work() as work:
        question = await world.accepted(work)
    attempt = lambda work: extensions.ask(work, world.officer, question.id, days, WHY)  # noqa: E731
    assert await refusal(database, attempt) is Reason.EXTENSION_TOO_LONG
    async with database.work() as work:
        await extensions.ask(work, world.officer, question.id, 10, WHY)


async def test_only_the_lead_agencys_officers_ask_and_once_at_a_time(
    database: Database, world: World
) -> None:
    async with database.work() as work:
        question = await asked(work, world)

    async def why(actor: Actor) -> Reason:
        return await refusal(database, lambda work: extensions.ask(work, actor, question.id, 2, WHY))

    assert await why(world.officer) is Reason.EXTENSION_ASKED_ALREADY
    for other in (world.leader, world.coordinator, world.editor, world.asker):
        assert await why(other) is Reason.NOT_ALLOWED
    assert await why(world.outsider) is Reason.UNKNOWN_CODE


async def test_after_its_time_a_question_is_late_and_gets_no_more_of_it(
    database: Database, world: World, clock: SetClock
) -> None:
    async with database.work() as work:
        question = await world.accepted(work)
    clock.at = due("11-16")
    attempt = lambda work: extensions.ask(work, world.officer, question.id, 5, WHY)  # noqa: E731
    assert await refusal(database, attempt) is Reason.EXTENSION_TOO_LATE
    clock.move(seconds=-1)
    async with database.work() as work:
        await extensions.ask(work, world.officer, question.id, 5, WHY)


# --- deciding -----------------------------------------------------------------------------------------------------


async def test_granted_days_count_from_the_old_due_time_and_everybody_concerned_hears_of_them(
    database: Database, world: World, clock: SetClock
) -> None:
    async with database.work() as work:
        question = await asked(work, world)
        await world.duplicate(work, question)
    clock.move(days=2)  # when the editor decides changes nothing
    async with database.work() as work:
        await extensions.grant(work, world.editor, question.id)
        calendar = await calendar_of(work)
    row = await at(database, question)
    assert question.due_at is not None
    assert row.due_at == due("11-23") == calendar.due(question.due_at, 5)
    assert (row.due_since, row.due_days) == (date(2026, 11, 2), 15)
    assert calendar.end(Limit(date(2026, 11, 2), 15)) == row.due_at
    assert row.status == "accepted"
    known = await details(database, question, Event.EXTENDED)
    assert known["days"] == 5
    assert datetime.fromisoformat(known["due_from"]) == due("11-16")
    assert datetime.fromisoformat(known["due_to"]) == due("11-23")
    for asker in (world.asker, world.follower):
        last = (await told(database, asker))[-1]
        assert OLD in last
        assert NEW in last
        assert WHY in last
    for officer in (world.officer, world.coordinator):
        last = (await told(database, officer))[-1]
        assert "được gia hạn" in last
        assert NEW in last
    assert await outcomes(database, question) == ["granted"]


async def test_several_grants_together_stay_within_the_programmes_ten_days(
    database: Database, world: World
) -> None:
    async with database.work() as work:
        question = await asked(work, world, 6)
        await extensions.grant(work, world.editor, question.id)

    async def why_not(days: int) -> Reason:
        return await refusal(
            database, lambda work: extensions.ask(work, world.officer, question.id, days, WHY)
        )

    assert await why_not(5) is Reason.EXTENSION_TOO_LONG
    async with database.work() as work:
        await extensions.ask(work, world.officer, question.id, 4, WHY)
        await extensions.grant(work, world.editor, question.id)
    assert await why_not(1) is Reason.EXTENSION_TOO_LONG
    row = await at(database, question)
    assert (row.due_since, row.due_days) == (date(2026, 11, 2), 20)
    assert row.due_at == due("12-01")  # not 30/11: the 24th is a day off


async def test_refused_days_are_not_used_up(database: Database, world: World) -> None:
    async with database.work() as work:
        question = await asked(work, world, 10)
        await extensions.refuse(work, world.editor, question.id, "Không đủ lý do")
        await extensions.ask(work, world.officer, question.id, 10, WHY)


async def test_refusing_needs_words_and_leaves_the_date(database: Database, world: World) -> None:
    async with database.work() as work:
        question = await asked(work, world)
    attempt = lambda work: extensions.refuse(work, world.editor, question.id, " ")  # noqa: E731
    assert await refusal(database, attempt) is Reason.REASON_MISSING
    heard = len(await told(database, world.asker)), len(await told(database, world.coordinator))
    async with database.work() as work:
        await extensions.refuse(work, world.editor, question.id, "Việc này đơn giản.")
        written = await entries.of_question(work, question.id, EntryKind.EXTENSION_REFUSAL)
    assert [row.text for row in written] == ["Việc này đơn giản."]
    row = await at(database, question)
    assert (row.due_at, row.due_days) == (due("11-16"), 10)
    last = (await told(database, world.officer))[-1]
    assert "không được gia hạn" in last
    assert "Việc này đơn giản." in last
    assert OLD in last
    # Nothing changed for anybody else.
    assert heard == (len(await told(database, world.asker)), len(await told(database, world.coordinator)))
    assert (await events(database, question.id))[-1] == "extension_refused"


async def test_only_editors_and_admins_decide_and_only_on_what_was_asked(
    database: Database, world: World
) -> None:
    async with database.work() as work:
        question = await world.accepted(work)

    async def why(actor: Actor) -> Reason:
        return await refusal(database, lambda work: extensions.grant(work, actor, question.id))

    assert await why(world.editor) is Reason.ALREADY_DONE  # nobody asks
    async with database.work() as work:
        await extensions.ask(work, world.officer, question.id, 5, WHY)
    for actor in (world.officer, world.leader, world.asker):
        assert await why(actor) is Reason.NOT_ALLOWED
    async with database.work() as work:
        await extensions.grant(work, world.admin, question.id)


async def test_the_button_of_an_earlier_request_does_not_decide_on_the_next(
    database: Database, world: World
) -> None:
    async with database.work() as work:
        question = await asked(work, world)
        first = await stored.undecided(work, question.id)
        assert first is not None
        await extensions.refuse(work, world.editor, question.id, "Chưa rõ lý do", first.id)
        await extensions.ask(work, world.officer, question.id, 7, WHY)
    attempt = lambda work: extensions.grant(work, world.editor, question.id, first.id)  # noqa: E731
    assert await refusal(database, attempt) is Reason.ALREADY_DONE
    assert await outcomes(database, question) == ["refused", None]


async def test_of_two_editors_who_decide_at_once_one_hears_that_it_is_done(
    database: Database, world: World
) -> None:
    async with database.work() as work:
        second = await staff(work, "second editor", Role.EDITOR)
        question = await asked(work, world)

    async def decide(editor: Actor) -> Reason | None:
        try:
            async with database.work() as work:
                await extensions.grant(work, editor, question.id)
        except RuleViolation as violation:
            return violation.reason
        return None

    said = await asyncio.gather(decide(world.editor), decide(second))
    assert set(said) == {None, Reason.ALREADY_DONE}
    row = await at(database, question)
    assert (row.due_at, row.due_days) == (due("11-23"), 15)  # given once
    assert (await events(database, question.id)).count("extended") == 1
    assert len([one for one in await told(database, world.asker) if NEW in one]) == 1


# --- the stopped clock --------------------------------------------------------------------------------------------


async def test_days_granted_while_the_asker_is_asked_count_on_after_the_reply(
    database: Database, world: World, clock: SetClock
) -> None:
    async with database.work() as work:
        question = await asked(work, world, 2)
        await agency_work.ask_more(work, world.officer, question.id, "Số hồ sơ nào?")
    heard = len(await told(database, world.asker))
    async with database.work() as work:
        await extensions.grant(work, world.editor, question.id)
    row = await at(database, question)
    assert (row.status, row.remaining_days) == ("waiting", 12)
    assert len(await told(database, world.asker)) == heard  # there is no date to tell yet
    last = (await told(database, world.officer))[-1]
    assert "12 ngày làm việc" in last
    assert "16/11" not in last  # the old date, which is none any more
    clock.move(days=3)  # to Thursday 5/11
    async with database.work() as work:
        await agency_work.supply(work, world.asker, question.id, "Hồ sơ số 123.")
    row = await at(database, question)
    assert (row.due_at, row.remaining_days) == (due("11-23"), None)
    assert (row.due_since, row.due_days) == (date(2026, 11, 5), 12)
    assert NEW in (await told(database, world.asker))[-1]


async def test_days_refused_while_the_asker_is_asked_leave_those_that_were_left(
    database: Database, world: World
) -> None:
    async with database.work() as work:
        question = await asked(work, world)
        await agency_work.ask_more(work, world.officer, question.id, "Số hồ sơ nào?")
        await extensions.refuse(work, world.editor, question.id, "Đã đủ ngày.")
    assert (await at(database, question)).remaining_days == 10
    assert "10 ngày làm việc" in (await told(database, world.officer))[-1]


async def test_extended_after_a_stop(database: Database, world: World, clock: SetClock) -> None:
    """Asked on Monday 2/11, replied on Thursday 5/11: due on 19/11. Five days more: Friday 27/11, not 26/11."""
    async with database.work() as work:
        question = await world.waiting(work)
    clock.move(days=3)
    async with database.work() as work:
        await agency_work.supply(work, world.asker, question.id, "Hồ sơ số 123.")
    assert (await at(database, question)).due_at == due("11-19")
    clock.move(days=1)
    async with database.work() as work:
        await extensions.ask(work, world.officer, question.id, 5, WHY)
        await extensions.grant(work, world.editor, question.id)
        calendar = await calendar_of(work)
    row = await at(database, question)
    assert row.due_at == due("11-27") == calendar.due(due("11-19"), 5)  # the 24th is a day off
    assert (row.due_since, row.due_days) == (date(2026, 11, 5), 15)


async def test_an_extension_may_be_granted_after_the_time_it_was_asked_in(
    database: Database, world: World, clock: SetClock
) -> None:
    async with database.work() as work:
        question = await asked(work, world)
    clock.at = due("11-18")
    async with database.work() as work:
        await extensions.grant(work, world.editor, question.id)
    assert (await at(database, question)).due_at == due(
        "11-23"
    )  # from the old due time, not from the decision


# --- what ends a request ------------------------------------------------------------------------------------------


async def reassigned(work: Work, world: World, question: QuestionRow) -> None:
    await screening.assign(work, world.editor, question.id, world.other)


async def returned(work: Work, world: World, question: QuestionRow) -> None:
    await screening.return_(work, world.officer, question.id, "Không thuộc thẩm quyền.")


async def refused(work: Work, world: World, question: QuestionRow) -> None:
    await screening.refuse(work, world.editor, question.id, RefusalCode.OUT_OF_SCOPE, "Không thuộc.")


async def merged(work: Work, world: World, question: QuestionRow) -> None:
    original = await world.received(work, asker=world.follower)
    await screening.merge(work, world.editor, question.id, original.id)


async def withdrawn(work: Work, world: World, question: QuestionRow) -> None:
    await asker_decisions.withdraw(work, world.asker, question.id)


async def answered(work: Work, world: World, question: QuestionRow) -> None:
    await agency_work.submit(work, world.officer, question.id, ANSWER)
    assert await stored.undecided(work, question.id) is not None  # a draft may be sent back yet
    await approved(work, world, question)


async def approved(work: Work, world: World, question: QuestionRow) -> None:
    await answers.approve(work, world.leader, question.id)
    await answers.approve(work, world.editor, question.id)


@pytest.mark.parametrize("end", [reassigned, returned, refused, merged, withdrawn, answered])
async def test_a_request_ends_with_the_course_in_which_it_was_made(
    database: Database, world: World, end: Callable[[Work, World, QuestionRow], Awaitable[None]]
) -> None:
    async with database.work() as work:
        question = await asked(work, world)
        await end(work, world, question)
    assert await outcomes(database, question) == ["dropped"]
    before = await at(database, question)
    reason = await refusal(database, lambda work: extensions.grant(work, world.editor, question.id))
    assert reason in {Reason.ALREADY_DONE, Reason.WRONG_STATUS, Reason.MERGED}
    assert await at(database, question) == before


async def test_another_agency_may_be_given_all_ten_days(
    database: Database, world: World, clock: SetClock
) -> None:
    async with database.work() as work:
        question = await asked(work, world, 10)
        await extensions.grant(work, world.editor, question.id)
    clock.move(days=1)
    async with database.work() as work:
        await screening.assign(work, world.editor, question.id, world.other)
        await extensions.ask(work, world.outsider, question.id, 10, WHY)


async def test_a_reopened_question_may_be_given_all_ten_days_again(
    database: Database, world: World, clock: SetClock
) -> None:
    async with database.work() as work:
        question = await asked(work, world, 10)
        await extensions.grant(work, world.editor, question.id)
        await agency_work.submit(work, world.officer, question.id, ANSWER)
        await approved(work, world, question)
    clock.move(days=1)
    async with database.work() as work:
        await asker_decisions.reopen(work, world.asker, question.id, "Chưa rõ ngày nào.")
        await extensions.ask(work, world.officer, question.id, 10, WHY)


async def test_days_that_have_gone_by_are_not_given(
    database: Database, world: World, clock: SetClock
) -> None:
    async with database.work() as work:
        question = await world.accepted(work)
        await extensions.ask(work, world.officer, question.id, 2, WHY)
    clock.at = due("11-18")  # two working days after Monday 16/11
    before = await told(database, world.asker)
    attempt = lambda work: extensions.grant(work, world.editor, question.id)  # noqa: E731
    assert await refusal(database, attempt) is Reason.EXTENSION_OVER
    assert await told(database, world.asker) == before
    clock.move(seconds=-1)
    async with database.work() as work:
        await extensions.grant(work, world.editor, question.id)
    assert "17:00, thứ Tư, ngày 18/11/2026" in (await told(database, world.asker))[-1]
