"""The field of a question: who sets it, what follows it, and what those concerned hear."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa

from domain.errors import Reason, RuleViolation
from domain.subscribers.topics import field_topic
from services.deadlines import extensions
from services.ledger.ledger import as_json
from services.questions import agency_work, publication, question_field, screening, secrecy
from services.questions.publication import PublicText
from storage.agencies import agencies
from storage.engine.database import Database, Work
from storage.episodes import candidates
from storage.ledger import digests
from storage.questions import history, questions, worklists
from storage.rows import FieldRow, QuestionRow
from storage.tables import deliveries
from storage.tables import fields as fields_table
from storage.tables import outbox as outbox_table
from tests.conftest import SetClock
from tests.worlds.on_air import OnAir
from tests.worlds.world import World, agency_of, events, look, told

# The clock stands at Monday 2/11/2026; 10 days to answer end on Monday 16/11.


def due(day: str) -> datetime:
    return datetime.fromisoformat(f"2026-{day}T17:00:00+07:00")


async def limits(work: Work, **days: int) -> None:
    """Give fields limits of their own: `giao_thong=15`."""
    for code, own in days.items():
        await work.run(
            sa.update(fields_table)
            .where(fields_table.c.code == code.replace("_", "-"))
            .values(answer_days=own)
        )


async def field(work: Work, code: str) -> FieldRow:
    found = await agencies.field(work, code)
    assert found is not None
    return found


async def set_to(database: Database, world: World, question: QuestionRow, code: str) -> QuestionRow:
    async with database.work() as work:
        case = await question_field.set_field(work, world.editor, question.id, await field(work, code))
        return case.question


async def details(database: Database, question: QuestionRow) -> Sequence[dict[str, object]]:
    async with database.reading() as work:
        return [
            row.details for row in await history.of_question(work, question.id) if row.event == "field_set"
        ]


# --- setting and filling ------------------------------------------------------------------------------------------


async def test_a_field_is_set_and_changed_and_the_history_keeps_from_what_to_what(
    database: Database, world: World
) -> None:
    async with database.work() as work:
        question = await world.received(work)
    assert (await set_to(database, world, question, "giao-thong")).field_code == "giao-thong"
    await set_to(database, world, question, "dat-dai")
    kept = [(one["field_from"], one["field_to"]) for one in await details(database, question)]
    assert kept == [(None, "giao-thong"), ("giao-thong", "dat-dai")]
    async with database.reading() as work:
        row = await questions.by_id(work, question.id)
        assert row is not None
        told_ = await as_json(work, row)
    assert told_["field"] == "dat-dai"
    assert [one["note"] for one in told_["history"] if one["event"] == "field_set"] == [
        "giao-thong",
        "dat-dai",
    ]


async def test_the_same_field_again_is_refused_as_done(database: Database, world: World) -> None:
    async with database.work() as work:
        question = await world.received(work)
    await set_to(database, world, question, "dat-dai")
    before = await look(database, question.id)
    with pytest.raises(RuleViolation) as refused:
        await set_to(database, world, question, "dat-dai")
    assert refused.value.reason is Reason.ALREADY_DONE
    assert await look(database, question.id) == before


async def test_assignment_fills_the_field_of_an_agency_that_has_just_one(
    database: Database, world: World
) -> None:
    async with database.work() as work:
        await limits(work, thuong_mai=5)
        question = await world.received(work)
        other = await world.received(work)
        trade = await agency_of(work, "SCT")
        case = await screening.assign(work, world.editor, question.id, trade)
        several = await screening.assign(work, world.editor, other.id, world.lead)
    assert case.question.field_code == "thuong-mai"
    assert case.question.due_at == due("11-09")  # the field's five days
    assert case.question.first_due_at == due("11-09")
    assert await events(database, question.id) == ["received", "assigned", "field_set"]
    assert several.question.field_code is None
    async with database.work() as work:
        again = await screening.assign(work, world.editor, question.id, world.other)
    assert again.question.field_code == "thuong-mai"  # what is set, stays


# --- the time to answer -------------------------------------------------------------------------------------------


async def test_another_field_moves_the_date_counted_from_assignment_and_everybody_hears_of_it(
    database: Database, world: World, clock: SetClock
) -> None:
    async with database.work() as work:
        await limits(work, giao_thong=15)
        question = await world.assigned(work)
        await world.duplicate(work, question)
    assert question.due_at == due("11-16")
    clock.move(days=3)
    moved = await set_to(database, world, question, "giao-thong")
    assert moved.due_at == due("11-23")
    assert moved.first_due_at == due("11-16")
    assert (moved.due_since, moved.due_days) == (date(2026, 11, 2), 15)
    for one in (world.asker, world.follower):
        said = (await told(database, one))[-1]
        assert "16/11/2026" in said
        assert "23/11/2026" in said
        assert "lĩnh vực có thời hạn khác" in said
    for one in (world.officer, world.coordinator):
        said = (await told(database, one))[-1]
        assert "Giao thông" in said
        assert "23/11/2026" in said
    (kept,) = await details(database, question)
    assert datetime.fromisoformat(str(kept["due_from"])) == due("11-16")  # the date told first
    assert datetime.fromisoformat(str(kept["due_to"])) == due("11-23")


async def test_a_field_with_the_same_limit_moves_nothing_and_tells_nobody(
    database: Database, world: World
) -> None:
    async with database.work() as work:
        question = await world.assigned(work)
    asker, officer = len(await told(database, world.asker)), len(await told(database, world.officer))
    assert (await set_to(database, world, question, "giao-thong")).due_at == question.due_at
    assert (len(await told(database, world.asker)), len(await told(database, world.officer))) == (
        asker,
        officer,
    )


async def test_days_granted_besides_go_on_counting(database: Database, world: World) -> None:
    async with database.work() as work:
        await limits(work, giao_thong=15)
        question = await world.accepted(work)
        await extensions.ask(work, world.officer, question.id, 3, "Chờ đo đạc")
        await extensions.grant(work, world.editor, question.id)
    assert (await set_to(database, world, question, "giao-thong")).due_days == 18


async def test_a_limit_loaded_anew_since_does_not_distort_the_count(database: Database, world: World) -> None:
    async with database.work() as work:
        await limits(work, dat_dai=10, giao_thong=15)
        question = await world.received(work)
        await question_field.set_field(work, world.editor, question.id, await field(work, "dat-dai"))
        case = await screening.assign(work, world.editor, question.id, world.lead)
        await limits(work, dat_dai=30)
    moved = await set_to(database, world, case.question, "giao-thong")
    assert (moved.due_since, moved.due_days) == (case.question.due_since, 15)


async def test_a_shorter_limit_makes_nobody_late(database: Database, world: World, clock: SetClock) -> None:
    async with database.work() as work:
        await limits(work, giao_thong=3)
        question = await world.assigned(work)
    clock.move(days=7)  # Monday 9/11: three days are over
    assert (await set_to(database, world, question, "giao-thong")).due_at == due("11-10")


async def test_what_is_overdue_stays_overdue_by_the_same_date_where_the_limit_is_shorter(
    database: Database, world: World, clock: SetClock
) -> None:
    async with database.work() as work:
        await limits(work, giao_thong=3)
        question = await world.assigned(work)
    clock.move(days=20)
    assert (await set_to(database, world, question, "giao-thong")).due_at == question.due_at


async def test_a_stopped_clock_gets_the_difference_and_so_does_one_that_went_on(
    database: Database, world: World, clock: SetClock
) -> None:
    async with database.work() as work:
        await limits(work, giao_thong=15, moi_truong=4)
        question = await world.waiting(work)
    left = question.remaining_days
    assert left == 10
    waiting = await set_to(database, world, question, "giao-thong")
    assert waiting.remaining_days == 15
    said = (await told(database, world.officer))[-1]
    assert "15" in said
    assert "còn lại" in said
    clock.move(days=3)  # Thursday 5/11
    async with database.work() as work:
        case = await agency_work.supply(work, world.asker, question.id, "Số 15.")
    assert case.question.due_at == due("11-27")  # 15 working days after the 5th, the 24th off
    shorter = await set_to(database, world, question, "moi-truong")
    assert (shorter.due_since, shorter.due_days) == (date(2026, 11, 5), 4)


async def test_before_assignment_and_after_the_answer_no_date_moves(database: Database, world: World) -> None:
    async with database.work() as work:
        await limits(work, giao_thong=15)
        question = await world.received(work)
        answered = await world.answered(work)
    assert (await set_to(database, world, question, "giao-thong")).assign_due_at == question.assign_due_at
    assert (await set_to(database, world, answered, "giao-thong")).due_at == answered.due_at


# --- whatever goes by field ---------------------------------------------------------------------------------------


async def test_merging_suggestions_episodes_and_digests_go_by_the_new_field(
    database: Database, world: World, clock: SetClock
) -> None:
    async with database.work() as work:
        question = await world.received(work)
        same = await world.received(work, asker=world.follower)
        await question_field.set_field(work, world.editor, same.id, await field(work, "giao-thong"))
        await question_field.set_field(work, world.editor, question.id, await field(work, "dat-dai"))

    async def by_field(code: str) -> tuple[list[int], list[int], dict[str | None, int]]:
        async with database.reading() as work:
            row = await questions.by_id(work, same.id)
            assert row is not None
            alike = await worklists.open_in_field(work, row, limit=5)
            page = await candidates.page(work, field_code=code, asked_by=1, since=None, limit=5)
            new = await digests.new(work, work.now - timedelta(days=1), work.now + timedelta(days=1))
            return (
                [one.id for one in alike],
                [one.id for one in page],
                {one.field_code: one.how_many for one in new},
            )

    assert await by_field("giao-thong") == ([], [same.id], {"dat-dai": 1, "giao-thong": 1})
    await set_to(database, world, question, "giao-thong")
    assert await by_field("giao-thong") == ([question.id], [same.id, question.id], {"giao-thong": 2})
    assert (await by_field("dat-dai"))[1] == []


async def test_the_news_of_a_published_answer_goes_to_those_who_follow_the_new_field(
    database: Database, world: World, clock: SetClock
) -> None:
    on_air = OnAir(database, clock)
    await on_air.subscriber("land", field_topic("dat-dai"))
    await on_air.subscriber("roads", field_topic("giao-thong"))
    async with database.work() as work:
        question = await world.received(work)
        await question_field.set_field(work, world.editor, question.id, await field(work, "dat-dai"))
        answered = await world.answered(work)
        await question_field.set_field(work, world.editor, answered.id, await field(work, "giao-thong"))
        await publication.publish(
            work, world.editor, answered.id, PublicText("Bao giờ?", "Trước 30/11."), anonymised=True
        )
    clock.at = datetime(2026, 11, 3, 3, tzinfo=UTC)
    await on_air.deliver()
    assert "Giao thông" in on_air.last("roads")
    assert on_air.heard["land"] == []


async def test_news_told_under_the_old_field_is_taken_back_though_the_field_changed_since(
    database: Database, world: World, clock: SetClock
) -> None:
    on_air = OnAir(database, clock)
    reader = await on_air.subscriber("land", field_topic("dat-dai"), daily=True)
    async with database.work() as work:
        answered = await world.answered(work)
        await question_field.set_field(work, world.editor, answered.id, await field(work, "dat-dai"))
        await publication.publish(
            work, world.editor, answered.id, PublicText("Bao giờ?", "Trước 30/11."), anonymised=True
        )
    await on_air.tick("3 07:30")
    assert "Bao giờ?" in on_air.last("land")
    async with database.work() as work:
        await work.run(
            sa.update(deliveries).where(deliveries.c.person_id == reader.id).values(message_id="77")
        )
    await set_to(database, world, answered, "giao-thong")
    async with database.work() as work:
        row = await questions.by_id(work, answered.id)
        assert row is not None
        await secrecy.suspect(work, row, actor_id=world.editor.id, actor_role="editor", by="")
    async with database.reading() as work:
        changed = await work.all(
            sa.select(outbox_table).where(
                outbox_table.c.person_id == reader.id, outbox_table.c.kind == "edit"
            )
        )
    assert [one.content["message_id"] for one in changed] == ["77"]
