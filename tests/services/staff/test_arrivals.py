"""New questions reach editors as one message that counts itself, until they open the queue."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest

from domain.programme import Programme
from domain.questions.life import RefusalCode, Role
from messages.words import plain, words
from services.people.actors import Actor
from services.questions import intake, screening, worklists
from services.staff import arrivals
from storage.delivery import outbox
from storage.delivery.outbox import OutboxState
from storage.engine.database import Database, Work
from storage.people import people
from storage.tables import outbox as outbox_table
from tests.conftest import SetClock
from tests.worlds.statements import counted
from tests.worlds.world import LAND, World, staff

FIRE = "Cháy nhà ở chợ Rạch Giá, cứu với, gọi ai bây giờ?"
DENOUNCES = "Tôi tố cáo ông Bình nhận hối lộ 50 triệu đồng."


@pytest.fixture
def programme() -> Programme:
    """As an office has it that says nothing else."""
    return Programme(province="tỉnh An Giang")


async def deliver(database: Database) -> None:
    async with database.work() as work:
        while rows := await outbox.to_send(work, "telegram", 1000):
            for row in rows:
                message_id = str(row.edit_of or row.id)
                await outbox.settle(work, row.id, OutboxState.SENT, sent_at=work.now, message_id=message_id)


async def chat(database: Database, who: Actor) -> list[str]:
    """What somebody has before them: each message as it was changed last."""
    shown: dict[int, str] = {}
    async with database.reading() as work:
        query = outbox_table.select().where(
            outbox_table.c.person_id == who.id, outbox_table.c.state != OutboxState.DROPPED
        )
        for row in await work.all(query.order_by(outbox_table.c.id)):
            shown[row.edit_of or row.id] = plain(row.content["html"])
    return list(shown.values())


async def came(database: Database, world: World, clock: SetClock, *texts: str) -> None:
    for text in texts or (LAND,):
        clock.move(minutes=1)
        async with database.work() as work:
            await intake.receive(work, world.asker, text)
        await deliver(database)


async def opens(database: Database, who: Actor) -> None:
    async with database.work() as work:
        await arrivals.opened(work, who.id)


async def test_one_message_counts_and_is_changed_in_its_place(
    database: Database, world: World, clock: SetClock
) -> None:
    await came(database, world, clock, *[LAND] * 14)
    assert await chat(database, world.editor) == ["📥 14 câu mới ▸"]
    assert await chat(database, world.admin) == []
    async with database.reading() as work:
        of_editor = outbox_table.select().where(outbox_table.c.person_id == world.editor.id)
        rows = await work.all(of_editor.order_by(outbox_table.c.id))
    assert [row.kind for row in rows] == ["text"] + ["edit"] * 13  # nobody hears of a change
    assert rows[-1].content["buttons"] == [[["Mở câu hỏi mới", "sl:new"]]]
    assert "silent" not in rows[0].content  # Monday 9 o'clock


async def test_who_has_opened_the_queue_is_told_anew_and_others_are_not(
    database: Database, world: World, clock: SetClock
) -> None:
    async with database.work() as work:
        second = await staff(work, "second", Role.EDITOR)
    await came(database, world, clock, LAND, LAND)
    await opens(database, world.editor)
    await came(database, world, clock)
    assert await chat(database, world.editor) == ["📥 2 câu mới ▸", "📥 1 câu mới ▸"]
    assert await chat(database, second) == ["📥 3 câu mới ▸"]


async def test_what_a_colleague_has_seen_to_is_no_longer_counted(
    database: Database, world: World, clock: SetClock
) -> None:
    await came(database, world, clock, LAND, LAND)
    async with database.work() as work:
        await screening.assign(work, world.editor, 1, world.lead)
    await deliver(database)
    assert await chat(database, world.editor) == ["📥 1 câu mới ▸"]
    async with database.work() as work:
        await screening.refuse(work, world.editor, 2, RefusalCode.UNCLEAR)
    await deliver(database)
    assert await chat(database, world.editor) == ["📥 Các câu mới đã có người xử lý."]
    await came(database, world, clock)
    assert (await chat(database, world.editor))[-1] == "📥 1 câu mới ▸"  # a message of its own: that is heard


async def test_emergencies_denunciations_and_returns_come_at_once_each(
    database: Database, world: World, clock: SetClock
) -> None:
    await came(database, world, clock, LAND, FIRE, DENOUNCES)
    first, *urgent = await chat(database, world.editor)
    assert first == "📥 1 câu mới ▸"
    assert len(urgent) == 2
    assert "Câu hỏi mới DH-2026-000002" in urgent[0]
    assert "DH-2026-000003" in urgent[1]
    async with database.work() as work:
        await screening.assign(work, world.editor, 1, world.lead)
        await screening.return_(work, world.officer, 1, "Không đúng thẩm quyền.")
    await deliver(database)
    assert any("Cơ quan trả lại DH-2026-000001" in text for text in await chat(database, world.editor))
    async with database.reading() as work:
        of_editor = outbox_table.select().where(outbox_table.c.person_id == world.editor.id)
        rows = await work.all(of_editor.order_by(outbox_table.c.id))
    assert [row.id for row in rows if row.content.get("silent")] == []


@pytest.mark.parametrize(
    ("at", "silent"),
    [("03T09:00", False), ("03T12:00", True), ("03T20:00", True), ("07T09:00", True), ("24T09:00", True)],
)
async def test_it_makes_no_sound_outside_office_hours(
    database: Database, world: World, clock: SetClock, at: str, silent: bool
) -> None:
    clock.at = datetime.fromisoformat(f"2026-11-{at}:00+07:00").astimezone(UTC)
    await came(database, world, clock)
    async with database.reading() as work:
        (row,) = await work.all(outbox_table.select().where(outbox_table.c.person_id == world.editor.id))
    assert row.content.get("silent", False) is silent


async def test_a_count_that_has_not_left_is_replaced(
    database: Database, world: World, clock: SetClock
) -> None:
    async with database.work() as work:
        await people.update(work, world.editor.id, unreachable_at=work.now)
    await came(database, world, clock, LAND, LAND, LAND)
    async with database.reading() as work:
        query = outbox_table.select().where(outbox_table.c.person_id == world.editor.id)
        held = [row for row in await work.all(query) if row.state == OutboxState.HELD]
    assert [plain(row.content["html"]) for row in held] == ["📥 3 câu mới ▸"]


Statements = Callable[[Callable[[Work], Awaitable[Any]]], Awaitable[list[str]]]


class Undo(Exception):
    """As if it had not happened."""


@pytest.mark.parametrize(("editors", "at_most"), [(1, 30), (5, 30)])
async def test_receiving_costs_no_more_however_many_editors_count(
    database: Database, world: World, monkeypatch: pytest.MonkeyPatch, editors: int, at_most: int
) -> None:
    async with database.work() as work:
        for number in range(editors - 1):
            await staff(work, f"editor {number}", Role.EDITOR)
    for how in ("first", "counted", "on its way"):
        with suppress(Undo):
            async with database.work() as work:
                with counted(database, monkeypatch) as said:
                    await intake.receive(work, world.asker, LAND)
                    await work.finish()
                if how != "counted":
                    raise Undo
        assert len(said) <= at_most, f"{how}:\n" + "\n".join(said)
        if how == "counted":
            await deliver(database)


async def test_the_queue_shows_the_most_urgent_first_and_marks_complaints(
    database: Database, world: World, clock: SetClock
) -> None:
    complains = "Tôi khiếu nại quyết định thu hồi đất số 12 của UBND phường, đề nghị giải quyết."
    await came(database, world, clock, LAND, complains, LAND, LAND)
    async with database.work() as work:
        await screening.assign(work, world.editor, 3, world.lead)
    clock.at = datetime(2026, 11, 5, 11, tzinfo=UTC)  # after the close of the third working day
    await came(database, world, clock, LAND, LAND, DENOUNCES, FIRE)
    async with database.work() as work:
        await screening.return_(work, world.officer, 3, "Không đúng thẩm quyền.")
        notice, rows = await worklists.new_ones(work, world.editor, 1)
    assert [row.number for row in rows] == [8, 7, 3, 1, 2, 4, 5, 6]
    assert [one.part for one in notice.questions[:3]] == [
        "mark.emergency",
        "mark.hidden",
        "headline.returned",
    ]
    assert [one.code[-1] for one in notice.questions if one.complaint] == ["2"]
    said = words("vi", database.programme.timezone).say(notice)
    assert said.count("có thể là khiếu nại") == 1
