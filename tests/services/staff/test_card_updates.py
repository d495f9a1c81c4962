"""Cards follow: the newest card of each of the staff says who did what, without a sound and without anybody's press."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from channels.registry import CHANNELS
from domain.calendar.working_days import DayChange, DayKind
from domain.questions.life import Role
from messages.words import plain
from services.deadlines import rescheduling
from services.notify import tell
from services.operation.loading.agencies import change_agencies
from services.people.actors import Actor, actor_of
from services.privacy import own_data
from services.questions import agency_work, answers, asker_decisions, cards, screening
from storage.delivery import outbox
from storage.delivery.outbox import OutboxState
from storage.engine.database import Database, Work
from storage.people import people, roles
from storage.questions import history
from storage.rows import HistoryRow, QuestionRow
from storage.tables import outbox as outbox_table
from tests.worlds.world import ANSWER, World, agency_of, staff, status


async def deliver(database: Database) -> None:
    async with database.work() as work:
        while rows := await outbox.to_send(work, "telegram", 1000):
            for row in rows:
                message_id = str(row.edit_of or row.id)
                await outbox.settle(work, row.id, OutboxState.SENT, sent_at=work.now, message_id=message_id)


async def edits(database: Database, who: Actor) -> list[tuple[int, str]]:
    """The changes of earlier messages of somebody: of which, and to what."""
    async with database.reading() as work:
        query = sa.select(outbox_table).where(
            outbox_table.c.person_id == who.id,
            outbox_table.c.kind == "edit",
            outbox_table.c.state != OutboxState.DROPPED,
        )
        rows = await work.all(query.order_by(outbox_table.c.id))
    return [(row.edit_of, plain(row.content["html"])) for row in rows]


async def cards_of(database: Database, who: Actor, *, dropped: bool = False) -> list[int]:
    """The messages of somebody that are cards."""
    async with database.reading() as work:
        query = sa.select(outbox_table).where(
            outbox_table.c.person_id == who.id, outbox_table.c.kind == "text"
        )
        rows = await work.all(query.order_by(outbox_table.c.id))
    return [
        row.id for row in rows if outbox.CARD in row.content and (dropped or row.state != OutboxState.DROPPED)
    ]


async def test_every_editors_card_says_who_gave_the_question_to_whom(
    database: Database, world: World
) -> None:
    async with database.work() as work:
        second = await staff(work, "second", Role.EDITOR)
        question = await world.received(work)
    await deliver(database)
    async with database.work() as work:
        await screening.assign(work, world.editor, question.id, world.lead)
    for editor in (world.editor, second):
        ((of, text),) = await edits(database, editor)
        assert [of] == await cards_of(database, editor)
        assert "🔄 Đã chuyển cơ quan trả lời - editor, Biên tập viên, 09:00, thứ Hai, ngày 02/11/2026" in text
        assert f"Chủ trì: {world.lead.name}" in text
    assert await edits(database, world.officer) == []  # theirs is new, and says all that
    assert len(await cards_of(database, world.officer, dropped=True)) == 1


async def test_a_field_that_an_assignment_fills_is_a_part_of_the_assignment(
    database: Database, world: World
) -> None:
    async with database.work() as work:
        question = await world.received(work)
    await deliver(database)
    async with database.work() as work:
        await screening.assign(work, world.editor, question.id, await agency_of(work, "SCT"))
    ((_, text),) = await edits(database, world.editor)
    assert "🔄 Đã chuyển cơ quan trả lời - editor, Biên tập viên" in text
    assert "Lĩnh vực: " in text


async def test_cards_follow_when_a_successor_takes_an_ended_agencys_questions_over(
    database: Database, world: World
) -> None:
    async with database.work() as work:
        await world.assigned(work)
    await deliver(database)
    async with database.work() as work:
        (succession,) = (
            await change_agencies(
                work,
                "code,name,short_name,level,fields,aliases,predecessors,valid_to,successors\n"
                "SNNMT,Sở Nông nghiệp và Môi trường,Sở NN&MT,province,,,,2026-11-01,SCT\n",
            )
        ).handed_over
    assert succession.ended.id == world.lead.id
    (*_, (_, text)) = await edits(database, world.editor)
    assert "🔄 Đã chuyển lại cơ quan trả lời - Tự động" in text
    assert "Chủ trì: Sở Công Thương" in text


async def test_each_step_changes_the_newest_card_once_for_each_who_has_one(
    database: Database, world: World
) -> None:
    async with database.work() as work:
        question = await world.assigned(work)
    await deliver(database)
    readers = (world.editor, world.officer, world.coordinator, world.leader)
    before = [len(await edits(database, one)) for one in readers]
    async with database.work() as work:
        await agency_work.accept(work, world.officer, question.id)
    assert [len(await edits(database, one)) - had for one, had in zip(readers, before, strict=True)] == [
        *(1, 1, 1),
        0,  # has none
    ]
    await deliver(database)
    async with database.work() as work:  # the leader gets a card: the first they have
        await agency_work.submit(work, world.officer, question.id, ANSWER)
    await deliver(database)
    async with database.work() as work:  # two events at once, and one change of the card
        await answers.approve(work, world.leader, question.id)
        await answers.approve(work, world.editor, question.id)
    of, text = (await edits(database, world.leader))[-1]
    assert of == (await cards_of(database, world.leader))[-1]
    assert "🔄 Đã trả lời" in text
    assert len(await edits(database, world.leader)) == 1
    assert ANSWER in text


async def test_what_the_asker_does_is_told_without_their_name(database: Database, world: World) -> None:
    async with database.work() as work:
        question = await world.answered(work)
    await deliver(database)
    async with database.work() as work:
        await asker_decisions.rate(work, world.asker, question.id, 5)
    _, text = (await edits(database, world.editor))[-1]
    assert "Người hỏi" in text.split("🔄")[1].split("\n")[0]
    assert "Đánh giá: 5/5" in text


async def test_only_the_newest_card_is_changed(database: Database, world: World) -> None:
    async with database.work() as work:
        question = await world.with_the_editors(
            work
        )  # the editor has the one of then, and the one to approve
    await deliver(database)
    first, *_, newest = await cards_of(database, world.editor)
    assert first != newest
    before = len(await edits(database, world.editor))
    async with database.work() as work:
        await answers.approve(work, world.editor, question.id)
    new = (await edits(database, world.editor))[before:]
    assert [of for of, _ in new] == [newest]


async def test_a_card_that_has_not_left_is_replaced_by_the_one_of_now(
    database: Database, world: World
) -> None:
    async with database.work() as work:
        question = await world.received(work)
    await deliver(database)
    async with database.work() as work:
        await people.update(work, world.officer.id, unreachable_at=work.now)
    async with database.work() as work:
        await screening.assign(work, world.editor, question.id, world.lead)
    async with database.work() as work:
        await screening.assign(work, world.editor, question.id, world.lead, (world.other,))
    async with database.work() as work:
        await agency_work.contribute(work, world.outsider, question.id, "Góp ý của Sở Y tế.")
    assert await edits(database, world.officer) == []
    async with database.reading() as work:
        query = sa.select(outbox_table).where(
            outbox_table.c.id == (await cards_of(database, world.officer))[-1]
        )
        (row,) = await work.all(query)
    assert row.state == OutboxState.HELD
    assert "Góp ý của Sở Y tế." in plain(row.content["html"])


async def test_what_is_hidden_is_followed_by_those_alone_who_read_it(
    database: Database, world: World
) -> None:
    async with database.work() as work:
        question = await world.assigned(work)
        await show(work, world.admin, question)
    await deliver(database)
    async with database.work() as work:
        await screening.flag(work, world.officer, question.id)
    await deliver(database)
    others = (world.officer, world.admin)
    before = [await edits(database, one) for one in others]
    flagged = (await edits(database, world.editor))[-1][1]
    assert "🔄 Chờ Ban Biên tập xem xét" in flagged
    assert "ĐANG ẨN" in flagged
    async with database.work() as work:
        await asker_decisions.withdraw(work, world.asker, question.id)
    assert [await edits(database, one) for one in others] == before
    assert "🔄 Đã rút câu hỏi" in (await edits(database, world.editor))[-1][1]


async def test_who_may_not_read_denunciations_is_not_shown_one_again_by_its_changes(
    database: Database, world: World
) -> None:
    async with database.work() as work:
        new = await people.seen(
            work, channel="telegram", address="chat of new", display_name="new", language="vi"
        )
        await roles.grant(work, new.id, Role.EDITOR, None, None, vouched=False)
        newcomer = await actor_of(work, new)
        question = await world.assigned(work)
        await show(work, newcomer, question)
    await deliver(database)
    async with database.work() as work:
        await screening.flag(work, world.officer, question.id)
        await asker_decisions.withdraw(work, world.asker, question.id)
    await deliver(database)
    shown = (await edits(database, newcomer))[-1][1]
    assert "sổ đỏ" not in shown
    assert "🔄" not in shown


async def test_words_that_the_gate_flags_change_the_editors_card(database: Database, world: World) -> None:
    async with database.work() as work:
        question = await world.waiting(work)
    await deliver(database)
    async with database.work() as work:
        denounces = "Tôi tố cáo ông chủ tịch xã nhận hối lộ 50 triệu đồng."
        await agency_work.supply(work, world.asker, question.id, denounces)
    assert "ĐANG ẨN" in (await edits(database, world.editor))[-1][1]


async def test_a_corrected_name_stands_on_the_cards_that_people_have(
    database: Database, world: World
) -> None:
    async with database.work() as work:
        await world.assigned(work)
    await deliver(database)
    async with database.work() as work:
        await own_data.correct(work, world.asker, "full_name", "Nguyễn Thị Mai Sửa")
    for reader in (world.editor, world.officer):
        shown = (await edits(database, reader))[-1][1]
        assert "Nguyễn Thị Mai Sửa" in shown
        assert "🔄 Người hỏi đã sửa thông tin" in shown


async def test_a_moved_date_stands_on_the_cards_of_few_questions_and_not_of_a_crowd(
    database: Database, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with database.work() as work:
        for _ in range(3):
            await world.assigned(work)
    await deliver(database)
    monkeypatch.setattr(rescheduling, "FOLLOWED", 2)
    async with database.work() as work:
        await rescheduling.apply(work, [DayChange(date(2026, 11, 5), DayKind.OFF, "Bão")])
    changed = await edits(database, world.officer)
    assert len(changed) == 2
    assert all("ngày 17/11/2026" in one[1] for one in changed)


async def test_who_is_no_longer_concerned_reads_nothing_new(database: Database, world: World) -> None:
    async with database.work() as work:
        question = await world.received(work)
        await screening.assign(work, world.editor, question.id, world.lead)
    await deliver(database)
    async with database.work() as work:
        await screening.assign(work, world.editor, question.id, world.other)
    await deliver(database)
    async with database.work() as work:
        await agency_work.accept(work, world.outsider, question.id)
    assert await edits(database, world.officer) == []
    assert "🔄 Cơ quan đã nhận xử lý" in (await edits(database, world.editor))[-1][1]
    async with database.work() as work:
        (held,) = await roles.of_person(work, world.outsider.id)
        await roles.revoke(work, held.id, world.admin.id)
    before = await edits(database, world.outsider)
    async with database.work() as work:
        await screening.assign(work, world.editor, question.id, world.lead)
    assert await edits(database, world.outsider) == before


async def test_on_a_channel_without_changes_nobody_is_disturbed(
    database: Database, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with database.work() as work:
        question = await world.received(work)
    await deliver(database)
    monkeypatch.setitem(CHANNELS, "telegram", replace(CHANNELS["telegram"], edits=False))
    before = await all_of(database, world.editor)
    async with database.work() as work:
        await screening.assign(work, world.editor, question.id, world.lead)
    assert await all_of(database, world.editor) == before


async def all_of(database: Database, who: Actor) -> int:
    async with database.reading() as work:
        query = sa.select(sa.func.count()).where(outbox_table.c.person_id == who.id)
        return int(await work.value(query))


async def test_what_was_done_stands_when_cards_cannot_be_changed(
    database: Database, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: Any) -> HistoryRow:
        raise ValueError("no history")

    async with database.work() as work:
        question = await world.received(work)
    await deliver(database)
    monkeypatch.setattr(history, "latest", broken)
    async with database.work() as work:
        await screening.assign(work, world.editor, question.id, world.lead)
    assert await status(database, question.id) == "assigned"
    assert await edits(database, world.editor) == []


async def test_an_opened_card_follows_too(database: Database, world: World) -> None:
    async with database.work() as work:
        question = await world.received(work)
        await show(work, world.admin, question)
    await deliver(database)
    async with database.work() as work:
        await screening.assign(work, world.editor, question.id, world.lead)
    assert len(await edits(database, world.admin)) == 1


async def show(work: Work, who: Actor, question: QuestionRow) -> None:
    notice, buttons = await cards.card(work, who, question)
    await tell(work, who.person, notice, buttons, question_id=question.id, about="card", card=True)
