"""Script plans as stories: sent in time or late, acknowledged, chased, replaced, taken back; on both databases."""

from dataclasses import replace
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path

import sqlalchemy as sa
from docx import Document

from channels.outgoing import Kind
from domain.airings.schedule import AiringKind, AiringStatus
from domain.calendar.working_days import DayChange, DayKind
from domain.episodes.episodes import EpisodeNumber, EpisodePart, Missing
from domain.errors import Reason
from domain.questions.life import Role
from messages.notices.episodes import PlanSent
from services.deadlines import rescheduling
from services.episodes import editing, episodes, guests, script_plans, selection
from services.episodes.card import episode_card
from services.people.actors import Actor
from services.questions import screening
from storage.delivery import outbox
from storage.delivery.outbox import OutboxState
from storage.engine.database import Database, Work
from storage.episodes import script_plans as stored
from storage.episodes.script_plans import NamedReceiptRow
from storage.rows import EpisodeRow, QuestionRow
from storage.tables import Row, airings
from storage.tables import agencies as agencies_table
from storage.tables import agency_successors as successors_table
from storage.tables import outbox as outbox_table
from tests.conftest import SetClock
from tests.services.deadlines.test_reminding import days, deliver, reminded
from tests.services.episodes.test_episodes import refused
from tests.worlds.world import World, staff, told

# The clock stands at Monday 2/11/2026, 09:00; the recording is on Wednesday 18/11, the plan due on Wednesday 11/11.
NUMBER = EpisodeNumber(2026, 12)
DUE = datetime(2026, 11, 11, 10, tzinfo=UTC)


async def ready(work: Work, world: World, when: str = "8h 18/11/2026") -> tuple[EpisodeRow, QuestionRow]:
    """An episode with all that its plan demands, and its question: two agencies answer, a third sends a guest."""
    episode = await episodes.create(work, world.editor, NUMBER, "Cấp giấy chứng nhận", "dat-dai")
    question = await world.assigned(work)
    await selection.choose(work, world.editor, episode.id, question.id)
    await selection.word(work, world.editor, episode.id, question.id, "Khi nào có giấy?")
    for part, typed in (
        (EpisodePart.PURPOSE, "Giải đáp."),
        (EpisodePart.REQUIREMENTS, "Ngắn gọn."),
        (EpisodePart.MINUTES, "30"),
        (EpisodePart.RECORDING, when),
        (EpisodePart.PLACE, "Trường quay"),
        (EpisodePart.MANNER, "Trực tiếp"),
    ):
        await editing.change(work, world.editor, episode.id, part, typed)
    await guests.add(work, world.editor, episode.id, "SYT; Nguyễn Văn An; Giám đốc")
    await work.insert(
        airings,
        kind=AiringKind.FIRST,
        starts_at=datetime(2026, 11, 21, 12, 50, tzinfo=UTC),
        channel="KG",
        medium="tv",
        status=AiringStatus.PLANNED,
        episode_id=episode.id,
        changed_at=work.now,
    )
    return await episodes.find(work, episode.id), question


async def send(work: Work, editor: Actor, episode_id: int) -> PlanSent:
    prepared = await script_plans.prepare(work, editor, episode_id)
    return await script_plans.send(work, editor, episode_id, prepared.fingerprint)


async def sent(
    database: Database, world: World, when: str = "8h 18/11/2026"
) -> tuple[EpisodeRow, QuestionRow]:
    async with database.work() as work:
        episode, question = await ready(work, world, when)
        await send(work, world.editor, episode.id)
    for _ in range(3):  # one message at a time for each chat
        await deliver(database)
    return episode, question


async def receipts(database: Database, episode_id: int) -> dict[str, NamedReceiptRow]:
    """The receipts of the plan that stands, by their agencies' names."""
    async with database.reading() as work:
        plan = await stored.latest(work, episode_id)
        assert plan is not None
        return {row.agency_name: row for row in await stored.receipts_of(work, plan.id)}


async def documents(database: Database, actor: Actor) -> list[Row]:
    async with database.reading() as work:
        return await work.all(
            sa.select(outbox_table)
            .where(outbox_table.c.person_id == actor.id, outbox_table.c.kind == Kind.DOCUMENT)
            .order_by(outbox_table.c.id)
        )


LEAD, COORDINATING = "Sở Nông nghiệp và Môi trường", "Sở Xây dựng"
GUESTS, OFFICE = "Sở Y tế", "Văn phòng Ủy ban nhân dân tỉnh"


# --- sending ------------------------------------------------------------------------------------------------------


async def test_a_plan_goes_to_all_who_answer_come_or_watch_and_is_kept_as_it_was_sent(
    database: Database, world: World
) -> None:
    async with database.work() as work:
        office = await staff(work, "office", Role.OFFICER, "VPUBND")
    episode, _ = await sent(database, world)
    assert list(await receipts(database, episode.id)) == [LEAD, COORDINATING, GUESTS, OFFICE]
    for actor in (world.officer, world.leader, world.coordinator, world.outsider, office):
        (row,) = await documents(database, actor)
        assert row.content["name"] == "kich-ban-ky-12-2026.docx"
        assert "Kịch bản kỳ 12/2026" in row.content["html"]
        assert "gửi muộn" not in row.content["html"]
    assert (
        "Khách mời của cơ quan: Nguyễn Văn An"
        in (await documents(database, world.outsider))[0].content["html"]
    )
    assert await documents(database, world.asker) == []
    async with database.reading() as work:
        plan = await stored.latest(work, episode.id)
        assert plan is not None
        assert (plan.version, plan.due_at, plan.sent_at, plan.sent_by) == (1, DUE, work.now, world.editor.id)
        kept = Document(BytesIO(await stored.document(work, plan.id)))
    said = "\n".join(paragraph.text for paragraph in kept.paragraphs)
    assert "Khi nào có giấy?" in said
    assert f"Cơ quan trả lời: {LEAD}. Cơ quan phối hợp: {COORDINATING}." in said
    assert "- 19:50, thứ Bảy, ngày 21/11/2026, kênh KG." in said


async def test_a_plan_that_is_late_is_sent_and_marked(database: Database, world: World) -> None:
    episode, _ = await sent(database, world, "8h 6/11/2026")  # due Friday 30/10
    (row,) = await documents(database, world.officer)
    assert "gửi muộn" in row.content["html"]
    async with database.reading() as work:
        card, _, _ = await episode_card(work, world.editor, episode)
    assert (card.plan_late, card.plan_version, card.plan_overdue) == (True, 1, False)


async def test_what_is_missing_is_named_and_what_it_can_not_do_without_holds_it_back(
    database: Database, world: World
) -> None:
    async with database.work() as work:
        episode = await episodes.create(work, world.editor, NUMBER, "Đất đai")
        refusal = await refused(
            Reason.PLAN_NOT_READY, script_plans.prepare(work, world.editor, episode.id), number="12/2026"
        )
        assert refusal.facts["missing"] == (Missing.RECORDING, Missing.QUESTIONS)
        question = await world.assigned(work)
        await selection.choose(work, world.editor, episode.id, question.id)
        await editing.change(work, world.editor, episode.id, EpisodePart.RECORDING, "8h 18/11")
        refusal = await refused(Reason.PLAN_NOT_READY, script_plans.prepare(work, world.editor, episode.id))
        assert refusal.facts["missing"] == (Missing.ON_AIR,)
        await selection.word(work, world.editor, episode.id, question.id, "Khi nào có giấy?")
        prepared = await script_plans.prepare(work, world.editor, episode.id)
    assert prepared.missing == (
        *(Missing.PURPOSE, Missing.REQUIREMENTS, Missing.MINUTES, Missing.PLACE, Missing.MANNER),
        *(Missing.AIRING, Missing.GUESTS),
    )


async def test_what_changed_since_the_editor_saw_it_is_not_sent(database: Database, world: World) -> None:
    async with database.work() as work:
        episode, question = await ready(work, world)
        seen = (await script_plans.prepare(work, world.editor, episode.id)).fingerprint
        await selection.word(work, world.admin, episode.id, question.id, "Bao giờ có giấy?")
        await refused(Reason.PLAN_CHANGED, script_plans.send(work, world.editor, episode.id, seen))
        assert await stored.latest(work, episode.id) is None
        again = (await script_plans.prepare(work, world.editor, episode.id)).fingerprint
        await script_plans.send(work, world.editor, episode.id, again)


async def test_only_editors_and_admins_send_plans(database: Database, world: World) -> None:
    async with database.work() as work:
        episode, _ = await ready(work, world)
        seen = (await script_plans.prepare(work, world.admin, episode.id)).fingerprint
        for actor in (world.officer, world.leader, world.coordinator, world.asker):
            await refused(Reason.NOT_ALLOWED, script_plans.prepare(work, actor, episode.id))
            await refused(Reason.NOT_ALLOWED, script_plans.send(work, actor, episode.id, seen))
            await refused(Reason.NOT_ALLOWED, episode_card(work, actor, episode))


async def test_an_agency_that_has_ended_is_its_successor(database: Database, world: World) -> None:
    async with database.work() as work:
        episode, _ = await ready(work, world)
        await work.run(
            sa.update(agencies_table)
            .where(agencies_table.c.code == "SXD")
            .values(valid_to=date(2026, 10, 31))
        )
        await work.run(
            sa.insert(successors_table).values(agency_id=world.coordinating.id, successor_code="STC")
        )
        names = [row.name for row in (await script_plans.prepare(work, world.editor, episode.id)).recipients]
    assert names == [LEAD, "Sở Tài chính", GUESTS, OFFICE]


async def test_a_broken_template_sends_nothing_and_says_what_is_wrong(
    database: Database, world: World, tmp_path: Path
) -> None:
    broken = Document()
    broken.add_paragraph("{{ tittle }}")
    broken.save(str(tmp_path / "mau.docx"))
    rules = replace(database.programme, script_plan_template=tmp_path / "mau.docx")
    async with database.work() as work:
        episode, _ = await ready(work, world)
        work.programme = rules
        refusal = await refused(Reason.TEMPLATE_BROKEN, send(work, world.editor, episode.id))
    assert "tittle" in str(refusal.facts["what"])
    async with database.reading() as work:
        assert await stored.latest(work, episode.id) is None
    assert await documents(database, world.officer) == []


# --- acknowledging --------------------------------------------------------------------------------------------------


async def test_one_persons_tap_is_enough_for_an_agency_and_for_no_other(
    database: Database, world: World
) -> None:
    episode, _ = await sent(database, world)
    lead = (await receipts(database, episode.id))[LEAD]
    async with database.work() as work:
        for actor in (world.coordinator, world.outsider, world.editor, world.asker):
            await refused(Reason.STALE_BUTTON, script_plans.acknowledge(work, actor, lead.id))
        await script_plans.acknowledge(work, world.leader, lead.id)
        await refused(Reason.ALREADY_DONE, script_plans.acknowledge(work, world.officer, lead.id))
        await refused(Reason.STALE_BUTTON, script_plans.acknowledge(work, world.officer, 10**9))
    await deliver(database)
    found = await receipts(database, episode.id)
    assert found[LEAD].acknowledged_by == world.leader.id
    assert [name for name, row in found.items() if row.acknowledged_at is not None] == [LEAD]
    for actor in (world.officer, world.leader):
        said = (await told(database, actor))[-1]
        assert "✓ Đã nhận: leader" in said
    assert "đã nhận kịch bản" in (await told(database, world.editor))[-1]


async def test_a_newer_plan_takes_the_place_of_the_one_before(database: Database, world: World) -> None:
    episode, question = await sent(database, world)
    first = (await receipts(database, episode.id))[LEAD]
    async with database.work() as work:
        await selection.word(work, world.editor, episode.id, question.id, "Bao giờ có giấy?")
        answer = await send(work, world.editor, episode.id)
        assert answer.version == 2
        await refused(
            Reason.PLAN_REPLACED,
            script_plans.acknowledge(work, world.officer, first.id),
            number="12/2026",
        )
    rows = await documents(database, world.officer)
    assert [row.content["name"] for row in rows] == [
        "kich-ban-ky-12-2026.docx",
        "kich-ban-ky-12-2026-ban-2.docx",
    ]
    async with database.reading() as work:
        shown = await outbox.as_shown(
            work, "telegram", world.officer.person.address or "", message_id=None, row_id=rows[0].id
        )
        assert shown is not None
        assert shown[1] == []  # the old message has lost its buttons
    second = (await receipts(database, episode.id))[LEAD]
    async with database.work() as work:
        await script_plans.acknowledge(work, world.officer, second.id)


async def test_a_plan_that_has_not_left_is_replaced_before_anybody_sees_it(
    database: Database, world: World
) -> None:
    async with database.work() as work:
        episode, question = await ready(work, world)
        await send(work, world.editor, episode.id)
        await selection.word(work, world.editor, episode.id, question.id, "Bao giờ có giấy?")
        await send(work, world.editor, episode.id)
    states = [row.state for row in await documents(database, world.officer)]
    assert states == [OutboxState.DROPPED, OutboxState.QUEUED]


# --- the recording moves ----------------------------------------------------------------------------------------------


async def test_when_the_recording_moves_the_day_is_counted_anew_and_who_has_the_plan_is_told(
    database: Database, world: World
) -> None:
    episode, _ = await sent(database, world)
    async with database.work() as work:
        await editing.change(work, world.editor, episode.id, EpisodePart.RECORDING, "8h 25/11/2026")
    async with database.reading() as work:
        moved = await episodes.find(work, episode.id)
        plan = await stored.latest(work, episode.id)
    # 24/11 is Culture Day: 23, 20, 19, 18, 17.
    assert moved.plan_due_at == datetime(2026, 11, 17, 10, tzinfo=UTC)
    assert plan is not None
    assert plan.due_at == moved.plan_due_at
    for actor in (world.officer, world.leader, world.coordinator, world.outsider):
        assert (
            "08:00, thứ Tư, ngày 18/11/2026 → 08:00, thứ Tư, ngày 25/11/2026"
            in ((await told(database, actor))[-1])
        )
    assert not any("→" in text for text in await told(database, world.asker))


async def test_a_recording_that_comes_earlier_makes_a_plan_late_by_the_same_rule(
    database: Database, world: World, clock: SetClock
) -> None:
    episode, _ = await sent(database, world)
    clock.move(days=1)
    async with database.work() as work:
        await editing.change(work, world.editor, episode.id, EpisodePart.RECORDING, "8h 6/11/2026")
        card, _, _ = await episode_card(work, world.editor, await episodes.find(work, episode.id))
    assert card.plan_late


async def test_a_changed_list_of_days_moves_the_plans_days(database: Database, world: World) -> None:
    episode, _ = await sent(database, world)
    off = [
        DayChange(date(2026, 11, 13), DayKind.OFF, "Bão"),
        DayChange(date(2026, 11, 3), DayKind.OFF, "Bão"),
    ]
    async with database.work() as work:
        previewed = await rescheduling.preview(work, off)
        assert [(one.number, one.old, one.new) for one in previewed.plans] == [
            ("12/2026", DUE, datetime(2026, 11, 10, 10, tzinfo=UTC))
        ]
        await rescheduling.apply(work, off, world.admin)
    async with database.reading() as work:
        assert (await episodes.find(work, episode.id)).plan_due_at == datetime(2026, 11, 10, 10, tzinfo=UTC)
    # To be acknowledged on the next working day: Tuesday 3/11 is off now.
    assert (await receipts(database, episode.id))[LEAD].due_at == datetime(2026, 11, 4, 10, tzinfo=UTC)
    assert any("Kỳ 12/2026: 17:00, thứ Tư" in text for text in await told(database, world.editor))


# --- chased like any deadline -----------------------------------------------------------------------------------------


async def test_editors_are_reminded_of_a_plan_until_it_is_sent(
    database: Database, world: World, clock: SetClock
) -> None:
    async with database.work() as work:
        episode, _ = await ready(work, world)
    await days(database, clock, "2026-11-02", "2026-11-12")
    assert await reminded(database, world.editor) == ["06/11", "10/11", "11/11", "12/11"]
    async with database.work() as work:
        await send(work, world.editor, episode.id)
    await days(database, clock, "2026-11-13", "2026-11-13")
    assert "13/11" not in await reminded(database, world.editor)


async def test_an_agency_is_reminded_until_it_acknowledges_its_leader_and_the_editors_later(
    database: Database, world: World, clock: SetClock
) -> None:
    episode, _ = await sent(database, world)
    lead = (await receipts(database, episode.id))[GUESTS]
    await days(database, clock, "2026-11-02", "2026-11-10")
    # Due Tuesday 3/11; nobody leads the health department in the bot, the editors stand in from the second day on.
    assert await reminded(database, world.outsider) == ["03/11", "04/11", "05/11", "06/11", "09/11", "10/11"]
    async with database.work() as work:
        await script_plans.acknowledge(work, world.outsider, lead.id)
    await days(database, clock, "2026-11-11", "2026-11-12")
    assert (await reminded(database, world.outsider))[-1] == "10/11"


async def test_an_agency_where_nobody_gets_messages_is_the_editors_concern(
    database: Database, world: World, clock: SetClock
) -> None:
    async with database.work() as work:
        episode, _ = await ready(work, world)
        answer = await send(work, world.editor, episode.id)
    assert answer.unreached == (OFFICE,)
    await deliver(database)
    await days(database, clock, "2026-11-03", "2026-11-03")
    assert await reminded(database, world.editor) == ["03/11"]
    said = await told(database, world.editor)
    assert any("xác nhận đã nhận kịch bản (VP UBND tỉnh)" in text for text in said)


async def test_nothing_is_chased_once_it_is_recorded(
    database: Database, world: World, clock: SetClock
) -> None:
    episode, _ = await sent(database, world)
    async with database.work() as work:
        await editing.mark_recorded(work, world.editor, episode.id)
        await refused(Reason.ALREADY_DONE, editing.mark_recorded(work, world.admin, episode.id))
    await days(database, clock, "2026-11-03", "2026-11-06")
    assert await reminded(database, world.outsider) == []


# --- a denunciation ---------------------------------------------------------------------------------------------------


async def test_a_plan_with_a_suspected_denunciation_is_taken_back(
    database: Database, world: World, clock: SetClock
) -> None:
    episode, question = await sent(database, world)
    async with database.work() as work:
        await screening.flag(work, world.officer, question.id)
    async with database.reading() as work:
        gone = {
            row.person_id
            for row in await work.all(sa.select(outbox_table).where(outbox_table.c.kind == Kind.DELETE))
        }
    readers = (world.officer, world.leader, world.coordinator, world.outsider)
    assert {actor.id for actor in readers} <= gone
    for actor in (*readers, world.editor):
        assert any("đã được thu hồi" in text for text in await told(database, actor))
    lead = (await receipts(database, episode.id))[LEAD]
    async with database.work() as work:
        await refused(Reason.PLAN_REPLACED, script_plans.acknowledge(work, world.officer, lead.id))
        await refused(Reason.PLAN_REPLACED, script_plans.show_again(work, world.officer, lead.id))
        card, _, _ = await episode_card(work, world.editor, await episodes.find(work, episode.id))
    assert card.plan_taken_back
    assert (card.questions, card.fallen_out) == ((), 1)
    # A new plan is due, and the editors are reminded of it.
    await deliver(database)
    await days(database, clock, "2026-11-10", "2026-11-10")
    assert any("</code> gửi kịch bản" in text for text in await told(database, world.editor))
