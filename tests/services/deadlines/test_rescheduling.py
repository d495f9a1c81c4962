"""The list of days changes: which deadlines move, what is kept of it, and who hears of it how often."""

import asyncio
from datetime import date, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.calendar.working_days import DayChange, DayKind, Limit
from domain.errors import Reason, RuleViolation
from domain.questions.history import Event
from domain.questions.life import Intake, Role, Status
from services.calendar.working_days import calendar_of, limit_of
from services.deadlines import rescheduling
from services.deadlines.rescheduling import Rescheduling
from services.operation.loading import LOADERS
from services.questions import agency_work, intake, screening
from storage.calendar import days
from storage.delivery.outbox import OutboxState
from storage.engine.database import Database, Work
from storage.people import people
from storage.questions import history, questions
from storage.questions.history import ToldHistoryRow
from storage.rows import QuestionRow
from storage.tables import clarifications, outbox
from storage.tables import history as history_table
from storage.tables import questions as questions_table
from tests.conftest import SetClock
from tests.worlds.world import World, events, look, staff, told

# The clock stands at Monday 2/11/2026. A limit of 10 days ends on Monday 16/11, one of 3 on Thursday 5/11, the
# asker's 5 days on Monday 9/11.


def off(*dates: str) -> list[DayChange]:
    return [DayChange(date.fromisoformat(f"2026-{day}"), DayKind.OFF) for day in dates]


def worked(*dates: str) -> list[DayChange]:
    return [DayChange(date.fromisoformat(f"2026-{day}"), DayKind.WORK) for day in dates]


def due(day: str) -> datetime:
    """17:00 in programme time of a day of 2026."""
    return datetime.fromisoformat(f"2026-{day}T17:00:00+07:00")


async def change(database: Database, changes: list[DayChange], **rest: Any) -> Rescheduling:
    async with database.work() as work:
        return await rescheduling.apply(work, changes, **rest)


async def at(database: Database, question: QuestionRow) -> QuestionRow:
    return (await look(database, question.id))[0]


async def reply_by(database: Database, question: QuestionRow) -> datetime:
    async with database.reading() as work:
        asked = await questions.open_clarification(work, question.id)
    assert asked is not None
    moment: datetime = asked.reply_by
    return moment


async def moves_of(database: Database, question: QuestionRow) -> list[ToldHistoryRow]:
    async with database.reading() as work:
        past = await history.of_question(work, question.id)
    return [row for row in past if row.event == Event.RESCHEDULED]


async def forget_limits(work: Work, question: QuestionRow) -> None:
    """As registered before it was kept what a due time is counted from."""
    await work.run(
        sa.update(questions_table)
        .where(questions_table.c.id == question.id)
        .values(assign_since=None, assign_days=None, due_since=None, due_days=None)
    )


async def test_a_day_off_added_late_moves_the_deadlines_that_span_it_and_no_other(
    database: Database, world: World, clock: SetClock
) -> None:
    async with database.work() as work:
        spans = await world.assigned(work)
        new = await world.received(work)
        done = await world.answered(work)
    clock.move(days=8)  # Tuesday 10/11
    async with database.work() as work:
        after = await world.assigned(work)  # counted from 10/11, which is its day 0

    found = await change(database, off("11-10"))

    assert [(one.question_id, one.what, one.old, one.new) for one in found.moved] == [
        (spans.id, "answer", due("11-16"), due("11-17"))
    ]
    assert (await at(database, spans)).due_at == due("11-17")
    for untouched in (new, done, after):
        assert await at(database, untouched) == untouched
        assert Event.RESCHEDULED not in await events(database, untouched.id)


async def test_every_status_with_a_running_clock_moves_and_ended_ones_never(
    database: Database, world: World
) -> None:
    async with database.work() as work:
        running = [
            await world.assigned(work),
            await world.accepted(work),
            await world.in_approval(work),
            await world.with_the_editors(work),
        ]
        over = [await world.answered(work), await world.withdrawn(work)]
        original = await world.assigned(work)
        over.append(await world.duplicate(work, original))
    await change(database, off("11-10"))
    for question in (*running, original):
        assert (await at(database, question)).due_at == due("11-17"), question.status
    for question in over:
        assert await at(database, question) == question, question.status


async def test_the_time_to_assign_moves(database: Database, world: World) -> None:
    async with database.work() as work:
        question = await world.received(work)
    found = await change(database, off("11-05"))
    assert [(one.what, one.old, one.new) for one in found.moved] == [
        ("assignment", due("11-05"), due("11-06"))
    ]
    moved = await at(database, question)
    assert moved.assign_due_at == due("11-06")
    assert (moved.assign_since, moved.assign_days) == (date(2026, 11, 2), 3)
    assert moved.due_at is None


async def test_history_keeps_the_old_date_and_the_new_with_the_days_that_changed(
    database: Database, world: World
) -> None:
    async with database.work() as work:
        assigned, received = await world.assigned(work), await world.received(work)
        waiting = await world.waiting(work)
    await change(database, off("11-04", "11-05"), actor=world.admin)

    (answer,) = await moves_of(database, assigned)
    assert answer.details == {
        "what": "answer",
        "due_from": "2026-11-16T10:00:00+00:00",
        "due_to": "2026-11-18T10:00:00+00:00",
        "days": ["2026-11-04", "2026-11-05"],
    }
    assert (answer.actor_id, answer.actor_role) == (world.admin.id, "admin")
    (assignment_,) = await moves_of(database, received)
    assert assignment_.details["what"] == "assignment"
    assert assignment_.details["assign_due_from"] == "2026-11-05T10:00:00+00:00"
    assert assignment_.details["assign_due_to"] == "2026-11-09T10:00:00+00:00"
    (reply,) = await moves_of(database, waiting)
    assert reply.details["what"] == "reply"
    assert reply.details["reply_from"] == "2026-11-09T10:00:00+00:00"
    assert reply.details["reply_to"] == "2026-11-11T10:00:00+00:00"


async def test_the_operators_change_stands_in_history_as_the_programmes(
    database: Database, world: World
) -> None:
    async with database.work() as work:
        question = await world.assigned(work)
        await LOADERS["days"](work, "date,kind,note\n2026-11-10,off,Bão\n")
    (row,) = await moves_of(database, question)
    assert (row.actor_id, row.actor_role) == (None, "programme")
    assert (await at(database, question)).due_at == due("11-17")


async def test_asker_officer_and_editor_each_hear_once_and_only_of_what_is_theirs(
    database: Database, world: World
) -> None:
    async with database.work() as work:
        second = await staff(work, "second editor", Role.EDITOR)
        first_question, other_question = await world.assigned(work), await world.assigned(work)
        await world.received(work)
    people = (world.asker, world.officer, world.coordinator, world.outsider, world.leader)
    before = {one.id: len(await told(database, one)) for one in (*people, world.editor, second, world.admin)}

    async def heard(actor: Any) -> list[str]:
        return (await told(database, actor))[before[actor.id] :]

    await change(database, off("11-05"))

    assert len(await heard(world.asker)) == 3  # three questions, each a notice of its own
    assert "17:00, thứ Hai, ngày 16/11/2026" in "".join(await heard(world.asker))
    for officer in (world.officer, world.coordinator):
        (bundle,) = await heard(officer)
        assert bundle.count("17:00, thứ Ba, ngày 17/11/2026") == 2
        for question in (first_question, other_question):
            assert f"DH-2026-{question.number:06d}" in bundle
    for editor in (world.editor, second):
        (bundle,) = await heard(editor)
        assert "17:00, thứ Năm, ngày 05/11/2026 → <b>17:00, thứ Sáu, ngày 06/11/2026</b>" in bundle
        assert "Hạn trả lời thay đổi: 2 câu hỏi" in bundle
    for nobody in (world.outsider, world.leader, world.admin):
        assert await heard(nobody) == []


async def test_an_officer_of_the_lead_and_of_the_coordinating_agency_hears_once(
    database: Database, world: World
) -> None:
    async with database.work() as work:
        both = await staff(work, "both", Role.OFFICER, "SNNMT")
        await staff(work, "both", Role.OFFICER, "SXD")
        question = await world.assigned(work)
    before = len(await told(database, both))
    await change(database, off("11-10"))
    (bundle,) = (await told(database, both))[before:]
    assert bundle.count(f"DH-2026-{question.number:06d}") == 1


async def test_a_long_list_is_cut_and_the_rest_counted(database: Database, world: World) -> None:
    async with database.work() as work:
        for _ in range(rescheduling.LISTED + 4):
            await world.assigned(work)
    await change(database, off("11-10"))
    last = (await told(database, world.officer))[-1]
    assert last.count("<code>DH-2026-") == rescheduling.LISTED
    assert "và 4 câu hỏi khác" in last


async def test_a_swap_in_one_go_moves_only_what_it_really_moves(database: Database, world: World) -> None:
    async with database.work() as work:
        answer, received = await world.assigned(work), await world.received(work)
    # Wednesday off, the Saturday after worked: whoever counts over both days ends where they ended.
    found = await change(database, [*off("11-04"), *worked("11-07")])
    assert [(one.question_id, one.new) for one in found.moved] == [(received.id, due("11-06"))]
    assert (await at(database, answer)).due_at == due("11-16")
    assert Event.RESCHEDULED not in await events(database, answer.id)


async def test_a_day_worked_brings_deadlines_forward(database: Database, world: World) -> None:
    async with database.work() as work:
        question = await world.assigned(work)
    await change(database, worked("11-07"))
    assert (await at(database, question)).due_at == due("11-13")


async def test_the_order_of_changes_does_not_matter(database: Database, world: World) -> None:
    changes = [*off("11-09", "11-16", "11-17"), *worked("11-14")]
    async with database.work() as work:
        question, null = await world.assigned(work), await world.assigned(work)
        await forget_limits(work, null)

    class Undo(Exception):
        pass

    async def ended(order: list[list[DayChange]]) -> list[datetime | None]:
        found: list[datetime | None] = []
        try:
            async with database.work() as work:
                for one in order:
                    await rescheduling.apply(work, one)
                for row in (question, null):
                    now = await questions.by_id(work, row.id)
                    assert now is not None
                    found.append(now.due_at)
                raise Undo
        except Undo:
            return found

    at_once = await ended([changes])
    assert at_once[0] == due("11-18")
    assert at_once[1] == due("11-18")
    assert await ended([[one] for one in changes]) == at_once
    assert await ended([[one] for one in reversed(changes)]) == at_once


async def test_the_askers_time_to_reply_counts_from_when_they_were_asked(
    database: Database, world: World, clock: SetClock
) -> None:
    async with database.work() as work:
        question = await world.waiting(work)
    before = len(await told(database, world.asker))
    found = await change(database, off("11-09"))
    assert [(one.what, one.new) for one in found.moved] == [("reply", due("11-10"))]
    assert await reply_by(database, question) == due("11-10")
    (notice,) = (await told(database, world.asker))[before:]
    assert "bổ sung" in notice
    assert "17:00, thứ Ba, ngày 10/11/2026" in notice
    clock.move(days=1)
    await change(database, off("11-02"))  # the day on which they were asked is day 0
    assert await reply_by(database, question) == due("11-10")


async def test_a_stopped_clock_has_the_days_left_that_the_new_calendar_leaves_it(
    database: Database, world: World, clock: SetClock
) -> None:
    async with database.work() as work:
        question = await world.accepted(work)  # day 1 is Tuesday 3/11
    clock.move(days=3)  # Thursday 5/11, the third of ten days
    async with database.work() as work:
        await agency_work.ask_more(work, world.officer, question.id, "Số hồ sơ nào?")
    assert (await at(database, question)).remaining_days == 7
    before = len(await told(database, world.asker))

    found = await change(database, off("11-04"))

    assert [(one.old, one.new) for one in found.recounted] == [(7, 8)]
    assert found.moved == []  # the asker was asked after that day
    assert (await at(database, question)).remaining_days == 8
    (row,) = await moves_of(database, question)
    assert (row.details["remaining_from"], row.details["remaining_to"]) == (7, 8)
    assert len(await told(database, world.asker)) == before  # no date of theirs moved

    clock.move(days=1)  # Friday 6/11: 8 days left end on Wednesday 18/11
    async with database.work() as work:
        await agency_work.supply(work, world.asker, question.id, "Số 123.")
    assert (await at(database, question)).due_at == due("11-18")


async def test_days_worked_never_leave_a_stopped_clock_less_than_nothing(
    database: Database, world: World, clock: SetClock
) -> None:
    async with database.work() as work:
        question = await world.accepted(work)
    clock.move(days=14)  # its last day, Monday 16/11
    async with database.work() as work:
        await agency_work.ask_more(work, world.officer, question.id, "Số hồ sơ nào?")
    assert (await at(database, question)).remaining_days == 0
    found = await change(database, worked("11-07"))
    assert found.recounted == []
    assert (await at(database, question)).remaining_days == 0


async def test_a_clock_that_was_overdue_when_the_asker_was_asked_still_runs_and_moves(
    database: Database, world: World, clock: SetClock
) -> None:
    async with database.work() as work:
        question = await world.accepted(work)
    clock.move(days=15)
    async with database.work() as work:
        await agency_work.ask_more(work, world.officer, question.id, "Số hồ sơ nào?")
    await change(database, off("11-10"))
    moved = await at(database, question)
    assert (moved.due_at, moved.remaining_days) == (due("11-17"), None)


async def test_a_limit_that_was_not_kept_moves_only_off_a_day_that_is_off_now(
    database: Database, world: World
) -> None:
    async with database.work() as work:
        null, new, waiting = await world.assigned(work), await world.received(work), await world.waiting(work)
        for row in (null, new):
            await forget_limits(work, row)
        await work.run(sa.update(clarifications).values(reply_days=None))
    assert (await change(database, off("11-04"))).moved == []
    found = await change(database, off("11-05", "11-09", "11-16", "11-17"))
    assert {one.question_id: one.new for one in found.moved if one.question_id != waiting.id} == {
        null.id: due("11-18"),
        new.id: due("11-06"),
    }
    assert await reply_by(database, waiting) == due("11-10")


async def test_of_a_hidden_question_agencies_hear_nothing_and_the_asker_no_deadline_of_theirs(
    database: Database, world: World
) -> None:
    async with database.work() as work:
        question = await world.assigned(work)
        received = await world.received(work)
        for one in (question, received):
            await screening.flag(work, world.editor, one.id)
    before = {one.id: len(await told(database, one)) for one in (world.asker, world.officer, world.editor)}
    await change(database, off("11-05"))
    assert (await at(database, question)).due_at == due("11-17"), "it is counted all the same"
    assert len(await moves_of(database, question)) == 1
    assert len(await told(database, world.officer)) == before[world.officer.id]
    assert len(await told(database, world.editor)) == before[world.editor.id] + 1
    heard = (await told(database, world.asker))[before[world.asker.id] :]
    assert len(heard) == 1, (
        "when it will be assigned they were told on receipt; an agency's deadline they don't see"
    )
    assert f"DH-2026-{received.number:06d}" in heard[0]


async def test_whoever_asked_by_post_is_told_nothing_and_the_deadline_moves(
    database: Database, world: World
) -> None:
    async with database.work() as work:
        question = await intake.enter_by_hand(
            work,
            world.editor,
            Intake.POST,
            "Khi nào có sổ đỏ?",
            full_name="Nguyễn Văn Thư",
            home_address="12 Lê Lợi",
            contact="",
        )
    await change(database, off("11-05"))
    assert (await at(database, question)).assign_due_at == due("11-06")


async def test_whoever_blocked_the_bot_is_told_when_they_come_back(database: Database, world: World) -> None:
    async with database.work() as work:
        await world.received(work)
        await people.update(work, world.asker.id, unreachable_at=work.now)
    await change(database, off("11-05"))
    async with database.work() as work:
        of_asker = sa.select(outbox).where(outbox.c.person_id == world.asker.id).order_by(outbox.c.id)
        *_, notice = await work.all(of_asker)
    assert "ngày 06/11/2026" in notice.content["html"]
    assert notice.state == OutboxState.HELD


async def test_a_change_costs_no_statement_more_for_more_deadlines(
    database: Database, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """But for the cards of the few that are changed at once (`FOLLOWED`)."""
    monkeypatch.setattr(rescheduling, "FOLLOWED", 1)

    async def statements(changes: list[DayChange]) -> int:
        ran = 0

        def count(*_: object) -> None:
            nonlocal ran
            ran += 1

        sa.event.listen(database.engine.sync_engine, "before_cursor_execute", count)
        try:
            await change(database, changes)
        finally:
            sa.event.remove(database.engine.sync_engine, "before_cursor_execute", count)
        return ran

    async def open_questions(how_many: int) -> None:
        async with database.work() as work:
            for _ in range(how_many):
                await world.assigned(work)
                await world.waiting(work)

    await open_questions(1)
    few = await statements(off("11-05"))
    await open_questions(9)
    assert await statements(off("11-06")) == few


async def test_a_second_time_changes_nothing_and_tells_nobody(database: Database, world: World) -> None:
    async with database.work() as work:
        question = await world.assigned(work)
        await world.received(work)
    await change(database, off("11-05", "11-10"))
    once = await look(database, question.id)
    assert await change(database, off("11-05", "11-10")) == Rescheduling()
    assert await look(database, question.id) == once


async def test_a_day_that_was_off_already_moves_nothing_and_enters_the_list(
    database: Database, world: World
) -> None:
    async with database.work() as work:
        question = await world.assigned(work)
    before = await look(database, question.id)
    assert await change(database, off("11-07", "11-24")) == Rescheduling()  # a Saturday, Culture Day
    assert await look(database, question.id) == before
    async with database.reading() as work:
        assert {date(2026, 11, 7), date(2026, 11, 24)} <= {row.date for row in await days.listed(work)}


async def test_a_day_taken_off_the_list_gives_the_old_deadlines_back(
    database: Database, world: World
) -> None:
    async with database.work() as work:
        question = await world.assigned(work)
    await change(database, off("11-10"))
    await change(database, [DayChange(date(2026, 11, 10), None)])
    assert (await at(database, question)).due_at == due("11-16")
    assert len(await moves_of(database, question)) == 2


async def test_a_preview_shows_what_applying_does_and_changes_nothing(
    database: Database, world: World
) -> None:
    async with database.work() as work:
        question = await world.assigned(work)
        await world.received(work)
        await world.waiting(work)
    before = await look(database, question.id)
    async with database.work() as work:
        seen = await rescheduling.preview(work, off("11-05", "11-09"))
    assert await look(database, question.id) == before
    assert len(seen.moved) == 3
    assert await change(database, off("11-05", "11-09")) == seen


@pytest.mark.parametrize("who", ["editor", "officer", "asker"])
async def test_only_admins_change_the_list(database: Database, world: World, who: str) -> None:
    async with database.work() as work:
        with pytest.raises(RuleViolation) as refused:
            await rescheduling.apply(work, off("11-10"), getattr(world, who))
        assert refused.value.reason is Reason.NOT_ALLOWED
        with pytest.raises(RuleViolation):
            await rescheduling.news(work, getattr(world, who), off("11-10"))
    async with database.reading() as work:
        assert date(2026, 11, 10) not in {row.date for row in await days.listed(work)}


async def test_a_question_assigned_after_the_change_counts_with_the_new_list(
    database: Database, world: World
) -> None:
    await change(database, off("11-10"))
    async with database.work() as work:
        assert (await world.assigned(work)).due_at == due("11-17")


async def test_a_deadline_with_no_changed_day_in_its_span_is_left_as_it_was_written(
    database: Database, world: World
) -> None:
    """As written with other working hours: counting it anew would move it, and nothing calls for that."""
    half_past_four = due("11-16").replace(hour=16, minute=30)
    async with database.work() as work:
        question = await world.assigned(work)
        await work.run(sa.update(questions_table).values(due_at=half_past_four))
    found = await change(database, off("10-30", "11-02", "11-17", "11-20"))
    assert question.id not in {one.question_id for one in found.moved}
    assert (await at(database, question)).due_at == half_past_four


async def test_a_deadline_being_counted_with_the_old_list_moves_too(database: Database, world: World) -> None:
    """Whoever has begun to count finishes first; only then does the list change."""
    async with database.work() as work:
        await calendar_of(work)
        changing = asyncio.create_task(change(database, off("11-10")))
        await asyncio.sleep(0.3)
        assert not changing.done()
        question = await world.assigned(work)
    assert [one.question_id for one in (await changing).moved] == [question.id]
    assert (await at(database, question)).due_at == due("11-17")


CHANGES = st.dictionaries(
    st.dates(date(2026, 10, 26), date(2026, 11, 30)), st.sampled_from([*DayKind, None]), max_size=8
)


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=CHANGES, second=CHANGES)
async def test_whatever_changes_every_open_deadline_is_the_end_of_its_limit(
    database: Database, world: World, clock: SetClock, first: Any, second: Any
) -> None:
    """One ledger goes through all the examples, so each change meets what the ones before have left."""
    async with database.work() as work:
        asked = await work.value(sa.select(sa.func.count()).select_from(questions_table))
        if not asked:
            await world.received(work)
            await world.assigned(work)
            await world.in_approval(work)
            await world.waiting(work)
    for typed in (first, second):
        changes = [DayChange(day, kind) for day, kind in typed.items()]
        async with database.work() as work:
            told = await history_count(work)
            seen = await rescheduling.preview(work, changes)
            done = await rescheduling.apply(work, changes)
            assert done == seen
            assert await history_count(work) == told + len(done.moved) + len(done.recounted)
            calendar = await calendar_of(work)
            for row in await questions.listed(work, statuses=frozenset(Status)):
                if row.status == Status.RECEIVED:
                    assert row.assign_since is not None
                    assert row.assign_days is not None
                    assert row.assign_due_at == calendar.end(Limit(row.assign_since, row.assign_days))
                elif row.status == Status.WAITING:
                    asked_of = await questions.open_clarification(work, row.id)
                    assert asked_of is not None
                    assert asked_of.reply_days is not None
                    assert asked_of.reply_by == calendar.due(asked_of.asked_at, asked_of.reply_days)
                    limit = limit_of(row)
                    assert limit is not None
                    assert row.remaining_days == calendar.left(limit, asked_of.asked_at)
                else:
                    limit = limit_of(row)
                    assert limit is not None
                    assert row.due_at == calendar.end(limit)


async def history_count(work: Work) -> int:
    query = sa.select(sa.func.count()).where(history_table.c.event == Event.RESCHEDULED)
    return int(await work.value(query))


async def test_more_deadlines_than_are_read_at_once_all_move(
    database: Database, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.deadlines.rescheduling.CHUNK", 3)
    async with database.work() as work:
        all_ = [await world.assigned(work) for _ in range(8)]  # due at the same moment
    found = await change(database, off("11-10"))
    assert sorted(one.question_id for one in found.moved) == [one.id for one in all_]
